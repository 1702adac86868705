"""A belt that was started at its console: adopted, held against a break, or left alone."""

from __future__ import annotations

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept


@pytest.mark.parametrize("announced", [True, False])
def test_ready_adopts_a_console_start(announced: bool) -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    rig.console_start(announced=announced)
    rig.run(30)
    assert rig.phase == "RUNNING"
    assert rig.ops() == []
    assert rig.speed == 100


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("accel", [25, 100, 400])
def test_a_console_start_is_adopted_at_the_speed_it_ramps_to(accel: int, announced: bool) -> None:
    rig = Rig(restart=500, accel=accel)
    rig.connect()
    rig.run(5)
    rig.console_start(announced=announced)
    rig.run(60)
    assert rig.ops() == []
    assert rig.speed == 500
    rig.pain(1)
    rig.run(10)
    assert rig.speed == 450


@pytest.mark.parametrize("after", [0.25, 1, 2, 4, 8])
def test_an_unannounced_press_right_after_a_console_start_is_accepted(after: float) -> None:
    rig = Rig(accel=400)
    rig.connect()
    rig.run(5)
    rig.console_start()
    rig.run(3.25 + after)
    rig.console(540, announced=False)
    rig.run(30)
    assert rig.ops() == []
    assert rig.speed == 540


def test_the_first_run_adopts_a_moving_belt() -> None:
    rig = Rig(speed=450, target=450)
    rig.connect()
    rig.run(60)
    assert rig.phase == "RUNNING"
    assert rig.ops() == []
    rig.pain(1)
    rig.run(10)
    assert rig.speed == 400  # 4.05


def resting() -> Rig:
    rig = Rig().walking(600)
    rig.pain(6)
    rig.run(15)
    assert rig.phase == "BREAK"
    return rig


@pytest.mark.parametrize("announced", [True, False])
def test_a_console_start_in_a_break_is_stopped_once_with_an_alarm(announced: bool) -> None:
    rig = resting()
    since = rig.now
    rig.console_start(announced=announced)
    rig.run(30)
    assert len(rig.stops(since)) == 1
    assert rig.says(ev.Alarm, since)
    assert rig.speed == 0
    assert rig.phase == "BREAK"
    assert kept(rig.state).triggers == 1


def test_a_console_start_counts_as_the_consent_once_the_conditions_hold() -> None:
    rig = resting()
    rig.run(125)
    rig.pain(1)
    rig.run(5)
    since = rig.now
    rig.console_start()
    rig.run(30)
    assert rig.stops(since) == []
    assert rig.phase == "RUNNING"
    assert rig.limit.speed == 360


def test_without_a_rating_the_conditions_do_not_hold() -> None:
    rig = resting()
    rig.run(125)
    since = rig.now
    rig.console_start()
    rig.run(15)
    assert len(rig.stops(since)) == 1


@pytest.mark.parametrize("announced", [True, False])
def test_the_third_console_start_against_a_break_ends_the_session(announced: bool) -> None:
    rig = resting()
    for n in (1, 2):
        rig.console_start(announced=announced)
        rig.run(25)
        assert rig.phase == "BREAK", n
    rig.console_start(announced=announced)
    rig.run(25)
    assert rig.phase == "ENDED"
    assert rig.speed == 0


def test_in_ended_a_console_start_gets_one_stop_and_an_alarm() -> None:
    rig = Rig().walking(600)
    rig.pain(8)
    rig.run(20)
    assert rig.phase == "ENDED"
    since = rig.now
    rig.console_start()
    rig.run(25)
    assert len(rig.stops(since)) == 1
    assert rig.says(ev.Alarm, since)
    assert rig.speed == 0


def test_in_ended_a_second_console_start_is_left_alone() -> None:
    rig = Rig().walking(600)
    rig.pain(8)
    rig.run(20)
    rig.console_start()
    rig.run(25)
    since = rig.now
    rig.console_start()
    rig.run(60)
    assert rig.ops(since) == []
    assert rig.speed == 100


def test_a_paused_belt_started_at_the_console_runs() -> None:
    rig = Rig().walking(600)
    rig.ask("stop")
    rig.run(15)
    since = rig.now
    rig.console_start()
    rig.run(20)
    assert rig.stops(since) == []
    assert rig.phase == "RUNNING"
