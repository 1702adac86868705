"""What of a plan will truly be asked of the belt: the next leg, and all that a consent covers.

A reading for the screen, never a decision: course.py decides, by the same clips. The rule to keep:
nothing is promised higher than it will be, and a consent is told no less than it lets go up.
"""

from __future__ import annotations

from treadguard.guard.course import clipped, targets
from treadguard.guard.limits import Limit, cap, meet
from treadguard.guard.plan import Course
from treadguard.guard.state import State
from treadguard.units import Millis


def coming(
    s: State, c: Course, i: int, limit: Limit, ahead: int
) -> tuple[int | None, int | None, str]:
    """Speed (0.01 km/h) and grade (0.1 %) in leg `i`, `ahead` ms from now, and what holds it."""
    leg = c.plan.legs[i]
    up = (None, None) if not c.leave else targets(s, c.kind, leg, limit, ahead)
    at = s.speed.wanted, s.grade.wanted
    speed = up[0] if at[0] is None else _goes(at[0], leg.speed, s.machine.speed_min, up[0])
    grade = up[1] if at[1] is None else _goes(at[1], leg.grade, 0, up[1])
    held: set[str] = set()
    if speed is not None and speed < s.machine.speed_floor(leg.speed):
        eased = c.kind == "programme" and s.eased_speed <= min(limit.speed_max, speed)
        held |= {"eased earlier"} if eased else limit.speed_why
    if grade is not None and grade < s.machine.grade_floor(leg.grade):
        eased = c.kind == "programme" and s.eased_grade <= min(limit.incline_max, grade)
        held |= {"eased earlier"} if eased else limit.incline_why
    return speed, grade, ", ".join(sorted(held))


def _goes(at: int, asked: int, least: int, up: int | None) -> int:
    """Where a leg takes an axis from `at`: down as asked, up only to where it may."""
    if asked < at:
        return min(at, max(asked, least))
    return at if up is None else max(at, up)


def offered(s: State, now: Millis) -> tuple[int, int, int, int] | None:
    """What a consent to the programme covers from here: ms, top speed, top grade, raises.

    Clipped by what lasts: a stage after a break is soon over, and may not make it look lower.
    """
    if s.plan is None:
        return None
    c = s.course
    if c is None or c.kind != "programme":
        c = Course("programme", s.plan)
    gone = c.gone(now)
    first = c.plan.leg_at(gone)
    if first is None:
        return None
    lasting = s.caps
    if s.breaks.ceiling is not None:
        lasting = meet(lasting, cap("ceiling", speed=s.breaks.ceiling))
    m, runs = s.machine, s.phase == "RUNNING"
    speed = s.speed.wanted if runs and s.speed.wanted is not None else m.speed_min
    grade = s.grade.wanted if runs and s.grade.wanted is not None else 0
    # Before the start no grade is set yet, and after it one may be.
    tilts = not m.grade_coarse and not (runs and s.grade.setpoint is None)
    top, steepest, raises = speed, grade, 0
    for leg in c.plan.legs[first:]:
        up = clipped(s, "programme", leg, lasting, s.policy.warm_up.length_ms)
        before = speed, grade
        speed = _goes(
            speed, leg.speed, m.speed_min, None if m.speed_coarse else m.speed_floor(up[0])
        )
        grade = _goes(grade, leg.grade, 0, m.grade_floor(up[1]) if tilts else None)
        raises += speed > before[0] or grade > before[1]
        top, steepest = max(top, speed), max(steepest, grade)
    return c.plan.lasts - gone, top, steepest, raises
