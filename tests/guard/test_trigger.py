"""Triggers and ends: what stops the belt for a reason that lasts, and what is counted."""

from __future__ import annotations

from typing import get_args

import pytest
from tests.guard.bare import NOW, STANDING, alarms, before, cues, ops, seen, turn

from treadguard.guard import acts
from treadguard.guard import events as ev
from treadguard.guard.belt import Measured
from treadguard.guard.policy import BreakPolicy, Policy
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.breaks import Breaks
from treadguard.guard.rules.posture import Posture, Window

PHASES: tuple[ev.PhaseName, ...] = get_args(ev.PhaseName)
RUNS: tuple[ev.PhaseName, ...] = ("RUNNING", "STOPPING", "LOST")
MAY_MOVE: tuple[ev.PhaseName, ...] = ("STARTING", *RUNS)


def trigger(t: acts.Turn, level: int = 6) -> acts.Turn:
    acts.trigger(t, level, "pain", f"pain {level}")
    return t


# ---------------------------------------------------------------- what is counted


@pytest.mark.parametrize("phase", PHASES)
def test_a_trigger_is_counted_only_where_the_belt_has_moved(phase: ev.PhaseName) -> None:
    b = trigger(turn(phase=phase)).s.breaks
    assert (b.active, b.why, b.level) == (True, "pain", 6)
    assert b.triggers == (phase in RUNS)
    assert b.ceiling == (540 if phase in RUNS else None)
    assert b.speed == (600 if phase in RUNS else None)


@pytest.mark.parametrize(
    ("measured", "wanted", "speed"),
    [
        (seen(500), 600, 500),
        (seen(600), 500, 500),
        (seen(600), None, 600),
        (seen(600), 0, 600),
        (seen(0, 100), 600, 600),
        (Measured(), 600, 600),
        (seen(1), 600, 1),
        (seen(0), 700, 650),
    ],
)
def test_the_speed_of_a_trigger_is_the_lower_of_measured_and_wanted(
    measured: Measured, wanted: int | None, speed: int
) -> None:
    t = trigger(turn(measured=measured, speed=Axis(wanted=wanted, setpoint=650)))
    assert (t.s.breaks.speed, t.s.breaks.triggers) == (speed, 1)


def test_a_trigger_at_no_known_speed_counts_and_cuts_nothing() -> None:
    t = trigger(turn(phase="LOST", measured=Measured(), speed=Axis()))
    b = t.s.breaks
    assert (b.active, b.triggers, b.ceiling, b.speed) == (True, 1, None, None)
    t = trigger(turn(phase="LOST", measured=Measured(), speed=Axis(), breaks=Breaks(triggers=2)))
    assert t.s.breaks.triggers == 3


def test_a_second_trigger_in_a_break_is_no_second_one() -> None:
    b = Breaks(active=True, why="posture", level=5, speed=600, triggers=1)
    t = trigger(turn(breaks=b, phase="STOPPING", ending=(NOW, "ended")))
    assert t.s.breaks == b
    assert (t.out, t.s.ending) == ([], (NOW, "ended"))


def test_a_break_on_request_becomes_one_with_conditions() -> None:
    t = trigger(turn(breaks=Breaks(active=True, speed=600), phase="STOPPING"))
    assert (t.s.breaks.level, t.s.breaks.triggers) == (6, 1)


@pytest.mark.parametrize(("before_it", "ends"), [(2, False), (3, True), (4, True)])
def test_the_fourth_trigger_ends_the_session(before_it: int, ends: bool) -> None:
    t = trigger(turn(breaks=Breaks(triggers=before_it)))
    assert t.s.ended == ("too many breaks" if ends else None)
    assert alarms(t) == ([acts.SEE_PT] if ends else [])
    assert cues(t) == ([] if ends else ["Stopping for a break: pain 6."])


def test_how_many_triggers_a_session_has_is_a_setting() -> None:
    t = trigger(turn(Policy(breaks=BreakPolicy(max_triggers=1)), breaks=Breaks(triggers=1)))
    assert t.s.ended == "too many breaks"


# ---------------------------------------------------------------- what it takes away


def test_a_trigger_takes_away_what_was_under_way() -> None:
    t = trigger(
        turn(unasked=True, ending=(before(1_000), "ended"), waiting=3, starting=before(1_000))
    )
    s = t.s
    assert (s.unasked, s.ending, s.waiting, s.starting) == (False, None, None, None)


def test_a_trigger_keeps_count_of_the_posture_and_forgets_its_windows() -> None:
    window = Window(((NOW, True),), 1)
    t = trigger(
        turn(
            posture=Posture(
                trunk_t=NOW,
                trunk_kept=NOW,
                trunk_backoff=window,
                backoffs=2,
                trunk_backoffs=1,
                last_backoff=before(9_000),
                break_due=NOW,
                floor=360,
            )
        )
    )
    assert t.s.posture == Posture(
        backoffs=2, trunk_backoffs=1, last_backoff=before(9_000), floor=360
    )


@pytest.mark.parametrize("phase", PHASES)
def test_the_runner_hears_whether_the_belt_stops_or_does_not_start(phase: ev.PhaseName) -> None:
    said = cues(trigger(turn(phase=phase, measured=STANDING)))
    stopping = "Stopping for a break: pain 6."
    assert said == [stopping if phase in MAY_MOVE else "No start before a break: pain 6."]


# ---------------------------------------------------------------- a new reason to stop


@pytest.mark.parametrize("act", ["trigger", "end"])
@pytest.mark.parametrize("link", [True, False])
@pytest.mark.parametrize("phase", PHASES)
def test_without_a_link_a_belt_that_may_move_is_an_alarm(
    act: str, link: bool, phase: ev.PhaseName
) -> None:
    t = turn(phase=phase, link=link)
    if act == "trigger":
        trigger(t)
    else:
        acts.end(t, "pain")
    assert len(alarms(t)) == (not link and phase in MAY_MOVE)


@pytest.mark.parametrize("act", ["trigger", "end"])
def test_a_new_reason_to_stop_is_said_and_sent_again(act: str) -> None:
    t = turn(shadow_stopped=True, said_stopped=True)
    if act == "trigger":
        trigger(t)
    else:
        acts.end(t, "pain")
    assert (t.s.shadow_stopped, t.s.said_stopped) == (False, False)


# ---------------------------------------------------------------- end


def test_an_end_takes_away_what_was_under_way() -> None:
    t = turn(
        console_start=before(1_000),
        starting=before(1_000),
        ending=(before(1_000), "ended"),
        unasked=True,
    )
    acts.end(t, "pain")
    s = t.s
    assert (s.console_start, s.starting, s.ending, s.unasked) == (None, None, None, False)
    assert ops(t) == []  # the Stop is the phase's business


def test_the_first_reason_of_an_end_stands() -> None:
    t = turn()
    acts.end(t, "pain")
    acts.end(t, "symptom")
    assert t.s.ended == "pain"


def test_every_lock_is_kept_once() -> None:
    t = turn()
    for lock in (None, "pain", "red flag", "pain"):
        acts.end(t, "pain", lock)
    assert t.s.locks == ("pain", "red flag")
