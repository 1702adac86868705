"""What every simulated session must leave behind: a true journal, and an exit that doesn't lie.

Here: journal, stream, exit code, and the sum of all checks over one plan. Not here: the belt. The
rule to keep: a journal counts as true only when the replay recomputes each of its outputs.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from proof import simulated_checks as checks
from proof import simulated_deadlines as deadlines
from proof.simulated_checks import Check, Figures, Finding
from proof.simulated_film import Film
from proof.simulated_house import play
from proof.simulated_plans import Plan
from proof.simulated_view import View
from treadguard.replay import check as replay
from treadguard.replay.reader import DamagedJournal

BELT: Final[tuple[Check, ...]] = (
    checks.rises,
    checks.slews,
    checks.breaks,
    checks.shadow,
    checks.toggles,
    deadlines.stops,
    deadlines.losses,
    deadlines.rest,
    deadlines.orphans,
)


def journal(plan: Plan, film: Film, figures: Figures) -> Iterator[Finding]:
    """Whole, without gaps, and what the guard says again (H81, I15, H68).

    Of a session that ends on a full disk all that there was room for.
    """
    end = film.lives[-1][1] or film.over_at
    full = any(kind == "full" and begin <= end < until for begin, until, kind in plan.disk)
    figures.seen["journals of a session that ended on a full disk"] += full
    handle, name = tempfile.mkstemp(suffix=".jsonl")
    path = Path(name)
    try:
        os.write(handle, film.journal)
        os.close(handle)
        report = replay.check(path)
        figures.seen["outputs replayed"] += report.compared
        if not report.ok:
            yield Finding("H81 replays exactly", film.over_at, report.sentence)
        if report.notes and not full:
            yield Finding("H81 the journal is whole", film.over_at, "; ".join(report.notes))
    except DamagedJournal as error:
        yield Finding("H81 the journal is whole", film.over_at, str(error).replace(name, "it"))
    finally:
        path.unlink()
    streamed = film.lines if len(film.lives) == 1 else None
    written = film.journal.split(b"\n")[1:-1]
    if full and streamed is not None:
        streamed = streamed[: len(written)]
    if streamed is not None and written != streamed:
        yield Finding("I15 the disk has what was said", film.over_at, "journal and stream differ")


def ending(plan: Plan, film: Film, figures: Figures) -> Iterator[Finding]:
    """The session ends in order, and says "at rest" only of a belt that is (H64, H73, H74)."""
    if film.stray:
        yield Finding("H74 nothing fails unheard", film.over_at, film.stray[0])
    if film.lost is not None:
        yield Finding("H68 nothing is lost", film.over_at, film.lost)
    crashed = any(h.act.do == "crash" and h.taken for h in film.hands)
    if film.failure is not None and not crashed:
        yield Finding("H74 nothing fails", film.over_at, film.failure)
    if film.failure is None and crashed:
        yield Finding("H74 a part that fails ends the session", film.over_at, plan.name)
    end = film.lives[-1][1]
    assert end is not None
    lied = View(film, plan).broken(end - 10_000, end, "telemetry", "link")
    if film.code == 0 and plan.mode == "guard" and film.moves(end) and not lied:
        yield Finding("H73 no rest that isn't", end, f"exit 0 at {film.speed(end)}")
    figures.seen[f"exit {film.code}"] += 1


def judged(plan: Plan, *, replayed: bool = True) -> tuple[Film, list[Finding], Figures]:
    """Play a plan and check all of it; `replayed`: its journal too, half as long again."""
    film, figures = play(plan), Figures()
    view = View(film, plan)
    found = [finding for check in BELT for finding in check(view, figures)]
    if replayed:
        found += journal(plan, film, figures)
    found += ending(plan, film, figures)
    for n, (t, phase) in enumerate(view.phases):
        after = view.phases[n + 1][0] if n + 1 < len(view.phases) else film.over_at
        figures.seen[f"seconds in {phase}"] += (after - t) // 1_000
    for fault in plan.faults:
        figures.seen[f"cell {fault.where} {fault.kind} {view.was(fault.at_ms)}"] += 1
    return film, found, figures
