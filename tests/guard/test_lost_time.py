"""Lost time and a leaving computer, one act at a time; the histories are in test_host.py."""

from __future__ import annotations

from typing import get_args

import pytest
from tests.guard.bare import NOW, STANDING, alarms, before, commands, ops, seen, turn

from treadguard.guard import events as ev
from treadguard.guard.acts import KEY_FIRST
from treadguard.guard.belt import Measured
from treadguard.guard.host import explained, leaves, lost_time
from treadguard.guard.ramp import Axis
from treadguard.guard.step import step
from treadguard.units import Millis, Speed

MOVING: tuple[ev.PhaseName, ...] = ("STARTING", "RUNNING", "STOPPING", "LOST")
PHASES: tuple[ev.PhaseName, ...] = get_args(ev.PhaseName)
CONSENT = ev.Consent(NOW, "c1", "speed", 800, Millis(NOW + 9_000), 1)


def clock(lost: int, *, slept: bool) -> ev.Clock:
    return ev.Clock(NOW, Millis(lost), slept)


# ---------------------------------------------------------------- lost time


@pytest.mark.parametrize("slept", [True, False])
def test_no_raise_and_no_leave_to_raise_outlives_lost_time(slept: bool) -> None:
    t = turn(
        consents=(CONSENT,),
        speed=Axis(wanted=800, setpoint=600, grant=800, ramp_to=800, told=600),
        grade=Axis(wanted=40, setpoint=20, grant=40, ramp_to=40, told=20),
    )
    lost_time(t, clock(400, slept=slept))
    assert t.s.consents == ()
    assert (t.s.speed.grant, t.s.speed.wanted) == (None, 600)
    assert (t.s.grade.grant, t.s.grade.wanted) == (None, 20)
    assert t.s.held_up == NOW
    assert t.out == []


def test_a_lowering_does_not_make_up_for_the_time_that_was_lost() -> None:
    """I3: the belt falls no faster than a back-off, whatever the guard has missed."""
    lowering = Axis(
        wanted=200,
        setpoint=900,
        ramp_to=200,
        ramp_from=950,
        ramp_t=before(5_000),
        wrote=before(4_500),
        fell=True,
        told=900,
    )
    t = turn(speed=lowering, measured=seen(900))
    _, out = step(t.s, clock(4_000, slept=False))
    assert [(o.op, o.value) for o in out if isinstance(o, ev.Command)] == [("set_speed", 850)]


def test_a_deck_does_not_make_up_for_the_time_that_was_lost() -> None:
    lowering = Axis(
        wanted=0,
        setpoint=80,
        ramp_to=0,
        ramp_from=85,
        ramp_t=before(5_000),
        wrote=before(4_500),
        fell=True,
        told=80,
    )
    t = turn(grade=lowering, measured=seen(600, grade=80))
    _, out = step(t.s, clock(4_000, slept=False))
    assert [(o.op, o.value) for o in out if isinstance(o, ev.Command)] == [("set_incline", 75)]


@pytest.mark.parametrize(
    ("lost", "slept", "stops"),
    [(1_000, True, False), (1_001, True, True), (1_001, False, False), (60_000, False, False)],
)
def test_only_a_suspend_of_more_than_a_second_stops_the_belt(
    lost: int, slept: bool, stops: bool
) -> None:
    t = turn()
    lost_time(t, clock(lost, slept=slept))
    assert ops(t) == (["stop"] if stops else [])
    assert len(alarms(t)) == stops
    assert t.s.rest == ("the computer slept" if stops else None)


@pytest.mark.parametrize("phase", PHASES)
def test_a_suspend_matters_only_beside_a_belt_that_may_move(phase: ev.PhaseName) -> None:
    t = turn(phase=phase)
    lost_time(t, clock(5_000, slept=True))
    assert (ops(t) == ["stop"]) == (phase in MOVING)


@pytest.mark.parametrize(("lost", "seconds"), [(1_001, 1), (59_999, 59), (3_600_000, 3600)])
def test_the_runner_hears_how_long_the_computer_slept(lost: int, seconds: int) -> None:
    t = turn()
    lost_time(t, clock(lost, slept=True))
    assert f"slept for {seconds} s" in alarms(t)[0]
    assert KEY_FIRST in alarms(t)[0]


def test_the_stop_of_a_suspended_computer_is_not_the_runners_own() -> None:
    t = turn(control_retried=True)
    lost_time(t, clock(5_000, slept=True))
    assert not t.s.owed_own
    assert t.s.control_retried


def test_in_shadow_a_suspend_is_only_an_alarm() -> None:
    t = turn(shadow=True)
    lost_time(t, clock(5_000, slept=True))
    assert len(alarms(t)) == 1
    assert commands(t) == []
    assert t.s.rest is None


# ---------------------------------------------------------------- explained


@pytest.mark.parametrize(("after", "sees"), [(249, False), (250, True), (251, True)])
def test_only_a_speed_that_cannot_have_lain_in_a_socket_shows_that_the_guard_sees(
    after: int, sees: bool
) -> None:
    t = turn(held_up=before(1_000), measured=seen(600, age=1_000 - after))
    explained(t)
    assert (t.s.held_up is None) == sees


@pytest.mark.parametrize("phase", PHASES)
def test_a_belt_that_stands_is_not_stopped_for_lost_time_nor_raised_before_it_is_seen(
    phase: ev.PhaseName,
) -> None:
    """It may be started at its console in the very moment, and nobody has seen it since."""
    t = turn(held_up=before(3_000), measured=Measured(), phase=phase)
    explained(t)
    assert t.s.held_up is not None
    assert (t.s.rest is None) == (phase not in MOVING)


@pytest.mark.parametrize(("ms", "stops"), [(2_999, False), (3_000, True)])
def test_three_seconds_without_a_newer_speed_stop_the_belt(ms: int, stops: bool) -> None:
    t = turn(held_up=before(ms), measured=seen(600, age=ms))
    explained(t)
    assert t.s.rest == ("held up" if stops else None)
    assert len(alarms(t)) == stops


def test_a_belt_that_is_stopping_already_is_not_stopped_for_that_again() -> None:
    t = turn(held_up=before(3_000), measured=seen(600, age=3_000), rest="stop", phase="STOPPING")
    explained(t)
    assert (t.s.rest, t.out) == ("stop", [])


def test_in_shadow_lost_time_stops_nothing() -> None:
    t = turn(held_up=before(3_000), measured=seen(600, age=3_000), shadow=True)
    explained(t)
    assert (t.s.rest, t.out) == (None, [])


def test_where_no_time_was_lost_nothing_is_to_be_explained() -> None:
    t = turn(measured=seen(600, age=4_000))
    explained(t)
    assert (t.s.rest, t.s.held_up, t.out) == (None, None, [])


# ---------------------------------------------------------------- leaving


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(("what", "word"), [("sleep", "sleep"), ("battery", "battery")])
def test_a_leaving_computer_stops_a_belt_that_may_move_and_says_why(
    what: ev.HostWhat, word: str, phase: ev.PhaseName
) -> None:
    t = turn(phase=phase)
    leaves(t, ev.Host(NOW, what))
    moves = phase in MOVING
    assert ops(t) == (["stop"] if moves else [])
    assert [word in say and KEY_FIRST in say for say in alarms(t)] == ([True] if moves else [])
    assert t.s.rest == (what if moves else None)


def test_the_stop_of_a_leaving_computer_is_not_the_runners_own() -> None:
    t = turn(control_retried=True)
    leaves(t, ev.Host(NOW, "battery"))
    assert not t.s.owed_own
    assert t.s.control_retried


def test_a_belt_that_stood_all_the_while_is_left_alone() -> None:
    t = turn(phase="READY", measured=STANDING)
    lost_time(t, clock(3_600_000, slept=True))
    explained(t)
    leaves(t, ev.Host(NOW, "sleep"))
    assert t.out == []


# ---------------------------------------------------------------- standing


def sample(after: int, speed: int) -> ev.Telemetry:
    return ev.Telemetry(Millis(NOW + after), Speed(speed), None)


@pytest.mark.parametrize(
    ("samples", "known"),
    [((), False), ((250,), False), ((249, 250), False), ((250, 251), True), ((2_000, 2_001), True)],
)
def test_a_belt_stands_only_by_two_speeds_that_are_newer_than_lost_time(
    samples: tuple[int, ...], known: bool
) -> None:
    """H67: the zeros of before may be hours old, and the guard's clock wouldn't show it."""
    s = turn(phase="READY", measured=STANDING).s
    assert s.measured.known_stopped(NOW)
    s, _ = step(s, clock(2_000, slept=True))
    for after in samples:
        s, _ = step(s, sample(after, 0))
    assert s.measured.known_stopped(s.now) == known


@pytest.mark.parametrize("before_it", [True, False])
def test_motion_is_seen_twice_across_lost_time_too(before_it: bool) -> None:
    """It only ever stops a belt, and nothing may delay that."""
    s, _ = step(turn(phase="BREAK", measured=seen(600, 0)).s, clock(400, slept=False))
    if not before_it:
        s, _ = step(turn(phase="BREAK", measured=STANDING).s, clock(400, slept=False))
        s, _ = step(s, sample(0, 600))
        assert not s.measured.twice_moving
    s, _ = step(s, sample(300, 600))
    assert s.measured.twice_moving
