"""A plan: what the belt is to do leg by leg, all of it stated before the start.

Here: the legs, the place that a session has come to in them, and the two plans that the guard lays
down by itself, a warm-up and a variation. Not here: what of it may be raised (course.py). The
rule to keep: a plan is a wish; it passes every limit that any other wish passes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from treadguard.units import Grade, Millis, Speed

WARM_UP_FROM: Final = Speed(300)
"""Where a warm-up begins, and how fine it climbs (DESIGN.md section 4)."""

WARM_UP_STEP_MS: Final = Millis(30_000)

DIP_PCT: Final = 90
DIP_MS: Final = Millis(60_000)
"""A variation takes off 10 % for a minute (convention): enough to change the stride."""

VARIES_FOR_MS: Final = Millis(7_200_000)


@dataclass(frozen=True, slots=True)
class Leg:
    """So long at one speed and grade: ms, 0.01 km/h, 0.1 %. `say`: what is announced with it."""

    lasts: Millis
    speed: Speed
    grade: Grade = Grade(0)
    say: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The legs in their order. `ends`: the session ends in order after the last one."""

    legs: tuple[Leg, ...]
    ends: bool = True

    @property
    def lasts(self) -> Millis:
        """The whole of it, in ms."""
        return Millis(sum(leg.lasts for leg in self.legs))

    def leg_at(self, gone: int) -> int | None:
        """The number of the leg after `gone` ms, None after the last."""
        for i, leg in enumerate(self.legs):
            if gone < leg.lasts:
                return i
            gone -= leg.lasts
        return None

    def begins(self, i: int) -> int:
        """When leg `i` begins, in ms from the plan's begin."""
        return sum(leg.lasts for leg in self.legs[:i])


Kind = Literal["programme", "warm-up", "variation"]


@dataclass(frozen=True, slots=True)
class Course:
    """A plan under way.

    `done`: its time up to the last rest; `since`: moving since, None at rest. `leave`: raises may
    follow, by a consent used at `leave_t`. `leg`: the last leg begun; `told`: the last whose raise
    was announced, at `told_t` and to these; `up`: the last whose raise was let go.
    """

    kind: Kind
    plan: Plan
    done: int = 0
    since: Millis | None = None
    leave: bool = False
    leave_t: Millis | None = None
    leg: int = -1
    told: int = -1
    told_t: Millis = Millis(0)
    told_speed: int | None = None
    told_grade: int | None = None
    up: int = -1

    def gone(self, now: Millis) -> int:
        """The plan's own time, in ms."""
        return self.done + (0 if self.since is None else now - self.since)


def warm_up(target: int, lasts: int) -> Plan:
    """Evenly from walking pace up to `target` in about `lasts` ms (A12, A13), and on from there.

    There is no climb where the target is no faster than that pace.
    """
    last = Leg(WARM_UP_STEP_MS, Speed(target))
    if target <= WARM_UP_FROM:
        return Plan((last,), ends=False)
    count = max(1, lasts // WARM_UP_STEP_MS)
    climb = target - WARM_UP_FROM
    ramp = tuple(
        replace(last, speed=Speed(WARM_UP_FROM + climb * i // count // 10 * 10))
        for i in range(count)
    )
    return Plan((*ramp, last), ends=False)


def warmed(plan: Plan, top: int, lasts: int) -> Plan:
    """The same plan where a warm-up is demanded: so far no leg is faster than warm enough for.

    `top`: the speed that is warm enough for after `lasts` ms, 0.01 km/h.
    """
    legs: list[Leg] = []
    gone = 0
    for leg in plan.legs:
        left, say = leg.lasts, leg.say
        while left and gone < lasts and leg.speed > warm_for(top, lasts, gone):
            piece = Millis(min(left, WARM_UP_STEP_MS - gone % WARM_UP_STEP_MS))
            speed = Speed(warm_for(top, lasts, gone) // 10 * 10)
            legs.append(replace(leg, lasts=piece, speed=speed, say=say))
            gone, left, say = gone + piece, Millis(left - piece), ""
        if left:
            legs.append(replace(leg, lasts=left, say=say))
            gone += left
    return replace(plan, legs=tuple(legs))


def warm_for(top: int, lasts: int, gone: int) -> int:
    """The speed that `gone` ms are warm enough for, evenly up to `top` after `lasts` (A12)."""
    if gone >= lasts:
        return top
    return min(top, WARM_UP_FROM + (top - WARM_UP_FROM) * gone // lasts)


def variation(speed: int, grade: int, every: int) -> Plan:
    """Now and then a little slower for a minute, and back: never above what was chosen (A14)."""
    dip = Leg(DIP_MS, Speed(speed * DIP_PCT // 100), Grade(grade), "A change for your back.")
    stay = Leg(Millis(every), Speed(speed), Grade(grade))
    return Plan((stay, dip) * (VARIES_FOR_MS // (every + DIP_MS)) + (stay,), ends=False)
