"""Each planted bug is caught by the quickest test of its row; the whole is `-m proof.planted`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from proof.planted import Ran, run
from proof.planted_bugs import BUGS, Bug, Misfit
from proof.planting import BROKEN

ROOT = Path(__file__).parents[2]
SOUND = "no bug"


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Ran]]]:
    """Those that are asked for, two at a time."""
    asked = " ".join(item.nodeid for item in request.session.items)
    with ThreadPoolExecutor(2) as pool:
        runs = {row: pool.submit(run, [BUGS[row].test], row) for row in BUGS if f"[{row}]" in asked}
        if "without_a_bug" in asked:
            runs[SOUND] = pool.submit(run, sorted({bug.test for bug in BUGS.values()}))
        yield runs
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("row", BUGS)
def test_a_planted_bug_is_caught(runs: dict[str, Future[Ran]], row: str) -> None:
    ran = runs[row].result()
    assert ran.caught, ran.said


def test_without_a_bug_the_same_tests_pass(runs: dict[str, Future[Ran]]) -> None:
    ran = runs[SOUND].result()
    assert ran.code == 0, ran.said
    assert "passed" in ran.said


def test_a_bug_that_no_test_loads_is_no_catch() -> None:
    ran = run(["tests/ftms/test_ranges.py::test_any_bytes_at_all_decode"], "H05")
    assert ran.code == BROKEN
    assert "no test loads the module" in ran.said


def test_a_row_without_a_bug_is_bad_usage() -> None:
    ran = run(["tests/ftms/test_ranges.py::test_any_bytes_at_all_decode"], "H06")
    assert not ran.caught
    assert "There is no planted bug 'H06'" in ran.said


def test_a_bug_that_no_longer_fits_is_said() -> None:
    bug = Bug("H99", "nothing", "a.module", "x = 1\n", "x = 2\n", "a test")
    assert bug.planted_in("x = 1\n") == "x = 2\n"
    for source in ("", "x = 1\nx = 1\n"):
        with pytest.raises(Misfit, match=r"H99: .* times in a\.module"):
            bug.planted_in(source)


@pytest.mark.parametrize("row", BUGS)
def test_each_bug_fits_its_module_and_still_compiles(row: str) -> None:
    bug = BUGS[row]
    path = ROOT / "src" / Path(*bug.module.split(".")).with_suffix(".py")
    compile(bug.planted_in(path.read_text()), str(path), "exec")
