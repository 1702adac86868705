"""H12: a belt that is started where it must rest, in a break say or after the end.

It gets one Stop and an alarm. The rule to keep: whether it must rest is worked out here from what
was rated and how long it stood, in DESIGN's own words.
"""

from __future__ import annotations

from typing import Final

from proof.enumerate.memory import by_hand
from proof.enumerate.step import Step
from treadguard.guard.state import State
from treadguard.units import STOPPED_MAX, Millis

RESTS: Final = ("READY", "PAUSED", "BREAK", "ENDED")
MOST_STARTS: Final = 3


def must_rest(s: State, now: Millis) -> bool:
    """Ended, out of hand, pain before the start, or a break whose conditions don't hold."""
    if s.ended is not None or s.fault is not None or s.waiting is not None:
        return True
    b, policy = s.breaks, s.policy.breaks
    if not b.active:
        return False
    if b.level is None:
        return b.zero is None
    if b.zero is None or b.rated is None or now - b.zero < policy.min_ms + b.extra:
        return True
    return b.rated > max(0, min(policy.resume_max, b.level - policy.resume_drop))


def h12_no_start_ends_a_rest(s: Step) -> str | None:
    """H12: what must rest is neither let run nor started; three starts in a break end it all."""
    if s.after.breaks.console_starts >= MOST_STARTS and s.after.ended is None:
        return "three starts against the break, and the session goes on"
    if s.before.shadow or not must_rest(s.before, s.after.now):
        return None
    if any(c.op == "start" for c in s.sent):
        return "a Start to a belt that must rest"
    runs = s.after.phase == "RUNNING" and s.before.phase != "RUNNING"
    return "a belt that must rest is let run" if runs else None


def h12_a_start_against_a_rest_gets_its_stop(s: Step) -> str | None:
    """H12: motion where there must be none gets a Stop and an alarm, and after the end but one."""
    stops = sum(c.op == "stop" for c in s.sent)
    if stops > 1:
        return "two Stops at once"
    b, m = s.before, s.after.measured
    owed = sum(c.op == "stop" and "owed stop" in c.why for c in s.sent)
    own = 0 if by_hand(s.event) else stops - owed
    if own and s.after.phase == "ENDED" and s.memory.ended + own > 1:
        return "a belt is fought over after the end"
    if b.shadow or not s.after.link or b.phase not in RESTS or not must_rest(b, s.after.now):
        return None
    twice = m.t is not None and min(m.speed or 0, m.prev or 0) > STOPPED_MAX
    if not twice:
        return None
    if b.phase == "ENDED":
        return None if stops or s.memory.once else "a belt moves after the end, and gets no Stop"
    if s.after.phase == b.phase:
        return f"a belt moves in {b.phase}, and nothing follows"
    return None if s.told or s.memory.called else "a belt moves at rest, and nobody is told"
