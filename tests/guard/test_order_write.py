"""One command in flight, one axis at a time; the next set-incline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.guard.bare import NOW, before, commands, cues, verdicts
from tests.guard.turns import running, seen, turn, writes

from treadguard.guard import belt
from treadguard.guard.belt import Machine, Measured
from treadguard.guard.credible import Credible
from treadguard.guard.incline import GradeWatch, SetLower
from treadguard.guard.limits import FREE, Demand, Limit, cap
from treadguard.guard.ramp import Axis
from treadguard.guard.state import State
from treadguard.units import Grade

DOWN = Axis(wanted=500, setpoint=600)
UP = Axis(wanted=700, setpoint=600, grant=700)
FLATTER = Axis(wanted=0, setpoint=40)
STEEPER = Axis(wanted=60, setpoint=40, grant=60)
CLIMB = seen(600, 40)
SPEED_UP, SPEED_DOWN = ("set_speed", 620), ("set_speed", 550)
GRADE_UP, GRADE_DOWN = ("set_incline", 45), ("set_incline", 35)

# ---------------------------------------------------------------- whether anything is written


@pytest.mark.parametrize(
    "facts",
    [
        {"shadow": True},
        {"link": False},
        {"measured": Measured()},
        {"phase": "READY"},
        {"phase": "STOPPING"},
        {"phase": "LOST"},
    ],
)
def test_without_a_belt_that_runs_in_sight_nothing_is_written(facts: dict[str, Any]) -> None:
    assert writes(running(**{"speed": DOWN, "grade": FLATTER, "measured": CLIMB, **facts})) == []


@pytest.mark.parametrize("belt", [Demand.STOP, Demand.END, Demand.FAULT])
def test_a_belt_that_is_to_stand_gets_no_speed_and_no_grade(belt: Demand) -> None:
    assert writes(running(speed=DOWN, grade=FLATTER, measured=CLIMB), Limit(belt=belt)) == []


@pytest.mark.parametrize("phase", ["BREAK", "STARTING"])
def test_in_a_break_and_until_it_starts_only_the_grade_comes_down(phase: str) -> None:
    s = running(phase=phase, speed=DOWN, grade=FLATTER, measured=seen(0, 40))
    assert writes(s) == [GRADE_DOWN]
    s = running(phase=phase, speed=UP, grade=STEEPER, measured=CLIMB)
    assert writes(s) == []


@pytest.mark.parametrize(("since", "written"), [(999, []), (1_000, [SPEED_DOWN])])
def test_one_command_in_flight(since: int, written: list[tuple[str, int]]) -> None:
    assert writes(running(speed=DOWN, inflight=before(since))) == written


# ---------------------------------------------------------------- one axis at a time


@pytest.mark.parametrize(
    ("speed", "grade", "written"),
    [
        (DOWN, FLATTER, [GRADE_DOWN]),
        (UP, STEEPER, [GRADE_UP]),
        (UP, FLATTER, [GRADE_DOWN]),
        (DOWN, STEEPER, [SPEED_DOWN]),
        (UP, Axis(), [SPEED_UP]),
        (Axis(), STEEPER, [GRADE_UP]),
    ],
)
def test_lowering_goes_before_raising_and_only_one_axis_is_written(
    speed: Axis, grade: Axis, written: list[tuple[str, int]]
) -> None:
    """H19."""
    assert writes(running(speed=speed, grade=grade, measured=CLIMB)) == written


@pytest.mark.parametrize(
    ("speed_wrote", "grade_wrote", "first"),
    [
        (5_000, 5_000, "set_incline"),
        (5_000, 5_001, "set_incline"),
        (5_001, 5_000, "set_speed"),
        (None, 5_000, "set_speed"),
        (5_000, None, "set_incline"),
        (None, None, "set_incline"),
    ],
)
def test_of_two_lowerings_under_way_the_one_that_waited_longer_goes_first(
    speed_wrote: int | None, grade_wrote: int | None, first: str
) -> None:
    def under_way(axis: Axis, since: int | None) -> Axis:
        return replace(
            axis,
            ramp_to=axis.wanted,
            ramp_from=axis.setpoint or 0,
            ramp_t=before(6_000),
            wrote=None if since is None else before(since),
            fell=True,
        )

    speed, grade = under_way(DOWN, speed_wrote), under_way(FLATTER, grade_wrote)
    (written,) = writes(running(speed=speed, grade=grade, measured=CLIMB))
    assert written[0] == first


def test_a_lowering_goes_first_however_long_a_raise_has_waited() -> None:
    speed = replace(UP, ramp_to=700, ramp_from=600, ramp_t=before(6_000), wrote=before(5_001))
    s = running(speed=speed, grade=replace(FLATTER, wrote=before(5_000)), measured=CLIMB)
    assert writes(s) == [GRADE_DOWN]


def test_of_two_raises_the_one_that_waited_longer_goes_first() -> None:
    speed = replace(UP, ramp_to=700, ramp_from=600, ramp_t=before(6_000), wrote=before(5_001))
    grade = replace(STEEPER, ramp_to=60, ramp_from=40, ramp_t=before(6_000), wrote=before(5_000))
    (written,) = writes(running(speed=speed, grade=grade, measured=CLIMB))
    assert written[0] == "set_speed"


@pytest.mark.parametrize(("since", "up"), [(999, False), (1_000, True)])
def test_within_a_second_of_a_raise_the_other_axis_does_not_go_up(since: int, up: bool) -> None:
    s = running(speed=UP, grade=Axis(40, 40, rose=before(since)), measured=CLIMB)
    assert writes(s) == ([SPEED_UP] if up else [])
    s = running(speed=Axis(600, 600, rose=before(since)), grade=STEEPER, measured=CLIMB)
    assert writes(s) == ([GRADE_UP] if up else [])


def test_a_raise_that_was_taken_back_at_once_still_was_one() -> None:
    """The machine got both within a second: the other axis waits for the raise, not the last."""
    taken_back = Axis(550, 550, wrote=before(1), fell=True, rose=before(999))
    assert writes(running(speed=taken_back, grade=STEEPER, measured=CLIMB)) == []
    taken_back = replace(taken_back, rose=before(1_000))
    assert writes(running(speed=taken_back, grade=STEEPER, measured=CLIMB)) == [GRADE_UP]


def test_a_lowering_waits_for_no_raise_and_a_raise_for_no_lowering() -> None:
    s = running(speed=DOWN, grade=Axis(40, 40, rose=before(1)), measured=CLIMB)
    assert writes(s) == [SPEED_DOWN]
    s = running(speed=UP, grade=Axis(40, 40, wrote=before(1), fell=True), measured=CLIMB)
    assert writes(s) == [SPEED_UP]
    s = running(speed=Axis(600, 600, wrote=before(1), fell=True), grade=STEEPER, measured=CLIMB)
    assert writes(s) == [GRADE_UP]


def test_the_least_step_up_from_the_flat_is_a_raise() -> None:
    """So it waits for a raise of the speed that went out just now."""
    fine = Machine(grade_step=1)
    grade = Axis(wanted=1, setpoint=0, grant=1)
    s = running(machine=fine, speed=Axis(600, 600, rose=before(1)), grade=grade)
    assert writes(s) == []
    assert writes(running(machine=fine, grade=grade)) == [("set_incline", 1)]


# ---------------------------------------------------------------- the next set-incline


def inclines(limit: Limit = FREE, **facts: Any) -> list[int | None]:
    found = writes(running(**{"measured": CLIMB, **facts}), limit)
    assert all(op == "set_incline" for op, _ in found)
    return [value for _, value in found]


def test_a_grade_that_is_as_it_was_told_gets_nothing() -> None:
    assert inclines(grade=Axis(40, 40)) == []
    assert inclines(grade=Axis()) == []
    assert inclines(grade=Axis(setpoint=40)) == []
    assert inclines(grade=Axis(wanted=20)) == []


def test_what_is_allowed_clips_it_on_the_decks_grid() -> None:
    assert inclines(cap("cap", incline=39), grade=Axis(40, 40)) == [35]
    assert inclines(cap("cap", incline=40), grade=Axis(40, 40)) == []


@pytest.mark.parametrize(("measured", "written"), [(-1, []), (0, [0]), (None, [])])
def test_nothing_is_written_on_a_decline_nor_to_a_deck_unseen(
    measured: int | None, written: list[int]
) -> None:
    s = running(grade=FLATTER, measured=seen(600, measured))
    assert [value for _, value in writes(s)] == written


def test_it_is_lowered_to_zero_and_never_below() -> None:
    assert inclines(grade=Axis(wanted=-20, setpoint=5), measured=seen(600, 5)) == [0]
    assert inclines(grade=Axis(wanted=-20, setpoint=0), measured=seen(600, 0)) == []
    assert inclines(grade=Axis(wanted=-20, setpoint=-10), measured=seen(600, 0)) == [0]


def test_a_deck_that_is_lower_than_told_is_not_lifted_by_a_lowering() -> None:
    assert inclines(grade=FLATTER, measured=seen(600, 23)) == [15]
    assert inclines(grade=Axis(wanted=30, setpoint=40), measured=seen(600, 23)) == [20]
    assert inclines(grade=Axis(wanted=30, setpoint=40), measured=seen(600, 2)) == [0]


@pytest.mark.parametrize(("refused", "written"), [(2, [35]), (3, []), (4, [])])
def test_after_three_refusals_no_more_are_sent(refused: int, written: list[int]) -> None:
    assert inclines(grade=FLATTER, grade_refused=refused) == written


@pytest.mark.parametrize(("measured", "written"), [(30, [45]), (29, []), (None, []), (60, [45])])
def test_a_deck_more_than_one_per_cent_behind_is_not_raised_on(
    measured: int | None, written: list[int]
) -> None:
    climbing = replace(STEEPER, ramp_to=60, ramp_from=40, ramp_t=NOW)
    s = running(grade=climbing, measured=seen(600, measured))
    assert [value for _, value in writes(s)] == written
    if measured is not None:
        assert s.grade.ramp_to == (60 if written else None), "what it waited isn't made up for"
    assert s.grade.grant == 60, "the consent stands"


DOUBTED = Credible(value=40, t=NOW, last=40, samples=1)


@pytest.mark.parametrize(
    ("grade", "written"),
    [
        (Axis(wanted=30, setpoint=40), []),
        (Axis(wanted=30, setpoint=40, told=25), []),
        (Axis(wanted=30, setpoint=40, told=30), [30]),
        (Axis(wanted=0, setpoint=40), [0]),
        (Axis(wanted=0, setpoint=40, told=30), [30]),
        (Axis(wanted=0, setpoint=40, told=60), [35]),
        (Axis(wanted=5, setpoint=40), []),
        (Axis(wanted=60, setpoint=40, grant=60), [45]),
    ],
)
def test_in_doubt_the_deck_goes_no_higher_than_it_was_told(grade: Axis, written: list[int]) -> None:
    """One false reading of 14 % had a flat deck led down from there, in steps."""
    assert inclines(grade=grade, grade_seen=DOUBTED) == written
    unseen = replace(CLIMB, grade_t=before(belt.GRADE_MS))
    assert inclines(grade=grade, measured=unseen) == written
    shown = replace(CLIMB, grade_t=before(belt.GRADE_MS - 1))
    assert inclines(grade=replace(grade, told=None), measured=shown) == [45 if grade.grant else 35]


@pytest.mark.parametrize(("told", "written"), [(None, []), (0, []), (1, [1])])
def test_in_doubt_a_deck_that_was_told_nothing_goes_flat_at_most(
    told: int | None, written: list[int]
) -> None:
    fine = Machine(grade_step=1)
    grade = Axis(wanted=1, setpoint=2, told=told)
    facts: dict[str, Any] = {"machine": fine, "grade_seen": DOUBTED, "measured": seen(600, 2)}
    assert inclines(grade=grade, **facts) == written
    assert inclines(grade=replace(grade, wanted=0), **facts) == [0]


def falling(since: int = 0, *, told: int | None = 40, watch: GradeWatch | None = None) -> State:
    m = replace(seen(600, 30), grade_fell=before(since))
    return running(grade=Axis(wanted=0, setpoint=40, told=told), measured=m, grade_watch=watch)


def test_a_deck_that_the_console_lowers_is_left_alone_while_it_falls() -> None:
    """It may be on its way further down than what we would write."""
    assert writes(falling()) == []
    assert writes(falling(told=None)) == []
    assert writes(falling(3_999)) == []
    assert writes(falling(4_000)) == [("set_incline", 25)]


@pytest.mark.parametrize(("named", "written"), [(34, []), (35, [35]), (36, [35])])
def test_a_deck_that_the_console_has_set_lower_isnt_lifted_by_a_lowering(
    named: int, written: list[int]
) -> None:
    """It was named, and doesn't show yet."""
    s = running(grade=FLATTER, measured=CLIMB, deck_set=SetLower(before(4_999), Grade(named)))
    assert [c.value for c in commands(turn(s))] == written
    s = running(grade=FLATTER, measured=CLIMB, deck_set=SetLower(before(5_000), Grade(named)))
    assert [c.value for c in commands(turn(s))] == [35], "it has had time enough"
    assert s.deck_set is None, "what was set before is overtaken"


def test_time_that_the_deck_had_isnt_made_up_for() -> None:
    s = running(grade=FLATTER, measured=CLIMB, deck_set=SetLower(NOW, Grade(0)))
    s.grade = replace(s.grade, ramp_to=0, ramp_from=40, ramp_t=before(4_000))
    s.grade = replace(s.grade, wrote=before(3_000), fell=True)
    assert writes(s) == []
    s.deck_set = None
    assert writes(s) == [("set_incline", 35)]


def test_a_deck_within_a_step_of_what_it_was_told_is_ours() -> None:
    assert writes(falling(told=35)) == [("set_incline", 25)]
    assert writes(falling(told=36)) == []


def test_a_deck_that_falls_by_our_own_command_is_led_on() -> None:
    watch = GradeWatch((3,), 35, 40, before(1_000), 40)
    assert writes(falling(watch=watch)) == [("set_incline", 25)]


# ---------------------------------------------------------------- what it leaves behind


def test_a_set_incline_is_remembered_and_watched() -> None:
    s = running(grade=FLATTER, measured=seen(600, 42), commands=7, grade_stuck=40)
    t = turn(s)
    assert [(c.n, c.value, c.why) for c in commands(t)] == [(8, 35, ("wanted",))]
    assert (s.grade.setpoint, s.grade.told, s.grade.wrote, s.grade.fell) == (35, 35, NOW, True)
    assert s.grade_watch == GradeWatch((8,), 35, 42, NOW, 42)
    assert (s.inflight, s.grade_stuck) == (NOW, None)


def test_a_steeper_deck_names_the_consent_and_ends_no_raise_of_the_speed() -> None:
    waits = Axis(wanted=700, setpoint=620, grant=700, wrote=before(5_000), ramp_to=None)
    s = running(grade=STEEPER, speed=waits, measured=seen(620, 40))
    t = turn(s)
    assert [(c.op, c.why) for c in commands(t)] == [("set_incline", ("consent",))]
    assert s.speed.grant == 700
    assert cues(t) == []


def test_a_faster_belt_ends_no_raise_of_the_grade() -> None:
    s = running(speed=UP, grade=STEEPER, measured=seen(600, 20))
    t = turn(s)
    assert [c.op for c in commands(t)] == ["set_speed"]
    assert s.grade.grant == 60
    assert cues(t) == []


def test_a_lowering_of_the_grade_ends_a_raise_of_the_speed_and_says_so() -> None:
    s = running(grade=FLATTER, speed=UP, measured=CLIMB)
    t = turn(s)
    assert (s.speed.grant, s.speed.wanted) == (None, 600)
    assert cues(t) == ["Lowering comes first: the speed stays."]


@pytest.mark.parametrize(("target", "start", "turned"), [(60, 40, True), (40, 50, False)])
def test_a_deck_that_turns_round_leaves_the_old_command_unknown(
    target: int, start: int, turned: bool
) -> None:
    watch = GradeWatch((3,), target, start, before(1_000), 50)
    s = running(grade=FLATTER, measured=CLIMB, grade_watch=watch)
    t = turn(s)
    assert verdicts(t) == ([(3, "unknown")] if turned else [])
    assert s.grade_watch is not None
    assert s.grade_watch.pending == ((1,) if turned else (3, 1))
    assert s.grade_watch.start == (40 if turned else start)
