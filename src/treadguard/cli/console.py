"""What `run` shows on its terminal: a line a second, and between them what happens.

Here: the lines' form. Not here: how they get to the terminal (printer.py). The rule to keep: a
speed on these lines is a measured one, with its age beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from treadguard.closed_loop.in_words import said
from treadguard.journal import Line, decoded
from treadguard.session.service import Service

_SHOWN: Final = frozenset(
    {"cue", "alarm", "veto", "phase", "pain", "symptom", "operator", "restart"}
)
LOST_MS: Final = 5_000
"""A speed this old is no speed any more (DESIGN.md section 3)."""

_MARKS: Final = {"alarm": "ALARM: ", "cue": "cue: "}


async def show(service: Service, print_line: Callable[[str], None]) -> None:
    """Print what happens as it happens, and the state each second, until the session is over."""
    loop = asyncio.get_running_loop()
    watcher = service.stream.watch(0, lambda: None)
    next_line = asyncio.ensure_future(watcher.next())
    due = loop.time()
    try:
        while True:
            await asyncio.wait((next_line,), timeout=max(0.0, due - loop.time()))
            if next_line.done():
                raw = next_line.result()
                if raw is None:
                    return
                line = decoded(raw)
                if _is_shown(line):
                    print_line(f"           {_MARKS.get(line['kind'], '')}{said(line)}")
                next_line = asyncio.ensure_future(watcher.next())
            if loop.time() >= due:
                print_line(status(service.state(), service.clock()))
                due = loop.time() + 1.0
    finally:
        next_line.cancel()
        service.stream.leave(watcher)


async def show_alarms(service: Service, print_line: Callable[[str], None]) -> None:
    """Print the guard's alarms alone, until the session is over."""
    watcher = service.stream.watch(None, lambda: None)
    try:
        while (raw := await watcher.next()) is not None:
            line = decoded(raw)
            if line["kind"] == "alarm" and line.get("from") != "service":
                print_line(f"ALARM: {line['say']}")
    finally:
        service.stream.leave(watcher)


def _is_shown(line: Line) -> bool:
    if line["kind"] == "command":
        return line["op"] in ("start", "stop")
    # The service's own alarms are said apart, by whoever it says them to.
    return line["kind"] in _SHOWN and line.get("from") != "service"


def status(state: dict[str, Any], now_ms: int) -> str:
    """The line of one second."""
    minutes, seconds = divmod(now_ms // 1000, 60)
    speed, incline, age = state["speed_kmh"], state["incline_pct"], state["age_ms"]
    unknown = speed is None or age is None or age >= LOST_MS
    parts = [
        f"{minutes:3d}:{seconds:02d}",
        f"{state['phase']:<8}",
        "   ? km/h" if unknown else f"{speed:4.1f} km/h",
        "   ? %" if unknown or incline is None else f"{incline:4.1f} %",
        "no telemetry" if age is None else f"age {age / 1000:.1f} s",
    ]
    if state["phase"] == "LOST":
        parts.append("UNKNOWN: the belt may be moving")
    elif state["consent_needed"] == "start":
        parts.append("'treadguard resume' starts the belt")
    if state["release"]:
        parts.append("held by " + "; ".join(state["release"]))
    return "  ".join(parts)
