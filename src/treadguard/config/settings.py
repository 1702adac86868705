"""Every key of a policy or profile file: its unit, and how far it may move.

A file speaks in seconds, km/h, % and degrees; the guard's `Policy` and `Profile` hold the same
numbers as integers. Defaults aren't repeated here: they are guard/policy.py's. The rule to keep:
no range passes a hard limit, and none passes the article's own numbers except toward caution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, get_type_hints

from msgspec import Meta, Struct

from treadguard.config.toml import ConfigError, Table, checked
from treadguard.guard import policy as core
from treadguard.units import (
    decideg_from_deg,
    grade_from_pct,
    kmh,
    millis_from_s,
    pct,
    speed_from_kmh,
)

BASELINE_MAX_DEG: Final = 12.0
"""An upright baseline beyond this isn't believed: it would excuse the lean it should show."""


ASYM_MAX_PCT: Final = 10.0
"""Nobody is symmetric, and 12 to 16 % are seen in healthy people (EVIDENCE.md); an own baseline
beyond this isn't believed."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """The ending of a file's key, that of the core's field, and what lies between them."""

    suffix: str
    core_suffix: str
    scale: int
    to_core: Callable[[float], int]


_WHOLE = _Unit("", "", 1, int)
_SECONDS = _Unit("_s", "_ms", 1000, millis_from_s)
_MINUTES = _Unit("_min", "_ms", 60_000, lambda minutes: millis_from_s(minutes * 60))
_LENGTH_MIN = _Unit("min", "length_ms", 60_000, _MINUTES.to_core)
_SHARE = _Unit("_pct", "", 10, grade_from_pct)
_YES = _Unit("", "", 1, bool)
_DEGREES = _Unit("_deg", "", 10, decideg_from_deg)
_KMH = _Unit("_kmh", "", 100, speed_from_kmh)
_GRADE = _Unit("_pct", "", 10, grade_from_pct)
_KMH_PER_S = _Unit("_kmh_s", "_per_s", 100, speed_from_kmh)
_GRADE_PER_S = _Unit("_pct_s", "_per_s", 10, grade_from_pct)


def _in(unit: _Unit, low: float, high: float) -> Meta:
    return Meta(ge=low, le=high, extra={"unit": unit})


def _n(low: int, high: int) -> Meta:
    return _in(_WHOLE, low, high)


def _s(low: float, high: float) -> Meta:
    return _in(_SECONDS, low, high)


def _deg(low: float, high: float) -> Meta:
    return _in(_DEGREES, low, high)


def _min(low: float, high: float) -> Meta:
    return _in(_MINUTES, low, high)


class _Pain(Struct, frozen=True, forbid_unknown_fields=True):
    stop_above: Annotated[int, _n(0, 4)]  # A1 says 4: only lower
    end_at: Annotated[int, _n(1, 7)]
    rerate_s: Annotated[float, _s(15, 120)]
    repeat_window_s: Annotated[float, _s(60, 3600)]
    hold_s: Annotated[float, _s(30, 3600)]


class _Prompts(Struct, frozen=True, forbid_unknown_fields=True):
    early_every_s: Annotated[float, _s(30, 300)]
    early_for_s: Annotated[float, _s(0, 3600)]
    every_s: Annotated[float, _s(30, 900)]
    open_s: Annotated[float, _s(10, 120)]


class _Break(Struct, frozen=True, forbid_unknown_fields=True):
    min_s: Annotated[float, _s(30, 600)]
    max_s: Annotated[float, _s(30, 1800)]
    extend_s: Annotated[float, _s(10, 600)]
    resume_max: Annotated[int, _n(0, 3)]
    resume_drop: Annotated[int, _n(1, 4)]
    max_triggers: Annotated[int, _n(1, 3)]
    ceiling_pct: Annotated[int, _n(30, 90)]
    stage1_pct: Annotated[int, _n(30, 90)]
    stage1_s: Annotated[float, _s(30, 600)]
    stage2_pct: Annotated[int, _n(30, 90)]
    stage2_s: Annotated[float, _s(30, 600)]
    every_min: Annotated[float, _min(0, 120)]
    length_s: Annotated[float, _s(15, 600)]


class _Posture(Struct, frozen=True, forbid_unknown_fields=True):
    trunk_cue_deg: Annotated[float, _deg(5, 20)]
    trunk_cue_s: Annotated[float, _s(1, 30)]
    trunk_backoff_deg: Annotated[float, _deg(10, 25)]
    trunk_backoff_s: Annotated[float, _s(2, 60)]
    trunk_break_after_s: Annotated[float, _s(10, 300)]
    trunk_stop_deg: Annotated[float, _deg(30, 60)]  # always above trunk_backoff_deg
    trunk_stop_s: Annotated[float, _s(0.5, 3)]
    lean_per_pct_deg: Annotated[float, _deg(0, 1)]
    lean_extra_max_deg: Annotated[float, _deg(0, 10)]
    neck_deg: Annotated[float, _deg(15, 35)]
    neck_cue_s: Annotated[float, _s(3, 60)]
    neck_backoff_s: Annotated[float, _s(10, 120)]
    neck_window_s: Annotated[float, _s(20, 300)]
    share_pct: Annotated[int, _n(50, 90)]
    gap_s: Annotated[float, _s(30, 600)]
    max_backoffs: Annotated[int, _n(2, 6)]  # from 2, so that the break after the second can come
    floor_pct: Annotated[int, _n(30, 90)]
    cue_every_s: Annotated[float, _s(20, 600)]
    silent_s: Annotated[float, _s(1, 5)]
    asym_cue_pct: Annotated[float, _in(_SHARE, 5, 15)]
    asym_cue_strides: Annotated[int, _n(10, 100)]
    asym_backoff_pct: Annotated[float, _in(_SHARE, 8, 25)]
    asym_backoff_strides: Annotated[int, _n(20, 200)]
    lumbar_deg: Annotated[float, _deg(5, 30)]
    lumbar_cue_s: Annotated[float, _s(3, 60)]


class _Telemetry(Struct, frozen=True, forbid_unknown_fields=True):
    no_raise_s: Annotated[float, _s(1.5, 3)]
    lost_s: Annotated[float, _s(1.5, 5)]


class _Ramp(Struct, frozen=True, forbid_unknown_fields=True):
    raise_kmh_s: Annotated[float, _in(_KMH_PER_S, 0.05, kmh(core.HARD_RAISE_PER_S))]
    lower_kmh_s: Annotated[float, _in(_KMH_PER_S, 0.2, kmh(core.HARD_LOWER_PER_S))]
    grade_pct_s: Annotated[float, _in(_GRADE_PER_S, 0.1, pct(core.HARD_GRADE_PER_S))]


class _Caps(Struct, frozen=True, forbid_unknown_fields=True):
    speed_kmh: Annotated[float, _in(_KMH, 0.5, kmh(core.HARD_SPEED))]
    grade_pct: Annotated[float, _in(_GRADE, 0, pct(core.HARD_GRADE))]


class _Cues(Struct, frozen=True, forbid_unknown_fields=True):
    posture_min: Annotated[float, _min(0, 120)]
    gaze_min: Annotated[float, _min(0, 120)]
    brace_min: Annotated[float, _min(0, 120)]
    glutes_min: Annotated[float, _min(0, 120)]
    monotony_min: Annotated[float, _min(0, 120)]
    apart_min: Annotated[float, _min(5, 60)]  # twelve an hour would be a flood
    vary_min: Annotated[float, _min(2, 30)]


class _WarmUp(Struct, frozen=True, forbid_unknown_fields=True):
    min: Annotated[float, _in(_LENGTH_MIN, 3, 30)]
    demanded: Annotated[bool, Meta(extra={"unit": _YES})]


# `break` is a word of the language: no attribute can have that name.
_RENAMED: Final = {"breaks": "break", "warm_up": "warmup"}


class _PolicyFile(Struct, frozen=True, forbid_unknown_fields=True, rename=_RENAMED):
    pain: _Pain
    prompts: _Prompts
    breaks: _Break
    posture: _Posture
    telemetry: _Telemetry
    ramp: _Ramp
    caps: _Caps
    cues: _Cues
    warm_up: _WarmUp


class ProfileNumbers(Struct, frozen=True, forbid_unknown_fields=True):
    """What of a profile the guard knows, and what a scenario may override.

    A cap that is left out is none of this runner's own; the policy's holds anyway.
    """

    speed_max_kmh: Annotated[float, Meta(ge=0.5, le=kmh(core.HARD_SPEED))] | None = None
    grade_max_pct: Annotated[float, Meta(ge=0, le=pct(core.HARD_GRADE))] | None = None
    trunk_baseline_deg: Annotated[float, Meta(ge=0, le=BASELINE_MAX_DEG)] = 0.0
    neck_baseline_deg: Annotated[float, Meta(ge=0, le=BASELINE_MAX_DEG)] = 0.0
    asym_baseline_pct: Annotated[float, Meta(ge=-ASYM_MAX_PCT, le=ASYM_MAX_PCT)] = 0.0
    lumbar_baseline_deg: Annotated[float, Meta(ge=-20, le=60)] = 0.0
    cleared: bool = True
    longest_min: Annotated[float, Meta(ge=1, le=240)] | None = None
    grade_first: bool = True


_TABLES: Final[dict[str, type[Struct]]] = get_type_hints(_PolicyFile)
_CORE: Final[dict[str, type[Any]]] = get_type_hints(core.Policy)


@cache  # type hints are evaluated anew each time, and every journal header is read through them
def _units(table: type[Struct]) -> Mapping[str, _Unit]:
    hints = get_type_hints(table, include_extras=True)
    return {key: hint.__metadata__[0].extra["unit"] for key, hint in hints.items()}


def _core_field(key: str, unit: _Unit) -> str:
    return key.removesuffix(unit.suffix) + unit.core_suffix if unit.suffix else key


def _to_core(table: Struct, kind: type[Any]) -> Any:
    return kind(
        **{
            _core_field(key, unit): unit.to_core(getattr(table, key))
            for key, unit in _units(type(table)).items()
        }
    )


def _from_core(table: object, kind: type[Struct]) -> Table:
    out: Table = {}
    for key, unit in _units(kind).items():
        number = getattr(table, _core_field(key, unit))
        out[key] = number if unit in (_WHOLE, _YES) else number / unit.scale
    return out


# What must hold between two keys; each sentence says what is allowed.
_BETWEEN: Final[tuple[tuple[Callable[[core.Policy], bool], str], ...]] = (
    (
        lambda p: p.pain.stop_above < p.pain.end_at,
        "pain.end_at must be above pain.stop_above",
    ),
    (
        lambda p: p.pain.rerate_ms < p.pain.repeat_window_ms,
        "pain.repeat_window_s must be longer than pain.rerate_s, so that the second rating counts",
    ),
    (
        lambda p: p.prompts.early_every_ms <= p.prompts.every_ms,
        "prompts.every_s must not be shorter than prompts.early_every_s",
    ),
    (
        lambda p: p.prompts.open_ms <= p.prompts.early_every_ms,
        "prompts.open_s must not be longer than prompts.early_every_s",
    ),
    (
        lambda p: p.breaks.min_ms <= p.breaks.max_ms,
        "break.max_s must not be shorter than break.min_s",
    ),
    (
        lambda p: p.breaks.resume_max <= p.pain.stop_above,
        "break.resume_max must not be above pain.stop_above",
    ),
    (
        lambda p: p.breaks.resume_drop <= p.pain.stop_above + 1,
        "break.resume_drop must be at most pain.stop_above + 1: else no rating lets you resume",
    ),
    (
        lambda p: p.breaks.stage1_pct <= p.breaks.stage2_pct,
        "break.stage2_pct must not be below break.stage1_pct",
    ),
    (
        lambda p: p.breaks.stage2_pct <= p.breaks.ceiling_pct,
        "break.ceiling_pct must not be below break.stage2_pct",
    ),
    (
        lambda p: p.posture.trunk_cue < p.posture.trunk_backoff,
        "posture.trunk_backoff_deg must be above posture.trunk_cue_deg",
    ),
    (
        lambda p: p.posture.neck_cue_ms < p.posture.neck_backoff_ms,
        "posture.neck_backoff_s must be longer than posture.neck_cue_s",
    ),
    (
        lambda p: p.posture.neck_backoff_ms <= p.posture.neck_window_ms,
        "posture.neck_window_s must not be shorter than posture.neck_backoff_s",
    ),
    (
        lambda p: p.posture.asym_cue < p.posture.asym_backoff,
        "posture.asym_backoff_pct must be above posture.asym_cue_pct",
    ),
    (
        lambda p: p.posture.asym_cue_strides <= p.posture.asym_backoff_strides,
        "posture.asym_backoff_strides must not be below posture.asym_cue_strides",
    ),
    (
        lambda p: p.telemetry.no_raise_ms <= p.telemetry.lost_ms,
        "telemetry.lost_s must not be shorter than telemetry.no_raise_s",
    ),
)


def policy_from_dict(
    data: Mapping[str, Any], where: str = "the policy", under: str = ""
) -> core.Policy:
    """The guard's numbers from a whole policy in human units, as `policy_as_toml_dict` gives it.

    Raises ConfigError; `where` and `under` name the file and the table in its sentence.
    """
    read = checked(data, _PolicyFile, where, under)
    policy = core.Policy(
        **{name: _to_core(getattr(read, name), kind) for name, kind in _CORE.items()}
    )
    for holds, sentence in _BETWEEN:
        if not holds(policy):
            raise ConfigError(f"{where}: {f'in [{under}], ' if under else ''}{sentence}.")
    return policy


def policy_as_toml_dict(policy: core.Policy) -> Table:
    """The whole policy under a file's keys, in human units; `policy_from_dict` is its inverse."""
    return {
        _RENAMED.get(name, name): _from_core(getattr(policy, name), kind)
        for name, kind in _TABLES.items()
    }


def profile_from_dict(
    data: Mapping[str, Any], where: str = "the profile", under: str = ""
) -> core.Profile:
    """One runner's own numbers; a key that is left out has its default. Raises ConfigError."""
    return profile_of(checked(data, ProfileNumbers, where, under))


def profile_of(read: ProfileNumbers) -> core.Profile:
    """The guard's own form of them."""
    return core.Profile(
        speed_max=None if read.speed_max_kmh is None else speed_from_kmh(read.speed_max_kmh),
        grade_max=None if read.grade_max_pct is None else grade_from_pct(read.grade_max_pct),
        trunk_baseline=decideg_from_deg(read.trunk_baseline_deg),
        neck_baseline=decideg_from_deg(read.neck_baseline_deg),
        asym_baseline=grade_from_pct(read.asym_baseline_pct),
        lumbar_baseline=decideg_from_deg(read.lumbar_baseline_deg),
        cleared=read.cleared,
        longest_ms=None if read.longest_min is None else millis_from_s(read.longest_min * 60),
        grade_first=read.grade_first,
    )


def profile_as_toml_dict(profile: core.Profile) -> Table:
    """The profile under a file's keys; a cap that isn't set is left out."""
    table: Table = {}
    if profile.speed_max is not None:
        table["speed_max_kmh"] = kmh(profile.speed_max)
    if profile.grade_max is not None:
        table["grade_max_pct"] = pct(profile.grade_max)
    table["trunk_baseline_deg"] = profile.trunk_baseline / 10
    table["neck_baseline_deg"] = profile.neck_baseline / 10
    table["asym_baseline_pct"] = profile.asym_baseline / 10
    table["lumbar_baseline_deg"] = profile.lumbar_baseline / 10
    table["cleared"] = profile.cleared
    table["grade_first"] = profile.grade_first
    if profile.longest_ms is not None:
        table["longest_min"] = profile.longest_ms / 60_000
    return table
