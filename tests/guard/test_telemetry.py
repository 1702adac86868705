"""The age of the speed and the link: what is too old to raise on, and when the belt is lost."""

from __future__ import annotations

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept
from treadguard.units import Grade, Millis, Speed


def silent(rig: Rig, how: str) -> None:
    if how == "nothing":
        rig.telemetry = False
    else:
        rig.blank = True


SILENCES = ["nothing", "records without a speed"]


@pytest.mark.parametrize("how", SILENCES)
def test_three_seconds_without_a_speed_allow_no_raise(how: str) -> None:
    rig = Rig().walking()
    silent(rig, how)
    rig.run(2.75)
    assert rig.limit.may_raise
    rig.run(0.25)
    assert not rig.limit.may_raise
    since = rig.now
    rig.ask("speed", 700)
    rig.run(1)
    assert rig.commands(since) == []


@pytest.mark.parametrize("how", SILENCES)
def test_five_seconds_without_a_speed_stop_with_an_alarm(how: str) -> None:
    rig = Rig().walking()
    last = rig.now
    silent(rig, how)
    rig.run(4.75)
    assert rig.stops(last) == []
    rig.run(0.25)
    assert rig.stops(last) == [last + 5_000]
    assert rig.phase == "LOST"
    assert "key" in " ".join(rig.says(ev.Alarm, last)).lower()


def test_a_raise_under_way_ends_for_good_when_the_speed_goes_stale() -> None:
    rig = Rig().walking(300)
    rig.ask("speed", 800)
    rig.run(3)
    rig.telemetry = False
    rig.run(3.25)
    since = rig.now
    rig.telemetry = True
    rig.run(60)
    assert all(value is None or value <= rig.target for _, _, value in rig.commands(since))
    assert rig.ops(since) == []
    assert rig.speed < 700


def test_while_lost_no_stop_is_repeated_against_silence() -> None:
    """I6: a Stop is repeated only against fresh telemetry that shows motion."""
    rig = Rig().walking()
    since = rig.now
    rig.telemetry = False
    rig.run(60)
    assert len(rig.stops(since)) == 1


def test_a_belt_seen_at_zero_again_is_no_longer_lost() -> None:
    rig = Rig().walking()
    rig.telemetry = False
    rig.run(12)
    rig.telemetry = True
    rig.run(4)
    assert rig.phase != "LOST"
    since = rig.now
    rig.run(60)
    assert rig.ops(since) == []


def test_silence_of_a_standing_belt_stops_nothing() -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    rig.telemetry = False
    rig.run(30)
    assert rig.stops() == []


def test_a_start_is_not_given_on_stale_telemetry() -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    rig.telemetry = False
    rig.run(4)
    rig.ask("start")
    rig.run(2)
    assert rig.ops() == []


def test_pain_stops_without_any_telemetry() -> None:
    rig = Rig().walking()
    rig.telemetry = False
    rig.run(4)
    since = rig.now
    rig.pain(6)
    assert rig.stops(since) == [since]


@pytest.mark.parametrize("period", [250, 500, 2_000])
def test_other_rates_of_telemetry_work_as_well(period: int) -> None:
    rig = Rig(period=period).walking()
    assert rig.speed == 600
    since = rig.now
    rig.pain(3)
    rig.run(15)
    assert rig.speed == 500
    assert rig.stops(since) == []
    rig.pain(6)
    rig.run(20)
    assert rig.phase == "BREAK"
    assert len(rig.stops(since)) == 1
    assert rig.says(ev.Alarm) == []


def test_jitter_and_noise_raise_no_alarm() -> None:
    rig = Rig(period=1_000, jitter=750, noise=8).walking()
    since = rig.now
    rig.pain(3)
    rig.run(100)
    assert 480 <= rig.speed <= 500
    assert rig.stops(since) == []
    assert rig.says(ev.Alarm) == []


# ---------------------------------------------------------------- the link


def test_a_lost_link_while_moving_is_an_alarm_within_a_second() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.drop()
    rig.run(1)
    said = " ".join(rig.says(ev.Alarm, since)).lower()
    assert "key" in said
    assert "console" in said
    assert rig.phase == "LOST"
    assert rig.ops(since) == []


def test_a_lost_link_of_a_standing_belt_is_no_alarm() -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    rig.drop()
    rig.run(5)
    assert rig.phase == "OFF"
    assert rig.says(ev.Alarm) == []


@pytest.mark.parametrize("gap", [2, 10, 28])
def test_after_a_short_gap_nothing_is_sent(gap: int) -> None:
    rig = Rig().walking()
    since = rig.now
    rig.drop()
    rig.run(gap)
    rig.back()
    rig.run(30)
    assert rig.ops(since) == []
    assert rig.phase == "RUNNING"
    assert rig.speed == 600


def test_after_a_gap_over_thirty_seconds_a_moving_belt_is_stopped() -> None:
    rig = Rig().walking()
    rig.drop()
    rig.run(32)
    rig.back()
    back = rig.now
    rig.run(1.25)
    assert len(rig.stops(back)) == 1
    rig.run(15)
    assert rig.speed == 0


def test_after_a_long_gap_silence_sends_the_stop_after_a_second_and_a_half() -> None:
    rig = Rig().walking()
    rig.drop()
    rig.run(32)
    rig.telemetry = False
    rig.back()
    back = rig.now
    rig.run(1.25)
    assert rig.stops(back) == []
    rig.run(0.5)
    assert rig.stops(back) == [back + 1_500]


def test_after_a_long_gap_a_standing_belt_gets_no_stop() -> None:
    rig = Rig(toggles=True).walking()
    rig.drop()
    rig.target = 0
    rig.run(40)
    rig.back()
    back = rig.now
    rig.run(30)
    assert rig.ops(back) == []
    assert rig.speed == 0


def test_one_zero_and_then_silence_sends_the_stop_two_seconds_later() -> None:
    rig = Rig().walking()
    rig.drop()
    rig.run(32)
    rig.telemetry = False
    rig.back()
    back = rig.now
    rig.run(0.5)
    rig.feed(ev.Telemetry(Millis(rig.now), Speed(5), Grade(0)))
    rig.run(1.75)
    assert rig.stops(back) == []
    rig.run(0.5)
    assert len(rig.stops(back)) == 1
    assert rig.stops(back)[0] == back + 2_500


def test_one_zero_and_then_motion_sends_the_stop_at_once() -> None:
    rig = Rig().walking()
    rig.drop()
    rig.run(32)
    rig.telemetry = False
    rig.back()
    back = rig.now
    rig.run(0.5)
    rig.feed(ev.Telemetry(Millis(rig.now), Speed(5), Grade(0)))
    rig.run(0.5)
    rig.feed(ev.Telemetry(Millis(rig.now), Speed(300), Grade(0)))
    assert rig.stops(back) == [rig.now]


def test_pain_while_the_link_is_down_owes_a_stop() -> None:
    rig = Rig().walking()
    rig.drop()
    rig.run(3)
    since = rig.now
    rig.pain(6)
    rig.run(5)
    assert kept(rig.state).owed_stop
    rig.back()
    rig.run(1.25)
    assert len(rig.stops(since)) == 1
    rig.run(15)
    assert rig.phase == "BREAK"


def test_a_stop_asked_for_while_the_link_is_down_is_owed() -> None:
    rig = Rig().walking()
    rig.drop()
    rig.run(3)
    since = rig.now
    rig.ask("stop")
    rig.run(3)
    rig.back()
    rig.run(1.25)
    assert len(rig.stops(since)) == 1


def test_a_stop_that_was_not_confirmed_before_the_drop_is_owed() -> None:
    rig = Rig(deaf=frozenset({"stop"})).walking()
    rig.pain(6)
    rig.run(0.5)
    rig.drop()
    rig.deaf = frozenset()
    rig.run(3)
    rig.back()
    back = rig.now
    rig.run(1.25)
    assert len(rig.stops(back)) == 1


def test_a_reconnect_moves_nothing_up_and_starts_nothing() -> None:
    rig = Rig().walking()
    rig.ask("speed", 900)
    rig.run(4)
    rig.drop()
    rig.run(3)
    rig.back()
    back = rig.now
    rig.run(60)
    assert rig.ops(back) == []


def test_a_back_off_while_the_link_is_down_goes_out_on_return() -> None:
    rig = Rig().walking()
    rig.drop()
    rig.run(3)
    rig.pain(3)
    rig.run(3)
    rig.back()
    rig.run(10)
    assert rig.speed == 500


def test_a_consent_of_the_old_connection_is_worth_nothing() -> None:
    rig = Rig().walking()
    old = rig.state.generation
    rig.drop()
    rig.run(2)
    rig.back()
    rig.run(3)
    since = rig.now
    late = Millis(rig.now + 10_000)
    rig.feed(ev.Consent(Millis(rig.now), "old", "speed", 700, late, old))
    rig.feed(ev.Operator(Millis(rig.now), "speed", 700))
    rig.run(10)
    assert rig.ops(since) == []


def test_a_belt_that_stopped_during_the_gap_is_paused_or_ready() -> None:
    rig = Rig().walking()
    rig.drop()
    rig.target = 0
    rig.run(15)
    rig.back()
    rig.run(5)
    assert rig.phase in ("PAUSED", "READY")


def test_control_is_asked_for_again_after_each_reconnect() -> None:
    rig = Rig().walking()
    rig.drop()
    rig.run(2)
    n = len(rig.log)
    rig.back()
    assert any(isinstance(o, ev.Command) and o.op == "request_control" for _, o in rig.log[n:])


@pytest.mark.parametrize("generation", [1, 7])
def test_connecting_alone_sends_no_motion_command(generation: int) -> None:
    rig = Rig()
    rig.connect(generation)
    rig.run(120)
    assert rig.ops() == []


def test_a_sample_after_a_gap_cannot_hide_that_nobody_looked() -> None:
    """The process was frozen for 7 s: the first thing it hears is a fresh sample."""
    rig = Rig().walking(600)
    since = rig.now
    rig.now += 7_000
    rig.sample()
    assert rig.stops(since) == [rig.now]
    assert "LOST" in rig.phases()
    assert rig.says(ev.Alarm, since)
