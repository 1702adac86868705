"""From a machine's notifications to the events that the guard hears.

Every machine, simulated or real, is read here; what a field means on the wire is the codec's
business, and answers of the control point are the driver's. The rule to keep: any bytes at all
are read, and a value that no treadmill can mean is dropped and counted, never clamped into a
usable one (invariant I18).
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from treadguard.ftms import ranges as ftms_ranges
from treadguard.ftms import status as machine_status
from treadguard.ftms import training as training_status
from treadguard.ftms import treadmill_data
from treadguard.guard.events import Machine, Ranges, Telemetry
from treadguard.units import Grade, Millis, Speed

SPEED_MAX: Final = Speed(3000)
"""No treadmill runs faster than 30 km/h."""
GRADE_MIN: Final = Grade(-300)
GRADE_MAX: Final = Grade(500)
STEP_MAX: Final = 200
"""A speed step above 2 km/h, like an incline step above 20 %, is no step."""


def read(
    char: str, data: bytes, t: Millis, dropped: Counter[str] | None = None
) -> Telemetry | Machine | None:
    """What a notification of "2acd", "2ada" or "2ad3" tells the guard; None if nothing.

    Each notification is read on its own. A field dropped as implausible is counted in `dropped`
    under its name, "speed" or "incline".
    """
    match char:
        case "2acd":
            return _telemetry(data, t, dropped)
        case "2ada":
            status = machine_status.decode(data)
            if status.code is not None:
                return Machine(t, status=status.code, value=status.value)
        case "2ad3":
            code = training_status.decode(data).code
            if code is not None:
                return Machine(t, training=code)
    return None


def ranges(speed: bytes | None, incline: bytes | None) -> Ranges:
    """What "2ad4" and "2ad5" said; a range that is absent, zero or nonsense is all None."""
    speed_min, speed_max, speed_step = _range(
        None if speed is None else ftms_ranges.decode_speed(speed)
    )
    incline_min, incline_max, incline_step = _range(
        None if incline is None else ftms_ranges.decode_incline(incline)
    )
    return Ranges(
        speed_min=None if speed_min is None else Speed(speed_min),
        speed_max=None if speed_max is None else Speed(speed_max),
        speed_step=speed_step,
        incline_min=None if incline_min is None else Grade(incline_min),
        incline_max=None if incline_max is None else Grade(incline_max),
        incline_step=incline_step,
    )


def _telemetry(data: bytes, t: Millis, dropped: Counter[str] | None) -> Telemetry | None:
    record = treadmill_data.decode(data)
    speed, incline = record.speed, record.incline
    if speed is not None and speed > SPEED_MAX:
        speed = None
        _count("speed", dropped)
    if incline is not None and not GRADE_MIN <= incline <= GRADE_MAX:
        incline = None
        _count("incline", dropped)
    if speed is None and incline is None:
        return None
    return Telemetry(
        t,
        speed=None if speed is None else Speed(speed),
        incline=None if incline is None else Grade(incline),
    )


def _count(name: str, dropped: Counter[str] | None) -> None:
    if dropped is not None:
        dropped[name] += 1


def _range(read_: ftms_ranges.Range | None) -> tuple[int, int, int] | tuple[None, None, None]:
    if read_ is None or read_.min is None or read_.max is None or read_.step is None:
        return None, None, None
    if read_.min > read_.max or not 0 < read_.step <= STEP_MAX:
        return None, None, None
    return read_.min, read_.max, read_.step
