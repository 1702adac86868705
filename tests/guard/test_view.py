"""What a screen is told: who holds the belt, and the way out."""

from __future__ import annotations

from typing import Any

from tests.guard.rig import Rig

from treadguard.guard.view import view
from treadguard.units import Millis


def seen(rig: Rig) -> dict[str, Any]:
    return view(rig.state, Millis(rig.now))


def test_a_walk_under_no_limit_is_held_by_nothing() -> None:
    now = seen(Rig().walking(600))
    assert (now["phase"], now["speed_kmh"], now["why"]) == ("RUNNING", 6.0, [])


def test_a_back_off_says_how_long_it_lasts() -> None:
    rig = Rig().walking(600)
    rig.pain(2)
    rig.run(20)
    now = seen(rig)
    assert now["why"] == ["pain"]
    assert now["release"] == ["pain: over in 100 s, or at a lower pain rating"]
    assert now["allowed"]["speed_kmh"] == 5.2


def test_in_a_break_only_the_break_is_named_and_it_counts_at_once() -> None:
    rig = Rig().walking(600)
    rig.pain(2)
    rig.run(5)
    rig.pain(6)
    while rig.phase != "BREAK":
        rig.run(0.25)
    now = seen(rig)
    assert now["why"] == ["break"]
    assert now["release"] == ["break: the break lasts 120 s more"]
    assert now["break"]["left_s"] == 120
    assert now["consent_needed"] == "resume"


def test_without_a_link_no_age_is_shown_and_never_a_zero() -> None:
    rig = Rig().walking(600)
    rig.drop()
    rig.run(2)
    now = seen(rig)
    assert (now["phase"], now["link"], now["age_ms"]) == ("LOST", "down", None)
    assert now["speed_kmh"] == 6.0


def test_a_stage_says_when_it_rises_and_counts_from_the_first_motion() -> None:
    rig = Rig().walking(600)
    rig.pain(6)
    rig.run(140)
    rig.pain(0)
    rig.ask("resume")
    rig.run(10)
    assert rig.phase == "RUNNING"
    now = seen(rig)
    assert now["why"] == []
    (capped,) = now["capped"]
    assert capped.startswith("stage: higher in 5")
    rig.run(62)
    (capped,) = seen(rig)["capped"]
    assert capped.startswith("stage: over in 5")


def test_a_lower_rating_is_no_way_out_of_what_the_runner_eased() -> None:
    rig = Rig().walking(600)
    rig.ask("ease")
    rig.run(20)
    assert seen(rig)["release"] == ["ease: over in 100 s"]
