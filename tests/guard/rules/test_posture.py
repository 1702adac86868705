"""Trunk and neck, sample by sample, as bare values: where each threshold lies, and its window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from treadguard.guard.policy import PosturePolicy
from treadguard.guard.rules import posture
from treadguard.guard.rules.posture import Posture, Saw, cleared, saw, saw_lumbar, slumps
from treadguard.units import Decideg, Millis

POLICY = PosturePolicy()
UPRIGHT = 0
DOWN = 300


def t(ms: int) -> Millis:
    return Millis(ms)


def fed(
    p: Posture,
    times: Iterable[int],
    trunk: int | None = None,
    neck: int | None = None,
    grade: int | None = None,
) -> tuple[Posture, list[tuple[int, Saw]]]:
    """The same sample at each time; what came of them, and when."""
    seen: list[tuple[int, Saw]] = []
    for now in times:
        p, found = saw(p, t(now), trunk, neck, grade, POLICY)
        if found is not Saw.NOTHING:
            seen.append((now, found))
    return p, seen


def told(p: Posture, now: int) -> list[str]:
    """What is wrong for long enough to be told."""
    return [kind for kind, wrong in slumps(p, t(now), POLICY) if wrong]


def every(step: int, begin: int, end: int) -> range:
    return range(begin, end + 1, step)


def quarters(begin: int, end: int) -> range:
    return every(250, begin, end)


def test_the_marks_of_a_sample_and_of_a_lean_that_stays() -> None:
    assert posture.MIN_GAP_MS == 40  # 25 Hz
    assert posture.TRIES == 2


def test_a_session_begins_without_a_back_off() -> None:
    assert (Posture().backoffs, Posture().trunk_backoffs) == (0, 0)


# ---------------------------------------------------------------- trunk


@pytest.mark.parametrize(("trunk", "cued"), [(149, 0), (150, 0), (151, 1)])
def test_more_than_fifteen_degrees_for_five_seconds_is_a_cue(trunk: int, cued: int) -> None:
    p, _ = fed(Posture(), quarters(0, 4_750), trunk)
    assert not told(p, 4_750)
    p, seen = fed(p, [5_000], trunk)
    assert (told(p, 5_000), seen) == (["trunk"] * cued, [])


@pytest.mark.parametrize(("trunk", "backs_off"), [(200, 0), (201, 1)])
def test_more_than_twenty_degrees_for_ten_seconds_is_a_back_off(trunk: int, backs_off: int) -> None:
    p, seen = fed(Posture(), quarters(0, 10_000), trunk)
    assert seen == [(10_000, Saw.BACK_OFF)] * backs_off
    assert (p.backoffs, p.trunk_backoffs) == (backs_off, backs_off)
    assert p.last_backoff == (10_000 if backs_off else None)


@pytest.mark.parametrize(("trunk", "stops"), [(450, 0), (451, 1)])
def test_more_than_forty_five_degrees_for_a_second_is_a_stop(trunk: int, stops: int) -> None:
    p, seen = fed(Posture(backoffs=1), quarters(0, 1_000), trunk)
    assert seen == [(1_000, Saw.STOP)] * stops
    assert p == (Posture(backoffs=1) if stops else p), "the windows begin anew"


@pytest.mark.parametrize(
    ("grade", "most"),
    [
        (None, 150),
        (-100, 150),
        (0, 150),
        (1, 150),  # whole tenths of a degree only
        (2, 151),
        (40, 170),
        (80, 190),
        (100, 200),
        (101, 200),
        (150, 200),
    ],
)
def test_the_lean_may_grow_half_a_degree_per_cent_and_five_at_most(
    grade: int | None, most: int
) -> None:
    for above, samples in ((0, 0), (1, 1)):
        p, _ = fed(Posture(), [0], most + above, grade=grade)
        assert p.trunk_cue.over == samples
        p, _ = fed(Posture(), [0], most + 50 + above, grade=grade)
        assert p.trunk_backoff.over == samples
        p, _ = fed(Posture(), [0], most + 300 + above, grade=grade)
        assert p.trunk_stop.over == samples


@pytest.mark.parametrize("grade", [None, -1, 0])
def test_without_a_known_climb_the_lean_does_not_grow(grade: int | None) -> None:
    steep = PosturePolicy(lean_per_pct=Decideg(10))
    for trunk, over in ((150, 0), (151, 1)):
        p, _ = saw(Posture(), t(0), trunk, None, grade, steep)
        assert p.trunk_cue.over == over


def test_the_grade_counts_sample_by_sample() -> None:
    p, _ = fed(Posture(), quarters(0, 2_000), 160, grade=20)
    _, seen = fed(p, quarters(2_250, 5_000), 160)
    assert seen == [], "nine of the samples were fine on the grade that was measured then"


# ---------------------------------------------------------------- how often


def backed_off() -> Posture:
    """A first back-off for a lean, at 10 s."""
    p, seen = fed(Posture(), quarters(0, 10_000), 250)
    assert seen == [(10_000, Saw.BACK_OFF)]
    return p


@pytest.mark.parametrize(("now", "found"), [(69_999, Saw.NOTHING), (70_000, Saw.BACK_OFF)])
def test_at_most_one_back_off_a_minute(now: int, found: Saw) -> None:
    p, seen = fed(backed_off(), quarters(10_250, 69_750), 250)
    assert seen == []
    p, was = saw(p, t(now), 250, None, None, POLICY)
    assert was is found
    assert p.backoffs == (2 if found is Saw.BACK_OFF else 1)


@pytest.mark.parametrize(("before", "backs_off"), [(2, True), (3, False), (4, False)])
def test_at_most_three_back_offs_a_session(before: int, backs_off: bool) -> None:
    p = Posture(
        backoffs=before,
    )
    p, seen = fed(p, quarters(0, 10_000), 250)
    assert bool(seen) is backs_off
    assert p.backoffs == before + backs_off


def test_each_is_told_by_a_sample_of_its_own_and_for_as_long_as_it_lasts() -> None:
    p, _ = fed(Posture(), quarters(0, 10_000), 160, DOWN)
    assert told(p, 10_000) == ["trunk", "neck"]
    for trunk, neck, found in ((160, None, ["trunk"]), (None, DOWN, ["neck"]), (None, None, [])):
        assert told(fed(p, [10_250], trunk, neck)[0], 10_250) == found
    p, _ = fed(p, quarters(10_250, 12_000), UPRIGHT, DOWN)
    assert slumps(p, t(12_000), POLICY) == (("trunk", False), ("neck", True))


@pytest.mark.parametrize(("over", "hollow"), [(150, False), (151, True)])
def test_more_than_fifteen_degrees_of_hollow_for_ten_seconds_is_told(
    over: int, hollow: bool
) -> None:
    p = Posture()
    for now in quarters(0, 9_750):
        p = saw_lumbar(p, t(now), over, POLICY)
        assert slumps(p, t(now), POLICY) == (("lumbar", False),)
    p = saw_lumbar(p, t(10_000), over, POLICY)
    assert slumps(p, t(10_000), POLICY) == (("lumbar", hollow),)
    assert slumps(p, t(10_100), POLICY) == ()


# ---------------------------------------------------------------- a lean that stays


def test_the_second_back_off_for_a_lean_sets_the_break_and_the_first_does_not() -> None:
    p = backed_off()
    assert p.break_due is None
    p, _ = fed(p, quarters(10_250, 70_000), 250)
    assert (p.trunk_backoffs, p.break_due) == (2, 130_000)


@pytest.mark.parametrize("before", [2, 5])
def test_a_back_off_for_the_neck_sets_no_break(before: int) -> None:
    p, seen = fed(
        Posture(
            trunk_backoffs=before,
        ),
        quarters(0, 30_000),
        neck=DOWN,
    )
    assert seen == [(30_000, Saw.BACK_OFF)]
    assert (p.backoffs, p.trunk_backoffs, p.break_due) == (1, before, None)


def due_at(ms: int, trunk: int = 250) -> Posture:
    """After the second back-off, with the trunk in sight for twelve seconds up to then."""
    p = Posture(backoffs=2, trunk_backoffs=2, last_backoff=t(ms - 60_000))
    p, seen = fed(replace(p, break_due=t(ms)), quarters(ms - 12_000, ms - 250), trunk)
    assert seen == []
    return p


@pytest.mark.parametrize(("now", "found"), [(99_999, Saw.NOTHING), (100_000, Saw.BREAK)])
def test_a_lean_that_stays_for_a_minute_after_the_second_back_off_is_a_break(
    now: int, found: Saw
) -> None:
    p, was = saw(due_at(100_000), t(now), 250, None, None, POLICY)
    assert was is found
    if found is Saw.BREAK:
        assert p == Posture(backoffs=2, trunk_backoffs=2, last_backoff=t(40_000))


def test_until_then_the_same_lean_brings_no_third_back_off() -> None:
    p = replace(due_at(100_000), last_backoff=t(0))
    p, found = saw(p, t(99_999), 250, None, None, POLICY)
    assert (found, p.backoffs) == (Saw.NOTHING, 2)


@pytest.mark.parametrize(("now", "due"), [(99_999, 100_000), (100_000, None), (100_001, None)])
def test_a_lean_that_is_over_by_then_is_forgotten(now: int, due: int | None) -> None:
    p, found = saw(due_at(100_000, UPRIGHT), t(now), UPRIGHT, None, None, POLICY)
    assert found is Saw.NOTHING
    assert p.break_due == due


def test_a_sensor_that_was_silent_then_decides_nothing_until_its_window_is_full() -> None:
    p = cleared(due_at(100_000))
    p, seen = fed(p, quarters(100_000, 109_750), 250)
    assert (p.break_due, seen) == (100_000, [])
    assert saw(p, t(110_000), 250, None, None, POLICY)[1] is Saw.BREAK


# ---------------------------------------------------------------- neck


@pytest.mark.parametrize(("neck", "cued"), [(249, 0), (250, 0), (251, 1)])
def test_a_neck_bent_by_more_than_twenty_five_degrees_for_ten_seconds_is_a_cue(
    neck: int, cued: int
) -> None:
    p, _ = fed(Posture(), quarters(0, 9_750), neck=neck)
    assert not told(p, 9_750)
    p, seen = fed(p, [10_000], neck=neck)
    assert (told(p, 10_000), seen) == (["neck"] * cued, [])


@pytest.mark.parametrize(("neck", "backs_off"), [(250, 0), (251, 1)])
def test_a_bent_neck_for_thirty_seconds_is_a_back_off(neck: int, backs_off: int) -> None:
    p, seen = fed(Posture(), quarters(0, 30_000), neck=neck)
    assert seen == [(30_000, Saw.BACK_OFF)] * backs_off
    assert (p.backoffs, p.trunk_backoffs) == (backs_off, 0)


@pytest.mark.parametrize(("gap", "backs_off"), [(59_999, 0), (60_000, 1)])
def test_the_neck_keeps_to_one_back_off_a_minute_as_well(gap: int, backs_off: int) -> None:
    bent = Posture(backoffs=1, last_backoff=t(30_000 - gap))
    _, seen = fed(bent, quarters(0, 30_000), neck=DOWN)
    assert seen == [(30_000, Saw.BACK_OFF)] * backs_off


def test_the_neck_is_judged_over_sixty_seconds() -> None:
    """Bent for the first 29.75 s: what has left the window counts no more."""
    p, seen = fed(Posture(), quarters(0, 29_750), neck=DOWN)
    p, more = fed(p, quarters(30_000, 90_250), neck=UPRIGHT)
    assert seen == more == []
    assert p.neck_backoff.over == 0
    assert p.neck_backoff.samples[0][0] == 30_250
