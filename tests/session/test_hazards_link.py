"""Rows of docs/safety/hazards.toml that need a whole session: link, machine, answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.session.rig import Rig, live

from treadguard.sim.faults import Fault, Kind, Where
from treadguard.units import Millis

Line = dict[str, Any]

STOPS_WITHIN_MS = 500
WEIGHED_MS = 3_500
"""A Stop owed at a reconnect waits 1.5 s for a first sample and 2 s for a second at most."""


def fault(where: Where, kind: Kind, at_s: float, for_s: float) -> Fault:
    return Fault(Millis(round(at_s * 1000)), Millis(round(for_s * 1000)), where, kind)


def like(line: Line, kind: str, **values: object) -> bool:
    return line["kind"] == kind and all(line.get(key) == value for key, value in values.items())


def before(rig: Rig, line: Line, kind: str, **values: object) -> Line | None:
    """The last line of a kind in front of this one."""
    found = [one for one in rig.lines[1 : line["seq"]] if like(one, kind, **values)]
    return found[-1] if found else None


def after(rig: Rig, line: Line, kind: str, within_ms: int, **values: object) -> list[Line]:
    """Lines of a kind behind this one."""
    behind = rig.lines[line["seq"] + 1 :]
    return [
        one for one in behind if like(one, kind, **values) and one["t"] <= line["t"] + within_ms
    ]


def speed_before(rig: Rig, line: Line) -> int:
    seen = before(rig, line, "telemetry")
    return 0 if seen is None else seen["speed"]


async def run_and_hurt(rig: Rig) -> None:
    await asyncio.sleep(3)
    rig.service.operator("start")
    await asyncio.sleep(8)
    rig.service.operator("speed", 600)
    await asyncio.sleep(19)
    rig.service.pain(3)
    await asyncio.sleep(15)
    rig.service.pain(6)
    await asyncio.sleep(50)


@pytest.mark.parametrize("at_s", [2, 5, 8, 11.5, 14, 20, 30.2, 36, 44, 45.1, 47, 52, 60])
@pytest.mark.parametrize("for_s", [3, 12])
def test_wherever_the_link_is_cut_nothing_rises_and_what_is_owed_goes_out(
    at_s: float, for_s: float
) -> None:
    """H01."""
    rig = Rig(faults=[fault("link", "off", at_s, for_s)])
    live(rig, run_and_hurt)
    for down in rig.of("link", state="down"):
        if speed_before(rig, down) > 5:
            said = [one["say"] for one in after(rig, down, "alarm", 1_000)]
            assert any("key" in say for say in said), "the lost belt isn't said"
    for command in rig.of("command"):
        up = before(rig, command, "link", state="up")
        assert up is not None
        speeds_up = command["op"] == "set_speed" and command["value"] > speed_before(rig, command)
        if command["op"] == "start" or speeds_up:
            consent = before(rig, command, "consent")
            assert consent is not None
            assert consent["seq"] > up["seq"], "leave was given on another connection"
    (pain,) = rig.of("pain", level=6)
    was = before(rig, pain, "link")
    assert was is not None
    if speed_before(rig, pain) > 5:
        down = was["state"] == "down"
        start = after(rig, pain, "link", 60_000, state="up")[0] if down else pain
        within = WEIGHED_MS if down else STOPS_WITHIN_MS
        assert after(rig, start, "command", within, op="stop")
    assert rig.treadmill.measured_speed == 0  # type: ignore[attr-defined]


def test_a_speed_that_never_changes_confirms_nothing_and_ends_in_an_alarm() -> None:
    """H04: the same record again and again, while every command is answered with success."""
    rig = Rig(faults=[fault("telemetry", "stuck", 45, 300)])

    async def story(rig: Rig) -> None:
        await rig.walk(500)
        await asyncio.sleep(9)
        rig.service.pain(3)
        await asyncio.sleep(40)

    assert live(rig, story) == 1
    pain = rig.of("pain")[0]
    stop = rig.of("command", op="stop")[0]
    assert 4_000 <= stop["t"] - pain["t"] <= 8_000
    verdicts = after(rig, pain, "verdict", 60_000)
    assert verdicts
    assert "confirmed" not in {one["is"] for one in verdicts}
    assert rig.of("phase", to="FAULT")
    assert rig.lines[-1]["summary"]["belt"] == "not known to be at rest"


@pytest.mark.parametrize("kind", ["garbage", "off"])
def test_a_stop_that_the_machine_refuses_or_ignores_ends_in_an_alarm(kind: Kind) -> None:
    """H08, H05: "garbage" is answered with 02 and not obeyed, "off" with success and not obeyed."""
    rig = Rig(faults=[fault("command", kind, 44, 300)])

    async def story(rig: Rig) -> None:
        await rig.walk(500)
        await asyncio.sleep(9)
        rig.service.pain(6)
        await asyncio.sleep(20)

    assert live(rig, story) == 1
    pain = rig.of("pain")[0]
    stops = [one["t"] - pain["t"] for one in after(rig, pain, "command", 20_000, op="stop")]
    assert stops[0] == 0
    assert len(stops) >= 3
    first = after(rig, pain, "alarm", 60_000)[0]
    assert first["t"] - pain["t"] <= 8_000
    assert "key" in first["say"]
    assert rig.of("phase", to="FAULT")


def test_a_false_answer_stops_nothing_twice() -> None:
    """H07: each command is obeyed, and answered with a failure."""
    rig = Rig(faults=[fault("answer", "wrong", 44, 300)])

    async def story(rig: Rig) -> None:
        await rig.walk(500)
        await asyncio.sleep(9)
        rig.service.pain(6)
        await asyncio.sleep(20)
        assert rig.phase == "BREAK"

    assert live(rig, story) == 0
    assert len(rig.of("command", op="stop")) == 1


@pytest.mark.parametrize("kind", ["garbage", "intermittent", "slow"])
def test_records_that_come_badly_crash_nothing_and_raise_nothing(kind: Kind) -> None:
    """H03, H25: and whatever they say, a Stop still goes out."""
    rig = Rig(faults=[fault("telemetry", kind, 45, 60)])

    async def story(rig: Rig) -> None:
        await rig.walk(500)
        await asyncio.sleep(10)
        asked = rig.service.operator("speed", 400)
        await asyncio.sleep(20)
        rig.service.pain(6)
        await asyncio.sleep(60)
        later = [one for one in rig.of("command", op="set_speed") if one["seq"] > asked.seq]
        assert all(one["value"] <= 500 for one in later)

    live(rig, story)
    assert rig.service.failure is None
    pain = rig.of("pain")[0]
    stops = [one["t"] for one in rig.of("command", op="stop")]
    assert any(t <= pain["t"] for t in stops)
    assert rig.treadmill.measured_speed == 0  # type: ignore[attr-defined]


def test_a_machine_that_was_away_in_a_break_is_started_cold_and_only_by_the_runner() -> None:
    """H20, H22: it powered down and came back as a new connection."""
    rig = Rig(faults=[fault("link", "off", 70, 60)])

    async def story(rig: Rig) -> None:
        await rig.walk(500)
        rig.service.pain(6)
        await asyncio.sleep(130)
        up = rig.of("link", state="up")[-1]
        assert after(rig, up, "command", 90_000, op="start") == []
        assert after(rig, up, "command", 90_000, op="set_speed") == []
        rig.service.pain(1)
        await asyncio.sleep(1)
        rig.service.operator("resume")
        await asyncio.sleep(20)
        ops = [one["op"] for one in after(rig, up, "command", 200_000)]
        assert ops == ["request_control", "start"]
        assert rig.service.state()["speed_kmh"] == 1.0

    assert live(rig, story) == 0


def test_a_deck_that_moves_slowly_gets_one_incline_and_no_other_cure() -> None:
    """H18: a fifth of its rate; what is told is told once, and the speed isn't taken for stuck."""
    rig = Rig(faults=[fault("incline", "slow", 75, 200)])

    async def story(rig: Rig) -> None:
        await rig.walk(400)
        rig.service.operator("incline", 40)
        await asyncio.sleep(40)
        told = rig.service.pain(2)
        await asyncio.sleep(60)
        later = [one for one in rig.of("command") if one["seq"] > told.seq]
        grades = [one["value"] for one in later if one["op"] == "set_incline"]
        assert grades == sorted(grades, reverse=True)
        assert len(grades) == len(set(grades))
        assert [one for one in later if one["op"] == "stop"] == []
        assert rig.phase == "RUNNING"

    assert live(rig, story) == 0
