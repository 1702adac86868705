"""The table of hazards against the code: docs/safety/hazards.toml says nothing that isn't so.

Here: the table's shape and what must hold of it. Not here: what the tests show; a person has read
them. The rule to keep: nothing is imported to be looked at, so that a table is judged in a second.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal, get_args

import msgspec

from proof.planted_bugs import BUGS

ROOT: Final = Path(__file__).parents[1]
TABLE: Final = ROOT / "docs" / "safety" / "hazards.toml"
ROWS: Final = tuple(f"H{n:02}" for n in range(1, 87))
INVARIANTS: Final = tuple(f"I{n}" for n in range(1, 21))
SEVERE: Final = 4
KINDS_OF_A_SEVERE_ROW: Final = 2

Decision = Literal[
    "handled", "article issue", "ways in and out issue", "hardware issue", "out of reach"
]


Kind = Literal["E", "P", "D", "R", "F", "U", "S", "X"]
Mark = Literal[Kind, "M"]
"""M: a person at a real machine. No test is of that kind."""


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A test, by pytest's name for it without parameters, or the file of a scenario or session."""

    kind: Kind
    id: str


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence that the user can read, word for word."""

    document: str
    sentence: str


class Hazard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row. `code`: a path, or path:name. `planted`: the row of a bug in planted_bugs.py.

    `asks`: the kinds of test that the analysis demands; `instead`: why one of them isn't there.
    """

    id: str
    what: str
    severity: Literal[0, 1, 2, 3, 4]
    decision: Decision
    invariants: tuple[str, ...]
    reaction: str
    code: tuple[str, ...]
    asks: tuple[Mark, ...]
    tests: tuple[Shown, ...]
    instead: dict[Mark, str] = {}
    said_in: Said | None = None
    planted: str | None = None


class Invariant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What always holds, where it is held, and what shows it."""

    id: str
    what: str
    held_in: tuple[str, ...]
    tests: tuple[Shown, ...]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    hazard: tuple[Hazard, ...]
    invariant: tuple[Invariant, ...]


def read(path: Path) -> Table:
    """The table; msgspec.ValidationError names what isn't as it must be."""
    return msgspec.convert(tomllib.loads(path.read_text()), Table)


def problems(
    table: Table,
    root: Path,
    planted: Mapping[str, str],
    rows: Iterable[str] = ROWS,
    invariants: Iterable[str] = INVARIANTS,
) -> Iterator[str]:
    """What isn't so. `planted`: the test that catches the planted bug of a row."""
    yield from _ids("row", [h.id for h in table.hazard], rows)
    yield from _ids("invariant", [i.id for i in table.invariant], invariants)
    known = {i.id for i in table.invariant}
    for h in table.hazard:
        for strange in set(h.invariants) - known:
            yield f"{h.id}: there is no invariant {strange}"
        yield from _missing(h.id, root, h.code, h.tests)
        yield from _asked(h)
        if h.decision == "handled":
            yield from _handled(h)
        # A row of later work, too, is shown to hold what it says that it does already.
        if h.severity >= SEVERE and (h.tests or h.decision == "handled"):
            yield from _planted(h, planted)
        if h.decision == "out of reach" and h.said_in is None:
            yield f"{h.id}: it is out of reach, and no document says so"
        if h.said_in is not None and not _says(root, h.said_in):
            yield f"{h.id}: {h.said_in.document} doesn't say {h.said_in.sentence!r}"
    for i in table.invariant:
        yield from _missing(i.id, root, i.held_in, i.tests)
        if not i.tests:
            yield f"{i.id}: no test shows it"
        if not i.held_in:
            yield f"{i.id}: no code holds it"


def _ids(what: str, found: list[str], wanted: Iterable[str]) -> Iterator[str]:
    wanted = list(wanted)
    for id_, times in Counter(found).items():
        if times > 1:
            yield f"{id_}: the {what} is there {times} times"
        if id_ not in wanted:
            yield f"{id_}: there is no such {what}"
    for id_ in wanted:
        if id_ not in found:
            yield f"{id_}: the {what} is missing"
    if sorted(found) == sorted(wanted) and found != wanted:
        yield f"the {what}s aren't in order"


def _handled(h: Hazard) -> Iterator[str]:
    if not h.tests:
        yield f"{h.id}: it is handled, and no test shows it"
    if not h.code:
        yield f"{h.id}: it is handled by no code"
    kinds = {test.kind for test in h.tests}
    if h.severity >= SEVERE and len(kinds) < KINDS_OF_A_SEVERE_ROW:
        yield f"{h.id}: it is severe, and only one kind of test shows it"


def _planted(h: Hazard, planted: Mapping[str, str]) -> Iterator[str]:
    if h.planted is None:
        yield f"{h.id}: it is severe, and no bug is planted for it"
    elif h.planted not in planted:
        yield f"{h.id}: there is no planted bug {h.planted}"
    elif planted[h.planted] not in {test.id for test in h.tests}:
        yield f"{h.id}: the test that catches its planted bug isn't among its tests"


def _asked(h: Hazard) -> Iterator[str]:
    if not h.asks:
        yield f"{h.id}: it isn't said which kind of test it asks for"
    shown = {test.kind for test in h.tests}
    for kind in h.asks:
        if h.decision == "handled" and kind not in shown and kind not in h.instead:
            yield f"{h.id}: it asks for a test of kind {kind}, and none shows it"
    for kind, why in h.instead.items():
        if kind not in h.asks:
            yield f"{h.id}: kind {kind} is excused, and nobody asks for it"
        if kind in shown:
            yield f"{h.id}: kind {kind} is excused, and there is a test of it"
        if not why.strip():
            yield f"{h.id}: kind {kind} is excused for no reason"
    for id_, times in Counter(test.id for test in h.tests).items():
        if times > 1:
            yield f"{h.id}: {id_} is named {times} times"


def _missing(id_: str, root: Path, code: Iterable[str], tests: Iterable[Shown]) -> Iterator[str]:
    for place in code:
        path, _, name = place.partition(":")
        if not path.startswith("src/treadguard/") or not (root / path).exists():
            yield f"{id_}: there is no {path}"
        elif name and name not in _names(root / path):
            yield f"{id_}: there is no {name} in {path}"
    for test in tests:
        path, _, name = test.id.partition("::")
        if not path.startswith("tests/") or not (root / path).is_file():
            yield f"{id_}: there is no {path}"
        elif path.endswith(".py") and name.replace("::", ".") not in _names(root / path):
            yield f"{id_}: there is no test {name} in {path}"
        elif not path.endswith(".py") and not path.startswith(_PLAYED):
            yield f"{id_}: no test plays {path}"


_PLAYED: Final = ("tests/scenarios/", "tests/sessions/")
"""Each file there is a case of tests/closed_loop/test_scenarios.py or test_sessions.py."""


@cache
def _names(path: Path) -> frozenset[str]:
    """Functions, classes and methods of a module, and tests that are made by assignment."""
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found.add(node.name)
            inside = (n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
            found |= {f"{node.name}.{n.name}" for n in inside}
        elif isinstance(node, ast.Assign):
            found |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    return frozenset(found)


def _says(root: Path, said: Said) -> bool:
    path = root / said.document
    return path.is_file() and _words(said.sentence) in _words(path.read_text())


def _words(text: str) -> str:
    return " ".join(text.split())


def figures(table: Table) -> dict[str, object]:
    """What can be counted."""
    severe = [h for h in table.hazard if h.severity == SEVERE and h.decision == "handled"]
    return {
        "rows": len(table.hazard),
        "decisions": dict(Counter(h.decision for h in table.hazard)),
        "tests named": len({test.id for h in table.hazard for test in h.tests}),
        "severe and handled": len(severe),
        "kinds": dict(sorted(Counter(t.kind for h in table.hazard for t in h.tests).items())),
        "asked": {kind: _answered(table, kind) for kind in get_args(Mark)},
    }


def _answered(table: Table, kind: Mark) -> dict[str, int]:
    """How many rows ask for a kind, and what becomes of it; `later`: rows that aren't handled."""
    asked = [h for h in table.hazard if kind in h.asks]
    handled = [h for h in asked if h.decision == "handled"]
    return {
        "rows": len(asked),
        "shown": sum(kind in {test.kind for test in h.tests} for h in handled),
        "instead": sum(kind in h.instead for h in handled),
        "later": len(asked) - len(handled),
    }


def main(argv: list[str] | None = None) -> int:
    """Exit code 0 where the table holds."""
    parser = argparse.ArgumentParser(
        prog="python -m proof.hazards",
        description="Check docs/safety/hazards.toml against the code and the tests.",
    )
    parser.add_argument("--json", action="store_true", help="the figures, as one line of JSON")
    options = parser.parse_args(argv)
    table = read(TABLE)
    found = list(problems(table, ROOT, {row: bug.test for row, bug in BUGS.items()}))
    for problem in found:
        print(problem, file=sys.stderr)
    if options.json:
        print(json.dumps({**figures(table), "problems": len(found)}))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
