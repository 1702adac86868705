"""`python -m proof.fuzz TARGET...|all`: atheris on some targets or all, each in its own process.

Exit code 0: nothing was found in as many runs as were asked for, or in the time given. 1: something
was found, or a target made fewer runs. 2: bad usage, or no atheris here.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Final

from proof.fuzz.process import Figures, figures, fuzz, keep
from proof.fuzz.table import TARGETS
from proof.fuzz.target import Target

RUNS: Final = {"bytes": 10_000_000, "text": 100_000}
"""The goal of `make prove`, by what a target takes."""

NO_ATHERIS: Final = (
    "atheris isn't installed here (there is none for Python 3.14 and later): use Python 3.11 to"
    " 3.13 and install atheris, or replay the kept inputs with 'pytest tests/proof'."
)


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parsed(arguments)
    if importlib.util.find_spec("atheris") is None:
        print(NO_ATHERIS, file=sys.stderr)
        return 2
    names = TARGETS if "all" in asked.target else asked.target
    targets = [TARGETS[name] for name in names]
    work = Path(tempfile.mkdtemp(prefix="treadguard-fuzz-"))

    def one(target: Target) -> Figures:
        runs = asked.runs or RUNS[target.takes]
        print(f"{target.name}: {runs:,} runs…", file=sys.stderr, flush=True)
        begin = time.monotonic()
        fuzz(target, runs, asked.seconds, work / target.name)
        found = figures(target, runs, time.monotonic() - begin, work / target.name)
        if found.crash is not None:
            print(f"{target.name}: {found.crash}: {found.input}", file=sys.stderr)
            return found
        print(f"{target.name}: {found.runs:,} runs, {found.per_s:,}/s", file=sys.stderr, flush=True)
        if asked.keep:
            print(f"{target.name}: {keep(target, work / target.name)} kept", file=sys.stderr)
        return found

    with ThreadPoolExecutor(asked.jobs) as pool:
        all_figures = list(pool.map(one, targets))
    crashes = sum(each.crash is not None for each in all_figures)
    if not crashes:
        shutil.rmtree(work)
    total = sum(each.runs for each in all_figures)
    if asked.json:
        each = [{**asdict(found), "per_s": found.per_s} for found in all_figures]
        print(json.dumps({"runs": total, "crashes": crashes, "targets": each}))
    else:
        print(f"{len(targets)} targets, {total:,} runs, {crashes} with a finding.")
    fewer = not asked.seconds and any(each.runs < each.asked for each in all_figures)
    return 1 if crashes or fewer else 0


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m proof.fuzz", description=__doc__)
    parser.add_argument(
        "target", nargs="+", choices=("all", *TARGETS), metavar="TARGET", help=", ".join(TARGETS)
    )
    parser.add_argument("--runs", type=_count, help="of each; the goal of 'make prove' without it")
    parser.add_argument("--seconds", type=_count, default=0, help="each ends after this at latest")
    parser.add_argument(
        "--jobs", type=_count, default=os.cpu_count() or 1, help="how many at a time"
    )
    parser.add_argument(
        "--keep", action="store_true", help="merge what is new into tests/corpora, minimised"
    )
    parser.add_argument("--json", action="store_true", help="the figures as one line on stdout")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
