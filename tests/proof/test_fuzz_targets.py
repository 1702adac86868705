"""Each target is seen to fail: a bug is planted in what it reads, and one input shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pytest
from proof.fuzz.seeds import seeds
from proof.fuzz.table import TARGETS
from proof.fuzz.target import refused_well

from treadguard import config, kernel, scenario
from treadguard.cli import client
from treadguard.ftms import (
    control_point,
    features,
    heart_rate,
    ranges,
    snapshot,
    status,
    training,
    treadmill_data,
)
from treadguard.ftms.treadmill_data import TreadmillData
from treadguard.guard.events import Telemetry
from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile
from treadguard.guard.state import State
from treadguard.replay import check, reader
from treadguard.session import api, stream
from treadguard.treadmill import fingerprint, proven, readings
from treadguard.units import Speed

Break = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Planted:
    target: str
    bug: str
    data: bytes
    plant: Break


def _put(owner: object, name: str, make: Callable[[Any], Any]) -> Break:
    """In place of what is there, what `make` makes of it."""
    return lambda patch: patch.setattr(owner, name, make(getattr(owner, name)))


def _zero_for_unknown(real: Callable[[bytes], TreadmillData]) -> Callable[[bytes], TreadmillData]:
    def decode(data: bytes) -> TreadmillData:
        record = real(data)
        return replace(record, incline=record.incline or 0)

    return decode


def _bent(_: Any) -> Any:
    def write(_what: str, value: int, width: int, *, signed: bool = False) -> bytes:
        assert not signed
        return (value % (1 << 8 * width)).to_bytes(width, "little")

    return write


def _clamped(real: Any) -> Any:
    def telemetry(data: bytes, t: Any, dropped: Any) -> Any:
        speed = treadmill_data.decode(data).speed
        if speed is not None and speed > readings.SPEED_MAX:
            return Telemetry(t, speed=readings.SPEED_MAX)
        return real(data, t, dropped)

    return telemetry


def _form(path: str, call: Callable[..., Any]) -> Break:
    return lambda patch: patch.setitem(
        api._FORMS,
        path,
        replace(api._FORMS[path], call=call),
    )


def _steps_and_refuses(service: Any, body: Any) -> Any:
    service.pain(body.level, "api")
    raise api.Refused(400, "This was taken, and it is said that it wasn't.")


def _unnoticed(self: Any, _line: Any, _place: str) -> None:
    if self._expected:
        self._expected.pop(0)
    self.compared += 1


def _deaf(real: Any) -> Any:
    def step(state: State, event: Any) -> Any:
        stepped, outputs = real(state, event)
        return stepped, tuple(out for out in outputs if getattr(out, "op", None) != "stop")

    return step


SCENARIO = b'name = "a"\nduration_s = 2\n[[at]]\ns = 5\ndo = "stop"\n'
FRAME = bytes.fromhex("0000f401")
TOO_FAST = b"\x00" + bytes.fromhex("0000ffff")
CARD = b'{"treadmill":"sim","port":4711,"token":"a","pid":%s}'
PRESSED = b'w\x00{"level":6}'


PLANTED = (
    Planted(
        "2acd",
        "an incline that wasn't sent is zero",
        FRAME,
        _put(treadmill_data, "decode", _zero_for_unknown),
    ),
    Planted(
        "2acc",
        "a feature is forgotten",
        b"\x03" + bytes(7),
        _put(features, "names", lambda real: lambda flags: real(flags)[1:]),
    ),
    Planted(
        "2ad3",
        "no text is an empty text",
        b"\x01\x04",
        _put(
            training,
            "decode",
            lambda real: lambda data: replace(real(data), text=real(data).text or ""),
        ),
    ),
    Planted(
        "2ad4",
        "a missing step is zero",
        bytes(4),
        _put(
            ranges,
            "decode_speed",
            lambda real: lambda data: replace(real(data), step=real(data).step or 0),
        ),
    ),
    Planted(
        "2ad5",
        "a decline is a climb",
        b"\xf0\xff" + bytes(4),
        _put(ranges, "decode_incline", lambda _: ranges.decode_speed),
    ),
    Planted(
        "2ad9",
        "no answer is heard",
        b"\x80\x02\x01",
        _put(control_point, "decode_response", lambda _: lambda _data: None),
    ),
    Planted(
        "2ada",
        "a missing parameter is zero",
        b"\x02",
        _put(
            status,
            "decode",
            lambda real: lambda data: replace(real(data), value=real(data).value or 0),
        ),
    ),
    Planted(
        "2a37",
        "a cut rate is a rate",
        b"\x01\x48",
        _put(
            heart_rate, "decode", lambda real: lambda data: replace(real(data), bpm=data[1] or None)
        ),
    ),
    Planted(
        "merge",
        "a later notification takes back what an earlier one said",
        b"\x04" + FRAME + b"\x05" + bytes.fromhex("2100000000"),
        lambda patch: patch.setattr(
            snapshot.Snapshot, "merge", lambda self, data, _: setattr(self, "latest", data)
        ),
    ),
    Planted("readings", "655 km/h is 30 km/h", TOO_FAST, _put(readings, "_telemetry", _clamped)),
    Planted(
        "ranges",
        "a range may end before it begins",
        b"\x06" + bytes.fromhex("d00764000a00"),
        _put(readings, "_range", lambda _: lambda r: (r.min, r.max, r.step) if r else (None,) * 3),
    ),
    Planted(
        "command",
        "a target that doesn't fit is cut",
        b"\x00" + (1 << 16).to_bytes(8, "little"),
        _put(control_point, "write", _bent),
    ),
    Planted(
        "prefix",
        "a cut field is read",
        b"\x03" + bytes.fromhex("0000f401"),
        _put(
            treadmill_data,
            "read",
            lambda _: (
                lambda data, at, width, *, signed=False: int.from_bytes(
                    data[at : at + width], "little", signed=signed
                )
            ),
        ),
    ),
    Planted(
        "policy",
        "five is pain that one may run with",
        b"[caps]\nspeed_kmh = 6\n",
        _put(
            config,
            "policy_from_dict",
            lambda real: (
                lambda *given: replace(real(*given), pain=replace(Policy().pain, stop_above=5))
            ),
        ),
    ),
    Planted(
        "profile",
        "a profile passes the hard limit",
        b"speed_max_kmh = 6\n",
        _put(config, "profile_from_dict", lambda _: lambda *_given: Profile(Speed(2500))),
    ),
    Planted(
        "numbers",
        "an override is passed over",
        seeds("numbers")[1],
        _put(config, "merged", lambda _: lambda base, _over: base),
    ),
    Planted(
        "scenario",
        "an action may lie after the end",
        SCENARIO,
        _put(scenario, "_within", lambda _: lambda *_given: None),
    ),
    Planted(
        "state",
        "a damaged file keeps nothing",
        b"\x01\x01",
        lambda patch: patch.setattr(Kept, "most_restrictive", Kept),
    ),
    Planted(
        "proven",
        "a damaged file is an exception",
        b"\xff",
        _put(
            proven,
            "load",
            lambda _: (
                lambda path: msgspec.json.decode(path.read_bytes(), type=dict[str, proven.Entry])
            ),
        ),
    ),
    Planted(
        "fingerprint",
        "what a machine calls itself is shown as it is",
        b"\x03a\x1bb" + b"\xff" * 7,
        _put(fingerprint, "printable", lambda _: lambda text: text),
    ),
    Planted("api", "the guard gives no Stop", PRESSED, _put(kernel, "step", _deaf)),
    Planted(
        "api", "a refusal has changed something", PRESSED, _form("/v1/pain", _steps_and_refuses)
    ),
    Planted(
        "api",
        "a rating is written higher than there is",
        PRESSED,
        _form("/v1/pain", lambda service, _: service.pain(11, "api")),
    ),
    Planted(
        "since",
        "a watcher gets everything",
        b"12",
        lambda patch: patch.setattr(
            stream.Stream,
            "watch",
            lambda self, _since, dropped, real=stream.Stream.watch: real(self, 0, dropped),
        ),
    ),
    Planted(
        "answer",
        "a number is read as text",
        b'{"seq":12}',
        _put(client, "parse", lambda _: lambda text: json.loads(text, parse_int=str)),
    ),
    Planted(
        "card",
        "a number that is no process is asked for",
        CARD % (b"9" * 20),
        _put(client, "_alive", lambda _: lambda pid: pid.to_bytes(8, "little") is not None),
    ),
    Planted(
        "journal",
        "a gap isn't noticed",
        b"\n".join(seeds("journal")[0].split(b"\n")[n] for n in (0, 1, 3)) + b"\n",
        _put(reader, "_in_order", lambda _: lambda *_given, **_named: None),
    ),
    Planted(
        "check",
        "no difference is noticed",
        seeds("check")[0],
        lambda patch: patch.setattr(check._Run, "_compare", _unnoticed),
    ),
)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda each: f"{each.target}: {each.bug}")
def test_a_planted_bug_is_found(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    run = TARGETS[planted.target].run
    run(planted.data)
    planted.plant(monkeypatch)
    with pytest.raises(Exception):  # noqa: B017, PT011 - any at all is a finding
        run(planted.data)


def test_every_target_has_a_planted_bug() -> None:
    assert {planted.target for planted in PLANTED} == set(TARGETS)


@pytest.mark.parametrize("said", ["", "no end", "two\nlines.", "a\x1b[31m.", "x" * 1001 + "."])
def test_a_bad_refusal_is_a_finding(said: str) -> None:
    with pytest.raises(AssertionError):
        refused_well(said)
    refused_well("One clear sentence: do this.")
