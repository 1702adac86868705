"""How fast `simulate` runs a session, and how fast `replay --check` recomputes its journal."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from treadguard.closed_loop.scenario_player import play
from treadguard.replay.check import check
from treadguard.scenario import scenario_from_dict

ROUNDS = 5
LENGTH_S = 1800
RATINGS_S = (120, 240, 360, 480, 600, 900, 1200, 1500)


def main() -> None:
    """Half an hour on the ideal machine, rated when asked; CPU time, median of the rounds."""
    walk = [{"s": 5.0, "do": "start"}, {"s": 15.0, "do": "speed", "kmh": 6.0}]
    rated = [{"s": float(s), "do": "pain", "level": 0} for s in RATINGS_S]
    scenario = scenario_from_dict(
        {
            "name": "half an hour",
            "duration_s": LENGTH_S,
            "machine": {"preset": "ideal"},
            "at": walk + rated,
        },
        "benchmark",
    )
    simulated: list[float] = []
    replayed: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "journal.jsonl"
        journal.write_bytes(play(scenario).played.journal)
        for _ in range(ROUNDS):
            start = time.process_time()
            play(scenario)
            simulated.append(LENGTH_S / (time.process_time() - start))
            start = time.process_time()
            report = check(journal)
            replayed.append(report.inputs / (time.process_time() - start))
            assert report.ok, report.sentence
    print(
        f"simulate {statistics.median(simulated):.0f} s of session per CPU second (goal: 2,000);"
        f" worst round {min(simulated):.0f}"
    )
    print(f"replay --check {statistics.median(replayed):.0f} events per CPU second")


if __name__ == "__main__":
    main()
