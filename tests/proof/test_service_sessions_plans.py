"""Programmes in the simulated sessions: a raise that nobody announced or consented to is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest
from proof.simulated_film import Act
from proof.simulated_plans import PLANNED, Plan, random_plan
from proof.simulated_records import judged

from proof import simulated_house
from treadguard import gate
from treadguard.guard import course
from treadguard.guard.plan import Leg
from treadguard.guard.plan import Plan as Laid
from treadguard.journal import Header
from treadguard.units import Grade, Millis, Speed

LAID: Final = Laid(
    (
        Leg(Millis(20_000), Speed(300)),
        Leg(Millis(30_000), Speed(500), Grade(10)),
        Leg(Millis(40_000), Speed(300)),
    )
)
BEGINS: Final = Act(3_000, "programme")
RULE: Final = "I2 no raise without leave"

Plant = Callable[[pytest.MonkeyPatch], None]


def plan(*acts: Act) -> Plan:
    return Plan(
        "planned", 1, "ideal", programme=LAID, acts=(BEGINS, *acts), length_ms=70_000, jitter=False
    )


def nothing_withdraws(patch: pytest.MonkeyPatch) -> None:
    """Neither the guard nor the gate takes the leave for a plan's raises back."""
    patch.setattr(course, "withdraw", lambda *_: None)
    patch.setattr(gate, "without_programme", lambda state: state)


def announced_too_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(course, "AHEAD_MS", 1_000)


def faster_than_stated(patch: pytest.MonkeyPatch) -> None:
    """Guard and gate are given another programme than the one that was consented to."""
    legs = tuple(replace(leg, speed=Speed(leg.speed + 100)) for leg in LAID.legs)

    def faster(**facts: Any) -> Any:
        return Header(**{**facts, "programme": Laid(legs)})

    patch.setattr(simulated_house, "Header", faster)


def steeper_than_announced(patch: pytest.MonkeyPatch) -> None:
    said = course._announcement
    patch.setattr(course, "_announcement", lambda leg, speed, grade: said(leg, speed, grade and 5))


PLANTED: Final[list[tuple[Plant, Plan]]] = [
    (nothing_withdraws, plan(Act(20_000, "console_speed", 200))),
    (announced_too_late, plan()),
    (faster_than_stated, plan()),
    (steeper_than_announced, plan()),
]


@pytest.mark.parametrize(("plant", "case"), PLANTED)
def test_a_planted_bug_is_found(plant: Plant, case: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    _, sound, _ = judged(case, replayed=False)
    assert sound == []
    plant(monkeypatch)
    _, found, _ = judged(case, replayed=False)
    assert {finding.rule for finding in found} == {RULE}


def test_a_programme_goes_up_and_each_of_its_raises_is_judged() -> None:
    film, found, figures = judged(plan())
    assert found == []
    assert figures.seen["raised by a plan"] >= 5
    assert max(film.speed(t) for t in range(0, 70_000, 500)) == 500


def test_so_many_random_sessions_have_a_programme() -> None:
    laid = [random_plan(n) for n in range(400)]
    assert abs(sum(one.programme is not None for one in laid) / 400 - PLANNED) < 0.08
    does = {act.do for one in laid if one.programme is not None for act in one.acts}
    assert {"programme", "warm-up", "vary"} <= does
