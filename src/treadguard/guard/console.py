"""The console: what the runner's own hand on the machine means.

It outranks the guard downward: a console lowering becomes wanted. A console raise is judged by
the limits in force, corrected once and not fought over (DESIGN.md section 3; I13). The samples of
one change are one change until the speed is steady for 2 s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from treadguard.guard.belt import SETTLED_MS
from treadguard.units import Millis

CORRECTION_MS: Final = 5_000
"""A second change counts only once the correction is confirmed, or this old."""

ECHO_MS: Final = 2_000
"""A new target announced so soon after our own lowering is the machine's reading of it."""


FALL: Final = 5
FALLS_MS: Final = 2_000
"""A belt that didn't get 0.05 km/h slower in 2 s isn't on its way down any more."""


class Says(Enum):
    """What the console's hand calls for."""

    NOTHING = "nothing"
    ACCEPT = "accept"
    CORRECT = "correct"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Console:
    """A change under way, and the correction of the last raise.

    `driving`: a change is under way, `up` or down, toward `target` where that was announced;
    `since`: when it began, or was last announced.
    `low`: the lowest speed since it began, at `low_t`. `corrections`: how often a raise was
    corrected. `confirmed`: the last correction was seen to be followed.
    """

    driving: bool = False
    up: bool = False
    since: Millis = Millis(0)
    target: int | None = None
    low: int | None = None
    low_t: Millis = Millis(0)
    corrections: int = 0
    corrected: Millis | None = None
    confirmed: bool = False

    @property
    def lower(self) -> int | None:
        """What a change downward that is under way was announced to lead to."""
        return self.target if self.driving and not self.up else None

    def correcting(self, now: Millis) -> bool:
        """Whether a correction is still on its way: until confirmed, or 5 s old."""
        if self.corrected is None or self.confirmed:
            return False
        return now - self.corrected < CORRECTION_MS


def drives(c: Console, now: Millis, *, up: bool, target: int | None = None) -> Console:
    """A change has begun, or one under way goes on. `target`: as announced."""
    if c.driving and target is None:
        return replace(c, up=up or c.up)
    if c.driving:
        return replace(c, up=up or c.up, since=now, target=target)
    return replace(c, driving=True, up=up, since=now, target=target, low=None)


def judged(
    c: Console, now: Millis, measured: int, allowed: int, *, steady: bool
) -> tuple[Console, Says]:
    """What to do about the change under way. Speeds 0.01 km/h."""
    if not c.driving:
        return c, Says.NOTHING
    if c.low is None or measured <= c.low - FALL:
        c = replace(c, low=measured, low_t=now)
    if measured > allowed:
        if not c.up:
            return replace(c, driving=now - c.low_t < FALLS_MS), Says.NOTHING
        if c.correcting(now):
            return c, Says.NOTHING
        if c.corrections:
            return replace(c, driving=False), Says.STOP
        c = replace(c, driving=False, corrections=1, corrected=now)
        return c, Says.CORRECT
    # What was steady before the change says nothing about it.
    gone = now - c.since
    falls = c.lower is not None and measured > c.lower + FALL and gone < CORRECTION_MS
    if steady and gone >= SETTLED_MS and not falls:
        return replace(c, driving=False), Says.ACCEPT
    return c, Says.NOTHING
