"""The algebra of limits over any limits at all, also those that no rule makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from treadguard.guard.limits import FREE, Demand, Limit, meet, meet_all
from treadguard.guard.policy import HARD_GRADE, HARD_SPEED

WHY = st.frozensets(st.sampled_from(["pain", "cap", "stage", "link", "break"]), max_size=3)
FEW = st.builds(
    Limit,
    st.sampled_from([0, 100, 500, HARD_SPEED]),
    st.sampled_from([0, 50, HARD_GRADE]),
    st.booleans(),
    st.sampled_from(Demand),
    WHY,
    WHY,
    WHY,
    WHY,
)
"""Few values, so that ties are common: there the reasons of both must be kept."""
ANY = st.one_of(
    FEW,
    st.just(FREE),
    st.builds(
        lambda one, speed, grade: replace(one, speed_max=speed, incline_max=grade),
        FEW,
        st.integers(0, HARD_SPEED),
        st.integers(0, HARD_GRADE),
    ),
)


def as_tight(a: Limit, b: Limit) -> bool:
    """Whatever `a` permits, `b` permits too."""
    return (
        a.speed_max <= b.speed_max
        and a.incline_max <= b.incline_max
        and a.may_raise <= b.may_raise
        and a.belt >= b.belt
    )


def permits(a: Limit) -> tuple[int, int, bool, Demand]:
    return a.speed_max, a.incline_max, a.may_raise, a.belt


@given(ANY, ANY, ANY)
def test_meet_is_associative_reasons_and_all(a: Limit, b: Limit, c: Limit) -> None:
    assert meet(meet(a, b), c) == meet(a, meet(b, c))


@given(ANY, ANY)
def test_meet_is_commutative_reasons_and_all(a: Limit, b: Limit) -> None:
    assert meet(a, b) == meet(b, a)


@given(ANY, ANY)
def test_meet_is_idempotent_also_on_what_was_met(a: Limit, b: Limit) -> None:
    assert meet(a, a) == a
    assert meet(meet(a, b), b) == meet(a, b)


@given(ANY, ANY, ANY)
def test_meet_is_the_loosest_limit_that_satisfies_both(a: Limit, b: Limit, x: Limit) -> None:
    both = meet(a, b)
    assert as_tight(both, a)
    assert as_tight(both, b)
    assert as_tight(x, both) == (as_tight(x, a) and as_tight(x, b))


@given(st.lists(ANY, max_size=6), ANY, st.integers(0, 6))
def test_adding_a_limit_anywhere_only_tightens(
    limits: Sequence[Limit], more: Limit, at: int
) -> None:
    grown = [*limits[:at], more, *limits[at:]]
    assert as_tight(meet_all(grown), meet_all(limits))
    assert as_tight(meet_all(grown), more)


@given(st.lists(ANY, max_size=5), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_matters(limits: list[Limit], dice: object) -> None:
    mixed = [*limits, *limits]
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    assert permits(meet_all(mixed)) == permits(meet_all(limits))
    assert meet_all(mixed).speed_why == meet_all(limits).speed_why


@given(st.lists(ANY, min_size=1, max_size=5))
def test_each_part_is_held_by_a_limit_that_is_as_tight_and_its_reasons_are_named(
    limits: Sequence[Limit],
) -> None:
    met = meet_all(limits)
    for value, why, parts in (
        (met.speed_max, met.speed_why, [(x.speed_max, x.speed_why) for x in limits]),
        (met.incline_max, met.incline_why, [(x.incline_max, x.incline_why) for x in limits]),
        (met.belt, met.belt_why, [(x.belt, x.belt_why) for x in limits]),
    ):
        binding = [reasons for v, reasons in parts if v == value]
        if binding:
            assert frozenset().union(*binding) <= why | FREE.speed_why
