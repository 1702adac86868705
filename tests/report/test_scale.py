"""Where things are drawn: exact to the tenth of a px, with every gap and every peak."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.report.scale import (
    Scale,
    one_two_five,
    path,
    runs,
    steps,
    thinned,
    ticks,
    times,
)

VALUES = st.integers(-100_000, 10_000_000)


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    low = draw(VALUES)
    start, end = draw(st.integers(0, 900)), draw(st.integers(0, 900))
    return Scale(low, low + draw(st.integers(1, 10_000_000)), start, end)


@given(scales(), VALUES)
def test_a_value_lies_within_a_twentieth_of_a_px_of_where_it_belongs(
    scale: Scale, value: int
) -> None:
    held = min(max(value, scale.low), scale.high)
    into = Fraction(held - scale.low, scale.high - scale.low)
    exact = scale.start + into * (scale.end - scale.start)
    assert abs(Fraction(str(scale.at(value))) - exact) <= Fraction(1, 20)


@given(scales())
def test_the_ends_lie_at_the_ends(scale: Scale) -> None:
    assert (scale.at(scale.low), scale.at(scale.high)) == (scale.start, scale.end)
    assert scale.at(scale.high + 1) == scale.end
    assert scale.at(scale.low - 1) == scale.start


@given(scales(), VALUES, VALUES)
def test_what_is_more_never_lies_on_the_other_side(scale: Scale, a: int, b: int) -> None:
    low, high = scale.at(min(a, b)), scale.at(max(a, b))
    assert low <= high if scale.start <= scale.end else low >= high


@given(VALUES, st.integers(0, 100_000_000), st.integers(1, 12))
def test_ticks_are_few_even_and_within(low: int, span: int, most: int) -> None:
    high = low + span
    for sizes in (one_two_five(10), times()):
        found = ticks(low, high, sizes, most)
        assert len(found) <= most
        assert all(low <= tick <= high for tick in found)
        assert len({b - a for a, b in pairwise(found)}) <= 1


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 600, 6, [0, 200, 400, 600]),
        (-30, 40, 4, [-20, 0, 20, 40]),
        (5, 9, 4, []),
        (0, 0, 3, [0]),
    ],
)
def test_ticks_as_one_would_set_them(low: int, high: int, most: int, expected: list[int]) -> None:
    assert ticks(low, high, one_two_five(10), most) == expected


def test_without_a_size_that_is_large_enough_there_are_no_ticks() -> None:
    with pytest.raises(ValueError, match="large enough"):
        ticks(0, 1_000, [1, 2], 3)


points = st.lists(
    st.tuples(st.integers(0, 4_000), st.none() | st.integers(0, 2_000)), max_size=60
).map(lambda pairs: [(sum(t for t, _ in pairs[: n + 1]), v) for n, (_, v) in enumerate(pairs)])


@given(points)
def test_a_gap_is_never_bridged_and_nothing_known_is_left_out(
    points: list[tuple[int, int | None]],
) -> None:
    found = runs(points, 3_000)
    assert [point for run in found for point in run] == [p for p in points if p[1] is not None]
    together = {pair for run in found for pair in pairwise(run)}
    for pair in together:
        assert pair[1][0] - pair[0][0] <= 3_000
    unknown = [n for n, (_, value) in enumerate(points) if value is None]
    whole = {n: [p for p in points[:n] if p[1] is not None] for n in unknown}
    lengths = [len(run) for run in found]
    borders = {sum(lengths[: n + 1]) for n in range(len(lengths))} | {0}
    assert all(len(before) in borders for before in whole.values())


dense = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 2_000)), min_size=1, max_size=40
).map(lambda pairs: [(sum(t for t, _ in pairs[: n + 1]), v) for n, (_, v) in enumerate(pairs)])


@given(dense, st.integers(1, 4))
def test_a_thinned_line_keeps_every_peak_of_every_px(run: list[tuple[int, int]], px: int) -> None:
    x = Scale(0, max(run[-1][0], 1), 0, px)
    kept = thinned(run, x)
    left = iter(run)
    assert all(point in left for point in kept)  # in the same order
    assert (kept[0], kept[-1]) == (run[0], run[-1])
    for column in {int(x.at(t)) for t, _ in run}:
        before = [v for t, v in run if int(x.at(t)) == column]
        after = [v for t, v in kept if int(x.at(t)) == column]
        assert (min(before), max(before)) == (min(after), max(after))
        assert (before[0], before[-1]) == (after[0], after[-1])
        assert len(after) <= 4


X, Y = Scale(0, 100, 0, 100), Scale(0, 10, 10, 0)


def test_a_path_goes_through_its_points_and_a_lone_one_is_a_dot() -> None:
    assert path([(0, 0), (50, 5)], X, Y) == "M0.0,10.0 L50.0,5.0"
    assert path([(50, 5)], X, Y) == "M50.0,5.0 L50.0,5.0"


def test_a_step_holds_until_the_next_and_is_not_drawn_above_the_scale() -> None:
    assert steps([(0, 5), (40, 2)], 100, X, Y) == "M0.0,5.0 H40.0 V8.0 H100.0"
    assert steps([(0, 11), (40, 2)], 100, X, Y) == "M40.0,8.0 H100.0"
    assert steps([(0, 2), (40, 11), (60, 4)], 100, X, Y) == "M0.0,8.0 H40.0 M60.0,6.0 H100.0"
    assert steps([(0, 2), (40, None)], 100, X, Y) == "M0.0,8.0 H40.0"
    assert steps([], 100, X, Y) == ""
