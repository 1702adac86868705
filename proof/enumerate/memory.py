"""What an onlooker remembers of a history: the human's leave, what went out, and lost time.

Judged from what went in and what came out, not from the guard's own grants. The rule to keep: a
leave ends at the first thing that DESIGN names (a Stop, a lowering, stale telemetry, the link).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from proof.plan_leave import AHEAD_MS, Going
from treadguard.guard import events as ev
from treadguard.guard.state import State
from treadguard.units import Millis

SAFETY_KEY: Final = 3
STALE_MS: Final = 3_000
EACH_MS: Final = 1_000
"""A ramp writes each second, and a Stop isn't repeated within one."""

GOES_ON_MS: Final = 3_000
"""A ramp that could write and hasn't for so long is over: what follows begins anew."""

LONGEST_MS: Final = 10_000
"""No ramp of a grid's takes longer between two writes."""

EXPLAINED_MS: Final = 3_000
IN_SOCKET_MS: Final = 250
"""A speed that comes sooner after lost time may have waited in a socket meanwhile."""


@dataclass(frozen=True, slots=True)
class Memory:
    """`leave`: the speed that a human may still be brought to, None without one.

    `own`: Stops sent one after the other on the guard's own account, with no hand in between.
    `wrote`: when the last speed went out, as long as a ramp may still go on from it; `fell`: that
    was a lowering. `stopped`: when the last Stop did, within a second. `blind`: since when time
    was lost, and no newer speed was seen. `ended`: Stops of its own since the session came to rest
    at its end, or a hand asked for one; `once`: there has been one at all. `called`: the runner
    has been told of a start since the belt came to rest. `plan`: what a programme may raise;
    `goes`: the event asks for one, by a live consent.
    """

    leave: int | None = None
    own: int = 0
    wrote: Millis | None = None
    fell: bool = False
    stopped: Millis | None = None
    blind: Millis | None = None
    ended: int = 0
    once: bool = False
    called: bool = False
    plan: Going = field(default_factory=Going)
    goes: bool = False


def moved(m: Memory, now: Millis, to: Millis) -> Memory:
    """The same memory where it is `to` instead of `now`; what is old is as old as matters."""

    def age(t: Millis | None, cap: int) -> Millis | None:
        return None if t is None else Millis(to - min(now - t, cap))

    stopped = None if m.stopped is None or now - m.stopped >= EACH_MS else m.stopped
    return replace(
        m,
        wrote=age(m.wrote, LONGEST_MS),
        stopped=age(stopped, EACH_MS),
        blind=age(m.blind, EXPLAINED_MS),
        plan=_planned(m.plan, now, to),
        goes=False,
    )


def _planned(p: Going, now: Millis, to: Millis) -> Going:
    """What is announced counts from 5 s on, and for no more than each leg since has had."""
    told = p.told if p.leave else ()
    told = tuple((to - min(now - x[0], AHEAD_MS), x[1], *p.worth(x)) for x in told)
    gone = min(p.gone, p.tops[-1][0]) if p.tops else 0
    return p if (told, gone) == (p.told, p.gone) else replace(p, told=told, gone=gone)


def live_consent(s: State, e: ev.Operator, t: int, kinds: tuple[str, ...]) -> bool:
    """Whether a consent of this connection, for this very wish, has not run out."""
    return any(
        c.for_ in kinds
        and c.target == (e.value if e.do in ("speed", "incline") else None)
        and c.expires > t
        and c.generation == s.generation
        for c in s.consents
    )


def raises(before: State, after: State, value: int) -> bool:
    """Whether this speed is above both what was commanded and what is shown."""
    return value > max(before.speed.setpoint or 0, after.measured.speed or 0)


def of_itself(e: ev.Event) -> bool:
    """Whether what follows is the guard's own account, with no hand behind it."""
    return isinstance(e, ev.Tick | ev.Telemetry | ev.Veto)


def by_hand(e: ev.Event) -> bool:
    """Whether somebody asks for a stop, or may: of what the machine says only the key is that."""
    return not of_itself(e) and not (isinstance(e, ev.Machine) and e.status != SAFETY_KEY)


def heard(m: Memory, s: State, e: ev.Event) -> Memory:
    """The memory once the event is known, before the guard's answer is."""
    if not of_itself(e):
        m = replace(m, own=-1)  # its first Stop is the hand's
    p = m.plan.passes(e.t - s.now, s.phase)
    p = p.heard(e, s.measured.age(e.t), s.speed.setpoint or 0)
    goes = isinstance(e, ev.Operator) and e.do == "programme" and e.role == "local"
    if p is not m.plan or goes:
        goes = goes and live_consent(s, e, e.t, ("programme",))  # type: ignore[arg-type]
        m = replace(m, plan=p, goes=goes)
    if by_hand(e):
        m = replace(m, ended=0)
    if isinstance(e, ev.Clock):
        m = replace(m, blind=e.t)
    elif isinstance(e, ev.Telemetry) and e.speed is not None and m.blind is not None:
        m = replace(m, blind=m.blind if e.t - m.blind < IN_SOCKET_MS else None)
    age = s.measured.age(e.t)
    ends = isinstance(e, ev.Link | ev.Clock) or age is None or age >= STALE_MS
    if isinstance(e, ev.Operator):
        named = e.do == "speed" and e.value is not None and e.role == "local"
        if named and live_consent(s, e, e.t, ("speed",)):
            return replace(m, leave=e.value)
        ends = ends or e.do in ("stop", "break", "end", "ease")
    return replace(m, leave=None) if ends and not isinstance(e, ev.Telemetry) else m


def answered(
    m: Memory, before: State, e: ev.Event, after: State, out: tuple[ev.Output, ...]
) -> Memory:
    """The memory once the guard has answered."""
    leave, own, told = m.leave, m.own, False
    stops = owed = 0
    for o in out:
        told = told or isinstance(o, ev.Alarm)
        if isinstance(o, ev.PhaseChange) and (o.from_, o.to) == ("LOST", "STOPPING"):
            own = 0  # in sight again: what it does is judged, and counted, anew
        if isinstance(o, ev.LimitChange) and not o.may_raise:
            leave = None
        if isinstance(o, ev.Command) and not o.shadow and o.op == "stop":
            leave, own, stops = None, own + 1, stops + 1
            owed += "owed stop" in o.why
        if isinstance(o, ev.Command) and o.op == "set_speed" and leave is not None:
            leave = None if o.value is not None and o.value >= leave else leave
    if after.phase != "RUNNING":
        leave = None
    if after.phase not in ("STOPPING", "LOST"):
        own = 0
    plan = m.plan
    starts = any(_starts(o) for o in out)
    plan = plan.withdrawn() if starts else plan  # a plain start goes on without its raises
    free = before.phase == "RUNNING" and before.limit is not None and before.limit.may_raise
    if m.goes and (starts or free):
        plan = plan.set_going("programme", None)
    plan = plan.answered(after.now, out, after.phase) if out else plan
    ends = before.phase == after.phase == "ENDED"
    rests = after.phase in ("READY", "PAUSED", "BREAK", "ENDED")
    m = replace(
        m,
        leave=leave,
        own=max(own, 0),
        stopped=after.now if stops else m.stopped,
        ended=min(2, m.ended + (0 if by_hand(e) else stops - owed)) if ends else 0,
        once=ends and (m.once or stops > 0),
        plan=plan,
        goes=False,
        called=rests and after.measured.start_doubt is not None and (m.called or told),
    )
    return _paced(m, before, after, out)


def _starts(o: ev.Output) -> bool:
    return isinstance(o, ev.Command) and not o.shadow and o.op == "start"


def _paced(m: Memory, before: State, after: State, out: tuple[ev.Output, ...]) -> Memory:
    """A ramp goes on from its last write, until it has long had its turn and written nothing."""
    for o in out:
        if isinstance(o, ev.Command) and not o.shadow and o.op == "set_speed":
            rose = raises(before, after, o.value or 0)
            return replace(m, wrote=after.now, fell=not rose)
    over = m.wrote is not None and after.now - m.wrote >= GOES_ON_MS
    return replace(m, wrote=None, fell=False) if over or after.phase != "RUNNING" else m
