"""What was planned before the start: short breaks, the longest session, what is called to mind.

All of it is counted on the clock of the moving belt. The rule to keep: nothing here is owed by the
runner; a planned break may be ended at once, and whoever wants to stop earlier does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard import acts
from treadguard.guard.acts import Turn
from treadguard.guard.order import backoffs
from treadguard.guard.rules import breaks, corrections, reminders
from treadguard.units import Millis

WARNED_MS: Final = Millis(10_000)
"""A planned break is told so long ahead: a belt that stops unannounced throws people off."""

LAST_MS: Final = Millis(60_000)


def elapse(t: Turn) -> None:
    """What falls due on a running belt."""
    s = t.s
    s.reminders = reminders.measured(s.reminders, s.ran, s.measured.speed, s.measured.grade)
    if s.ending is not None:
        return
    if not s.shadow:
        _longest(t)
    if s.ending is None:
        _break(t)
        _remind(t)


def begin_end(t: Turn, said: str, why: str) -> None:
    """Step down first, then stop: the session ends in order. `why`: what it is remembered as."""
    s = t.s
    s.ending = (t.now, why)
    s.speed = replace(s.speed.settled(), ramp_to=None).ratcheted(s.machine.speed_min)
    s.grade = s.grade.settled()
    t.cue(f"{said}: slowing down, then stopping.")


def _longest(t: Turn) -> None:
    s = t.s
    longest = s.profile.longest_ms
    if longest is None:
        return
    if s.ran >= longest:
        begin_end(t, "That is the time your therapist set", "the therapist's time was up")
    elif s.ran >= longest - LAST_MS and not s.nearly_over:
        s.nearly_over = True
        t.cue("One minute left of the time your therapist set.")


def _break(t: Turn) -> None:
    s, policy = t.s, t.s.policy.breaks
    if not policy.every_ms or s.breaks.active:
        return
    left = s.break_from + policy.every_ms - s.ran
    if left <= WARNED_MS and not s.break_told:
        s.break_told = True
        t.cue(
            "Time for a short break: stop the belt on its console."
            if s.shadow
            else "A short break in 10 seconds: hold the rail."
        )
    if left <= 0 and not s.shadow:
        s.breaks = breaks.requested(s.breaks, s.measured.speed, policy.length_ms)
        t.cue(acts.BREAK)


def break_over(t: Turn) -> None:
    """Say once that a planned break has lasted as long as it was meant to."""
    s, b = t.s, t.s.breaks
    if b.active and b.lasts and b.zero is not None and t.now >= b.zero + b.lasts:
        s.breaks = replace(b, lasts=0)
        t.cue("That was the break: check your posture, and resume when you are ready.")


def _remind(t: Turn) -> None:
    s = t.s
    if s.ratings.open_since is not None or any(True for _ in backoffs(s)):
        return
    if not corrections.silent(s.corrections, t.now, s.policy.posture.cue_every_ms):
        return
    kind = reminders.due(s.reminders, s.ran, s.policy.cues)
    if kind is not None:
        s.reminders = reminders.told(s.reminders, s.ran, kind)
        t.cue(reminders.SAID[kind])
