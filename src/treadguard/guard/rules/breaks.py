"""Breaks: triggers and ceilings, when a belt may move again, and how gently.

A trigger stops the belt, cuts the session's ceiling to 90 % of the speed at the trigger and is
counted; a break on request does neither. After either the belt comes back through two stages
(DESIGN.md section 4, "break after a trigger", "resume"; I7, I8). The rule to keep: ceilings only
fall, and nothing here shortens a break.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from treadguard.guard.belt import Machine
from treadguard.guard.limits import FREE, Limit, cap, meet
from treadguard.guard.policy import BreakPolicy
from treadguard.units import Millis

MAX_CONSOLE_STARTS: Final = 3
"""The third console start against a break ends the session."""

EXTENDS_ABOVE: Final = 4
"""A rating above this in the break makes it longer."""


@dataclass(frozen=True, slots=True)
class Breaks:
    """The break in force, the triggers so far, the ceiling, and the stages of the last resume.

    `why`: the rule behind it. `level`: pain of the trigger, None for a break on request.
    `speed`: 0.01 km/h at its start, None where the belt didn't move. `zero`: since when the belt
    is known to stand. `lasts`: how long a planned one is meant to be, in ms; nobody is held to it.
    """

    active: bool = False
    why: str = "break"
    level: int | None = None
    speed: int | None = None
    zero: Millis | None = None
    extra: int = 0
    rated: int | None = None
    triggers: int = 0
    ceiling: int | None = None
    stage_speed: int | None = None
    stage_from: Millis | None = None
    console_starts: int = 0
    lasts: int = 0


def _share(speed: int, percent: int, machine: Machine) -> int:
    return max(machine.speed_floor(speed * percent // 100), machine.speed_min)


def triggered(
    b: Breaks, why: str, level: int, speed: int | None, policy: BreakPolicy, machine: Machine
) -> Breaks:
    """A trigger while the belt moves (`speed`), or pain before it does (None: not counted)."""
    b = replace(
        b,
        active=True,
        why=why,
        level=level,
        zero=None,
        extra=0,
        rated=None,
        console_starts=0,
        lasts=0,
    )
    if speed is None:
        return b
    ceiling = _share(speed, policy.ceiling_pct, machine)
    return replace(
        b,
        speed=speed,
        triggers=b.triggers + 1,
        ceiling=ceiling if b.ceiling is None else min(b.ceiling, ceiling),
        stage_speed=None,
        stage_from=None,
    )


def requested(b: Breaks, speed: int | None, lasts: int = 0) -> Breaks:
    """A break that the runner asked for, or that was planned: no trigger, no ceiling."""
    return replace(
        b,
        active=True,
        why="break",
        level=None,
        speed=speed,
        zero=None,
        extra=0,
        rated=None,
        console_starts=0,
        lasts=lasts,
    )


def rated(b: Breaks, level: int, policy: BreakPolicy, *, local: bool) -> Breaks:
    """A rating in the break. A remote one may only make things worse."""
    if level > EXTENDS_ABOVE:
        b = replace(b, extra=b.extra + policy.extend_ms)
    if local:
        return replace(b, rated=level)
    return b if b.rated is None else replace(b, rated=max(level, b.rated))


def standing(b: Breaks, now: Millis) -> Breaks:
    """The belt is known to stand: the break counts from here."""
    return replace(b, zero=now) if b.active and b.zero is None else b


def ends_at(b: Breaks, policy: BreakPolicy) -> int | None:
    """When the least length of the break is over (ms), None while that isn't known."""
    if not b.active or b.level is None:
        return None if b.zero is None else b.zero + b.lasts
    return None if b.zero is None else b.zero + policy.min_ms + b.extra


def too_long(b: Breaks, now: Millis, policy: BreakPolicy) -> bool:
    """Whether a break after a trigger has outlasted break.max_s."""
    return b.active and b.level is not None and b.zero is not None and now - b.zero > policy.max_ms


def low_enough(level: int, policy: BreakPolicy) -> int:
    """The rating that must be reached after pain of `level`; 0 can always be reached."""
    return max(0, min(policy.resume_max, level - policy.resume_drop))


def still_owed(b: Breaks, now: Millis, policy: BreakPolicy) -> str | None:
    """What keeps the belt from moving again, as a sentence; None when nothing does."""
    if not b.active:
        return None
    end = ends_at(b, policy)
    if end is None:
        return "the belt must stand first"
    if b.level is None:
        return None
    if now < end:
        return f"the break lasts {-((now - end) // 1000)} s more"
    need = low_enough(b.level, policy)
    if b.rated is None:
        return f"rate your pain: it must be {need} or less"
    if b.rated > need:
        return f"your pain must be {need} or less, it was {b.rated}"
    return None


def resumed(b: Breaks, now: Millis) -> Breaks:
    """First motion after a break: the stages count from here."""
    if not b.active:
        began = now if b.stage_speed is not None and b.stage_from is None else b.stage_from
        return replace(b, stage_from=began)
    # Pain before the belt moved has no speed of its own: stages that weren't over begin anew.
    stage = b.stage_speed if b.speed is None else b.speed
    return replace(
        b,
        active=False,
        level=None,
        zero=None,
        stage_speed=stage,
        stage_from=None if stage is None else now,
        speed=None,
        console_starts=0,
    )


def halted(b: Breaks, now: Millis, policy: BreakPolicy) -> Breaks:
    """The belt came to rest: stages that weren't over begin anew at the next motion."""
    if b.stage_from is None:
        return b
    over = now - b.stage_from >= policy.stage1_ms + policy.stage2_ms
    return replace(b, stage_speed=None if over else b.stage_speed, stage_from=None)


def limit(b: Breaks, now: Millis, policy: BreakPolicy, machine: Machine) -> Limit:
    """The ceiling and the stage; the break's own stop is core.py's."""
    least = machine.speed_min
    met = FREE if b.ceiling is None else cap("ceiling", speed=max(b.ceiling, least))
    stage = stage_cap(b, now, policy, machine)
    return met if stage is None else meet(met, cap("stage", speed=stage))


def stage_cap(b: Breaks, now: Millis, policy: BreakPolicy, machine: Machine) -> int | None:
    """What the stages after a resume allow (0.01 km/h); None once they are over."""
    if b.active:
        stage = b.stage_speed if b.speed is None else b.speed
        return None if stage is None else _share(stage, policy.stage1_pct, machine)
    if b.stage_speed is None:
        return None
    if b.stage_from is None or now - b.stage_from < policy.stage1_ms:
        return _share(b.stage_speed, policy.stage1_pct, machine)
    if now - b.stage_from < policy.stage1_ms + policy.stage2_ms:
        return _share(b.stage_speed, policy.stage2_pct, machine)
    return None
