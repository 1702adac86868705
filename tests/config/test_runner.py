"""The tables [runner] and [therapist] of a profile: what is read, and what is refused."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.config.people import PROFILES

from treadguard.config import ConfigError, load_profile
from treadguard.config.runner import Runner, Therapist, profile_file
from treadguard.guard.policy import Profile
from treadguard.units import Speed

EXAMPLES = Path(__file__).parents[2] / "configs" / "profiles"


def example(name: str) -> tuple[Profile, Runner, Therapist]:
    return profile_file(tomllib.loads((EXAMPLES / name).read_text(encoding="utf-8")))


def test_an_empty_profile_knows_nothing_of_anyone() -> None:
    assert profile_file({}) == (Profile(), Runner(), Therapist())


def test_the_documented_profile_is_the_default_and_names_every_key() -> None:
    assert example("default.toml") == (Profile(), Runner(), Therapist())
    text = (EXAMPLES / "default.toml").read_text(encoding="utf-8")
    uncommented = re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)
    with_all = uncommented.replace("cleared = false ", "cleared = true ")
    said = tomllib.loads(with_all)
    assert set(said["runner"]) == set(Runner.__struct_fields__)
    assert set(said["therapist"]) == set(Therapist.__struct_fields__)
    profile_file(said)


def test_the_example_of_sciatica() -> None:
    _, runner, therapist = example("sciatica.toml")
    assert (runner.conditions, runner.sensitive_to) == (("sciatica",), "flexion")
    assert runner.cleared_on == date(2026, 3, 31)
    assert (therapist.longest_min, therapist.mdt) == (20.0, "extension")


def test_the_example_of_a_returning_runner() -> None:
    profile, runner, therapist = example("returning_runner.toml")
    assert profile.speed_max == Speed(900)
    assert (runner.age, runner.conditions) == (34, ("weak core", "trigger points"))
    assert therapist == Therapist()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("runner.age = 9", "runner.age must be a whole number from 10 to 110, not 9."),
        ("runner.age = true", "runner.age must be a whole number from 10 to 110, not true."),
        ("runner.agee = 9", 'runner.agee: there is no key "agee" here; did you mean "age"?'),
        ("runner.height_cm = nan", "runner.height_cm must be a number from 100 to 250, not nan."),
        ("runner.mass_kg = 301", "runner.mass_kg must be a number from 20 to 300, not 301."),
        ("runner.hurts = 3", "runner.hurts must be text of at most 300 letters, not 3."),
        (f"runner.since = '{'x' * 301}'", "runner.since must be text of at most 300 letters"),
        ("runner.conditions = ['facets']", 'runner.conditions[0] must be one of "facet", "hyper'),
        ("runner.conditions = 'facet'", 'runner.conditions must be a list, not "facet".'),
        ("runner.sensitive_to = 'up'", "runner.sensitive_to must be one of "),
        ("runner.cleared = 1", "runner.cleared must be true or false, not 1."),
        ("runner.cleared_on = 2026-03-31", "runner: cleared_on says when, so cleared must be true"),
        (
            "[runner]\ncleared = true\ncleared_on = 2026-03-31T08:00:00",
            'runner.cleared_on must be a date like 2026-03-31, not "2026-03-31 08:00:00".',
        ),
        ("runner = 3", "runner must be a table, not 3."),
        ("runnr.age = 9", 'runnr: there is no key "runnr" here; did you mean "runner"?'),
        ("therapist.pain_stop_above = 5", "must be a whole number from 0 to 4, not 5."),
        ("therapist.speed_max_kmh = 21", "therapist.speed_max_kmh must be a number from 0.5 to 20"),
        ("therapist.grade_max_pct = 16", "therapist.grade_max_pct must be a number from 0 to 15"),
        ("therapist.longest_min = 0", "therapist.longest_min must be a number from 1 to 240"),
        ("therapist.mdt = 'up'", 'therapist.mdt must be one of "extension", "flexion", not "up".'),
    ],
)
def test_a_mistake_is_one_sentence_with_what_is_allowed(
    tmp_path: Path, content: str, says: str
) -> None:
    file = tmp_path / "profile.toml"
    file.write_text(content)
    with pytest.raises(ConfigError) as refused:
        load_profile(file)
    assert str(refused.value).startswith(f"{file}: ")
    assert says in str(refused.value)


def test_the_runner_s_tables_are_no_override_of_a_scenario() -> None:
    with pytest.raises(ConfigError, match='there is no key "runner" here'):
        load_profile(None, {"runner": {"age": 40}})


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.dates()
    | st.datetimes()
    | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
KEYS = st.sampled_from(Runner.__struct_fields__ + Therapist.__struct_fields__) | st.text(max_size=9)
TABLES = st.dictionaries(KEYS, VALUES, max_size=4)
ANYTHING = st.dictionaries(
    st.sampled_from(["runner", "therapist", "speed_max_kmh"]) | st.text(max_size=9),
    TABLES | VALUES,
    max_size=4,
)


@given(ANYTHING | st.builds(lambda fine, rest: {**fine, **rest}, PROFILES, ANYTHING))
def test_whatever_a_file_says_it_is_a_runner_or_one_sentence(data: dict[str, Any]) -> None:
    try:
        _, runner, therapist = profile_file(data, "x.toml")
    except ConfigError as error:
        sentence = str(error)
        assert sentence.startswith("x.toml: ")
        assert sentence.endswith((".", "?"))
        assert sentence.isprintable()
        return
    assert runner.age is None or 10 <= runner.age <= 110
    assert therapist.pain_stop_above is None or 0 <= therapist.pain_stop_above <= 4
    assert runner.cleared or runner.cleared_on is None


@given(PROFILES)
def test_what_is_within_the_ranges_is_read_as_it_is(data: dict[str, Any]) -> None:
    _, runner, therapist = profile_file(data)
    for table, read in ((data["runner"], runner), (data["therapist"], therapist)):
        for key, value in table.items():
            assert getattr(read, key) == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize(
    ("runner", "may_start"),
    [
        (Runner(), True),
        (Runner(conditions=("sciatica", "facet")), True),
        (Runner(conditions=("vertebral",)), False),
        (Runner(conditions=("weak core", "vertebral")), False),
        (Runner(conditions=("vertebral",), cleared=True), True),
        (Runner(red_flag=True), False),
        (Runner(red_flag=True, cleared=True), False),
    ],
)
def test_an_injured_spine_starts_once_cleared_and_a_red_flag_never(
    runner: Runner, may_start: bool
) -> None:
    assert (runner.refuses_to_start is None) is may_start
    assert may_start or "setup" in str(runner.refuses_to_start)
