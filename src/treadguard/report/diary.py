"""The diary: what the runner says outside a session, a line each.

Here: how hard a session was, how the back was the morning after, and shoes taken into use. Not
here: what is said within a session (its journal). The rule to keep: a line is only ever added;
what is torn or unknown is passed over and counted, and a later answer outweighs an earlier one.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import platformdirs
from msgspec import Meta

Feels = Literal["better", "same", "worse"]
Id = Annotated[str, Meta(min_length=1, max_length=1000)]
Moment = Annotated[datetime, Meta(tz=True)]


class Effort(msgspec.Struct, frozen=True, tag_field="kind", tag="effort"):
    """How hard a whole session was, 0 to 10 on the CR10 scale (session RPE)."""

    at: Moment
    session: Id
    rpe: Annotated[float, Meta(ge=0, le=10)]


class Morning(msgspec.Struct, frozen=True, tag_field="kind", tag="morning"):
    """The back on the morning (`date`) after a session: pain 0 to 10, beside the day before."""

    at: Moment
    session: Id
    date: date
    pain: Annotated[int, Meta(ge=0, le=10)]
    feels: Feels


class Shoes(msgspec.Struct, frozen=True, tag_field="kind", tag="shoes"):
    """Shoes, and the day they were taken into use."""

    at: Moment
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    date: date


Entry = Effort | Morning | Shoes


@dataclass(frozen=True, slots=True)
class Diary:
    """All entries in the order they were made. `skipped`: lines that could not be read."""

    efforts: tuple[Effort, ...] = ()
    mornings: tuple[Morning, ...] = ()
    shoes: tuple[Shoes, ...] = ()
    skipped: int = 0

    def rpe_of(self, session: str) -> float | None:
        """The last rating of this session's effort."""
        found = [effort.rpe for effort in self.efforts if effort.session == session]
        return found[-1] if found else None

    def morning_of(self, session: str) -> Morning | None:
        """The last answer about the morning after this session."""
        found = [morning for morning in self.mornings if morning.session == session]
        return found[-1] if found else None


def diary_file() -> Path:
    """Where the diary is kept on this system."""
    return Path(platformdirs.user_data_dir("treadguard")) / "diary.jsonl"


def load(path: Path) -> Diary:
    """What the file says; nothing where there is none. OSError when it can't be read."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Diary()
    found: list[Entry] = []
    skipped = 0
    for line in raw.split(b"\n"):
        if not line.strip():
            continue
        try:
            found.append(msgspec.json.decode(line, type=Entry))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            skipped += 1
    return Diary(
        efforts=tuple(one for one in found if isinstance(one, Effort)),
        mornings=tuple(one for one in found if isinstance(one, Morning)),
        shoes=tuple(one for one in found if isinstance(one, Shoes)),
        skipped=skipped,
    )


def add(path: Path, entry: Entry) -> None:
    """One more line, on the disk when this returns. OSError when it can't be."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(fd, "r+b", buffering=0) as file:
        size = os.fstat(fd).st_size
        # After a torn line the new one begins on a line of its own.
        torn = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
        line = b"\n" * torn + msgspec.json.encode(entry) + b"\n"
        if file.write(line) != len(line):
            os.ftruncate(fd, size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        os.fsync(fd)
