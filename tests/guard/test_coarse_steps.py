"""Machines whose steps are large: a raise gets under way all the same, or is refused in words."""

from __future__ import annotations

import itertools

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.policy import Policy, RampPolicy
from treadguard.units import Grade, Speed


def coarse(step: int, policy: Policy | None = None) -> Rig:
    """A belt in motion at its minimum, on a machine with this step of speed."""
    rig = Rig(minimum=80, policy=policy or Policy())
    rig.connect()
    rig.ranges(ev.Ranges(Speed(rig.minimum), Speed(1600), step))
    rig.run(5)
    rig.ask("start")
    rig.run(10)
    return rig


@pytest.mark.parametrize("at", range(560, 592, 3))
def test_a_raise_gets_under_way_from_between_two_steps(at: int) -> None:
    rig = coarse(32)
    rig.console(at)
    rig.run(15)
    rig.ask("speed", 640)
    rig.run(60)
    assert rig.speed == 624


def test_an_incline_rises_from_between_two_steps() -> None:
    rig = Rig()
    rig.connect()
    rig.ranges(ev.Ranges(incline_min=Grade(0), incline_max=Grade(150), incline_step=10))
    rig.walking(400)
    rig.grade = rig.grade_target = 12
    rig.run(5)
    rig.ask("incline", 40)
    rig.run(60)
    assert rig.grade == 40


@pytest.mark.parametrize("step", [41, 50])
def test_a_step_of_more_than_two_seconds_worth_is_taken_in_its_own_time(step: int) -> None:
    rig = coarse(step, Policy(ramp=RampPolicy(raise_per_s=20)))
    since = rig.now
    rig.ask("speed", 500)
    rig.run(60)
    raised = [(t, value) for t, op, value in rig.commands(since) if op == "set_speed"]
    assert raised[-1][1] == 80 + (500 - 80) // step * step
    assert all(b - a >= 2_000 for (a, _), (b, _) in itertools.pairwise(raised))
    assert all((v or 0) - 80 <= 20 * (t - since + 1_250) // 1_000 for t, v in raised)


@pytest.mark.parametrize(("step", "goes"), [(50, True), (51, False)])
def test_a_step_that_the_gate_would_refuse_is_refused_in_words(step: int, goes: bool) -> None:
    rig = coarse(step)
    since = rig.now
    rig.ask("speed", 600)
    rig.run(60)
    assert rig.speed == (580 if goes else 80)
    said = any("go up on its console" in say for say in rig.says(ev.Cue, since))
    assert said is not goes


@pytest.mark.parametrize(("step", "goes"), [(10, True), (11, False)])
def test_an_incline_step_that_the_gate_would_refuse_is_refused_in_words(
    step: int, goes: bool
) -> None:
    rig = Rig()
    rig.connect()
    rig.ranges(ev.Ranges(incline_min=Grade(0), incline_max=Grade(150), incline_step=step))
    rig.walking(400)
    since = rig.now
    rig.ask("incline", 60)
    rig.run(60)
    assert ("set_incline" in rig.ops(since)) is goes
    assert any("go up on its console" in say for say in rig.says(ev.Cue, since)) is not goes
