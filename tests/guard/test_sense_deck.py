"""The grade that is measured: our commands judged, another hand taken over or corrected once."""

from __future__ import annotations

from typing import Any

import pytest
from tests.guard.bare import NOW, alarms, cues, verdicts
from tests.guard.heard import AGO, sampled

from treadguard.guard.belt import Machine
from treadguard.guard.console import Console
from treadguard.guard.credible import Credible
from treadguard.guard.events import LimitChange
from treadguard.guard.incline import GradeWatch
from treadguard.guard.policy import CapPolicy, Policy
from treadguard.guard.ramp import Axis
from treadguard.units import Grade, Millis, Speed

UP = GradeWatch((9,), 40, 0, AGO, 20)
DOWN = GradeWatch((9,), 0, 40, AGO, 40)
DECK: dict[str, Any] = {
    "grade_seen": Credible(30, AGO, 30, 2),
    "grade": Axis(30, 30, told=30),
}


@pytest.mark.parametrize(
    ("watch", "grade", "verdict"),
    [
        (UP, 16, None),
        (UP, 15, "unknown"),
        (UP, 35, None),
        (UP, 36, "confirmed"),
        (DOWN, 5, None),
        (DOWN, 4, "confirmed"),
    ],
)
def test_a_deck_that_arrives_confirms_and_one_that_falls_back_is_another_hands(
    watch: GradeWatch, grade: int, verdict: str | None
) -> None:
    t = sampled(None, grade, grade_watch=watch, grade=Axis(40, 40))
    assert verdicts(t) == ([] if verdict is None else [(9, verdict)])
    assert (t.s.grade_watch is None) is (verdict is not None)
    assert t.s.grade == (Axis(grade, grade) if verdict == "unknown" else Axis(40, 40))


def test_a_deck_that_stays_undoes_no_easing() -> None:
    """What is wanted may be lower already, and not yet written."""
    eased = Axis(wanted=20, setpoint=30)
    assert sampled(None, 30, **{**DECK, "grade": eased}).s.grade == eased


def test_a_record_without_a_grade_says_nothing_of_the_deck() -> None:
    s = sampled(437, **DECK, grade_watch=UP).s
    assert (s.grade_seen, s.grade_watch) == (DECK["grade_seen"], UP)


def test_the_highest_grade_on_the_way_is_what_a_deck_falls_back_from() -> None:
    seen = sampled(None, 25, grade_watch=UP).s.grade_watch
    assert seen is not None
    assert seen.high == 25
    assert sampled(None, 17, grade_watch=UP).s.grade_watch == UP


def test_a_grade_that_nobody_set_becomes_wanted_at_once() -> None:
    assert sampled(None, 31, **{**DECK, "grade": Axis()}).s.grade == Axis(31, 31)


@pytest.mark.parametrize(("told", "moved"), [(None, 1), (30, 5)])
def test_a_change_of_the_deck_by_another_hand_is_taken_over(told: int | None, moved: int) -> None:
    grade = Axis(30, 30, told=told)
    for way in (1, -1):
        less, as_much = 30 + way * (moved - 1), 30 + way * moved
        assert sampled(None, less, **{**DECK, "grade": grade}).s.grade == grade
        assert sampled(None, as_much, **{**DECK, "grade": grade}).s.grade == Axis(as_much, as_much)


@pytest.mark.parametrize(
    "facts",
    [
        {"phase": "STOPPING"},
        {"shadow": True},
        {"grade_seen": Credible()},
        {"grade": Axis(40, 30, ramp_to=40)},
    ],
)
def test_a_deck_is_left_alone_where_it_is_not_ours_or_not_to_be_believed(
    facts: dict[str, Any],
) -> None:
    usual = {**DECK, **facts}
    assert sampled(None, 40, **usual).s.grade == usual["grade"]


@pytest.mark.parametrize(
    ("grade", "stuck"),
    [(15, False), (16, True), (45, True), (46, False)],
)
def test_a_deck_that_is_stuck_between_is_no_other_hand(grade: int, stuck: bool) -> None:
    """Told 1 %, stuck at 4 %, by steps of 0.5 %."""
    axis = Axis(10, 10, told=10)
    s = sampled(None, grade, **{**DECK, "grade": axis, "grade_stuck": 40}).s
    assert (s.grade == axis, s.grade_stuck) == (stuck, 40 if stuck else None)


def test_a_stuck_deck_without_a_setpoint_is_adopted() -> None:
    s = sampled(None, 40, **{**DECK, "grade": Axis(), "grade_stuck": 40}).s
    assert (s.grade, s.grade_stuck) == (Axis(40, 40), 40)


# ---------------------------------------------------------------- the console


UP_TO_4: dict[str, Any] = {
    **DECK,
    "limit": LimitChange(Speed(600), Grade(42), True, "RUN", ()),
    "console": Console(corrected=Millis(90_000), confirmed=True),
}


def test_a_console_raise_of_the_deck_within_the_limit_is_taken_over() -> None:
    t = sampled(None, 42, **UP_TO_4)
    assert (t.s.grade, t.s.console, t.out) == (Axis(42, 42), UP_TO_4["console"], [])


def test_a_console_raise_of_the_deck_above_the_limit_is_corrected_and_said() -> None:
    t = sampled(None, 43, **UP_TO_4)
    assert (t.s.grade.wanted, t.s.grade.setpoint) == (40, 43), "to the step below the limit"
    assert (t.s.console.corrections, t.s.console.corrected) == (1, NOW)
    assert t.s.console.correcting(NOW)
    assert (len(cues(t)), t.s.rest) == (1, None)


def test_the_runner_hears_to_which_grade_the_deck_goes_back() -> None:
    limit = LimitChange(Speed(600), Grade(40), True, "RUN", ())
    t = sampled(None, 45, **{**UP_TO_4, "limit": limit})
    assert cues(t) == ["The console went above the limit: back to 4 %."]


@pytest.mark.parametrize(("grade", "corrected"), [(35, False), (36, True)])
def test_without_a_limit_yet_the_policys_cap_counts(grade: int, corrected: bool) -> None:
    policy = Policy(caps=CapPolicy(grade=Grade(35)))
    s = sampled(None, grade, **{**UP_TO_4, "limit": None, "policy": policy}).s
    assert (s.console.corrections == 1) is corrected


@pytest.mark.parametrize("rest", [None, "pain"])
def test_the_second_raise_of_the_deck_above_the_limit_stops_the_belt(rest: str | None) -> None:
    console = Console(corrections=1, corrected=Millis(90_000))
    t = sampled(None, 43, **{**UP_TO_4, "console": console, "rest": rest})
    assert (t.s.rest, len(alarms(t))) == (rest or "console", 1)
    assert (t.s.grade, t.s.console) == (DECK["grade"], console)


def test_a_deck_is_on_its_way_back_while_the_correction_is_young() -> None:
    console = Console(corrections=1, corrected=AGO)
    t = sampled(None, 43, **{**UP_TO_4, "console": console})
    assert (t.out, t.s.rest, t.s.grade) == ([], None, DECK["grade"])


def test_the_step_of_the_deck_is_the_machines() -> None:
    coarse = sampled(None, 37, **UP_TO_4, machine=Machine(grade_step=8)).s
    assert coarse.grade == DECK["grade"]
    assert sampled(None, 38, **UP_TO_4, machine=Machine(grade_step=8)).s.grade == Axis(38, 38)
