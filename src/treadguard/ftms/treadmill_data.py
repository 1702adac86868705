"""Treadmill Data (2ACD): what the belt does, about once a second.

Here is the layout of one notification, both ways. Merging notifications is snapshot.py's
business. The rule to keep: a notification is decoded on its own, and a field that is absent, cut
off or "not available" is None, never zero.

The spec names no "not available" for the two elevation gains, so none is taken for one, though
Life Fitness sends 7FFF and Matrix FFFF there: whoever shows them judges them first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from treadguard.ftms.wire import read, write


@dataclass(frozen=True, slots=True)
class TreadmillData:
    """One record, or the part of it that one notification carries."""

    speed: int | None = None
    """0.01 km/h; on many machines the target, not the belt."""
    avg_speed: int | None = None
    """0.01 km/h."""
    distance_m: int | None = None
    incline: int | None = None
    """0.1 %, negative on a decline."""
    ramp: int | None = None
    """0.1 degree."""
    elevation_gain: int | None = None
    """0.1 m."""
    elevation_loss: int | None = None
    """0.1 m, counted upward."""
    pace: int | None = None
    """0.1 km/min."""
    avg_pace: int | None = None
    """0.1 km/min."""
    energy_kcal: int | None = None
    energy_per_hour_kcal: int | None = None
    energy_per_min_kcal: int | None = None
    heart_rate_bpm: int | None = None
    """Often 0 where nothing is measured."""
    met: int | None = None
    """0.1 metabolic equivalents."""
    elapsed_s: int | None = None
    remaining_s: int | None = None
    force_n: int | None = None
    power_w: int | None = None
    steps_vendor: int | None = None
    """Steps behind the reserved flag bit 13, as Chinese walking pads send them."""
    more_data: bool = False
    """Another notification of the same record is said to follow; the speed isn't in this one."""
    truncated: bool = False
    """The flags announce more than the bytes hold."""
    trailing: bytes = b""
    """Whole bytes after the last field known."""


class _Field(NamedTuple):
    name: str
    width: int
    signed: bool = False
    unavailable: int | None = None


_S16_UNAVAILABLE: Final = 0x7FFF

_GROUPS: Final[tuple[tuple[int, tuple[_Field, ...]], ...]] = (
    (0, (_Field("speed", 2),)),
    (1, (_Field("avg_speed", 2),)),
    (2, (_Field("distance_m", 3),)),
    (3, (_Field("incline", 2, True, _S16_UNAVAILABLE), _Field("ramp", 2, True, _S16_UNAVAILABLE))),
    (4, (_Field("elevation_gain", 2), _Field("elevation_loss", 2))),
    (5, (_Field("pace", 1),)),
    (6, (_Field("avg_pace", 1),)),
    (
        7,
        (
            _Field("energy_kcal", 2, unavailable=0xFFFF),
            _Field("energy_per_hour_kcal", 2, unavailable=0xFFFF),
            _Field("energy_per_min_kcal", 1, unavailable=0xFF),
        ),
    ),
    (8, (_Field("heart_rate_bpm", 1),)),
    (9, (_Field("met", 1),)),
    (10, (_Field("elapsed_s", 2),)),
    (11, (_Field("remaining_s", 2),)),
    (
        12,
        (
            _Field("force_n", 2, True, _S16_UNAVAILABLE),
            _Field("power_w", 2, True, _S16_UNAVAILABLE),
        ),
    ),
)
"""Flag bit and fields, in the order of the wire."""

_STEPS: Final = (13, (_Field("steps_vendor", 3),))
_STEPS_BIT: Final = 1 << 13

FIELDS: Final = tuple(field.name for _, group in (*_GROUPS, _STEPS) for field in group)
"""The names of the measured fields, in the order of the wire."""

_SMALLEST_LIMIT: Final = 7
"""Flags and the energy group, the largest that may not be torn apart."""


def decode(data: bytes) -> TreadmillData:
    """The fields that fit, of any bytes at all."""
    flags = read(data, 0, 2)
    if flags is None:
        return TreadmillData(truncated=True)
    values: dict[str, Any] = {"more_data": bool(flags & 1)}
    present = flags ^ 1  # bit 0 alone says "absent" when set
    at = 2
    for bit, group in _GROUPS:
        if not present >> bit & 1:
            continue
        for field in group:
            value = read(data, at, field.width, signed=field.signed)
            if value is None:
                # What follows a cut field would be read from the wrong place, were there any.
                return TreadmillData(**values, truncated=True)
            values[field.name] = None if value == field.unavailable else value
            at += field.width
    if flags & _STEPS_BIT and len(data) - at >= 2:
        # A u24, or a u16 with or without a zero byte after it: the same number either way. It may
        # also be missing though its bit is set.
        values["steps_vendor"] = int.from_bytes(data[at : at + 3], "little")
        at += 3
    return TreadmillData(**values, trailing=data[at:])


def encode(record: TreadmillData) -> bytes:
    """The record as one notification, however long.

    Of a group in which some fields are None these go out as "not available". ValueError for a
    value outside its field, for half an elevation pair (which knows no "not available"), and for
    what no notification can say: `more_data` with a speed or its absence without, or `truncated`.
    """
    if record.truncated or record.more_data != (record.speed is None):
        raise ValueError("a record has either a speed or more_data, and isn't truncated")
    flags = 1
    body = b""
    for bit, group in (*_GROUPS, _STEPS):
        values = [getattr(record, field.name) for field in group]
        if any(value is not None for value in values):
            flags ^= 1 << bit
            body += b"".join(map(_field_bytes, group, values))
    return write("flags", flags, 2) + body + record.trailing


def encode_split(record: TreadmillData, limit: int = 20) -> tuple[bytes, ...]:
    """The record as the spec splits it, over as many notifications as it needs.

    All but the last say more_data, and the last carries the speed. `limit` is the room in one
    notification (20 with the smallest ATT MTU; lower it to force a split). ValueError as for
    `encode`, and for a limit under 7, a record without a speed, or one with trailing bytes.
    """
    if limit < _SMALLEST_LIMIT:
        raise ValueError(f"a notification needs room for {_SMALLEST_LIMIT} bytes, not {limit}")
    if record.speed is None or record.trailing:
        raise ValueError("only a record with a speed and nothing trailing can be split")
    parts: list[TreadmillData] = []
    part = TreadmillData(more_data=True)
    for _, group in (*_GROUPS[1:], _STEPS):
        fields = {field.name: getattr(record, field.name) for field in group}
        grown = replace(part, **fields)
        if len(encode(grown)) > limit:
            parts.append(part)
            grown = replace(TreadmillData(more_data=True), **fields)
        part = grown
    last = replace(part, speed=record.speed, more_data=False)
    if len(encode(last)) > limit:
        parts.append(part)
        last = TreadmillData(speed=record.speed)
    return tuple(map(encode, (*parts, last)))


def _field_bytes(field: _Field, value: int | None) -> bytes:
    if value is None:
        if field.unavailable is None:
            raise ValueError(f"{field.name} is missing from its pair")
        value = field.unavailable
    elif value == field.unavailable:
        raise ValueError(f"{field.name} can't be {value}: that says not available")
    return write(field.name, value, field.width, signed=field.signed)
