"""Settings of a session that another version of treadguard has recorded, in today's keys.

Here: what is unknown today is left out, what is missing has today's default. The rule to keep: they
are for telling of that session only; nothing is recomputed or decided with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from treadguard.config.settings import (
    ProfileNumbers,
    policy_as_toml_dict,
    policy_from_dict,
    profile_from_dict,
)
from treadguard.guard.policy import Policy, Profile


def past_policy(data: Mapping[str, Any]) -> Policy:
    """As `policy_from_dict`; ConfigError for a value that is out of today's range."""
    whole: dict[str, Any] = policy_as_toml_dict(Policy())
    for name, table in whole.items():
        found = data.get(name, {})
        known = isinstance(found, Mapping)
        whole[name] = {key: found.get(key, table[key]) for key in table} if known else found
    return policy_from_dict(whole)


def past_profile(data: Mapping[str, Any]) -> Profile:
    """As `profile_from_dict`."""
    known = ProfileNumbers.__struct_fields__
    return profile_from_dict({key: data[key] for key in known if key in data})
