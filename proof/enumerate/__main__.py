"""`python -m proof.enumerate`: search every grid and rule, ask every law, compare with the table.

Exit code 0 where all laws hold and the table is as committed, 1 where not, 2 for bad usage.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from proof.enumerate import core, golden, rule_belt, rule_inputs
from proof.enumerate.grids import Grid, grids
from proof.enumerate.search import Endless, Found, search
from proof.enumerate.stopping import longest
from proof.enumerate.walk import walk

MOST = 20_000_000
SEEDS, STEPS = 20, 500
"""Of the long form's walks: 10,000 steps on each grid, in both its forms."""


def searched(grid: Grid, most: int = MOST) -> Found[core.At]:
    """One grid of the core, to the end; Broken where a law fails."""
    take = core.happens(grid.letters)
    return search(grid.name, grid.starts, take, key=core.key, kind=core.phase, most=most)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    p = argparse.ArgumentParser(
        prog="python -m proof.enumerate",
        description="Search the guard's reachable states on stated grids and ask every invariant.",
        epilog="Example: python -m proof.enumerate --only link --json",
    )
    p.add_argument(
        "--long", action="store_true", help="finer steps of time, and long walks; minutes"
    )
    p.add_argument("--only", metavar="NAME", action="append", help="this grid alone (repeatable)")
    p.add_argument("--most", type=int, default=MOST, help="give up on a grid past so many")
    p.add_argument("--write-golden", action="store_true", help="write the table anew")
    p.add_argument("--json", action="store_true", help="the figures as one line on stdout")
    options = p.parse_args()
    known = {g.name for g in grids()}
    if options.only and not known.issuperset(options.only):
        p.error(f"no such grid; there are {', '.join(sorted(known))}")
    return options


def _walked(only: list[str] | None) -> int:
    """Long walks on every grid, with what the normal form forgets and without: how many steps."""
    every = [*grids(), *grids(fine=True)]
    named = [g for g in every if not only or g.name in only]
    return sum(walk(g, STEPS, seed) for g in named for seed in range(SEEDS))


def main() -> int:
    """Search, compare, tell."""
    options = _options()
    table = golden.LONG if options.long else golden.TABLE
    began = time.monotonic()
    all_found: list[Found[core.At]] = []
    wrong: list[str] = []
    rest = 0
    for grid in grids(fine=options.long):
        if options.only and grid.name not in options.only:
            continue
        try:
            found = searched(grid, options.most)
            rest = max(rest, longest(found.states))
        except (AssertionError, Endless) as e:
            wrong.append(str(e))
            _say(f"{grid.name}: {e}")
            continue
        all_found.append(found)
        _say(f"{golden.head(found)[:90]}, {time.monotonic() - began:.0f} s")
    rules: list[Found[Any]] = []
    if not options.only:
        try:
            rules = [rule() for rule in (rule_inputs.RULES | rule_belt.RULES).values()]
            rule_belt.arithmetic()
        except AssertionError as e:
            wrong.append(str(e))
            _say(str(e))
    walked = 0
    if options.long:
        try:
            walked = _walked(options.only)
        except AssertionError as e:
            wrong.append(str(e))
            _say(str(e))
    both: list[Found[Any]] = [*all_found, *rules]
    if options.write_golden:
        golden.written(both, table)
    differ = [c for f in both if (c := golden.changes(f, table)) is not None]
    for change in differ:
        _say(change)
    figures = {
        "grids": len(all_found),
        "rules": len(rules),
        "states": sum(f.counts[0] for f in both),
        "transitions": sum(f.transitions for f in both),
        "walked": walked,
        "deepest": max((f.depth for f in both), default=0),
        "violations": len(wrong),
        "changed_grids": len(differ),
        "seconds_to_rest": rest,
        "seconds": round(time.monotonic() - began, 1),
    }
    if options.json:
        print(json.dumps(figures))
    _say(", ".join(f"{name} {value}" for name, value in figures.items()))
    return 1 if wrong or differ else 0


if __name__ == "__main__":
    sys.exit(main())
