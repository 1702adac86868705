"""The pytest plugin that plants a bug: `pytest -p proof.planting --planted H05 TEST`.

Here: how a bug gets into a module as it is loaded, and what counts as caught. Not here: the bugs
(planted_bugs.py). The rule to keep: nothing is ever written to a file, and a bug that doesn't fit
the code any more, or that nobody loads, is an error and not a bug that was caught.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Final

import pytest

from proof.planted_bugs import BUGS, Bug, Misfit

BROKEN: Final = 70
"""The exit code where the planted code fails by itself: no test has caught it then."""

OWN_FAULTS: Final = (NameError, SyntaxError, ImportError, AttributeError, TypeError)


class _Planted(SourceFileLoader):
    """Loads the module with the bug in it, whatever is cached."""

    bug: Bug
    loaded = False

    def get_source(self, fullname: str) -> str:
        """Also what tests that read the source get to see."""
        type(self).loaded = True
        return self.bug.planted_in(super().get_source(fullname) or "")

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.get_source(fullname), self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, bug: Bug) -> None:
        self._bug = bug

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._bug.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            loader = _Planted(fullname, spec.origin)
            loader.bug = self._bug
            spec.loader = loader
        return spec


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--planted", metavar="ROW", help="run with this row's planted bug")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before any conftest is imported, and anything of treadguard with it."""
    row = early_config.known_args_namespace.planted
    if row is None:
        return
    if row not in BUGS:
        raise pytest.UsageError(f"There is no planted bug {row!r}; there are {', '.join(BUGS)}.")
    if BUGS[row].module in sys.modules:
        raise pytest.UsageError(f"{BUGS[row].module} is loaded already: nothing can be planted.")
    sys.meta_path.insert(0, _Finder(BUGS[row]))


def pytest_exception_interact(
    node: pytest.Item | pytest.Collector, call: pytest.CallInfo[object]
) -> None:
    """Tell a test that caught the bug from planted code that fails by itself."""
    error = None if call.excinfo is None else call.excinfo.value
    if call.when != "call" or isinstance(error, (*OWN_FAULTS, Misfit)):
        node.session.stash[_BROKEN] = f"{type(error).__name__}: {error}"


_BROKEN: Final = pytest.StashKey[str]()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--planted") is None:
        return
    broken = session.stash.get(_BROKEN, None)
    if broken is None and not _Planted.loaded:
        broken = "no test loads the module"
    if broken is not None:
        print(f"\nThe planted bug was not put to the test: {broken}", file=sys.stderr)
        session.exitstatus = BROKEN
