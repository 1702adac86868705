"""When the runner is asked, and what no answer brings, as bare values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from treadguard.guard.limits import FREE
from treadguard.guard.policy import PromptPolicy
from treadguard.guard.rules import ratings
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.rules.ratings import Asked, Ratings, answered, due, moving
from treadguard.units import Millis

POLICY = PromptPolicy()
T = 50_000
RAN = Ratings(ran_since=Millis(T), quiet_since=Millis(T))
OPEN = replace(RAN, open_since=Millis(T), quiet_since=Millis(T))
BACKOFF = Backoff("no rating", 500, None, Millis(T), None, 27, 600)


def t(ms: int) -> Millis:
    return Millis(ms)


def after(
    r: Ratings, ms: int, *, pained: bool = True, rerate_at: int | None = None
) -> tuple[Ratings, Asked]:
    return due(r, t(T + ms), POLICY, None if rerate_at is None else t(rerate_at), pained=pained)


def test_a_session_begins_with_nothing_asked_and_nothing_held() -> None:
    assert Ratings().missed == 0
    assert Ratings().quiet_since == 0
    assert Ratings().limit == FREE


# ---------------------------------------------------------------- asking


@pytest.mark.parametrize(
    ("ms", "asked"), [(0, Asked.NOTHING), (119_999, Asked.NOTHING), (120_000, Asked.ASK)]
)
def test_in_the_first_ten_minutes_every_two_minutes(ms: int, asked: Asked) -> None:
    r, found = after(RAN, ms)
    assert found is asked
    expected = RAN if asked is Asked.NOTHING else replace(RAN, open_since=t(T + ms))
    assert r == replace(expected, quiet_since=RAN.quiet_since if expected is RAN else t(T + ms))


@pytest.mark.parametrize(
    ("ran", "asked"), [(599_999, Asked.ASK), (600_000, Asked.NOTHING), (600_001, Asked.NOTHING)]
)
def test_after_ten_minutes_two_quiet_minutes_are_not_long(ran: int, asked: Asked) -> None:
    r = replace(RAN, quiet_since=t(T + ran - 120_000))
    assert after(r, ran)[1] is asked


@pytest.mark.parametrize(("quiet", "asked"), [(299_999, Asked.NOTHING), (300_000, Asked.ASK)])
def test_after_ten_minutes_every_five(quiet: int, asked: Asked) -> None:
    r = replace(RAN, quiet_since=t(T + 900_000 - quiet))
    assert after(r, 900_000)[1] is asked


def test_a_belt_that_never_ran_is_in_its_first_ten_minutes() -> None:
    r = replace(RAN, ran_since=None, quiet_since=t(T + 900_000 - 120_000))
    assert after(r, 900_000)[1] is Asked.ASK


@pytest.mark.parametrize(("ms", "asked"), [(59_999, Asked.NOTHING), (60_000, Asked.ASK)])
def test_after_a_four_it_asks_at_the_time_set_for_it(ms: int, asked: Asked) -> None:
    assert after(RAN, ms, rerate_at=T + 60_000)[1] is asked


def test_a_four_is_asked_about_again_once() -> None:
    asked_since = replace(RAN, quiet_since=t(T + 60_000))
    assert after(asked_since, 60_001, rerate_at=T + 60_000)[1] is Asked.NOTHING
    assert after(asked_since, 60_001, rerate_at=T + 60_001)[1] is Asked.ASK


# ---------------------------------------------------------------- no answer


@pytest.mark.parametrize("pained", [True, False])
def test_a_question_stays_open_for_thirty_seconds(pained: bool) -> None:
    assert after(OPEN, 29_999, pained=pained) == (OPEN, Asked.NOTHING)
    r, asked = after(OPEN, 30_000, pained=pained)
    assert asked is Asked.CUE
    assert r == replace(OPEN, open_since=None, missed=1)


@pytest.mark.parametrize(
    ("missed", "asked"),
    [(0, Asked.CUE), (1, Asked.BACK_OFF), (2, Asked.BREAK), (3, Asked.BREAK)],
)
def test_who_has_had_pain_is_eased_at_the_second_and_stopped_at_the_third(
    missed: int, asked: Asked
) -> None:
    """H34."""
    r, found = after(replace(OPEN, missed=missed), 30_000)
    assert found is asked
    assert r.missed == missed + 1


@pytest.mark.parametrize("missed", [0, 1, 2, 9])
def test_who_has_never_had_pain_gets_a_cue_and_never_more(missed: int) -> None:
    assert after(replace(OPEN, missed=missed), 30_000, pained=False)[1] is Asked.CUE


@pytest.mark.parametrize("missed", [1, 2, 5])
def test_while_a_question_is_unanswered_nothing_goes_up(missed: int) -> None:
    limit = Ratings(missed=missed).limit
    assert not limit.may_raise
    assert limit.reasons == (ratings.WHY,) == ("no rating",)
    eased = Ratings(missed=missed, backoff=BACKOFF).limit
    assert (eased.speed_max, eased.may_raise) == (500, False)


# ---------------------------------------------------------------- answers and motion

LATE = replace(OPEN, missed=2, backoff=BACKOFF)


def test_a_local_rating_closes_the_question_and_releases_all() -> None:
    assert answered(LATE, t(T + 9), local=True) == replace(RAN, quiet_since=t(T + 9))


def test_a_remote_rating_closes_the_question_and_releases_no_back_off() -> None:
    """I9."""
    assert answered(LATE, t(T + 9), local=False) == replace(
        LATE, open_since=None, quiet_since=t(T + 9)
    )


def test_a_remote_rating_answers_a_question_that_brought_no_back_off() -> None:
    one = replace(OPEN, missed=1)
    assert answered(one, t(T + 9), local=False) == replace(RAN, quiet_since=t(T + 9))


def test_first_motion_is_remembered_and_each_motion_begins_the_quiet_anew() -> None:
    first = moving(Ratings(open_since=t(3), missed=1), t(T))
    assert first == replace(RAN, missed=1)
    again = moving(replace(first, open_since=t(T)), t(T + 9))
    assert again == replace(first, quiet_since=t(T + 9))
