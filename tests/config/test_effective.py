"""The numbers in force, and where each is from."""

from __future__ import annotations

from pathlib import Path

import pytest

from treadguard.config import ConfigError, effective
from treadguard.guard.policy import Policy, Profile
from treadguard.units import Grade, Speed


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_without_files_it_is_all_default() -> None:
    found = effective(None, None)
    assert (found.policy, found.profile) == (Policy(), Profile())
    assert set(found.origins.values()) == {"default"}
    assert found.tightened == ()


def test_each_number_says_where_it_is_from(tmp_path: Path) -> None:
    policy = write(
        tmp_path / "policy.toml", "[pain]\nstop_above = 3\n[break]\nmax_triggers = 2\nmin_s = 120\n"
    )
    profile = write(
        tmp_path / "profile.toml",
        "speed_max_kmh = 6\ngrade_max_pct = 4\n[runner]\nage = 40\nconditions = ['sciatica']\n"
        "[therapist]\nspeed_max_kmh = 5\nlongest_min = 20\n",
    )
    found = effective(policy, profile)
    assert found.policy.breaks.max_triggers == 2
    assert found.policy.breaks.resume_max == 1
    assert (found.profile.speed_max, found.profile.grade_max) == (Speed(500), Grade(30))
    said = {key: origin for key, origin in found.origins.items() if origin != "default"}
    assert said == {
        "pain.stop_above": str(policy),
        "break.min_s": str(policy),
        "break.max_triggers": str(policy),
        "break.resume_max": "profile.toml: sciatica (A10)",
        "ramp.raise_kmh_s": "profile.toml: age (A12)",
        "profile.speed_max_kmh": "profile.toml: therapist",
        "profile.grade_max_pct": "profile.toml: sciatica (A10)",
        "warmup.min": "profile.toml: sciatica (A10)",
        "profile.longest_min": "profile.toml: therapist",
    }


def test_a_cap_from_the_file_that_holds_names_the_file(tmp_path: Path) -> None:
    profile = write(tmp_path / "me.toml", "grade_max_pct = 1\nrunner.conditions = ['sciatica']\n")
    found = effective(None, profile)
    assert found.profile.grade_max == Grade(10)
    assert found.origins["profile.grade_max_pct"] == str(profile)


@pytest.mark.parametrize(
    ("policy", "profile", "says"),
    [
        ("[pain]\nstop_above = 5", "", "policy.toml: pain.stop_above must be"),
        ("profile = 3", "", 'policy.toml: profile: there is no key "profile" here'),
        ("", "runner.age = 5", "profile.toml: runner.age must be"),
        ("", "pain.stop_above = 3", 'profile.toml: pain: there is no key "pain" here'),
        ("pain = 3", "", "policy.toml: pain must be a table, not 3."),
    ],
)
def test_a_file_that_is_wrong_is_named(
    tmp_path: Path, policy: str, profile: str, says: str
) -> None:
    paths = (
        write(tmp_path / "policy.toml", policy),
        write(tmp_path / "profile.toml", profile),
    )
    with pytest.raises(ConfigError) as refused:
        effective(*paths)
    assert says in str(refused.value)
