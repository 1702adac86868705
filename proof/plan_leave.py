"""What a programme may raise, as somebody sees it who only looks on: DESIGN 1 and 4 in a few lines.

A programme states its raises before the start; one local consent of this connection sets them
going; each is announced 5 s ahead; the first limit in force, lowering, Stop, stale telemetry, lost
time, hand at the console or lost link withdraws all that follow until a new consent; and none goes
above a speed or grade that was backed off to. The rule to keep: only what went in and what was put
out counts here, never the guard's own course, leave or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from treadguard.guard import events as ev
from treadguard.guard.plan import Plan

AHEAD_MS: Final = 5_000
STALE_MS: Final = 3_000
ROUNDED: Final = 5
"""An announcement names tenths of a km/h."""

NONE: Final = 10_000
"""Higher than any speed or grade: nothing was backed off yet."""

WARM_UP_FROM: Final = 300
BACK_OFFS: Final = frozenset({"pain", "ease", "posture", "no rating", "injected"})
"""The last stands for all of them where they are enumerated."""

CAPS: Final = frozenset({"cap", "profile"})
"""What never changes in a session, and so is no news of how far a belt was backed off."""

AT_REST: Final = ("OFF", "READY", "PAUSED", "BREAK", "STOPPING", "LOST", "ENDED", "FAULT")
SAID_BY_HAND: Final = (2, 3)
"""2ADA: stopped by the user, and the safety key."""

VARIES_MS: Final = 7_200_000

_SPEED: Final = re.compile(r"([0-9.]+) km/h")
_GRADE: Final = re.compile(r"([0-9.]+) ?%")

GOES_ON: Final = (-1, -1)

Top = tuple[int, int, int]
"""From when on (ms on the moving belt), how fast and how steep at most."""

Told = tuple[int, int, int, int]


def stated(plan: Plan) -> tuple[Top, ...]:
    """What a plan states: its legs, and nothing after the last; or that it goes on from there."""
    tops = [(plan.begins(i), int(leg.speed), int(leg.grade)) for i, leg in enumerate(plan.legs)]
    return (*tops, (int(plan.lasts), *((0, 0) if plan.ends else GOES_ON)))


@dataclass(frozen=True, slots=True)
class Going:
    """One programme: `tops` as stated, `gone` ms of moving belt since it was first set going.

    `line`: a warm-up's length and target, which rises evenly instead. `leave`: raises may follow.
    `told`: the last four announcements: when, at which `gone`, and to which speed and grade.
    `eased`: as far down as it was backed off to.
    """

    session: tuple[Top, ...] = ()
    tops: tuple[Top, ...] = ()
    line: tuple[int, int] | None = None
    gone: int = 0
    leave: bool = False
    told: tuple[Told, ...] = ()
    eased: tuple[int, int] = (NONE, NONE)

    # -------------------------------------------------- questions

    def now_at(self) -> Top:
        """The leg that its own time has come to."""
        if self.line is not None:
            lasts, target = self.line
            climbed = (target - WARM_UP_FROM) * min(self.gone, lasts) // max(lasts, 1)
            return 0, WARM_UP_FROM + max(0, climbed) if target > WARM_UP_FROM else target, 0
        begun = [top for top in self.tops if top[0] <= self.gone and top[1:] != GOES_ON]
        return begun[-1] if begun else (0, 0, 0)

    def may(self, t: int) -> tuple[int, int]:
        """The highest speed and grade that it may raise to now; (0, 0): nothing."""
        if not self.leave:
            return 0, 0
        _, fastest, steepest = self.now_at()
        told = [self.worth(x) for x in self.told if t - x[0] >= AHEAD_MS]
        speed = max((v + ROUNDED for v, _ in told), default=0)
        grade = max((g for _, g in told), default=0)
        return min(fastest, speed, self.eased[0]), min(steepest, grade, self.eased[1])

    def worth(self, told: Told) -> tuple[int, int]:
        """What an announcement is still good for: no more than each leg since has had."""
        _, at_gone, speed, grade = told
        for begins, fastest, steepest in self.tops:
            if at_gone + AHEAD_MS < begins <= self.gone and (fastest, steepest) != GOES_ON:
                speed, grade = min(speed, fastest), min(grade, steepest)
        return speed, grade

    @property
    def named(self) -> str:
        """Which kind it is."""
        if self.line is not None:
            return "a warm-up"
        return "a programme" if self.tops == self.session else "a variation"

    @property
    def under_way(self) -> bool:
        """There is one, with leave or without, and its last leg isn't over."""
        return self.line is not None or bool(self.tops and self.gone < self.tops[-1][0])

    # -------------------------------------------------- what happens

    def passes(self, ms: int, phase: str) -> Going:
        """So long went by in this phase; only a belt that runs takes a programme further."""
        return replace(self, gone=self.gone + ms) if phase == "RUNNING" and ms else self

    def withdrawn(self) -> Going:
        """Nothing follows until a new consent; of a warm-up or a variation nothing is left."""
        if not self.leave and not self.told:
            return self
        own = self.line is None and self.tops == self.session
        tops = self.session if own else ()
        return replace(self, tops=tops, line=None, leave=False, told=())

    def set_going(
        self, do: str, value: int | None, at: tuple[int, int] = (0, 0), lasts: int = 0
    ) -> Going:
        """A local consent of this connection was used for it; `at`: speed and grade of now."""
        if do == "programme" and not self.session:
            return self
        if do == "warm-up" and value is not None:
            return replace(self, tops=(), line=(lasts, value), gone=0, leave=True, told=())
        if do == "vary":
            tops = ((0, *at), (VARIES_MS, 0, 0))
            return replace(self, tops=tops, line=None, gone=0, leave=True, told=())
        same = self.line is None and self.tops == self.session
        gone = self.gone if same and self.under_way else 0
        # A raise under way was announced, and goes on.
        told = tuple((x[0], x[1] if same else 0, *x[2:]) for x in self.told if self.leave)
        return replace(self, tops=self.session, line=None, gone=gone, leave=True, told=told)

    def heard(self, e: ev.Event, age: int | None, commanded: int) -> Going:
        """Before the guard's answer: what a hand, the link or the clock withdraws."""
        ends = age is None or age >= STALE_MS
        if isinstance(e, ev.Operator):
            lower = e.do == "speed" and e.value is not None and e.value < commanded
            ends = ends or lower or e.do in ("stop", "break", "end", "ease")
        elif isinstance(e, ev.Pain):
            ends = ends or e.level != 0 or e.retained
        elif isinstance(e, ev.Machine):
            ends = ends or e.status in SAID_BY_HAND
        else:
            ends = ends or isinstance(e, ev.Link | ev.Clock | ev.Symptom | ev.Host)
        return self.withdrawn() if ends else self

    def answered(self, t: int, out: Iterable[ev.Output], phase: str) -> Going:
        """After it: announcements, limits in force, Stops, and a belt that rests."""
        now = self
        for o in out:
            if isinstance(o, ev.Cue) and o.say.startswith("In 5 seconds"):
                now = replace(now, told=(*now.told[-3:], (t, now.gone, *_named(o.say))))
            elif isinstance(o, ev.LimitChange) and not o.may_raise:
                now = now.withdrawn()
                own = now.under_way and now.tops == now.session
                if own and phase == "RUNNING" and BACK_OFFS.issuperset(set(o.why) - CAPS):
                    lower = min(now.eased[0], o.speed), min(now.eased[1], o.incline)
                    now = replace(now, eased=lower)
            elif isinstance(o, ev.Command) and not o.shadow and o.op == "stop":
                now = now.withdrawn()
            elif isinstance(o, ev.PhaseChange) and o.from_ in ("RUNNING", "STARTING"):
                now = now.withdrawn() if o.to in AT_REST else now
        return now


def _named(say: str) -> tuple[int, int]:
    """The speed and grade that an announcement names; what it doesn't name isn't raised."""
    speed, grade = _SPEED.search(say), _GRADE.search(say)
    return (
        0 if speed is None else round(float(speed[1]) * 100),
        0 if grade is None else round(float(grade[1]) * 10),
    )
