"""The belt follower: does the belt do what was written? Judged by measured effect only.

A write that succeeds is not a belt that slows. Every command ends as confirmed, rejected or
unknown. A lowering that isn't followed climbs a ladder: lower, Stop, up to three Stops, FAULT
(DESIGN.md section 3; H04, H05, H08, H16). Klipper's heater check gave the idea: watch for
progress, not for arrival. Nothing here writes: it says what it sees, acts.py does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, Literal

from treadguard.guard.belt import Measured
from treadguard.units import Millis

FIRST_FALL_MS: Final = 5_000
NEXT_FALL_MS: Final = 3_000
"""A stop or a lowering is on course when the speed falls within 5 s and every 3 s after."""

MAX_STOPS: Final = 3
FAULT_STOP_EVERY_MS: Final = 10_000
AFTER_STOP_MS: Final = 3_000
"""Wrong way isn't judged so long after a Stop: some machines then begin to show the motor."""

PROGRESS: Final = 5
"""A fall or a rise of 0.05 km/h is more than the last digit's noise."""

NEAR: Final = 15
"""Within 0.15 km/h of the target counts as there (H04)."""

RAISE_WATCH_MS: Final = 5_000
"""A raise that shows nothing for so long is unknown; one that arrived is watched so long for
overshoot."""

WRONG_SAMPLES: Final = 2

Kind = Literal["none", "lower", "raise", "stop"]


class Sees(Enum):
    """What the follower makes of the newest facts."""

    NOTHING = "nothing"
    CONFIRMED = "confirmed"
    CLIMB = "climb"
    WRONG_WAY = "wrong way"
    LOST_RAISE = "lost raise"


@dataclass(frozen=True, slots=True)
class Follow:
    """One series of writes toward a lower or higher speed, or the Stops of one stop.

    `written`: a set-speed of ours is behind it. `pending`: numbers of the commands that have no
    verdict yet. `start`: measured at the first write (the lowest, for a series of lowerings).
    `mark`: the furthest progress, at `mark_t`. `late`: past this the stop or lowering is late.
    `stops`: Stops sent for the present stop.
    """

    kind: Kind = "none"
    written: bool = False
    pending: tuple[int, ...] = ()
    target: int = 0
    start: int = 0
    last: Millis = Millis(0)
    mark: int = 0
    mark_t: Millis = Millis(0)
    progressed: bool = False
    late: int = 0
    wrong: int = 0
    arrived: bool = False
    stops: int = 0
    last_stop: Millis | None = None


def late_after(speed: int) -> int:
    """Milliseconds in which a belt of this speed (0.01 km/h) must have stopped: v/0.25 + 5 s."""
    return speed * 1000 // 25 + 5_000


def wrote_speed(f: Follow, n: int, now: Millis, value: int, measured: int, *, up: bool) -> Follow:
    """A set-speed went out; a series in the same direction keeps its first facts."""
    kind: Kind = "raise" if up else "lower"
    pending = (*f.pending, n)
    if f.kind == kind and not f.arrived:
        start = f.start if up else min(f.start, measured)
        late = f.late + max(0, f.target - value) * 1000 // 25
        return replace(
            f, written=True, pending=pending, target=value, last=now, late=late, start=start
        )
    return replace(
        f,
        kind=kind,
        written=True,
        pending=pending,
        target=value,
        start=measured,
        last=now,
        mark=measured,
        mark_t=now,
        progressed=False,
        late=now + late_after(max(0, measured - value)),
        wrong=0,
        arrived=False,
    )


def wrote_stop(f: Follow, n: int, now: Millis, measured: int | None) -> Follow:
    """A Stop went out: the first of a stop, or one more rung."""
    speed = measured if measured is not None else f.start
    if f.kind == "stop":
        return replace(
            f,
            pending=(*f.pending, n),
            stops=f.stops + 1,
            last=now,
            last_stop=now,
            late=now + late_after(speed),
        )
    return replace(stopping(f, now, measured), pending=(*f.pending, n), stops=1, last_stop=now)


def stopping(f: Follow, now: Millis, measured: int | None) -> Follow:
    """The belt is to come to zero, by our Stop or by itself."""
    if f.kind == "stop":
        return f
    speed = measured if measured is not None else f.target
    return Follow(
        kind="stop",
        pending=f.pending,
        start=speed,
        last=now,
        mark=speed,
        mark_t=now,
        late=now + late_after(speed),
        last_stop=f.last_stop,
    )


def seen_again(f: Follow, now: Millis, measured: int) -> Follow:
    """A stopping belt is in sight again: it is judged from what it does now."""
    late = now + late_after(measured)
    return replace(f, stops=1, mark=measured, mark_t=now, progressed=False, late=late)


def begun(f: Follow, now: Millis, least: int, measured: int) -> Follow:
    """First motion after a Start: the belt comes up to the machine's minimum by itself."""
    return Follow(
        kind="raise",
        target=least,
        start=measured,
        last=now,
        mark=measured,
        mark_t=now,
        last_stop=f.last_stop,
    )


def resumed_stop(f: Follow, now: Millis, measured: int) -> Follow:
    """The belt seemed to stand and moves: the stop that was sent is followed on."""
    if f.kind == "stop":
        return f
    last = now if f.last_stop is None else f.last_stop
    again = stopping(f, now, measured)
    return replace(again, stops=1, mark_t=last)


def at_rest(f: Follow) -> Follow:
    """The belt is known to stand: nothing is being followed."""
    return Follow(last_stop=f.last_stop)


def sampled(f: Follow, now: Millis, speed: int, step: int, *, judge: bool) -> tuple[Follow, Sees]:
    """Fold in a speed sample newer than the writes. `judge`: wrong way may be judged now."""
    if f.kind == "none":
        return f, Sees.NOTHING
    if f.kind == "raise":
        progress = speed >= f.mark + PROGRESS
    else:
        progress = speed <= f.mark - PROGRESS
    if progress:
        f = replace(f, mark=speed, mark_t=now, progressed=True)
    if f.kind == "stop":
        shows_motor = f.last_stop is not None and now - f.last_stop < AFTER_STOP_MS
        if shows_motor and speed > f.mark:
            f = replace(f, mark=speed, late=max(f.late, now + late_after(speed)))
        return f, Sees.NOTHING
    bound = f.target if f.kind == "raise" else max(f.start, f.target)
    quiet = f.last_stop is None or now - f.last_stop >= AFTER_STOP_MS
    if judge and quiet and speed > bound + step:
        f = replace(f, wrong=f.wrong + 1)
        return f, Sees.WRONG_WAY if f.wrong >= WRONG_SAMPLES else Sees.NOTHING
    f = replace(f, wrong=0)
    there = speed >= f.target - NEAR if f.kind == "raise" else speed <= f.target + NEAR
    if there and now > f.last:
        sees = Sees.CONFIRMED if f.pending else Sees.NOTHING
        return replace(f, arrived=True), sees
    return f, Sees.NOTHING


def elapsed(f: Follow, now: Millis, m: Measured) -> Sees:
    """What the passing of time shows; only fresh telemetry counts against the belt."""
    if f.kind == "none" or not m.fresh(now) or m.speed is None:
        return Sees.NOTHING
    if f.kind == "raise":
        overdue = now - f.mark_t >= RAISE_WATCH_MS
        return Sees.LOST_RAISE if overdue and not f.arrived else Sees.NOTHING
    if f.kind == "lower" and f.arrived:
        return Sees.NOTHING
    if f.kind == "stop" and not m.moving:
        return Sees.NOTHING
    if now >= f.late:
        return Sees.CLIMB
    if f.stops > 1:
        since = max(f.mark_t, f.last)
        return Sees.CLIMB if now - since >= NEXT_FALL_MS else Sees.NOTHING
    allowed = NEXT_FALL_MS if f.progressed else FIRST_FALL_MS
    if f.kind == "stop" and f.last_stop is not None and now - f.last_stop < FIRST_FALL_MS:
        return Sees.NOTHING
    return Sees.CLIMB if now - f.mark_t >= allowed else Sees.NOTHING


def watches_overshoot(f: Follow, now: Millis) -> bool:
    """Whether a belt faster than the command would still be the command's doing."""
    return f.written and f.kind in ("raise", "lower") and now - f.last < 2 * RAISE_WATCH_MS
