"""I12: time that was lost, and a computer that leaves, beside a belt that moves.

Nobody saw the belt meanwhile. The rule to keep: a law here asks for a Stop and an alarm, and for
nothing upward until a newer speed was seen.
"""

from __future__ import annotations

from typing import Final

from proof.enumerate.memory import EACH_MS, EXPLAINED_MS
from proof.enumerate.step import MOVES, Step
from treadguard.guard import events as ev

SLEPT_MS: Final = 1_000


def i12_nothing_goes_up_after_lost_time(s: Step) -> str | None:
    """I12: until a newer speed was seen, nothing is raised."""
    if s.memory.blind is None:
        return None
    for c in s.sent:
        if c.op == "start":
            return "a Start on what was seen before time was lost"
        if c.op == "set_speed" and (c.value or 0) > (s.before.speed.setpoint or 0):
            return "a raise on what was seen before time was lost"
    return None


def _stopped(s: Step) -> bool:
    """A Stop goes out, can't, has just done, or would go to a belt that stands."""
    just = s.memory.stopped is not None and s.after.now - s.memory.stopped < EACH_MS
    return s.stops or just or s.before.shadow or not s.after.link or s.stands


def i12_sleep_stops_the_belt(s: Step) -> str | None:
    """I12, H65: a computer that sleeps, or slept, beside a moving belt stops it and says so."""
    slept = isinstance(s.event, ev.Clock) and s.event.slept and s.event.lost > SLEPT_MS
    if not (slept or isinstance(s.event, ev.Host)) or s.before.phase not in MOVES:
        return None
    if not s.told:
        return "the computer sleeps, and nobody is told"
    return None if _stopped(s) else "the computer sleeps, and no Stop goes out"


def i12_lost_time_is_explained_or_stops(s: Step) -> str | None:
    """I12: no newer speed within 3 s after lost time is a Stop, and said."""
    blind = s.memory.blind
    if blind is None or s.after.now - blind < EXPLAINED_MS or s.before.shadow:
        return None
    if s.before.phase not in ("RUNNING", "STARTING") or not s.after.link:
        return None
    if not s.told:
        return "lost time isn't explained, and nobody is told"
    return None if _stopped(s) else "lost time isn't explained, and no Stop goes out"
