"""What is known of the machine and its belt: the grid, what is fresh, what is known to stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from treadguard.guard import belt
from treadguard.guard.belt import Machine, Measured
from treadguard.guard.events import Ranges
from treadguard.units import Grade, Millis, Speed

IDEAL = Machine()


def seen(*samples: tuple[int, int | None, int | None], m: Measured | None = None) -> Measured:
    """(time, speed, grade) folded in, one after the other."""
    m = Measured() if m is None else m
    for t, speed, grade in samples:
        m = belt.saw(
            m,
            Millis(t),
            None if speed is None else Speed(speed),
            None if grade is None else Grade(grade),
            IDEAL,
        )
    return m


# ---------------------------------------------------------------- the machine


def test_until_a_range_is_read_targets_are_floored_to_a_tenth_of_a_kmh_and_half_a_percent() -> None:
    assert (IDEAL.speed_min, IDEAL.speed_step, IDEAL.grade_step) == (100, 10, 5)
    assert (IDEAL.speed_max, IDEAL.grade_max) == (None, None)


@pytest.mark.parametrize(
    ("speed", "floor"), [(80, 80), (129, 80), (130, 130), (131, 130), (479, 430), (79, 30)]
)
def test_speeds_are_floored_to_steps_counted_from_the_minimum(speed: int, floor: int) -> None:
    assert Machine(speed_min=80, speed_step=50).speed_floor(speed) == floor


@pytest.mark.parametrize(("grade", "floor"), [(0, 0), (4, 0), (5, 5), (24, 20), (25, 25), (-1, -5)])
def test_grades_are_floored_to_whole_steps(grade: int, floor: int) -> None:
    assert IDEAL.grade_floor(grade) == floor


def test_a_machine_is_what_it_says_of_its_ranges() -> None:
    said = Ranges(Speed(80), Speed(1600), 20, Grade(-30), Grade(120), 10)
    machine = belt.narrowed(IDEAL, said)
    assert (machine.speed_min, machine.speed_max, machine.speed_step) == (80, 1600, 20)
    assert (machine.grade_max, machine.grade_step) == (120, 10)


@pytest.mark.parametrize(("declared", "least"), [(0, 100), (29, 100), (30, 30), (31, 31)])
def test_no_machine_is_believed_to_go_slower_than_three_tenths(declared: int, least: int) -> None:
    machine = belt.narrowed(IDEAL, Ranges(Speed(declared), Speed(1600), 20))
    assert (machine.speed_min, machine.speed_max, machine.speed_step) == (least, 1600, 20)


@pytest.mark.parametrize(
    "nonsense",
    [
        Ranges(speed_max=Speed(1600), speed_step=20),
        Ranges(Speed(80), Speed(1600)),
        Ranges(Speed(80), Speed(1600), 0),
        Ranges(incline_max=Grade(120), incline_step=10),
        Ranges(incline_min=Grade(0), incline_max=Grade(120)),
        Ranges(incline_min=Grade(0), incline_max=Grade(120), incline_step=0),
    ],
)
def test_a_range_without_a_minimum_or_a_step_changes_nothing(nonsense: Ranges) -> None:
    assert belt.narrowed(IDEAL, nonsense) == IDEAL


def test_an_incline_that_begins_at_zero_is_a_range() -> None:
    said = Ranges(incline_min=Grade(0), incline_max=Grade(100), incline_step=10)
    assert belt.narrowed(IDEAL, said) == replace(IDEAL, grade_max=100, grade_step=10)


# ---------------------------------------------------------------- how old it is


def test_the_age_is_that_of_the_last_speed() -> None:
    assert Measured().age(Millis(700)) is None
    m = seen((1_000, 500, None), (2_000, 510, None), (2_600, None, 30))
    assert m.age(Millis(2_700)) == 700


@pytest.mark.parametrize(("age", "fresh"), [(0, True), (2_999, True), (3_000, False)])
def test_a_speed_is_fresh_for_less_than_three_seconds(age: int, fresh: bool) -> None:
    assert seen((1_000, 500, None)).fresh(Millis(1_000 + age)) is fresh


def test_without_a_speed_nothing_is_fresh() -> None:
    assert Measured().fresh(Millis(0)) is False
    assert seen((0, None, 30)).fresh(Millis(0)) is False


@pytest.mark.parametrize(("age", "grade"), [(0, 30), (4_999, 30), (5_000, None)])
def test_a_grade_not_reported_for_five_seconds_is_unknown(age: int, grade: int | None) -> None:
    m = seen((1_000, 500, 30))
    assert m.grade_now(Millis(1_000 + age)) == grade


def test_an_absent_grade_leaves_the_last_one_and_its_age_as_they_are() -> None:
    m = seen((1_000, 500, 30), (2_000, 500, None))
    assert m.grade_now(Millis(5_999)) == 30
    assert m.grade_now(Millis(6_000)) is None
    assert Measured().grade_now(Millis(0)) is None


def test_a_grade_comes_without_a_speed_too() -> None:
    m = seen((1_000, 500, 30), (6_500, None, 25))
    assert m.grade_now(Millis(7_000)) == 25
    assert (m.speed, m.t, m.prev) == (500, 1_000, None)


# ---------------------------------------------------------------- what moves


@pytest.mark.parametrize(("speed", "moving"), [(0, False), (5, False), (6, True)])
def test_a_belt_moves_above_a_twentieth_of_a_kmh(speed: int, moving: bool) -> None:
    assert seen((0, speed, None)).moving is moving
    assert seen((0, 300, None), (1_000, speed, None)).twice_moving is moving
    assert seen((0, speed, None), (1_000, 300, None)).twice_moving is moving


def test_one_sample_is_not_two() -> None:
    assert not Measured().moving
    assert not seen((0, 300, None)).twice_moving
    assert not seen((0, 0, None)).known_stopped(Millis(0))
    assert not Measured().known_stopped(Millis(0))


def test_a_sample_without_a_speed_is_no_second_one() -> None:
    assert not seen((0, 0, None), (1_000, None, 20)).known_stopped(Millis(1_000))


@pytest.mark.parametrize(
    ("first", "second", "stands"), [(0, 0, True), (5, 5, True), (6, 0, False), (0, 6, False)]
)
def test_two_samples_at_zero_show_a_standing_belt(first: int, second: int, stands: bool) -> None:
    m = seen((1_000, first, None), (2_000, second, None))
    assert m.known_stopped(Millis(2_000)) is stands


@pytest.mark.parametrize(("since", "stands"), [(1_000, True), (3_000, True), (3_001, False)])
def test_a_standing_belt_is_known_by_fresh_samples_only(since: int, stands: bool) -> None:
    """The same three seconds as the gate's, so that neither asks for what the other refuses."""
    m = seen((1_000, 0, None), (2_000, 0, None))
    assert m.known_stopped(Millis(1_000 + since)) is stands


@pytest.mark.parametrize(("since", "stands"), [(0, False), (10_000, False), (10_001, True)])
def test_no_belt_is_known_to_stand_within_ten_seconds_of_a_sign_of_a_start(
    since: int, stands: bool
) -> None:
    m = replace(Measured(), start_doubt=Millis(500))
    m = seen((500 + since - 1_000, 0, None), (500 + since, 0, None), m=m)
    assert m.known_stopped(Millis(500 + since)) is stands


def test_a_record_that_comes_twice_is_one_sample_the_faster_one() -> None:
    m = seen((0, 0, None), (1_000, 300, None), (1_000, 0, 20))
    assert (m.speed, m.prev, m.grade) == (300, 0, 20)
    assert seen((0, 0, None), (0, 0, None)).known_stopped(Millis(0)) is False
    assert seen((0, 0, None), (0, 300, None)).speed == 300


# ---------------------------------------------------------------- how steady it is


@pytest.mark.parametrize(("now", "steady"), [(2_999, False), (3_000, True)])
def test_a_speed_is_steady_after_two_seconds(now: int, steady: bool) -> None:
    m = seen((0, 400, None), (1_000, 600, None), (2_000, 600, None))
    assert m.steady(Millis(now)) is steady
    assert not Measured().steady(Millis(now))


@pytest.mark.parametrize(
    ("next_", "steady"), [(590, True), (610, True), (589, False), (611, False)]
)
def test_a_speed_that_leaves_one_step_is_not_steady(next_: int, steady: bool) -> None:
    m = seen((0, 600, None), (1_000, 600, None), (2_000, next_, None))
    assert m.steady(Millis(2_500)) is steady


def test_a_creeping_speed_is_not_steady() -> None:
    """Each sample within a step of the one before isn't the same as within one step for 2 s."""
    m = seen((0, 600, None), (1_000, 608, None), (2_000, 616, None))
    assert not m.steady(Millis(2_500))


# ---------------------------------------------------------------- the grade


@pytest.mark.parametrize(("grade", "moves"), [(26, False), (25, True), (34, False), (35, True)])
def test_a_grade_moves_when_it_has_changed_by_a_step(grade: int, moves: bool) -> None:
    assert seen((0, 500, 30), (1_000, 500, grade)).grade_moves is moves


def test_a_grade_that_has_moved_is_remembered_to_move() -> None:
    m = seen((0, 500, 30), (1_000, 500, 35), (2_000, 500, 30), (3_000, 500, None))
    assert m.grade_moves
    assert not Measured().grade_moves


def test_a_grade_that_creeps_moves_all_the_same() -> None:
    assert seen((0, 500, 30), (1_000, 500, 33), (2_000, None, 35)).grade_moves
    assert seen((0, None, 30), (1_000, None, 33), (2_000, 500, 35)).grade_moves


@pytest.mark.parametrize(("now", "falls"), [(1_000, True), (4_999, True), (5_000, False)])
def test_a_deck_falls_for_four_seconds_after_it_came_down(now: int, falls: bool) -> None:
    assert seen((0, 500, 30), (1_000, 500, 29)).deck_falls(Millis(now)) is falls
    assert seen((0, 500, 30), (1_000, None, 29)).deck_falls(Millis(now)) is falls


def test_a_deck_that_stays_or_rises_does_not_fall() -> None:
    m = seen((0, 500, 30), (1_000, 500, 30), (2_000, 500, 31), (3_000, 500, None))
    assert not m.deck_falls(Millis(3_000))


def test_a_fall_is_remembered_while_the_deck_stays() -> None:
    m = seen((0, 500, 30), (1_000, 500, 25), (2_000, 500, 25), (3_000, None, 25))
    assert m.deck_falls(Millis(4_999))
    assert not m.deck_falls(Millis(5_000))


# ---------------------------------------------------------------- the connection


def test_after_a_lost_connection_the_speed_is_a_memory_and_nothing_is_fresh() -> None:
    m = belt.unlinked(seen((0, 600, 30), (1_000, 600, 30), (2_500, 600, 30)))
    assert m.speed == 600
    assert (m.age(Millis(2_500)), m.prev, m.prev_t) == (None, None, None)
    assert not m.moving
    assert not m.fresh(Millis(2_500))
    assert not m.steady(Millis(2_500))


def test_the_first_sample_of_a_new_connection_is_one_sample() -> None:
    m = belt.unlinked(seen((0, 0, None), (1_000, 0, None)))
    m = seen((2_000, 0, None), m=m)
    assert not m.known_stopped(Millis(2_000))
    assert seen((3_000, 0, None), m=m).known_stopped(Millis(3_000))
    m = belt.unlinked(seen((0, 300, None), (1_000, 300, None)))
    assert not seen((2_000, 300, None), m=m).twice_moving


def test_a_new_connection_has_to_show_a_steady_speed_again() -> None:
    m = belt.unlinked(seen((0, 600, None), (1_000, 600, None), (2_500, 600, None)))
    m = seen((3_000, 600, None), (4_000, 600, None), m=m)
    assert not m.steady(Millis(4_999))
    assert m.steady(Millis(5_000))


def test_a_lost_connection_changes_nothing_of_the_deck_or_of_a_start() -> None:
    m = replace(seen((0, 500, 30), (1_000, 500, 20)), start_doubt=Millis(900))
    m = belt.unlinked(m)
    assert (m.grade_now(Millis(1_500)), m.grade_moves, m.start_doubt) == (20, True, 900)
    assert m.deck_falls(Millis(1_500))


@pytest.mark.parametrize(
    ("speed", "prev", "shown", "slowing"),
    [
        (None, None, 0, False),
        (None, 300, 0, True),
        (300, None, 300, False),
        (299, 300, 299, True),
        (300, 300, 300, False),
        (301, 300, 301, False),
    ],
)
def test_a_belt_is_slowing_where_its_last_sample_is_below_the_one_before(
    speed: int | None, prev: int | None, shown: int, slowing: bool
) -> None:
    m = Measured(
        speed=None if speed is None else Speed(speed), prev=None if prev is None else Speed(prev)
    )
    assert (m.shown, m.slowing) == (shown, slowing)
