"""What the guard does, one act at a time: stop, take over what is measured, back off."""

from __future__ import annotations

from dataclasses import replace

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

from treadguard.guard import acts
from treadguard.guard import events as ev
from treadguard.guard.belt import Machine, Measured
from treadguard.guard.console import Console
from treadguard.guard.credible import Credible
from treadguard.guard.follow import Follow
from treadguard.guard.incline import GradeWatch
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.backoff import Load
from treadguard.units import Millis

RAISING = Axis(wanted=800, setpoint=600, grant=800, ramp_to=800, told=600)
LOWERING = Axis(wanted=400, setpoint=600, ramp_to=400, told=600)

# ---------------------------------------------------------------- saying


def test_an_alarm_is_loud_unless_it_says_otherwise() -> None:
    t = turn()
    t.alarm("Key!")
    t.alarm("Careful.", 1)
    assert t.out == [ev.Alarm("Key!", 2), ev.Alarm("Careful.", 1)]


def test_commands_are_numbered_through_the_session() -> None:
    t = turn(commands=4)
    assert t.command("stop", None, ("pain",)) == 5
    assert t.command("set_speed", 500, ("wanted",), shadow=True) == 6
    assert t.out == [
        ev.Command(5, "stop", None, ("pain",), shadow=False, attempt=1),
        ev.Command(6, "set_speed", 500, ("wanted",), shadow=True, attempt=1),
    ]


# ---------------------------------------------------------------- stop


@pytest.mark.parametrize("link", [True, False])
@pytest.mark.parametrize("axis", [RAISING, LOWERING])
def test_a_stop_ends_whatever_was_under_way(axis: Axis, link: bool) -> None:
    t = turn(speed=axis, grade=axis, link=link)
    acts.stop(t, ("pain",))
    for s in (t.s.speed, t.s.grade):
        assert (s.grant, s.ramp_to, s.wanted) == (None, None, min(600, axis.wanted or 0))


@pytest.mark.parametrize("own", [True, False])
def test_a_stop_that_cannot_be_sent_is_owed_for_ten_seconds_and_said(own: bool) -> None:
    t = turn(link=False)
    acts.stop(t, ("stop",), own=own)
    assert ops(t) == []
    assert len(alarms(t)) == 1
    assert (t.s.owed_until, t.s.owed_own) == (NOW + 10_000, own)


def test_in_shadow_only_the_runners_own_stop_is_sent() -> None:
    t = turn(shadow=True)
    acts.stop(t, ("pain",))
    assert [(c.op, c.value, c.why, c.shadow) for c in commands(t)] == [
        ("stop", None, ("pain",), True)
    ]
    assert alarms(t) == [acts.SHADOW_STOP]
    assert t.s.shadow_stopped
    assert t.s.follow.kind == "none"
    t = turn(shadow=True)
    acts.stop(t, ("stop",), own=True)
    assert [(c.op, c.shadow) for c in commands(t)] == [("stop", False)]
    assert (alarms(t), t.s.shadow_stopped, t.s.owed_own) == ([], False, True)


def test_the_first_stop_overtakes_what_was_under_way() -> None:
    t = turn(
        follow=Follow(kind="lower", pending=(3, 4), target=400, stops=0),
        grade_watch=GradeWatch((5,), 0, 20, before(500), 20),
        start_n=6,
        commands=6,
    )
    acts.stop(t, ("pain",))
    assert verdicts(t) == [(3, "unknown"), (4, "unknown"), (5, "unknown"), (6, "unknown")]
    assert (t.s.grade_watch, t.s.start_n) == (None, None)
    assert (t.s.follow.kind, t.s.follow.pending, t.s.follow.stops) == ("stop", (7,), 1)
    assert (t.s.follow.start, t.s.follow.last_stop) == (600, NOW)


def test_a_stop_that_is_sent_is_owed_no_more() -> None:
    t = turn(
        owed_at=NOW,
        owed_until=Millis(NOW + 5_000),
        owed_own=True,
        said_stopped=True,
        unasked=True,
        inflight=None,
    )
    acts.stop(t, ("pain",))
    s = t.s
    assert (s.owed_at, s.owed_until, s.owed_own) == (None, None, False)
    assert (s.said_stopped, s.unasked, s.inflight) == (False, False, NOW)


def test_the_attempts_of_one_stop_are_counted() -> None:
    t = turn(commands=3, follow=Follow(kind="lower", stops=2))
    for _ in range(3):
        acts.stop(t, ("pain",))
    assert [c.attempt for c in commands(t)] == [1, 2, 3]
    assert t.s.follow.pending == (4, 5, 6)
    assert verdicts(t) == []


def test_a_repeated_stop_leaves_the_first_one_unjudged() -> None:
    t = turn(commands=3, follow=Follow(kind="stop", pending=(3,), stops=1))
    acts.stop(t, ("not stopping",))
    assert verdicts(t) == []
    assert t.s.follow.pending == (3, 4)


# ---------------------------------------------------------------- flatten


@pytest.mark.parametrize(("grade", "told"), [(1, 20), (20, None)])
def test_the_deck_comes_down_while_the_belt_stands(grade: int, told: int | None) -> None:
    axis = Axis(wanted=20, setpoint=30, ramp_to=25, told=told)
    s = turn(measured=seen(0, grade=grade), grade=axis).s
    acts.flatten(s)
    assert (s.grade.wanted, s.grade.setpoint, s.grade.ramp_to) == (0, grade, None)


@pytest.mark.parametrize(
    ("grade", "axis", "shadow"),
    [
        (0, Axis(wanted=20, setpoint=20), False),
        (-10, Axis(wanted=20, setpoint=20), False),
        (None, Axis(wanted=20, setpoint=20), False),
        (20, Axis(wanted=0, setpoint=20), False),
        (20, Axis(wanted=20, setpoint=20, told=0), False),
        (20, Axis(wanted=20, setpoint=20), True),
    ],
)
def test_a_deck_that_is_flat_unknown_or_on_its_way_is_left_alone(
    grade: int | None, axis: Axis, shadow: bool
) -> None:
    s = turn(measured=seen(0, grade=grade), grade=axis, shadow=shadow).s
    acts.flatten(s)
    assert s.grade == axis


# ---------------------------------------------------------------- what is measured


@pytest.mark.parametrize(
    ("measured", "believed", "setpoint", "now"),
    [
        (seen(600), 600, 500, 600),
        (seen(600), 420, 500, 420),  # a leap is not believed
        (seen(600), None, 500, 600),
        (seen(40), 40, 500, 100),  # slower than its minimum
        (Measured(speed=600), 700, 500, 500),  # not seen in this connection
        (Measured(speed=600), 300, 500, 500),
        (Measured(), None, None, None),
    ],
)
def test_the_speed_now_is_what_can_be_believed_of_it(
    measured: Measured, believed: int | None, setpoint: int | None, now: int | None
) -> None:
    s = turn(
        measured=measured, speed_seen=Credible(value=believed), speed=Axis(setpoint=setpoint)
    ).s
    assert acts.speed_now(s) == now


def test_what_is_measured_becomes_wanted_and_commanded() -> None:
    s = turn(measured=seen(420), speed=RAISING).s
    acts.adopt(s)
    assert (s.speed.wanted, s.speed.setpoint, s.speed.grant) == (420, 420, None)


@pytest.mark.parametrize(
    ("measured", "speed", "start"),
    [
        (seen(500), Axis(wanted=600, setpoint=700), 500),
        (seen(700), Axis(wanted=600, setpoint=500), 500),
        (seen(700), Axis(wanted=500, setpoint=600), 500),
        (seen(700), Axis(), 700),
        (Measured(speed=300), Axis(wanted=600, setpoint=700), 600),
    ],
)
def test_a_back_off_starts_from_the_lowest_of_measured_commanded_and_wanted(
    measured: Measured, speed: Axis, start: int
) -> None:
    assert acts.load_now(turn(measured=measured, speed=speed).s) == Load(start, None, False)


def test_where_no_speed_is_known_there_is_no_load() -> None:
    assert acts.load_now(turn(measured=Measured(speed=300), speed=Axis()).s) is None


@pytest.mark.parametrize(
    ("grade", "moves", "axis", "load"),
    [
        (40, True, Axis(), Load(600, 40, True)),
        (40, False, Axis(), Load(600, 40, False)),
        (1, True, Axis(), Load(600, 1, True)),
        (0, True, Axis(), Load(600, 0, False)),
        (-10, True, Axis(), Load(600, -10, False)),
        (40, True, Axis(wanted=30, setpoint=35), Load(600, 30, True)),
        (40, True, Axis(wanted=35, setpoint=30), Load(600, 30, True)),
        (30, True, Axis(wanted=40, setpoint=40), Load(600, 30, True)),
    ],
)
def test_the_grade_counts_where_it_was_measured_above_zero_and_seen_to_move(
    grade: int, moves: bool, axis: Axis, load: Load
) -> None:
    s = turn(measured=seen(600, grade=grade, grade_moves=moves), grade=axis).s
    assert acts.load_now(s) == load
    s.measured = seen(500, grade=grade, grade_moves=moves)
    assert acts.load_now(s) == replace(load, speed=500)


# ---------------------------------------------------------------- back off


def test_a_back_off_lowers_what_is_wanted() -> None:
    t = turn()
    b = acts.back_off(t, 27, "ease", Millis(NOW + 120_000))
    assert b is not None
    assert (b.why, b.speed, b.grade, b.since, b.until) == ("ease", 540, None, NOW, NOW + 120_000)
    assert (b.k, b.base_speed, b.grade_from) == (27, 600, None)
    assert t.s.speed.wanted == 540
    assert cues(t) == ["Easing to 5.4 km/h."]
    assert alarms(t) == []


def test_a_back_off_on_the_grade_is_watched_on_the_grade() -> None:
    slope = {"measured": seen(500, grade=40, grade_moves=True), "grade": Axis(40, 40)}
    t = turn(speed=Axis(500, 500), **slope)  # type: ignore[arg-type]
    b = acts.back_off(t, 27, "pain", None)
    assert b is not None
    assert (b.speed, b.grade, b.grade_from) == (500, 30, 40)
    assert (t.s.speed.wanted, t.s.grade.wanted) == (500, 30)
    assert cues(t) == ["Easing: grade to 3 %, speed 5.0 km/h."]


def test_a_grade_that_is_not_lowered_is_not_watched() -> None:
    t = turn(measured=seen(600, grade=40), grade=Axis(40, 40))
    b = acts.back_off(t, 27, "pain", None)
    assert b is not None
    assert (b.speed, b.grade, b.grade_from) == (540, 40, None)
    assert cues(t) == ["Easing to 5.4 km/h."]


def test_a_grade_is_lowered_to_zero_and_never_below() -> None:
    t = turn(measured=seen(500, grade=5, grade_moves=True), grade=Axis(5, 5), speed=Axis(500, 500))
    acts.back_off(t, 26, "pain", None)
    assert (t.s.speed.wanted, t.s.grade.wanted) == (470, 0)


@pytest.mark.parametrize("wanted", [-20, 0])
def test_a_decline_is_neither_lowered_nor_raised(wanted: int) -> None:
    t = turn(measured=seen(600, grade=-20), grade=Axis(wanted, wanted))
    acts.back_off(t, 27, "pain", None)
    assert t.s.grade.wanted == wanted


def test_a_back_off_from_a_given_load_starts_there() -> None:
    b = acts.back_off(turn(measured=seen(500)), 25, "pain", None, Load(600, None, False))
    assert b is not None
    assert (b.speed, b.base_speed) == (500, 600)


@pytest.mark.parametrize(("floor", "speed"), [(0, 540), (539, 540), (541, 541), (560, 560)])
def test_posture_lowers_no_speed_below_its_floor(floor: int, speed: int) -> None:
    b = acts.back_off(turn(), 27, "posture", None, None, floor)
    assert b is not None
    assert b.speed == speed


def test_a_floor_above_the_belt_raises_nothing() -> None:
    b = acts.back_off(turn(), 27, "posture", None, None, 700)
    assert b is not None
    assert b.speed == 600


@pytest.mark.parametrize(("speed", "stops"), [(120, False), (112, False), (111, True)])
def test_below_the_minimum_the_belt_stops(speed: int, stops: bool) -> None:
    t = turn(measured=seen(speed), speed=Axis(speed, speed))
    b = acts.back_off(t, 27, "ease", Millis(NOW + 1))
    assert b is not None
    assert b.speed == 100
    assert (t.s.rest is not None) == stops
    assert any("stopping the belt" in say for say in cues(t)) == stops
    if stops:
        assert (b.why, b.since, b.until, b.k, b.base_speed) == ("ease", NOW, NOW + 1, 27, speed)


def test_a_belt_that_is_to_stop_already_keeps_its_reason() -> None:
    t = turn(measured=seen(100), speed=Axis(100, 100), rest="stop")
    acts.back_off(t, 27, "ease", None)
    assert t.s.rest == "stop"


def test_where_no_speed_is_known_there_is_nothing_to_back_off_from() -> None:
    t = turn(measured=Measured(), speed=Axis())
    assert acts.back_off(t, 27, "ease", None) is None
    assert t.out == []


def test_without_a_link_the_runner_is_asked_to_ease_on_the_console() -> None:
    t = turn(link=False)
    acts.back_off(t, 27, "ease", None)
    assert t.out[0] == ev.Alarm("No link: ease down on the treadmill's console.", 1)
    assert t.s.speed.wanted == 540  # it goes out on return


def driven(target: int | None, **facts: object) -> acts.Turn:
    walk: dict[str, object] = {
        "measured": seen(500),
        "speed_seen": Credible(value=500, t=NOW, last=500, samples=2),
        "console": Console(driving=True, target=target),
        **facts,
    }
    return turn(**walk)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "base"), [(None, 500), (450, 450), (550, 500), (50, 100), (0, 100)]
)
def test_while_the_console_drives_a_back_off_starts_from_its_hand(
    target: int | None, base: int
) -> None:
    for load in (None, Load(800, None, False)):
        t = driven(target)
        b = acts.back_off(t, 27, "ease", None, load)
        assert b is not None
        assert b.base_speed == base
        assert t.s.speed.setpoint == base


@pytest.mark.parametrize(
    "facts",
    [
        {"console": Console(driving=False, target=450)},
        {"measured": seen(500, age=3_000)},
        {"speed_seen": Credible(value=500, t=NOW, samples=1)},
        {"speed_seen": Credible(value=500, t=NOW, samples=2, doubted=NOW)},
    ],
)
def test_a_hand_that_is_not_there_or_not_seen_for_sure_changes_nothing(
    facts: dict[str, object],
) -> None:
    t = driven(450, **facts)
    b = acts.back_off(t, 25, "pain", None, Load(600, None, False))
    assert b is not None
    assert (b.speed, b.base_speed) == (500, 600)
    assert t.s.speed.setpoint == 600


def test_a_standing_start_is_the_least_a_hand_can_leave() -> None:
    t = driven(None, measured=seen(80), speed_seen=Credible(value=80, t=NOW, samples=2))
    acts.adopt(t.s)
    assert t.s.speed.setpoint == Machine().speed_min


def test_a_known_standing_belt_is_no_load() -> None:
    assert acts.load_now(turn(measured=STANDING, speed=Axis(0, 0)).s) == Load(0, None, False)
