"""Programmes and warm-ups under way, for the tests of what the guard makes of a plan."""

from __future__ import annotations

from typing import Any

from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.plan import Leg, Plan
from treadguard.guard.policy import CuePolicy, Policy, PromptPolicy
from treadguard.units import Grade, Millis, Speed

SILENT = CuePolicy(
    posture_ms=Millis(0), gaze_ms=Millis(0), brace_ms=Millis(0), glutes_ms=Millis(0),
    monotony_ms=Millis(0), vary_ms=Millis(120_000),
)  # fmt: skip
UNASKED = PromptPolicy(early_every_ms=Millis(10**9), every_ms=Millis(10**9))
POLICY = Policy(prompts=UNASKED, cues=SILENT)


def leg(seconds: int, speed: int, grade: int = 0, say: str = "") -> Leg:
    return Leg(Millis(seconds * 1_000), Speed(speed), Grade(grade), say)


PLAN = Plan((leg(60, 400), leg(60, 500), leg(60, 450), leg(60, 600), leg(60, 350)))


def begun(plan: Plan | None = PLAN, policy: Policy = POLICY, **facts: Any) -> Rig:
    """A programme set going; the belt has just begun to move."""
    rig = Rig(policy=policy, plan=plan, **facts)
    rig.connect()
    rig.run(3)
    rig.ask("programme")
    while rig.phase != "RUNNING":
        rig.run(0.25)
    return rig


def cues(rig: Rig, since: int = 0) -> list[str]:
    return [o.say for t, o in rig.log if isinstance(o, ev.Cue) and t >= since]


def targets(rig: Rig, since: int, op: str = "set_speed") -> list[int | None]:
    return [value for t, what, value in rig.commands(since) if what == op]


def warming(target: int, policy: Policy = POLICY) -> Rig:
    """A warm-up to this speed; the belt has just begun to move."""
    rig = Rig(policy=policy)
    rig.connect()
    rig.run(3)
    rig.ask("warm-up", target)
    while rig.phase != "RUNNING":
        rig.run(0.25)
    return rig


def speeds(rig: Rig, times: int, every: float = 30) -> list[int]:
    """How fast the belt is each time that so many seconds have gone."""
    seen = []
    for _ in range(times):
        rig.run(every)
        seen.append(rig.speed)
    return seen
