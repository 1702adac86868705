"""What the passing of time brings: what falls due, and which phase follows.

Hold times that end, questions that fall due, telemetry that grows old, a stop that doesn't come:
all of it is judged on every event, whichever it is, so that no event can hide a deadline.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard import acts, course, follow, host, order, planned
from treadguard.guard.acts import KEY_FIRST, Turn
from treadguard.guard.entering import entered
from treadguard.guard.events import PhaseChange
from treadguard.guard.follow import FAULT_STOP_EVERY_MS, MAX_STOPS, NEXT_FALL_MS, Follow, Sees
from treadguard.guard.hear import AGAIN_MS
from treadguard.guard.incline import GradeWatch
from treadguard.guard.limits import Demand, Limit
from treadguard.guard.phases import AT_REST, Facts, next_phase
from treadguard.guard.ramp import Axis
from treadguard.guard.rules import breaks, pain, posture, ratings
from treadguard.guard.rules.backoff import UNRATED_K, expired
from treadguard.guard.sense import (
    console_started,
    stopped_of_late,
)
from treadguard.guard.state import State
from treadguard.units import Millis

START_MS: Final = 10_000
"""A Start without motion for so long has failed."""

END_SLACK_MS: Final = 5_000


def wake(t: Turn) -> None:
    """The first step after a restart: a belt that was left moving is lost until it is seen."""
    s = t.s
    if s.left_moving:
        s.left_moving = False
        s.phase = "LOST"
        t.out.append(PhaseChange("OFF", "LOST"))


def elapse(t: Turn, *, climbs: bool = True) -> None:
    """Let the time of this event pass. `climbs`: a belt that doesn't follow is judged now."""
    s = t.s
    s.pain = pain.elapsed(s.pain, t.now)
    s.ease = expired(s.ease, t.now)
    s.posture = posture.elapsed(s.posture, t.now, s.policy.posture)
    order.laid_again(t)
    host.explained(t)
    if s.phase == "RUNNING":
        _questions(t)
        planned.elapse(t)
        if s.ending is not None:
            _ending(t, *s.ending)
    planned.break_over(t)
    if s.phase in AT_REST and s.measured.known_stopped(t.now):
        _stands(t)
    too_long = s.starting is None and breaks.too_long(s.breaks, t.now, s.policy.breaks)
    if too_long and s.ended is None:
        acts.end(t, "the break was too long")
        t.alarm("The break lasted too long: the session ends. Rest, and see how the day goes.", 1)
    waited = s.starting is not None and t.now - s.starting >= START_MS
    if waited and s.phase == "STARTING" and not s.measured.moving:
        _did_not_start(t)
    if s.orphan_until is not None and t.now >= s.orphan_until:
        s.rest = s.rest or "left moving"
    if s.rest or s.ended or s.fault or s.breaks.active:
        # A belt that is to stop isn't offered to be taken over.
        s.orphan = False
        s.orphan_until = None
    _owed(t)
    _unheard(t)
    if climbs:
        _climb(t)
    if s.grade_watch is not None and s.grade_watch.overdue(t.now):
        _grade_overdue(t, s.grade_watch)


def _did_not_start(t: Turn) -> None:
    """No motion since the Start. A machine that says it started may be showing an old zero (H04).

    This is the last moment in which the belt isn't taken for standing, so a Stop still goes out.
    """
    s = t.s
    s.starting = None
    if s.start_n is not None:
        t.verdicts((s.start_n,), "unknown")
        s.start_n = None
    if not s.said_started:
        t.cue("The belt did not start: try again, or start it from its console.")
        return
    s.said_started = False
    s.rest = s.rest or "no motion seen"
    t.alarm(f"The treadmill says it started, but shows no speed: stopping it. {KEY_FIRST}")
    acts.stop(t, ("no motion seen",))


def _grade_overdue(t: Turn, watch: GradeWatch) -> None:
    """The deck didn't get there: a raise is taken back, a lowering left as it was told."""
    s = t.s
    t.verdicts(watch.pending, "unknown")
    s.grade_watch = None
    if watch.target > watch.start:
        s.grade = replace(s.grade, wanted=s.measured.grade, grant=None, ramp_to=None)
    else:
        s.grade_stuck = s.measured.grade


def _stands(t: Turn) -> None:
    """The belt is known to stand: a break counts from here, and no stop is being followed."""
    s = t.s
    s.breaks = breaks.standing(s.breaks, t.now)
    if s.phase == "BREAK":
        acts.flatten(s)
    if s.ended is None and s.fault is None:
        s.console_start = None
    if s.follow.kind == "stop" and s.follow.last < t.now:
        t.verdicts(s.follow.pending, "confirmed")
        s.follow = follow.at_rest(s.follow)
        s.speed = Axis(wanted=0, setpoint=0)
        s.grade = Axis(told=s.grade.told)


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


def _ending(t: Turn, began: Millis, why: str) -> None:
    """A planned end steps down first, then stops; past its time it stops anyway."""
    s = t.s
    slow = s.measured.speed is not None and s.measured.speed <= s.machine.speed_min + follow.NEAR
    rate = s.policy.ramp.lower_per_s
    late = t.now - began >= s.policy.caps.speed * 1000 // rate + END_SLACK_MS
    if slow or late:
        acts.end(t, why)


def _owed(t: Turn) -> None:
    s = t.s
    if s.owed_until is not None and t.now >= s.owed_until:
        s.owed_until = None
    if s.owed_at is not None and t.now >= s.owed_at:
        s.owed_at = None
        acts.stop(t, ("owed stop",))


def _unheard(t: Turn) -> None:
    """The link came back and the belt stays out of sight: that, too, is a lost belt."""
    s = t.s
    if s.phase != "LOST" or not s.link or s.shadow or s.owed_at is not None or s.follow.stops:
        return
    if s.said_stopped:
        return
    age = s.measured.age(t.now)
    if (t.now - s.link_t if age is None else age) < s.policy.telemetry.lost_ms:
        return
    s.orphan = False
    s.orphan_until = None
    s.rest = s.rest or "no telemetry"
    t.alarm(f"The belt's speed is unknown. {KEY_FIRST}")
    acts.stop(t, ("telemetry",))


def _climb(t: Turn) -> None:
    s = t.s
    if s.shadow or not s.link or s.phase == "LOST":
        return
    sees = follow.elapsed(s.follow, t.now, s.measured)
    if sees is Sees.LOST_RAISE:
        t.verdicts(s.follow.pending, "unknown")
        s.follow = Follow(last_stop=s.follow.last_stop)
        s.speed = replace(s.speed, wanted=acts.speed_now(s), grant=None, ramp_to=None)
        s.grade = s.grade.settled()
        course.withdraw(t, "the belt doesn't follow")
        t.cue("The belt doesn't speed up: staying at what is measured.")
        return
    if sees is not Sees.CLIMB:
        return
    if s.fault is not None:
        waited = s.follow.last_stop is None or t.now - s.follow.last_stop >= FAULT_STOP_EVERY_MS
        if waited and t.now - s.follow.mark_t >= NEXT_FALL_MS:
            acts.overtaken(t)
            acts.stop(t, ("fault",))
        return
    acts.overtaken(t)
    if s.phase == "ENDED":
        return
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
        moving=s.measured.moving,
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
        if stopped_of_late(s, t.now):
            changed = _moves_on(t)
        else:
            console_started(t)
            _adopts(t)
            changed = True
    if _paused_by_machine(t):
        changed = True
    if s.phase == "RUNNING" and not s.shadow and _too_slow(s, limit):
        s.rest = s.rest or "slower than the machine can"
        changed = True
    if changed:
        limit = order.limit_of(s, t.now)
    # Twice at most: what a phase entails (a belt that came back too fast) may demand another.
    for _ in range(2):
        old, new = s.phase, next_phase(s.phase, _facts(s, t.now, limit))
        if new == old:
            break
        s.phase = new
        t.out.append(PhaseChange(old, new))
        entered(t, old, new)
        limit = order.limit_of(s, t.now)
        changed = True
    if limit.belt is not Demand.RUN:
        _stop_if_owed(t, limit)
    return changed


def _moves_on(t: Turn) -> bool:
    """It looked at rest after our Stop, but it moves: the stop goes on."""
    s = t.s
    if s.shadow:
        return False
    # A press may just have sent it, and a second one at once would start a belt that toggles.
    due = s.measured.fresh(t.now) and not stopped_of_late(s, t.now, AGAIN_MS)
    if s.phase == "ENDED" and s.console_start is None and due:
        s.console_start = t.now
        t.alarm(f"The belt moves although the session has ended: stopping it. {KEY_FIRST}")
        acts.stop(t, ("ended",))
    if s.phase not in ("READY", "PAUSED", "BREAK"):
        return False
    s.rest = s.rest or "stop"
    s.breaks = replace(s.breaks, zero=None)
    last = s.follow.last_stop
    if last is not None and t.now - last < follow.FIRST_FALL_MS:
        s.follow = follow.resumed_stop(s.follow, t.now, s.measured.shown)
    return True


def _adopts(t: Turn) -> None:
    """A console start counts as the consent where nothing but a pause holds the belt."""
    s = t.s
    held = s.ended is not None or s.fault is not None or s.waiting is not None
    if held or breaks.still_owed(s.breaks, t.now, s.policy.breaks) is not None:
        return
    if s.owed_until is not None or s.phase not in ("READY", "PAUSED", "BREAK"):
        return
    s.rest = None
    s.breaks = breaks.resumed(s.breaks, t.now)
    t.cue("The belt was started at its console: going on from there.")


def _paused_by_machine(t: Turn) -> bool:
    """An unexplained fall to zero is a pause by the machine."""
    s = t.s
    ran = s.phase == "RUNNING" or (s.phase == "LOST" and not s.orphan)
    if not ran or s.rest is not None or not s.measured.known_stopped(t.now):
        return False
    s.rest = "the machine paused"
    return True


def _too_slow(s: State, limit: Limit) -> bool:
    """Whether what is wanted or allowed is less than the machine can do."""
    least, wanted = s.machine.speed_min, s.speed.wanted
    return limit.speed_max < least or (wanted is not None and wanted < least)


def _stop_if_owed(t: Turn, limit: Limit) -> None:
    """A belt that moves, or may, against a demand gets its Stop: one, the ladder does the rest."""
    s = t.s
    if s.owed_at is not None or s.owed_until is not None or s.unasked:
        return
    why = tuple(sorted(limit.belt_why))
    if s.breaks.active and limit.belt is Demand.STOP and s.breaks.why not in why:
        why = (s.breaks.why, *why)
    if s.shadow:
        if s.phase == "RUNNING" and not s.shadow_stopped:
            acts.stop(t, why)
        return
    none_sent = s.follow.kind != "stop" or s.follow.stops == 0
    if s.phase in ("STOPPING", "LOST", "FAULT") and s.link and none_sent:
        blind = s.phase == "FAULT" and not s.measured.moving
        obeyed = s.phase == "LOST" and s.said_stopped
        if not blind and not obeyed:
            acts.stop(t, why)
