"""The time line of one session: speed, grade, pain and posture above each other, on one time axis.

Here: where everything lies, in px of the drawing. Not here: the arithmetic of it (scale.py), the
drawing itself (templates/timeline.svg), the same as a table (tables.py). The rules to keep: what
was measured is drawn through, what was asked for or allowed in dashes; nothing is told by its
colour alone; what is unknown is a hatched band and no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from treadguard.guard.rules.pain import BUTTON_LEVEL
from treadguard.report import asked, words
from treadguard.report.reading import Told
from treadguard.report.scale import (
    Point,
    Scale,
    one_two_five,
    path,
    runs,
    steps,
    thinned,
    ticks,
    times,
)
from treadguard.report.session import GAP_MS, POSTURE_GAP_MS, Act, Session

WIDTH: Final = 800
LEFT: Final = 56
RIGHT: Final = 786
TITLE: Final = 24
"""Height of the line above a panel that names it and its lines, in px."""

LANE: Final = 20
MOST_LANES: Final = 5
STRIP: Final = 20
CHAR: Final = 6.3
"""About the width of a letter of the drawing, in px."""

_BANDS: Final = {
    "BREAK": "break",
    "STOPPING": "stopping",
    "PAUSED": "paused",
    "ENDED": "ended",
    "FAULT": "fault",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How a line looks. `dash`: strokes and gaps in px, or none for a line drawn through."""

    stroke: str
    width: float = 1.5
    dash: str = "none"


MEASURED: Final = Style("#3a83bf", 3.2)
ALLOWED: Final = Style("#595959", 1.4, "7 3")
ASKED: Final = Style("#7a2800", 1.4, "1.5 2.5")
TRUNK: Final = Style("#005a9c", 1.6)
NECK: Final = Style("#8a2d6b", 1.6, "5 2")


@dataclass(frozen=True, slots=True)
class Curve:
    """A line: its SVG path and its look."""

    d: str
    style: Style


@dataclass(frozen=True, slots=True)
class Key:
    """What a line means, with a piece of it from `x` on."""

    x: float
    text: str
    style: Style


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis at `at` px."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A rating. `shape`: circle (local), square (from the network) or diamond (the button)."""

    x: float
    y: float
    shape: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Band:
    """A length of time in which the belt did not just run."""

    x: float
    width: float
    kind: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Number:
    """An intervention, by its number in the table; `href` leads there."""

    x: float
    y: float
    n: int
    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One quantity over time, from `top` to `bottom` px."""

    name: str
    top: int
    bottom: int
    keys: tuple[Key, ...]
    ticks: tuple[Tick, ...]
    thresholds: tuple[Tick, ...]
    curves: tuple[Curve, ...]
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole drawing; `ident` begins every id in it."""

    ident: str
    height: int
    strip: int
    bottom: int
    times: tuple[Tick, ...]
    bands: tuple[Band, ...]
    panels: tuple[Panel, ...]
    numbers: tuple[Number, ...]


def timeline(told: Told, ident: str) -> Timeline:
    """The drawing of a session. `ident`: the id of its part of the page."""
    session = told.session
    end = max(session.figures.lasted_ms, 1_000)
    x = Scale(0, end, LEFT, RIGHT)
    numbers, strip = _numbers(session.acts, x, ident)
    top = strip + STRIP
    panels = [_speed(told, x, end, top + TITLE)]
    for more in (_grade, _pain, _posture):
        panel = more(told, x, end, panels[-1].bottom + TITLE)
        panels += [] if panel is None else [panel]
    bottom = panels[-1].bottom
    return Timeline(
        ident=ident,
        height=bottom + 44,
        strip=strip,
        bottom=bottom,
        times=tuple(Tick(x.at(t), words.clock(t)) for t in ticks(0, end, times(), 10)),
        bands=tuple(_bands(session, x, end)),
        panels=tuple(panels),
        numbers=numbers,
    )


def _speed(told: Told, x: Scale, end: int, top: int) -> Panel:
    session, lines = told.session, told.journal.lines
    measured = [(s.t, s.speed) for s in session.samples]
    wished = [(s.t, s.speed) for s in asked.commanded(lines)]
    limits = [(s.t, s.speed) for s in asked.allowed(lines)]
    highest = max((v for _, v in (*measured, *wished) if v is not None), default=0)
    y = Scale(0, max(100, -(-(highest + 50) // 100) * 100), top + 150, top)
    return Panel(
        "Speed, km/h",
        top,
        top + 150,
        _keys(("measured", MEASURED), ("asked for", ASKED), ("allowed", ALLOWED)),
        tuple(
            Tick(y.at(v), words.speed(v).removesuffix(".0"))
            for v in ticks(0, y.high, one_two_five(100), 6)
        ),
        (),
        (
            Curve(steps(limits, end, x, y), ALLOWED),
            *_through(measured, GAP_MS, x, y, MEASURED),
            Curve(steps(wished, end, x, y), ASKED),
        ),
    )


def _grade(told: Told, x: Scale, end: int, top: int) -> Panel | None:
    measured = [(s.t, s.grade if s.speed is not None else None) for s in told.session.samples]
    wished = [(s.t, s.grade) for s in asked.commanded(told.journal.lines)]
    limits = [(s.t, s.grade) for s in asked.allowed(told.journal.lines)]
    values = [v for _, v in (*measured, *wished) if v is not None]
    if not values:
        return None
    low = min(0, min(values) // 10 * 10)
    y = Scale(low, max(20, -(-max(values) // 10) * 10 + 10), top + 60, top)
    return Panel(
        "Incline, %",
        top,
        top + 60,
        _keys(("measured", MEASURED), ("asked for", ASKED), ("allowed", ALLOWED)),
        tuple(Tick(y.at(v), f"{v // 10}") for v in ticks(low, y.high, one_two_five(10), 4)),
        (),
        (
            Curve(steps(limits, end, x, y), ALLOWED),
            *_through(measured, GAP_MS, x, y, MEASURED),
            Curve(steps(wished, end, x, y), ASKED),
        ),
    )


def _pain(told: Told, x: Scale, end: int, top: int) -> Panel:  # noqa: ARG001 - like its siblings
    policy = told.session.header.policy.pain
    y = Scale(0, 10, top + 100, top)
    dots = []
    for rating in told.session.ratings:
        height = BUTTON_LEVEL if rating.level is None else rating.level
        far = rating.role == "remote"
        shape = "diamond" if rating.level is None else "square" if far else "circle"
        what = "pain button" if rating.level is None else f"pain {rating.level}"
        title = f"{words.clock(rating.t)}: {what}{', from the network' if far else ''}"
        text = "B" if rating.level is None else str(rating.level)
        dots.append(Dot(x.at(rating.t), y.at(height), shape, text, title))
    return Panel(
        "Pain, 0 to 10",
        top,
        top + 100,
        _keys(),
        tuple(Tick(y.at(v), str(v)) for v in range(0, 11, 2)),
        (
            Tick(y.at(policy.stop_above), f"above {policy.stop_above}: break"),
            Tick(y.at(policy.end_at), f"from {policy.end_at}: the session ends"),
        ),
        (),
        tuple(dots),
    )


def _posture(told: Told, x: Scale, end: int, top: int) -> Panel | None:  # noqa: ARG001 - likewise
    leans, policy = told.session.leans, told.session.header.policy.posture
    trunk = [(lean.t, lean.trunk) for lean in leans]
    neck = [(lean.t, lean.neck) for lean in leans]
    values = [v for _, v in (*trunk, *neck) if v is not None]
    if not values:
        return None
    low = max(-900, min(0, min(values) // 100 * 100))
    high = min(900, max(300, -(-max(values) // 100) * 100))
    y = Scale(low, high, top + 110, top)
    return Panel(
        "Posture, degrees",
        top,
        top + 110,
        _keys(("trunk, over the own upright", TRUNK), ("neck, likewise", NECK)),
        tuple(Tick(y.at(v), f"{v // 10}") for v in ticks(low, high, one_two_five(100), 5)),
        (
            Tick(y.at(policy.trunk_cue), f"trunk {policy.trunk_cue / 10:g}°: told"),
            Tick(y.at(policy.trunk_backoff), f"trunk {policy.trunk_backoff / 10:g}°: eased"),
            Tick(y.at(policy.neck), f"neck {policy.neck / 10:g}°: told, then eased"),
        ),
        (
            *_through(trunk, POSTURE_GAP_MS, x, y, TRUNK),
            *_through(neck, POSTURE_GAP_MS, x, y, NECK),
        ),
    )


def _through(
    points: Iterable[Point], gap: int, x: Scale, y: Scale, style: Style
) -> tuple[Curve, ...]:
    """A measured line, in as many pieces as there are without a gap."""
    return tuple(Curve(path(thinned(run, x), x, y), style) for run in runs(points, gap))


def _keys(*lines: tuple[str, Style]) -> tuple[Key, ...]:
    at, keys = LEFT + 130.0, []
    for text, style in lines:
        keys.append(Key(at, text, style))
        at += 46 + CHAR * len(text)
    return tuple(keys)


def _numbers(acts: Sequence[Act], x: Scale, ident: str) -> tuple[tuple[Number, ...], int]:
    """The interventions above the drawing, side by side, and where they end, in px."""
    ends: list[float] = []
    placed = []
    for n, act in enumerate(acts, start=1):
        at = x.at(act.t)
        lane = next((lane for lane, end in enumerate(ends) if end <= at - 10), len(ends))
        if lane < MOST_LANES and lane == len(ends):
            ends.append(0.0)
        lane = min(lane, len(ends) - 1)
        ends[lane] = at + 10
        placed.append((at, lane, n, act))
    bottom = LANE * len(ends)
    numbers = (
        Number(
            at,
            bottom - LANE * lane - LANE / 2,
            n,
            f"#{ident}-act-{n}",
            f"{n}, at {words.clock(act.t)}: {words.doing(act)}, {words.change(act)}",
        )
        for at, lane, n, act in placed
    )
    return tuple(numbers), bottom


def _bands(session: Session, x: Scale, end: int) -> Iterable[Band]:
    for stay in session.stays:
        if stay.phase in _BANDS and stay.until > stay.t:
            yield _band(stay.t, stay.until, _BANDS[stay.phase], words.PHASES[stay.phase], x)
    for since, until in unknown(session, end):
        yield _band(since, until, "unknown", words.PHASES["LOST"], x)


def _band(since: int, until: int, kind: str, meaning: str, x: Scale) -> Band:
    left, right = x.at(since), x.at(until)
    width = round(right - left, 1)
    fits = width >= CHAR * len(kind) + 6
    title = f"{words.clock(since)} to {words.clock(until)}: {meaning}"
    return Band(left, width, kind, kind if fits else "", title)


def unknown(session: Session, end: int) -> list[tuple[int, int]]:
    """From when until when nobody knew the belt's speed, after it had been known once, in ms."""
    known = runs(((s.t, s.speed) for s in session.samples), GAP_MS)
    lengths = [(run[0][0], run[-1][0]) for run in known]
    gaps = [(a[1], b[0]) for a, b in pairwise(lengths)]
    if lengths and end - lengths[-1][1] > GAP_MS:
        gaps.append((lengths[-1][1], end))
    gaps += [(stay.t, stay.until) for stay in session.stays if stay.phase == "LOST"]
    joined: list[tuple[int, int]] = []
    for since, until in sorted(gap for gap in gaps if gap[0] < gap[1]):
        if joined and since < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(until, joined[-1][1]))
        else:
            joined.append((since, until))
    return joined
