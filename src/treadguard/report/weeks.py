"""Load week by week, and this week beside the usual one.

Here: seven days at a time, counted back from now, so that a week is never a half one. Not here:
what is said about it (outlook.py). The rule to keep: the ratio is shown and worded, and gates
nothing. That a high ratio of this week to the usual foretells injuries is an idea of team sports
(acute:chronic workload ratio, Gabbett 2016), and in 5,205 runners it didn't hold (BJSM
2025;59:1203).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from treadguard.report.row import Row

WEEK: Final = timedelta(days=7)
USUAL_WEEKS: Final = 4
"""The usual is the mean of so many weeks before this one."""

LEAST_WEEKS: Final = 2
"""With sessions in fewer of them there is no usual yet (convention)."""


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days up to `until`. `load` as in session.Figures."""

    until: datetime
    sessions: int
    minutes: float
    load: float


def weeks(rows: Sequence[Row], now: datetime, count: int) -> tuple[Week, ...]:
    """The last `count` weeks, the oldest first and the one up to `now` last."""
    found = []
    for back in reversed(range(count)):
        until = now - back * WEEK
        own = [row for row in rows if until - WEEK < row.started <= until]
        load = round(sum(row.load for row in own), 1)
        found.append(Week(until, len(own), sum(row.minutes for row in own), load))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Ratio:
    """This week's load and the usual one, which is above 0."""

    this: float
    usual: float

    @property
    def times(self) -> float:
        """How many times the usual this week is."""
        return self.this / self.usual


def ratio(rows: Sequence[Row], now: datetime) -> Ratio | None:
    """None where too few weeks have been walked to call one usual."""
    *before, this = weeks(rows, now, USUAL_WEEKS + 1)
    usual = sum(week.load for week in before) / USUAL_WEEKS
    if sum(week.load > 0 for week in before) < LEAST_WEEKS:
        return None
    return Ratio(this.load, round(usual, 1))
