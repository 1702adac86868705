"""The computer's battery: what is read, and what a nearly empty one does to a session."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from tests.session.rig import Rig, live, no_machine

from treadguard.journal import Mode
from treadguard.session.battery import LOOK_S, Battery, battery, watch_battery
from treadguard.sim.direct import DirectTreadmill
from treadguard.sim.faults import Fault
from treadguard.units import Millis


def supply(where: Path, name: str, **words: object) -> None:
    (where / name).mkdir()
    for word, value in words.items():
        (where / name / word).write_text(f"{value}\n")


def test_one_battery_is_read(tmp_path: Path) -> None:
    supply(tmp_path, "AC", type="Mains", online=0)
    supply(tmp_path, "BAT0", type="Battery", capacity=14, status="Discharging")
    assert battery(tmp_path) == Battery(14, discharging=True)


@pytest.mark.parametrize("status", ["Charging", "Full", "Not charging", "Unknown"])
def test_one_that_isnt_discharging_may_be_empty(tmp_path: Path, status: str) -> None:
    supply(tmp_path, "BAT0", type="Battery", capacity=3, status=status)
    found = battery(tmp_path)
    assert found == Battery(3, discharging=False)
    assert found.may_start
    assert found.may_go_on


def test_several_count_together_and_one_that_discharges_is_enough(tmp_path: Path) -> None:
    supply(tmp_path, "BAT0", type="Battery", scope="System", capacity=0, status="Discharging")
    supply(tmp_path, "BAT1", type="Battery", capacity=61, status="Not charging")
    assert battery(tmp_path) == Battery(30, discharging=True)


def test_a_mouse_is_no_computer_and_what_cant_be_read_is_no_battery(tmp_path: Path) -> None:
    assert battery(tmp_path / "none") is None
    assert battery(tmp_path) is None
    supply(tmp_path, "hidpp_0", type="Battery", scope="Device", capacity=2, status="Discharging")
    supply(tmp_path, "BAT0", type="Battery", status="Discharging")
    supply(tmp_path, "BAT1", type="Battery", capacity="?", status="Discharging")
    assert battery(tmp_path) is None


@pytest.mark.parametrize(
    ("percent", "start", "go_on"),
    [(15, True, True), (14, False, True), (7, False, True), (6, False, False), (0, False, False)],
)
def test_the_thresholds(percent: int, start: bool, go_on: bool) -> None:
    found = Battery(percent, discharging=True)
    assert (found.may_start, found.may_go_on) == (start, go_on)


async def in_this_thread(read: Callable[[], Battery | None]) -> Battery | None:
    return read()


EMPTY = Battery(6, discharging=True)


def lives_on_battery(story: Callable[[Rig], Awaitable[object]], *left: Battery | None) -> Rig:
    """A session that reads these every 30 s, and then that it is nearly empty."""
    rig = Rig()
    reads = iter(left)
    watch = partial(watch_battery, rig.service, lambda: next(reads, EMPTY))
    assert live(rig, story, battery=watch) == 0
    return rig


@pytest.fixture
def _in_virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # It waits for no thread.
    monkeypatch.setattr(asyncio, "to_thread", in_this_thread)


@pytest.mark.usefixtures("_in_virtual_time")
def test_a_nearly_empty_battery_stops_a_moving_belt_once() -> None:
    async def story(rig: Rig) -> None:
        await rig.walk(300)
        await asyncio.sleep(400)
        assert rig.phase == "PAUSED"

    rig = lives_on_battery(
        story, EMPTY, Battery(7, discharging=True), None, Battery(6, discharging=False)
    )
    (host,) = rig.of("host")
    assert (host["t"], host["what"]) == (120_000, "battery")
    assert [one["t"] for one in rig.of("command", op="stop")] == [120_000]
    assert any("battery is nearly empty" in one["say"] for one in rig.of("alarm"))


@pytest.mark.usefixtures("_in_virtual_time")
def test_a_belt_that_is_resumed_on_such_a_battery_is_stopped_again_once_a_run() -> None:
    """However short the rest between was: the next run is seen as one."""

    async def story(rig: Rig) -> None:
        await asyncio.sleep(3)
        rig.service.operator("start")
        while len(rig.of("host")) < 3 and rig.service.clock() < 200_000:
            await asyncio.sleep(0.5)
            if rig.phase == "PAUSED":
                rig.service.operator("resume")
        await asyncio.sleep(200)

    rig = lives_on_battery(story)
    told = [one["t"] for one in rig.of("host")]
    stops = [one["t"] for one in rig.of("command", op="stop")]
    runs = [one["t"] for one in rig.of("phase", to="RUNNING")]
    assert told == stops, "each with its Stop"
    assert len(told) == len(runs) == 3
    assert all(stop - run <= LOOK_S * 1000 for run, stop in zip(runs, stops, strict=True))
    assert sum("nearly empty" in one["say"] for one in rig.of("alarm")) == 3, "and it is said"


@pytest.mark.usefixtures("_in_virtual_time")
@pytest.mark.parametrize("mode", ["guard", "shadow"])
def test_a_belt_that_goes_on_all_the_same_isnt_told_of_again(mode: Mode) -> None:
    """Deaf to the Stop, or in shadow, where none is sent: it is the same run still."""
    rig = Rig(mode=mode, faults=[Fault(Millis(20_000), Millis(600_000), "command", "off")])

    async def story(rig: Rig) -> None:
        assert isinstance(rig.treadmill, DirectTreadmill)
        await asyncio.sleep(3)
        rig.treadmill.console(start=True)
        await asyncio.sleep(200)
        assert rig.treadmill.measured_speed

    live(rig, story, battery=partial(watch_battery, rig.service, lambda: EMPTY))
    assert len(rig.of("host")) == 1


def test_the_battery_is_read_off_the_loop() -> None:
    rig = Rig(make=no_machine)
    threads: list[str] = []

    def read() -> None:
        threads.append(threading.current_thread().name)

    async def story() -> None:
        await asyncio.sleep(0.2)
        rig.service.stop("the story is over")

    async def go() -> int:
        watch = partial(watch_battery, rig.service, read)
        return await rig.service.run({"story": story, "battery": watch})

    assert asyncio.run(go()) == 0
    assert len(threads) == 1
    assert threads != [threading.main_thread().name]
