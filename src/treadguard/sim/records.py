"""What the simulated machine puts into its Treadmill Data: whole, split or cut off.

The values come from motor.py, the bytes from the codec. The rule to keep: however a record is
maimed, its bytes are ones that a real machine could have sent.
"""

from __future__ import annotations

import random
import struct
from typing import Final

from treadguard.ftms.treadmill_data import TreadmillData, encode
from treadguard.units import Grade, Speed

_PER_METRE: Final = 720_000
"""Twice the metre in 0.01 km/h times ms: two speeds are added and not halved."""

_LEVEL: Final = struct.Struct("<HHHBH")
"""Flags, speed, 24 bits of distance, elapsed time; with grade and ramp angle between: _TILTED."""
_TILTED: Final = struct.Struct("<HHHBhhH")
_LEVEL_FLAGS: Final = 0x0404
_TILTED_FLAGS: Final = 0x040C
_UNAVAILABLE: Final = 0x7FFF

CUT_AT: Final = 20
"""What the smallest ATT MTU leaves; a Matrix fills its record and cuts it here."""
SPEED_FITS: Final = 4


class Counters:
    """Distance and time since the workout began."""

    def __init__(self) -> None:
        self._until = 0
        self._speed = 0
        self._way = 0
        self._moved_ms = 0

    @property
    def distance_m(self) -> int:
        return self._way // _PER_METRE

    @property
    def elapsed_s(self) -> int:
        return min(self._moved_ms // 1000, 0xFFFF)

    def advance(self, now: int, speed: int) -> None:
        """Count up to `now`, the speed having gone steadily to `speed`."""
        passed = now - self._until
        self._way += (self._speed + speed) * passed
        if self._speed or speed:
            self._moved_ms += passed
        self._until, self._speed = now, speed

    def clear(self, now: int) -> None:
        """Back to zero, on a standing belt."""
        self._until, self._speed = now, 0
        self._way = self._moved_ms = 0


def whole(speed: Speed, grade: Grade | None, counters: Counters) -> list[bytes]:
    """One notification with everything.

    Packed here, not by the codec: this is most of what a simulated second costs.
    """
    way = counters.distance_m
    head = speed, way & 0xFFFF, way >> 16
    if grade is None:
        return [_LEVEL.pack(_LEVEL_FLAGS, *head, counters.elapsed_s)]
    return [_TILTED.pack(_TILTED_FLAGS, *head, grade, _UNAVAILABLE, counters.elapsed_s)]


def split(speed: Speed, grade: Grade | None, counters: Counters, speed_first: bool) -> list[bytes]:
    """Two notifications, the speed in one and the grade in the other."""
    with_speed = encode(TreadmillData(speed=speed, distance_m=counters.distance_m))
    without = encode(TreadmillData(more_data=True, incline=grade, elapsed_s=counters.elapsed_s))
    return [with_speed, without] if speed_first else [without, with_speed]


def cut_off(
    speed: Speed, grade: Grade | None, counters: Counters, dice: random.Random
) -> list[bytes]:
    """A record of every field, cut somewhere between the speed's end and 20 bytes."""
    data = encode(
        TreadmillData(
            speed=speed,
            avg_speed=speed,
            distance_m=counters.distance_m,
            incline=grade,
            elevation_gain=0,
            elevation_loss=0,
            energy_kcal=0,
            energy_per_hour_kcal=0,
            energy_per_min_kcal=0,
            heart_rate_bpm=0,
            met=0,
            elapsed_s=counters.elapsed_s,
            remaining_s=0,
            force_n=0,
            power_w=0,
        )
    )
    return [data[: dice.randint(SPEED_FITS, CUT_AT)]]
