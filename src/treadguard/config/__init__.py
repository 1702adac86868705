"""Policy and profile: from TOML files in human units to the guard's integers, and back.

Here is what the rest of treadguard calls. Keys and ranges are in settings.py and runner.py, what a
runner's back tightens in conditions.py, a session's numbers in effective.py, reading and error
sentences in toml.py. The rule to keep: a file that breaks any range is refused whole, with one
sentence; no number is ever clamped into a usable one behind its author's back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import platformdirs

from treadguard.config.effective import Effective, effective
from treadguard.config.past import past_policy, past_profile
from treadguard.config.runner import Runner, Therapist, profile_file
from treadguard.config.settings import (
    policy_as_toml_dict,
    policy_from_dict,
    profile_as_toml_dict,
    profile_from_dict,
)
from treadguard.config.toml import ConfigError, merged, read_toml
from treadguard.guard.policy import Policy, Profile

__all__ = [
    "ConfigError",
    "Effective",
    "Runner",
    "Therapist",
    "effective",
    "load_policy",
    "load_profile",
    "past_policy",
    "past_profile",
    "policy_as_toml_dict",
    "policy_from_dict",
    "profile_as_toml_dict",
    "profile_from_dict",
    "user_policy",
    "user_profile",
    "user_profile_path",
]

_OVERRIDES: Final = "the overrides"


def user_policy() -> Path | None:
    """The runner's own policy file, if there is one."""
    return _user_file("policy.toml")


def user_profile() -> Path | None:
    """The runner's own profile file, if there is one."""
    return _user_file("profile.toml")


def user_profile_path() -> Path:
    """Where the runner's own profile file is, or would be."""
    return _config_dir() / "profile.toml"


def load_policy(
    path: Path | None,
    overrides: Mapping[str, Any] | None = None,
    *,
    where: str = _OVERRIDES,
    under: str = "",
) -> Policy:
    """The default policy, with what the file at `path` says instead, and then `overrides`.

    Without a path nothing of this machine is read: a simulation gives the same result everywhere.
    The file must stand on its own, whatever the overrides. Raises ConfigError; `where` and
    `under` name the file and the table that the overrides come from.
    """
    whole = policy_as_toml_dict(Policy())
    if path is not None:
        whole = merged(whole, read_toml(path))
        policy_from_dict(whole, str(path))
    return policy_from_dict(merged(whole, overrides or {}), where, under)


def load_profile(
    path: Path | None,
    overrides: Mapping[str, Any] | None = None,
    *,
    where: str = _OVERRIDES,
    under: str = "",
) -> Profile:
    """The default profile, with what the file at `path` says instead, and then `overrides`.

    The file's [runner] and [therapist] are checked and left out: `effective` acts on them.
    """
    whole = profile_as_toml_dict(Profile())
    if path is not None:
        whole = profile_as_toml_dict(profile_file(read_toml(path), str(path))[0])
    return profile_from_dict(merged(whole, overrides or {}), where, under)


def _user_file(name: str) -> Path | None:
    path = _config_dir() / name
    return path if path.exists() else None


def _config_dir() -> Path:
    return Path(platformdirs.user_config_dir("treadguard"))
