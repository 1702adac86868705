"""One control point under the test's hand, in virtual time: what the radio makes of each write.

The one rule: a write that hangs is over when the radio is done with it, and not when the wait for
it is cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from bleak.exc import (
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)

from treadguard.ftms.control_point import OpCode, frame_of, response
from treadguard.guard.events import Command, Op
from treadguard.session.virtual_time import run
from treadguard.treadmill.commands import Commands

T = TypeVar("T")
Outcome = int | Literal["timeout", "att_error"]
Props = frozenset[str]
BOTH: Props = frozenset({"write", "write-without-response", "indicate"})
REQUEST: Props = frozenset({"write", "indicate"})
COMMAND: Props = frozenset({"write-without-response", "indicate"})

STOP = b"\x08\x01"
CODES: dict[Op, OpCode] = {
    "request_control": OpCode.REQUEST_CONTROL,
    "set_speed": OpCode.SET_TARGET_SPEED,
    "set_incline": OpCode.SET_TARGET_INCLINE,
    "start": OpCode.START_OR_RESUME,
    "stop": OpCode.STOP_OR_PAUSE,
}
BLUEZ_WAITS_S = 30.0


def ok(op: Op, result: int = 1) -> bytes:
    return response(CODES[op], result)


def att(code: int) -> BleakGATTProtocolError:
    return BleakGATTProtocolError(BleakGATTProtocolErrorCode(code))


@dataclass
class Does:
    """What the radio makes of one write: it ends after `after_s`, by `error` if there is one.

    `indicates_s`: the machine answers so long after the write began, which may be before it ends.
    """

    after_s: float = 0.0
    error: BaseException | None = None
    indicates_s: float | None = None


FINE = Does(indicates_s=0.05)
SILENT = Does()
HANGS = Does(after_s=BLUEZ_WAITS_S, error=att(0x0E))


@dataclass
class Written:
    at: float
    frame: bytes
    request: bool
    over: bool = False
    """The radio is done with it. Cancelling the wait frees nothing."""


@dataclass
class Link:
    """A `Commands`, the radio under it and everything that came out of it."""

    properties: Props = BOTH
    does: Callable[[Written], Does] = lambda _: FINE
    written: list[Written] = field(default_factory=list)
    answers: list[tuple[float, Op, Outcome]] = field(default_factory=list)
    stuck_at: list[float] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    on_answer: Callable[[Op], None] = lambda _: None
    on_stuck: Callable[[], None] = lambda: None
    on_write: Callable[[Written], None] = lambda _: None
    stands: bool = False
    n: int = 0
    within_put: bool = False

    def __post_init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.loop.set_exception_handler(lambda _, about: self.complaints.append(str(about)))
        self.commands = Commands(
            self.properties, self._write, self._answer, self._stuck, stands=lambda: self.stands
        )

    async def _write(self, frame: bytes, request: bool) -> None:
        now = Written(self.loop.time(), frame, request)
        self.on_write(now)
        self.written.append(now)
        does = self.does(now)
        if does.indicates_s is not None:
            reply = bytes((0x80, frame[0], 1))
            self.loop.call_later(does.indicates_s, self.commands.answered, reply)
        if does.after_s:
            self.loop.call_later(does.after_s, setattr, now, "over", True)
            await asyncio.sleep(does.after_s)
        now.over = True
        if does.error is not None:
            raise does.error

    def _answer(self, op: Op, result: Outcome) -> None:
        if self.within_put:
            self.complaints.append("a result came within put")
        self.answers.append((round(self.loop.time(), 3), op, result))
        self.on_answer(op)

    def _stuck(self) -> None:
        self.stuck_at.append(round(self.loop.time(), 3))
        self.on_stuck()

    def put(self, op: Op, value: int | None = None, attempt: int = 1) -> bytes:
        self.n += 1
        command = Command(self.n, op, value, ("test",), attempt=attempt)
        frame = frame_of(command)
        before, self.within_put = self.within_put, True
        try:
            self.commands.put(command, frame)
        finally:
            self.within_put = before
        return frame

    @property
    def frames(self) -> list[bytes]:
        return [one.frame for one in self.written]

    def results(self, op: Op) -> list[Outcome]:
        return [result for _, was, result in self.answers if was == op]

    def stops(self) -> list[Written]:
        return [one for one in self.written if one.frame == STOP]


def on_air(test: Callable[[], Awaitable[T]]) -> T:
    """In virtual time."""

    async def main() -> T:
        return await test()

    return run(main())


def by(**what: Does) -> Callable[[Written], Does]:
    """What the radio makes of each op's writes; the others are fine."""
    codes = {CODES[op]: does for op, does in what.items()}  # type: ignore[index]
    return lambda one: codes.get(OpCode(one.frame[0]), FINE)


def one_after_another(*does: Does) -> Callable[[Written], Does]:
    """What the radio makes of the first write, the second, and so on; the last holds."""
    rest = list(does)
    return lambda _: rest.pop(0) if len(rest) > 1 else rest[0]
