"""Speeds and inclines that the runner asks for: down at once, up only by a consent."""

from __future__ import annotations

from typing import Any

import pytest
from tests.guard.bare import NOW, cues, ops, seen, turn

from treadguard.guard import events as ev
from treadguard.guard.acts import Turn
from treadguard.guard.asked import asked
from treadguard.guard.belt import Machine
from treadguard.guard.console import Console
from treadguard.guard.credible import Credible
from treadguard.guard.policy import CapPolicy, Policy
from treadguard.guard.ramp import Axis
from treadguard.units import Grade, Millis, Speed

SLOPE: dict[str, Any] = {"measured": seen(600, grade=40), "grade": Axis(40, 40)}
AXES: list[ev.ConsentFor] = ["speed", "incline"]


def limited(speed: int = 1200, grade: int = 100, *, may_raise: bool = True) -> ev.LimitChange:
    return ev.LimitChange(Speed(speed), Grade(grade), may_raise, "RUN", ("cap", "pain"))


def ask(
    t: Turn, do: ev.OperatorDo, value: int | None, *, role: ev.Role = "local", given: bool = True
) -> Turn:
    """`given`: with the consent that goes with it."""
    if given and do in AXES:
        consent = ev.Consent(NOW, "c1", do, value, Millis(NOW + 9_000), 1)
        t.s.consents = (consent,)
    asked(t, ev.Operator(NOW, do, value, role))
    return t


def axis(t: Turn, do: str) -> Axis:
    return t.s.speed if do == "speed" else t.s.grade


# ---------------------------------------------------------------- up


@pytest.mark.parametrize(("do", "value"), [("speed", 800), ("incline", 60)])
def test_a_raise_by_consent_is_granted_toward_its_target(do: ev.OperatorDo, value: int) -> None:
    start = Axis(600, 600, ramp_to=500) if do == "speed" else Axis(40, 40, ramp_to=20)
    facts: dict[str, Any] = {**SLOPE, "speed" if do == "speed" else "grade": start}
    t = ask(turn(limit=limited(), **facts), do, value)
    a = axis(t, do)
    assert (a.wanted, a.grant, a.ramp_to, a.setpoint) == (value, value, None, start.setpoint)
    assert (t.out, t.s.consents, t.s.used) == ([], (), ("c1",))


@pytest.mark.parametrize(("do", "value"), [("speed", 800), ("incline", 60)])
@pytest.mark.parametrize(
    ("how", "limit", "why"),
    [
        ({"given": False}, limited(), "Going up needs your consent, given now."),
        ({"role": "remote"}, limited(), "Only someone at the treadmill can go up."),
        ({}, limited(may_raise=False), "Not going up: cap, pain."),
    ],
)
def test_a_raise_is_refused_with_its_reason(
    do: ev.OperatorDo, value: int, how: dict[str, Any], limit: ev.LimitChange, why: str
) -> None:
    t = ask(turn(limit=limit, **SLOPE), do, value, **how)
    assert cues(t) == [why]
    assert (axis(t, do).grant, axis(t, do).wanted) == (None, 600 if do == "speed" else 40)
    assert t.s.consents == ()


@pytest.mark.parametrize(
    ("do", "value", "asked_for"), [("speed", 800, 810), ("incline", 60, 65), ("speed", 800, None)]
)
def test_a_consent_is_good_for_its_own_target_alone(
    do: ev.OperatorDo, value: int, asked_for: int | None
) -> None:
    t = turn(limit=limited(), **SLOPE)
    for_: ev.ConsentFor = "speed" if do == "speed" else "incline"
    t.s.consents = (ev.Consent(NOW, "c1", for_, asked_for, Millis(NOW + 9_000), 1),)
    ask(t, do, value, given=False)
    assert axis(t, do).grant is None
    assert len(t.s.consents) == 1


@pytest.mark.parametrize(
    ("value", "limit", "top", "granted"),
    [
        (899, limited(), None, 890),
        (900, limited(), None, 900),
        (900, limited(850), None, 850),
        (900, limited(845), None, 840),
        (900, limited(850), 845, 840),
        (900, limited(850), 2000, 850),
        (900, limited(610), None, 610),
        (2000, None, None, 1200),  # before any limit was said, the policy's cap
    ],
)
def test_a_target_is_clipped_to_what_is_allowed_when_it_is_given(
    value: int, limit: ev.LimitChange | None, top: int | None, granted: int
) -> None:
    t = ask(turn(limit=limit, machine=Machine(speed_max=top)), "speed", value)
    assert (t.s.speed.wanted, t.s.speed.grant) == (granted, granted)


@pytest.mark.parametrize(
    ("value", "limit", "top", "granted"),
    [
        (64, limited(), None, 60),
        (65, limited(), None, 65),
        (90, limited(grade=80), None, 80),
        (90, limited(grade=78), None, 75),
        (90, limited(grade=80), 78, 75),
        (90, limited(grade=80), 150, 80),
        (90, limited(grade=45), None, 45),
        (150, None, None, 100),
    ],
)
def test_an_incline_is_clipped_to_what_is_allowed_when_it_is_given(
    value: int, limit: ev.LimitChange | None, top: int | None, granted: int
) -> None:
    t = ask(turn(limit=limit, machine=Machine(grade_max=top), **SLOPE), "incline", value)
    assert (t.s.grade.wanted, t.s.grade.grant) == (granted, granted)


@pytest.mark.parametrize("allowed", [600, 605, 590])
def test_at_the_limit_the_speed_stays_and_the_limit_is_said(allowed: int) -> None:
    t = ask(turn(limit=limited(allowed)), "speed", 800)
    assert (t.s.speed.wanted, t.s.speed.grant) == (600, None)
    assert cues(t) == [f"The limit is {allowed // 10 / 10:.1f} km/h for now."]


@pytest.mark.parametrize("allowed", [40, 43, 35])
def test_at_the_limit_the_incline_stays_and_the_limit_is_said(allowed: int) -> None:
    t = ask(turn(limit=limited(grade=allowed), **SLOPE), "incline", 60)
    assert (t.s.grade.wanted, t.s.grade.grant) == (40, None)
    assert cues(t) == [f"The limit is {allowed // 5 * 5 / 10:g} % for now."]


def test_the_limit_is_told_only_to_whom_it_would_have_been_given() -> None:
    t = ask(turn(limit=limited(600)), "speed", 800, given=False)
    assert cues(t) == ["Going up needs your consent, given now."]
    t = ask(turn(limit=limited(grade=40), **SLOPE), "incline", 60, given=False)
    assert cues(t) == ["Going up needs your consent, given now."]


def test_the_policys_cap_holds_where_no_limit_was_said_yet() -> None:
    caps = Policy(caps=CapPolicy(Speed(700), Grade(50)))
    assert ask(turn(caps), "speed", 800).s.speed.grant == 700
    assert ask(turn(caps, **SLOPE), "incline", 60).s.grade.grant == 50


@pytest.mark.parametrize(
    ("do", "value", "machine", "given"),
    [
        ("speed", 800, Machine(speed_step=50), True),
        ("speed", 800, Machine(speed_step=51), False),
        ("speed", 800, Machine(grade_step=11), True),
        ("incline", 60, Machine(grade_step=10), True),
        ("incline", 60, Machine(grade_step=11), False),
        ("incline", 60, Machine(speed_step=51), True),
    ],
)
def test_a_machine_is_not_raised_in_steps_that_are_too_much_at_once(
    do: ev.OperatorDo, value: int, machine: Machine, given: bool
) -> None:
    """I3: more than 0.5 km/h or 1 % in a second is never sent; down it may."""
    t = ask(turn(limit=limited(), machine=machine, **SLOPE), do, value)
    assert (axis(t, do).grant is not None) == given
    assert ["too much at once" in say for say in cues(t)] == ([] if given else [True])
    t = ask(turn(limit=limited(), machine=machine, **SLOPE), do, 0 if do == "incline" else 300)
    assert t.out == []


# ---------------------------------------------------------------- down


@pytest.mark.parametrize("role", ["local", "remote"])
@pytest.mark.parametrize(
    ("value", "wanted"), [(600, 600), (609, 600), (599, 590), (400, 400), (100, 100), (1, 100)]
)
def test_a_lowering_needs_no_consent_and_ends_every_raise(
    value: int, wanted: int, role: ev.Role
) -> None:
    raising = Axis(wanted=800, setpoint=600, grant=800, ramp_to=800)
    steeper = Axis(wanted=60, setpoint=40, grant=60, ramp_to=60)
    t = turn(limit=limited(may_raise=False), speed=raising, grade=steeper)
    ask(t, "speed", value, role=role, given=False)
    assert (t.s.speed.wanted, t.s.speed.grant) == (wanted, None)
    assert (t.s.grade.wanted, t.s.grade.grant) == (40, None)
    assert t.out == []


@pytest.mark.parametrize(("value", "wanted"), [(10, 150), (160, 150), (199, 150), (200, 200)])
def test_a_belt_below_its_declared_minimum_is_not_lifted_to_it_by_asking_for_less(
    value: int, wanted: int
) -> None:
    slow = Axis(150, 150)
    t = ask(turn(speed=slow, measured=seen(150), machine=Machine(speed_min=200)), "speed", value)
    assert t.s.speed.wanted == wanted
    assert t.s.speed.grant == (200 if wanted == 200 else None)


@pytest.mark.parametrize("role", ["local", "remote"])
@pytest.mark.parametrize(("value", "wanted"), [(40, 40), (44, 40), (39, 35), (0, 0), (4, 0)])
def test_a_lower_incline_needs_no_consent_and_ends_every_raise(
    value: int, wanted: int, role: ev.Role
) -> None:
    raising = Axis(wanted=800, setpoint=600, grant=800, ramp_to=800)
    steeper = Axis(wanted=60, setpoint=40, grant=60, ramp_to=60)
    t = turn(limit=limited(may_raise=False), speed=raising, grade=steeper)
    ask(t, "incline", value, role=role, given=False)
    assert (t.s.grade.wanted, t.s.grade.grant) == (wanted, None)
    assert (t.s.speed.wanted, t.s.speed.grant) == (600, None)
    assert t.out == []


@pytest.mark.parametrize("value", [0, -10])
def test_a_speed_of_nothing_is_the_runners_stop(value: int) -> None:
    t = ask(turn(), "speed", value)
    assert ops(t) == ["stop"]
    assert (t.s.rest, t.s.owed_own) == ("stop", True)


@pytest.mark.parametrize(("value", "step"), [(-1, 1), (-1, 5), (-10, 5)])
def test_no_decline_is_set(value: int, step: int) -> None:
    t = ask(turn(**SLOPE, machine=Machine(grade_step=step)), "incline", value)
    assert t.s.grade == SLOPE["grade"]
    assert "no decline" in cues(t)[0]


# ---------------------------------------------------------------- where nothing can be set


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"shadow": True}, "set {} on its console"),
        ({"phase": "STARTING"}, "isn't running: {}"),
        ({"phase": "PAUSED"}, "isn't running: {}"),
        ({"speed": Axis(), "grade": Axis()}, "doesn't show {}"),
    ],
)
@pytest.mark.parametrize("do", AXES)
def test_where_it_cannot_be_set_the_runner_hears_why(
    do: ev.OperatorDo, facts: dict[str, Any], why: str
) -> None:
    t = ask(turn(**{**SLOPE, **facts}), do, 30 if do == "incline" else 300)
    assert len(cues(t)) == 1
    assert why.format("the speed" if do == "speed" else "the incline") in cues(t)[0]
    assert (ops(t), t.s.rest, t.s.consents) == ([], None, ())
    assert axis(t, do).wanted in (None, 600, 40)


@pytest.mark.parametrize("do", AXES)
def test_an_ask_without_a_value_sets_nothing(do: ev.OperatorDo) -> None:
    t = ask(turn(**SLOPE), do, None)
    assert len(cues(t)) == 1
    assert ops(t) == []
    assert axis(t, do).grant is None


# ---------------------------------------------------------------- while the console drives


def driven(speed: int, **facts: object) -> Turn:
    """The runner's own hand has brought the belt from 6.0 to `speed`."""
    hand: dict[str, Any] = {
        "measured": seen(speed),
        "speed_seen": Credible(value=speed, t=NOW, last=speed, samples=2),
        "console": Console(driving=True, corrections=1),
        "limit": limited(),
        **facts,
    }
    return turn(**hand)


def test_no_raise_is_given_while_the_console_drives() -> None:
    for target in (510, 800):
        t = ask(driven(500), "speed", target)
        assert t.s.speed == Axis(600, 600, told=600)
        assert t.s.console.driving
        assert "ask again once it is steady" in cues(t)[0]


@pytest.mark.parametrize("target", [500, 400])
def test_a_lowering_takes_over_from_the_console_where_the_belt_is(target: int) -> None:
    t = ask(driven(500), "speed", target)
    assert (t.s.speed.setpoint, t.s.speed.wanted, t.s.speed.told) == (500, target, None)
    assert (t.s.console.driving, t.s.console.corrections) == (False, 1)
    assert t.out == []


def test_a_doubtful_speed_is_no_ground_for_a_lowering_above_what_was_commanded() -> None:
    leap = Credible(value=600, t=NOW, last=1100, samples=2, doubted=NOW)
    for target in (610, 1000):
        t = ask(driven(1100, speed_seen=leap), "speed", target)
        assert t.s.speed == Axis(600, 600, told=600)
        assert "ask again once it is steady" in cues(t)[0]
    t = ask(driven(1100, speed_seen=leap), "speed", 600)
    assert (t.s.speed.setpoint, t.s.speed.wanted, t.s.speed.told) == (600, 600, 600)
    assert not t.s.console.driving


LEAPT = Credible(value=600, t=NOW, last=600, samples=2, doubted=NOW)


@pytest.mark.parametrize("facts", [{}, {"speed_seen": LEAPT}], ids=["sure", "in doubt"])
@pytest.mark.parametrize("target", [300, 350, 500])
def test_while_the_belt_falls_to_what_the_console_was_set_to_nothing_is_asked(
    target: int, facts: dict[str, Any]
) -> None:
    """Set to 3.5 a moment ago: 5.0, or a step down from the 6.0 that still show, would lift it."""
    hand = Console(driving=True, target=350)
    t = ask(driven(600, console=hand, **facts), "speed", target)
    assert (t.s.speed, t.s.console) == (Axis(600, 600, told=600), hand)
    assert "ask again once it is steady" in cues(t)[0]


@pytest.mark.parametrize(
    "hand", [Console(driving=True, target=500), Console(driving=True, up=True, target=350)]
)
def test_once_it_is_there_a_lowering_takes_over(hand: Console) -> None:
    t = ask(driven(500, console=hand), "speed", 400)
    assert (t.s.speed.setpoint, t.s.speed.wanted, t.s.console.driving) == (500, 400, False)
