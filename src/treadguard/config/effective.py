"""The numbers in force: defaults, policy file, profile file, and what the runner's back tightens.

Here: the order in which they are laid over each other, and the origin of each number. Not here:
what a key means (settings.py, runner.py), or what is tightened (conditions.py). The rule to keep:
this is the one way to the numbers of a session on this machine, and each says where it is from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from treadguard.config.conditions import Tightened, tightened
from treadguard.config.runner import Runner, Therapist, profile_file
from treadguard.config.settings import (
    policy_as_toml_dict,
    policy_from_dict,
    profile_as_toml_dict,
    profile_from_dict,
)
from treadguard.config.toml import Table, merged, read_toml
from treadguard.guard.policy import Policy, Profile

DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Effective:
    """What a session runs under. `origins`: by key ("pain.stop_above"), where it is from.

    `tightened`: what the runner's back or therapist made tighter.
    """

    policy: Policy
    profile: Profile
    runner: Runner
    therapist: Therapist
    origins: Mapping[str, str]
    tightened: tuple[Tightened, ...]


def effective(policy_path: Path | None, profile_path: Path | None) -> Effective:
    """The numbers in force under these two files; ConfigError for a file that can't be used."""
    policy_said = {} if policy_path is None else read_toml(policy_path)
    policy = policy_from_dict(
        merged(policy_as_toml_dict(Policy()), policy_said),
        "the policy" if policy_path is None else str(policy_path),
    )
    profile_said = {} if profile_path is None else read_toml(profile_path)
    profile, runner, therapist = profile_file(
        profile_said, "the profile" if profile_path is None else str(profile_path)
    )
    before = {**policy_as_toml_dict(policy), "profile": profile_as_toml_dict(profile)}
    origins = {
        **dict(_origins(policy_as_toml_dict(policy), policy_said, policy_path)),
        **dict(_origins({"profile": before["profile"]}, {"profile": profile_said}, profile_path)),
    }
    whole, by = tightened(before, runner, therapist)
    in_file = "profile" if profile_path is None else profile_path.name
    origins |= {one.key: f"{in_file}: {one.by}" for one in by}
    return Effective(
        policy_from_dict(_without_profile(whole)),
        profile_from_dict({**whole["profile"], "cleared": runner.refuses_to_start is None}),
        runner,
        therapist,
        origins,
        by,
    )


def _origins(numbers: Table, said: Table, path: Path | None) -> Iterator[tuple[str, str]]:
    for table, keys in numbers.items():
        given = said.get(table, {})
        for key in keys:
            yield f"{table}.{key}", str(path) if key in given else DEFAULT


def _without_profile(tables: Table) -> Table:
    return {name: keys for name, keys in tables.items() if name != "profile"}
