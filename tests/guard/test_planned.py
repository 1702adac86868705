"""What was planned: short breaks, the longest session, reminders; and a runner not yet cleared."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.guard.plans import POLICY, cues
from tests.guard.rig import Rig

from treadguard.guard import acts
from treadguard.guard.kept import Kept, kept
from treadguard.guard.policy import Policy, Profile
from treadguard.guard.rules.reminders import SAID
from treadguard.units import Millis

MINUTE = 60_000
EVERY_5 = replace(
    POLICY, breaks=replace(POLICY.breaks, every_ms=Millis(5 * MINUTE), length_ms=Millis(45_000))
)


def until(rig: Rig, phase: str, seconds: float = 900) -> float:
    """How long it took to come to this phase, in s."""
    began = rig.now
    while rig.phase != phase:
        rig.run(0.25)
        assert rig.now - began < seconds * 1_000, f"never {phase}"
    return (rig.now - began) / 1_000


# ---------------------------------------------------------------- breaks


def test_a_planned_break_comes_after_its_time_on_the_belt_and_is_told_ahead() -> None:
    rig = Rig(policy=EVERY_5).walking(500)
    moved = rig.state.ran
    until(rig, "STOPPING")
    assert rig.state.ran == 5 * MINUTE
    warned = next(t for t, o in rig.log if "short break in 10" in getattr(o, "say", ""))
    assert rig.now - warned == 10_000
    assert moved < 60_000
    assert acts.BREAK in cues(rig)
    assert rig.commands(rig.now)[-1][1] == "stop"
    until(rig, "BREAK")
    assert rig.state.breaks.triggers == 0
    assert rig.state.breaks.ceiling is None


def test_nobody_is_held_to_its_length_and_its_end_is_said_once() -> None:
    rig = Rig(policy=EVERY_5).walking(500)
    until(rig, "BREAK")
    zero = rig.now
    rig.run(44)
    assert not any("That was the break" in say for say in cues(rig))
    rig.run(60)
    told = [t for t, o in rig.log if "That was the break" in getattr(o, "say", "")]
    assert [t - zero for t in told] == [45_000]
    early = Rig(policy=EVERY_5).walking(500)
    until(early, "BREAK")
    early.run(5)
    early.ask("resume")
    until(early, "RUNNING", 20)


def test_the_next_one_counts_from_the_last_rest() -> None:
    rig = Rig(policy=EVERY_5).walking(500)
    rig.run(200)
    rig.ask("stop")
    rig.run(20)
    rig.ask("resume")
    until(rig, "RUNNING", 20)
    assert until(rig, "STOPPING") == pytest.approx(300, abs=1)


def test_none_is_planned_unless_the_runner_wishes_it() -> None:
    rig = Rig(policy=POLICY).walking(500)
    rig.run(3_600)
    assert rig.phase == "RUNNING"


def test_in_shadow_it_is_only_said() -> None:
    rig = Rig(policy=EVERY_5, mode="shadow")
    rig.connect()
    rig.run(2)
    rig.target = 500
    rig.run(320)
    assert any("Time for a short break" in say for say in cues(rig))
    assert "stop" not in rig.ops(0)
    assert rig.phase == "RUNNING"


# ---------------------------------------------------------------- the longest session


def test_a_therapists_limit_ends_the_session_in_order_and_says_so_a_minute_ahead() -> None:
    rig = Rig(policy=POLICY, profile=Profile(longest_ms=Millis(6 * MINUTE))).walking(500)
    until(rig, "ENDED")
    assert rig.state.ended == "the therapist's time was up"
    told = [t for t, o in rig.log if "One minute left" in getattr(o, "say", "")]
    over = [t for t, o in rig.log if "the time your therapist set:" in getattr(o, "say", "")]
    assert len(told) == len(over) == 1
    assert over[0] - told[0] == MINUTE
    falls = [value for t, op, value in rig.commands(over[0]) if op == "set_speed"]
    assert falls == sorted(falls, reverse=True)  # type: ignore[type-var]
    assert len(falls) > 3


def test_a_restart_gives_no_more_time() -> None:
    rig = Rig(policy=POLICY, profile=Profile(longest_ms=Millis(6 * MINUTE))).walking(500)
    rig.run(300)
    left = kept(rig.state)
    assert left.ran == rig.state.ran // MINUTE * MINUTE == 5 * MINUTE
    again = Rig(
        policy=POLICY,
        profile=Profile(longest_ms=Millis(6 * MINUTE)),
        kept=replace(left, moving=False, ran=6 * MINUTE),
    )
    again.connect()
    again.run(3)
    again.ask("start")
    again.run(10)
    assert again.phase == "READY"
    assert any("is used up" in say for say in cues(again))
    assert left.next_session().ran == 0


# ---------------------------------------------------------------- not cleared


def test_who_isnt_cleared_starts_no_belt() -> None:
    """A11: an injured spine keeps off the treadmill until a professional says otherwise."""
    rig = Rig(policy=POLICY, profile=Profile(cleared=False))
    rig.connect()
    rig.run(3)
    assert rig.phase == "ENDED"
    rig.ask("start")
    rig.run(5)
    assert "start" not in rig.ops(0)
    assert any("a professional must clear you" in say for say in cues(rig))


def test_nor_at_its_console() -> None:
    rig = Rig(policy=POLICY, profile=Profile(cleared=False))
    rig.connect()
    rig.run(3)
    rig.target = 300
    rig.run(5)
    assert "stop" in rig.ops(0)


def test_a_lock_is_named_before_it() -> None:
    rig = Rig(policy=POLICY, profile=Profile(cleared=False), kept=Kept(locks=("red flag",)))
    assert rig.state.ended == "lock"


# ---------------------------------------------------------------- reminders


def reminded(rig: Rig) -> list[str]:
    return [say for say in cues(rig) if say in SAID.values()]


def test_an_hour_of_walking_brings_a_few_and_quiet_none() -> None:
    rig = Rig(policy=replace(Policy(), prompts=POLICY.prompts)).walking(500)
    rig.run(1_200)
    few = len(reminded(rig))
    assert 2 <= few <= 4
    rig.ask("quiet")
    rig.run(1_800)
    assert len(reminded(rig)) == few
    rig.ask("quiet")
    rig.run(600)
    assert len(reminded(rig)) > few


def test_none_beside_a_question_or_a_back_off() -> None:
    calm = replace(Policy(), prompts=POLICY.prompts)
    rig = Rig(policy=calm).walking(500)
    rig.run(100)
    rig.pain(4)  # in force until a lower rating
    rig.run(600)
    assert reminded(rig) == []
    asked = Rig().walking(500)
    asked.run(900)
    questions = [t for t, o in asked.log if "How is your pain" in getattr(o, "say", "")]
    for t, o in asked.log:
        if getattr(o, "say", "") in SAID.values():
            assert not any(q < t < q + 30_000 for q in questions)
    assert reminded(asked)
