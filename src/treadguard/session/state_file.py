"""What outlives the process, on the disk: `Kept`, with a checksum.

The rule to keep: a reader sees the old state or the new one, whole; anything else, by one bit, is
read as the most restrictive (H69). Only a file that was never written means that nothing is kept.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path

import msgspec

from treadguard.guard.kept import Kept
from treadguard.private_file import private_folder, write_private


class _File(msgspec.Struct, forbid_unknown_fields=True):
    sha256: str
    kept: msgspec.Raw


def save(path: Path, kept: Kept) -> None:
    """Replace the file at once; it is on the disk when this returns. OSError when it can't be."""
    private_folder(path.parent)
    write_private(path, _framed(msgspec.json.encode(kept)))


def load(path: Path) -> Kept:
    """What the file says, nothing kept where there is none, else the most restrictive."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Kept()
    except OSError:
        return Kept.most_restrictive()
    return kept_of(raw)


def restricts(kept: Kept) -> bool:
    """A session that began without it would be allowed more; of its minutes the last save knows."""
    return replace(kept, moving=False, in_session=False, ran=0) != Kept()


def spoil(path: Path) -> None:
    """Make what it says unreadable, where what it should say can't be written (H69).

    It needs no room. A file that can't even be cut keeps the old state.
    """
    with suppress(OSError):
        os.truncate(path, 0)


def kept_of(raw: bytes) -> Kept:
    """What a file of these bytes says, or the most restrictive."""
    try:
        body = bytes(msgspec.json.decode(raw, type=_File).kept)
        known = {field.name for field in fields(Kept)}
        if _framed(body) == raw and set(msgspec.json.decode(body)) <= known:
            return msgspec.json.decode(body, type=Kept)
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError):
        pass
    return Kept.most_restrictive()


def _framed(body: bytes) -> bytes:
    return b'{"sha256":"%s","kept":%s}\n' % (sha256(body).hexdigest().encode(), body)
