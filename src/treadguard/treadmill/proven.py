"""Which machines were proven to be the runner's own, by address, on the disk.

The rule to keep: what can't be read is not proven, and an unproven machine is only watched.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import platformdirs


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`on` is a date, ISO 8601."""

    name: str
    on: str


def proven_file() -> Path:
    """Where it is kept on this system."""
    return Path(platformdirs.user_state_dir("treadguard")) / "proven.json"


def load(path: Path) -> dict[str, Entry]:
    """Proven machines by address in upper case; empty where the file is missing or damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Entry])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}


def is_proven(path: Path, address: str) -> bool:
    return address.upper() in load(path)


def remember(path: Path, address: str, entry: Entry) -> None:
    """Add a machine; the file is whole at any time. OSError when it can't be written."""
    known = {**load(path), address.upper(): entry}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)  # one that is left over would keep its own mode
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(known)))
        file.flush()
        os.fsync(fd)
    new.replace(path)
