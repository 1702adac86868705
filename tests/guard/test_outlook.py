"""What the screen promises of a plan: the next leg as it will be, and all that a consent covers."""

from __future__ import annotations

from typing import Any

import pytest
from tests.guard.plans import PLAN, POLICY, SILENT, UNASKED, begun, leg, warming
from tests.guard.rig import Rig

from treadguard.guard.plan import Plan
from treadguard.guard.policy import CapPolicy, Policy
from treadguard.guard.view import view
from treadguard.units import Millis, Speed


def programme(rig: Rig) -> dict[str, Any]:
    found = view(rig.state, Millis(rig.now))["programme"]
    assert isinstance(found, dict)
    return found


def ready(plan: Plan = PLAN, policy: Policy = POLICY, **facts: Any) -> Rig:
    rig = Rig(policy=policy, plan=plan, **facts)
    rig.connect()
    rig.run(3)
    return rig


def test_a_consent_is_told_how_long_how_fast_how_steep_and_how_often() -> None:
    plan = Plan((leg(60, 400), leg(60, 500, 20), leg(60, 450), leg(60, 600), leg(120, 350)))
    assert programme(ready(plan))["offer"] == {
        "lasts_s": 360, "raises": 3, "speed_kmh": 6.0, "incline_pct": 2.0,
    }  # fmt: skip


def test_what_caps_hold_lower_is_neither_promised_nor_counted() -> None:
    policy = Policy(prompts=UNASKED, cues=SILENT, caps=CapPolicy(speed=Speed(450)))
    offer = programme(ready(policy=policy))["offer"]
    assert (offer["speed_kmh"], offer["raises"]) == (4.5, 2)


def test_a_programme_taken_up_again_covers_what_is_left_and_no_more_than_it_was_eased_to() -> None:
    rig = begun()
    rig.run(100)
    rig.pain(1)
    rig.run(30)
    offer = programme(rig)["offer"]
    assert (offer["speed_kmh"], offer["raises"]) == (4.5, 0)
    assert 160 <= offer["lasts_s"] <= 175


def test_a_stage_that_is_soon_over_makes_no_programme_look_lower() -> None:
    """It is told at least as much as it then goes up to."""
    rig = begun(Plan((leg(60, 600), leg(900, 500), leg(120, 350))))
    rig.run(40)
    rig.ask("break")
    rig.run(60)
    rig.ask("programme")
    rig.run(15)
    assert rig.phase == "RUNNING"
    assert programme(rig)["next"]["speed_kmh"] < 5.0
    assert programme(rig)["offer"]["speed_kmh"] >= 5.0


@pytest.mark.parametrize("eased", [False, True])
def test_the_next_leg_is_shown_as_it_will_be(eased: bool) -> None:
    rig = begun(Plan((leg(60, 500), leg(60, 450), leg(60, 600), leg(120, 350))))
    rig.run(30)
    assert programme(rig)["next"]["speed_kmh"] == 4.5
    if eased:
        rig.pain(1)
        rig.run(5)
        rig.pain(0)
        rig.run(1)
        rig.ask("programme")
    rig.run(45)
    now = programme(rig)
    assert now["goes_up"]
    promised = now["next"]["speed_kmh"]
    assert (promised, now["held"]) == ((4.5, "eased earlier") if eased else (6.0, ""))
    rig.run(now["next_s"] + 15)
    assert rig.speed == promised * 100


def test_the_next_leg_of_one_that_goes_up_no_more_only_falls() -> None:
    rig = begun()
    rig.run(30)
    rig.ask("speed", 300)
    rig.run(1)
    assert programme(rig)["next"]["speed_kmh"] == 3.0


def test_what_a_cap_holds_is_said_with_it() -> None:
    policy = Policy(prompts=UNASKED, cues=SILENT, caps=CapPolicy(speed=Speed(450)))
    rig = begun(policy=policy)
    rig.run(30)
    now = programme(rig)
    assert (now["next"]["speed_kmh"], now["held"]) == (4.5, "cap")


def test_a_warm_up_under_way_is_no_programme_to_take_up() -> None:
    now = programme(warming(500))
    assert (now["kind"], now["offer"]) == ("warm-up", None)
