"""Plans: where their legs lie, and the two that the guard lays down by itself."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from treadguard.guard.plan import Course, Leg, Plan, variation, warm_for, warm_up, warmed
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


def test_a_course_begins_with_nothing_done_announced_or_let_go() -> None:
    assert Course("programme", PLAN) == Course(
        "programme",
        PLAN,
        done=0,
        since=None,
        leave=False,
        leave_t=None,
        leg=-1,
        told=-1,
        told_t=Millis(0),
        told_speed=None,
        told_grade=None,
        up=-1,
    )


@pytest.mark.parametrize(("since", "gone"), [(None, 700), (Millis(9_000), 1_700)])
def test_a_plans_own_time_stands_still_at_rest(since: Millis | None, gone: int) -> None:
    assert Course("programme", PLAN, done=700, since=since).gone(Millis(10_000)) == gone


@pytest.mark.parametrize(
    ("target", "lasts", "speeds"),
    [(600, 20_000, [300, 600]), (600, 0, [300, 600]), (600, 60_000, [300, 450, 600])],
)
def test_even_the_shortest_warm_up_begins_at_walking_pace(
    target: int, lasts: int, speeds: list[int]
) -> None:
    assert [leg.speed for leg in warm_up(target, lasts).legs] == speeds


@pytest.mark.parametrize(("every", "legs"), [(7_140_000, 3), (7_140_001, 1), (180_000, 61)])
def test_a_variation_dips_as_often_as_fits_into_two_hours(every: int, legs: int) -> None:
    assert len(variation(600, 0, every).legs) == legs


@example(301, 3)
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


# ---------------------------------------------------------------- a demanded warm-up


@given(
    st.lists(
        st.builds(
            Leg,
            st.integers(15, 600).map(lambda s: Millis(s * 1_000)),
            st.integers(50, 2_000).map(Speed),
            st.integers(0, 150).map(Grade),
            st.sampled_from(("", "Easy.")),
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(100, 2_000),
    st.integers(60, 480).map(lambda s: s * 1_000),
)
def test_a_warmed_plan_is_the_same_but_never_faster_than_warm_enough_for(
    legs: list[Leg], top: int, lasts: int
) -> None:
    plan = Plan(tuple(legs))
    warm = warmed(plan, top, lasts)
    assert (warm.lasts, warm.ends) == (plan.lasts, plan.ends)
    for t in range(0, plan.lasts, 1_000):
        i, j = plan.leg_at(t), warm.leg_at(t)
        assert i is not None
        assert j is not None
        was, now = plan.legs[i], warm.legs[j]
        assert (now.grade, now.speed <= was.speed) == (was.grade, True)
        if t < lasts:
            assert now.speed <= max(warm_for(top, lasts, t), 0)
        else:
            assert now.speed == was.speed or warm.begins(j) < lasts
    assert [leg.say for leg in warm.legs if leg.say] == [leg.say for leg in legs if leg.say]


def test_a_warmed_plan_climbs_every_half_minute() -> None:
    warm = warmed(Plan((Leg(Millis(100_000), Speed(600)),)), 1_200, 180_000)
    assert [(leg.lasts, leg.speed) for leg in warm.legs] == [
        (30_000, 300),
        (30_000, 450),
        (40_000, 600),
    ]


@pytest.mark.parametrize(
    ("gone", "speed"), [(0, 300), (60_000, 600), (179_999, 1_199), (180_000, 1_200), (9**9, 1_200)]
)
def test_what_one_is_warm_enough_for_grows_evenly_up_to_the_cap(gone: int, speed: int) -> None:
    assert warm_for(1_200, 180_000, gone) == speed
    assert warm_for(250, 180_000, gone) == 250
    assert warm_for(1_200, 0, gone) == 1_200


def test_a_warmed_plan_keeps_to_the_half_minutes_of_the_whole_and_leaves_nothing_empty() -> None:
    legs = (Leg(Millis(20_000), Speed(300)), Leg(Millis(40_000), Speed(600)), PLAN.legs[0])
    warm = warmed(Plan(legs), 1_200, 180_000)
    assert [(leg.lasts, leg.speed) for leg in warm.legs] == [
        (20_000, 300),
        (10_000, 400),
        (30_000, 450),
        (1_000, 400),
    ]
