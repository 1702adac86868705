"""A film, laid out for the checks: who pressed what, what was said, when something was broken.

Here: look-ups over one film and its plan. Not here: any judgement. The rule to keep: what the guard
believes is used only to tell one episode from the next, never to excuse it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from proof.simulated_film import STOP, Film, Hand, Written
from proof.simulated_plans import Plan
from treadguard.guard.events import Machine, Telemetry
from treadguard.journal import Line, decoded
from treadguard.sim.presets import PRESETS

LOCAL: Final = ("local", "api")
STARTS: Final = ("start", "resume", "programme", "warm-up")
"""What may move a standing belt."""

PLANS: Final = ("programme", "warm-up", "vary")
"""What may go up by itself later."""

AFTERMATH_MS: Final = 6_000
"""A fault is felt for so long after its end: what was late arrives, a new connection is made."""

SET_SPEED: Final = 0x02
SET_INCLINE: Final = 0x03
START_OP: Final = 0x07
STOP_OP: Final = 0x08
STOPPED_STATUS: Final = 0x02
SAFETY_KEY: Final = 0x03
STARTED_STATUS: Final = 0x04
SPEED_STATUS: Final = 0x05
GRADE_STATUS: Final = 0x06

_SAID: Final = re.compile(rb'"kind":"(alarm|cue|phase|verdict)"')


@dataclass(frozen=True)
class View:
    """One film of one plan. All times in ms."""

    film: Film
    plan: Plan

    @cached_property
    def lines(self) -> list[Line]:
        """What the stream said, alarms, cues and phases alone."""
        return [decoded(raw) for raw in self.film.lines if _SAID.search(raw)]

    @cached_property
    def alarms(self) -> list[int]:
        """When an alarm was raised."""
        return [line["t"] for line in self.lines if line["kind"] == "alarm"]

    @cached_property
    def phases(self) -> list[tuple[int, str]]:
        """Which phase was entered when."""
        return [(line["t"], line["to"]) for line in self.lines if line["kind"] == "phase"]

    @cached_property
    def announced(self) -> list[tuple[int, dict[str, int]]]:
        """The raises that were announced: when, and how high at most (0.01 km/h, 0.1 %)."""
        return [
            (line["t"], {axis: round(float(n) * per) for axis, n, per in _heights(line["say"])})
            for line in self.lines
            if line["kind"] == "cue" and line["say"].startswith("In 5 seconds: ")
        ]

    def phase(self, t: int) -> str:
        """The phase shown at the end of `t`."""
        n = bisect_right(self.phases, t, key=lambda one: one[0])
        return self.phases[n - 1][1] if n else "OFF"

    def was(self, t: int) -> str:
        """The phase shown just before `t`."""
        return self.phase(t - 1)

    @cached_property
    def samples(self) -> list[tuple[int, int]]:
        """Speeds that came in."""
        return self.film.samples()

    def last_samples(self, t: int, many: int = 2) -> list[tuple[int, int]]:
        """The last speeds that had come in by `t`, oldest first."""
        n = bisect_right(self.samples, t, key=lambda one: one[0])
        return self.samples[max(0, n - many) : n]

    @cached_property
    def grades(self) -> list[tuple[int, int]]:
        """Grades that came in."""
        return [
            (e.t, e.incline)
            for e in self.film.heard
            if isinstance(e, Telemetry) and e.incline is not None
        ]

    def shown(self, axis: str, t: int) -> int | None:
        """The last value of this axis that had come in by `t`."""
        came = self.samples if axis == "speed" else self.grades
        n = bisect_right(came, t, key=lambda one: one[0])
        return came[n - 1][1] if n else None

    @cached_property
    def presses(self) -> list[Hand]:
        """What was pressed and taken, or done to the machine, in order."""
        return sorted((h for h in self.film.hands if h.taken), key=lambda h: h.t)

    def pressed(self, after: int, until: int) -> list[Hand]:
        """The presses with after < t <= until."""
        low = bisect_right(self.presses, after, key=lambda h: h.t)
        high = bisect_right(self.presses, until, key=lambda h: h.t)
        return self.presses[low:high]

    @cached_property
    def motion(self) -> list[Written]:
        """The frames that left and bear on the belt's speed."""
        return [w for w in self.film.written if w.op in (SET_SPEED, START_OP, STOP_OP)]

    @cached_property
    def stops(self) -> list[Written]:
        """The Stops that left."""
        return [w for w in self.film.written if w.frame == STOP]

    def stops_in(self, begin: int, end: int) -> list[Written]:
        """The Stops that left in this time, both ends included."""
        low = bisect_left(self.stops, begin, key=lambda w: w.t)
        return self.stops[low : bisect_right(self.stops, end, key=lambda w: w.t)]

    def alarmed(self, begin: int, end: int) -> int | None:
        """When the first alarm of this time was raised."""
        n = bisect_left(self.alarms, begin)
        return self.alarms[n] if n < len(self.alarms) and self.alarms[n] <= end else None

    @cached_property
    def links(self) -> list[tuple[int, bool]]:
        """When the link was reported up or down."""
        return self.film.links()

    def linked(self, t: int) -> bool:
        """Whether the link was last reported up."""
        n = bisect_right(self.links, t, key=lambda one: one[0])
        return bool(n) and self.links[n - 1][1]

    def linked_since(self, t: int) -> int:
        """When the link was last reported, either way."""
        n = bisect_right(self.links, t, key=lambda one: one[0])
        return self.links[n - 1][0] if n else 0

    def broken(self, begin: int, end: int, *where: str) -> bool:
        """Whether a fault there was at work, or still felt, in this time."""
        return any(
            fault.at_ms <= end and begin <= fault.at_ms + fault.for_ms + AFTERMATH_MS
            for fault in self.plan.faults
            if not where or fault.where in where
        )

    def alive(self, begin: int, end: int) -> bool:
        """Whether one service lived through all of this time."""
        return any(a <= begin and (b is None or end < b) for a, b in self.film.lives)

    def told_of(self, hand: Hand, t: int) -> bool:
        """Whether the machine had said before `t` what this hand did at its console."""
        preset = PRESETS[self.plan.preset]
        value = hand.act.value or 0
        match hand.act.do:
            case "console_speed":
                said: tuple[int, int | None] = (SPEED_STATUS, preset.nearest_speed(value))
            case "console_grade":
                if not preset.has_incline:
                    return False
                said = (GRADE_STATUS, preset.nearest_grade(value))
            case "console_stop":
                said = (STOPPED_STATUS, None)
            case "safety_key":
                said = (SAFETY_KEY, None)
            case _:
                said = (STARTED_STATUS, None)
        code, named = said
        return any(
            isinstance(event, Machine)
            and event.status == code
            and (named is None or event.value == named)
            for event in self.film.heard
            if hand.t <= event.t < t
        )

    @cached_property
    def acts_ms(self) -> int:
        """How long this machine takes from a frame to the motor, at most."""
        return PRESETS[self.plan.preset].acts[1]

    @cached_property
    def key_heard(self) -> int | None:
        """When the service heard that the safety key was pulled."""
        for event in self.film.heard:
            if isinstance(event, Machine) and event.status == SAFETY_KEY:
                return event.t
        return None


def _heights(say: str) -> Iterator[tuple[str, str, int]]:
    for axis, unit, per in (("speed", "km/h", 100), ("incline", "%", 10)):
        found = re.search(rf"([0-9.]+) {unit}[,.]", say)
        if found is not None:
            yield axis, found[1], per
