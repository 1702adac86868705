"""How the screen looks, phase by phase, at 80x24 (and once with room).

After a change on purpose: pytest tests/dashboard/test_snapshots.py --snapshot-update, and look at
each picture that has changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.dashboard.fake_client import Clock, FakeClient
from tests.dashboard.moments import (
    BREAK,
    EASING,
    HEADER,
    LOST,
    READY,
    STOPPING,
    Map,
    line,
    pair,
    run_of_a_minute,
    standing,
    state,
)
from textual.pilot import Pilot

from treadguard.dashboard.app import Dashboard

Compare = Callable[..., bool]


@dataclass(frozen=True)
class Look:
    """One picture: the state, what the stream told, and what is pressed."""

    state: Map
    keys: tuple[str, ...] = ()
    lines: tuple[Map, ...] = tuple(run_of_a_minute())
    gone_s: float = 0.0
    size: tuple[int, int] = (80, 24)


ALARM = line(
    999,
    60_500,
    "alarm",
    say="Pain 7: the session ends. Stop, hold the rail, step off when the belt stands, and sit"
    " down. Call for help now if it is strong, new or spreading; do not run again today.",
    level=2,
)
POSTURE = line(998, 60_400, "posture", trunk_deg=19.5, neck_deg=12.0, source="imu")
OFF = standing(
    "OFF", link="down", speed_kmh=None, incline_pct=None, age_ms=None, wanted=pair(None, None)
)
GO_ON: Map = {
    **BREAK,
    "why": ["break"],
    "release": ["break: resume, when you are on the belt with the key clipped"],
    "break": {"level": 6, "left_s": 0, "max_left_s": 411, "rated": 2, "owed": None},
    "pain": {"last": 2, "asked": False},
}
LOOKS = {
    "off": Look(OFF, lines=()),
    "ready": Look(READY, lines=()),
    "starting": Look(standing("STARTING")),
    "running": Look(state(), lines=(*run_of_a_minute(), POSTURE)),
    "easing": Look(EASING),
    "stopping": Look(STOPPING),
    "paused": Look(
        standing(
            "PAUSED",
            may_raise=False,
            why=["stop"],
            since_ms={"stop": 7_000},
            release=["stop: resume, when you are on the belt with the key clipped"],
        )
    ),
    "break": Look(BREAK),
    "break-over": Look(GO_ON),
    "ended": Look(standing("ENDED"), lines=(*run_of_a_minute(), ALARM)),
    "fault": Look(state(phase="FAULT", may_raise=False)),
    "lost": Look(LOST),
    "stale": Look(standing("READY", age_ms=6_000), lines=()),
    "disconnected": Look(state(), gone_s=4.0),
    "service-ended": Look(
        standing("ENDED"),
        lines=(*run_of_a_minute(), line(999, 61_000, "end", summary={"belt": "at rest"})),
        gone_s=4.0,
    ),
    "no-answer": Look(state(), gone_s=0.5, keys=("6",)),
    "asks-for-a-rating": Look(state(pain={"last": 2, "asked": True})),
    "asks-for-a-raise": Look(state(), keys=("plus",)),
    "asks-before-the-start": Look(READY, lines=(), keys=("r",)),
    "asks-before-going-on": Look(BREAK, keys=("r",)),
    "symptoms": Look(state(), keys=("f",)),
    "leave": Look(state(), keys=("q",)),
    "help": Look(state(), keys=("question_mark",)),
    "shadow": Look({**EASING, "mode": "shadow"}),
    "running-with-room": Look(state(), lines=(*run_of_a_minute(), POSTURE), size=(120, 40)),
    "break-with-room": Look(BREAK, size=(120, 40)),
}


def shown(look: Look) -> tuple[Dashboard, Callable[[Pilot[Any]], Awaitable[None]]]:
    client, clock = FakeClient(look.state, [HEADER, *look.lines]), Clock()
    app = Dashboard(client, clock)

    async def before(pilot: Pilot[Any]) -> None:
        await settled(app)
        if look.gone_s:
            client.down = True
            clock.now += look.gone_s
        for key in look.keys:
            await pilot.press(key)
        await settled(app)
        await pilot.pause()

    return app, before


async def settled(app: Dashboard) -> None:
    for _ in range(50):
        await asyncio.sleep(0)
    app._show()


@pytest.mark.parametrize("name", LOOKS)
def test_looks_as_agreed(snap_compare: Compare, name: str) -> None:
    look = LOOKS[name]
    app, before = shown(look)
    assert snap_compare(app, run_before=before, terminal_size=look.size)
