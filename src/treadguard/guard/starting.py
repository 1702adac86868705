"""A start, or a belt taken over: the one way from standing to moving that is the guard's own.

The rule to keep: every reason against it is asked for, and the consent is used up either way.
"""

from __future__ import annotations

from dataclasses import replace

from treadguard.guard import acts, course
from treadguard.guard.acts import Turn
from treadguard.guard.consent import used
from treadguard.guard.events import Operator
from treadguard.guard.follow import Follow
from treadguard.guard.rules import breaks


def start(t: Turn, e: Operator) -> None:
    """A plain start: a plan that was under way goes on without its raises."""
    if starts(t, e, ("start", "resume"), None):
        course.withdraw(t, "a start without it")


def starts(t: Turn, e: Operator, kinds: tuple[str, ...], target: int | None) -> bool:
    """Start, or take over a belt that was found moving; whether a Start goes out."""
    s = t.s
    if s.orphan and s.orphan_until is not None and e.role == "local":
        if used(t, kinds, target):
            s.orphan = False
            s.orphan_until = None
            t.cue("Taken over: the belt goes on as it is.")
        return False
    refusal = _no_start(t, e, leave=used(t, kinds, target))
    if refusal is not None:
        t.cue(f"Not starting: {refusal}.")
        return False
    s.starting = t.now
    s.said_started = False
    acts.overtaken(t)
    s.follow = Follow(last_stop=s.follow.last_stop)
    s.owed_until = None
    s.measured = replace(s.measured, start_doubt=t.now)
    s.inflight = t.now
    s.start_n = t.command("start", None, (e.do,))
    if s.phase != "READY":
        acts.flatten(s)
    return True


def _no_start(t: Turn, e: Operator, *, leave: bool) -> str | None:
    s = t.s
    if e.role != "local":
        return "only someone at the treadmill can start it"
    if s.shadow:
        return "treadguard only watches this machine; start it from its console"
    if s.fault is not None:
        return "the machine did not obey; check it, then start treadguard again"
    if s.ended is not None:
        if s.ended == "not cleared":
            return "your profile says that a professional must clear you for a treadmill first"
        return "this session has ended" + (" and is locked" if s.locks else "")
    if s.phase not in ("READY", "PAUSED", "BREAK"):
        return "there is no link" if not s.link else "the belt must stand first"
    if not s.link:
        return "there is no link"
    owed = breaks.still_owed(s.breaks, t.now, s.policy.breaks)
    if owed is not None:
        return owed
    if s.waiting is not None:
        need = breaks.low_enough(s.waiting, s.policy.breaks)
        return f"your pain must be {need} or less, it was {s.waiting}"
    if s.profile.longest_ms is not None and s.ran >= s.profile.longest_ms:
        return "the time your therapist set for a session is used up"
    if s.limit is not None and s.machine.speed_floor(s.limit.speed) < s.machine.speed_min:
        return "what is allowed is slower than this machine can go"
    if not s.measured.known_stopped(t.now):
        return "the belt must be seen standing for a moment"
    return None if leave else "it needs your consent, given now"
