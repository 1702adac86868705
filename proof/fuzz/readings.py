"""Targets for what is made of frames: records merged, events, control-point commands.

The rule to keep: what a machine didn't say is never known, and what none can mean is never used.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from proof.fuzz.target import Target
from treadguard.ftms import control_point, treadmill_data
from treadguard.ftms.snapshot import Snapshot
from treadguard.ftms.treadmill_data import FIELDS, TreadmillData
from treadguard.guard.events import Machine, Telemetry
from treadguard.treadmill import readings
from treadguard.units import Millis

_CHARS: Final = ("2acd", "2ada", "2ad3", "2ad9")
_OPS: Final = ("set_speed", "set_incline", "start", "stop", "request_control", "pause")


def _known(record: TreadmillData) -> dict[str, int]:
    return {name: value for name in FIELDS if (value := getattr(record, name)) is not None}


def _frames(data: bytes) -> list[bytes]:
    """Each frame after its length, which is 2 at least: a shorter one says nothing, slowly.

    Four of them: a machine splits a record over two or three, and what comes later only repeats.
    """
    found: list[bytes] = []
    while data and len(found) < 4:
        length = 2 + data[0] % 30
        found.append(data[1 : 1 + length])
        data = data[1 + length :]
    return found


def _merge(data: bytes) -> None:
    merged = Snapshot()
    last: dict[str, tuple[int, int]] = {}
    end = Millis(0)
    for now, frame in enumerate(_frames(data)):
        record = treadmill_data.decode(frame)
        merged.merge(record, Millis(now))
        last |= {name: (value, now) for name, value in _known(record).items()}
        end = Millis(now + 1)
    assert _known(merged.latest) == {name: value for name, (value, _) in last.items()}
    for name in FIELDS:
        seen = last[name][1] if name in last else None
        assert merged.age_ms(name, end) == (None if seen is None else end - seen)


def _readings(data: bytes) -> None:
    char, frame = _CHARS[data[0] % 4] if data else "2acd", data[1:]
    dropped: Counter[str] = Counter()
    event = readings.read(char, frame, Millis(7), dropped)
    match event:
        case Telemetry(t, speed, incline):
            assert char == "2acd"
            assert t == 7
            assert speed is not None or incline is not None
            assert speed is None or 0 <= speed <= 3000
            assert incline is None or -300 <= incline <= 500
        case Machine(_, status, value, code, ranges):
            assert (status is None) != (code is None)
            assert ranges is None
            assert value is None or status is not None
        case None:
            pass
    if char == "2acd":
        record = treadmill_data.decode(frame)
        found = event if isinstance(event, Telemetry) else Telemetry(Millis(7))
        for name in ("speed", "incline"):
            said, used = getattr(record, name), getattr(found, name)
            # Taken as it is, or dropped and counted: never bent into another number.
            assert used == said or (used is None and dropped[name] == 1)
            assert used is not None or said is None or dropped[name] == 1
    else:
        assert not dropped


def _ranges(data: bytes) -> None:
    cut = data[0] % 16 if data else 0
    found = readings.ranges(data[1 : 1 + cut] or None, data[1 + cut :] or None)
    for low, high, step in (
        (found.speed_min, found.speed_max, found.speed_step),
        (found.incline_min, found.incline_max, found.incline_step),
    ):
        if low is None or high is None or step is None:
            assert (low, high, step) == (None, None, None)
        else:
            assert low <= high
            assert 0 < step <= 200


@dataclass(frozen=True, slots=True)
class _Command:
    op: str
    value: int | None


def _command(data: bytes) -> None:
    """Encode and decode are inverses for what can be written, and nothing else is written."""
    op = _OPS[data[0] % len(_OPS)] if data else "stop"
    value = int.from_bytes(data[1:9], "little", signed=True) if len(data) > 1 else None
    low, high = {"set_speed": (0, 65535), "set_incline": (-32768, 32767)}.get(op, (0, -1))
    try:
        frame = control_point.frame_of(_Command(op, value))
    except ValueError:
        assert value is None or not low <= value <= high
        assert value is not None or op in ("set_speed", "set_incline", "pause")
        return
    asked = control_point.decode_request(frame)
    assert asked.trailing == b""
    if value is None:
        wanted = {"start": b"\x07", "stop": b"\x08\x01", "request_control": b"\x00"}[op]
        assert frame == wanted
    else:
        assert low <= value <= high
        assert asked.name == f"set_target_{op.removeprefix('set_')}"
        assert asked.value == value


def _prefix(data: bytes) -> None:
    """A cut frame says less than the whole one, and nothing else: unknown stays unknown."""
    cut, frame = data[0] % 32 if data else 0, data[1:]
    less, whole = (_known(treadmill_data.decode(each)) for each in (frame[:cut], frame))
    for record in (less, whole):
        record.pop("steps_vendor", None)  # two of its three bytes are a number too
    assert less.items() <= whole.items()


TARGETS: Final = tuple(
    Target(name, "bytes", run, max_len)
    for name, run, max_len in (
        ("merge", _merge, 80),
        ("readings", _readings, 48),
        ("ranges", _ranges, 24),
        ("command", _command, 12),
        ("prefix", _prefix, 40),
    )
)
