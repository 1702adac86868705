"""What is permitted now, and what a turn makes of it: named, ratcheted, announced."""

from __future__ import annotations

from typing import Any

import pytest
from tests.guard.bare import NOW, before, commands
from tests.guard.turns import running, seen

from treadguard.guard import order
from treadguard.guard.acts import Turn
from treadguard.guard.belt import Machine
from treadguard.guard.credible import Credible
from treadguard.guard.events import LimitChange
from treadguard.guard.limits import FREE, Demand, Limit, cap, hold, no_raise
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.rules.breaks import Breaks
from treadguard.guard.rules.pain import Pain
from treadguard.guard.rules.posture import Posture
from treadguard.guard.rules.ratings import Ratings
from treadguard.units import Grade, Millis, Speed


def held(why: str, speed: int = 500, grade: int | None = None) -> Backoff:
    return Backoff(why, speed, grade, NOW, None, 27, 600)


BACKOFFS: list[tuple[str, dict[str, Any]]] = [
    ("pain", {"pain": Pain(backoff=held("pain"))}),
    ("ease", {"ease": held("ease")}),
    ("no rating", {"ratings": Ratings(missed=2, backoff=held("no rating"))}),
    ("posture", {"posture": Posture(backoff=held("posture"))}),
]


def test_a_calm_belt_is_held_by_its_caps_alone() -> None:
    limit = order.limit_of(running(), NOW)
    assert (limit.speed_max, limit.incline_max, limit.may_raise) == (1200, 100, True)
    assert limit.belt is Demand.RUN
    assert limit.reasons == ("cap",)


@pytest.mark.parametrize(("why", "facts"), BACKOFFS)
def test_each_back_off_binds(why: str, facts: dict[str, Any]) -> None:
    limit = order.limit_of(running(**facts), NOW)
    assert (limit.speed_max, limit.may_raise) == (500, False)
    assert limit.speed_why == {why}
    assert [b.why for b in order.backoffs(running(**facts))] == [why]


@pytest.mark.parametrize(
    ("why", "facts"),
    [
        ("link", {"link": False}),
        ("held up", {"held_up": before(0)}),
        ("wrong way", {"barred": "wrong way"}),
        ("control", {"control_lost": True}),
        ("end", {"ending": (before(0), "ended")}),
        ("pain before the start", {"waiting": 3}),
        ("pain before the start", {"waiting": 0}),
        ("no rating", {"ratings": Ratings(missed=1)}),
        ("leaping speed", {"speed_seen": Credible(value=600, t=NOW, doubted=NOW, samples=2)}),
    ],
)
def test_what_forbids_a_raise_and_nothing_else(why: str, facts: dict[str, Any]) -> None:
    limit = order.limit_of(running(**facts), NOW)
    assert limit.raise_why == {why}
    assert (limit.speed_max, limit.belt, limit.may_raise) == (1200, Demand.RUN, False)


@pytest.mark.parametrize(("old", "may"), [(2_999, True), (3_000, False), (3_001, False)])
def test_a_speed_three_seconds_old_forbids_a_raise(old: int, may: bool) -> None:
    """H03."""
    limit = order.limit_of(running(measured=seen(old=old)), NOW)
    assert limit.may_raise is may
    assert limit.raise_why == (frozenset() if may else {"telemetry"})


def test_a_speed_never_seen_forbids_a_raise() -> None:
    s = running()
    s.measured = type(s.measured)()
    assert order.limit_of(s, NOW).raise_why == {"telemetry"}


def test_without_a_link_the_age_of_the_speed_is_no_reason_of_its_own() -> None:
    s = running(link=False, measured=seen(old=9_000))
    assert order.limit_of(s, NOW).raise_why == {"link"}


@pytest.mark.parametrize(
    ("facts", "demand", "why"),
    [
        ({"breaks": Breaks(active=True)}, Demand.STOP, {"break"}),
        ({"rest": "stop"}, Demand.STOP, {"stop"}),
        ({"breaks": Breaks(active=True), "rest": "stop"}, Demand.STOP, {"break"}),
        ({"breaks": Breaks(active=True), "starting": NOW}, Demand.RUN, set()),
        ({"rest": "stop", "starting": NOW}, Demand.RUN, set()),
        ({"ended": "pain"}, Demand.END, {"pain"}),
        ({"ended": "pain", "starting": NOW}, Demand.END, {"pain"}),
        ({"fault": "deaf"}, Demand.FAULT, {"deaf"}),
        ({"fault": "deaf", "ended": "pain", "rest": "stop"}, Demand.FAULT, {"deaf"}),
    ],
)
def test_what_the_belt_must_stand_for(facts: dict[str, Any], demand: Demand, why: set[str]) -> None:
    limit = order.limit_of(running(**facts), NOW)
    assert limit.belt is demand
    assert limit.belt_why == why
    assert limit.may_raise is (demand is Demand.RUN)


def test_the_stages_after_a_break_bind() -> None:
    s = running(breaks=Breaks(stage_speed=600, stage_from=NOW))
    assert order.limit_of(s, NOW).speed_max == 360
    assert order.limit_of(s, Millis(NOW + 60_000)).speed_max == 480


# ---------------------------------------------------------------- wanted follows down


def tightened(limit: Limit = FREE, **facts: Any) -> tuple[Axis, Axis]:
    t = Turn(running(**facts), NOW)
    order.tighten(t, limit)
    return t.s.speed, t.s.grade


@pytest.mark.parametrize(("why", "facts"), BACKOFFS)
def test_a_back_off_lowers_what_is_wanted(why: str, facts: dict[str, Any]) -> None:
    speed, grade = tightened(**facts, grade=Axis(wanted=40, setpoint=40))
    assert speed.wanted == 500, why
    assert grade.wanted == 40, "a back-off on speed leaves the grade"


@pytest.mark.parametrize(("target", "wanted"), [(25, 25), (50, 40), (0, 0), (-20, 0)])
def test_a_back_off_on_the_grade_lowers_it_and_never_below_zero(target: int, wanted: int) -> None:
    speed, grade = tightened(ease=held("ease", 700, target), grade=Axis(wanted=40, setpoint=40))
    assert (speed.wanted, grade.wanted) == (600, wanted)


def test_a_cap_leaves_what_is_wanted() -> None:
    speed, grade = tightened(cap("cap", speed=500, incline=0), grade=Axis(wanted=40, setpoint=40))
    assert (speed.wanted, grade.wanted) == (600, 40)


UP = {
    "speed": Axis(wanted=700, setpoint=620, grant=700, ramp_to=700),
    "grade": Axis(wanted=40, setpoint=20, grant=40, ramp_to=40),
}


@pytest.mark.parametrize(
    ("limit", "speed", "grade"),
    [
        (FREE, 700, 40),
        (cap("cap", speed=700, incline=40), 700, 40),
        (cap("cap", speed=699), 620, 40),
        (cap("cap", incline=39), 700, 20),
        (no_raise("link"), 620, 20),
    ],
)
def test_a_limit_in_force_ends_a_raise_for_good(limit: Limit, speed: int, grade: int) -> None:
    """What is wanted falls back to the present command, and the grant is gone."""
    for_speed, for_grade = tightened(limit, **UP)
    assert (for_speed.wanted, for_grade.wanted) == (speed, grade)
    assert for_speed.grant == (700 if speed == 700 else None)
    assert for_grade.grant == (40 if grade == 40 else None)


def test_where_nothing_goes_up_a_limit_settles_nothing() -> None:
    lowering = Axis(wanted=500, setpoint=600, ramp_to=500)
    speed, grade = tightened(no_raise("link"), speed=lowering)
    assert (speed, grade) == (lowering, Axis(wanted=0, setpoint=0))


# ---------------------------------------------------------------- said when it changes

FIVE = LimitChange(Speed(500), Grade(150), may_raise=True, belt="RUN", why=("cap",))


def test_a_new_limit_is_said_once() -> None:
    t = Turn(running(), NOW)
    limit = cap("cap", speed=500)
    assert order.announce(t, limit) is True
    assert t.out == [FIVE]
    assert t.s.limit == FIVE
    assert t.s.met is limit
    assert order.announce(t, limit) is False
    assert order.announce(t, cap("cap", speed=500)) is False, "an equal one isn't news either"
    assert t.out == [FIVE]


def test_every_part_of_it_is_news() -> None:
    t = Turn(running(), NOW)
    parts = (FREE, cap("a", incline=20), no_raise("b"), hold(Demand.STOP, "c"), FREE)
    assert all(order.announce(t, limit) for limit in parts)
    assert t.out == [
        LimitChange(Speed(2000), Grade(150), True, "RUN", ()),
        LimitChange(Speed(2000), Grade(20), True, "RUN", ("a",)),
        LimitChange(Speed(2000), Grade(150), False, "RUN", ("b",)),
        LimitChange(Speed(2000), Grade(150), False, "STOP", ("c",)),
        LimitChange(Speed(2000), Grade(150), True, "RUN", ()),
    ]


def test_since_when_each_reason_holds_is_remembered() -> None:
    t = Turn(running(since=(("cap", before(9_000)), ("link", before(5_000)))), NOW)
    order.announce(t, Limit(speed_max=500, speed_why=frozenset(("cap", "stage"))))
    assert t.s.since == (("cap", before(9_000)), ("stage", NOW))


# ---------------------------------------------------------------- shadow says it


def would_write(limit: Limit, **facts: Any) -> list[tuple[str, int | None]]:
    t = Turn(running(shadow=True, measured=seen(600, 40), **facts), NOW)
    order.would_write(t, limit)
    assert all(c.shadow and c.why == limit.reasons for c in commands(t))
    return [(c.op, c.value) for c in commands(t)]


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (cap("cap", speed=600, incline=40), []),
        (cap("cap", speed=599), [("set_speed", 590)]),
        (cap("cap", incline=35), [("set_incline", 35)]),
        (cap("cap", speed=400, incline=0), [("set_speed", 400), ("set_incline", 0)]),
        (Limit(speed_max=400, incline_max=0, belt=Demand.STOP), []),
    ],
)
def test_shadow_says_what_would_be_lowered(limit: Limit, said: list[tuple[str, int]]) -> None:
    assert would_write(limit) == said


def test_shadow_says_an_incline_that_the_machine_has() -> None:
    coarse = Machine(grade_step=10)
    assert would_write(cap("cap", incline=35), machine=coarse) == [("set_incline", 30)]


@pytest.mark.parametrize("phase", ["READY", "STOPPING", "LOST", "BREAK"])
def test_shadow_says_nothing_of_a_belt_that_does_not_run(phase: str) -> None:
    assert would_write(cap("cap", speed=100), phase=phase) == []


def test_shadow_says_nothing_of_what_was_not_measured() -> None:
    t = Turn(running(shadow=True, measured=seen(600, None)), NOW)
    order.would_write(t, cap("cap", speed=700, incline=0))
    assert t.out == []
    t = Turn(running(shadow=True, measured=seen(5, 40)), NOW)
    order.would_write(t, cap("cap", speed=0, incline=0))
    assert t.out == []
