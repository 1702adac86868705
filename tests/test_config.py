import math
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treadguard.config import (
    ConfigError,
    load_policy,
    load_profile,
    policy_as_toml_dict,
    policy_from_dict,
    profile_as_toml_dict,
    profile_from_dict,
    user_policy,
    user_profile,
)
from treadguard.guard import policy as core
from treadguard.guard.policy import Policy, Profile
from treadguard.units import Decideg, Grade, Millis, Speed

CONFIGS = Path(__file__).parents[1] / "configs"
DEFAULTS = policy_as_toml_dict(Policy())
KEYS = [(table, key) for table, keys in DEFAULTS.items() for key in keys]


def refusal(path: Path | None, overrides: dict[str, Any] | None = None) -> str:
    with pytest.raises(ConfigError) as refused:
        load_policy(path, overrides, where="demo.toml", under="policy")
    sentence = str(refused.value)
    assert sentence.endswith((".", "?"))
    assert "\n" not in sentence
    return sentence


def test_the_policy_file_is_the_code_s_own_defaults_and_holds_every_key() -> None:
    file = CONFIGS / "policy.toml"
    assert tomllib.loads(file.read_text(encoding="utf-8")) == DEFAULTS
    assert load_policy(file) == load_policy(None) == Policy()


def test_the_profile_file_is_the_code_s_own_default() -> None:
    assert load_profile(CONFIGS / "profiles" / "default.toml") == load_profile(None) == Profile()


def test_the_policy_file_says_the_range_of_every_key() -> None:
    said = {}
    table = ""
    for line in (CONFIGS / "policy.toml").read_text(encoding="utf-8").splitlines():
        if header := re.match(r"\[(\w+)\]", line):
            table = header[1]
        elif found := re.match(r"(\w+) = .*; ([\d.]+)-([\d.]+)\)", line):
            said[table, found[1]] = f"from {found[2]} to {found[3]}, not 99999"
    assert list(said) == [(table, key) for table, key in KEYS if DEFAULTS[table][key] is not False]
    for (table, key), allowed in said.items():
        assert allowed in refusal(None, {table: {key: 99_999}})


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[pain]\nstop_above = 3\n[ramp]\nraise_kmh_s = 0.2\n")
    default = Policy()
    assert load_policy(file) == replace(
        default,
        pain=replace(default.pain, stop_above=3),
        ramp=replace(default.ramp, raise_per_s=20),
    )


def test_overrides_lie_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[break]\nmin_s = 200\nmax_s = 300\n")
    policy = load_policy(file, tomllib.loads("break.min_s = 60"))
    assert (policy.breaks.min_ms, policy.breaks.max_ms) == (60_000, 300_000)


def test_a_bad_file_is_named_even_where_an_override_would_mend_it(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[break]\nmin_s = 6\n")
    assert refusal(file, {"break": {"min_s": 60}}).startswith(f"{file}: break.min_s must be")


def test_an_empty_file_is_the_default(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("")
    assert load_policy(file) == Policy()


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ({"pane": {}}, 'policy.pane: there is no key "pane" here; did you mean "pain"?'),
        (
            {"pain": {"stop_abov": 3}},
            'policy.pain.stop_abov: there is no key "stop_abov" here; did you mean "stop_above"?',
        ),
        ({"break.min_s": 60}, 'there is no key "break.min_s" here'),
        ({"": 1}, 'there is no key "" here; there is pain, prompts, break'),
        ({"pain": {"x": 1}}, "there is stop_above, end_at, rerate_s, repeat_window_s, hold_s."),
        ({"pain": 5}, "policy.pain must be a table, not 5."),
        ({"pain": [{"end_at": 6}]}, "policy.pain must be a table, not ["),
        (
            {"pain": {"stop_above": 40}},
            "pain.stop_above must be a whole number from 0 to 4, not 40.",
        ),
        ({"pain": {"stop_above": 5}}, "pain.stop_above must be a whole number from 0 to 4, not 5."),
        ({"pain": {"stop_above": True}}, "from 0 to 4, not true."),
        ({"pain": {"stop_above": 3.5}}, "from 0 to 4, not 3.5."),
        ({"pain": {"stop_above": "3"}}, 'from 0 to 4, not "3".'),
        ({"pain": {"stop_above": 10**30}}, "from 0 to 4, not 1000000000000000000000000000000."),
        ({"pain": {"end_at": 8}}, "pain.end_at must be a whole number from 1 to 7, not 8."),
        ({"caps": {"speed_kmh": 60}}, "caps.speed_kmh must be a number from 0.5 to 20, not 60."),
        ({"caps": {"speed_kmh": 16**9_000}}, "not a number of thousands of digits."),
        ({"caps": {"speed_kmh": True}}, "from 0.5 to 20, not true."),
        ({"caps": {"speed_kmh": math.nan}}, "from 0.5 to 20, not nan."),
        ({"caps": {"speed_kmh": math.inf}}, "from 0.5 to 20, not inf."),
        ({"caps": {"speed_kmh": -math.inf}}, "from 0.5 to 20, not -inf."),
        ({"caps": {"speed_kmh": {}}}, "from 0.5 to 20, not a table."),
        ({"caps": {"grade_pct": 15.1}}, "caps.grade_pct must be a number from 0 to 15, not 15.1."),
        ({"break": {"min_s": 29.9}}, "break.min_s must be a number from 30 to 600, not 29.9."),
        ({"break": {"min_s": tomllib.loads("a=2026-11-22")["a"]}}, 'not "2026-11-22".'),
        ({"ramp": {"raise_kmh_s": 0.51}}, "ramp.raise_kmh_s must be a number from 0.05 to 0.5"),
        ({"ramp": {"lower_kmh_s": 1.01}}, "ramp.lower_kmh_s must be a number from 0.2 to 1"),
        ({"ramp": {"grade_pct_s": 1.1}}, "ramp.grade_pct_s must be a number from 0.1 to 1"),
        ({"telemetry": {"lost_s": 5.1}}, "telemetry.lost_s must be a number from 1.5 to 5"),
    ],
)
def test_a_mistake_is_one_sentence_with_file_key_and_what_is_allowed(
    overrides: dict[str, Any], says: str
) -> None:
    sentence = refusal(None, overrides)
    assert sentence.startswith("demo.toml: policy.")
    assert says in sentence


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ("pain.stop_above = 4\npain.end_at = 4", "pain.end_at must be above pain.stop_above"),
        ("pain.rerate_s = 60\npain.repeat_window_s = 60", "pain.repeat_window_s must be longer"),
        ("prompts.early_every_s = 120\nprompts.every_s = 119", "prompts.every_s must not be"),
        ("prompts.early_every_s = 60\nprompts.open_s = 61", "prompts.open_s must not be longer"),
        ("break.min_s = 200\nbreak.max_s = 199", "break.max_s must not be shorter"),
        ("pain.stop_above = 1", "break.resume_max must not be above pain.stop_above"),
        ("pain.stop_above = 0\nbreak.resume_max = 0", "break.resume_drop must be at most"),
        ("break.stage1_pct = 81", "break.stage2_pct must not be below break.stage1_pct"),
        ("break.stage2_pct = 80\nbreak.ceiling_pct = 79", "break.ceiling_pct must not be below"),
        ("posture.trunk_cue_deg = 20", "posture.trunk_backoff_deg must be above"),
        ("posture.neck_cue_s = 30", "posture.neck_backoff_s must be longer"),
        ("posture.neck_backoff_s = 61", "posture.neck_window_s must not be shorter"),
        ("telemetry.no_raise_s = 3\ntelemetry.lost_s = 2.9", "telemetry.lost_s must not be"),
    ],
)
def test_two_keys_that_contradict_each_other_are_refused(overrides: str, says: str) -> None:
    sentence = refusal(None, tomllib.loads(overrides))
    assert sentence.startswith("demo.toml: in [policy], " + says)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[pain\n", "this isn't valid TOML: "),
        (b"a = 1\na = 2\n", "this isn't valid TOML: "),
        (b"a = " + b"[" * 10_000, "this isn't valid TOML: "),
        (b'a = "\xff\xfe"', "this isn't UTF-8 text (byte 5)."),
        (b"\x00", "this isn't valid TOML: "),
        (b"a = 1" + b"0" * 5_000, "this isn't valid TOML: "),
    ],
)
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(content)
    assert refusal(file).startswith(f"{file}: {says}")


def test_a_missing_file_and_a_directory_are_named(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.toml"
    assert refusal(missing) == f"{missing}: can't be read: No such file or directory."
    assert refusal(tmp_path) == f"{tmp_path}: can't be read: Is a directory."


def test_a_whole_policy_needs_every_key() -> None:
    """What a journal header carries must be whole: a default of another version isn't it."""
    for table, key in KEYS:
        lacking = {
            t: {k: v for k, v in ks.items() if (t, k) != (table, key)} for t, ks in DEFAULTS.items()
        }
        with pytest.raises(ConfigError, match=f'{table}: the key "{key}" is missing'):
            policy_from_dict(lacking)


@st.composite
def raw_policies(draw: st.DrawFn) -> dict[str, dict[str, float]]:
    """The defaults with a few keys moved: near where they are, and as far as twice as much."""
    chosen = draw(st.lists(st.sampled_from(KEYS), max_size=3, unique=True))
    out: dict[str, dict[str, float]] = {}
    for table, key in chosen:
        default = DEFAULTS[table][key]
        value: float
        if isinstance(default, bool):
            value = draw(st.booleans())
        elif isinstance(default, int):
            value = draw(st.integers(-1, 2 * default + 2))
        else:
            value = draw(
                st.sampled_from([default * 2.0, default / 2, math.nan, math.inf, -1.0, 1e308])
                | st.floats(0, 2.5 * default + 1)
            )
        out.setdefault(table, {})[key] = value
    return out


@settings(max_examples=500)
@given(raw_policies())
def test_an_accepted_policy_lies_within_the_hard_limits_and_survives_the_round_trip(
    overrides: dict[str, dict[str, float]],
) -> None:
    try:
        policy = load_policy(None, overrides)
    except ConfigError:
        return
    assert 0 < policy.caps.speed <= core.HARD_SPEED
    assert 0 <= policy.caps.grade <= core.HARD_GRADE
    assert 0 < policy.ramp.raise_per_s <= core.HARD_RAISE_PER_S
    assert 0 < policy.ramp.lower_per_s <= core.HARD_LOWER_PER_S
    assert 0 < policy.ramp.grade_per_s <= core.HARD_GRADE_PER_S
    assert 0 <= policy.pain.stop_above <= 4
    assert policy.pain.stop_above < policy.pain.end_at <= 7
    assert 30_000 <= policy.breaks.min_ms <= policy.breaks.max_ms
    assert policy.breaks.stage1_pct <= policy.breaks.stage2_pct <= policy.breaks.ceiling_pct <= 90
    assert policy.breaks.max_triggers <= 3
    assert policy.posture.trunk_cue < policy.posture.trunk_backoff < policy.posture.trunk_stop
    assert policy.telemetry.no_raise_ms <= 3_000
    assert policy.telemetry.no_raise_ms <= policy.telemetry.lost_ms <= 5_000
    whole = policy_as_toml_dict(policy)
    assert policy_from_dict(whole) == policy
    assert policy_as_toml_dict(policy_from_dict(whole)) == whole
    for table in whole:
        numbers = getattr(policy, {"break": "breaks", "warmup": "warm_up"}.get(table, table))
        kinds = {type(getattr(numbers, name)) for name in type(numbers).__slots__}
        assert kinds <= {int, bool}


@given(
    st.builds(
        Profile,
        st.none() | st.integers(50, 2000).map(Speed),
        st.none() | st.integers(0, 150).map(Grade),
        st.integers(0, 120).map(Decideg),
        st.integers(0, 120).map(Decideg),
        st.integers(-100, 100),
        st.integers(-200, 600).map(Decideg),
        st.booleans(),
        st.none() | st.integers(1, 180).map(lambda minutes: Millis(minutes * 60_000)),
    )
)
def test_a_profile_survives_the_round_trip(profile: Profile) -> None:
    assert profile_from_dict(profile_as_toml_dict(profile)) == profile


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("speed_max_kmh = 20.1", "speed_max_kmh must be a number from 0.5 to 20, not 20.1."),
        ("speed_max_kmh = nan", "speed_max_kmh must be a number from 0.5 to 20, not nan."),
        ("grade_max_pct = true", "grade_max_pct must be a number from 0 to 15, not true."),
        ("trunk_baseline_deg = 13", "trunk_baseline_deg must be a number from 0 to 12, not 13."),
        ("trunk_baseline = 3", 'did you mean "trunk_baseline_deg"?'),
        ("[caps]\nspeed_kmh = 3", 'caps: there is no key "caps" here'),
    ],
)
def test_a_mistake_in_a_profile_is_named(tmp_path: Path, content: str, says: str) -> None:
    file = tmp_path / "profile.toml"
    file.write_text(content)
    with pytest.raises(ConfigError) as refused:
        load_profile(file)
    assert str(refused.value).startswith(f"{file}: ")
    assert says in str(refused.value)


def test_the_runner_s_own_files_are_found_where_they_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(_: str) -> str:
        return str(tmp_path)

    monkeypatch.setattr(platformdirs, "user_config_dir", here)
    assert user_policy() is None
    assert user_profile() is None
    (tmp_path / "policy.toml").write_text("pain.stop_above = 3")
    (tmp_path / "profile.toml").write_text("speed_max_kmh = 6")
    assert load_policy(user_policy()).pain.stop_above == 3
    assert load_profile(user_profile()).speed_max == 600
