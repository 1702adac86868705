"""Each planted bug is caught by the quickest test of its row; the whole is `-m proof.planted`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from proof.hazards import TABLE, read
from proof.planted import FORMS, Job, Ran, every_kind, main, played, quickest, run
from proof.planted_bugs import BUGS, Bug, Misfit
from proof.planted_more import ALL, MORE, for_kind
from proof.planting import BROKEN

JOBS = {job.key: job.tests for job in quickest(BUGS)}
ROOT = Path(__file__).parents[2]
SOUND = "no bug"


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Ran]]]:
    """Those that are asked for, two at a time."""
    asked = " ".join(item.nodeid for item in request.session.items)
    with ThreadPoolExecutor(2) as pool:
        runs = {key: pool.submit(run, JOBS[key], key) for key in JOBS if f"[{key}]" in asked}
        if "without_a_bug" in asked:
            runs[SOUND] = pool.submit(
                run, sorted({test for tests in JOBS.values() for test in tests})
            )
        yield runs
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("key", JOBS)
def test_a_planted_bug_is_caught(runs: dict[str, Future[Ran]], key: str) -> None:
    ran = runs[key].result()
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


@pytest.mark.parametrize("key", ALL)
def test_each_bug_fits_its_module_and_still_compiles(key: str) -> None:
    bug = ALL[key]
    path = ROOT / "src" / Path(*bug.module.split(".")).with_suffix(".py")
    compile(bug.planted_in(path.read_text()), str(path), "exec")


def test_a_bug_gets_into_the_processes_that_a_test_starts() -> None:
    (test,) = played(ALL["H79.X"].test)
    ran = run([f"{test}[replay tests/sessions/deaf_to_fault.jsonl --check]"], "H79.X")
    assert ran.caught, ran.said


def test_what_the_table_names_is_run_as_the_case_that_plays_it() -> None:
    from tests.closed_loop.forms import FORMS as PLAYED

    assert tuple(PLAYED) == FORMS
    assert played("tests/test_a.py::test_a") == ["tests/test_a.py::test_a"]
    assert played("tests/scenarios/button_stops.toml") == [
        f"tests/closed_loop/test_scenarios.py::test_scenario[button_stops-{form}]" for form in FORMS
    ]
    session = played("tests/sessions/deaf_to_fault.jsonl")
    assert len(session) == 2
    assert all(test.endswith("[deaf_to_fault]") for test in session)


def test_every_kind_of_every_row_is_put_to_the_test_with_all_its_tests() -> None:
    jobs = {job.name: job for job in every_kind(BUGS)}
    assert jobs["H50 D"].tests == played("tests/scenarios/fall_forward_stops.toml")
    for hazard in read(TABLE).hazard:
        if hazard.planted is None:
            continue
        for test in hazard.tests:
            assert set(played(test.id)) <= set(jobs[f"{hazard.id} {test.kind}"].tests)


def test_each_further_bug_is_for_a_kind_that_its_row_has_and_noticed_by_one_of_its_tests() -> None:
    rows = {hazard.id: hazard.tests for hazard in read(TABLE).hazard}
    for bug in MORE.values():
        shown = rows[bug.row]
        assert set(bug.kinds) <= {test.kind for test in shown}, bug.key
        assert (bug.test, True) in {(test.id, test.kind in bug.kinds) for test in shown}, bug.key
        assert all(for_kind(bug.row, kind) is bug for kind in bug.kinds), bug.key


@pytest.mark.parametrize("noticed", [True, False])
def test_a_kind_that_notices_nothing_fails_though_another_kind_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, noticed: bool
) -> None:
    jobs = [Job("H50 U", "H50", ["u"]), Job("H50 D", "H50", ["d"])]

    def ran(tests: list[str], planted: str | None = None) -> Ran:
        fails = planted is not None and (noticed or tests == ["u"])
        return Ran(int(fails), "")

    monkeypatch.setattr("proof.planted.every_kind", lambda _: jobs)
    monkeypatch.setattr("proof.planted.run", ran)
    assert main(["--all", "--json"]) == (0 if noticed else 1)
    assert json.loads(capsys.readouterr().out)["missed"] == ([] if noticed else ["H50 D"])
