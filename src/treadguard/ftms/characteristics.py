"""The GATT services and characteristics that treadguard reads, writes or offers.

Only their numbers live here; what their bytes mean is told in one file each. The rule to keep:
a UUID is written nowhere else.
"""

from __future__ import annotations

from enum import IntEnum


class _Assigned(IntEnum):
    """A 16-bit number that the Bluetooth SIG assigned."""

    @property
    def short(self) -> str:
        """Four hex digits, such as "2acd"."""
        return f"{self:04x}"

    @property
    def uuid(self) -> str:
        """The full UUID in lower case, as bleak reports it."""
        return f"0000{self:04x}-0000-1000-8000-00805f9b34fb"


class Service(_Assigned):
    DEVICE_INFORMATION = 0x180A
    HEART_RATE = 0x180D
    FITNESS_MACHINE = 0x1826


class Characteristic(_Assigned):
    MODEL = 0x2A24
    SERIAL = 0x2A25
    FIRMWARE = 0x2A26
    HARDWARE = 0x2A27
    SOFTWARE = 0x2A28
    MAKER = 0x2A29
    HEART_RATE_MEASUREMENT = 0x2A37
    FEATURE = 0x2ACC
    TREADMILL_DATA = 0x2ACD
    TRAINING_STATUS = 0x2AD3
    SPEED_RANGE = 0x2AD4
    INCLINE_RANGE = 0x2AD5
    CONTROL_POINT = 0x2AD9
    MACHINE_STATUS = 0x2ADA
