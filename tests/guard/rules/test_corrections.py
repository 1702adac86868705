"""One voice for posture: one cue in a pace, and of those that wait the longest unsaid first."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.guard.rules import corrections
from treadguard.guard.rules.corrections import SAID, Corrections, Kind, judged, silent
from treadguard.units import Millis

EVERY = Millis(60_000)
KINDS: tuple[Kind, ...] = tuple(SAID)


def sample(c: Corrections, kind: Kind, t: int, *, wrong: bool = True) -> tuple[Corrections, bool]:
    return judged(c, kind, Millis(t), EVERY, wrong=wrong)


def test_what_is_wrong_is_told_at_once_and_what_is_right_is_not() -> None:
    assert sample(Corrections(), "trunk", 5)[1]
    c, say = sample(Corrections(), "trunk", 5, wrong=False)
    assert (c, say) == (Corrections(), False)


@pytest.mark.parametrize(("t", "say"), [(59_999, False), (60_000, True)])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_follows_sooner_than_the_pace(kind: Kind, t: int, say: bool) -> None:
    c, _ = sample(Corrections(), "trunk", 0)
    assert sample(c, kind, t)[1] is say


def test_the_one_that_was_said_longest_ago_comes_first() -> None:
    c = Corrections(
        spoke=Millis(1_000), said=(("trunk", Millis(1_000)), ("neck", Millis(0))),
        waiting=(("neck", Millis(60_900)),),
    )  # fmt: skip
    c, say = sample(c, "trunk", 61_000)
    assert not say
    c, say = sample(c, "neck", 61_100)
    assert say
    assert c.spoke == 61_100


def test_one_that_was_never_said_comes_before_all_others() -> None:
    c = Corrections(said=(("trunk", Millis(0)),), waiting=(("lumbar", Millis(99_999)),))
    assert not sample(c, "trunk", 100_000)[1]
    assert sample(c, "neck", 100_000)[1], "of two that were never said, the first to ask"


@pytest.mark.parametrize(("age", "say"), [(9_999, False), (10_000, True)])
def test_a_sensor_that_fell_silent_is_waited_for_ten_seconds(age: int, say: bool) -> None:
    c = Corrections(said=(("trunk", Millis(0)),), waiting=(("neck", Millis(100_000 - age)),))
    assert sample(c, "trunk", 100_000)[1] is say


def test_one_that_is_right_again_is_not_waited_for() -> None:
    c = Corrections(said=(("trunk", Millis(0)),), waiting=(("neck", Millis(99_900)),))
    c, _ = sample(c, "neck", 99_950, wrong=False)
    assert c.waiting == ()
    assert sample(c, "trunk", 100_000)[1]


def test_one_that_was_said_waits_no_more_and_the_others_go_on_waiting() -> None:
    c, _ = sample(Corrections(), "trunk", 0)
    for kind in ("neck", "trunk"):
        c, _ = sample(c, kind, 59_000)
    assert c.waiting == (("neck", 59_000), ("trunk", 59_000))
    c, say = sample(c, "neck", 60_000)
    assert say
    assert c == Corrections(
        Millis(60_000),
        (("trunk", Millis(0)), ("neck", Millis(60_000))),
        (("trunk", Millis(59_000)),),
    )


@pytest.mark.parametrize(
    ("c", "t", "free"),
    [
        (Corrections(), 0, True),
        (Corrections(spoke=Millis(1)), 60_000, False),
        (Corrections(spoke=Millis(0)), 60_000, True),
        (Corrections(waiting=(("neck", Millis(1)),)), 10_000, False),
        (Corrections(waiting=(("neck", Millis(0)),)), 10_000, True),
    ],
)
def test_a_reminder_gives_way_to_what_was_said_and_to_what_waits(
    c: Corrections, t: int, free: bool
) -> None:
    assert silent(c, Millis(t), EVERY) is free


@given(
    st.lists(
        st.tuples(st.integers(0, 5_000), st.sampled_from(KINDS), st.booleans()),
        min_size=50, max_size=400,
    )
)  # fmt: skip
def test_whatever_is_wrong_no_two_come_within_the_pace(
    samples: list[tuple[int, Kind, bool]],
) -> None:
    c, t, said = Corrections(), 0, []
    for gap, kind, wrong in samples:
        t += gap
        c, say = sample(c, kind, t, wrong=wrong)
        assert wrong or not say
        if say:
            said.append(t)
        assert len({kind for kind, _ in c.waiting}) == len(c.waiting) <= len(KINDS)
        assert len({kind for kind, _ in c.said}) == len(c.said)
    assert all(b - a >= EVERY for a, b in pairwise(said))


@pytest.mark.parametrize("order", [KINDS, KINDS[::-1]])
def test_who_slumps_in_every_way_for_an_hour_hears_of_each_in_turn(order: tuple[Kind, ...]) -> None:
    c, said = Corrections(), []
    for t in range(0, 3_600_000, 500):
        for kind in order:
            c, say = sample(c, kind, t)
            said += [kind] if say else []
    assert len(said) == 60
    assert set(Counter(said).values()) == {15}
    assert corrections.LAPSES_MS == 10_000
