"""What the passing of time brings, and what a change of phase entails.

Hold times that end, questions that fall due, telemetry that grows old, a stop that doesn't come:
all of it is judged on every event, whichever it is, so that no event can hide a deadline.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard import acts, follow, order
from treadguard.guard.acts import KEY_FIRST, Turn
from treadguard.guard.console import Console
from treadguard.guard.events import PhaseChange, PhaseName
from treadguard.guard.follow import FAULT_STOP_EVERY_MS, MAX_STOPS, NEXT_FALL_MS, Follow, Sees
from treadguard.guard.limits import Demand, Limit
from treadguard.guard.phases import Facts, next_phase
from treadguard.guard.ramp import Axis
from treadguard.guard.rules import breaks, pain, posture, ratings
from treadguard.guard.rules.backoff import UNRATED_K, expired
from treadguard.guard.sense import console_started
from treadguard.guard.state import State

START_MS: Final = 10_000
"""A Start without motion for so long has failed."""

END_SLACK_MS: Final = 5_000
AT_REST: Final = ("OFF", "READY", "PAUSED", "BREAK", "ENDED", "FAULT")


def elapse(t: Turn) -> None:
    """Let the time of this event pass."""
    s = t.s
    s.pain = pain.elapsed(s.pain, t.now)
    s.ease = expired(s.ease, t.now)
    s.posture = posture.elapsed(s.posture, t.now, s.policy.posture)
    order.laid_again(t)
    if s.phase == "RUNNING":
        _questions(t)
        if s.ending is not None:
            _ending(t)
    if s.phase in AT_REST and s.measured.known_stopped(t.now):
        _stands(t)
    if breaks.too_long(s.breaks, t.now, s.policy.breaks) and s.ended is None:
        acts.end(t, "the break was too long")
        t.alarm("The break lasted too long: the session ends. Rest, and see how the day goes.", 1)
    if s.starting is not None and t.now - s.starting >= START_MS and s.phase == "STARTING":
        s.starting = None
        if s.start_n is not None:
            t.verdicts((s.start_n,), "unknown")
            s.start_n = None
        t.cue("The belt did not start: try again, or start it from its console.")
    if s.orphan_until is not None and t.now >= s.orphan_until:
        s.orphan = False
        s.orphan_until = None
        s.rest = s.rest or "left moving"
    _owed(t)
    _climb(t)
    if s.grade_watch is not None and s.grade_watch.overdue(t.now):
        t.verdicts(s.grade_watch.pending, "unknown")
        s.grade_watch = None
        s.grade = s.grade.adopted(s.measured.grade)


def _stands(t: Turn) -> None:
    """The belt is known to stand: a break counts from here, and no stop is being followed."""
    s = t.s
    s.breaks = breaks.standing(s.breaks, t.now)
    if s.follow.kind == "stop":
        t.verdicts(s.follow.pending, "confirmed")
        s.follow = follow.at_rest(s.follow)
        s.speed = Axis(wanted=0, setpoint=0)
        s.grade = Axis()


def _questions(t: Turn) -> None:
    s = t.s
    s.ratings, asks = ratings.due(
        s.ratings, t.now, s.policy.prompts, s.pain.rerate_at, pained=s.pain.ever
    )
    if asks is ratings.Asked.ASK:
        t.cue("How is your pain now, 0 to 10?")
    elif asks is ratings.Asked.CUE:
        t.cue("No rating: the speed stays where it is until you rate your pain.")
    elif asks is ratings.Asked.BACK_OFF:
        b = acts.back_off(t, UNRATED_K, ratings.WHY, None)
        s.ratings = replace(s.ratings, backoff=b)
    elif asks is ratings.Asked.BREAK:
        s.ratings = replace(s.ratings, missed=0, backoff=None)
        acts.trigger(t, pain.BUTTON_LEVEL, ratings.WHY, "three questions without an answer")


def _ending(t: Turn) -> None:
    """A planned end steps down first, then stops; past its time it stops anyway."""
    s = t.s
    slow = s.measured.speed is not None and s.measured.speed <= s.machine.speed_min + follow.NEAR
    began = s.ending if s.ending is not None else t.now
    rate = s.policy.ramp.lower_per_s
    late = t.now - began >= s.policy.caps.speed * 1000 // rate + END_SLACK_MS
    if slow or late:
        acts.end(t, "the runner ended it")


def _owed(t: Turn) -> None:
    s = t.s
    if s.owed_until is not None and t.now >= s.owed_until:
        s.owed_until = None
    if s.owed_at is not None and t.now >= s.owed_at:
        s.owed_at = None
        acts.stop(t, ("owed stop",))


def _climb(t: Turn) -> None:
    s = t.s
    if s.shadow or not s.link:
        return
    sees = follow.elapsed(s.follow, t.now, s.measured)
    if sees is Sees.LOST_RAISE:
        t.verdicts(s.follow.pending, "unknown")
        s.follow = Follow(last_stop=s.follow.last_stop)
        s.speed = s.speed.adopted(s.measured.speed)
        return
    if sees is not Sees.CLIMB:
        return
    if s.fault is not None:
        waited = s.follow.last_stop is None or t.now - s.follow.last_stop >= FAULT_STOP_EVERY_MS
        if waited and t.now - s.follow.mark_t >= NEXT_FALL_MS:
            acts.stop(t, ("fault",))
        return
    if s.phase in ("ENDED",):
        return
    t.verdicts(s.follow.pending, "unknown")
    s.follow = replace(s.follow, pending=())
    if s.follow.kind == "lower":
        s.rest = s.rest or "not slowing"
        t.alarm(f"The belt doesn't slow down: stopping it. {KEY_FIRST}")
    elif s.follow.stops < MAX_STOPS:
        t.alarm(f"The belt doesn't stop: trying again. {KEY_FIRST}")
        acts.stop(t, ("not stopping",))
    else:
        s.fault = "the belt does not stop"
        t.alarm("The belt does not stop: pull the safety key now.")


def _facts(s: State, now: int, limit: Limit) -> Facts:
    age = s.measured.age(s.now)
    lost = not s.link or (now - s.link_t if age is None else age) >= s.policy.telemetry.lost_ms
    return Facts(
        link=s.link,
        seen=s.measured.t is not None,
        moving=s.measured.moving and s.measured.t is not None,
        twice_moving=s.measured.twice_moving,
        stopped=s.measured.known_stopped(s.now),
        lost=lost,
        demand=limit.belt,
        on_break=s.breaks.active,
        starting=s.starting is not None,
        waiting=s.owed_at is not None or (s.orphan and not s.measured.known_stopped(s.now)),
        shadow=s.shadow,
    )


def move(t: Turn, limit: Limit) -> bool:
    """Move the phase and do what that entails; True where the limit must be worked out again."""
    s = t.s
    changed = False
    if s.measured.twice_moving and s.phase in AT_REST:
        console_started(t)
        changed = _adopts(t)
    if _paused_by_machine(t):
        changed = True
    if s.phase == "RUNNING" and _too_slow(s) and not s.shadow:
        s.rest = s.rest or "slower than the machine can"
        changed = True
    if changed:
        limit = order.limit_of(s, t.now)
    new = next_phase(s.phase, _facts(s, t.now, limit))
    old = s.phase
    if new != old:
        s.phase = new
        t.out.append(PhaseChange(old, new))
        _entered(t, old, new)
        changed = True
    if limit.belt is not Demand.RUN:
        _stop_if_owed(t, limit)
    return changed


def _adopts(t: Turn) -> bool:
    """A console start counts as the consent where nothing but a pause holds the belt."""
    s = t.s
    held = s.ended is not None or s.fault is not None or s.waiting is not None
    if held or breaks.still_owed(s.breaks, t.now, s.policy.breaks) is not None:
        return False
    if s.owed_until is not None or s.phase not in ("READY", "PAUSED", "BREAK"):
        return False
    s.rest = None
    s.breaks = breaks.resumed(s.breaks, t.now)
    return True


def _paused_by_machine(t: Turn) -> bool:
    """An unexplained fall to zero is a pause by the machine."""
    s = t.s
    ran = s.phase == "RUNNING" or (s.phase == "LOST" and not s.orphan)
    if not ran or s.rest is not None or not s.measured.known_stopped(t.now):
        return False
    s.rest = "the machine paused"
    return True


def _too_slow(s: State) -> bool:
    wanted = s.speed.wanted
    return wanted is not None and wanted < s.machine.speed_min


def _stop_if_owed(t: Turn, limit: Limit) -> None:
    """A belt that moves, or may, against a demand gets its Stop: one, the ladder does the rest."""
    s = t.s
    if s.owed_at is not None or s.unasked:
        return
    why = tuple(sorted(limit.belt_why))
    if s.breaks.active and limit.belt is Demand.STOP and s.breaks.why not in why:
        why = (s.breaks.why, *why)
    if s.shadow:
        if s.phase == "RUNNING" and not s.shadow_stopped:
            acts.stop(t, why)
        return
    if s.phase in ("STOPPING", "LOST", "FAULT") and s.link and s.follow.kind != "stop":
        blind = s.phase == "FAULT" and not s.measured.moving
        if not blind:
            acts.stop(t, why)


def _entered(t: Turn, old: PhaseName, new: PhaseName) -> None:
    if new == "RUNNING":
        _runs(t, old)
    elif new == "LOST":
        _lost(t)
    elif new == "STOPPING":
        if t.s.unasked:
            t.s.follow = follow.stopping(t.s.follow, t.now, t.s.measured.speed)
    elif new in AT_REST:
        _rests(t)


def _runs(t: Turn, old: PhaseName) -> None:
    s = t.s
    grade = s.measured.grade
    if old != "LOST":
        s.first_motion = t.now
        s.ratings = ratings.moving(s.ratings, t.now)
    s.rest = None
    s.console = Console()
    t.verdicts(s.follow.pending, "unknown")
    s.follow = Follow(last_stop=s.follow.last_stop)
    if s.shadow:
        s.speed = Axis()
        s.grade = Axis()
        return
    if old == "STARTING":
        if s.start_n is not None:
            t.verdicts((s.start_n,), "confirmed")
            s.start_n = None
        s.starting = None
        least = s.machine.speed_min
        flat = s.breaks.active and grade is not None and grade > 0
        s.breaks = breaks.resumed(s.breaks, t.now)
        s.speed = Axis(wanted=least, setpoint=max(least, s.measured.speed or 0))
        s.grade = Axis(wanted=0 if flat else grade, setpoint=grade)
        return
    s.speed = s.speed.adopted(s.measured.speed)
    s.grade = s.grade.adopted(grade)


def _lost(t: Turn) -> None:
    s = t.s
    s.speed = replace(s.speed.settled(), ramp_to=None)
    s.grade = replace(s.grade.settled(), ramp_to=None)
    t.alarm(f"The belt's speed is unknown. {KEY_FIRST}")
    s.starting = None
    s.unasked = False
    if s.link and not s.shadow and s.follow.kind != "stop":
        s.rest = s.rest or "no telemetry"
        acts.stop(t, ("telemetry",))


def _rests(t: Turn) -> None:
    s = t.s
    stopped = s.follow.kind == "stop" and s.measured.known_stopped(t.now)
    t.verdicts(s.follow.pending, "confirmed" if stopped else "unknown")
    if s.phase == "FAULT" and s.measured.moving:
        s.follow = replace(s.follow, pending=())
    else:
        s.follow = follow.at_rest(s.follow)
        s.speed = Axis(wanted=0, setpoint=0)
        s.grade = Axis()
        s.unasked = False
    s.orphan = False
    s.orphan_until = None
    s.shadow_stopped = False
    s.console_start = None
    s.first_motion = None
    s.starting = None
    s.ending = None
    s.console = Console()
    s.posture = posture.cleared(s.posture)
    s.ratings = replace(s.ratings, open_since=None)
