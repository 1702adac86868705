"""The arithmetic of a back-off, seen on the belt: DESIGN section 4 with its worked examples."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept
from treadguard.guard.policy import Profile
from treadguard.units import Grade, Speed

IDEAL = ev.Ranges(
    speed_min=Speed(100),
    speed_max=Speed(2000),
    speed_step=10,
    incline_min=Grade(0),
    incline_max=Grade(150),
    incline_step=5,
)
ANYBODY = Profile()


def found(speed: int, grade: int, ranges: ev.Ranges = IDEAL, profile: Profile = ANYBODY) -> Rig:
    """A belt that treadguard finds moving at `speed` and whose grade was seen to move."""
    rig = Rig(profile=profile, speed=speed, target=speed, minimum=100)
    rig.connect()
    rig.ranges(ranges)
    rig.run(8)
    assert rig.phase == "RUNNING"
    if grade:
        rig.grade_rate, rig.grade_target = 400, grade
        rig.status(6, grade)
        rig.run(8)
        rig.grade_rate = 4
    return rig


def after(rig: Rig, level: int) -> tuple[int, int]:
    rig.pain(level)
    rig.run(rig.speed / 50 + rig.grade / 4 + 8)
    return rig.speed, rig.grade


@pytest.mark.parametrize(
    ("speed", "grade", "level", "expected"),
    [
        (600, 0, 1, (540, 0)),
        (600, 0, 2, (520, 0)),
        (600, 0, 3, (500, 0)),
        (600, 0, 4, (480, 0)),
        (520, 0, 2, (450, 0)),
        (500, 40, 1, (500, 30)),
        (500, 40, 2, (500, 25)),
        (500, 40, 3, (500, 20)),
        (500, 40, 4, (500, 20)),
        (500, 5, 2, (470, 0)),
        (900, 50, 4, (880, 0)),
    ],
)
def test_worked_examples(speed: int, grade: int, level: int, expected: tuple[int, int]) -> None:
    assert after(found(speed, grade), level) == expected


@pytest.mark.parametrize(("level", "speed"), [(1, 450), (2, 430), (3, 410), (4, 400)])
def test_where_the_flat_is_worse_the_same_share_is_taken_in_speed(level: int, speed: int) -> None:
    """H46."""
    keeps = Profile(grade_first=False)
    assert after(found(500, 40, profile=keeps), level) == (speed, 40)


def test_a_stuck_grade_is_paid_in_speed() -> None:
    rig = found(500, 80)
    rig.deaf = frozenset({"set_incline"})
    rig.pain(3)
    rig.run(20)
    assert (rig.speed, rig.grade) == (410, 80)


def test_the_stuck_grade_is_recognised_after_five_seconds() -> None:
    rig = found(500, 80)
    rig.deaf = frozenset({"set_incline"})
    since = rig.now
    rig.pain(3)
    rig.run(20)
    speeds = [t for t, op, _ in rig.commands(since) if op == "set_speed"]
    assert 5_000 <= speeds[0] - since <= 6_000
    assert rig.stops(since) == []
    assert rig.phase == "RUNNING"


def test_a_grade_that_was_never_seen_to_move_is_left_alone() -> None:
    rig = Rig(speed=600, target=600, grade=40, grade_target=40)
    rig.connect()
    rig.ranges(IDEAL)
    rig.run(5)
    since = rig.now
    rig.pain(2)
    rig.run(3)
    assert {op for _, op, _ in rig.commands(since)} == {"set_speed"}
    rig.run(10)
    assert rig.speed == 520


def test_a_decline_is_left_as_it_is() -> None:
    rig = found(600, 40)
    rig.grade_target = -20
    rig.status(6, -20)
    rig.run(25)
    assert rig.grade == -20
    since = rig.now
    rig.pain(2)
    rig.run(10)
    assert {op for _, op, _ in rig.commands(since)} == {"set_speed"}
    assert (rig.speed, rig.grade) == (520, -20)


def test_a_grade_that_is_no_longer_reported_does_not_swallow_the_back_off() -> None:
    rig = found(600, 40)
    rig.blank_grade = True
    rig.run(30)
    rig.pain(2)
    rig.run(10)
    assert rig.speed == 520


def test_a_back_off_right_after_adoption_is_no_belt_that_came_back() -> None:
    rig = Rig(speed=760, target=760)
    rig.connect()
    rig.run(4)
    since = rig.now
    rig.pain(4)
    rig.run(10)
    assert rig.stops(since) == []
    assert rig.speed == 600


@pytest.mark.parametrize(("speed", "level"), [(110, 4), (100, 1), (120, 4)])
def test_below_the_minimum_the_belt_stops_without_a_trigger(speed: int, level: int) -> None:
    rig = found(speed, 0)
    since = rig.now
    rig.pain(level)
    assert rig.stops(since) == [since]
    rig.run(15)
    assert rig.phase == "PAUSED"
    assert kept(rig.state).triggers == 0


def test_a_coarse_step_still_gives_at_least_one_step() -> None:
    ranges = ev.Ranges(speed_min=Speed(100), speed_max=Speed(600), speed_step=50)
    rig = found(500, 0, ranges)
    assert after(rig, 1) == (450, 0)


def test_steps_are_counted_from_the_minimum() -> None:
    """0.96-6.43 in steps of 0.32 (0.6-4.0 mph): 5.12 at pain 1 is 4.608, so 4.48."""
    ranges = ev.Ranges(speed_min=Speed(96), speed_max=Speed(643), speed_step=32)
    rig = found(512, 0, ranges)
    assert after(rig, 1) == (448, 0)


@pytest.mark.parametrize(("speed", "expected"), [(790, 710), (800, 720), (810, 720)])
def test_on_the_flat_walking_and_running_lose_the_same_share(speed: int, expected: int) -> None:
    assert after(found(speed, 0), 1) == (expected, 0)


def test_posture_and_ease_lose_ten_per_cent_of_the_grade_first() -> None:
    rig = found(500, 40)
    rig.ask("ease")
    rig.run(20)
    assert (rig.speed, rig.grade) == (500, 30)


def exact(speed: int, grade: int, level: int) -> tuple[Fraction, Fraction]:
    """The target before rounding, from DESIGN's prose and in fractions: net ACSM cost v(a + bG)."""
    k = Fraction(28 - level, 30)
    a, b = (500, 9) if speed < 800 else (2000, 9)
    if grade == 0:
        return speed * k, Fraction(0)
    wanted = (k * (a + b * grade) - a) / b
    if wanted >= 0:
        return Fraction(speed), wanted
    return min(Fraction(speed), k * speed * (a + b * grade) / a), Fraction(0)


@settings(max_examples=40, deadline=None)
@given(
    speed=st.integers(20, 120).map(lambda n: n * 10),
    grade=st.integers(0, 20).map(lambda n: n * 5),
    level=st.integers(1, 4),
)
@example(speed=500, grade=5, level=2)
@example(speed=800, grade=5, level=1)
@example(speed=790, grade=5, level=1)
@example(speed=900, grade=50, level=4)
def test_the_belt_ends_at_the_exact_share_rounded_down(speed: int, grade: int, level: int) -> None:
    raw_speed, raw_grade = exact(speed, grade, level)
    got_speed, got_grade = after(found(speed, grade), level)
    if raw_grade > 0 or raw_speed == speed:
        expected_grade = min(math.floor(raw_grade / 5) * 5, grade - 5)
    else:
        expected_grade = 0
    expected_speed = speed
    if raw_speed < speed:
        expected_speed = min(math.floor(raw_speed / 10) * 10, speed - 10)
    assert (got_speed, got_grade) == (expected_speed, expected_grade)


@settings(max_examples=25, deadline=None)
@given(speed=st.integers(100, 1200), level=st.integers(1, 4), step=st.sampled_from([10, 32, 50]))
def test_a_back_off_always_lowers_or_stops(speed: int, level: int, step: int) -> None:
    """UCA5, H76: rounding never makes a back-off void."""
    ranges = ev.Ranges(speed_min=Speed(100), speed_max=Speed(1200), speed_step=step)
    rig = found(speed, 0, ranges)
    rig.pain(level)
    rig.run(speed / 50 + 12)
    assert rig.speed <= speed * (28 - level) // 30
    assert rig.speed == 0 or rig.speed >= 100
