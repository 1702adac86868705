"""What the past says before a start: locks, ceilings and sentences, each at its edge."""

from __future__ import annotations

from datetime import date, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.pasts import NOW, ended_for_pain, walked

from treadguard.report.diary import Diary, Feels, Morning, Shoes
from treadguard.report.outlook import Outlook, before_today, morning_after, outlook, worn
from treadguard.report.row import Row

NOBODY = Diary()


def said(found: Outlook, words: str) -> bool:
    return any(words in sentence for sentence in found.sentences)


def answer(after: Row, feels: Feels, *, days_ago: float = 0.0) -> Diary:
    at = NOW - timedelta(days=days_ago)
    return Diary(mornings=(Morning(at, after.session, at.date(), 3, feels),))


def test_without_a_past_nothing_is_said() -> None:
    assert outlook([], NOBODY, NOW, 3600) == Outlook()


# ---------------------------------------------------------------- (a) the longest of 30 days


def test_how_long_is_usual_is_110_percent_of_the_longest_in_30_days() -> None:
    rows = [walked(31, 90), walked(20, 40), walked(2, 30)]
    assert said(outlook(rows, NOBODY, NOW), "Up to 44 min is within your usual")
    assert not said(outlook(rows, NOBODY, NOW, 44 * 60), "min")
    found = outlook(rows, NOBODY, NOW, 44 * 60 + 1)
    assert said(found, "44 min are planned, and the longest session of the last 30 days moved")
    assert said(found, "for 40 min")


def test_after_a_month_without_a_session_the_next_begins_gently() -> None:
    assert said(outlook([walked(31, 90)], NOBODY, NOW), "No session in the last 30 days")


# ---------------------------------------------------------------- (b) the week


def test_a_week_far_above_the_usual_is_said() -> None:
    usual = [walked(days, 20) for days in (8, 15, 22, 29)]
    assert not said(outlook([*usual, walked(1, 30)], NOBODY, NOW), "usual load")
    found = outlook([*usual, walked(1, 32)], NOBODY, NOW)
    assert said(found, "1.6 times your usual load (32, usually 20)")


# ---------------------------------------------------------------- (c) a pain end


def test_a_pain_end_locks_for_24_hours_from_the_end() -> None:
    row = ended_for_pain(0.5)
    found = outlook([row], NOBODY, NOW)
    assert found.locked_until == NOW + timedelta(hours=12, minutes=30)
    assert found.lock is not None
    assert "2026-03-21 06:30" in found.lock
    end = row.started + timedelta(minutes=30, hours=24)
    assert outlook([row], NOBODY, end - timedelta(seconds=1)).locked_until == end
    assert outlook([row], NOBODY, end).locked_until is None


def test_a_locked_belt_has_no_usual_length() -> None:
    rows = [walked(days, 20) for days in (8, 15, 22, 29)]
    assert len(outlook([*rows, ended_for_pain(1.2, 600, load=90)], NOBODY, NOW).sentences) == 3
    assert len(outlook([*rows, ended_for_pain(0.5, 600, load=90)], NOBODY, NOW).sentences) == 1


def test_another_session_meanwhile_opens_no_lock() -> None:
    rows = [ended_for_pain(0.5), walked(0.1, mode="shadow")]
    assert outlook(rows, NOBODY, NOW).locked_until is not None


def test_the_lock_is_told_in_the_runners_own_time() -> None:
    local = NOW.astimezone(timezone(timedelta(hours=5)))
    found = outlook([ended_for_pain(0.5)], NOBODY, local)
    assert found.lock is not None
    assert "2026-03-21 11:30" in found.lock


@pytest.mark.parametrize(
    ("speed", "least", "ceiling"),
    [
        (600, 100, 540),
        (555, 100, 490),
        (100, 100, 100),
        (150, 160, 160),
        (90, None, 100),
        (50, 10, 50),
        (9_000, 100, 2_000),
    ],
)
def test_the_ceiling_is_90_percent_of_the_speed_before_and_no_lock(
    speed: int, least: int | None, ceiling: int
) -> None:
    found = outlook([ended_for_pain(3, speed, speed_min=least)], NOBODY, NOW)
    assert found.ceiling == ceiling
    assert found.locked_until is None
    assert said(found, f"{ceiling / 100:.1f} km/h is the most")


def test_the_ceiling_is_the_next_sessions_alone() -> None:
    assert outlook([ended_for_pain(3), walked(1)], NOBODY, NOW).ceiling is None
    # One that was only watched, or no session at all, isn't the next.
    assert outlook([ended_for_pain(3), walked(1, mode="shadow")], NOBODY, NOW).ceiling == 540
    assert outlook([ended_for_pain(3), walked(1, 0.5)], NOBODY, NOW).ceiling == 540
    # And an end before the belt moved says nothing about a speed.
    assert outlook([ended_for_pain(5), ended_for_pain(3, None)], NOBODY, NOW).ceiling == 540
    assert outlook([ended_for_pain(3, None)], NOBODY, NOW).ceiling is None


# ---------------------------------------------------------------- (d) two in a row


def test_two_pain_ends_in_a_row_bring_the_advice() -> None:
    pt = "see a physical therapist"
    assert said(outlook([ended_for_pain(5), ended_for_pain(3)], NOBODY, NOW), pt)
    assert not said(outlook([ended_for_pain(3)], NOBODY, NOW), pt)
    between = [ended_for_pain(5), walked(4), ended_for_pain(3)]
    assert not said(outlook(between, NOBODY, NOW), pt)


# ---------------------------------------------------------------- (e) the morning after


def test_the_morning_is_asked_for_from_the_next_day_on_for_a_week() -> None:
    for days, asks in ((0.1, False), (0.58, False), (0.6, True), (7.5, True), (7.6, False)):
        row = walked(days)
        assert (outlook([row], NOBODY, NOW).asks_morning == row) is asks, days
    row = walked(1)
    assert outlook([walked(2), row], NOBODY, NOW).asks_morning == row
    assert outlook([row], answer(row, "same"), NOW).asks_morning is None


def test_a_night_belongs_to_the_day_before() -> None:
    """At half past midnight nobody has slept yet; who ran at one o'clock wakes on the same date."""
    late = NOW.replace(hour=0, minute=30)
    evening = walked(19.5 / 24)  # 22:30
    assert outlook([evening], NOBODY, late).asks_morning is None
    assert before_today([evening], late) is None
    assert outlook([evening], NOBODY, NOW.replace(hour=4)).asks_morning == evening
    assert morning_after(evening, NOW) == NOW.date()
    assert morning_after(walked(17 / 24), NOW) == NOW.date()  # 01:00
    assert morning_after(walked(14 / 24), NOW) == NOW.date() + timedelta(days=1)  # 04:00


@pytest.mark.parametrize(("feels", "ceiling"), [("better", None), ("same", None), ("worse", 540)])
def test_worse_lowers_the_next_session(feels: Feels, ceiling: int | None) -> None:
    row = walked(1)
    assert outlook([row], answer(row, feels), NOW).ceiling == ceiling


def test_worse_holds_until_a_session_has_followed_the_answer() -> None:
    row = walked(2)
    assert outlook([row, walked(0.5)], answer(row, "worse", days_ago=1), NOW).ceiling is None
    # Said late, after another start: then it is about the one after that.
    assert outlook([row, walked(0.5)], answer(row, "worse"), NOW).ceiling == 540


def test_of_two_ceilings_the_lower_one_holds() -> None:
    row = ended_for_pain(1.5, 500)
    found = outlook([row], answer(row, "worse"), NOW)
    assert found.ceiling == 450
    assert said(found, "4.5 km/h is the most")
    assert not said(found, "5.4")
    row = ended_for_pain(1.5, 600, max_speed=500)
    assert said(outlook([row], answer(row, "worse"), NOW), "4.5 km/h is the most")


def test_this_morning_comes_after_the_last_session_before_today() -> None:
    assert before_today([walked(2), walked(1), walked(0.1)], NOW) == walked(1)
    assert before_today([walked(0.1)], NOW) is None


# ---------------------------------------------------------------- (f) shoes


def test_shoes_are_looked_at_from_500_km_on() -> None:
    shoes = Diary(shoes=(Shoes(NOW, "Brand X", date(2026, 3, 10)),))
    before, after = walked(11, distance_m=900_000), walked(10, 60, distance_m=499_999)
    assert worn([before, after], shoes, NOW) == worn([after], shoes, NOW)
    assert not said(outlook([before, after], shoes, NOW), "shoes")
    assert said(
        outlook([before, after, walked(5, 60, distance_m=1)], shoes, NOW),
        "Your shoes (Brand X) have 500 km and 2 h since 2026-03-10",
    )
    assert worn([after], NOBODY, NOW) is None


# ---------------------------------------------------------------- all of it


def test_the_simulated_and_what_is_yet_to_come_count_for_nothing() -> None:
    simulated = ended_for_pain(0.2, is_real=False)
    assert outlook([simulated], NOBODY, NOW) == Outlook()
    ahead = outlook([ended_for_pain(-1)], NOBODY, NOW)
    assert (ahead.locked_until, ahead.ceiling) == (None, None)
    assert said(ahead, "look at this computer's clock")


ROWS = st.lists(
    st.builds(
        lambda days, minutes, pain, mode, real: walked(
            days, minutes, mode=mode, is_real=real, pain_end_ms=pain, speed_then=pain and 600
        ),
        st.floats(-2, 60),
        st.floats(0, 120),
        st.none() | st.just(60_000),
        st.sampled_from(["guard", "shadow"]),
        st.booleans(),
    ),
    max_size=8,
)


@given(ROWS, st.none() | st.floats(1, 86_400))
def test_another_pain_end_now_never_loosens(rows: list[Row], planned: float | None) -> None:
    before = outlook(rows, NOBODY, NOW, planned)
    more: dict[str, Any] = {"pain_end_ms": 0, "speed_then": 300}
    after = outlook([*rows, walked(0, 0, **more)], NOBODY, NOW, planned)
    assert after.locked_until is not None
    assert after.locked_until >= max(before.locked_until or NOW, NOW + timedelta(hours=24))
    assert after.ceiling == 270
    assert before.ceiling is None or before.ceiling <= 540
    assert all(sentence.endswith(".") for sentence in (*before.sentences, *after.sentences))
