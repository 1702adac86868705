"""Planted bugs: one for each hazard of severity 4 that treadguard acts on, and who catches it.

`python -m proof.planted` runs the quickest test of each row, and with --all each that the table
docs/safety/hazards.toml names: once with the row's bug in the code and once without. A test that
still passes with the bug shows nothing. The rule to keep: a bug is one that a tired person could
make, and what it breaks is the row's own reaction.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from proof.hazards import ROOT, TABLE, read
from proof.planted_bugs import BUGS

FAILED: Final = 1
"""pytest's exit code where tests ran and some failed."""
DIED: Final = 71
"""No code of pytest's: it didn't come to an end."""

WITHIN_S: Final = 3600

# pytest and its plugins take seconds to import: once is enough. Nothing of treadguard is imported.
_PROCESSES: Final = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    [
        "pytest",
        "hypothesis.stateful",
        "pytest_asyncio",
        "pytest_cov.plugin",
        "pytest_textual_snapshot",
    ]
)
LOADED_ALREADY: Final = "ignore::pytest.PytestAssertRewriteWarning"


class Ran(NamedTuple):
    """How a run of tests ended."""

    code: int
    said: str

    @property
    def caught(self) -> bool:
        """Tests ran, and at least one failed at what it asserts."""
        return self.code == FAILED


def run(tests: Iterable[str], planted: str | None = None) -> Ran:
    """Run these tests in a process of their own, with a row's bug in the code if it is named."""
    argv = ["-q", "--no-header", "--tb=line", "-x", "-p", "no:cacheprovider", "-W", LOADED_ALREADY]
    argv += ["-p", "proof.planting", *([] if planted is None else ["--planted", planted]), *tests]
    with tempfile.NamedTemporaryFile("r", prefix="planted-") as said:
        process = _PROCESSES.Process(target=_pytest, args=(argv, said.name))
        process.start()
        process.join(WITHIN_S)
        if process.exitcode is None:
            process.kill()
            process.join()
        return Ran(DIED if process.exitcode is None else process.exitcode, said.read().strip())


def _pytest(argv: list[str], said: str) -> None:
    import pytest

    os.chdir(ROOT)
    out = os.open(said, os.O_WRONLY)
    os.dup2(out, 1)
    os.dup2(out, 2)
    code = DIED
    try:
        code = int(pytest.main(argv))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # what a test left running doesn't hold this up


def named(row: str) -> list[str]:
    """The tests that the table names for a row, as pytest takes them."""
    (found,) = (hazard for hazard in read(TABLE).hazard if hazard.id == row)
    return [test.id for test in found.tests if "::" in test.id]


def main(argv: list[str] | None = None) -> int:
    """Exit code 0 where each bug is caught, and the same tests pass without it."""
    parser = argparse.ArgumentParser(
        prog="python -m proof.planted",
        description="Plant a bug for each severe hazard, and see whether its tests catch it.",
        epilog="Example: python -m proof.planted --row H05 --all",
    )
    parser.add_argument("--row", action="append", choices=list(BUGS), help="only this row's bug")
    parser.add_argument("--all", action="store_true", help="every test that the table names")
    parser.add_argument("--jobs", type=int, default=2, help="so many at once")
    parser.add_argument("--json", action="store_true", help="the figures, as one line of JSON")
    options = parser.parse_args(argv)
    rows: list[str] = options.row or list(BUGS)
    tests = {row: named(row) if options.all else [BUGS[row].test] for row in rows}

    def catch(row: str) -> tuple[str, Ran]:
        ran = run(tests[row], row)
        print(
            f"{row} {'caught' if ran.caught else 'NOT CAUGHT'}: {BUGS[row].what}", file=sys.stderr
        )
        return row, ran

    with ThreadPoolExecutor(options.jobs) as pool:
        sound = pool.submit(run, sorted({test for row in rows for test in tests[row]}))
        ran = dict(pool.map(catch, rows))
    missed = {row: one for row, one in ran.items() if not one.caught}
    for row, one in missed.items():
        print(f"--- {row}\n{one.said}", file=sys.stderr)
    clean = sound.result()
    if clean.code != 0:
        print(f"--- without any bug\n{clean.said}", file=sys.stderr)
    if options.json:
        figures = {"planted": len(rows), "caught": len(rows) - len(missed)}
        print(json.dumps({**figures, "missed": sorted(missed), "sound": clean.code == 0}))
    return 1 if missed or clean.code != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
