"""One mutant against the tests that run its line.

Here are the two ways a mutant gets in. *Swapped*: in a fork of a process that has collected the
whole suite, the code of one function is replaced, and chosen tests run at once. *Loaded*: in a fork
of a process that knows nothing of treadguard, an import hook gives the mutated module, and pytest
starts anew; for whatever runs at import (constants, defaults, tables), and dearer by a hundred.
Not here: which mutants there are, results. The rule to keep: only a test that fails, or code that
can't be loaded, kills; running ten times as long as before is listed apart.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

import pytest

from proof.mutation.mutants import PACKAGE, ROOT, Mutant, module_of
from proof.mutation.process import at_cpu, bounded, in_child, say
from proof.mutation.reach import ARGUMENTS, CalmExamples, Chosen

SLACK_S: Final = 2.0
TIMES: Final = 10.0
"""A test may take so many times its own time, and the slack on top, of the processor."""

Ask = Callable[[Mutant, Sequence[str]], dict[str, Any]]


@dataclass(eq=False)
class _Jury:
    """A pytest plugin that ends the process with the first test that notices."""

    pipe: int
    cpu: dict[str, float]

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        allowed = self.cpu.get(item.nodeid, 0.0) * TIMES + SLACK_S
        at_cpu(allowed, lambda: self._end("timeout", item.nodeid))

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[object]) -> None:
        if call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
            self._end("killed", item.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._end("killed", f"{report.nodeid} (not loaded)")

    def _end(self, verdict: str, by: str) -> None:
        say(self.pipe, {"verdict": verdict, "by": by})
        os._exit(0)


def _judged(run: Callable[[_Jury], None], cpu: dict[str, float]) -> dict[str, Any]:
    come, go = os.pipe()

    def trial() -> str:
        os.close(come)
        bounded()
        run(_Jury(go, cpu))
        return "survived"

    # The jury's word comes over its own pipe, since it leaves from the midst of pytest.
    survived = in_child(trial)
    os.close(go)
    with os.fdopen(come, "rb") as pipe:
        said = pipe.read()
    if said:
        verdict: dict[str, Any] = json.loads(said)
        return verdict
    return {"verdict": "survived" if survived else "killed", "by": "" if survived else "a crash"}


# ---------------------------------------------------------------- swapped


@dataclass(eq=False)
class Swapping:
    """A pytest plugin: with everything collected, it judges instead of running the tests."""

    judge_all: Callable[[Ask], None]
    cpu: dict[str, float]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        functions = _functions()
        gc.freeze()

        def ask(mutant: Mutant, tests: Sequence[str]) -> dict[str, Any]:
            assert mutant.edit.function is not None
            name, first = mutant.edit.function
            live = functions.get((str(PACKAGE / mutant.file), name, first), [])
            code = _code_of(mutant.code(), name, first)

            def run(jury: _Jury) -> None:
                session.config.pluginmanager.register(jury)
                for function in live:
                    function.__code__ = code
                chosen = [items[test] for test in tests]
                for item, following in zip(chosen, [*chosen[1:], None], strict=True):
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

            if not live:
                return {"verdict": "unseen", "by": ""}
            return _judged(run, self.cpu)

        self.judge_all(ask)
        return True


def swapping(suite: Sequence[str], cpu: dict[str, float], judge_all: Callable[[Ask], None]) -> None:
    """Collects the suite in a child, and lets `judge_all` ask there."""

    def work() -> bool:
        os.chdir(ROOT)
        pytest.main([*ARGUMENTS, *suite], plugins=[CalmExamples(), Swapping(judge_all, cpu)])
        return True

    in_child(work)


def _functions() -> dict[tuple[str, str, int], list[FunctionType]]:
    found: dict[tuple[str, str, int], list[FunctionType]] = {}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename.startswith(str(PACKAGE)):
            code = thing.__code__
            key = (code.co_filename, code.co_qualname, code.co_firstlineno)
            found.setdefault(key, []).append(thing)
    return found


def _code_of(module: CodeType, name: str, first: int) -> CodeType:
    return next(c for c in _codes(module) if (c.co_qualname, c.co_firstlineno) == (name, first))


def _codes(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _codes(const)


# ---------------------------------------------------------------- loaded


class _Loader(SourceFileLoader):
    code: CodeType

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 (one loader, one module)
        return self.code


@dataclass(eq=False)
class _Finder(MetaPathFinder):
    module: str
    code: CodeType

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == self.module else None
        if spec is not None and spec.origin is not None:
            loader = _Loader(fullname, spec.origin)
            loader.code = self.code
            spec.loader = loader
        return spec


def loaded(mutant: Mutant, tests: Sequence[str], cpu: dict[str, float]) -> dict[str, Any]:
    """The verdict of a fresh pytest on the tests' files."""
    assert "treadguard" not in sys.modules, "the mutated module would be hidden by the loaded one"

    def run(jury: _Jury) -> None:
        os.chdir(ROOT)
        sys.meta_path.insert(0, _Finder(module_of(mutant.file), mutant.code()))
        files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        with suppress(SystemExit):
            code = pytest.main([*ARGUMENTS, *files], plugins=[CalmExamples(), Chosen(tests), jury])
        if code not in (0, 5):
            jury._end("killed", "the start of the tests")

    return _judged(run, cpu)
