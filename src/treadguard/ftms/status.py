"""Fitness Machine Status (2ADA): what happened to the machine, whoever did it.

The rule to keep: real machines add zeros (`040000`) or leave the parameter out (`02`), and both
still say what their first byte says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from treadguard.ftms.wire import Layouts, read_coded, word, write


class StatusCode(IntEnum):
    RESET = 0x01
    STOPPED_OR_PAUSED = 0x02
    STOPPED_BY_SAFETY_KEY = 0x03
    STARTED_OR_RESUMED = 0x04
    TARGET_SPEED_CHANGED = 0x05
    TARGET_INCLINE_CHANGED = 0x06
    TARGET_RESISTANCE_CHANGED = 0x07
    TARGET_POWER_CHANGED = 0x08
    TARGET_HEART_RATE_CHANGED = 0x09
    TARGETED_ENERGY_CHANGED = 0x0A
    TARGETED_STEPS_CHANGED = 0x0B
    TARGETED_STRIDES_CHANGED = 0x0C
    TARGETED_DISTANCE_CHANGED = 0x0D
    TARGETED_TIME_CHANGED = 0x0E
    TARGETED_TIME_IN_2_HR_ZONES_CHANGED = 0x0F
    TARGETED_TIME_IN_3_HR_ZONES_CHANGED = 0x10
    TARGETED_TIME_IN_5_HR_ZONES_CHANGED = 0x11
    BIKE_SIMULATION_CHANGED = 0x12
    WHEEL_CIRCUMFERENCE_CHANGED = 0x13
    SPIN_DOWN_STATUS = 0x14
    TARGETED_CADENCE_CHANGED = 0x15
    CONTROL_PERMISSION_LOST = 0xFF


PARAMETERS: Final[Layouts] = {
    StatusCode.STOPPED_OR_PAUSED: (1, False),
    StatusCode.TARGET_SPEED_CHANGED: (2, False),
    StatusCode.TARGET_INCLINE_CHANGED: (2, True),
    StatusCode.TARGET_RESISTANCE_CHANGED: (2, True),
    StatusCode.TARGET_POWER_CHANGED: (2, True),
    StatusCode.TARGET_HEART_RATE_CHANGED: (1, False),
    StatusCode.TARGETED_ENERGY_CHANGED: (2, False),
    StatusCode.TARGETED_STEPS_CHANGED: (2, False),
    StatusCode.TARGETED_STRIDES_CHANGED: (2, False),
    StatusCode.TARGETED_DISTANCE_CHANGED: (3, False),
    StatusCode.TARGETED_TIME_CHANGED: (2, False),
    StatusCode.WHEEL_CIRCUMFERENCE_CHANGED: (2, False),
    StatusCode.SPIN_DOWN_STATUS: (1, False),
    StatusCode.TARGETED_CADENCE_CHANGED: (2, False),
}
"""Width and sign. Parameters of several numbers (0F-12) stay bytes: no treadmill sends them."""


@dataclass(frozen=True, slots=True)
class Status:
    """`code` is None where there are no bytes; `value` where no whole parameter follows."""

    code: int | None
    value: int | None = None
    trailing: bytes = b""

    @property
    def name(self) -> str:
        return "missing" if self.code is None else word(StatusCode, self.code)


def decode(data: bytes) -> Status:
    """What happened, of any bytes at all."""
    return Status(*read_coded(data, PARAMETERS))


def encode(code: int, value: int | None = None) -> bytes:
    """ValueError outside the parameter's range, and for a value that the code doesn't take."""
    head = write("a status", code, 1)
    if value is None:
        return head
    if code not in PARAMETERS:
        raise ValueError(f"the status {word(StatusCode, code)} takes no single value")
    width, signed = PARAMETERS[code]
    return head + write(word(StatusCode, code), value, width, signed=signed)
