"""The short form: some random sessions, some cells of the matrix, some calm minutes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from functools import cache

import pytest
from proof.service_sessions import Job, Outcome, main, plan_for, run
from proof.simulated_calm import calm_plans, interventions, least_minutes
from proof.simulated_checks import Figures, Finding
from proof.simulated_film import Act
from proof.simulated_house import play
from proof.simulated_matrix import BEGINS_MS, IMPOSSIBLE, bites, cells, plan_of
from proof.simulated_plans import SHELL, Plan, random_plan
from proof.simulated_records import judged
from proof.simulated_view import SET_SPEED

from proof import service_sessions
from treadguard.journal import decoded
from treadguard.sim.faults import KIND, WHERE, Fault, Faults, Kind
from treadguard.sim.presets import PRESETS
from treadguard.units import Millis

SESSIONS = 10
OVERWRITTEN = 25
"""Its runner's hand is overwritten by what was on its way, and heard of only a second later."""

KILL_IN_OFF = 42
CELLS = sorted({*range(0, 480, 21), KILL_IN_OFF})


@cache
def session(seed: int) -> Outcome:
    return run(Job("seed", seed, twice=seed == 0))


@pytest.mark.parametrize("seed", [*range(SESSIONS), OVERWRITTEN])
def test_a_random_session_shows_no_breach(seed: int) -> None:
    assert session(seed).found == (), session(seed).job.command


def test_another_process_draws_the_same_plans() -> None:
    code = "from proof.simulated_plans import *; print(*map(random_plan, range(40)), sep='\\n')"
    # Each process orders a set of names in its own way.
    env = {**os.environ, "PYTHONHASHSEED": "1"}
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    theirs = told.stdout.decode().splitlines()
    assert [n for n in range(40) if theirs[n] != repr(random_plan(n))] == []


def test_the_random_sessions_judge_something() -> None:
    figures = Figures()
    for seed in range(4):
        figures.add(session(seed).figures)
    # Sessions in which nothing happens would be fine too, and show nothing.
    for name in ("start frames", "raising frames", "triggers", "Stop to rest", "played twice"):
        assert figures.seen[name] > 0, name
    assert figures.seen["seconds in RUNNING"] > 240
    assert figures.worst["pain to Stop frame"] <= 500


@pytest.mark.parametrize("number", CELLS)
def test_a_fault_in_its_phase_shows_no_breach(number: int) -> None:
    outcome = run(Job("cell", number))
    name = list(cells())[number].name
    assert outcome.found == ()
    assert outcome.cell == (None if name in IMPOSSIBLE else name)


def test_a_fault_that_changes_nothing_meets_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Faults, "posture", lambda _, sample: sample)
    stuck = [cell.name for cell in cells()].index("posture stuck in RUNNING")
    assert run(Job("cell", stuck)).cell is None


@pytest.mark.parametrize("name", list(IMPOSSIBLE)[::3])
def test_an_impossible_cell_does_nothing(name: str) -> None:
    every = list(cells())
    number = [cell.name for cell in every].index(name)
    plan = plan_of(every[number], number)
    assert not bites(plan, play(plan), every[number])


def test_the_matrix_has_every_fault_in_every_phase() -> None:
    places = Counter((cell.where, cell.kind) for cell in cells())
    expected = {(where, kind) for where in WHERE for kind in KIND}
    expected |= {("shell", what) for what in SHELL}
    assert set(places) == expected
    assert set(places.values()) == {len(BEGINS_MS)}
    assert set(IMPOSSIBLE) <= {cell.name for cell in cells()}


@pytest.mark.parametrize("preset", PRESETS)
def test_nobody_meddles_with_a_calm_session(preset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = next(plan for plan in calm_plans(1, 300_000) if plan.preset == preset)
    monkeypatch.setattr(service_sessions, "calm_plans", lambda: [plan])
    outcome = run(Job("calm", 0))
    assert outcome.found == ()
    assert outcome.figures.seen["calm minutes in motion"] >= 4


def test_an_hour_in_which_nothing_moves_shows_no_calm(monkeypatch: pytest.MonkeyPatch) -> None:
    unmoved = Plan("nobody starts", 1, "ideal", length_ms=300_000)
    monkeypatch.setattr(service_sessions, "calm_plans", lambda: [unmoved])
    found = run(Job("calm", 0)).found
    assert [finding.rule for finding in found] == ["a calm session moves"]
    assert least_minutes(3_600_000) == 55


@pytest.mark.parametrize(
    ("last", "fault", "said"),
    [
        (Act(40_000, "pain", 2), None, "set_speed for pain"),
        # A raise that shows nothing has what was wanted lowered to what is measured.
        (Act(40_000, "speed", 800), "off", "set_speed below what was asked for"),
    ],
)
def test_an_intervention_is_counted(last: Act, fault: Kind | None, said: str) -> None:
    acts = (Act(3_000, "start"), Act(15_000, "speed", 600), last)
    faults = () if fault is None else (Fault(Millis(42_000), Millis(10_000), "command", fault),)
    film = play(Plan("one", 1, "ideal", faults=faults, acts=acts, length_ms=60_000))
    assert said in interventions(film, "ideal")


def test_what_the_runner_lowers_is_no_intervention() -> None:
    acts = (Act(3_000, "start"), Act(15_000, "speed", 600), Act(40_000, "speed", 333))
    film = play(Plan("lower", 1, "ideal", acts=acts, length_ms=60_000))
    assert film.leg(59_000).ramp.target == 330
    assert interventions(film, "ideal") == Counter()


def test_a_back_off_never_undoes_a_console_lowering() -> None:
    acts = (
        Act(3_000, "start"),
        Act(15_000, "speed", 600),
        Act(40_000, "console_speed", 300),
        Act(42_950, "pain", 2),
    )
    plan = Plan("console", 1, "ideal", acts=acts, length_ms=60_000, jitter=False)
    film, found, _ = judged(plan)
    assert found == []
    assert [w.value for w in film.written if w.op == SET_SPEED and w.t > 42_000] != []


def test_one_plan_is_drawn_from_one_seed() -> None:
    assert random_plan(7) == random_plan(7) != random_plan(8)


def test_presses_pass_the_api_itself() -> None:
    acts = (
        Act(3_000, "start", None, "api"),
        Act(15_000, "speed", 500, "api"),
        Act(16_000, "speed", 9_999, "api"),
        Act(30_000, "pain", 6, "api"),
    )
    film, found, _ = judged(Plan("api", 1, "ideal", acts=acts, length_ms=60_000))
    assert found == []
    assert [hand.taken for hand in film.hands] == [True, True, False, True]
    assert b'"source":"api"' in film.journal


def test_a_flood_of_presses_delays_no_stop() -> None:
    acts = (Act(3_000, "start"), Act(20_000, "flood", 120), Act(20_000, "pain", 6, "api"))
    film, found, figures = judged(Plan("flood", 1, "ideal", acts=acts, length_ms=60_000))
    assert found == []
    assert figures.worst["pain to Stop frame"] == 0
    assert sum(b'"kind":"posture"' in line for line in film.lines) > 60


def test_a_full_disk_costs_no_line_and_is_said() -> None:
    acts = (Act(3_000, "start"), Act(40_000, "pain", 6))
    full = (20_000, 60_000, "full")
    plan = Plan("full", 1, "ideal", acts=acts, disk=(full,), length_ms=90_000)  # type: ignore[arg-type]
    film, found, _ = judged(plan)
    assert found == []
    assert any("No space left" in text for _, text in film.said)
    assert any("takes everything again" in text for _, text in film.said)


def test_a_killed_service_goes_on_in_the_same_journal() -> None:
    acts = (Act(3_000, "start"), Act(40_000, "kill", 2_000))
    film, found, figures = judged(Plan("kill", 1, "ideal", acts=acts, length_ms=90_000))
    assert found == []
    assert figures.seen["orphans"] == 1
    kinds = [decoded(line)["kind"] for line in film.journal.splitlines()]
    assert kinds.count("restart") == 1
    assert len(film.lives) == 2


@pytest.mark.parametrize(("crash", "taken"), [(33_000, False), (45_000, True)])
def test_a_part_that_fails_while_nobody_lives_fails_nobody(crash: int, taken: bool) -> None:
    acts = (Act(5_000, "start"), Act(30_000, "kill", 8_000), Act(crash, "crash"))
    film, found, _ = judged(Plan("crash", 1, "ideal", acts=acts, length_ms=90_000))
    assert found == []
    assert film.hands[-1].taken is taken
    assert (film.failure is not None) is taken


def test_the_program_tells_its_figures_as_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cell", "6", "--json"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert json.loads(out)["sessions"] == 1


@pytest.mark.parametrize("wrong", [["--jobs", "0"], ["--sessions", "-1"], ["--cell", "480"]])
def test_bad_usage_is_told_in_a_sentence(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(wrong)
    assert left.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_a_finding_comes_with_the_command_that_repeats_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = Finding("a rule", 5, "it broke")
    film, _, figures = judged(plan_for(Job("cell", 6)))
    monkeypatch.setattr(service_sessions, "judged", lambda *_, **__: (film, [finding], figures))
    assert main(["--cell", "6", "--verbose"]) == 1
    said = capsys.readouterr().err
    assert "a rule, at 5 ms: it broke" in said
    assert "repeat it: .venv/bin/python -m proof.service_sessions --cell 6 --verbose" in said
    assert '"kind":"tick"' in said
