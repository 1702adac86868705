"""The mutants that no test can notice, each with its reason: allowed.toml.

Here: reading the list and telling which entries fit no mutant any more. Not here: whether an
allowed mutant is killed after all, which only a campaign knows. The rule to keep: an entry names
one mutant and says why it is the same program, or it isn't an entry.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Final

from proof.mutation.mutants import Key, files, mutants_of

LIST: Final = Path(__file__).with_name("allowed.toml")
_FIELDS: Final = {"file", "where", "line", "change", "nth", "reason"}


class BadEntry(Exception):
    """An entry of the list that doesn't say what it must."""


def allowed(path: Path = LIST) -> dict[Key, str]:
    """Each allowed mutant's reason."""
    found: dict[Key, str] = {}
    for n, entry in enumerate(tomllib.loads(path.read_text("utf-8")).get("mutant", []), 1):
        unknown = entry.keys() - _FIELDS
        missing = _FIELDS - {"nth"} - entry.keys()
        if unknown or missing or not entry["reason"].strip():
            wrong = ", ".join(sorted(unknown | missing)) or "the reason is empty"
            raise BadEntry(f"Entry {n} of {path.name} isn't whole or says too much: {wrong}.")
        reason = entry.pop("reason")
        key = Key(**entry)
        if key in found:
            raise BadEntry(f"Entry {n} of {path.name} is there twice: {key}.")
        found[key] = reason
    return found


def stale(listed: Collection[Key]) -> list[str]:
    """The entries that fit no mutant of the code as it is."""
    named = {key.file for key in listed}
    there = {m.key for file in files() if file in named for m in mutants_of(file)}
    return [f"{key}: there is no such mutant" for key in listed if key not in there]


def entry(key: Key, reason: str = "") -> str:
    """The mutant as an entry, to be given its reason by hand."""
    rows = {"file": key.file, "where": key.where, "line": key.line, "change": key.change}
    text = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in rows.items()]
    again = [f"nth = {key.nth}"] if key.nth > 1 else []
    return "\n".join(["[[mutant]]", *text, *again, f"reason = {json.dumps(reason)}"])
