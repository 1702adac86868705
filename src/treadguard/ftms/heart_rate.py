"""Heart Rate Measurement (2A37) of a chest strap.

The rule to keep: a strap that was taken off may go on with a frozen rate; that the beat intervals
cease is the sign, so their absence is told apart from their being none.
"""

from __future__ import annotations

from dataclasses import dataclass

from treadguard.ftms.wire import read


@dataclass(frozen=True, slots=True)
class HeartRate:
    bpm: int | None = None
    contact: bool | None = None
    """Skin contact; None where the strap can't tell."""
    energy_kj: int | None = None
    rr: tuple[int, ...] | None = None
    """Beat intervals, oldest first, unit 1/1024 s; None where the strap sends none at all."""
    truncated: bool = False
    trailing: bytes = b""


def decode(data: bytes) -> HeartRate:
    """The fields that fit, of any bytes at all."""
    flags = read(data, 0, 1)
    if flags is None:
        return HeartRate(truncated=True)
    contact = bool(flags & 0b10) if flags & 0b100 else None
    width = 2 if flags & 1 else 1
    bpm = read(data, 1, width)
    if bpm is None:
        return HeartRate(contact=contact, truncated=True)
    at = 1 + width
    energy = None
    if flags & 0b1000:
        energy = read(data, at, 2)
        if energy is None:
            return HeartRate(bpm, contact, truncated=True)
        at += 2
    if not flags & 0b1_0000:
        return HeartRate(bpm, contact, energy, trailing=data[at:])
    tail = data[at:]
    rr = tuple(int.from_bytes(tail[i : i + 2], "little") for i in range(0, len(tail) - 1, 2))
    return HeartRate(bpm, contact, energy, rr, truncated=bool(len(tail) % 2))
