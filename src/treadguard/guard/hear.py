"""What people say: ratings, the button, symptoms, posture, and what the runner asks for.

Each function folds one event into the turn. The rule to keep: role "remote" can only tighten.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard import acts
from treadguard.guard.acts import Turn
from treadguard.guard.events import Consent, Operator, Pain, Posture, Symptom
from treadguard.guard.rules import breaks, pain, posture, ratings, symptoms
from treadguard.guard.rules.backoff import UNRATED_K, k_for
from treadguard.guard.state import State
from treadguard.units import Millis

CONSENT_MS: Final = 10_000
"""A consent is used within this time, whatever it says itself."""

USED_KEPT: Final = 32
"""So many used consents are remembered; older ones have long expired."""

AGAIN_MS: Final = 1_000
"""A Stop pressed again goes out again, but not twice within a second."""

MOVING: Final = ("STARTING", "RUNNING", "STOPPING", "LOST")
"""Phases in which the belt moves or may move."""


def felt(t: Turn, e: Pain) -> None:
    """A rating, or the bare button."""
    if e.retained:
        _old_message(t)
        return
    s, local = t.s, e.role == "local"
    level = pain.BUTTON_LEVEL if e.level is None else e.level
    answers = s.ratings.open_since is not None
    before = s.breaks
    act = pain.act_of(s.pain, t.now, level, s.policy.pain, answers=answers)
    noise = s.pain.same_rating(t.now) and level <= s.pain.peak
    s.pain = pain.rated(s.pain, t.now, level, s.policy.pain, local=local)
    s.ratings = ratings.answered(s.ratings, t.now, local=local)
    if level > s.policy.pain.stop_above:
        _press_again(t)
    elif local:
        _wait_over(s, level)
    if noise:
        return
    if before.active and before.level is not None and act is not pain.Act.END:
        s.breaks = breaks.rated(before, level, s.policy.breaks, local=local)
        if s.starting is not None and level > s.policy.breaks.resume_max:
            s.starting = None
            s.breaks = replace(s.breaks, zero=None)
        return
    if act is pain.Act.END:
        acts.end(t, "pain", symptoms.PAIN_LOCK)
        t.alarm(f"Pain {level}: the session ends. {symptoms.SEEK_CARE}")
    elif act is pain.Act.TRIGGER:
        what = "the pain button" if e.level is None else f"pain {level}"
        acts.trigger(t, level, "pain", what)
    elif s.phase not in MOVING or s.phase == "STARTING":
        _before_motion(t, level)
    elif act is pain.Act.BACK_OFF:
        _back_off(t, level)


def _press_again(t: Turn) -> None:
    """A belt out of sight, or one that moves where it should rest, gets a Stop for each press.

    Once a second at most; without a link the runner hears that it can't be sent.
    """
    s = t.s
    if s.shadow:
        return
    if not s.link:
        if s.phase in MOVING and s.breaks.active:
            t.alarm(f"No link: the Stop could not be sent. {acts.KEY_FIRST}")
        return
    m = s.measured
    resting = s.phase not in MOVING and m.moving
    deaf = s.phase == "STOPPING" and m.twice_moving and (m.speed or 0) >= (m.prev or 0)
    if s.phase != "LOST" and not resting and not deaf:
        return
    s.rest = s.rest or "stop"
    if s.follow.last_stop is None or t.now - s.follow.last_stop >= AGAIN_MS:
        acts.stop(t, ("pain",))
        t.alarm(acts.KEY_FIRST)


def _old_message(t: Turn) -> None:
    """A retained message says nothing about now: a plain stop, once a session, with a warning."""
    s = t.s
    if s.old_message:
        return
    s.old_message = True
    t.alarm("An old message about pain arrived: stopping the belt to be safe.", 1)
    plain_stop(t, "an old message", own=False)


def _back_off(t: Turn, level: int) -> None:
    s = t.s
    until = None if level == s.policy.pain.stop_above else t.now + s.policy.pain.hold_ms
    base = s.pain.base or acts.load_now(s)
    held = s.pain.backoff
    if held is not None and held.until is None:
        until = None
    b = acts.back_off(t, k_for(level), "pain", None if until is None else Millis(until), base)
    s.pain = replace(s.pain, base=base, backoff=b or held)


def _wait_over(s: State, level: int) -> None:
    """A local rating low enough ends the wait for a start."""
    b = s.policy.breaks
    if s.waiting is not None and level <= breaks.low_enough(s.waiting, b):
        s.waiting = None


def _before_motion(t: Turn, level: int) -> None:
    """Pain before the belt moves: the start waits until the runner rates low enough."""
    s = t.s
    if level > s.policy.breaks.resume_max:
        s.waiting = level if s.waiting is None else max(level, s.waiting)
        if s.starting is not None:
            s.starting = None
            s.rest = s.rest or "pain before the start"


def named(t: Turn, e: Symptom) -> None:
    """A symptom ends the session, whatever it is called."""
    if e.retained:
        _old_message(t)
        return
    _press_again(t)
    acts.end(t, "symptom", symptoms.lock_for(e.what))
    t.alarm(f"{e.what}: the session ends. {symptoms.SEEK_CARE}")


def stood(t: Turn, e: Posture) -> None:
    """A posture sample: judged only while the belt runs."""
    s, policy = t.s, t.s.policy.posture
    if s.phase != "RUNNING":
        return
    trunk = None if e.trunk is None else e.trunk - s.profile.trunk_baseline
    neck = None if e.neck is None else e.neck - s.profile.neck_baseline
    s.posture, saw = posture.saw(s.posture, t.now, trunk, neck, s.measured.grade, policy)
    if saw is posture.Saw.CUE_TRUNK:
        t.cue(posture.UPRIGHT)
    elif saw is posture.Saw.CUE_NECK:
        t.cue(posture.EYES_AHEAD)
    elif saw is posture.Saw.STOP:
        if s.rest is None and not s.shadow:
            t.alarm("You are leaning far over: stopping the belt. Hold the rail.")
        s.rest = s.rest or "posture"
    elif saw is posture.Saw.BREAK:
        acts.trigger(t, pain.BUTTON_LEVEL, "posture", "leaning forward for long")
    elif saw is posture.Saw.BACK_OFF:
        _posture_back_off(t)


def _posture_back_off(t: Turn) -> None:
    s, policy = t.s, t.s.policy.posture
    load = acts.load_now(s)
    if load is None:
        return
    floor = s.posture.floor
    if floor is None:
        wanted = load.speed if s.speed.wanted is None else s.speed.wanted
        floor = max(s.machine.speed_floor(wanted * policy.floor_pct // 100), s.machine.speed_min)
        s.posture = replace(s.posture, floor=floor)
    if load.speed <= floor and not (load.grade_can_move and (load.grade or 0) > 0):
        t.cue(posture.UPRIGHT)
        return
    until = Millis(t.now + s.policy.pain.hold_ms)
    b = acts.back_off(t, UNRATED_K, "posture", until, load, floor)
    s.posture = replace(s.posture, backoff=b)


def consented(t: Turn, e: Consent) -> None:
    """Remember a consent; only one of this connection and not yet expired is worth anything."""
    s = t.s
    alive = tuple(c for c in s.consents if c.expires > t.now)
    new = e.id not in s.used and all(c.id != e.id for c in alive)
    if new and e.generation == s.generation and s.link and e.expires > t.now:
        expires = min(e.expires, Millis(t.now + CONSENT_MS))
        s.consents = (*alive, replace(e, expires=expires))
    else:
        s.consents = alive


def plain_stop(t: Turn, why: str, *, own: bool) -> None:
    """Belt to zero, paused: no break owed, no trigger counted."""
    s = t.s
    if s.phase in MOVING or s.phase == "OFF":
        s.rest = s.rest or why
        s.starting = None
        s.unasked = False
    again = s.follow.last_stop is None or t.now - s.follow.last_stop >= AGAIN_MS
    if s.follow.kind != "stop" or s.follow.stops == 0 or again:
        acts.stop(t, ("stop",), own=own)


def asked(t: Turn, e: Operator) -> None:
    """Something the runner asks for."""
    _ASKED[e.do](t, e)


def _stop(t: Turn, _e: Operator) -> None:
    plain_stop(t, "stop", own=True)


def _break(t: Turn, _e: Operator) -> None:
    s = t.s
    if s.phase not in MOVING:
        t.cue("The belt already stands: take your break.")
        return
    if s.breaks.active and s.starting is None:
        return
    if s.breaks.active:
        s.breaks = replace(s.breaks, zero=None)
    else:
        speed = s.measured.speed if s.phase != "STARTING" else None
        s.breaks = breaks.requested(s.breaks, speed)
    s.starting = None
    s.unasked = False
    if not s.link:
        t.alarm(f"No link: the Stop could not be sent. {acts.KEY_FIRST}")
        return
    t.cue("Break: sip water, check your posture, breathe.")


def _ease(t: Turn, _e: Operator) -> None:
    s = t.s
    if s.phase not in ("RUNNING", "LOST"):
        t.cue("The belt stands or is stopping: there is nothing to ease.")
        return
    b = acts.back_off(t, UNRATED_K, "ease", Millis(t.now + s.policy.pain.hold_ms))
    s.ease = b or s.ease


def _end(t: Turn, _e: Operator) -> None:
    s = t.s
    if s.phase == "RUNNING" and s.link and not s.shadow:
        if s.ending is None:
            s.ending = t.now
            s.speed = replace(s.speed.settled(), ramp_to=None).ratcheted(s.machine.speed_min)
            t.cue("Ending: slowing down, then stopping.")
        return
    acts.end(t, "the runner ended it")


def _unlock(t: Turn, e: Operator) -> None:
    s = t.s
    if e.role != "local":
        t.cue("Only someone at the treadmill can unlock it.")
    elif not s.locks:
        t.cue("Nothing is locked.")
    else:
        s.locks = ()
        t.cue("Unlocked: a new session may start.")


def _start(t: Turn, e: Operator) -> None:
    s = t.s
    if s.orphan and s.orphan_until is not None and e.role == "local":
        if _used(t, ("start", "resume"), None):
            s.orphan = False
            s.orphan_until = None
            t.cue("Taken over: the belt goes on as it is.")
        return
    refusal = _no_start(t, e)
    if refusal is not None:
        t.cue(f"Not starting: {refusal}.")
        return
    s.starting = t.now
    s.waiting = None
    s.owed_until = None
    s.measured = replace(s.measured, start_doubt=t.now)
    s.inflight = t.now
    s.start_n = t.command("start", None, (e.do,))
    if s.phase != "READY":
        acts.flatten(s)


def _no_start(t: Turn, e: Operator) -> str | None:
    s = t.s
    used = _used(t, ("start", "resume"), None)
    if e.role != "local":
        return "only someone at the treadmill can start it"
    if s.shadow:
        return "treadguard only watches this machine; start it from its console"
    if s.fault is not None:
        return "the machine did not obey; check it, then start treadguard again"
    if s.ended is not None:
        return "this session has ended" + (" and is locked" if s.locks else "")
    if s.phase not in ("READY", "PAUSED", "BREAK"):
        return "there is no link" if not s.link else "the belt must stand first"
    if not s.link:
        return "there is no link"
    owed = breaks.still_owed(s.breaks, t.now, s.policy.breaks)
    if owed is not None:
        return owed
    if s.waiting is not None:
        need = breaks.low_enough(s.waiting, s.policy.breaks)
        return f"your pain must be {need} or less, it was {s.waiting}"
    if s.limit is not None and s.machine.speed_floor(s.limit.speed) < s.machine.speed_min:
        return "what is allowed is slower than this machine can go"
    if not s.measured.known_stopped(t.now):
        return "the belt must be seen standing for a moment"
    return None if used else "it needs your consent, given now"


def _used(t: Turn, kinds: tuple[str, ...], target: int | None) -> bool:
    """Use up a live consent of one of these kinds for this target."""
    s = t.s
    for consent in s.consents:
        if consent.for_ in kinds and consent.target == target and consent.expires > t.now:
            s.consents = tuple(c for c in s.consents if c is not consent)
            s.used = (*s.used, consent.id)[-USED_KEPT:]
            return consent.generation == s.generation
    return False


def _speed(t: Turn, e: Operator) -> None:
    s = t.s
    if e.value is None or s.speed.setpoint is None or s.phase != "RUNNING" or s.shadow:
        t.cue(_why_not(t, "the speed"))
        return
    if e.value <= 0:
        plain_stop(t, "stop", own=True)
        return
    target = max(s.machine.speed_floor(e.value), s.machine.speed_min)
    present = s.speed.setpoint
    if target <= present:
        s.speed = replace(s.speed.settled(), wanted=target)
        s.grade = s.grade.settled()
        return
    allowed = s.limit.speed if s.limit is not None else s.policy.caps.speed
    top = min(allowed, s.machine.speed_max or allowed)
    target = min(target, s.machine.speed_floor(top))
    if not _may_raise(t, e, "speed"):
        return
    if target <= present:
        t.cue(f"The limit is {target / 100:.1f} km/h for now.")
        return
    s.speed = replace(s.speed, wanted=target, grant=target, ramp_to=None)


def _incline(t: Turn, e: Operator) -> None:
    s = t.s
    if e.value is None or s.grade.setpoint is None or s.phase != "RUNNING" or s.shadow:
        t.cue(_why_not(t, "the incline"))
        return
    target = s.machine.grade_floor(e.value)
    if target < 0:
        t.cue("treadguard sets no decline: 0 % is the least.")
        return
    present = s.grade.setpoint
    if target <= present:
        s.grade = replace(s.grade.settled(), wanted=target)
        s.speed = s.speed.settled()
        return
    allowed = s.limit.incline if s.limit is not None else s.policy.caps.grade
    top = allowed if s.machine.grade_max is None else min(allowed, s.machine.grade_max)
    target = min(target, s.machine.grade_floor(top))
    if not _may_raise(t, e, "incline"):
        return
    if target <= present:
        t.cue(f"The limit is {target / 10:g} % for now.")
        return
    s.grade = replace(s.grade, wanted=target, grant=target, ramp_to=None)


def _why_not(t: Turn, what: str) -> str:
    if t.s.shadow:
        return f"treadguard only watches this machine; set {what} on its console."
    if t.s.phase == "RUNNING":
        return f"The machine doesn't show {what}: it can't be set."
    return f"The belt isn't running: {what} can be set once it does ('treadguard resume')."


def _may_raise(t: Turn, e: Operator, axis: str) -> bool:
    """A raise needs a fresh local consent for this very target, and no limit in force."""
    s = t.s
    used = _used(t, (axis,), e.value)
    if e.role != "local":
        t.cue("Only someone at the treadmill can go up.")
    elif s.limit is not None and not s.limit.may_raise:
        t.cue(f"Not going up: {', '.join(s.limit.why)}.")
    elif not used:
        t.cue("Going up needs your consent, given now.")
    else:
        return True
    return False


_ASKED = {
    "start": _start,
    "resume": _start,
    "speed": _speed,
    "incline": _incline,
    "stop": _stop,
    "break": _break,
    "end": _end,
    "ease": _ease,
    "unlock": _unlock,
}
