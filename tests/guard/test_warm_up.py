"""A warm-up climbs, a variation dips, and the runner may end either."""

from __future__ import annotations

import pytest
from tests.guard.plans import POLICY, SILENT, UNASKED, cues, warming
from tests.guard.rig import Rig

from treadguard.guard.policy import Policy, WarmUpPolicy
from treadguard.units import Millis

# ---------------------------------------------------------------- warm-up


def test_a_warm_up_climbs_to_the_speed_that_was_named_and_stays_there() -> None:
    rig = warming(600)
    speeds = []
    for _ in range(6):
        rig.run(30)
        speeds.append(rig.speed)
    assert speeds == [300, 350, 400, 450, 500, 550]
    rig.run(60)
    assert rig.speed == 600
    assert rig.state.course is None
    assert "Warmed up." in cues(rig)
    rig.run(300)
    assert (rig.phase, rig.speed) == ("RUNNING", 600)


@pytest.mark.parametrize(("asked", "over"), [(550, True), (300, True)])
def test_the_runner_may_skip_it(asked: int, over: bool) -> None:
    rig = warming(600)
    rig.run(100)
    rig.ask("speed", asked)
    rig.run(60)
    assert (rig.state.course is None) is over
    assert rig.speed == asked


def test_it_is_over_with_the_first_limit() -> None:
    rig = warming(600)
    rig.run(60)
    rig.pain(1)
    rig.run(120)
    assert rig.state.course is None
    assert rig.speed < 350
    assert any(say.startswith("The warm-up is over") for say in cues(rig))


def test_one_that_is_demanded_caps_what_treadguard_raises_and_not_the_console() -> None:
    demanded = Policy(
        prompts=UNASKED, cues=SILENT, warm_up=WarmUpPolicy(Millis(180_000), demanded=True)
    )
    rig = Rig(policy=demanded).walking(300)
    rig.run(60)
    rig.ask("speed", 900)
    most = 300 + 900 * rig.state.ran // 180_000
    rig.run(40)
    assert most - 10 < rig.speed <= most < 800
    rig.target = 900
    rig.run(20)
    assert rig.speed == 900
    assert rig.phase == "RUNNING"


def test_no_warm_up_without_a_speed_nor_on_a_moving_belt() -> None:
    rig = Rig(policy=POLICY).walking(300)
    rig.ask("warm-up", 600)
    rig.run(60)
    assert rig.speed == 300
    assert rig.state.course is None
    still = Rig(policy=POLICY)
    still.connect()
    still.run(3)
    still.ask("warm-up")
    still.run(10)
    assert still.phase == "READY"


# ---------------------------------------------------------------- variation


def test_a_variation_dips_for_a_minute_and_never_goes_above_what_was_chosen() -> None:
    rig = Rig(policy=POLICY).walking(500)
    rig.ask("vary", 500)
    fastest = slowest = rig.speed
    for _ in range(1_600):
        rig.run(0.25)
        fastest, slowest = max(fastest, rig.speed), min(slowest, rig.speed)
    assert (fastest, slowest) == (500, 450)
    rig.ask("speed", 400)
    rig.run(200)
    assert rig.speed == 400
    assert rig.state.course is None


@pytest.mark.parametrize("value", [None, 400, 600])
def test_a_variation_needs_a_consent_for_the_speed_that_runs(value: int | None) -> None:
    rig = Rig(policy=POLICY).walking(500)
    rig.ask("vary", value)
    rig.run(200)
    assert rig.state.course is None
    assert rig.speed == 500
