"""What was planned, in one turn on a bare State: to the millisecond, and beside nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.guard.bare import NOW, cues, seen, turn

from treadguard.guard.acts import Turn
from treadguard.guard.planned import elapse
from treadguard.guard.policy import BreakPolicy, Policy, Profile
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.rules.ratings import Ratings
from treadguard.guard.rules.reminders import SAID, Reminders
from treadguard.units import Millis

EVERY = 100_000
BREAKS = Policy(breaks=BreakPolicy(every_ms=Millis(EVERY)))
LONGEST = Profile(longest_ms=Millis(150_000))
WALKED: Any = {"measured": seen(500, grade=20), "ran": 700_000}
EASED = Backoff("ease", 450, None, NOW, None, 27, 500)


def elapsed(policy: Policy | None = None, profile: Profile | None = None, **facts: Any) -> Turn:
    t = turn(policy, profile, **facts)
    elapse(t)
    return t


@pytest.mark.parametrize(
    ("left", "told", "active"),
    [(10_001, False, False), (10_000, True, False), (1, True, False), (0, True, True)],
)
def test_a_planned_break_is_told_and_comes_to_the_millisecond(
    left: int, told: bool, active: bool
) -> None:
    t = elapsed(BREAKS, ran=EVERY - left)
    assert (t.s.break_told, t.s.breaks.active) == (told, active)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (60_001, []),
        (60_000, ["One minute left of the time your therapist set."]),
        (1, ["One minute left of the time your therapist set."]),
        (0, ["That is the time your therapist set: slowing down, then stopping."]),
    ],
)
def test_the_longest_session_is_told_and_ends_to_the_millisecond(
    left: int, said: list[str]
) -> None:
    t = elapsed(profile=LONGEST, ran=150_000 - left)
    assert cues(t) == said
    assert (t.s.ending is not None) is (left == 0)


def test_in_shadow_no_session_is_ended() -> None:
    t = elapsed(profile=LONGEST, ran=150_000, shadow=True)
    assert (t.s.ending, cues(t)) == (None, [])


def test_an_end_in_order_goes_before_break_and_reminder() -> None:
    t = elapsed(BREAKS, LONGEST, ran=700_000)
    assert cues(t) == ["That is the time your therapist set: slowing down, then stopping."]
    assert not t.s.breaks.active
    later = elapsed(BREAKS, LONGEST, ran=700_000, ending=NOW)
    assert cues(later) == []


def test_a_reminder_is_said_and_remembered() -> None:
    t = elapsed(**WALKED)
    (said,) = cues(t)
    kind = next(kind for kind, say in SAID.items() if say == said)
    assert t.s.reminders == Reminders(
        said=((kind, 700_000),), last=700_000, same_from=700_000, speed=500, grade=20
    )


@pytest.mark.parametrize("facts", [{"ratings": Ratings(open_since=NOW)}, {"ease": EASED}])
def test_none_is_said_beside_a_question_or_a_back_off(facts: dict[str, Any]) -> None:
    t = elapsed(**WALKED, **facts)
    assert cues(t) == []
    assert t.s.reminders == replace(Reminders(), same_from=700_000, speed=500, grade=20)
