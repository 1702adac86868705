"""How often the guard meddles for no reason, in recorded sessions (H84).

An intervention is an alarm, or a command that nobody asked for. Each needs a ground of its own
kind (grounds_named.py) in what was recorded before it (grounds.py); a command that claims to have
been asked for needs the asking. Alarms of the service about itself aren't the guard's. The rule to
keep: what the guard says of its reasons is what it's held to, never what excuses it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from proof.grounds import Grounds
from proof.grounds_named import Needs, of_alarm, of_command

Line = dict[str, Any]
ASKED: Final = frozenset(
    {"consent", "wanted", "start", "resume", "link", "control", "stop", "end"}
    | {"the runner ended it", "programme", "warm-up"}
)
"""With a ground, a command for these is no intervention."""

MOST_PER_HALF_HOUR: Final = 1.0
"""The goal of H84."""


def interventions(lines: list[Line]) -> list[tuple[Line, bool]]:
    """What the guard did unasked, and whether there was a reason for it."""
    grounds = Grounds(lines[0])
    found: list[tuple[Line, bool]] = []
    for line in lines[1:]:
        if line["kind"] == "alarm" and "from" not in line:
            found.append((line, _lately(grounds, of_alarm(line["say"]), line["t"])))
        elif line["kind"] == "command":
            grounded = _grounded(grounds, line)
            if not grounded or not set(line["why"]) <= ASKED:
                found.append((line, grounded))
        grounds.fold(line)
    return found


def _lately(grounds: Grounds, needs: Needs, t: int) -> bool:
    return all(any(grounds.lately(kind, t) for kind in each) for each in needs)


def _grounded(grounds: Grounds, line: Line) -> bool:
    """Each reason had its ground at some time, and one of them has it now."""
    each = [of_command(line["op"], why) for why in line["why"]]
    ever = all(any(map(grounds.ever, kinds)) for needs in each for kinds in needs)
    return ever and any(_lately(grounds, needs, line["t"]) for needs in each)


def read(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def moving_minutes(lines: list[Line]) -> float:
    samples = [line for line in lines if line["kind"] == "telemetry" and "speed" in line]
    spans = (min(b["t"] - a["t"], 3_000) for a, b in pairwise(samples) if a["speed"] > 5)
    return float(sum(spans)) / 60_000


def counted(paths: Iterable[Path]) -> dict[str, float]:
    """`false` and `founded` interventions in `minutes` of a belt in motion."""
    minutes, false, founded = 0.0, 0, 0
    for path in paths:
        lines = read(path)
        minutes += moving_minutes(lines)
        grounds = [grounded for _, grounded in interventions(lines)]
        founded += sum(grounds)
        false += len(grounds) - sum(grounds)
    return {"minutes": round(minutes, 1), "false": false, "founded": founded}
