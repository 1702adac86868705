"""One exercise as a value: what it is for, how much of it, its cues, and who leaves it out.

Here: the keys of an exercise's TOML and what must hold between them. Not here: the exercises
themselves (exercises/), how they follow one another in time (course.py). The rules to keep: every
dose names its source; a cue is short enough to be spoken in the time that it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from treadguard.config.runner import Condition, Direction
from treadguard.config.toml import ConfigError, checked
from treadguard.routines.pose import Frame

LEAST_S: Final = 2
"""No cue comes sooner than this after another: it couldn't be heard."""

WORDS_PER_S: Final = 3
"""A calm voice says two to three words a second (convention)."""

BIG_COLUMNS: Final = 12
"""Letters of the large type that fit on one line of a narrow terminal; there are two lines."""

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=40)]


Sets = Annotated[int, Meta(ge=1, le=6)]
Repetitions = Annotated[int, Meta(ge=1, le=30)]
HoldS = Annotated[int, Meta(ge=LEAST_S, le=120)]
RestS = Annotated[int, Meta(ge=LEAST_S, le=180)]


class Dose(Struct, frozen=True, forbid_unknown_fields=True):
    """How much: sets of repetitions, each held for `hold_s`, with `rest_s` between sets."""

    sets: Sets = 1
    repetitions: Repetitions = 1
    hold_s: HoldS = 2
    rest_s: RestS = 30


class Move(Struct, frozen=True, forbid_unknown_fields=True):
    """One cue and the time that belongs to it.

    `say` is spoken in full, `big` is what stands large on the screen, and what is said from the
    second repetition on. `frame` is the picture's number, from 0.
    """

    say: Text
    big: Name
    seconds: Annotated[int, Meta(ge=LEAST_S, le=60)] | Literal["hold"]
    frame: Annotated[int, Meta(ge=0, le=9)] = 0


class LeaveOut(Struct, frozen=True, forbid_unknown_fields=True):
    """A condition that this exercise doesn't suit. All are conventions; the article names none.

    `instead`: the exercise that takes its place. `unless_pinned`: it stays where a therapist has
    pinned the direction that it bends the back in.
    """

    condition: Condition
    why: Text
    instead: str | None = None
    unless_pinned: bool = False


class Exercise(Struct, frozen=True, forbid_unknown_fields=True):
    """One exercise. `each_side`: every set is done on the left, then on the right."""

    name: Name
    what_for: Text
    source: Text
    repetition: Annotated[tuple[Move, ...], Meta(min_length=1, max_length=8)]
    dose: Dose = Dose()
    also: Name | None = None
    direction: Direction | None = None
    each_side: bool = False
    start: Annotated[tuple[Move, ...], Meta(max_length=8)] = ()
    end: Annotated[tuple[Move, ...], Meta(max_length=8)] = ()
    reading: Annotated[tuple[Text, ...], Meta(max_length=8)] = ()
    avoid: Annotated[tuple[Text, ...], Meta(max_length=8)] = ()
    leave_out: tuple[LeaveOut, ...] = ()
    frame: Annotated[tuple[Frame, ...], Meta(max_length=4)] = ()

    @property
    def moves(self) -> tuple[Move, ...]:
        """Every cue of it once, in order."""
        return (*self.start, *self.repetition, *self.end)

    def for_condition(self, condition: str) -> LeaveOut | None:
        """Why this condition leaves it out, None where it doesn't."""
        return next((one for one in self.leave_out if one.condition == condition), None)


def exercise_from_dict(data: Mapping[str, Any], where: str, under: str = "") -> Exercise:
    """An exercise from its TOML. Raises ConfigError; `where` and `under` name its place."""
    read = checked(data, Exercise, where, under)
    check_exercise(read, where, under)
    return read


def check_exercise(exercise: Exercise, where: str, under: str = "") -> None:
    """What the types can't say. Raises ConfigError."""
    for sentence in _faults(exercise):
        raise ConfigError(f"{where}: {f'in [{under}], ' if under else ''}{sentence}.")


def _faults(exercise: Exercise) -> Iterator[str]:
    holds = exercise.dose.hold_s
    for move in exercise.moves:
        if not fits_large(move.big):
            yield (
                f'big = "{move.big}" must be letters and spaces, and fit on two lines of'
                f" {BIG_COLUMNS}"
            )
        if exercise.frame and move.frame >= len(exercise.frame):
            yield f"frame = {move.frame} of {move.big!r} isn't there: they count from 0"
        seconds = holds if move.seconds == "hold" else move.seconds
        if len(move.say.split()) > WORDS_PER_S * seconds:
            yield (
                f'"{move.say}" can\'t be spoken in {seconds} s: use fewer words, or give it'
                " more seconds"
            )


def fits_large(text: str) -> bool:
    """Whether this can stand on the screen in large type."""
    if not all(char.isascii() and (char.isalpha() or char == " ") for char in text):
        return False
    return len(large_lines(text)) <= 2 and all(len(word) <= BIG_COLUMNS for word in text.split())


def large_lines(text: str, columns: int = BIG_COLUMNS) -> list[str]:
    """`text` in capitals, broken between words so that a line has at most `columns` letters."""
    lines: list[str] = []
    for word in text.upper().split():
        if lines and len(lines[-1]) + 1 + len(word) <= columns:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
