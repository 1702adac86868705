"""Targets for the decoders of FTMS: any bytes that a machine may send.

Here: each characteristic's own decoder and what `treadguard decode` makes of it. Not here: what
is done with several frames (readings.py). The rule to keep: layouts are said here a second time,
in another form, so that a decoder isn't judged by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from proof.fuzz.target import Target
from treadguard.ftms import (
    control_point,
    describe,
    features,
    heart_rate,
    ranges,
    status,
    training,
    treadmill_data,
)
from treadguard.ftms.treadmill_data import TreadmillData
from treadguard.ftms.wire import Layouts

_U8: Final = range(1 << 8)
_U16: Final = range(1 << 16)
_U24: Final = range(1 << 24)
_S16: Final = range(-(1 << 15), 1 << 15)

_GROUPS: Final[Mapping[int, Mapping[str, range]]] = {
    0: {"speed": _U16},
    1: {"avg_speed": _U16},
    2: {"distance_m": _U24},
    3: {"incline": range(-32768, 32767), "ramp": range(-32768, 32767)},
    4: {"elevation_gain": _U16, "elevation_loss": _U16},
    5: {"pace": _U8},
    6: {"avg_pace": _U8},
    7: {
        "energy_kcal": range(65535),
        "energy_per_hour_kcal": range(65535),
        "energy_per_min_kcal": range(255),
    },
    8: {"heart_rate_bpm": _U8},
    9: {"met": _U8},
    10: {"elapsed_s": _U16},
    11: {"remaining_s": _U16},
    12: {"force_n": range(-32768, 32767), "power_w": range(-32768, 32767)},
}
"""Flag bit, field, and the values that mean something: 7FFF, FFFF and FF are "not available"."""

_WIDTHS: Final = {0: 2, 1: 2, 2: 3, 3: 4, 4: 4, 5: 1, 6: 1, 7: 5, 8: 1, 9: 1, 10: 2, 11: 2, 12: 4}

_REST: Final = {"truncated", "trailing_hex"}
_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "2acd": frozenset(
        {
            *("speed_kmh", "avg_speed_kmh", "distance_m", "incline_pct", "ramp_deg", "met"),
            *("elevation_gain_m", "elevation_loss_m", "pace_km_min", "avg_pace_km_min"),
            *("energy_kcal", "energy_per_hour_kcal", "energy_per_min_kcal", "heart_rate_bpm"),
            *("elapsed_s", "remaining_s", "force_n", "power_w", "steps_vendor", "more_data"),
        }
    ),
    "2acc": frozenset({"features", "targets"}),
    "2ad3": frozenset({"code", "name", "text"}),
    "2ad4": frozenset({"min_kmh", "max_kmh", "step_kmh"}),
    "2ad5": frozenset({"min_pct", "max_pct", "step_pct"}),
    "2ad9": frozenset({"op", "name", "value", "request", "result"}),
    "2ada": frozenset({"code", "name", "value"}),
    "2a37": frozenset({"bpm", "contact", "energy_kj", "rr_ms"}),
}
"""The contract of `treadguard decode` (DESIGN.md section 6.1)."""


def _described(char: str, data: bytes) -> dict[str, object]:
    found = describe.describe(char, data)
    assert _KEYS[char] | _REST >= found.keys(), found
    assert None not in found.values(), found
    assert msgspec.json.decode(msgspec.json.encode(found)) == found
    return found


def holds_what_its_flags_say(data: bytes, record: TreadmillData) -> None:
    """Of a whole frame: no field without its flag, none outside its range, no byte unread."""
    flags = int.from_bytes(data[:2], "little") ^ 1
    room = 2
    for bit, fields in _GROUPS.items():
        flagged = flags >> bit & 1
        if flagged:
            room += _WIDTHS[bit]
        for name, values in fields.items():
            value = getattr(record, name)
            if value is not None:
                assert flagged, f"{name} is {value}, and no flag announces it"
                assert value in values, f"{name} is {value}, which means not available"
    assert record.truncated == (len(data) < max(room, 2))
    if record.steps_vendor is not None:
        assert flags >> 13 & 1
        assert record.steps_vendor in _U24
        room = min(room + 3, len(data))
    if not record.truncated:
        assert record.more_data == (record.speed is None)
        assert room + len(record.trailing) == len(data)


def _treadmill_data(data: bytes) -> None:
    record = treadmill_data.decode(data)
    if len(data) < 2:
        assert record == TreadmillData(truncated=True)
    else:
        holds_what_its_flags_say(data, record)
    if not record.truncated:
        assert treadmill_data.decode(treadmill_data.encode(record)) == record
    found = _described("2acd", data)
    assert found["more_data"] is record.more_data
    assert ("speed_kmh" in found) == (record.speed is not None)
    assert ("incline_pct" in found) == (record.incline is not None)


def _features(data: bytes) -> None:
    record = features.decode(data)
    for word, at in ((record.features, 0), (record.targets, 4)):
        assert (word is None) == (len(data) < at + 4)
        if word is not None:
            assert int(word) == int.from_bytes(data[at : at + 4], "little")
            assert len(features.names(word)) == int(word).bit_count()
    if record.features is not None and record.targets is not None:
        again = features.encode(record.features, record.targets)
        assert again + record.trailing == data
    _described("2acc", data)


def _training(data: bytes) -> None:
    record = training.decode(data)
    assert (record.code is None) == (len(data) < 2)
    assert record.text != ""
    if record.code is not None:
        assert record.code in _U8
        if record.text is None:
            assert data[0] & 1 == 0 or len(data) == 2
        else:
            again = training.decode(training.encode(record.code, record.text))
            assert (again.code, again.text) == (record.code, record.text)
    _described("2ad3", data)


def _speed_range(data: bytes) -> None:
    record = ranges.decode_speed(data)
    _whole_or_unknown(data, record, _U16)
    if record.min is not None and record.max is not None and record.step is not None:
        again = ranges.encode_speed(record.min, record.max, record.step)
        assert again + record.trailing == data
    _described("2ad4", data)


def _incline_range(data: bytes) -> None:
    record = ranges.decode_incline(data)
    _whole_or_unknown(data, record, _S16)
    if record.min is not None and record.max is not None and record.step is not None:
        again = ranges.encode_incline(record.min, record.max, record.step)
        assert again + record.trailing == data
    _described("2ad5", data)


def _whole_or_unknown(data: bytes, record: ranges.Range, values: range) -> None:
    for value, end, allowed in (
        (record.min, 2, values),
        (record.max, 4, values),
        (record.step, 6, _U16),
    ):
        assert (value is None) == (len(data) < end)
        assert value is None or value in allowed


def _control_point(data: bytes) -> None:
    answer = control_point.decode_response(data)
    assert (answer is None) == (data[:1] != b"\x80")
    if answer is not None and answer.request is not None and answer.result is not None:
        again = control_point.response(answer.request, answer.result)
        assert again + answer.trailing == data
    asked = control_point.decode_request(data)
    assert (asked.op is None) == (not data)
    if asked.op is not None:
        _rebuilt(data, asked.op, asked.value, asked.trailing, control_point.PARAMETERS)
    _described("2ad9", data)


def _status(data: bytes) -> None:
    record = status.decode(data)
    assert (record.code is None) == (not data)
    if record.code is not None:
        _rebuilt(data, record.code, record.value, record.trailing, status.PARAMETERS)
        assert status.encode(record.code, record.value) + record.trailing == data
    _described("2ada", data)


def _rebuilt(data: bytes, code: int, value: int | None, trailing: bytes, layouts: Layouts) -> None:
    width, signed = layouts.get(code, (0, False))
    assert (value is None) == (not width or len(data) < 1 + width)
    parameter = b"" if value is None else value.to_bytes(width, "little", signed=signed)
    assert bytes((code,)) + parameter + trailing == data


def _heart_rate(data: bytes) -> None:
    record = heart_rate.decode(data)
    flags = data[0] if data else 0
    width = 1 + (flags & 1)
    if data and not record.truncated:
        energy = 2 if flags & 8 else 0
        beats = 2 * len(record.rr or ())
        assert 1 + width + energy + beats + len(record.trailing) == len(data)
    assert (record.bpm is None) == (len(data) < 1 + width)
    assert record.bpm is None or record.bpm in range(1 << 8 * width)
    assert record.energy_kj is None or (flags & 8 and record.energy_kj in _U16)
    assert record.rr is None or (flags & 16 and all(beat in _U16 for beat in record.rr))
    assert record.contact is None or flags & 4
    _described("2a37", data)


TARGETS: Final = tuple(
    Target(name, "bytes", run, max_len=48)
    for name, run in (
        ("2acd", _treadmill_data),
        ("2acc", _features),
        ("2ad3", _training),
        ("2ad4", _speed_range),
        ("2ad5", _incline_range),
        ("2ad9", _control_point),
        ("2ada", _status),
        ("2a37", _heart_rate),
    )
)
