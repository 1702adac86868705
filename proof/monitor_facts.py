"""What an onlooker knows of a session: what was measured, sent and said, and which leave stands.

Learnt from the events that go in, the frames that go out and the guard's announcements; never from
the guard's state. What must hold of it all is monitor.py's business. The rule to keep: where the
documents leave room, a fact here is the narrowest reading that they all agree on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from proof.plan_leave import Going
from treadguard.guard import events as ev
from treadguard.units import Grade, Speed

STEP = 10
FRESH_MS = 3_000
LOST_MS = 5_000
DOUBT_MS = 10_000
CONSENT_MS = 10_000
BLIND_MS = 250
"""What comes sooner after lost time may have lain in a socket meanwhile."""
GAP_MS = 2_000
SPEED_PER_S, GRADE_PER_S, LEAP = 300, 30, 50
"""No machine gains a sixth of this: what rises faster is noise, and no base for a lowering."""
LEAPS_MS = 10_000
ECHO_MS = 4_000
"""So late may a machine say which target it took: real belts take up to 4 s (FTMS.md)."""
LONG_AGO = -1_000_000
NO_CONTROL = 5
PLANS = ("programme", "warm-up", "vary")
NO_LIMIT = ev.LimitChange(Speed(0), Grade(0), False, "RUN", ())


@dataclass(slots=True)
class AxisFacts:
    """`leave`: up to where a consent given in turn `given` still allows raises.

    `replaced`: that, and the turn in which a command was given up for a newer one. `sent`: the
    target that surely stands; `wrote`: the one that may, and `near`: how near to it the belt was
    seen. `top`: the highest that was written or announced. `writes`: what went out in this run of
    writes, `run`: the first of a row of raises; `raised`: when a raise last did.
    """

    leave: int | None = None
    replaced: tuple[int, int] = (0, LONG_AGO)
    given: int = LONG_AGO
    sent: int | None = None
    wrote: int | None = None
    near: int = 0
    top: int = 0
    writes: list[tuple[int, int]] = field(default_factory=list)
    raised: int = LONG_AGO
    run: tuple[int, int] | None = None

    def strays(self, now: int, drift: int) -> None:
        """A belt that gets further from its target again is driven by somebody else."""
        if self.wrote is not None:
            far = abs(now - self.wrote)
            if far > self.near + drift:
                self.sent = None
            if far > self.near + 3 * drift:
                self.wrote = None
            self.near = min(self.near, far)

    def writes_down(self, t: int, value: int, measured: int) -> None:
        if self.run is None or self.sent is None or value <= self.sent:
            self.run = t, value
        self.sent = self.wrote = value
        self.top = max(self.top, value)
        self.near = abs(measured - value)
        self.writes = [*self.writes[-4:], (t, value)]

    def wrote_of_late(self, now: int, value: int | None) -> bool:
        """A machine may say late which target it took; the last one at any time."""
        late = [w for t, w in self.writes if now - t <= ECHO_MS]
        return value in late or any(w == value for _, w in self.writes[-1:])

    def takes_its_place(self, turn: int) -> None:
        """A newer target follows in the same turn: the one given up wasn't lost."""
        if self.replaced[1] == turn:
            self.leave = self.replaced[0]

    def raise_above(self, measured: int, drift: int) -> int:
        """A value above this is a raise."""
        return measured + drift if self.sent is None else self.sent


@dataclass(slots=True)
class Belief:
    """What can be believed of what is shown: no more than any machine rises, or was announced."""

    per_s: int
    value: int | None = None
    t: int = 0

    def leaps(self, t: int, shown: int, known: int) -> bool:
        """Fold a sample in; whether it shows more than can be believed. `known`: explained."""
        reach = shown
        if self.value is not None:
            reach = max(self.value + self.per_s * min(t - self.t, GAP_MS) // 1_000, known)
        self.value, self.t = min(shown, reach), t
        return shown > reach + LEAP


@dataclass(slots=True)
class Facts:
    """One connection's facts, and those of the session round it.

    `doubt`: the last sign of a start. `unknown`: a command ended as unknown since the last consent.
    `stop_at`: when the last Stop went out. `newest`: number and turn of the last command, which was
    `answered` well; turns count events, so that what came first is never in doubt. `believed`: as
    by the gate, by the last target `announced`; `obeying`: as by whoever knows our commands too;
    `leapt`: the last sample that not even that explains, `leaps`: those of late.
    `blind`: time was lost, and no newer speed seen; `watched`: samples since it was.
    `start_at`: when a Start went out that no motion has followed, `said`: the machine says it
    started. `fell_from`: the speed before the last fall. `plan`: what a programme may raise;
    `asks`: the one that this event asks for, by a consent; `ran`: ms of running belt.
    """

    now: int = 0
    phase: ev.PhaseName = "OFF"
    up: bool = False
    generation: int = 0
    samples: list[tuple[int, int]] = field(default_factory=list)
    grade: tuple[int, int] | None = None
    doubt: int = LONG_AGO
    tokens: list[ev.Consent] = field(default_factory=list)
    speed: AxisFacts = field(default_factory=AxisFacts)
    incline: AxisFacts = field(default_factory=AxisFacts)
    limit: ev.LimitChange = NO_LIMIT
    unknown: bool = False
    stop_at: int = LONG_AGO
    own_stop: int = LONG_AGO
    newest: tuple[int, int] = (0, LONG_AGO)
    newest_op: ev.Op = "request_control"
    answered: bool = False
    believed: Belief = field(default_factory=lambda: Belief(SPEED_PER_S))
    obeying: Belief = field(default_factory=lambda: Belief(SPEED_PER_S))
    deck: Belief = field(default_factory=lambda: Belief(GRADE_PER_S))
    announced: int = 0
    leapt: int = LONG_AGO
    leaps: list[int] = field(default_factory=list)
    blind: int | None = None
    watched: int = 0
    start_at: int | None = None
    said: bool = False
    fell_from: int = 0
    turn: int = 0
    least: int = 100
    plan: Going = field(default_factory=Going)
    asks: tuple[str, int | None] | None = None
    warm_up_ms: int = 0
    ran: int = 0

    # -------------------------------------------------- questions

    @property
    def measured(self) -> int:
        return self.samples[-1][1] if self.samples else 0

    @property
    def age(self) -> int:
        return self.now - self.samples[-1][0] if self.samples else 10**9

    @property
    def fresh(self) -> bool:
        return self.age <= FRESH_MS

    @property
    def known_stopped(self) -> bool:
        """DESIGN 2.2: two fresh samples at rest, and no sign of a start within 10 s.

        Both are newer than any time that was lost: no clock may have counted that (H67).
        """
        s = self.samples
        return (
            len(s) > 1
            and self.watched > 1
            and s[-1][1] <= 5
            and s[-2][1] <= 5
            and self.now - s[-2][0] <= FRESH_MS
            and self.now - self.doubt > DOUBT_MS
        )

    @property
    def surely_moves(self) -> bool:
        s = self.samples
        return len(s) > 1 and s[-1][1] > 30 and s[-2][1] > 30 and self.now - s[-2][0] <= FRESH_MS

    # -------------------------------------------------- what happens

    def hears(self, e: ev.Event) -> bool:
        """Take an event in; whether it is an ask that a valid consent stands behind."""
        gone, self.now = max(self.now, e.t) - self.now, max(self.now, e.t)
        self.turn += 1
        self.ran += gone if self.phase == "RUNNING" else 0
        known = self.speed.wrote
        self.plan = self.plan.passes(gone, self.phase).heard(e, self.age, known or 0)
        self.asks = None
        if self.age >= FRESH_MS:
            self.withdraw()
        if isinstance(e, ev.Tick):
            return False
        if isinstance(e, ev.Telemetry):
            self._measures(e)
        elif isinstance(e, ev.Operator):
            return self._asked(e)
        elif isinstance(e, ev.Consent):
            self.tokens.append(e)
        elif isinstance(e, ev.Link):
            self.up, self.generation = e.up, e.generation
            self.connects()
        elif isinstance(e, ev.Machine):
            self._told(e)
        elif isinstance(e, ev.Answer):
            self._answered(e)
        elif isinstance(e, ev.Pain):
            if e.level != 0 or e.retained:
                self.withdraw()
        elif isinstance(e, (ev.Symptom, ev.Host)):
            self.withdraw()
        elif isinstance(e, ev.Clock):
            self.withdraw()
            self.tokens = []
            self.blind, self.watched = e.t, 0
        return False

    def _answered(self, e: ev.Answer) -> None:
        if e.result == 1 and e.op == self.newest_op:
            self.answered = True
        elif e.result not in (1, "timeout") and e.op == "set_speed":
            self.speed.sent = None
        elif e.result not in (1, "timeout") and e.op == "set_incline":
            self.incline.sent = None
        elif e.result == NO_CONTROL and e.op == "stop" and self.own_stop > LONG_AGO:
            self.own_stop = e.t  # never taken, as we hear now: once more is still the runner's own

    def _measures(self, e: ev.Telemetry) -> None:
        if e.speed is not None:
            self.speed.strays(e.speed, STEP)
            speed = int(e.speed)
            self._leaps(e.t, speed)
            if speed > 5:
                self.start_at = None
                if not self.samples or speed >= self.samples[-1][1]:
                    self.fell_from = speed
            if self.blind is not None and e.t >= self.blind + BLIND_MS:
                self.blind = None
            if self.samples and self.samples[-1][0] == e.t:
                speed = max(speed, self.samples.pop()[1])  # one record in two parts
            else:
                self.watched += 1
            self.samples = [*self.samples[-1:], (e.t, speed)]
        if e.incline is not None:
            self.incline.strays(e.incline, 5)
            self.grade = e.t, int(e.incline)
            self.deck.leaps(e.t, int(e.incline), 0)

    def _leaps(self, t: int, speed: int) -> None:
        self.believed.leaps(t, speed, self.announced)
        if self.obeying.leaps(t, speed, self.speed.top):
            self.leapt = t
            if speed > self.measured + LEAP:
                self.leaps = [*(at for at in self.leaps if t - at < LEAPS_MS), t]

    def _told(self, e: ev.Machine) -> None:
        if e.status == 5 and e.value is not None:
            self.announced = e.value
            self.speed.top = max(self.speed.top, e.value)
        if e.status == 4 or e.training == 14:
            self.doubt = e.t
            self.said |= e.status == 4
        elif e.status in (1, 2, 3, 5):
            self.said &= e.status not in (2, 3)
            if not self.speed.wrote_of_late(e.t, e.value):
                self.speed.sent = None
        elif e.status == 6 and not self.incline.wrote_of_late(e.t, e.value):
            self.incline.sent = None
        elif e.ranges is not None and e.ranges.speed_min is not None:
            # The machine's own minimum is where a start comes up and what a ceiling never passes.
            self.least = max(self.least, e.ranges.speed_min)

    def _asked(self, e: ev.Operator) -> bool:
        if e.do in ("stop", "break", "end", "ease"):
            self.withdraw()
            if e.do == "stop":
                self.own_stop = e.t
        if e.do in PLANS and e.role == "local":
            return self._asks_for_a_plan(e)
        if e.do not in ("start", "resume", "speed", "incline") or e.role != "local":
            return False
        given = self._use(e.do, e.value)
        if given:
            self.unknown = False
            if e.do in ("speed", "incline"):
                axis = self.speed if e.do == "speed" else self.incline
                axis.leave, axis.given = e.value, self.turn
        return given

    def _asks_for_a_plan(self, e: ev.Operator) -> bool:
        if not self._use("programme", e.value):
            return False
        self.unknown = False
        self.asks = e.do, e.value
        goes_on = e.do == "programme" or (e.do == "vary" and not self.plan.under_way)
        if goes_on and self.phase == "RUNNING" and self.limit.may_raise:
            self.sets_going()
        return True

    def starts(self) -> None:
        """A Start is decided: a plain one lets a plan go on without its raises."""
        self.plan = self.plan.withdrawn()
        self.sets_going()

    def sets_going(self) -> None:
        """A plan that was consented to begins, or goes on."""
        if self.asks is None:
            return
        do, value = self.asks
        grade = max(0 if self.grade is None else self.grade[1], self.incline.top)
        self.plan = self.plan.set_going(do, value, (value or 0, grade), self.warm_up_ms)

    def ended_unknown(self, n: int) -> None:
        """Nobody knows what became of a command: no raise until a consent given after it.

        One that a newer target has taken the place of isn't lost: the newest target wins.
        """
        if n != self.newest[0]:
            return
        axes = [self.speed, self.incline]
        if self.answered:  # taken, and without effect: the console's doing, or a deaf axis
            axes = [self.speed if self.newest_op == "set_speed" else self.incline]
        else:
            self.unknown = True
        for axis in axes:
            if axis.given <= self.newest[1]:
                if self.answered and axis.leave is not None:
                    axis.replaced = axis.leave, self.turn
                axis.leave = None
            elif axis.leave is not None:
                self.unknown = False

    def _use(self, do: str, value: int | None) -> bool:
        kinds = ("start", "resume") if do in ("start", "resume") else (do,)
        for c in self.tokens:
            live = self.now <= c.expires and self.now - c.t <= CONSENT_MS
            if c.for_ in kinds and live and self.up and c.generation == self.generation:
                if c.target != value and do in ("speed", "incline", "programme"):
                    continue
                self.tokens.remove(c)
                return True
        return False

    def withdraw(self) -> None:
        """No raise goes on: a limit, a lowering, a Stop, staleness or a disconnect."""
        for axis in (self.speed, self.incline):
            axis.leave = None
            axis.replaced = 0, LONG_AGO

    def connects(self) -> None:
        """Nothing measured, sent or consented outlives a connection."""
        self.samples = []
        self.grade = None
        self.tokens = []
        self.speed = AxisFacts()
        self.incline = AxisFacts()
        self.believed, self.obeying = Belief(SPEED_PER_S), Belief(SPEED_PER_S)
        self.deck = Belief(GRADE_PER_S)
        self.announced = 0
        self.start_at = None

    def sends(self, c: ev.Command) -> None:
        """A frame went out."""
        if c.op != "request_control":
            self.newest, self.newest_op, self.answered = (c.n, self.turn), c.op, False
        if c.op in ("stop", "start"):
            self.withdraw()
            self.speed.sent = self.speed.wrote = None
            self.speed.writes = []
            if c.op == "stop":
                self.stop_at = self.now
                self.start_at = None
            else:
                self.doubt = self.start_at = self.now
                self.said = False
        elif c.op in ("set_speed", "set_incline") and c.value is not None:
            if c.op == "set_speed":
                self.speed.writes_down(self.now, c.value, self.measured)
            else:
                self.incline.writes_down(self.now, c.value, self.grade[1] if self.grade else 0)
