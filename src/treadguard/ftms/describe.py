"""Any characteristic's bytes as the JSON object of `treadguard decode` (DESIGN.md section 6.1).

Here integers in the wire's units become numbers as people read them. The rule to keep: the keys
are a contract with other programs; a field that is absent or "not available" has no key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from treadguard.ftms import (
    control_point,
    features,
    heart_rate,
    ranges,
    status,
    training,
    treadmill_data,
)
from treadguard.ftms.characteristics import Characteristic
from treadguard.ftms.control_point import OpCode, StopOrPause
from treadguard.ftms.status import StatusCode
from treadguard.ftms.wire import Layouts, cut, word
from treadguard.units import kmh, pct

_Readable = Callable[[int], object]


def _tenths(value: int) -> float:
    return value / 10


def _halves(value: int) -> float:
    return value / 2


def _stop_or_pause(value: int) -> str:
    return word(StopOrPause, value)


_TREADMILL_DATA: Final[tuple[tuple[str, str, _Readable], ...]] = (
    ("speed_kmh", "speed", kmh),
    ("avg_speed_kmh", "avg_speed", kmh),
    ("distance_m", "distance_m", int),
    ("incline_pct", "incline", pct),
    ("ramp_deg", "ramp", _tenths),
    ("elevation_gain_m", "elevation_gain", _tenths),
    ("elevation_loss_m", "elevation_loss", _tenths),
    ("pace_km_min", "pace", _tenths),
    ("avg_pace_km_min", "avg_pace", _tenths),
    ("energy_kcal", "energy_kcal", int),
    ("energy_per_hour_kcal", "energy_per_hour_kcal", int),
    ("energy_per_min_kcal", "energy_per_min_kcal", int),
    ("heart_rate_bpm", "heart_rate_bpm", int),
    ("met", "met", _tenths),
    ("elapsed_s", "elapsed_s", int),
    ("remaining_s", "remaining_s", int),
    ("force_n", "force_n", int),
    ("power_w", "power_w", int),
    ("steps_vendor", "steps_vendor", int),
)

_REQUEST_VALUE: Final[dict[int, _Readable]] = {
    OpCode.SET_TARGET_SPEED: kmh,
    OpCode.SET_TARGET_INCLINE: pct,
    OpCode.SET_TARGET_RESISTANCE: _tenths,
    OpCode.STOP_OR_PAUSE: _stop_or_pause,
    OpCode.SET_WHEEL_CIRCUMFERENCE: _tenths,
    OpCode.SET_TARGETED_CADENCE: _halves,
}

_STATUS_VALUE: Final[dict[int, _Readable]] = {
    StatusCode.STOPPED_OR_PAUSED: _stop_or_pause,
    StatusCode.TARGET_SPEED_CHANGED: kmh,
    StatusCode.TARGET_INCLINE_CHANGED: pct,
    StatusCode.TARGET_RESISTANCE_CHANGED: _tenths,
    StatusCode.WHEEL_CIRCUMFERENCE_CHANGED: _tenths,
    StatusCode.TARGETED_CADENCE_CHANGED: _halves,
}


def describe(char: str, data: bytes) -> dict[str, object]:
    """What the bytes say, in the order of the contract. Any bytes at all are described.

    `char` is one of CHARACTERISTICS, in either case; ValueError for another.
    """
    describer = _DESCRIBERS.get(char.lower())
    if describer is None:
        raise ValueError(
            f"{char!r} is no characteristic that can be decoded; choose one of "
            + ", ".join(CHARACTERISTICS)
        )
    return describer(data)


def _present(**fields: object) -> dict[str, object]:
    return {key: value for key, value in fields.items() if value is not None}


def _rest(*, truncated: bool, trailing: bytes) -> dict[str, object]:
    return _present(truncated=truncated or None, trailing_hex=trailing.hex() or None)


def _parameter(
    code: int, value: int | None, trailing: bytes, layouts: Layouts
) -> dict[str, object]:
    truncated = cut(code, value, trailing, layouts)
    return _rest(truncated=truncated, trailing=b"" if truncated else trailing)


def _scaled(value: int | None, readable: _Readable) -> object:
    return None if value is None else readable(value)


def _treadmill_data(data: bytes) -> dict[str, object]:
    record = treadmill_data.decode(data)
    fields = {
        key: _scaled(getattr(record, name), readable) for key, name, readable in _TREADMILL_DATA
    }
    return (
        _present(**fields)
        | {"more_data": record.more_data}
        | _rest(truncated=record.truncated, trailing=record.trailing)
    )


def _features(data: bytes) -> dict[str, object]:
    found = features.decode(data)
    return _present(
        features=None if found.features is None else features.names(found.features),
        targets=None if found.targets is None else features.names(found.targets),
    ) | _rest(truncated=found.targets is None, trailing=found.trailing)


def _training(data: bytes) -> dict[str, object]:
    found = training.decode(data)
    if found.code is None:
        return _rest(truncated=True, trailing=b"")
    return _present(code=found.code, name=found.name, text=found.text) | _rest(
        truncated=False, trailing=found.trailing
    )


def _range(found: ranges.Range, unit: str, readable: _Readable) -> dict[str, object]:
    fields = {
        f"min_{unit}": _scaled(found.min, readable),
        f"max_{unit}": _scaled(found.max, readable),
        f"step_{unit}": _scaled(found.step, readable),
    }
    return _present(**fields) | _rest(truncated=found.step is None, trailing=found.trailing)


def _speed_range(data: bytes) -> dict[str, object]:
    return _range(ranges.decode_speed(data), "kmh", kmh)


def _incline_range(data: bytes) -> dict[str, object]:
    return _range(ranges.decode_incline(data), "pct", pct)


def _control_point(data: bytes) -> dict[str, object]:
    """A response says which op it answers as a number, like `op`, and the result as a word."""
    answer = control_point.decode_response(data)
    if answer is not None:
        return _present(
            op=int(OpCode.RESPONSE),
            name="response",
            request=answer.request,
            result=None if answer.result is None else answer.result_name,
        ) | _rest(truncated=answer.result is None, trailing=answer.trailing)
    asked = control_point.decode_request(data)
    if asked.op is None:
        return _rest(truncated=True, trailing=b"")
    return _present(
        op=asked.op,
        name=asked.name,
        value=_scaled(asked.value, _REQUEST_VALUE.get(asked.op, int)),
    ) | _parameter(asked.op, asked.value, asked.trailing, control_point.PARAMETERS)


def _status(data: bytes) -> dict[str, object]:
    found = status.decode(data)
    if found.code is None:
        return _rest(truncated=True, trailing=b"")
    return _present(
        code=found.code,
        name=found.name,
        value=_scaled(found.value, _STATUS_VALUE.get(found.code, int)),
    ) | _parameter(found.code, found.value, found.trailing, status.PARAMETERS)


def _heart_rate(data: bytes) -> dict[str, object]:
    """Beat intervals to 0.1 ms, ten times finer than the strap's own steps of 1/1024 s."""
    found = heart_rate.decode(data)
    return _present(
        bpm=found.bpm,
        contact=found.contact,
        energy_kj=found.energy_kj,
        rr_ms=[round(rr * 1000 / 1024, 1) for rr in found.rr] if found.rr else None,
    ) | _rest(truncated=found.truncated, trailing=found.trailing)


_DESCRIBERS: Final[dict[str, Callable[[bytes], dict[str, object]]]] = {
    Characteristic.TREADMILL_DATA.short: _treadmill_data,
    Characteristic.FEATURE.short: _features,
    Characteristic.TRAINING_STATUS.short: _training,
    Characteristic.SPEED_RANGE.short: _speed_range,
    Characteristic.INCLINE_RANGE.short: _incline_range,
    Characteristic.CONTROL_POINT.short: _control_point,
    Characteristic.MACHINE_STATUS.short: _status,
    Characteristic.HEART_RATE_MEASUREMENT.short: _heart_rate,
}

CHARACTERISTICS: Final = tuple(_DESCRIBERS)
"""What `describe` knows, by the 16-bit number in lower-case hex."""
