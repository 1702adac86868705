"""A walk through a course in virtual time, with any looks and any pauses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.routines.exercises import made, stations

from treadguard.routines import pace
from treadguard.routines.course import Cue, Station, lay_out
from treadguard.routines.exercise import Move

THREE = lay_out([Station(name, made(name)) for name in ("one", "two", "three")])
"""7 s each: 4 for the name, 3 for the move."""


def walked(place: pace.Place, ms: int, step: int = 100) -> tuple[pace.Place, list[Cue]]:
    told: list[Cue] = []
    until = place.seen_ms + ms
    for now in range(place.seen_ms, until + 1, step):
        place, cue = pace.look(place, now)
        told += [cue] if cue is not None else []
    return place, told


@given(stations, st.data())
def test_each_cue_is_due_once_and_in_order_whatever_the_looks_and_pauses(
    some: list[Station], data: st.DataObject
) -> None:
    course = lay_out(some)
    place, now, moving, told = pace.begin(course, 0), 0, 0, []
    steps = data.draw(st.lists(st.tuples(st.integers(0, 5_000), st.booleans()), max_size=20))
    steps += [(1_000, False)] * (course.length_s + 1)
    for ms, presses in steps:
        was = place.at_ms
        now += ms
        if not place.paused:
            moving += min(ms, pace.MOST_MS)
        place, cue = pace.pause(place, now) if presses else pace.look(place, now)
        assert 0 <= place.at_ms - was <= pace.MOST_MS
        told += [] if cue is None else [cue]
        assert place.at_ms == min(moving, course.length_s * 1000)
    if place.paused:
        place, _ = pace.pause(place, now)
        place, rest = walked(place, course.length_s * 1000, 1_000)
        told += rest
    assert told == list(course.cues)
    assert place.over


def test_a_pause_loses_no_time() -> None:
    place, _ = walked(pace.begin(THREE, 0), 5_500)
    left = place.left_ms()
    place, _ = pace.pause(place, 5_500)
    place, told = walked(place, 60_000)
    assert (place.left_ms(), told, place.paused) == (left, [], True)
    place, _ = pace.pause(place, 65_500)
    place, told = walked(place, left)
    assert [cue.say for cue in told] == ["two."]


def test_time_that_the_computer_slept_is_no_exercise_time() -> None:
    place, cue = pace.look(pace.begin(THREE, 0), 3_600_000)
    assert (place.at_ms, cue) == (1_000, THREE.cues[0])


def test_forward_begins_the_next_exercise_and_the_last_one_ends_it() -> None:
    place, _ = walked(pace.begin(THREE, 0), 5_000)
    place = pace.forward(place, 5_000)
    place, cue = pace.look(place, 5_000)
    assert (cue, place.station) == (THREE.cues[2], 1)
    place = pace.forward(pace.forward(place, 5_000), 5_000)
    assert place.over
    assert pace.look(place, 6_000)[1] is None


@pytest.mark.parametrize(("into_ms", "station"), [(2_900, 0), (3_000, 1)])
def test_back_is_the_one_before_only_in_the_first_moments(into_ms: int, station: int) -> None:
    place, _ = walked(pace.begin(THREE, 0), 7_000 + into_ms)
    place = pace.back(place, 7_000 + into_ms)
    assert place.station == station
    assert pace.look(place, 7_000 + into_ms)[1] == THREE.cues[2 * station]


def test_back_at_the_very_beginning_begins_again() -> None:
    assert pace.back(pace.begin(THREE, 0), 0).station == 0


def test_a_jump_in_a_pause_waits_to_be_said() -> None:
    place, _ = pace.pause(pace.begin(THREE, 0), 0)
    place, cue = pace.look(pace.forward(place, 100), 200)
    assert (cue, place.cue.say) == (None, "two.")
    place, _ = pace.pause(place, 300)
    assert pace.look(place, 300)[1] == THREE.cues[2]


def test_what_is_left_counts_down_to_the_end_of_the_move_and_of_all() -> None:
    slow = lay_out([Station("nod", made(repetition=(Move("Now.", "now", 10),)))])
    place, _ = walked(pace.begin(slow, 0), 6_000)
    assert (place.left_ms(), place.course_left_ms()) == (8_000, 8_000)
    place, _ = walked(pace.begin(slow, 0), 1_000)
    assert (place.left_ms(), place.course_left_ms()) == (3_000, 13_000)
