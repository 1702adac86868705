"""Screens that hang on the session's stream cost the session nothing (H72)."""

from __future__ import annotations

import asyncio

import pytest
from tests.session.rig import Rig, live

from treadguard.session import stream

WAITING = 200
"""Lines that may wait for one screen: a few minutes, so that both are dropped in the walk."""

DRAWN = 20


def walked(dropped: list[str], *, screens: bool) -> tuple[Rig, int]:
    """A walk and pain of 6, and when it was pressed; two screens hang meanwhile."""
    rig, pressed = Rig(), 0

    async def story(rig: Rig) -> None:
        nonlocal pressed
        await rig.walk(500)
        if screens:
            rig.service.stream.watch(None, lambda: dropped.append("one that never read"))
            hangs = rig.service.stream.watch(0, lambda: dropped.append("one that hangs"))
            for _ in range(DRAWN):
                assert await hangs.next() is not None
        await asyncio.sleep(WAITING)
        pressed = rig.service.clock()
        rig.service.pain(6)
        await asyncio.sleep(30)

    assert live(rig, story) == 0
    return rig, pressed


def test_a_screen_that_stops_reading_changes_no_byte_and_delays_no_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "WAITING_MAX", WAITING)
    dropped: list[str] = []
    alone, _ = walked(dropped, screens=False)
    rig, pressed = walked(dropped, screens=True)
    assert rig.journal == alone.journal
    assert sorted(dropped) == ["one that hangs", "one that never read"]
    assert rig.of("command", op="stop")[0]["t"] == pressed
    assert [line["to"] for line in rig.of("phase")][-1] == "BREAK"
