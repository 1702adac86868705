"""The verdicts at the article's own numbers, and what must hold between any two of them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.report.equipment import Facts, Mark, Shoes, Verdict, graded
from treadguard.units import Grade, Speed

RANK: dict[Mark, int] = {"missing": 0, "weak": 1, "unknown": 2, "good": 3}
KEYS = ("none", "loose", "clipped")

BEST = Facts(
    height_cm=190,
    runs_a_week=4,
    takes_stop=True,
    key="clipped",
    power_w=2200,
    belt_length_cm=150,
    belt_width_cm=55,
    incline_min=Grade(-30),
    incline_max=Grade(150),
    speed_max=Speed(2000),
    panel=True,
    cushioning=True,
    stable=True,
    shoes=Shoes(*[True] * 7),
    shoe_hours=5,
)


def verdict(what: str, **known: Any) -> Verdict:
    (one,) = [one for one in graded(replace(Facts(), **known)) if one.what == what]
    return one


def marks(facts: Facts) -> list[Mark]:
    return [one.mark for one in graded(facts)]


# ---------------------------------------------------------------- the article's numbers


@pytest.mark.parametrize(
    ("what", "known", "mark"),
    [
        ("safety key", {"key": "clipped"}, "good"),
        ("safety key", {"key": "loose"}, "weak"),
        ("safety key", {"key": "none"}, "missing"),
        ("a Stop from treadguard", {"takes_stop": True}, "good"),
        ("a Stop from treadguard", {"takes_stop": False}, "missing"),
        ("stability", {"stable": True}, "good"),
        ("stability", {"stable": False}, "weak"),
        ("motor", {"power_w": 1118, "runs_a_week": 0}, "weak"),
        ("motor", {"power_w": 1119, "runs_a_week": 0}, "good"),
        ("motor", {"power_w": 1119, "runs_a_week": 2}, "good"),
        ("motor", {"power_w": 1863, "runs_a_week": 3}, "weak"),
        ("motor", {"power_w": 1864, "runs_a_week": 3}, "good"),
        ("motor", {"power_w": 1119}, "unknown"),
        ("motor", {"power_w": 1118}, "weak"),
        ("motor", {"power_w": 1864}, "good"),
        ("belt length", {"belt_length_cm": 121, "height_cm": 160}, "weak"),
        ("belt length", {"belt_length_cm": 122, "height_cm": 183}, "good"),
        ("belt length", {"belt_length_cm": 136, "height_cm": 184}, "weak"),
        ("belt length", {"belt_length_cm": 137, "height_cm": 184}, "good"),
        ("belt length", {"belt_length_cm": 122}, "unknown"),
        ("belt length", {"belt_length_cm": 121}, "weak"),
        ("belt length", {"belt_length_cm": 137}, "good"),
        ("belt width", {"belt_width_cm": 45}, "weak"),
        ("belt width", {"belt_width_cm": 46}, "good"),
        ("incline", {"incline_max": Grade(0)}, "missing"),
        ("incline", {"incline_max": Grade(99)}, "weak"),
        ("incline", {"incline_max": Grade(100)}, "good"),
        ("top speed", {"speed_max": Speed(1608), "runs_a_week": 1}, "weak"),
        ("top speed", {"speed_max": Speed(1609), "runs_a_week": 1}, "good"),
        ("top speed", {"speed_max": Speed(799), "runs_a_week": 0}, "weak"),
        ("top speed", {"speed_max": Speed(800), "runs_a_week": 0}, "good"),
        ("top speed", {"speed_max": Speed(800)}, "unknown"),
        ("top speed", {"speed_max": Speed(799)}, "weak"),
        ("top speed", {"speed_max": Speed(1609)}, "good"),
        ("control panel", {"panel": False}, "weak"),
        ("cushioning", {"cushioning": False}, "missing"),
        ("choice of shoes", {"shoes": Shoes(fitted=False)}, "weak"),
        ("choice of shoes", {"shoes": Shoes(True, True, True)}, "unknown"),
        ("choice of shoes", {"shoes": Shoes(True, True, True, True)}, "good"),
        ("fit of shoes", {"shoes": Shoes(upper=True, collar=True)}, "unknown"),
        ("fit of shoes", {"shoes": Shoes(upper=True, collar=True, toe_box=False)}, "weak"),
        ("fit of shoes", {"shoes": Shoes(upper=True, collar=True, toe_box=True)}, "good"),
        ("age of shoes", {"shoe_hours": 59.9}, "good"),
        ("age of shoes", {"shoe_hours": 60}, "weak"),
    ],
)
def test_each_number_of_the_article_decides_where_it_says(
    what: str, known: dict[str, Any], mark: Mark
) -> None:
    assert verdict(what, **known).mark == mark


def test_what_nobody_said_is_unknown_and_the_best_is_good() -> None:
    assert set(marks(Facts())) == {"unknown"}
    assert set(marks(BEST)) == {"good"}
    assert len(graded(BEST)) == len({one.what for one in graded(BEST)})


def test_every_point_of_the_shoes_counts() -> None:
    for point in fields(Shoes):
        worse = replace(BEST, shoes=replace(BEST.shoes, **{point.name: False}))
        assert marks(worse).count("weak") == 1, point.name


def test_what_is_about_safety_comes_first_and_says_what_to_do() -> None:
    told = graded(replace(Facts(), key="none", takes_stop=False, stable=False))
    assert [one.safety for one in told] == sorted((one.safety for one in told), reverse=True)
    key, stop, stable = told[:3]
    assert key.do.startswith("Don't use this treadmill before it has one")
    assert "can't be stopped by treadguard" in stop.why
    assert "by its console or its key" in stop.do
    assert stable.do.startswith("Don't run on it")


def test_a_decline_is_a_plus_and_a_cap_of_the_guard_is_told() -> None:
    steep = {"incline_max": Grade(150), "incline_min": Grade(-30)}
    assert "goes down to -3 % too, which is a plus" in verdict("incline", **steep).why
    assert "plus" not in verdict("incline", incline_max=Grade(150), incline_min=Grade(0)).why
    assert "your cap of 10 %" in verdict("incline", **steep, grade_cap=Grade(100)).why
    assert "cap" not in verdict("incline", **steep, grade_cap=Grade(150)).why
    fast = verdict("top speed", speed_max=Speed(2000), speed_cap=Speed(1200)).why
    assert "no faster than your cap of 12 km/h" in fast
    assert "cap" not in verdict("top speed", speed_max=Speed(1200), speed_cap=Speed(1200)).why


def test_what_is_enough_for_walking_is_said() -> None:
    assert "enough for walking" in verdict("top speed", speed_max=Speed(1000)).do
    assert "enough for walking" in verdict("top speed", speed_max=Speed(1000), runs_a_week=3).do
    assert "don't run" in verdict("top speed", speed_max=Speed(600)).do


# ---------------------------------------------------------------- between any two


def maybe(what: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | what


YES_NO = maybe(st.booleans())
ANY = st.builds(
    Facts,
    height_cm=maybe(st.integers(100, 250)),
    runs_a_week=maybe(st.integers(0, 21)),
    speed_cap=maybe(st.integers(50, 2000)),
    grade_cap=maybe(st.integers(0, 150)),
    takes_stop=YES_NO,
    key=maybe(st.sampled_from(KEYS)),
    power_w=maybe(st.integers(100, 4000)),
    belt_length_cm=maybe(st.integers(60, 200)),
    belt_width_cm=maybe(st.integers(20, 80)),
    incline_min=maybe(st.integers(-50, 0)),
    incline_max=maybe(st.integers(0, 200)),
    speed_max=maybe(st.integers(100, 2500)),
    panel=YES_NO,
    cushioning=YES_NO,
    stable=YES_NO,
    shoes=st.builds(Shoes, *[YES_NO] * 7),
    shoe_hours=maybe(st.integers(0, 300)),
)
MORE_IS_BETTER = ("power_w", "belt_length_cm", "belt_width_cm", "incline_max", "speed_max")
LESS_IS_EASIER = ("height_cm", "runs_a_week", "shoe_hours")
YES_IS_BETTER = ("takes_stop", "panel", "cushioning", "stable")


@given(ANY, ANY)
def test_a_better_machine_or_a_lesser_need_is_never_judged_worse(one: Facts, other: Facts) -> None:
    better, worse = one, one
    for name in MORE_IS_BETTER + LESS_IS_EASIER + YES_IS_BETTER:
        values = [getattr(one, name), getattr(other, name)]
        if None not in values:
            low, high = sorted(values, reverse=name in LESS_IS_EASIER)
            better, worse = replace(better, **{name: high}), replace(worse, **{name: low})
    if one.key is not None and other.key is not None:
        low_key, high_key = sorted((one.key, other.key), key=KEYS.index)
        better, worse = replace(better, key=high_key), replace(worse, key=low_key)
    for good, bad in zip(graded(better), graded(worse), strict=True):
        assert RANK[good.mark] >= RANK[bad.mark], (good, bad)


@given(ANY, ANY)
def test_a_verdict_that_is_no_longer_unknown_stands_whatever_else_becomes_known(
    facts: Facts, more: Facts
) -> None:
    fuller = filled(replace(facts, shoes=filled(facts.shoes, more.shoes)), more)
    for before, after in zip(graded(facts), graded(fuller), strict=True):
        assert before.mark in ("unknown", after.mark)


def filled(known: Any, more: Any) -> Any:
    unknown = [field.name for field in fields(known) if getattr(known, field.name) is None]
    return replace(known, **{name: getattr(more, name) for name in unknown})


@given(ANY, ANY)
def test_the_guard_s_own_caps_change_words_and_no_verdict(facts: Facts, other: Facts) -> None:
    capped = replace(facts, speed_cap=other.speed_cap, grade_cap=other.grade_cap)
    assert marks(capped) == marks(facts)


@given(ANY)
def test_every_verdict_is_whole_sentences_for_its_reader(facts: Facts) -> None:
    for one in graded(facts):
        assert one.why.endswith(".")
        assert one.why[0].isupper() or one.why[0].isdigit()
        assert one.do.endswith((".", "?")) or not one.do
        assert one.do or one.mark == "good"
        assert (one.why + one.do).isprintable()
