"""The session's time, on a computer that may sleep and in a process that may be held up.

Here: the clock that goes on in a suspend, and what of its time nobody watched. Not here: what
follows from that (guard/host.py). The rule to keep: wall-clock time is never read, so setting the
computer's clock changes nothing.

On Linux a suspend is CLOCK_BOOTTIME running ahead of the loop's CLOCK_MONOTONIC, on macOS
CLOCK_MONOTONIC ahead of CLOCK_UPTIME_RAW. Elsewhere nothing is known to be a suspend: where the
loop's clock counts it, it shows as a process that was held up.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from treadguard.units import Millis

STALL_S: Final = 1.0
"""Nothing ticked for so long: the process was held up, and what was pressed meanwhile is old."""

_READING_S: Final = 0.01
_STEP_S: Final = 0.05
"""Two clocks that are read one after the other never differ by this much on their own."""

Slept = Callable[[], float]
"""How long the computer has slept since some moment, in s; it never falls."""


def never() -> float:
    """Of a computer that doesn't sleep: a simulated one."""
    return 0.0


def _ahead() -> float | None:
    """How far the clock that counts suspends is ahead; None where there is none, or no calm."""
    if sys.platform == "linux":
        counts, stands_still = time.CLOCK_BOOTTIME, time.CLOCK_MONOTONIC
    elif sys.platform == "darwin":
        counts, stands_still = time.CLOCK_MONOTONIC, time.CLOCK_UPTIME_RAW
    else:
        return None
    before = time.clock_gettime(stands_still)
    counted = time.clock_gettime(counts)
    after = time.clock_gettime(stands_still)
    # A process held up between the two readings has seen no suspend.
    return counted - after if after - before < _READING_S else None


class Suspends:
    """A `Slept` since it was made, by what this platform has for it."""

    def __init__(self, ahead: Callable[[], float | None] = _ahead) -> None:
        self._ahead = ahead
        self._began = ahead()
        self._slept_s = 0.0

    def __call__(self) -> float:
        ahead = self._ahead()
        if ahead is None:
            return self._slept_s
        if self._began is None:
            self._began = ahead
        if ahead - self._began >= self._slept_s + _STEP_S:
            self._slept_s = ahead - self._began
        return self._slept_s


class Lost(NamedTuple):
    """So many ms nobody watched; `slept`: the computer was suspended."""

    ms: Millis
    slept: bool


class SessionTime:
    """Milliseconds since the session began, suspends and all, from `zero` on."""

    def __init__(self, zero: Millis, slept: Slept) -> None:
        self._zero = zero
        self._slept = slept
        self._awake: Callable[[], float] | None = None
        self._began = self._watched = self._slept_before = self._slept_watched = 0.0
        self._old_until = 0.0

    def begin(self, awake: Callable[[], float]) -> None:
        """From now on; `awake` is the loop's own clock, in s."""
        self._awake = awake
        self._began = self._watched = awake()
        self._slept_before = self._slept_watched = self._slept()

    def now(self) -> Millis:
        """The time; it stands at zero before the session has begun."""
        if self._awake is None:
            return self._zero
        passed_s = self._awake() - self._began + self._slept() - self._slept_before
        return Millis(self._zero + round(passed_s * 1000))

    def ticked(self) -> None:
        """A tick has been heard: up to now somebody watched."""
        if self._awake is not None:
            self._watched, self._slept_watched = self._awake(), self._slept()

    def lost(self) -> Lost | None:
        """Time lost since the last tick, said once; None where it is no more than `STALL_S`."""
        slept_s, stalled_s = self._unwatched_s()
        if max(slept_s, stalled_s) <= STALL_S:
            return None
        self.ticked()
        self._old_until = self._watched + STALL_S
        return Lost(Millis(round((slept_s + stalled_s) * 1000)), slept_s > STALL_S)

    @property
    def just_lost(self) -> bool:
        """Time was lost just now: a press that is heard may have lain in its socket since before.

        What lay there is handled within this second.
        """
        if self._awake is not None and self._awake() < self._old_until:
            return True
        return max(self._unwatched_s()) > STALL_S

    def _unwatched_s(self) -> tuple[float, float]:
        """Since the last tick: asleep, and awake."""
        if self._awake is None:
            return 0.0, 0.0
        return self._slept() - self._slept_watched, self._awake() - self._watched
