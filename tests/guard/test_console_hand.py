"""A change by the console's hand by itself: when it is accepted, corrected once, or stopped."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from tests.guard.rig import Rig

from treadguard.guard import console
from treadguard.guard import events as ev
from treadguard.guard.console import Console, Says
from treadguard.units import Millis, Speed

CORRECTED = Console(corrections=1, corrected=Millis(1_000))


def presses(
    c: Console | None = None, t: int = 1_000, *, up: bool = True, target: int | None = None
) -> Console:
    return console.drives(Console() if c is None else c, Millis(t), up=up, target=target)


def judged(
    c: Console, t: int, measured: int, *, allowed: int = 600, steady: bool = False
) -> tuple[Console, Says]:
    return console.judged(c, Millis(t), measured, allowed, steady=steady)


# ---------------------------------------------------------------- a change begins, or goes on


def test_a_press_begins_a_change() -> None:
    c = presses(up=False, target=480)
    assert (c.driving, c.up, c.since, c.target, c.low) == (True, False, 1_000, 480, None)


def test_further_presses_are_the_same_change() -> None:
    c = presses(presses(up=False, target=480), 2_000, up=False)
    assert (c.driving, c.up, c.since, c.target) == (True, False, 1_000, 480)
    c = presses(c, 3_000, up=True, target=700)
    assert (c.up, c.since, c.target) == (True, 3_000, 700), "it counts from the last of them"
    assert presses(c, 4_000, up=False, target=650).up, "a part of it was upward"
    c = presses(presses(up=False), 2_000, up=True)
    assert c.up, "also where nothing was announced"
    assert presses(c, 3_000, up=False).up


def test_the_next_change_forgets_the_last_one() -> None:
    c, _ = judged(presses(target=500), 3_000, 500, steady=True)
    c = presses(c, 60_000, up=False)
    assert (c.up, c.since, c.target, c.low) == (False, 60_000, None, None)


def test_a_console_that_nobody_touched_holds_nothing() -> None:
    assert not any(asdict(Console()).values())


def test_without_a_change_nothing_is_judged() -> None:
    for c in (Console(), CORRECTED):
        assert judged(c, 60_000, 900, steady=True) == (c, Says.NOTHING)


@pytest.mark.parametrize(("age", "echo"), [(0, True), (1_999, True), (2_000, False)])
def test_a_target_announced_within_two_seconds_of_our_own_lowering_is_an_echo(
    age: int, echo: bool
) -> None:
    rig = Rig().walking(600)
    rig.pain(1)
    rig.run(1)
    written, op, _ = rig.commands()[-1]
    assert op == "set_speed"
    rig.now = written + age
    rig.status(5, 700)
    assert rig.state.console.driving is not echo


# ---------------------------------------------------------------- within what is allowed


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize("measured", [599, 600])
def test_a_steady_speed_within_the_limits_is_accepted(up: bool, measured: int) -> None:
    c, says = judged(presses(up=up), 3_000, measured, steady=True)
    assert (c.driving, says) == (False, Says.ACCEPT)
    c, says = judged(presses(up=up), 3_000, measured)
    assert (c.driving, says) == (True, Says.NOTHING)


@pytest.mark.parametrize("up", [True, False])
def test_what_was_steady_before_a_change_accepts_nothing(up: bool) -> None:
    c, says = judged(presses(up=up), 2_999, 600, steady=True)
    assert (c.driving, says) == (True, Says.NOTHING)
    assert judged(presses(up=up), 3_000, 600, steady=True)[1] is Says.ACCEPT


@pytest.mark.parametrize(
    ("t", "measured", "accepted"),
    [(5_999, 486, False), (5_999, 485, True), (6_000, 486, True)],
)
def test_a_lowering_that_was_named_isnt_over_before_it_is_there(
    t: int, measured: int, accepted: bool
) -> None:
    c, says = judged(presses(up=False, target=480), t, measured, steady=True)
    assert (c.driving, says is Says.ACCEPT) == (not accepted, accepted)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_pain_right_after_a_press_backs_off_from_what_was_set(level: int) -> None:
    """One sample hardly below the old speed isn't yet the new one."""
    rig = Rig(accel=25)
    rig.ranges(ev.Ranges(speed_min=Speed(100), speed_max=Speed(1_200), speed_step=32))
    rig.walking(352)
    rig.console(180)
    rig.run(1)
    assert rig.speed > 250
    since = rig.now
    rig.pain(level)
    rig.run(10)
    assert all((value or 0) <= 180 for _, op, value in rig.commands(since) if op == "set_speed")
    assert rig.speed < 180


# ---------------------------------------------------------------- above it, upward


@pytest.mark.parametrize("steady", [True, False])
def test_the_first_raise_above_the_limit_is_corrected_at_once(steady: bool) -> None:
    c, says = judged(presses(), 2_000, 601, steady=steady)
    assert (c.driving, says) == (False, Says.CORRECT)
    assert (c.corrections, c.corrected, c.confirmed) == (1, 2_000, False)


def test_a_second_raise_above_the_limit_is_stopped() -> None:
    c, says = judged(presses(CORRECTED, 30_000), 31_000, 601)
    assert (c.driving, says) == (False, Says.STOP)
    c, says = judged(presses(replace(CORRECTED, confirmed=True), 2_000), 2_500, 601)
    assert (c.driving, says) == (False, Says.STOP), "confirmed: no need to wait"


def test_a_raise_while_the_correction_is_on_its_way_is_not_a_second_one() -> None:
    c, says = judged(presses(CORRECTED, 2_000), 5_999, 601)
    assert (c.driving, says) == (True, Says.NOTHING)
    assert judged(c, 6_000, 601)[1] is Says.STOP


def test_a_raise_that_is_back_within_the_limits_is_accepted_and_stays_the_one_corrected() -> None:
    c, says = judged(presses(CORRECTED, 30_000), 33_000, 600, steady=True)
    assert (says, c.corrections) == (Says.ACCEPT, 1)


@pytest.mark.parametrize(("age", "under_way"), [(0, True), (4_999, True), (5_000, False)])
def test_a_correction_is_on_its_way_for_five_seconds(age: int, under_way: bool) -> None:
    assert CORRECTED.correcting(Millis(1_000 + age)) is under_way
    assert replace(CORRECTED, confirmed=True).correcting(Millis(1_000 + age)) is False
    assert Console().correcting(Millis(age)) is False


# ---------------------------------------------------------------- above it, on the way down


@pytest.mark.parametrize(("t", "goes_on"), [(3_999, True), (4_000, False)])
def test_a_lowering_above_the_limit_is_the_consoles_while_it_falls(t: int, goes_on: bool) -> None:
    """From where it stays for 2 s the guard lowers it."""
    c, _ = judged(presses(up=False), 2_000, 900)
    c, says = judged(c, t, 900)
    assert (c.driving, says) == (goes_on, Says.NOTHING)


@pytest.mark.parametrize(("fell", "goes_on"), [(4, False), (5, True), (6, True)])
def test_a_lowering_goes_on_with_each_twentieth_that_it_falls(fell: int, goes_on: bool) -> None:
    c, _ = judged(presses(up=False), 2_000, 900)
    c, _ = judged(c, 3_500, 900 - fell)
    c, _ = judged(c, 5_499, 900 - fell)
    assert c.driving is goes_on
    if goes_on:
        assert not judged(c, 5_500, 900 - fell)[0].driving


def test_a_lowering_above_the_limit_is_not_corrected() -> None:
    c, says = judged(presses(up=False), 2_000, 900, steady=True)
    assert (c.driving, c.corrections, says) == (True, 0, Says.NOTHING)


def test_a_fall_within_the_limits_is_remembered_when_the_limit_comes_down() -> None:
    c, _ = judged(presses(up=False), 2_000, 500)
    c, _ = judged(c, 3_999, 500, allowed=400)
    assert c.driving
    assert not judged(c, 4_000, 500, allowed=400)[0].driving
