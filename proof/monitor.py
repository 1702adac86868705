"""The onlooker: judges every step of a session by HAZARDS.md's invariants and DESIGN.md's rules.

Written from the two documents alone, by another hand than the guard and the gate. Here is what
must hold of commands, frames and refusals; what must hold of phases, breaks and the end of a
session is in monitor_session.py. The rule to keep: what is judged is what the guard *decided*,
whatever the gate made of it, and what was *sent*, whatever the guard thinks of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from proof.monitor_facts import FRESH_MS, STEP, AxisFacts, Facts
from proof.monitor_history import History
from proof.monitor_host import judge as judge_host
from proof.monitor_session import Session
from proof.plan_leave import WARM_UP_FROM, Going, stated
from treadguard.guard import events as ev
from treadguard.guard.kept import Kept
from treadguard.guard.plan import Plan
from treadguard.guard.policy import HARD_GRADE, HARD_SPEED, Policy, Profile

OUTPUTS = (ev.Command, ev.Verdict, ev.PhaseChange, ev.LimitChange, ev.Cue, ev.Alarm)
MOTION = ("start", "set_speed", "set_incline")
STEPS_DOWN_MS = 60_000
"""From 20 km/h to the slowest by 0.5 km/h a second, and some room."""


class Violation(AssertionError):
    """An invariant was broken; `law` names it."""

    def __init__(self, law: str, what: str) -> None:
        super().__init__(f"{law}: {what}")
        self.law = law


def _or(sent: int | None, value: int) -> int:
    return value if sent is None else sent


@dataclass(slots=True)
class Monitor:
    """Looks on at one session. `quiet`: nothing but the runner's own Stop may be sent.

    `stop`, `alarm`: the step has put one out. `…_before`: as it was when the event came; `aimed`:
    the last speed written.
    """

    policy: Policy
    profile: Profile
    quiet: bool
    kept: Kept
    plan: Plan | None = None
    f: Facts = field(default_factory=Facts)
    session: Session = field(init=False)
    history: History = field(default_factory=History)
    event: ev.Event | None = None
    consented: bool = False
    before: ev.PhaseName = "OFF"
    stopped_before: bool = False
    aimed_before: int = 0
    start_before: int | None = None
    waited: int = 0
    stop: bool = False
    alarm: bool = False
    outputs: list[ev.Output] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session = Session(self.policy, self.kept)
        self._begins(self.kept)

    def _begins(self, kept: Kept) -> None:
        """With a plan of its own; what was backed off to outlives a crash."""
        eased = kept.eased_speed, kept.eased_grade
        self.f.plan = Going(() if self.plan is None else stated(self.plan), eased=eased)
        self.f.warm_up_ms = int(self.policy.warm_up.length_ms)
        self.session.over |= not self.profile.cleared

    # -------------------------------------------------- what is told

    def hears(self, event: ev.Event) -> None:
        """An event is about to be stepped."""
        self.event = event
        self.waited = event.t - self.f.now
        self.before = self.f.phase
        self.outputs, self.stop, self.alarm = [], False, False
        self.consented = self.f.hears(event)
        self.stopped_before, self.start_before = self.f.known_stopped, self.f.start_at
        writes = self.f.speed.writes
        self.aimed_before = writes[-1][1] if writes else 0

    def says(self, output: ev.Output) -> None:
        """The guard has said this."""
        self.outputs.append(output)
        if isinstance(output, ev.PhaseChange):
            if output.from_ != self.f.phase:
                self._fail("phases are a chain", output)
            self.f.phase = output.to
            if output.to == "RUNNING" and output.from_ in ("READY", "PAUSED", "BREAK"):
                self.session.forbidden = False  # started at its own console
        elif isinstance(output, ev.LimitChange):
            self._judge_limit(output)
            self.f.limit = output
            if not output.may_raise:
                self.f.withdraw()
        elif isinstance(output, ev.Verdict) and output.is_ == "unknown":
            self.f.ended_unknown(output.of)
        elif isinstance(output, ev.Command):
            self.stop |= output.op == "stop"
            self._judge_decision(output)
            if output.op == "start" and not output.shadow:
                self.f.starts()
        elif isinstance(output, (ev.Cue, ev.Alarm)):
            self.alarm |= isinstance(output, ev.Alarm)
            if "emergency stop" in output.say.lower():
                self._fail("I20 no such words", output)
        self.f.plan = self.f.plan.answered(self.f.now, (output,), self.f.phase)

    def frame(self, command: ev.Command, why: str | None) -> None:
        """The gate let this command through, or said why not."""
        if why is not None:
            self._judge_refusal(command, why)
            return
        self._judge_frame(command)
        self.f.sends(command)

    def stepped(self, kept: Kept) -> None:
        """The step is over; `kept` is what would outlive the process now."""
        if self.event is None:
            return
        if not self.quiet:
            law = (
                self._too_long()
                or judge_host(self)
                or self.session.judge(self, kept)
                or self.history.judge(self)
            )
            if law is not None:
                self._fail(law, (self.before, self.f.phase, self.outputs))
        self.event = None

    def restarts(self, kept: Kept, t: int) -> None:
        """The process died and came again with what was kept."""
        self.f, self.event, self.history = Facts(now=t, least=self.f.least), None, History()
        self.session.restarts(kept, t)
        self._begins(kept)

    def _too_long(self) -> str | None:
        """A therapist's time is over: the belt steps down and stops."""
        longest = self.profile.longest_ms
        if longest is None or self.f.ran < longest:
            return None
        self.session.tried.add("the therapist's time")
        late = self.f.phase == "RUNNING" and self.f.ran > longest + STEPS_DOWN_MS
        return "a belt runs on past the therapist's time" if late else None

    def _fail(self, law: str, what: object) -> NoReturn:
        f = self.f
        raise Violation(law, f"{f.now} ms, {f.phase}, {f.samples}, {self.event}: {what}")

    # -------------------------------------------------- commands

    def _judge_decision(self, c: ev.Command) -> None:
        if c.value is not None and type(c.value) is not int:
            self._fail("I16 integers", c)
        if c.shadow:
            if not self.quiet:
                self._fail("a proven machine in guard mode is really commanded", c)
            return
        if c.op not in MOTION:
            return
        if self.quiet:
            self._fail("shadow moves nothing", c)
        if isinstance(self.event, ev.Link):
            self._fail("I14 a link moves nothing", c)
        if self.session.over:
            self._fail("I8 an ended session moves nothing", c)
        if c.op == "start":
            self._judge_start(c)
        elif c.op == "set_speed":
            self._judge_speed(c, c.value or 0)
        else:
            self._judge_incline(c, c.value or 0)

    def _judge_start(self, c: ev.Command) -> None:
        f, e = self.f, self.event
        if not isinstance(e, ev.Operator) or e.role != "local":
            self._fail("I9 only a local human starts", c)
        if not self.consented:
            self._fail("I2 a start needs a live consent", c)
        if self.before not in ("READY", "PAUSED", "BREAK"):
            self._fail("I1 no start from here", c)
        if not f.fresh:
            self._fail("I5 no start on stale telemetry", c)
        longest = self.profile.longest_ms
        if longest is not None and f.ran >= longest:
            self._fail("a start past the therapist's time", c)
        owed = self.session.owes(f.now) if self.before == "BREAK" else None
        if owed is not None:
            self._fail("H36 a start before the break is over", (owed, c))
        self.session.forbidden = False

    def _judge_speed(self, c: ev.Command, v: int) -> None:
        f = self.f
        if f.phase != "RUNNING":
            self._fail("I1 a speed is only for a belt that runs", c)
        if not 0 < v <= HARD_SPEED:
            self._fail("I3 a speed that no belt is to run at", c)
        if len(f.samples) > 1 and f.samples[-1][1] <= 5 and f.samples[-2][1] <= 5:
            self._fail("H11 a speed for a belt that stands", c)
        if self.session.forbidden:
            self._fail("I4 a speed after pain above four", c)
        if f.now - f.stop_at < 5_000 and f.stop_at > f.doubt:
            self._fail("I4 a speed right after a Stop", c)
        f.speed.takes_its_place(f.turn)
        measured, last = f.measured, f.speed.sent
        if v > f.speed.raise_above(measured, STEP) and v > measured:
            self._judge_raise(c, v, f.speed, f.limit.speed)
            at = max(measured + STEP, f.least)
            self._judge_pace(c, v, f.speed, at, self.policy.ramp.raise_per_s)
        self._judge_slew(c, v, f.speed, (measured, STEP), (50, 100))
        if last is not None and v < min(last, measured):
            f.withdraw()

    def _judge_incline(self, c: ev.Command, g: int) -> None:
        f = self.f
        seen = f.grade[1] if f.grade is not None else None
        if g < 0 and (seen is None or seen >= 0):
            self._fail("a grade is never lowered below 0", c)
        if g > HARD_GRADE:
            self._fail("I3 a grade that no belt is to take", c)
        f.incline.takes_its_place(f.turn)
        writes = f.incline.writes
        known = seen if seen is not None else writes[-1][1] if writes else 0
        if f.phase != "RUNNING" and g > max(known, 0):
            self._fail("I1 a grade is raised only on a belt that runs", c)
        if g > f.incline.raise_above(known, 5) and g > known:
            self._judge_raise(c, g, f.incline, f.limit.incline)
            self._judge_pace(c, g, f.incline, known + 5, self.policy.ramp.grade_per_s)
        if seen is not None:
            self._judge_slew(c, g, f.incline, (seen, 5), (10, 10))
            if f.incline.sent is not None and g < min(f.incline.sent, seen):
                f.withdraw()

    def _judge_raise(self, c: ev.Command, value: int, axis: AxisFacts, allowed: int) -> None:
        f = self.f
        other = f.incline if axis is f.speed else f.speed
        if self.waited > 1_000:
            self._fail("I12 a raise right after a stall", c)
        if f.blind is not None:
            self._fail("I12 a raise before a newer speed after lost time", c)
        planned = f.plan.may(f.now)[axis is f.incline]
        if axis.leave is None or value > axis.leave:
            if value > planned:
                self._fail("I2 a raise without leave", (c, axis, f.plan))
            self.session.tried.add(f"a raise of {f.plan.named}")
        self._judge_planned(c, value, axis)
        if f.now - f.leapt < 3_000:
            self._fail("I5 a raise after a leap", c)
        if not f.fresh:
            self._fail("I5 a raise on stale telemetry", c)
        if f.unknown:
            self._fail("I6 a raise after an unknown command", c)
        if not f.limit.may_raise or f.limit.belt != "RUN" or value > allowed:
            self._fail("I5 a raise above what is allowed", (c, f.limit))
        if f.now - other.raised < 1_000:
            self._fail("H19 both axes raised within a second", c)
        axis.raised = f.now

    def _judge_planned(self, c: ev.Command, value: int, axis: AxisFacts) -> None:
        """A12: none but to where it is warm enough for; and none past a therapist's time."""
        f, w, longest = self.f, self.policy.warm_up, self.profile.longest_ms
        if longest is not None and f.ran >= longest:
            self._fail("a raise past the therapist's time", c)
        if not w.demanded or axis is f.incline or f.ran >= w.length_ms:
            return
        own = self.profile.speed_max
        top = min(self.policy.caps.speed, HARD_SPEED if own is None else own)
        warm = WARM_UP_FROM + max(0, top - WARM_UP_FROM) * f.ran // w.length_ms
        if value > min(top, warm):
            self._fail("A12 a raise before it is warm enough for", (c, f.ran))

    def _judge_pace(
        self, c: ev.Command, value: int, axis: AxisFacts, seen: int, per_s: int
    ) -> None:
        """A run of raises never leads further than the policy's pace from its first write."""
        step = STEP if axis is self.f.speed else 5
        last = axis.writes[-1][1] if axis.writes else 0
        stands = max(seen, last) if axis.sent is None else axis.sent
        if value > stands + max(2 * per_s, step):
            self._fail("I3 raised faster than the policy's pace", (c, axis))
        if axis.sent is None or axis.run is None:
            return
        t, first = axis.run
        if value > first + (self.f.now - t) * per_s // 1_000 + step:
            self._fail("I3 raised faster than the policy's pace", (c, axis))

    def _judge_slew(
        self,
        c: ev.Command,
        value: int,
        axis: AxisFacts,
        seen: tuple[int, int],
        per_s: tuple[int, int],
    ) -> None:
        measured, drift = seen
        last = axis.sent
        # A target that the belt has left isn't ours: then only a lowering below both counts.
        if last is not None and measured <= last + drift:
            s = max(1_000, self.f.now - axis.writes[-1][0]) if axis.writes else 1_000
            if value < min(measured, last) - per_s[1] * s // 1_000:
                self._fail("I3 lowered by more than the hard slew", (c, measured, last))
        found = last is None and all(self.f.now - t > 5_000 for t, _ in axis.writes)
        calm = axis is self.f.speed and self.f.now - self.f.leapt >= 3_000
        if found and calm and "consent" in c.why and value < measured - per_s[1]:
            self._fail("I3 a consent lowers a belt that the console drives", (c, measured))
        for t, w in axis.writes:
            if last is None or self.f.now - t >= 1_000:
                continue
            if value - w > per_s[0] or min(w, measured) - value > per_s[1]:
                self._fail("I3 two writes within a second", (c, axis.writes))

    # -------------------------------------------------- the gate

    def _judge_frame(self, c: ev.Command) -> None:
        """What must hold of a frame that goes out, whoever wanted it."""
        f = self.f
        if c.op == "stop":
            if self.quiet and f.now - f.own_stop > 30_000:
                self._fail("in shadow only the runner's own Stop is sent", c)
            if f.known_stopped:
                self._fail("H10 a Stop to a belt that stands", c)
        elif c.op == "start" and not self.consented:
            self._fail("I2 the gate lets a start through without leave", c)
        elif c.op == "start" and f.measured > 5:
            self._fail("a Start to a moving belt", c)

    def _judge_refusal(self, c: ev.Command, why: str) -> None:
        """A lowering or a Stop to a belt that moves or may move is never refused."""
        f = self.f
        if c.op == "stop" and not f.known_stopped:
            self._fail("the gate refused a Stop to a belt that may move", why)
        value = c.value or 0
        moves = f.fresh and f.measured > 5 and f.now - f.stop_at > 5_000
        if c.op == "set_speed" and moves:
            lowers = 0 < value <= min(f.measured, _or(f.speed.wrote, value))
            self._believable(lowers, value, _or(f.believed.value, 0), (c, why))
        if c.op == "set_incline" and moves and f.grade is not None and value >= 0:
            fresh = f.now - f.grade[0] <= FRESH_MS
            lowers = fresh and value <= min(f.grade[1], _or(f.incline.wrote, value))
            self._believable(lowers, value, _or(f.deck.value, 0), (c, why))

    def _believable(self, lowers: bool, value: int, believed: int, what: object) -> None:
        if lowers and value <= believed:
            self._fail("the gate refused a lowering", what)
        if lowers:
            # By design: "down" from a leap may be up.
            self.session.tried.add("excluded: a lowering that only a leap makes one")

    # -------------------------------------------------- limits

    def _judge_limit(self, limit: ev.LimitChange) -> None:
        caps, own = self.policy.caps, self.profile
        top = min(caps.speed, HARD_SPEED, own.speed_max or HARD_SPEED)
        steepest = min(
            caps.grade, HARD_GRADE, HARD_GRADE if own.grade_max is None else own.grade_max
        )
        if type(limit.speed) is not int or type(limit.incline) is not int:
            self._fail("I16 integers", limit)
        if limit.speed > top or limit.incline > steepest:
            self._fail("I3 allowed above the cap", limit)
        if limit.belt != "RUN" and limit.may_raise:
            self._fail("a belt that must stand isn't raised", limit)
        if not limit.why and (limit.belt != "RUN" or not limit.may_raise):
            self._fail("a limit says who holds the belt", limit)
