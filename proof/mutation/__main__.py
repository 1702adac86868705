"""`python -m proof.mutation`: the mutation score of guard, gate and codec.

Here: the options, the figures, the exit code (0: no survivor beyond allowed.toml; 1: some, or a
stale entry; 2: it couldn't be judged). The rule to keep: nothing of treadguard is imported here,
so that a mutated module can be.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from proof.mutation import allowed
from proof.mutation.campaign import Results, Suite, Verdict, run
from proof.mutation.mutants import ROOT, Mutant, files, mutants_of, part_of
from proof.mutation.reach import SUITES, SuiteFails, reach


def main(given: Sequence[str] | None = None) -> int:
    options = _options(given)
    chosen = files(tuple(options.files))
    if not chosen:
        print(f"No file of guard, gate or ftms starts with {options.files[0]}; "
              "give a path such as guard/rules or gate.py.", file=sys.stderr)  # fmt: skip
        return 2
    mutants = [m for file in chosen for m in mutants_of(file)]
    if options.function is not None:
        mutants = [m for m in mutants if m.key.where == options.function]
    if options.sample is not None and options.sample < len(mutants):
        mutants = random.Random(options.seed).sample(mutants, options.sample)
    options.kept.mkdir(parents=True, exist_ok=True)
    (options.kept / ".gitignore").write_text("*\n", "utf-8")
    if options.fresh:
        (options.kept / "results.jsonl").unlink(missing_ok=True)
    began = time.monotonic()
    verdicts: list[Verdict] = []
    try:
        for part, some in groupby(sorted(mutants, key=_part), _part):
            verdicts += _judged(part, list(some), options)
    except SuiteFails as failure:
        print(failure, file=sys.stderr)
        return 2
    told = figures(verdicts, time.monotonic() - began)
    _report(verdicts, options.survivors)
    print(json.dumps(told) if options.json else _in_words(told))
    if told["unjudged"]:
        print("Some mutants weren't judged; run it again, it goes on.", file=sys.stderr)
        return 2
    return 1 if told["survived"] or told["stale"] else 0


def _judged(part: str, mutants: list[Mutant], options: argparse.Namespace) -> list[Verdict]:
    names = tuple(options.suite or SUITES[part])
    measured = reach(names, options.slowest, options.kept / f"reach-{part}.json")
    suite = Suite(names, measured)
    return run(mutants, suite, Results(options.kept / "results.jsonl", suite), options.jobs)


def _part(mutant: Mutant) -> str:
    return part_of(mutant.file)


def figures(verdicts: Sequence[Verdict], seconds: float) -> dict[str, Any]:
    """Counts, in all and per part. `survived` leaves out what allowed.toml allows."""
    fine = allowed.allowed()
    stale = allowed.stale(fine) + [
        f"{v.key}: a test kills it" for v in verdicts if v.key in fine and v.is_ == "killed"
    ]
    for line in stale:
        print(f"Take out of allowed.toml: {line}.", file=sys.stderr)

    def counted(some: Sequence[Verdict]) -> dict[str, Any]:
        counts = Counter(v.is_ for v in some)
        alive = [v for v in some if v.is_ in ("survived", "unseen")]
        excused = sum(v.key in fine for v in alive)
        judged = len(some) - counts["unjudged"] - excused
        dead = counts["killed"] + counts["timeout"]
        return {
            "mutants": len(some),
            "killed": counts["killed"],
            "timeout": counts["timeout"],
            "allowed": excused,
            "survived": len(alive) - excused,
            "unjudged": counts["unjudged"],
            "score_pct": round(100 * dead / judged, 2) if judged else None,
        }

    by_part: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_part.setdefault(part_of(verdict.key.file), []).append(verdict)
    parts = {part: counted(some) for part, some in by_part.items()}
    return {**counted(verdicts), "stale": len(stale), "seconds": round(seconds), "parts": parts}


def _report(verdicts: Sequence[Verdict], path: Path | None) -> None:
    fine = allowed.allowed()
    alive = [v for v in verdicts if v.is_ in ("survived", "unseen") and v.key not in fine]
    for verdict in alive:
        note = " (no test runs it)" if verdict.is_ == "unseen" else ""
        print(f"Survives: {verdict.key}{note}", file=sys.stderr)
    for verdict in verdicts:
        if verdict.is_ == "timeout":
            print(f"Ran out of time: {verdict.key}", file=sys.stderr)
    if path is not None:
        path.write_text("\n\n".join(allowed.entry(v.key) for v in alive) + "\n", "utf-8")


def _in_words(told: dict[str, Any]) -> str:
    rows = [*told["parts"].items(), ("all", told)]
    return "\n".join(
        f"{name}: {row['mutants']} mutants, {row['killed']} killed, {row['timeout']} out of time, "
        f"{row['allowed']} allowed, {row['survived']} survive, score {row['score_pct']} %"
        for name, row in rows
    )


def _options(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proof.mutation", description=__doc__)
    parser.add_argument("--files", nargs="+", default=[], metavar="PATH",
                        help="only files that start so, e.g. gate.py ftms guard/rules")  # fmt: skip
    parser.add_argument("--function", metavar="NAME", help="only this function, or Class.method")
    parser.add_argument("--sample", type=int, metavar="N", help="only so many mutants, by chance")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (default 0)")
    parser.add_argument("--jobs", type=int, default=2, help="processes at once (default 2)")
    parser.add_argument("--suite", nargs="+", metavar="TESTS",
                        help="the tests that must notice (default: each part's own)")  # fmt: skip
    parser.add_argument("--slowest", type=float, default=0.2, metavar="S",
                        help="leave out tests that take longer (default 0.2 seconds)")  # fmt: skip
    parser.add_argument("--kept", type=Path, default=ROOT / ".mutation", metavar="PATH",
                        help="where to keep what is known (default .mutation)")  # fmt: skip
    parser.add_argument("--fresh", action="store_true", help="forget the kept results first")
    parser.add_argument("--survivors", type=Path, metavar="FILE",
                        help="write the survivors there, as entries for allowed.toml")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="the figures as one JSON line")
    return parser.parse_args(given)


if __name__ == "__main__":
    sys.exit(main())
