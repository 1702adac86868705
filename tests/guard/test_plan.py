"""Plans: where their legs lie, and the two that the guard lays down by itself."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from treadguard.guard.plan import Leg, Plan, variation, warm_up
from treadguard.units import Grade, Millis, Speed

PLAN = Plan((Leg(Millis(1_000), Speed(400)), Leg(Millis(2_000), Speed(500), Grade(10))))


def test_a_leg_begins_where_the_one_before_it_ends() -> None:
    assert [PLAN.leg_at(t) for t in (0, 999, 1_000, 2_999, 3_000)] == [0, 0, 1, 1, None]
    assert [PLAN.begins(i) for i in (0, 1, 2)] == [0, 1_000, 3_000]
    assert PLAN.lasts == 3_000


def test_a_warm_up_climbs_evenly_from_walking_pace_and_ends_at_its_target() -> None:
    plan = warm_up(600, 180_000)
    assert [leg.speed for leg in plan.legs] == [300, 350, 400, 450, 500, 550, 600]
    assert {leg.lasts for leg in plan.legs} == {30_000}
    assert not plan.ends
    assert [leg.speed for leg in warm_up(300, 480_000).legs] == [300]
    assert [leg.speed for leg in warm_up(250, 480_000).legs] == [250]


@given(st.integers(301, 2_000), st.integers(3, 30))
def test_a_warm_up_never_falls_nor_passes_its_target(target: int, minutes: int) -> None:
    *ramp, last = (leg.speed for leg in warm_up(target, minutes * 60_000).legs)
    assert ramp == sorted(ramp)
    assert max(ramp) < target == last
    assert ramp[0] == 300
    assert len(ramp) == minutes * 2
    assert all(speed % 10 == 0 for speed in ramp)
    climbs = [b - a for a, b in pairwise(ramp)]
    assert max(climbs) <= (target - 300) / (minutes * 2) + 10


@given(st.integers(100, 2_000), st.integers(0, 150), st.integers(120_000, 1_800_000))
def test_a_variation_only_dips_below_what_was_chosen(speed: int, grade: int, every: int) -> None:
    plan = variation(speed, grade, every)
    assert max(leg.speed for leg in plan.legs) == speed == plan.legs[0].speed == plan.legs[-1].speed
    assert {leg.grade for leg in plan.legs} == {grade}
    assert plan.legs[1].speed == speed * 9 // 10
    assert plan.legs[1].lasts == 60_000
    assert plan.lasts >= 5_400_000
    assert not plan.ends
