"""Where fuzzing begins: frames of real machines, and the files that the tests already hold.

The rule to keep: what can be taken from the repository is taken, so that a new capture or scenario
is a new seed by itself; only a few short texts that no file holds are written here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[2]
_FRAMES: Final = _ROOT / "tests/data/frames.jsonl"
CHARS: Final = ("2acd", "2acc", "2ad3", "2ad4", "2ad5", "2ad9", "2ada", "2a37")


def seeds(name: str) -> list[bytes]:
    """What the target of this name starts from; nothing for one that knows no files."""
    return list(_SEEDS.get(name, _none)(name))


def _none(_: str) -> Iterator[bytes]:
    yield b""


def _captured(name: str) -> Iterator[bytes]:
    for line in _FRAMES.read_text(encoding="utf-8").splitlines():
        found = json.loads(line)
        if found["char"] == name:
            yield bytes.fromhex(found["hex"])


def _headed(_: str) -> Iterator[bytes]:
    for n, char in enumerate(("2acd", "2ada", "2ad3", "2ad9")):
        yield from (bytes((n,)) + frame for frame in _captured(char))


def _cut(_: str) -> Iterator[bytes]:
    yield from (bytes((len(frame) // 2,)) + frame for frame in _captured("2acd"))


def _counted(_: str) -> Iterator[bytes]:
    frames = [bytes((len(frame),)) + frame for frame in _captured("2acd")]
    yield from (b"".join(frames[n : n + 3]) for n in range(0, len(frames), 3))


def _both_ranges(_: str) -> Iterator[bytes]:
    for speed in _captured("2ad4"):
        for incline in _captured("2ad5"):
            yield bytes((len(speed),)) + speed + incline


def _commands(_: str) -> Iterator[bytes]:
    for op in range(6):
        yield bytes((op,))
        for value in (0, 500, -30, 1 << 15, 1 << 16):
            yield bytes((op,)) + value.to_bytes(8, "little", signed=True)


def _policies(_: str) -> Iterator[bytes]:
    whole = (_ROOT / "configs/policy.toml").read_text(encoding="utf-8")
    yield whole.encode()
    plain = [line.partition("#")[0].strip() for line in whole.splitlines()]
    tables = "\n".join(line for line in plain if line).split("[")
    yield from (f"[{table}".encode() for table in tables if table)


def _numbers(_: str) -> Iterator[bytes]:
    for key in range(70):
        yield bytes((key, 1, key, 0, 0, 0, 0, 0, 0))


def _profiles(_: str) -> Iterator[bytes]:
    yield (_ROOT / "configs/profiles/default.toml").read_bytes()
    yield b"speed_max_kmh = 6.5\ngrade_max_pct = 3\ntrunk_baseline_deg = 4.5\n"
    yield b"neck_baseline_deg = 12.0\n"


def _scenarios(_: str) -> Iterator[bytes]:
    for folder in ("configs/scenarios", "tests/scenarios"):
        for path in sorted((_ROOT / folder).glob("*.toml")):
            yield path.read_bytes()


def _states(_: str) -> Iterator[bytes]:
    whole = b'{"locks":["red flag"],"triggers":2,"ceiling":450,"on_break":true,"moving":false}'
    yield whole
    yield b'{"sha256":"%s","kept":%s}\n' % (sha256(whole).hexdigest().encode(), whole)
    yield b"{}"
    yield b'{"locks":"red flag"}'
    yield b'{"triggers":-1,"ceiling":1e9}'


def _proven(_: str) -> Iterator[bytes]:
    entry = {"name": "Walker", "on": "2026-11-22"}
    told = {"maker": "Somebody", "model": "W2", "firmware": "1.0"}
    yield json.dumps({"AA:BB:CC:DD:EE:FF": entry}).encode()
    yield json.dumps({"AA:BB:CC:DD:EE:FF": {**entry, "fingerprint": told}}).encode()
    yield b"{}"


def _told(_: str) -> Iterator[bytes]:
    yield b"\x08Somebody\x02W2\xff\x011\x031.0\xff\xff\xff"
    yield b"\xff" * 6 + b"\x06\x64\x00\xd0\x07\x0a\x00\x06\x00\x00\x96\x00\x05\x00"


def _bodies(_: str) -> Iterator[bytes]:
    posts = (
        b'\x00{"level":6}',
        b'\x00{"level":2}\n\x00{"level":3}\n\x00{"level":11}',
        b"\x01",
        b'\x02{"what":"chest pain"}',
        b"\x03{}\n\x04{}\n\x05",
        b'\x06{"trunk_deg":25.5,"neck_deg":10,"asym_pct":3,"strides":4,"source":"camera"}',
        b'\x07{"do":"speed","value":5.0}\n\x07{"do":"incline","value":2.5}',
        b'\x07{"do":"start","confirm":"on-belt-key-clipped"}',
        b'\x07{"do":"stop"}\n\x07{"do":"resume","confirm":"on-belt-key-clipped"}',
        b'\x07{"do":"unlock","confirm":"professional-seen"}\n\x07{"do":"end"}',
    )
    yield from (belt + post for belt in (b"r", b"w") for post in posts)


def _since(_: str) -> Iterator[bytes]:
    yield from (b"0", b"12", b"39", b"", b"-1", "٦".encode(), b"1e3", b"9" * 16, b"007")


def _answers(_: str) -> Iterator[bytes]:
    yield b'{"seq":12}'
    yield b'{"seq":12,"say":["Stopping."]}'
    yield b'{"error":"A body may have 4096 bytes."}'
    yield from (b"{}", b"[]", b'"a"', b'{"a":007}', b'{"a": 1 , "b":"c,d:e"}', b'{"a":-1.5}')


def _cards(_: str) -> Iterator[bytes]:
    yield b'{"treadmill":"sim","address":"sim","port":4711,"token":"made-up","pid":PID}'
    yield b'{"treadmill":"sim","port":70000,"token":"made-up","pid":PID}'
    yield b'{"treadmill":["sim"],"port":true,"token":null,"pid":1}'


def _journals(_: str) -> Iterator[bytes]:
    for path in sorted((_ROOT / "tests/sessions").glob("*.jsonl")):
        lines = path.read_bytes().splitlines(keepends=True)
        yield b"".join(lines[:12])
        yield b"".join(lines[:3])[:-20]


def _lines(_: str) -> Iterator[bytes]:
    for path in sorted((_ROOT / "tests/sessions").glob("*.jsonl")):
        lines = path.read_bytes().splitlines(keepends=True)[1:]
        yield b"".join(lines[:20])
        yield b"".join(lines[:60])


_SEEDS: Final = {
    **dict.fromkeys(CHARS, _captured),
    "readings": _headed,
    "prefix": _cut,
    "merge": _counted,
    "ranges": _both_ranges,
    "command": _commands,
    "policy": _policies,
    "numbers": _numbers,
    "profile": _profiles,
    "scenario": _scenarios,
    "state": _states,
    "proven": _proven,
    "fingerprint": _told,
    "api": _bodies,
    "since": _since,
    "answer": _answers,
    "card": _cards,
    "journal": _journals,
    "check": _lines,
}
