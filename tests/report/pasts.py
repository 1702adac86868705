"""Made-up pasts: rows of sessions that nobody walked, and journals as if from a real treadmill."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from treadguard.replay.reader import read
from treadguard.report.row import Row, row_of

SESSIONS: Final = Path(__file__).parents[1] / "sessions"
NOW: Final = datetime(2026, 3, 20, 18, 0, tzinfo=UTC)


def walked(days_ago: float, minutes: float = 30, *, now: datetime = NOW, **more: Any) -> Row:
    """A session on a real treadmill that began so long ago, at 6.0 km/h on the flat."""
    ms = round(minutes * 60_000)
    plain: dict[str, Any] = {
        "session": f"walked {days_ago}",
        "path": f"/sessions/{days_ago}.jsonl",
        "started": now - timedelta(days=days_ago),
        "treadmill": "Pad (AA:BB)",
        "mode": "guard",
        "is_real": True,
        "lasted_ms": ms,
        "moving_ms": ms,
        "distance_m": round(minutes * 100),
        "load": minutes,
        "max_speed": 600,
        "worst_pain": None,
        "mean_pain": None,
        "last_pain": None,
        "back_offs": 0,
        "stops": 0,
        "breaks": 0,
        "triggers": 0,
        "alarms": 0,
        "seen_ms": 0,
        "upright_ms": 0,
        "symptoms": (),
        "ended": (),
        "whole": True,
        "pain_end_ms": None,
        "speed_then": None,
        "speed_min": 100,
    }
    return Row(**{**plain, **more})


def ended_for_pain(days_ago: float, speed: int | None = 600, **more: Any) -> Row:
    """One whose last minute of 30 was too much."""
    return walked(days_ago, **{"pain_end_ms": 1_800_000, "speed_then": speed, **more})


def recorded(name: str) -> Row:
    """The row of one of the house's recordings."""
    path = SESSIONS / f"{name}.jsonl"
    return row_of(read(path), path)


def as_if_real(name: str, folder: Path, started: datetime, **header: Any) -> Path:
    """A recording in `folder`, as if it came from a real treadmill at that time."""
    first, *rest = (SESSIONS / f"{name}.jsonl").read_text().splitlines()
    told = json.loads(first)
    told["treadmill"] = {**told["treadmill"], "name": "Pad (AA:BB)", "is_real": True}
    told |= {
        "started": started.isoformat(timespec="milliseconds"),
        "session": f"{name} {started.isoformat()}",
        **header,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{started:%Y%m%d-%H%M%S}-{name}.jsonl"
    path.write_text("\n".join([json.dumps(told), *rest]) + "\n")
    return path
