"""The machine's own buttons: a lowering is taken over, a raise is judged once and not fought."""

from __future__ import annotations

import itertools

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.policy import Profile
from treadguard.units import Grade, Millis, Speed


@pytest.mark.parametrize("announced", [True, False])
def test_a_console_lowering_becomes_wanted(announced: bool) -> None:
    rig = Rig().walking(600)
    since = rig.now
    rig.console(400, announced=announced)
    rig.run(30)
    assert rig.ops(since) == []
    assert rig.speed == 400
    rig.pain(1)
    rig.run(10)
    assert rig.speed == 360


@pytest.mark.parametrize("announced", [True, False])
def test_a_console_raise_within_the_limits_is_accepted(announced: bool) -> None:
    rig = Rig().walking(500)
    since = rig.now
    rig.console(700, announced=announced)
    rig.run(40)
    assert rig.ops(since) == []
    assert rig.speed == 700
    rig.pain(1)
    rig.run(10)
    assert rig.speed == 630


@pytest.mark.parametrize("announced", [True, False])
def test_a_console_raise_above_the_limit_is_corrected_once(announced: bool) -> None:
    rig = Rig(profile=Profile(speed_max=Speed(600))).walking(500)
    since = rig.now
    rig.console(800, announced=announced)
    rig.run(30)
    assert rig.speed == 600
    assert rig.stops(since) == []


@pytest.mark.parametrize("announced", [True, False])
def test_the_second_console_raise_above_the_limit_brings_an_alarm_and_a_stop(
    announced: bool,
) -> None:
    rig = Rig(profile=Profile(speed_max=Speed(600))).walking(500)
    rig.console(800, announced=announced)
    rig.run(30)
    since = rig.now
    rig.console(800, announced=announced)
    rig.run(8)
    assert len(rig.stops(since)) == 1
    assert rig.says(ev.Alarm, since)


def test_a_console_raise_against_a_back_off_is_corrected_once_and_then_stopped() -> None:
    rig = Rig().walking(600)
    rig.pain(3)
    rig.run(10)
    assert rig.speed == 500
    since = rig.now
    rig.console(600)
    rig.run(15)
    assert rig.speed == 500
    assert rig.stops(since) == []
    rig.console(600)
    rig.run(8)
    assert len(rig.stops(since)) == 1


def test_a_correction_of_the_console_falls_no_faster_than_a_back_off() -> None:
    rig = Rig().walking(500)
    rig.ask("ease")
    rig.run(5)
    since = rig.now
    rig.console(900)
    rig.run(30)
    assert rig.speed == 450
    values = [v for _, op, v in rig.commands(since) if op == "set_speed" and v is not None]
    assert all(a - b <= 60 for a, b in itertools.pairwise(values)), values


def test_a_quick_row_of_presses_above_the_limit_is_corrected_once() -> None:
    rig = Rig(profile=Profile(speed_max=Speed(600))).walking(500)
    since = rig.now
    for speed in (600, 700, 800):
        rig.console(speed)
        rig.run(0.25)
    rig.run(20)
    assert rig.stops(since) == []
    assert rig.speed == 600


def test_nothing_is_written_while_the_console_drives() -> None:
    rig = Rig().walking(600)
    rig.ask("speed", 900)
    rig.run(3.25)
    since = rig.now
    for speed in (600, 550, 500, 450):
        rig.console(speed)
        rig.run(0.5)
    rig.run(60)
    assert rig.ops(since) == []
    assert rig.speed == 450


def test_pain_while_the_console_drives_still_acts() -> None:
    rig = Rig().walking(600)
    rig.console(700)
    rig.run(0.5)
    since = rig.now
    rig.pain(6)
    assert rig.stops(since) == [since]


def test_a_console_raise_does_not_come_back_after_a_correction() -> None:
    """I13: nothing of the console is undone upward."""
    rig = Rig().walking(600)
    rig.console(400)
    rig.run(20)
    since = rig.now
    rig.run(60)
    rig.pain(0)
    rig.run(60)
    assert rig.ops(since) == []


def test_an_echo_of_our_own_write_is_no_console_press() -> None:
    rig = Rig().walking(600)
    since = rig.now
    rig.ask("speed", 700)
    for _ in range(8):
        value = rig.commands(since)[-1][2]
        rig.status(5, value)
        rig.run(1)
    assert rig.speed == 700


def test_a_machine_that_streams_its_falling_speed_while_stopping_is_no_console() -> None:
    """Urevo sends 05 with the belt's speed three times a second while it stops."""
    rig = Rig(stop_rate=50).walking(225)
    since = rig.now
    rig.pain(6)
    for _ in range(20):
        rig.run(0.25)
        rig.status(5, rig.speed)
    rig.run(10)
    assert rig.phase == "BREAK"
    assert len(rig.stops(since)) == 1
    assert rig.says(ev.Alarm, since) == []


def test_a_console_grade_within_the_limits_is_accepted() -> None:
    rig = Rig().walking(500)
    since = rig.now
    rig.grade_target = 30
    rig.status(6, 30)
    rig.run(30)
    assert rig.ops(since) == []
    assert rig.grade == 30


def test_a_console_grade_above_the_cap_is_corrected() -> None:
    rig = Rig(profile=Profile(grade_max=Grade(20))).walking(500)
    since = rig.now
    rig.grade_target = 60
    rig.status(6, 60)
    rig.run(60)
    assert rig.grade == 20
    assert rig.stops(since) == []


def test_a_corrected_incline_is_told_as_it_is_set() -> None:
    """A limit between two steps of the machine is no incline that it has."""
    rig = Rig(profile=Profile(grade_max=Grade(42))).walking(500)
    since = rig.now
    rig.grade_target = 60
    rig.run(60)
    assert ("set_incline", 40) in [(op, value) for _, op, value in rig.commands(since)]
    assert any("back to 4 %" in say for say in rig.says(ev.Cue, since))


@pytest.mark.parametrize(
    ("announced", "after"),
    [(True, 0.25), (True, 1), (True, 2), (True, 3), (False, 1.25), (False, 2), (False, 3)],
)
@pytest.mark.parametrize("level", [1, 4])
def test_a_back_off_never_undoes_a_console_lowering(
    level: int, after: float, announced: bool
) -> None:
    rig = Rig(accel=100).walking(700)
    rig.console(300, announced=announced)
    rig.run(after)
    since = rig.now
    rig.pain(level)
    slowest = rig.speed
    for _ in range(80):
        rig.run(0.25)
        assert rig.speed <= slowest
        slowest = rig.speed
    written = [value for _, op, value in rig.commands(since) if op == "set_speed" and value]
    assert all(value <= 300 for value in written)
    assert rig.speed <= 300


def test_a_back_off_that_the_console_lowering_falls_short_of_follows_it() -> None:
    rig = Rig(accel=100).walking(700)
    rig.console(680, announced=False)
    rig.run(2)
    rig.pain(4)
    rig.run(12)
    assert rig.speed == 540  # 20 % below 6.8


def test_the_guard_sets_no_speed_while_the_belt_outruns_its_own_lowering() -> None:
    rig = Rig(accel=100).walking(600)
    rig.ask("speed", 300)
    rig.run(1.25)
    rig.target = 0  # the console's Stop, unannounced: the belt falls faster than it was told to
    rig.accel = 200
    rig.run(0.75)
    since = rig.now
    rig.run(6)
    assert rig.speed == 0
    assert "set_speed" not in rig.ops(since)


def test_a_back_off_waits_for_a_deck_that_the_console_lowers() -> None:
    rig = Rig(grade_rate=4).walking(500, grade=80)
    rig.grade_target = 20
    rig.run(3)
    since = rig.now
    rig.pain(1)
    rig.run(25)
    assert all(value <= 20 for _, op, value in rig.commands(since) if op == "set_incline" and value)
    assert rig.grade <= 20


def test_a_lowering_written_blind_goes_no_higher_than_what_was_last_seen() -> None:
    rig = Rig(accel=200).walking(500)
    rig.ask("speed", 100)
    rig.run(1.25)
    rig.telemetry = False
    rig.feed(ev.Telemetry(Millis(rig.now), Speed(250), Grade(0)))
    since = rig.now
    rig.run(4.5)
    assert all(v <= 250 for _, op, v in rig.commands(since) if op == "set_speed" and v)


def test_a_raise_asked_for_while_the_console_drives_waits_for_its_hand() -> None:
    rig = Rig(accel=100).walking(200)
    rig.console(600)
    rig.run(2)
    since = rig.now
    rig.ask("speed", 800)
    rig.run(15)
    assert "set_speed" not in rig.ops(since)
    assert any("ask again" in say for say in rig.says(ev.Cue, since))
    assert rig.speed == 600


def test_a_lowering_asked_for_while_the_console_drives_starts_from_the_belt() -> None:
    rig = Rig(accel=100).walking(200)
    rig.console(600)
    rig.run(3)
    since = rig.now
    seen = rig.state.measured.speed or 0
    rig.ask("speed", 300)
    rig.run(15)
    written = [v for _, op, v in rig.commands(since) if op == "set_speed" and v]
    assert seen > 400
    assert all(v >= 300 for v in written)
    assert written[0] >= seen - 60
    assert rig.speed == 300


def test_a_start_begins_anew_whatever_stop_was_followed_before() -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    rig.ask("stop")
    rig.feed(ev.Veto(Millis(rig.now), "stop", "The belt is standing."))
    rig.ask("start")
    rig.run(20)
    assert rig.phase == "RUNNING"
    assert rig.says(ev.Alarm) == []


def test_a_second_quick_key_above_the_limit_is_stopped_within_two_samples() -> None:
    rig = Rig(shows_target=True, accel=50, profile=Profile(speed_max=Speed(600))).walking(300)
    rig.console(900, announced=False)
    rig.run(30)
    assert rig.speed == 600
    since = rig.now
    rig.console(1200, announced=False)
    rig.run(2.25)
    assert rig.stops(since) != []
    assert any("went up again" in say for say in rig.says(ev.Alarm, since))


def test_a_lowering_below_what_was_told_is_obeyed_however_the_speed_leaps() -> None:
    rig = Rig().walking(400)
    rig.console(700)
    rig.run(1)
    rig.telemetry = False
    rig.feed(ev.Telemetry(Millis(rig.now), Speed(1900), Grade(0)))
    assert rig.state.speed_seen.doubtful
    assert rig.state.console.driving
    since = rig.now
    rig.ask("speed", 200)
    rig.run(2)
    written = [v for _, op, v in rig.commands(since) if op == "set_speed" and v]
    assert written
    assert all(v <= 400 for v in written)
