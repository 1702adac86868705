"""A plan that the runner asks for: the session's programme, a warm-up, a variation.

One consent covers the start and the raises that the plan states; course.py lets them follow. The
rule to keep: whatever comes of it, the consent is used up.
"""

from __future__ import annotations

from dataclasses import replace

from treadguard.guard import course
from treadguard.guard.acts import Turn
from treadguard.guard.consent import may_raise, used, why_not
from treadguard.guard.events import Operator
from treadguard.guard.plan import DIP_PCT, Course, variation
from treadguard.guard.plan import warm_up as warm_up_to
from treadguard.guard.starting import starts


def programme(t: Turn, e: Operator) -> None:
    """Begin the session's programme, or take its raises up again."""
    s = t.s
    if s.plan is None:
        used(t, ("programme",), None)
        t.cue("There is no programme in this session: 'treadguard run --programme FILE'.")
        return
    under_way = s.course is not None and s.course.kind == "programme"
    plan = s.course if s.course is not None and under_way else Course("programme", s.plan)
    if s.phase != "RUNNING":
        _starts_with(t, e, plan)
    elif _may_follow(t, e):
        s.course = course.renewed(plan, t.now)
        t.cue("The programme goes on from here.")


def warm_up(t: Turn, e: Operator) -> None:
    """Start with a warm-up to the speed that the runner names."""
    s = t.s
    refusal = None
    target = None if e.value is None else min(e.value, s.caps.speed_max)
    if target is None or s.phase == "RUNNING":
        refusal = "A warm-up begins with the start: name the speed to warm up to."
    elif target < s.machine.speed_min:
        refusal = f"The slowest that this machine goes is {s.machine.speed_min / 100:.1f} km/h."
    elif s.course is not None:
        on = ": 'treadguard resume --programme' goes on with it"
        refusal = f"The {s.course.kind} is under way{on * (s.course.kind == 'programme')}."
    if refusal is not None or target is None:
        used(t, ("programme",), e.value)
        t.cue(refusal or "")
        return
    _starts_with(t, e, Course("warm-up", warm_up_to(target, s.policy.warm_up.length_ms)))


def vary(t: Turn, e: Operator) -> None:
    """Now and then a little slower for a minute, and back to the present speed (A14)."""
    s = t.s
    speed, grade = s.speed.setpoint, s.grade.setpoint
    leave = used(t, ("programme",), e.value)
    if s.phase != "RUNNING" or speed is None or s.shadow or s.console.driving:
        t.cue(why_not(t, "the speed"))
    elif s.course is not None:
        t.cue(f"The {s.course.kind} varies the speed already.")
    elif not may_raise(t, e.role, leave=leave):
        return
    elif e.value != speed:
        t.cue("The speed has just changed: ask again.")
    elif speed * DIP_PCT // 100 < s.machine.speed_min:
        t.cue("That is too slow to vary: the machine goes no slower.")
    else:
        plan = variation(speed, grade or 0, s.policy.cues.vary_ms)
        s.course = course.renewed(Course("variation", plan), t.now)
        t.cue(f"Varying: a little slower now and then, never above {speed / 100:.1f} km/h.")


def _starts_with(t: Turn, e: Operator, plan: Course) -> None:
    if starts(t, e, ("programme",), e.value):
        t.s.course = replace(course.renewed(plan, t.now), since=None)


def _may_follow(t: Turn, e: Operator) -> bool:
    """Whether a plan may take up its raises on a running belt: as any raise, by a consent."""
    leave = used(t, ("programme",), e.value)
    if t.s.shadow:
        t.cue(why_not(t, "the speed"))
    return not t.s.shadow and may_raise(t, e.role, leave=leave)
