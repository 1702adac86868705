"""What the stream has told: the last minute, the newest events, the alarm that stands, posture.

Here: journal lines folded into what a screen can show. Not here: the present state (model.py).
The rule to keep: an alarm stays until it is acknowledged or a newer one comes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from treadguard.closed_loop.in_words import said
from treadguard.dashboard.client import Line

MINUTE_MS: Final = 60_000
CUE_MS: Final = 30_000
"""A cue is shown for so long, the time that a question for a rating stays open."""

GAP_MS: Final = 3_000
"""A speed older than this stands for nothing on the strip."""

POSTURE_MS: Final = 2_000
"""A posture sensor silent for so long is unknown (DESIGN.md section 4)."""

_EVENTS: Final = ("pain", "symptom", "operator", "phase", "cue", "alarm", "veto", "link", "restart")
_OWN: Final = frozenset({"consent", "wanted"})
"""Reasons of commands that are the runner's own doing, no intervention."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened: `t` in ms of the session, level 0 for a cue, 1 or 2 for an alarm."""

    seq: int
    t: int
    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Angle:
    """One posture angle over the runner's baseline, and the thresholds on its scale, in degrees."""

    name: str
    deg: float | None
    ticks: tuple[float, ...]
    full: float


@dataclass(frozen=True, slots=True)
class Column:
    """One piece of the strip: the measured speed (None: unknown) and what was done then."""

    speed_kmh: float | None
    mark: str = ""


class History:
    """The lines of one session so far, as much of them as a screen shows."""

    def __init__(self) -> None:
        self._begin({})

    def _begin(self, header: Line) -> None:
        self.header = header
        self.seq = 0
        self.t = 0
        self.alarm: Told | None = None
        self.cue: Told | None = None
        self.over: str | None = None
        self._events: deque[Told] = deque(maxlen=50)
        self._speeds: deque[tuple[int, float | None]] = deque()
        self._marks: deque[tuple[int, str]] = deque()
        self._posture: Line | None = None

    @property
    def session(self) -> str | None:
        """The id of the session, None before its header."""
        return self.header.get("session")

    def take(self, line: Line) -> None:
        """Fold in one line; the header of another session begins anew."""
        if line.get("kind") == "header":
            if line.get("session") != self.session:
                self._begin(line)
            return
        self.seq, self.t = line["seq"], line["t"]
        kind = line["kind"]
        if kind == "telemetry":
            speed = line.get("speed")
            self._speeds.append((self.t, None if speed is None else speed / 100))
        elif kind == "posture":
            self._posture = line
        elif kind == "alarm":
            self.alarm = Told(self.seq, self.t, line["say"], line.get("level") or 2)
        elif kind == "cue":
            self.cue = Told(self.seq, self.t, line["say"])
        elif kind == "end":
            self.over = str(line["summary"].get("belt"))
        mark = _mark(line)
        if mark:
            self._marks.append((self.t, mark))
        if kind in _EVENTS or (kind == "command" and line["op"] in ("start", "stop")):
            level = self.alarm.level if kind == "alarm" and self.alarm else 0
            self._events.append(Told(self.seq, self.t, _marked(line), level))
        for queue in (self._speeds, self._marks):
            while queue and queue[0][0] < self.t - MINUTE_MS - GAP_MS:
                queue.popleft()

    def acknowledge(self) -> bool:
        """Take the alarm off the screen; whether there was one."""
        there, self.alarm = self.alarm is not None, None
        return there

    def cue_now(self) -> Told | None:
        """The last cue, while it is news."""
        return self.cue if self.cue is not None and self.t - self.cue.t < CUE_MS else None

    def newest(self, count: int) -> list[Told]:
        """The last events, oldest first."""
        return list(self._events)[-count:] if count > 0 else []

    def strip(self, columns: int) -> list[Column]:
        """The last minute in so many pieces, oldest first."""
        if columns <= 0:
            return []
        start, each = self.t - MINUTE_MS, MINUTE_MS / columns
        found: list[Column] = []
        speeds = iter([*self._speeds, (self.t + GAP_MS, None)])
        ahead = next(speeds)
        last: tuple[int, float | None] = (-GAP_MS, None)
        for i in range(columns):
            end = start + each * (i + 1)
            while ahead[0] <= end:
                last, ahead = ahead, next(speeds)
            marks = [mark for t, mark in self._marks if end - each < t <= end]
            found.append(
                Column(
                    last[1] if end - last[0] <= GAP_MS else None, max(marks, key=_rank, default="")
                )
            )
        return found

    def posture(self) -> list[Angle]:
        """The last angles; none where no sensor has spoken lately."""
        line = self._posture
        if line is None or self.t - line["t"] >= POSTURE_MS:
            return []
        return list(self._angles(line))

    def posture_age_ms(self) -> int | None:
        """How old the last posture sample is, None where there was none."""
        return None if self._posture is None else self.t - self._posture["t"]

    def _angles(self, line: Line) -> Iterator[Angle]:
        policy = self.header.get("policy", {}).get("posture", {})
        own = self.header.get("profile", {})
        for name, ticks in (
            ("trunk", ("trunk_cue", "trunk_backoff", "trunk_stop")),
            ("neck", ("neck",)),
        ):
            deg = line.get(f"{name}_deg")
            over = None if deg is None else deg - own.get(f"{name}_baseline_deg", 0.0)
            at = tuple(policy[f"{tick}_deg"] for tick in ticks if f"{tick}_deg" in policy)
            yield Angle(name, over, at, 50.0)


def _rank(mark: str) -> int:
    return ("■□▼▽".find(mark) + 1) and 10 - "■□▼▽".find(mark)


def _mark(line: Line) -> str:
    """What a line leaves on the strip: a stop, an intervention, or a rating."""
    if line["kind"] == "pain":
        level = line["level"]
        return "P" if level is None else "x" if level == 10 else str(level)
    if line["kind"] != "command":
        return ""
    shadow = bool(line.get("shadow"))
    if line["op"] == "stop":
        return "□" if shadow else "■"
    if line["op"] in ("set_speed", "set_incline") and not _OWN.intersection(line["why"]):
        return "▽" if shadow else "▼"
    return ""


def _marked(line: Line) -> str:
    mark = {"alarm": "ALARM: ", "cue": "", "command": "→ "}.get(line["kind"], "")
    return f"{mark}{said(line)}"
