"""Fitness Machine Control Point (2AD9): what a client asks for, and the machine's answer.

Here are the bytes of requests and responses. Whether a request may go out is gate.py's business.
The rule to keep: a target is written exactly as given, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

from treadguard.ftms.wire import Layouts, read, read_coded, word, write


class OpCode(IntEnum):
    REQUEST_CONTROL = 0x00
    RESET = 0x01
    SET_TARGET_SPEED = 0x02
    SET_TARGET_INCLINE = 0x03
    SET_TARGET_RESISTANCE = 0x04
    SET_TARGET_POWER = 0x05
    SET_TARGET_HEART_RATE = 0x06
    START_OR_RESUME = 0x07
    STOP_OR_PAUSE = 0x08
    SET_TARGETED_ENERGY = 0x09
    SET_TARGETED_STEPS = 0x0A
    SET_TARGETED_STRIDES = 0x0B
    SET_TARGETED_DISTANCE = 0x0C
    SET_TARGETED_TIME = 0x0D
    SET_TARGETED_TIME_IN_2_HR_ZONES = 0x0E
    SET_TARGETED_TIME_IN_3_HR_ZONES = 0x0F
    SET_TARGETED_TIME_IN_5_HR_ZONES = 0x10
    SET_BIKE_SIMULATION = 0x11
    SET_WHEEL_CIRCUMFERENCE = 0x12
    SPIN_DOWN = 0x13
    SET_TARGETED_CADENCE = 0x14
    RESPONSE = 0x80


class ResultCode(IntEnum):
    SUCCESS = 0x01
    OP_CODE_NOT_SUPPORTED = 0x02
    INVALID_PARAMETER = 0x03
    OPERATION_FAILED = 0x04
    CONTROL_NOT_PERMITTED = 0x05


class StopOrPause(IntEnum):
    """The parameter of 08, and of the status 02 that reports it."""

    STOP = 0x01
    PAUSE = 0x02


PARAMETERS: Final[Layouts] = {
    OpCode.SET_TARGET_SPEED: (2, False),
    OpCode.SET_TARGET_INCLINE: (2, True),
    OpCode.SET_TARGET_RESISTANCE: (1, False),
    OpCode.SET_TARGET_POWER: (2, True),
    OpCode.SET_TARGET_HEART_RATE: (1, False),
    OpCode.STOP_OR_PAUSE: (1, False),
    OpCode.SET_TARGETED_ENERGY: (2, False),
    OpCode.SET_TARGETED_STEPS: (2, False),
    OpCode.SET_TARGETED_STRIDES: (2, False),
    OpCode.SET_TARGETED_DISTANCE: (3, False),
    OpCode.SET_TARGETED_TIME: (2, False),
    OpCode.SET_WHEEL_CIRCUMFERENCE: (2, False),
    OpCode.SPIN_DOWN: (1, False),
    OpCode.SET_TARGETED_CADENCE: (2, False),
}
"""Width and sign. Parameters of several numbers (0E-11) stay bytes: no treadmill takes them."""


@dataclass(frozen=True, slots=True)
class Request:
    """`op` is None where there are no bytes; `value` where no whole parameter follows."""

    op: int | None
    value: int | None = None
    trailing: bytes = b""

    @property
    def name(self) -> str:
        return "missing" if self.op is None else word(OpCode, self.op)


@dataclass(frozen=True, slots=True)
class Response:
    """`request` and `result` are None where the bytes end before them."""

    request: int | None
    result: int | None
    trailing: bytes = b""

    @property
    def result_name(self) -> str:
        return "missing" if self.result is None else word(ResultCode, self.result)


class Command(Protocol):
    """What the guard orders, as far as its bytes need it."""

    @property
    def op(self) -> str: ...

    @property
    def value(self) -> int | None: ...


def request_control() -> bytes:
    return bytes((OpCode.REQUEST_CONTROL,))


def set_speed(speed: int) -> bytes:
    """In 0.01 km/h; ValueError outside u16."""
    return bytes((OpCode.SET_TARGET_SPEED,)) + write("a target speed", speed, 2)


def set_incline(grade: int) -> bytes:
    """In 0.1 %; ValueError outside s16."""
    return bytes((OpCode.SET_TARGET_INCLINE,)) + write("a target incline", grade, 2, signed=True)


def start() -> bytes:
    return bytes((OpCode.START_OR_RESUME,))


def stop() -> bytes:
    return bytes((OpCode.STOP_OR_PAUSE, StopOrPause.STOP))


def pause() -> bytes:
    return bytes((OpCode.STOP_OR_PAUSE, StopOrPause.PAUSE))


def frame_of(command: Command) -> bytes:
    """The guard's command as it goes to the machine; ValueError for one that isn't whole."""
    match command.op, command.value:
        case "request_control", None:
            return request_control()
        case "set_speed", int(speed):
            return set_speed(speed)
        case "set_incline", int(grade):
            return set_incline(grade)
        case "start", None:
            return start()
        case "stop", None:
            return stop()
        case _:
            raise ValueError(f"there is no command {command.op!r} with the value {command.value!r}")


def decode_request(data: bytes) -> Request:
    """What a client wrote, of any bytes at all."""
    return Request(*read_coded(data, PARAMETERS))


def decode_response(data: bytes) -> Response | None:
    """What the machine answered; None where the bytes aren't a response at all."""
    if read(data, 0, 1) != OpCode.RESPONSE:
        return None
    return Response(read(data, 1, 1), read(data, 2, 1), data[3:])


def response(op: int, result: int) -> bytes:
    """What a machine answers; ValueError where a code is outside 0-255."""
    return bytes((OpCode.RESPONSE,)) + write("an op code", op, 1) + write("a result", result, 1)
