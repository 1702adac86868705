"""Exercises and routines as lines of text: for paper, a pipe, and `routine show`.

The rule to keep: what was left out stands beside what is done, and the questions come first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from treadguard.routines.choosing import Routine
from treadguard.routines.course import seconds_of
from treadguard.routines.exercise import Exercise
from treadguard.routines.red_flags import RedFlag

NO_DEVICE: Final = (
    "These are exercises, no treatment. Stop what hurts; see a professional first, and again when"
    " it doesn't get better."
)
TITLES: Final = {
    "before": "Before the treadmill",
    "after": "After the treadmill",
    "strength": "Strength, two or three times a week with a day between",
    "break": "In a break",
    "do": "Exercises",
}


def minutes(seconds: int) -> str:
    """As m:ss."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def dose_in_words(exercise: Exercise) -> str:
    """Sets, repetitions, hold and rest, as far as each means something here."""
    dose = exercise.dose
    parts = []
    times = dose.sets * dose.repetitions
    if dose.sets > 1 and dose.repetitions > 1:
        parts.append(f"{dose.sets} sets of {dose.repetitions}")
    else:
        parts.append("once" if times == 1 else f"{times} times")
    if exercise.each_side:
        parts.append("on each side")
    if any(move.seconds == "hold" for move in exercise.moves):
        parts.append(f"held {dose.hold_s} s")
    if dose.sets > 1:
        parts.append(f"{dose.rest_s} s of rest between")
    return ", ".join(parts)


def routine_in_words(routine: Routine, questions: tuple[RedFlag, ...] = ()) -> Iterator[str]:
    """The whole routine."""
    length = sum(seconds_of(station.exercise) for station in routine.stations)
    yield f"{TITLES.get(routine.name, routine.name)}: about {max(1, round(length / 60))} min"
    yield NO_DEVICE
    if questions:
        yield ""
        yield "First, is any of these so? Then don't begin:"
        for flag in questions:
            yield f"  - {flag.question} {flag.then}"
    for number, station in enumerate(routine.stations, 1):
        exercise = station.exercise
        yield ""
        yield f"{number}. {exercise.name}: {dose_in_words(exercise)}"
        for move in exercise.moves:
            yield f"     {move.say}"
        for line in exercise.avoid:
            yield f"   ! {line}"
    if routine.left_out:
        yield ""
        yield "Left out:"
        for one in routine.left_out:
            yield f"  - {one.name} ({one.why})"


def exercise_in_words(
    exercise: Exercise, pictures: Mapping[str, list[str]], known: Mapping[str, Exercise]
) -> Iterator[str]:
    """All that is known of one exercise. `pictures` are its frames' rows by their names."""
    yield exercise.name + (f" ({exercise.also})" if exercise.also else "")
    yield exercise.what_for
    for name, rows in pictures.items():
        yield ""
        yield from rows
        yield f"[{name}]"
    yield ""
    dose = dose_in_words(exercise)
    yield f"Dose: {dose}; {minutes(seconds_of(exercise))} in all"
    yield f"Source: {exercise.source}"
    if exercise.direction is not None:
        yield f"Direction (MDT): {exercise.direction}"
    yield "Steps:"
    for move in exercise.moves:
        hold = f"{exercise.dose.hold_s} s" if move.seconds == "hold" else f"{move.seconds} s"
        yield f"  {hold:>4}  {move.say}"
    if exercise.reading:
        yield "What it shows:"
        yield from (f"  - {line}" for line in exercise.reading)
    if exercise.avoid:
        yield "Mind:"
        yield from (f"  - {line}" for line in exercise.avoid)
    if exercise.leave_out:
        yield "Left out with:"
        for rule in exercise.leave_out:
            instead = known.get(rule.instead or "")
            then = f"; instead: {instead.name}" if instead is not None else ""
            pinned = ", unless a therapist has pinned its direction" if rule.unless_pinned else ""
            yield f"  - {rule.condition}: {rule.why}{pinned}{then}"
