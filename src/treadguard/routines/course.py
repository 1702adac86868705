"""A routine laid out in time: from exercises to cues, each with its second.

Pure: no clock is here (pace.py walks through what this lays out). The rules to keep: two cues are
never closer than `LEAST_S`; the length is the sum of what was laid out, and nothing beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from treadguard.routines.exercise import Exercise, Move

NAME_S: Final = 4
"""For the name of the exercise, and to see what comes."""

SIDE_S: Final = 5
"""To change sides."""

HALFWAY_FROM_S: Final = 20
"""A hold of this length or more is told when half of it is over (convention)."""

REST_BIG: Final = "rest"


@dataclass(frozen=True, slots=True)
class Station:
    """One exercise of a routine, under its key."""

    key: str
    exercise: Exercise


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said at `at_s` of the course.

    `until_s` is when the present move ends; `set_no`, `repetition` and `side` say where in the
    dose this is, 0 or "" where that means nothing.
    """

    at_s: int
    until_s: int
    say: str
    big: str
    station: int
    frame: int = 0
    set_no: int = 0
    repetition: int = 0
    side: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """Every cue in order, where each station starts, and how long all of it takes."""

    stations: tuple[Station, ...]
    cues: tuple[Cue, ...]
    starts_s: tuple[int, ...]
    length_s: int


def lay_out(stations: Sequence[Station]) -> Course:
    """One station after the other."""
    cues: list[Cue] = []
    starts: list[int] = []
    at = 0
    for number, station in enumerate(stations):
        starts.append(at)
        for cue in _station(number, station.exercise, at):
            cues.append(cue)
            at = cue.until_s
    return Course(tuple(stations), tuple(cues), tuple(starts), at)


def seconds_of(exercise: Exercise) -> int:
    """How long this exercise takes, with its name and its changes of side."""
    dose = exercise.dose
    sides = 2 if exercise.each_side else 1
    once = dose.repetitions * sum(_seconds(exercise, move) for move in exercise.repetition)
    return (
        NAME_S
        + sum(_seconds(exercise, move) for move in (*exercise.start, *exercise.end))
        + dose.sets * sides * (once + (SIDE_S if exercise.each_side else 0))
        + (dose.sets - 1) * dose.rest_s
    )


def _station(number: int, exercise: Exercise, start: int) -> Iterator[Cue]:
    dose = exercise.dose
    at = start + NAME_S
    yield Cue(start, at, f"{exercise.name}.", exercise.name, number)
    for move in exercise.start:
        yield Cue(at, at + _seconds(exercise, move), move.say, move.big, number, move.frame)
        at += _seconds(exercise, move)
    for set_no in range(1, dose.sets + 1):
        if set_no > 1:
            yield Cue(at, at + dose.rest_s, "Rest.", REST_BIG, number, 0, set_no)
            at += dose.rest_s
        for side in ("left", "right") if exercise.each_side else ("",):
            if side:
                say, big = f"{side.capitalize()} side.", f"{side} side"
                yield Cue(at, at + SIDE_S, say, big, number, 0, set_no, 0, side)
                at += SIDE_S
            for repetition in range(1, dose.repetitions + 1):
                for move in exercise.repetition:
                    place = (number, move.frame, set_no, repetition, side)
                    yield from _move(exercise, move, at, place)
                    at += _seconds(exercise, move)
    for move in exercise.end:
        yield Cue(at, at + _seconds(exercise, move), move.say, move.big, number, move.frame)
        at += _seconds(exercise, move)


def _move(
    exercise: Exercise, move: Move, at: int, place: tuple[int, int, int, int, str]
) -> Iterator[Cue]:
    seconds = _seconds(exercise, move)
    until = at + seconds
    number, frame, set_no, repetition, side = place
    first = set_no == 1 and repetition == 1 and side != "right"
    say = move.say if first else f"{move.big.capitalize()}."
    yield Cue(at, until, say, move.big, number, frame, set_no, repetition, side)
    if move.seconds == "hold" and seconds >= HALFWAY_FROM_S:
        half = at + seconds // 2
        yield Cue(half, until, "Halfway.", move.big, number, frame, set_no, repetition, side)


def _seconds(exercise: Exercise, move: Move) -> int:
    return exercise.dose.hold_s if move.seconds == "hold" else move.seconds
