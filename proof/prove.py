"""`make prove`: every long proof in turn, and docs/safety/figures.md from what came out.

Each part is a program of its own that ends in one JSON line; its figure is kept with the day and
the commit it was measured at, so that a run of some parts leaves the others' figures standing. The
rule to keep: a figure that was missed, or of a shorter run than the goal, is printed as just that.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from proof.fuzz.__main__ import RUNS
from proof.fuzz.table import TARGETS
from proof.fuzz.target import Target
from proof.rests_on import ALWAYS, WHOLE, modules, unchanged

ROOT: Final = Path(__file__).parents[1]
FIGURES: Final = ROOT / "docs" / "safety" / "figures.md"
KEPT: Final = ROOT / "docs" / "safety" / "figures.json"
JOBS: Final = os.cpu_count() or 1
TABLE: Final = "docs/safety/hazards.toml"
NIGHT: Final = 10
FUZZ: Final = "fuzz"
CHANGED: Final = " and changes"
"""Behind a commit: what was measured was no commit's code."""

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One proof: its goal in words, its command for a share of the whole, its figure in words.

    `modules`: those that do it, with all that they import; none where it runs tests and rests on
    everything. `beside`: what it reads.
    """

    name: str
    what: str
    goal: str
    command: Callable[[float], Sequence[str]]
    told: Callable[[Figures], str]
    modules: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Files and folders: with a change there, its figure is of older code."""
        decides = (*modules(*self.modules), *ALWAYS) if self.modules else WHOLE
        return (*decides, *self.beside)


Holds = Callable[[Part, str], bool]


def _module(name: str, *arguments: object) -> list[str]:
    return [f"proof.{name}", *map(str, arguments), "--json"]


def _times(share: float, of: int) -> int:
    return max(1, round(of * share))


def _worst(f: Figures) -> str:
    worst = ", ".join(f"{name} {ms} ms" for name, ms in f["worst_ms"].items())
    return f"{f['sessions']:,} sessions, {f['with_findings']} with findings; worst: {worst}"


def _fuzzed(target: Target) -> Part:
    """One target's part, since the slow ones take hours: each can be run by itself."""
    return Part(
        f"{FUZZ}-{target.name}",
        f"fuzz executions of {target.name}, crashes",
        f"{RUNS[target.takes]:,}, 0",
        lambda share: _module("fuzz", target.name, "--runs", _times(share, RUNS[target.takes])),
        lambda f: f"{f['runs']:,}, {f['crashes']} crashes; {f['targets'][0]['per_s']:,} a second",
        # What the other targets try, and where a run begins, makes no difference to it.
        (target.run.__module__, "proof.fuzz.one", "proof.fuzz.target"),
    )


PARTS: Final = (
    Part(
        "coverage",
        "line and branch coverage of guard, gate, ftms; of the whole package",
        "100 %; at least 95 %",
        lambda _share: _module("coverage_of"),
        lambda f: f"guard {f['guard']} %, gate {f['gate']} %, ftms {f['ftms']} %; {f['whole']} %",
    ),
    Part(
        "mutation",
        "mutation score of guard, gate, ftms",
        "100 % after the allow-list (at most 1 %)",
        lambda share: _module(
            "mutation", *(["--fresh"] if share >= 1 else ["--sample", _times(share, 8000)])
        ),
        lambda f: ", ".join(f"{k} {v}" for k, v in f.items() if isinstance(v, int | float)),
    ),
    Part(
        "planted",
        "planted bugs, for each kind of proof of each row of severity 4",
        "all caught by a test of that kind",
        lambda share: _module("planted", *(["--all"] if share >= 1 else [])),
        lambda f: (
            f"{f['caught']} of {f['planted']} caught, of {f['rows']} rows"
            + (f"; not by {', '.join(f['missed'])}" if f["missed"] else "")
        ),
        beside=(TABLE,),
    ),
    Part(
        "enumeration",
        "states and transitions enumerated, violations",
        "the whole stated grid, 0",
        lambda share: _module("enumerate", *(["--long"] if share >= 1 else [])),
        lambda f: (
            f"{f['grids']} grids, {f['rules']} rules: {f['states']:,} states,"
            f" {f['transitions']:,} transitions, {f['violations']} violations;"
            f" at rest at the latest {f['seconds_to_rest']} s after a Stop"
        ),
        ("proof.enumerate.__main__",),
        ("tests/proof/golden",),
    ),
    Part(
        "core",
        "random core sessions of 200 events, violations",
        "100,000 (1,000,000 with --night), 0",
        lambda share: _module(
            "core_sessions", "--sessions", _times(share, 100_000), "--jobs", JOBS
        ),
        lambda f: f"{f['sessions']:,} sessions, {f['violations']} violations",
        ("proof.core_sessions",),
    ),
    Part(
        "matrix",
        "every fault kind, part and phase in the simulated service",
        "each cell met, 0 findings",
        lambda _share: _module("service_sessions", "--matrix", "--jobs", JOBS),
        lambda f: (
            f"{f['cells_met']} cells met, {len(f['cells_missed'])} missed,"
            f" {len(f['cells_impossible'])} impossible; {_worst(f)}"
        ),
        ("proof.service_sessions",),
        ("configs",),
    ),
    Part(
        "service",
        "simulated service sessions of 10 minutes with faults; pain above 4 to Stop frame",
        "10,000, 0 violations; at most 500 ms",
        lambda share: _module(
            "service_sessions", "--sessions", _times(share, 10_000), "--jobs", JOBS
        ),
        _worst,
        ("proof.service_sessions",),
        ("configs",),
    ),
    Part(
        "radio",
        "pain above 4 to Stop frame over the driver, by what was in the way of it",
        "500 ms at most; otherwise within the write deadline plus a reconnect, and an alarm within"
        " 1 s",
        lambda share: _module("radio_presses", "--sessions", _times(share, 2_000), "--jobs", JOBS),
        lambda f: (
            f"{f['sessions']:,} sessions, {f['violations']} violations; worst: "
            + ", ".join(f"{name} {ms} ms" for name, ms in f["worst_ms"].items())
        ),
        ("proof.radio_presses",),
    ),
    Part(
        "calm",
        "interventions on calm sessions, 10 hours on each machine",
        "0",
        lambda _share: _module("service_sessions", "--calm", "--jobs", JOBS),
        lambda f: f"{f['sessions']} hours, {f['with_findings']} with an intervention",
        ("proof.service_sessions",),
        ("configs",),
    ),
    *map(_fuzzed, TARGETS.values()),
    Part(
        "processes",
        "real processes killed, stopped, told to end and flooded, the treadmill in one of its own;"
        " each test that the hazard table marks X",
        "all hold",
        lambda _share: _module("processes"),
        lambda f: (
            f"{f['tests']} tests, {f['failures'] + f['errors']} failed, {f['not_run']} not run"
        ),
        beside=(TABLE,),
    ),
    Part(
        "replay",
        "replay corpus, recomputed exactly; interventions in it without a reason",
        "at least 30 sessions of 5 machines; less than one in 30 minutes",
        lambda _share: _module("corpus"),
        lambda f: (
            f"{f['exact']} of {f['sessions']} exact, of {f['machines']} machines (synthetic);"
            f" {f['false']} in {f['minutes']} min, beside {f['founded']} with one"
        ),
        ("proof.corpus",),
        ("tests/sessions",),
    ),
    Part(
        "hazards",
        "rows of the hazard table, each kind of proof that was asked for",
        "all handled rows have theirs",
        lambda _share: _module("hazards"),
        lambda f: (
            f"{f['rows']} rows, {f['decisions']['handled']} handled, {f['tests named']} tests;"
            f" marked R {f['asked']['R']['shown']} of {f['asked']['R']['rows']};"
            f" {f['problems']} problems"
        ),
        beside=(TABLE,),
    ),
)


def measured(part: Part, share: float) -> dict[str, Any]:
    """Run one part; what it measured, whether the goal held, and when."""
    command = part.command(share)
    print(f"== {part.name}: python -m {' '.join(command)}", file=sys.stderr)
    began = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    lines = ran.stdout.splitlines()
    try:
        figure = part.told(json.loads(lines[-1]))
    except (IndexError, ValueError, KeyError, TypeError, AttributeError):
        figure = f"broke off with exit code {ran.returncode}"
    return {
        "figure": figure,
        "held": ran.returncode == 0,
        "share": share,
        "command": "python -m " + " ".join(command),
        "seconds": round(time.monotonic() - began),
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _commit(part.rests_on),
    }


def _commit(paths: Sequence[str] = WHOLE) -> str:
    def git(*arguments: str) -> str:
        asked = ["git", *arguments]
        ran = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
        return ran.stdout.strip()

    head = git("rev-parse", "--short=10", "HEAD") or "unknown"
    changes = git("status", "--porcelain", "--", *paths)
    return head + (CHANGED if changes else "")


def still(part: Part, commit: str) -> bool:
    """Whether the code that a figure rests on is still what was measured."""
    return not commit.endswith(CHANGED) and unchanged(commit, part.rests_on, ROOT)


def _verdict(part: Part, result: Mapping[str, Any], holds: Holds) -> str:
    if not result["held"]:
        return "no"
    said = "yes" if result["share"] >= 1 else "short form only"
    return said if holds(part, result["commit"]) else f"{said}, of older code"


def page(results: Mapping[str, Mapping[str, Any]], holds: Holds = still) -> str:
    """docs/safety/figures.md. `holds`: whether the code is still that of a commit."""
    rows = []
    for part in PARTS:
        r = results.get(part.name)
        if r is None:
            rows.append(f"| {part.what} | {part.goal} | not measured yet | | | |")
            continue
        verdict = _verdict(part, r, holds)
        took = f"{r['seconds'] // 60} min {r['seconds'] % 60} s"
        rows.append(
            f"| {part.what} | {part.goal} | {r['figure']} | {verdict} | `{r['command']}`, {took} |"
            f" {r['date']}, {r['commit']} |"
        )
    return "\n".join(
        [
            "# What was measured",
            "",
            "Written by `make prove`; each row says when, at which commit, and how long it took.",
            f'"Held" is said as of {_commit()}: "of older code" where a file that the proof rests',
            "on has changed since. `python -m proof.prove --page` says it anew, and runs nothing.",
            "These are statements about the model and the tests, not about a given treadmill: see",
            "README.md beside this for what the software must not claim.",
            "",
            f"Machine: {JOBS} shared cores, Python {platform.python_version()}.",
            "",
            "| figure | goal | measured | held | command | at |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _kept() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(KEPT.read_bytes()) if KEPT.exists() else {}
    return kept


def main(argv: Sequence[str] | None = None) -> int:
    """Prove; 0 where every part that was run held."""
    parser = argparse.ArgumentParser(
        "python -m proof.prove",
        description="Run the long proofs and write docs/safety/figures.md.",
        epilog="Example: python -m proof.prove --only core --only fuzz --share 0.1",
    )
    names = [FUZZ, *(part.name for part in PARTS)]
    parser.add_argument("--only", action="append", choices=names, help="this part (repeatable)")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the long form's length, above 0 (default 1)"
    )
    parser.add_argument("--night", action="store_true", help="ten times the random core sessions")
    parser.add_argument("--page", action="store_true", help="run nothing, write the page anew")
    options = parser.parse_args(argv)
    if options.page:
        FIGURES.write_text(page(_kept()))
        return 0
    if not 0 < options.share <= 1:
        parser.error("--share goes from just above 0 to 1")
    failed = []
    for part in PARTS:
        if options.only and {part.name, part.name.partition("-")[0]}.isdisjoint(options.only):
            continue
        more = NIGHT if options.night and part.name == "core" else 1
        found = measured(part, options.share * more)
        print(f"== {part.name}: {found['figure']}", file=sys.stderr)
        if not found["held"]:
            failed.append(part.name)
        # Read again only now: another run of other parts may have written meanwhile.
        results = _kept()
        results[part.name] = found
        KEPT.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
        FIGURES.write_text(page(results))
    print(f"{FIGURES.relative_to(ROOT)} written" + (f"; not held: {failed}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
