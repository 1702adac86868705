"""Time that was lost, and a computer that leaves: nothing goes up, no belt runs on alone."""

from __future__ import annotations

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept
from treadguard.guard.policy import Profile
from treadguard.units import Millis


def loses(rig: Rig, ms: int, *, slept: bool) -> list[ev.Output]:
    """The guard doesn't run for so long, while the belt does; then it hears of it."""
    rig.now += ms
    return rig.feed(ev.Clock(Millis(rig.now), Millis(ms), slept))


@pytest.mark.parametrize("slept", [True, False])
def test_a_raise_under_way_ends_with_lost_time(slept: bool) -> None:
    rig = Rig().walking(400)
    rig.ask("speed", 800)
    rig.run(3)
    since = rig.now
    loses(rig, 1_250, slept=slept)
    rig.run(20)
    assert all(value <= 500 for _, op, value in rig.commands(since) if op == "set_speed" and value)
    assert rig.speed <= 500


@pytest.mark.parametrize("slept", [True, False])
def test_a_consent_from_before_is_worth_nothing_after(slept: bool) -> None:
    rig = Rig().walking(400)
    rig.consent("speed", 500)
    loses(rig, 1_250, slept=slept)
    rig.run(2)
    since = rig.now
    rig.feed(ev.Operator(Millis(rig.now), "speed", 500))
    rig.run(5)
    assert "set_speed" not in rig.ops(since)


def test_nothing_is_raised_after_a_stall_until_a_newer_speed_is_seen() -> None:
    rig = Rig().walking(400)
    rig.telemetry = False
    loses(rig, 1_250, slept=False)
    assert not rig.limit.may_raise
    assert "held up" in rig.limit.why
    rig.sample()
    rig.now += 249
    rig.sample()
    assert not rig.limit.may_raise  # they may have lain in the socket all the while
    rig.now += 1
    rig.sample()
    assert rig.limit.may_raise
    assert rig.phase == "RUNNING"


def test_a_stall_that_no_newer_speed_explains_stops_the_belt_within_three_seconds() -> None:
    rig = Rig().walking(400)
    rig.telemetry = False
    loses(rig, 1_250, slept=False)
    since = rig.now
    rig.run(2.75)
    assert rig.stops(since) == []
    rig.run(0.25)
    assert len(rig.stops(since)) == 1
    assert any("held up" in say for say in rig.says(ev.Alarm, since))


def test_a_stall_beside_a_standing_belt_means_nothing() -> None:
    rig = Rig()
    rig.connect()
    rig.run(3)
    loses(rig, 2_000, slept=False)
    rig.run(5)
    assert rig.phase == "READY"
    assert rig.ops(rig.now - 5_000) == []


@pytest.mark.parametrize("ms", [1_250, 4_000, 60_000, 3_600_000])
def test_a_suspend_beside_a_moving_belt_stops_it_at_once_with_an_alarm(ms: int) -> None:
    rig = Rig().walking(400)
    out = loses(rig, ms, slept=True)
    assert any(isinstance(o, ev.Command) and o.op == "stop" for o in out)
    assert any(isinstance(o, ev.Alarm) for o in out)
    rig.run(20)
    assert rig.phase == "PAUSED"
    assert rig.state.breaks.triggers == 0


def test_a_suspend_of_a_second_is_only_lost_time() -> None:
    rig = Rig().walking(400)
    loses(rig, 1_000, slept=True)
    since = rig.now
    rig.run(10)
    assert rig.stops(since) == []


def test_after_a_suspend_without_a_link_the_stop_is_owed() -> None:
    rig = Rig().walking(400)
    rig.drop()
    loses(rig, 40_000, slept=True)
    assert kept(rig.state).owed_stop
    since = rig.now
    rig.back()
    rig.run(6)
    assert rig.stops(since) != []


def test_a_suspend_in_a_break_changes_nothing_but_the_time() -> None:
    rig = Rig().walking(600)
    rig.pain(6)
    rig.run(30)
    assert rig.phase == "BREAK"
    since = rig.now
    loses(rig, 20_000, slept=True)
    rig.run(5)
    assert rig.phase == "BREAK"
    assert rig.ops(since) == []


@pytest.mark.parametrize("what", ["sleep", "battery"])
def test_a_computer_that_leaves_stops_the_belt_first(what: ev.HostWhat) -> None:
    rig = Rig().walking(600)
    out = rig.feed(ev.Host(Millis(rig.now), what))
    assert [o.op for o in out if isinstance(o, ev.Command)] == ["stop"]
    assert any(isinstance(o, ev.Alarm) for o in out)
    rig.run(20)
    assert rig.phase == "PAUSED"
    assert rig.state.breaks.triggers == 0


@pytest.mark.parametrize("what", ["sleep", "battery"])
def test_a_computer_that_leaves_a_standing_belt_sends_nothing(what: ev.HostWhat) -> None:
    rig = Rig()
    rig.connect()
    rig.run(3)
    assert rig.feed(ev.Host(Millis(rig.now), what)) == []


@pytest.mark.parametrize("event", ["slept", "sleep", "battery"])
def test_in_shadow_nothing_is_sent_and_the_alarm_is_raised(event: str) -> None:
    rig = Rig(mode="shadow", profile=Profile())
    rig.connect()
    rig.console_start()
    rig.run(10)
    since = rig.now
    if event == "slept":
        out = loses(rig, 30_000, slept=True)
    else:
        what: ev.HostWhat = "sleep" if event == "sleep" else "battery"
        out = rig.feed(ev.Host(Millis(rig.now), what))
    assert any(isinstance(o, ev.Alarm) for o in out)
    rig.run(10)
    assert all(o.shadow for t, o in rig.log if t >= since and isinstance(o, ev.Command))


def test_the_time_before_a_late_event_raises_nothing_and_comes_after_no_speed() -> None:
    rig = Rig().walking(400)
    rig.ask("speed", 800)
    rig.run(3)
    rig.now += 1_250
    since = rig.now
    rig.pain(6)
    assert rig.ops(since) == ["stop"]


def test_a_late_tick_ends_a_raise_under_way() -> None:
    rig = Rig().walking(400)
    rig.ask("speed", 800)
    rig.run(3)
    since = rig.now
    rig.now += 1_250
    rig.feed(ev.Tick(Millis(rig.now)))
    rig.now -= 250  # back on the rig's own beat
    rig.run(10)
    assert all(value <= 500 for _, op, value in rig.commands(since) if op == "set_speed" and value)


@pytest.mark.parametrize("held", [None, "stop"])
def test_a_stall_in_the_countdown_that_nothing_explains_stops_the_start(held: str | None) -> None:
    """I12: also where an older reason to rest is waiting for the start."""
    rig = Rig()
    rig.connect()
    rig.run(5)
    if held is not None:
        rig = Rig().walking(400)
        rig.ask("stop")
        rig.run(15)
    rig.ask("start" if held is None else "resume")
    rig.run(1)
    assert rig.phase == "STARTING"
    rig.telemetry = False
    loses(rig, 750, slept=False)
    since = rig.now
    rig.run(2.75)
    assert rig.stops(since) == []
    rig.run(0.25)
    assert len(rig.stops(since)) == 1
    assert any("held up" in say for say in rig.says(ev.Alarm, since))
