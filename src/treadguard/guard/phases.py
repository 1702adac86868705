"""The phases of a session, as one table.

Theory of operation. Everything that must live in the phase machine lives here. Each step works out
a few facts about the belt (Facts) and asks `next_phase`; nothing else ever sets a phase. Where
the belt must stand, the phase it comes to rest in follows from the most severe demand: FAULT,
ENDED, BREAK, PAUSED, or READY where nothing is asked. A belt that moves against a demand is
STOPPING; one that may move without anybody seeing it is LOST; both leave only by what was
measured. In shadow the phases follow the belt.

    OFF       no link, and the belt stood (or was never seen)
    READY     at zero, nothing is asked of it
    STARTING  a Start went out, no motion yet
    RUNNING   moves, and may
    STOPPING  moves, and must not; or may still move after a Stop
    PAUSED    at zero until the runner resumes
    BREAK     at zero until the break's conditions hold and the runner resumes
    ENDED     at zero, no resume in this session
    FAULT     the machine did not obey
    LOST      moving when last seen, and no fresh telemetry
"""

from __future__ import annotations

from typing import Final, NamedTuple

from treadguard.guard.events import PhaseName
from treadguard.guard.limits import Demand

AT_REST: Final = ("OFF", "READY", "PAUSED", "BREAK", "ENDED", "FAULT")


class Facts(NamedTuple):
    """What a transition depends on.

    `seen`: a sample of this connection has arrived. `moving`: the last one showed motion;
    `twice_moving`: the last two. `stopped`: known stopped. `lost`: the speed is unknown for too
    long, or the link is down. `starting`: a Start is waiting for motion. `waiting`: an owed Stop
    is being weighed after a reconnect. `shadow`: nothing is sent.
    """

    link: bool
    seen: bool
    moving: bool
    twice_moving: bool
    stopped: bool
    lost: bool
    demand: Demand
    on_break: bool
    starting: bool
    waiting: bool
    shadow: bool


def rest(facts: Facts) -> PhaseName:
    """Where a belt at zero stands under this demand."""
    if facts.demand is Demand.FAULT:
        return "FAULT"
    if facts.demand is Demand.END:
        return "ENDED"
    if facts.on_break:
        return "BREAK"
    return "PAUSED" if facts.demand is Demand.STOP else "READY"


def motion(facts: Facts) -> PhaseName:
    """What a moving belt is called under this demand."""
    if facts.shadow or facts.demand is Demand.RUN:
        return "RUNNING"
    return "FAULT" if facts.demand is Demand.FAULT else "STOPPING"


def _off(f: Facts) -> PhaseName:
    if not f.link or not f.seen:
        return "OFF"
    return motion(f) if f.moving else rest(f)


def _standing(f: Facts) -> PhaseName:
    here = rest(f)
    if not f.link:
        return "OFF" if here in ("READY", "PAUSED") else here
    if f.starting:
        return "STARTING"
    if f.lost and f.moving and not f.shadow:
        return "LOST"
    return motion(f) if f.twice_moving else here


def _ended(f: Facts) -> PhaseName:
    return rest(f)


def _starting(f: Facts) -> PhaseName:
    if f.lost:
        return "LOST"
    if f.demand is not Demand.RUN:
        return rest(f) if f.stopped and not f.starting else "STOPPING"
    if f.moving:
        return "RUNNING"
    return "STARTING" if f.starting else rest(f)


def _running(f: Facts) -> PhaseName:
    if f.lost:
        return "LOST"
    if f.stopped:
        return rest(f)
    return motion(f)


def _stopping(f: Facts) -> PhaseName:
    if f.demand is Demand.FAULT:
        return "FAULT"
    if f.lost:
        return "LOST"
    return rest(f) if f.stopped else "STOPPING"


def _lost(f: Facts) -> PhaseName:
    if f.lost or f.waiting:
        return "LOST"
    if f.stopped:
        return rest(f)
    return motion(f) if f.moving else "LOST"


TABLE = {
    "OFF": _off,
    "READY": _standing,
    "STARTING": _starting,
    "RUNNING": _running,
    "STOPPING": _stopping,
    "PAUSED": _standing,
    "BREAK": _standing,
    "ENDED": _ended,
    "FAULT": _ended,
    "LOST": _lost,
}


def next_phase(phase: PhaseName, facts: Facts) -> PhaseName:
    """The phase after this step."""
    return TABLE[phase](facts)
