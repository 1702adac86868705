"""The report as one HTML page that needs nothing else: no script, no font, no picture from outside.

Here: what stands where, and the rendering. Not here: how it is worded (words.py, summary.py,
tables.py) and drawn (chart.py, overview.py). The rule to keep: whatever a journal holds reaches the
page through Jinja's escaping and without control characters, with no exception.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from treadguard.config.toml import printable
from treadguard.report import chart, overview, tables, words
from treadguard.report.reading import Told
from treadguard.report.summary import sentences

_CSS: Final = files("treadguard.report").joinpath("templates/report.css").read_text("utf-8")

# A browser runs nothing, fetches nothing and sends nothing; this one style sheet is all it takes.
_POLICY: Final = (
    "default-src 'none';"
    f" style-src 'sha256-{b64encode(sha256(_CSS.encode()).digest()).decode()}';"
    " base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One session on the page; `ident` begins every id in it."""

    ident: str
    title: str
    warnings: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    short: tuple[str, ...]
    line: chart.Timeline
    posture: bool
    lean_extra: str
    minutes: tuple[tuple[str, ...], ...]
    phases: tuple[tuple[str, ...], ...]
    acts: tuple[tables.Did, ...]
    runner: tuple[tuple[str, ...], ...]
    heard: tuple[tuple[str, ...], ...]
    doubts: tuple[tuple[str, ...], ...]
    changed: tuple[tuple[str, ...], ...]
    profile: tuple[tuple[str, ...], ...]
    settings: tuple[tuple[str, ...], ...]
    source: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """What stands before the sessions where there are many."""

    runner: str | None
    zone: str
    warnings: tuple[str, ...]
    chart: overview.Chart
    rows: tuple[overview.Row, ...]
    damaged: tuple[str, ...]


def session_page(told: Told, runner: str | None = None, zone: tzinfo | None = None) -> str:
    """The page of one session. `zone`: whose time of day it gives; without one, this computer's."""
    part = _part(told, "s1", runner, zone)
    return _rendered(part.title, [part], None)


def overview_page(
    told: Sequence[Told],
    damaged: Sequence[str],
    since: date,
    runner: str | None = None,
    zone: tzinfo | None = None,
) -> str:
    """The page of all these sessions, oldest first. `damaged`: a sentence for each left out."""
    idents = [f"s{n}" for n in range(1, len(told) + 1)]
    parts = [_part(one, ident, runner, zone) for one, ident in zip(told, idents, strict=True)]
    last = words.at_home(told[-1].session.started, zone)
    found = Overview(
        runner=runner,
        zone=words.zone_of(last),
        warnings=tuple(_of_all(told, damaged)),
        chart=overview.chart(told),
        rows=tuple(overview.row(one, ident, zone) for one, ident in zip(told, idents, strict=True)),
        damaged=tuple(damaged),
    )
    title = f"Treadmill sessions since {since.day} {since:%B %Y}"
    return _rendered(title, parts, found)


def _of_all(told: Sequence[Told], damaged: Sequence[str]) -> list[str]:
    found = []
    unequal = sum(one.exact is not None and not one.exact.ok for one in told)
    if unequal:
        found.append(
            f"{words.many(unequal, 'journal')} of these could not be recomputed exactly; the"
            " sessions below say which and where."
        )
    simulated = sum(not one.session.header.is_real for one in told)
    if simulated:
        found.append(
            f"{words.many(simulated, 'session')} of these ran on the simulated treadmill: nobody"
            " walked."
        )
    if damaged:
        found.append(f"{words.many(len(damaged), 'journal')} could not be read: see 'Left out'.")
    return found


def _part(told: Told, ident: str, runner: str | None, zone: tzinfo | None) -> Part:
    session, header = told.session, told.session.header
    start = words.at_home(session.started, zone)
    ended = words.at_home(session.at(session.figures.lasted_ms), zone)
    when = f"{words.day(start)}, {start:%H:%M} to {ended:%H:%M} ({words.zone_of(start)})"
    return Part(
        ident=ident,
        title=f"Treadmill session of {words.day(start)}, {start:%H:%M}",
        warnings=tuple(_warnings(told)),
        facts=(
            ("Runner", runner or "not named: treadguard keeps no names"),
            ("When", when),
            ("Treadmill", header.treadmill),
            ("Mode", words.MODES[header.mode]),
        ),
        short=tuple(sentences(session)),
        line=chart.timeline(told, ident),
        posture=bool(session.leans),
        lean_extra=f"{header.policy.posture.lean_extra_max / 10:g}",
        minutes=tuple(tables.minutes(told)),
        phases=tuple(tables.phases(session)),
        acts=tuple(tables.acts(session)),
        runner=tuple(tables.runner(told)),
        heard=tuple(tables.heard(session)),
        doubts=tuple(tables.doubts(told)),
        changed=tuple(tables.changed(session)),
        profile=tuple(tables.profile(session)),
        settings=tuple(tables.settings(session)),
        source=(
            ("Journal", told.path.name),
            ("Session", header.session),
            ("Recorded by", f"treadguard {header.treadguard}"),
            ("Recomputed by", f"treadguard {version('treadguard')}: {_recomputed(told)}"),
        ),
    )


def _recomputed(told: Told) -> str:
    return "not recomputed." if told.exact is None else told.exact.sentence


def _warnings(told: Told) -> list[str]:
    session = told.session
    found = []
    if told.exact is not None and not told.exact.ok:
        found.append(
            "This journal does not hold: recomputed, the guard's doing differs from what is"
            f" written, so take what follows with doubt. {told.exact.sentence}"
        )
    if session.symptoms:
        found.append(
            f"The runner reported: {', '.join(session.symptoms)}. Please look at that first."
        )
    if not session.header.is_real:
        found.append("This session ran on the simulated treadmill: nobody walked.")
    elif not session.header.proven:
        found.append("The treadmill was not proven to be the runner's own, so it was only watched.")
    return [*found, *(f"{note[0].upper()}{note[1:]}." for note in told.journal.notes)]


def _rendered(title: str, parts: Sequence[Part], found: Overview | None) -> str:
    environment = Environment(
        loader=PackageLoader("treadguard.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        title=title,
        parts=parts,
        overview=found,
        level=1 if found is None else 2,
        css=Markup(_CSS),  # noqa: S704 - our own file, and part of no input
        policy=_POLICY,
        maker=f"treadguard {version('treadguard')}",
        width=chart.WIDTH,
        left=chart.LEFT,
        right=chart.RIGHT,
    )


def _shown(value: Any) -> Any:
    """Every text on its way to the page, without what could hide or turn round other text."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
