"""The exercises that treadguard knows, by their keys, and the order of its own routines.

The files are exercises/*.toml (the key is the file's name) and routines.toml beside this module;
they are read like a therapist's own, through the same checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from treadguard.config.toml import read_toml
from treadguard.routines.exercise import Exercise, exercise_from_dict
from treadguard.routines.plan_file import Plan, plan_from_dict

_HERE: Final = Path(__file__).parent


@cache
def library() -> Mapping[str, Exercise]:
    """Every exercise by its key."""
    return MappingProxyType(
        {
            file.stem: exercise_from_dict(read_toml(file), str(file))
            for file in sorted((_HERE / "exercises").glob("*.toml"))
        }
    )


@cache
def own_plan() -> Plan:
    """The routines as treadguard orders them."""
    file = _HERE / "routines.toml"
    return plan_from_dict(read_toml(file), library(), str(file))
