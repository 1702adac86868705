"""The replay corpus: each recorded session recomputed exactly, and how often it meddles in vain."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from proof.false_interventions import MOST_PER_HALF_HOUR, counted
from treadguard.replay.check import check
from treadguard.scenario import read_scenario

SESSIONS: Final = Path(__file__).parents[1] / "tests" / "sessions"
SESSIONS_LEAST: Final = 30
MACHINES_LEAST: Final = 5


def main(argv: Sequence[str] | None = None) -> int:
    """Recompute all; 1 where one differs, or there are too few."""
    parser = argparse.ArgumentParser("python -m proof.corpus", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the figures as one line on stdout")
    options = parser.parse_args(argv)
    machines = {read_scenario(path).machine.preset for path in SESSIONS.glob("*.toml")}
    reports = {path.stem: check(path) for path in sorted(SESSIONS.glob("*.jsonl"))}
    for name, report in reports.items():
        if not report.ok:
            print(f"{name}: {report.sentence}", file=sys.stderr)
    figures = {
        "sessions": len(reports),
        "exact": sum(report.ok for report in reports.values()),
        "outputs": sum(report.compared for report in reports.values()),
        "machines": len(machines),
        **counted(sorted(SESSIONS.glob("*.jsonl"))),
    }
    print(json.dumps(figures) if options.json else figures)
    enough = len(reports) >= SESSIONS_LEAST and len(machines) >= MACHINES_LEAST
    calm = figures["false"] * 30 < MOST_PER_HALF_HOUR * figures["minutes"]
    return 0 if enough and calm and figures["exact"] == len(reports) else 1


if __name__ == "__main__":
    sys.exit(main())
