"""Which exercises a runner does: conditions, the pinned direction, and a therapist's word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.routines.exercises import made, ruled_out

from treadguard.routines import choosing
from treadguard.routines.choosing import CONDITIONS, DIRECTIONS, Refused, Routine
from treadguard.routines.library import library, own_plan
from treadguard.routines.plan_file import ROUTINES, DoseChange, Order, Plan, RoutineName

SETS = st.frozensets(st.sampled_from(CONDITIONS))


def chosen(
    name: RoutineName,
    *conditions: str,
    mdt: str | None = None,
    plan: Plan | None = None,
    cleared: bool = False,
) -> Routine:
    return choosing.choose(
        name,
        plan or Plan(),
        own_plan(),
        library(),
        conditions=frozenset(conditions),
        mdt=mdt,
        cleared=cleared,
    )


def keys(routine: Routine) -> list[str]:
    return [station.key for station in routine.stations]


def test_without_a_condition_the_order_is_the_plans() -> None:
    order = own_plan().orders["before"]
    assert keys(chosen("before")) == list(order.order)
    assert chosen("before").left_out == ()


@pytest.mark.parametrize(
    ("mdt", "stays", "goes"),
    [("extension", "cobra", "knees-to-chest"), ("flexion", "knees-to-chest", "cobra")],
)
def test_a_pinned_direction_leaves_the_other_one_out(mdt: str, stays: str, goes: str) -> None:
    routine = chosen("after", mdt=mdt)
    assert stays in keys(routine)
    assert goes not in keys(routine)
    assert [one.name for one in routine.left_out] == [library()[goes].name]
    assert f"pinned {mdt}" in routine.left_out[0].why


def test_sciatica_does_neither_direction_until_one_is_pinned() -> None:
    assert not {"cobra", "knees-to-chest"} & set(keys(chosen("before", "sciatica")))
    assert "cobra" in keys(chosen("before", "sciatica", mdt="extension"))
    assert "knees-to-chest" in keys(chosen("before", "sciatica", mdt="flexion"))


@pytest.mark.parametrize("condition", ["facet", "hyperlordosis"])
def test_a_back_that_must_not_bend_back_does_no_cobra_even_if_pinned(condition: str) -> None:
    assert "cobra" not in keys(chosen("before", condition))
    assert "cobra" not in keys(chosen("before", condition, mdt="extension"))


def test_a_condition_replaces_an_exercise_and_says_so() -> None:
    routine = chosen("strength", "weak core")
    assert keys(routine)[2] == "knee-plank"
    assert routine.left_out[0].name == "Plank"
    assert routine.left_out[0].why.endswith("instead: Plank on the knees")


def test_hyperlordosis_starts_with_the_wall_test() -> None:
    assert keys(chosen("before", "hyperlordosis"))[0] == "wall-test"
    assert "wall-test" not in keys(chosen("before", "facet"))


@pytest.mark.parametrize("name", ROUTINES)
def test_a_spinal_injury_has_no_routine_before_it_was_cleared(name: RoutineName) -> None:
    with pytest.raises(Refused, match="professional has cleared"):
        chosen(name, "vertebral")
    assert chosen(name, "vertebral", cleared=True).stations


def test_a_cleared_spinal_injury_still_bends_and_loads_nothing() -> None:
    done = {key for name in ROUTINES for key in keys(chosen(name, "vertebral", cleared=True))}
    assert done == {
        "posture-check",
        "walk-on-the-spot",
        "calf-stretch",
        "core-brace",
        "glute-squeeze",
        "clamshell",
        "sip-water",
    }


@given(st.sampled_from(ROUTINES), SETS, st.sampled_from([None, *DIRECTIONS]))
def test_nothing_ruled_out_is_done_and_nothing_vanishes_without_a_reason(
    name: RoutineName, conditions: frozenset[str], mdt: str | None
) -> None:
    routine = chosen(name, *conditions, mdt=mdt, cleared=True)
    for station in routine.stations:
        rules = [station.exercise.for_condition(condition) for condition in conditions]
        assert all(rule is None or rule.unless_pinned for rule in rules)
        assert station.exercise.direction in {None, mdt} or mdt is None
    assert len(set(keys(routine))) == len(keys(routine))
    order = own_plan().orders[name]
    out = {one.name for one in routine.left_out}
    for key in order.order:
        assert key in keys(routine) or library()[key].name in out
    assert all(one.why for one in routine.left_out)


@given(st.sampled_from(ROUTINES), SETS, st.sampled_from(CONDITIONS))
def test_a_condition_more_never_brings_back_what_was_left_out(
    name: RoutineName, conditions: frozenset[str], more: str
) -> None:
    before = {one.name for one in chosen(name, *conditions, cleared=True).left_out}
    after = {one.name for one in chosen(name, *conditions, more, cleared=True).left_out}
    assert before <= after


def test_a_therapists_order_replaces_the_routine_and_conditions_still_count() -> None:
    plan = Plan({"after": Order(("squat", "cobra", "plank"))})
    assert keys(chosen("after", plan=plan)) == ["squat", "cobra", "plank"]
    assert keys(chosen("after", "facet", plan=plan)) == ["squat", "knee-plank"]
    assert keys(chosen("before", plan=plan)) == keys(chosen("before"))


def test_a_therapist_can_allow_what_a_condition_rules_out() -> None:
    plan = Plan(allow=("cobra",))
    assert "cobra" in keys(chosen("before", "facet", plan=plan))
    assert "cobra" in keys(chosen("before", mdt="flexion", plan=plan))
    both = Plan(allow=("cobra",), leave_out=("cobra",))
    assert "cobra" not in keys(chosen("before", plan=both))


def test_a_therapists_leave_out_and_dose_hold_everywhere() -> None:
    plan = Plan(leave_out=("squat",), dose={"bridge": DoseChange(sets=1, hold_s=9)})
    routine = chosen("strength", plan=plan)
    assert "squat" not in keys(routine)
    bridge = next(s.exercise for s in routine.stations if s.key == "bridge")
    assert (bridge.dose.sets, bridge.dose.hold_s, bridge.dose.repetitions) == (1, 9, 10)


def test_a_routine_of_which_nothing_is_left_says_so() -> None:
    plan = Plan({"break": Order(("cobra",))})
    with pytest.raises(Refused, match="nothing is left of the routine 'break'"):
        chosen("break", "facet", plan=plan)


def test_exercises_that_replace_one_another_in_a_ring_end_in_none() -> None:
    ring = {
        "a": made("A", leave_out=(ruled_out("facet", instead="b"),)),
        "b": made("B", leave_out=(ruled_out("facet", instead="a"),)),
        "c": made("C"),
    }
    routine = choosing.choose(
        "before", Plan(), Plan({"before": Order(("a", "c"))}), ring, conditions=frozenset({"facet"})
    )
    assert keys(routine) == ["c"]
    assert [one.name for one in routine.left_out] == ["A", "B"]


def test_without_a_pin_nothing_counts_as_pinned() -> None:
    straight = {"a": made("A", leave_out=(ruled_out("facet", unless_pinned=True),))}
    with pytest.raises(Refused):
        choosing.choose(
            "before",
            Plan(),
            Plan({"before": Order(("a",))}),
            straight,
            conditions=frozenset({"facet"}),
        )


def test_what_replaces_two_is_done_once() -> None:
    twice = replace(library()["plank"], name="Other plank")
    plan = Plan({"strength": Order(("plank", "mine"))}, exercise={"mine": twice})
    assert keys(chosen("strength", "weak core", plan=plan)) == ["knee-plank"]
