"""One session as those want it who look back: what was measured, said and done, and its figures.

Here: the lines of a journal folded into plain values, pure. Not here: the page (page.py), the index
over many sessions (index.py). The rules to keep: measured and asked are never mixed; a time out of
sight counts as nothing; the guard's doing comes with the reasons that the journal gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from treadguard.closed_loop.comparison import end_of
from treadguard.closed_loop.in_words import said
from treadguard.journal import Header, Line
from treadguard.replay.reader import Journal
from treadguard.units import RUNNING_FROM, STOPPED_MAX, acsm

GAP_MS: Final = 3_000
"""A speed older than this says nothing about the belt (DESIGN.md section 3)."""

POSTURE_GAP_MS: Final = 2_000
"""A posture sample older than this says nothing about the runner (DESIGN.md section 4)."""

WALKED_COST: Final = 600 * 500 * 2
"""Net cost of walking at 6.0 km/h on the flat (units.acsm), which is intensity 1.0."""

_RUNNERS: Final = frozenset(
    {"consent", "wanted", "stop", "end", "the runner ended it", "the programme was over"}
    | {"the therapist's time was up"}
)
"""What the runner did or had planned: a command with no other reason is none of the guard's."""

_ACTS: Final = ("set_speed", "set_incline", "stop")


@dataclass(frozen=True, slots=True)
class Sample:
    """What the machine reported at `t` ms: speed 0.01 km/h, grade 0.1 %; None is unknown.

    One for each speed, and one without any where the link is gone. Some machines tell speed and
    grade in turn, so the grade is the last one told on this connection.
    """

    t: int
    speed: int | None
    grade: int | None


@dataclass(frozen=True, slots=True)
class Rating:
    """The runner's pain at `t` ms. `level` None: the bare button."""

    t: int
    level: int | None
    role: str


@dataclass(frozen=True, slots=True)
class Lean:
    """A posture sample at `t` ms, over the runner's own baseline: 0.1 degree, 0.1 %."""

    t: int
    trunk: int | None
    neck: int | None
    asym: int | None


@dataclass(frozen=True, slots=True)
class Act:
    """What the guard did at `t` ms until `until`, and why.

    `op`: set_speed, set_incline or stop. `to`: 0.01 km/h or 0.1 %, None for a stop; `before`:
    what was measured then. `shadow`: it was only said. A ramp's steps are one act.
    """

    t: int
    until: int
    op: str
    before: int | None
    to: int | None
    why: tuple[str, ...]
    shadow: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A cue, an alarm, a symptom, or what the runner did, at `t` ms. `kind` is the line's."""

    t: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Stay:
    """A phase from `t` ms until `until`."""

    t: int
    until: int
    phase: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What a session came to. Times in ms, distance in m.

    `load` is intensity times minutes, where walking at 6.0 km/h on the flat has intensity 1.0: an
    hour of that is 60. `upright_ms` of `seen_ms` with a posture in sight no cue would have come.
    """

    lasted_ms: int
    moving_ms: int
    distance_m: int
    max_speed: int
    load: float
    back_offs: int
    stops: int
    breaks: int
    alarms: int
    worst_pain: int | None
    mean_pain: float | None
    last_pain: int | None
    seen_ms: int
    upright_ms: int


@dataclass(frozen=True, slots=True)
class Session:
    """One journal, folded. `ended`: why the session has no resume, None where it has."""

    header: Header
    started: datetime
    samples: tuple[Sample, ...]
    ratings: tuple[Rating, ...]
    leans: tuple[Lean, ...]
    acts: tuple[Act, ...]
    said: tuple[Said, ...]
    stays: tuple[Stay, ...]
    symptoms: tuple[str, ...]
    ended: tuple[str, ...]
    whole: bool
    figures: Figures

    def at(self, t: int) -> datetime:
        """The time of day of a moment of the session."""
        return self.started + timedelta(milliseconds=t)


def session_of(journal: Journal) -> Session:
    """The session that a readable journal tells of."""
    lines, header = journal.lines, journal.header
    end = lines[-1]["t"] if lines else 0
    samples = tuple(_samples(lines))
    ratings = tuple(
        Rating(line["t"], line["level"], line["role"]) for line in lines if line["kind"] == "pain"
    )
    leans = tuple(_leans(header, lines))
    acts = tuple(_acts(lines))
    stays = tuple(_stays(lines, end))
    said = tuple(_said(lines))
    return Session(
        header=header,
        started=datetime.fromisoformat(header.started),
        samples=samples,
        ratings=ratings,
        leans=leans,
        acts=acts,
        said=said,
        stays=stays,
        symptoms=tuple(line["what"] for line in lines if line["kind"] == "symptom"),
        ended=end_of(lines)[1],
        whole=journal.ended,
        figures=_figures(header, end, samples, ratings, leans, acts, stays, said),
    )


def _samples(lines: Sequence[Line]) -> Iterator[Sample]:
    grade: int | None = None
    sample: Sample | None = None
    for line in lines:
        if line["kind"] == "link" and line["state"] == "down":
            if sample is not None:
                yield sample
            grade, sample = None, Sample(line["t"], None, None)
        if line["kind"] != "telemetry":
            continue
        grade = line.get("incline", grade)
        if "speed" in line:
            if sample is not None:
                yield sample
            sample = Sample(line["t"], line["speed"], grade)
        elif sample is not None and sample.speed is not None and sample.t == line["t"]:
            sample = Sample(sample.t, sample.speed, grade)
    if sample is not None:
        yield sample


def _leans(header: Header, lines: Sequence[Line]) -> Iterator[Lean]:
    own = header.profile
    for line in lines:
        if line["kind"] != "posture":
            continue
        trunk, neck, asym = (_tenths(line, key) for key in ("trunk_deg", "neck_deg", "asym_pct"))
        yield Lean(
            line["t"],
            None if trunk is None else trunk - own.trunk_baseline,
            None if neck is None else neck - own.neck_baseline,
            asym,
        )


def _tenths(line: Line, key: str) -> int | None:
    return round(line[key] * 10) if key in line else None


def _acts(lines: Sequence[Line]) -> Iterator[Act]:
    """The commands that no human asked for; the steps of one ramp are one."""
    speed: int | None = None
    grade: int | None = None
    act: Act | None = None
    for line in lines:
        if line["kind"] == "telemetry":
            speed, grade = line.get("speed", speed), line.get("incline", grade)
        if line["kind"] != "command" or line["op"] not in _ACTS:
            continue
        why = tuple(line["why"])
        if act is not None:
            goes_on = line["op"] == act.op and why == act.why and line["t"] - act.until <= GAP_MS
            if goes_on:
                act = Act(act.t, line["t"], act.op, act.before, line["value"], why, act.shadow)
                continue
            yield act
            act = None
        if not _RUNNERS.issuperset(why):
            before = grade if line["op"] == "set_incline" else speed
            shadow = bool(line.get("shadow"))
            act = Act(line["t"], line["t"], line["op"], before, line["value"], why, shadow)
    if act is not None:
        yield act


def _said(lines: Sequence[Line]) -> Iterator[Said]:
    for line in lines:
        if line["kind"] in ("cue", "alarm", "symptom", "operator", "veto", "restart"):
            yield Said(line["t"], line["kind"], said(line))


def _stays(lines: Sequence[Line], end: int) -> Iterator[Stay]:
    phase, since = "OFF", 0
    for line in lines:
        if line["kind"] == "phase":
            yield Stay(since, line["t"], phase)
            phase, since = line["to"], line["t"]
    yield Stay(since, end, phase)


def spans(times: Sequence[int], end: int, gap: int) -> Iterator[int]:
    """How long each of these samples stands for something, in ms."""
    for t, after in pairwise([*times, end]):
        yield min(after - t, gap)


def _figures(
    header: Header,
    end: int,
    samples: Sequence[Sample],
    ratings: Sequence[Rating],
    leans: Sequence[Lean],
    acts: Sequence[Act],
    stays: Sequence[Stay],
    said: Sequence[Said],
) -> Figures:
    moving = way = 0
    load = 0.0
    grade = 0
    for sample, ms in zip(samples, spans([s.t for s in samples], end, GAP_MS), strict=True):
        grade = grade if sample.grade is None else max(sample.grade, 0)
        if sample.speed is not None and sample.speed > STOPPED_MAX:
            a, b = acsm(sample.speed)
            walks = sample.speed < RUNNING_FROM
            cost = sample.speed * (a + b * grade) * (2 if walks else 1)  # in 1/10,000, both
            moving += ms
            way += sample.speed * ms
            load += cost / WALKED_COST * ms / 60_000
    posture = header.policy.posture
    seen = upright = 0
    for lean, ms in zip(leans, spans([s.t for s in leans], end, POSTURE_GAP_MS), strict=True):
        if lean.trunk is None and lean.neck is None:
            continue
        seen += ms
        stoops = lean.trunk is not None and lean.trunk > posture.trunk_cue
        looks_down = lean.neck is not None and lean.neck > posture.neck
        upright += 0 if stoops or looks_down else ms
    levels = [5 if rating.level is None else rating.level for rating in ratings]
    sent = [act for act in acts if not act.shadow]
    return Figures(
        lasted_ms=end,
        moving_ms=moving,
        distance_m=round(way / 360_000),
        max_speed=max((s.speed for s in samples if s.speed is not None), default=0),
        load=round(load, 1),
        back_offs=sum(act.op != "stop" for act in sent),
        stops=sum(act.op == "stop" for act in sent),
        breaks=sum(stay.phase == "BREAK" for stay in stays),
        alarms=sum(one.kind == "alarm" for one in said),
        worst_pain=max(levels, default=None),
        mean_pain=round(sum(levels) / len(levels), 1) if levels else None,
        last_pain=levels[-1] if levels else None,
        seen_ms=seen,
        upright_ms=upright,
    )
