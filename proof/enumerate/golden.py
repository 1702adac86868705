"""The golden table: what the core does, a line for each kind of transition, for people to review.

A line is grid (or rule), phase, letter, what is put out, next phase and how often. Each grid's head
has its counts and the digest of the whole graph, words and all. The rule to keep: the table is
written on purpose only, and what changed is read before it is committed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from proof.enumerate.search import Found

FOLDER = Path(__file__).parents[2] / "tests" / "proof" / "golden"
TABLE = FOLDER / "core.tsv"
LONG = FOLDER / "long.tsv"
"""Of the long grids the heads alone: nobody reviews a hundred thousand lines."""

REWRITE = "python -m proof.enumerate --write-golden"
TOP = 20


def head(found: Found[Any]) -> str:
    """The line that stands for a whole grid."""
    states, transitions, depth = found.counts
    return (
        f"# {found.name}\t{states} states\t{transitions} transitions\tdepth {depth}"
        f"\tsha256 {found.digest}"
    )


def lines(found: Found[Any]) -> list[str]:
    """The grid's head, and its kinds of transitions in order."""
    rows = ("\t".join((found.name, *edge, str(n))) for edge, n in found.edges.items())
    return [head(found), *sorted(rows)]


def written(all_found: Iterable[Found[Any]], table: Path) -> None:
    """Write the table anew; grids that weren't searched keep their lines."""
    text: dict[str, list[str]] = {}
    if table.exists():
        for row in table.read_text(encoding="utf-8").splitlines():
            text.setdefault(row.removeprefix("# ").split("\t")[0], []).append(row)
    for found in all_found:
        text[found.name] = [head(found)] if table == LONG else lines(found)
    table.parent.mkdir(parents=True, exist_ok=True)
    rows = (row for name in text for row in text[name])
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")


def pinned(name: str, table: Path = TABLE) -> list[str]:
    """The lines of this grid as they were committed; none where there are none."""
    if not table.exists():
        return []
    rows = table.read_text(encoding="utf-8").splitlines()
    return [r for r in rows if r.startswith((f"# {name}\t", f"{name}\t"))]


def changes(found: Found[Any], table: Path = TABLE) -> str | None:
    """What differs from the committed table, the most frequent first; None where nothing does."""
    now, before = lines(found), pinned(found.name, table)
    if table == LONG:
        now = now[:1]
    if now == before:
        return None
    gone, new = _counted(before), _counted(now)
    differ = sorted(
        (edge for edge in gone.keys() | new.keys() if gone.get(edge) != new.get(edge)),
        key=lambda edge: (-max(gone.get(edge, 0), new.get(edge, 0)), edge),
    )
    told = [
        f'  in {phase}, "{letter}": {said}; then {to} ({gone.get(edge, 0)} -> {new.get(edge, 0)})'
        for edge in differ[:TOP]
        for phase, letter, said, to in (edge,)
    ]
    heads = f"  was {before[0] if before else 'nothing'}\n  is  {now[0]}"
    more = f"  and {len(differ) - TOP} more" if len(differ) > TOP else ""
    return "\n".join(
        [
            f"The grid {found.name!r} isn't what was committed: {len(differ)} kinds of transitions",
            heads,
            *told,
            *([more] if more else []),
            f"Where that is meant: {REWRITE}",
        ]
    )


def _counted(rows: list[str]) -> dict[tuple[str, str, str, str], int]:
    counted = {}
    for row in rows:
        if not row.startswith("#"):
            _, phase, letter, said, to, n = row.split("\t")
            counted[phase, letter, said, to] = int(n)
    return counted
