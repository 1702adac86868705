"""The veto: whether this one control-point frame may go out to the belt now.

Here live the last predicates before the radio, over a frame's bytes, what was measured, what was
sent, and the live consents. Not here: pain, rules, ramps, machine quirks, I/O, a clock; nothing is
imported from the guard, so that no mistake there is made again here.

The one rule to keep: what isn't known to be safe is refused (default deny), except a lowering or a
Stop to a belt that moves or may move, which always passes.

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

A consent becomes, with its first raise frame, the grant for the rest of its ramp; both are one
`Leave`. One for a programme covers its start and its raises, each no sooner than the programme
comes to it; it outlives the programme's own lowerings, and nothing else that ends a leave.
Every function is pure; times are ms, speeds 0.01 km/h, grades 0.1 %.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple, TypeGuard

from treadguard.units import STOPPED_MAX, Grade, Millis, Speed

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

DOUBT_MS: Final = Millis(10_000)
"""This long after any sign of a start no belt is known stopped (DESIGN.md section 2)."""

CONSENT_MS: Final = Millis(10_000)
"""A consent is used within this time, whatever it says itself (DESIGN.md section 1)."""

STANDS_MS: Final = Millis(5_000)
"""How long a target is the reference by being sent: real belts take up to 4 s to show the first
effect (FTMS.md, timings), and DESIGN.md section 3 gives a lowering 5 s."""

FIRST_RAISE_MS: Final = Millis(1_000)
"""A ramp's first frame may use one second's worth of slew."""

NEXT_RAISE_MS: Final = Millis(2_000)
"""Later frames may use the time since the last one, up to this: a pause banks no headroom."""

APART_MS: Final = Millis(1_000)
"""Speed and grade aren't raised within the same second (DESIGN.md section 4, ramps)."""

BELIEVED_PER_S: Final = 300
GRADE_BELIEVED_PER_S: Final = 30
"""3 km/h and 3 % per second: six times what measured machines gain (FTMS.md, timings)."""

BELIEVED_GAP_MS: Final = Millis(2_000)
"""No more than this between two samples counts as time in which the belt may have risen."""

SPEED_DRIFT: Final = 30
"""0.3 km/h off the way to a target: the belt has left it (a judgement: three console steps)."""

GRADE_DRIFT: Final = 5
"""0.5 % likewise (a judgement: one usual step of an incline motor)."""

STARTED_STATUS: Final = 0x04
"""2ADA: started or resumed by the user."""

TARGET_STATUS: Final = 0x05
"""2ADA: the target speed has changed, to 0.01 km/h."""

COUNTDOWN_TRAINING: Final = 0x0E
"""2AD3: pre-workout, the countdown before the belt moves."""

_REQUEST_CONTROL: Final = b"\x00"
_START: Final = b"\x07"
_STOP: Final = b"\x08\x01"
_SET_SPEED: Final = 0x02
_SET_INCLINE: Final = 0x03
_ANYWHERE: Final = (-0x8000, 0xFFFF)

ConsentFor = Literal["start", "resume", "speed", "incline", "programme"]


class _Bounds(NamedTuple):
    """What one axis may do; `noun` is its word in a refusal."""

    noun: str
    cap: int
    per_s: int
    drift: int
    believed_per_s: int


_SPEED: Final = _Bounds("speed", HARD_SPEED, HARD_RAISE_PER_S, SPEED_DRIFT, BELIEVED_PER_S)
_GRADE: Final = _Bounds("incline", HARD_GRADE, HARD_GRADE_PER_S, GRADE_DRIFT, GRADE_BELIEVED_PER_S)


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


class Stage(NamedTuple):
    """A part of a programme: when it begins, in ms from the start, 0.01 km/h, 0.1 %."""

    begins: int
    speed: int
    grade: int


@dataclass(frozen=True, slots=True)
class Programme:
    """A human's leave for all raises of a programme; `begun` once the runner set it going."""

    stages: tuple[Stage, ...]
    since: int
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


@dataclass(frozen=True, slots=True)
class GateState:
    """Everything that a verdict rests on.

    `before` is the speed sample before the newest; `start` is when the live start consent runs
    out; `started_at` the last sign of a start. `plan` is the programme that the session was begun
    with, `plan_from` when the runner first consented to it; these outlive the connection.
    """

    generation: int = 0
    up: bool = False
    speed: Axis = Axis()
    grade: Axis = Axis()
    before: Sample | None = None
    has_moved: bool = False
    start: int | None = None
    started_at: int | None = None
    plan: tuple[Stage, ...] = ()
    plan_from: int | None = None
    programme: Programme | None = None
    refused: int = 0


# ---------------------------------------------------------------- what the gate is told


def linked(
    state: GateState,
    t: Millis,  # noqa: ARG001 (whatever the gate is told comes with its time)
    up: bool,
    generation: int,
) -> GateState:
    """The radio link came or went. Nothing measured, sent or consented outlives a connection."""
    if up and state.up and generation == state.generation:
        return state
    return GateState(
        generation,
        up,
        started_at=state.started_at,
        plan=state.plan,
        plan_from=state.plan_from,
        refused=state.refused,
    )


def unwatched(state: GateState) -> GateState:
    """Time was lost, perhaps more than any clock here says: nothing is seen, nobody consented."""
    state = replace(_without_leaves(state), start=None, before=None)
    speed, grade = replace(state.speed, seen=None), replace(state.grade, seen=None)
    return replace(state, speed=speed, grade=grade)


def saw_speed(state: GateState, t: Millis, speed: Speed) -> GateState:
    """A measured speed came. After a gap no ramp goes on: the runner consents again."""
    before = state.before
    newest = state.speed.seen
    if newest is not None and newest.t == t:
        speed = Speed(max(speed, newest.value))  # a doubled notification is no second sample
    else:
        before = newest
    if newest is not None and t - newest.t > FRESH_MS:
        state = without_programme(_without_leaves(state))
    return replace(
        state,
        speed=_observed(state.speed, t, speed, _SPEED),
        before=before,
        has_moved=state.has_moved or speed > STOPPED_MAX,
    )


def saw_incline(state: GateState, t: Millis, grade: Grade) -> GateState:
    """A measured grade came."""
    return replace(state, grade=_observed(state.grade, t, grade, _GRADE))


def saw_status(
    state: GateState,
    t: Millis,
    code: int,
    value: int | None,
) -> GateState:
    """A machine status (2ADA) came; only "started" and a new target speed bear on a verdict."""
    if code == TARGET_STATUS and value is not None:
        return replace(state, speed=replace(state.speed, announced=value))
    if code != STARTED_STATUS:
        return state
    if known_stopped(state, t):
        # The Stop was obeyed, and is over: what moves the belt now may be lowered.
        state = replace(state, speed=replace(state.speed, sent=None))
    return replace(state, started_at=t)


def saw_training(state: GateState, t: Millis, code: int) -> GateState:
    """A training status (2AD3) came; only the countdown bears on a verdict."""
    return replace(state, started_at=t) if code == COUNTDOWN_TRAINING else state


def consented(
    state: GateState,
    t: Millis,
    for_: ConsentFor,
    target: int | None,
    expires: Millis,
    generation: int,
) -> GateState:
    """A human at the treadmill gave leave. It replaces what was left of an older one.

    One that belongs to another connection, or names no target where one is needed, is ignored.
    """
    if not state.up or generation != state.generation:
        return state
    expires = Millis(min(expires, t + CONSENT_MS))
    if for_ in ("start", "resume"):
        return replace(state, start=expires)
    if for_ == "programme":
        if target is not None:
            named = (Stage(0, min(target, HARD_SPEED), 0),)
            return replace(state, start=expires, programme=Programme(named, t, expires))
        since = t if state.plan_from is None else state.plan_from
        leave_for_all = Programme(state.plan, since, expires)
        return replace(state, start=expires, plan_from=since, programme=leave_for_all)
    if target is None:
        return state
    if for_ == "speed":
        leave = Leave(min(target, HARD_SPEED), expires)
        return replace(state, speed=replace(state.speed, leave=leave))
    leave = Leave(min(target, HARD_GRADE), expires)
    return replace(state, grade=replace(state.grade, leave=leave))


def taken_up(state: GateState, t: Millis) -> GateState:
    """The runner set the programme going: a consent in time is used, an old one is none."""
    p = state.programme
    if p is None or p.begun:
        return state
    return replace(state, programme=replace(p, begun=True) if t < p.expires else None)


def without_programme(state: GateState) -> GateState:
    """No raise of a programme follows until the runner consents again."""
    return state if state.programme is None else replace(state, programme=None)


# ---------------------------------------------------------------- what the gate answers


def check(state: GateState, t: Millis, frame: bytes) -> tuple[GateState, str | None]:
    """May this frame be written to 2AD9 now? None, or one sentence that says why not.

    The state that comes back has the frame noted as sent, or one more refusal counted.
    """
    verdict = _judge(state, t, frame)
    if isinstance(verdict, str):
        return replace(state, refused=state.refused + 1), verdict
    return verdict, None


def known_stopped(state: GateState, t: Millis) -> bool:
    """The two newest samples are fresh and show a standing belt, and nothing hints at a start."""
    if state.started_at is not None and t - state.started_at <= DOUBT_MS:
        return False
    return all(_fresh(s, t) and s.value <= STOPPED_MAX for s in (state.before, state.speed.seen))


def _judge(state: GateState, t: Millis, frame: bytes) -> GateState | str:
    if frame == _REQUEST_CONTROL:
        return state
    if frame == _STOP:
        return _stop(state, t)
    if frame == _START:
        return _start(state, t)
    if len(frame) == 3 and frame[0] == _SET_SPEED:
        return _set_speed(state, t, int.from_bytes(frame[1:], "little"))
    if len(frame) == 3 and frame[0] == _SET_INCLINE:
        return _set_incline(state, t, int.from_bytes(frame[1:], "little", signed=True))
    return "Only request control, a speed, an incline, start and stop may go to the treadmill."


def _stop(state: GateState, t: Millis) -> GateState | str:
    if known_stopped(state, t):
        return "The belt is standing, and some treadmills would take a Stop for a start."
    state = replace(without_programme(_without_leaves(state)), start=None)
    return replace(state, speed=_note(state.speed, t, 0, firm=True))


def _start(state: GateState, t: Millis) -> GateState | str:
    if state.start is None or t >= state.start:
        return "A start needs the runner's own word; confirm it at the treadmill again."
    if not known_stopped(state, t):
        return "The belt isn't known to be standing; wait until it shows zero, then start again."
    state = replace(_without_leaves(state), start=None, started_at=t)
    # The machine picks its own first speed, so no older target says where the belt is going.
    return replace(state, speed=replace(state.speed, sent=None))


def _set_speed(state: GateState, t: Millis, value: int) -> GateState | str:
    if value > HARD_SPEED:
        return "No speed above 20 km/h goes to the treadmill; ask for less."
    if known_stopped(state, t) or not state.has_moved:
        return "The belt isn't moving, and a speed might start it; start it first."
    reference = _reference(state.speed, t)
    if value > reference:
        raised = _raise(state, t, _SPEED, value)
        return raised if isinstance(raised, str) else replace(state, speed=raised)
    if value < reference:
        state = _without_leaves(state)
    return replace(state, speed=_note(state.speed, t, value, firm=value == 0))


def _set_incline(state: GateState, t: Millis, value: int) -> GateState | str:
    if value > HARD_GRADE:
        return "No incline above 15 % goes to the treadmill; ask for less."
    if value < 0:
        return "treadguard lowers the incline to 0 and never below; use the console for a decline."
    reference = _reference(state.grade, t)
    if value > reference:
        raised = _raise(state, t, _GRADE, value)
        return raised if isinstance(raised, str) else replace(state, grade=raised)
    if value < reference:
        state = _without_leaves(state)
    return replace(state, grade=_note(state.grade, t, value))


def _raise(state: GateState, t: Millis, bounds: _Bounds, value: int) -> Axis | str:
    """The axis with a raise to `value` noted as sent, or why it may not go out now."""
    on_speed = bounds is _SPEED
    axis, other = (state.speed, state.grade) if on_speed else (state.grade, state.speed)
    noun = bounds.noun
    if not _fresh(state.speed.seen, t) or state.speed.seen.value <= STOPPED_MAX:
        return f"The belt isn't known to move now; raise the {noun} once its speed shows again."
    if not _fresh(axis.seen, t):
        return f"The {noun} isn't known now; wait until the treadmill reports it again."
    leave = axis.leave
    if leave is None or value > leave.target or (not leave.begun and t >= leave.expires):
        leave = _of_programme(state.programme, t, value, on_speed=on_speed)
    if leave is None:
        return f"Raising the {noun} to this needs the runner's consent; press + again."
    if other.raised_at is not None and t - other.raised_at < APART_MS:
        return "Speed and incline are never raised at once; wait a second."
    most = NEXT_RAISE_MS if leave.begun else FIRST_RAISE_MS
    elapsed = most if axis.raised_at is None else min(t - axis.raised_at, most)
    if (value - _reference(axis, t)) * 1000 > bounds.per_s * elapsed:
        return f"That would raise the {noun} too fast; go up in smaller steps."
    axis = replace(_note(axis, t, value), raised_at=t)
    if leave is axis.leave:
        axis = replace(axis, leave=None if value == leave.target else replace(leave, begun=True))
    return axis


def _of_programme(p: Programme | None, t: int, value: int, *, on_speed: bool) -> Leave | None:
    """The leave that a programme gives: up to the most that it has come to by now."""
    if p is None or not p.begun:
        return None
    come_to = [stage for stage in p.stages if stage.begins <= t - p.since]
    most = max((s.speed if on_speed else s.grade for s in come_to), default=0)
    return Leave(most, p.expires) if value <= most else None


# ---------------------------------------------------------------- one axis


def _fresh(sample: Sample | None, t: int) -> TypeGuard[Sample]:
    """At most 3 s old; one from the future says that a clock is wrong, and counts for nothing."""
    return sample is not None and 0 <= t - sample.t <= FRESH_MS


def _reference(axis: Axis, t: int) -> int:
    """What a value must exceed to be a raise; 0 while nothing was measured or sent."""
    if axis.sent is not None and t <= axis.sent.stands_until:
        return axis.sent.value
    known = [s.value for s in (axis.sent, axis.believed) if s is not None]
    return max(known, default=0)


def _observed(axis: Axis, t: int, value: int, bounds: _Bounds) -> Axis:
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


def _believed(axis: Axis, t: int, value: int, bounds: _Bounds) -> Sample:
    """The measurement, cut to what the belt can have risen to since the last one."""
    last = axis.believed
    if last is None:
        return Sample(t, value)
    gap = min(max(t - last.t, 0), BELIEVED_GAP_MS)
    reach = last.value + bounds.believed_per_s * gap // 1000
    if axis.announced is not None:
        reach = max(reach, axis.announced)
    return Sample(t, min(value, reach))


def _note(axis: Axis, t: int, value: int, firm: bool = False) -> Axis:
    """The axis with a target noted as sent."""
    low, high = _ANYWHERE
    if axis.seen is not None:
        way = (axis.seen.value, _reference(axis, t), value)
        low, high = min(way), max(way)
    return replace(axis, sent=Sent(value, t + STANDS_MS, low, high, firm))


def _without_leaves(state: GateState) -> GateState:
    """No raise, consented or under way, outlives a lowering, a Stop, a Start or a gap."""
    return replace(
        state,
        speed=replace(state.speed, leave=None),
        grade=replace(state.grade, leave=None),
    )
