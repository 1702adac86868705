"""Training Status (2AD3): which part of a workout the machine says it is in.

The rule to keep: pre_workout is the countdown, when no speed may be sent yet; a machine that
never says so may count down all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from treadguard.ftms.wire import read, word, write


class TrainingCode(IntEnum):
    OTHER = 0x00
    IDLE = 0x01
    WARMING_UP = 0x02
    LOW_INTENSITY_INTERVAL = 0x03
    HIGH_INTENSITY_INTERVAL = 0x04
    RECOVERY_INTERVAL = 0x05
    ISOMETRIC = 0x06
    HEART_RATE_CONTROL = 0x07
    FITNESS_TEST = 0x08
    SPEED_TOO_LOW = 0x09
    SPEED_TOO_HIGH = 0x0A
    COOL_DOWN = 0x0B
    WATT_CONTROL = 0x0C
    MANUAL_MODE = 0x0D
    PRE_WORKOUT = 0x0E
    POST_WORKOUT = 0x0F


@dataclass(frozen=True, slots=True)
class Training:
    """`code` is None where the bytes hold none; `text` where the machine sends no words."""

    code: int | None = None
    text: str | None = None
    trailing: bytes = b""

    @property
    def name(self) -> str:
        return "missing" if self.code is None else word(TrainingCode, self.code)


def decode(data: bytes) -> Training:
    """Some machines announce a text and send none: that is no text."""
    code = read(data, 1, 1)
    if code is None:
        return Training()
    tail = data[2:]
    if not data[0] & 1:
        return Training(code, trailing=tail)
    return Training(code, tail.decode("utf-8", "replace") or None)


def encode(code: int, text: str = "") -> bytes:
    """ValueError for a code outside 0-255."""
    return bytes((bool(text),)) + write("a training status", code, 1) + text.encode()
