"""What is believed of one axis, sample by sample: how fast it may rise, and what is a leap."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from treadguard.guard import credible
from treadguard.guard.credible import GRADE, SPEED, Credible, Pace
from treadguard.units import Millis


def seen(
    *samples: tuple[int, int],
    c: Credible | None = None,
    known: int = 0,
    pace: Pace = SPEED,
) -> Credible:
    """(time, value) folded in, one after the other."""
    c = Credible() if c is None else c
    for t, shown in samples:
        c = credible.saw(c, Millis(t), shown, known, pace)
    return c


STEADY = seen((1_000, 400), (2_000, 400))


def test_the_first_sample_is_believed_and_is_no_evidence() -> None:
    c = seen((1_000, 1_500))
    assert (c.value, c.samples, c.leaps) == (1_500, 1, ())
    assert c.doubtful
    assert not c.leapt
    assert Credible().doubtful


def test_the_second_sample_is_evidence() -> None:
    assert not STEADY.doubtful
    assert not seen((3_000, 380), (4_000, 390), c=STEADY).doubtful


def test_the_same_record_twice_is_one_sample() -> None:
    assert seen((1_000, 400), (1_000, 400)).doubtful
    assert not seen((2_000, 400), c=STEADY).doubtful


@pytest.mark.parametrize(
    ("t", "shown", "believed"),
    [
        (3_000, 0, 0),
        (3_000, 700, 700),
        (3_000, 701, 700),
        (2_500, 900, 550),
        (2_503, 900, 550),
        (2_504, 900, 551),
        (2_000, 900, 400),
        (3_999, 2_000, 999),
        (4_000, 2_000, 1_000),
        (9_000, 2_000, 1_000),
    ],
)
def test_a_speed_is_believed_at_once_downward_and_upward_by_three_kmh_a_second(
    t: int, shown: int, believed: int
) -> None:
    """Of a gap in the samples no more than 2 s count."""
    assert seen((t, shown), c=STEADY).value == believed


@pytest.mark.parametrize(("t", "believed"), [(2_500, 35), (3_000, 50), (4_000, 80), (9_000, 80)])
def test_a_grade_is_believed_upward_by_three_percent_a_second(t: int, believed: int) -> None:
    flat = seen((1_000, 20), (2_000, 20), pace=GRADE)
    assert seen((t, 150), c=flat, pace=GRADE).value == believed


@pytest.mark.parametrize(("pace", "slack"), [(SPEED, 50), (GRADE, 5)])
def test_what_lies_above_by_more_than_the_noise_is_a_leap(pace: Pace, slack: int) -> None:
    flat = seen((1_000, 20), (2_000, 20), pace=pace)
    top = 20 + pace.per_s
    assert not seen((3_000, top + slack), c=flat, pace=pace).leapt
    leapt = seen((3_000, top + slack + 1), c=flat, pace=pace)
    assert leapt.leapt
    assert leapt.leaps == (3_000,)


def test_from_a_standing_belt_too_only_the_noise_is_no_leap() -> None:
    assert not seen((0, 0), (1_000, 0), (1_000, 50)).leapt
    assert seen((0, 0), (1_000, 0), (1_000, 51)).leapt


def test_what_our_own_command_or_the_machine_has_named_is_no_leap() -> None:
    assert seen((3_000, 900), c=STEADY, known=900).value == 900
    assert not seen((3_000, 950), c=STEADY, known=900).leapt
    assert seen((3_000, 951), c=STEADY, known=900).leapt
    announced = replace(STEADY, announced=900)
    c = seen((3_000, 900), c=announced)
    assert (c.value, c.leapt) == (900, False)
    assert seen((4_000, 400), (5_000, 900), c=c).value == 900, "and stays named"


@pytest.mark.parametrize(("t", "leapt"), [(5_999, True), (6_000, False)])
def test_a_doubt_lasts_three_seconds_of_samples(t: int, leapt: bool) -> None:
    c = seen((3_000, 1_500), c=STEADY)
    assert c.leapt, "silence ends nothing"
    c = seen((t, 400), c=c)
    assert (c.leapt, c.doubtful) == (leapt, leapt)


def test_a_high_value_that_stays_is_a_doubt_and_one_leap() -> None:
    """A quick key: believed as soon as any machine could have got there."""
    c = seen((3_000, 1_500), (4_000, 1_500), c=STEADY)
    assert (c.value, c.leaps, c.doubted) == (1_000, (3_000,), 4_000)
    c = seen((5_000, 1_500), (6_000, 1_500), c=c)
    assert (c.value, c.leaps, c.doubted) == (1_500, (3_000,), 5_000)


def test_a_high_value_that_flickers_is_one_leap() -> None:
    assert seen((3_000, 1_500), (4_000, 1_550), c=STEADY).leaps == (3_000,)
    assert seen((3_000, 1_500), (4_000, 1_551), c=STEADY).leaps == (3_000, 4_000)


def test_the_third_leap_makes_no_sense() -> None:
    c = seen((3_000, 1_500), (4_000, 400), (5_000, 1_500), (6_000, 400), c=STEADY)
    assert not c.senseless
    c = seen((7_000, 1_500), c=c)
    assert c.senseless
    assert seen((8_000, 400), (9_000, 1_500), c=c).leaps == (5_000, 7_000, 9_000)


@pytest.mark.parametrize(("t", "leaps"), [(12_999, 1), (13_000, 0)])
def test_a_leap_is_forgotten_after_ten_seconds(t: int, leaps: int) -> None:
    c = seen((3_000, 1_500), (4_000, 400), (t, 400), c=STEADY)
    assert len(c.leaps) == leaps


def test_a_new_connection_begins_anew_but_remembers_the_leaps() -> None:
    c = seen((3_000, 1_500), (4_000, 400), (5_000, 1_500), c=replace(STEADY, announced=700))
    fresh = credible.forgotten(c)
    left = {name: value for name, value in asdict(fresh).items() if value}
    assert left == {"leaps": (3_000, 5_000)}
    first = seen((6_000, 400), c=fresh)
    assert (first.value, first.samples, first.leapt) == (400, 1, False)
    assert seen((7_000, 1_500), c=first).senseless
    assert seen((13_000, 400), c=fresh).leaps == (5_000,)
