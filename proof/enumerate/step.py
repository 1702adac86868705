"""One step of the guard, as a law gets to see it.

The rule to keep: what is worked out here comes from what was measured and put out, never from the
guard's own judgement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from proof.enumerate.memory import Memory
from treadguard.guard import events as ev
from treadguard.guard.belt import Measured
from treadguard.guard.state import State
from treadguard.units import STOPPED_MAX, Millis

MOVES: Final = ("STARTING", "RUNNING", "STOPPING", "LOST")
"""Phases in which the belt moves or may move."""


def stands(m: Measured, now: Millis) -> bool:
    """Two samples at zero, the older at most 3 s old, and no sign of a start for 10 s."""
    if m.t is None or m.prev_t is None or m.speed is None or m.prev is None:
        return False
    started = m.start_doubt is not None and now - m.start_doubt <= 10_000
    return max(m.speed, m.prev) <= STOPPED_MAX and now - m.prev_t <= 3_000 and not started


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the guard; `memory` is what an onlooker knows, the event included."""

    before: State
    event: ev.Event
    out: tuple[ev.Output, ...]
    after: State
    memory: Memory

    @property
    def sent(self) -> list[ev.Command]:
        """What goes to the belt."""
        return [o for o in self.out if isinstance(o, ev.Command) and not o.shadow]

    @property
    def stops(self) -> bool:
        """Whether a Stop goes to the belt."""
        return any(c.op == "stop" for c in self.sent)

    @property
    def told(self) -> bool:
        """Whether the runner hears an alarm."""
        return any(isinstance(o, ev.Alarm) for o in self.out)

    @property
    def moves_sent(self) -> list[ev.Command]:
        """What may start or drive the belt."""
        return [c for c in self.sent if c.op in ("start", "set_speed", "set_incline")]

    @property
    def age(self) -> int | None:
        """How old the newest speed is once the event is known."""
        t = self.after.measured.t
        return None if t is None else self.after.now - t

    @property
    def stands(self) -> bool:
        """Whether the belt is known to stand once the event is known."""
        return stands(self.after.measured, self.after.now)
