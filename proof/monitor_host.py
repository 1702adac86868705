"""What must hold when nobody watched for a while, or what is seen makes no sense.

Lost time, a computer that leaves, a speed that leaps, a Start that nothing is seen of. Each law is
a function of the step just taken; it gives its name where it is broken. The rule to keep: what the
belt does meanwhile is unknown, so a law here asks for a Stop and an alarm, never for patience.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from treadguard.guard import events as ev

if TYPE_CHECKING:
    from proof.monitor import Monitor

MOVING = ("STARTING", "RUNNING", "STOPPING", "LOST")
SLEPT_MS = 1_000
EXPLAINED_MS = 3_000
NO_MOTION_MS = 10_000
LEAPS_MAX = 3
AGAIN_MS = 1_000
STOPPED = 2
"""2ADA: stopped or paused by the user."""


def judge(m: Monitor) -> str | None:
    """The first law that this step broke."""
    e = m.event
    if isinstance(e, ev.Clock):
        law = _slept(m, e)
    elif isinstance(e, ev.Host):
        law = _leaves(m)
    elif isinstance(e, ev.Telemetry):
        law = _leaps(m)
    else:
        law = None
    return law or _unexplained(m) or _never_moved(m) or _blindly(m)


def _stopped(m: Monitor) -> bool:
    """A Stop goes out, can't, or has just done."""
    return m.stop or not m.f.up or m.f.now - m.f.stop_at < AGAIN_MS


def _slept(m: Monitor, e: ev.Clock) -> str | None:
    """H65: a computer that slept beside a moving belt says so and stops it."""
    if m.before not in MOVING or not e.slept or e.lost <= SLEPT_MS:
        return None
    m.session.tried.add("H65")
    if not m.alarm:
        return "H65 the computer slept and nobody is told"
    return None if _stopped(m) else "H65 the computer slept and no Stop goes out"


def _leaves(m: Monitor) -> str | None:
    """H65: a computer that is about to leave stops the belt first."""
    if m.before not in MOVING:
        return None
    m.session.tried.add("H65 leaving")
    if not m.alarm:
        return "H65 the computer leaves and nobody is told"
    return None if _stopped(m) else "H65 the computer leaves and no Stop goes out"


def _unexplained(m: Monitor) -> str | None:
    """I12: no newer speed for 3 s after lost time stops the belt."""
    f = m.f
    if f.blind is None or f.now - f.blind < EXPLAINED_MS or m.before != "RUNNING":
        return None
    if isinstance(m.event, ev.Machine) and m.event.status == STOPPED and f.phase == "STOPPING":
        return None  # the machine's own word explains it; it has 5 s to show it
    m.session.tried.add("I12")
    if f.up and f.stop_at < f.blind:
        return "I12 lost time isn't explained and no Stop goes out"
    told = m.alarm or m.session.alarm_at >= f.blind
    return None if told else "I12 lost time isn't explained and nobody is told"


def _leaps(m: Monitor) -> str | None:
    """I18: the third leap within 10 s is a belt that nobody sees."""
    f = m.f
    if m.before != "RUNNING" or len(f.leaps) < LEAPS_MAX or f.leaps[-1] != f.now:
        return None
    m.session.tried.add("a third leap")
    if not _stopped(m):
        return "I18 the speed makes no sense and no Stop goes out"
    return None if m.alarm or m.stop else "I18 the speed makes no sense and nobody is told"


def _never_moved(m: Monitor) -> str | None:
    """H04: a Start that the machine says it took, and that shows no motion, is stopped and said."""
    f = m.f
    began = m.start_before
    if m.before != "STARTING" or began is None or f.now - began < NO_MOTION_MS or not f.said:
        return None
    if not f.up or f.measured > 5 or isinstance(m.event, (ev.Pain, ev.Symptom, ev.Operator)):
        return None
    m.session.tried.add("H04")
    if not m.alarm:
        return "H04 it says it started, shows nothing, and nobody is told"
    return None if m.stop else "H04 it says it started, shows nothing, and no Stop goes out"


def _blindly(m: Monitor) -> str | None:
    """I6: a Stop is repeated by itself only against fresh telemetry that shows motion."""
    f = m.f
    if (
        not m.stop
        or (f.fresh and f.measured > 5)
        or not isinstance(m.event, (ev.Tick, ev.Telemetry))
    ):
        return None
    if any(isinstance(o, ev.Command) and o.op == "stop" and o.attempt > 1 for o in m.outputs):
        return "I6 a Stop is repeated and nothing shows motion"
    return None
