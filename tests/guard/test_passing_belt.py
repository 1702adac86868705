"""Time against a belt that doesn't do what it should: starts, owed Stops, silence, the ladder."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.guard.bare import (
    NOW,
    STANDING,
    alarms,
    before,
    commands,
    cues,
    ops,
    seen,
    turn,
    verdicts,
)

from treadguard.guard.acts import KEY_FIRST
from treadguard.guard.belt import Measured
from treadguard.guard.follow import Follow
from treadguard.guard.incline import GradeWatch
from treadguard.guard.passing import elapse
from treadguard.guard.ramp import Axis
from treadguard.units import Millis

# ---------------------------------------------------------------- a start without motion


def starting(ms: int, **facts: Any) -> dict[str, Any]:
    return {
        "phase": "STARTING",
        "measured": STANDING,
        "starting": before(ms),
        "start_n": 3,
        **facts,
    }


@pytest.mark.parametrize(("ms", "failed"), [(9_999, False), (10_000, True)])
def test_a_start_without_motion_for_ten_seconds_has_failed(ms: int, failed: bool) -> None:
    t = turn(**starting(ms))
    elapse(t)
    assert (t.s.starting is None) == failed
    assert verdicts(t) == ([(3, "unknown")] if failed else [])
    assert (t.s.start_n is None) == failed
    assert ["did not start" in say for say in cues(t)] == ([True] if failed else [])
    assert (commands(t), t.s.rest) == ([], None)


def test_a_start_that_was_judged_already_only_ends() -> None:
    t = turn(**starting(10_000, start_n=None))
    elapse(t)
    assert (verdicts(t), t.s.starting) == ([], None)


@pytest.mark.parametrize("facts", [{"measured": seen(60, 0)}, {"phase": "READY"}])
def test_a_belt_that_moves_or_is_not_starting_has_not_failed_to_start(
    facts: dict[str, Any],
) -> None:
    t = turn(**starting(20_000, **facts))
    elapse(t)
    assert t.s.starting is not None


@pytest.mark.parametrize(("rest", "left"), [(None, "no motion seen"), ("stop", "stop")])
def test_a_start_that_the_machine_confirmed_but_never_showed_is_stopped(
    rest: str | None, left: str
) -> None:
    t = turn(**starting(10_000, said_started=True, rest=rest))
    elapse(t)
    assert [(c.op, c.why) for c in commands(t)] == [("stop", ("no motion seen",))]
    assert (t.s.rest, t.s.said_started, cues(t)) == (left, False, [])
    assert KEY_FIRST in alarms(t)[0]


# ---------------------------------------------------------------- owed Stops


@pytest.mark.parametrize(("left", "gone"), [(1, False), (0, True)])
def test_a_stop_owed_to_motion_is_satisfied_after_its_time(left: int, gone: bool) -> None:
    t = turn(phase="PAUSED", measured=STANDING, owed_until=Millis(NOW + left))
    elapse(t)
    assert (t.s.owed_until is None) == gone
    assert commands(t) == []


@pytest.mark.parametrize(("left", "sends"), [(1, False), (0, True)])
def test_a_stop_owed_after_a_reconnect_goes_out_after_its_wait(left: int, sends: bool) -> None:
    t = turn(phase="LOST", measured=Measured(), owed_at=Millis(NOW + left), rest="stop")
    elapse(t)
    assert [c.why for c in commands(t)] == ([("owed stop",)] if sends else [])
    assert (t.s.owed_at is None) == sends
    t = turn(phase="LOST", link=False, owed_at=NOW, rest="stop")
    elapse(t)
    assert t.s.owed_at is None  # it is owed to the next connection


# ---------------------------------------------------------------- a belt that stays out of sight


def unseen(ms: int, **facts: Any) -> dict[str, Any]:
    return {"phase": "LOST", "measured": Measured(speed=600), "link_t": before(ms), **facts}


@pytest.mark.parametrize(("ms", "stops"), [(4_999, False), (5_000, True)])
def test_a_belt_out_of_sight_for_five_seconds_after_a_reconnect_is_stopped(
    ms: int, stops: bool
) -> None:
    t = turn(**unseen(ms, orphan=True, orphan_until=Millis(NOW + 9_000)))
    elapse(t)
    assert [(c.op, c.why) for c in commands(t)] == ([("stop", ("telemetry",))] if stops else [])
    assert t.s.rest == ("no telemetry" if stops else None)
    assert (t.s.orphan, t.s.orphan_until is None) == (not stops, stops)
    assert [KEY_FIRST in say for say in alarms(t)] == ([True] if stops else [])


@pytest.mark.parametrize(("age", "stops"), [(4_999, False), (5_000, True)])
def test_a_belt_that_was_seen_and_fell_silent_is_judged_by_its_age(age: int, stops: bool) -> None:
    t = turn(**unseen(60_000, measured=seen(600, age=age)))
    elapse(t)
    assert (ops(t) == ["stop"]) == stops


def test_a_belt_out_of_sight_keeps_the_first_reason_to_stop() -> None:
    t = turn(**unseen(5_000, rest="stop"))
    elapse(t)
    assert t.s.rest == "stop"


@pytest.mark.parametrize(
    "facts",
    [
        {"phase": "PAUSED"},
        {"link": False},
        {"shadow": True},
        {"owed_at": Millis(NOW + 1)},
        {"follow": Follow(kind="stop", stops=1)},
        {"said_stopped": True},
    ],
)
def test_a_belt_out_of_sight_gets_no_stop_that_is_sent_owed_obeyed_or_not_ours(
    facts: dict[str, Any],
) -> None:
    t = turn(**unseen(60_000, **facts))
    elapse(t)
    assert t.out == []


# ---------------------------------------------------------------- a deck that is overdue


def watch(start: int, target: int, ms: int) -> GradeWatch:
    return GradeWatch((4, 5), target, start, before(ms), start)


@pytest.mark.parametrize(("ms", "late"), [(14_999, False), (15_000, True)])
def test_a_raised_deck_that_does_not_get_there_stays_where_it_is(ms: int, late: bool) -> None:
    """5 s, and 10 s for 3 % at 0.3 % a second (H18)."""
    raising = Axis(wanted=50, setpoint=50, grant=50, ramp_to=50)
    t = turn(grade=raising, grade_watch=watch(20, 50, ms), measured=seen(600, grade=30))
    elapse(t)
    assert verdicts(t) == ([(4, "unknown"), (5, "unknown")] if late else [])
    assert (t.s.grade_watch is None) == late
    if late:
        assert (t.s.grade.wanted, t.s.grade.grant, t.s.grade.ramp_to) == (30, None, None)
    else:
        assert t.s.grade == raising
    assert t.s.grade_stuck is None


@pytest.mark.parametrize("target", [20, 50])
def test_a_lowered_deck_that_does_not_get_there_is_left_as_it_was_told(target: int) -> None:
    t = turn(
        grade=Axis(20, 20), grade_watch=watch(50, target, 15_000), measured=seen(600, grade=40)
    )
    elapse(t)
    assert t.s.grade == Axis(20, 20)
    assert t.s.grade_stuck == 40


# ---------------------------------------------------------------- the ladder


def stopping(stops: int = 1, since: int = 5_000, **facts: Any) -> dict[str, Any]:
    """So many Stops, the last so long ago, and a belt that goes on at 6.0."""
    at = before(since)
    f = Follow(
        kind="stop",
        pending=(7,),
        start=600,
        last=at,
        mark=600,
        mark_t=at,
        late=NOW + 20_000,
        stops=stops,
        last_stop=at,
    )
    return {"phase": "STOPPING", "rest": "stop", "follow": f, **facts}


@pytest.mark.parametrize(
    ("stops", "ms", "climbs"),
    [(1, 4_999, False), (1, 5_000, True), (2, 2_999, False), (2, 3_000, True)],
)
def test_a_stop_without_effect_is_tried_again(stops: int, ms: int, climbs: bool) -> None:
    t = turn(**stopping(stops, ms))
    elapse(t)
    assert [(c.op, c.why, c.attempt) for c in commands(t)] == (
        [("stop", ("not stopping",), stops + 1)] if climbs else []
    )
    assert verdicts(t) == ([(7, "unknown")] if climbs else [])
    assert [KEY_FIRST in say for say in alarms(t)] == ([True] if climbs else [])
    assert t.s.fault is None


@pytest.mark.parametrize(("stops", "fault"), [(2, None), (3, "the belt does not stop")])
def test_three_stops_without_effect_are_a_fault_and_an_alarm(stops: int, fault: str | None) -> None:
    t = turn(**stopping(stops))
    elapse(t)
    assert t.s.fault == fault
    assert (ops(t) == ["stop"]) == (fault is None)
    assert ("pull the safety key now" in alarms(t)[-1]) == (fault is not None)
    assert verdicts(t) == [(7, "unknown")]


@pytest.mark.parametrize("facts", [{"shadow": True}, {"link": False}, {"phase": "LOST"}])
def test_no_ladder_runs_where_nothing_is_sent_or_nothing_is_seen(facts: dict[str, Any]) -> None:
    t = turn(**stopping(**facts))
    elapse(t)
    assert (commands(t), t.s.fault, t.s.follow.pending) == ([], None, (7,))


def test_in_an_ended_session_no_second_stop_is_sent() -> None:
    t = turn(**stopping(phase="ENDED", ended="pain"))
    elapse(t)
    assert (commands(t), alarms(t), verdicts(t)) == ([], [], [(7, "unknown")])


@pytest.mark.parametrize(("rest", "left"), [(None, "not slowing"), ("console", "console")])
def test_a_lowering_without_effect_becomes_a_stop(rest: str | None, left: str) -> None:
    at = before(5_000)
    f = Follow(
        kind="lower",
        pending=(7,),
        target=500,
        start=600,
        last=at,
        mark=600,
        mark_t=at,
        late=NOW + 20_000,
    )
    t = turn(follow=f, rest=rest)
    elapse(t)
    assert (t.s.rest, verdicts(t)) == (left, [(7, "unknown")])
    assert ["doesn't slow down" in say and KEY_FIRST in say for say in alarms(t)] == [True]
    assert commands(t) == []  # the phase's own Stop follows


def test_a_raise_that_shows_nothing_is_taken_back() -> None:
    at = before(5_000)
    f = Follow(
        kind="raise",
        pending=(7,),
        target=800,
        start=600,
        last=at,
        mark=600,
        mark_t=at,
        last_stop=before(60_000),
    )
    raising = Axis(wanted=900, setpoint=800, grant=900, ramp_to=900, told=800)
    steeper = Axis(wanted=60, setpoint=40, grant=60)
    t = turn(follow=f, speed=raising, grade=steeper)
    elapse(t)
    assert verdicts(t) == [(7, "unknown")]
    assert (t.s.grade.wanted, t.s.grade.grant) == (40, None), "nothing else goes up on it either"
    assert t.s.follow == Follow(last_stop=before(60_000))
    assert (t.s.speed.wanted, t.s.speed.grant, t.s.speed.ramp_to) == (600, None, None)
    assert "staying at what is measured" in cues(t)[0]


@pytest.mark.parametrize(
    ("since", "mark", "sends"),
    [(9_999, 9_999, False), (10_000, 10_000, True), (10_000, 3_000, True), (10_000, 2_999, False)],
)
def test_in_a_fault_a_stop_goes_out_every_ten_seconds_while_the_belt_does_not_fall(
    since: int, mark: int, sends: bool
) -> None:
    facts = stopping(4, since, phase="FAULT", fault="the belt does not stop")
    facts["follow"] = replace(facts["follow"], mark_t=before(mark), late=NOW)
    t = turn(**facts)
    elapse(t)
    assert [(c.op, c.why) for c in commands(t)] == ([("stop", ("fault",))] if sends else [])
    assert verdicts(t) == ([(7, "unknown")] if sends else [])
    assert alarms(t) == []


def test_a_fault_from_before_the_restart_is_stopped_too() -> None:
    facts = stopping(0, 10_000, phase="FAULT", fault="the belt does not stop")
    facts["follow"] = replace(facts["follow"], last_stop=None)
    t = turn(**facts)
    elapse(t)
    assert ops(t) == ["stop"]
