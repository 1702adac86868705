"""A journal file as lines: tolerant at its end, strict in its middle.

Here: what a file may lack and still be read. Not here: what the lines mean to the guard
(check.py). The rule to keep: a process may be killed at any byte, so a torn last line and a
missing `end` are said and passed over; anything else that is wrong is damage, with its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from treadguard.journal import BadLine, Header, Line, decoded, header_of


class DamagedJournal(ValueError):
    """The file can't be used; the text is one clear sentence with the line's number."""


FOREIGN: Final = (
    "its settings are of another version of treadguard: what they don't say is taken as today's"
    " default"
)


@dataclass(frozen=True, slots=True)
class Journal:
    """A readable journal. `lines` are all after the header, seq without gaps."""

    header: Header
    lines: tuple[Line, ...]
    sound_bytes: int
    """The file's length up to and with the last whole line."""
    torn: bool
    ended: bool
    foreign: bool = False
    """Its settings are of another version of treadguard: to be told, not to be recomputed."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What isn't as it should be at the file's end, in plain words."""
        said = []
        if self.foreign:
            said.append(FOREIGN)
        if self.torn:
            said.append("the last line is torn and was left out")
        if not self.ended:
            said.append("there is no end line: the session was cut off, or still runs")
        return tuple(said)


def read(path: Path, *, exact: bool = True) -> Journal:
    """The journal at `path`. DamagedJournal when it can't be used, whatever its bytes.

    Without `exact` its settings may be of another version of treadguard.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DamagedJournal(f"{path} can't be read: {error.strerror}.") from None
    *whole, rest = raw.split(b"\n")
    if not whole:
        raise DamagedJournal(f"{path} holds no whole line: it isn't a treadguard journal.")
    header, foreign = _header(path, whole[0], exact=exact)
    lines: list[Line] = []
    t = 0
    for number, text in enumerate(whole[1:], start=2):
        try:
            line = decoded(text)
            _in_order(line, seq=number - 1, after=t)
            if lines and lines[-1]["kind"] == "end":
                raise BadLine("it follows the end line")  # noqa: TRY301 - one place says where
        except BadLine as error:
            raise _damaged(path, number, error) from None
        t = line["t"]
        lines.append(line)
    return Journal(
        header=header,
        lines=tuple(lines),
        sound_bytes=len(raw) - len(rest),
        torn=bool(rest),
        ended=bool(lines) and lines[-1]["kind"] == "end",
        foreign=foreign,
    )


def _header(path: Path, text: bytes, *, exact: bool) -> tuple[Header, bool]:
    """And whether its settings are of another version."""
    try:
        line = decoded(text)
        try:
            return header_of(line), False
        except BadLine:
            if exact:
                raise
            return header_of(line, exact=False), True
    except BadLine as error:
        raise _damaged(path, 1, error) from None


def _in_order(line: Line, *, seq: int, after: int) -> None:
    found, t = line.get("seq"), line.get("t")
    if type(found) is not int or type(t) is not int:
        raise BadLine("it has no seq or no t")
    if found != seq:
        raise BadLine(f"its seq is {found}, and {seq} is next: lines are missing or doubled")
    if t < after:
        raise BadLine(f"its time {t} lies before that of the line above, {after}")


def _damaged(path: Path, number: int, error: BadLine) -> DamagedJournal:
    return DamagedJournal(
        f"{path}, line {number}: {error}, so the journal can't be trusted; use an undamaged copy."
    )
