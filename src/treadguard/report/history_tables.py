"""The history as text: sessions, weeks, and two small charts.

Here: rows to lines of at most 80 columns, pure. Not here: which rows (cli/history.py). The rule to
keep: what isn't known is a dash, never a zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from treadguard.report.diary import Diary
from treadguard.report.outlook import minute
from treadguard.report.row import Row
from treadguard.report.weeks import Week

BAR: Final = 24
"""The longest bar of a week, in columns."""

CHARTED: Final = 60
"""So many sessions at most in a chart, the last ones."""

_UNKNOWN: Final = "-"


@dataclass(frozen=True, slots=True)
class Glyphs:
    """What charts are drawn with: `steps` from the lowest to the highest."""

    steps: str
    bar: str
    arrow: str

    @classmethod
    def for_encoding(cls, encoding: str | None) -> Glyphs:
        """Blocks where the terminal can take them."""
        blocks = cls("▁▂▃▄▅▆▇█", "█", "→")
        try:
            (blocks.steps + blocks.arrow).encode(encoding or "ascii")
        except (LookupError, UnicodeEncodeError):
            return cls("_.:-=+*#", "#", ">")
        return blocks


def session_table(
    rows: Sequence[Row], diary: Diary, now: datetime, glyphs: Glyphs
) -> Iterator[str]:
    """A line each, the newest last."""
    yield _line("session", "min", "km", "load", "RPE load", "pain", "breaks", "upright", "")
    for row in rows:
        rpe = diary.rpe_of(row.session)
        yield _line(
            minute(row.started.astimezone(now.tzinfo)),
            f"{row.minutes:.0f}",
            f"{row.distance_m / 1000:.1f}",
            f"{row.load:.1f}",
            _UNKNOWN if rpe is None else f"{rpe * row.minutes:.0f}",
            _UNKNOWN
            if row.worst_pain is None
            else f"{row.worst_pain}{glyphs.arrow}{row.last_pain}",
            str(row.breaks),
            _UNKNOWN if row.upright is None else f"{row.upright * 100:.0f} %",
            _remark(row),
        )


def _line(
    when: str,
    minutes: str,
    km: str,
    load: str,
    rpe: str,
    pain: str,
    breaks: str,
    upright: str,
    remark: str,
) -> str:
    numbers = f"{minutes:>5}{km:>6}{load:>7}{rpe:>10}{pain:>6}{breaks:>8}{upright:>9}"
    return f"{when:<16}{numbers}  {remark}".rstrip()


def _remark(row: Row) -> str:
    if row.pain_end_ms is not None:
        return "ended: pain"
    if row.mode == "shadow":
        return "shadow"
    return "" if row.whole else "cut off"


def charts(rows: Sequence[Row], glyphs: Glyphs) -> Iterator[str]:
    """Worst pain and load of the last sessions, a mark each."""
    last = rows[-CHARTED:]
    top = max(row.load for row in last)
    pains = (None if row.worst_pain is None else row.worst_pain / 10 for row in last)
    loads = (row.load / top if top > 0 else None for row in last)
    yield f"worst pain  {_marks(pains, glyphs)}  (0 to 10)"
    yield f"load        {_marks(loads, glyphs)}  (0 to {top:.1f})"


def _marks(shares: Iterator[float | None], glyphs: Glyphs) -> str:
    highest = len(glyphs.steps) - 1
    return "".join(
        " " if share is None else glyphs.steps[min(round(share * highest), highest)]
        for share in shares
    )


def week_table(found: Sequence[Week], glyphs: Glyphs) -> Iterator[str]:
    """A line for each seven days, this week last."""
    top = max(week.load for week in found)
    yield f"{'seven days to':<16}{'sessions':>9}{'min':>6}{'load':>8}"
    for week in found:
        bar = glyphs.bar * (round(week.load / top * BAR) if top > 0 else 0)
        line = f"{week.until:%Y-%m-%d}      {week.sessions:>9}{week.minutes:>6.0f}{week.load:>8.1f}"
        yield f"{line}  {bar}".rstrip()
