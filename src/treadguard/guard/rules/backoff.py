"""Back-off arithmetic, and a back-off that is in force.

A back-off lowers the net ACSM cost, proportional to v * (a + b * G), to k/30 of what it is: grade
before speed, floored to the machine's steps (DESIGN.md section 4, "Back-off arithmetic"). Whole
numbers only. The rule to keep: a result is never above what went in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from treadguard.guard.belt import Machine
from treadguard.guard.limits import FREE, Limit
from treadguard.units import Millis, acsm

UNRATED_K: Final = 27
"""10 %: ease, posture, missing ratings."""


def k_for(pain: int) -> int:
    """Thirtieths of the intensity that are left: 10 % off at 1, 20 % off at 4 (A2, A3)."""
    return 28 - pain


@dataclass(frozen=True, slots=True)
class Load:
    """What a back-off starts from: v in 0.01 km/h, G in 0.1 %, and whether G can be lowered."""

    speed: int
    grade: int | None
    grade_can_move: bool


def lowered(speed: int, was: int, machine: Machine) -> int:
    """`speed` on the machine's grid, at least one step below `was`; below its min: below min."""
    floored = machine.speed_floor(speed)
    return floored if floored < was else machine.speed_floor(was - 1)


def reduced(load: Load, k: int, machine: Machine) -> tuple[int, int | None]:
    """(speed, grade) after the back-off. A speed below the machine's min means: stop."""
    v, g = load.speed, load.grade
    if g is None or g <= 0 or not load.grade_can_move:
        return lowered(v * k // 30, v, machine), g
    a, b = acsm(v)
    left = (k * (a + b * g) - 30 * a) // (30 * b)
    if left >= 0:
        return v, machine.grade_floor(left)
    return lowered(v * k * (a + b * g) // (30 * a), v, machine), 0


@dataclass(frozen=True, slots=True)
class Backoff:
    """A back-off in force: its targets as maxima, and nothing goes up meanwhile.

    `until` None: until a rating ends it. `grade_from`: the grade that was to be lowered, None
    once it has moved (or where speed was lowered); `k` and `base_speed` serve to compute the
    back-off again on speed when the grade turns out to be stuck.
    """

    why: str
    speed: int
    grade: int | None
    since: Millis
    until: Millis | None
    k: int
    base_speed: int
    grade_from: int | None = None

    @property
    def limit(self) -> Limit:
        """What this back-off permits."""
        named = frozenset((self.why,))
        if self.grade is None:
            return Limit(speed_max=self.speed, may_raise=False, speed_why=named, raise_why=named)
        return Limit(
            speed_max=self.speed,
            incline_max=max(self.grade, 0),
            may_raise=False,
            speed_why=named,
            incline_why=named,
            raise_why=named,
        )


def limit_of(backoff: Backoff | None) -> Limit:
    """FREE where no back-off is in force."""
    return FREE if backoff is None else backoff.limit


def expired(backoff: Backoff | None, now: Millis) -> Backoff | None:
    """The back-off, or None once its time is over."""
    if backoff is None or backoff.until is None or now < backoff.until:
        return backoff
    return None
