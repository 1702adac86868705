"""Back-off arithmetic as bare numbers; what the belt makes of it is in tests/guard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from treadguard.guard.belt import Machine
from treadguard.guard.limits import FREE, Demand
from treadguard.guard.policy import HARD_GRADE
from treadguard.guard.rules import backoff
from treadguard.guard.rules.backoff import Backoff, Load, expired, k_for, limit_of, lowered, reduced
from treadguard.units import Millis

IDEAL = Machine()
HELD = Backoff("pain", 500, None, Millis(0), Millis(1_000), 25, 600)


@pytest.mark.parametrize(("pain", "k"), [(1, 27), (2, 26), (3, 25), (4, 24)])
def test_the_thirtieths_that_are_left(pain: int, k: int) -> None:
    assert k_for(pain) == k


def test_an_unrated_back_off_is_ten_per_cent() -> None:
    assert backoff.UNRATED_K == 27


@pytest.mark.parametrize(
    ("speed", "was", "expected"),
    [
        (549, 600, 540),
        (540, 600, 540),
        (599, 600, 590),
        (600, 600, 590),
        (605, 605, 600),
        (109, 110, 100),
        (100, 100, 90),
    ],
)
def test_a_lowered_speed_is_on_the_grid_and_a_step_below_at_least(
    speed: int, was: int, expected: int
) -> None:
    """H76."""
    assert lowered(speed, was, IDEAL) == expected


def test_the_step_below_is_one_step_of_the_machine_and_no_more() -> None:
    assert lowered(600, 600, Machine(speed_step=1)) == 599
    assert lowered(600, 600, Machine(speed_step=50)) == 550


@pytest.mark.parametrize(
    ("speed", "grade", "k", "expected"),
    [
        (600, 0, 27, (540, 0)),
        (600, 0, 26, (520, 0)),
        (520, 0, 26, (450, 0)),
        (500, 40, 27, (500, 30)),
        (500, 40, 26, (500, 25)),
        (500, 40, 25, (500, 20)),
        (500, 40, 24, (500, 20)),
        (500, 5, 26, (470, 0)),
        (900, 50, 24, (880, 0)),
        (500, 9, 26, (500, 0)),  # a grade of 0 is just enough ...
        (500, 6, 27, (490, 0)),  # ... and here it isn't
        (900, 60, 24, (900, 0)),  # 24 * 2540 - 60000 = 960, over 270: 3, floored to the step
        (799, 40, 27, (799, 30)),  # walking below 8.0 km/h ...
        (800, 40, 27, (800, 10)),  # ... and running from it
    ],
)
def test_worked_back_offs(speed: int, grade: int, k: int, expected: tuple[int, int]) -> None:
    assert reduced(Load(speed, grade, grade_can_move=True), k, IDEAL) == expected


def test_the_grade_is_floored_to_the_machines_own_step() -> None:
    load = Load(500, 40, grade_can_move=True)
    assert reduced(load, 27, Machine(grade_step=1)) == (500, 30)
    assert reduced(load, 26, Machine(grade_step=1)) == (500, 27)
    assert reduced(load, 26, Machine(grade_step=10)) == (500, 20)


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        (Load(600, None, grade_can_move=False), (540, None)),
        (Load(600, None, grade_can_move=True), (540, None)),
        (Load(600, 40, grade_can_move=False), (540, 40)),
        (Load(600, -20, grade_can_move=True), (540, -20)),
        (Load(600, 1, grade_can_move=True), (540, 0)),
    ],
)
def test_a_grade_that_cant_be_lowered_stays_and_the_speed_pays(
    load: Load, expected: tuple[int, int | None]
) -> None:
    assert reduced(load, 27, IDEAL) == expected


def test_below_the_machines_minimum_the_speed_says_so() -> None:
    assert reduced(Load(100, None, grade_can_move=False), 27, IDEAL)[0] < IDEAL.speed_min


def test_a_back_off_permits_its_speed_and_no_raise() -> None:
    limit = HELD.limit
    assert (limit.speed_max, limit.incline_max, limit.may_raise) == (500, HARD_GRADE, False)
    assert limit.belt is Demand.RUN
    assert limit.speed_why == limit.raise_why == {"pain"}
    assert limit.incline_why == frozenset()


@pytest.mark.parametrize(("grade", "most"), [(25, 25), (1, 1), (0, 0), (-20, 0)])
def test_a_back_off_with_a_grade_permits_that_and_never_a_decline(grade: int, most: int) -> None:
    limit = replace(HELD, grade=grade).limit
    assert (limit.speed_max, limit.incline_max, limit.may_raise) == (500, most, False)
    assert limit.speed_why == limit.incline_why == limit.raise_why == {"pain"}


def test_without_a_back_off_all_is_free() -> None:
    assert limit_of(None) == FREE
    assert limit_of(HELD) == HELD.limit


@pytest.mark.parametrize(("now", "holds"), [(999, True), (1_000, False), (1_001, False)])
def test_a_back_off_ends_when_its_time_is_over(now: int, holds: bool) -> None:
    assert (expired(HELD, Millis(now)) is HELD) is holds
    assert (expired(HELD, Millis(now)) is None) is not holds


def test_a_back_off_without_an_end_does_not_end_by_itself() -> None:
    endless = replace(HELD, until=None)
    assert expired(endless, Millis(10**9)) is endless
    assert expired(None, Millis(0)) is None
