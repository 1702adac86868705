"""What a plan may raise on either axis: never unannounced, never more, never beside a fall."""

from __future__ import annotations

import pytest
from tests.guard.plans import POLICY, SILENT, UNASKED, begun, cues, leg, speeds, targets
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import Kept, kept
from treadguard.guard.plan import Leg, Plan
from treadguard.guard.policy import BreakPolicy, Policy, WarmUpPolicy
from treadguard.units import Grade, Millis, Speed

DEMANDED = Policy(
    prompts=UNASKED, cues=SILENT, warm_up=WarmUpPolicy(Millis(180_000), demanded=True)
)


def raises(rig: Rig, since: int) -> list[tuple[int, str]]:
    return [(t, op) for t, op, _ in rig.commands(since)]


@pytest.mark.parametrize(
    ("first", "second", "down", "up"),
    [
        (leg(60, 600, 0), leg(120, 400, 30), "set_speed", "set_incline"),
        (leg(60, 400, 30), leg(120, 600, 0), "set_incline", "set_speed"),
    ],
)
def test_a_leg_that_lowers_one_axis_and_raises_the_other_lowers_first(
    first: Leg, second: Leg, down: str, up: str
) -> None:
    rig = begun(Plan((first, second, leg(120, 300))), grade_rate=10)
    rig.run(55)
    since = rig.now
    rig.run(60)
    assert (rig.speed, rig.grade) == (second.speed, second.grade)
    ops = [op for t, op in raises(rig, since)]
    assert ops == sorted(ops, key=[down, up].index)
    assert {down, up} == set(ops)
    assert not any("Lowering comes first" in say for say in cues(rig))


@pytest.mark.parametrize(
    ("ranges", "speed", "grade"),
    [
        (ev.Ranges(Speed(100), Speed(1_600), 60), 100, 20),
        (ev.Ranges(None, None, None, Grade(0), Grade(150), 11), 500, 0),
        (ev.Ranges(Speed(100), Speed(1_600), 50, Grade(0), Grade(150), 10), 500, 20),
    ],
)
def test_an_axis_whose_steps_are_too_coarse_stays_and_the_other_goes_up(
    ranges: ev.Ranges, speed: int, grade: int
) -> None:
    plan = Plan((leg(90, 500, 20), leg(120, 300)))
    rig = Rig(policy=POLICY, plan=plan, grade_rate=10)
    rig.connect()
    rig.ranges(ranges)
    rig.run(3)
    rig.ask("programme")
    rig.run(80)
    assert (rig.speed, rig.grade) == (speed, grade)


def test_a_demanded_warm_up_goes_on_in_a_programme_and_each_step_is_announced() -> None:
    rig = begun(Plan((leg(300, 600), leg(120, 300))), policy=DEMANDED)
    assert speeds(rig, 7) == [300, 450, 600, 600, 600, 600, 600]
    told = [say for say in cues(rig) if "In 5 seconds" in say]
    assert told == [f"In 5 seconds: {v} km/h." for v in ("3.0", "4.5", "6.0")]


def test_a_restart_is_as_cold_as_a_start() -> None:
    """Nobody knows for how long the belt has stood."""
    kept = Kept(ran=600_000)
    rig = Rig(policy=DEMANDED, kept=kept)
    rig.connect()
    rig.run(3)
    rig.ask("start")
    rig.run(10)
    rig.ask("speed", 900)
    most = 300 + 900 * (rig.state.ran - 600_000) // 180_000
    rig.run(40)
    assert rig.speed <= most


def test_a_crash_forgets_no_easing() -> None:
    rig = begun(Plan((leg(60, 600), leg(300, 700), leg(120, 350))))
    rig.run(40)
    rig.pain(1)
    rig.run(20)
    kept_ = kept(rig.state)
    assert (kept_.eased_speed, kept_.eased_grade) == (540, 0)
    again = begun(Plan((leg(60, 600), leg(300, 700), leg(120, 350))), kept=Kept(
        eased_speed=kept_.eased_speed, eased_grade=kept_.eased_grade,
    ))  # fmt: skip
    again.run(40)
    assert again.speed == 540


def test_a_warm_up_is_held_to_no_easing_of_a_programme() -> None:
    """It is the runner's own word for a speed, given after it."""
    rig = Rig(policy=POLICY, kept=Kept(eased_speed=400))
    rig.connect()
    rig.run(3)
    rig.ask("warm-up", 600)
    rig.run(260)
    assert rig.speed == 600


def test_nothing_goes_up_in_the_seconds_before_a_planned_break() -> None:
    policy = Policy(prompts=UNASKED, cues=SILENT, breaks=BreakPolicy(every_ms=Millis(60_000)))
    rig = begun(Plan((leg(55, 400), leg(60, 600), leg(120, 300))), policy=policy)
    rig.run(48)
    since = rig.now
    rig.run(3)
    assert "A short break in 10 seconds: hold the rail." in cues(rig, since)
    rig.ask("speed", 500)
    rig.run(8)
    assert targets(rig, since) == []
    assert any("break soon" in say for say in cues(rig, since))
    rig.run(10)
    assert rig.phase == "BREAK"


def test_no_warm_up_beside_a_programme_under_way() -> None:
    rig = begun()
    rig.run(10)
    rig.ask("stop")
    rig.run(20)
    since = rig.now
    rig.ask("warm-up", 600)
    rig.run(20)
    assert rig.phase == "PAUSED"
    assert any("goes on with it" in say for say in cues(rig, since))
    rig.ask("programme")
    rig.run(10)
    assert rig.phase == "RUNNING"
