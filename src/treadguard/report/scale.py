"""From what was measured to where it is drawn: scales, ticks, and lines with gaps.

Here: pure arithmetic on integers. Not here: what is drawn (chart.py). The rules to keep: a gap is
never bridged, and thinning a line leaves out no peak.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

Point = tuple[int, int | None]
"""A time in ms and a value in its own unit; None is unknown."""

Run = list[tuple[int, int]]
"""Points with nothing unknown between them, in order of time."""

TIMES_MS: Final = tuple(
    1_000 * s for s in (10, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200)
)
"""Distances between two marks of a time axis; twice the last and so on beyond them."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The values from `low` to `high` on the way from `start` to `end`, in px."""

    low: int
    high: int
    start: int
    end: int

    def at(self, value: int) -> float:
        """Where a value lies, to the nearest 0.1 px; one beyond the scale lies at its end."""
        span, way = self.high - self.low, 10 * (self.end - self.start)
        into = min(max(value, self.low), self.high) - self.low
        return (10 * self.start + (2 * into * way + span) // (2 * span)) / 10


def ticks(low: int, high: int, sizes: Iterable[int], most: int) -> list[int]:
    """The multiples of the smallest of these sizes that fit in: `most` at most."""
    for size in sizes:
        first = -(-low // size) * size
        if first + most * size > high:
            return list(range(first, high + 1, size))
    raise ValueError("no size is large enough")


def one_two_five(unit: int) -> Iterator[int]:
    """The sizes 1, 2, 5, 10, 20, … units."""
    for power in count():
        yield from (n * unit * 10**power for n in (1, 2, 5))


def times() -> Iterator[int]:
    """The sizes of a time axis, in ms."""
    yield from TIMES_MS
    yield from (TIMES_MS[-1] * 2**power for power in count(1))


def runs(points: Iterable[Point], gap: int) -> list[Run]:
    """The points in pieces: a new one after an unknown, and after more than `gap` ms of nothing."""
    pieces: list[Run] = []
    last: int | None = None
    for t, value in points:
        if value is None:
            last = None
            continue
        if last is None or t - last > gap:
            pieces.append([])
        pieces[-1].append((t, value))
        last = t
    return pieces


def thinned(run: Run, x: Scale) -> Run:
    """Four points a px at most: the first, the lowest, the highest and the last of each."""
    kept: Run = []
    column: Run = []
    for point in run:
        if column and int(x.at(point[0])) != int(x.at(column[0][0])):
            kept += _corners(column)
            column = []
        column.append(point)
    return kept + _corners(column)


def _corners(column: Run) -> Run:
    """Of points that lie in one px, those that show."""
    if not column:
        return []
    by_value = range(len(column))
    lowest = min(by_value, key=lambda n: column[n][1])
    highest = max(by_value, key=lambda n: column[n][1])
    return [column[n] for n in sorted({0, lowest, highest, len(column) - 1})]


def path(run: Sequence[tuple[int, int]], x: Scale, y: Scale) -> str:
    """An SVG path through these points. A lone one is a dot: a line of no length."""
    places = [f"{x.at(t)},{y.at(value)}" for t, value in run]
    return "M" + " L".join(places if len(places) > 1 else places * 2)


def steps(points: Sequence[Point], end: int, x: Scale, y: Scale) -> str:
    """An SVG path of values that each hold until the next one.

    What lies above the scale isn't drawn, so that a wide limit doesn't look like a tight one.
    """
    parts = []
    drawn = False
    for n, (t, value) in enumerate(points):
        until = points[n + 1][0] if n + 1 < len(points) else end
        if value is None or value > y.high:
            drawn = False
            continue
        height = y.at(value)
        parts.append(f"{'V' if drawn else f'M{x.at(t)},'}{height} H{x.at(until)}")
        drawn = True
    return " ".join(parts)
