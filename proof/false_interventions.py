"""How often the guard meddles for no reason, in recorded sessions (H84).

An intervention is an alarm, or a command that nobody asked for. Each needs a reason of its own kind
among the inputs of the last half minute. The rule to keep: reasons are judged by the article's
numbers, from the recorded inputs, and never by what the guard says of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

Line = dict[str, Any]
ASKED: Final = {"consent", "wanted", "start", "resume", "link", "control", "stop", "end"}
ASKED_TO_END: Final = "the runner ended it"
WITHIN_MS: Final = 30_000
MOST_PER_HALF_HOUR: Final = 1.0
"""The goal of H84."""


def reason(line: Line) -> str | None:
    """What this input gives a guard to intervene for."""
    match line["kind"]:
        case "pain":
            return None if line["level"] == 0 else "pain"
        case "symptom":
            return "symptom"
        case "operator" if line["do"] in ("ease", "break"):
            return str(line["do"])
        case "link" if line["state"] == "down":
            return "link"
        case "machine" if line.get("status") in (1, 2, 3, 4, 5):
            return "console"
        case "posture":
            bent = (line.get("trunk_deg") or 0) > 15 or (line.get("neck_deg") or 0) > 25
            return "posture" if bent else None
    return None


def interventions(lines: list[Line]) -> list[tuple[Line, bool]]:
    """What the guard did unasked, and whether there was a reason for it."""
    last: dict[str, int] = {}
    found: list[tuple[Line, bool]] = []
    for line in lines[1:]:
        why = reason(line)
        if why is not None:
            last[why] = line["t"]
        if line["kind"] not in ("alarm", "command"):
            continue
        unasked = set(line.get("why", ["alarm"])) - ASKED - {ASKED_TO_END}
        if not unasked:
            continue
        lately = {why for why, t in last.items() if line["t"] - t <= WITHIN_MS}
        named = unasked & {"pain", "symptom", "ease", "posture", "console"}
        grounded = named <= set(last) and bool(named & lately if named else lately)
        found.append((line, grounded))
    return found


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
