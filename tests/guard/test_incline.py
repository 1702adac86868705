"""The incline follower by itself: whether a deck got where it was told, and whether it is stuck."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.guard.rig import Rig

from treadguard.guard import incline
from treadguard.guard.belt import Machine
from treadguard.guard.events import Verdict
from treadguard.guard.incline import GradeWatch
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.backoff import Backoff
from treadguard.units import Grade, Millis

STEP = 5


def told(value: int, grade: int, t: int = 1_000) -> GradeWatch:
    return incline.wrote_grade(None, 7, Millis(t), value, grade)


EASED = Backoff(
    why="pain",
    speed=500,
    grade=40,
    since=Millis(1_000),
    until=Millis(121_000),
    k=25,
    base_speed=500,
    grade_from=80,
)

# ---------------------------------------------------------------- commands


def test_a_command_is_watched_from_the_measured_grade() -> None:
    assert told(40, 10) == GradeWatch((7,), target=40, start=10, t=Millis(1_000), high=10)


def test_further_commands_are_one_way_from_the_first_start() -> None:
    further = incline.wrote_grade(told(40, 10), 8, Millis(2_000), 45, 15)
    assert (further.pending, further.target, further.start) == ((7, 8), 45, 10)
    assert further.t == 2_000


@pytest.mark.parametrize(
    ("start", "target", "value", "turns"),
    [
        *((10, 40, 45, False), (10, 40, 39, True), (40, 10, 5, False), (40, 10, 11, True)),
        *((20, 20, 15, True), (20, 20, 25, False)),
    ],
)
def test_a_command_turns_where_it_goes_against_the_one_before(
    start: int, target: int, value: int, turns: bool
) -> None:
    assert told(target, start).turns(value) is turns


# ---------------------------------------------------------------- arrival


@pytest.mark.parametrize(("grade", "there"), [(35, False), (36, True), (40, True), (60, True)])
def test_a_deck_that_rises_is_there_within_a_step(grade: int, there: bool) -> None:
    assert told(40, 10).arrived(grade, STEP) is there


@pytest.mark.parametrize(("grade", "there"), [(15, False), (14, True), (10, True), (0, True)])
def test_a_deck_that_falls_is_there_within_a_step(grade: int, there: bool) -> None:
    assert told(10, 40).arrived(grade, STEP) is there


@pytest.mark.parametrize(("grade", "there"), [(25, False), (24, True), (20, True), (15, True)])
def test_a_deck_told_to_stay_where_it_is_is_there_unless_it_still_rises(
    grade: int, there: bool
) -> None:
    assert told(20, 20).arrived(grade, STEP) is there


def test_a_deck_that_is_halted_on_its_way_up_is_confirmed_once_it_has_come_back() -> None:
    """It obeys 2 s late: until then it goes on toward the 6 % that it was told before."""
    rig = Rig(latency=2_000, grade_rate=20).walking(500)
    rig.ask("incline", 60)
    halt = 20
    while rig.state.measured.grade != halt:
        rig.run(0.25)
    since = rig.now
    rig.ask("incline", halt)
    above = []
    while not any(isinstance(o, Verdict) and t > since for t, o in rig.log):
        rig.run(0.25)
        above.append(rig.grade)
        assert rig.now - since < 30_000
    assert max(above) >= halt + STEP
    assert rig.grade < halt + STEP
    assert [o.is_ for t, o in rig.log if isinstance(o, Verdict) and t > since] == ["confirmed"]
    rig.run(10)
    assert (rig.state.grade.setpoint, rig.state.grade.wanted) == (halt, halt)


# ---------------------------------------------------------------- another hand


@pytest.mark.parametrize(("grade", "back"), [(26, False), (25, True), (0, True)])
def test_a_deck_that_was_to_rise_and_comes_down_a_step_is_in_another_hand(
    grade: int, back: bool
) -> None:
    assert replace(told(40, 10), high=30).falls_back(grade, STEP) is back


@pytest.mark.parametrize(("target", "start"), [(10, 40), (20, 20)])
def test_a_deck_that_was_not_to_rise_may_come_down(target: int, start: int) -> None:
    assert not told(target, start).falls_back(0, STEP)


# ---------------------------------------------------------------- time


@pytest.mark.parametrize(
    ("target", "start", "allowed"),
    [(10, 10, 5_000), (10, 40, 15_000), (40, 10, 15_000), (60, 10, 21_666), (11, 10, 5_333)],
)
def test_a_deck_has_five_seconds_and_one_for_each_three_tenths(
    target: int, start: int, allowed: int
) -> None:
    """H18."""
    watch = told(target, start)
    assert not watch.overdue(Millis(1_000 + allowed - 1))
    assert watch.overdue(Millis(1_000 + allowed))


def test_a_further_command_gives_new_time() -> None:
    watch = incline.wrote_grade(told(20, 10), 8, Millis(4_000), 40, 12)
    assert not watch.overdue(Millis(18_999))
    assert watch.overdue(Millis(19_000))


# ---------------------------------------------------------------- stuck


@pytest.mark.parametrize(("now", "stuck"), [(5_999, False), (6_000, True)])
@pytest.mark.parametrize("grade", [80, 76, 100, None])
def test_a_grade_that_has_not_fallen_by_a_step_in_five_seconds_is_stuck(
    now: int, stuck: bool, grade: int | None
) -> None:
    assert incline.stuck(EASED, Millis(now), grade, STEP) == (EASED, stuck)


@pytest.mark.parametrize("grade", [75, 40, 0])
def test_a_grade_that_has_fallen_by_a_step_is_no_longer_watched(grade: int) -> None:
    moved, stuck = incline.stuck(EASED, Millis(6_000), grade, STEP)
    assert (moved, stuck) == (replace(EASED, grade_from=None), False)
    assert incline.stuck(moved, Millis(60_000), 80, STEP) == (moved, False)


def test_a_backoff_with_a_stuck_grade_is_computed_again_on_speed() -> None:
    """DESIGN.md section 4: 5.0 with the grade stuck at 8 %, pain 3, gives 4.1."""
    again = incline.laid_on_speed(EASED, 80, Machine())
    assert again == replace(EASED, speed=410, grade=80, grade_from=None)


@pytest.mark.parametrize(("speed", "after"), [(409, 409), (410, 410), (411, 410)])
def test_a_backoff_computed_again_is_never_faster_than_it_was(speed: int, after: int) -> None:
    assert incline.laid_on_speed(replace(EASED, speed=speed), 80, Machine()).speed == after


def test_a_backoff_computed_again_is_at_least_a_step_slower() -> None:
    slow = replace(EASED, speed=120, base_speed=120, k=29)
    assert incline.laid_on_speed(slow, 80, Machine(speed_step=20)).speed == 100


# ---------------------------------------------------------------- the console's hand


@pytest.mark.parametrize(
    ("axis", "named", "lower"),
    [
        (Axis(wanted=20, setpoint=30, told=30), 29, True),
        (Axis(wanted=20, setpoint=30, told=30), 30, False),
        (Axis(wanted=20, setpoint=30), 29, True),
        (Axis(wanted=20, setpoint=20, told=30), 25, True),
        (Axis(), 10, False),
        (Axis(setpoint=30, told=30, wrote=Millis(8_001)), 20, False),
        (Axis(setpoint=30, told=30, wrote=Millis(8_000)), 20, True),
        (Axis(setpoint=30, told=30, wrote=Millis(10_000), fell=True), 20, True),
    ],
    ids=str,
)
def test_a_grade_below_what_the_deck_was_told_is_the_consoles(
    axis: Axis, named: int, lower: bool
) -> None:
    """On its way up a machine may still be naming our own steps."""
    found = incline.set_lower(axis, Millis(10_000), Grade(named))
    assert found == ((10_000, named) if lower else None)


def test_where_the_console_set_nothing_nothing_goes_below() -> None:
    assert not incline.goes_below(None, Millis(0), 40)
