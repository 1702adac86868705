"""One event heard by itself, in a state that is made by hand: no rig, no step, no time.

Here: the state of a belt in sight, and a record of telemetry. Not here: what came out, by kind
(bare.py), and histories (rig.py). The rule to keep: a state names only what its test rests on.
"""

from __future__ import annotations

from typing import Any, Final

from tests.guard.bare import NOW

from treadguard.guard import sense
from treadguard.guard.acts import Turn
from treadguard.guard.belt import Measured
from treadguard.guard.credible import Credible
from treadguard.guard.events import Telemetry
from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile
from treadguard.guard.ramp import Axis
from treadguard.guard.state import State, initial
from treadguard.units import Grade, Millis, Speed

AGO: Final = Millis(99_000)
BEFORE: Final = Millis(98_000)
AT_437: Final = Measured(speed=437, t=AGO, prev=430, prev_t=BEFORE, grade=20)
STANDS: Final = Measured(speed=0, t=AGO, prev=0, prev_t=BEFORE)


def state(**facts: Any) -> State:
    """The state of a service that has heard nothing yet, and `facts`."""
    s = initial(Policy(), Profile(), "guard", True, Kept())
    for name, value in facts.items():
        setattr(s, name, value)
    return s


def running(**facts: Any) -> State:
    """A belt in sight that runs at 4.37 km/h, 20 commands into the session, and `facts`."""
    usual = {"link": True, "generation": 1, "phase": "RUNNING", "now": NOW, "measured": AT_437}
    return state(**{**usual, "commands": 20, **facts})


def sampled(speed: int | None, grade: int | None = None, /, **facts: Any) -> Turn:
    """One record of telemetry."""
    t = Turn(running(**facts), NOW)
    shown = None if speed is None else Speed(speed)
    sense.measured(t, Telemetry(NOW, shown, None if grade is None else Grade(grade)))
    return t


def walks(speed: int, *, since: int | None = None) -> dict[str, Any]:
    """A belt at this speed for two samples: believed, told and wanted; steady `since` then."""
    steady = None if since is None else speed
    steady_since = None if since is None else Millis(since)
    return {
        "measured": Measured(
            speed, AGO, speed, BEFORE, steady_speed=steady, steady_since=steady_since
        ),
        "speed_seen": Credible(speed, AGO, speed, 2),
        "speed": Axis(wanted=speed, setpoint=speed, told=speed),
    }
