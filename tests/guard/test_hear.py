"""What people say, one event at a time: ratings, before the belt moves and after, and consents."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from tests.guard.bare import NOW, STANDING, alarms, before, cues, seen, turn

from treadguard.guard import events as ev
from treadguard.guard.acts import Turn
from treadguard.guard.belt import Measured
from treadguard.guard.hear import consented, felt
from treadguard.guard.policy import PainPolicy, Policy
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.rules.breaks import Breaks
from treadguard.guard.rules.pain import Pain
from treadguard.guard.rules.ratings import Ratings
from treadguard.guard.rules.symptoms import PAIN_LOCK
from treadguard.units import Millis

PHASES: tuple[ev.PhaseName, ...] = get_args(ev.PhaseName)
HELD = Backoff("pain", 500, None, before(9_000), None, 24, 600)
BREAK = Breaks(active=True, why="pain", level=6, speed=600, zero=before(50_000), triggers=1)


def rate(t: Turn, level: int | None, *, role: ev.Role = "local") -> Turn:
    felt(t, ev.Pain(NOW, level, role=role))
    return t


# ---------------------------------------------------------------- ratings


@pytest.mark.parametrize(("level", "speed"), [(1, 540), (2, 520), (3, 500), (4, 480)])
@pytest.mark.parametrize("role", ["local", "remote"])
def test_pain_up_to_four_backs_off_and_is_held(level: int, speed: int, role: ev.Role) -> None:
    b = rate(turn(), level, role=role).s.pain.backoff
    assert b is not None
    assert (b.why, b.speed) == ("pain", speed)
    assert b.until == (None if level == 4 else NOW + 120_000)


def test_the_rating_that_is_held_until_a_lower_one_is_the_highest_that_does_not_stop() -> None:
    gentle = Policy(pain=PainPolicy(stop_above=2))
    for level, until in ((1, NOW + 120_000), (2, None)):
        b = rate(turn(gentle), level).s.pain.backoff
        assert b is not None
        assert b.until == until


def test_a_back_off_until_a_lower_rating_is_not_shortened_by_the_next_press() -> None:
    t = turn(pain=Pain(last=4, ever=True, opened=before(5_000), peak=4, backoff=HELD))
    rate(t, 3, role="remote")
    b = t.s.pain.backoff
    assert b is not None
    assert (b.until, b.speed) == (None, 500)
    timed = Backoff("pain", 500, None, before(9_000), Millis(NOW + 1), 25, 600)
    t = turn(pain=Pain(last=3, ever=True, opened=before(5_000), peak=3, backoff=timed))
    rate(t, 3)
    assert t.s.pain.backoff is not None
    assert t.s.pain.backoff.until == NOW + 120_000


def test_at_no_known_speed_the_back_off_in_force_stays() -> None:
    blind: dict[str, Any] = {"phase": "LOST", "measured": Measured(), "speed": Axis()}
    pain = Pain(last=3, ever=True, opened=before(5_000), peak=3, backoff=HELD)
    assert rate(turn(**blind, pain=pain), 3).s.pain.backoff == HELD
    assert rate(turn(**blind), 3).s.pain.backoff is None


def test_a_higher_rating_within_two_seconds_starts_from_the_same_base() -> None:
    t = rate(turn(), 1)
    t.s.measured = seen(540)
    t.now = Millis(NOW + 1_500)
    b = rate(t, 2).s.pain.backoff
    assert b is not None
    assert (b.base_speed, b.speed) == (600, 520)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("phase", PHASES)
def test_nobody_is_sped_up_while_it_hurts(phase: ev.PhaseName, level: int) -> None:
    raising = Axis(wanted=800, setpoint=600, grant=800, ramp_to=800)
    steeper = Axis(wanted=60, setpoint=40, grant=60, ramp_to=60)
    t = rate(turn(phase=phase, speed=raising, grade=steeper), level)
    assert (t.s.speed.grant is None) == (t.s.grade.grant is None) == (level > 0)


def test_a_rating_that_answers_is_told_from_one_that_is_pressed() -> None:
    pain = Pain(last=2, ever=True, opened=before(60_000), peak=2)
    asked = Ratings(open_since=before(3_000), missed=1)
    t = rate(turn(pain=pain, ratings=asked), 2)
    assert t.s.pain.backoff is None  # not above the last one
    assert (t.s.ratings.open_since, t.s.ratings.missed) == (None, 0)
    assert rate(turn(pain=pain), 2).s.pain.backoff is not None


def test_a_remote_rating_releases_nothing() -> None:
    pain = Pain(last=3, ever=True, opened=before(60_000), peak=3, backoff=HELD)
    assert rate(turn(pain=pain), 0, role="remote").s.pain.backoff == HELD
    assert rate(turn(pain=pain), 0).s.pain.backoff is None
    missed = Ratings(missed=2, backoff=HELD)
    assert rate(turn(ratings=missed), 0, role="remote").s.ratings.backoff == HELD
    assert rate(turn(ratings=missed), 0).s.ratings.backoff is None


@pytest.mark.parametrize(("level", "counts"), [(None, 5), (5, 5), (6, 6)])
def test_above_four_it_is_a_break_and_the_button_counts_as_five(
    level: int | None, counts: int
) -> None:
    t = rate(turn(), level)
    assert (t.s.breaks.active, t.s.breaks.why, t.s.breaks.level) == (True, "pain", counts)
    what = "the pain button" if level is None else f"pain {level}"
    assert cues(t) == [f"Stopping for a break: {what}."]


@pytest.mark.parametrize(("level", "ends"), [(6, False), (7, True), (10, True)])
@pytest.mark.parametrize("breaks", [Breaks(), BREAK])
def test_from_seven_the_session_ends_and_is_locked_in_a_break_too(
    breaks: Breaks, level: int, ends: bool
) -> None:
    t = rate(turn(breaks=breaks, phase="STOPPING"), level)
    assert t.s.ended == ("pain" if ends else None)
    assert t.s.locks == ((PAIN_LOCK,) if ends else ())
    assert any(f"Pain {level}: the session ends." in say for say in alarms(t)) == ends


def test_a_rating_in_the_break_is_only_remembered() -> None:
    t = rate(turn(phase="BREAK", measured=STANDING, breaks=BREAK), 1)
    assert (t.s.breaks.rated, t.s.breaks.level, t.s.breaks.triggers) == (1, 6, 1)
    assert t.out == []
    t = rate(turn(phase="BREAK", measured=STANDING, breaks=BREAK), 1, role="remote")
    assert t.s.breaks.rated is None


@pytest.mark.parametrize(("level", "back"), [(2, False), (3, True), (5, True)])
def test_pain_above_two_takes_a_resume_under_way_back(level: int, back: bool) -> None:
    t = turn(phase="STARTING", measured=STANDING, breaks=BREAK, starting=before(1_000))
    rate(t, level)
    assert (t.s.starting is None) == back
    assert (t.s.breaks.zero is None) == back
    assert t.s.breaks.active


def test_a_lower_rating_within_two_seconds_is_noise_in_a_break_too() -> None:
    pain = Pain(last=6, ever=True, opened=before(1_500), peak=6)
    t = rate(turn(phase="STOPPING", breaks=BREAK, pain=pain), 1)
    assert t.s.breaks.rated is None
    pain = Pain(last=6, ever=True, opened=before(2_000), peak=6)
    t = rate(turn(phase="STOPPING", breaks=BREAK, pain=pain), 1)
    assert t.s.breaks.rated == 1


@pytest.mark.parametrize(("ago", "extra"), [(1_999, 0), (2_000, 60_000)])
def test_the_same_press_heard_twice_makes_no_break_longer(ago: int, extra: int) -> None:
    pain = Pain(last=6, ever=True, opened=before(ago), peak=6)
    assert rate(turn(phase="STOPPING", breaks=BREAK, pain=pain), 6).s.breaks.extra == extra


def test_pain_in_a_break_on_request_gives_it_conditions() -> None:
    asked_for = Breaks(active=True, speed=600, zero=before(50_000))
    t = rate(turn(phase="BREAK", measured=STANDING, breaks=asked_for), 6)
    assert t.s.breaks.level == 6


# ---------------------------------------------------------------- before the belt moves


@pytest.mark.parametrize(("level", "waits"), [(0, None), (2, None), (3, 3), (4, 4)])
@pytest.mark.parametrize("phase", ["OFF", "READY", "PAUSED"])
def test_pain_before_the_belt_moves_makes_the_start_wait(
    phase: ev.PhaseName, level: int, waits: int | None
) -> None:
    t = rate(turn(phase=phase, measured=STANDING), level)
    assert (t.s.waiting, t.s.pain.backoff, t.out) == (waits, None, [])


@pytest.mark.parametrize(
    ("waiting", "level", "role", "waits"),
    [
        (3, 4, "local", 4),
        (4, 3, "local", 4),
        (4, 2, "local", None),
        (4, 2, "remote", 4),
        (3, 2, "local", 3),
        (3, 1, "local", None),
    ],
)
def test_the_wait_ends_with_a_local_rating_low_enough(
    waiting: int, level: int, role: ev.Role, waits: int | None
) -> None:
    t = rate(turn(phase="READY", measured=STANDING, waiting=waiting), level, role=role)
    assert t.s.waiting == waits


@pytest.mark.parametrize(("level", "back"), [(2, False), (3, True)])
def test_pain_in_the_countdown_takes_the_start_back(level: int, back: bool) -> None:
    t = turn(phase="STARTING", measured=STANDING, starting=before(1_000))
    rate(t, level)
    assert (t.s.starting is None) == back
    assert t.s.rest == ("pain before the start" if back else None)
    assert t.s.pain.backoff is None
    t = turn(phase="STARTING", measured=STANDING, starting=before(1_000), rest="stop")
    assert rate(t, 3).s.rest == "stop"


def test_pain_beside_a_standing_belt_holds_nothing_else() -> None:
    t = rate(turn(phase="READY", measured=STANDING), 4)
    assert t.s.rest is None


# ---------------------------------------------------------------- consents


def consent(id_: str = "new", *, left: int = 5_000, generation: int = 1) -> ev.Consent:
    return ev.Consent(NOW, id_, "speed", 700, Millis(NOW + left), generation)


@pytest.mark.parametrize(
    ("left", "worth"), [(0, None), (1, 1), (9_999, 9_999), (10_000, 10_000), (10_001, 10_000)]
)
def test_a_consent_is_worth_ten_seconds_at_most(left: int, worth: int | None) -> None:
    t = turn()
    consented(t, consent(left=left))
    assert [c.expires - NOW for c in t.s.consents] == ([] if worth is None else [worth])


@pytest.mark.parametrize(
    ("facts", "given"),
    [
        ({"link": False}, consent()),
        ({"used": ("new",)}, consent()),
        ({}, consent(generation=2)),
        ({}, consent("old")),
    ],
)
def test_a_consent_of_another_connection_or_of_before_is_worth_nothing(
    facts: dict[str, Any], given: ev.Consent
) -> None:
    t = turn(consents=(consent("old", left=1), consent("gone", left=0)), **facts)
    consented(t, given)
    assert [c.id for c in t.s.consents] == ["old"]


def test_a_consent_is_kept_beside_those_that_live() -> None:
    t = turn(consents=(consent("old", left=1), consent("gone", left=0)))
    consented(t, consent())
    assert [c.id for c in t.s.consents] == ["old", "new"]
    assert t.s.consents[1] == consent()
