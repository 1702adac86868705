"""Fixed-point units of the core, and the ACSM arithmetic that rests on them.

Everything that can reach a decision is an integer: a float, a NaN or an infinity can't be
expressed here (invariant I16). Conversions from and to what people read (km/h, %) live here and
nowhere else. The one rule: a number that crosses into the core goes through one of these.
"""

from __future__ import annotations

import math
from typing import NewType

Speed = NewType("Speed", int)
"""Belt speed, unit 0.01 km/h (the unit of FTMS)."""

Grade = NewType("Grade", int)
"""Incline, unit 0.1 % (the unit of FTMS); negative on a decline."""

Millis = NewType("Millis", int)
"""A point on, or a length of, the session's monotonic time, unit 1 ms."""

Decideg = NewType("Decideg", int)
"""An angle, unit 0.1 degree."""

STOPPED_MAX = Speed(5)
"""A belt measured at or below 0.05 km/h counts as standing (DESIGN.md section 2)."""

RUNNING_FROM = Speed(800)
"""From 8.0 km/h on the ACSM running equation replaces the walking one."""


def _scaled(value: float, factor: int, what: str) -> int:
    if isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{what} must be a finite number, not {value!r}")
    return round(value * factor)


def speed_from_kmh(kmh: float) -> Speed:
    """Nearest 0.01 km/h; ValueError if not finite. 2.3 is 230, never 229."""
    return Speed(_scaled(kmh, 100, "a speed"))


def kmh(speed: int) -> float:
    """The speed as people read it, in km/h."""
    return speed / 100


def grade_from_pct(pct: float) -> Grade:
    """Nearest 0.1 %; ValueError if not finite."""
    return Grade(_scaled(pct, 10, "a grade"))


def pct(grade: int) -> float:
    """The grade as people read it, in %."""
    return grade / 10


def decideg_from_deg(deg: float) -> Decideg:
    """Nearest 0.1 degree; ValueError if not finite."""
    return Decideg(_scaled(deg, 10, "an angle"))


def millis_from_s(seconds: float) -> Millis:
    """Nearest millisecond; ValueError if not finite."""
    return Millis(_scaled(seconds, 1000, "a time"))


def acsm(speed: int) -> tuple[int, int]:
    """(a, b) such that net cost is proportional to v * (a + b * G), G in 0.1 %.

    ACSM net oxygen cost: walking 0.1 v + 1.8 v g, running 0.2 v + 0.9 v g; scaled by 5000 and
    10000, so that both stay whole numbers (DESIGN.md section 4).
    """
    return (500, 9) if speed < RUNNING_FROM else (2000, 9)
