"""Who runs: the tables [runner] and [therapist] of a profile file.

Here: every key of them, its range, and what keeps this runner from starting. Not here: which of the
guard's numbers they tighten (conditions.py), and the file's numbers for the guard itself
(settings.py). The rule to keep: every key may be left out, and what was left out is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from treadguard.config.settings import ProfileNumbers, profile_of
from treadguard.config.toml import checked
from treadguard.guard import policy as core
from treadguard.units import kmh, pct

Condition = Literal[
    "weak core",
    "trigger points",
    "sacroiliac",
    "facet",
    "hyperlordosis",
    "sciatica",
    "vertebral",
]
"""Rows A10, A11, A16-A18 of the article."""

Direction = Literal["flexion", "extension"]
"""Of the lower back: flexion is bending forward, extension is bending back."""

Words = Annotated[str, Meta(max_length=300)]

CLEARS: Final = "see a doctor or physical therapist first, then say so in 'treadguard setup'"
SHADOW: Final = "until then '--mode shadow' only watches"


class Runner(Struct, frozen=True, forbid_unknown_fields=True):
    """What the runner has said of themselves.

    Lengths in cm, masses in kg, age in years. `hurts` and `since` are the runner's own words.
    `sensitive_to`: the bending that hurts more. `cleared`: a professional has cleared treadmill
    use. `red_flag`: setup or a start heard of a symptom that a doctor must see first.
    """

    age: Annotated[int, Meta(ge=10, le=110)] | None = None
    height_cm: Annotated[float, Meta(ge=100, le=250)] | None = None
    mass_kg: Annotated[float, Meta(ge=20, le=300)] | None = None
    runs_a_week: Annotated[int, Meta(ge=0, le=21)] | None = None
    hurts: Words = ""
    since: Words = ""
    conditions: tuple[Condition, ...] = ()
    sensitive_to: Literal["unknown", "flexion", "extension"] = "unknown"
    cleared: bool = False
    cleared_on: date | None = None
    red_flag: bool = False

    def __post_init__(self) -> None:
        if self.cleared_on is not None and not self.cleared:
            raise ValueError("cleared_on says when, so cleared must be true.")

    @property
    def refuses_to_start(self) -> str | None:
        """Why the belt isn't started for this runner, one sentence; None where it may be."""
        if self.red_flag:
            return f"you have named a symptom that a doctor must see: {CLEARS}; {SHADOW}"
        if "vertebral" in self.conditions and not self.cleared:
            return (
                "your profile names a strained or injured spine (vertebral), and nobody has cleared"
                f" you for the treadmill (A11): {CLEARS}; {SHADOW}"
            )
        return None


class Therapist(Struct, frozen=True, forbid_unknown_fields=True):
    """A therapist's own limits: they count beside all others, and the tightest holds.

    `longest_min`: minutes of moving belt in a session. `mdt`: the direction that eases, after
    McKenzie (A22). `note` is for people.
    """

    speed_max_kmh: Annotated[float, Meta(ge=0.5, le=kmh(core.HARD_SPEED))] | None = None
    grade_max_pct: Annotated[float, Meta(ge=0, le=pct(core.HARD_GRADE))] | None = None
    pain_stop_above: Annotated[int, Meta(ge=0, le=4)] | None = None
    longest_min: Annotated[float, Meta(ge=1, le=240)] | None = None
    mdt: Direction | None = None
    note: Words = ""


class ProfileFile(ProfileNumbers, frozen=True, forbid_unknown_fields=True):
    """A whole profile file."""

    runner: Runner = Runner()
    therapist: Therapist = Therapist()


def profile_file(
    data: Mapping[str, Any], where: str = "the profile"
) -> tuple[core.Profile, Runner, Therapist]:
    """What a profile file says: to the guard, of the runner, by the therapist. ConfigError."""
    read = checked(data, ProfileFile, where)
    return profile_of(read), read.runner, read.therapist
