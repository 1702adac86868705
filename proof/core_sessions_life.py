"""One session, act by act: guard, gate and kernel as in life, a belt_model belt, and the onlooker.

Acts are plain values, so that a session can be told again, shortened and printed. The rule to
keep: an act means the same whatever the acts before it were; what doesn't apply does nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import Any, NamedTuple

from proof.belt_model import Belt, Nature
from proof.monitor import OUTPUTS, Monitor
from treadguard.ftms.control_point import frame_of
from treadguard.guard import events as ev
from treadguard.guard.kept import Kept, kept
from treadguard.guard.plan import Plan
from treadguard.guard.policy import Policy, Profile
from treadguard.guard.state import Mode, initial
from treadguard.kernel import GateKeeper, Kernel
from treadguard.units import Decideg, Grade, Millis, Speed

LONG_DEAD_MS = 40_000


class Act(NamedTuple):
    """After `dt` ms this is done; `a` and `b` are its parameters."""

    do: str
    dt: int
    a: Any = None
    b: Any = None


@dataclass(frozen=True, slots=True)
class Setting:
    """How a session begins. `tick` and `period`: of the guard's ticks and the telemetry, in ms."""

    policy: Policy = field(default_factory=Policy)
    profile: Profile = field(default_factory=Profile)
    mode: Mode = "guard"
    proven: bool = True
    kept: Kept = field(default_factory=Kept)
    nature: Nature = field(default_factory=Nature)
    tick: int = 250
    period: int = 1_000
    moving: int = 0
    plan: Plan | None = None


@dataclass(slots=True)
class Life:
    """A session that goes on. `fed` counts the events that the guard was given."""

    setting: Setting
    events_max: int = 200
    t: int = 0
    fed: int = 0
    keeper: GateKeeper = field(default_factory=GateKeeper)
    seen: Counter[str] = field(default_factory=Counter)
    belt: Belt = field(init=False)
    kernel: Kernel = field(init=False)
    monitor: Monitor = field(init=False)
    log: list[tuple[int, object]] | None = None
    up: bool = False
    generation: int = 0
    consents: int = 0
    posture: tuple[int | None, int | None] | None = None
    gait: tuple[int, int, int] | None = None
    answers: list[tuple[int, int, ev.Answer]] = field(default_factory=list)
    next_tick: int = 0
    next_sample: int = 0

    def __post_init__(self) -> None:
        s = self.setting
        self.belt = Belt(s.nature, fine=s.moving * 1000, target=s.moving)
        quiet = s.mode == "shadow" or not s.proven
        self.monitor = Monitor(s.policy, s.profile, quiet, s.kept, s.plan)
        self._boots(s.kept)
        self.seen["shadow" if quiet else "guard"] += 1

    def _boots(self, kept_: Kept) -> None:
        s = self.setting
        state = initial(s.policy, s.profile, s.mode, s.proven, kept_, s.plan)
        self.kernel = Kernel(state, self.keeper, self._send, self._emit)

    @property
    def phase(self) -> ev.PhaseName:
        return self.monitor.f.phase

    @property
    def over(self) -> bool:
        return self.fed >= self.events_max

    # -------------------------------------------------- the shell

    def _emit(self, _line: bytes, what: ev.Event | ev.Output | None) -> None:
        if self.log is not None:
            self.log.append((self.t, what))
        if isinstance(what, OUTPUTS):
            self.monitor.says(what)
            self._count(what)
        elif what is not None:
            self._judged()
            self.monitor.hears(what)

    def _judged(self) -> None:
        if self.monitor.event is not None:
            self.monitor.stepped(kept(self.kernel.state))

    def _count(self, o: ev.Output) -> None:
        if isinstance(o, ev.PhaseChange):
            self.seen["phase " + o.to] += 1
        elif isinstance(o, ev.LimitChange):
            for why in o.why:
                self.seen["why " + why] += 1
        elif isinstance(o, ev.Verdict):
            self.seen["verdict " + o.is_] += 1

    def _send(self, c: ev.Command) -> str | None:
        why = self.keeper.check(frame_of(c))
        self.monitor.frame(c, why)
        if why is not None:
            self.seen["veto " + c.op] += 1
            return why
        self.seen["sent " + c.op] += 1
        if c.attempt > 1:
            self.seen[f"attempt {c.attempt}"] += 1
        at, result = self.belt.hears(self.t, c.op, c.value)
        heappush(self.answers, (at, c.n, ev.Answer(Millis(at), c.op, result)))
        return None

    def feed(self, event: ev.Event) -> None:
        """One event, and the answers that come at once."""
        if not self.over:
            self.fed += 1
            self.kernel.feed(event)
            self._judged()
            self._answers_due()

    def _answers_due(self) -> None:
        if self.up and self.answers and self.answers[0][0] <= self.t:
            self.feed(replace(heappop(self.answers)[2], t=Millis(self.t)))

    # -------------------------------------------------- time

    def passes(self, dt: int) -> None:
        """The belt moves, samples and ticks come as they fall due."""
        end = self.t + dt
        s, belt = self.setting, self.belt
        while self.t < end and not self.over:
            due = min(end, self.next_tick, self.next_sample)
            if self.answers:
                due = min(due, max(self.answers[0][0], self.t + 1))
            belt.moves(due, due - self.t)
            self.t = due
            says, belt.says = belt.says, []
            if self.up:
                for said in says:
                    self.feed(replace(said, t=Millis(due)))
                self._answers_due()
            if due >= self.next_sample:
                self.next_sample = due + s.period
                self._samples()
            if due >= self.next_tick:
                self.next_tick = due + s.tick
                self.feed(ev.Tick(Millis(due)))

    def _samples(self) -> None:
        if self.up:
            for sample in self.belt.shows(self.t):
                self.feed(sample)
        if self.posture is None and self.gait is None:
            return
        trunk, neck = self.posture or (None, None)
        asym, strides, lumbar = self.gait or (None, None, None)
        self.feed(
            ev.Posture(
                Millis(self.t),
                None if trunk is None else Decideg(trunk),
                None if neck is None else Decideg(neck),
                asym,
                strides,
                lumbar=None if lumbar is None else Decideg(lumbar),
            )
        )

    # -------------------------------------------------- acts

    def does(self, act: Act) -> None:
        """Let time pass, then do it."""
        self.passes(act.dt)
        if not self.over:
            self.seen["act " + act.do] += 1
            getattr(self, "_" + act.do.replace(" ", "_"))(act.a, act.b)

    def _wait(self, _a: None, _b: None) -> None:
        pass

    def _pain(self, level: int | None, role: ev.Role) -> None:
        self.feed(ev.Pain(Millis(self.t), level, role=role))

    def _retained(self, level: int | None, _b: None) -> None:
        self.feed(ev.Pain(Millis(self.t), level, "mqtt", "remote", True))

    def _symptom(self, what: str, role: ev.Role) -> None:
        self.feed(ev.Symptom(Millis(self.t), what, role=role))

    def _retained_symptom(self, what: str, _b: None) -> None:
        self.feed(ev.Symptom(Millis(self.t), what, "mqtt", "remote", True))

    def _ask(self, do: ev.OperatorDo, value: int | None) -> None:
        """The runner asks, as the service hears it: with a consent of its own where one is due."""
        if do in ("programme", "warm-up", "vary"):
            self._consents("programme", value, 0, 0)
        elif do in ("start", "resume", "speed", "incline"):
            self._consents(do, value, 0, 0)
        self.feed(ev.Operator(Millis(self.t), do, value))

    def _consents(self, for_: ev.ConsentFor, target: int | None, behind: int, late: int) -> None:
        self.consents += 1
        expires = Millis(self.t + 10_000 - late)
        generation = self.generation - behind
        self.feed(
            ev.Consent(Millis(self.t), f"c{self.consents}", for_, target, expires, generation)
        )

    def _bare(self, do: ev.OperatorDo, value: int | None) -> None:
        """An ask without a consent of its own: whatever stands behind it is another's."""
        self.feed(ev.Operator(Millis(self.t), do, value))

    def _other_plan(self, do: ev.OperatorDo, value: int | None) -> None:
        """A consent to one programme, and another asked for."""
        self._consents("programme", None if value is not None else 500, 0, 0)
        self._bare(do, value)

    def _gait(self, gait: tuple[int, int, int] | None, _b: None) -> None:
        self.gait = gait

    def _remote(self, do: ev.OperatorDo, value: int | None) -> None:
        self.feed(ev.Operator(Millis(self.t), do, value, "remote"))

    def _forged(self, for_: ev.ConsentFor, target: int | None) -> None:
        """A consent of the connection before, asked upon."""
        self._consents(for_, target, 1, 0)
        self._bare(for_, target)

    def _expired(self, for_: ev.ConsentFor, target: int | None) -> None:
        self._consents(for_, target, 0, 10_001)
        self._bare(for_, target)

    def _early(self, for_: ev.ConsentFor, target: int | None) -> None:
        """A consent that is asked upon later, if ever."""
        self._consents(for_, target, 0, 0)

    def _console(self, speed: int, _b: None) -> None:
        if self.belt.speed:
            self.belt.console_speed(self.t, speed)

    def _console_grade(self, grade: int, _b: None) -> None:
        self.belt.console_grade(self.t, grade)

    def _console_start(self, _a: None, _b: None) -> None:
        if not self.belt.speed:
            self.belt.console_start(self.t)

    def _console_stop(self, _a: None, _b: None) -> None:
        self.belt.console_stop(self.t)

    def _key(self, _a: None, _b: None) -> None:
        self.belt.key(self.t)

    def _status(self, code: int, value: int | None) -> None:
        if self.up:
            self.feed(ev.Machine(Millis(self.t), status=code, value=value))

    def _training(self, code: int, _b: None) -> None:
        if self.up:
            self.feed(ev.Machine(Millis(self.t), training=code))

    def _ranges(self, low: int, top: int) -> None:
        if self.up:
            ranges = ev.Ranges(Speed(low), Speed(top), 10, Grade(0), Grade(150), 5)
            self.feed(ev.Machine(Millis(self.t), ranges=ranges))

    def _stray(self, op: ev.Op, result: int) -> None:
        """An answer to nothing that was asked."""
        if self.up:
            self.feed(ev.Answer(Millis(self.t), op, result))

    def _connect(self, _a: None, _b: None) -> None:
        if not self.up:
            self.up = True
            self.generation += 1
            self.feed(ev.Link(Millis(self.t), True, self.generation))

    def _drop(self, _a: None, _b: None) -> None:
        if self.up:
            self.up = False
            owed, self.answers = self.answers, []
            self.feed(ev.Link(Millis(self.t), False, self.generation))
            for _, _, answer in owed:
                self.feed(ev.Answer(Millis(self.t), answer.op, "att_error"))

    def _see(self, sight: Any, value: int) -> None:
        self.belt.sight = sight
        self.belt.wrong = value
        self.belt.stuck = self.belt.speed, self.belt.grade

    def _deaf(self, ops: tuple[str, ...], _b: None) -> None:
        self.belt.deaf = frozenset(ops)

    def _results(self, op: str, result: Any) -> None:
        self.belt.results = {op: result} if op else {}

    def _posture(self, trunk: int | None, neck: int | None) -> None:
        self.posture = None if trunk is None and neck is None else (trunk, neck)

    def _stall(self, ms: int, _b: None) -> None:
        """The loop is held up: the belt goes on, and nobody hears of it."""
        self.t += ms
        self.belt.moves(self.t, ms)
        self.next_tick = self.next_sample = self.t

    def _lost_time(self, ms: int, what: str) -> None:
        """The loop is held up or the computer sleeps, and the service says so at once."""
        self._stall(ms, None)
        if what == "out of sight":
            self.belt.sight = "silent"
        self.feed(ev.Clock(Millis(self.t), Millis(ms), what == "asleep"))

    def _leaves(self, what: ev.HostWhat, _b: None) -> None:
        self.feed(ev.Host(Millis(self.t), what))

    def _restart(self, dead_ms: int, anew: bool) -> None:
        """The process dies, the belt doesn't; the next one reads what was kept.

        `anew`: as a new session, soon after the last one or (the longest wait) another day.
        """
        old = kept(self.kernel.state)
        self.up, self.answers, self.generation = False, [], 0
        end = self.t + dead_ms
        self.belt.moves(end, dead_ms)
        self.belt.says = []
        self.t = end
        self.next_tick = self.next_sample = end
        now = old
        if anew and dead_ms >= LONG_DEAD_MS:
            now = replace(old.next_session(), owed_stop=old.owed_stop, moving=old.moving)
        elif anew:
            now = replace(old, ended=None, fault=None)
        self.monitor.restarts(now, end)
        self._boots(now)
