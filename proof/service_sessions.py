"""The real service in thousands of simulated sessions with faults: what broke, and the worst times.

    python -m proof.service_sessions --sessions 10000 --jobs 2
    python -m proof.service_sessions --matrix
    python -m proof.service_sessions --calm
    python -m proof.service_sessions --sessions 1 --seed 42 --verbose

Exit code: 0 when nothing was found, 1 when something was, 2 for bad usage.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from proof.arguments import positive, whole
from proof.simulated_calm import (
    HOURS,
    MINUTE_MS,
    calm_plans,
    interventions,
    least_minutes,
    minutes_in_motion,
)
from proof.simulated_checks import Figures, Finding
from proof.simulated_film import Film
from proof.simulated_house import play
from proof.simulated_matrix import IMPOSSIBLE, Cell, bites, cells, plan_of
from proof.simulated_plans import Plan, random_plan
from proof.simulated_records import judged
from proof.simulated_view import View

TWICE_EVERY: Final = 50
"""Every so many sessions one is played again: the same seed gives the same bytes."""

REPLAYED_EVERY: Final = 4
"""Of so many random sessions one has its whole journal recomputed: a third of the time of all."""

CHUNK: Final = 4
CHUNKS: Final = 16
"""So many of them a process plays before a new one takes over: aiohttp keeps the handlers of each
application, and with them the whole session, for as long as its process lives."""

LAST_LINES: Final = 40
PROGRESS_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Job:
    """One session to play. `kind` and `number` name it to the process that plays it."""

    kind: str
    number: int
    twice: bool = False
    replayed: bool = True

    @property
    def command(self) -> str:
        """What repeats it alone."""
        option = {"seed": "--sessions 1 --seed", "cell": "--cell", "calm": "--calm-hour"}[self.kind]
        return f".venv/bin/python -m proof.service_sessions {option} {self.number} --verbose"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one session showed."""

    job: Job
    found: tuple[Finding, ...]
    figures: Figures
    cpu_s: float
    cell: str | None = None


def plan_for(job: Job) -> Plan:
    """The plan of a job, drawn again wherever it is played."""
    if job.kind == "cell":
        return plan_of(_cell(job.number), job.number)
    if job.kind == "calm":
        return list(calm_plans())[job.number]
    return random_plan(job.number)


def run(job: Job) -> Outcome:
    """Play one session and judge it."""
    began = time.process_time()
    plan = plan_for(job)
    if job.kind == "calm":
        found, figures = _calm(plan)
        return Outcome(job, found, figures, time.process_time() - began)
    film, findings, figures = judged(plan, replayed=job.replayed)
    if job.twice:
        figures.seen["played twice"] += 1
        if play(plan_for(job)).journal != film.journal:
            findings.append(Finding("the same seed gives the same bytes", film.over_at, plan.name))
    cell = None
    if job.kind == "cell" and _met(plan, film, _cell(job.number)):
        cell = _cell(job.number).name
    gc.collect()
    return Outcome(job, tuple(findings), figures, time.process_time() - began, cell)


def _cell(number: int) -> Cell:
    return list(cells())[number]


def _met(plan: Plan, film: Film, cell: Cell) -> bool:
    """Whether the fault began in the phase that the cell names, and did something."""
    return View(film, plan).was(cell.begins) == cell.phase and bites(plan, film, cell)


def _calm(plan: Plan) -> tuple[tuple[Finding, ...], Figures]:
    film, figures, found = play(plan), Figures(), []
    meddled, moved = interventions(film, plan.preset), minutes_in_motion(film)
    figures.seen["calm minutes"] += plan.length_ms // MINUTE_MS
    figures.seen["interventions"] += meddled.total()
    figures.seen["calm minutes in motion"] += moved
    if meddled:
        what = "; ".join(f"{many} times {why}" for why, many in meddled.items())
        found.append(Finding("no intervention in calm", 0, what))
    if moved < least_minutes(plan.length_ms):
        found.append(Finding("a calm session moves", 0, f"the belt moved in {moved} minutes"))
    return tuple(found), figures


# ---------------------------------------------------------------- many


def outcomes(jobs: Sequence[Job], processes: int) -> Iterator[Outcome]:
    """Each job's outcome, as it comes."""
    if processes == 1:
        _settle()
        yield from map(run, jobs)
        return
    with multiprocessing.get_context("spawn").Pool(
        processes, _settle, maxtasksperchild=CHUNKS
    ) as pool:
        yield from pool.imap_unordered(run, jobs, chunksize=CHUNK)


def _settle() -> None:
    """What is loaded stays: no collection after a session need look at it again."""
    gc.collect()
    gc.freeze()


def jobs_of(options: argparse.Namespace) -> list[Job]:
    """What the options ask for."""
    if options.cell is not None:
        return [Job("cell", options.cell)]
    if options.calm_hour is not None:
        return [Job("calm", options.calm_hour)]
    jobs = []
    if options.matrix:
        every = enumerate(cells())
        jobs += [Job("cell", n) for n, cell in every if cell.name not in IMPOSSIBLE]
    if options.calm:
        jobs += [Job("calm", n) for n, _ in enumerate(calm_plans())]
    many = options.sessions
    if many is None:
        many = 0 if jobs else 100
    first = options.seed
    return jobs + [
        Job("seed", first + n, twice=n % TWICE_EVERY == 0, replayed=n % REPLAYED_EVERY == 0)
        for n in range(many)
    ]


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options; argparse leaves with 2 where they are wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m proof.service_sessions",
        description="Plays the real service in simulated ten-minute sessions with faults.",
        epilog="Example: python -m proof.service_sessions --sessions 500 --seed 0 --jobs 2 --json",
    )
    parser.add_argument(
        "--sessions", type=positive, metavar="N", help="random sessions (default 100)"
    )
    parser.add_argument("--seed", type=whole, default=0, metavar="S", help="seed of the first")
    parser.add_argument("--matrix", action="store_true", help="every fault in every phase")
    parser.add_argument("--calm", action="store_true", help=f"{HOURS} calm hours on each machine")
    parser.add_argument("--cell", type=whole, metavar="N", help="one cell of the matrix alone")
    parser.add_argument("--calm-hour", type=whole, metavar="N", help="one calm hour alone")
    parser.add_argument(
        "--jobs", type=positive, default=1, metavar="N", help="processes (default 1)"
    )
    parser.add_argument("--json", action="store_true", help="figures as one line of JSON on stdout")
    parser.add_argument("--verbose", action="store_true", help="tell each session's last lines")
    options = parser.parse_args(argv)
    for name, most in (("cell", len(list(cells()))), ("calm_hour", len(list(calm_plans())))):
        number = getattr(options, name)
        if number is not None and number >= most:
            parser.error(f"--{name.replace('_', '-')} goes from 0 to {most - 1}")
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Play, tell, and say whether anything was found."""
    options = parsed(argv)
    jobs = jobs_of(options)
    figures, found, met, cpu_s = Figures(), 0, set[str](), 0.0
    began = told = time.monotonic()
    for n, outcome in enumerate(outcomes(jobs, options.jobs), start=1):
        figures.add(outcome.figures)
        cpu_s += outcome.cpu_s
        if outcome.cell is not None:
            met.add(outcome.cell)
        if outcome.found:
            found += 1
            _tell(outcome)
        if options.verbose:
            _tell_lines(outcome)
        if time.monotonic() - told >= PROGRESS_S or n == len(jobs):
            told = time.monotonic()
            rate = n / (told - began)
            print(f"{n} of {len(jobs)}, {rate:.1f}/s, {found} with findings", file=sys.stderr)
    missed = [c.name for c in cells() if c.name not in met and c.name not in IMPOSSIBLE]
    missed = missed if options.matrix else []
    for name in missed:
        print(f"not met: {name}", file=sys.stderr)
    fell_on = [name for name in figures.seen if name.startswith("cell ")]
    for name in fell_on:
        del figures.seen[name]
    summary = {
        "sessions": len(jobs),
        "with_findings": found,
        "cells_met": len(met),
        "cells_missed": missed,
        "cells_impossible": IMPOSSIBLE if options.matrix else {},
        "faults_by_phase_met_at_random": len(fell_on),
        "cpu_s_per_session": round(cpu_s / max(1, len(jobs)), 3),
        "worst_ms": dict(sorted(figures.worst.items())),
        "seen": dict(sorted(figures.seen.items())),
    }
    print(json.dumps(summary) if options.json else _in_words(summary))
    return 1 if found or missed else 0


def _in_words(summary: dict[str, object]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in summary.items())


def _tell(outcome: Outcome) -> None:
    plan = plan_for(outcome.job)
    print(f"{plan.name} on {plan.preset} {' '.join(plan.quirks)}", file=sys.stderr)
    for finding in outcome.found[:10]:
        print(f"  {finding.rule}, at {finding.t} ms: {finding.what}", file=sys.stderr)
    print(f"  repeat it: {outcome.job.command}", file=sys.stderr)


def _tell_lines(outcome: Outcome) -> None:
    """The journal's last lines, up to the first finding where there is one."""
    film = play(plan_for(outcome.job))
    until = min((f.t for f in outcome.found), default=film.over_at) + 2_000
    lines = [raw for raw in film.journal.splitlines()[1:] if json.loads(raw)["t"] <= until]
    for raw in lines[-LAST_LINES:]:
        print(f"  {raw.decode()}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
