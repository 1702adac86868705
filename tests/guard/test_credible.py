"""A measured value that leaps: noise raises nothing, a quick key is judged once it holds."""

from __future__ import annotations

import itertools
import random

import pytest
from tests.guard.rig import Rig

from treadguard.guard import credible
from treadguard.guard import events as ev
from treadguard.guard.policy import Profile
from treadguard.units import Grade, Millis, Speed


def shows(rig: Rig, *speeds: int, grade: int | None = None) -> None:
    """Samples a second apart that have nothing to do with the belt; ticks in between."""
    rig.telemetry = False
    for speed in speeds:
        rig.run(1)
        shown = rig.grade if grade is None else grade
        rig.feed(ev.Telemetry(Millis(rig.now), Speed(speed), Grade(shown)))
    rig.telemetry = True


def asked_for(rig: Rig, since: int, op: str) -> list[int]:
    return [
        o.value
        for t, o in rig.log
        if t >= since and isinstance(o, ev.Command) and o.op == op and o.value is not None
    ]


def leaping(start: int, slack: int, *shown: int) -> bool:
    """Whether no console could have done this: slower than that, it can't be told from one."""
    return any(b - a > slack for a, b in itertools.pairwise((start, *shown)))


@pytest.mark.parametrize("limit", [1200, 500])
def test_two_false_speeds_in_a_row_raise_nothing(limit: int) -> None:
    pairs = itertools.product(range(0, 2001, 200), repeat=2)
    for pair in (p for p in pairs if leaping(390, 350, *p)):
        rig = Rig(profile=Profile(speed_max=Speed(limit))).walking(390)
        since = rig.now
        shows(rig, 390, *pair)
        rig.run(6)
        assert max(asked_for(rig, since, "set_speed"), default=0) <= 390, pair
        assert rig.speed <= 390, pair


def test_false_speeds_with_pain_in_between_raise_nothing() -> None:
    pairs = itertools.product(range(0, 2001, 400), repeat=2)
    for pair in (p for p in pairs if leaping(390, 350, *p)):
        rig = Rig().walking(390)
        since = rig.now
        shows(rig, 390, pair[0])
        rig.pain(2)
        shows(rig, pair[1])
        rig.pain(3)
        rig.run(6)
        assert max(asked_for(rig, since, "set_speed"), default=0) <= 390, pair
        assert rig.speed < 390, pair


def test_a_speed_that_keeps_leaping_stops_the_belt_with_an_alarm() -> None:
    rig = Rig().walking(390)
    since = rig.now
    shows(rig, 1500, 390, 1400, 390, 1600)
    assert rig.stops(since) != []
    assert any("makes no sense" in say for say in rig.says(ev.Alarm))
    assert rig.phase == "STOPPING"
    rig.run(20)
    assert rig.phase == "PAUSED"


def test_one_leap_is_no_reason_to_stop() -> None:
    rig = Rig().walking(390)
    since = rig.now
    shows(rig, 1500)
    rig.run(30)
    assert rig.ops(since) == []
    assert rig.phase == "RUNNING"


def test_nothing_is_raised_within_three_seconds_of_a_leap() -> None:
    rig = Rig().walking(390)
    shows(rig, 1500)
    assert not rig.limit.may_raise
    assert "leaping speed" in rig.limit.why
    shows(rig, 390, 390)
    assert not rig.limit.may_raise
    shows(rig, 390)
    assert rig.limit.may_raise


@pytest.mark.parametrize("announced", [True, False])
def test_a_quick_key_on_a_machine_that_shows_its_target_is_accepted(announced: bool) -> None:
    rig = Rig(shows_target=True, accel=50).walking(200)
    since = rig.now
    rig.console(800, announced=announced)
    rig.run(10)
    assert rig.ops(since) == []
    assert rig.state.speed.wanted == 800


def test_a_quick_key_above_the_limit_is_still_corrected() -> None:
    rig = Rig(shows_target=True, accel=50, profile=Profile(speed_max=Speed(600))).walking(200)
    rig.console(900, announced=False)
    rig.run(30)
    assert rig.speed == 600


def test_a_false_speed_at_the_first_motion_is_no_speed_to_come_down_from() -> None:
    rig = Rig(minimum=100)
    rig.connect()
    rig.run(3)
    rig.ask("start")
    rig.run(3)
    since = rig.now
    shows(rig, 1100)
    rig.run(10)
    assert max(asked_for(rig, since, "set_speed"), default=0) <= 110
    assert rig.speed <= 110


def test_two_false_inclines_in_a_row_raise_nothing() -> None:
    pairs = itertools.product(range(0, 151, 25), repeat=2)
    for pair in (p for p in pairs if leaping(20, 35, *p)):
        rig = Rig(profile=Profile(grade_max=Grade(60))).walking(500)
        rig.grade = rig.grade_target = 20
        rig.run(5)
        since = rig.now
        for grade in (20, *pair):
            shows(rig, 500, grade=grade)
        rig.run(6)
        assert max(asked_for(rig, since, "set_incline"), default=0) <= 20, pair
        assert rig.grade <= 20, pair


@pytest.mark.parametrize("per_s", [2, 4])
def test_what_is_believed_never_rises_faster_than_any_machine(per_s: int) -> None:
    dice = random.Random(3)
    seen, t = credible.Credible(), 0
    for _ in range(2_000):
        before = seen.value
        seen = credible.saw(seen, Millis(t), dice.randint(0, 2000), 0, credible.SPEED)
        assert seen.value is not None
        assert before is None or seen.value - before <= 300 // per_s
        t += 1000 // per_s


def test_a_belt_that_comes_back_at_once_at_its_old_speed_is_told_the_minimum_at_once() -> None:
    rig = Rig(restart=400, accel=4_000)
    rig.connect()
    rig.run(3)
    since = rig.now
    rig.ask("start")
    while rig.phase != "RUNNING":
        rig.run(0.25)
    rig.run(1)
    assert asked_for(rig, since, "set_speed") == [100]
    rig.run(10)
    assert rig.speed == 100
