"""What falls due with time, one thing at a time: hold times, questions, breaks, a planned end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from tests.guard.bare import (
    NOW,
    STANDING,
    alarms,
    before,
    cues,
    seen,
    turn,
    verdicts,
)

from treadguard.guard import events as ev
from treadguard.guard.belt import Measured
from treadguard.guard.follow import Follow
from treadguard.guard.passing import elapse, wake
from treadguard.guard.phases import AT_REST
from treadguard.guard.policy import CapPolicy, Policy, RampPolicy
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.rules.breaks import Breaks
from treadguard.guard.rules.pain import Pain
from treadguard.guard.rules.posture import Posture
from treadguard.guard.rules.ratings import Ratings
from treadguard.units import Grade, Millis, Speed

PHASES: tuple[ev.PhaseName, ...] = get_args(ev.PhaseName)
STOPPED = Follow(kind="stop", pending=(7,), stops=1, last=before(250), last_stop=before(250))
LOWERING = Follow(
    kind="lower",
    pending=(7,),
    last=before(250),
    mark_t=before(250),
    late=NOW + 9_000,
)


def held(until: int | None) -> Backoff:
    end = None if until is None else Millis(NOW + until)
    return Backoff("pain", 500, None, before(9_000), end, 27, 600)


# ---------------------------------------------------------------- after a restart


def test_a_belt_that_was_left_moving_is_lost_until_it_is_seen() -> None:
    t = turn(left_moving=True, phase="OFF")
    wake(t)
    assert (t.s.phase, t.s.left_moving) == ("LOST", False)
    assert t.out == [ev.PhaseChange("OFF", "LOST")]
    t = turn(phase="OFF")
    wake(t)
    assert (t.s.phase, t.out) == ("OFF", [])


@pytest.mark.parametrize(("left", "rest"), [(1, None), (0, "left moving"), (-1, "left moving")])
def test_an_orphan_that_nobody_takes_over_is_stopped(left: int, rest: str | None) -> None:
    t = turn(phase="LOST", orphan=True, orphan_until=Millis(NOW + left))
    elapse(t)
    assert t.s.rest == rest
    assert t.s.orphan == (rest is None)
    assert (t.s.orphan_until is None) == (rest is not None)


def test_an_orphan_keeps_the_first_reason_to_stop() -> None:
    t = turn(phase="LOST", orphan=True, orphan_until=NOW, rest="stop")
    elapse(t)
    assert t.s.rest == "stop"


@pytest.mark.parametrize(
    "facts",
    [{"rest": "stop"}, {"ended": "pain"}, {"fault": "deaf"}, {"breaks": Breaks(active=True)}],
)
def test_a_belt_that_is_to_stop_is_not_offered_to_be_taken_over(facts: dict[str, Any]) -> None:
    t = turn(phase="LOST", orphan=True, orphan_until=Millis(NOW + 9_000), **facts)
    elapse(t)
    assert (t.s.orphan, t.s.orphan_until) == (False, None)


# ---------------------------------------------------------------- hold times


@pytest.mark.parametrize("left", [1, 0, None])
def test_a_back_off_ends_when_its_time_is_over(left: int | None) -> None:
    b = held(left)
    t = turn(pain=Pain(backoff=b), ease=b, posture=Posture(backoff=b), ratings=Ratings(backoff=b))
    elapse(t)
    s = t.s
    stays = None if left == 0 else b
    assert (s.pain.backoff, s.ease, s.posture.backoff) == (stays, stays, stays)
    assert s.ratings.backoff == b  # until a rating


@pytest.mark.parametrize(("ms", "speed"), [(4_999, 600), (5_000, 540)])
def test_a_back_off_on_a_deck_that_does_not_move_is_laid_on_the_speed(ms: int, speed: int) -> None:
    b = replace(held(9_000), speed=600, grade=30, grade_from=40, since=before(ms))
    t = turn(pain=Pain(backoff=b), measured=seen(600, grade=40))
    elapse(t)
    assert t.s.pain.backoff is not None
    assert t.s.pain.backoff.speed == speed
    assert ["doesn't move" in say for say in cues(t)] == ([True] if speed < 600 else [])


def test_lost_time_that_nothing_explains_is_judged_with_every_event() -> None:
    t = turn(held_up=before(3_000), measured=seen(600, age=3_000))
    elapse(t)
    assert t.s.rest == "held up"


@pytest.mark.parametrize(("ago", "silent"), [(1_999, False), (2_000, True)])
def test_a_silent_posture_sensor_is_unknown(ago: int, silent: bool) -> None:
    t = turn(posture=Posture(trunk_t=before(ago)))
    elapse(t)
    assert (t.s.posture.trunk_t is None) == silent


# ---------------------------------------------------------------- questions


@pytest.mark.parametrize("phase", PHASES)
def test_only_a_running_belt_brings_questions(phase: ev.PhaseName) -> None:
    t = turn(
        phase=phase, now=NOW, ratings=Ratings(ran_since=Millis(0), quiet_since=before(120_000))
    )
    elapse(t)
    asks = [say for say in cues(t) if "How is your pain" in say]
    assert len(asks) == (phase == "RUNNING")


@pytest.mark.parametrize(
    ("missed", "ever", "word"),
    [(0, False, "No rating"), (2, False, "No rating"), (0, True, "No rating"), (1, True, "Easing")],
)
def test_a_question_without_an_answer_brings_a_cue_or_a_back_off(
    missed: int, ever: bool, word: str
) -> None:
    r = Ratings(open_since=before(30_000), quiet_since=before(30_000), missed=missed)
    t = turn(ratings=r, pain=Pain(ever=ever))
    elapse(t)
    assert len(cues(t)) == 1
    assert word in cues(t)[0]
    b = t.s.ratings.backoff
    if word == "Easing":
        assert b is not None
        assert (b.why, b.k, b.until, b.speed) == ("no rating", 27, None, 540)
    else:
        assert b is None
    assert t.s.ratings.missed == missed + 1


def test_the_third_question_without_an_answer_is_a_break_and_begins_the_count_anew() -> None:
    r = Ratings(open_since=before(30_000), missed=2, backoff=held(None))
    t = turn(ratings=r, pain=Pain(ever=True))
    elapse(t)
    b = t.s.breaks
    assert (b.active, b.why, b.level, b.triggers) == (True, "no rating", 5, 1)
    assert (t.s.ratings.missed, t.s.ratings.backoff) == (0, None)
    assert cues(t) == ["Stopping for a break: three questions without an answer."]


def test_a_four_is_asked_about_again_after_its_minute() -> None:
    r = Ratings(ran_since=Millis(0), quiet_since=before(60_000))
    t = turn(ratings=r, pain=Pain(last=4, ever=True, rerate_at=NOW))
    elapse(t)
    assert cues(t) == ["How is your pain now, 0 to 10?"]


# ---------------------------------------------------------------- a planned end


@pytest.mark.parametrize(("speed", "ends"), [(115, True), (116, False)])
def test_a_planned_end_stops_once_the_belt_is_slow(speed: int, ends: bool) -> None:
    t = turn(ending=(before(3_000), "the reason"), measured=seen(speed))
    elapse(t)
    assert t.s.ended == ("the reason" if ends else None)


@pytest.mark.parametrize(("ms", "ends"), [(28_999, False), (29_000, True)])
def test_a_planned_end_stops_when_its_time_is_over(ms: int, ends: bool) -> None:
    """24 s from 12 km/h at 0.5 km/h a second, and 5 s."""
    t = turn(ending=(before(ms), "the reason"), measured=seen(600))
    elapse(t)
    assert (t.s.ended is not None) == ends


@pytest.mark.parametrize(("ms", "ends"), [(14_999, False), (15_000, True)])
def test_how_long_a_planned_end_may_take_follows_from_the_settings(ms: int, ends: bool) -> None:
    policy = Policy(caps=CapPolicy(Speed(1_000), Grade(0)), ramp=RampPolicy(lower_per_s=100))
    t = turn(policy, ending=(before(ms), "the reason"), measured=seen(600))
    elapse(t)
    assert (t.s.ended is not None) == ends


def test_a_planned_end_without_a_speed_waits_for_its_time() -> None:
    t = turn(ending=(before(3_000), "the reason"), measured=Measured())
    elapse(t)
    assert t.s.ended is None


def test_nobody_is_ended_who_did_not_ask() -> None:
    t = turn(measured=seen(100), speed=Axis(100, 100))
    elapse(t)
    assert t.s.ended is None


# ---------------------------------------------------------------- a standing belt


@pytest.mark.parametrize("phase", PHASES)
def test_a_break_counts_from_a_belt_known_to_stand_at_rest(phase: ev.PhaseName) -> None:
    t = turn(phase=phase, measured=STANDING, breaks=Breaks(active=True, level=6))
    elapse(t)
    assert t.s.breaks.zero == (NOW if phase in AT_REST else None)
    t = turn(phase=phase, measured=seen(0, 100), breaks=Breaks(active=True, level=6))
    elapse(t)
    assert t.s.breaks.zero is None


@pytest.mark.parametrize("phase", AT_REST)
def test_the_deck_comes_down_in_a_break_alone(phase: ev.PhaseName) -> None:
    axis = Axis(20, 20)
    t = turn(phase=phase, measured=seen(0, grade=20), grade=axis)
    elapse(t)
    assert t.s.grade.wanted == (0 if phase == "BREAK" else 20)


@pytest.mark.parametrize(
    ("facts", "kept"), [({}, False), ({"ended": "pain"}, True), ({"fault": "deaf"}, True)]
)
def test_a_console_start_is_remembered_only_where_the_session_is_over(
    facts: dict[str, Any], kept: bool
) -> None:
    t = turn(phase="PAUSED", measured=STANDING, console_start=before(9_000), **facts)
    elapse(t)
    assert (t.s.console_start is not None) == kept


def test_a_stop_that_was_followed_is_confirmed_and_over() -> None:
    t = turn(phase="FAULT", measured=STANDING, follow=STOPPED, grade=Axis(20, 20, told=20))
    elapse(t)
    assert verdicts(t) == [(7, "confirmed")]
    assert t.s.follow == Follow(last_stop=STOPPED.last_stop)
    assert (t.s.speed, t.s.grade) == (Axis(0, 0), Axis(told=20))


@pytest.mark.parametrize(
    "follow",
    [
        Follow(kind="stop", pending=(7,), stops=1, last=NOW, last_stop=NOW),
        LOWERING,
    ],
)
def test_what_was_just_sent_or_is_no_stop_is_not_confirmed_by_a_standing_belt(
    follow: Follow,
) -> None:
    t = turn(phase="PAUSED", measured=STANDING, follow=follow)
    elapse(t)
    assert (verdicts(t), t.s.follow) == ([], follow)


# ---------------------------------------------------------------- a break that is too long


LONG = Breaks(active=True, level=6, speed=600, zero=before(600_001))


@pytest.mark.parametrize(("ms", "ends"), [(600_000, False), (600_001, True)])
def test_a_break_over_ten_minutes_ends_the_session(ms: int, ends: bool) -> None:
    b = Breaks(active=True, level=6, speed=600, zero=before(ms))
    t = turn(phase="BREAK", measured=STANDING, breaks=b)
    elapse(t)
    assert t.s.ended == ("the break was too long" if ends else None)
    assert [(o.level, "too long" in o.say) for o in t.out if isinstance(o, ev.Alarm)] == (
        [(1, True)] if ends else []
    )


def test_a_resume_under_way_is_not_ended_for_a_long_break() -> None:
    t = turn(phase="STARTING", measured=STANDING, breaks=LONG, starting=before(1_000))
    elapse(t)
    assert (t.s.ended, alarms(t)) == (None, [])


def test_an_ended_session_is_not_ended_again() -> None:
    t = turn(phase="ENDED", measured=STANDING, breaks=LONG, ended="pain")
    elapse(t)
    assert (t.s.ended, t.out) == ("pain", [])
