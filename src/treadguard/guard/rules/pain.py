"""Pain ratings: what a rating does, and when a back-off from pain ends.

Ratings 1-4 back off, a second 4 or anything above 4 is a trigger, 7 and above ends the session
(DESIGN.md section 4; A1-A3). Only what a rating means is decided here; acts.py carries it out.
The rule to keep: a remote rating never loosens anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from treadguard.guard.policy import PainPolicy
from treadguard.guard.rules.backoff import Backoff, Load, expired
from treadguard.units import Millis

SAME_RATING_MS: Final = Millis(2_000)
"""Another rating within this time acts only if it is higher, from the same base."""

BUTTON_LEVEL: Final = 5
"""The bare button, posture and missed ratings count as this much pain."""

_REPEATED: Final = 4


class Act(Enum):
    """What a rating asks for."""

    NOTHING = "nothing"
    BACK_OFF = "back off"
    TRIGGER = "trigger"
    END = "end"


@dataclass(frozen=True, slots=True)
class Pain:
    """The last rating, the window in which another belongs to it, and the back-off in force."""

    last: int | None = None
    ever: bool = False
    opened: Millis | None = None
    peak: int = 0
    base: Load | None = None
    four: Millis | None = None
    rerate_at: Millis | None = None
    backoff: Backoff | None = None

    def same_rating(self, now: Millis) -> bool:
        """Whether a rating now would still belong to the last one."""
        return self.opened is not None and now - self.opened < SAME_RATING_MS


def act_of(pain: Pain, now: Millis, level: int, policy: PainPolicy, *, answers: bool) -> Act:
    """What this rating asks for. `answers`: it answers a prompt rather than being pressed."""
    if pain.same_rating(now) and level <= pain.peak:
        return Act.NOTHING
    if level >= policy.end_at:
        return Act.END
    if level > policy.stop_above:
        return Act.TRIGGER
    repeat = pain.four is not None and now - pain.four <= policy.repeat_window_ms
    if level == _REPEATED and repeat:
        return Act.TRIGGER
    if level == 0 or (answers and pain.last is not None and level <= pain.last):
        return Act.NOTHING
    return Act.BACK_OFF


def rated(pain: Pain, now: Millis, level: int, policy: PainPolicy, *, local: bool) -> Pain:
    """Remember the rating: a lower local one ends the back-off; a lower one within 2 s is noise."""
    if pain.same_rating(now):
        if level <= pain.peak:
            return pain
        pain = replace(pain, peak=level)
    else:
        pain = replace(pain, opened=now, peak=level, base=None)
    lower = pain.last is not None and level < pain.last
    if lower and not local:
        return replace(pain, ever=pain.ever or level > 0)
    ends = lower and local
    return replace(
        pain,
        last=level,
        ever=pain.ever or level > 0,
        backoff=None if ends else pain.backoff,
        four=now if level == _REPEATED else pain.four,
        rerate_at=now + policy.rerate_ms if level == _REPEATED else None,  # type: ignore[arg-type]
    )


def elapsed(pain: Pain, now: Millis) -> Pain:
    """The back-off ends when its time is over."""
    left = expired(pain.backoff, now)
    return pain if left is pain.backoff else replace(pain, backoff=left)
