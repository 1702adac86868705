"""What a runner's back tightens: always tighter, never looser, and by the numbers said here."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.config.people import PROFILES, policies

from treadguard.config.conditions import RULES, TIGHTER, tightened
from treadguard.config.runner import Condition, Runner, Therapist, profile_file
from treadguard.config.settings import (
    policy_as_toml_dict,
    policy_from_dict,
    profile_as_toml_dict,
    profile_from_dict,
)
from treadguard.config.toml import Table, merged
from treadguard.guard.policy import Policy, Profile
from treadguard.guard.rules.breaks import low_enough

# Said a second time, by what each number does: more of these holds the belt for longer.
MORE_IS_TIGHTER = {"pain.hold_s", "warmup.min"}
LESS_IS_TIGHTER = {
    "pain.stop_above",  # less pain stops the belt
    "break.resume_max",  # less pain is left when it goes on
    "break.max_triggers",  # fewer stops end the session
    "posture.trunk_cue_s",  # told sooner
    "posture.trunk_backoff_s",  # eased sooner
    "posture.lean_extra_max_deg",  # less lean is allowed
    "posture.asym_cue_pct",  # told of less
    "posture.asym_backoff_pct",  # eased at less
    "ramp.raise_kmh_s",  # speed comes slower
    "profile.speed_max_kmh",
    "profile.grade_max_pct",
    "profile.longest_min",
    "profile.grade_first",  # no other load; the incline that eases this back stays
}


def tables(policy: Policy, profile: Profile) -> Table:
    return {**policy_as_toml_dict(policy), "profile": profile_as_toml_dict(profile)}


def of(*conditions: Condition, **more: Any) -> dict[str, float]:
    """What these conditions make of the default numbers, by key."""
    numbers = tables(Policy(), Profile())
    _, by = tightened(numbers, Runner(conditions=conditions, **more), Therapist())
    return {one.key: one.value for one in by}


def test_each_key_that_is_tightened_has_its_direction() -> None:
    assert set(TIGHTER) == MORE_IS_TIGHTER | LESS_IS_TIGHTER
    assert {key for key, which in TIGHTER.items() if which is max} == MORE_IS_TIGHTER
    assert {key for rule in RULES for key in rule.to} <= set(TIGHTER)


def test_every_condition_has_its_rule_with_row_and_reason() -> None:
    assert set(get_args(Condition)) <= {rule.name for rule in RULES}
    for rule in RULES:
        assert rule.row in {"A9", "A10", "A11", "A12", "A16", "A17", "A18"}
        assert rule.why.endswith(".")


@given(policies(), PROFILES)
def test_no_number_of_any_policy_gets_looser(policy: Policy, data: Table) -> None:
    profile, runner, therapist = profile_file(data)
    before = tables(policy, profile)
    after, by = tightened(before, runner, therapist)
    changed = {one.key for one in by}
    for table, keys in after.items():
        for key, value in keys.items():
            was, path = before[table].get(key), f"{table}.{key}"
            if path not in changed:
                assert value == was, path
            elif path in MORE_IS_TIGHTER:
                assert value > was
            elif path != "break.resume_drop":
                assert path in LESS_IS_TIGHTER
                assert was is None or value < was
    # A smaller drop is looser by itself; what it comes to isn't.
    new = policy_from_dict({name: keys for name, keys in after.items() if name != "profile"})
    profile_from_dict(after["profile"])
    for level in range(1, 11):
        assert low_enough(level, new.breaks) <= low_enough(level, policy.breaks)


@given(policies(), PROFILES)
def test_what_is_tight_already_stays_as_it_is(policy: Policy, data: Table) -> None:
    profile, runner, therapist = profile_file(data)
    once, _ = tightened(tables(policy, profile), runner, therapist)
    assert tightened(once, runner, therapist) == (once, ())


@given(PROFILES, st.sampled_from(get_args(Condition)))
def test_one_condition_more_loosens_nothing(data: Table, condition: Condition) -> None:
    profile, runner, therapist = profile_file(data)
    numbers = tables(Policy(), profile)
    few, _ = tightened(numbers, runner, therapist)
    said = {**data["runner"], "conditions": [*runner.conditions, condition]}
    _, worse, _ = profile_file({**data, "runner": said})
    many, _ = tightened(numbers, worse, therapist)
    for path, which in TIGHTER.items():
        table, key = path.split(".")
        one, other = few[table].get(key), many[table].get(key)
        assert one is None or which(one, other) == other


@pytest.mark.parametrize(
    ("conditions", "grade"),
    [
        (("sciatica",), 3),
        (("vertebral",), 0),
        (("facet",), 5),
        (("hyperlordosis",), 5),
        (("weak core",), 5),
        (("facet", "sciatica"), 3),
        (("vertebral", "sciatica", "facet"), 0),
        (("trigger points",), None),
        (("sacroiliac",), None),
    ],
)
def test_the_cap_of_the_grade(conditions: tuple[Condition, ...], grade: float | None) -> None:
    assert of(*conditions).get("profile.grade_max_pct") == grade


def test_the_bending_that_hurts_caps_the_grade_and_forward_more() -> None:
    assert of(sensitive_to="flexion")["profile.grade_max_pct"] == 2
    assert of(sensitive_to="extension")["profile.grade_max_pct"] == 5
    assert of(sensitive_to="unknown") == {}


def test_only_where_bending_back_hurts_an_easing_leaves_the_incline() -> None:
    """H46."""
    assert of(sensitive_to="extension")["profile.grade_first"] is False
    assert "profile.grade_first" not in of(sensitive_to="flexion")


def test_a_cap_of_the_runner_s_own_that_is_lower_holds() -> None:
    numbers = profile_as_toml_dict(Profile()) | {"grade_max_pct": 1.0}
    whole = {**policy_as_toml_dict(Policy()), "profile": numbers}
    after, by = tightened(whole, Runner(conditions=("facet",)), Therapist())
    assert after["profile"]["grade_max_pct"] == 1.0
    assert {one.key for one in by} == {"break.resume_max", "warmup.min"}


def test_from_thirty_the_belt_gains_speed_slower() -> None:
    assert of(age=29) == {}
    assert of(age=30) == {"ramp.raise_kmh_s": 0.2, "warmup.min": 5}


def test_a_nerve_or_a_spine_gets_fewer_tries() -> None:
    assert of("sciatica")["break.max_triggers"] == 2
    assert of("vertebral")["break.max_triggers"] == 1
    assert of("vertebral")["break.resume_max"] == 1


@pytest.mark.parametrize(
    ("stop_above", "resume_max", "resume_drop"), [(4, 2, 2), (3, 2, 2), (1, 1, 2), (0, 0, 1)]
)
def test_below_a_therapist_s_stop_there_is_a_rating_to_go_on_with(
    stop_above: int, resume_max: int, resume_drop: int
) -> None:
    numbers = tables(Policy(), Profile())
    after, _ = tightened(numbers, Runner(), Therapist(pain_stop_above=stop_above))
    policy = policy_from_dict({name: keys for name, keys in after.items() if name != "profile"})
    assert policy.pain.stop_above == stop_above
    assert (policy.breaks.resume_max, policy.breaks.resume_drop) == (resume_max, resume_drop)


def test_where_the_drop_must_be_cut_only_a_zero_goes_on() -> None:
    """4 below the trigger, as before, can't be asked for when 3 stops the belt."""
    numbers = merged(tables(Policy(), Profile()), {"break": {"resume_drop": 4, "resume_max": 3}})
    after, _ = tightened(numbers, Runner(), Therapist(pain_stop_above=2))
    assert (after["break"]["resume_drop"], after["break"]["resume_max"]) == (3, 0)


def test_a_therapist_can_t_loosen_a_condition() -> None:
    numbers = tables(Policy(), Profile())
    therapist = Therapist(grade_max_pct=8, speed_max_kmh=6)
    after, by = tightened(numbers, Runner(conditions=("sciatica",)), therapist)
    assert after["profile"] | {"grade_max_pct": 3, "speed_max_kmh": 6} == after["profile"]
    assert {one.key: one.by for one in by}["profile.grade_max_pct"] == "sciatica (A10)"


@pytest.mark.parametrize(
    ("runner", "minutes"),
    [
        (Runner(), 3),
        (Runner(age=29), 3),
        (Runner(age=30), 5),
        (Runner(age=29, conditions=("sacroiliac",)), 8),
        (Runner(age=70, conditions=("weak core", "facet")), 8),
    ],
)
def test_the_least_warm_up(runner: Runner, minutes: int) -> None:
    numbers = tables(Policy(), Profile())
    assert tightened(numbers, runner, Therapist())[0]["warmup"]["min"] == minutes
