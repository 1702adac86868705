"""A plan that is asked for, in one turn: what speaks against it, and that its consent is used."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.guard.bare import NOW, STANDING, before, cues, ops, turn
from tests.guard.plans import PLAN

from treadguard.guard import asked_plan, starting
from treadguard.guard import events as ev
from treadguard.guard.acts import Turn
from treadguard.guard.belt import Machine
from treadguard.guard.consent import may_raise, used
from treadguard.guard.console import Console
from treadguard.guard.plan import Course, variation
from treadguard.guard.ramp import Axis
from treadguard.units import Millis

READY: dict[str, Any] = {"phase": "READY", "measured": STANDING, "speed": Axis(), "plan": PLAN}


def leave(for_: ev.ConsentFor = "programme", target: int | None = None) -> tuple[ev.Consent, ...]:
    return (ev.Consent(NOW, "c", for_, target, Millis(NOW + 9_000), 1),)


def asked(do: ev.OperatorDo, value: int | None = None, *, role: ev.Role = "local") -> ev.Operator:
    return ev.Operator(NOW, do, value, role)


# ---------------------------------------------------------------- a programme


def test_where_there_is_none_the_consent_is_used_up() -> None:
    t = turn(consents=leave())
    asked_plan.programme(t, asked("programme"))
    assert t.s.consents == ()
    assert len(cues(t)) == 1


def test_on_a_running_belt_it_goes_on_from_where_it_has_come_to() -> None:
    t = turn(plan=PLAN, course=Course("programme", PLAN, done=70_000), consents=leave())
    asked_plan.programme(t, asked("programme"))
    assert t.s.course == Course(
        "programme", PLAN, done=70_000, leave=True, leave_t=NOW, told=-2, up=-2
    )
    assert cues(t) == ["The programme goes on from here."]


def test_another_plan_under_way_gives_way_to_the_programme() -> None:
    t = turn(plan=PLAN, course=Course("variation", PLAN, done=9), consents=leave())
    asked_plan.programme(t, asked("programme"))
    assert t.s.course is not None
    assert (t.s.course.kind, t.s.course.done) == ("programme", 0)


def test_in_shadow_no_raise_of_it_follows() -> None:
    t = turn(plan=PLAN, shadow=True, consents=leave())
    asked_plan.programme(t, asked("programme"))
    assert (t.s.course, t.s.consents) == (None, ())
    assert cues(t) == ["treadguard only watches this machine; set the speed on its console."]


def test_at_a_start_its_time_has_not_begun_to_run() -> None:
    course = Course("programme", PLAN, done=9_000, since=before(5_000))
    t = turn(**READY, course=course, consents=leave())
    asked_plan.programme(t, asked("programme"))
    assert ops(t) == ["start"]
    assert t.s.course is not None
    assert (t.s.course.done, t.s.course.since, t.s.course.leave) == (9_000, None, True)


# ---------------------------------------------------------------- a warm-up

NAME_IT = "A warm-up begins with the start: name the speed to warm up to."


@pytest.mark.parametrize(
    ("target", "facts", "why"),
    [
        (600, {"phase": "RUNNING"}, NAME_IT),
        (None, {}, NAME_IT),
        (99, {}, "The slowest that this machine goes is 1.0 km/h."),
        (
            1_200,
            {"machine": Machine(speed_min=1_500)},
            "The slowest that this machine goes is 15.0 km/h.",
        ),
        (
            600,
            {"course": Course("programme", PLAN)},
            "The programme is under way: 'treadguard resume --programme' goes on with it.",
        ),
    ],
)
def test_a_warm_up_is_refused_with_its_reason_and_uses_its_consent_up(
    target: int | None, facts: dict[str, Any], why: str
) -> None:
    t = turn(**{**READY, **facts}, consents=leave(target=target))
    asked_plan.warm_up(t, asked("warm-up", target))
    assert cues(t) == [why]
    assert (t.s.consents, t.s.course, ops(t)) == ((), facts.get("course"), [])


def test_a_warm_up_may_lead_to_the_slowest_that_the_machine_goes() -> None:
    t = turn(**READY, consents=leave(target=100))
    asked_plan.warm_up(t, asked("warm-up", 100))
    assert ops(t) == ["start"]
    assert t.s.course is not None


# ---------------------------------------------------------------- a variation

TOO_SLOW = "That is too slow to vary: the machine goes no slower."


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"phase": "PAUSED"}, "The belt isn't running: the speed can be set once it does"),
        ({"speed": Axis()}, "The machine doesn't show the speed: it can't be set."),
        ({"shadow": True}, "treadguard only watches this machine; set the speed on its console."),
        ({"console": Console(driving=True)}, "The machine doesn't show the speed"),
        ({"course": Course("programme", PLAN)}, "The programme varies the speed already."),
        ({"role": "remote"}, "Only someone at the treadmill can go up."),
        ({"speed": Axis(wanted=610, setpoint=610)}, "The speed has just changed: ask again."),
        ({"machine": Machine(speed_min=541)}, TOO_SLOW),
    ],
)
def test_a_variation_is_refused_with_its_reason_and_uses_its_consent_up(
    facts: dict[str, Any], why: str
) -> None:
    role = facts.get("role", "local")
    course = facts.get("course")
    t = turn(
        **{name: fact for name, fact in facts.items() if name != "role"},
        consents=leave(target=600),
    )
    asked_plan.vary(t, asked("vary", 600, role=role))
    (said,) = cues(t)
    assert said.startswith(why)
    assert (t.s.consents, t.s.course) == ((), course)


@pytest.mark.parametrize(("speed", "varies"), [(110, False), (111, False), (112, True)])
def test_a_variation_dips_no_lower_than_the_machine_goes(speed: int, varies: bool) -> None:
    t = turn(speed=Axis(wanted=speed, setpoint=speed), consents=leave(target=speed))
    asked_plan.vary(t, asked("vary", speed))
    assert (t.s.course is not None) is varies
    assert (cues(t) == [TOO_SLOW]) is not varies


@pytest.mark.parametrize(("grade", "flat"), [(None, 0), (0, 0), (20, 20)])
def test_a_variation_keeps_speed_and_grade_as_they_are(grade: int | None, flat: int) -> None:
    t = turn(grade=Axis(wanted=grade, setpoint=grade), consents=leave(target=600))
    asked_plan.vary(t, asked("vary", 600))
    assert t.s.course is not None
    assert t.s.course.plan == variation(600, flat, t.s.policy.cues.vary_ms)
    assert cues(t) == ["Varying: a little slower now and then, never above 6.0 km/h."]


# ---------------------------------------------------------------- starts, and consents


def test_a_plain_start_takes_the_leave_from_a_programme_under_way() -> None:
    course = Course("programme", PLAN, done=9_000, leave=True)
    t = turn(**READY, course=course, consents=leave("start"))
    starting.start(t, asked("start"))
    assert t.s.course == replace(course, leave=False)
    assert cues(t) == ["The programme goes up no more by itself: a start without it."]


def starts(t: Turn) -> bool:
    return starting.starts(t, asked("start"), ("start",), None)


def test_whether_a_start_goes_out_is_yes_or_no() -> None:
    found: dict[str, Any] = {
        "orphan": True,
        "orphan_until": Millis(NOW + 9_000),
        "consents": leave("start"),
    }
    assert starts(turn(**found)) is False
    assert starts(turn(**READY)) is False
    assert starts(turn(**READY, consents=leave("start"))) is True


def test_whether_there_is_a_consent_and_a_raise_may_follow_is_yes_or_no() -> None:
    assert used(turn(), ("start",), None) is False
    assert used(turn(consents=leave("start")), ("start",), None) is True
    assert may_raise(turn(), "local", leave=False) is False
    assert may_raise(turn(), "local", leave=True) is True
