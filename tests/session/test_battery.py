"""The computer's battery: what is read, and what a nearly empty one does to a session."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.session.rig import Rig, live, no_machine

from treadguard.session.battery import Battery, battery, watch_battery


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


def test_a_nearly_empty_battery_stops_a_moving_belt_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # Virtual time waits for no thread.
    monkeypatch.setattr(asyncio, "to_thread", in_this_thread)
    rig = Rig()
    empty = Battery(6, discharging=True)
    left = iter([empty, Battery(7, discharging=True), None, Battery(6, discharging=False)])

    async def story(rig: Rig) -> None:
        await rig.walk(300)
        await asyncio.sleep(100)
        rig.service.operator("resume")
        await asyncio.sleep(60)
        assert rig.phase == "RUNNING", "the runner was told, and goes on"

    assert (
        live(rig, story, battery=partial(watch_battery, rig.service, lambda: next(left, empty)))
        == 0
    )
    (host,) = rig.of("host")
    assert (host["t"], host["what"]) == (120_000, "battery")
    assert rig.of("command", op="stop")[0]["t"] == 120_000
    assert any("battery is nearly empty" in one["say"] for one in rig.of("alarm"))


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
