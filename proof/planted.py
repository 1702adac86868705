"""Planted bugs: one for each hazard of severity 4 that treadguard acts on, and who catches it.

`python -m proof.planted` runs the quickest test of each row, and with --all each that the table
docs/safety/hazards.toml names, kind by kind: once with the row's bug in the code and once without.
A kind of proof that still passes with the bug shows nothing. The rule to keep: a bug is one that a
tired person could make, and what it breaks is the row's own reaction.
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
from pathlib import Path
from typing import Final, NamedTuple

from proof.hazards import ROOT, TABLE, read
from proof.planted_bugs import BUGS
from proof.planted_more import ALL, for_kind

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
    argv = [
        "-q",
        "--no-header",
        "--tb=line",
        "-x",
        "-m",
        "slow or not slow",
        "-p",
        "no:cacheprovider",
        "-W",
        LOADED_ALREADY,
    ]
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


def played(named: str) -> list[str]:
    """What the table names, as pytest takes it: a file is a case of the test that plays it."""
    if "::" in named:
        return [named]
    folder, name = Path(named).parent.as_posix(), Path(named).stem
    if folder == "tests/scenarios":
        return [f"{_SCENARIOS}[{name}-{form}]" for form in FORMS]
    return [f"{test}[{name}]" for test in _SESSIONS]


FORMS: Final = ("direct", "radio")
_SCENARIOS: Final = "tests/closed_loop/test_scenarios.py::test_scenario"
_SESSIONS: Final = (
    "tests/closed_loop/test_sessions.py::test_a_recorded_session_is_recomputed_exactly",
    "tests/closed_loop/test_sessions.py::test_the_same_scenario_and_seed_give_the_recorded_bytes",
)


class Job(NamedTuple):
    """A bug, and the tests of which at least one is to notice it."""

    name: str
    key: str
    tests: list[str]


def quickest(rows: Iterable[str]) -> list[Job]:
    """Each bug with the test that notices it soonest; real processes aside."""
    return [
        Job(key, key, played(bug.test))
        for key, bug in ALL.items()
        if bug.row in rows and "X" not in bug.kinds
    ]


def every_kind(rows: Iterable[str]) -> list[Job]:
    """Each kind of proof that the table names for a row, with all its tests."""
    jobs = []
    for hazard in read(TABLE).hazard:
        if hazard.id not in rows:
            continue
        for kind in sorted({test.kind for test in hazard.tests}):
            tests = [one for t in hazard.tests if t.kind == kind for one in played(t.id)]
            jobs.append(Job(f"{hazard.id} {kind}", for_kind(hazard.id, kind).key, tests))
    return jobs


def main(argv: list[str] | None = None) -> int:
    """Exit code 0 where each bug is caught, and the same tests pass without it."""
    parser = argparse.ArgumentParser(
        prog="python -m proof.planted",
        description="Plant a bug for each severe hazard, and see whether its tests catch it.",
        epilog="Example: python -m proof.planted --row H05 --all",
    )
    parser.add_argument("--row", action="append", choices=list(BUGS), help="only this row's bugs")
    parser.add_argument("--all", action="store_true", help="every kind of proof in the table")
    parser.add_argument("--jobs", type=int, default=2, help="so many at once")
    parser.add_argument("--json", action="store_true", help="the figures, as one line of JSON")
    options = parser.parse_args(argv)
    rows: list[str] = options.row or list(BUGS)
    jobs = every_kind(rows) if options.all else quickest(rows)

    def catch(job: Job) -> tuple[Job, Ran]:
        ran = run(job.tests, job.key)
        said = "caught" if ran.caught else "NOT CAUGHT"
        print(f"{job.name} {said}: {ALL[job.key].what}", file=sys.stderr)
        return job, ran

    with ThreadPoolExecutor(options.jobs) as pool:
        sound = pool.submit(run, sorted({test for job in jobs for test in job.tests}))
        missed = [(job, ran) for job, ran in pool.map(catch, jobs) if not ran.caught]
    for job, ran in missed:
        print(f"--- {job.name}\n{ran.said}", file=sys.stderr)
    clean = sound.result()
    if clean.code != 0:
        print(f"--- without any bug\n{clean.said}", file=sys.stderr)
    if options.json:
        figures = {"planted": len(jobs), "caught": len(jobs) - len(missed), "rows": len(rows)}
        names = [job.name for job, _ in missed]
        print(json.dumps({**figures, "missed": names, "sound": clean.code == 0}))
    return 1 if missed or clean.code != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
