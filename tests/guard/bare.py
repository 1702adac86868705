"""A turn in the midst of a session, without the history that led there.

Here: a State of a walk at 6.0 km/h, in which a test changes what it is about. The rule to keep:
what a rule makes of a whole history is tested with the rig, not here.
"""

from __future__ import annotations

from typing import Final

from treadguard.guard import events as ev
from treadguard.guard.acts import Turn
from treadguard.guard.belt import Measured
from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile
from treadguard.guard.ramp import Axis
from treadguard.guard.state import initial
from treadguard.units import Millis

NOW: Final = Millis(100_000)


def before(ms: int) -> Millis:
    return Millis(NOW - ms)


def seen(
    speed: int,
    prev: int | None = None,
    *,
    age: int = 0,
    grade: int | None = None,
    grade_moves: bool = False,
) -> Measured:
    """Two samples, a second apart; `prev`: the first where it differs."""
    return Measured(
        speed=speed,
        t=before(age),
        prev=speed if prev is None else prev,
        prev_t=before(age + 1_000),
        grade=grade,
        grade_t=None if grade is None else before(age),
        grade_moves=grade_moves,
    )


STANDING: Final = seen(0)


def turn(policy: Policy | None = None, profile: Profile | None = None, **facts: object) -> Turn:
    """A turn at NOW, running at 6.0 km/h on the flat, except for `facts` of the State."""
    s = initial(policy or Policy(), profile or Profile(), "guard", proven=True, kept=Kept())
    walk = {
        "now": NOW,
        "phase": "RUNNING",
        "link": True,
        "generation": 1,
        "measured": seen(600),
        "speed": Axis(wanted=600, setpoint=600, told=600),
    }
    for name, value in {**walk, **facts}.items():
        assert hasattr(s, name), name
        setattr(s, name, value)
    return Turn(s, NOW)


def cues(t: Turn) -> list[str]:
    return [o.say for o in t.out if isinstance(o, ev.Cue)]


def alarms(t: Turn) -> list[str]:
    return [o.say for o in t.out if isinstance(o, ev.Alarm)]


def commands(t: Turn) -> list[ev.Command]:
    return [o for o in t.out if isinstance(o, ev.Command)]


def ops(t: Turn) -> list[str]:
    return [c.op for c in commands(t)]


def verdicts(t: Turn) -> list[tuple[int, str]]:
    return [(o.of, o.is_) for o in t.out if isinstance(o, ev.Verdict)]
