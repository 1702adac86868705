"""Every mutant of a source file: its name, and its code.

Here: how a mutant is found again in a later version of the file, and how it is compiled. Not here:
which changes there are (edits.py), which tests notice (judging.py). The rule to keep: a mutant's
key says what a reader sees (file, function, line, change) and never a line number.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType
from typing import Final

from proof.mutation.edits import Edit, edits

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "src" / "treadguard"
PARTS: Final = {"gate": ("gate.py", "gate_axis.py"), "ftms": ("ftms",), "guard": ("guard",)}
"""What must be without survivors, by the names of the figures."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """`nth` tells equal changes of equal lines apart, from 1."""

    file: str
    where: str
    line: str
    change: str
    nth: int = 1

    def __str__(self) -> str:
        again = "" if self.nth == 1 else f" (no. {self.nth})"
        return f"{self.file}, {self.where}: {self.change}{again} in `{self.line}`"


@dataclass(frozen=True, slots=True)
class Mutant:
    key: Key
    edit: Edit
    tree: ast.Module

    @property
    def file(self) -> str:
        return self.key.file

    def undone(self) -> Mutant:
        """The same place without a change: no test may notice that."""
        old = getattr(self.edit.holder, self.edit.field)
        return replace(self, edit=replace(self.edit, new=old))

    def code(self) -> CodeType:
        """The whole module with the change in it."""
        edit = self.edit
        old = getattr(edit.holder, edit.field)
        setattr(edit.holder, edit.field, edit.new)
        try:
            whole = ast.fix_missing_locations(self.tree)
            return compile(whole, str(PACKAGE / self.file), "exec", dont_inherit=True)
        finally:
            setattr(edit.holder, edit.field, old)


def files(wanted: tuple[str, ...] = ()) -> list[str]:
    """The files of the three parts, or those whose path starts with one that is wanted."""
    paths = [PACKAGE / place for places in PARTS.values() for place in places]
    found = [
        file.relative_to(PACKAGE).as_posix()
        for path in paths
        for file in ([path] if path.is_file() else sorted(path.rglob("*.py")))
    ]
    return [file for file in found if not wanted or file.startswith(wanted)]


def module_of(file: str) -> str:
    return ".".join(("treadguard", *Path(file).with_suffix("").parts)).removesuffix(".__init__")


def part_of(file: str) -> str:
    return next(part for part, places in PARTS.items() if file.startswith(places))


def mutants_of(file: str) -> Iterator[Mutant]:
    yield from mutants_in(file, (PACKAGE / file).read_text("utf-8"))


def mutants_in(file: str, source: str) -> Iterator[Mutant]:
    tree = ast.parse(source)
    lines = source.splitlines()
    seen: Counter[Key] = Counter()
    for edit in edits(tree):
        key = Key(file, edit.qualname, lines[edit.lineno - 1].strip(), edit.what)
        seen[key] += 1
        yield Mutant(Key(key.file, key.where, key.line, key.change, seen[key]), edit, tree)
