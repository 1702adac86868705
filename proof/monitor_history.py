"""What must hold of many steps: back-offs held, the console corrected once, Stops counted.

Each law follows one thread through a session, by what was measured and said alone. The rule to
keep: a thread that something else could explain (another phase, a newer limit, a person's press) is
let go, so that what is left is the guard's own doing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proof.monitor_facts import LONG_AGO
from treadguard.guard import events as ev

if TYPE_CHECKING:
    from proof.monitor import Monitor

NEAR = 15
"""So far may a belt be off its target (DESIGN: one step, and what belts do by themselves)."""

SAME_RATING_MS = 2_000
STOPS_MAX = 3
CORRECTS = "The console went above the limit: back to "
"""What the runner hears of it."""


@dataclass(slots=True)
class History:
    """The threads.

    `held`: the pain of the back-off in force, and until when it holds at least; `rated`: when the
    last rating came, `peak`: the highest of those that belong to it.
    `cap`: the limit that a raise at the console was corrected to, `back`: the belt has come down to
    it since. `repeats`: Stops that went out by themselves in this stop.
    """

    held: tuple[int, int] | None = None
    rated: int = LONG_AGO
    peak: int = 0
    cap: int | None = None
    back: bool = False
    repeats: int = 0

    def judge(self, m: Monitor) -> str | None:
        """The first law that this step broke."""
        if m.f.phase != "RUNNING":
            self.held = self.cap = None
            self.back = False
        return self._backoff(m) or self._corrected(m) or self._repeated(m)

    def _backoff(self, m: Monitor) -> str | None:
        """DESIGN 1: a back-off of pain holds `hold_s`, or until a lower rating given here."""
        e, f = m.event, m.f
        if isinstance(e, ev.Pain) and not e.retained and e.level is not None:
            soon = f.now - self.rated < SAME_RATING_MS
            noise = soon and e.level <= self.peak  # a higher one corrects it, and acts
            self.rated, self.peak = f.now, max(e.level, self.peak) if soon else e.level
            lower = self.held is not None and e.level < self.held[0]
            if lower and e.role == "local":
                self.held = None
            elif self.held is not None:
                self.held = max(e.level, self.held[0]), self.held[1]
            elif not noise and e.level > 0 and f.phase == "RUNNING" and "pain" in f.limit.why:
                self.held = e.level, f.now + m.policy.pain.hold_ms
        if self.held is None or f.now >= self.held[1]:
            return None
        m.session.tried.add("a back-off holds")
        return "a back-off holds its time" if f.limit.may_raise else None

    def _corrected(self, m: Monitor) -> str | None:
        """I13: what the console raised is corrected once; the second time the belt is stopped."""
        f = m.f
        if self.cap is not None and isinstance(m.event, ev.Telemetry):
            self.back |= f.measured <= self.cap + NEAR
        if any(isinstance(o, ev.Cue) and o.say.startswith(CORRECTS) for o in m.outputs):
            if self.cap is not None and self.back and f.limit.speed >= self.cap:
                return "I13 a second raise at the console is stopped, not corrected"
            m.session.tried.add("I13")
            self.cap, self.back = f.limit.speed, False
        return None

    def _repeated(self, m: Monitor) -> str | None:
        """H05: three Stops without effect are a fault; nobody is left with a row of them."""
        if isinstance(m.event, ev.Answer):
            return None  # what was refused for want of control was never taken (H08)
        itself = isinstance(m.event, (ev.Tick, ev.Telemetry))
        gap = any(isinstance(o, ev.PhaseChange) and o.to == "LOST" for o in m.outputs)
        if m.f.phase != "STOPPING" or gap:
            self.repeats = 0  # after a gap in what is seen the count begins again
        elif m.before != "STOPPING":
            self.repeats = int(m.stop)
        elif m.stop:
            self.repeats = self.repeats + 1 if itself else 0
        if self.repeats > STOPS_MAX:
            return "H05 after three Stops without effect comes the fault, not another"
        return None
