"""What a change of phase entails, on the way in."""

from __future__ import annotations

from typing import Any

import pytest
from tests.guard.bare import (
    NOW,
    STANDING,
    alarms,
    before,
    commands,
    cues,
    ops,
    seen,
    turn,
    verdicts,
)

from treadguard.guard import events as ev
from treadguard.guard.belt import Machine
from treadguard.guard.console import Console
from treadguard.guard.credible import Credible
from treadguard.guard.entering import entered
from treadguard.guard.follow import Follow
from treadguard.guard.phases import AT_REST
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.breaks import Breaks
from treadguard.guard.rules.posture import Posture
from treadguard.guard.rules.ratings import Ratings

STOPPED = Follow(kind="stop", pending=(7,), stops=2, last=before(2_000), last_stop=before(2_000))
RAISING = Axis(wanted=800, setpoint=600, grant=800, ramp_to=800, ramp_from=600, told=600)
LOWERING = Axis(wanted=400, setpoint=600, ramp_to=400, ramp_from=600, told=600)

# ---------------------------------------------------------------- RUNNING


def test_first_motion_after_our_start_counts_from_now() -> None:
    t = turn(starting=before(4_000), start_n=3, rest="stop", measured=seen(60, 0))
    entered(t, "STARTING", "RUNNING")
    assert t.s.first_motion == NOW
    assert t.s.starting is None
    assert t.s.rest is None
    assert verdicts(t) == [(3, "confirmed")]
    assert t.s.start_n is None


def test_a_start_that_was_judged_already_is_not_judged_again() -> None:
    t = turn(starting=before(4_000), measured=seen(60, 0))
    entered(t, "STARTING", "RUNNING")
    assert verdicts(t) == []


def test_our_start_wants_the_minimum_and_watches_the_belt_come_up_to_it() -> None:
    t = turn(starting=before(4_000), measured=seen(60, 0), follow=STOPPED)
    entered(t, "STARTING", "RUNNING")
    assert (t.s.speed.wanted, t.s.speed.setpoint) == (100, 100)
    assert (t.s.follow.kind, t.s.follow.target, t.s.follow.start) == ("raise", 100, 60)
    assert t.s.follow.last_stop == STOPPED.last_stop
    assert verdicts(t) == [(7, "unknown")]


def test_a_belt_that_comes_back_faster_is_lowered_from_where_it_is() -> None:
    t = turn(starting=before(4_000), measured=seen(400, 0))
    entered(t, "STARTING", "RUNNING")
    assert (t.s.speed.wanted, t.s.speed.setpoint) == (100, 400)


def test_a_leap_at_the_first_motion_is_lowered_at_once() -> None:
    t = turn(
        starting=before(4_000),
        measured=seen(400, 0),
        speed_seen=Credible(value=0, t=NOW, samples=2, doubted=NOW),
    )
    entered(t, "STARTING", "RUNNING")
    assert t.s.speed.setpoint == Machine().speed_min + Machine().speed_step


def test_a_break_is_over_with_the_first_motion_of_our_start() -> None:
    b = Breaks(active=True, level=6, speed=600, zero=before(200_000), ceiling=540)
    t = turn(starting=before(4_000), measured=seen(60, 0), breaks=b)
    entered(t, "STARTING", "RUNNING")
    assert not t.s.breaks.active
    assert (t.s.breaks.stage_speed, t.s.breaks.stage_from) == (600, NOW)


def test_the_grade_is_taken_as_measured_only_where_nothing_was_told() -> None:
    t = turn(starting=before(4_000), measured=seen(60, 0, grade=20))
    entered(t, "STARTING", "RUNNING")
    assert (t.s.grade.wanted, t.s.grade.setpoint) == (20, 20)
    told = Axis(wanted=0, setpoint=20, told=0)
    t = turn(starting=before(4_000), measured=seen(60, 0, grade=20), grade=told)
    entered(t, "STARTING", "RUNNING")
    assert t.s.grade == told


@pytest.mark.parametrize("old", ["READY", "PAUSED", "BREAK", "OFF", "LOST"])
def test_a_belt_that_was_not_started_by_us_is_taken_as_measured(old: ev.PhaseName) -> None:
    t = turn(
        first_motion=before(9_000),
        measured=seen(300, grade=20),
        speed=Axis(wanted=0, setpoint=0, told=100),
        grade=Axis(wanted=0, setpoint=0, told=15),
    )
    entered(t, old, "RUNNING")
    assert (t.s.speed.wanted, t.s.speed.setpoint, t.s.speed.told) == (300, 300, None)
    assert (t.s.grade.wanted, t.s.grade.setpoint, t.s.grade.told) == (20, 20, 15)
    assert t.s.first_motion is None


@pytest.mark.parametrize("old", ["READY", "PAUSED", "BREAK", "OFF", "LOST"])
def test_a_console_start_drives_until_the_speed_is_steady(old: ev.PhaseName) -> None:
    t = turn(console=Console(driving=True, corrections=1), measured=seen(300))
    entered(t, old, "RUNNING")
    by_hand = old not in ("OFF", "LOST")
    assert t.s.console.corrections == 0
    assert (t.s.console.driving, t.s.console.up) == (by_hand, by_hand)


@pytest.mark.parametrize("old", ["STARTING", "READY", "PAUSED", "BREAK", "OFF", "LOST"])
def test_a_belt_that_comes_back_far_above_the_cap_is_stopped_except_one_found_moving(
    old: ev.PhaseName,
) -> None:
    t = turn(measured=seen(1301), speed_seen=Credible(value=1301, t=NOW, samples=2))
    entered(t, old, "RUNNING")
    assert (t.s.rest == "came back too fast") == (old not in ("OFF", "LOST"))


@pytest.mark.parametrize("old", ["STARTING", "READY", "OFF", "LOST"])
def test_the_questions_count_from_motion_except_for_a_belt_that_was_only_out_of_sight(
    old: ev.PhaseName,
) -> None:
    asked = Ratings(ran_since=before(50_000), quiet_since=before(40_000), open_since=before(5_000))
    t = turn(ratings=asked)
    entered(t, old, "RUNNING")
    if old == "LOST":
        assert t.s.ratings == asked
    else:
        assert (t.s.ratings.quiet_since, t.s.ratings.open_since) == (NOW, None)
        assert t.s.ratings.ran_since == before(50_000)


def test_in_shadow_nothing_is_taken_for_wanted_or_commanded() -> None:
    t = turn(shadow=True, follow=STOPPED, grade=Axis(wanted=20, setpoint=20), rest="stop")
    entered(t, "PAUSED", "RUNNING")
    assert t.s.speed == t.s.grade == Axis()
    assert t.s.rest is None
    assert t.s.follow == Follow(last_stop=STOPPED.last_stop)
    assert verdicts(t) == [(7, "unknown")]


# ---------------------------------------------------------------- LOST


def test_a_lost_belt_is_an_alarm_and_a_stop() -> None:
    t = turn(starting=before(1_000), unasked=True)
    entered(t, "RUNNING", "LOST")
    assert any("unknown" in say for say in alarms(t))
    assert [(c.op, c.why) for c in commands(t)] == [("stop", ("telemetry",))]
    assert (t.s.rest, t.s.starting, t.s.unasked) == ("no telemetry", None, False)


def test_a_lost_belt_that_was_to_stop_keeps_its_reason() -> None:
    t = turn(rest="stop")
    entered(t, "RUNNING", "LOST")
    assert t.s.rest == "stop"


@pytest.mark.parametrize(
    "why_not", [{"link": False}, {"shadow": True}, {"follow": Follow(kind="stop", stops=1)}]
)
def test_a_lost_belt_gets_no_stop_that_cannot_or_must_not_go_out(
    why_not: dict[str, Any],
) -> None:
    t = turn(**why_not, unasked=True)
    entered(t, "RUNNING", "LOST")
    assert len(alarms(t)) == 1
    assert not t.s.unasked  # nobody sees any more whether it stops by itself
    assert commands(t) == []
    assert t.s.rest is None


@pytest.mark.parametrize("link", [True, False])
def test_no_ramp_goes_on_out_of_sight(link: bool) -> None:
    t = turn(link=link, speed=RAISING, grade=Axis(wanted=30, setpoint=10, grant=30, ramp_to=30))
    entered(t, "RUNNING", "LOST")
    assert (t.s.speed.wanted, t.s.speed.grant, t.s.speed.ramp_to) == (600, None, None)
    assert (t.s.grade.wanted, t.s.grade.grant, t.s.grade.ramp_to) == (10, None, None)
    t = turn(link=link, speed=LOWERING, grade=Axis(wanted=10, setpoint=30, ramp_to=10))
    entered(t, "RUNNING", "LOST")
    assert (t.s.speed.wanted, t.s.speed.ramp_to) == (400, None)
    assert (t.s.grade.wanted, t.s.grade.ramp_to) == (10, None)


# ---------------------------------------------------------------- STOPPING


@pytest.mark.parametrize("old", AT_REST)
def test_a_belt_that_moves_again_after_it_was_at_rest_is_said_aloud(old: ev.PhaseName) -> None:
    t = turn(rest="stop")
    entered(t, old, "STOPPING")
    assert any("moves again" in say for say in alarms(t))


@pytest.mark.parametrize("old", ["STARTING", "RUNNING", "LOST"])
def test_a_belt_that_was_not_at_rest_does_not_move_again(old: ev.PhaseName) -> None:
    t = turn(rest="stop")
    entered(t, old, "STOPPING")
    assert alarms(t) == []


def test_what_was_just_called_out_is_not_said_twice() -> None:
    t = turn(rest="stop", console_start=before(4_999))
    entered(t, "BREAK", "STOPPING")
    assert alarms(t) == []
    t = turn(rest="stop", console_start=before(5_000))
    entered(t, "BREAK", "STOPPING")
    assert len(alarms(t)) == 1
    t = turn(rest="stop")
    t.alarm("Something else.")
    entered(t, "BREAK", "STOPPING")
    assert alarms(t) == ["Something else."]


def test_a_stopping_belt_in_sight_again_is_judged_from_what_it_does_now() -> None:
    t = turn(follow=STOPPED, measured=seen(300))
    entered(t, "LOST", "STOPPING")
    assert (t.s.follow.stops, t.s.follow.mark, t.s.follow.mark_t) == (1, 300, NOW)
    assert t.s.follow.late == NOW + 12_000 + 5_000
    t = turn(follow=STOPPED)
    entered(t, "RUNNING", "STOPPING")
    assert t.s.follow == STOPPED


def test_a_belt_that_stops_by_itself_is_followed_without_a_stop_of_ours() -> None:
    t = turn(unasked=True)
    entered(t, "RUNNING", "STOPPING")
    assert (t.s.follow.kind, t.s.follow.stops, t.s.follow.start) == ("stop", 0, 600)
    t = turn()
    entered(t, "RUNNING", "STOPPING")
    assert t.s.follow.kind == "none"
    assert ops(t) == []


# ---------------------------------------------------------------- at rest


@pytest.mark.parametrize("new", AT_REST)
def test_at_rest_nothing_of_the_run_is_left(new: ev.PhaseName) -> None:
    t = turn(
        measured=STANDING,
        follow=STOPPED,
        grade=Axis(wanted=20, setpoint=20, ramp_to=10, told=20),
        orphan=True,
        orphan_until=NOW,
        shadow_stopped=True,
        first_motion=before(9_000),
        starting=before(9_000),
        ending=before(9_000),
        unasked=True,
        console=Console(corrections=1),
        posture=Posture(trunk_t=NOW, trunk_kept=NOW, backoffs=2),
        ratings=Ratings(ran_since=before(50_000), open_since=before(5_000), missed=1),
    )
    entered(t, "STOPPING", new)
    s = t.s
    assert s.follow == Follow(last_stop=STOPPED.last_stop)
    assert s.speed == Axis(wanted=0, setpoint=0)
    assert s.grade == Axis(told=20)
    assert (s.orphan, s.orphan_until, s.shadow_stopped, s.unasked) == (False, None, False, False)
    assert (s.first_motion, s.starting, s.ending) == (None, None, None)
    assert s.console == Console()
    assert (s.posture.trunk_t, s.posture.backoffs) == (None, 2)
    assert (s.ratings.open_since, s.ratings.missed) == (None, 1)
    assert cues(t) == alarms(t) == []


def test_a_stop_is_confirmed_only_by_a_belt_known_to_stand() -> None:
    t = turn(measured=STANDING, follow=STOPPED)
    entered(t, "STOPPING", "PAUSED")
    assert verdicts(t) == [(7, "confirmed")]
    t = turn(measured=seen(0, 100), follow=STOPPED)
    entered(t, "STOPPING", "FAULT")
    assert verdicts(t) == [(7, "unknown")]
    t = turn(measured=STANDING, follow=Follow(kind="lower", pending=(7,)))
    entered(t, "RUNNING", "PAUSED")
    assert verdicts(t) == [(7, "unknown")]


def test_a_fault_beside_a_moving_belt_goes_on_following_it() -> None:
    t = turn(measured=seen(300), follow=STOPPED, unasked=True)
    entered(t, "STOPPING", "FAULT")
    assert (t.s.follow.kind, t.s.follow.stops, t.s.follow.pending) == ("stop", 2, ())
    assert t.s.speed.setpoint == 600
    assert t.s.unasked


def test_a_break_counts_from_a_belt_known_to_stand() -> None:
    b = Breaks(active=True, level=6, speed=600)
    t = turn(measured=STANDING, breaks=b)
    entered(t, "STOPPING", "BREAK")
    assert t.s.breaks.zero == NOW
    t = turn(measured=seen(0, 100), breaks=b)
    entered(t, "OFF", "BREAK")
    assert t.s.breaks.zero is None


@pytest.mark.parametrize(("began", "left"), [(119_999, 600), (120_000, None)])
def test_stages_that_were_not_over_begin_anew_after_a_pause(began: int, left: int | None) -> None:
    b = Breaks(stage_speed=600, stage_from=before(began))
    t = turn(measured=STANDING, breaks=b)
    entered(t, "STOPPING", "PAUSED")
    assert (t.s.breaks.stage_speed, t.s.breaks.stage_from) == (left, None)


# ---------------------------------------------------------------- the rest


@pytest.mark.parametrize("new", ["STARTING"])
def test_a_start_under_way_changes_nothing_by_itself(new: ev.PhaseName) -> None:
    t = turn(starting=NOW, measured=STANDING)
    entered(t, "READY", new)
    assert t.out == []
    assert t.s.starting == NOW
