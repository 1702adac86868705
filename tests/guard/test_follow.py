"""The belt follower by itself: how long a belt may take, and the ladder when it takes longer."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from tests.guard.followed import CLIMB, NOTHING, at, lowering, raising, shown, stopped
from tests.guard.rig import Rig

from treadguard.guard import follow
from treadguard.guard.belt import Measured
from treadguard.guard.follow import Follow
from treadguard.units import Millis


def climbs(f: Follow, speed: int, t: int) -> bool:
    """Whether this speed, if it goes on, counts against the belt from `t` on and no sooner."""
    before, then = (follow.elapsed(f, Millis(n), at(speed, n)) for n in (t - 1, t))
    return before is NOTHING and then is CLIMB


# ---------------------------------------------------------------- nothing to follow


@pytest.mark.parametrize("speed", [0, 600])
def test_a_belt_that_was_told_nothing_does_nothing_wrong(speed: int) -> None:
    f, sees = shown(Follow(), (1_000, speed), (2_000, speed), (3_000, speed))
    assert (f, sees) == (Follow(), NOTHING)
    assert follow.elapsed(f, Millis(60_000), at(speed, 60_000)) is NOTHING
    assert not follow.watches_overshoot(f, Millis(0))


def test_a_belt_known_to_stand_leaves_only_the_time_of_its_stop() -> None:
    f = follow.at_rest(stopped(t=7_000))
    left = {name: value for name, value in asdict(f).items() if value}
    assert left == {"kind": "none", "last_stop": 7_000}


def test_old_telemetry_counts_against_no_belt() -> None:
    for f in (lowering(), stopped(), raising()):
        assert follow.elapsed(f, Millis(60_000), at(600, 57_000)) is NOTHING
        assert follow.elapsed(f, Millis(60_000), at(600, 57_001)) is not NOTHING
        assert follow.elapsed(f, Millis(60_000), Measured()) is NOTHING


# ---------------------------------------------------------------- when a belt is late


@pytest.mark.parametrize(("speed", "late"), [(0, 5_000), (1, 5_040), (600, 29_000), (1200, 53_000)])
def test_a_stop_takes_four_seconds_for_each_kmh_and_five_more(speed: int, late: int) -> None:
    assert follow.late_after(speed) == late


@pytest.mark.parametrize("kind", ["lowering", "stop"])
def test_a_belt_that_falls_all_the_time_is_late_at_its_time(kind: str) -> None:
    f = lowering(300, 600, 1_000) if kind == "lowering" else stopped(300, 1_000)
    for n in range(1, 17):
        f, _ = shown(f, (1_000 + n * 1_000, 600 - n * 15 if kind == "lowering" else 300 - n * 15))
    late = 1_000 + 12_000 + 5_000
    assert follow.elapsed(f, Millis(late - 1), at(50, late - 1)) is NOTHING
    assert follow.elapsed(f, Millis(late), at(50, late)) is CLIMB


def test_a_belt_already_slower_than_its_new_target_has_five_seconds() -> None:
    assert lowering(500, 400, 1_000).late == 6_000


def test_each_further_lowering_of_a_series_adds_its_own_time() -> None:
    f = lowering(500, 600, 1_000)
    assert f.late == 10_000
    f = follow.wrote_speed(f, 2, Millis(2_000), 450, 580, up=False)
    assert f.late == 12_000
    f = follow.wrote_speed(f, 3, Millis(3_000), 470, 560, up=False)
    assert f.late == 12_000, "a target that isn't lower adds nothing"


@pytest.mark.parametrize(
    ("measured", "target", "late"), [(300, 900, 19_000), (None, 900, 43_000), (0, 900, 7_000)]
)
def test_a_stop_without_a_measured_speed_is_timed_from_the_speed_asked_for(
    measured: int | None, target: int, late: int
) -> None:
    f = follow.wrote_stop(raising(target, 600), 2, Millis(2_000), measured)
    assert f.late == late


def test_a_repeated_stop_is_timed_anew() -> None:
    f = follow.wrote_stop(stopped(600), 2, Millis(5_000), 400)
    assert f.late == 5_000 + 16_000 + 5_000
    f = follow.wrote_stop(stopped(600), 2, Millis(5_000), None)
    assert f.late == 5_000 + 24_000 + 5_000, "out of sight: from the first one's speed"


def test_a_stop_to_a_belt_of_which_nothing_is_known_is_late_after_five_seconds() -> None:
    assert stopped(None, 1_000).late == 6_000


# ---------------------------------------------------------------- falling, or not


def test_a_belt_has_five_seconds_to_begin_to_fall() -> None:
    assert climbs(lowering(300, 600, 1_000), 600, 6_000)
    assert climbs(stopped(600, 1_000), 600, 6_000)


def test_a_belt_that_fell_has_three_seconds_to_fall_again() -> None:
    lower, _ = shown(lowering(300, 600, 1_000), (5_000, 595))
    assert climbs(lower, 595, 8_000)
    stop, _ = shown(stopped(600, 1_000), (5_000, 595))
    assert climbs(stop, 595, 8_000)


def test_a_fall_of_less_than_a_twentieth_is_noise() -> None:
    assert climbs(shown(lowering(300, 600), (4_000, 596))[0], 596, 5_000)
    assert climbs(shown(stopped(600), (4_000, 596), (4_500, 596))[0], 596, 5_000)


def test_each_fall_is_counted_from_the_last_one() -> None:
    f, _ = shown(lowering(300, 600), (1_000, 590), (3_000, 585))
    assert climbs(f, 585, 6_000)
    f, _ = shown(lowering(300, 600), (1_000, 590), (3_000, 586))
    assert climbs(f, 586, 4_000)


def test_further_writes_of_a_series_give_a_deaf_belt_no_more_time() -> None:
    f = lowering(550, 600, 0)
    for n in range(1, 5):
        f = follow.wrote_speed(f, 1 + n, Millis(n * 1_000), 550 - n * 50, 600, up=False)
    assert climbs(f, 600, 5_000)


def test_a_lowering_that_arrived_is_over_and_the_next_one_begins_anew() -> None:
    f, _ = shown(lowering(500, 600), (1_000, 580), (5_000, 500))
    assert follow.elapsed(f, Millis(60_000), at(500, 60_000)) is NOTHING
    again = follow.wrote_speed(f, 2, Millis(60_000), 400, 500, up=False)
    assert climbs(again, 500, 65_000)
    assert again.late == 60_000 + 4_000 + 5_000


def test_a_young_stop_excuses_no_lowering() -> None:
    f = follow.at_rest(stopped(600, 1_000))
    f = follow.wrote_speed(f, 2, Millis(1_500), 300, 600, up=False)
    f, _ = shown(f, (2_000, 590))
    assert climbs(f, 590, 5_000)


# ---------------------------------------------------------------- the ladder of Stops


def test_the_second_stop_comes_five_seconds_after_the_first_at_the_soonest() -> None:
    f, _ = shown(stopped(600, 1_000), (2_000, 590))
    assert climbs(f, 590, 6_000)


def test_the_third_stop_comes_three_seconds_after_the_second() -> None:
    f = follow.wrote_stop(stopped(600, 0), 2, Millis(5_000), 600)
    assert f.stops == 2
    assert climbs(f, 600, 8_000)
    assert climbs(shown(f, (6_000, 590))[0], 590, 9_000), "unless it falls meanwhile"
    f = follow.wrote_stop(f, 3, Millis(8_000), 600)
    assert f.stops == 3
    assert climbs(f, 600, 11_000)


def test_a_stop_can_be_confirmed_only_by_what_comes_after_it() -> None:
    assert stopped(600, 1_000).last == 1_000
    assert follow.stopping(Follow(), Millis(1_000), 600).last == 1_000
    assert follow.wrote_stop(stopped(600, 1_000), 2, Millis(6_000), 600).last == 6_000


def test_a_fall_before_the_second_stop_counts_from_the_stop() -> None:
    f, _ = shown(stopped(600, 0), (2_000, 590))
    f = follow.wrote_stop(f, 2, Millis(5_000), 590)
    assert climbs(f, 590, 8_000)


def test_a_belt_at_zero_climbs_nothing() -> None:
    assert follow.elapsed(stopped(600, 0), Millis(40_000), at(5, 40_000)) is NOTHING
    assert follow.elapsed(stopped(600, 0), Millis(40_000), at(6, 40_000)) is CLIMB


def test_a_belt_that_stops_by_itself_is_watched_without_a_stop_of_ours() -> None:
    f = follow.stopping(Follow(), Millis(1_000), 600)
    assert (f.kind, f.stops, f.last_stop) == ("stop", 0, None)
    assert climbs(f, 600, 6_000)
    f = follow.wrote_stop(f, 2, Millis(6_000), 600)
    assert (f.stops, f.last_stop) == (1, 6_000)
    assert climbs(f, 600, 11_000)


def test_a_stop_under_way_is_not_begun_again() -> None:
    f = stopped(600, 0)
    assert follow.stopping(f, Millis(3_000), 300) is f
    assert follow.resumed_stop(f, Millis(3_000), 300) is f


def test_a_stop_keeps_what_has_no_verdict_yet_and_the_stop_before() -> None:
    f = follow.stopping(lowering(), Millis(1_000), 600)
    assert f.pending == (1,)
    assert follow.wrote_stop(f, 2, Millis(2_000), 600).pending == (1, 2)
    assert follow.wrote_stop(lowering(), 2, Millis(2_000), 600).pending == (1, 2)
    rested = follow.at_rest(stopped(600, 700))
    assert follow.stopping(rested, Millis(1_000), 600).last_stop == 700


@pytest.mark.parametrize(("t", "motor"), [(2_999, True), (3_000, False)])
def test_a_machine_may_begin_to_show_its_motor_within_three_seconds_of_a_stop(
    t: int, motor: bool
) -> None:
    """It showed the target, 300, and the belt runs at 600: the stop is judged from there."""
    f, _ = shown(stopped(300, 1_000), (1_000 + t, 600), (7_000, 590))
    assert f.late == (1_000 + t + 29_000 if motor else 18_000)
    assert climbs(f, 590, 10_000 if motor else 6_000)


def test_a_speed_that_stays_puts_off_nothing() -> None:
    f, _ = shown(stopped(300, 1_000), (3_000, 300))
    assert f.late == 18_000


def test_a_rise_to_less_than_the_first_speed_brings_no_lateness_forward() -> None:
    f, _ = shown(stopped(600, 1_000), (2_000, 300), (3_000, 350))
    assert f.late == 30_000


def test_a_stop_that_nobody_sent_shows_no_motor() -> None:
    f = follow.stopping(Follow(), Millis(0), 300)
    assert shown(f, (1_000, 600))[0].late == 17_000


def test_a_stopping_belt_seen_again_is_judged_from_what_it_does_now() -> None:
    f, _ = shown(stopped(600, 0), (1_000, 500))
    f = follow.wrote_stop(f, 2, Millis(5_000), 500)
    f = follow.seen_again(f, Millis(20_000), 550)
    assert (f.stops, f.late) == (1, 20_000 + 22_000 + 5_000)
    assert climbs(f, 550, 25_000)
    assert climbs(shown(f, (21_000, 545))[0], 545, 24_000)
    assert climbs(shown(f, (21_000, 546))[0], 546, 25_000)


def test_a_belt_that_seemed_to_stand_goes_on_being_stopped_by_the_stop_that_was_sent() -> None:
    f = follow.at_rest(stopped(600, 1_000))
    f = follow.resumed_stop(f, Millis(4_000), 200)
    assert (f.kind, f.stops, f.last_stop) == ("stop", 1, 1_000)
    assert f.late == 4_000 + 8_000 + 5_000
    assert climbs(f, 200, 6_000)
    assert climbs(shown(f, (4_500, 195))[0], 195, 7_500)
    assert follow.wrote_stop(f, 3, Millis(6_000), 200).stops == 2


def test_a_belt_that_seemed_to_stand_without_a_stop_of_ours_is_judged_from_now() -> None:
    f = follow.resumed_stop(Follow(), Millis(4_000), 200)
    assert climbs(f, 200, 9_000)


def test_after_three_stops_it_is_a_fault_and_then_a_stop_goes_out_every_ten_seconds() -> None:
    rig = Rig(deaf=frozenset({"stop"})).walking()
    rig.pain(6)
    while rig.phase != "FAULT":
        rig.run(0.25)
    assert len(rig.stops()) == 3
    while len(rig.stops()) < 5:
        rig.run(0.25)
    last = rig.stops()[-1]
    while rig.now < last + 9_750:
        rig.run(0.25)
    rig.now = last + 9_999
    rig.sample()
    assert rig.stops()[-1] == last
    rig.now = last + 10_000
    rig.sample()
    assert rig.stops()[-1] == last + 10_000
