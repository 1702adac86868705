"""What a rating asks for and what is remembered of it, as bare values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from treadguard.guard.policy import PainPolicy
from treadguard.guard.rules import pain
from treadguard.guard.rules.backoff import Backoff, Load
from treadguard.guard.rules.pain import Act, Pain, act_of, elapsed, rated
from treadguard.units import Millis

POLICY = PainPolicy()
T = 50_000
BACKOFF = Backoff("pain", 500, None, Millis(T), Millis(T + 120_000), 25, 600)
BASE = Load(600, None, grade_can_move=False)


def t(ms: int) -> Millis:
    return Millis(ms)


def pressed(p: Pain, now: int, level: int) -> Act:
    return act_of(p, t(now), level, POLICY, answers=False)


def local(p: Pain, now: int, level: int) -> Pain:
    return rated(p, t(now), level, POLICY, local=True)


def remote(p: Pain, now: int, level: int) -> Pain:
    return rated(p, t(now), level, POLICY, local=False)


def test_the_button_counts_as_five_and_two_seconds_are_one_rating() -> None:
    assert pain.BUTTON_LEVEL == 5
    assert pain.SAME_RATING_MS == 2_000


def test_a_session_begins_without_pain() -> None:
    fresh = Pain()
    assert not fresh.ever
    assert not fresh.same_rating(t(0))
    assert fresh.peak == 0


# ---------------------------------------------------------------- what it asks for


@pytest.mark.parametrize(
    ("level", "act"),
    [
        (0, Act.NOTHING),
        (1, Act.BACK_OFF),
        (2, Act.BACK_OFF),
        (3, Act.BACK_OFF),
        (4, Act.BACK_OFF),
        (5, Act.TRIGGER),
        (6, Act.TRIGGER),
        (7, Act.END),
        (8, Act.END),
        (10, Act.END),
    ],
)
@pytest.mark.parametrize("answers", [True, False])
def test_a_first_rating_acts_by_its_height(level: int, act: Act, answers: bool) -> None:
    assert act_of(Pain(), t(T), level, POLICY, answers=answers) is act


def test_both_marks_may_be_set_lower() -> None:
    careful = PainPolicy(stop_above=2, end_at=5)
    acts = [act_of(Pain(), t(T), level, careful, answers=False) for level in range(2, 6)]
    assert acts == [Act.BACK_OFF, Act.TRIGGER, Act.TRIGGER, Act.END]


@pytest.mark.parametrize(
    ("after", "act"), [(299_999, Act.TRIGGER), (300_000, Act.TRIGGER), (300_001, Act.BACK_OFF)]
)
@pytest.mark.parametrize("answers", [True, False])
def test_a_second_four_within_five_minutes_is_a_trigger(
    after: int, act: Act, answers: bool
) -> None:
    """H35: pressed or answered; after that a press backs off, and an answer holds what is."""
    p = local(Pain(), T, 4)
    late_answer = answers and act is Act.BACK_OFF
    found = act_of(p, t(T + after), 4, POLICY, answers=answers)
    assert found is (Act.NOTHING if late_answer else act)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_another_rating_after_a_four_is_no_second_four(level: int) -> None:
    assert pressed(local(Pain(), T, 4), T + 60_000, level) is Act.BACK_OFF


@pytest.mark.parametrize(
    ("last", "level", "act"),
    [
        (2, 1, Act.NOTHING),
        (2, 2, Act.NOTHING),
        (2, 3, Act.BACK_OFF),
        (0, 1, Act.BACK_OFF),
        (None, 1, Act.BACK_OFF),
        (6, 6, Act.TRIGGER),
        (8, 7, Act.END),
    ],
)
def test_an_answer_that_is_not_above_the_last_rating_holds_what_is(
    last: int | None, level: int, act: Act
) -> None:
    p = Pain(last=last, opened=t(0))
    assert act_of(p, t(T), level, POLICY, answers=True) is act
    if level <= 4:
        assert pressed(p, T, level) is Act.BACK_OFF


@pytest.mark.parametrize(
    ("after", "level", "act"),
    [
        (0, 3, Act.NOTHING),
        (1_999, 3, Act.NOTHING),
        (1_999, 2, Act.NOTHING),
        (1_999, 4, Act.BACK_OFF),
        (1_999, 6, Act.TRIGGER),
        (1_999, 9, Act.END),
        (2_000, 3, Act.BACK_OFF),
    ],
)
def test_within_two_seconds_only_a_higher_rating_acts(after: int, level: int, act: Act) -> None:
    assert pressed(local(Pain(), T, 3), T + after, level) is act


def test_the_highest_of_the_two_seconds_is_what_counts() -> None:
    p = local(local(Pain(), T, 1), T + 500, 3)
    assert pressed(p, T + 1_000, 2) is Act.NOTHING
    assert pressed(p, T + 1_000, 3) is Act.NOTHING
    assert pressed(p, T + 1_999, 4) is Act.BACK_OFF
    assert pressed(p, T + 2_000, 3) is Act.BACK_OFF, "the two seconds count from the first"


# ---------------------------------------------------------------- what is remembered


@pytest.mark.parametrize("role", [local, remote])
@pytest.mark.parametrize(("level", "ever"), [(0, False), (1, True), (6, True)])
def test_a_first_rating_is_remembered_whoever_gave_it(role: object, level: int, ever: bool) -> None:
    p = local(Pain(), T, level) if role is local else remote(Pain(), T, level)
    assert p == Pain(last=level, ever=ever, opened=t(T), peak=level)


@pytest.mark.parametrize("level", [1, 2, 3, 5])
def test_only_a_four_is_asked_again_and_counts_toward_a_second(level: int) -> None:
    p = local(Pain(), T, 4)
    assert (p.four, p.rerate_at) == (T, T + 60_000)
    later = local(p, T + 10_000, level)
    assert (later.four, later.rerate_at) == (T, None)


def test_a_rating_that_is_not_higher_within_two_seconds_is_noise() -> None:
    p = replace(local(Pain(), T, 3), base=BASE, backoff=BACKOFF)
    for level in (0, 2, 3):
        assert local(p, T + 1_999, level) == p
        assert remote(p, T + 1_999, level) == p


def test_a_four_that_is_repeated_within_two_seconds_is_the_same_four() -> None:
    p = local(Pain(), T, 4)
    assert local(p, T + 1_999, 4) == p


def test_a_higher_one_within_two_seconds_keeps_the_base() -> None:
    p = replace(local(Pain(), T, 1), base=BASE)
    higher = local(p, T + 1_999, 3)
    assert (higher.last, higher.peak, higher.opened, higher.base) == (3, 3, T, BASE)


def test_a_later_rating_begins_from_a_base_of_its_own() -> None:
    p = replace(local(Pain(), T, 3), base=BASE)
    later = local(p, T + 2_000, 2)
    assert (later.last, later.peak, later.opened, later.base) == (2, 2, T + 2_000, None)


@pytest.mark.parametrize(("level", "ends"), [(0, True), (2, True), (3, False), (4, False)])
def test_a_lower_local_rating_ends_the_back_off(level: int, ends: bool) -> None:
    p = replace(local(Pain(), T, 3), backoff=BACKOFF)
    assert local(p, T + 5_000, level).backoff == (None if ends else BACKOFF)


def test_a_first_rating_ends_no_back_off() -> None:
    assert local(Pain(backoff=BACKOFF), T, 0).backoff == BACKOFF


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_lower_remote_rating_loosens_nothing(level: int) -> None:
    """I9: not the back-off, not the rating that the next answer is held against."""
    p = replace(local(Pain(), T, 4), backoff=BACKOFF)
    later = remote(p, T + 5_000, level)
    assert later == replace(p, opened=t(T + 5_000), peak=level)


def test_a_lower_remote_rating_above_zero_is_still_pain() -> None:
    assert remote(Pain(last=2, opened=t(0)), T, 1).ever
    assert not remote(Pain(last=2, opened=t(0)), T, 0).ever


def test_pain_that_was_felt_once_stays_known() -> None:
    p = local(Pain(), T, 3)
    assert local(p, T + 5_000, 0).ever
    assert remote(p, T + 5_000, 0).ever


@pytest.mark.parametrize("level", [3, 4])
def test_a_remote_rating_that_is_not_lower_is_remembered(level: int) -> None:
    p = replace(local(Pain(), T, 3), backoff=BACKOFF)
    later = remote(p, T + 5_000, level)
    assert (later.last, later.backoff) == (level, BACKOFF)


@pytest.mark.parametrize(("after", "holds"), [(119_999, True), (120_000, False)])
def test_the_back_off_ends_when_its_time_is_over(after: int, holds: bool) -> None:
    p = replace(local(Pain(), T, 3), backoff=BACKOFF)
    left = elapsed(p, t(T + after))
    assert left == (p if holds else replace(p, backoff=None))
    assert (left is p) is holds, "a turn that ends nothing makes nothing new"
