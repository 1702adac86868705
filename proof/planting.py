"""The pytest plugin that plants a bug: `pytest -p proof.planting --planted H05 TEST`.

Here: what counts as caught. Not here: the bugs (planted_bugs.py, planted_more.py) and how one gets
into its module (planting_finder.py). The rule to keep: a bug that doesn't fit the code any more,
or that nobody loads, is an error and not a bug that was caught.
"""

from __future__ import annotations

import sys
import tempfile
from typing import Final

import pytest

from proof.planted_bugs import Misfit
from proof.planted_more import ALL
from proof.planting_finder import loaded, plant_everywhere

BROKEN: Final = 70
"""The exit code where the planted code fails by itself: no test has caught it then."""

OWN_FAULTS: Final = (NameError, SyntaxError, ImportError, AttributeError, TypeError)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--planted", metavar="ROW", help="run with this row's planted bug")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before any conftest is imported, and anything of treadguard with it."""
    row = early_config.known_args_namespace.planted
    if row is None:
        return
    if row not in ALL:
        raise pytest.UsageError(f"There is no planted bug {row!r}; there are {', '.join(ALL)}.")
    if ALL[row].module in sys.modules:
        raise pytest.UsageError(f"{ALL[row].module} is loaded already: nothing can be planted.")
    early_config.stash[_FOLDER] = plant_everywhere(row)


def pytest_exception_interact(
    node: pytest.Item | pytest.Collector, call: pytest.CallInfo[object]
) -> None:
    """Tell a test that caught the bug from planted code that fails by itself."""
    error = None if call.excinfo is None else call.excinfo.value
    if call.when != "call" or isinstance(error, (*OWN_FAULTS, Misfit)):
        node.session.stash[_BROKEN] = f"{type(error).__name__}: {error}"


_BROKEN: Final = pytest.StashKey[str]()
_FOLDER: Final = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--planted") is None:
        return
    broken = session.stash.get(_BROKEN, None)
    if broken is None and not loaded(session.config.stash[_FOLDER].name):
        broken = "no test loads the module"
    if broken is not None:
        print(f"\nThe planted bug was not put to the test: {broken}", file=sys.stderr)
        session.exitstatus = BROKEN
