"""A service that is killed in mid-run, and the one that its supervisor starts again (H63)."""

from __future__ import annotations

import asyncio

import pytest
from tests.session.rig import Line, Rig, live

from treadguard.session.service import Crashed

DOWN_MS = 2_000


async def walk_hurt_and_go_on(rig: Rig) -> None:
    """Start at 3 s, moving from 6 s, the trigger at 20 s, the break from some 25 s on."""
    await asyncio.sleep(3)
    rig.service.operator("start")
    await asyncio.sleep(8)
    rig.service.operator("speed", 600)
    await asyncio.sleep(9)
    rig.service.pain(6)
    await asyncio.sleep(60)


def killed_at(at_s: float, then_s: float) -> tuple[Rig, int]:
    """The story until it dies, a restart `DOWN_MS` later, and the seq of the restart."""
    rig = Rig()

    async def die() -> None:
        await asyncio.sleep(at_s)
        rig.service.die()

    assert live(rig, walk_hurt_and_go_on, stop=False, die=die) == 137
    last = rig.lines[-1]
    assert rig.sink.kept is not None
    rig.serve(rig.sink.kept, Crashed(last["seq"], last["t"] + DOWN_MS))

    async def found(_: Rig) -> None:
        await asyncio.sleep(then_s)

    live(rig, found, stop=True)
    return rig, last["seq"] + 1


def first_motion(lines: list[Line]) -> int | None:
    moving = (one["t"] for one in lines if one["kind"] == "telemetry" and one["speed"] > 5)
    return next(moving, None)


@pytest.mark.parametrize("at_s", [8.0, 12.3, 15.0, 19.9])
def test_a_belt_found_moving_is_an_orphan_with_an_alarm_and_stopped_after_fifteen_seconds(
    at_s: float,
) -> None:
    rig, restart = killed_at(at_s, 40)
    after = [line for line in rig.lines[1:] if line["seq"] >= restart]
    assert after[0]["kind"] == "restart"
    assert after[0]["initial_state"]["moving"]
    begin = after[0]["t"]
    seen = first_motion(after)
    assert seen is not None
    alarm = next(line for line in after if line["kind"] == "alarm")
    assert alarm["t"] - seen <= 1000
    (stop, *_) = [line for line in after if line["kind"] == "command" and line["op"] == "stop"]
    assert 15_000 <= stop["t"] - begin <= 18_500
    ups = [
        line["value"]
        for line in after
        if line["kind"] == "command" and line["op"] in ("set_speed", "start")
    ]
    assert ups == []


@pytest.mark.parametrize("at_s", [20.01, 20.5, 21.5])
def test_a_stop_that_is_owed_goes_out_at_the_first_sign_of_motion(at_s: float) -> None:
    rig, restart = killed_at(at_s, 40)
    after = [line for line in rig.lines[1:] if line["seq"] >= restart]
    assert after[0]["initial_state"]["on_break"]
    seen = first_motion(after)
    stops = [line for line in after if line["kind"] == "command" and line["op"] == "stop"]
    assert (seen is None) == (not stops), "a belt that came to rest meanwhile gets none"
    if seen is not None:
        assert stops[0]["t"] - seen <= 1000
    assert rig.phase == "BREAK"


def test_a_break_begins_again_with_its_full_length() -> None:
    rig, restart = killed_at(60.0, 110)
    assert rig.phase == "BREAK"
    after = [line for line in rig.lines[1:] if line["seq"] >= restart]
    assert after[0]["initial_state"]["on_break"]
    assert not [line for line in after if line["kind"] == "command" and line["op"] == "start"]
