"""One turn of a plan under way, on a bare State: where exactly each rule begins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.guard.bare import NOW, before, cues, turn
from tests.guard.plans import leg

from treadguard.guard.acts import Turn
from treadguard.guard.belt import Machine
from treadguard.guard.course import go_on, renewed, set_aside, warm_enough_for, withdraw
from treadguard.guard.limits import FREE, Demand, Limit, hold, no_raise
from treadguard.guard.plan import Course, Kind, Leg, Plan
from treadguard.guard.policy import Policy, WarmUpPolicy
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.backoff import Backoff
from treadguard.units import Millis

LEGS = (leg(60, 600), leg(60, 700), leg(60, 800))
FLAT = Axis(wanted=0, setpoint=0)
DEMANDED = Policy(warm_up=WarmUpPolicy(Millis(180_000), demanded=True))


def under_way(*legs: Leg, kind: Kind = "programme", gone: int = 0, **facts: Any) -> Course:
    """A plan with leave for its raises that has gone for so many ms."""
    plan = Plan(legs or LEGS, ends=kind == "programme")
    return Course(kind, plan, done=gone, since=NOW, leave=True, **facts)


def going_on(course: Course, limit: Limit = FREE, **facts: Any) -> Turn:
    t = turn(**{"course": course, "grade": FLAT, **facts})
    go_on(t, limit)
    return t


def of(t: Turn) -> Course:
    assert t.s.course is not None
    return t.s.course


# ---------------------------------------------------------------- the leave


@pytest.mark.parametrize(
    ("told", "up", "then"), [(4, 3, (2, 2)), (3, 4, (2, 2)), (1, 0, (1, 0)), (2, 2, (2, 2))]
)
def test_a_new_consent_has_announced_nothing_of_the_present_leg(
    told: int, up: int, then: tuple[int, int]
) -> None:
    c = renewed(replace(under_way(leg=3, told=told, up=up), leave=False), NOW)
    assert ((c.told, c.up), c.leave, c.leave_t) == (then, True, NOW)


@pytest.mark.parametrize(
    ("legs", "said"),
    [
        ((leg(60, 400), leg(60, 500)), True),
        ((leg(60, 400, 10), leg(60, 400, 20)), True),
        ((leg(60, 500), leg(60, 400), leg(60, 500)), True),
        ((leg(60, 400, 10), leg(60, 400, 10)), False),
        ((leg(60, 500, 20), leg(60, 400, 10)), False),
        ((leg(60, 500),), False),
    ],
)
def test_that_it_goes_up_no_more_is_said_where_it_would_have(
    legs: tuple[Leg, ...], said: bool
) -> None:
    t = turn(course=under_way(*legs))
    withdraw(t, "pain")
    assert not of(t).leave
    assert cues(t) == (["The programme goes up no more by itself: pain."] if said else [])


@pytest.mark.parametrize(
    ("kind", "said"), [("warm-up", ["The warm-up is over."]), ("programme", [])]
)
def test_a_higher_speed_of_the_runners_own_ends_all_but_a_programme(
    kind: Kind, said: list[str]
) -> None:
    t = turn(course=under_way(kind=kind))
    set_aside(t)
    assert cues(t) == said
    assert (t.s.course is None) is bool(said)


def test_what_is_warm_enough_counts_to_the_millisecond() -> None:
    warm = [warm_enough_for(turn(DEMANDED, ran=ran).s) for ran in (60_000, 60_199, 60_200)]
    assert warm == [600, 600, 601]


# ---------------------------------------------------------------- at rest, and held


@pytest.mark.parametrize(
    ("phase", "limit", "why"),
    [
        ("RUNNING", hold(Demand.STOP, "break"), "break"),
        ("PAUSED", hold(Demand.STOP, "break"), "break"),
        ("LOST", FREE, "the belt was out of sight"),
        ("PAUSED", FREE, "the belt stands"),
        ("STARTING", FREE, None),
        ("ENDING", FREE, None),
    ],
)
def test_at_rest_its_time_stands_still_and_its_leave_is_gone_for_a_reason(
    phase: str, limit: Limit, why: str | None
) -> None:
    facts = {"phase": "RUNNING", "ending": NOW} if phase == "ENDING" else {"phase": phase}
    t = going_on(replace(under_way(gone=7_000), since=before(3_000)), limit, **facts)
    assert (of(t).done, of(t).since) == (10_000, None)
    assert of(t).leave is (why is None)
    assert cues(t) == ([] if why is None else [f"The programme goes up no more by itself: {why}."])


@pytest.mark.parametrize(("grade", "eased"), [(None, 150), (30, 30), (0, 0), (-10, 0)])
def test_a_back_off_is_how_far_it_was_eased(grade: int | None, eased: int) -> None:
    t = going_on(under_way(), ease=Backoff("ease", 450, grade, NOW, None, 27, 500))
    assert (t.s.eased_speed, t.s.eased_grade) == (450, eased)


def test_a_variation_that_a_limit_ends_does_nothing_more() -> None:
    t = going_on(under_way(kind="variation"), no_raise("pain"))
    assert t.s.course is None
    assert cues(t) == ["The variation is over: pain."]


@pytest.mark.parametrize(("kind", "said"), [("warm-up", ["Warmed up."]), ("variation", [])])
def test_a_plan_that_is_over_and_does_not_end_the_session(kind: Kind, said: list[str]) -> None:
    t = going_on(under_way(kind=kind, gone=180_000))
    assert (t.s.course, t.s.ending, cues(t)) == (None, None, said)


# ---------------------------------------------------------------- what falls


@pytest.mark.parametrize("axis", ["speed", "grade"])
@pytest.mark.parametrize(("asked", "falls"), [(39, True), (40, False), (41, False)])
def test_a_leg_that_is_no_lower_leaves_a_raise_under_way_alone(
    axis: str, asked: int, falls: bool
) -> None:
    scale = 10 if axis == "speed" else 1
    rising = Axis(wanted=40 * scale, setpoint=30 * scale, grant=40 * scale, ramp_to=40 * scale)
    first = leg(60, asked * scale) if axis == "speed" else leg(60, 600, asked)
    t = going_on(replace(under_way(first), leave=False), FREE, **{axis: rising})
    assert getattr(t.s, axis) == (rising.settled() if falls else rising)


@pytest.mark.parametrize("axis", ["speed", "grade"])
def test_an_axis_that_nobody_knows_does_not_fall(axis: str) -> None:
    t = going_on(replace(under_way(), leave=False), FREE, **{axis: Axis()})
    assert getattr(t.s, axis) == Axis()


# ---------------------------------------------------------------- what goes up


@pytest.mark.parametrize(("gone", "told"), [(54_999, -1), (55_000, 1), (55_001, 1)])
def test_the_next_raise_is_announced_five_seconds_ahead_to_the_millisecond(
    gone: int, told: int
) -> None:
    t = going_on(under_way(gone=gone, leg=0, up=0))
    assert of(t).told == told
    assert cues(t) == (["In 5 seconds: 7.0 km/h."] if told == 1 else [])


def test_a_leg_that_was_let_go_isnt_announced_again() -> None:
    t = going_on(under_way(leg(60, 700), gone=9_000, leg=0, up=0))
    assert (of(t).told, cues(t)) == (-1, [])


def test_what_a_leg_says_that_goes_no_higher_is_said_once_and_at_its_begin() -> None:
    legs = (leg(60, 600), leg(60, 500, 0, "Slow."))
    early = going_on(under_way(*legs, gone=56_000, leg=0, told=0, told_t=before(1_000)))
    assert (of(early).up, cues(early)) == (-1, [])
    at = going_on(under_way(*legs, gone=60_000, leg=0, up=0))
    assert (of(at).up, cues(at)) == (1, ["Slow."])
    assert cues(going_on(replace(of(at), done=61_000))) == []
    assert cues(going_on(under_way(leg(60, 600), gone=0))) == []


def let_go(legs: tuple[Leg, ...] = (leg(60, 700, 30),), **facts: Any) -> Turn:
    """A leg that was announced 5 s ago."""
    told: dict[str, Any] = {"told_speed": 700, "told_grade": 30}
    told |= {name: facts.pop(name) for name in list(told) if name in facts}
    return going_on(
        under_way(*legs, gone=6_000, leg=0, told=0, told_t=before(5_000), **told), **facts
    )


@pytest.mark.parametrize(
    ("speed", "grade", "then"),
    [(700, 30, (700, 30)), (650, 20, (650, 20)), (None, 30, (600, 30)), (700, None, (700, 0))],
)
def test_it_goes_up_to_what_was_announced(
    speed: int | None, grade: int | None, then: tuple[int, int]
) -> None:
    t = let_go(told_speed=speed, told_grade=grade)
    assert (t.s.speed.wanted, t.s.grade.wanted) == then


def test_a_raise_begins_a_track_of_its_own() -> None:
    t = let_go(speed=Axis(wanted=600, setpoint=600, ramp_to=700))
    assert t.s.speed == Axis(wanted=700, setpoint=600, grant=700)


def test_it_goes_no_further_than_is_warm_enough_by_then() -> None:
    t = turn(
        DEMANDED,
        ran=61_999,
        grade=FLAT,
        speed=Axis(wanted=500, setpoint=500),
        course=under_way(
            leg(60, 700), gone=6_000, leg=0, told=0, told_t=before(5_000), told_speed=620
        ),
    )
    go_on(t, FREE)
    assert t.s.speed.wanted == 600


@pytest.mark.parametrize(
    ("machine", "axes", "said"),
    [
        (Machine(), (600, 0), "In 5 seconds: 7.0 km/h, 2.5 %."),
        (Machine(grade_max=20), (600, 0), "In 5 seconds: 7.0 km/h, 2 %."),
        (Machine(speed_min=700), (600, 0), "In 5 seconds: 7.0 km/h, 2.5 %."),
        (Machine(speed_min=710), (600, 0), "In 5 seconds: 2.5 %."),
    ],
)
def test_what_is_announced_is_what_the_machine_can_do(
    machine: Machine, axes: tuple[int, int], said: str
) -> None:
    speed, grade = (Axis(wanted=at, setpoint=at) for at in axes)
    t = going_on(under_way(leg(60, 700, 25)), machine=machine, speed=speed, grade=grade)
    assert cues(t) == [said]
