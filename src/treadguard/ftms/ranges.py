"""Supported Speed Range (2AD4) and Supported Inclination Range (2AD5).

The rule to keep: a range is what the machine says, and machines lie (zeros, miles per hour, other
numbers at each connection), so it may narrow a raise and never hold up a lowering or a stop.
"""

from __future__ import annotations

from dataclasses import dataclass

from treadguard.ftms.wire import read, write


@dataclass(frozen=True, slots=True)
class Range:
    """0.01 km/h for speeds, 0.1 % for inclines; None for what the bytes don't hold."""

    min: int | None = None
    max: int | None = None
    step: int | None = None
    trailing: bytes = b""


def decode_speed(data: bytes) -> Range:
    return _decode(data, signed=False)


def decode_incline(data: bytes) -> Range:
    return _decode(data, signed=True)


def encode_speed(low: int, high: int, step: int) -> bytes:
    """In 0.01 km/h; ValueError outside u16."""
    return _encode(low, high, step, signed=False)


def encode_incline(low: int, high: int, step: int) -> bytes:
    """In 0.1 %; ValueError outside s16 (the step: u16)."""
    return _encode(low, high, step, signed=True)


def _decode(data: bytes, *, signed: bool) -> Range:
    return Range(
        min=read(data, 0, 2, signed=signed),
        max=read(data, 2, 2, signed=signed),
        step=read(data, 4, 2),
        trailing=data[6:],
    )


def _encode(low: int, high: int, step: int, *, signed: bool) -> bytes:
    return (
        write("the range's minimum", low, 2, signed=signed)
        + write("the range's maximum", high, 2, signed=signed)
        + write("the range's step", step, 2)
    )
