"""From exercises to cues: in order, never too close, and as long as the sum."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from tests.routines.exercises import made, stations

from treadguard.routines.course import Station, lay_out, seconds_of
from treadguard.routines.exercise import LEAST_S, Dose, Move


def said(exercise_changes: dict[str, Any]) -> list[tuple[int, str]]:
    course = lay_out([Station("nod", made(**exercise_changes))])
    return [(cue.at_s, cue.say) for cue in course.cues]


@given(stations)
def test_a_course_is_as_long_as_its_exercises_together(some: list[Station]) -> None:
    course = lay_out(some)
    assert course.length_s == sum(seconds_of(station.exercise) for station in some)
    assert course.cues[-1].until_s == course.length_s
    assert course.starts_s == tuple(
        sum(seconds_of(station.exercise) for station in some[:i]) for i in range(len(some))
    )


@given(stations)
def test_cues_come_in_order_and_never_within_two_seconds(some: list[Station]) -> None:
    cues = lay_out(some).cues
    assert all(b.at_s - a.at_s >= LEAST_S for a, b in pairwise(cues))
    assert all(a.until_s in (b.at_s, b.until_s) for a, b in pairwise(cues))
    assert all(a.station <= b.station for a, b in pairwise(cues))
    assert cues[0].at_s == 0


def test_sets_sides_and_repetitions_are_called_one_by_one() -> None:
    changes = {"each_side": True, "dose": Dose(sets=2, repetitions=2, rest_s=20)}
    assert said(changes) == [
        (0, "Nod."),
        (4, "Left side."),
        (9, "Now do it."),
        (12, "Now."),
        (15, "Right side."),
        (20, "Now."),
        (23, "Now."),
        (26, "Rest."),
        (46, "Left side."),
        (51, "Now."),
        (54, "Now."),
        (57, "Right side."),
        (62, "Now."),
        (65, "Now."),
    ]


def test_a_long_hold_is_told_at_its_half_and_counts_down_to_its_end() -> None:
    hold = (Move("Hold it.", "hold", "hold"),)
    course = lay_out([Station("nod", made(repetition=hold, dose=Dose(hold_s=20)))])
    assert [(cue.at_s, cue.until_s, cue.say) for cue in course.cues[1:]] == [
        (4, 24, "Hold it."),
        (14, 24, "Halfway."),
    ]
    assert "Halfway." not in str(said({"repetition": hold, "dose": Dose(hold_s=19)}))


def test_what_comes_before_and_after_is_said_once() -> None:
    changes: dict[str, Any] = {
        "start": (Move("Lie down.", "lie", 5, 1),),
        "end": (Move("Get up.", "up", 6),),
        "dose": Dose(repetitions=3),
    }
    words = [say for _, say in said(changes)]
    assert words == ["Nod.", "Lie down.", "Now do it.", "Now.", "Now.", "Get up."]
    course = lay_out([Station("nod", made(**changes))])
    assert [cue.frame for cue in course.cues] == [0, 1, 0, 0, 0, 0]
