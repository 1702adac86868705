"""A back-off whose grade is stuck is laid on the speed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.guard.bare import NOW, before, cues
from tests.guard.test_order_write import CLIMB
from tests.guard.turns import running, seen

from treadguard.guard import order
from treadguard.guard.acts import Turn
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.rules.pain import Pain
from treadguard.guard.rules.posture import Posture
from treadguard.guard.rules.ratings import Ratings


def laid(why: str, *, since: int = 5_000, grade_from: int | None = 40) -> Backoff:
    return Backoff(why, 600, 20, before(since), None, 27, 600, grade_from)


def backed_off(b: Backoff) -> dict[str, Any]:
    return {
        "pain": Pain(last=3, backoff=b),
        "ease": b,
        "ratings": Ratings(missed=2, backoff=b),
        "posture": Posture(backoffs=1, backoff=b),
    }


@pytest.mark.parametrize("rule", ["pain", "ease", "ratings", "posture"])
def test_a_back_off_on_a_stuck_grade_is_laid_on_the_speed(rule: str) -> None:
    climb = replace(CLIMB, grade_moves=True)
    t = Turn(running(measured=climb, **{rule: backed_off(laid(rule))[rule]}), NOW)
    order.laid_again(t)
    (b,) = order.backoffs(t.s)
    assert (b.why, b.speed, b.grade, b.grade_from) == (rule, 540, 40, None)
    assert (t.s.grade_stuck, t.s.measured.grade_moves, t.s.measured.grade_ref) == (40, False, 40)
    assert cues(t) == ["The incline doesn't move: easing the speed instead."]


@pytest.mark.parametrize("rule", ["pain", "ease", "ratings", "posture"])
def test_what_each_rule_remembers_beside_its_back_off_stays(rule: str) -> None:
    held = backed_off(laid(rule))[rule]
    t = Turn(running(measured=CLIMB, **{rule: held}), NOW)
    order.laid_again(t)
    assert (t.s.pain.last, t.s.ratings.missed, t.s.posture.backoffs) == (
        3 if rule == "pain" else None,
        2 if rule == "ratings" else 0,
        1 if rule == "posture" else 0,
    )


@pytest.mark.parametrize(
    ("since", "measured", "grade_from"),
    [(4_999, 40, 40), (5_000, 35, None), (4_999, 35, None), (9_000, 20, None)],
)
def test_a_grade_that_moves_or_has_time_left_is_not_stuck(
    since: int, measured: int, grade_from: int | None
) -> None:
    t = Turn(running(measured=seen(600, measured), ease=laid("ease", since=since)), NOW)
    order.laid_again(t)
    assert t.s.ease == laid("ease", since=since, grade_from=grade_from)
    assert (t.out, t.s.grade_stuck) == ([], None)


def test_without_a_grade_to_wait_for_nothing_is_computed_again() -> None:
    for b in (None, laid("ease", grade_from=None)):
        t = Turn(running(measured=CLIMB, ease=b), NOW)
        pain = t.s.pain
        order.laid_again(t)
        assert (t.s.ease, t.out) == (b, [])
        assert t.s.pain is pain, "a turn that changes nothing makes nothing new"


def test_a_back_off_that_waits_is_judged_beside_one_that_does_not() -> None:
    on_speed = Pain(backoff=laid("pain", grade_from=None))
    t = Turn(running(measured=CLIMB, pain=on_speed, ease=laid("ease")), NOW)
    order.laid_again(t)
    assert t.s.ease is not None
    assert (t.s.ease.speed, t.s.ease.grade_from) == (540, None)
    assert t.s.pain == on_speed
