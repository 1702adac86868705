"""A journal for the report: readable, of sound shape in every line, and compared with the guard.

Here: what must hold of a file before anything in it is shown. Not here: its folding (session.py).
The rule to keep: whatever the file holds, the outcome is a `Told` or a DamagedJournal with one
sentence. A journal that the guard wouldn't have written so is told, and said to be that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from treadguard.guard.events import Op, PhaseName, Verdict_
from treadguard.journal import INPUT_KINDS, BadLine, Header, Line, event_of, kept_of
from treadguard.replay.check import Report, check
from treadguard.replay.reader import DamagedJournal, Journal, read
from treadguard.report.session import Session, session_of

LONGEST_MS: Final = 7 * 24 * 3_600_000
"""No session lasts a week; a time beyond it is damage."""

LARGEST: Final = 1_000_000
"""No speed, grade, angle or count in a journal line comes near this."""


class _Command(msgspec.Struct):
    op: Op
    value: int | None
    cause: int
    why: list[str]
    attempt: int = 1
    shadow: bool = False


class _Verdict(msgspec.Struct, rename={"is_": "is"}):
    of: int
    is_: Verdict_


class _Phase(msgspec.Struct, rename={"from_": "from"}):
    from_: PhaseName
    to: PhaseName


class _Limit(msgspec.Struct):
    speed: int
    incline: int
    may_raise: bool
    belt: Literal["RUN", "STOP", "END", "FAULT"]
    why: list[str]


class _Cue(msgspec.Struct):
    say: str


class _Alarm(msgspec.Struct):
    say: str
    level: int


class _End(msgspec.Struct):
    summary: dict[str, Any]


_SHAPES: Final[dict[str, type[msgspec.Struct]]] = {
    "command": _Command,
    "verdict": _Verdict,
    "phase": _Phase,
    "limit": _Limit,
    "cue": _Cue,
    "alarm": _Alarm,
    "end": _End,
}


@dataclass(frozen=True, slots=True)
class Told:
    """One journal, ready to be shown.

    `exact`: how the recomputing of it went; None where another version's settings forbid it.
    """

    path: Path
    journal: Journal
    session: Session
    exact: Report | None


def told(path: Path) -> Told:
    """The session in the journal at `path`; DamagedJournal where it can't be shown."""
    journal = read(path, exact=False)
    if not _is_a_time(journal.header):
        raise DamagedJournal(f"{path}, line 1: its 'started' is no time with a zone.")
    for line in journal.lines:
        try:
            _sound(line, exact=not journal.foreign)
        except BadLine as error:
            raise DamagedJournal(f"{path}, line {line['seq'] + 1}: {error}.") from None
    return Told(path, journal, session_of(journal), None if journal.foreign else check(path))


def _is_a_time(header: Header) -> bool:
    try:
        return datetime.fromisoformat(header.started).tzinfo is not None
    except ValueError:
        return False


def _sound(line: Line, *, exact: bool) -> None:
    """BadLine unless the line is of a kind that treadguard writes, with what it must hold."""
    kind = line["kind"]
    if line["t"] > LONGEST_MS:
        raise BadLine(f"its time {line['t']} ms lies beyond a week")
    for key, value in line.items():
        if key not in _COUNTERS and isinstance(value, int | float) and abs(value) > LARGEST:
            raise BadLine(f"its {key!r} is beyond all measure")
    if kind in _SHAPES:
        try:
            msgspec.convert(line, _SHAPES[kind])
        except msgspec.ValidationError as error:
            raise BadLine(f"it doesn't hold what its kind says ({error})") from None
    elif kind == "restart":
        kept_of(line, exact=exact)
    elif kind in INPUT_KINDS or kind == "veto":
        event_of(line)
    else:
        raise BadLine(f"{kind!r} isn't a kind of line")


_COUNTERS: Final = ("seq", "t", "cause", "of", "expires", "generation", "lost")
