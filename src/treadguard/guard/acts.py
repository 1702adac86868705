"""What the guard does: say, stop, back off, break, end.

Each act changes the state of the turn and puts out what must go out at once. The rule to keep:
nothing here raises anything.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard import follow
from treadguard.guard.events import Alarm, Command, Cue, Op, Output, Verdict, Verdict_
from treadguard.guard.rules import breaks
from treadguard.guard.rules.backoff import Backoff, Load, reduced
from treadguard.guard.rules.posture import Posture
from treadguard.guard.state import State
from treadguard.units import Millis, kmh

KEY_FIRST: Final = "The belt may be moving: use the safety key or the console."
NO_LINK: Final = f"No link: the Stop could not be sent. {KEY_FIRST}"
SHADOW_STOP: Final = "Press Stop, or pull the key: treadguard only watches this machine."
OWED_MS: Final = 10_000
"""A Stop that could not go out goes out on motion for so long (DESIGN.md section 2)."""

BREAK: Final = "Break: sip water, check your posture, breathe."
SEE_PT: Final = "That is one break too many for a session: please see a physical therapist."


class Turn:
    """One step under way: the state being made, the time, and what has been put out so far."""

    __slots__ = ("now", "out", "s")

    def __init__(self, state: State, now: Millis) -> None:
        self.s = state
        self.now = now
        self.out: list[Output] = []

    def cue(self, say: str) -> None:
        """Say something to the runner."""
        self.out.append(Cue(say))

    def alarm(self, say: str, level: int = 2) -> None:
        """Say something that the runner must hear now."""
        self.out.append(Alarm(say, level))

    def command(
        self,
        op: Op,
        value: int | None,
        why: tuple[str, ...],
        *,
        shadow: bool = False,
        attempt: int = 1,
    ) -> int:
        """Put out a command and return its number."""
        self.s.commands += 1
        self.out.append(Command(self.s.commands, op, value, why, shadow, attempt))
        return self.s.commands

    def verdicts(self, numbers: tuple[int, ...], verdict: Verdict_) -> None:
        """Say how commands ended."""
        self.out.extend(Verdict(n, verdict) for n in numbers)


def stop(t: Turn, why: tuple[str, ...], *, own: bool = False) -> None:
    """Send a Stop. `own`: pressed by the runner, the only one that goes out in shadow.

    Without a link it can't go out: it stays owed, and the alarm says so.
    """
    s = t.s
    s.speed = replace(s.speed.settled(), ramp_to=None)
    s.grade = replace(s.grade.settled(), ramp_to=None)
    if not s.link:
        t.alarm(NO_LINK)
        s.owed_until, s.owed_own = Millis(t.now + OWED_MS), own
        return
    if s.shadow and not own:
        s.shadow_stopped = True
        t.command("stop", None, why, shadow=True)
        t.alarm(SHADOW_STOP)
        return
    again = s.follow.stops
    if s.follow.kind != "stop":
        again = 0
        overtaken(t)
    s.owed_own = own
    s.owed_at = s.owed_until = None
    s.said_stopped = False
    n = t.command("stop", None, why, attempt=again + 1)
    s.follow = follow.wrote_stop(s.follow, n, t.now, s.measured.speed)
    if s.grade_watch is not None:
        t.verdicts(s.grade_watch.pending, "unknown")
        s.grade_watch = None
    if s.start_n is not None:
        t.verdicts((s.start_n,), "unknown")
        s.start_n = None
    s.inflight = t.now
    s.unasked = False


def overtaken(t: Turn) -> None:
    """What was under way can't be judged any more: a newer target won."""
    t.verdicts(t.s.follow.pending, "unknown")
    t.s.follow = replace(t.s.follow, pending=())


def flatten(s: State) -> None:
    """A resume begins at grade 0: the deck comes down while the belt stands."""
    grade = s.measured.grade_now(s.now)
    if grade is not None and grade > 0 and 0 not in (s.grade.wanted, s.grade.told) and not s.shadow:
        s.grade = replace(s.grade, wanted=0, setpoint=grade, ramp_to=None)


def adopt(s: State) -> None:
    """Wanted and setpoint become what is measured; a belt slower than its minimum, that."""
    s.speed = s.speed.adopted(speed_now(s))


def speed_now(s: State) -> int | None:
    """The measured speed, or the machine's minimum where the belt is still slower."""
    seen = s.measured.t is not None
    believed = s.speed_seen.value if seen else None
    speed = s.measured.speed if seen else s.speed.setpoint
    if speed is not None and believed is not None:
        speed = min(speed, believed)
    return None if speed is None else max(speed, s.machine.speed_min)


def slack(s: State) -> int:
    """So far may a belt be off its command without anybody else driving it (0.01 km/h)."""
    return max(s.machine.speed_step, follow.NEAR)


def load_now(s: State) -> Load | None:
    """What a back-off starts from: the lowest of measured, commanded and wanted."""
    measured = s.measured.speed if s.measured.t is not None else None
    speeds = [v for v in (measured, s.speed.setpoint, s.speed.wanted) if v is not None]
    if not speeds:
        return None
    seen = s.measured.grade_now(s.now)
    if seen is None:
        return Load(min(speeds), None, grade_can_move=False)
    known = [g for g in (seen, s.grade.setpoint, s.grade.wanted) if g is not None]
    grade = min(known)
    may_fall = s.profile.grade_first and s.measured.grade_moves and grade > 0
    return Load(min(speeds), grade, may_fall)


def back_off(
    t: Turn, k: int, why: str, until: Millis | None, base: Load | None = None, floor: int = 0
) -> Backoff | None:
    """Lower wanted to k/30 of the intensity, or stop below the machine's minimum.

    None where no speed is known.

    `floor`: posture lowers no speed below this (0.01 km/h).
    """
    s = t.s
    if s.console.driving and s.measured.fresh(t.now) and not s.speed_seen.doubtful:
        # What was commanded before the runner's own hand says nothing about now.
        adopt(s)
        target = s.console.target
        if target is not None and s.speed.setpoint is not None:
            s.speed = s.speed.adopted(max(min(target, s.speed.setpoint), s.machine.speed_min))
        base = None
    load = base or load_now(s)
    if load is None:
        return None
    speed, grade = reduced(load, k, s.machine)
    speed = max(speed, min(floor, load.speed))
    if speed < s.machine.speed_min:
        s.rest = s.rest or "slower than the machine can"
        t.cue("That is as slow as this machine goes: stopping the belt.")
        return Backoff(why, s.machine.speed_min, grade, t.now, until, k, load.speed)
    if not s.link:
        t.alarm("No link: ease down on the treadmill's console.", 1)
    lowers_grade = grade is not None and load.grade is not None and grade < load.grade
    b = Backoff(
        why=why,
        speed=speed,
        grade=grade,
        since=t.now,
        until=until,
        k=k,
        base_speed=load.speed,
        grade_from=s.measured.grade if lowers_grade else None,
    )
    ratchet(s, b)
    if lowers_grade and grade is not None:
        t.cue(f"Easing: grade to {grade / 10:g} %, speed {kmh(speed):.1f} km/h.")
    else:
        t.cue(f"Easing to {kmh(speed):.1f} km/h.")
    return b


def ratchet(s: State, b: Backoff) -> None:
    """A back-off also lowers what is wanted, so that nothing speeds up when it ends."""
    s.speed = s.speed.ratcheted(b.speed)
    if b.grade is not None:
        s.grade = s.grade.ratcheted(max(b.grade, 0))


def trigger(t: Turn, level: int, why: str, say: str) -> None:
    """Stop and break, for the rule `why`; counted only where the belt has moved."""
    s = t.s
    running = s.phase in ("RUNNING", "STOPPING", "LOST")
    if s.breaks.active and s.breaks.level is not None:
        return
    _unseen(t)
    s.unasked = False
    s.ending = None
    s.waiting = None
    speed: int | None = None
    if running:
        measured = s.measured.speed
        # A zero may be a slip, or a stop by itself: then what was told counts for the belt.
        ran = measured or s.speed.setpoint
        known = [v for v in (ran, s.speed.wanted) if v is not None and v > 0]
        speed = min(known) if known else None
    s.breaks = breaks.triggered(s.breaks, why, level, speed, s.policy.breaks, s.machine)
    if running and speed is None:
        # Out of sight: it counts, but cuts the ceiling to nothing that anybody knows.
        s.breaks = replace(s.breaks, triggers=s.breaks.triggers + 1)
    s.posture = Posture(
        backoffs=s.posture.backoffs,
        trunk_backoffs=s.posture.trunk_backoffs,
        last_backoff=s.posture.last_backoff,
        floor=s.posture.floor,
    )
    s.starting = None
    if s.breaks.triggers > s.policy.breaks.max_triggers:
        end(t, "too many breaks")
        t.alarm(SEE_PT)
        return
    if running or s.phase == "STARTING":
        t.cue(f"Stopping for a break: {say}.")
    else:
        t.cue(f"No start before a break: {say}.")


def _unseen(t: Turn) -> None:
    """A new reason to stop: in shadow it is said again, and without a link it can't be sent."""
    s = t.s
    s.shadow_stopped = s.said_stopped = False
    if not s.link and s.phase in ("STARTING", "RUNNING", "STOPPING", "LOST"):
        t.alarm(NO_LINK)


def end(t: Turn, why: str, lock: str | None = None) -> None:
    """Stop and end: no resume in this session."""
    s = t.s
    _unseen(t)
    s.console_start = None
    s.starting = None
    s.ending = None
    s.unasked = False
    if s.ended is None:
        s.ended = why
    if lock is not None and lock not in s.locks:
        s.locks = (*s.locks, lock)
