"""Set incline: the same shape as speed, and never below zero."""

from __future__ import annotations

import pytest
from tests.gate_belt import Belt, grade_frame, moving, speed_frame, standing


@pytest.mark.parametrize(("grade", "ok"), [(149, True), (150, True), (151, False), (0x7FFF, False)])
def test_nothing_above_15_percent_goes_out(grade: int, *, ok: bool) -> None:
    b = moving(grade=200)
    assert (b.asks(grade_frame(grade)) is None) is ok


def test_a_consent_above_the_cap_is_clipped_to_it() -> None:
    b = moving(grade=145).consent("incline", 400)
    assert b.state.grade.leave is not None
    assert b.state.grade.leave.target == 150
    b.refuses(grade_frame(151), "15 %").passes(grade_frame(150))


@pytest.mark.parametrize("measured", [-50, -1, 0, 1, 50])
@pytest.mark.parametrize("grade", [-0x8000, -50, -1])
def test_nothing_below_zero_goes_out(measured: int, grade: int) -> None:
    moving(grade=measured).consent("incline", 150).refuses(grade_frame(grade), "below")


def test_an_unknown_grade_takes_only_zero() -> None:
    for grade in (1, 5, 150):
        Belt().sees(500, 500).consent("incline", 150).refuses(grade_frame(grade), "known")
    Belt().sees(500, 500).passes(grade_frame(0))


def test_zero_sent_to_an_unknown_grade_stands() -> None:
    b = Belt().sees(500, 500).passes(grade_frame(0)).wait(200).sees_grade(30)
    b.refuses(grade_frame(20), "consent").passes(grade_frame(0))


def test_a_grade_that_was_only_commanded_is_not_raised() -> None:
    b = Belt().sees(500, 500).passes(grade_frame(0)).consent("incline", 50)
    b.refuses(grade_frame(5), "incline isn't known")


def test_lowering_passes_on_a_belt_that_moves_stands_or_is_lost() -> None:
    for b in (moving(grade=40), standing().sees_grade(40), moving(grade=40).wait(60_000)):
        b.passes(grade_frame(40), grade_frame(39), grade_frame(0))


def test_a_decline_is_not_levelled_in_one_go() -> None:
    moving(grade=-30).refuses(grade_frame(0), "consent")
    moving(grade=-30).consent("incline", 0).refuses(grade_frame(0), "fast")


def test_a_raise_needs_consent() -> None:
    b = moving(grade=20).refuses(grade_frame(21), "consent").consent("speed", 2000)
    b.consent("start").refuses(grade_frame(21), "consent")
    b.consent("incline", 25).refuses(grade_frame(26), "consent").passes(grade_frame(25))


def test_a_raise_needs_a_belt_that_moves() -> None:
    for b in (
        standing().sees_grade(0),
        Belt().sees_grade(0),
        moving().wait(200).sees(5),
        moving().wait(3_001).sees_grade(0),
    ):
        b.consent("incline", 50).refuses(grade_frame(5), "known to move")
    moving().wait(200).sees(6).consent("incline", 50).passes(grade_frame(5))


@pytest.mark.parametrize(("age", "ok"), [(3_000, True), (3_001, False)])
def test_a_raise_needs_a_fresh_grade(age: int, *, ok: bool) -> None:
    b = moving().wait(age - 200).sees(500, 500).consent("incline", 50)
    assert (b.asks(grade_frame(5)) is None) is ok


@pytest.mark.parametrize(("grade", "ok"), [(1, True), (10, True), (11, False)])
def test_a_first_frame_goes_up_by_at_most_1_percent(grade: int, *, ok: bool) -> None:
    b = moving().consent("incline", 150)
    assert (b.asks(grade_frame(grade)) is None) is ok


@pytest.mark.parametrize(
    ("elapsed", "rise", "ok"),
    [
        (0, 1, False),
        (99, 1, False),
        (100, 1, True),
        (1_000, 10, True),
        (1_000, 11, False),
        (2_000, 20, True),
        (2_900, 21, False),
    ],
)
def test_later_frames_go_up_by_1_percent_a_second(elapsed: int, rise: int, *, ok: bool) -> None:
    b = moving().consent("incline", 150).passes(grade_frame(5)).wait(elapsed)
    assert (b.asks(grade_frame(5 + rise)) is None) is ok


@pytest.mark.parametrize(("after", "ok"), [(9_999, True), (10_000, False)])
def test_the_first_frame_comes_within_10_s(after: int, *, ok: bool) -> None:
    b = moving().consent("incline", 50, lasts=60_000)
    for _ in range(4):
        b.wait(2_400).sees(500).sees_grade(0)
    b.wait(after - 9_600)
    assert (b.asks(grade_frame(5)) is None) is ok


def test_a_ramp_runs_to_its_target_and_ends() -> None:
    b = moving().consent("incline", 20, lasts=1_000)
    for grade in (5, 10, 15, 20):
        b.passes(grade_frame(grade)).wait(1_000).sees(500).sees_grade(grade)
    b.refuses(grade_frame(21), "consent").passes(grade_frame(15))
    b.wait(1_000).sees(500).sees_grade(15).refuses(grade_frame(20), "consent")


@pytest.mark.parametrize("lowering", [grade_frame(35), speed_frame(490)], ids=["incline", "speed"])
def test_any_lowering_ends_a_ramp(lowering: bytes) -> None:
    b = moving(grade=40).consent("incline", 90).passes(grade_frame(45), lowering).wait(2_000)
    b.refuses(grade_frame(50), "consent")


def test_repeating_a_target_keeps_a_ramp() -> None:
    b = moving(grade=40).consent("incline", 90).passes(grade_frame(45), grade_frame(45))
    b.passes(speed_frame(500)).wait(1_000).passes(grade_frame(50))


def test_a_newer_consent_replaces_the_older() -> None:
    b = moving().consent("incline", 90).passes(grade_frame(5)).wait(1_000)
    b.consent("incline", 6).refuses(grade_frame(7), "consent").passes(grade_frame(6))


def test_a_speed_consent_leaves_an_incline_ramp_alone() -> None:
    b = moving().consent("incline", 90).passes(grade_frame(5)).wait(1_000)
    b.consent("speed", 600).passes(grade_frame(10))


def test_a_gap_in_the_speed_ends_an_incline_ramp() -> None:
    b = moving().consent("incline", 90).passes(grade_frame(5)).wait(3_001).sees(500)
    b.sees_grade(5).refuses(grade_frame(6), "consent")


def test_between_the_command_and_a_deck_that_still_sinks_is_a_raise() -> None:
    b = moving(grade=100).passes(grade_frame(20))
    for grade in range(97, 25, -3):
        b.wait(1_000).sees_grade(grade).sees(500).refuses(grade_frame(grade - 1), "consent")
    b.passes(grade_frame(20), grade_frame(0))


# 0.5 % off the way to the target and the console drives.
@pytest.mark.parametrize(("seen", "left"), [(34, True), (35, False), (45, False), (46, True)])
def test_a_command_is_forgotten_once_the_deck_has_left_it(seen: int, *, left: bool) -> None:
    b = moving(grade=40).passes(grade_frame(40)).wait(1_000).sees_grade(seen)
    assert (b.state.grade.sent is None) is left


def test_lowering_a_deck_that_the_console_raised_passes_at_once() -> None:
    b = moving(grade=20).passes(grade_frame(0)).wait(1_000).sees_grade(0).wait(1_000)
    b.sees_grade(30).passes(grade_frame(25))


@pytest.mark.parametrize(("after", "ok"), [(0, False), (999, False), (1_000, True)])
def test_incline_is_not_raised_within_a_second_of_the_speed(after: int, *, ok: bool) -> None:
    b = moving(500).consent("speed", 600).consent("incline", 50).passes(speed_frame(510))
    b.wait(after)
    assert (b.asks(grade_frame(5)) is None) is ok


def test_lowering_the_incline_right_after_a_speed_raise_passes() -> None:
    moving(500, grade=40).consent("speed", 600).passes(speed_frame(510), grade_frame(35))
