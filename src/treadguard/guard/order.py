"""From what is wanted and allowed to what is written: command = min(wanted, allowed).

Works out the Limit from all rules, lowers wanted where a back-off says so, and puts out the next
set-speed or set-incline. One command in flight, the newest target wins; a Stop doesn't pass
through here and waits for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

from treadguard.guard import acts, follow, incline, ramp
from treadguard.guard.acts import Turn
from treadguard.guard.events import LimitChange
from treadguard.guard.limits import Demand, Limit, hold, meet_all, no_raise
from treadguard.guard.policy import HARD_SPEED
from treadguard.guard.rules import breaks
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.state import State
from treadguard.units import Grade, Millis, Speed

APART_MS: Final = 1_000
BEHIND: Final = 10
"""A deck more than 1 % behind its command isn't raised on."""

GRADE_REFUSALS: Final = 3
"""So many refused inclines in a connection, and no more are sent."""

IN_FLIGHT_MS: Final = 1_000
"""A write without an answer is taken as done after this: some machines never answer."""


def backoffs(s: State) -> Iterator[Backoff]:
    """The back-offs in force."""
    for b in (s.pain.backoff, s.ease, s.ratings.backoff, s.posture.backoff):
        if b is not None:
            yield b


def _limits(s: State, now: Millis) -> Iterator[Limit]:
    yield s.caps
    yield breaks.limit(s.breaks, now, s.policy.breaks, s.machine)
    yield s.ratings.limit
    for b in backoffs(s):
        yield b.limit
    age = s.measured.age(now)
    if not s.link:
        yield no_raise("link")
    elif age is None or age >= s.policy.telemetry.no_raise_ms:
        yield no_raise("telemetry")
    elif s.speed_seen.leapt:
        yield no_raise("leaping speed")
    if s.held_up is not None:
        yield no_raise("held up")
    if s.barred is not None:
        yield no_raise(s.barred)
    if s.control_lost:
        yield no_raise("control")
    if s.break_told:
        yield no_raise("break soon")
    if s.ending is not None:
        yield no_raise("end")
    if s.waiting is not None:
        yield no_raise("pain before the start")
    if s.starting is None:
        if s.breaks.active:
            yield hold(Demand.STOP, "break")
        elif s.rest is not None:
            yield hold(Demand.STOP, s.rest)
    if s.ended is not None:
        yield hold(Demand.END, s.ended)
    if s.fault is not None:
        yield hold(Demand.FAULT, s.fault)


def limit_of(s: State, now: Millis) -> Limit:
    """What is permitted now: the meet of all rules."""
    return meet_all(_limits(s, now))


def tighten(t: Turn, limit: Limit) -> None:
    """Back-offs lower wanted; a limit in force ends a raise under way for good."""
    s = t.s
    for b in backoffs(s):
        s.speed = s.speed.ratcheted(b.speed)
        if b.grade is not None:
            s.grade = s.grade.ratcheted(max(b.grade, 0))
    if s.speed.grant is not None and (not limit.may_raise or limit.speed_max < s.speed.grant):
        s.speed = s.speed.settled()
    if s.grade.grant is not None and (not limit.may_raise or limit.incline_max < s.grade.grant):
        s.grade = s.grade.settled()


def announce(t: Turn, limit: Limit) -> bool:
    """Put out the limit where it has changed; remember since when each reason has held."""
    s = t.s
    if limit is s.met:
        return False
    s.met = limit
    change = LimitChange(
        Speed(limit.speed_max),
        Grade(limit.incline_max),
        limit.may_raise,
        limit.belt.name,  # type: ignore[arg-type]
        limit.reasons,
    )
    if change == s.limit:
        return False
    before = dict(s.since)
    s.since = tuple((why, before.get(why, t.now)) for why in change.why)
    s.limit = change
    t.out.append(change)
    return True


def would_write(t: Turn, limit: Limit) -> None:
    """In shadow: say what would be written now that the limit has changed."""
    s = t.s
    if s.phase != "RUNNING" or not s.measured.moving or limit.belt is not Demand.RUN:
        return
    speed, grade = s.machine.speed_floor(limit.speed_max), s.machine.grade_floor(limit.incline_max)
    if s.measured.speed is not None and s.measured.speed > speed:
        t.command("set_speed", speed, limit.reasons, shadow=True)
    if s.measured.grade is not None and s.measured.grade > grade:
        t.command("set_incline", grade, limit.reasons, shadow=True)


def write(t: Turn, limit: Limit) -> None:
    """Put out the next set-speed or set-incline, if one is due and none is in flight."""
    s = t.s
    if s.shadow or not s.link or s.measured.t is None:
        return
    runs = s.phase == "RUNNING" and limit.belt is Demand.RUN
    if not runs and s.phase not in ("BREAK", "STARTING"):
        return
    speed_due = _speed_due(t, limit) if runs else None
    # Unseen in this connection the deck may lie anywhere, and a lowering of it may be a raise.
    grade = s.measured.grade
    grade_due = None if grade is None else _grade_due(t, limit, grade)
    if s.inflight is not None and t.now - s.inflight < IN_FLIGHT_MS:
        return
    faster, steeper = s.speed.rises(speed_due), s.grade.rises(grade_due)
    if faster and (_rose(s.grade, t.now) or (grade_due is not None and not steeper)):
        speed_due = None
    if steeper and (_rose(s.speed, t.now) or (speed_due is not None and not faster)):
        grade_due = None
    first = speed_due is None or _first(s.grade.wrote, s.speed.wrote)
    if grade is not None and grade_due is not None and first:
        _write_grade(t, grade_due, limit, grade)
    elif speed_due is not None:
        _write_speed(t, speed_due, limit)


def _rose(axis: ramp.Axis, now: Millis) -> bool:
    """Whether this axis was raised within the last second: never both up at once."""
    return axis.rose is not None and now - axis.rose < APART_MS


def _first(a: Millis | None, b: Millis | None) -> bool:
    """Whether the axis written at `a` has waited longer than the one written at `b`."""
    return a is None or (b is not None and a <= b)


def _speed_due(t: Turn, limit: Limit) -> int | None:
    s = t.s
    measured = s.measured.speed if s.measured.fresh(t.now) else None
    if measured is not None and not s.measured.moving:
        return None
    allowed = s.machine.speed_floor(limit.speed_max)
    if s.console.driving:
        # Downward the console goes first: a write could lift the belt above what it was set to.
        unknown = not s.console.up and s.console.target is None
        if unknown or measured is None or measured <= limit.speed_max:
            return None
    target = ramp.target_of(s.speed, allowed)
    if target is None or target == s.speed.setpoint:
        return None
    if measured is not None and measured < target and s.speed.falls(target):
        # Already slower than asked: a lowering must not become a raise of the belt.
        target = max(s.machine.speed_floor(measured), s.machine.speed_min)
        s.speed = s.speed.ratcheted(target)
    rates, m = s.policy.ramp, s.machine
    if measured is not None and s.speed.rises(target):
        s.speed = _where_it_came_to(s.speed, measured)
    s.speed = ramp.heading(s.speed, t.now, target, measured)
    s.speed, value = ramp.due(
        s.speed, t.now, rates.raise_per_s, rates.lower_per_s, m.speed_step, m.speed_floor
    )
    last = s.measured.speed
    if value is not None and last is not None:
        # Also by an old sample: a lowering written blind may lift a belt that somebody slowed.
        falls = s.speed.falls(value)
        # Faster already than it is to be told: what drives it is found out first.
        driven = not falls and last > value + acts.slack(s)
        if driven or _outrun(s, last):
            if not falls:
                s.speed = replace(s.speed, ramp_to=None)  # time that was waited isn't made up for
            return None
        if falls:
            if last < s.machine.speed_min:
                return None
            lower = s.console.lower
            if lower is not None and lower < value:
                s.speed = replace(s.speed, ramp_to=None)
                return None
            value = min(value, max(s.machine.speed_floor(last), s.machine.speed_min))
    told = s.machine.speed_min if s.speed.told is None else s.speed.told
    unasked = value is not None and value > told and s.speed.grant is None
    if unasked and s.speed_seen.doubtful:
        # "Down" to more than was ever asked for rests on the measured speed alone.
        return None
    return None if value is None else min(value, HARD_SPEED)


def _where_it_came_to(axis: ramp.Axis, measured: int) -> ramp.Axis:
    """A lowering that was refused, and obeyed all the same: a raise begins where the belt is."""
    told, point = axis.told, axis.setpoint
    if told is None or point is None or not max(told, measured) < point:
        return axis
    return replace(axis, setpoint=max(told, measured), ramp_to=None)


def _outrun(s: State, measured: int) -> bool:
    """Whether the belt falls faster than it was told to: somebody else lowers it, perhaps to 0."""
    prev = s.measured.prev
    told = s.speed.setpoint if s.speed.told is None else s.speed.told
    falls = prev is not None and measured <= prev - follow.PROGRESS
    return falls and told is not None and measured < told - acts.slack(s)


def _grade_due(t: Turn, limit: Limit, measured: int) -> int | None:
    s = t.s
    point = s.grade.setpoint
    if measured < 0 or s.grade_refused >= GRADE_REFUSALS:
        return None
    target = ramp.target_of(s.grade, s.machine.grade_floor(limit.incline_max))
    if target is None or point is None or target == point:
        return None
    up = s.grade.rises(target)
    behind = point - measured > BEHIND
    if up and (behind or s.phase != "RUNNING"):
        s.grade = replace(s.grade, ramp_to=None)
        return None
    # In doubt, or out of sight, where the deck is: "down" from there may be a raise.
    doubt = s.grade_seen.doubtful or s.measured.grade_now(t.now) is None
    unasked = doubt and s.grade.grant is None
    if unasked and target > (s.grade.told or 0):
        return None
    rate, m = s.policy.ramp.grade_per_s, s.machine
    s.grade = ramp.heading(s.grade, t.now, max(target, 0), measured)
    s.grade, value = ramp.due(s.grade, t.now, rate, rate, m.grade_step, m.grade_floor)
    if value is None or up:
        return value
    beyond = s.grade.told is None or measured < s.grade.told - s.machine.grade_step
    if s.grade_watch is None and beyond and s.measured.deck_falls(t.now):
        return None  # the console lowers it, further perhaps than this
    if unasked:
        value = min(value, s.grade.told or 0)
    value = max(0, min(value, s.machine.grade_floor(measured)))
    if incline.goes_below(s.deck_set, t.now, value):
        s.grade = replace(s.grade, ramp_to=None)
        return None
    return value


def _write_speed(t: Turn, value: int, limit: Limit) -> None:
    s = t.s
    before = s.speed.setpoint or 0
    up = s.speed.rises(value)
    if s.follow.kind != ("raise" if up else "lower"):
        acts.overtaken(t)
    if not up:
        _ends_raise(t, "grade")
    n = t.command("set_speed", value, ("consent",) if up else _why_down(s, limit))
    measured = s.measured.speed if s.measured.speed is not None else before
    s.follow = follow.wrote_speed(s.follow, n, t.now, value, measured, up=up)
    s.console = replace(s.console, driving=False)  # what was announced before is overtaken
    s.speed = ramp.wrote(s.speed, t.now, value)
    s.inflight = t.now


def _write_grade(t: Turn, value: int, limit: Limit, measured: int) -> None:
    s = t.s
    if s.grade_watch is not None and s.grade_watch.turns(value):
        t.verdicts(s.grade_watch.pending, "unknown")
        s.grade_watch = None
    s.grade_stuck = s.deck_set = None
    if s.grade.falls(value):
        _ends_raise(t, "speed")
    why = ("consent",) if s.grade.rises(value) else _why_down(s, limit)
    n = t.command("set_incline", value, why)
    s.grade_watch = incline.wrote_grade(s.grade_watch, n, t.now, value, measured)
    s.grade = ramp.wrote(s.grade, t.now, value)
    s.inflight = t.now


def _ends_raise(t: Turn, other: Literal["speed", "grade"]) -> None:
    """A lowering on one axis ends a raise on the other (DESIGN.md section 1), and says so."""
    s = t.s
    axis = s.speed if other == "speed" else s.grade
    if axis.grant is None:
        return
    if other == "speed":
        s.speed = axis.settled()
    else:
        s.grade = axis.settled()
    t.cue(f"Lowering comes first: the {'speed' if other == 'speed' else 'incline'} stays.")


def _why_down(s: State, limit: Limit) -> tuple[str, ...]:
    named = tuple(sorted({b.why for b in backoffs(s)}))
    if named:
        return named
    if s.ending is not None:
        return ("end",)
    held = s.speed.wanted is not None and limit.speed_max <= s.speed.wanted
    return tuple(sorted(limit.speed_why)) if held else ("wanted",)


def laid_again(t: Turn) -> None:
    """A back-off whose grade is stuck is computed again on speed."""
    s = t.s
    if all(b.grade_from is None for b in backoffs(s)):
        return
    grade, step = s.measured.grade, s.machine.grade_step

    def again(b: Backoff | None) -> Backoff | None:
        if b is None:
            return None
        b, is_stuck = incline.stuck(b, t.now, grade, step)
        if not is_stuck:
            return b
        s.measured = replace(s.measured, grade_moves=False, grade_ref=grade)
        s.grade_stuck = grade
        t.cue("The incline doesn't move: easing the speed instead.")
        return incline.laid_on_speed(b, grade, s.machine)

    s.pain = replace(s.pain, backoff=again(s.pain.backoff))
    s.ease = again(s.ease)
    s.ratings = replace(s.ratings, backoff=again(s.ratings.backoff))
    s.posture = replace(s.posture, backoff=again(s.posture.backoff))
