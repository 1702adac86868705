"""The window that "for so long" is judged by, and a sensor that falls silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from treadguard.guard.policy import PosturePolicy
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.rules.posture import Posture, Saw, Window, cleared, elapsed, saw
from treadguard.units import Millis

POLICY = PosturePolicy()
BACKOFF = Backoff("posture", 500, None, Millis(0), Millis(120_000), 27, 600)


def t(ms: int) -> Millis:
    return Millis(ms)


def window(*samples: tuple[int, bool], length: int = 10) -> Window:
    w = Window()
    for at, over in samples:
        w = w.add(at, length, over=over)
    return w


def alike(n: int, over: int) -> Window:
    """One sample a unit from 0; the first `over` of them over the threshold."""
    return window(*[(at, at < over) for at in range(n)], length=n - 1)


# ---------------------------------------------------------------- what it keeps


def test_a_window_begins_empty() -> None:
    assert (Window().samples, Window().over) == ((), 0)
    assert not Window().full(1_000, 10)
    assert not Window().holds(1_000, 10, 70)
    assert Window().over_ms(1_000) == 0


def test_what_has_left_the_window_is_dropped_but_for_one_that_reaches_past_it() -> None:
    w = window((0, True), (4, True), (8, False), (13, True))
    assert w == Window(((0, True), (4, True), (8, False), (13, True)), 3)
    assert w.add(14, 10, over=False) == Window(((4, True), (8, False), (13, True), (14, False)), 2)
    assert w.add(18, 10, over=False) == Window(((8, False), (13, True), (18, False)), 1)
    assert w.add(99, 10, over=True) == Window(((13, True), (99, True)), 2)


@pytest.mark.parametrize(("at", "full"), [(9, False), (10, True), (11, True)])
def test_a_window_is_full_once_it_reaches_back_over_its_length(at: int, full: bool) -> None:
    assert window((0, True), (5, True)).full(at, 10) is full


def test_one_sample_is_no_window() -> None:
    assert not window((0, True)).full(10, 10)


# ---------------------------------------------------------------- what it says


@pytest.mark.parametrize(
    ("n", "over", "holds"), [(10, 7, True), (10, 6, False), (11, 7, False), (36, 25, False)]
)
def test_seventy_per_cent_of_the_samples_count_as_for(n: int, over: int, holds: bool) -> None:
    assert alike(n, over).holds(n - 1, n - 1, 70) is holds


def test_a_window_that_is_not_full_holds_nothing() -> None:
    assert not alike(10, 10).holds(8, 9, 70)


@pytest.mark.parametrize(("over", "ms"), [(0, 0), (1, 10), (2, 20), (3, 30)])
def test_the_time_over_is_the_samples_share_of_what_they_span(over: int, ms: int) -> None:
    """Also of a window that isn't full."""
    samples = [(100 + 10 * n, n < over) for n in range(3)]
    assert window(*samples, length=1_000).over_ms(130) == ms


def test_the_time_over_is_floored() -> None:
    assert window((0, True), (10, False), (20, False), length=1_000).over_ms(20) == 6


# ---------------------------------------------------------------- samples that count

LEANT = saw(Posture(), t(1_000), 500, 500, None, POLICY)[0]


@pytest.mark.parametrize(("gap", "kept"), [(39, 1), (40, 2)])
def test_more_than_twenty_five_samples_a_second_are_left_out(gap: int, kept: int) -> None:
    p, found = saw(LEANT, t(1_000 + gap), 500, 500, None, POLICY)
    assert found is Saw.NOTHING
    assert len(p.trunk_stop.samples) == len(p.neck_cue.samples) == kept
    assert p.trunk_t == p.neck_t == 1_000 + gap, "it was heard all the same"
    assert p.trunk_kept == p.neck_kept == (1_000 if kept == 1 else 1_000 + gap)


def test_what_is_left_out_is_measured_from_the_last_one_kept() -> None:
    p = LEANT
    for now in (1_030, 1_060, 1_090):
        p, _ = saw(p, t(now), 500, None, None, POLICY)
    assert [at for at, _ in p.trunk_stop.samples] == [1_000, 1_060]


def test_what_a_sample_does_not_say_is_not_judged() -> None:
    trunk, _ = saw(Posture(), t(0), 500, None, None, POLICY)
    neck, _ = saw(Posture(), t(0), None, 500, None, POLICY)
    empty = Window()
    assert (trunk.neck_cue, trunk.neck_backoff) == (empty, empty)
    assert (neck.trunk_cue, neck.trunk_backoff, neck.trunk_stop) == (empty, empty, empty)
    assert trunk.trunk_cue.over == trunk.trunk_backoff.over == trunk.trunk_stop.over == 1
    assert neck.neck_cue.over == neck.neck_backoff.over == 1


# ---------------------------------------------------------------- silence

COUNTED = replace(
    LEANT,
    backoffs=2,
    trunk_backoffs=1,
    last_backoff=t(3),
    break_due=t(4),
    floor=360,
    backoff=BACKOFF,
)


def test_across_a_silence_nothing_is_judged_and_what_was_counted_stays() -> None:
    assert cleared(COUNTED) == Posture(
        backoffs=2,
        trunk_backoffs=1,
        last_backoff=t(3),
        break_due=t(4),
        floor=360,
        backoff=BACKOFF,
    )


def test_without_a_sample_there_is_nothing_to_clear() -> None:
    fresh = Posture(backoffs=2)
    assert cleared(fresh) is fresh


@pytest.mark.parametrize(("gap", "kept"), [(1_999, 2), (2_000, 1), (2_001, 1)])
def test_a_sample_after_two_silent_seconds_begins_anew(gap: int, kept: int) -> None:
    first, _ = saw(Posture(), t(1_000), 250, 300, None, POLICY)
    p, found = saw(first, t(1_000 + gap), 250, 300, None, POLICY)
    assert found is Saw.NOTHING
    assert len(p.trunk_backoff.samples) == len(p.neck_cue.samples) == kept


@pytest.mark.parametrize(("gap", "silent"), [(1_999, False), (2_000, True), (2_001, True)])
def test_a_sensor_silent_for_two_seconds_is_unknown(gap: int, silent: bool) -> None:
    """H41."""
    p = elapsed(COUNTED, t(1_000 + gap), POLICY)
    assert p == (cleared(COUNTED) if silent else COUNTED)
    assert p.backoff == BACKOFF


@pytest.mark.parametrize(("now", "holds"), [(119_999, True), (120_000, False)])
def test_the_back_off_ends_when_its_time_is_over(now: int, holds: bool) -> None:
    p = cleared(COUNTED)
    left = elapsed(p, t(now), POLICY)
    assert left == (p if holds else replace(p, backoff=None))
    assert (left is p) is holds, "a turn that ends nothing makes nothing new"


# ---------------------------------------------------------------- two sensors


def both(p: Posture, at: int, *, trunk: int | None = None, neck: int | None = None) -> Posture:
    return saw(p, t(at), trunk, neck, None, POLICY)[0]


def test_a_sensor_that_speaks_just_after_another_is_taken_in_as_well() -> None:
    p = Posture()
    for at in range(0, 700, 100):
        p = both(both(p, at, trunk=0), at + 10, neck=400)
    assert len(p.neck_backoff.samples) == len(p.trunk_backoff.samples) == 7
    assert (p.neck_backoff.over, p.trunk_backoff.over) == (7, 0)


@pytest.mark.parametrize("silent", ["trunk", "neck"])
def test_one_sensor_keeps_no_window_of_a_silent_other(silent: str) -> None:
    p = both(Posture(), 0, trunk=500, neck=500)
    for at in range(100, 2_001, 100):
        p = both(p, at, **{"neck" if silent == "trunk" else "trunk": 500})
    trunk, neck = p.trunk_stop.samples, p.neck_cue.samples
    assert ((trunk, bool(neck)) if silent == "trunk" else (neck, bool(trunk))) == ((), True)


def test_a_window_is_judged_only_by_a_sample_of_its_own() -> None:
    p = Posture()
    for at in range(0, 1_000, 100):
        p = both(p, at, trunk=500)
    assert saw(p, t(1_050), None, 0, None, POLICY)[1] is Saw.NOTHING
    assert saw(p, t(1_050), 500, 0, None, POLICY)[1] is Saw.STOP
    for at in range(0, 30_000, 100):
        p = both(p, at, neck=400)
    assert saw(p, t(30_050), 0, None, None, POLICY)[1] is Saw.NOTHING
    assert saw(p, t(30_050), 0, 400, None, POLICY)[1] is Saw.BACK_OFF
