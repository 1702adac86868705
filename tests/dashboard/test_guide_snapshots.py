"""How the guide looks, at 80x24 and with room.

After a change on purpose: pytest tests/dashboard/test_guide_snapshots.py --snapshot-update, and
look at each picture that has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.dashboard.fake_client import Clock
from textual.pilot import Pilot

from treadguard.dashboard.guide import Guide
from treadguard.routines.choosing import Routine
from treadguard.routines.course import Station
from treadguard.routines.library import library
from treadguard.routines.red_flags import red_flag_questions

Compare = Callable[..., bool]


@dataclass(frozen=True)
class Look:
    """One picture: the exercises, how many seconds pass, and what is then pressed."""

    exercises: tuple[str, ...]
    seconds: int = 0
    keys: tuple[str, ...] = ()
    asks: bool = False
    size: tuple[int, int] = (80, 24)


LOOKS = {
    "press-up": Look(("posture-check", "cobra", "squat"), 48),
    "press-up-with-room": Look(("posture-check", "cobra", "squat"), 48, size=(120, 40)),
    "a-hold-on-one-side": Look(("calf-stretch",), 30),
    "knees-over": Look(("side-to-side",), 14),
    "sit-back": Look(("squat", "plank"), 13),
    "wall-test": Look(("wall-test",), 22),
    "rest": Look(("plank",), 42),
    "paused": Look(("bridge", "plank"), 15, ("space",)),
    "it-hurts": Look(("bridge", "plank"), 15, ("p",)),
    "asks": Look(("bridge",), asks=True),
    "not-today": Look(("bridge",), 1, ("y",), asks=True),
    "done": Look(("bridge", "plank", "squat"), 1, ("n", "p", "n")),
}


@pytest.mark.parametrize("name", LOOKS)
def test_looks_as_agreed(snap_compare: Compare, name: str) -> None:
    look, clock = LOOKS[name], Clock()
    stations = tuple(Station(key, library()[key]) for key in look.exercises)
    questions = red_flag_questions() if look.asks else ()
    app = Guide(Routine("before", stations, ()), questions, clock=clock)

    async def before(pilot: Pilot[Any]) -> None:
        for _ in range(look.seconds):
            clock.now += 1.0
            app.tick()
        for key in look.keys:
            await pilot.press(key)
        await pilot.pause()

    assert snap_compare(app, run_before=before, terminal_size=look.size)
