"""Breaks, asked for or earned: how long one lasts, what ends it, and the runner's own stop."""

from __future__ import annotations

import pytest
from tests.guard.moments import cap_now, resting, resumed, tries_to_resume, until
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept
from treadguard.guard.policy import PainPolicy, Policy
from treadguard.units import Millis

# ---------------------------------------------------------------- length


def test_a_break_lasts_two_minutes_from_zero() -> None:
    rig, zero = resting()
    rig.pain(0)
    until(rig, zero + 117_000)
    assert not tries_to_resume(rig)
    until(rig, zero + 122_000)
    assert tries_to_resume(rig)


def test_the_break_does_not_begin_before_zero() -> None:
    rig = Rig(stop_rate=25).walking(600)  # 24 s to zero
    stopped = rig.now
    rig.pain(6)
    rig.run(26)
    assert rig.phase == "BREAK"
    rig.pain(0)
    until(rig, stopped + 135_000)
    assert not tries_to_resume(rig)
    until(rig, stopped + 150_000)
    assert tries_to_resume(rig)


def test_without_a_rating_nothing_resumes() -> None:
    rig, zero = resting()
    until(rig, zero + 300_000)
    assert not tries_to_resume(rig)


@pytest.mark.parametrize("level", [3, 4])
def test_a_rating_above_two_does_not_resume(level: int) -> None:
    rig, zero = resting()
    rig.pain(level)
    until(rig, zero + 130_000)
    assert not tries_to_resume(rig)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_rating_of_two_or_less_resumes(level: int) -> None:
    rig, zero = resting()
    until(rig, zero + 130_000)
    rig.pain(level)
    rig.run(1)
    assert tries_to_resume(rig)


@pytest.mark.parametrize(("level", "goes"), [(2, False), (1, True)])
def test_a_rating_must_be_two_below_the_trigger(level: int, goes: bool) -> None:
    rig = Rig(policy=Policy(pain=PainPolicy(stop_above=2))).walking()
    rig.pain(3)
    rig.run(140)
    assert rig.phase == "BREAK"
    rig.pain(level)
    rig.run(3)
    assert tries_to_resume(rig) is goes


def test_a_second_four_counts_as_four() -> None:
    rig = Rig().walking()
    rig.pain(4)
    rig.run(20)
    rig.pain(4)
    rig.run(140)
    assert rig.phase == "BREAK"
    rig.pain(2)
    rig.run(3)
    assert tries_to_resume(rig)


def test_the_last_local_rating_counts() -> None:
    rig, zero = resting()
    rig.pain(1)
    rig.run(10)
    rig.pain(4)
    until(rig, zero + 130_000)
    assert not tries_to_resume(rig)


def test_a_remote_rating_does_not_meet_the_condition() -> None:
    rig, zero = resting()
    rig.pain(0, role="remote")
    until(rig, zero + 130_000)
    assert not tries_to_resume(rig)


def test_a_rating_above_four_in_a_break_adds_a_minute() -> None:
    rig, zero = resting()
    rig.run(20)
    rig.pain(5)
    rig.run(20)
    rig.pain(1)
    until(rig, zero + 176_000)
    assert not tries_to_resume(rig)
    until(rig, zero + 182_000)
    assert tries_to_resume(rig)
    assert kept(rig.state).triggers == 1


@pytest.mark.parametrize("level", [1, 3, 4])
def test_a_rating_in_a_break_restarts_nothing_and_counts_no_trigger(level: int) -> None:
    rig, zero = resting()
    rig.run(60)
    rig.pain(level)
    rig.run(30)
    rig.pain(1)
    until(rig, zero + 122_000)
    assert tries_to_resume(rig)
    assert kept(rig.state).triggers == 1


def test_no_stop_is_sent_for_a_rating_in_a_break() -> None:
    rig, _ = resting()
    rig.run(10)
    since = rig.now
    rig.pain(6)
    rig.run(10)
    assert rig.ops(since) == []


def test_a_break_over_ten_minutes_ends_the_session() -> None:
    rig, zero = resting()
    rig.pain(1)
    until(rig, zero + 597_000)
    assert rig.phase == "BREAK"
    until(rig, zero + 603_000)
    assert rig.phase == "ENDED"
    assert not tries_to_resume(rig)


# ---------------------------------------------------------------- consent


def test_a_break_never_ends_by_itself() -> None:
    rig, zero = resting()
    rig.pain(0)
    since = rig.now
    until(rig, zero + 590_000)
    assert rig.ops(since) == []
    assert rig.phase == "BREAK"


@pytest.mark.parametrize("do", ["resume", "start", "speed"])
def test_nothing_remote_resumes(do: ev.OperatorDo) -> None:
    rig, zero = resting()
    rig.pain(0)
    until(rig, zero + 130_000)
    since = rig.now
    rig.ask(do, 300 if do == "speed" else None, role="remote")
    rig.run(5)
    assert rig.ops(since) == []


def test_resume_without_a_consent_does_nothing() -> None:
    rig, zero = resting()
    rig.pain(0)
    until(rig, zero + 130_000)
    since = rig.now
    rig.feed(ev.Operator(Millis(rig.now), "resume"))
    rig.run(5)
    assert rig.ops(since) == []


def test_a_resume_asked_for_too_early_is_not_remembered() -> None:
    rig, zero = resting()
    rig.pain(0)
    until(rig, zero + 115_000)
    assert not tries_to_resume(rig)
    since = rig.now
    rig.run(30)
    assert rig.ops(since) == []


def test_no_speed_is_written_to_a_standing_belt() -> None:
    rig, zero = resting()
    since = rig.now
    rig.ask("speed", 300)
    rig.run(5)
    rig.pain(0)
    until(rig, zero + 130_000)
    rig.ask("speed", 300)
    rig.run(5)
    assert rig.ops(since) == []


# ---------------------------------------------------------------- on request


def test_a_break_on_request_counts_no_trigger_and_cuts_no_ceiling() -> None:
    rig = Rig().walking(600)
    since = rig.now
    rig.ask("break")
    assert rig.stops(since) == [since]
    rig.run(15)
    assert rig.phase == "BREAK"
    assert kept(rig.state).triggers == 0
    assert kept(rig.state).ceiling is None


def test_a_break_on_request_says_what_to_do() -> None:
    rig = Rig().walking(600)
    since = rig.now
    rig.ask("break")
    rig.run(15)
    said = " ".join(rig.says(ev.Cue, since)).lower()
    assert "sip" in said or "water" in said
    assert "posture" in said


def test_after_a_break_on_request_the_stages_lead_to_the_old_ceiling() -> None:
    rig = Rig().walking(600)
    rig.ask("break")
    rig.run(15)
    moved = resumed(rig)
    rig.run(2)
    assert cap_now(rig) == 360
    until(rig, moved + 63_000)
    assert cap_now(rig) == 480
    until(rig, moved + 123_000)
    assert cap_now(rig) == 1200


def test_a_break_on_request_may_come_from_the_network() -> None:
    rig = Rig().walking(600)
    since = rig.now
    rig.ask("break", role="remote")
    rig.run(15)
    assert rig.stops(since) == [since]
    assert rig.phase in ("BREAK", "PAUSED")


def test_pain_in_a_break_on_request_turns_it_into_one_with_conditions() -> None:
    rig = Rig().walking(600)
    rig.ask("break")
    rig.run(130)
    rig.pain(6)
    rig.run(3)
    assert not tries_to_resume(rig)


# ---------------------------------------------------------------- the runner's stop


@pytest.mark.parametrize("role", ["local", "remote"])
def test_stop_pauses_and_owes_no_break(role: ev.Role) -> None:
    rig = Rig().walking(600)
    since = rig.now
    rig.ask("stop", role=role)
    assert rig.stops(since) == [since]
    rig.run(12)
    assert rig.phase == "PAUSED"
    assert kept(rig.state).triggers == 0
    assert tries_to_resume(rig)


def test_a_pause_does_not_resume_by_itself_or_from_the_network() -> None:
    rig = Rig().walking(600)
    rig.ask("stop")
    rig.run(12)
    since = rig.now
    rig.ask("resume", role="remote")
    rig.ask("start", role="remote")
    rig.run(700)
    assert rig.ops(since) == []


def test_a_stop_in_a_break_does_not_shorten_it() -> None:
    rig, _ = resting()
    rig.run(5)
    rig.ask("stop")
    rig.run(5)
    assert rig.phase == "BREAK"
    rig.pain(0)
    assert not tries_to_resume(rig)


def test_a_resume_after_a_stop_is_a_cold_start() -> None:
    rig = Rig().walking(600)
    rig.ask("stop")
    rig.run(12)
    since = rig.now
    rig.ask("resume")
    rig.run(60)
    assert rig.ops(since) == ["start"]
    assert rig.speed == 100


def test_end_is_final() -> None:
    rig = Rig().walking(600)
    rig.ask("end")
    rig.run(60)
    assert rig.phase == "ENDED"
    assert rig.speed == 0
    assert not tries_to_resume(rig)


def test_a_planned_end_steps_down_before_it_stops() -> None:
    rig = Rig().walking(600)
    since = rig.now
    rig.ask("end")
    rig.run(60)
    assert rig.ops(since)[0] == "set_speed"
    assert rig.ops(since)[-1] == "stop"
