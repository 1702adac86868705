"""Calm sessions: nobody hurts, nothing breaks, and the guard must not meddle.

Here: ten hours on each machine, an hour at a time, with the air's jitter, good posture and
questions that nobody answers. Not here: anything with a fault. The rule to keep: whatever slows or
stops the belt without having been asked is an intervention, and so is every alarm; and a belt that
doesn't move shows nothing.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Final

from proof.simulated_film import Act, Film
from proof.simulated_plans import Plan
from treadguard.journal import Line, decoded
from treadguard.sim.presets import PRESETS

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
HOURS: Final = 10
ASKED: Final = frozenset({"consent", "wanted", "start", "resume", "link", "control", "stop"})
"""Why a command goes out that a runner or a connection has asked for."""


def calm_plans(hours: int = HOURS, length_ms: int = HOUR_MS) -> Iterator[Plan]:
    """Each machine for so many hours. No session has a second start, nor an unrated break."""
    for preset in PRESETS:
        for hour in range(hours):
            yield _calm(preset, hour, length_ms)


def _calm(preset: str, hour: int, length_ms: int) -> Plan:
    dice = random.Random(f"calm {preset} {hour}")
    machine = PRESETS[preset]
    top = min(machine.speed_max, 1_100)
    acts = [Act(5_000, "start"), Act(10_000, "posture", 40, what=str(length_ms - 20_000))]
    t = 20_000
    while t < length_ms - 60_000:
        if machine.has_incline and dice.random() < 0.3:
            acts.append(Act(t, "incline", dice.randrange(0, 21) * 5))
        else:
            acts.append(Act(t, "speed", dice.randrange(machine.speed_min + 50, top)))
        t += dice.randrange(60_000, 240_000)
    return Plan(
        name=f"calm hour {hour} on {preset}",
        seed=hour,
        preset=preset,
        acts=tuple(acts),
        length_ms=length_ms,
    )


def interventions(film: Film, preset: str) -> Counter[str]:
    """What the guard did unasked before the session was over, by reason."""
    found: Counter[str] = Counter()
    for raw in film.lines:
        if b'"kind":"command"' not in raw and b'"kind":"alarm"' not in raw:
            continue
        line = decoded(raw)
        if line["t"] >= film.over_at:
            break
        if line["kind"] == "alarm":
            found[line["say"]] += 1
        elif not set(line["why"]) <= ASKED or line["op"] == "stop":
            found[f"{line['op']} for {', '.join(line['why'])}"] += 1
        elif "wanted" in line["why"] and line["value"] < _asked(film, preset, line):
            # What was wanted, the guard had lowered by itself.
            found[f"{line['op']} below what was asked for"] += 1
    return found


def _asked(film: Film, preset: str, line: Line) -> int:
    """What the runner had last asked of this axis, on the machine's grid; at first its slowest."""
    machine, axis = PRESETS[preset], line["op"].removeprefix("set_")
    said = [h.act.value or 0 for h in film.hands if h.act.do == axis and h.t <= line["t"]]
    if axis == "speed":
        return machine.nearest_speed(said[-1] if said else 0)
    return machine.nearest_grade(said[-1] if said else 0)


def minutes_in_motion(film: Film) -> int:
    """How many minutes of the session found the belt moving."""
    return sum(1 for t in range(0, film.over_at, MINUTE_MS) if film.moves(t))


def least_minutes(length_ms: int) -> int:
    """So many of the session's minutes the belt moves, or nothing was shown: 55 of 60."""
    return length_ms // MINUTE_MS * 55 // 60
