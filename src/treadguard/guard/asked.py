"""What the runner asks for: speed, incline, stop, break, end, ease, unlock, quiet.

A start is in starting.py, a plan in asked_plan.py. The rule to keep: role "remote" can only
tighten.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard import acts, asked_plan, course, planned
from treadguard.guard.acts import Turn
from treadguard.guard.consent import may_raise, used, why_not
from treadguard.guard.events import Operator
from treadguard.guard.hear import MOVING, plain_stop
from treadguard.guard.rules import breaks
from treadguard.guard.rules.backoff import UNRATED_K
from treadguard.guard.starting import start
from treadguard.units import Millis

COARSE: Final = "One step of this treadmill is too much at once: go up on its console."


def asked(t: Turn, e: Operator) -> None:
    """Something the runner asks for."""
    _ASKED[e.do](t, e)


def _stop(t: Turn, _e: Operator) -> None:
    plain_stop(t, "stop", own=True)


def _break(t: Turn, _e: Operator) -> None:
    s = t.s
    if s.phase not in MOVING and s.measured.moving:
        # Started at its console after the end, say: no break can be kept then, but it can stop.
        plain_stop(t, "break", own=False)
        t.cue("Stopping the belt.")
        return
    if s.phase not in MOVING:
        t.cue("The belt already stands: take your break.")
        return
    if s.breaks.active and s.starting is None:
        if not s.link:
            t.alarm(acts.NO_LINK)
        return
    if s.breaks.active:
        s.breaks = replace(s.breaks, zero=None)
    else:
        speed = s.measured.speed if s.phase != "STARTING" else None
        s.breaks = breaks.requested(s.breaks, speed)
    s.starting = None
    s.unasked = False
    if not s.link:
        t.alarm(acts.NO_LINK)
        return
    t.cue(acts.BREAK)


def _ease(t: Turn, _e: Operator) -> None:
    s = t.s
    course.withdraw(t, "you asked for less")
    if s.phase not in ("RUNNING", "LOST"):
        t.cue("The belt stands or is stopping: there is nothing to ease.")
        return
    b = acts.back_off(t, UNRATED_K, "ease", Millis(t.now + s.policy.pain.hold_ms))
    s.ease = b or s.ease


def _end(t: Turn, _e: Operator) -> None:
    s = t.s
    if s.phase == "RUNNING" and s.link and not s.shadow:
        if s.ending is None:
            planned.begin_end(t, "Ending", "the runner ended it")
        return
    acts.end(t, "the runner ended it")


def _unlock(t: Turn, e: Operator) -> None:
    s = t.s
    if e.role != "local":
        t.cue("Only someone at the treadmill can unlock it.")
    elif not s.locks:
        t.cue("Nothing is locked.")
    else:
        s.locks = ()
        t.cue("Unlocked: a new session may start.")


def _speed(t: Turn, e: Operator) -> None:
    s, leave = t.s, used(t, ("speed",), e.value)
    if e.value is None or s.speed.setpoint is None or s.phase != "RUNNING" or s.shadow:
        t.cue(why_not(t, "the speed"))
        return
    if e.value <= 0:
        plain_stop(t, "stop", own=True)
        return
    target = s.machine.speed_floor(e.value)
    if target < s.machine.speed_min:
        # The slowest there is; but less was asked for, so a belt below it isn't lifted to it.
        target = min(s.machine.speed_min, s.speed.setpoint)
    if s.console.driving:
        # What was commanded before the runner's own hand says nothing about now.
        doubtful = s.speed_seen.doubtful
        lower = s.console.lower
        # On its way to what the console was set to, it would be lifted by a step down from here.
        falls = lower is not None and lower < s.measured.shown
        if falls or target > s.measured.shown or (doubtful and target > s.speed.setpoint):
            t.cue("The console is changing the speed: ask again once it is steady.")
            return
        if not doubtful:
            acts.adopt(s)
        s.console = replace(s.console, driving=False)
    present = s.speed.setpoint or 0
    if target <= present:
        s.speed = replace(s.speed.settled(), wanted=target)
        s.grade = s.grade.settled()
        course.withdraw(t, "you chose your own speed")
        return
    allowed = s.limit.speed if s.limit is not None else s.policy.caps.speed
    top = min(allowed, s.machine.speed_max or allowed, course.warm_enough_for(s))
    target = min(target, s.machine.speed_floor(top))
    if not may_raise(t, e.role, leave=leave):
        return
    if s.machine.speed_coarse:
        t.cue(COARSE)
        return
    if target <= present:
        t.cue(f"The limit is {target / 100:.1f} km/h for now.")
        return
    s.speed = replace(s.speed, wanted=target, grant=target, ramp_to=None)
    course.set_aside(t)


def _incline(t: Turn, e: Operator) -> None:
    s, leave = t.s, used(t, ("incline",), e.value)
    if e.value is None or s.grade.setpoint is None or s.phase != "RUNNING" or s.shadow:
        t.cue(why_not(t, "the incline"))
        return
    target = s.machine.grade_floor(e.value)
    if target < 0:
        t.cue("treadguard sets no decline: 0 % is the least.")
        return
    present = s.grade.setpoint
    if target <= present:
        s.grade = replace(s.grade.settled(), wanted=target)
        s.speed = s.speed.settled()
        course.withdraw(t, "you chose your own incline")
        return
    allowed = s.limit.incline if s.limit is not None else s.policy.caps.grade
    top = allowed if s.machine.grade_max is None else min(allowed, s.machine.grade_max)
    target = min(target, s.machine.grade_floor(top))
    if not may_raise(t, e.role, leave=leave):
        return
    if s.machine.grade_coarse:
        t.cue(COARSE)
        return
    if target <= present:
        t.cue(f"The limit is {target / 10:g} % for now.")
        return
    s.grade = replace(s.grade, wanted=target, grant=target, ramp_to=None)


def _quiet(t: Turn, _e: Operator) -> None:
    """Silence the reminders of this session, or let them speak again."""
    s = t.s
    s.reminders = replace(s.reminders, quiet=not s.reminders.quiet)
    t.cue("No more reminders." if s.reminders.quiet else "Reminders again.")


_ASKED = {
    "start": start,
    "resume": start,
    "speed": _speed,
    "incline": _incline,
    "stop": _stop,
    "break": _break,
    "end": _end,
    "ease": _ease,
    "unlock": _unlock,
    "programme": asked_plan.programme,
    "warm-up": asked_plan.warm_up,
    "vary": asked_plan.vary,
    "quiet": _quiet,
}
