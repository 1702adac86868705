"""What a change of phase entails: what is forgotten, adopted, told and stopped on the way in.

Not here: which phase follows (phases.py), and when it is asked (passing.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard import acts, console, follow
from treadguard.guard.acts import KEY_FIRST, Turn
from treadguard.guard.console import Console
from treadguard.guard.events import Alarm, PhaseName
from treadguard.guard.follow import Follow
from treadguard.guard.phases import AT_REST
from treadguard.guard.ramp import Axis
from treadguard.guard.rules import breaks, posture, ratings
from treadguard.guard.rules.asymmetry import Asymmetry
from treadguard.guard.sense import first_motion

CALLED_MS: Final = 5_000
"""So long after a start was called out its motion needs no second alarm: no countdown is longer."""


def entered(t: Turn, old: PhaseName, new: PhaseName) -> None:
    if new == "RUNNING":
        _runs(t, old)
    elif new == "LOST":
        _lost(t)
    elif new == "STOPPING":
        _moves_again(t, old)
        if old == "LOST" and t.s.follow.stops:
            t.s.follow = follow.seen_again(t.s.follow, t.now, t.s.measured.shown)
        elif t.s.unasked:
            t.s.follow = follow.stopping(t.s.follow, t.now, t.s.measured.speed)
    elif new in AT_REST:
        _rests(t)


def _moves_again(t: Turn, old: PhaseName) -> None:
    """Whatever stops a belt that was at rest says so, unless its start was just called out."""
    s = t.s
    called = s.console_start is not None and t.now - s.console_start < CALLED_MS
    if old in AT_REST and not called and not any(isinstance(o, Alarm) for o in t.out):
        t.alarm(f"The belt moves again: stopping it. {KEY_FIRST}")


def _runs(t: Turn, old: PhaseName) -> None:
    s = t.s
    grade = s.measured.grade
    s.first_motion = t.now if old == "STARTING" else None
    if old != "LOST":
        s.ratings = ratings.moving(s.ratings, t.now)
    s.rest = None
    s.console = Console()
    t.verdicts(s.follow.pending, "unknown")
    s.follow = Follow(last_stop=s.follow.last_stop)
    if s.shadow:
        s.speed = Axis()
        s.grade = Axis()
        return
    if old == "STARTING":
        if s.start_n is not None:
            t.verdicts((s.start_n,), "confirmed")
            s.start_n = None
        s.starting = None
        least = s.machine.speed_min
        s.breaks = breaks.resumed(s.breaks, t.now)
        s.speed = Axis(wanted=least, setpoint=least)
        s.follow = follow.begun(s.follow, t.now, least, s.measured.shown)
        if s.grade.setpoint is None:
            s.grade = s.grade.adopted(grade)
    else:
        acts.adopt(s)
        s.grade = s.grade.refound(grade)
        if old not in ("LOST", "OFF"):
            s.console = console.drives(s.console, t.now, up=True)
    if old not in ("LOST", "OFF"):
        first_motion(t, s.measured.shown)


def _lost(t: Turn) -> None:
    s = t.s
    s.speed = replace(s.speed.settled(), ramp_to=None)
    s.grade = replace(s.grade.settled(), ramp_to=None)
    t.alarm(f"The belt's speed is unknown. {KEY_FIRST}")
    s.starting = None
    s.unasked = False
    if s.link and not s.shadow and s.follow.stops == 0:
        s.rest = s.rest or "no telemetry"
        acts.stop(t, ("telemetry",))


def _rests(t: Turn) -> None:
    s = t.s
    stopped = s.follow.kind == "stop" and s.measured.known_stopped(t.now)
    t.verdicts(s.follow.pending, "confirmed" if stopped else "unknown")
    if s.measured.moving:
        s.follow = replace(s.follow, pending=())
    else:
        s.follow = follow.at_rest(s.follow)
        s.speed = Axis(wanted=0, setpoint=0)
        s.grade = Axis(told=s.grade.told)
        s.unasked = False
    s.breaks = breaks.halted(s.breaks, t.now, s.policy.breaks)
    if s.measured.known_stopped(t.now):
        s.breaks = breaks.standing(s.breaks, t.now)
    s.orphan = False
    s.orphan_until = None
    s.shadow_stopped = False
    s.first_motion = None
    s.starting = None
    s.ending = None
    s.console = Console()
    s.posture = posture.cleared(s.posture)
    s.asymmetry = Asymmetry()
    s.break_from = s.ran
    s.break_told = False
    s.ratings = replace(s.ratings, open_since=None)
