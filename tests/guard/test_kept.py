"""What is written down for the next process, and what a file that can't be read stands for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.guard.heard import state

from treadguard.guard.belt import Measured
from treadguard.guard.events import PhaseName
from treadguard.guard.kept import Kept, kept
from treadguard.guard.rules.breaks import Breaks
from treadguard.guard.rules.symptoms import RED_FLAG_LOCK
from treadguard.units import Millis

ALL = Kept(
    locks=("pain",),
    triggers=2,
    ceiling=540,
    on_break=True,
    break_level=6,
    break_speed=600,
    owed_stop=True,
    moving=True,
    ended="pain",
    fault="the belt does not stop",
    in_session=True,
)


def test_where_nothing_was_kept_nothing_holds() -> None:
    assert Kept() == replace(
        ALL,
        locks=(),
        triggers=0,
        ceiling=None,
        on_break=False,
        break_level=None,
        break_speed=None,
        owed_stop=False,
        moving=False,
        ended=None,
        fault=None,
        in_session=False,
    )
    assert kept(state()) == Kept(in_session=True)


def test_a_file_that_cant_be_read_is_locked_owes_a_stop_and_left_the_belt_moving() -> None:
    """H69."""
    worst = Kept.most_restrictive()
    assert worst == Kept(locks=(RED_FLAG_LOCK,), owed_stop=True, moving=True)


def test_a_new_session_keeps_the_locks_and_nothing_else() -> None:
    assert ALL.next_session() == Kept(locks=("pain",))


def test_break_triggers_ceiling_locks_and_end_are_kept() -> None:
    s = state(
        breaks=Breaks(active=True, level=6, speed=600, triggers=2, ceiling=540),
        locks=("pain",),
        ended="pain",
        fault="the belt does not stop",
        phase="FAULT",
    )
    assert kept(s) == replace(ALL, moving=False, owed_stop=False)


@pytest.mark.parametrize(
    ("phase", "moving"),
    [
        ("OFF", False),
        ("READY", False),
        ("STARTING", True),
        ("RUNNING", True),
        ("STOPPING", True),
        ("PAUSED", False),
        ("BREAK", False),
        ("ENDED", False),
        ("FAULT", False),
        ("LOST", True),
    ],
)
def test_the_phases_in_which_a_belt_may_move_are_kept_as_moving(
    phase: PhaseName, moving: bool
) -> None:
    assert kept(state(phase=phase)).moving is moving


def test_a_belt_seen_to_move_is_kept_as_moving_in_any_phase() -> None:
    assert kept(state(phase="BREAK", measured=Measured(speed=100, t=Millis(0)))).moving


@pytest.mark.parametrize(
    "demand",
    [{"rest": "stop"}, {"ended": "pain"}, {"fault": "deaf"}, {"breaks": Breaks(active=True)}],
)
def test_whatever_the_belt_was_to_stop_for_a_belt_that_may_move_is_owed_a_stop(
    demand: dict[str, Any],
) -> None:
    assert kept(state(phase="STOPPING", **demand)).owed_stop
    assert not kept(state(phase="PAUSED", **demand)).owed_stop


@pytest.mark.parametrize(
    "otherwise",
    [
        {"rest": None},
        {"shadow": True},
        {"said_stopped": True},
        {"starting": Millis(0)},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_no_stop_is_owed_to_a_belt_that_may_run_or_has_stopped_or_isnt_ours(
    otherwise: dict[str, Any],
) -> None:
    stopping: dict[str, Any] = {"phase": "STOPPING", "rest": "stop"}
    assert kept(state(**stopping)).owed_stop
    assert not kept(state(**{**stopping, **otherwise})).owed_stop
