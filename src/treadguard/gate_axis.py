"""One axis as the gate sees it: what was measured, announced and sent, and which leave it has.

How a raise is told from a lowering, on either axis (speed and grade alike):

* A target that was sent *stands* for 5 s, and longer while the measured value still moves toward
  it. While it stands it alone is the reference: a value between it and a belt that is still
  slowing down is a raise. Later the reference is the higher of that target and the measurement.
* A measurement counts no further than a belt can have risen since the one before, or the machine
  has announced: what a leap in the telemetry would allow as a "lowering" may be a raise.
* A target that the belt has *left* (its measurement strays from the way to the target) is
  forgotten: the runner drives from the console, and the measurement alone is the reference.
  A Stop, or a speed of 0, isn't forgotten: nothing above zero follows it while it stands, unless
  the machine says that a belt known to have obeyed it was started.
* Above the reference is a raise, below it a lowering, at it neither.

Only `gate` uses this. Every function is pure; times are ms, speeds 0.01 km/h, grades 0.1 %.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeGuard

from treadguard.units import Grade, Millis, Speed

HARD_SPEED: Final = Speed(2000)
"""20.0 km/h: no target above it goes out (DESIGN.md section 4, caps)."""

HARD_GRADE: Final = Grade(150)
"""15.0 %: likewise."""

HARD_RAISE_PER_S: Final = 50
"""0.5 km/h per second: the fastest raise of a commanded speed (DESIGN.md section 4, ramps)."""

HARD_GRADE_PER_S: Final = 10
"""1.0 % per second: the fastest raise of a commanded grade (DESIGN.md section 4, ramps)."""

FRESH_MS: Final = Millis(3_000)
"""An older measurement carries no raise and shows no standing belt (DESIGN.md section 3)."""

STANDS_MS: Final = Millis(5_000)
"""How long a target is the reference by being sent: real belts take up to 4 s to show the first
effect (FTMS.md, timings), and DESIGN.md section 3 gives a lowering 5 s."""

BELIEVED_PER_S: Final = 300
GRADE_BELIEVED_PER_S: Final = 30
"""3 km/h and 3 % per second: six times what measured machines gain (FTMS.md, timings)."""

BELIEVED_GAP_MS: Final = Millis(2_000)
"""No more than this between two samples counts as time in which the belt may have risen."""

SPEED_DRIFT: Final = 30
"""0.3 km/h off the way to a target: the belt has left it (a judgement: three console steps)."""

GRADE_DRIFT: Final = 5
"""0.5 % likewise (a judgement: one usual step of an incline motor)."""

_ANYWHERE: Final = (-0x8000, 0xFFFF)


class Bounds(NamedTuple):
    """What one axis may do; `noun` is its word in a refusal."""

    noun: str
    cap: int
    per_s: int
    drift: int
    believed_per_s: int


SPEED: Final = Bounds("speed", HARD_SPEED, HARD_RAISE_PER_S, SPEED_DRIFT, BELIEVED_PER_S)
GRADE: Final = Bounds("incline", HARD_GRADE, HARD_GRADE_PER_S, GRADE_DRIFT, GRADE_BELIEVED_PER_S)


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured value and when it came."""

    t: int
    value: int


@dataclass(frozen=True, slots=True)
class Sent:
    """The last target that went out, until when it stands, and the way to it.

    `low` and `high` close in on the target as the measurement nears it. `firm`: a Stop, or speed 0.
    """

    value: int
    stands_until: int
    low: int
    high: int
    firm: bool


@dataclass(frozen=True, slots=True)
class Leave:
    """A human's leave to raise one axis to `target`; `begun` once its first frame went out."""

    target: int
    expires: int
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """What is known of speed or grade in this connection.

    `believed`: the newest sample, but risen no faster than any machine does. `announced`: the
    target that the machine last named.
    """

    seen: Sample | None = None
    believed: Sample | None = None
    announced: int | None = None
    sent: Sent | None = None
    leave: Leave | None = None
    raised_at: int | None = None


def fresh(sample: Sample | None, t: int) -> TypeGuard[Sample]:
    """At most 3 s old; one from the future says that a clock is wrong, and counts for nothing."""
    return sample is not None and 0 <= t - sample.t <= FRESH_MS


def reference(axis: Axis, t: int) -> int:
    """What a value must exceed to be a raise; 0 while nothing was measured or sent."""
    if axis.sent is not None and t <= axis.sent.stands_until:
        return axis.sent.value
    known = [s.value for s in (axis.sent, axis.believed) if s is not None]
    return max(known, default=0)


def observed(axis: Axis, t: int, value: int, bounds: Bounds) -> Axis:
    """The axis with a new measurement, and without a target that the belt has left."""
    newest = Sample(t, value)
    axis = replace(axis, believed=_believed(axis, t, value, bounds))
    sent = axis.sent
    if sent is None:
        return replace(axis, seen=newest)
    if not sent.firm and not sent.low - bounds.drift <= value <= sent.high + bounds.drift:
        # Somebody else drives. A ramp under way would work against them; a new consent wouldn't.
        leave = None if axis.leave is not None and axis.leave.begun else axis.leave
        return replace(axis, seen=newest, sent=None, leave=leave)
    until = sent.stands_until
    last = value if axis.seen is None else axis.seen.value
    if t <= until and (last < value <= sent.value or last > value >= sent.value):
        until = max(until, t + FRESH_MS)
    low = max(sent.low, min(value, sent.value))
    high = min(sent.high, max(value, sent.value))
    return replace(axis, seen=newest, sent=Sent(sent.value, until, low, high, sent.firm))


def _believed(axis: Axis, t: int, value: int, bounds: Bounds) -> Sample:
    """The measurement, cut to what the belt can have risen to since the last one."""
    last = axis.believed
    if last is None:
        return Sample(t, value)
    gap = min(max(t - last.t, 0), BELIEVED_GAP_MS)
    reach = last.value + bounds.believed_per_s * gap // 1000
    if axis.announced is not None:
        reach = max(reach, axis.announced)
    return Sample(t, min(value, reach))


def noted(axis: Axis, t: int, value: int, firm: bool = False) -> Axis:
    """The axis with a target noted as sent."""
    low, high = _ANYWHERE
    if axis.seen is not None:
        way = (axis.seen.value, reference(axis, t), value)
        low, high = min(way), max(way)
    return replace(axis, sent=Sent(value, t + STANDS_MS, low, high, firm))
