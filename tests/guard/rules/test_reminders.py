"""What is called to mind: how often, how far apart, and when not."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from treadguard.guard.policy import CuePolicy
from treadguard.guard.rules.reminders import FIRST_MS, SAID, Reminders, due, measured, told
from treadguard.units import Millis

MINUTE = 60_000


def said(
    minutes: int, policy: CuePolicy | None = None, *, changes_every: int | None = None
) -> list[tuple[float, str]]:
    """What is said while the belt moves for so long, asked each second."""
    policy = policy or CuePolicy()
    r, found = Reminders(), []
    for ran in range(0, minutes * MINUTE, 1_000):
        change = 0 if changes_every is None else ran // changes_every % 2 * 50
        r = measured(r, ran, 500 + change, 0)
        kind = due(r, ran, policy)
        if kind is not None:
            r = told(r, ran, kind)
            found.append((ran / MINUTE, kind))
    return found


def test_an_hour_brings_fewer_than_twelve_of_all_kinds() -> None:
    found = said(60)
    assert 6 <= len(found) < 12
    assert {kind for _, kind in found} == set(SAID)


def test_two_are_never_closer_than_they_may_be() -> None:
    times = [minute for minute, _ in said(180)]
    assert times[0] == FIRST_MS / MINUTE
    assert min(b - a for a, b in pairwise(times)) == 6


@pytest.mark.parametrize("kind", SAID)
def test_each_can_be_silenced(kind: str) -> None:
    policy = CuePolicy(**{f"{kind}_ms": 0})  # type: ignore[arg-type]
    assert kind not in {what for _, what in said(120, policy)}


def test_quiet_silences_all_of_them() -> None:
    assert due(Reminders(quiet=True), 10 * MINUTE, CuePolicy()) is None
    assert due(Reminders(), 10 * MINUTE, CuePolicy()) is not None


def only(kind: str, ms: int) -> CuePolicy:
    off = dict.fromkeys(("posture_ms", "gaze_ms", "brace_ms", "glutes_ms", "monotony_ms"), 0)
    return CuePolicy(**{**off, f"{kind}_ms": ms})  # type: ignore[arg-type]


def test_each_comes_again_after_its_own_time() -> None:
    assert said(40, only("brace", 10 * MINUTE)) == [(m, "brace") for m in (3, 13, 23, 33)]


def test_monotony_is_told_after_a_quarter_of_an_hour_without_a_change_and_again() -> None:
    assert said(50, only("monotony", 15 * MINUTE)) == [(m, "monotony") for m in (15, 30, 45)]


def test_a_change_of_speed_or_grade_begins_the_quarter_anew() -> None:
    assert said(50, only("monotony", 15 * MINUTE), changes_every=10 * MINUTE) == []
    assert said(50, only("monotony", 15 * MINUTE), changes_every=20 * MINUTE) == [
        (15, "monotony"),
        (35, "monotony"),
    ]


@pytest.mark.parametrize(
    ("speed", "grade", "anew"),
    [
        *((529, 0, False), (530, 0, True), (471, 0, False), (470, 0, True), (500, 4, False)),
        *((500, 5, True), (500, -5, True), (None, 50, False), (500, None, False)),
    ],
)
def test_what_counts_as_a_change(speed: int | None, grade: int | None, anew: bool) -> None:
    before = Reminders(same_from=1_000, speed=500, grade=0)
    after = measured(before, 9_000, speed, grade)
    assert after.same_from == (9_000 if anew else 1_000)


def test_the_one_that_waited_longest_comes_first() -> None:
    r = Reminders(said=(("brace", 0), ("gaze", 60_000), ("glutes", 1), ("posture", 2)))
    late = 30 * MINUTE
    assert due(r, late, CuePolicy(monotony_ms=0)) == "brace"  # type: ignore[arg-type]


def test_nothing_is_said_in_the_first_three_minutes() -> None:
    assert due(Reminders(), FIRST_MS - 1, CuePolicy()) is None
    assert Counter(kind for _, kind in said(3)) == {}


def test_nothing_was_said_and_nothing_measured_at_first() -> None:
    assert Reminders() == Reminders(False, (), None, 0, None, None)


@pytest.mark.parametrize(("grade", "anew"), [(20, False), (24, False), (25, True), (15, True)])
def test_a_change_of_grade_is_measured_from_the_grade_that_was(grade: int, anew: bool) -> None:
    after = measured(Reminders(same_from=1_000, speed=500, grade=20), 9_000, 500, grade)
    assert (after.same_from == 9_000) is anew


def test_a_grade_that_isnt_shown_is_remembered() -> None:
    after = measured(Reminders(same_from=1_000, speed=500, grade=20), 9_000, 600, None)
    assert after == Reminders(same_from=9_000, speed=600, grade=20)


def test_one_that_was_never_said_waits_since_the_first_could_be() -> None:
    policy = CuePolicy(brace_ms=Millis(MINUTE), monotony_ms=Millis(0), apart_ms=Millis(0))
    assert due(Reminders(said=(("brace", 0),)), 10 * MINUTE, policy) == "brace"


@pytest.mark.parametrize(("early", "kind"), [(1, None), (0, "brace")])
def test_none_is_said_a_moment_early(early: int, kind: str | None) -> None:
    r = Reminders(said=(("brace", 200_000),))
    assert due(r, 200_000 + 10 * MINUTE - early, only("brace", 10 * MINUTE)) == kind
