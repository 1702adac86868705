"""What the machine and the radio say: telemetry, status, answers, the link, the gate's refusals.

Telemetry is the truth, everything else is a hint. The rule to keep: nothing that is heard here
lifts a limit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard import acts, belt, console, follow
from treadguard.guard.acts import KEY_FIRST, Turn
from treadguard.guard.console import Console, Says
from treadguard.guard.events import Answer, Link, Machine, Telemetry, Veto
from treadguard.guard.follow import Follow, Sees
from treadguard.guard.ramp import Axis
from treadguard.guard.rules import breaks
from treadguard.units import Millis

FIRST_MOTION_MS: Final = 5_000
"""So long after the first motion the belt still looks for its speed: no wrong way, no console."""

TOO_FAST: Final = 100
"""A belt that comes back more than 1 km/h above the cap is stopped."""

FIRST_SAMPLE_MS: Final = 1_500
SECOND_SAMPLE_MS: Final = 2_000
"""An owed Stop waits so long for the first and the second sample after a reconnect."""

GAP_MS: Final = 30_000
"""A gap in the link longer than this calls for a Stop."""

ORPHAN_MS: Final = 15_000
OWED_MS: Final = 10_000
SAME_START_MS: Final = 10_000

SUCCESS: Final = 1
NO_CONTROL: Final = 5
STOPPED_BY_USER: Final = 0x02
SAFETY_KEY: Final = 0x03
STARTED: Final = 0x04
TARGET_SPEED: Final = 0x05
CONTROL_LOST: Final = 0xFF
COUNTDOWN: Final = 0x0E


def measured(t: Turn, e: Telemetry) -> None:
    """One telemetry sample."""
    s = t.s
    s.measured = belt.saw(s.measured, t.now, e.speed, e.incline, s.machine)
    if e.incline is not None:
        _grade(t, e.incline)
    if e.speed is None:
        return
    _owed(t)
    if s.phase == "LOST" and s.orphan and s.measured.moving and s.orphan_until is None:
        _orphan(t)
    early = s.first_motion is not None and t.now - s.first_motion < FIRST_MOTION_MS
    judge = not (early or s.console.driving or s.console.correcting(t.now))
    if s.shadow:
        judge = False
    s.follow, sees = follow.sampled(
        s.follow,
        t.now,
        e.speed,
        s.machine.speed_step,
        judge=judge and follow.watches_overshoot(s.follow, t.now),
    )
    if sees is Sees.CONFIRMED:
        t.verdicts(s.follow.pending, "confirmed")
        s.follow = replace(s.follow, pending=())
        s.console = replace(s.console, confirmed=s.console.corrected is not None)
    elif sees is Sees.WRONG_WAY:
        s.barred = "wrong way"
        s.rest = s.rest or "wrong way"
        t.alarm(f"The belt goes the wrong way: stopping it. {KEY_FIRST}")
    if s.phase == "RUNNING" and not s.shadow:
        if early:
            _first_motion(t, e.speed)
        else:
            _console(t, e.speed)


def _owed(t: Turn) -> None:
    s = t.s
    if s.owed_until is not None and s.measured.moving:
        s.owed_until = None
        s.rest = s.rest or "stop"
        acts.stop(t, ("owed stop",))
    if s.owed_at is not None:
        if s.measured.moving or s.measured.known_stopped(t.now):
            s.owed_at = None
        elif s.measured.prev is None:
            s.owed_at = Millis(t.now + SECOND_SAMPLE_MS)


def _orphan(t: Turn) -> None:
    s = t.s
    s.orphan_until = Millis(t.now + ORPHAN_MS)
    t.alarm(
        "The belt was left moving: resume within 15 s to take it over, or it will be stopped. "
        + KEY_FIRST
    )


def _first_motion(t: Turn, speed: int) -> None:
    """A belt that comes back at its old speed: too fast is stopped, else it becomes the setpoint
    so that the lowered target is written at once."""
    s = t.s
    cap = s.limit.speed if s.limit is not None else s.policy.caps.speed
    if speed > cap + TOO_FAST:
        s.rest = s.rest or "came back too fast"
        t.alarm(f"The belt came back at {speed / 100:.1f} km/h, too fast: stopping it.")
    elif s.follow.kind == "none" and s.speed.setpoint is not None and speed > s.speed.setpoint:
        s.speed = replace(s.speed, setpoint=speed)


def _console(t: Turn, speed: int) -> None:
    s = t.s
    point = s.speed.setpoint
    if point is None:
        s.speed = s.speed.adopted(speed)
        return
    slack = max(s.machine.speed_step, follow.NEAR)
    prev = s.measured.prev if s.measured.prev is not None else point
    above = min(speed, prev) > point + slack
    below = max(speed, prev) < point - slack
    idle = s.follow.kind == "none" or (s.follow.arrived and not s.follow.pending)
    if idle and not s.console.correcting(t.now) and not s.console.driving:
        unexplained = above and not follow.watches_overshoot(s.follow, t.now)
        if below or unexplained:
            s.console = console.drives(s.console, t.now, up=above)
    if not s.console.driving:
        return
    allowed = s.limit.speed if s.limit is not None else s.policy.caps.speed
    steady = s.measured.steady(t.now)
    s.console, says = console.judged(s.console, t.now, speed, allowed, steady=steady)
    if says is Says.ACCEPT:
        _unwatch(t)
        s.speed = s.speed.adopted(speed)
    elif says is Says.CORRECT:
        correct(t, speed, allowed)
    elif says is Says.STOP:
        s.rest = s.rest or "console"
        t.alarm("The console went up again above what is allowed: stopping the belt.")


def correct(t: Turn, speed: int, allowed: int) -> None:
    """Write the allowed speed once, starting from min(measured, commanded)."""
    s = t.s
    _unwatch(t)
    point = speed if s.speed.setpoint is None else s.speed.setpoint
    target = s.machine.speed_floor(min(allowed, speed))
    s.speed = Axis(
        wanted=target,
        setpoint=max(speed, point),
        ramp_to=target,
        ramp_from=max(target, min(speed, point)),
        ramp_t=t.now,
    )
    t.cue(f"The console went above the limit: back to {target / 100:.1f} km/h.")


def _unwatch(t: Turn) -> None:
    s = t.s
    t.verdicts(s.follow.pending, "unknown")
    s.follow = Follow(last_stop=s.follow.last_stop)


def _grade(t: Turn, grade: int) -> None:
    s = t.s
    step = s.machine.grade_step
    if s.grade_watch is not None:
        if s.grade_watch.arrived(grade, step):
            t.verdicts(s.grade_watch.pending, "confirmed")
            s.grade_watch = None
        return
    if s.phase != "RUNNING" or s.shadow:
        return
    point = s.grade.setpoint
    if point is None:
        s.grade = s.grade.adopted(grade)
    elif s.grade.ramp_to is None and abs(grade - point) >= step:
        _console_grade(t, grade)


def _console_grade(t: Turn, grade: int) -> None:
    s = t.s
    allowed = s.limit.incline if s.limit is not None else s.policy.caps.grade
    if grade <= allowed:
        s.grade = s.grade.adopted(grade)
    elif s.console.correcting(t.now):
        return
    elif s.console.corrections:
        s.rest = s.rest or "console"
        t.alarm("The console raised the incline again above what is allowed: stopping the belt.")
    else:
        s.console = replace(s.console, corrections=1, corrected=t.now, confirmed=False)
        s.grade = Axis(wanted=s.machine.grade_floor(allowed), setpoint=grade)
        t.cue(f"The console went above the limit: back to {allowed / 10:g} %.")


def said(t: Turn, e: Machine) -> None:
    """A status, a training status, or the ranges."""
    s = t.s
    if e.ranges is not None:
        s.machine = belt.narrowed(s.machine, e.ranges)
    if e.training == COUNTDOWN or e.status == STARTED:
        s.measured = replace(s.measured, start_doubt=t.now)
        console_started(t)
    if e.status == STOPPED_BY_USER:
        _stopped_by_user(t)
    elif e.status == SAFETY_KEY:
        acts.end(t, "safety key")
        s.unasked = True
        t.alarm("Safety key pulled: the session ends. Are you hurt?", 1)
    elif e.status == TARGET_SPEED and e.value is not None:
        _announced(t, e.value)
    elif e.status == CONTROL_LOST:
        s.control_lost = True
        t.alarm("Another app took control of the treadmill: treadguard can only try to stop.", 1)
        ask_control(t)


def _stopped_by_user(t: Turn) -> None:
    s = t.s
    ours = s.follow.last_stop is not None and t.now - s.follow.last_stop < OWED_MS
    if s.phase == "RUNNING" and not (ours and s.follow.kind == "stop"):
        s.rest = s.rest or "console"
        s.unasked = True


def _announced(t: Turn, value: int) -> None:
    """A target that isn't on the way of our own write is the console's."""
    s = t.s
    point, speed = s.speed.setpoint, s.measured.speed
    if s.phase != "RUNNING" or s.shadow or point is None or speed is None:
        return
    step = s.machine.speed_step
    low, high = min(point, speed), max(point, speed)
    if low - step <= value <= high + step:
        return
    s.speed = replace(s.speed.settled(), ramp_to=None)
    s.console = console.drives(s.console, t.now, up=value > high)
    if value > high and s.console.corrections and not s.console.correcting(t.now):
        allowed = s.limit.speed if s.limit is not None else s.policy.caps.speed
        if value > allowed:
            s.rest = s.rest or "console"
            t.alarm("The console went up again above what is allowed: stopping the belt.")


def console_started(t: Turn) -> None:
    """The belt starts, or is about to, without a Start of ours."""
    s = t.s
    if s.phase not in ("READY", "PAUSED", "BREAK", "ENDED", "FAULT") or s.shadow:
        return
    if s.phase == "FAULT" and s.follow.kind == "stop":
        return
    if s.console_start is not None and t.now - s.console_start < SAME_START_MS:
        return
    owed = breaks.still_owed(s.breaks, t.now, s.policy.breaks)
    if s.ended is None and s.fault is None and owed is None and s.waiting is None:
        return
    s.console_start = t.now
    if s.ended is not None or s.fault is not None:
        acts.stop(t, ("ended" if s.ended is not None else "fault",))
        t.alarm("The belt was started after the session had ended: step off, pull the key.")
        return
    if s.waiting is not None and not s.breaks.active:
        s.rest = s.rest or "pain before the start"
    starts = s.breaks.console_starts + 1
    s.breaks = replace(s.breaks, console_starts=starts)
    acts.stop(t, ("break",))
    t.alarm(f"The belt was started during the break: stopping it ({owed or 'rate your pain'}).")
    if starts >= breaks.MAX_CONSOLE_STARTS:
        acts.end(t, "started against the break")
        t.alarm("Started three times against the break: the session ends.")


def answered(t: Turn, e: Answer) -> None:
    """How a command ended on the wire; a hint, but an error is a rejection."""
    s = t.s
    ok = e.result in (SUCCESS, "timeout")
    if ok or e.op in ("stop", "request_control"):
        s.inflight = None
    if e.op == "request_control":
        _control(t, e)
        return
    if ok:
        return
    if e.op == "set_speed":
        _rejected_speed(t)
    elif e.op == "set_incline" and s.grade_watch is not None:
        t.verdicts(s.grade_watch.pending, "rejected")
        s.grade_watch = None
        s.grade = s.grade.adopted(s.measured.grade)
    elif e.op == "start" and s.start_n is not None:
        t.verdicts((s.start_n,), "rejected")
        s.start_n = None
    elif e.op == "stop" and s.follow.kind == "stop" and s.follow.pending:
        t.verdicts(s.follow.pending, "rejected")
        s.follow = replace(s.follow, pending=())
    if e.result == NO_CONTROL:
        ask_control(t)


def _rejected_speed(t: Turn) -> None:
    """Not taken: nothing went up, and a lowering is still owed to the belt."""
    s = t.s
    if s.follow.kind not in ("raise", "lower"):
        return
    t.verdicts(s.follow.pending, "rejected")
    s.follow = replace(s.follow, pending=())
    now_at = s.measured.speed if s.measured.fresh(t.now) else s.speed.setpoint
    if s.follow.kind == "raise":
        s.speed = s.speed.adopted(now_at)
        s.follow = Follow(last_stop=s.follow.last_stop)
    elif now_at is not None and s.speed.setpoint is not None:
        s.speed = replace(s.speed, setpoint=max(now_at, s.speed.setpoint), ramp_to=None)


def _control(t: Turn, e: Answer) -> None:
    s = t.s
    if s.control_n is not None:
        verdict = {SUCCESS: "confirmed", "timeout": "unknown"}.get(e.result, "rejected")
        t.verdicts((s.control_n,), verdict)  # type: ignore[arg-type]
        s.control_n = None
    if e.result == SUCCESS:
        s.control_lost = False
        s.control_retried = False


def ask_control(t: Turn) -> None:
    """Ask for control again, once until it is granted."""
    s = t.s
    if s.shadow or not s.link or s.control_retried:
        return
    s.control_retried = True
    s.control_n = t.command("request_control", None, ("control",))


def linked(t: Turn, e: Link) -> None:
    """The link came up or went down. On reconnect nothing moves up."""
    s = t.s
    gone, s.link_t = s.link_t, t.now
    s.link = e.up
    s.measured = belt.unlinked(s.measured)
    s.speed = replace(s.speed.settled(), ramp_to=None)
    s.grade = replace(s.grade.settled(), ramp_to=None)
    s.consents = ()
    s.inflight = None
    s.owed_until = None
    s.owed_at = None
    t.verdicts(s.follow.pending, "unknown")
    if s.grade_watch is not None:
        t.verdicts(s.grade_watch.pending, "unknown")
        s.grade_watch = None
    s.follow = Follow(last_stop=s.follow.last_stop)
    s.console = Console()
    if not e.up:
        return
    first = s.generation == 0
    s.generation = e.generation
    if s.shadow:
        return
    s.control_retried = False
    s.control_lost = False
    s.control_n = t.command("request_control", None, ("link",))
    if s.phase != "LOST":
        return
    stopping = bool(s.rest or s.ended or s.fault or s.breaks.active)
    if not stopping and not first and t.now - gone > GAP_MS:
        s.rest = "the link was gone for long"
        stopping = True
    if stopping:
        s.owed_at = Millis(t.now + FIRST_SAMPLE_MS)


def vetoed(t: Turn, e: Veto) -> None:
    """The gate refused the last command: a Stop stays owed for 10 s, anything else is off."""
    s = t.s
    if e.op == "stop":
        s.owed_until = Millis(t.now + OWED_MS)
        t.verdicts(s.follow.pending[-1:], "rejected")
        s.follow = replace(
            s.follow, pending=s.follow.pending[:-1], stops=max(0, s.follow.stops - 1)
        )
    elif e.op == "start":
        if s.start_n is not None:
            t.verdicts((s.start_n,), "rejected")
        s.start_n = None
        s.starting = None
        t.cue(f"Not starting: {e.why}.")
    elif e.op == "set_speed":
        _rejected_speed(t)
        s.speed = replace(s.speed.settled(), ramp_to=None)
    elif e.op == "set_incline" and s.grade_watch is not None:
        t.verdicts(s.grade_watch.pending, "rejected")
        s.grade_watch = None
        s.grade = s.grade.adopted(s.measured.grade)

