"""Which machines were proven to be the runner's own, on the disk.

Each is known by its address and by what it says of itself. The rule to keep: what can't be read, or
isn't as it was, is not proven, and an unproven machine is only watched.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import platformdirs

from treadguard.private_file import private_folder, write_private
from treadguard.treadmill.fingerprint import Difference, Fingerprint, differences, in_words

OLD: Final = "was proven by an older treadguard, which didn't note what it says of itself"


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`on` is a date, ISO 8601. `fingerprint` is None in a file of an older treadguard."""

    name: str
    on: str
    fingerprint: Fingerprint | None = None


def proven_file() -> Path:
    """Where it is kept on this system."""
    return Path(platformdirs.user_state_dir("treadguard")) / "proven.json"


def load(path: Path) -> dict[str, Entry]:
    """Proven machines by address in upper case; empty where the file is missing or damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Entry])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}


def entry_of(path: Path, address: str) -> Entry | None:
    """What is remembered of the machine at this address."""
    return load(path).get(address.upper())


def doubt(entry: Entry | None) -> str | None:
    """Why such an entry proves nothing, as the second half of a sentence; None where it does."""
    if entry is None:
        return "isn't proven to be yours"
    if entry.fingerprint is None:
        return OLD
    return None


def changed(entry: Entry, name: str, now: Fingerprint) -> str | None:
    """Why a proven machine isn't proven any more, as `doubt`.

    Its name counts where it says nothing else, and a name cut short, or left out, is no other.
    """
    why = doubt(entry)
    if entry.fingerprint is None:
        return why
    found = [*differences(entry.fingerprint, now)]
    if not now.informs and not _same(entry.name, name):
        found.append(Difference("name", entry.name, name))
    return in_words(found) if found else None


def remember(path: Path, address: str, entry: Entry) -> None:
    """Add a machine; the file is whole at any time. OSError when it can't be written."""
    known = {**load(path), address.upper(): entry}
    private_folder(path.parent)
    write_private(path, msgspec.json.format(msgspec.json.encode(known)))


def _same(one: str, other: str) -> bool:
    one, other = one.casefold(), other.casefold()
    return one.startswith(other) or other.startswith(one)
