"""One axis on its way: what is wanted, what a grant allows, and the values that are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from treadguard.guard import ramp
from treadguard.guard.belt import Machine
from treadguard.guard.ramp import Axis
from treadguard.units import Millis

UP, DOWN = 25, 50
"""DESIGN.md section 4: raising 0.25 km/h per second, backing off 0.5."""


COARSE = Machine(speed_step=50)


def due(
    axis: Axis, now: int, up: int = UP, machine: Machine | None = None
) -> tuple[Axis, int | None]:
    machine = Machine() if machine is None else machine
    return ramp.due(axis, Millis(now), up, DOWN, machine.speed_step, machine.speed_floor)


def heading(axis: Axis, now: int, target: int, measured: int | None = None) -> Axis:
    return ramp.heading(axis, Millis(now), target, measured)


def goes(
    axis: Axis,
    target: int,
    times: Sequence[int],
    *,
    measured: int | None = None,
    up: int = UP,
    machine: Machine | None = None,
) -> tuple[Axis, list[tuple[int, int]]]:
    """The axis led to `target` at these times, and what went out."""
    out = []
    for now in times:
        axis = heading(axis, now, target, measured)
        axis, value = due(axis, now, up, machine)
        if value is not None:
            axis = ramp.wrote(axis, Millis(now), value)
            out.append((now, value))
            if axis.ramp_to is None:
                break
    return axis, out


def each(ms: int, until: int, since: int = 0) -> range:
    return range(since, until + 1, ms)


FLAT = Axis(wanted=600, setpoint=600)
SLOW = Axis(wanted=600, setpoint=500, grant=600)

# ---------------------------------------------------------------- what is asked for


def test_what_is_adopted_is_wanted_and_no_raise_goes_on() -> None:
    axis = Axis(800, 600, 800, 800, 500, Millis(1), Millis(1_000), fell=True, told=600)
    assert axis.adopted(450) == Axis(450, 450, wrote=Millis(1_000), fell=True)
    assert axis.adopted(None).wanted is None


def test_a_correction_of_ours_remembers_what_the_machine_was_told() -> None:
    axis = Axis(800, 600, 800, 800, 500, Millis(1), Millis(1_000), fell=True, told=600)
    assert axis.refound(450) == replace(axis.adopted(450), told=600)


def test_a_raise_that_is_settled_is_gone_for_good() -> None:
    axis, _ = goes(replace(SLOW, wanted=900, grant=900), 900, [0])
    axis = axis.settled()
    assert (axis.wanted, axis.grant, axis.ramp_to) == (520, None, None)
    assert ramp.target_of(axis, 2_000) == 520


@pytest.mark.parametrize(
    ("wanted", "setpoint", "after"), [(480, 500, 480), (None, 500, 500), (600, None, 600)]
)
def test_settling_never_wants_more(wanted: int | None, setpoint: int | None, after: int) -> None:
    assert Axis(wanted, setpoint, grant=600).settled().wanted == after


def test_settling_leaves_a_lowering_under_way_alone() -> None:
    axis, _ = goes(replace(FLAT, wanted=480), 480, [0])
    assert axis.settled() == axis
    assert axis.ramp_to == 480


@pytest.mark.parametrize(("wanted", "after"), [(481, 480), (480, 480), (479, 479), (None, None)])
def test_a_backoff_only_lowers_what_is_wanted(wanted: int | None, after: int | None) -> None:
    assert Axis(wanted=wanted, setpoint=600).ratcheted(480).wanted == after


# ---------------------------------------------------------------- where it should be


@pytest.mark.parametrize(
    ("wanted", "allowed", "target"),
    [(500, 600, 500), (600, 500, 500), (400, 400, 400), (600, 700, 600), (650, 700, 600)],
)
def test_the_command_is_the_lower_of_wanted_and_allowed_and_goes_up_by_no_itself(
    wanted: int, allowed: int, target: int
) -> None:
    assert ramp.target_of(Axis(wanted=wanted, setpoint=600), allowed) == target


@pytest.mark.parametrize(
    ("wanted", "allowed", "target"),
    [(800, 2_000, 700), (650, 2_000, 650), (800, 620, 620), (800, 550, 550)],
)
def test_a_grant_is_good_for_its_one_target(wanted: int, allowed: int, target: int) -> None:
    assert ramp.target_of(Axis(wanted=wanted, setpoint=600, grant=700), allowed) == target


def test_a_grant_lowers_nothing() -> None:
    assert ramp.target_of(Axis(wanted=600, setpoint=600, grant=550), 2_000) == 600


def test_an_axis_of_which_nothing_is_known_goes_nowhere() -> None:
    assert ramp.target_of(Axis(wanted=600), 600) is None
    assert ramp.target_of(Axis(setpoint=600), 600) is None
    assert heading(Axis(wanted=600), 0, 500, 600) == Axis(wanted=600)
    assert due(Axis(wanted=600, ramp_to=500), 0)[1] is None
    assert due(FLAT, 0) == (FLAT, None)


# ---------------------------------------------------------------- the writes


def test_a_raise_writes_at_once_and_then_each_second_from_an_unrounded_track() -> None:
    axis, out = goes(SLOW, 600, each(250, 5_000, 2_000))
    assert out == [(2_000, 520), (3_000, 550), (4_000, 570), (5_000, 600)]
    assert (axis.setpoint, axis.told, axis.grant, axis.fell) == (600, 600, None, False)


def test_a_lowering_writes_at_once_and_then_each_second() -> None:
    axis, out = goes(FLAT, 480, each(250, 5_000, 2_000), measured=600)
    assert out == [(2_000, 550), (3_000, 500), (4_000, 480)]
    assert (axis.setpoint, axis.told, axis.fell) == (480, 480, True)


def test_a_lowering_keeps_its_unrounded_track() -> None:
    track = [(0, 1_040), (1_000, 1_000), (2_000, 970), (3_000, 930), (4_000, 900)]
    axis = Axis(wanted=900, setpoint=1_080)
    out = []
    for now in each(1_000, 4_000):
        axis = heading(axis, now, 900, 1_080)
        axis, value = ramp.due(
            axis, Millis(now), UP, 36, Machine().speed_step, Machine().speed_floor
        )
        assert value is not None
        axis = ramp.wrote(axis, Millis(now), value)
        out.append((now, value))
    assert out == track


def test_the_longest_ramps_keep_their_rate_to_the_hundredth() -> None:
    _, out = goes(Axis(wanted=1_300, setpoint=109, grant=1_300), 1_300, each(1_000, 39_000))
    assert out[-1] == (39_000, 1_100), "1.09 and 10.00, floored"
    _, out = goes(Axis(wanted=800, setpoint=2_000), 800, each(1_000, 19_000), measured=2_000)
    assert out[-1] == (19_000, 1_000)
    _, out = goes(Axis(wanted=400, setpoint=609), 400, [0], measured=609)
    assert out == [(0, 550)], "6.09 less 0.50, floored"


def test_a_late_write_doesnt_fall_behind_its_track() -> None:
    _, out = goes(SLOW, 600, [0, 1_300, 2_299, 2_300])
    assert out == [(0, 520), (1_300, 550), (2_300, 580)]
    _, out = goes(FLAT, 400, [0, 1_300, 2_300], measured=600)
    assert out == [(0, 550), (1_300, 480), (2_300, 430)]


@pytest.mark.parametrize(("now", "goes_out"), [(1_999, False), (2_000, True)])
def test_no_two_writes_are_closer_than_a_second(now: int, goes_out: bool) -> None:
    axis, _ = goes(SLOW, 600, [1_000])
    assert (due(axis, now)[1] is not None) is goes_out


def test_a_raise_that_waited_for_its_first_write_begins_with_one_second() -> None:
    axis = heading(SLOW, 0, 600)
    _, out = goes(axis, 600, [7_000, 8_000], measured=500)
    assert out == [(7_000, 520), (8_000, 550)]


def test_a_lowering_that_waited_for_its_first_write_begins_with_one_second() -> None:
    axis = heading(FLAT, 0, 480, 600)
    _, out = goes(axis, 480, [7_000, 8_000], measured=600)
    assert out == [(7_000, 550), (8_000, 500)]


def test_a_raise_too_slow_for_a_step_a_second_waits_until_a_step_is_full() -> None:
    _, out = goes(SLOW, 600, each(250, 5_000), machine=COARSE)
    assert out == [(1_000, 550), (3_000, 600)]
    _, out = goes(SLOW, 600, each(250, 5_000), up=20, machine=COARSE)
    assert out == [(1_500, 550), (4_000, 600)]


def test_a_raise_from_between_two_coarse_steps_gets_under_way() -> None:
    axis = Axis(wanted=650, setpoint=579, grant=650)
    _, out = goes(axis, 650, each(250, 4_000), machine=COARSE)
    assert out == [(0, 600), (2_000, 650)]
    axis = Axis(wanted=650, setpoint=560, grant=650)
    _, out = goes(axis, 650, each(250, 4_000), machine=COARSE)
    assert out == [(750, 600), (2_750, 650)]


def test_an_axis_that_waited_its_turn_makes_up_for_no_more_than_two_seconds() -> None:
    axis, _ = goes(replace(SLOW, wanted=900, grant=900), 900, [0])
    assert due(axis, 60_000)[1] == 570
    assert due(replace(axis, setpoint=550), 60_000, 20, COARSE)[1] == 600, "or a step"


def test_a_raise_from_between_two_steps_never_writes_less_than_the_setpoint() -> None:
    axis = heading(Axis(wanted=700, setpoint=506, grant=700), 0, 700)
    assert due(axis, 0, up=3)[1] is None
    assert due(axis, 0, up=4)[1] == 510


def test_at_the_target_nothing_is_written() -> None:
    there = Axis(wanted=500, setpoint=500, ramp_to=500, ramp_from=500, told=400)
    assert due(there, 5_000)[1] is None


def test_a_target_between_two_steps_is_reached_from_above_and_never_passed() -> None:
    _, out = goes(FLAT, 475, each(1_000, 5_000), measured=600)
    assert out == [(0, 550), (1_000, 500), (2_000, 475)]
    _, out = goes(replace(SLOW, wanted=545, grant=545), 545, each(1_000, 5_000))
    assert out == [(0, 520), (1_000, 540)]


# ---------------------------------------------------------------- a lowering


def test_a_lowering_in_mid_ramp_starts_from_the_lower_of_measured_and_commanded() -> None:
    _, out = goes(FLAT, 400, each(1_000, 5_000), measured=520)
    assert out == [(0, 470), (1_000, 420), (2_000, 400)]
    _, out = goes(FLAT, 400, each(1_000, 5_000), measured=700)
    assert out == [(0, 550), (1_000, 500), (2_000, 450), (3_000, 400)]
    _, out = goes(FLAT, 400, each(1_000, 5_000), measured=300)
    assert out == [(0, 400)]
    _, out = goes(FLAT, 400, each(1_000, 5_000), measured=None)
    assert out[0] == (0, 550)


def test_a_lowering_that_waits_follows_the_belt_down_and_up() -> None:
    axis = heading(FLAT, 0, 400, 600)
    for now, measured, value in ((500, 540, 490), (750, 580, 530), (1_000, 640, 550)):
        axis = heading(axis, now, 400, measured)
        assert due(axis, now)[1] == value
    assert due(heading(axis, 1_250, 400, None), 1_250)[1] == 550
    assert due(heading(axis, 1_250, 400, 380), 1_250)[1] == 400


def test_a_lowering_under_way_takes_no_heed_of_the_belt_behind_it() -> None:
    axis, _ = goes(FLAT, 400, [0], measured=600)
    assert heading(axis, 1_000, 400, 450) == axis


def test_a_raise_begins_from_the_setpoint_whatever_is_measured() -> None:
    assert goes(SLOW, 600, [0], measured=460)[1] == [(0, 520)]
    axis = heading(SLOW, 0, 600, 460)
    assert goes(axis, 600, [500], measured=460)[1] == [(500, 520)]


def test_a_lowering_never_goes_above_what_the_machine_was_told() -> None:
    axis = Axis(wanted=400, setpoint=700, told=520)
    assert goes(axis, 400, [0], measured=700)[1] == [(0, 520)]
    assert goes(replace(axis, told=800), 400, [0], measured=700)[1] == [(0, 650)]
    assert goes(replace(axis, told=None), 400, [0], measured=700)[1] == [(0, 650)]


def test_a_lowering_writes_nothing_above_the_setpoint() -> None:
    axis = replace(heading(FLAT, 0, 500), ramp_from=900)
    assert due(axis, 0)[1] is None


# ---------------------------------------------------------------- pace


def test_two_lowerings_are_no_faster_than_one() -> None:
    axis, _ = goes(FLAT, 500, [0], measured=600)
    _, out = goes(axis, 400, each(250, 4_000, 250), measured=600)
    assert out == [(1_000, 500), (2_000, 450), (3_000, 400)]


def test_two_raises_are_no_faster_than_one() -> None:
    axis, _ = goes(SLOW, 600, [0])
    axis = replace(axis, wanted=900, grant=900)
    _, out = goes(axis, 900, each(250, 2_000, 250))
    assert out == [(1_000, 540), (2_000, 570)]


def test_a_lowering_after_a_raise_goes_out_at_once() -> None:
    axis, _ = goes(SLOW, 600, [0])
    assert goes(axis, 400, [250], measured=510)[1] == [(250, 460)]


def test_a_raise_after_a_lowering_keeps_the_pace() -> None:
    axis, _ = goes(FLAT, 550, [0], measured=600)
    axis = replace(axis, wanted=650, grant=650)
    assert goes(axis, 650, each(250, 1_000, 250))[1] == [(1_000, 570)]


def test_a_write_of_long_ago_delays_nothing() -> None:
    axis, _ = goes(FLAT, 550, [0], measured=600)
    assert goes(axis, 400, [60_000], measured=550)[1] == [(60_000, 500)]
    assert goes(axis, 400, [1_000], measured=550)[1] == [(1_000, 500)]


# ---------------------------------------------------------------- the value went out


def test_a_grant_is_used_up_when_its_target_went_out() -> None:
    axis = heading(SLOW, 0, 600)
    assert ramp.wrote(axis, Millis(0), 520).grant == 600
    assert ramp.wrote(axis, Millis(0), 600).grant is None
    lower = heading(replace(SLOW, wanted=550), 0, 550)
    assert ramp.wrote(lower, Millis(0), 550).grant == 600


def test_the_track_is_over_at_its_target_only() -> None:
    axis = heading(SLOW, 0, 600)
    assert ramp.wrote(axis, Millis(0), 590).ramp_to == 600
    assert ramp.wrote(axis, Millis(0), 600).ramp_to is None


def test_an_axis_that_was_never_written_to_has_nothing_under_way() -> None:
    axis = FLAT.adopted(450)
    assert not any((axis.fell, axis.wrote, axis.ramp_from, axis.ramp_t, axis.told))


@pytest.mark.parametrize(
    ("setpoint", "value", "fell"),
    [(500, 499, True), (500, 500, False), (500, 501, False), (None, 400, False)],
)
def test_a_write_below_the_setpoint_is_a_fall(setpoint: int | None, value: int, fell: bool) -> None:
    axis = ramp.wrote(Axis(wanted=600, setpoint=setpoint), Millis(3_000), value)
    assert (axis.fell, axis.setpoint, axis.told, axis.wrote) == (fell, value, value, 3_000)


@pytest.mark.parametrize(("since", "written"), [(999, None), (1_000, 620)])
def test_a_raise_waits_a_second_after_a_raise_that_was_taken_back_meanwhile(
    since: int, written: int | None
) -> None:
    """The lowering between the two waits for nothing, and so forgets when the raise went out."""
    now = Millis(10_000)
    axis = Axis(wanted=800, setpoint=600, grant=800, rose=Millis(now - since), told=600)
    axis = ramp.heading(axis, now, 800, 600)
    assert ramp.due(axis, now, 25, 50, 10, lambda v: v // 10 * 10)[1] == written
    down = ramp.heading(axis, now, 400, 600)
    assert ramp.due(down, now, 25, 50, 10, lambda v: v // 10 * 10)[1] == 550
