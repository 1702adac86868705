"""How a command ended on the wire: an answer is a hint, but an error is a rejection."""

from __future__ import annotations

from typing import Any

import pytest
from tests.guard.bare import NOW, alarms, cues, ops, verdicts
from tests.guard.heard import STANDS, running

from treadguard.guard import wire
from treadguard.guard.acts import Turn
from treadguard.guard.belt import Machine, Measured
from treadguard.guard.events import Answer, Op
from treadguard.guard.follow import Follow
from treadguard.guard.incline import GradeWatch
from treadguard.guard.ramp import Axis
from treadguard.guard.state import State
from treadguard.units import Millis

SUCCESS, UNKNOWN_OP, INVALID, FAILED, NO_CONTROL = 1, 2, 3, 4, 5
RAISE = Follow("raise", True, (7,), target=500, last_stop=Millis(5))
LOWER = Follow("lower", True, (7,), target=400, last_stop=Millis(5))
STOP = Follow("stop", pending=(6, 7, 8), stops=3, last_stop=Millis(5))
RAMP = Axis(wanted=600, setpoint=450, grant=600, ramp_to=600, told=450)
WATCH = GradeWatch((9,), 30, 0, Millis(0), 0)


def answered(op: Op, result: Any, **facts: Any) -> Turn:
    t = Turn(running(**facts), NOW)
    wire.answered(t, Answer(NOW, op, result))
    return t


# ---------------------------------------------------------------- answers: the one in flight


@pytest.mark.parametrize(
    ("op", "result", "free"),
    [
        ("set_speed", SUCCESS, True),
        ("set_speed", "timeout", True),
        ("set_speed", FAILED, False),
        ("set_speed", "att_error", False),
        ("stop", SUCCESS, True),
        ("stop", FAILED, True),
        ("request_control", SUCCESS, False),
        ("request_control", FAILED, False),
    ],
)
def test_a_success_frees_the_line_a_refusal_only_that_of_a_stop(
    op: Op, result: int | str, free: bool
) -> None:
    """One command in flight; a refused one isn't sent again in the same breath."""
    t = answered(op, result, inflight=NOW, follow=RAISE)
    assert (t.s.inflight is None) is free


@pytest.mark.parametrize("result", [SUCCESS, "timeout"])
@pytest.mark.parametrize("op", ["set_speed", "set_incline", "start", "stop"])
def test_a_success_or_silence_is_no_verdict(op: Op, result: int | str) -> None:
    """A write that succeeds is not a belt that slows."""
    t = answered(op, result, follow=STOP if op == "stop" else RAISE, grade_watch=WATCH, start_n=3)
    assert t.out == []
    assert t.s.follow.pending != ()
    assert (t.s.grade_watch, t.s.start_n) == (WATCH, 3)


# ---------------------------------------------------------------- answers: what was refused


@pytest.mark.parametrize("result", [UNKNOWN_OP, INVALID, FAILED, "att_error"])
def test_a_refused_raise_is_said_and_stays_at_what_is_measured(result: int | str) -> None:
    t = answered("set_speed", result, follow=RAISE, speed=RAMP)
    assert verdicts(t) == [(7, "rejected")]
    assert len(cues(t)) == 1
    assert t.s.follow == Follow(last_stop=Millis(5))
    axis = t.s.speed
    assert (axis.wanted, axis.setpoint, axis.grant, axis.ramp_to) == (437, 437, None, None)
    assert axis.told == 450, "the machine may still aim at it"


def test_a_refused_raise_of_a_belt_slower_than_its_minimum_stays_at_the_minimum() -> None:
    t = answered("set_speed", INVALID, follow=RAISE, speed=RAMP, machine=Machine(speed_min=450))
    assert (t.s.speed.wanted, t.s.machine.speed_min) == (450, 450)


@pytest.mark.parametrize(
    ("measured", "setpoint", "then"),
    [(437, 400, 437), (437, 450, 450), (437, None, None)],
)
def test_a_refused_lowering_is_still_owed_to_the_belt(
    measured: int, setpoint: int | None, then: int | None
) -> None:
    axis = Axis(wanted=400, setpoint=setpoint, ramp_to=400)
    t = answered("set_speed", FAILED, follow=LOWER, speed=axis)
    assert verdicts(t) == [(7, "rejected")]
    assert cues(t) == []
    assert (t.s.follow.kind, t.s.follow.pending, t.s.follow.target) == ("lower", (), 400)
    assert t.s.measured.speed == measured
    assert (t.s.speed.wanted, t.s.speed.setpoint) == (400, then)
    assert t.s.speed.ramp_to == (400 if then is None else None)


@pytest.mark.parametrize(
    "measured",
    [Measured(speed=437, t=Millis(97_000)), Measured(speed=437), Measured(t=NOW)],
)
def test_a_refused_lowering_of_a_belt_out_of_sight_goes_by_the_command(measured: Measured) -> None:
    """A sample 3 s old shows nothing about now."""
    axis = Axis(wanted=400, setpoint=420, ramp_to=400)
    t = answered("set_speed", FAILED, follow=LOWER, speed=axis, measured=measured)
    assert t.s.speed.setpoint == 420


@pytest.mark.parametrize("kind", ["none", "stop"])
def test_a_late_refusal_of_a_speed_is_no_verdict_on_a_stop(kind: Any) -> None:
    """H07."""
    follow = Follow(kind, pending=(7,))
    t = answered("set_speed", FAILED, follow=follow, speed=RAMP)
    assert (t.out, t.s.follow, t.s.speed) == ([], follow, RAMP)


def test_a_refused_incline_stays_at_what_is_measured_and_is_counted() -> None:
    t = answered("set_incline", FAILED, grade_watch=WATCH, grade=Axis(30, 30, told=30))
    assert verdicts(t) == [(9, "rejected")]
    assert t.s.grade_watch is None
    assert (t.s.grade.wanted, t.s.grade.setpoint, t.s.grade.told) == (20, 20, 30)
    assert (t.s.grade_refused, cues(t)) == (1, [])


@pytest.mark.parametrize(("refused", "said"), [(0, 0), (1, 0), (2, 1), (3, 0)])
def test_the_third_refused_incline_is_said_once(refused: int, said: int) -> None:
    t = answered("set_incline", FAILED, grade_watch=WATCH, grade_refused=refused)
    assert len(cues(t)) == said
    assert t.s.grade_refused == refused + 1


def test_a_refusal_of_an_incline_that_nobody_awaits_changes_nothing() -> None:
    t = answered("set_incline", FAILED, grade=Axis(30, 30))
    assert (t.out, t.s.grade, t.s.grade_refused) == ([], Axis(30, 30), 0)


def test_a_refused_start_is_rejected_once() -> None:
    t = answered("start", FAILED, start_n=3)
    assert verdicts(t) == [(3, "rejected")]
    assert t.s.start_n is None
    assert answered("start", FAILED).out == []


def test_a_refused_stop_is_rejected_and_still_followed() -> None:
    t = answered("stop", FAILED, follow=STOP)
    assert verdicts(t) == [(6, "rejected"), (7, "rejected"), (8, "rejected")]
    assert (t.s.follow.kind, t.s.follow.pending, t.s.follow.stops) == ("stop", (), 3)


def test_a_late_refusal_of_a_stop_is_no_verdict_on_a_speed() -> None:
    t = answered("stop", FAILED, follow=RAISE, start_n=3)
    assert (t.out, t.s.follow, t.s.start_n) == ([], RAISE, 3)


# ---------------------------------------------------------------- a minimum that was declared wrong


def refuses_its_minimum(result: int = INVALID, **facts: Any) -> State:
    """3.0 km/h were declared, and 4.3 are seen, 9.999 s after the first motion."""
    usual: dict[str, Any] = {
        "machine": Machine(speed_min=300),
        "follow": Follow("lower", True, (7,), target=300, last_stop=Millis(5)),
        "speed": Axis(wanted=300, setpoint=300, ramp_to=300),
        "first_motion": Millis(NOW - 9_999),
    }
    return answered("set_speed", result, **{**usual, **facts}).s


def test_a_young_belt_that_refuses_its_declared_minimum_shows_its_real_one() -> None:
    s = refuses_its_minimum()
    assert s.machine.speed_min == 430, "to the 0.1 km/h below"
    assert (s.speed.wanted, s.speed.setpoint, s.speed.ramp_to) == (430, 430, None)
    assert s.follow == Follow(last_stop=Millis(5)), "there is no slower, so nothing is owed"


@pytest.mark.parametrize(
    ("result", "facts"),
    [
        (FAILED, {}),
        (INVALID, {"first_motion": None}),
        (INVALID, {"speed": Axis(300, 300, rose=Millis(NOW - 9_000))}),
        (INVALID, {"first_motion": Millis(NOW - 10_000)}),
        (INVALID, {"measured": Measured()}),
        (INVALID, {"measured": Measured(speed=300, t=NOW)}),
        (INVALID, {"measured": Measured(speed=290, t=NOW)}),
        (INVALID, {"follow": Follow("lower", True, (7,), target=310)}),
        (INVALID, {"follow": Follow("raise", True, (7,), target=300)}),
    ],
)
def test_any_other_refusal_teaches_no_minimum(result: int, facts: dict[str, Any]) -> None:
    assert refuses_its_minimum(result, **facts).machine.speed_min == 300


def test_a_belt_at_its_declared_minimum_teaches_no_lower_one() -> None:
    """1 mph is 1.61 km/h, and no multiple of 0.1."""
    s = refuses_its_minimum(
        machine=Machine(speed_min=161),
        measured=Measured(speed=161, t=NOW),
        follow=Follow("lower", True, (7,), target=161),
    )
    assert s.machine.speed_min == 161


def test_a_refused_minimum_that_is_no_slower_than_the_setpoint_is_still_owed() -> None:
    s = refuses_its_minimum(FAILED)
    assert (s.follow.kind, s.speed.setpoint) == ("lower", 437)


# ---------------------------------------------------------------- control


@pytest.mark.parametrize("op", ["set_speed", "set_incline", "start", "stop"])
def test_a_refusal_for_want_of_control_asks_for_it_once(op: Op) -> None:
    t = answered(op, NO_CONTROL)
    assert ops(t) == ["request_control"]
    assert (t.s.control_retried, t.s.control_n, t.s.stop_refused) == (True, 21, op == "stop")
    assert ops(answered(op, NO_CONTROL, control_retried=True)) == []
    assert ops(answered(op, FAILED)) == []


def test_in_shadow_control_is_asked_for_only_for_the_runners_own_stop() -> None:
    assert ops(answered("stop", NO_CONTROL, shadow=True, owed_own=True)) == ["request_control"]
    assert ops(answered("stop", NO_CONTROL, shadow=True)) == []
    assert ops(answered("set_speed", NO_CONTROL, shadow=True, owed_own=True)) == []


@pytest.mark.parametrize(
    ("op", "facts", "times"),
    [
        ("stop", {"owed_own": True, "control_retried": True}, 1),
        ("stop", {"owed_own": True}, 0),
        ("stop", {"control_retried": True}, 0),
        ("set_speed", {"owed_own": True, "control_retried": True}, 0),
    ],
)
def test_a_runner_whose_stop_is_refused_again_is_told(
    op: Op, facts: dict[str, Any], times: int
) -> None:
    t = answered(op, NO_CONTROL, **facts)
    assert len(alarms(t)) == times


@pytest.mark.parametrize(
    ("result", "verdict"),
    [(SUCCESS, "confirmed"), ("timeout", "unknown"), (FAILED, "rejected")],
)
def test_the_request_for_control_gets_its_one_verdict(result: int | str, verdict: str) -> None:
    t = answered("request_control", result, control_n=6)
    assert verdicts(t) == [(6, verdict)]
    assert t.s.control_n is None
    assert answered("request_control", result).out == []


@pytest.mark.parametrize(("result", "lost"), [(SUCCESS, False), ("timeout", True), (FAILED, True)])
def test_only_a_success_gives_control_back(result: int | str, lost: bool) -> None:
    s = answered("request_control", result, control_lost=True, stop_refused=True, follow=STOP).s
    assert s.control_lost is lost
    assert s.stop_refused is lost


@pytest.mark.parametrize("own", [True, False])
def test_with_control_back_a_refused_stop_goes_out_again_at_once(own: bool) -> None:
    """H08."""
    t = answered("request_control", SUCCESS, stop_refused=True, follow=STOP, owed_own=own)
    assert ops(t) == ["stop"]
    assert t.s.owed_own is own
    assert not t.s.stop_refused


@pytest.mark.parametrize(
    "facts",
    [{"stop_refused": False}, {"follow": LOWER}, {"measured": STANDS}],
)
def test_with_control_back_no_other_stop_goes_out(facts: dict[str, Any]) -> None:
    usual = {"stop_refused": True, "follow": STOP}
    t = answered("request_control", SUCCESS, **{**usual, **facts})
    assert ops(t) == []
    assert not t.s.stop_refused
