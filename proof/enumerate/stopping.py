"""I17: from every state that was reached, with a fair machine, `stop` brings the belt to zero.

A fair machine answers, shows its speed each second, and comes to zero within two seconds of a Stop
that was let through. A Stop isn't repeated within a second of the last, so the runner presses
twice, a second apart: the Stop of just now may have gone to a machine that wasn't fair yet, and in
ENDED, FAULT and shadow the guard by itself sends no more. The rule to keep: the belt moves at
first, and only a Stop that really went out may stop it.
"""

from __future__ import annotations

from dataclasses import dataclass

from proof.enumerate.core import At
from proof.enumerate.memory import Memory
from proof.enumerate.normal import NOW
from proof.enumerate.step import Step
from treadguard.guard import events as ev
from treadguard.guard import step as guard
from treadguard.guard.state import State
from treadguard.units import STOPPED_MAX, Millis, Speed

MOST_S = 60
MEMORY = Memory()


@dataclass
class _Fair:
    """The guard, and a belt that obeys. `stops_in`: seconds until it stands, None unasked."""

    state: State
    speed: int
    stops_in: int | None = None

    def hear(self, event: ev.Event) -> None:
        before = self.state
        self.state, out = guard.step(before, event)
        step = Step(before, event, out, self.state, MEMORY)
        for c in step.sent:
            if c.op == "stop" and step.stands:
                self.hear(ev.Veto(self.state.now, "stop", "The belt is standing."))
            else:
                if c.op == "stop" and self.stops_in is None:
                    self.stops_in = 2
                self.hear(ev.Answer(self.state.now, c.op, 1))


def seconds_to_rest(at: At, speed: int) -> int:
    """Seconds from the press of stop until a belt at this speed is known to stand."""
    fair = _Fair(at.state, speed)
    if not at.state.link:
        fair.hear(ev.Link(NOW, True, at.state.generation + 1))
    fair.hear(ev.Operator(NOW, "stop"))
    for second in range(1, MOST_S):
        if fair.stops_in is not None:
            fair.stops_in -= 1
            fair.speed = fair.speed if fair.stops_in > 0 else 0
        if second == 1:
            fair.hear(ev.Operator(Millis(NOW + 1_000), "stop"))
        fair.hear(ev.Telemetry(Millis(NOW + second * 1_000), Speed(fair.speed)))
        m = fair.state.measured
        zero = max(m.speed or 0, m.prev or 0) <= STOPPED_MAX and m.prev is not None
        if fair.speed == 0 and zero:
            return second
    raise AssertionError(f"I17: from {at.state.phase} a stop brings no rest in {MOST_S} s")


def longest(states: list[At], speed: int = 100) -> int:
    """The most seconds that any of these states needs."""
    return max(seconds_to_rest(at, speed) for at in states)
