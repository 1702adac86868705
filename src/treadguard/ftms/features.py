"""Fitness Machine Feature (2ACC): what the machine claims to measure and to accept.

Only the two words of flags live here. The rule to keep: it is a claim; many machines get it
wrong, and starting, stopping and pausing have no bit at all, so nothing safe may rest on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from treadguard.ftms.wire import read, write


class Feature(IntFlag):
    """The first word: what it measures."""

    AVG_SPEED = 1 << 0
    CADENCE = 1 << 1
    TOTAL_DISTANCE = 1 << 2
    INCLINATION = 1 << 3
    ELEVATION_GAIN = 1 << 4
    PACE = 1 << 5
    STEP_COUNT = 1 << 6
    RESISTANCE = 1 << 7
    STRIDE_COUNT = 1 << 8
    ENERGY = 1 << 9
    HEART_RATE = 1 << 10
    MET = 1 << 11
    ELAPSED_TIME = 1 << 12
    REMAINING_TIME = 1 << 13
    POWER_MEASUREMENT = 1 << 14
    FORCE_ON_BELT = 1 << 15
    USER_DATA_RETENTION = 1 << 16


class Target(IntFlag):
    """The second word: which targets it accepts."""

    SPEED = 1 << 0
    INCLINATION = 1 << 1
    RESISTANCE = 1 << 2
    POWER = 1 << 3
    HEART_RATE = 1 << 4
    ENERGY = 1 << 5
    STEPS = 1 << 6
    STRIDES = 1 << 7
    DISTANCE = 1 << 8
    TIME = 1 << 9
    TIME_IN_2_HR_ZONES = 1 << 10
    TIME_IN_3_HR_ZONES = 1 << 11
    TIME_IN_5_HR_ZONES = 1 << 12
    BIKE_SIMULATION = 1 << 13
    WHEEL_CIRCUMFERENCE = 1 << 14
    SPIN_DOWN = 1 << 15
    CADENCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Features:
    """Both words, reserved bits kept; None for one that the bytes don't hold."""

    features: Feature | None = None
    targets: Target | None = None
    trailing: bytes = b""


def decode(data: bytes) -> Features:
    features, targets = read(data, 0, 4), read(data, 4, 4)
    return Features(
        features=None if features is None else Feature(features),
        targets=None if targets is None else Target(targets),
        trailing=data[8:],
    )


def encode(features: int, targets: int) -> bytes:
    """ValueError where a word doesn't fit in 32 bits."""
    return write("features", features, 4) + write("targets", targets, 4)


def names(flags: Feature | Target) -> list[str]:
    """The set bits in snake case, lowest first; a reserved bit as `rfu_bit_17`."""
    kind = type(flags)
    found = []
    for bit in range(32):
        if flags >> bit & 1:
            name = kind(1 << bit).name
            found.append(name.lower() if name else f"rfu_bit_{bit}")
    return found
