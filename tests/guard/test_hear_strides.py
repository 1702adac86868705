"""Uneven steps and a hollow back, as the guard hears them: said first, then eased (A16, A18)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from tests.guard.plans import POLICY, cues
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.policy import Profile
from treadguard.guard.rules.asymmetry import EVEN
from treadguard.guard.rules.posture import LESS_HOLLOW
from treadguard.units import Decideg, Millis


def strides(rig: Rig, seconds: int, asym: int | None, **facts: Any) -> None:
    """One sample a second, of one stride."""
    for _ in range(seconds):
        rig.run(1)
        found = {"strides": 1, **facts}
        rig.feed(ev.Posture(Millis(rig.now), asym=asym, **found))


@pytest.mark.parametrize(("asym", "said"), [(100, 1), (-100, 1), (99, 0), (-99, 0)])
def test_uneven_steps_are_said_to_either_side(asym: int, said: int) -> None:
    rig = Rig(policy=POLICY).walking(500)
    strides(rig, 40, asym)
    assert cues(rig).count(EVEN) == said
    assert rig.speed == 500


def test_they_count_over_the_runners_own_usual() -> None:
    rig = Rig(policy=POLICY, profile=Profile(asym_baseline=60)).walking(500)
    strides(rig, 40, 159)
    assert EVEN not in cues(rig)
    strides(rig, 40, -40)
    assert EVEN in cues(rig)


def test_after_sixty_strides_of_fifteen_hundredths_the_load_falls_by_a_tenth() -> None:
    rig = Rig(policy=POLICY).walking(500)
    strides(rig, 65, 150)
    assert rig.speed == 450
    (why,) = {why for _, o in rig.log if isinstance(o, ev.Command) for why in o.why} - {
        "start", "link", "consent",
    }  # fmt: skip
    assert why == "posture"


def test_it_shares_postures_few_back_offs() -> None:
    rig = Rig(policy=POLICY).walking(500)
    strides(rig, 600, 200)
    assert rig.state.posture.backoffs == POLICY.posture.max_backoffs == 3
    eased = [t for t, o in rig.log if "Easing" in getattr(o, "say", "")]
    assert len(eased) == 3
    assert min(b - a for a, b in pairwise(eased)) >= 60_000
    assert cues(rig, eased[-1]).count(EVEN) >= 3  # and then it is only said


@pytest.mark.parametrize("facts", [{"strides": None}, {"strides": 0}])
def test_without_strides_there_is_nothing_to_judge(facts: dict[str, Any]) -> None:
    rig = Rig(policy=POLICY).walking(500)
    strides(rig, 100, 300, **facts)
    assert EVEN not in cues(rig)
    assert rig.speed == 500


def test_nor_on_a_standing_belt_and_a_rest_begins_anew() -> None:
    rig = Rig(policy=POLICY).walking(500)
    strides(rig, 29, 120)
    rig.ask("stop")
    rig.run(20)
    strides(rig, 40, 120)
    assert EVEN not in cues(rig)
    rig.ask("resume")
    rig.run(8)
    strides(rig, 20, 120)
    assert EVEN not in cues(rig)
    strides(rig, 10, 120)
    assert EVEN in cues(rig)


def hollow(rig: Rig, seconds: float, deg: int) -> None:
    for _ in range(round(seconds * 4)):
        rig.run(0.25)
        rig.feed(ev.Posture(Millis(rig.now), lumbar=Decideg(deg)))


@pytest.mark.parametrize(("deg", "said"), [(451, 1), (450, 0)])
def test_a_hollow_back_is_said_over_its_own_usual_and_moves_nothing(deg: int, said: int) -> None:
    rig = Rig(policy=POLICY, profile=Profile(lumbar_baseline=Decideg(300))).walking(500)
    hollow(rig, 30, deg)
    assert cues(rig).count(LESS_HOLLOW) == said
    hollow(rig, 60, deg)
    assert cues(rig).count(LESS_HOLLOW) == 2 * said
    assert rig.speed == 500


def test_a_short_one_or_a_silent_sensor_says_nothing() -> None:
    rig = Rig(policy=POLICY).walking(500)
    for _ in range(5):
        hollow(rig, 9, 300)
        rig.run(2)
    assert LESS_HOLLOW not in cues(rig)
