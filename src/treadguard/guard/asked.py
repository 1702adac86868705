"""What the runner asks for: start, speed, incline, stop, break, end, ease, unlock.

A raise or a start needs a consent, used up here, once. The rule to keep: role "remote" can only
tighten.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard import acts, course, planned
from treadguard.guard.acts import Turn
from treadguard.guard.events import Operator, OperatorDo
from treadguard.guard.follow import Follow
from treadguard.guard.hear import MOVING, plain_stop
from treadguard.guard.plan import DIP_PCT, Course, variation, warm_up
from treadguard.guard.policy import HARD_GRADE_PER_S, HARD_RAISE_PER_S
from treadguard.guard.rules import breaks
from treadguard.guard.rules.backoff import UNRATED_K
from treadguard.guard.state import State
from treadguard.units import Millis

USED_KEPT: Final = 32
"""So many used consents are remembered; older ones have long expired."""


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
            planned.begin_end(t, "Ending")
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


def _start(t: Turn, e: Operator) -> None:
    if _starts(t, e, ("start", "resume"), None):
        course.withdraw(t, "a start without it")


def _starts(t: Turn, e: Operator, kinds: tuple[str, ...], target: int | None) -> bool:
    """Start, or take over a belt that was found moving; whether a Start goes out."""
    s = t.s
    if s.orphan and s.orphan_until is not None and e.role == "local":
        if _used(t, kinds, target):
            s.orphan = False
            s.orphan_until = None
            t.cue("Taken over: the belt goes on as it is.")
        return False
    refusal = _no_start(t, e, used=_used(t, kinds, target))
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


def _no_start(t: Turn, e: Operator, *, used: bool) -> str | None:
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
    return None if used else "it needs your consent, given now"


def _used(t: Turn, kinds: tuple[str, ...], target: int | None) -> bool:
    """Use up a live consent of one of these kinds for this target."""
    s = t.s
    for consent in s.consents:
        if consent.for_ in kinds and consent.target == target and consent.expires > t.now:
            s.consents = tuple(c for c in s.consents if c is not consent)
            s.used = (*s.used, consent.id)[-USED_KEPT:]
            return consent.generation == s.generation
    return False


def _speed(t: Turn, e: Operator) -> None:
    s, used = t.s, _used(t, ("speed",), e.value)
    if e.value is None or s.speed.setpoint is None or s.phase != "RUNNING" or s.shadow:
        t.cue(_why_not(t, "the speed"))
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
    if not _may_raise(t, e, used=used):
        return
    if target <= present:
        t.cue(f"The limit is {target / 100:.1f} km/h for now.")
        return
    s.speed = replace(s.speed, wanted=target, grant=target, ramp_to=None)
    course.set_aside(t)


def _incline(t: Turn, e: Operator) -> None:
    s, used = t.s, _used(t, ("incline",), e.value)
    if e.value is None or s.grade.setpoint is None or s.phase != "RUNNING" or s.shadow:
        t.cue(_why_not(t, "the incline"))
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
    if not _may_raise(t, e, used=used):
        return
    if target <= present:
        t.cue(f"The limit is {target / 10:g} % for now.")
        return
    s.grade = replace(s.grade, wanted=target, grant=target, ramp_to=None)


def _programme(t: Turn, e: Operator) -> None:
    """Begin the session's programme, or take its raises up again."""
    s = t.s
    if s.plan is None:
        _used(t, ("programme",), None)
        t.cue("There is no programme in this session: 'treadguard run --programme FILE'.")
    elif s.phase == "RUNNING":
        if _may_follow(t, e):
            under_way = s.course is not None and s.course.kind == "programme"
            s.course = course.renewed(s.course) if s.course is not None and under_way else None
            s.course = s.course or Course("programme", s.plan)
            t.cue("The programme goes on from here.")
    else:
        _starts_with(t, e, s.course or Course("programme", s.plan))


def _warm_up(t: Turn, e: Operator) -> None:
    """Start with a warm-up to the speed that the runner names."""
    s = t.s
    if e.value is None or s.phase == "RUNNING":
        _used(t, ("programme",), e.value)
        t.cue("A warm-up begins with the start: name the speed to warm up to.")
        return
    target = min(e.value, s.caps.speed_max)
    if target < s.machine.speed_min:
        _used(t, ("programme",), e.value)
        t.cue(f"The slowest that this machine goes is {s.machine.speed_min / 100:.1f} km/h.")
        return
    _starts_with(t, e, Course("warm-up", warm_up(target, s.policy.warm_up.length_ms)))


def _starts_with(t: Turn, e: Operator, plan: Course) -> None:
    s = t.s
    if _starts(t, e, ("programme",), e.value):
        s.course = replace(course.renewed(plan), since=None)


def _vary(t: Turn, e: Operator) -> None:
    """Now and then a little slower for a minute, and back to the present speed (A14)."""
    s = t.s
    speed, grade = s.speed.setpoint, s.grade.setpoint
    if s.phase != "RUNNING" or speed is None or s.shadow or s.console.driving:
        _used(t, ("programme",), e.value)
        t.cue(_why_not(t, "the speed"))
    elif s.course is not None:
        _used(t, ("programme",), e.value)
        t.cue(f"The {s.course.kind} varies the speed already.")
    elif _may_follow(t, e):
        if e.value != speed:
            t.cue("The speed has just changed: ask again.")
            return
        if speed * DIP_PCT // 100 < s.machine.speed_min:
            t.cue("That is too slow to vary: the machine goes no slower.")
            return
        s.course = Course("variation", variation(speed, grade or 0, s.policy.cues.vary_ms))
        t.cue(f"Varying: a little slower now and then, never above {speed / 100:.1f} km/h.")


def _may_follow(t: Turn, e: Operator) -> bool:
    """Whether a plan may take up its raises on a running belt: as any raise, by a consent."""
    if t.s.shadow:
        t.cue(_why_not(t, "the speed"))
        return False
    return _may_raise(t, e, used=_used(t, ("programme",), e.value))


def _quiet(t: Turn, _e: Operator) -> None:
    """Silence the reminders of this session, or let them speak again."""
    s = t.s
    s.reminders = replace(s.reminders, quiet=not s.reminders.quiet)
    t.cue("No more reminders." if s.reminders.quiet else "Reminders again.")


def _why_not(t: Turn, what: str) -> str:
    if t.s.shadow:
        return f"treadguard only watches this machine; set {what} on its console."
    if t.s.phase == "RUNNING":
        return f"The machine doesn't show {what}: it can't be set."
    return f"The belt isn't running: {what} can be set once it does ('treadguard resume')."


def _may_raise(t: Turn, e: Operator, *, used: bool) -> bool:
    """A raise needs a fresh local consent for this very target, and no limit in force.

    An ask uses up its consent whatever comes of it.
    """
    s = t.s
    if e.role != "local":
        t.cue("Only someone at the treadmill can go up.")
    elif s.limit is not None and not s.limit.may_raise:
        t.cue(f"Not going up: {', '.join(s.limit.why)}.")
    elif not used:
        t.cue("Going up needs your consent, given now.")
    elif _too_coarse(s, e.do):
        t.cue("One step of this treadmill is too much at once: go up on its console.")
    else:
        return True
    return False


def _too_coarse(s: State, do: OperatorDo) -> bool:
    """Whether the machine's smallest step up is more than the gate lets out at once."""
    if do == "speed":
        return s.machine.speed_step > HARD_RAISE_PER_S
    return s.machine.grade_step > HARD_GRADE_PER_S


_ASKED = {
    "start": _start,
    "resume": _start,
    "speed": _speed,
    "incline": _incline,
    "stop": _stop,
    "break": _break,
    "end": _end,
    "ease": _ease,
    "unlock": _unlock,
    "programme": _programme,
    "warm-up": _warm_up,
    "vary": _vary,
    "quiet": _quiet,
}
