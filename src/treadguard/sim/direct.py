"""The simulated treadmill as the service drives it, without a radio: frames in, events out.

It gives the machine (machine.py) a link that can drop, hold back and maim. What bytes mean to the
guard is readings.py's business. The rule to keep: nothing is carried out inside `send` but the
gate's judgement, and every command that passed it gets exactly one `Answer`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from treadguard.ftms import ranges as ftms_ranges
from treadguard.ftms.control_point import decode_response, frame_of
from treadguard.guard.events import Answer, Command, Event, Link, Machine, Op
from treadguard.sim.faults import Fault
from treadguard.sim.machine import SimulatedMachine
from treadguard.sim.presets import Preset, declared_speeds, properties_of
from treadguard.treadmill.protocol import Clock, Feed
from treadguard.treadmill.readings import ranges, read
from treadguard.units import Millis

ANSWER_WITHIN: Final = Millis(2000)
ATT_ERROR_AFTER: Final = Millis(20)
RECONNECT_AFTER: Final = Millis(1000)
"""A scan, a connect and the subscriptions take at least this long."""


@dataclass(eq=False, slots=True)
class _Pending:
    """A command that waits for its answer; `code` is the frame's op code."""

    op: Op
    code: int


class DirectTreadmill(SimulatedMachine):
    """One simulated machine. It lives on between runs, as a machine does when its client dies."""

    is_real = False
    proven = True

    def __init__(
        self,
        preset: Preset,
        *,
        check: Callable[[bytes], str | None],
        quirks: Iterable[str] = (),
        faults: Sequence[Fault] = (),
        seed: int = 0,
    ) -> None:
        """`check` is the gate: why a frame is refused, or None. ValueError for unknown quirks."""
        super().__init__(preset, self._on_air, quirks=quirks, faults=faults, seed=seed)
        self.name = f"the simulated treadmill ({preset.name})"
        self.dropped: Counter[str] = Counter()
        """How many implausible values were dropped, by field."""
        self._check = check
        # A command that is lost has no response to say so.
        self._responds = "write" in properties_of(preset, self._motor.quirks)
        self._pending: list[_Pending] = []
        self._generation = 0
        self._link = 0  # counts real connections; `_generation` counts reported ones
        self._connected = False
        self._said_up = False
        self._in_until = self._out_until = -1
        self._feed: Feed = _nobody
        for edge, _ in self.faults.edges("link"):
            self._agenda.put(edge, self._link_changes)

    # ------------------------------------------------------------ what the service calls

    def send(self, command: Command) -> str | None:
        """See `Treadmill.send`."""
        try:
            frame = frame_of(command)
        except ValueError as error:
            return f"The command can't be written: {error}."
        why = self._check(frame)
        if why is None:
            self._soon(partial(self._write, _Pending(command.op, frame[0]), frame))
        return why

    async def run(self, clock: Clock, feed: Feed) -> None:
        """See `Treadmill.run`. May be run again after it was cancelled; the machine went on."""
        self._catch_up(clock)
        self._feed = feed
        over = self._live()
        self._soon(self._connect)
        try:
            await over
        finally:
            self._feed = _nobody
            self._rest()
            self._drop()

    # ------------------------------------------------------------ link

    def _link_changes(self) -> None:
        now = self._agenda.now
        if self.faults.link_down(now):
            self._drop()
        elif not self._connected:
            self._agenda.put(now + RECONNECT_AFTER, self._connect)
        elif self.faults.kind("link", now) == "wrong":
            self._say_down()
        elif not self._said_up:
            self._say_up()

    def _connect(self) -> None:
        if self._over is None or self._connected:
            return
        # A link that is down or stuck is tried again when that ends.
        if self.faults.link_passes(self._agenda.now) is not None:
            self._connected = True
            self._link += 1
            self._in_until = self._out_until = -1  # what the old link held back is lost
            self._say_up()

    def _drop(self) -> None:
        if not self._connected:
            return
        self._connected = False
        self._control_point.link_lost()
        for pending in self._pending.copy():
            self._settle(pending, "att_error")
        self._say_down()

    def _say_up(self) -> None:
        now = self._agenda.now
        self._generation += 1
        self._said_up = True
        self._feed(Link(self._clock(), up=True, generation=self._generation))
        preset = self._preset
        speed = ftms_ranges.encode_speed(*declared_speeds(preset, self._motor.quirks))
        incline = None if preset.incline is None else ftms_ranges.encode_incline(*preset.incline)
        self._feed(
            Machine(
                self._clock(),
                ranges=ranges(
                    self.faults.link_bytes(now, speed),
                    None if incline is None else self.faults.link_bytes(now, incline),
                ),
            )
        )

    def _say_down(self) -> None:
        if self._said_up:
            self._said_up = False
            self._feed(Link(self._clock(), up=False, generation=self._generation))

    # ------------------------------------------------------------ commands and answers

    def _write(self, pending: _Pending, frame: bytes) -> None:
        now = self._agenda.now
        self._pending.append(pending)
        spoilt = self.faults.kind("link", now) == "garbage"
        if not self._connected or (spoilt and self._responds):
            self._agenda.put(now + ATT_ERROR_AFTER, partial(self._settle, pending, "att_error"))
            return
        self._agenda.put(now + ANSWER_WITHIN, partial(self._settle, pending, "timeout"))
        passes = self.faults.link_passes(now)
        if passes is not None and not spoilt:
            self._out_until = max(passes, self._out_until)
            self._agenda.put(self._out_until, partial(self._reaches, self._link, frame))

    def _reaches(self, link: int, frame: bytes) -> None:
        if self._connected and link == self._link:
            self._control_point.write(frame)

    def _settle(self, pending: _Pending, result: int | Literal["timeout", "att_error"]) -> None:
        if pending in self._pending:
            self._pending.remove(pending)
            self._feed(Answer(self._clock(), pending.op, result))

    def _answered(self, data: bytes) -> None:
        response = decode_response(data)
        if response is None or response.result is None:
            return
        for pending in self._pending:
            if pending.code == response.request:
                self._settle(pending, response.result)
                return

    # ------------------------------------------------------------ notifications

    def _on_air(self, char: str, data: bytes) -> None:
        now = self._agenda.now
        passes = self.faults.link_passes(now)
        if not self._connected or passes is None:
            return
        data = self.faults.link_bytes(now, data)
        if passes == now > self._in_until:
            self._arrives(self._link, char, data)
        else:
            # One link keeps the order: what is held back holds up what comes after it.
            self._in_until = max(passes, self._in_until)
            self._agenda.put(self._in_until, partial(self._arrives, self._link, char, data))

    def _arrives(self, link: int, char: str, data: bytes) -> None:
        if not self._connected or link != self._link:
            return
        if char == "2ad9":
            self._answered(data)
            return
        event = read(char, data, self._clock(), self.dropped)
        if event is not None:
            self._feed(event)


def _nobody(event: Event) -> None:
    """Nobody listens while it isn't run."""
