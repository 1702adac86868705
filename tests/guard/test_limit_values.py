"""What each kind of Limit permits, and who is named for it; the laws are in test_limits.py."""

from __future__ import annotations

import itertools

import pytest

from treadguard.guard.limits import FREE, Demand, Limit, cap, hold, meet, meet_all, no_raise
from treadguard.guard.policy import HARD_GRADE, HARD_SPEED

NOBODY: frozenset[str] = frozenset()


def test_without_a_rule_only_the_hard_limits_hold() -> None:
    assert meet_all([]) == FREE
    assert (FREE.speed_max, FREE.incline_max, FREE.may_raise) == (HARD_SPEED, HARD_GRADE, True)
    assert FREE.belt is Demand.RUN
    assert FREE.reasons == ()


def test_demands_go_by_one_from_run_to_fault() -> None:
    """The figures are kept in records, so they stay."""
    assert [d.value for d in (Demand.RUN, Demand.STOP, Demand.END, Demand.FAULT)] == [0, 1, 2, 3]


def test_a_cap_clips_what_it_names_and_nothing_else() -> None:
    speed, incline = cap("cap", speed=500), cap("cap", incline=20)
    assert (speed.speed_max, speed.incline_max) == (500, HARD_GRADE)
    assert speed.speed_why == {"cap"}
    assert speed.incline_why == NOBODY
    assert (incline.speed_max, incline.incline_max) == (HARD_SPEED, 20)
    assert incline.speed_why == NOBODY
    assert incline.incline_why == {"cap"}
    for limit in (speed, incline):
        assert limit.may_raise
        assert limit.belt is Demand.RUN
        assert limit.raise_why == limit.belt_why == NOBODY


def test_a_cap_of_zero_is_a_cap() -> None:
    assert cap("stage", speed=0, incline=0).speed_max == 0
    assert cap("stage", speed=0, incline=0).incline_max == 0


def test_no_raise_leaves_the_belt_as_it_is() -> None:
    limit = no_raise("link")
    assert not limit.may_raise
    assert limit.raise_why == {"link"}
    assert (limit.speed_max, limit.incline_max, limit.belt) == (HARD_SPEED, HARD_GRADE, Demand.RUN)
    assert limit.reasons == ("link",)


@pytest.mark.parametrize("demand", [Demand.STOP, Demand.END, Demand.FAULT])
def test_a_belt_that_is_to_stand_may_not_be_raised(demand: Demand) -> None:
    limit = hold(demand, "break")
    assert limit.belt is demand
    assert not limit.may_raise
    assert limit.belt_why == limit.raise_why == {"break"}


def test_the_reasons_are_all_that_bind_some_part_in_order() -> None:
    parts = (cap("d", speed=100), cap("c", incline=1), no_raise("b"), hold(Demand.STOP, "a"))
    met = meet_all(parts)
    assert met.reasons == ("a", "b", "c", "d")
    assert met.raise_why == {"a", "b"}
    assert [part.reasons for part in parts] == [("d",), ("c",), ("b",), ("a",)]


def test_the_more_severe_demand_and_only_its_reason_stand() -> None:
    for a, b in itertools.combinations((Demand.STOP, Demand.END, Demand.FAULT), 2):
        for met in (meet(hold(a, "a"), hold(b, "b")), meet(hold(b, "b"), hold(a, "a"))):
            assert met.belt is b
            assert met.belt_why == {"b"}
            assert met.raise_why == {"a", "b"}


@pytest.mark.parametrize(("a", "b", "who"), [(499, 500, {"a"}), (500, 499, {"b"})])
def test_only_the_tighter_cap_is_named(a: int, b: int, who: set[str]) -> None:
    speed = meet(cap("a", speed=a), cap("b", speed=b))
    incline = meet(cap("a", incline=a // 10), cap("b", incline=b // 10))
    assert (speed.speed_max, incline.incline_max) == (499, 49)
    assert speed.speed_why == incline.incline_why == who


def test_a_limit_that_nothing_tightens_stays_the_very_one() -> None:
    """So a turn in which no rule has anything to say is told by a look, not by a comparison."""
    limit = cap("a", speed=1)
    assert meet(FREE, limit) is limit
    assert meet(limit, FREE) is limit
    assert meet(limit, limit) is limit
    assert meet_all([limit, FREE, limit]) is limit


def test_an_equal_limit_that_is_another_object_is_no_other_limit() -> None:
    assert meet(Limit(), cap("a", speed=1)) == cap("a", speed=1)
    assert meet(cap("a", speed=1), Limit()) == cap("a", speed=1)
