"""Left against right: the mean over the last strides, and only over strides that were seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.guard.policy import PosturePolicy
from treadguard.guard.rules.asymmetry import Asymmetry, Saw, saw
from treadguard.units import Millis

POLICY = PosturePolicy()


def walked(over: int, strides: int, *, each: int = 1, every_ms: int = 1_000) -> list[Saw]:
    """What came of so many strides in samples of `each`."""
    a, found = Asymmetry(), []
    for n in range(strides // each):
        a, what = saw(a, Millis(1_000 + n * every_ms), over, each, POLICY)
        found.append(what)
    return found


def first(found: list[Saw], what: Saw) -> int | None:
    return found.index(what) + 1 if what in found else None


def test_a_tenth_over_the_baseline_is_said_after_thirty_strides() -> None:
    assert first(walked(100, 100), Saw.UNEVEN) == 30
    assert first(walked(99, 100), Saw.UNEVEN) is None


def test_fifteen_hundredths_back_off_after_sixty_strides() -> None:
    assert first(walked(150, 100), Saw.BACK_OFF) == 60
    assert first(walked(149, 100), Saw.BACK_OFF) is None


def test_it_is_uneven_for_as_long_as_the_mean_says_so() -> None:
    found = walked(120, 200)
    assert found == [Saw.NOTHING] * 29 + [Saw.UNEVEN] * 171


@pytest.mark.parametrize(("each", "cued"), [(5, 6), (10, 3), (30, 3)])
def test_a_sample_stands_for_ten_strides_at_most(each: int, cued: int) -> None:
    assert first(walked(100, 300, each=each), Saw.UNEVEN) == cued


@pytest.mark.parametrize(("gap", "cued"), [(9_999, True), (10_000, False)])
def test_a_silence_begins_anew(gap: int, cued: bool) -> None:
    a = Asymmetry()
    t = 0
    for _ in range(29):
        t += 1_000
        a, _what = saw(a, Millis(t), 100, 1, POLICY)
    _, what = saw(a, Millis(t + gap), 100, 1, POLICY)
    assert (what is Saw.UNEVEN) is cued


def test_an_even_step_in_between_lowers_the_mean() -> None:
    a = Asymmetry()
    found = []
    for n in range(60):
        a, what = saw(a, Millis(n * 1_000), 190 if n % 2 else 0, 1, POLICY)
        found.append(what)
    assert set(found) == {Saw.NOTHING}


@given(st.lists(st.tuples(st.integers(-5, 40), st.integers(0, 1_000)), max_size=80))
def test_no_more_is_kept_than_is_judged(samples: list[tuple[int, int]]) -> None:
    a = Asymmetry()
    for n, (strides, over) in enumerate(samples):
        a, what = saw(a, Millis(n * 1_000), over, strides, POLICY)
        kept = sum(count for count, _ in a.strides)
        assert kept < POLICY.asym_backoff_strides + 10
        assert all(0 <= count <= 10 for count, _ in a.strides)
        last = [over for count, over in a.strides if count]
        if what is not Saw.NOTHING:
            assert max(last) >= POLICY.asym_cue


@pytest.mark.parametrize(
    ("strides", "over", "kept"),
    [(0, 40, (0, 40)), (-3, 40, (0, 40)), (11, 0, (10, 0)), (1, -5, (1, 0)), (9, 40, (9, 40))],
)
def test_what_a_sample_counts_for(strides: int, over: int, kept: tuple[int, int]) -> None:
    a, _ = saw(Asymmetry(), Millis(1_000), over, strides, POLICY)
    assert a.strides == (kept,)


def test_only_what_is_no_longer_judged_is_let_go() -> None:
    a = Asymmetry()
    for n in range(9):
        a, _ = saw(a, Millis(n * 1_000), n, 10, POLICY)
    assert a.strides == tuple((10, over) for over in range(3, 9))


@pytest.mark.parametrize(("first", "what"), [(99, Saw.NOTHING), (100, Saw.UNEVEN)])
def test_a_mean_a_hair_below_the_limit_is_below_it(first: int, what: Saw) -> None:
    before = Asymmetry(Millis(0), ((1, first), *((1, 100) for _ in range(28))))
    assert saw(before, Millis(1_000), 100, 1, POLICY)[1] is what


def test_fewer_strides_than_are_judged_show_nothing_however_low_the_limit() -> None:
    least = PosturePolicy(asym_cue=0, asym_backoff=0)
    assert saw(Asymmetry(), Millis(1_000), 1_000, 10, least)[1] is Saw.NOTHING
