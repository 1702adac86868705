"""What the machine says: telemetry, the console behind it, status.

Telemetry is the truth, everything else is a hint. The rule to keep: nothing that is heard here
lifts a limit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard import acts, belt, console, course, credible, follow, incline
from treadguard.guard.acts import KEY_FIRST, OWED_MS, Turn
from treadguard.guard.console import Says
from treadguard.guard.events import Machine, PhaseChange, Telemetry
from treadguard.guard.follow import Follow, Sees
from treadguard.guard.ramp import Axis
from treadguard.guard.rules import breaks
from treadguard.guard.state import State
from treadguard.units import Millis

FIRST_MOTION_MS: Final = 5_000
"""So long after the first motion the belt still looks for its speed: no wrong way, no console."""

TOO_FAST: Final = 100
"""A belt that comes back more than 1 km/h above the cap is stopped."""

FIRST_SAMPLE_MS: Final = 1_500
SECOND_SAMPLE_MS: Final = 2_000
"""An owed Stop waits so long for the first and the second sample after a reconnect."""

SETTLES_MS: Final = 10_000
MINIMUM_STEP: Final = 10
"""A minimum that was seen, not read, is taken to 0.1 km/h."""

ORPHAN_MS: Final = 15_000

STOPPED_BY_USER: Final = 0x02
SAFETY_KEY: Final = 0x03
STARTED: Final = 0x04
TARGET_SPEED: Final = 0x05
TARGET_INCLINE: Final = 0x06
CONTROL_LOST: Final = 0xFF
COUNTDOWN: Final = 0x0E
STOPS_BY_ITSELF: Final = (0x0F, 0x10)
"""Training status: post-workout, and what the Urevo says while it pauses (FTMS.md). Both come
seconds before it says that it was stopped."""


def measured(t: Turn, e: Telemetry) -> None:
    """One telemetry sample."""
    s = t.s
    age = s.measured.age(t.now)
    if e.speed is not None and age is not None and age >= s.policy.telemetry.no_raise_ms:
        s.speed = s.speed.settled()
        s.grade = s.grade.settled()
    s.measured = belt.saw(s.measured, t.now, e.speed, e.incline, s.machine)
    if e.incline is not None:
        told = s.grade.told or 0
        s.grade_seen = credible.saw(s.grade_seen, t.now, e.incline, told, credible.GRADE)
        _grade(t, e.incline)
    if e.speed is None:
        return
    if s.held_up is not None:
        s.measured = belt.unwatched(s.measured)
    _believed(t, e.speed)
    if s.measured.moving:
        s.said_stopped = False
    _slower_than_it_says(t)
    _owed(t)
    unclaimed = s.orphan and s.phase in ("OFF", "LOST") and s.orphan_until is None
    if unclaimed and s.measured.moving:
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
            first_motion(t, e.speed)
        else:
            _console(t, e.speed)


def _believed(t: Turn, speed: int) -> None:
    """How far this speed can be believed; one that keeps leaping is a belt that nobody sees."""
    s = t.s
    s.speed_seen = credible.saw(s.speed_seen, t.now, speed, s.speed.told or 0, credible.SPEED)
    if s.speed_seen.senseless and s.phase == "RUNNING" and s.rest is None and not s.shadow:
        s.rest = "leaping speed"
        t.alarm(f"The treadmill's speed makes no sense: stopping the belt. {KEY_FIRST}")


def _owed(t: Turn) -> None:
    s = t.s
    if s.owed_until is not None and s.measured.moving:
        s.owed_until = None
        s.rest = s.rest or "stop"
        acts.stop(t, ("owed stop",), own=s.owed_own)
    if s.owed_at is not None:
        if s.measured.moving or s.measured.known_stopped(t.now):
            s.owed_at = None
        elif s.measured.prev is None:
            # Lost time makes it the first again, and puts the Stop off no further for that.
            latest = s.link_t + FIRST_SAMPLE_MS + SECOND_SAMPLE_MS
            s.owed_at = Millis(min(t.now + SECOND_SAMPLE_MS, latest))


def _slower_than_it_says(t: Turn) -> None:
    """A belt seen to run steadily below its declared minimum has told a wrong one."""
    s = t.s
    speed = s.measured.speed
    prev = s.measured.prev
    if s.phase != "RUNNING" or speed is None or prev is None or not s.measured.steady(t.now):
        return
    young = s.first_motion is not None and t.now - s.first_motion < SETTLES_MS
    flat = abs(speed - prev) <= follow.PROGRESS
    if flat and not young and belt.SLOWEST <= speed <= s.machine.speed_min - s.machine.speed_step:
        s.machine = replace(s.machine, speed_min=speed // MINIMUM_STEP * MINIMUM_STEP)


def _orphan(t: Turn) -> None:
    s = t.s
    if s.phase == "OFF":
        s.phase = "LOST"
        t.out.append(PhaseChange("OFF", "LOST"))
    s.orphan_until = Millis(t.now + ORPHAN_MS)
    t.alarm(
        "The belt was found moving: resume within 15 s to take it over, or it will be stopped. "
        + KEY_FIRST
    )


def first_motion(t: Turn, speed: int) -> None:
    """A belt may come back at its old speed.

    Too fast is stopped; else it becomes the setpoint, so that the lowered target goes out at once.
    """
    s = t.s
    stages = breaks.limit(s.breaks, t.now, s.policy.breaks, s.machine)
    if s.rest is None and speed > min(s.caps.speed_max, stages.speed_max) + TOO_FAST:
        s.rest = "came back too fast"
        t.alarm(f"The belt came back at {speed / 100:.1f} km/h, too fast: stopping it.")
        return
    untold = s.speed.told is None  # later ones it may be about to obey
    if untold and s.speed.setpoint is not None and speed > s.speed.setpoint:
        s.speed = replace(s.speed, setpoint=comes_down_from(s, speed))


def comes_down_from(s: State, speed: int) -> int:
    """Where the lowering of a belt that came back too fast begins.

    A leap may be noise, and a step down from noise a raise: then the target goes out at once.
    """
    return s.machine.speed_min + s.machine.speed_step if s.speed_seen.leapt else speed


def _console(t: Turn, speed: int) -> None:
    s = t.s
    if s.speed_seen.doubtful:
        _raised_again(t, speed)
        return
    point = s.speed.setpoint
    if point is None:
        s.speed = s.speed.adopted(speed)
        return
    slack = acts.slack(s)
    prev = s.measured.prev if s.measured.prev is not None else point
    above = min(speed, prev) > point + slack
    below = max(speed, prev) < point - slack
    idle = s.follow.kind == "none" or (s.follow.arrived and not s.follow.pending)
    if s.follow.kind == "raise" and max(speed, prev) < s.follow.start - slack:
        _unwatch(t)
        idle = below = True
    if idle and not s.console.correcting(t.now) and not s.console.driving:
        unexplained = above and not follow.watches_overshoot(s.follow, t.now)
        if below or unexplained:
            s.console = console.drives(s.console, t.now, up=above)
            s.speed = replace(s.speed.settled(), ramp_to=None)
            s.grade = replace(s.grade.settled(), ramp_to=None)
    allowed = s.limit.speed if s.limit is not None else s.policy.caps.speed
    steady = s.measured.steady(t.now)
    s.console, says = console.judged(s.console, t.now, speed, allowed, steady=steady)
    if says is Says.ACCEPT:
        _unwatch(t)
        acts.adopt(s)
    elif says is Says.CORRECT:
        correct(t, speed, allowed)
    elif says is Says.STOP:
        s.rest = s.rest or "console"
        t.alarm("The console went up again above what is allowed: stopping the belt.")


def _raised_again(t: Turn, speed: int) -> None:
    """A leap is no speed to correct from, but once corrected, two samples too fast are a Stop."""
    s = t.s
    allowed = s.limit.speed if s.limit is not None else s.policy.caps.speed
    slack = acts.slack(s)
    low = min(speed, speed if s.measured.prev is None else s.measured.prev)
    again = s.console.corrections > 0 and not s.console.correcting(t.now)
    if again and low > allowed + slack and s.rest is None:
        s.rest = "console"
        t.alarm("The console went up again above what is allowed: stopping the belt.")


def correct(t: Turn, speed: int, allowed: int) -> None:
    """Back to what is allowed, once, and no faster than a back-off."""
    s = t.s
    _unwatch(t)
    course.withdraw(t, "the console")
    target = s.machine.speed_floor(min(allowed, speed))
    ours = s.speed.fell and s.speed.wrote is not None
    recent = ours and t.now - (s.speed.wrote or t.now) < console.CORRECTION_MS
    found = s.speed.refound(speed) if recent else s.speed.adopted(speed)
    s.speed = replace(found, wanted=target)
    t.cue(f"The console went above the limit: back to {target / 100:.1f} km/h.")


def _unwatch(t: Turn) -> None:
    s = t.s
    t.verdicts(s.follow.pending, "unknown")
    s.follow = Follow(last_stop=s.follow.last_stop)


def _grade(t: Turn, grade: int) -> None:
    s = t.s
    step = s.machine.grade_step
    if s.grade_watch is not None:
        s.grade_watch = replace(s.grade_watch, high=max(s.grade_watch.high, grade))
        if s.grade_watch.falls_back(grade, step):
            t.verdicts(s.grade_watch.pending, "unknown")
            s.grade_watch = None
            s.grade = s.grade.adopted(grade)
        elif s.grade_watch.arrived(grade, step):
            t.verdicts(s.grade_watch.pending, "confirmed")
            s.grade_watch = None
        return
    if s.phase != "RUNNING" or s.shadow or s.grade_seen.doubtful:
        return
    point = s.grade.setpoint
    if s.grade_stuck is not None and point is not None:
        if point + step < grade <= s.grade_stuck + step:
            return
        s.grade_stuck = None
    if point is None:
        s.grade = s.grade.adopted(grade)
    elif s.grade.ramp_to is None and abs(grade - point) >= (1 if s.grade.told is None else step):
        _console_grade(t, grade)


def _console_grade(t: Turn, grade: int) -> None:
    s = t.s
    allowed = s.limit.incline if s.limit is not None else s.policy.caps.grade
    course.withdraw(t, "the console")
    if grade <= allowed:
        s.grade = s.grade.adopted(grade)
    elif s.console.correcting(t.now):
        return
    elif s.console.corrections:
        s.rest = s.rest or "console"
        t.alarm("The console raised the incline again above what is allowed: stopping the belt.")
    else:
        s.console = replace(s.console, corrections=1, corrected=t.now, confirmed=False)
        target = s.machine.grade_floor(allowed)
        s.grade = Axis(wanted=target, setpoint=grade)
        t.cue(f"The console went above the limit: back to {target / 10:g} %.")


def said(t: Turn, e: Machine) -> None:
    """A status, a training status, or the ranges."""
    s = t.s
    if e.ranges is not None:
        s.machine = belt.narrowed(s.machine, e.ranges)
    if e.status == STARTED:
        s.said_started = s.starting is not None
        s.key_out = False
    if e.training == COUNTDOWN or e.status == STARTED:
        s.measured = replace(s.measured, start_doubt=t.now)
        _starts_unseen(t)
        console_started(t)
    if e.status == STOPPED_BY_USER or e.training in STOPS_BY_ITSELF:
        _stopped_by_user(t)
    elif e.status == SAFETY_KEY and not s.key_out:
        _key_pulled(t)
    elif e.status == TARGET_SPEED and e.value is not None:
        _announced(t, e.value)
    elif e.status == TARGET_INCLINE and e.value is not None:
        s.deck_set = incline.set_lower(s.grade, t.now, e.value) or s.deck_set
    elif e.status == CONTROL_LOST:
        if not s.control_lost:
            t.alarm(
                "Another app took control of the treadmill: treadguard can only try to stop.", 1
            )
        s.control_lost = True
        ask_control(t)
    if e.status in (STOPPED_BY_USER, SAFETY_KEY):
        s.said_started = False
        s.said_stopped = s.follow.kind == "stop"


def _key_pulled(t: Turn) -> None:
    """Once for each pull: a machine may say it several times."""
    s = t.s
    s.key_out = True
    acts.end(t, "safety key")
    s.unasked = s.phase in ("RUNNING", "STOPPING") and not s.follow.stops
    t.alarm("Safety key pulled: the session ends. Are you hurt?", 1)


def _starts_unseen(t: Turn) -> None:
    """A belt out of sight that was to stop, and said that it had, starts again."""
    s = t.s
    if s.said_stopped and s.phase == "LOST" and not s.shadow:
        t.alarm(f"The belt starts out of sight: stopping it. {KEY_FIRST}")
        acts.stop(t, ("started unseen",))
    s.said_stopped = False


def _stopped_by_user(t: Turn) -> None:
    s = t.s
    ours = s.follow.last_stop is not None and t.now - s.follow.last_stop < OWED_MS
    if s.phase == "STARTING":
        course.withdraw(t, "the console")
    if s.phase == "RUNNING" and not (ours and s.follow.kind == "stop"):
        s.rest = s.rest or "console"
        s.unasked = True


def _announced(t: Turn, value: int) -> None:
    """A target that isn't on the way of our own write is the console's."""
    s = t.s
    point, speed, before = s.speed.setpoint, s.measured.speed, s.speed_seen.announced
    s.speed_seen = replace(s.speed_seen, announced=value)
    if s.phase != "RUNNING" or s.shadow or point is None or speed is None:
        return
    step = s.machine.speed_step
    up = value > max(point, speed) + step
    low = min(point, speed) - step
    # Steps on the way up are named upward, and our own target last: a lower one is no such step.
    raises = s.follow.kind == "raise"
    if before == point or (raises and s.follow.start < before < point):
        low = max(low, before)
    if not up and value >= low:
        return
    if s.follow.written and up and t.now - s.follow.last < console.ECHO_MS:
        return
    s.speed = replace(s.speed.settled(), ramp_to=None)
    s.grade = replace(s.grade.settled(), ramp_to=None)
    s.console = console.drives(s.console, t.now, up=up, target=value)
    if up and s.console.corrections and not s.console.correcting(t.now):
        allowed = s.limit.speed if s.limit is not None else s.policy.caps.speed
        if value > allowed:
            s.rest = s.rest or "console"
            t.alarm("The console went up again above what is allowed: stopping the belt.")


def stopped_of_late(s: State, now: Millis, within: int = OWED_MS) -> bool:
    """Whether a Stop of ours is so young that motion is still its belt running down."""
    return s.follow.last_stop is not None and now - s.follow.last_stop < within


def console_started(t: Turn) -> None:
    """The belt starts, or is about to, without a Start of ours."""
    s = t.s
    if s.phase not in ("READY", "PAUSED", "BREAK", "ENDED", "FAULT") or s.shadow:
        return
    if s.phase == "FAULT" and s.follow.kind == "stop":
        return
    if stopped_of_late(s, t.now):
        return
    if s.console_start is not None:
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


def ask_control(t: Turn, *, own: bool = False) -> None:
    """Ask for control again, once in a connection, and once more for each Stop of the runner's own.

    `own`: that Stop was refused for want of it; it is a part of the Stop then, in shadow too.
    """
    s = t.s
    if (s.shadow and not own) or not s.link or s.control_retried:
        return
    s.control_retried = True
    s.control_n = t.command("request_control", None, ("control",))
