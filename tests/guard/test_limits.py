"""The algebra of limits: adding a rule can only tighten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from treadguard.guard.limits import FREE, Demand, Limit, cap, hold, meet, meet_all, no_raise
from treadguard.guard.policy import HARD_GRADE, HARD_SPEED

words = st.sampled_from(["pain", "posture", "cap", "stage", "telemetry"])
limits = st.one_of(
    st.builds(lambda w, s: cap(w, speed=s), words, st.integers(0, HARD_SPEED)),
    st.builds(lambda w, g: cap(w, incline=g), words, st.integers(0, HARD_GRADE)),
    st.builds(
        lambda w, s, g: cap(w, speed=s, incline=g),
        words,
        st.integers(0, 3).map(lambda n: n * 100),
        st.integers(0, 3).map(lambda n: n * 10),
    ),
    st.builds(no_raise, words),
    st.builds(hold, st.sampled_from([Demand.STOP, Demand.END, Demand.FAULT]), words),
    st.just(FREE),
)
met = st.lists(limits, max_size=4).map(meet_all)


@given(met, met, met)
def test_meet_is_associative(a: Limit, b: Limit, c: Limit) -> None:
    assert meet(meet(a, b), c) == meet(a, meet(b, c))


@given(met, met)
def test_meet_is_commutative(a: Limit, b: Limit) -> None:
    assert meet(a, b) == meet(b, a)


@given(met)
def test_meet_is_idempotent(a: Limit) -> None:
    assert meet(a, a) == a


@given(met)
def test_free_is_the_identity(a: Limit) -> None:
    assert meet(a, FREE) == a
    assert meet(FREE, a) == a


@given(st.lists(limits, max_size=5), limits)
def test_adding_a_rule_can_only_tighten(rules: list[Limit], more: Limit) -> None:
    before, after = meet_all(rules), meet_all([*rules, more])
    assert after.speed_max <= before.speed_max
    assert after.incline_max <= before.incline_max
    assert after.may_raise <= before.may_raise
    assert after.belt >= before.belt


@given(st.lists(limits, max_size=6), st.randoms())
def test_the_order_of_rules_does_not_matter(rules: list[Limit], dice: object) -> None:
    shuffled = list(rules)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert meet_all(shuffled) == meet_all(rules)


@given(limits, limits)
def test_meet_takes_the_tighter_of_each_part(a: Limit, b: Limit) -> None:
    both = meet(a, b)
    assert both.speed_max == min(a.speed_max, b.speed_max)
    assert both.incline_max == min(a.incline_max, b.incline_max)
    assert both.may_raise == (a.may_raise and b.may_raise)
    assert both.belt == max(a.belt, b.belt)


def test_the_reasons_are_those_that_bind() -> None:
    both = meet(cap("profile", speed=500), cap("cap", speed=1200, incline=100))
    assert both.speed_why == {"profile"}
    assert both.incline_why == {"cap"}


def test_rules_that_bind_alike_are_both_named() -> None:
    both = meet(cap("profile", speed=500), cap("stage", speed=500))
    assert both.speed_why == {"profile", "stage"}


def test_demands_are_ordered_by_severity() -> None:
    assert Demand.RUN < Demand.STOP < Demand.END < Demand.FAULT


@given(st.integers(0, HARD_SPEED))
def test_meet_gives_whole_numbers(speed: int) -> None:
    both = meet(no_raise("telemetry"), cap("cap", speed=speed))
    assert type(both.speed_max) is int
    assert type(both.may_raise) is bool
