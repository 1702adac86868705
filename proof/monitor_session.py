"""What must hold of a session as a whole: stops in time, breaks kept, ceilings, ends, alarms.

Each law is a function of the step just taken; it gives its name where it is broken. The rule to
keep: a law only speaks where the documents leave no doubt (the belt surely moves, the link is up,
the telemetry is fresh); what is in doubt is the guard's to judge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from proof.monitor_facts import LONG_AGO, LOST_MS, STEP
from treadguard.guard import events as ev

if TYPE_CHECKING:
    from proof.monitor import Monitor
    from treadguard.guard.kept import Kept
    from treadguard.guard.policy import Policy

ON_ITS_WAY_MS = 5_000
"""The second Stop goes out no sooner than this after the first (DESIGN 3)."""
MOTION = ("start", "set_speed", "set_incline")
AGAIN_MS = 1_000
"""A Stop that is pressed for again goes out again, but not twice within a second."""
SAME_RATING_MS = 2_000
"""Another rating within this time acts only if it is higher (DESIGN 4)."""
LADDER_MS = 20_000
"""From the deadline of a stop to FAULT: three rungs, their samples and a tick."""


def worst(e: ev.Event | None, policy: Policy) -> bool:
    """Pain above the threshold, the button, or a symptom: it asks for a Stop in the same step."""
    if isinstance(e, ev.Pain):
        return not e.retained and (e.level is None or e.level > policy.pain.stop_above)
    return isinstance(e, ev.Symptom) and not e.retained


def ends(e: ev.Event | None, policy: Policy) -> bool:
    """Pain that ends the session, or a symptom."""
    if isinstance(e, ev.Pain):
        return not e.retained and e.level is not None and e.level >= policy.pain.end_at
    return isinstance(e, ev.Symptom) and not e.retained


@dataclass(slots=True)
class Session:
    """`over`: nothing is started or raised any more. `forbidden`: no speed until the next start.

    `bound`: what pain a resume takes at most, None where no trigger is owed; `rated`: a local
    rating in the break has met it. `zero`: the break can't have begun before; `rested`: it
    has. `high`: the fastest the belt was since `stopping`, the first Stop of a stop that
    telemetry has followed gaplessly.
    """

    policy: Policy
    kept: Kept
    over: bool = field(init=False)
    forbidden: bool = False
    bound: int | None = None
    rated: bool = False
    rested: bool = False
    zero: int = LONG_AGO
    stopping: int | None = None
    high: int = 0
    last_seen: int = 0
    retained: bool = False
    last_rating: tuple[int, int] = (LONG_AGO, 0)
    rating: int = 0
    alarm_at: int = LONG_AGO
    over_stops: int = 0
    tried: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.over = False
        self.restarts(self.kept, 0)

    def restarts(self, kept: Kept, t: int) -> None:
        """What was kept holds on: a break with its full time, an end, a fault, the locks."""
        self.kept = kept
        self.over = bool(
            kept.ended
            or kept.fault
            or kept.locks
            or kept.triggers > self.policy.breaks.max_triggers
        )
        self.bound = None
        if kept.on_break and kept.break_level is not None:
            self.bound = self._bound(kept.break_level)
        self.rated, self.zero = False, t
        self.forbidden = False
        self.retained = True  # whether one came before isn't known any more
        self.stopping = None
        self.over_stops = 0

    def _bound(self, level: int) -> int:
        b = self.policy.breaks
        return min(b.resume_max, level - b.resume_drop)

    def owes(self, now: int) -> str | None:
        """Why the break isn't over, None where it is or none is owed."""
        if self.bound is None:
            return None
        if now - self.zero < self.policy.breaks.min_ms:
            return "the time"
        return None if self.rated else "a rating"

    # -------------------------------------------------- one step

    def judge(self, m: Monitor, kept: Kept) -> str | None:
        """The first law that this step broke."""
        f = m.f
        if m.alarm:
            self.alarm_at = f.now
        if f.measured > 5 and not self.rested:
            self.zero = f.samples[-1][0]
        if m.before != "ENDED":
            self.over_stops = 0
        law = (
            self._pain(m)
            or self._backoff(m)
            or self._kept(m, kept)
            or self._link(m)
            or self._stale(m)
            or self._alone(m)
            or self._ladder(m)
            or self._rest(m)
        )
        self.over_stops += m.stop
        self._learn(m, kept)
        return law

    def _learn(self, m: Monitor, kept: Kept) -> None:
        e, policy = m.event, self.policy
        if kept.triggers > self.kept.triggers:
            level = e.level if isinstance(e, ev.Pain) and e.level is not None else 5
            bound = self._bound(level)
            self.bound = bound if self.bound is None else max(self.bound, bound)
            self.rated = self.rested = False
        elif self.bound is not None and isinstance(e, ev.Pain) and not e.retained:
            met = e.level is not None and e.level <= self.bound
            if e.role == "local":
                self.rated = met
            elif not met:
                self.rated = False
        if not kept.on_break:
            self.bound = None
        self.rested = kept.on_break and (self.rested or m.f.phase == "BREAK")
        if ends(e, policy) or kept.ended or kept.fault or kept.locks:
            self.over = True
        if isinstance(e, ev.Pain) and not e.retained and e.level is not None:
            soon = m.f.now - self.last_rating[0] < SAME_RATING_MS
            if e.level > self.rating or (e.role == "local" and not soon):
                self.rating = e.level
            self.last_rating = m.f.now, self.rating
        self.kept = kept

    # -------------------------------------------------- laws

    def _pain(self, m: Monitor) -> str | None:
        """I4, D0: a Stop in the same step and nothing else; a retained one once (DESIGN 6.5)."""
        e, f = m.event, m.f
        retained = isinstance(e, (ev.Pain, ev.Symptom)) and e.retained
        bad = worst(e, self.policy)
        if not (bad or retained):
            return None
        moved = [o.op for o in m.outputs if isinstance(o, ev.Command) and o.op in MOTION]
        if m.before == "BREAK" and f.measured <= 5:
            moved = [op for op in moved if op != "set_incline"]  # it comes down to 0 there
        first = bad or not self.retained
        # A second old message leaves a lowering that is under way, and ends a raise all the same.
        raised = any(isinstance(o, ev.Command) and "consent" in o.why for o in m.outputs)
        if moved and (first or raised):
            return "I4 pain above four moves nothing but a Stop"
        self.retained |= retained
        if bad and not f.up:
            self.tried.add("I4 without a link")
            return None if self.alarm_at == f.now else "I4 pain without a link, and nobody is told"
        if bad and m.before == "OFF" and not f.samples:
            self.tried.add("I4 before anything was measured")
            late = not m.stop and f.now - f.stop_at >= AGAIN_MS
            return "I4 pain before anything was measured, and no Stop" if late else None
        if not f.up or m.before not in ("RUNNING", "STARTING", "LOST") or m.stopped_before:
            return None
        if bad:
            self.forbidden = True
        pending = m.before != "RUNNING" and f.now - f.stop_at < ON_ITS_WAY_MS
        if first and not m.stop and not pending:
            return "I4 D0 pain above four and no Stop in the same step"
        self.tried.add("I4 in " + m.before)
        return None

    def _backoff(self, m: Monitor) -> str | None:
        """Pain of 1 to 4 lowers what is allowed by its share at once (DESIGN 4)."""
        e, f = m.event, m.f
        if not isinstance(e, ev.Pain) or e.retained or not e.level or worst(e, self.policy):
            return None
        at, last = self.last_rating
        if m.before != "RUNNING" or not f.fresh or e.level <= last or f.now - at < SAME_RATING_MS:
            return None
        self.tried.add("back-off")
        if f.limit.belt != "RUN":
            return None
        if f.limit.may_raise:
            return "a back-off lets nothing be raised"
        if f.grade is None or f.grade[1] <= 0:
            if f.limit.speed > f.measured * (28 - e.level) // 30 or f.limit.speed >= f.measured:
                return "H35 pain of 1 to 4 takes its share of the speed"
        elif f.limit.speed >= f.measured and f.limit.incline >= f.grade[1]:
            return "H35 pain of 1 to 4 lowers grade or speed"
        return None

    def _kept(self, m: Monitor, kept: Kept) -> str | None:
        """I7 and I8: ceilings fall, triggers rise to four and end, locks stay, ends are kept."""
        old, e = self.kept, m.event
        if old.ceiling is not None and (kept.ceiling is None or kept.ceiling > old.ceiling):
            return "I7 the ceiling rose"
        more = kept.triggers - old.triggers
        if more not in (0, 1):
            return "I8 one trigger at a time, and none is forgotten"
        if more and isinstance(e, (ev.Pain, ev.Symptom)) and e.retained:
            return "a retained message counts no trigger"
        share = self.policy.breaks.ceiling_pct
        fresh = more and m.before == "RUNNING" and m.f.fresh and kept.ceiling is not None
        ran = m.f.measured
        if fresh and ran <= 5:
            # By design: a belt that has just run down by itself was run on at the speed before.
            self.tried.add("a trigger on a belt that has just come to rest")
            ran = max(m.f.fell_from, m.aimed_before)
        if fresh and (kept.ceiling or 0) > max(ran * share // 100, m.f.least):
            return "I7 the ceiling is nine tenths of the trigger speed at most"
        unlocked = isinstance(e, ev.Operator) and e.do == "unlock" and e.role == "local"
        if not set(old.locks) <= set(kept.locks) and not unlocked:
            return "I8 a lock opens only by a local unlock"
        if (old.ended and not kept.ended) or (old.fault and not kept.fault):
            return "I8 what ended stays ended"
        if ends(e, self.policy):
            self.tried.add("end")
            if not kept.ended or not kept.locks:
                return "I8 pain of seven or a symptom ends, and is kept across a restart"
        if kept.triggers > self.policy.breaks.max_triggers and not kept.ended:
            return "I8 the trigger after the last break ends the session"
        return None

    def _link(self, m: Monitor) -> str | None:
        """A1: a link lost with the belt moving is said at once."""
        e = m.event
        if not isinstance(e, ev.Link) or e.up or m.before not in ("RUNNING", "STOPPING"):
            return None
        self.tried.add("A1")
        return None if self.alarm_at == m.f.now else "A1 the link is lost and nobody is told"

    def _stale(self, m: Monitor) -> str | None:
        """T_STALE: no raise past 3 s, alarm and Stop past 5 s (H02, H03)."""
        f = m.f
        if not f.up or not f.samples or f.age <= 3_000:
            return None
        if f.phase == "RUNNING" and f.limit.may_raise:
            return "I5 stale telemetry lets nothing be raised"
        if f.age <= LOST_MS or m.before not in ("RUNNING", "STARTING"):
            return None
        self.tried.add("T_STALE")
        seen = f.samples[-1][0]
        if m.before == "RUNNING" and f.measured > 30:
            if not m.stop and f.stop_at < seen:
                return "T_STALE the belt is out of sight and no Stop goes out"
            if self.alarm_at < seen:
                return "T_STALE the belt is out of sight and nobody is told"
        return None

    def _alone(self, m: Monitor) -> str | None:
        """H12: a belt that moves in a break, or after the end, is stopped and said."""
        f = m.f
        if m.before not in ("BREAK", "ENDED") or not isinstance(m.event, ev.Telemetry):
            return None
        if not f.surely_moves or not f.up:
            return None
        if m.before == "ENDED":
            if self.over_stops:
                return None  # one Stop and an alarm, then hands off
        elif self.owes(f.now) is None:
            return None
        self.tried.add("H12 in " + m.before)
        if not m.stop and f.now - f.stop_at > ON_ITS_WAY_MS:
            return "H12 the belt moves by itself and no Stop goes out"
        if f.now - self.alarm_at > ON_ITS_WAY_MS:
            return "H12 the belt moves by itself and nobody is told"
        return None

    def _ladder(self, m: Monitor) -> str | None:
        """D3, I6: a stop that fresh telemetry shows unfollowed ends in FAULT by its deadline."""
        f = m.f
        gap = f.now - self.last_seen > 3_000
        if isinstance(m.event, ev.Telemetry) and m.event.speed is not None:
            self.last_seen = f.now
        if f.phase != "STOPPING" or gap or not f.up or f.measured <= 5:
            self.stopping = None
            return None
        if self.stopping is None or f.measured > self.high + STEP:
            self.stopping, self.high = f.now, f.measured
        waited = f.now - self.stopping
        if f.measured > self.high - STEP and waited > LADDER_MS:
            return "D3 a stop without any effect ends in FAULT"
        if waited > self.high * 40 + 5_000 + LADDER_MS:
            return "D3 a stop that isn't followed ends in FAULT"
        self.tried.add("D3")
        return None

    def _rest(self, m: Monitor) -> str | None:
        """A belt that must stand isn't called running; what is over stays over (I1, I8)."""
        f = m.f
        if f.up and f.limit.belt != "RUN" and f.phase in ("RUNNING", "STARTING"):
            return "a belt that must stand isn't said to run"
        if m.stop and f.stop_at == f.now and f.phase in ("RUNNING", "STARTING"):
            return "a belt that was sent a Stop isn't said to run"
        if self.over and f.phase in ("RUNNING", "STARTING", "READY", "BREAK", "PAUSED"):
            return "I8 an ended session is over"
        if self.forbidden and f.phase == "RUNNING" and m.before not in ("BREAK", "PAUSED", "READY"):
            return "I4 after pain above four the belt is never said to run on"
        if m.before == "BREAK" and f.phase in ("RUNNING", "STARTING"):
            self.tried.add("resume")
            if self.owes(f.now) is not None:
                return "H36 a break ends only when its conditions hold"
        return None
