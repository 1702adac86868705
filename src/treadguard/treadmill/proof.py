"""Is this the belt that the runner stands by? Its console is pressed, and its telemetry follows.

A pure machine of steps: samples and time in, what to ask of the person out. The rule to keep: it
only ever listens, and what a neighbour's belt does by itself doesn't pass: what is asked, and when,
is drawn anew each time, the speed must be steady before, and go that way and no other.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

from treadguard.units import Millis, Speed

PRESSES: Final = 4
HOLD_MS: Final = (3_000, 8_000)
"""Before each request the speed must be steady for a time between these."""

REACTION_MS: Final = 300
"""Nobody reads a request and presses sooner; a change before that isn't the answer to it."""

PRESS_WITHIN_MS: Final = 8_000
MOVE_WITHIN_MS: Final = 120_000
FOLLOWS: Final = 5
"""A change of 0.05 km/h is more than the last digit's noise; steps are 0.1 km/h and more."""

Way = Literal["up", "down"]
Wants = Literal["moving", "steady", "up", "down", "proven", "failed"]

_ANOTHER: Final = "so this may be another treadmill: nothing was proven"


@dataclass(frozen=True, slots=True)
class Ask:
    """One press to be asked for, once the speed has been steady for `hold_ms`."""

    way: Way
    hold_ms: int


@dataclass(frozen=True, slots=True)
class Proof:
    """`wants` is what it waits for since `since`; `why` says what failed."""

    asks: tuple[Ask, ...]
    wants: Wants = "moving"
    since: Millis = Millis(0)
    done: int = 0
    """Presses that were followed."""
    base: Speed | None = None
    base_t: Millis = Millis(0)
    why: str = ""

    @property
    def over(self) -> bool:
        return self.wants in ("proven", "failed")


def drawn(dice: random.Random) -> Proof:
    """A proof that nobody can foresee. It never asks the belt below the speed it began at.

    Up and down by turns, or only up, is what an interval programme does by itself: neither is ever
    asked for.
    """
    while True:
        ways: list[Way] = []
        for _ in range(PRESSES):
            at_the_bottom = ways.count("up") == ways.count("down")
            ways.append("up" if at_the_bottom else dice.choice(("up", "down")))
        repeats = any(one == next_ for one, next_ in pairwise(ways))
        if repeats and "down" in ways:
            return Proof(tuple(Ask(way, dice.randint(*HOLD_MS)) for way in ways))


def saw(p: Proof, t: Millis, speed: Speed) -> Proof:
    """A measured speed arrived."""
    if p.over:
        return p
    if p.base is None or abs(speed - p.base) >= FOLLOWS:
        p = _changed(p, t, speed)
    if p.wants == "moving" and speed > 0:
        return replace(p, wants="steady", since=t)
    if p.wants == "steady" and speed > 0 and t - p.base_t >= p.asks[p.done].hold_ms:
        return replace(p, wants=p.asks[p.done].way, since=t)
    return p


def passed(p: Proof, t: Millis) -> Proof:
    """Time has passed."""
    if p.wants in ("moving", "steady") and t - p.since > MOVE_WITHIN_MS:
        return _failed(p, "no steadily moving belt was seen: start it on its own console first")
    if p.wants in ("up", "down") and t - p.since > PRESS_WITHIN_MS:
        return _failed(p, f"its telemetry didn't follow the console, {_ANOTHER}")
    return p


def _changed(p: Proof, t: Millis, speed: Speed) -> Proof:
    before, now = p.base, replace(p, base=speed, base_t=t)
    if before is None or p.wants == "moving" or (p.wants == "steady" and p.done == 0):
        return now
    way: Way = "up" if speed > before else "down"
    if p.wants == "steady":
        # A belt may take its time to get where the last press sent it, and goes nowhere else.
        if way == p.asks[p.done - 1].way and speed > 0:
            return now
        return _failed(p, f"it went {way} though nothing was asked for, {_ANOTHER}")
    if speed == 0 or way != p.wants or t - p.since < REACTION_MS:
        return _failed(p, f"it went {way} where {p.wants} was asked for, {_ANOTHER}")
    done = p.done + 1
    return replace(now, done=done, since=t, wants="proven" if done == len(p.asks) else "steady")


def _failed(p: Proof, why: str) -> Proof:
    return replace(p, wants="failed", why=why)
