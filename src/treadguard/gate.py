"""The veto: whether this one control-point frame may go out to the belt now.

Here live the last predicates before the radio, over a frame's bytes, what was measured, what was
sent, and the live consents. Not here: pain, rules, ramps, machine quirks, I/O, a clock; nothing is
imported from the guard, so that no mistake there is made again here.

The one rule to keep: what isn't known to be safe is refused (default deny), except a lowering or a
Stop to a belt that moves or may move, which always passes.

A consent becomes, with its first raise frame, the grant for the rest of its ramp; both are one
`Leave`. One for a programme covers its start and its raises, each no sooner than the programme
comes to it; it outlives the programme's own lowerings, and nothing else that ends a leave.
Every function is pure; times are ms, speeds 0.01 km/h, grades 0.1 %.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple

from treadguard.gate_axis import (
    FRESH_MS,
    GRADE,
    HARD_GRADE,
    HARD_SPEED,
    SPEED,
    Axis,
    Bounds,
    Leave,
    Sample,
    fresh,
    noted,
    observed,
    reference,
)
from treadguard.units import STOPPED_MAX, Grade, Millis, Speed

DOUBT_MS: Final = Millis(10_000)
"""This long after any sign of a start no belt is known stopped (DESIGN.md section 2)."""

CONSENT_MS: Final = Millis(10_000)
"""A consent is used within this time, whatever it says itself (DESIGN.md section 1)."""

FIRST_RAISE_MS: Final = Millis(1_000)
"""A ramp's first frame may use one second's worth of slew."""

NEXT_RAISE_MS: Final = Millis(2_000)
"""Later frames may use the time since the last one, up to this: a pause banks no headroom."""

APART_MS: Final = Millis(1_000)
"""Speed and grade aren't raised within the same second (DESIGN.md section 4, ramps)."""

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

COUNTED_MS: Final = Millis(5_000)
"""No more than this between two samples counts as time on a moving belt: then it is lost."""

ConsentFor = Literal["start", "resume", "speed", "incline", "programme"]


class Stage(NamedTuple):
    """A part of a programme: when it begins, in ms of moving belt; 0.01 km/h, 0.1 %."""

    begins: int
    speed: int
    grade: int


class Asked(NamedTuple):
    """A consent to a programme, not yet set going: to the session's own, or up to a speed."""

    target: int | None
    expires: int


@dataclass(frozen=True, slots=True)
class GateState:
    """Everything that a verdict rests on.

    `before` is the speed sample before the newest; `start` is when the live start consent runs
    out; `started_at` the last sign of a start. `asked`: a consent to a programme; `programme`: what
    of one may be raised, once it was set going. `plan`: the one that the session was begun with,
    `plan_gone`: ms of moving belt since the runner first set that going. These two and the sign of
    a start outlive the connection.
    """

    generation: int = 0
    up: bool = False
    speed: Axis = field(default_factory=Axis)
    grade: Axis = field(default_factory=Axis)
    before: Sample | None = None
    has_moved: bool = False
    start: int | None = None
    started_at: int | None = None
    plan: tuple[Stage, ...] = ()
    plan_gone: int | None = None
    asked: Asked | None = None
    programme: tuple[Stage, ...] = ()
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
        plan_gone=state.plan_gone,
        refused=state.refused,
    )


def unwatched(state: GateState) -> GateState:
    """Time was lost, perhaps more than any clock here says: nothing is seen, nobody consented."""
    state = _without_consents(state)
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
        plan_gone=_gone(state, t),
        speed=observed(state.speed, t, speed, SPEED),
        before=before,
        has_moved=state.has_moved or speed > STOPPED_MAX,
    )


def saw_incline(state: GateState, t: Millis, grade: Grade) -> GateState:
    """A measured grade came."""
    return replace(state, grade=observed(state.grade, t, grade, GRADE))


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
        # Beside a belt that moves it is leave for raises alone, and for no start after a stop.
        start = expires if known_stopped(state, t) else state.start
        return replace(state, start=start, asked=Asked(target, expires))
    if target is None:
        return state
    if for_ == "speed":
        leave = Leave(min(target, HARD_SPEED), expires)
        return replace(state, speed=replace(state.speed, leave=leave))
    leave = Leave(min(target, HARD_GRADE), expires)
    return replace(state, grade=replace(state.grade, leave=leave))


def taken_up(state: GateState, t: Millis) -> GateState:
    """The guard takes up what the runner set going: by a consent in time, or not at all."""
    asked = state.asked
    if asked is None or t >= asked.expires:
        return state
    if asked.target is not None:
        return replace(state, asked=None, programme=(Stage(0, asked.target, 0),))
    return replace(state, asked=None, programme=state.plan, plan_gone=_gone(state, t) or 0)


def without_programme(state: GateState) -> GateState:
    """No raise of a programme follows until the runner consents again."""
    return replace(state, programme=())


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
    return all(fresh(s, t) and s.value <= STOPPED_MAX for s in (state.before, state.speed.seen))


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
    state = _without_consents(state)
    return replace(state, speed=noted(state.speed, t, 0, firm=True))


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
    now = reference(state.speed, t)
    if value > now:
        raised = _raise(state, t, SPEED, value)
        return raised if isinstance(raised, str) else replace(state, speed=raised)
    if value < now:
        state = _without_leaves(state)
    return replace(state, speed=noted(state.speed, t, value, firm=value == 0))


def _set_incline(state: GateState, t: Millis, value: int) -> GateState | str:
    if value > HARD_GRADE:
        return "No incline above 15 % goes to the treadmill; ask for less."
    if value < 0:
        return "treadguard lowers the incline to 0 and never below; use the console for a decline."
    now = reference(state.grade, t)
    if value > now:
        raised = _raise(state, t, GRADE, value)
        return raised if isinstance(raised, str) else replace(state, grade=raised)
    if value < now:
        state = _without_leaves(state)
    return replace(state, grade=noted(state.grade, t, value))


def _raise(state: GateState, t: Millis, bounds: Bounds, value: int) -> Axis | str:
    """The axis with a raise to `value` noted as sent, or why it may not go out now."""
    on_speed = bounds is SPEED
    axis, other = (state.speed, state.grade) if on_speed else (state.grade, state.speed)
    noun = bounds.noun
    if not fresh(state.speed.seen, t) or state.speed.seen.value <= STOPPED_MAX:
        return f"The belt isn't known to move now; raise the {noun} once its speed shows again."
    if not fresh(axis.seen, t):
        return f"The {noun} isn't known now; wait until the treadmill reports it again."
    leave = axis.leave
    own = leave is not None and value <= leave.target and (leave.begun or t < leave.expires)
    if not own:
        leave = None
        most = _come_to(state, t, on_speed=on_speed)
        if most is None or value > most:
            return f"Raising the {noun} to this needs the runner's consent; press + again."
    if other.raised_at is not None and t - other.raised_at < APART_MS:
        return "Speed and incline are never raised at once; wait a second."
    most = NEXT_RAISE_MS if leave is not None and leave.begun else FIRST_RAISE_MS
    elapsed = most if axis.raised_at is None else min(t - axis.raised_at, most)
    if (value - reference(axis, t)) * 1000 > bounds.per_s * elapsed:
        return f"That would raise the {noun} too fast; go up in smaller steps."
    axis = replace(noted(axis, t, value), raised_at=t)
    if leave is not None:
        axis = replace(axis, leave=None if value == leave.target else replace(leave, begun=True))
    return axis


def _come_to(state: GateState, t: int, *, on_speed: bool) -> int | None:
    """The most that the programme under way has come to by now, None without one."""
    gone = _gone(state, t) or 0
    begun = [stage for stage in state.programme if stage.begins <= gone]
    return max((stage.speed if on_speed else stage.grade for stage in begun), default=None)


def _gone(state: GateState, t: int) -> int | None:
    """The time on a moving belt since the session's programme was set going, in ms."""
    newest = state.speed.seen
    if state.plan_gone is None or newest is None or newest.value <= STOPPED_MAX:
        return state.plan_gone
    return state.plan_gone + min(max(t - newest.t, 0), COUNTED_MS)


def _without_consents(state: GateState) -> GateState:
    """What was consented to is over: no start, no raise, no programme."""
    return replace(without_programme(_without_leaves(state)), start=None, asked=None)


def _without_leaves(state: GateState) -> GateState:
    """No raise, consented or under way, outlives a lowering, a Stop, a Start or a gap."""
    return replace(
        state,
        speed=replace(state.speed, leave=None),
        grade=replace(state.grade, leave=None),
    )
