"""Which correction of posture is said, and how soon the next may follow (A5-A7, A16, A18).

Somebody who slumps in four ways at once is told one of them at a time: of those that wait, the one
that was said longest ago. The rule to keep: whatever is wrong, no two corrections come sooner
after each other than the pace allows, and no reminder beside one. A reminder holds back no
correction, and nothing holds back an easing or a stop.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from treadguard.guard.rules.asymmetry import EVEN
from treadguard.guard.rules.posture import EYES_AHEAD, LESS_HOLLOW, UPRIGHT
from treadguard.units import Millis

Kind = Literal["trunk", "neck", "lumbar", "strides"]

SAID: Final[dict[Kind, str]] = {
    "trunk": UPRIGHT,
    "neck": EYES_AHEAD,
    "lumbar": LESS_HOLLOW,
    "strides": EVEN,
}

LAPSES_MS: Final = 10_000
"""So long after it was last seen to be wrong, a kind waits no more: the seldomest sensor's gap."""

NEVER: Final = -1


@dataclass(frozen=True, slots=True)
class Corrections:
    """When one was last said, when each kind was, and what is wrong and unsaid, and seen when."""

    spoke: Millis | None = None
    said: tuple[tuple[Kind, Millis], ...] = ()
    waiting: tuple[tuple[Kind, Millis], ...] = ()


def judged(
    c: Corrections, kind: Kind, t: Millis, every: Millis, *, wrong: bool
) -> tuple[Corrections, bool]:
    """What a sample showed of one kind; whether to say so now."""
    waiting = tuple(w for w in c.waiting if w[0] != kind and t - w[1] < LAPSES_MS)
    if not wrong:
        return (c if waiting == c.waiting else replace(c, waiting=waiting)), False
    said: dict[Kind, int] = dict(c.said)
    mine = said.get(kind, NEVER)
    longest = all(mine <= said.get(other, NEVER) for other, _ in waiting)
    if _paced(c, t, every) or not longest:
        return replace(c, waiting=(*waiting, (kind, t))), False
    kept = (each for each in c.said if each[0] != kind)
    return Corrections(spoke=t, said=(*kept, (kind, t)), waiting=waiting), True


def silent(c: Corrections, t: Millis, every: Millis) -> bool:
    """Whether a reminder may be said: no correction was of late, and none waits."""
    return not _paced(c, t, every) and all(t - seen >= LAPSES_MS for _, seen in c.waiting)


def _paced(c: Corrections, t: Millis, every: Millis) -> bool:
    return c.spoke is not None and t - c.spoke < every
