"""What the radio says: answers to commands, the link, and the gate's refusals.

Hints, all of them: a success is no belt that slows, a link that is up no belt in sight. The rules
to keep: on a reconnect nothing moves up, and nothing that was refused is taken for done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard import acts, belt, course
from treadguard.guard.acts import OWED_MS, Turn
from treadguard.guard.console import Console
from treadguard.guard.credible import forgotten
from treadguard.guard.events import Answer, Link, Veto
from treadguard.guard.follow import Follow
from treadguard.guard.order import GRADE_REFUSALS
from treadguard.guard.sense import FIRST_SAMPLE_MS, MINIMUM_STEP, SETTLES_MS, ask_control
from treadguard.guard.state import State
from treadguard.units import Millis

GAP_MS: Final = 30_000
"""A gap in the link longer than this calls for a Stop."""

SUCCESS: Final = 1
INVALID: Final = 3
NO_CONTROL: Final = 5


def answered(t: Turn, e: Answer) -> None:
    """How a command ended on the wire; a hint, but an error is a rejection."""
    s = t.s
    ok = e.result in (SUCCESS, "timeout")
    if e.op == "stop" or (ok and e.op != "request_control"):
        s.inflight = None
    if e.op == "request_control":
        _control(t, e)
        return
    if ok:
        return
    if e.op == "set_speed":
        if s.follow.kind == "raise":
            t.cue("The treadmill doesn't take that speed: staying at what is measured.")
        elif e.result == INVALID:
            _learns_minimum(s)
        _rejected_speed(t)
    elif e.op == "set_incline":
        _rejected_grade(t)
    elif e.op == "start" and s.start_n is not None:
        t.verdicts((s.start_n,), "rejected")
        s.start_n = None
    elif e.op == "stop" and s.follow.kind == "stop" and s.follow.pending:
        t.verdicts(s.follow.pending, "rejected")
        s.follow = replace(s.follow, pending=())
    if e.result == NO_CONTROL:
        own = e.op == "stop" and s.owed_own
        if own and s.control_retried:
            t.alarm(f"The treadmill refused the Stop. {acts.KEY_FIRST}")
        s.stop_refused = e.op == "stop"
        ask_control(t, own=own)


def _learns_minimum(s: State) -> None:
    """A belt that has just started, and refuses its declared minimum, shows its real one."""
    speed = s.measured.speed
    young = s.first_motion is not None and s.now - s.first_motion < SETTLES_MS
    if (
        young
        and s.speed.rose is None
        and speed is not None
        and s.follow.target == s.machine.speed_min < speed
    ):
        least = speed // MINIMUM_STEP * MINIMUM_STEP
        s.machine = replace(s.machine, speed_min=least)
        s.speed = replace(s.speed, wanted=least, setpoint=least, ramp_to=None)


def _rejected_speed(t: Turn) -> None:
    """Not taken: nothing went up, and a lowering is still owed to the belt."""
    s = t.s
    if s.follow.kind not in ("raise", "lower"):
        return
    t.verdicts(s.follow.pending, "rejected")
    s.follow = replace(s.follow, pending=())
    if s.speed.setpoint == s.machine.speed_min > s.follow.target:
        s.follow = Follow(last_stop=s.follow.last_stop)  # there is no slower, as it was just learnt
        return
    now_at = s.measured.speed if s.measured.fresh(t.now) else s.speed.setpoint
    if s.follow.kind == "raise":
        course.withdraw(t, "the machine didn't take it")
        s.speed = s.speed.refound(acts.speed_now(s))
        s.follow = Follow(last_stop=s.follow.last_stop)
    elif now_at is not None and s.speed.setpoint is not None:
        s.speed = replace(s.speed, setpoint=max(now_at, s.speed.setpoint), ramp_to=None)


def _rejected_grade(t: Turn) -> None:
    """Not taken; a machine that keeps refusing is left alone, and the speed is eased instead."""
    s = t.s
    if s.grade_watch is None:
        return
    t.verdicts(s.grade_watch.pending, "rejected")
    if s.grade_watch.target > s.grade_watch.start:
        course.withdraw(t, "the machine didn't take it")
    s.grade_watch = None
    s.grade = s.grade.refound(s.measured.grade)
    s.grade_refused += 1
    if s.grade_refused == GRADE_REFUSALS:
        t.cue("This machine doesn't take the incline: set it on its console.")


def _control(t: Turn, e: Answer) -> None:
    s = t.s
    if s.control_n is not None:
        verdict = {SUCCESS: "confirmed", "timeout": "unknown"}.get(e.result, "rejected")
        t.verdicts((s.control_n,), verdict)  # type: ignore[arg-type]
        s.control_n = None
    if e.result != SUCCESS:
        return
    s.control_lost = False
    if s.stop_refused and s.follow.kind == "stop" and not s.measured.known_stopped(t.now):
        # It was never taken, so there is no effect to wait for (H08).
        acts.stop(t, ("control",), own=s.owed_own)
    s.stop_refused = False


def linked(t: Turn, e: Link) -> None:
    """The link came up or went down. On reconnect nothing moves up."""
    s = t.s
    gone, s.link_t = s.link_t, t.now
    s.link = e.up
    s.measured = belt.unlinked(s.measured)
    s.speed_seen = forgotten(s.speed_seen)
    s.grade_seen = forgotten(s.grade_seen)
    s.speed = replace(s.speed.settled(), ramp_to=None)
    s.grade = replace(s.grade.settled(), ramp_to=None)
    s.consents = ()
    s.inflight = None
    s.stop_refused = False
    s.owed_until = s.owed_until if e.up else None
    s.owed_at = None
    t.verdicts(s.follow.pending, "unknown")
    if s.grade_watch is not None:
        t.verdicts(s.grade_watch.pending, "unknown")
        s.grade_watch = None
    t.verdicts(tuple(n for n in (s.start_n, s.control_n) if n is not None), "unknown")
    s.start_n = s.control_n = None
    s.follow = Follow(last_stop=s.follow.last_stop)
    s.console = Console()
    s.grade_refused = 0
    if not e.up:
        return
    s.measured = replace(s.measured, grade=None, grade_t=None)  # the deck may have been moved
    first = s.generation == 0
    s.generation = e.generation
    if s.shadow:
        return
    s.control_retried = False
    s.control_lost = False
    s.control_n = t.command("request_control", None, ("link",))
    stopping = bool(s.rest or s.ended or s.fault or s.breaks.active)
    if s.said_stopped:
        # The Stop was obeyed, as far as anybody knows: another could start a belt that toggles.
        return
    if s.phase in ("STOPPING", "FAULT") and stopping:
        s.owed_at = Millis(t.now + FIRST_SAMPLE_MS)
    if s.phase != "LOST":
        return
    if not stopping and not first and t.now - gone > GAP_MS:
        s.rest = "the link was gone for long"
        stopping = True
    if stopping:
        s.owed_at = Millis(t.now + FIRST_SAMPLE_MS)


def vetoed(t: Turn, e: Veto) -> None:
    """The gate refused the last command: a Stop stays owed for 10 s, anything else is off."""
    s = t.s
    if e.op == "stop":
        s.owed_until = Millis(t.now + OWED_MS)
        t.verdicts(s.follow.pending[-1:], "rejected")
        s.follow = replace(
            s.follow, pending=s.follow.pending[:-1], stops=max(0, s.follow.stops - 1)
        )
    elif e.op == "start":
        if s.start_n is not None:
            t.verdicts((s.start_n,), "rejected")
        s.start_n = None
        if s.measured.start_doubt == s.starting:
            # It never went out: the belt is as still as it was.
            s.measured = replace(s.measured, start_doubt=None)
        s.starting = None
        t.cue(f"Not starting: {e.why.rstrip('.')}.")
    elif e.op == "set_speed":
        _rejected_speed(t)
        s.speed = replace(s.speed.settled(), ramp_to=None)
        t.cue(f"Not going up: {e.why.rstrip('.')}.")
    elif e.op == "set_incline":
        _rejected_grade(t)
        t.cue(f"Not going up: {e.why.rstrip('.')}.")
