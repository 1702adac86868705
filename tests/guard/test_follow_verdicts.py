"""The belt follower by itself: confirmed, lost, or the wrong way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.guard.followed import NOTHING, at, lowering, raising, shown, stopped

from treadguard.guard import follow
from treadguard.guard.follow import Follow, Sees
from treadguard.units import Millis

CONFIRMED, WRONG = Sees.CONFIRMED, Sees.WRONG_WAY


# ---------------------------------------------------------------- there


@pytest.mark.parametrize(("speed", "there"), [(516, False), (515, True), (500, True), (300, True)])
def test_a_lowering_is_confirmed_within_fifteen_hundredths(speed: int, there: bool) -> None:
    """H04."""
    f, sees = shown(lowering(500, 600), (1_000, speed))
    assert (f.arrived, sees) == (there, CONFIRMED if there else NOTHING)


@pytest.mark.parametrize(("speed", "there"), [(584, False), (585, True), (600, True), (610, True)])
def test_a_raise_is_confirmed_within_fifteen_hundredths(speed: int, there: bool) -> None:
    f, sees = shown(raising(600, 500), (1_000, speed))
    assert (f.arrived, sees) == (there, CONFIRMED if there else NOTHING)


@pytest.mark.parametrize("f", [lowering(550, 600, 1_000), raising(450, 400, 1_000)])
def test_only_a_sample_newer_than_the_write_confirms_it(f: Follow) -> None:
    """H04."""
    assert shown(f, (1_000, f.target))[1] is NOTHING
    assert shown(f, (1_001, f.target))[1] is CONFIRMED
    f = follow.wrote_speed(f, 2, Millis(2_000), 500, 505, up=f.kind == "raise")
    early, sees = shown(f, (2_000, 500))
    assert (early.arrived, sees) == (False, NOTHING)
    assert shown(f, (2_001, 500))[1] is CONFIRMED


def test_a_verdict_is_said_once() -> None:
    f, sees = shown(lowering(500, 600), (1_000, 500))
    assert sees is CONFIRMED
    assert shown(replace(f, pending=()), (2_000, 500))[1] is NOTHING


def test_every_write_of_a_series_waits_for_its_verdict() -> None:
    f = follow.wrote_speed(lowering(500, 600), 2, Millis(1_000), 450, 590, up=False)
    assert f.pending == (1, 2)
    assert shown(f, (2_000, 500))[1] is NOTHING, "the newest target counts"
    assert shown(f, (2_000, 465))[1] is CONFIRMED
    f = follow.wrote_speed(raising(600, 500), 2, Millis(1_000), 650, 510, up=True)
    assert f.pending == (1, 2)
    assert shown(f, (2_000, 600))[1] is NOTHING
    assert follow.wrote_speed(raising(), 2, Millis(1_000), 400, 510, up=False).pending == (1, 2)


# ---------------------------------------------------------------- a raise that shows nothing


def lost(f: Follow, speed: int, t: int) -> bool:
    before, then = (follow.elapsed(f, Millis(n), at(speed, n)) for n in (t - 1, t))
    return before is NOTHING and then is Sees.LOST_RAISE


def test_a_raise_that_shows_nothing_for_five_seconds_is_lost() -> None:
    assert lost(raising(600, 500, 1_000), 500, 6_000)


def test_a_raise_has_five_seconds_from_each_progress() -> None:
    f, _ = shown(raising(600, 500), (1_000, 504))
    assert lost(f, 504, 5_000)
    f, _ = shown(raising(600, 500), (1_000, 505))
    assert lost(f, 505, 6_000)
    f, _ = shown(f, (2_000, 509))
    assert lost(f, 509, 6_000)
    f, _ = shown(f, (3_000, 510))
    assert lost(f, 510, 8_000)


def test_further_writes_of_a_raise_give_a_deaf_belt_no_more_time() -> None:
    f = follow.wrote_speed(raising(550, 500), 2, Millis(1_000), 575, 500, up=True)
    assert lost(f, 500, 5_000)


def test_a_raise_that_arrived_is_not_lost_and_the_next_one_begins_anew() -> None:
    f, _ = shown(raising(600, 500), (1_000, 600))
    assert follow.elapsed(f, Millis(60_000), at(600, 60_000)) is NOTHING
    assert lost(follow.wrote_speed(f, 2, Millis(60_000), 700, 600, up=True), 600, 65_000)


def test_a_started_belt_comes_up_to_its_minimum_by_itself() -> None:
    f = follow.begun(follow.at_rest(stopped(600, 700)), Millis(20_000), 100, 20)
    assert lost(f, 20, 25_000)
    assert lost(shown(f, (21_000, 24))[0], 24, 25_000)
    assert lost(shown(f, (21_000, 25))[0], 25, 26_000)
    assert not shown(f, (20_000, 100))[0].arrived
    assert not shown(f, (21_000, 84))[0].arrived
    assert shown(f, (21_000, 85))[0].arrived
    assert shown(f, (21_000, 100))[1] is NOTHING, "no command of ours to confirm"
    assert not follow.watches_overshoot(f, Millis(20_000))
    assert (f.start, f.last_stop) == (20, 700)


def test_a_started_belt_far_too_fast_takes_two_samples_too() -> None:
    f = follow.begun(Follow(), Millis(20_000), 100, 20)
    assert shown(f, (21_000, 300))[1] is NOTHING
    assert shown(f, (21_000, 300), (22_000, 300))[1] is WRONG


def test_a_raise_before_a_started_belt_is_at_its_minimum_is_a_write_of_ours() -> None:
    f = follow.begun(Follow(), Millis(20_000), 100, 20)
    f = follow.wrote_speed(f, 2, Millis(21_000), 125, 60, up=True)
    assert follow.watches_overshoot(f, Millis(21_000))
    assert shown(f, (22_000, 100))[1] is NOTHING
    assert shown(f, (22_000, 110))[1] is CONFIRMED


# ---------------------------------------------------------------- the wrong way


def test_two_samples_above_where_a_lowering_began_are_the_wrong_way() -> None:
    assert shown(lowering(500, 600), (1_000, 611))[1] is NOTHING
    assert shown(lowering(500, 600), (1_000, 611), (2_000, 611))[1] is WRONG
    assert shown(lowering(500, 600), (1_000, 610), (2_000, 610))[1] is not WRONG


def test_a_lowering_from_below_its_target_is_judged_by_the_target() -> None:
    assert shown(lowering(600, 500), (1_000, 611), (2_000, 611))[1] is WRONG
    assert shown(lowering(600, 500), (1_000, 610), (2_000, 610))[1] is not WRONG


def test_two_samples_above_a_raised_target_are_the_wrong_way() -> None:
    assert shown(raising(600, 500), (1_000, 611))[1] is NOTHING
    assert shown(raising(600, 500), (1_000, 611), (2_000, 611))[1] is WRONG
    assert shown(raising(600, 500), (1_000, 610), (2_000, 610))[1] is not WRONG


def test_a_raise_of_a_belt_that_was_too_fast_already_is_judged_by_its_target() -> None:
    assert shown(raising(600, 650), (1_000, 640), (2_000, 640))[1] is WRONG


def test_the_samples_of_the_wrong_way_follow_each_other() -> None:
    f, sees = shown(lowering(500, 600), (1_000, 611), (2_000, 600), (3_000, 611))
    assert sees is NOTHING
    assert shown(f, (4_000, 611))[1] is WRONG


def test_the_wrong_way_is_not_judged_where_it_may_not_be() -> None:
    assert shown(lowering(500, 600), (1_000, 900), (2_000, 900), judge=False)[1] is NOTHING


def test_the_wrong_way_is_not_judged_within_three_seconds_of_a_stop() -> None:
    f = follow.at_rest(stopped(600, 1_000))
    f = follow.wrote_speed(f, 2, Millis(1_500), 500, 600, up=False)
    assert shown(f, (3_998, 900), (3_999, 900))[1] is NOTHING
    assert shown(f, (3_999, 900), (4_000, 900))[1] is NOTHING
    assert shown(f, (4_000, 900), (4_001, 900))[1] is WRONG


def test_a_series_of_lowerings_is_judged_by_its_lowest_start() -> None:
    f = follow.wrote_speed(lowering(500, 600), 2, Millis(1_000), 450, 550, up=False)
    assert shown(f, (2_000, 561), (3_000, 561))[1] is WRONG
    f = follow.wrote_speed(f, 3, Millis(3_000), 400, 580, up=False)
    assert shown(f, (4_000, 561), (5_000, 561))[1] is WRONG
    assert shown(f, (4_000, 560), (5_000, 560))[1] is NOTHING


def test_a_series_of_raises_keeps_where_it_began() -> None:
    """What falls below it is the console's doing (DESIGN.md section 3)."""
    assert follow.wrote_speed(raising(550, 500), 2, Millis(1_000), 575, 490, up=True).start == 500


def test_a_new_series_forgets_the_wrong_sample_of_the_one_before() -> None:
    f, _ = shown(raising(600, 500), (1_000, 611))
    f = follow.wrote_speed(f, 2, Millis(1_500), 500, 611, up=False)
    assert shown(f, (2_000, 622))[1] is NOTHING
    assert shown(f, (2_000, 622), (3_000, 622))[1] is WRONG


@pytest.mark.parametrize(("age", "ours"), [(0, True), (9_999, True), (10_000, False)])
def test_a_belt_faster_than_told_is_our_doing_for_ten_seconds(age: int, ours: bool) -> None:
    for f in (lowering(t=1_000), raising(t=1_000)):
        assert follow.watches_overshoot(f, Millis(1_000 + age)) is ours
        again = follow.wrote_speed(f, 2, Millis(9_000), f.target, 550, up=f.kind == "raise")
        assert follow.watches_overshoot(again, Millis(9_000 + age)) is ours
    assert not follow.watches_overshoot(stopped(600, 1_000), Millis(1_000 + age))
    assert not follow.watches_overshoot(follow.wrote_stop(lowering(), 2, Millis(0), 1), Millis(0))
