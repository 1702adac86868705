"""What the belt follower is told in its tests: writes, and the samples after them.

Speeds in 0.01 km/h, times in ms. The numbers to expect live in the tests.
"""

from __future__ import annotations

from treadguard.guard import follow
from treadguard.guard.belt import Measured
from treadguard.guard.follow import Follow, Sees
from treadguard.units import Millis

STEP = 10
NOTHING, CLIMB = Sees.NOTHING, Sees.CLIMB


def at(speed: int, t: int) -> Measured:
    return Measured(speed=speed, t=Millis(t))


def lowering(value: int = 500, measured: int = 600, t: int = 0) -> Follow:
    return follow.wrote_speed(Follow(), 1, Millis(t), value, measured, up=False)


def raising(value: int = 600, measured: int = 500, t: int = 0) -> Follow:
    return follow.wrote_speed(Follow(), 1, Millis(t), value, measured, up=True)


def stopped(measured: int | None = 600, t: int = 0, f: Follow | None = None) -> Follow:
    return follow.wrote_stop(Follow() if f is None else f, 1, Millis(t), measured)


def shown(f: Follow, *samples: tuple[int, int], judge: bool = True) -> tuple[Follow, Sees]:
    """(time, speed) folded in; what the last one shows."""
    sees = NOTHING
    for t, speed in samples:
        f, sees = follow.sampled(f, Millis(t), speed, STEP, judge=judge)
    return f, sees
