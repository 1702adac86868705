"""A belt that goes the wrong way: up after a lowering, or past what a raise asked for."""

from __future__ import annotations

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.units import Grade, Millis, Speed

MPH = (1609, 1000)


def shown(rig: Rig, *speeds: int) -> None:
    """Samples a second apart, whatever the belt does."""
    for speed in speeds:
        rig.now += 1_000
        rig.feed(ev.Telemetry(Millis(rig.now), Speed(speed), Grade(0)))
        rig.feed(ev.Tick(Millis(rig.now)))


def held(speed: int = 600) -> Rig:
    """A belt at `speed` whose samples the test writes by hand."""
    rig = Rig().walking(speed)
    rig.telemetry = False
    return rig


def test_a_lowering_taken_for_mph_stops_the_belt() -> None:
    rig = Rig(speed=600, target=600, ratio=MPH)
    rig.connect()
    rig.run(10)
    since = rig.now
    rig.pain(1)
    rig.run(4)
    assert len(rig.stops(since)) >= 1
    assert rig.says(ev.Alarm, since)
    rig.run(15)
    assert rig.speed == 0
    assert rig.phase in ("PAUSED", "BREAK", "FAULT", "ENDED")


def test_a_raise_taken_for_mph_stops_the_belt() -> None:
    rig = Rig(ratio=MPH)
    rig.connect()
    rig.run(5)
    rig.ask("start")
    rig.run(15)
    since = rig.now
    rig.ask("speed", 300)
    rig.run(8)
    assert len(rig.stops(since)) >= 1
    rig.run(15)
    assert rig.speed == 0


def test_after_a_lowering_two_samples_above_by_more_than_a_step_stop() -> None:
    rig = held()
    rig.pain(1)  # 550 goes out, 540 is the target
    since = rig.now
    shown(rig, 611)
    assert rig.stops(since) == []
    shown(rig, 611)
    assert len(rig.stops(since)) == 1


def test_after_a_lowering_one_step_above_is_noise() -> None:
    rig = held()
    since = rig.now
    rig.pain(1)
    shown(rig, 610, 610)
    assert rig.stops(since) == []


def test_after_a_lowering_one_high_sample_is_noise() -> None:
    rig = held()
    since = rig.now
    rig.pain(1)
    shown(rig, 640, 560, 540)
    assert rig.stops(since) == []


def test_after_a_raise_two_samples_above_the_command_by_more_than_a_step_stop() -> None:
    rig = held()
    since = rig.now
    rig.ask("speed", 700)  # 620 goes out at once
    assert rig.commands(since) == [(since, "set_speed", 620)]
    shown(rig, 720, 780)
    assert len(rig.stops(since)) == 1


def test_after_a_raise_a_console_change_explains_the_speed() -> None:
    rig = Rig().walking(500)
    since = rig.now
    rig.ask("speed", 520)
    rig.run(2)
    rig.console(600)
    rig.run(20)
    assert rig.stops(since) == []
    assert rig.speed == 600


def test_after_a_stop_the_motor_may_show_a_higher_speed_for_three_seconds() -> None:
    """CITYSPORTS shows 1.00 -> 1.60 when Stop is pressed: it then starts to show the motor."""
    rig = Rig().walking(300)
    rig.telemetry = False
    since = rig.now
    rig.ask("stop")
    shown(rig, 360, 360)
    assert len(rig.stops(since)) == 1
    assert rig.says(ev.Alarm, since) == []
    shown(rig, 280, 200, 120, 60, 0, 0)
    assert len(rig.stops(since)) == 1
    assert rig.phase == "PAUSED"


def test_wrong_way_is_not_judged_at_the_first_motion_after_a_start() -> None:
    rig = Rig(restart=225, accel=1_000)
    rig.connect()
    rig.run(3)
    rig.ask("start")
    since = rig.now
    rig.run(20)
    assert rig.stops(since) == []


def test_a_lowering_in_mid_ramp_starts_from_the_lower_of_measured_and_commanded() -> None:
    rig = Rig().walking(300)
    rig.accel = 10
    rig.ask("speed", 800)
    rig.run(5.5)
    commanded = rig.commands()[-1][2]
    measured = rig.state.measured.speed
    assert commanded is not None
    assert measured is not None
    assert measured < commanded
    since = rig.now
    rig.pain(1)
    first = rig.commands(since)[0]
    assert first[1] == "set_speed"
    assert first[2] is not None
    assert first[2] <= measured


@pytest.mark.parametrize("level", [1, 4])
def test_noise_within_a_step_is_never_the_wrong_way(level: int) -> None:
    rig = Rig(noise=9, period=250).walking()
    since = rig.now
    rig.pain(level)
    rig.run(60)
    assert rig.stops(since) == []
