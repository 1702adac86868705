"""Many sessions side by side: a row and a column of the chart for each.

Here: what a row says and where its column stands. Not here: the sessions themselves (page.py). The
rule to keep: a session without a rating has no pain in the chart, not pain 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from treadguard.report import words
from treadguard.report.chart import LEFT, RIGHT, Tick
from treadguard.report.reading import Told
from treadguard.report.scale import Scale, one_two_five, ticks

_PAIN_TOP: Final = 24
_LOAD_TOP: Final = 148
_HIGH: Final = 96
_MOST_LABELS: Final = 30
_WIDEST: Final = 36


@dataclass(frozen=True, slots=True)
class Panel:
    """A quantity over the sessions."""

    name: str
    top: int
    bottom: int
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One session at `x` px. The pains and the top of its bar are px too; None is no rating."""

    x: float
    width: float
    load: float
    worst: float | None
    last: float | None
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Pain above, load below."""

    height: int
    panels: tuple[Panel, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """`narrow`: a number, which isn't broken over lines."""

    text: str
    narrow: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One session; `ident` is the id of its part of the page."""

    ident: str
    cells: tuple[Cell, ...]


def chart(told: Sequence[Told]) -> Chart:
    """The chart of these sessions, in order."""
    figures = [one.session.figures for one in told]
    loads = [round(each.load * 10) for each in figures]
    pain = Scale(0, 10, _PAIN_TOP + _HIGH, _PAIN_TOP)
    load = Scale(0, max(50, *loads), _LOAD_TOP + _HIGH, _LOAD_TOP)
    room = (RIGHT - LEFT) / len(told)
    each_so_many = -(-len(told) // _MOST_LABELS)
    columns = tuple(
        Column(
            round(LEFT + room * (n + 0.5), 1),
            round(min(_WIDEST, room * 0.7), 1),
            load.at(loads[n]),
            None if each.worst_pain is None else pain.at(each.worst_pain),
            None if each.last_pain is None else pain.at(each.last_pain),
            str(n + 1) if n % each_so_many == 0 else "",
        )
        for n, each in enumerate(figures)
    )
    pains = tuple(Tick(pain.at(v), str(v)) for v in range(0, 11, 2))
    marks = ticks(0, load.high, one_two_five(10), 5)
    panels = (
        Panel("Pain, 0 to 10", _PAIN_TOP, pain.start, pains),
        Panel("Load", _LOAD_TOP, load.start, tuple(Tick(load.at(v), f"{v // 10}") for v in marks)),
    )
    return Chart(load.start + 40, panels, columns)


def row(told: Told, ident: str, zone: tzinfo | None) -> Row:
    """One session in numbers."""
    session, figures = told.session, told.session.figures
    start = words.at_home(session.started, zone)
    done = [
        sum(act.op != "stop" for act in session.acts),
        sum(act.op == "stop" for act in session.acts),
        figures.breaks,
    ]
    return Row(
        ident,
        (
            Cell(f"{start:%Y-%m-%d %H:%M}", narrow=False),
            Cell(words.clock(figures.moving_ms)),
            Cell(str(figures.distance_m)),
            Cell(f"{figures.load:g}"),
            Cell(_pain(figures.worst_pain)),
            Cell(_pain(figures.last_pain)),
            *(Cell(str(n)) for n in done),
            Cell(", ".join(session.symptoms) or "none", narrow=False),
            Cell(session.header.treadmill if session.header.is_real else "simulated", narrow=False),
            Cell("unchecked" if told.exact is None else "yes" if told.exact.ok else "NO"),
        ),
    )


def _pain(level: int | None) -> str:
    return words.UNKNOWN if level is None else str(level)
