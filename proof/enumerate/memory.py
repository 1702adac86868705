"""What an onlooker remembers of a history: the human's leave, and the Stops that went out.

Judged from what went in and what came out, not from the guard's own grants. The rule to keep: a
leave ends at the first thing that DESIGN names (a Stop, a lowering, stale telemetry, the link).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from treadguard.guard import events as ev
from treadguard.guard.state import State

STALE_MS = 3_000


@dataclass(frozen=True, slots=True)
class Memory:
    """`leave`: the speed that a human may still be brought to, None without one.

    `own`: Stops sent one after the other on the guard's own account, with no hand in between.
    """

    leave: int | None = None
    own: int = 0


def live_consent(s: State, e: ev.Operator, t: int, kinds: tuple[str, ...]) -> bool:
    """Whether a consent of this connection, for this very wish, has not run out."""
    return any(
        c.for_ in kinds
        and c.target == (e.value if e.do in ("speed", "incline") else None)
        and c.expires > t
        and c.generation == s.generation
        for c in s.consents
    )


def heard(m: Memory, s: State, e: ev.Event) -> Memory:
    """The memory once the event is known, before the guard's answer is."""
    if not isinstance(e, ev.Tick | ev.Telemetry | ev.Veto):
        m = replace(m, own=-1)  # its first Stop is the hand's
    age = s.measured.age(e.t)
    ends = isinstance(e, ev.Link | ev.Clock) or age is None or age >= STALE_MS
    if isinstance(e, ev.Operator):
        named = e.do == "speed" and e.value is not None and e.role == "local"
        if named and live_consent(s, e, e.t, ("speed",)):
            return replace(m, leave=e.value)
        ends = ends or e.do in ("stop", "break", "end", "ease")
    return replace(m, leave=None) if ends and not isinstance(e, ev.Telemetry) else m


def answered(m: Memory, after: State, out: tuple[ev.Output, ...]) -> Memory:
    """The memory once the guard has answered."""
    leave, own = m.leave, m.own
    for o in out:
        if isinstance(o, ev.PhaseChange) and (o.from_, o.to) == ("LOST", "STOPPING"):
            own = 0  # in sight again: what it does is judged, and counted, anew
        if isinstance(o, ev.LimitChange) and not o.may_raise:
            leave = None
        if isinstance(o, ev.Command) and not o.shadow and o.op == "stop":
            leave, own = None, own + 1
        if isinstance(o, ev.Command) and o.op == "set_speed" and leave is not None:
            leave = None if o.value is not None and o.value >= leave else leave
    if after.phase != "RUNNING":
        leave = None
    if after.phase not in ("STOPPING", "LOST"):
        own = 0
    return Memory(leave, max(own, 0))
