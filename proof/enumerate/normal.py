"""When two states of the guard are one: the normal form that makes the search finite.

A state is moved in time so that it is always NOW; a moment older than the last threshold that is
ever held against it becomes that old, or is forgotten where old and never are the same to the
guard; numbers of commands, ids of consents and words that only the screen reads are made alike.
The rule to keep: two states with one normal form answer every event alike, for good. That is
checked, not believed: `proof.enumerate.walk` plays long histories with and without it.

Nothing here knows of prompts, posture, reminders or grade: on the grids of the core they are off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, Final

from treadguard.guard.belt import Measured
from treadguard.guard.console import Console
from treadguard.guard.credible import Credible
from treadguard.guard.entering import CALLED_MS
from treadguard.guard.events import Consent, LimitChange
from treadguard.guard.follow import Follow
from treadguard.guard.plan import Course
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.asymmetry import Asymmetry
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.rules.breaks import Breaks
from treadguard.guard.rules.corrections import Corrections
from treadguard.guard.rules.pain import Pain
from treadguard.guard.rules.posture import Posture
from treadguard.guard.rules.ratings import Ratings
from treadguard.guard.rules.reminders import Reminders
from treadguard.guard.sense import SETTLES_MS
from treadguard.guard.state import State
from treadguard.units import STOPPED_MAX, Millis

NOW: Final = Millis(10_000_000)
"""Every state in normal form is of this moment."""

OTHERWISE: Final = "stop"
"""Stands for every reason why the belt rests: the guard asks only whether there is one."""

OLD: Final = Millis(NOW - 60_000)
NEVER_LATE: Final = NOW + 1_000_000
"""On a grid of few speeds a belt has no way to be late and yet always have fallen of late: from
v it may fall once for each lower speed shown, within 5 s and then 3 s each, and that is over before
v / 0.25 + 5 s. So the bound for the whole stop is left to the follower's own enumeration."""

KEPT_STOPS: Final = 3
"""More Stops of one stop make no difference."""


class Since:
    """Moves moments to NOW; `age` caps how old they may look."""

    __slots__ = ("now",)

    def __init__(self, now: int) -> None:
        self.now = now

    def age(self, t: int, cap: int) -> Millis:
        """A moment that always is: older than `cap` is as old as that."""
        return Millis(NOW - min(self.now - t, cap))

    def ever(self, t: int | None, cap: int) -> Millis | None:
        """A moment or never: older than `cap` is as old as that, never stays never."""
        return None if t is None else self.age(t, cap)

    def of_late(self, t: int | None, cap: int) -> Millis | None:
        """A moment that counts only while it is younger than `cap`."""
        return None if t is None or self.now - t >= cap else Millis(NOW - (self.now - t))

    def until(self, t: int | None) -> Millis | None:
        """A moment to come; one that is over is over now."""
        return None if t is None else Millis(NOW + max(0, t - self.now))


def _measured(m: Measured, since: Since) -> Measured:
    t = since.ever(m.t, 5_000)
    zeros = (m.speed or 0) <= STOPPED_MAX and (m.prev or 0) <= STOPPED_MAX
    prev_t = None if m.prev_t is None else since.age(m.prev_t, 3_001) if zeros else OLD
    return replace(
        m,
        t=t,
        # Of the sample before, only whether it moved, and whether it was the faster.
        prev=m.prev if m.prev is None or not STOPPED_MAX < m.prev < (m.speed or 0) else m.speed,
        prev_t=prev_t,
        steady_since=since.ever(m.steady_since, 2_000),
        start_doubt=since.of_late(m.start_doubt, 10_001),
    )


def _axis(a: Axis, since: Since) -> Axis:
    a = replace(a, rose=since.of_late(a.rose, SETTLES_MS))
    if a.ramp_to is None:
        wrote = since.of_late(a.wrote, 5_000 if a.fell else 1_000)
        return replace(a, ramp_from=0, ramp_t=NOW, wrote=wrote, fell=a.fell and wrote is not None)
    # Which of the two came first decides whether a ramp's first write is still to come.
    began = since.age(a.ramp_t, 20_000)
    wrote = since.ever(a.wrote, 22_000)
    return replace(a, ramp_t=began, wrote=wrote, fell=a.fell and wrote is not None)


def _follow(f: Follow, since: Since) -> Follow:
    last_stop = since.of_late(f.last_stop, 10_000)
    pending = (0,) if f.pending else ()
    if f.kind == "none":
        return Follow(last_stop=last_stop)
    if f.kind == "stop":
        return Follow(
            kind="stop",
            pending=pending,
            # Of the two the later counts; of the last Stop alone only whether it is of just now.
            last=NOW if f.last >= since.now else OLD,
            mark=f.mark,
            mark_t=since.age(max(f.mark_t, f.last), 5_000),
            progressed=f.progressed and f.stops < 2,
            late=NEVER_LATE,
            stops=min(f.stops, KEPT_STOPS),
            last_stop=last_stop,
        )
    f = replace(
        f,
        pending=pending,
        last=since.age(f.last, 10_000 if f.written else 1),
        mark_t=since.age(f.mark_t, 5_000),
        late=NEVER_LATE if f.kind == "lower" else 0,
        progressed=f.progressed and f.kind == "lower",
        last_stop=last_stop,
    )
    if f.arrived:
        # Nothing is watched any more but an overshoot.
        return replace(f, mark=0, mark_t=OLD, late=0, progressed=False)
    return f


def _console(c: Console, since: Since) -> Console:
    if not c.correcting(Millis(since.now)):
        c = replace(c, corrected=None, confirmed=False)
    else:
        c = replace(c, corrected=since.ever(c.corrected, 5_000))
    c = replace(c, low_t=Millis(0) if c.low is None else since.age(c.low_t, 2_000))
    if not c.driving:
        return replace(c, up=False, since=NOW, target=None)
    return replace(c, since=since.age(c.since, 5_000))


def _backoff(b: Backoff, since: Since) -> Backoff:
    assert b.grade_from is None
    return replace(b, since=NOW, until=since.until(b.until), base_speed=0)


def _pain(p: Pain, since: Since) -> Pain:
    open_ = p.same_rating(Millis(since.now))
    return replace(
        p,
        opened=since.ever(p.opened, 2_000) if open_ else None,
        peak=p.peak if open_ else 0,
        base=p.base if open_ else None,
        four=None,
        rerate_at=None,
        ever=False,
        backoff=None if p.backoff is None else _backoff(p.backoff, since),
    )


def _breaks(b: Breaks, since: Since) -> Breaks:
    return replace(
        b,
        zero=since.ever(b.zero, 20_000),
        stage_from=since.ever(b.stage_from, 20_000),
        extra=min(b.extra, 20_000),
    )


def _credible(c: Credible, since: Since) -> Credible:
    t = since.age(c.t, 2_000) if c.value is not None else Millis(0)
    doubted = None if c.doubted is None or c.t - c.doubted >= 3_000 else c.doubted
    return replace(
        c,
        t=t,
        leaps=tuple(Millis(NOW - (since.now - t)) for t in c.leaps if since.now - t < 10_000),
        doubted=None if doubted is None else Millis(t - (c.t - doubted)),
    )


def _course(c: Course, since: Since) -> Course:
    # What was announced counts until it has gone up, and from 5 s on alike.
    waits = c.leave and c.told > c.up and c.told >= c.leg
    return replace(
        c,
        # Of legs that are over, and without leave, the next consent asks for nothing.
        told=c.told if c.leave and c.told >= c.leg else -1,
        up=c.up if c.leave and c.up >= c.leg else -1,
        done=c.gone(Millis(since.now)),
        since=None if c.since is None else NOW,
        leave_t=NOW,
        told_t=since.age(c.told_t, 5_000) if waits else OLD,
        told_speed=c.told_speed if waits else None,
        told_grade=c.told_grade if waits else None,
    )


def _ran(s: State, n: State) -> None:
    """Time on a moving belt matters up to the longest session and the next planned break."""
    longest, every = s.profile.longest_ms or 0, s.policy.breaks.every_ms
    n.ran = min(s.ran, longest)
    n.break_from = n.ran - min(s.ran - s.break_from, every)
    n.cold = 0


def _limit(change: LimitChange, rest: str | None) -> LimitChange:
    if rest is None or rest not in change.why:
        return change
    return replace(change, why=tuple(sorted({OTHERWISE if w == rest else w for w in change.why})))


def _consents(live: tuple[Consent, ...], since: Since) -> tuple[Consent, ...]:
    return tuple(
        Consent(
            NOW, f"{c.for_} {c.target}", c.for_, c.target, Millis(NOW + c.expires - since.now), 1
        )
        for c in sorted(live, key=lambda c: (c.for_, c.target or 0, c.expires))
        if c.expires > since.now
    )


_PARTS: Final[dict[type, Callable[[Any, Since], Any]]] = {
    Measured: _measured,
    Axis: _axis,
    Follow: _follow,
    Console: _console,
    Pain: _pain,
    Breaks: _breaks,
    Backoff: _backoff,
    Credible: _credible,
    Course: _course,
}

_MEMO: dict[tuple[object, int], Any] = {}


def _part(value: object, now: int) -> Any:
    """The normal form of a part; parts repeat far more often than states do."""
    key = (value, now)
    found = _MEMO.get(key)
    if found is None:
        found = _MEMO[key] = _PARTS[type(value)](value, Since(now))
    return found


def _axis_of(s: State) -> Axis:
    """The speed axis; of a belt at rest only what was wanted is ever asked for again."""
    a = s.speed
    if s.phase in ("RUNNING", "STOPPING", "LOST", "OFF"):
        return a
    return Axis(
        wanted=a.wanted, setpoint=a.wanted, wrote=a.wrote, fell=a.fell, rose=a.rose, told=a.told
    )


def normal(s: State) -> State:
    """The state that stands for all that answer alike."""
    now = s.now
    since = Since(now)
    n = s.copied()
    n.now = NOW
    n.measured = _part(s.measured, now)
    n.speed = _part(_axis_of(s), now)
    n.grade = _part(s.grade, now)
    n.pain = _part(s.pain, now)
    n.ease = None if s.ease is None else _part(s.ease, now)
    n.breaks = _part(s.breaks, now)
    n.follow = _part(s.follow, now)
    n.console = _part(s.console, now) if s.phase == "RUNNING" else Console()
    n.speed_seen = _part(s.speed_seen, now)
    n.grade_seen = _part(s.grade_seen, now)
    n.ratings, n.posture = Ratings(), Posture()
    n.asymmetry, n.corrections, n.reminders = Asymmetry(), Corrections(), Reminders()
    n.course = None if s.course is None else _part(s.course, now)
    _ran(s, n)
    n.generation = min(s.generation, 1)
    n.link_t = NOW if s.link and s.measured.t is not None else since.age(s.link_t, 30_001)
    n.rest = None if s.rest is None else OTHERWISE
    n.limit = None if s.limit is None else _limit(s.limit, s.rest)
    n.met = None
    n.since = ()
    n.used = ()
    n.commands = 0
    n.start_n = None if s.start_n is None else 0
    n.control_n = None if s.control_n is None else 0
    n.ending = None if s.ending is None else (since.age(s.ending[0], 60_000), s.ending[1])
    n.starting = since.ever(s.starting, 10_001)
    n.first_motion = since.of_late(s.first_motion, 10_000)
    n.inflight = since.of_late(s.inflight, 1_000)
    n.owed_until = since.until(s.owed_until)
    n.owed_at = since.until(s.owed_at)
    n.orphan_until = since.until(s.orphan_until)
    n.console_start = since.ever(s.console_start, CALLED_MS)
    asked = s.owed_until is not None or s.stop_refused
    n.owed_own = s.owed_own and (asked or (s.follow.kind == "stop" and bool(s.follow.pending)))
    n.held_up = since.ever(s.held_up, 3_000)
    n.consents = _consents(s.consents, since) if s.consents else ()
    return n


CONSTANT: Final = frozenset(
    {"policy", "profile", "shadow", "caps", "plan", "cold", "now", "met", "since", "used"}
)
VARIES: Final = tuple(f.name for f in fields(State) if f.name not in CONSTANT)


def key_of(s: State) -> tuple[object, ...]:
    """What tells one normal form from another, on one grid."""
    of = s.__dict__
    return tuple([of[name] for name in VARIES])


KNOWN: Final = {
    State: "caps policy profile shadow now phase machine link generation link_t measured "
    "speed_seen grade_seen held_up speed grade pain ease ratings posture breaks rest ended fault "
    "barred locks waiting ending starting follow grade_watch deck_set console first_motion "
    "inflight control_n control_lost control_retried stop_refused said_stopped key_out owed_until "
    "owed_own owed_at left_moving orphan orphan_until shadow_stopped console_start old_message "
    "grade_refused grade_stuck said_started used unasked consents commands start_n limit since met "
    "asymmetry corrections reminders plan course ran break_from cold eased_speed eased_grade "
    "break_told nearly_over",
    Course: "kind plan done since leave leave_t leg told told_t told_speed told_grade up",
    Measured: "speed t prev prev_t grade grade_t grade_ref grade_moves steady_speed steady_since "
    "start_doubt grade_fell",
    Axis: "wanted setpoint grant ramp_to ramp_from ramp_t wrote fell rose told",
    Follow: "kind written pending target start last mark mark_t progressed late wrong "
    "arrived stops last_stop",
    Console: "driving up since target low low_t corrections corrected confirmed",
    Credible: "value t last samples leaps doubted announced",
    Breaks: "active why level speed zero extra rated triggers ceiling stage_speed stage_from "
    "console_starts lasts",
    Pain: "last ever opened peak base four rerate_at backoff",
}
"""Every field that this file has a word for; a new one needs its own."""


def unknown() -> list[str]:
    """Fields that nobody has thought of here: a moment among them would make a grid endless."""
    return [
        f"{kind.__name__}.{f.name}"
        for kind, names in KNOWN.items()
        for f in fields(kind)
        if f.name not in names.split()
    ]
