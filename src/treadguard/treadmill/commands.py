"""Commands on one link: what is written when, by which write type, and what came of each.

One command is in flight, of those that wait the newest of its kind wins, and a Stop waits for
nothing: it is written at once, and what waited before it is dropped. The rule to keep: each
command gets exactly one result, and a write that hangs with a Stop to send ends the link, which
can carry no Stop any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from bleak.exc import BleakGATTProtocolError, BleakGATTProtocolErrorCode

from treadguard.ftms.control_point import decode_response
from treadguard.guard.events import Command, Op

ANSWER_WITHIN_S: Final = 2.0
WRITE_WITHIN_S: Final = 1.0
"""A write that has no ATT response after this is stuck; BlueZ would wait 30 s (RADIO, DESIGN 3)."""

LAST_TRY_S: Final = 0.25
"""So long a Stop by the other write type may take before the stuck link is dropped."""

OTHER_TYPE_S: Final = 0.3
"""So long after the declared write type a repeated Stop tries the other one too."""

AGAIN_S: Final = 0.1
"""A Stop that met another procedure under way is written again after this."""

_IN_PROGRESS: Final = BleakGATTProtocolErrorCode.PROCEDURE_ALREADY_IN_PROGRESS

Result = int | Literal["timeout", "att_error"]
Write = Callable[[bytes, bool], Awaitable[None]]
"""Writes a frame, as a request where the flag is set."""


@dataclass(eq=False, slots=True)
class _Sent:
    """One command. `carried`: the radio has taken it to the machine."""

    command: Command
    frame: bytes
    written: float = 0.0
    carried: bool = False
    held_back: bool = False
    result: Result | None = None

    @property
    def answered(self) -> bool:
        """The machine itself has said what became of it."""
        return isinstance(self.result, int)

    @property
    def is_stop(self) -> bool:
        return self.command.op == "stop"


class Commands:
    """`properties` are those that the control point declares; `stuck` drops the link.

    `control_hung`: a Request Control that was never taken blocked the link before. It then comes
    right behind the first Stop, in case the machine wants it, and never in front of one. `stands`:
    the last speed of this link was zero, and a Stop repeated from here could start a belt that
    toggles (H10): the guard repeats it, through the gate, once it moves.
    """

    def __init__(
        self,
        properties: frozenset[str],
        write: Write,
        answer: Callable[[Op, Result], None],
        stuck: Callable[[], None],
        *,
        stands: Callable[[], bool],
        control_hung: bool = False,
    ) -> None:
        self.strays = 0
        """Indications that no command waited for."""
        self._both = {"write", "write-without-response"} <= properties
        self._request = "write" in properties or "write-without-response" not in properties
        self._write = write
        self._answer = answer
        self._stuck = stuck
        self._stands = stands
        self._loop = asyncio.get_running_loop()
        self._open: list[_Sent] = []  # written, and without a result
        self._flying: list[_Sent] = []  # written, and in the way of the next
        self._waiting: dict[Op, _Sent] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._hung = False
        # The last try is over by the deadline too: with the link that is dropped comes the alarm.
        self._hangs_after_s = WRITE_WITHIN_S - (LAST_TRY_S if self._both else 0.0)
        self.control_hung = control_hung
        self._held_back: _Sent | None = None
        self._closed = False

    async def quiet(self) -> None:
        """Until no write is on its way to the machine."""
        while not self._quiet.is_set():
            await self._quiet.wait()

    def put(self, command: Command, frame: bytes) -> None:
        """Write it now, or when its turn comes; its result comes later, never within this call.

        The next one's turn comes when a write is over and answered, or over for a second: BlueZ
        has one write to a characteristic at a time, and who waits beside it goes first by chance.
        """
        sent = _Sent(command, frame)
        if self._closed:
            self._loop.call_soon(self._settle, sent, "att_error")
            return
        if command.op == "request_control" and self.control_hung:
            sent.held_back = True
            self._held_back = sent
            self._loop.call_soon(self._settle, sent, "timeout")
            return
        self._later(ANSWER_WITHIN_S, self._times_out, sent)
        if sent.is_stop:
            # Nothing that was asked before a Stop may follow it.
            for dropped in self._waiting.values():
                self._loop.call_soon(self._settle, dropped, "att_error")
            self._waiting.clear()
            self._go(sent)
            self._look_for_a_hang()
        elif self._flying:
            older = self._waiting.pop(command.op, None)
            if older is not None:
                self._loop.call_soon(self._settle, older, "timeout")
            self._waiting[command.op] = sent
        else:
            self._go(sent)

    def answered(self, data: bytes) -> None:
        """The control point has indicated (or notified) this; matched by op code alone."""
        response = decode_response(data)
        if response is not None and response.result is not None:
            for sent in self._open:
                if sent.frame[0] == response.request:
                    self._settle(sent, response.result)
                    return
        self.strays += 1

    def close(self) -> None:
        """The link is gone: what has no result yet gets one now."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        for timer in self._timers:
            timer.cancel()
        for sent in [*self._open, *self._waiting.values()]:
            self._settle(sent, "att_error")

    # ------------------------------------------------------------ writing

    def _go(self, sent: _Sent) -> None:
        self._flying.append(sent)
        self._open.append(sent)
        sent.written = self._loop.time()
        self._quiet.clear()
        self._spawn(self._carry(sent))
        self._later(WRITE_WITHIN_S, self._overdue, sent)
        self._later(self._hangs_after_s, self._hangs, sent)

    async def _carry(self, sent: _Sent) -> None:
        result: Result | None = "att_error"
        try:
            await self._by_each_type(sent)
            result = None
        except Exception:  # noqa: BLE001, S110 - whatever the radio raises, nothing was carried
            pass
        finally:
            sent.carried = True
            if all(one.carried for one in self._flying):
                self._quiet.set()
            if sent.command.op == "request_control" and result is None:
                self.control_hung = False
            if sent.is_stop and self._held_back is not None and not self._closed:
                asked, self._held_back = self._held_back, None
                self._spawn(self._ask_for_control(asked))
            if result is not None:
                self._settle(sent, result)
            elif sent.result is not None:
                self._lands(sent)

    async def _by_each_type(self, sent: _Sent) -> None:
        """The declared type decides. A Stop that was refused, or had no effect, tries both."""
        if not sent.is_stop:
            await self._written(sent, self._request)
            return
        try:
            await self._written(sent, self._request)
        except Exception:
            if sent.result is not None:
                raise
            # Refused, so the machine has taken nothing.
            await self._written(sent, not self._request)
            return
        if sent.command.attempt % 2 == 0:
            await asyncio.sleep(OTHER_TYPE_S)
            if not self._stands():
                with suppress(Exception):
                    await self._written(sent, not self._request)

    async def _ask_for_control(self, asked: _Sent) -> None:
        # Its result was given when it was held back.
        with suppress(Exception):
            await self._written(asked, self._request)
            self.control_hung = False

    async def _written(self, sent: _Sent, request: bool) -> None:
        """Write it; where the machine is busy with the command before, again until it isn't."""
        until = self._loop.time() + WRITE_WITHIN_S - 2 * AGAIN_S
        while True:
            sent.written = self._loop.time()
            try:
                await self._write(sent.frame, request)
                return
            except BleakGATTProtocolError as error:
                insists = sent.held_back or (sent.is_stop and sent.result is None)
                if not insists or error.code != _IN_PROGRESS or self._loop.time() > until:
                    raise
            # The other procedure is over soon, and this one isn't kept for it.
            await asyncio.sleep(AGAIN_S)

    def _overdue(self, sent: _Sent) -> None:
        left_s = sent.written + WRITE_WITHIN_S - self._loop.time()
        if sent.carried:
            # Some machines never answer: the next command doesn't wait for that.
            self._lands(sent)
        elif left_s > 0:
            self._later(left_s, self._overdue, sent)

    def _hangs(self, sent: _Sent) -> None:
        left_s = self._left_s(sent)
        if sent.carried:
            return
        if left_s > 0:
            self._later(left_s, self._hangs, sent)
        else:
            self._look_for_a_hang()

    def _left_s(self, sent: _Sent) -> float:
        # One sum for both who ask: of two, rounding let one say yes and the other no.
        return sent.written + self._hangs_after_s - self._loop.time()

    def _look_for_a_hang(self) -> None:
        held = [sent for sent in self._flying if not sent.carried]
        hung = any(self._left_s(sent) <= 0 for sent in held)
        stop = next((sent for sent in held if sent.is_stop and not sent.answered), None)
        if hung and stop is not None and not self._hung:
            self._hung = True
            self.control_hung |= any(sent.command.op == "request_control" for sent in held)
            self._spawn(self._last_try(stop.frame))

    async def _last_try(self, frame: bytes) -> None:
        # A write command needs no answer and may pass a stuck request. BlueZ lets none past an
        # open write of the same characteristic: there only dropping the link helps.
        if self._both:
            with suppress(Exception):
                async with asyncio.timeout(LAST_TRY_S):
                    await self._write(frame, False)
        self._stuck()

    # ------------------------------------------------------------ results

    def _times_out(self, sent: _Sent) -> None:
        if self._waiting.get(sent.command.op) is sent:
            del self._waiting[sent.command.op]
        self._settle(sent, "timeout")

    def _settle(self, sent: _Sent, result: Result) -> None:
        if sent.result is None:
            sent.result = result
            if sent in self._open:
                self._open.remove(sent)
                self._frees(sent)
            self._answer(sent.command.op, result)
        if sent.carried:
            self._lands(sent)

    def _frees(self, before: _Sent) -> None:
        """A write command that met another procedure under way is dropped, and nobody says so."""
        if self._request or before.is_stop or self._closed:
            return
        for sent in self._open:
            if sent.is_stop and sent.written >= before.written:
                self._later(AGAIN_S, self._stops_again, sent)

    def _stops_again(self, sent: _Sent) -> None:
        if sent.result is None and not self._stands():
            self._spawn(self._repeated(sent.frame))

    async def _repeated(self, frame: bytes) -> None:
        with suppress(Exception):
            await self._write(frame, self._request)

    def _lands(self, sent: _Sent) -> None:
        if sent in self._flying:
            self._flying.remove(sent)
        if not self._flying and self._waiting and not self._closed:
            self._go(self._waiting.pop(next(iter(self._waiting))))

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _later(self, delay_s: float, act: Callable[[_Sent], None], sent: _Sent) -> None:
        def due() -> None:
            self._timers.discard(timer)
            act(sent)

        timer = self._loop.call_later(delay_s, due)
        self._timers.add(timer)
