"""The link comes and goes, the gate refuses: nothing moves up, nothing is taken for done."""

from __future__ import annotations

from typing import Any

import pytest
from tests.guard.bare import NOW, cues, verdicts
from tests.guard.heard import running

from treadguard.guard import wire
from treadguard.guard.acts import Turn
from treadguard.guard.belt import Measured
from treadguard.guard.console import Console
from treadguard.guard.credible import Credible
from treadguard.guard.events import Command, Consent, Link, Op, Veto
from treadguard.guard.follow import Follow
from treadguard.guard.incline import GradeWatch
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.breaks import Breaks
from treadguard.units import Millis

RAISE = Follow("raise", True, (7,), target=500, last_stop=Millis(5))
LOWER = Follow("lower", True, (7,), target=400, last_stop=Millis(5))
STOP = Follow("stop", pending=(6, 7, 8), stops=3, last_stop=Millis(5))
RAMP = Axis(wanted=600, setpoint=450, grant=600, ramp_to=600, told=450)
WATCH = GradeWatch((9,), 30, 0, Millis(0), 0)


def linked(*, up: bool = True, generation: int = 2, **facts: Any) -> Turn:
    t = Turn(running(**facts), NOW)
    wire.linked(t, Link(NOW, up, generation))
    return t


def vetoed(op: Op, **facts: Any) -> Turn:
    t = Turn(running(**facts), NOW)
    wire.vetoed(t, Veto(NOW, op, "Because."))
    return t


# ---------------------------------------------------------------- the link


@pytest.mark.parametrize("up", [True, False])
def test_whatever_was_under_way_on_the_old_link_is_over(up: bool) -> None:
    consent = Consent(NOW, "c", "speed", 600, Millis(110_000), 1)
    t = linked(
        up=up,
        follow=LOWER,
        grade_watch=WATCH,
        start_n=10,
        control_n=11,
        speed=RAMP,
        grade=Axis(30, 20, grant=30, ramp_to=30),
        consents=(consent,),
        inflight=NOW,
        stop_refused=True,
        owed_at=NOW,
        console=Console(driving=True, corrections=1),
        grade_refused=2,
        speed_seen=Credible(400, samples=2, leaps=(NOW,)),
        grade_seen=Credible(30, samples=2, leaps=(NOW,)),
    )
    s = t.s
    assert verdicts(t) == [(n, "unknown") for n in (7, 9, 10, 11)]
    assert (s.link, s.link_t) == (up, NOW)
    assert (s.measured.t, s.measured.speed) == (None, 437), "a memory, and no more"
    assert (s.speed.grant, s.speed.ramp_to, s.speed.wanted) == (None, None, 450)
    assert (s.grade.grant, s.grade.ramp_to, s.grade.wanted) == (None, None, 20)
    assert (s.consents, s.inflight, s.owed_at) == ((), None, None)
    assert not s.stop_refused
    assert (s.follow, s.console, s.grade_watch) == (Follow(last_stop=Millis(5)), Console(), None)
    assert (s.start_n, s.grade_refused) == (None, 0)
    assert s.speed_seen == s.grade_seen == Credible(leaps=(NOW,))


def test_where_the_deck_lies_is_unknown_until_the_new_link_shows_it() -> None:
    """While the link is away what was seen last is the best that is known of it."""
    deck = Measured(speed=437, t=NOW, grade=40, grade_t=NOW)
    assert linked(up=False, measured=deck).s.measured.grade_now(NOW) == 40
    s = linked(up=True, measured=deck).s
    assert (s.measured.grade, s.measured.grade_t) == (None, None)


def test_a_lowering_under_way_ends_with_the_link_too() -> None:
    lowering = Axis(wanted=400, setpoint=450, ramp_to=400)
    s = linked(speed=lowering, grade=Axis(10, 20, ramp_to=10)).s
    assert (s.speed.ramp_to, s.grade.ramp_to) == (None, None)


def test_a_link_that_goes_down_forgets_the_stop_that_the_gate_refused() -> None:
    assert linked(up=False, owed_until=NOW).s.owed_until is None
    assert linked(up=True, owed_until=NOW).s.owed_until == NOW


def test_a_link_that_goes_down_asks_for_nothing_and_keeps_its_number() -> None:
    t = linked(up=False, phase="LOST", rest="stop", control_retried=True, control_lost=True)
    assert (t.out, t.s.generation, t.s.owed_at) == ([], 1, None)
    assert t.s.control_retried
    assert t.s.control_lost


def test_a_link_that_comes_up_asks_for_control_anew() -> None:
    t = linked(generation=2, control_retried=True, control_lost=True)
    assert t.out == [Command(21, "request_control", None, ("link",))]
    assert (t.s.generation, t.s.control_n) == (2, 21)
    assert not t.s.control_retried
    assert not t.s.control_lost


def test_in_shadow_a_link_asks_for_nothing() -> None:
    t = linked(generation=2, shadow=True, phase="LOST", rest="stop")
    assert (t.out, t.s.generation, t.s.owed_at) == ([], 2, None)


@pytest.mark.parametrize("phase", ["STOPPING", "FAULT", "LOST"])
@pytest.mark.parametrize(
    "demand",
    [{"rest": "stop"}, {"ended": "pain"}, {"fault": "deaf"}, {"breaks": Breaks(active=True)}],
)
def test_a_stop_that_is_owed_waits_a_second_and_a_half_for_a_sample(
    phase: str, demand: dict[str, Any]
) -> None:
    assert linked(phase=phase, **demand).s.owed_at == NOW + 1_500
    assert linked(phase=phase, link_t=NOW).s.owed_at is None
    assert linked(phase=phase, said_stopped=True, **demand).s.owed_at is None


@pytest.mark.parametrize("phase", ["READY", "PAUSED", "BREAK", "ENDED", "RUNNING"])
def test_a_belt_at_rest_or_allowed_to_run_is_owed_none(phase: str) -> None:
    s = linked(phase=phase, rest=None if phase == "RUNNING" else "stop", link_t=Millis(0)).s
    assert s.owed_at is None
    assert s.rest in (None, "stop")


@pytest.mark.parametrize(("gap", "stops"), [(30_000, False), (30_001, True)])
def test_a_gap_of_more_than_half_a_minute_calls_for_a_stop(gap: int, stops: bool) -> None:
    """H01."""
    s = linked(phase="LOST", link_t=Millis(NOW - gap)).s
    assert (s.rest is not None) is stops
    assert s.owed_at == (NOW + 1_500 if stops else None)


@pytest.mark.parametrize(("before", "stops"), [(0, False), (1, True)])
def test_the_first_link_of_all_ends_no_gap(before: int, stops: bool) -> None:
    t = Turn(running(phase="LOST", link=False, link_t=Millis(0), generation=before), NOW)
    wire.linked(t, Link(NOW, up=True, generation=before + 1))
    assert (t.s.rest is not None) is stops
    assert (t.s.owed_at is not None) is stops


def test_a_gap_keeps_the_reason_why_the_belt_was_to_stop() -> None:
    assert linked(phase="LOST", rest="pain", link_t=Millis(0)).s.rest == "pain"


# ---------------------------------------------------------------- refusals of the gate


def test_a_stop_that_the_gate_refuses_stays_owed_for_ten_seconds() -> None:
    t = vetoed("stop", follow=STOP)
    assert t.s.owed_until == NOW + 10_000
    assert verdicts(t) == [(8, "rejected")]
    assert (t.s.follow.pending, t.s.follow.stops) == ((6, 7), 2)


def test_a_refused_stop_that_nobody_followed_counts_none() -> None:
    t = vetoed("stop")
    assert (verdicts(t), t.s.follow.stops) == ([], 0)


def test_a_refused_start_is_off_and_leaves_the_belt_as_still_as_it_was() -> None:
    began = Millis(99_500)
    doubted = Measured(start_doubt=began)
    t = vetoed("start", start_n=3, starting=began, measured=doubted)
    assert verdicts(t) == [(3, "rejected")]
    assert (t.s.start_n, t.s.starting, t.s.measured.start_doubt) == (None, None, None)
    assert cues(t) == ["Not starting: Because."]


def test_a_refused_start_hides_no_start_that_the_machine_announced() -> None:
    t = vetoed("start", starting=Millis(99_500), measured=Measured(start_doubt=NOW))
    assert t.s.measured.start_doubt == NOW
    assert verdicts(t) == []


def test_a_speed_that_the_gate_refuses_is_off_and_said() -> None:
    t = vetoed("set_speed", follow=RAISE, speed=RAMP)
    assert verdicts(t) == [(7, "rejected")]
    assert cues(t) == ["Not going up: Because."]
    assert (t.s.speed.wanted, t.s.speed.grant, t.s.speed.ramp_to) == (437, None, None)


@pytest.mark.parametrize("follow", [Follow(), LOWER])
def test_a_refused_speed_ends_the_raise_and_the_ramp_under_way(follow: Follow) -> None:
    s = vetoed("set_speed", follow=follow, speed=RAMP).s
    assert (s.speed.grant, s.speed.ramp_to, s.speed.wanted) == (None, None, 450)
    ungranted = Axis(wanted=400, setpoint=450, ramp_to=400)
    assert vetoed("set_speed", follow=Follow(), speed=ungranted).s.speed.ramp_to is None


def test_an_incline_that_the_gate_refuses_is_off_and_said() -> None:
    t = vetoed("set_incline", grade_watch=WATCH, grade=Axis(30, 30, grant=40))
    assert verdicts(t) == [(9, "rejected")]
    assert cues(t) == ["Not going up: Because."]
    assert (t.s.grade.wanted, t.s.grade.grant) == (20, None)


def test_a_refused_request_for_control_changes_nothing() -> None:
    t = vetoed("request_control", follow=STOP, speed=RAMP)
    assert (t.out, t.s.follow, t.s.speed) == ([], STOP, RAMP)
