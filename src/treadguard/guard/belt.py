"""What is known of the machine: its ranges, and what telemetry has shown.

Measured facts only: nothing here knows what was commanded. Absent is unknown, never zero, and the
age of the speed is the truth about the link (DESIGN.md section 3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from treadguard.guard.events import Ranges
from treadguard.guard.policy import HARD_GRADE_PER_S, HARD_RAISE_PER_S
from treadguard.units import STOPPED_MAX, Grade, Millis, Speed

FRESH_MS: Final = Millis(3_000)
"""A sample older than this shows nothing about now."""

GRADE_MS: Final = Millis(5_000)
"""A grade not reported for so long is unknown."""

DECK_MS: Final = Millis(4_000)

START_DOUBT_MS: Final = Millis(10_000)
"""So long after a Start, a "started" or a countdown, a belt at zero may be about to move."""

SLOWEST: Final = 30
"""No machine is believed to have a minimum below 0.3 km/h, nor to run steadily below it."""

SETTLED_MS: Final = Millis(2_000)
"""A speed that stayed within one step for this long is steady."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The grid that targets are floored to. Defaults hold until a sane range was read."""

    speed_min: int = 100
    speed_max: int | None = None
    speed_step: int = 10
    grade_max: int | None = None
    grade_step: int = 5

    @property
    def speed_coarse(self) -> bool:
        """Whether the smallest step up is more than the gate lets out at once."""
        return self.speed_step > HARD_RAISE_PER_S

    @property
    def grade_coarse(self) -> bool:
        """Likewise of the incline."""
        return self.grade_step > HARD_GRADE_PER_S

    def speed_floor(self, speed: int) -> int:
        """The highest speed of the machine's grid at or below `speed` (below min: below min)."""
        return self.speed_min + (speed - self.speed_min) // self.speed_step * self.speed_step

    def grade_floor(self, grade: int) -> int:
        """The highest grade of the machine's grid at or below `grade`."""
        return grade // self.grade_step * self.grade_step


def narrowed(machine: Machine, ranges: Ranges) -> Machine:
    """The machine with what it says of its ranges; nonsense is left out."""
    declared = ranges.speed_min
    if declared is not None and declared < SLOWEST:
        ranges = replace(ranges, speed_min=Speed(machine.speed_min))
    if ranges.speed_min and ranges.speed_step:
        machine = replace(
            machine,
            speed_min=ranges.speed_min,
            speed_max=ranges.speed_max,
            speed_step=ranges.speed_step,
        )
    if ranges.incline_min is not None and ranges.incline_step:
        machine = replace(
            machine,
            grade_max=ranges.incline_max,
            grade_step=ranges.incline_step,
        )
    return machine


@dataclass(frozen=True, slots=True)
class Measured:
    """The last two speed samples of this connection, the last grade, and doubts about a start."""

    speed: int | None = None
    t: Millis | None = None
    prev: int | None = None
    prev_t: Millis | None = None
    grade: int | None = None
    grade_t: Millis | None = None
    grade_ref: int | None = None
    grade_moves: bool = False
    grade_fell: Millis | None = None
    steady_speed: int | None = None
    steady_since: Millis | None = None
    start_doubt: Millis | None = None

    def age(self, now: Millis) -> int | None:
        """Milliseconds since the last speed sample of this connection; None if there is none."""
        return None if self.t is None else now - self.t

    def fresh(self, now: Millis) -> bool:
        """Whether the last speed sample still says something about now."""
        return self.t is not None and now - self.t < FRESH_MS

    def grade_now(self, now: Millis) -> int | None:
        """The grade where it was measured of late; None is unknown."""
        late = self.grade_t is None or now - self.grade_t >= GRADE_MS
        return None if late else self.grade

    def deck_falls(self, now: Millis) -> bool:
        """Whether the grade has come down within the last 4 s: coarse decks move that seldom."""
        return self.grade_fell is not None and now - self.grade_fell < DECK_MS

    @property
    def moving(self) -> bool:
        """Whether the last speed sample showed motion."""
        return self.t is not None and self.speed is not None and self.speed > STOPPED_MAX

    @property
    def shown(self) -> int:
        """The last speed that was shown; 0 where none ever was."""
        return self.speed or 0

    @property
    def slowing(self) -> bool:
        """Whether the last sample of this connection was slower than the one before."""
        return self.prev is not None and self.shown < self.prev

    @property
    def twice_moving(self) -> bool:
        """Whether the last two samples of this connection showed motion."""
        return self.moving and self.prev is not None and self.prev > STOPPED_MAX

    def steady(self, now: Millis) -> bool:
        """Whether the speed has kept within one step for SETTLED_MS."""
        return self.steady_since is not None and now - self.steady_since >= SETTLED_MS

    def known_stopped(self, now: Millis) -> bool:
        """Two fresh samples at zero, and no sign of a start in the last 10 s."""
        if self.t is None or self.prev_t is None or self.speed is None or self.prev is None:
            return False
        if now - self.prev_t > FRESH_MS or self.speed > STOPPED_MAX or self.prev > STOPPED_MAX:
            return False
        return self.start_doubt is None or now - self.start_doubt > START_DOUBT_MS


def saw(m: Measured, t: Millis, speed: Speed | None, grade: Grade | None, mac: Machine) -> Measured:
    """Fold in one sample. A speed that is absent leaves the last one, and its age, as they are.

    A record that comes twice at the same time is one sample: the faster one.
    """
    ref, moves = m.grade_ref, m.grade_moves
    if grade is not None:
        ref = grade if ref is None else ref
        moves = moves or abs(grade - ref) >= mac.grade_step
    fell = m.grade_fell
    if grade is not None and m.grade is not None and grade < m.grade:
        fell = t
    grade_t = m.grade_t if grade is None else t
    seen = m.grade if grade is None else grade
    if speed is None or m.t == t:
        if speed is not None and m.speed is not None:
            m = replace(m, speed=max(m.speed, speed))
        return replace(
            m, grade=seen, grade_t=grade_t, grade_ref=ref, grade_moves=moves, grade_fell=fell
        )
    calm = m.steady_speed is not None and abs(speed - m.steady_speed) <= mac.speed_step
    # Written out: dataclasses.replace costs several times as much, and this runs with each record.
    return Measured(
        speed=speed,
        t=t,
        prev=m.speed if m.t is not None else None,
        prev_t=m.t,
        grade=seen,
        grade_t=grade_t,
        grade_ref=ref,
        grade_moves=moves,
        grade_fell=fell,
        steady_speed=m.steady_speed if calm else speed,
        steady_since=m.steady_since if calm else t,
        start_doubt=m.start_doubt,
    )


def unwatched(m: Measured) -> Measured:
    """Time was lost: no zero of before it is the one before the next, and shows a standing belt.

    The guard's clock may have stood still meanwhile, so that hours look like nothing (H67). Motion
    that was seen stays seen: it only ever stops a belt.
    """
    if m.prev is None or m.prev > STOPPED_MAX:
        return m
    return replace(m, prev=None, prev_t=None)


def unlinked(m: Measured) -> Measured:
    """The connection is gone: the last speed stays as a memory, but nothing is fresh any more."""
    return replace(m, t=None, prev=None, prev_t=None, steady_speed=None, steady_since=None)
