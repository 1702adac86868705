"""step(state, event) -> (state, outputs): the guard's one entrance.

Every step hears one event, lets time pass, works out the limit, moves the phase and writes what is
due, in this order. Pure: the same state and event give the same result anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from treadguard.guard import asked, course, events, hear, host, order, passing, sense, wire
from treadguard.guard.acts import Turn
from treadguard.guard.events import Event, Output
from treadguard.guard.state import State


def _tick(_t: Turn, _e: events.Tick) -> None:
    pass


_HEARS: dict[type[Any], Callable[[Turn, Any], None]] = {
    events.Telemetry: sense.measured,
    events.Answer: wire.answered,
    events.Machine: sense.said,
    events.Link: wire.linked,
    events.Pain: hear.felt,
    events.Symptom: hear.named,
    events.Posture: hear.stood,
    events.Consent: hear.consented,
    events.Operator: asked.asked,
    events.Clock: host.lost_time,
    events.Host: host.leaves,
    events.Tick: _tick,
    events.Veto: wire.vetoed,
}


BLIND_MS: Final = 1_000
"""Ticks come four times a second: a gap longer than this was a guard that couldn't look."""


_OWN_TIME: Final = (events.Tick, events.Clock, events.Link)
"""Events that say themselves what the time before them was worth."""


def step(state: State, event: Event) -> tuple[State, tuple[Output, ...]]:
    """The state after this event, and what the guard says to it.

    Time never runs backwards: an event from the past is heard as now. After a gap the time passes
    first, so that a fresh sample can't hide that there was none; it ends a raise under way (I12),
    and writes no speed, so that the Stop for a pain is the next command.
    """
    if event.t - state.now <= BLIND_MS:
        return _step(state, event)
    state = state.copied()
    state.speed, state.grade = state.speed.settled(), state.grade.settled()
    if isinstance(event, _OWN_TIME):
        return _step(state, event, looked=False)
    state, before = _step(state, events.Tick(event.t), writes=False, looked=False)
    state, after = _step(state, event)
    return state, before + after


def _step(
    state: State, event: Event, *, writes: bool = True, looked: bool = True
) -> tuple[State, tuple[Output, ...]]:
    """One step. `looked`: the guard has seen the time before it pass."""
    t = Turn(state.copied(), max(state.now, event.t))
    t.s.now = t.now
    if not looked:
        course.withdraw(t, "treadguard was held up")
    if state.phase == "RUNNING":
        t.s.ran += t.now - state.now
    passing.wake(t)
    _HEARS[type(event)](t, event)
    # Before the event of a gap the belt isn't judged: what comes with the event is newer.
    passing.elapse(t, climbs=writes)
    limit = order.limit_of(t.s, t.now)
    if passing.move(t, limit):
        limit = order.limit_of(t.s, t.now)
    order.tighten(t, limit)
    course.go_on(t, limit)
    if order.announce(t, limit) and t.s.shadow:
        order.would_write(t, limit)
    if writes:
        order.write(t, limit)
    return t.s, tuple(t.out)
