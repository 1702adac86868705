"""The index over all journals: a row per session, in SQLite.

Here: which journals are new or have grown, and the file that remembers the rest. Not here: what a
row says (row.py). The rule to keep: the journals are the truth and this file is a copy of it.
Whatever is wrong with the copy, it is made anew; whatever is wrong with one journal, the others
are read.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import msgspec
import platformdirs

from treadguard.replay.reader import DamagedJournal, read
from treadguard.report.row import Row, row_of

SCHEMA: Final = 2
"""Another number for other columns, or for another meaning of one."""

_COLUMNS: Final = tuple(field.name for field in fields(Row))
_TABLES: Final = f"""
CREATE TABLE about (written_by TEXT NOT NULL);
CREATE TABLE files (
  path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, damage TEXT
);
CREATE TABLE sessions (path TEXT PRIMARY KEY, {", ".join(c for c in _COLUMNS if c != "path")});
"""
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM sessions"  # noqa: S608 - our own names
_INSERT: Final = (
    f"INSERT INTO sessions ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
)
_NOT_ITS_FAULT: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)
"""What SQLite says of a place where nothing can be kept, and not of a file that is damaged."""


@dataclass(frozen=True, slots=True)
class Found:
    """All sessions by their start; a sentence for each damaged journal; `notes`: of the index."""

    rows: tuple[Row, ...]
    damaged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class _Foreign(Exception):
    """The file isn't an index of this version; `said` when that is worth a sentence."""

    def __init__(self, said: str | None) -> None:
        super().__init__(said)
        self.said = said


def sessions_folder() -> Path:
    """Where the journals are kept on this system."""
    return Path(platformdirs.user_data_dir("treadguard")) / "sessions"


def index_file() -> Path:
    """Where the index is kept on this system."""
    return Path(platformdirs.user_cache_dir("treadguard")) / "sessions.sqlite"


def sessions(folder: Path, index: Path, *, rebuild: bool = False) -> Found:
    """Every session in `folder`, with an index that is brought up to date on the way."""
    if rebuild:
        _throw_away(index)
    notes: list[str] = []
    try:
        return _indexed(folder, index)
    except _Foreign as error:
        if error.said is not None:
            notes.append(error.said)
    except sqlite3.DatabaseError as error:
        # SQLite keeps what kind of error it is in the lowest byte.
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_ITS_FAULT:
            return _unkept(folder, index, error)
        notes.append(f"the index {index} was damaged, and was made anew from the journals")
    except OSError as error:
        return _unkept(folder, index, error)
    try:
        _throw_away(index)
        found = _indexed(folder, index)
    except (OSError, sqlite3.Error, _Foreign) as error:
        return _unkept(folder, index, error)
    return Found(found.rows, found.damaged, (*notes, *found.notes))


def _throw_away(index: Path) -> None:
    for end in ("", "-journal", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            index.with_name(index.name + end).unlink()


def _unkept(folder: Path, index: Path, error: Exception) -> Found:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_TABLES)
        found = _brought_up(db, folder)
    why = error.strerror if isinstance(error, OSError) else error
    note = f"the index {index} can't be kept ({why}): each time all journals are read"
    return Found(found.rows, found.damaged, (note,))


def _indexed(folder: Path, index: Path) -> Found:
    index.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # SQLite would make it readable for others.
    with suppress(FileExistsError):
        os.close(os.open(index, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(index)) as db, db:
        db.execute("BEGIN IMMEDIATE")
        _ours(db, index)
        return _brought_up(db, folder)


def _ours(db: sqlite3.Connection, index: Path) -> None:
    """Return with the tables of this version, or raise _Foreign."""
    me = f"treadguard {version('treadguard')}, schema {SCHEMA}"
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        for statement in _TABLES.split(";"):
            db.execute(statement)
        db.execute("INSERT INTO about VALUES (?)", (me,))
        return
    if tables != {"about", "files", "sessions"}:
        raise _Foreign(f"{index} was no index of treadguard's, and was replaced by one")
    if db.execute("SELECT written_by FROM about").fetchall() != [(me,)]:
        raise _Foreign(None)  # an update is no news


def _brought_up(db: sqlite3.Connection, folder: Path) -> Found:
    known = {
        path: (size, mtime)
        for path, size, mtime in db.execute("SELECT path, size, mtime_ns FROM files")
    }
    unnamed: list[str] = []
    there = set()
    for path, size, mtime in _journals(folder):
        try:
            str(path).encode()
        except UnicodeEncodeError:
            unnamed.append(f"{path} has a name that isn't text: give it another.")
            continue
        there.add(str(path))
        if known.get(str(path)) != (size, mtime):
            _take(db, path, size, mtime)
    for path in known.keys() - there:
        _forget(db, path)
    damaged = db.execute("SELECT damage FROM files WHERE damage IS NOT NULL ORDER BY path")
    return Found(
        rows=_each_once(db),
        damaged=(*(said for (said,) in damaged), *unnamed),
    )


def _journals(folder: Path) -> Iterator[tuple[Path, int, int]]:
    for path in sorted(folder.glob("*.jsonl")):
        try:
            found = path.stat()
        except OSError:
            continue  # it went while we looked
        if stat.S_ISREG(found.st_mode):
            yield path, found.st_size, found.st_mtime_ns


def _take(db: sqlite3.Connection, path: Path, size: int, mtime: int) -> None:
    _forget(db, str(path))
    damage = None
    try:
        row = _checked(msgspec.to_builtins(row_of(read(path, exact=False), path)))
    except DamagedJournal as error:
        damage = str(error)
    except (
        msgspec.ValidationError,
        *(ValueError, KeyError, TypeError, AttributeError, OverflowError),
    ):
        damage = f"{path} holds lines that treadguard didn't write, so it can't be counted."
    else:
        db.execute(_INSERT, _as_sql(row))
    db.execute("INSERT INTO files VALUES (?, ?, ?, ?)", (str(path), size, mtime, damage))


def _forget(db: sqlite3.Connection, path: str) -> None:
    db.execute("DELETE FROM files WHERE path = ?", (path,))
    db.execute("DELETE FROM sessions WHERE path = ?", (path,))


def _each_once(db: sqlite3.Connection) -> tuple[Row, ...]:
    """By their start; of the copies of one journal only the longest."""
    longest: dict[str, Row] = {}
    for values in db.execute(f"{_SELECT} ORDER BY path"):
        row = _as_row(dict(zip(_COLUMNS, values, strict=True)))
        other = longest.get(row.session)
        if other is None or row.lasted_ms > other.lasted_ms:
            longest[row.session] = row
    return tuple(sorted(longest.values(), key=lambda row: row.started))


# ---------------------------------------------------------------- a row and its columns


def _checked(found: object, *, strict: bool = True) -> Row:
    return msgspec.convert(found, Row, strict=strict)


def _as_sql(row: Row) -> list[Any]:
    plain = msgspec.to_builtins(row)
    return [
        msgspec.json.encode(plain[name]).decode()
        if isinstance(plain[name], list | tuple)
        else plain[name]
        for name in _COLUMNS
    ]


def _as_row(columns: Mapping[str, Any]) -> Row:
    """Raises sqlite3.DatabaseError: a value that no row has is damage."""
    try:
        lists = {name: msgspec.json.decode(columns[name]) for name in ("symptoms", "ended")}
        return _checked({**columns, **lists}, strict=False)
    except (msgspec.DecodeError, TypeError) as error:
        raise sqlite3.DatabaseError(str(error)) from None
