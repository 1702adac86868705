"""A size as its owner says it, "48 in" or "1.5 kW", as a whole number in one unit.

The rule to keep: a number without a unit is refused, because 48 may be inches or centimetres; a
decimal comma is as good as a point, and parts add up ("6 ft 1 in").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_PART: Final = re.compile(r"\s*([0-9]{1,6}(?:[.,][0-9]{1,6})?)\s*([a-z/%\"']+)\s*")


@dataclass(frozen=True, slots=True)
class Kind:
    """What is measured. Each of `units` is worth so many of the unit that the result is in.

    Below `low` and above `high` it is no size of such a thing.
    """

    what: str
    units: Mapping[str, float]
    low: int
    high: int
    examples: tuple[str, str]


HP_W: Final = 745.7
"""Mechanical horsepower: 550 foot-pounds a second."""

_LENGTHS: Final = {
    "mm": 0.1,
    "cm": 1.0,
    "m": 100.0,
    **dict.fromkeys(("in", "inch", "inches", '"', "''"), 2.54),
    **dict.fromkeys(("ft", "foot", "feet", "'"), 30.48),
}

POWER: Final = Kind(
    "a motor's power",
    {"w": 1.0, "kw": 1000.0, **dict.fromkeys(("hp", "chp"), HP_W)},
    100,
    10_000,
    ("2.5 hp", "1900 W"),
)
"""In W."""

LENGTH: Final = Kind("a belt's length", _LENGTHS, 60, 400, ("48 in", "122 cm"))
"""In whole cm, as makers give it."""

WIDTH: Final = Kind("a belt's width", _LENGTHS, 20, 150, ("18 in", "46 cm"))
"""In whole cm, as makers give it."""

HEIGHT: Final = Kind("a runner's height", _LENGTHS, 100, 250, ("178 cm", "5 ft 10 in"))
"""In whole cm."""

SPEED: Final = Kind(
    "a treadmill's speed",
    {**dict.fromkeys(("km/h", "kmh", "kph"), 100.0), "mph": 160.9344},
    100,
    3000,
    ("16 km/h", "10 mph"),
)
"""In 0.01 km/h."""

INCLINE: Final = Kind("a treadmill's incline", {"%": 10.0}, 0, 500, ("12 %", "0 %"))
"""In 0.1 %."""


def quantity(text: str, kind: Kind) -> int:
    """The nearest whole number of the kind's unit; ValueError with a sentence that says how."""
    say = f"say it like {' or '.join(kind.examples)}"
    words, end, total = text.strip().casefold(), 0, 0.0
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in words)
    while part := _PART.match(words, end):
        number, unit = part.groups()
        if unit not in kind.units:
            raise ValueError(f"'{unit}' is no unit of {kind.what}: {say}")
        total += float(number.replace(",", ".")) * kind.units[unit]
        end = part.end()
    if not words or end < len(words):
        raise ValueError(f"'{shown[:40]}' is no number with a unit: {say}")
    if not kind.low <= round(total) <= kind.high:
        raise ValueError(f"'{shown[:40]}' can't be {kind.what}: {say}")
    return round(total)
