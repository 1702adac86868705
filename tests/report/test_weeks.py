"""Load by the week: every session in one of them, and the ratio only where something is usual."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.pasts import NOW, walked

from treadguard.report.weeks import Ratio, ratio, weeks


@given(st.lists(st.integers(0, 6 * 7 * 24 * 60 - 1), max_size=20))
def test_each_session_is_in_exactly_one_week(minutes_ago: list[int]) -> None:
    rows = [walked(n / 1440, 10) for n in minutes_ago]
    found = weeks(rows, NOW, 6)
    assert sum(week.sessions for week in found) == len(rows)
    assert sum(week.minutes for week in found) == pytest.approx(10 * len(rows))
    assert [week.until for week in found] == sorted(week.until for week in found)
    assert found[-1].until == NOW


def test_a_week_is_seven_days_back_from_now() -> None:
    first, last = weeks([walked(0), walked(6.99), walked(7), walked(14)], NOW, 2)
    assert (last.sessions, last.load) == (2, 60.0)
    assert (first.sessions, first.load) == (1, 30.0)


def test_the_ratio_is_this_week_to_the_mean_of_four() -> None:
    rows = [walked(1, 60), walked(8, 40), walked(15, 20), walked(40, 500)]
    found = ratio(rows, NOW)
    assert found == Ratio(60.0, 15.0)
    assert found.times == 4.0


def test_without_two_weeks_there_is_no_usual() -> None:
    assert ratio([walked(1), walked(8)], NOW) is None
    assert ratio([], NOW) is None
    assert ratio([walked(8), walked(30)], NOW) == Ratio(0.0, 15.0)
