"""The incline follower: whether a grade command was followed, is stuck, or was outdone by hand.

Incline motors are slow, so the window grows with the distance; but a back-off that was laid on the
grade and shows no fall of one step within 5 s is computed again on speed (DESIGN.md section 3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from treadguard.guard.belt import Machine
from treadguard.guard.console import ECHO_MS
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.backoff import Backoff, lowered
from treadguard.units import Millis

STUCK_MS: Final = 5_000
UNITS_PER_S: Final = 3
"""0.3 % per second: a slow incline motor (H18)."""


class SetLower(NamedTuple):
    """A grade that the console has set (0.1 %), below what the deck was told, and when."""

    t: Millis
    grade: int


@dataclass(frozen=True, slots=True)
class GradeWatch:
    """The grade commands without a verdict, their newest target and where it started (0.1 %).

    `t`: the last write that changed anything, or progress; `high`: the highest grade seen.
    """

    pending: tuple[int, ...]
    target: int
    start: int
    t: Millis
    high: int

    def turns(self, value: int) -> bool:
        """Whether a command to `value` goes the other way."""
        return (value < self.target) != (self.target < self.start)

    def falls_back(self, grade: int, step: int) -> bool:
        """Whether a deck that was to rise has come down again: another hand is at work."""
        return self.target > self.start and grade <= self.high - step

    def arrived(self, grade: int, step: int) -> bool:
        """Whether this grade is within a step of the target, coming from the start.

        A deck told to stay where it is may still be on its way up by the command before.
        """
        if self.target <= self.start:
            return grade < self.target + step
        return grade > self.target - step

    def overdue(self, now: Millis) -> bool:
        """Whether the motor has had time enough."""
        return now - self.t >= STUCK_MS + abs(self.target - self.start) * 1000 // UNITS_PER_S


def wrote_grade(w: GradeWatch | None, n: int, now: Millis, value: int, grade: int) -> GradeWatch:
    """A set-incline went out."""
    if w is None:
        return GradeWatch((n,), value, grade, now, grade)
    return replace(w, pending=(*w.pending, n), target=value, t=now)


def set_lower(axis: Axis, now: Millis, grade: int) -> SetLower | None:
    """What a grade that the machine names means; None where it may be an echo of our own."""
    here = axis.setpoint if axis.told is None else axis.told
    rising = not axis.fell and axis.wrote is not None and now - axis.wrote < ECHO_MS
    return None if here is None or grade >= here or rising else SetLower(now, grade)


def goes_below(set_: SetLower | None, now: Millis, grade: int) -> bool:
    """Whether the console has the deck on its way to less than this: to be told this would lift it.

    It has as long to show it as for a command of ours, and our next one overtakes it.
    """
    return set_ is not None and set_.grade < grade and now - set_.t < STUCK_MS


def laid_on_speed(b: Backoff, grade: int | None, machine: Machine) -> Backoff:
    """The back-off computed again on speed, for the measured grade."""
    speed = lowered(b.base_speed * b.k // 30, b.base_speed, machine)
    return replace(b, speed=min(b.speed, speed), grade=grade, grade_from=None)


def stuck(b: Backoff, now: Millis, grade: int | None, step: int) -> tuple[Backoff, bool]:
    """Clear the watch of a back-off whose grade has moved; True where it is stuck."""
    if b.grade_from is None:
        return b, False
    if grade is not None and grade <= b.grade_from - step:
        return replace(b, grade_from=None), False
    return b, now - b.since >= STUCK_MS
