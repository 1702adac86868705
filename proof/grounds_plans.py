"""What a plan gives ground for: a programme, a warm-up, a planned break, a therapist's time.

Here: time on a moving belt, and what was asked for in it. The rule to keep, as in grounds.py:
from inputs and the header alone; what withdraws the raises of a plan is said here once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

PLANS: Final = frozenset({"asked to programme", "asked to warm-up", "asked to vary"})
WITHDRAWS: Final = frozenset(
    {"pain", "bent", "unrated", "asked to stop", "asked to speed", "asked to incline"}
    | {"asked to break", "asked to ease", "asked to end", "speed set", "incline set", "faster"}
    | {"stopped at the console", "link down", "lost time", "silence", "symptom"}
)
SLACK_MS: Final = 5_000
"""A second or two between samples, at both ends."""

TOLD_MS: Final = 10_000
"""A planned break is told so long ahead, and nothing goes up in that time."""

SAMPLE_MS: Final = 3_000
"""Longer without a sample, and the time between isn't known to be one of motion."""

KINDS: Final = frozenset(
    {"plan goes up", "plan falls", "programme's time", "therapist's time"}
    | {"break due", "break soon"}
)


class PlanGrounds:
    """Times on a moving belt, ms, and whether a plan that was asked for may still go up."""

    def __init__(self, header: Mapping[str, Any]) -> None:
        programme, profile = header["programme"], header["profile"]
        legs = [] if programme is None else programme["legs"]
        self._lasts = sum(leg["lasts"] for leg in legs) if legs and programme["ends"] else None
        minutes = profile.get("longest_min")
        self._longest = None if minutes is None else round(minutes * 60_000)
        self._every = round(header["policy"]["break"]["every_min"] * 60_000)
        self._moved = header["initial_state"].get("ran", 0)
        self._since_rest = 0
        self._in_programme: int | None = None
        self._asked = self._goes_up = False

    def heard(self, kind: str) -> None:
        """Something was asked for, or has happened."""
        if kind in PLANS:
            self._asked = self._goes_up = True
        if kind == "asked to programme" and self._in_programme is None:
            self._in_programme = 0
        if kind in WITHDRAWS:
            self._goes_up = False

    def moves(self, ms: int) -> None:
        """The belt was seen to move, so long after the sample before that was of motion, too."""
        ms = min(ms, SAMPLE_MS)
        self._moved += ms
        self._since_rest += ms
        if self._in_programme is not None:
            self._in_programme += ms

    def stands(self) -> None:
        """The belt was seen at zero."""
        self._since_rest = 0

    def now(self) -> Iterator[str]:
        """The kinds of ground that there are."""
        if self._goes_up:
            yield "plan goes up"
        if self._asked:
            yield "plan falls"
        walked = self._in_programme
        if self._lasts is not None and walked is not None and walked >= self._lasts - SLACK_MS:
            yield "programme's time"
        if self._longest is not None and self._moved >= self._longest - SLACK_MS:
            yield "therapist's time"
        if self._every and self._since_rest >= self._every - SLACK_MS:
            yield "break due"
        if self._every and self._since_rest >= self._every - SLACK_MS - TOLD_MS:
            yield "break soon"
