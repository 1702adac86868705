"""Targets for what treadguard keeps on the disk: the state file and the proven machines.

The rule to keep: garbage never unlocks, and never makes a machine one that may be driven (H69).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import msgspec

from proof.fuzz.target import Target, file_of, run
from treadguard.ftms.characteristics import Characteristic
from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile
from treadguard.guard.state import initial
from treadguard.session import state_file
from treadguard.treadmill import proven
from treadguard.treadmill.fingerprint import TOLD, Fingerprint, pieces, told

_KEPT: Final = (
    Kept(),
    Kept(locks=("red flag",), triggers=4, ceiling=540, on_break=True, break_level=6),
    Kept(locks=("pain",), owed_stop=True, moving=True, ended="lock", fault="belt"),
)
_ADDRESS: Final = "AA:BB:CC:DD:EE:FF"


def _state(data: bytes) -> None:
    """As it is, under a right checksum, and as a good file with some bytes changed."""
    _locked_or_sound(data)
    _sealed(data)
    _changed(data)


def _locked_or_sound(raw: bytes) -> None:
    found = state_file.load(file_of(raw, "state.json"))
    if found != Kept.most_restrictive():
        body = json.loads(raw)
        assert raw.startswith(b'{"sha256":"%s",' % body["sha256"].encode())
        start = raw.index(b'"kept":') + len(b'"kept":')
        assert sha256(raw[start:].rstrip()[:-1]).hexdigest() == body["sha256"]
    _usable(found)


def _sealed(body: bytes) -> None:
    """Nobody but treadguard writes a checksum: what it holds must still be well typed."""
    sealed = b'{"sha256":"%s","kept":%s}\n' % (sha256(body).hexdigest().encode(), body)
    found = state_file.load(file_of(sealed, "state.json"))
    if found != Kept.most_restrictive():
        said: dict[str, Any] = json.loads(body)
        written = msgspec.to_builtins(found)
        assert said.keys() <= written.keys()
        assert all(json.loads(json.dumps(written[key])) == said[key] for key in said)
    _usable(found)


def _changed(data: bytes) -> None:
    path = file_of(b"", "state.json")
    good = _KEPT[len(data) % len(_KEPT)]
    state_file.save(path, good)
    whole = path.read_bytes()
    assert state_file.load(path) == good
    raw = bytearray(whole)
    for at, byte in zip(data[::2], data[1::2], strict=False):
        raw[at * 2 % len(raw)] ^= byte
    if len(data) % 5 == 4:
        del raw[-1 - data[0] % len(raw) :]
    found = state_file.load(file_of(bytes(raw), "state.json"))
    assert found == (good if raw == whole else Kept.most_restrictive()), bytes(raw)


def _usable(found: Kept) -> None:
    """The guard can start from it, and a lock bars the session, as it does after any garbage."""
    assert Kept.most_restrictive().locks
    state = initial(Policy(), Profile(), "guard", True, found)
    assert not found.locks or state.ended is not None


def _proven(data: bytes) -> None:
    path = file_of(data, "proven.json")
    known = proven.load(path)
    if known:
        said = json.loads(data)
        assert said.keys() == known.keys()
        assert all(said[address]["name"] == entry.name for address, entry in known.items())
    found = proven.entry_of(path, _ADDRESS.lower())
    assert found == known.get(_ADDRESS)
    if proven.doubt(found) is None:
        assert json.loads(data)[_ADDRESS]["fingerprint"] is not None
    entry = proven.Entry("Walker", "2026-11-22", Fingerprint(model="W2"))
    proven.remember(path, _ADDRESS.lower(), entry)
    assert proven.load(path) == {**known, _ADDRESS: entry}


def _fingerprint(data: bytes) -> None:
    """What a machine says of itself: told twice it is the same, and one other piece is another."""
    said: dict[Characteristic, bytes | None] = {}
    asked = (*TOLD.values(), Characteristic.SPEED_RANGE, Characteristic.INCLINE_RANGE)
    for char in asked:
        length = data[0] if data else 255
        said[char] = None if length == 255 else data[1 : 1 + length % 32]
        data = data[1 + length % 32 :]
    now = _told(said)
    for what in pieces(now):
        assert what.isprintable(), what
    entry = proven.Entry("Walker", "2026-11-22", now)
    path = file_of(b"", "proven.json")
    proven.remember(path, _ADDRESS, entry)
    kept = proven.entry_of(path, _ADDRESS)
    assert kept == entry
    assert proven.changed(kept, "Walker", now) is None
    other = _told({**said, Characteristic.MODEL: b"another"})
    assert (proven.changed(kept, "Walker", other) is None) == (other.model == now.model)


def _told(said: Mapping[Characteristic, bytes | None]) -> Fingerprint:
    async def read(char: Characteristic) -> bytes | None:
        return said[char]

    return run(told(read))


TARGETS: Final = (
    Target(
        *("state", "text", _state, 400),
        words=('{"sha256":"', '","kept":', '"locks":[', '"moving":true', "null"),
    ),
    Target("fingerprint", "bytes", _fingerprint, 120),
    Target(
        *("proven", "text", _proven, 300),
        words=(f'{{"{_ADDRESS}":{{"name":"', '","on":"', '"}}'),
    ),
)
