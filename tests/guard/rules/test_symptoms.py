"""The words of a symptom: which lock each leaves, and which says to call at once."""

from __future__ import annotations

import pytest

from treadguard.guard.rules.symptoms import (
    CALL_NOW,
    PAIN_LOCK,
    RED_FLAG_LOCK,
    SEEK_CARE,
    advice_for,
    lock_for,
)

NERVE = ("down the leg", "weakness", "numbness")
URGENT = (
    "saddle numbness",
    "bladder bowel",
    "both legs",
    "leg giving way",
    "chest pain",
    "faint",
    "breathless",
    "palpitations",
)


@pytest.mark.parametrize("what", NERVE)
def test_signs_of_a_nerve_lock_like_strong_pain(what: str) -> None:
    assert lock_for(what) == PAIN_LOCK == "pain"
    assert advice_for(what) == SEEK_CARE


@pytest.mark.parametrize("what", URGENT)
def test_what_may_not_wait_is_a_red_flag_and_says_to_call(what: str) -> None:
    """H38, H40."""
    assert lock_for(what) == RED_FLAG_LOCK == "red flag"
    assert advice_for(what) == CALL_NOW


@pytest.mark.parametrize("what", ["pop", "", "numb", "a word nobody knows"])
def test_a_word_that_nobody_knows_is_a_red_flag(what: str) -> None:
    assert lock_for(what) == RED_FLAG_LOCK
    assert advice_for(what) == SEEK_CARE


@pytest.mark.parametrize("what", ["Down-the-Leg", "down_the_leg", "  down the leg "])
def test_the_spelling_of_a_nerve_sign_is_free(what: str) -> None:
    assert lock_for(what) == PAIN_LOCK


@pytest.mark.parametrize("what", ["CHEST PAIN", "chest-pain", "chest_pain", " chest pain\n"])
def test_the_spelling_of_a_red_flag_is_free(what: str) -> None:
    assert advice_for(what) == CALL_NOW
