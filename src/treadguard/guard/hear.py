"""What people say and show: ratings, the button, symptoms, posture, consents.

Each function folds one event into the turn. The rule to keep: role "remote" can only tighten.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard import acts, course
from treadguard.guard.acts import Turn
from treadguard.guard.events import Consent, Pain, Posture, Symptom
from treadguard.guard.rules import asymmetry, breaks, corrections, pain, posture, ratings, symptoms
from treadguard.guard.rules.backoff import UNRATED_K, k_for
from treadguard.guard.state import State
from treadguard.units import Millis

CONSENT_MS: Final = 10_000
"""A consent is used within this time, whatever it says itself."""

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
        _press_again(t, again=noise)
    elif local:
        _wait_over(s, level)
    if level > 0:
        # Also one that changes nothing else: nobody is sped up while it hurts.
        s.speed, s.grade = s.speed.settled(), s.grade.settled()
        course.withdraw(t, "pain")
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


def _press_again(t: Turn, *, again: bool = False) -> None:
    """A belt out of sight or never seen, or that moves where it should rest, gets a Stop each time.

    Once a second at most; without a link the runner hears that it can't be sent.
    """
    s = t.s
    if s.shadow:
        return
    if not s.link:
        if s.phase not in MOVING or s.breaks.active or again:
            # Elsewhere the stop that follows says it. A belt out of sight may have been started.
            t.alarm(acts.NO_LINK)
        return
    m = s.measured
    resting = s.phase not in MOVING and m.moving
    deaf = s.phase == "STOPPING" and m.twice_moving and not m.slowing
    unseen = s.phase == "OFF" and s.measured.t is None
    if s.phase != "LOST" and not (resting or deaf or unseen):
        return
    s.rest = s.rest or "stop"
    if s.follow.last_stop is None or t.now - s.follow.last_stop >= AGAIN_MS:
        acts.stop(t, ("pain",))
        t.alarm(acts.KEY_FIRST)


def _old_message(t: Turn) -> None:
    """A retained message says nothing about now: a plain stop, once a session, with a warning."""
    s = t.s
    if s.speed.grant is not None or s.grade.grant is not None:
        t.cue("An old message about pain arrived: going up ends here.")
    s.speed, s.grade = s.speed.settled(), s.grade.settled()
    course.withdraw(t, "an old message")
    if s.old_message:
        return
    s.old_message = True
    t.alarm("An old message about pain arrived: stopping the belt to be safe.", 1)
    plain_stop(t, "an old message", own=False)


def _back_off(t: Turn, level: int) -> None:
    s = t.s
    stays = level == s.policy.pain.stop_above
    until = None if stays else Millis(t.now + s.policy.pain.hold_ms)
    base = s.pain.base or acts.load_now(s)
    held = s.pain.backoff
    if held is not None and held.until is None:
        until = None
    b = acts.back_off(t, k_for(level), "pain", until, base)
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
    t.alarm(f"{e.what}: the session ends. {symptoms.advice_for(e.what)}")


def stood(t: Turn, e: Posture) -> None:
    """A posture sample: judged only while the belt runs."""
    s, policy = t.s, t.s.policy.posture
    if s.phase != "RUNNING":
        return
    trunk = None if e.trunk is None else e.trunk - s.profile.trunk_baseline
    neck = None if e.neck is None else e.neck - s.profile.neck_baseline
    s.posture, saw = posture.saw(s.posture, t.now, trunk, neck, s.measured.grade, policy)
    if e.lumbar is not None:
        over = e.lumbar - s.profile.lumbar_baseline
        s.posture = posture.saw_lumbar(s.posture, t.now, over, policy)
    if saw is posture.Saw.STOP:
        if s.rest is None and not s.shadow:
            t.alarm("You are leaning far over: stopping the belt. Hold the rail.")
        s.rest = s.rest or "posture"
    elif saw is posture.Saw.BREAK:
        acts.trigger(t, pain.BUTTON_LEVEL, "posture", "leaning forward for long")
    elif saw is posture.Saw.BACK_OFF:
        _posture_back_off(t)
    else:
        for kind, wrong in posture.slumps(s.posture, t.now, policy):
            _correct(t, kind, wrong=wrong)
    if e.asym is not None and e.strides:
        _walked(t, abs(e.asym - s.profile.asym_baseline), e.strides)


def _correct(t: Turn, kind: corrections.Kind, *, wrong: bool) -> None:
    s = t.s
    every = s.policy.posture.cue_every_ms
    s.corrections, say = corrections.judged(s.corrections, kind, t.now, every, wrong=wrong)
    if say:
        t.cue(corrections.SAID[kind])


def _walked(t: Turn, over: int, strides: int) -> None:
    """So many strides, this uneven: told, then a back-off out of posture's own few (A16)."""
    s, policy, p = t.s, t.s.policy.posture, t.s.posture
    s.asymmetry, saw = asymmetry.saw(s.asymmetry, t.now, over, strides, policy)
    rested = p.last_backoff is None or t.now - p.last_backoff >= policy.gap_ms
    if saw is asymmetry.Saw.BACK_OFF and rested and p.backoffs < policy.max_backoffs:
        s.asymmetry = asymmetry.Asymmetry()
        s.posture = replace(p, backoffs=p.backoffs + 1, last_backoff=t.now)
        _posture_back_off(t)
    else:
        _correct(t, "strides", wrong=saw is not asymmetry.Saw.NOTHING)


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
    if load.speed <= floor and not load.grade_can_move:
        return  # The next sample's correction says it.
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
    if own:
        s.control_retried = False
    if s.follow.kind != "stop" or s.follow.stops == 0 or again:
        acts.stop(t, ("stop",), own=own)
