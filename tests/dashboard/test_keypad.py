"""Keys become presses: ten in two keys, keys held down, and what + and − ask for."""

from __future__ import annotations

import pytest
from tests.dashboard.moments import EASING, READY, held, pair, state

from treadguard.dashboard.keypad import BREAK, BUTTON, EASE, STOP, Keypad, change, pain, stepped


def test_a_one_acts_at_once_and_a_zero_within_a_second_makes_it_ten() -> None:
    keys = Keypad()
    assert keys.rating(1, 0.0) == 1
    assert keys.rating(0, 1.0) == 10


def test_a_zero_later_than_that_is_a_zero() -> None:
    keys = Keypad()
    keys.rating(1, 0.0)
    assert keys.rating(0, 1.01) == 0


def test_a_zero_after_another_digit_is_a_zero() -> None:
    keys = Keypad()
    keys.rating(1, 0.0)
    keys.rating(2, 0.4)
    assert keys.rating(0, 0.8) == 0


def test_the_zero_of_a_ten_held_down_never_becomes_a_zero() -> None:
    keys = Keypad()
    assert keys.rating(1, 0.0) == 1
    assert keys.rating(0, 0.6) == 10
    assert [keys.rating(0, 1.2 + 0.03 * n) for n in range(100)] == [None] * 100


def test_a_key_held_down_is_one_rating() -> None:
    keys = Keypad()
    assert keys.rating(6, 0.0) == 6
    assert [keys.rating(6, 0.25 + 0.03 * n) for n in range(100)] == [None] * 100
    assert keys.rating(6, 3.25 + 0.3) == 6


def test_another_digit_is_never_held_back() -> None:
    keys = Keypad()
    assert [keys.rating(digit, 0.01 * digit) for digit in range(1, 10)] == list(range(1, 10))


def test_a_lowering_held_down_goes_on_at_a_walking_pace() -> None:
    keys = Keypad()
    taken = [n for n in range(100) if keys.lowered("speed", 0.04 * n)]
    assert taken == list(range(0, 100, 8))


@pytest.mark.parametrize("press", [STOP, BUTTON, BREAK, pain(5), pain(10)])
def test_what_stops_the_belt_is_known_as_that(press: object) -> None:
    assert press.stops  # type: ignore[attr-defined]


@pytest.mark.parametrize("press", [EASE, pain(4), pain(0), change("speed", 4.5, up=False)])
def test_what_does_not_stop_the_belt_is_known_too(press: object) -> None:
    assert not press.stops  # type: ignore[attr-defined]


def test_only_what_loosens_is_given_up_when_it_is_late() -> None:
    assert change("speed", 5.5, up=True).loosens
    assert not change("speed", 4.5, up=False).loosens


def test_steps_count_from_the_present_command() -> None:
    ramping = state(wanted=pair(7.0, 1.0), command=pair(5.2, 1.0))
    assert stepped(ramping, "speed", 0.5).value == 5.7
    assert stepped(ramping, "speed", -0.5).value == 4.7
    assert stepped(ramping, "incline", 0.5).value == 1.5


def test_a_second_lowering_counts_from_the_first_while_that_is_under_way() -> None:
    slowing = state(wanted=pair(4.0, 1.0), command=pair(4.8, 1.0))
    assert stepped(slowing, "speed", -0.5).value == 3.5


def test_minus_never_asks_for_less_than_the_slowest() -> None:
    slow = state(wanted=pair(0.4, 0.2), command=pair(0.4, 0.2))
    assert stepped(slow, "speed", -0.5).value == 0.1
    assert stepped(slow, "incline", -0.5).value == 0.0


def test_a_raise_asks_for_no_more_than_is_allowed() -> None:
    assert stepped(state(allowed=pair(5.2, 10.0)), "speed", 0.5).value == 5.2
    top = stepped(state(allowed=pair(5.0, 10.0)), "speed", 0.5)
    assert (top.value, top.refused) == (None, "5 km/h is the most for now.")


def test_a_raise_against_a_limit_says_what_holds_it() -> None:
    step = stepped(EASING, "speed", 0.5)
    assert step.value is None
    assert step.refused == ("Not going up now: pain: over in 108 s, or at a lower pain rating.")


def test_a_lowering_is_never_refused_by_a_limit() -> None:
    assert stepped(held("pain", "later"), "speed", -0.5).value == 4.5


def test_a_belt_that_stands_or_is_only_watched_takes_no_steps() -> None:
    assert "isn't running" in (stepped(READY, "speed", 0.5).refused or "")
    assert "only watches" in (stepped(state(mode="shadow"), "speed", -0.5).refused or "")
