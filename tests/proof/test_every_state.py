"""Rows that hold in every state there is: the safety key (H21) and the symptoms (H39).

From each state that the searched grids hold, the thing happens, and what must follow is asked. The
rule to keep: the states are those of the search, so that none is left out for being unlikely.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from proof.enumerate.core import At, play
from proof.enumerate.grids import KEY
from proof.enumerate.letters import presses
from proof.enumerate.memory import Memory
from proof.enumerate.normal import NOW
from proof.enumerate.step import Step
from tests.proof.test_enumerate import found

from treadguard.guard import events as ev
from treadguard.guard import step as guard
from treadguard.guard.rules.symptoms import PAIN_LOCK
from treadguard.guard.state import State

GRIDS: Final = ("pain", "restart")
PHASES: Final = {
    "OFF", "READY", "STARTING", "RUNNING", "STOPPING", "PAUSED", "BREAK", "ENDED", "FAULT", "LOST",
}  # fmt: skip


def states() -> Iterator[At]:
    for name in GRIDS:
        yield from found(name).states


def unjudged(_: Step) -> None:
    """The laws are asked elsewhere."""


def starts_never(state: State) -> None:
    """Neither word brings a belt back; what was meant for before has been forgotten."""
    at = At(state, Memory())
    for word in (presses("start"), presses("resume")):
        if word.can(state):
            out = play(at, word, unjudged, state.now)[2]
            assert [o for o in out if isinstance(o, ev.Command) and o.op == "start"] == []


def test_the_states_are_of_every_phase() -> None:
    """Otherwise what follows would hold for want of trying."""
    assert {at.state.phase for at in states()} == PHASES


def test_in_every_state_the_safety_key_ends_the_session_and_nothing_starts_again() -> None:
    heard = 0
    for at in states():
        if not at.state.link:
            continue
        after, _, out = play(at, KEY, unjudged)
        heard += 1
        assert after.ended is not None, at.state.phase
        if at.state.ended != "safety key":
            assert any(isinstance(o, ev.Alarm) and "Are you hurt?" in o.say for o in out)
        assert [
            o for o in out if isinstance(o, ev.Command) and o.op in ("start", "set_speed")
        ] == []
        starts_never(after)
    assert heard > 500


@pytest.mark.parametrize("role", ["local", "remote"])
def test_in_every_state_pain_down_the_leg_ends_the_session_and_is_kept(role: ev.Role) -> None:
    for at in states():
        after, out = guard.step(at.state, ev.Symptom(NOW, "down the leg", role=role))
        assert after.ended is not None, at.state.phase
        assert after.locks == at.state.locks + (PAIN_LOCK,) * (PAIN_LOCK not in at.state.locks)
        assert any(isinstance(o, ev.Alarm) and "the session ends" in o.say for o in out)
        commands = [o.op for o in out if isinstance(o, ev.Command) and not o.shadow]
        assert set(commands) <= {"stop", "request_control"}
        if at.state.phase == "RUNNING" and at.state.link:
            assert "stop" in commands
        if role == "local":
            starts_never(after)
