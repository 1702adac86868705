"""Targets for the files that people write: policy, profile, scenario.

The rule to keep: whatever a file says, what comes of it lies within the hard limits (invariant I3,
H70). Those are said here a second time, as plain numbers from the design.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any, Final

from msgspec import structs

from proof.fuzz.target import Target, file_of, refused_well
from treadguard.closed_loop.scenario_player import play
from treadguard.config import (
    ConfigError,
    load_policy,
    load_profile,
    policy_as_toml_dict,
    policy_from_dict,
    profile_as_toml_dict,
    profile_from_dict,
)
from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile
from treadguard.guard.state import initial
from treadguard.scenario import read_scenario

HARD_SPEED: Final = 2000
HARD_GRADE: Final = 150

_AT_MOST: Final[Mapping[str, int]] = {
    "pain.stop_above": 4,
    "pain.end_at": 7,
    "breaks.resume_max": 3,
    "breaks.max_triggers": 3,
    "breaks.ceiling_pct": 90,
    "breaks.stage1_pct": 90,
    "breaks.stage2_pct": 90,
    "telemetry.no_raise_ms": 3_000,
    "telemetry.lost_ms": 5_000,
    "ramp.raise_per_s": 50,
    "ramp.lower_per_s": 100,
    "ramp.grade_per_s": 10,
    "caps.speed": HARD_SPEED,
    "caps.grade": HARD_GRADE,
}
"""The article's numbers and the hard limits, in the guard's units: a setting only goes below."""

_BASELINE_MAX: Final = 120
_PLAYED_S: Final = 1.0
_POLICY_KEYS: Final = tuple(
    (table, key) for table, keys in policy_as_toml_dict(Policy()).items() for key in keys
)


def within_hard_limits(policy: Policy, profile: Profile) -> None:
    """Nothing in them passes what no setting may pass, and the guard's cap shows it."""
    for path, most in _AT_MOST.items():
        table, key = path.split(".")
        number = getattr(getattr(policy, table), key)
        assert 0 <= number <= most, f"{path} is {number}, and may be {most} at most"
    numbers = [number for table in astuple(policy) for number in table]
    assert all(type(number) in (int, bool) and number >= 0 for number in numbers), numbers
    assert profile.speed_max is None or 0 < profile.speed_max <= HARD_SPEED
    assert profile.grade_max is None or 0 <= profile.grade_max <= HARD_GRADE
    assert 0 <= profile.trunk_baseline <= _BASELINE_MAX
    assert 0 <= profile.neck_baseline <= _BASELINE_MAX
    state = initial(policy, profile, "guard", True, Kept())
    assert state.caps.speed_max <= min(policy.caps.speed, profile.speed_max or HARD_SPEED)
    assert state.caps.incline_max <= policy.caps.grade


def _policy(data: bytes) -> None:
    try:
        policy = load_policy(file_of(data, "policy.toml"))
    except ConfigError as error:
        refused_well(error)
    else:
        _stands(policy)
    assert load_policy(None) == Policy(), "a file has changed the defaults"


def _stands(policy: Policy) -> None:
    within_hard_limits(policy, Profile())
    assert policy_from_dict(policy_as_toml_dict(policy)) == policy


def _profile(data: bytes) -> None:
    try:
        profile = load_profile(file_of(data, "profile.toml"))
    except ConfigError as error:
        refused_well(error)
    else:
        within_hard_limits(Policy(), profile)
        assert profile_from_dict(profile_as_toml_dict(profile)) == profile
    assert load_profile(None) == Profile(), "a file has changed the defaults"


def _numbers(data: bytes) -> None:
    """Any numbers under the right keys, which random text seldom holds."""
    tables: dict[str, dict[str, Any]] = {}
    for n in range(0, len(data) - 8, 9):
        table, key = _POLICY_KEYS[data[n] % len(_POLICY_KEYS)]
        tables.setdefault(table, {})[key] = _number(data[n + 1 : n + 9])
    try:
        policy = load_policy(None, tables)
    except ConfigError as error:
        refused_well(error)
        return
    _stands(policy)
    for table, keys in tables.items():
        read = policy_as_toml_dict(policy)[table]
        for key, value in keys.items():
            assert math.isclose(read[key], value, abs_tol=0.051), f"{table}.{key}: {value}"


def _number(raw: bytes) -> float:
    kind = raw[0] % 4
    if kind == 0:
        number: float = struct.unpack("<d", raw)[0]
        return number
    if kind == 1:
        return int.from_bytes(raw[1:3], "little") / 10
    return int.from_bytes(raw[1 : 2 + kind], "little", signed=kind == 3)


def _scenario(data: bytes) -> None:
    path = file_of(data, "scenario.toml")
    try:
        scenario = read_scenario(path)
    except ConfigError as error:
        refused_well(error)
        return
    seconds = [action.s for action in scenario.at]
    assert seconds == sorted(seconds)
    assert all(0 <= second <= scenario.duration_s for second in seconds)
    policy, profile = load_policy(None, scenario.policy), load_profile(None, scenario.profile)
    within_hard_limits(policy, profile)
    # All of its actions within the second that is played, for they are what may go wrong.
    hurried = structs.replace(
        scenario,
        duration_s=_PLAYED_S,
        at=tuple(structs.replace(action, s=action.s % _PLAYED_S) for action in scenario.at[:20]),
        fault=tuple(structs.replace(f, at_s=f.at_s % _PLAYED_S) for f in scenario.fault[:8]),
    )
    hurried = structs.replace(hurried, at=tuple(sorted(hurried.at, key=lambda act: act.s)))
    played = play(hurried).played
    assert played.failure is None, played.failure


_WORDS: Final = tuple(f"[{table}]" for table in policy_as_toml_dict(Policy())) + tuple(
    f"{key} = " for _, key in _POLICY_KEYS
)
_NUMBERS: Final = ("nan", "inf", "-inf", "1e999", "0.0", "-1", "true", "99999999999999999999")
_SCENARIO_WORDS: Final = (
    *("[[at]]", "[[fault]]", "[[expect]]", "[machine]", "[policy]", "[profile]", "within_s = ["),
    *("s = ", "do = ", "kmh = ", "pct = ", "level = ", "what = ", "for_s = ", "at_s = "),
    *('"start"', '"resume"', '"speed"', '"incline"', '"stop"', '"break"', '"end"', '"ease"'),
    *('"pain"', '"button"', '"symptom"', '"posture"', '"console"', '"safety_key"', '"kill"'),
    *('"walk_away"', "preset = ", "quirks = [", "where = ", "kind = ", "never = true", "seed = "),
)

TARGETS: Final = (
    Target("policy", "text", _policy, 8000, _WORDS + _NUMBERS),
    Target(
        *("profile", "text", _profile, 4_000),
        words=(*profile_as_toml_dict(Profile(1, 1)), *_NUMBERS),  # type: ignore[arg-type]
    ),
    Target("numbers", "text", _numbers, 90),
    Target("scenario", "text", _scenario, 2400, _SCENARIO_WORDS + _NUMBERS),
)
