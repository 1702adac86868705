"""How far a session has come with its plan, and what of it may go up.

The consent to a plan covers the raises that it states. Each is announced 5 s ahead; a limit in
force, the runner's own hand downward or the console withdraws all that follow until a new consent
(DESIGN.md section 1). What falls goes on falling. The rules to keep: no raise of a plan passes what
is allowed, nor what was backed off to; the plan's time is time on a moving belt.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard.acts import Turn
from treadguard.guard.limits import Demand, Limit
from treadguard.guard.order import backoffs
from treadguard.guard.plan import Course, Kind, Leg, warm_for
from treadguard.guard.planned import begin_end
from treadguard.guard.policy import HARD_GRADE, HARD_SPEED
from treadguard.guard.ramp import Axis
from treadguard.guard.state import State
from treadguard.units import Millis

AHEAD_MS: Final = 5_000
"""So long before it a raise is announced (DESIGN.md section 1)."""


def renewed(c: Course, now: Millis) -> Course:
    """A new consent: what was held back is announced again before it goes up."""
    told, up = min(c.told, c.leg - 1), min(c.up, c.leg - 1)
    return replace(c, leave=True, leave_t=now, told=told, up=up)


def withdraw(t: Turn, why: str) -> None:
    """No raise of the plan follows until the runner consents again; said once."""
    c = t.s.course
    if c is None or not c.leave:
        return
    t.s.course = replace(c, leave=False)
    if c.kind != "programme":
        t.s.course = None
        t.cue(f"The {c.kind} is over: {why}.")
    elif c.told > c.up:
        t.cue(f"The programme goes up no more by itself, also not now: {why}.")
    elif any(
        _rises(before, leg) for before, leg in zip(c.plan.legs, c.plan.legs[1:], strict=False)
    ):
        t.cue(f"The programme goes up no more by itself: {why}.")


def set_aside(t: Turn) -> None:
    """The runner chose a higher speed: a warm-up or a variation is over, a programme goes on."""
    c = t.s.course
    if c is not None and c.kind != "programme":
        t.s.course = None
        t.cue(f"The {c.kind} is over.")


def warm_enough_for(s: State, ahead: int = 0) -> int:
    """The speed to which treadguard itself may raise a belt, so warm as in `ahead` ms (A12).

    A restart begins anew: nobody knows for how long the belt has stood.
    """
    w = s.policy.warm_up
    gone = s.ran - s.cold + ahead
    return warm_for(s.caps.speed_max, w.length_ms, gone) if w.demanded else HARD_SPEED


def _rises(before: Leg, leg: Leg) -> bool:
    return leg.speed > before.speed or leg.grade > before.grade


def go_on(t: Turn, limit: Limit) -> None:
    """Let the plan follow its time: fall, announce, go up, end."""
    s, c = t.s, t.s.course
    if c is None:
        return
    if s.phase != "RUNNING" or limit.belt is not Demand.RUN or s.ending is not None:
        s.course = replace(c, done=c.gone(t.now), since=None)
        if limit.belt is not Demand.RUN:
            withdraw(t, ", ".join(sorted(limit.belt_why)))
        elif s.phase == "LOST":
            withdraw(t, "the belt was out of sight")
        elif s.phase not in ("STARTING", "RUNNING"):
            withdraw(t, "the belt stands")
        elif not limit.may_raise:
            withdraw(t, ", ".join(sorted(limit.raise_why)))
        return
    if c.since is None:
        c = replace(c, since=t.now)
    s.course = c
    for b in backoffs(s):
        s.eased_speed = min(s.eased_speed, b.speed)
        if b.grade is not None:
            s.eased_grade = min(s.eased_grade, max(b.grade, 0))
    if not limit.may_raise:
        withdraw(t, ", ".join(sorted(limit.raise_why)))
    elif s.console.driving:
        withdraw(t, "the console")
    c = s.course
    if c is None:
        return
    gone = c.gone(t.now)
    i = c.plan.leg_at(gone)
    if i is None:
        _over(t, c)
        return
    if i != c.leg:
        c = s.course = replace(c, leg=i)
        _falls(s, c.plan.legs[i])
    if c.leave:
        _ahead(t, c, gone, i, limit)


def _over(t: Turn, c: Course) -> None:
    s = t.s
    s.course = None
    if c.plan.ends:
        begin_end(t, "The programme is over", "the programme was over")
    elif c.kind == "warm-up":
        t.cue("Warmed up.")


def _falls(s: State, leg: Leg) -> None:
    """What a leg lowers is lowered whatever the limits say."""
    if s.speed.wanted is not None and leg.speed < s.speed.wanted:
        s.speed = s.speed.settled().ratcheted(max(leg.speed, s.machine.speed_min))
    if s.grade.wanted is not None and leg.grade < s.grade.wanted:
        s.grade = s.grade.settled().ratcheted(leg.grade)


def _ahead(t: Turn, c: Course, gone: int, i: int, limit: Limit) -> None:
    """Announce the next raise, and let one go that was announced 5 s ago."""
    s = t.s
    following = i + 1
    soon = following < len(c.plan.legs) and gone >= c.plan.begins(following) - AHEAD_MS
    j = following if soon else i
    if c.told < j and c.up < j:
        leg = c.plan.legs[j]
        speed, grade = targets(s, c.kind, leg, limit, AHEAD_MS)
        if _above(s.speed.wanted, speed) or _above(s.grade.wanted, grade):
            c = s.course = replace(c, told=j, told_t=t.now, told_speed=speed, told_grade=grade)
            t.cue(_announcement(leg, speed, grade))
        elif j == i:
            c = s.course = replace(c, up=i)
            if leg.say:
                t.cue(leg.say)
    announced = c.told == i and c.up < i and t.now - c.told_t >= AHEAD_MS
    if announced and not _comes_down(s):
        s.course = replace(c, up=i)
        # No more than was announced, though more may be allowed by now.
        speed, grade = targets(s, c.kind, c.plan.legs[i], limit, 0)
        s.speed = _raised(s.speed, _least(speed, c.told_speed))
        s.grade = _raised(s.grade, _least(grade, c.told_grade))


def _comes_down(s: State) -> bool:
    """A leg that lowers one axis and raises the other lowers first: nothing goes up meanwhile."""
    return s.speed.falls(s.speed.wanted) or s.grade.falls(s.grade.wanted)


def _raised(axis: Axis, target: int | None) -> Axis:
    if not axis.rises(target):
        return axis
    return replace(axis, wanted=target, grant=target, ramp_to=None)


def _least(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else min(a, b)


def _above(wanted: int | None, target: int | None) -> bool:
    return wanted is not None and target is not None and target > wanted


def clipped(s: State, kind: Kind, leg: Leg, limit: Limit, ahead: int) -> tuple[int, int]:
    """A leg's speed and grade in `ahead` ms, clipped by all that holds."""
    m = s.machine
    speed = min(leg.speed, limit.speed_max, m.speed_max or HARD_SPEED, warm_enough_for(s, ahead))
    grade = min(leg.grade, limit.incline_max, HARD_GRADE if m.grade_max is None else m.grade_max)
    if kind == "programme":
        speed, grade = min(speed, s.eased_speed), min(grade, s.eased_grade)
    return speed, grade


def targets(
    s: State, kind: Kind, leg: Leg, limit: Limit, ahead: int
) -> tuple[int | None, int | None]:
    """Where a leg may go in `ahead` ms, on the machine's grid; None where it may not go up."""
    m = s.machine
    speed, grade = clipped(s, kind, leg, limit, ahead)
    on_grid = m.speed_floor(speed)
    tilts = s.grade.setpoint is not None and not m.grade_coarse
    return (
        None if m.speed_coarse or on_grid < m.speed_min else on_grid,
        m.grade_floor(grade) if tilts else None,
    )


def _announcement(leg: Leg, speed: int | None, grade: int | None) -> str:
    parts = [] if speed is None else [f"{speed / 100:.1f} km/h"]
    if grade:
        parts.append(f"{grade / 10:g} %")
    said = f"In 5 seconds: {', '.join(parts)}."
    return f"{said} {leg.say}" if leg.say else said
