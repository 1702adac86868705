"""A programme: a walk or run laid down before the start, leg by leg.

Here: the file's keys and ranges, the legs in the core's integers, and their picture. Not here: when
a leg begins, and whether it may (the guard and the gate decide that). The rules to keep: whatever a
programme would ever raise stands in it before the start; it ends slower than it went.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from treadguard.config.toml import ConfigError, checked, printable, read_toml
from treadguard.guard.plan import Leg, Plan
from treadguard.units import Millis, Speed, grade_from_pct, kmh, pct, speed_from_kmh

LEGS_MAX: Final = 200
LONGEST_MIN: Final = 180
COOL_DOWN_MIN: Final = 2
"""The last leg lasts so long at least, no faster than COOL_DOWN (convention; EVIDENCE: fainting
after a sudden stop is common, and moving legs prevent it)."""

COOL_DOWN: Final = Speed(550)

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"


class _Leg(Struct, frozen=True, forbid_unknown_fields=True):
    min: Annotated[float, Meta(ge=0.25, le=120)]
    kmh: Annotated[float, Meta(ge=0.5, le=20)]
    pct: Annotated[float, Meta(ge=0, le=15)] = 0.0
    say: Annotated[str, Meta(max_length=80)] = ""


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    legs: Annotated[tuple[_Leg, ...], Meta(min_length=1, max_length=LEGS_MAX)]
    times: Annotated[int, Meta(ge=1, le=50)] = 1


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    part: Annotated[tuple[_Part, ...], Meta(min_length=1, max_length=LEGS_MAX)]
    why: Annotated[str, Meta(max_length=400)] = ""
    source: Annotated[str, Meta(max_length=200)] = ""


@dataclass(frozen=True, slots=True)
class Programme:
    """The legs in their order, repetitions written out."""

    name: str
    legs: tuple[Leg, ...]
    why: str = ""
    source: str = ""

    @property
    def lasts(self) -> Millis:
        """The whole of it, in ms."""
        return Millis(sum(leg.lasts for leg in self.legs))

    @property
    def plan(self) -> Plan:
        """What the guard takes of it."""
        return Plan(self.legs)

    @property
    def raises(self) -> tuple[tuple[Millis, Leg], ...]:
        """The legs that ask for more speed or grade than the one before, and when they begin."""
        found, t = [], 0
        speed, grade = 0, 0
        for leg in self.legs:
            if leg.speed > speed or leg.grade > grade:
                found.append((Millis(t), leg))
            speed, grade, t = leg.speed, leg.grade, t + leg.lasts
        return tuple(found)


def load_programme(path: Path) -> Programme:
    """The programme in this file. Raises ConfigError with one sentence for its author."""
    return programme_from_dict(read_toml(path), str(path))


def programme_from_dict(data: Mapping[str, Any], where: str, under: str = "") -> Programme:
    """The same from a parsed file, or from a table `under` in one."""
    read = checked(data, _File, where, under)
    legs = tuple(
        Leg(Millis(round(leg.min * 60_000)), speed_from_kmh(leg.kmh), grade_from_pct(leg.pct), say)
        for part in read.part
        for _ in range(part.times)
        for leg in part.legs
        for say in (printable(leg.say),)
    )
    programme = Programme(printable(read.name), legs, printable(read.why), printable(read.source))
    last, fastest = legs[-1], max(leg.speed for leg in legs)
    wrong = (
        (len(legs) > LEGS_MAX, f"it has {len(legs)} legs, and {LEGS_MAX} is the most"),
        (
            programme.lasts > LONGEST_MIN * 60_000,
            f"it lasts {programme.lasts / 60_000:g} min, and {LONGEST_MIN} is the most",
        ),
        (
            last.lasts < COOL_DOWN_MIN * 60_000 or last.speed > COOL_DOWN or last.grade > 0,
            f"it must end with {COOL_DOWN_MIN} min or more of cool-down, flat and below 5.6 km/h",
        ),
        (
            last.speed == fastest > COOL_DOWN - 100,
            "its cool-down must be slower than the rest of it",
        ),
    )
    for is_wrong, sentence in wrong:
        if is_wrong:
            raise ConfigError(f"{where}: {sentence}.")
    return programme


def picture(programme: Programme, width: int = 60, height: int = 5) -> list[str]:
    """Speed over time in blocks, the grade as a row beneath, and the axis: lines of text."""
    fastest = max(leg.speed for leg in programme.legs)
    at = [_leg_at(programme, (i + 0.5) * programme.lasts / width) for i in range(width)]
    levels = [max(1, round(leg.speed * height * 8 / fastest)) for leg in at]
    rows = []
    for row in reversed(range(height)):
        bar = "".join(_EIGHTHS[min(8, max(0, level - row * 8))] for level in levels)
        label = {height - 1: f"{kmh(fastest):4.1f}", 0: "km/h"}.get(row, "    ")
        rows.append(f"{label} │{bar}")
    if any(leg.grade for leg in programme.legs):
        rows.append("   % │" + _grades(at))
    end = f"{programme.lasts / 60_000:g} min"
    return [*rows, "     └" + "─" * width, f"      0{end:>{width - 1}}"]


def raises(programme: Programme) -> str:
    """What it will raise and when, in a sentence."""
    told = (
        f"{t / 60_000:g} ({kmh(leg.speed):g} km/h"
        + (f", {pct(leg.grade):g} %)" if leg.grade else ")")
        for t, leg in programme.raises
    )
    return f"It goes up at minute {', '.join(told)}; each raise is announced 5 s ahead."


def _leg_at(programme: Programme, t: float) -> Leg:
    for leg in programme.legs:
        if t < leg.lasts:
            return leg
        t -= leg.lasts
    return programme.legs[-1]


def _grades(at: list[Leg]) -> str:
    """Each grade where it begins, as far as there is room, and a dot where it goes on."""
    out = ""
    before: Leg | None = None
    for i, leg in enumerate(at):
        if before is None or leg.grade != before.grade:
            out = out[:i] + f"{pct(leg.grade):g}"
        elif len(out) <= i:
            out += "·"
        before = leg
    return out[: len(at)]
