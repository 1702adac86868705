"""A walk through a course: from the present moment to the cue that is due.

Pure: time comes in as milliseconds of any clock that doesn't run backwards. The rules to keep: a
pause loses no time; each cue is due once, in order and alone; time that nobody counted (a computer
that slept) is no exercise time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import Final

from treadguard.routines.course import Course, Cue

MOST_MS: Final = 1_000
"""More than this between two looks is taken for this much. Less than course.LEAST_S apart."""

AGAIN_MS: Final = 3_000
"""Back in the first moments of an exercise means the one before; later, this one again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the course: `at_ms` was reached at `seen_ms` of the clock; `told` cues are said."""

    course: Course
    at_ms: int
    seen_ms: int
    told: int = 0
    paused: bool = False

    @property
    def over(self) -> bool:
        """Everything was gone through."""
        return self.at_ms >= self.course.length_s * 1000

    @property
    def cue(self) -> Cue:
        """The cue that holds now."""
        cues = self.course.cues
        return cues[max(0, bisect_right(cues, self.at_ms, key=lambda cue: cue.at_s * 1000) - 1)]

    @property
    def station(self) -> int:
        """The present exercise's number, from 0."""
        return self.cue.station

    def left_ms(self) -> int:
        """Of the present move."""
        return max(0, self.cue.until_s * 1000 - self.at_ms)

    def course_left_ms(self) -> int:
        """Of everything."""
        return max(0, self.course.length_s * 1000 - self.at_ms)


def begin(course: Course, now_ms: int) -> Place:
    """At the start; the first look makes the first cue due."""
    return Place(course, 0, now_ms)


def look(place: Place, now_ms: int) -> tuple[Place, Cue | None]:
    """Where that is by now, and the cue that has become due, if any."""
    counted = 0 if place.paused else max(0, min(now_ms - place.seen_ms, MOST_MS))
    end_ms = place.course.length_s * 1000
    place = replace(place, at_ms=min(place.at_ms + counted, end_ms), seen_ms=now_ms)
    cues = place.course.cues
    if place.told < len(cues) and cues[place.told].at_s * 1000 <= place.at_ms and not place.paused:
        return replace(place, told=place.told + 1), cues[place.told]
    return place, None


def pause(place: Place, now_ms: int) -> tuple[Place, Cue | None]:
    """Stand still, or go on; what had become due by now is still said."""
    place, cue = look(place, now_ms)
    return replace(place, paused=not place.paused), cue


def still(place: Place) -> Place:
    """Stand still here; what is due waits."""
    return replace(place, paused=True)


def go_to(place: Place, station: int, now_ms: int) -> Place:
    """To the start of this exercise, paused or not; past the last one it is over."""
    course = place.course
    if station >= len(course.stations):
        at = course.length_s
        told = len(course.cues)
    else:
        at = course.starts_s[max(0, station)]
        told = bisect_left(course.cues, at, key=lambda cue: cue.at_s)
    return replace(place, at_ms=at * 1000, seen_ms=now_ms, told=told)


def forward(place: Place, now_ms: int) -> Place:
    """To the next exercise."""
    return go_to(place, place.station + 1, now_ms)


def back(place: Place, now_ms: int) -> Place:
    """To the start of this exercise, or in its first moments to the one before."""
    started_ms = place.course.starts_s[place.station] * 1000
    soon = place.at_ms - started_ms < AGAIN_MS
    return go_to(place, place.station - 1 if soon else place.station, now_ms)
