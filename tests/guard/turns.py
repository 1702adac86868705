"""A belt that runs at 6.0 km/h on the flat, as a bare State, for tests of one turn's parts.

Here: the state to start from, and one turn of order.write. Not here: the expectations.
"""

from __future__ import annotations

from typing import Any

from tests.guard.bare import NOW, before, commands

from treadguard.guard import order
from treadguard.guard.acts import Turn
from treadguard.guard.belt import Measured
from treadguard.guard.credible import Credible
from treadguard.guard.kept import Kept
from treadguard.guard.limits import FREE, Limit
from treadguard.guard.policy import Policy, Profile
from treadguard.guard.ramp import Axis
from treadguard.guard.state import State, initial


def seen(
    speed: int = 600, grade: int | None = 0, *, old: int = 0, prev: int | None = 0
) -> Measured:
    """Two samples, the last one `old` ms ago; `prev` 0: as the last one."""
    return Measured(
        speed=speed,
        t=before(old),
        prev=speed if prev == 0 else prev,
        prev_t=before(old + 1_000),
        grade=grade,
        grade_t=None if grade is None else before(old),
    )


def running(**facts: Any) -> State:
    """Everything calm and believed, and whatever `facts` say instead."""
    s = initial(Policy(), Profile(), "guard", proven=True, kept=Kept())
    s.link, s.generation, s.phase, s.now = True, 1, "RUNNING", NOW
    s.measured = seen()
    s.speed_seen = Credible(value=600, t=NOW, last=600, samples=2)
    s.grade_seen = Credible(value=0, t=NOW, last=0, samples=2)
    s.speed = Axis(wanted=600, setpoint=600)
    s.grade = Axis(wanted=0, setpoint=0)
    for name, value in facts.items():
        setattr(s, name, value)
    return s


def turn(s: State, limit: Limit = FREE) -> Turn:
    """One turn's writing."""
    t = Turn(s, NOW)
    order.write(t, limit)
    return t


def writes(s: State, limit: Limit = FREE) -> list[tuple[str, int | None]]:
    """What one turn writes, as (op, value)."""
    return [(c.op, c.value) for c in commands(turn(s, limit))]
