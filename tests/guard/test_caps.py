"""Caps and ramps: how far it may go, and how fast it gets there."""

from __future__ import annotations

import itertools

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard import ramp
from treadguard.guard.policy import Profile
from treadguard.guard.ramp import Axis
from treadguard.units import Grade, Millis, Speed


def press(rig: Rig, do: ev.OperatorDo, value: int | None = None) -> None:
    """A request without its consent."""
    rig.feed(ev.Operator(Millis(rig.now), do, value))


def consent(rig: Rig, for_: ev.ConsentFor, target: int | None, *, good_for: int = 10_000) -> None:
    rig.feed(
        ev.Consent(
            Millis(rig.now), "x", for_, target, Millis(rig.now + good_for), rig.state.generation
        )
    )


# ---------------------------------------------------------------- caps


def test_the_default_cap_is_twelve() -> None:
    rig = Rig().walking(1_100)
    rig.ask("speed", 1_800)
    rig.run(40)
    assert rig.speed == 1_200


def test_the_default_grade_cap_is_ten_per_cent() -> None:
    rig = Rig().walking(300, grade=90)
    rig.pain(0)
    rig.ask("incline", 140)
    rig.run(60)
    assert rig.grade == 100


def test_a_profile_lowers_both_caps() -> None:
    rig = Rig(profile=Profile(speed_max=Speed(500), grade_max=Grade(20))).walking(400)
    rig.ask("speed", 900)
    rig.run(20)
    assert rig.speed == 500
    rig.ask("incline", 60)
    rig.run(20)
    assert rig.grade == 20


def test_a_profile_without_incline_keeps_the_grade_at_zero() -> None:
    rig = Rig(profile=Profile(grade_max=Grade(0))).walking(400)
    since = rig.now
    rig.ask("incline", 30)
    rig.run(20)
    assert rig.ops(since) == []
    assert rig.grade == 0


def test_the_machines_range_narrows_what_may_be_raised() -> None:
    rig = Rig()
    rig.connect()
    rig.ranges(ev.Ranges(Speed(100), Speed(600), 10))
    rig.run(5)
    rig.ask("start")
    rig.run(10)
    rig.ask("speed", 1_000)
    rig.run(40)
    assert rig.speed == 600


def test_a_range_wider_than_the_cap_widens_nothing() -> None:
    """H17."""
    rig = Rig()
    rig.connect()
    rig.ranges(ev.Ranges(Speed(0), Speed(2_500), 10, Grade(-50), Grade(400), 5))
    rig.run(5)
    rig.ask("start")
    rig.run(10)
    rig.ask("speed", 2_400)
    rig.run(70)
    assert rig.speed == 1_200


def test_a_range_never_blocks_a_stop() -> None:
    rig = Rig(speed=600, target=600)
    rig.connect()
    rig.ranges(ev.Ranges(Speed(550), Speed(600), 50))
    rig.run(5)
    since = rig.now
    rig.pain(6)
    assert rig.stops(since) == [since]


@pytest.mark.parametrize("ranges", [ev.Ranges(), ev.Ranges(Speed(0), Speed(0), 0)])
def test_a_missing_or_empty_range_blocks_no_lowering(ranges: ev.Ranges) -> None:
    rig = Rig(speed=600, target=600)
    rig.connect()
    rig.ranges(ranges)
    rig.run(5)
    rig.pain(2)
    rig.run(10)
    assert rig.speed == 520


def test_a_lying_range_below_the_belt_blocks_no_lowering() -> None:
    rig = Rig(speed=600, target=600)
    rig.connect()
    rig.ranges(ev.Ranges(Speed(100), Speed(400), 10))
    rig.run(10)
    rig.pain(2)
    rig.run(10)
    assert rig.speed <= 520


# ---------------------------------------------------------------- ramps


def steps(rig: Rig, since: int, op: str) -> list[tuple[int, int]]:
    return [(t - since, v) for t, o, v in rig.commands(since) if o == op and v is not None]


def test_a_raise_climbs_a_quarter_a_second_from_an_unrounded_track() -> None:
    rig = Rig().walking(300)
    since = rig.now
    rig.ask("speed", 400)
    rig.run(10)
    assert steps(rig, since, "set_speed") == [
        (0, 320),
        (1_000, 350),
        (2_000, 370),
        (3_000, 400),
    ]


def test_a_back_off_falls_half_a_kmh_a_second() -> None:
    rig = Rig().walking(900)
    since = rig.now
    rig.pain(4)  # 7.2
    rig.run(10)
    assert steps(rig, since, "set_speed") == [
        (0, 850),
        (1_000, 800),
        (2_000, 750),
        (3_000, 720),
    ]


def test_the_runners_own_lowering_falls_no_faster() -> None:
    rig = Rig().walking(900)
    since = rig.now
    rig.feed(ev.Operator(Millis(rig.now), "speed", 500))
    rig.run(15)
    values = [900, *(v for _, v in steps(rig, since, "set_speed"))]
    assert all(a - b <= 50 for a, b in itertools.pairwise(values))
    assert rig.speed == 500


def test_the_grade_climbs_and_falls_half_a_per_cent_a_second() -> None:
    rig = Rig(grade_rate=40).walking(300)
    since = rig.now
    rig.ask("incline", 20)
    rig.run(10)
    assert steps(rig, since, "set_incline") == [(0, 5), (1_000, 10), (2_000, 15), (3_000, 20)]
    since = rig.now
    rig.feed(ev.Operator(Millis(rig.now), "incline", 5))
    rig.run(10)
    assert steps(rig, since, "set_incline") == [(0, 15), (1_000, 10), (2_000, 5)]


def test_speed_and_grade_never_rise_at_once() -> None:
    rig = Rig().walking(300)
    since = rig.now
    rig.ask("speed", 600)
    rig.run(0.5)
    rig.ask("incline", 30)
    rig.run(60)
    speeds = [t for t, _ in steps(rig, since, "set_speed")]
    grades = [t for t, _ in steps(rig, since, "set_incline")]
    assert speeds
    assert grades
    assert min(abs(a - b) for a in speeds for b in grades) >= 1_000


def test_a_stop_for_pain_does_not_step_down_first() -> None:
    rig = Rig().walking(1_000)
    since = rig.now
    rig.pain(5)
    rig.run(15)
    assert rig.ops(since) == ["stop"]


def test_a_back_off_that_waited_for_an_answer_still_falls_no_faster() -> None:
    rig = Rig(answers=False).walking(800)
    rig.ask("speed", 1_000)
    rig.run(3)
    top = rig.commands()[-1][2]
    assert top is not None
    since = rig.now
    rig.pain(4)
    rig.run(20)
    values = [top, *(v for _, v in steps(rig, since, "set_speed"))]
    assert all(a - b <= 100 for a, b in itertools.pairwise(values)), values


@pytest.mark.parametrize("first", ["before it runs", "downward"])
def test_an_ask_uses_up_its_consent_whatever_comes_of_it(first: str) -> None:
    rig = Rig().walking(400)
    if first == "downward":
        rig.ask("speed", 500)
        rig.run(8)
        rig.ask("speed", 450)
    else:
        rig.ask("stop")
        rig.run(10)
        rig.ask("speed", 450)
        rig.run(1)
        rig.ask("resume")
        while rig.phase != "RUNNING":
            rig.run(0.25)
    rig.run(2)
    since = rig.now
    rig.feed(ev.Operator(Millis(rig.now), "speed", 450 if first != "downward" else 460))
    rig.run(4)
    raised = [v for _, op, v in rig.commands(since) if op == "set_speed" and v and v > rig.speed]
    assert raised == []
    assert any("consent" in say for say in rig.says(ev.Cue, since)) or first == "downward"


def test_a_lowering_that_had_to_wait_starts_from_where_the_belt_is_by_then() -> None:
    asked = ramp.heading(Axis(wanted=90, setpoint=350), Millis(12_000), 90, 250)
    later = ramp.heading(asked, Millis(12_500), 90, 320)
    _, value = ramp.due(later, Millis(12_500), 25, 50, 1, lambda speed: speed)
    assert value == 270
