"""Stops that nobody here asked for: the console, the machine itself, the safety key."""

from __future__ import annotations

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept
from treadguard.units import Grade, Millis, Speed


def test_a_console_stop_is_a_pause() -> None:
    rig = Rig().walking(600)
    since = rig.now
    rig.console_stop()
    rig.run(30)
    assert rig.phase == "PAUSED"
    assert rig.ops(since) == []
    assert kept(rig.state).triggers == 0


def test_an_unexplained_fall_to_zero_is_a_pause_by_the_machine() -> None:
    rig = Rig().walking(600)
    since = rig.now
    rig.target, rig.stop_rate = 0, 400
    rig.run(30)
    assert rig.phase == "PAUSED"
    assert rig.ops(since) == []


def test_one_zero_is_no_pause() -> None:
    rig = Rig().walking(600)
    since = rig.now
    rig.run(0.5)
    rig.feed(ev.Telemetry(Millis(rig.now), Speed(0), Grade(0)))
    rig.run(20)
    assert rig.phase == "RUNNING"
    assert rig.ops(since) == []


def test_after_a_pause_by_the_machine_nothing_resumes_by_itself() -> None:
    rig = Rig().walking(600)
    rig.console_stop()
    rig.run(20)
    since = rig.now
    rig.run(300)
    assert rig.ops(since) == []
    rig.ask("resume")
    rig.run(20)
    assert rig.phase == "RUNNING"
    assert rig.speed == 100


def test_the_safety_key_ends_the_session() -> None:
    rig = Rig().walking(600)
    since = rig.now
    rig.target, rig.stop_rate = 0, 800
    rig.status(3)
    rig.run(20)
    assert rig.phase == "ENDED"
    rig.ask("resume")
    rig.ask("start")
    rig.run(20)
    assert "start" not in rig.ops(since)


@pytest.mark.parametrize("state", ["ready", "starting", "break", "paused"])
def test_the_safety_key_ends_the_session_from_any_phase(state: str) -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    if state == "starting":
        rig.ask("start")
        rig.run(1)
    elif state != "ready":
        rig = Rig().walking(400)
        if state == "break":
            rig.pain(6)
        else:
            rig.ask("stop")
        rig.run(15)
    rig.target, rig.starts_at = 0, None
    rig.status(3)
    rig.run(15)
    assert rig.phase == "ENDED"


def pulled(rig: Rig, since: int) -> int:
    """How often the pulled key was said."""
    return sum("key pulled" in say for say in rig.says(ev.Alarm, since))


def test_a_pulled_key_is_said_once_however_often_the_machine_says_it() -> None:
    rig = Rig().walking(600)
    rig.pain(8)
    since = rig.now
    for _ in range(3):
        rig.status(3)
        rig.run(1)
    assert pulled(rig, since) == 1
    rig.run(20)
    rig.console_start()
    rig.status(3)
    assert pulled(rig, since) == 2


def test_a_key_pulled_during_our_stop_leaves_no_stop_owed() -> None:
    """A Stop into silence could start a machine that toggles, once the key is back."""
    rig = Rig().walking(600)
    rig.ask("stop")
    rig.run(1)
    rig.status(3)
    rig.telemetry = False
    rig.drop()
    rig.run(3)
    since = rig.now
    rig.back()
    rig.run(20)
    assert rig.stops(since) == []


def test_nothing_is_written_to_a_belt_that_says_it_is_stopping() -> None:
    """Stopped at its console while our own lowering was under way: the runner's hand goes first."""
    rig = Rig(stop_rate=50, accel=50).walking(480)
    rig.ask("speed", 150)
    rig.run(0.5)
    rig.console_stop(announced=False)
    rig.training(0x0F)
    since = rig.now
    rig.run(20)
    assert rig.ops(since) == []
    assert rig.phase == "PAUSED"


def test_a_belt_that_says_so_and_runs_on_gets_its_stop() -> None:
    rig = Rig().walking(480)
    rig.training(0x0F)
    since = rig.now
    rig.run(20)
    assert "stop" in rig.ops(since)
    assert rig.phase == "PAUSED"
