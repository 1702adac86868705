"""A programme's leave in the gate: what it covers, from when, and what ends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gate_belt import START, STOP, Belt, grade_frame, speed_frame

from treadguard.gate import Stage, saw_speed
from treadguard.units import STOPPED_MAX, Millis, Speed

PLAN = (Stage(0, 400, 0), Stage(60_000, 600, 20), Stage(120_000, 300, 0))


def planned(*stages: Stage) -> Belt:
    b = Belt()
    b.state = replace(b.state, plan=stages or PLAN)
    return b


def going(*stages: Stage) -> Belt:
    """Consented to, set going, started; the belt has just begun to move at 3.0 km/h."""
    b = planned(*stages).sees(0, 0).sees_grade(0).consent("programme").sets_going().passes(START)
    return b.wait(3_000).sees(300).sees_grade(0)


def test_one_consent_covers_the_start_and_the_raises() -> None:
    b = going().passes(speed_frame(350)).runs(2, 350).passes(speed_frame(400))
    b.runs(58, 400).passes(speed_frame(450)).runs(1, 450).sees_grade(0).passes(grade_frame(10))


def test_no_raise_comes_before_its_leg() -> None:
    b = going().runs(10, 400).sees_grade(0)
    b.refuses(speed_frame(410), "consent").refuses(grade_frame(5), "consent")
    b.runs(49, 400).refuses(speed_frame(410), "consent")  # 59 s after it began to move
    b.runs(1, 400).passes(speed_frame(410))


def test_nothing_passes_the_fastest_leg() -> None:
    b = going().runs(60, 590).passes(speed_frame(600)).runs(2, 600)
    b.refuses(speed_frame(610), "consent")


def test_a_raise_is_no_faster_than_any_other() -> None:
    going().runs(60, 400).refuses(speed_frame(460), "too fast").passes(speed_frame(450))
    b = going().runs(60, 400).passes(speed_frame(450)).wait(500).sees(450)
    b.refuses(speed_frame(500), "too fast")


def test_speed_and_grade_still_dont_rise_within_a_second() -> None:
    b = going().runs(60, 400).sees_grade(0).passes(speed_frame(420)).wait(500)
    b.refuses(grade_frame(5), "never raised at once")


def test_its_own_lowerings_dont_end_it() -> None:
    b = going(Stage(0, 400, 0), Stage(10_000, 350, 0), Stage(20_000, 400, 0)).runs(12, 400)
    b.passes(speed_frame(350)).runs(10, 350).passes(speed_frame(400))


ENDS: dict[str, Callable[[Belt], Belt]] = {
    "a Stop": lambda b: b.passes(STOP).runs(1, 300),
    "a withdrawal": lambda b: b.loses_leave(),
    "lost time": lambda b: b.loses_time().sees(300, 300).sees_grade(0),
    "a gap": lambda b: b.wait(3_001).sees(300),
    "a new connection": lambda b: b.link(up=False).link(up=True, generation=2).sees(300, 300),
}


@pytest.mark.parametrize("what", ENDS)
def test_it_ends_with(what: str) -> None:
    b = ENDS[what](going())
    if what == "a new connection":
        b.sees_grade(0)
    b.wait(6_000).sees(300).refuses(speed_frame(350), "")


def test_a_new_consent_takes_it_up_again_where_its_time_has_come_to() -> None:
    b = going().runs(60, 400).loses_leave().refuses(speed_frame(420), "consent")
    b.consent("programme").sets_going().passes(speed_frame(420))


def test_a_consent_alone_is_no_programme_that_goes() -> None:
    b = planned().sees(300, 300).consent("programme").refuses(speed_frame(350), "consent")
    b.sets_going().passes(speed_frame(350))


@pytest.mark.parametrize(("after", "ok"), [(9_999, True), (10_000, False)])
def test_it_is_set_going_within_ten_seconds_or_never(after: int, *, ok: bool) -> None:
    b = planned().sees(300, 300).consent("programme", lasts=60_000)
    b.runs(9, 300).wait(after - 9_000).sees(300).sets_going()
    assert (b.asks(speed_frame(350)) is None) is ok


def test_the_start_has_no_longer_leave_than_any_start() -> None:
    b = planned().sees(0, 0).consent("programme").sets_going().wait(10_000).sees(0, 0)
    b.refuses(START, "word")


def test_without_a_plan_there_is_nothing_to_raise() -> None:
    b = Belt().sees(300, 300).consent("programme").sets_going()
    b.refuses(speed_frame(310), "consent")


def test_a_named_speed_is_a_programme_of_its_own_on_the_flat() -> None:
    b = Belt().sees(300, 300).sees_grade(0).consent("programme", 350).sets_going()
    b.refuses(grade_frame(5), "consent").passes(speed_frame(350)).runs(2, 350)
    b.refuses(speed_frame(360), "consent")
    assert Belt().sees(1990, 1990).consent("programme", 3000).sets_going().asks(speed_frame(2001))


def test_the_runners_own_leave_goes_beside_it() -> None:
    b = going().consent("speed", 450).passes(speed_frame(350)).runs(2, 350)
    b.passes(speed_frame(420)).runs(1, 420).passes(speed_frame(450)).runs(2, 450)
    b.refuses(speed_frame(460), "consent")


def test_its_time_is_time_on_a_moving_belt() -> None:
    """A consent that waited, or a break, brings no later leg nearer."""
    b = planned().sees(0, 0).sees_grade(0).consent("programme").sets_going().wait(9_000)
    b.sees(0, 0).passes(START).wait(3_000).sees(300).sees_grade(0)
    b.runs(30, 400).passes(STOP).wait(1_000).sees(0).wait(300_000).sees(0, 0)
    b.consent("programme").sets_going().passes(START).wait(3_000).sees(300).sees_grade(0)
    b.runs(28, 400).refuses(speed_frame(420), "consent").runs(1, 400).passes(speed_frame(420))


def test_a_gap_counts_for_five_seconds_at_most() -> None:
    b = going().wait(60_000).sees(400, 400).sees_grade(0).consent("programme").sets_going()
    b.refuses(speed_frame(420), "consent").runs(54, 400).refuses(speed_frame(420), "consent")
    b.runs(1, 400).passes(speed_frame(420))


@pytest.mark.parametrize(("after", "ok"), [(9_999, False), (10_000, True)])
def test_of_a_gap_not_a_millisecond_less_is_counted(after: int, *, ok: bool) -> None:
    b = going(Stage(0, 400, 0), Stage(15_000, 600, 0)).wait(60_000).sees(400, 400)
    b.consent("programme").sets_going()
    while after > 1_000:
        after -= 1_000
        b.wait(1_000).sees(400)
    b.wait(after - 200).sees(400)  # the second of the two samples was 200 ms
    assert (b.asks(speed_frame(410)) is None) is ok


def test_a_consent_beside_a_moving_belt_is_none_for_a_start_after_a_stop() -> None:
    b = planned().sees(300, 300).consent("programme").sets_going().wait(500).sees(0, 0)
    b.refuses(START, "word")


def test_nothing_that_was_asked_for_before_a_stop_is_taken_up_after_it() -> None:
    b = planned().sees(300, 300).sees_grade(0).consent("programme").passes(STOP)
    b.runs(6, 300).sets_going().refuses(speed_frame(310), "consent")


def test_a_second_consent_leaves_the_leave_of_the_first_as_it_is_until_it_is_taken_up() -> None:
    b = going().runs(10, 390).consent("programme", 900).refuses(speed_frame(420), "consent")
    b.passes(speed_frame(400))


# ---------------------------------------------------------------- its state, piece by piece


def test_a_new_connection_keeps_the_plan_and_its_time_but_none_of_the_leave() -> None:
    b = going().runs(7, 300).link(up=False).link(up=True, generation=2)
    assert (b.state.plan, b.state.plan_gone) == (PLAN, 7_000)
    assert (b.state.asked, b.state.programme) == (None, ())


@pytest.mark.parametrize("target", [None, 350])
def test_a_consent_is_taken_up_once(target: int | None) -> None:
    b = planned().sees(300, 300).consent("programme", target).sets_going().loses_leave()
    b.sets_going().refuses(speed_frame(310), "consent")


def test_a_named_speed_is_one_stage_from_the_first_moment_without_any_grade() -> None:
    b = Belt().sees(300, 300).sees_grade(0).consent("programme", 350).sets_going()
    assert b.state.programme == (Stage(0, 350, 0),)
    b.refuses(grade_frame(1), "consent")


def test_a_stage_begins_at_its_millisecond() -> None:
    b = planned(Stage(0, 300, 0), Stage(1, 350, 0)).sees(300, 300).consent("programme")
    b.sets_going().refuses(speed_frame(310), "consent").wait(1).passes(speed_frame(310))


@pytest.mark.parametrize(
    ("shown", "later", "counts"),
    [
        *((300, 0, 0), (300, 1, 1), (300, 4_999, 4_999), (300, 5_000, 5_000), (300, 9_000, 5_000)),
        *((300, -5, 0), (STOPPED_MAX, 1_000, 0), (STOPPED_MAX + 1, 1_000, 1_000)),
    ],
)
def test_what_counts_as_time_on_a_moving_belt(shown: int, later: int, counts: int) -> None:
    b = planned().sees(shown).consent("programme").sets_going()
    assert b.state.plan_gone == 0
    assert saw_speed(b.state, Millis(b.t + later), Speed(300)).plan_gone == counts


def test_a_lesser_leave_under_way_lends_a_raise_of_the_programme_nothing() -> None:
    """Neither its longer second for a later frame, nor does it go on to its own target after it."""
    b = going().consent("speed", 320).passes(speed_frame(310)).runs(2, 310)
    b.refuses(speed_frame(370), "too fast").passes(speed_frame(360)).runs(2, 360)
    old = going().consent("speed", 330).runs(10, 300)
    old.passes(speed_frame(350)).runs(2, 350).loses_leave().passes(speed_frame(310)).runs(2, 310)
    old.refuses(speed_frame(320), "consent")


STAGES = st.lists(
    st.builds(Stage, st.integers(0, 200_000), st.integers(0, 2_000), st.integers(0, 150)),
    max_size=6,
)


@given(STAGES, st.integers(0, 250), st.integers(0, 2_500))
def test_what_passes_is_never_above_what_has_begun(
    stages: list[Stage], seconds: int, speed: int
) -> None:
    b = planned(*stages) if stages else Belt()
    b.sees(300, 300).consent("programme").sets_going().runs(seconds, 300)
    why = b.asks(speed_frame(speed))
    begun = [stage.speed for stage in stages if stage.begins <= seconds * 1_000]
    if why is None and speed > 300:
        assert speed <= max(begun)
        assert speed <= 350
    elif 300 < speed <= min(max(begun, default=0), 350):
        raise AssertionError(why)
