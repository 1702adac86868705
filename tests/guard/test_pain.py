"""Ratings: what each number does, and when it acts again; what lets go is in test_hold.py."""

from __future__ import annotations

import pytest
from tests.guard.moments import answer_prompt
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept
from treadguard.guard.policy import PainPolicy, Policy
from treadguard.units import Millis

WALKING = 600


def test_pain_zero_does_nothing() -> None:
    rig = Rig().walking(WALKING)
    since = rig.now
    assert rig.pain(0) == []
    rig.run(10)
    assert rig.commands(since) == []
    assert rig.speed == WALKING


@pytest.mark.parametrize(("level", "speed"), [(1, 540), (2, 520), (3, 500), (4, 480)])
def test_pain_up_to_four_backs_off_by_its_share(level: int, speed: int) -> None:
    rig = Rig().walking(WALKING)
    rig.pain(level)
    rig.run(10)
    assert rig.speed == speed
    assert rig.phase == "RUNNING"


def test_a_back_off_writes_at_once() -> None:
    rig = Rig().walking(WALKING)
    since = rig.now
    out = rig.pain(3)
    assert [o.value for o in out if isinstance(o, ev.Command)] == [550]
    rig.run(5)
    assert rig.commands(since) == [
        (since, "set_speed", 550),
        (since + 1000, "set_speed", 500),
    ]


def test_a_second_press_acts_again() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(2)
    rig.run(5)
    assert rig.speed == 520
    rig.pain(2)
    rig.run(5)
    assert rig.speed == 450


def test_a_press_acts_again_even_when_it_is_lower() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(3)
    rig.run(5)
    rig.pain(1)
    rig.run(5)
    assert rig.speed == 450


@pytest.mark.parametrize("answer", [0, 1, 2])
def test_an_answer_that_is_not_above_the_last_rating_holds_what_is(answer: int) -> None:
    rig = Rig().walking(WALKING)
    rig.pain(2)
    rig.run(5)
    since = rig.now
    answer_prompt(rig, answer)
    rig.run(10)
    assert rig.commands(since) == []
    assert rig.speed == 520


def test_an_answer_above_the_last_rating_acts() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(2)
    rig.run(5)
    answer_prompt(rig, 3)
    rig.run(10)
    assert rig.speed == 430  # 5.2 * 25 / 30 = 4.33


def test_a_first_rating_given_to_a_prompt_acts() -> None:
    rig = Rig().walking(WALKING)
    answer_prompt(rig, 2)
    rig.run(10)
    assert rig.speed == 520


@pytest.mark.parametrize("after", [0.25, 1.0, 1.75])
def test_a_higher_rating_within_two_seconds_acts_from_the_same_base(after: float) -> None:
    rig = Rig().walking(WALKING)
    rig.pain(1)
    rig.run(after)
    rig.pain(3)
    rig.run(10)
    assert rig.speed == 500


@pytest.mark.parametrize("second", [1, 2, 3])
def test_a_rating_within_two_seconds_that_is_not_higher_does_not_act(second: int) -> None:
    rig = Rig().walking(WALKING)
    rig.pain(3)
    rig.run(1.75)
    rig.pain(second)
    rig.run(10)
    assert rig.speed == 500


def test_after_two_seconds_a_rating_acts_again() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(3)
    rig.run(2.25)
    rig.pain(3)
    rig.run(10)
    assert rig.speed == 410  # 5.0 * 25 / 30 = 4.16


def test_a_window_of_two_seconds_does_not_slide() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(3)
    rig.run(1.5)
    rig.pain(3)
    rig.run(1.5)
    rig.pain(3)
    rig.run(10)
    assert rig.speed == 410


# ---------------------------------------------------------------- four


def test_four_asks_again_after_a_minute() -> None:
    rig = Rig().walking(WALKING)
    since = rig.now
    rig.pain(4)
    rig.run(59.5)
    asked = [s for s in rig.says(ev.Cue, since) if "how is your pain" in s.lower()]
    assert asked == []
    rig.run(1)
    asked = [s for s in rig.says(ev.Cue, since) if "how is your pain" in s.lower()]
    assert len(asked) == 1


def test_a_second_four_answered_to_the_prompt_is_a_trigger() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(4)
    rig.run(62)
    since = rig.now
    rig.pain(4)
    assert rig.stops(since) == [since]
    rig.run(15)
    assert rig.phase == "BREAK"
    assert kept(rig.state).triggers == 1


def test_a_second_four_pressed_is_a_trigger() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(4)
    rig.run(20)
    since = rig.now
    rig.pain(4)
    assert rig.stops(since) == [since]


def test_a_second_four_within_two_seconds_is_the_same_rating() -> None:
    rig = Rig().walking(WALKING)
    since = rig.now
    rig.pain(4)
    rig.run(1.5)
    rig.pain(4)
    rig.run(5)
    assert rig.stops(since) == []
    assert rig.speed == 480


@pytest.mark.parametrize(("after", "triggers"), [(299, True), (301, False)])
def test_four_is_remembered_for_three_hundred_seconds(after: int, triggers: bool) -> None:
    rig = Rig().walking(WALKING)
    rig.pain(4)
    first = rig.now
    while rig.now < first + 150_000:
        answer_prompt(rig, 3)
    assert rig.phase == "RUNNING"
    rig.run((first - rig.now) / 1000 + after)
    since = rig.now
    rig.pain(4)
    rig.run(15)
    assert (rig.phase == "BREAK") is triggers
    assert bool(rig.stops(since)) is triggers


def test_the_back_off_of_a_four_lasts_until_a_lower_local_rating() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(4)
    rig.run(80)
    assert not rig.limit.may_raise
    rig.run(50)
    assert not rig.limit.may_raise, "130 s after a 4 it still holds"
    rig.pain(2, role="remote")
    rig.run(5)
    assert not rig.limit.may_raise, "a remote rating releases nothing"


def test_a_lower_local_answer_ends_the_back_off_of_a_four() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(4)
    answer_prompt(rig, 2)
    rig.run(1)
    assert rig.limit.may_raise
    assert rig.speed == 480


# ---------------------------------------------------------------- above four


@pytest.mark.parametrize("level", [5, 6])
def test_pain_above_four_stops_in_the_same_step_and_breaks(level: int) -> None:
    rig = Rig().walking(WALKING)
    out = rig.pain(level)
    assert [o.op for o in out if isinstance(o, ev.Command)] == ["stop"]
    rig.run(15)
    assert rig.phase == "BREAK"
    assert kept(rig.state).triggers == 1


@pytest.mark.parametrize("level", [5, 8])
def test_remote_pain_above_four_stops_as_well(level: int) -> None:
    rig = Rig().walking(WALKING)
    out = rig.pain(level, role="remote")
    assert [o.op for o in out if isinstance(o, ev.Command)] == ["stop"]


@pytest.mark.parametrize("level", [7, 8, 9, 10])
def test_pain_from_seven_ends_the_session(level: int) -> None:
    rig = Rig().walking(WALKING)
    out = rig.pain(level)
    assert [o.op for o in out if isinstance(o, ev.Command)] == ["stop"]
    rig.run(15)
    assert rig.phase == "ENDED"
    rig.run(700)
    rig.pain(0)
    since = rig.now
    rig.ask("resume")
    rig.ask("start")
    rig.run(10)
    assert rig.commands(since) == []


def test_pain_seven_is_kept_across_a_restart() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(7)
    rig.run(15)
    again = Rig(kept=kept(rig.state))
    again.connect()
    again.run(5)
    again.ask("start")
    again.ask("resume")
    again.run(5)
    assert again.commands() == []
    assert again.phase == "ENDED"


@pytest.mark.parametrize(("level", "stops"), [(2, False), (3, True), (4, True)])
def test_the_threshold_moves_lower(level: int, stops: bool) -> None:
    rig = Rig(policy=Policy(pain=PainPolicy(stop_above=2))).walking(WALKING)
    since = rig.now
    rig.pain(level)
    assert bool(rig.stops(since)) is stops


def test_a_stop_for_pain_jumps_ahead_of_a_raise_under_way() -> None:
    rig = Rig()
    rig.connect()
    rig.run(3)
    rig.ask("start")
    rig.run(10)
    rig.ask("speed", 800)
    rig.run(6.25)
    since = rig.now
    rig.pain(5)
    assert rig.commands(since) == [(since, "stop", None)]
    rig.run(30)
    assert rig.commands(since) == [(since, "stop", None)]
    assert rig.speed == 0


def test_a_worse_rating_in_the_same_window_stops() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(3)
    rig.run(0.5)
    out = rig.pain(6)
    assert [o.op for o in out if isinstance(o, ev.Command)] == ["stop"]


# ---------------------------------------------------------------- retained


@pytest.mark.parametrize("level", [0, 2, 9, None])
def test_a_retained_rating_is_a_plain_stop_once_with_a_warning(level: int | None) -> None:
    rig = Rig().walking(WALKING)
    since = rig.now
    stale = ev.Pain(Millis(rig.now), level, source="mqtt", role="remote", retained=True)
    rig.feed(stale)
    assert rig.stops(since) == [since]
    assert rig.says(ev.Alarm, since) or rig.says(ev.Cue, since)
    rig.run(15)
    assert rig.phase == "PAUSED"
    assert kept(rig.state).triggers == 0
    rig.ask("resume")
    rig.run(20)
    assert rig.phase == "RUNNING"
    since = rig.now
    rig.feed(ev.Pain(Millis(rig.now), level, source="mqtt", role="remote", retained=True))
    rig.run(10)
    assert rig.stops(since) == []
