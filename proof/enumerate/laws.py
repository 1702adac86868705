"""The invariants of HAZARDS.md, each as a question to one step: state, event, outputs, state.

Written from the documents, not from the guard. A law answers None where it holds, and otherwise
what is wrong. The rule to keep: a law never calls the guard's own judgement of the matter it
judges; what it must know of the past is in `memory`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from proof.enumerate.laws_host import (
    i12_lost_time_is_explained_or_stops,
    i12_nothing_goes_up_after_lost_time,
    i12_sleep_stops_the_belt,
)
from proof.enumerate.laws_rest import (
    h12_a_start_against_a_rest_gets_its_stop,
    h12_no_start_ends_a_rest,
)
from proof.enumerate.laws_slew import i3_no_faster_than_the_slew
from proof.enumerate.memory import STALE_MS, live_consent
from proof.enumerate.step import MOVES, Step, stands
from treadguard import gate
from treadguard.ftms import control_point
from treadguard.guard import events as ev
from treadguard.guard.state import State
from treadguard.units import Millis, Speed

MOST_STOPS: Final = 3


def i1_nothing_moves_at_rest(s: Step) -> str | None:
    """I1: a start only from rest into STARTING, a speed only for a belt that runs."""
    for c in s.sent:
        if c.op == "set_speed" and s.after.phase != "RUNNING":
            return f"a speed is sent in {s.after.phase}"
        if c.op == "set_incline" and s.after.phase not in ("RUNNING", "BREAK", "STARTING"):
            return f"an incline is sent in {s.after.phase}"
        from_rest = s.before.phase in ("READY", "PAUSED", "BREAK")
        if c.op == "start" and not (from_rest and s.after.phase == "STARTING"):
            return f"a Start is sent in {s.before.phase}"
    return None


def i2_raise_needs_leave(s: Step) -> str | None:
    """I2: a start or raise only by a live local consent of this connection."""
    for c in s.sent:
        if c.op == "start":
            e = s.event
            if not isinstance(e, ev.Operator) or e.role != "local":
                return "a Start that nobody at the treadmill asked for"
            kinds = ("programme",) if e.do == "programme" else ("start", "resume")
            if not live_consent(s.before, e, e.t, kinds):
                return "a Start without a consent"
        shown = s.after.measured.speed or 0
        planned = s.memory.plan.may(s.after.now)[0]
        leave = max(shown, s.memory.leave or 0, planned)
        if c.op == "set_speed" and c.value is not None and c.value > leave:
            own = f"{s.memory.leave}, of a programme {planned}"
            return f"a raise to {c.value} over {shown} without leave ({own})"
    return None


def worst(e: ev.Event, s: State) -> bool:
    """Pain above 4, the button, or a symptom, of now."""
    if isinstance(e, ev.Symptom):
        return not e.retained
    if not isinstance(e, ev.Pain) or e.retained:
        return False
    return e.level is None or e.level > s.policy.pain.stop_above


def i4_pain_stops_in_the_same_step(s: Step) -> str | None:
    """I4: pain above 4 to a belt that isn't known stopped is a Stop, and nothing beside it."""
    if not worst(s.event, s.before):
        return None
    if s.moves_sent:
        return f"pain above 4 sends {s.moves_sent[0].op}"
    if s.before.shadow:
        silent = s.before.phase == "RUNNING" and not s.told
        return "no alarm in shadow" if silent and not s.before.shadow_stopped else None
    if s.before.phase not in ("RUNNING", "STARTING") or not s.before.link:
        unheard = not s.before.link and s.before.phase in MOVES and not s.before.breaks.active
        quiet = unheard and s.before.ended is None and not s.told
        return "no link, and nobody is told that no Stop goes out" if quiet else None
    if s.stops or s.stands:
        return None
    return "pain above 4 and no Stop"


def i5_no_raise_on_old_news(s: Step) -> str | None:
    """I5: nothing goes up without a link, or on a speed of 3 s ago; a start on two fresh zeros."""
    for c in s.sent:
        if c.op == "start" and not stands(s.before.measured, s.after.now):
            return "a Start to a belt that isn't seen to stand"
        up = c.op == "set_speed" and (c.value or 0) > (s.before.speed.setpoint or 0)
        if (up or c.op == "start") and (s.age is None or s.age >= STALE_MS):
            return f"{c.op} on a speed {s.age} ms old"
        if c.op != "request_control" and not s.after.link:
            return f"{c.op} without a link"
    return None


def i6_stops_repeat_against_motion_only(s: Step) -> str | None:
    """I6, H10: a Stop is repeated at most three times by itself, and only on fresh motion."""
    asked = not isinstance(s.event, ev.Tick | ev.Telemetry)
    for c in s.sent:
        if c.op != "stop":
            continue
        if s.memory.own >= MOST_STOPS and s.before.fault is None and not asked:
            return f"Stop number {s.memory.own + 1} of its own, and no fault"
        fresh = s.age is not None and s.age < STALE_MS
        if c.attempt > 1 and not asked and not (fresh and (s.after.measured.speed or 0) > 5):
            blind = any(isinstance(o, ev.PhaseChange) and o.to == "LOST" for o in s.out)
            if not blind and "telemetry" not in c.why and "owed stop" not in c.why:
                return "a Stop is repeated on nothing that moves"
    return None


def i7_the_ceiling_only_falls(s: Step) -> str | None:
    """I7: after a counted trigger at most 90 % of its speed; never up again."""
    old, new = s.before.breaks, s.after.breaks
    if old.ceiling is not None and (new.ceiling is None or new.ceiling > old.ceiling):
        return f"the ceiling rose from {old.ceiling} to {new.ceiling}"
    if new.triggers > old.triggers and new.speed is not None and new.active:
        floor = s.after.machine.speed_min
        if new.ceiling is None or new.ceiling > max(floor, new.speed * 9 // 10):
            return f"a ceiling of {new.ceiling} after a trigger at {new.speed}"
    return None


def i8_the_end_is_the_end(s: Step) -> str | None:
    """I8: the fourth trigger, pain of 7 and a red flag end the session, for good."""
    a = s.after
    if a.breaks.triggers > s.before.policy.breaks.max_triggers and a.ended is None:
        return "one trigger too many, and the session goes on"
    if s.before.ended is not None and a.ended is None:
        return "an ended session is open again"
    if s.before.fault is not None and a.fault is None:
        return "a fault is forgotten"
    grave = isinstance(s.event, ev.Symptom) and not s.event.retained
    if isinstance(s.event, ev.Pain) and not s.event.retained and s.event.level is not None:
        grave = s.event.level >= s.before.policy.pain.end_at
        grave = grave and not s.before.pain.same_rating(Millis(s.event.t))
    if grave and (a.ended is None or not a.locks):
        return "a grave sign, and the session isn't over and locked"
    unlocks = isinstance(s.event, ev.Operator) and s.event.do == "unlock"
    if s.before.locks and not a.locks and not (unlocks and getattr(s.event, "role", "") == "local"):
        return "a lock was opened by nobody at the treadmill"
    rests = ("ENDED", "FAULT")
    if not a.shadow and s.before.phase in rests and a.phase not in rests:
        return f"{s.before.phase} becomes {a.phase}"
    return None


def i9_from_afar_only_tighter(s: Step) -> str | None:
    """I9, I10: what comes from afar, or late, never lifts anything."""
    afar = getattr(s.event, "role", "local") == "remote" or getattr(s.event, "retained", False)
    if not afar or s.after.now != s.before.now:
        return None
    at = max(s.before.speed.setpoint or 0, s.before.measured.speed or 0)
    if any((c.value or 0) > at for c in s.moves_sent):
        return "a remote hand raises"
    if any(c.op == "start" for c in s.sent):
        return "a remote hand starts"
    lifted = [
        name
        for name in ("rest", "ended", "fault", "waiting", "barred")
        if getattr(s.before, name) is not None and getattr(s.after, name) is None
    ]
    if lifted and not (lifted == ["waiting"] and s.after.breaks.active):
        return f"a remote hand lifts {lifted}"
    return "a remote hand ends a break" if s.before.breaks.active > s.after.breaks.active else None


def i13_the_console_is_corrected_once(s: Step) -> str | None:
    """I13: a console raise is corrected once; the second stops the belt."""
    return "corrected twice" if s.after.console.corrections > 1 else None


def i14_a_connection_moves_nothing(s: Step) -> str | None:
    """I14: link, time and clocks by themselves start nothing and raise nothing."""
    if isinstance(s.event, ev.Link) and s.moves_sent:
        return f"a connect sends {s.moves_sent[0].op}"
    return None


def lost_is_told(s: Step) -> str | None:
    """A1, H01: whoever loses sight of a moving belt is told in the same step; so is a fault."""
    for o in s.out:
        worse = isinstance(o, ev.PhaseChange) and o.to in ("LOST", "FAULT")
        known = s.before.fault is not None or s.before.phase == "OFF"
        if worse and not known and not s.told:
            return "out of sight or out of hand, and nobody is told"
    return None


def phases_are_a_chain(s: Step) -> str | None:
    """Each change begins where the last one ended."""
    at = s.before.phase
    for o in s.out:
        if isinstance(o, ev.PhaseChange):
            if o.from_ != at:
                return f"a change from {o.from_} in {at}"
            at = o.to
    return None if at == s.after.phase else f"{at} became {s.after.phase} unsaid"


def a_held_belt_has_its_stop(s: Step) -> str | None:
    """SH3: a belt that must stand and isn't known to has a Stop on its way, owed or its own."""
    a = s.after
    if a.shadow or a.phase != "STOPPING" or not a.link:
        return None
    sent = a.follow.kind == "stop" and (a.follow.stops > 0 or a.follow.last_stop is not None)
    return None if sent or a.owed_until or a.owed_at or a.unasked else "no Stop is on its way"


def shadow_only_watches(s: Step) -> str | None:
    """In shadow only the runner's own stop goes out, and what belongs to it."""
    if not s.before.shadow:
        return None
    own = isinstance(s.event, ev.Operator) and s.event.do in ("stop", "speed")
    for c in s.sent:
        owed = s.before.owed_own
        if c.op not in ("stop", "request_control") or not (own or owed):
            return f"{c.op} is sent in shadow"
    return None


def the_gate_lets_it_through(s: Step) -> str | None:
    """I11: a gate that has seen the same belt refuses no Stop to it, and no lowering."""
    m, now = s.after.measured, s.after.now
    if not s.sent or m.t is None or m.speed is None:
        return None
    g = gate.linked(gate.GateState(), now, True, 1)
    if m.prev is not None and m.prev_t is not None:
        g = gate.saw_speed(g, m.prev_t, Speed(m.prev))
    g = gate.saw_speed(g, m.t, Speed(m.speed))
    if m.start_doubt is not None:
        g = gate.saw_status(g, m.start_doubt, gate.STARTED_STATUS, None)
    for c in s.sent:
        lowers = c.op == "set_speed" and (c.value or 0) <= m.speed and m.moving
        if not lowers and c.op != "stop":
            continue
        frame = control_point.stop() if c.op == "stop" else control_point.set_speed(c.value or 0)
        refused = gate.check(g, now, frame)[1] is not None
        if refused and not (c.op == "stop" and s.stands):
            return f"the gate would refuse {c.op}"
        if c.op == "stop" and s.stands and not refused:
            return "the gate lets a Stop go to a standing belt"
    return None


LAWS: Final[tuple[Callable[[Step], str | None], ...]] = (
    phases_are_a_chain,
    shadow_only_watches,
    i14_a_connection_moves_nothing,
    i5_no_raise_on_old_news,
    i1_nothing_moves_at_rest,
    i2_raise_needs_leave,
    i3_no_faster_than_the_slew,
    i4_pain_stops_in_the_same_step,
    i6_stops_repeat_against_motion_only,
    i7_the_ceiling_only_falls,
    i8_the_end_is_the_end,
    i9_from_afar_only_tighter,
    i12_nothing_goes_up_after_lost_time,
    i12_sleep_stops_the_belt,
    i12_lost_time_is_explained_or_stops,
    h12_no_start_ends_a_rest,
    h12_a_start_against_a_rest_gets_its_stop,
    i13_the_console_is_corrected_once,
    lost_is_told,
    a_held_belt_has_its_stop,
    the_gate_lets_it_through,
)


OF_SILENCE: Final = (
    phases_are_a_chain,
    i4_pain_stops_in_the_same_step,
    i7_the_ceiling_only_falls,
    i8_the_end_is_the_end,
    i9_from_afar_only_tighter,
    i12_sleep_stops_the_belt,
    i12_lost_time_is_explained_or_stops,
    h12_no_start_ends_a_rest,
    h12_a_start_against_a_rest_gets_its_stop,
    i13_the_console_is_corrected_once,
    a_held_belt_has_its_stop,
)
"""Those that a step with no output may break, too."""


def ask_all(step: Step) -> None:
    """AssertionError with the first law that doesn't hold."""
    for law in LAWS if step.out else OF_SILENCE:
        wrong = law(step)
        if wrong is not None:
            raise AssertionError(f"{law.__name__}: {wrong}")
