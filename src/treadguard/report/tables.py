"""The rows of the report's tables.

Here: a session's moments as rows of text. Not here: where the tables stand (templates/). The rule
to keep: a number that nobody measured is a dash.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from treadguard.config import policy_as_toml_dict, profile_as_toml_dict
from treadguard.guard.policy import Policy
from treadguard.report import asked, words
from treadguard.report.reading import Told
from treadguard.report.scale import Point, times
from treadguard.report.session import Act, Session
from treadguard.report.summary import belt_at

MOST_ROWS = 45
"""The time line as a table has no more, so that it stays one to be read."""

_CAPS = (
    ("speed_max_kmh", "Highest speed, km/h"),
    ("grade_max_pct", "Highest incline, %"),
    ("trunk_baseline_deg", "Own upright trunk, °"),
    ("neck_baseline_deg", "Own upright neck, °"),
)


@dataclass(frozen=True, slots=True)
class Did:
    """One intervention, with every reason as a sentence."""

    n: int
    time: str
    what: str
    change: str
    lasted: str
    why: tuple[str, ...]


def acts(session: Session) -> Iterator[Did]:
    """What the guard did."""
    for n, act in enumerate(session.acts, start=1):
        lasted = words.lasting(act.until - act.t) if act.until - act.t >= 1_000 else "at once"
        why = tuple(_because(session, act, name) for name in act.why)
        yield Did(n, words.clock(act.t), words.doing(act), words.change(act), lasted, why)


def _because(session: Session, act: Act, name: str) -> str:
    """A reason, with what was heard or seen last where that is what it rests on."""
    sentence = words.reason(name)
    if name == "pain":
        heard = [rating for rating in session.ratings if rating.t <= act.t]
        if heard:
            what = "the button" if heard[-1].level is None else f"{heard[-1].level} of 10"
            return f"{sentence} Last: {what}, at {words.clock(heard[-1].t)}."
    if name == "posture":
        seen = [lean for lean in session.leans if lean.t <= act.t]
        if seen:
            trunk, neck = words.angle(seen[-1].trunk), words.angle(seen[-1].neck)
            return f"{sentence} Last: trunk {trunk}°, neck {neck}°."
    return sentence


def runner(told: Told) -> list[tuple[str, str, str]]:
    """What the runner said and did: time, what, and the belt at that moment."""
    session = told.session
    found = [
        (
            rating.t,
            ("The pain button" if rating.level is None else f"Pain {rating.level} of 10")
            + (", from the network" if rating.role == "remote" else ""),
        )
        for rating in session.ratings
    ]
    for one in session.said:
        if one.kind == "symptom":
            found.append((one.t, f"Symptom: {one.text.removeprefix('symptom ')}"))
        elif one.kind == "operator":
            found.append((one.t, f"Asked for: {one.text.removeprefix('runner: ')}"))
    found += [(t, "The safety key was pulled") for t in asked.key_pulls(told.journal.lines)]
    return [
        (words.clock(t), what, belt_at(session, t)) for t, what in sorted(found, key=lambda f: f[0])
    ]


def heard(session: Session) -> Iterator[tuple[str, str, str]]:
    """Cues and alarms: time, which of them, and the words."""
    for one in session.said:
        if one.kind in ("cue", "alarm"):
            yield words.clock(one.t), one.kind, one.text
        elif one.kind == "restart":
            yield words.clock(one.t), "restart", "treadguard had crashed, and went on."


def doubts(told: Told) -> Iterator[tuple[str, str, str]]:
    """What wasn't sent, wasn't followed or wasn't seen."""
    for doubt in sorted(asked.doubts(told.journal.lines), key=lambda doubt: doubt.t):
        yield words.clock(doubt.t), doubt.what, doubt.outcome


def phases(session: Session) -> Iterator[tuple[str, str, str]]:
    """From when, how long, and which phase."""
    for stay in session.stays:
        if stay.until > stay.t:
            yield words.clock(stay.t), words.lasting(stay.until - stay.t), words.PHASES[stay.phase]


def minutes(told: Told) -> Iterator[tuple[str, ...]]:
    """The time line as a table, with the lowest and the highest of each length of time."""
    session, lines = told.session, told.journal.lines
    end = max(session.figures.lasted_ms, 1)
    size = next(size for size in times() if end <= size * MOST_ROWS)
    speed = [(s.t, s.speed) for s in session.samples]
    grade = [(s.t, s.grade) for s in session.samples]
    limits = [(s.t, s.speed) for s in asked.allowed(lines)]
    wished = [(s.t, s.speed) for s in asked.commanded(lines)]
    trunk = [(lean.t, lean.trunk) for lean in session.leans]
    neck = [(lean.t, lean.neck) for lean in session.leans]
    for since in range(0, end, size):
        until = since + size
        ratings = [words.level(r.level) for r in session.ratings if since <= r.t < until]
        yield (
            words.clock(since),
            _span([v for t, v in speed if since <= t < until], words.speed),
            _span(_holding(wished, since, until), words.speed),
            _span(_holding(limits, since, until), words.speed),
            _span([v for t, v in grade if since <= t < until], words.grade),
            ", ".join(ratings) or words.UNKNOWN,
            _span([v for t, v in trunk if since <= t < until], words.angle),
            _span([v for t, v in neck if since <= t < until], words.angle),
        )


def _holding(points: list[Point], since: int, until: int) -> list[int | None]:
    """The values that held at some time within this, each until the next came."""
    before = [value for t, value in points if t <= since]
    return before[-1:] + [value for t, value in points if since < t < until]


def _span(values: list[int | None], text: Any) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return words.UNKNOWN
    low, high = text(min(known)), text(max(known))
    return str(low) if low == high else f"{low} to {high}"


def settings(session: Session) -> list[tuple[str, str, str]]:
    """Every number in force: key, value, and the default's value."""
    own, default = (policy_as_toml_dict(p) for p in (session.header.policy, Policy()))
    return [
        (f"{table}.{key}", f"{value:g}", f"{default[table][key]:g}")
        for table, values in own.items()
        for key, value in values.items()
    ]


def changed(session: Session) -> list[tuple[str, str, str]]:
    """Those of them that aren't the default's."""
    return [row for row in settings(session) if row[1] != row[2]]


def profile(session: Session) -> list[tuple[str, str]]:
    """The runner's own numbers; a cap that isn't set is none."""
    own = profile_as_toml_dict(session.header.profile)
    return [(name, f"{own[key]:g}" if key in own else "none of its own") for key, name in _CAPS]
