"""How long a back-off for pain or ease is in force, and what lets go of it."""

from __future__ import annotations

import pytest
from tests.guard.moments import answer_prompt
from tests.guard.rig import Rig

from treadguard.guard import events as ev

WALKING = 600


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_back_off_is_in_force_for_its_hold(level: int) -> None:
    rig = Rig().walking(WALKING)
    since = rig.now
    rig.pain(level)
    rig.run(1)
    assert not rig.limit.may_raise
    while rig.now < since + 119_000:
        rig.run(0.25)
        assert not rig.limit.may_raise, rig.now - since
    rig.run(2)
    assert rig.limit.may_raise
    assert all(value is None or value < WALKING for _, _, value in rig.commands(since))


def test_each_act_starts_the_hold_again() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(1)
    rig.run(60)
    since = rig.now
    rig.pain(1)
    rig.run(119)
    assert not rig.limit.may_raise
    rig.run(2)
    assert rig.limit.may_raise
    assert rig.now == since + 121_000


def test_under_a_back_off_no_raise_goes_out() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(2)
    rig.run(10)
    since = rig.now
    rig.ask("speed", 560)
    rig.run(10)
    assert rig.commands(since) == []


def test_a_raise_under_way_ends_for_good_at_a_back_off() -> None:
    rig = Rig().walking(WALKING)
    rig.ask("speed", 900)
    rig.run(3.25)
    top = rig.speed
    since = rig.now
    rig.pain(1)
    rig.run(60)
    rig.pain(0)
    rig.run(60)
    assert all(value is not None and value < top for _, _, value in rig.commands(since))
    assert rig.speed < top


def test_a_lower_local_rating_ends_the_back_off_sooner() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(3)
    rig.run(10)
    answer_prompt(rig, 1)
    rig.run(1)
    assert rig.limit.may_raise
    rig.ask("speed", 600)
    rig.run(20)
    assert rig.speed == 600


def test_pain_zero_ends_the_back_off_and_raises_nothing() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(3)
    rig.run(10)
    rig.pain(0)
    since = rig.now
    rig.run(30)
    assert rig.limit.may_raise
    assert rig.commands(since) == []


def test_a_lower_remote_rating_does_not_end_the_back_off() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(3)
    rig.run(10)
    rig.pain(0, role="remote")
    rig.run(1)
    assert not rig.limit.may_raise


def test_when_a_back_off_ends_nothing_moves_up() -> None:
    rig = Rig().walking(WALKING)
    rig.pain(3)
    rig.run(10)
    since = rig.now
    rig.run(100)
    rig.pain(0)
    rig.run(120)
    assert rig.commands(since) == []
    assert rig.speed == 500


# ---------------------------------------------------------------- ease


@pytest.mark.parametrize("role", ["local", "remote"])
def test_ease_backs_off_ten_per_cent(role: ev.Role) -> None:
    rig = Rig().walking(WALKING)
    rig.ask("ease", role=role)
    rig.run(10)
    assert rig.speed == 540
    rig.run(90)
    rig.pain(0)
    rig.run(19)
    assert not rig.limit.may_raise
    rig.run(2)
    assert rig.limit.may_raise


def test_a_rating_does_not_end_an_ease() -> None:
    rig = Rig().walking(WALKING)
    rig.ask("ease")
    rig.run(10)
    rig.pain(0)
    rig.run(1)
    assert not rig.limit.may_raise
