"""Limit and meet: what the guard permits, and how permissions combine.

`meet` takes the lower speed, the lower incline, `may_raise` only if both allow it and the most
severe belt demand, each with the reasons of whatever binds. It is associative, commutative and
idempotent with FREE as its identity, so adding a rule can only tighten.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from treadguard.guard.policy import HARD_GRADE, HARD_SPEED

Why = frozenset[str]
NOTHING: Final[Why] = frozenset()


class Demand(IntEnum):
    """What a limit asks of the belt, the more severe the higher."""

    RUN = 0
    STOP = 1
    END = 2
    FAULT = 3


@dataclass(frozen=True, slots=True)
class Limit:
    """What is permitted: speed 0.01 km/h, incline 0.1 %, and who says so for each part."""

    speed_max: int = HARD_SPEED
    incline_max: int = HARD_GRADE
    may_raise: bool = True
    belt: Demand = Demand.RUN
    speed_why: Why = NOTHING
    incline_why: Why = NOTHING
    raise_why: Why = NOTHING
    belt_why: Why = NOTHING

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every rule that binds some part, in alphabetical order."""
        return tuple(sorted(self.speed_why | self.incline_why | self.raise_why | self.belt_why))


FREE: Final = Limit()


def cap(why: str, *, speed: int | None = None, incline: int | None = None) -> Limit:
    """A limit that only clips."""
    named = frozenset((why,))
    return Limit(
        speed_max=HARD_SPEED if speed is None else speed,
        incline_max=HARD_GRADE if incline is None else incline,
        speed_why=NOTHING if speed is None else named,
        incline_why=NOTHING if incline is None else named,
    )


def no_raise(why: str) -> Limit:
    """A limit that leaves the belt as it is but lets nothing go up."""
    return Limit(may_raise=False, raise_why=frozenset((why,)))


def hold(demand: Demand, why: str) -> Limit:
    """A limit that asks for a belt at zero."""
    named = frozenset((why,))
    return Limit(may_raise=False, belt=demand, raise_why=named, belt_why=named)


def _tighter(a: int, a_why: Why, b: int, b_why: Why) -> tuple[int, Why]:
    if a == b:
        return a, a_why | b_why
    return min((a, a_why), (b, b_why))


def meet(a: Limit, b: Limit) -> Limit:
    """The limit that satisfies both."""
    if a is FREE or a == b:
        return b
    if b is FREE:
        return a
    speed, speed_why = _tighter(a.speed_max, a.speed_why, b.speed_max, b.speed_why)
    incline, incline_why = _tighter(a.incline_max, a.incline_why, b.incline_max, b.incline_why)
    may, raise_why = _tighter(a.may_raise, a.raise_why, b.may_raise, b.raise_why)
    belt, belt_why = _tighter(-a.belt, a.belt_why, -b.belt, b.belt_why)
    return Limit(
        speed, incline, bool(may), Demand(-belt), speed_why, incline_why, raise_why, belt_why
    )


def meet_all(limits: Iterable[Limit]) -> Limit:
    """The limit that satisfies all of them; FREE for none."""
    met = FREE
    for limit in limits:
        met = meet(met, limit)
    return met
