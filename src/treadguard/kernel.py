"""The one writer: an event goes in, is numbered, stepped, written down, and acted on.

Here: the order of things within one turn, the same for a session, a simulation and a replay. Not
here: files, time, tasks. The rules to keep: a decision's line is written before its command is
sent (invariant I15); nothing between decision and sending awaits; whatever the gate refuses goes
back to the guard as a `Veto` with its own line and its own step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from treadguard import gate, journal
from treadguard.guard.events import (
    Clock,
    Command,
    Consent,
    Event,
    Link,
    Machine,
    Output,
    Telemetry,
    Verdict,
    Veto,
)
from treadguard.guard.kept import Kept
from treadguard.guard.plan import Course, Plan
from treadguard.guard.state import State
from treadguard.guard.step import step
from treadguard.units import Millis

Send = Callable[[Command], str | None]
"""Sends one command; returns why the gate refused it, or None."""

Emit = Callable[[bytes, Event | Output | None], None]
"""Takes a finished line and what it says (None for restart, end and the service's alarms)."""

VETOES_MAX: Final = 16
"""More refusals than this in one turn: guard and gate are in a loop, and neither gives way."""


class Fed(NamedTuple):
    """What came of one event: the seq of its line, and all outputs, those after vetoes too."""

    seq: int
    outputs: tuple[Output, ...]


class GateKeeper:
    """The gate and what it has seen, shared with the treadmill that asks it about each frame.

    Its time is that of the event being stepped: a frame is judged in the turn that decided it.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self, plan: Plan | None = None) -> None:
        """Nothing was seen yet: a machine may outlive the process that drove it."""
        legs = () if plan is None else plan.legs
        stages = (
            gate.Stage(plan.begins(i), leg.speed, leg.grade)
            for i, leg in enumerate(legs)
            if plan is not None
        )
        self._state = gate.GateState(plan=tuple(stages))
        self._t = Millis(0)

    def observe(self, event: Event) -> None:
        """Take in what the gate judges by; it knows nothing of pain or rules."""
        self._t = t = event.t
        match event:
            case Telemetry(_, speed, incline):
                if speed is not None:
                    self._state = gate.saw_speed(self._state, t, speed)
                if incline is not None:
                    self._state = gate.saw_incline(self._state, t, incline)
            case Machine(_, status, value, training, _):
                if status is not None:
                    self._state = gate.saw_status(self._state, t, status, value)
                if training is not None:
                    self._state = gate.saw_training(self._state, t, training)
            case Link(_, up, generation):
                self._state = gate.linked(self._state, t, up, generation)
            case Consent(_, _, for_, target, expires, generation):
                self._state = gate.consented(self._state, t, for_, target, expires, generation)
            case Clock():
                self._state = gate.unwatched(self._state)
            case _:
                pass

    def check(self, frame: bytes) -> str | None:
        """Why this control-point frame must not go out, or None."""
        self._state, why = gate.check(self._state, self._t, frame)
        return why

    def follow(self, course: Course | None) -> None:
        """Let the raises of a plan through as far as the guard has leave for them.

        It takes a consent of the gate's own to begin that, and none to end it.
        """
        if course is None or not course.leave:
            self._state = gate.without_programme(self._state)
        elif course.leave_t == self._t:
            self._state = gate.taken_up(self._state, self._t)

    def known_stopped(self, t: Millis) -> bool:
        """The belt was measured at rest, just now and twice."""
        return gate.known_stopped(self._state, t)


class Kernel:
    """Guard state, gate and line numbers of one session."""

    def __init__(
        self, state: State, keeper: GateKeeper, send: Send, emit: Emit, *, seq: int = 0
    ) -> None:
        self.state = state
        self.seq = seq
        self._keeper = keeper
        self._send = send
        self._emit = emit
        self._seq_of_command: dict[int, int] = {}
        self._turn = False
        self._t = Millis(0)
        keeper.begin(state.plan)

    def feed(self, event: Event) -> Fed:
        """Step the guard once, and once more for each refusal that follows.

        RuntimeError when it is called from within its own turn, or when guard and gate loop.
        """
        if self._turn:
            raise RuntimeError("an event was fed from within the turn of another")
        self._turn = True
        try:
            return self._turn_of(event)
        finally:
            self._turn = False

    def restart(self, kept: Kept, t: Millis) -> None:
        """Say that the journal goes on after a crash, from this state."""
        self.seq += 1
        self._emit(journal.restart_line(kept, self.seq, self._now(t)), None)

    def service_alarm(self, say: str, t: Millis) -> None:
        """Write down an alarm that isn't the guard's."""
        self.seq += 1
        self._emit(journal.service_alarm_line(say, self.seq, self._now(t)), None)

    def end(self, summary: Mapping[str, object], t: Millis) -> None:
        """Write the last line."""
        self.seq += 1
        self._emit(journal.end_line(summary, self.seq, self._now(t)), None)

    def _now(self, t: Millis) -> Millis:
        """The time of the next line: a clock read earlier and fed later is heard as now."""
        self._t = max(self._t, t)
        return self._t

    def _turn_of(self, event: Event) -> Fed:
        if event.t < self._t:
            event = replace(event, t=self._t)
        self._now(event.t)
        said: tuple[Output, ...] = ()
        first = self.seq + 1
        waiting: deque[Event] = deque((event,))
        vetoes = 0
        while waiting:
            now = waiting.popleft()
            self.seq = cause = self.seq + 1
            self._emit(journal.input_line(now, cause), now)
            self._keeper.observe(now)
            self.state, outputs = step(self.state, now)
            self._keeper.follow(self.state.course)
            for output in outputs:
                veto = self._put_out(output, now.t, cause)
                if veto is not None:
                    vetoes += 1
                    waiting.append(veto)
            if vetoes > VETOES_MAX:
                raise RuntimeError(f"the gate refused {vetoes} commands in one turn")
            said = outputs if not said else said + outputs
        return Fed(first, said)

    def _put_out(self, output: Output, t: Millis, cause: int) -> Veto | None:
        self.seq = seq = self.seq + 1
        refers_to = 0
        if isinstance(output, Command):
            self._seq_of_command[output.n] = seq
            refers_to = cause
        elif isinstance(output, Verdict):
            refers_to = self._seq_of_command[output.of]
        self._emit(journal.output_line(output, seq, t, refers_to), output)
        if isinstance(output, Command) and not output.shadow:
            why = self._send(output)
            return None if why is None else Veto(t, output.op, why)
        return None
