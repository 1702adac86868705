"""Which tests run which line, and how long each takes: measured once, then kept.

Here: the one run of the killing suite under coverage.py, and its outcome as a value. Not here: the
mutants. The rule to keep: a suite that fails by itself judges nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import coverage
import pytest
from hypothesis import Phase, settings

from proof.mutation.mutants import PACKAGE, ROOT, files
from proof.mutation.process import in_child

SUITES: Final[dict[str, tuple[str, ...]]] = {
    "gate": (
        "tests/test_gate.py",
        "tests/test_gate_speed.py",
        "tests/test_gate_slew.py",
        "tests/test_gate_incline.py",
        "tests/test_gate_edges.py",
        "tests/test_gate_laws.py",
        "tests/test_gate_programme.py",
    ),
    "ftms": ("tests/ftms",),
    "guard": ("tests/guard", "tests/test_kernel.py"),
}
"""The tests that must notice, by part: its own, so that none leans on another's."""

DECIDES: Final = ("src", "tests", "configs", "pyproject.toml", "uv.lock")
"""No verdict of before counts once any of these has changed."""

ARGUMENTS: Final = (
    *("-q", "-s", "--tb=no", "-p", "no:cacheprovider"),
    # Plugins that no test of the parts needs, and that take long to load.
    *("-p", "no:textual-snapshot", "-p", "no:syrupy", "-p", "no:pytest_cov"),
    *("-p", "no:xdist", "-p", "no:xdist.looponfail", "-p", "no:platformdirs"),
    *("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)),
    # Hypothesis and coverage are loaded before pytest has its say.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
PROFILE: Final = "mutation"


class SuiteFails(Exception):
    """The suite fails, or can't be collected, without any mutant."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which tests run what: `runs` by file and line, `early` what ran before the first of them.

    `cpu` is seconds of the processor; `print` changes with every file that the measure rests on.
    """

    print: str
    cpu: dict[str, float]
    runs: dict[str, dict[int, list[str]]]
    early: dict[str, frozenset[int]]

    def of_lines(self, file: str, lines: range) -> set[str]:
        by_line = self.runs.get(file, {})
        return {test for line in lines for test in by_line.get(line, ())}

    def of_file(self, file: str) -> set[str]:
        return {test for tests in self.runs.get(file, {}).values() for test in tests}


class CalmExamples:
    """A pytest plugin: Hypothesis repeats its examples, and doesn't stay to shorten a failure."""

    def pytest_collection(self) -> None:
        settings.register_profile(
            PROFILE,
            derandomize=True,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            database=None,
        )
        settings.load_profile(PROFILE)


@dataclass(eq=False)
class Chosen:
    """A pytest plugin: these tests, in this order."""

    tests: Sequence[str]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        at = {test: n for n, test in enumerate(self.tests)}
        items[:] = sorted((i for i in items if i.nodeid in at), key=lambda item: at[item.nodeid])


@dataclass(eq=False)
class _Measuring:
    """A pytest plugin: the time of each test, or under coverage the lines of each."""

    cov: coverage.Coverage | None = None
    cpu: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if self.cov is not None:
            self.cov.switch_context(item.nodeid)
        began = time.process_time()
        try:
            return (yield)
        finally:
            self.cpu[item.nodeid] = round(time.process_time() - began, 4)
            if self.cov is not None:
                self.cov.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)


def fingerprint(suite: Sequence[str], slowest: float) -> str:
    """Of all that decides which test runs what, and what it says.

    The whole package and all of tests/: a test may fail by any module that it runs, by a conftest
    above it, or by a file of data, and to find out by which costs more than to judge anew.
    """
    digest = hashlib.sha256(repr((*suite, slowest, sys.version)).encode())
    paths = {p for name in (*DECIDES, *suite) for p in _files(ROOT / name)}
    for path in sorted(paths):
        digest.update(f"{path}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _files(path: Path) -> list[Path]:
    found = path.rglob("*") if path.is_dir() else [path]
    return [p for p in found if p.is_file() and "__pycache__" not in p.parts]


def existing(suite: Sequence[str]) -> list[str]:
    return [name for name in suite if (ROOT / name).exists()]


def reach(suite: Sequence[str], slowest: float, kept: Path) -> Reach:
    """As kept, if nothing has changed since; measured otherwise. Raises SuiteFails."""
    suite = existing(suite)
    now = fingerprint(suite, slowest)
    if kept.exists():
        known = json.loads(kept.read_text("utf-8"))
        if known["print"] == now:
            return _from_json(known)
    print(f"Measuring which of {' '.join(suite)} run which line...", file=sys.stderr, flush=True)
    cpu = _sound(in_child(lambda: _timed(suite)))["cpu"]
    quick = {test: spent for test, spent in cpu.items() if spent <= slowest}
    found = {"print": now, "cpu": quick, **_sound(in_child(lambda: _traced(suite, list(quick))))}
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found), "utf-8")
    return _from_json(found)


def _sound(found: dict[str, Any] | None) -> dict[str, Any]:
    if found is None:
        raise SuiteFails("The killing suite broke off; run it by itself with pytest.")
    if found["failed"]:
        names = ", ".join(found["failed"][:3])
        raise SuiteFails(f"The killing suite fails without any mutant ({names}); mend it first.")
    return found


def _from_json(found: dict[str, Any]) -> Reach:
    names = list(found["cpu"])
    return Reach(
        found["print"],
        found["cpu"],
        {
            file: {int(line): [names[n] for n in tests] for line, tests in lines.items()}
            for file, lines in found["runs"].items()
        },
        {file: frozenset(lines) for file, lines in found["early"].items()},
    )


def _timed(suite: Sequence[str]) -> dict[str, Any]:
    os.chdir(ROOT)
    plugin = _Measuring()
    code = pytest.main([*ARGUMENTS, *suite], plugins=[plugin, CalmExamples()])
    return {
        "failed": plugin.failed or ([] if code == 0 else [f"exit code {code}"]),
        "cpu": plugin.cpu,
    }


def _traced(suite: Sequence[str], quick: Sequence[str]) -> dict[str, Any]:
    os.chdir(ROOT)
    paths = {file: str(PACKAGE / file) for file in files()}
    cov = coverage.Coverage(data_file=None, config_file=False, include=list(paths.values()))
    plugin = _Measuring(cov)
    cov.start()
    code = pytest.main([*ARGUMENTS, *suite], plugins=[plugin, CalmExamples(), Chosen(quick)])
    cov.stop()
    numbers = {name: n for n, name in enumerate(quick)}
    data = cov.get_data()
    by_file = {file: data.contexts_by_lineno(path) for file, path in paths.items()}
    return {
        "failed": plugin.failed or ([] if code == 0 else [f"exit code {code}"]),
        "runs": {
            file: {line: [numbers[n] for n in names if n] for line, names in lines.items()}
            for file, lines in by_file.items()
        },
        "early": {
            file: [line for line, names in lines.items() if "" in names]
            for file, lines in by_file.items()
        },
    }
