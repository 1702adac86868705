"""One session as a row: what the history keeps of a journal.

Here: the fold from a journal to a row, pure. Not here: where rows are kept (index.py), and what
follows from them (outlook.py). The rule to keep: a row says only what its own journal says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta

from treadguard.closed_loop.comparison import end_of
from treadguard.replay.reader import Journal
from treadguard.report.session import Session, session_of
from treadguard.units import STOPPED_MAX

COUNTS_MS: Final = 60_000
"""With less motion than this a session is none, unless it ended for pain (convention)."""

TOO_MANY: Final = "too many breaks"
"""The guard's reason for the end at the fourth trigger; a test holds the two together."""

_TRIGGERED: Final = "Stopping for a break"
"""How the guard's cue of a trigger begins; likewise."""

Whole = Annotated[int, Meta(ge=0, le=10**12)]
Share = Annotated[float, Meta(ge=0, le=10**12)]
Words = Annotated[str, Meta(max_length=1000)]


@dataclass(frozen=True, slots=True)
class Row:
    """A session. Times in ms, distance in m, speeds in 0.01 km/h; `load` as in session.Figures.

    `upright_ms` of `seen_ms` with a posture in sight no cue would have come. `pain_end_ms`: when it
    ended for pain, None where it didn't; `speed_then`: the belt's speed before that, `speed_min`:
    the slowest that the machine says it can do, both None where nobody knows.
    """

    session: Words
    path: str
    started: datetime
    treadmill: Words
    mode: Words
    is_real: bool
    lasted_ms: Whole
    moving_ms: Whole
    distance_m: Whole
    load: Share
    max_speed: Whole
    worst_pain: Whole | None
    mean_pain: Share | None
    last_pain: Whole | None
    back_offs: Whole
    stops: Whole
    breaks: Whole
    triggers: Whole
    alarms: Whole
    seen_ms: Whole
    upright_ms: Whole
    symptoms: tuple[Words, ...]
    ended: tuple[Words, ...]
    whole: bool
    pain_end_ms: Whole | None
    speed_then: Whole | None
    speed_min: Whole | None

    def __post_init__(self) -> None:
        """ValueError for a start that no clock of treadguard's has shown."""
        if self.started.tzinfo is None or not 1970 <= self.started.year <= 2900:
            raise ValueError("its start can't be")

    @property
    def minutes(self) -> float:
        """How long the belt moved."""
        return self.moving_ms / 60_000

    @property
    def upright(self) -> float | None:
        """Share of the time with a posture in sight that was upright, 0 to 1; None: never seen."""
        return self.upright_ms / self.seen_ms if self.seen_ms else None

    @property
    def counts(self) -> bool:
        """Whether it is a session at all, and no mere trial of the start."""
        return self.moving_ms >= COUNTS_MS or self.pain_end_ms is not None

    @property
    def pain_end(self) -> datetime | None:
        """When it ended for pain."""
        if self.pain_end_ms is None:
            return None
        return self.started + timedelta(milliseconds=self.pain_end_ms)


def row_of(journal: Journal, path: Path) -> Row:
    """The row of a readable journal.

    ValueError, KeyError, TypeError, AttributeError or OverflowError where its lines aren't what
    their kinds say.
    """
    session = session_of(journal)
    header, figures = session.header, session.figures
    ended_at = _pain_end(journal)
    return Row(
        session=header.session,
        path=str(path),
        started=session.started,
        treadmill=header.treadmill,
        mode=header.mode,
        is_real=header.is_real,
        lasted_ms=figures.lasted_ms,
        moving_ms=figures.moving_ms,
        distance_m=figures.distance_m,
        load=figures.load,
        max_speed=figures.max_speed,
        worst_pain=figures.worst_pain,
        mean_pain=figures.mean_pain,
        last_pain=figures.last_pain,
        back_offs=figures.back_offs,
        stops=figures.stops,
        breaks=figures.breaks,
        triggers=_triggers(session),
        alarms=figures.alarms,
        seen_ms=figures.seen_ms,
        upright_ms=figures.upright_ms,
        symptoms=session.symptoms,
        ended=session.ended,
        whole=session.whole,
        pain_end_ms=ended_at,
        speed_then=None if ended_at is None else _speed_before(journal, session, ended_at),
        speed_min=_speed_min(journal),
    )


def _pain_end(journal: Journal) -> int | None:
    """When pain, a symptom or one break too many ended the session, in ms.

    Read from what the runner said: the reasons of the end don't name what held before.
    """
    end_at = journal.header.policy.pain.end_at
    for line in journal.lines:
        severe = line["kind"] == "pain" and line["level"] is not None and line["level"] >= end_at
        # An old message only stops the belt.
        if (severe or line["kind"] == "symptom") and not line.get("retained"):
            return int(line["t"])
    at, why = end_of(journal.lines)
    return at if TOO_MANY in why else None


def _triggers(session: Session) -> int:
    counted = sum(one.kind == "cue" and _TRIGGERED in one.text for one in session.said)
    return counted + (TOO_MANY in session.ended)


def _speed_before(journal: Journal, session: Session, at: int) -> int | None:
    """The last speed at which the belt ran by `at`; the slowing down of a planned end is none."""
    for line in journal.lines:
        if line["kind"] == "operator" and line["do"] == "end":
            at = min(at, line["t"])
            break
    ran = [(stay.t, min(stay.until, at)) for stay in session.stays if stay.phase == "RUNNING"]
    for sample in reversed(session.samples):
        moved = sample.speed is not None and sample.speed > STOPPED_MAX
        if moved and any(since <= sample.t <= until for since, until in ran):
            return sample.speed
    return None


def _speed_min(journal: Journal) -> int | None:
    for line in reversed(journal.lines):
        if line["kind"] == "machine" and line.get("ranges") is not None:
            found = line["ranges"]["speed_min"]
            return None if found is None else int(found)
    return None
