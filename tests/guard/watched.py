"""A rig that judges every output as it comes out, from what went in: an oracle of its own.

What is written down here is DESIGN's and HAZARDS' invariants, not the guard's code: which leave a
human gave and whether it still stands, what was measured last, when a Start went out. The rule to
keep: nothing here reads the guard's state, except through `kept`, which is an output.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept
from treadguard.guard.state import initial
from treadguard.guard.step import step

STEP = 10


@dataclass(repr=False)
class Watched(Rig):
    """`leave`: what a consent still allows on each axis, None without one."""

    told: list[ev.Event] = field(default_factory=list)
    said: list[tuple[ev.Output, ...]] = field(default_factory=list)
    seen: list[tuple[int, int]] = field(default_factory=list)
    seen_grade: int | None = None
    consents: list[ev.Consent] = field(default_factory=list)
    leave: dict[str, int | None] = field(default_factory=lambda: {"speed": None, "incline": None})
    started: int = -100_000
    stopped: int = -100_000
    writes: list[tuple[int, int]] = field(default_factory=list)
    lifted: dict[str, int] = field(default_factory=dict)
    at: str = "OFF"
    generation: int = 0
    up: bool = False
    ended: bool = False
    ceiling: int | None = None
    triggers: int = 0

    def feed(self, event: ev.Event) -> list[ev.Output]:
        self.told.append(event)
        self._learn(event)
        self.state, out = step(self.state, event)
        self.said.append(tuple(out))
        self._judge(event, list(out))
        for o in out:
            self.log.append((self.now, o))
        for o in out:
            if isinstance(o, ev.Command) and not o.shadow:
                self._hear(o)
        return list(out)

    # -------------------------------------------------- what is known

    def _learn(self, event: ev.Event) -> None:
        if isinstance(event, ev.Telemetry):
            if event.speed is not None:
                self.seen.append((event.t, event.speed))
            if event.incline is not None:
                self.seen_grade = event.incline
        elif isinstance(event, ev.Link):
            self.generation, self.up = event.generation, event.up
            self._withdraw()
        elif isinstance(event, ev.Consent):
            self.consents.append(event)
        elif isinstance(event, ev.Operator):
            self._hear_operator(event)
        if self.seen and self.now - self.seen[-1][0] >= 3_000:
            self._withdraw()

    def _hear_operator(self, event: ev.Operator) -> None:
        if event.do in ("speed", "incline") and event.role == "local":
            found = self._use(event.do, event.value)
            if found is not None:
                self.leave[event.do] = found.target
        if event.do in ("stop", "break", "end", "ease"):
            self._withdraw()

    def _use(self, for_: str, target: int | None) -> ev.Consent | None:
        for c in self.consents:
            if c.for_ == for_ and c.generation == self.generation and c.expires >= self.now:
                if target is not None and c.target is not None and c.target != target:
                    continue
                self.consents.remove(c)
                return c
        return None

    def _withdraw(self) -> None:
        self.leave = {"speed": None, "incline": None}

    @property
    def fresh(self) -> bool:
        return bool(self.seen) and self.now - self.seen[-1][0] < 3_000

    @property
    def known_stopped(self) -> bool:
        return (
            len(self.seen) >= 2
            and all(v <= 5 and self.now - t < 5_000 for t, v in self.seen[-2:])
            and self.now - self.started >= 10_000
        )

    # -------------------------------------------------- what must hold

    def _fail(self, invariant: str, what: object) -> None:
        raise AssertionError(f"{invariant} at {self.now}, {self.at}: {what}; seed events above")

    def _judge(self, event: ev.Event, out: list[ev.Output]) -> None:
        before = self.at
        for o in out:
            if isinstance(o, ev.PhaseChange):
                if o.from_ != self.at:
                    self._fail("phases are a chain", o)
                self.at = o.to
        self._judge_stop(event, out, before)
        for o in out:
            if isinstance(o, ev.Command):
                self._judge_command(o, event, before)
            elif isinstance(o, ev.LimitChange) and not all(
                type(v) is int for v in (o.speed, o.incline)
            ):
                self._fail("I16 integers", o)
        self._judge_kept()

    def _judge_command(self, c: ev.Command, event: ev.Event, before: str) -> None:
        if c.op == "request_control":
            return
        if c.value is not None and type(c.value) is not int:
            self._fail("I16 integers", c)
        if isinstance(event, ev.Link) and c.op in ("start", "set_speed", "set_incline"):
            self._fail("I14 a connect moves nothing", c)
        if c.shadow:
            return
        if (self.mode == "shadow" or not self.proven) and c.op != "stop":
            self._fail("shadow sends only a stop", c)
        if c.op == "stop":
            self._withdraw()
            self.writes.clear()
            self.stopped = self.now
        elif c.op == "start":
            self._judge_start(c, event, before)
        elif c.op == "set_speed" and c.value is not None:
            self._judge_speed(c, c.value, before)
        elif c.op == "set_incline" and c.value is not None:
            self._judge_grade(c, c.value)

    def _judge_start(self, c: ev.Command, event: ev.Event, before: str) -> None:
        local = isinstance(event, ev.Operator) and event.role == "local"
        if not local or not isinstance(event, ev.Operator):
            self._fail("I9 only a local human starts", (c, event))
        elif self._use(event.do, None) is None:
            self._fail("I2 a start needs a consent", c)
        if before not in ("READY", "PAUSED", "BREAK"):
            self._fail(f"I1 no start from {before}", c)
        if self.ended:
            self._fail("I8 an ended session starts nothing", c)
        if not self.fresh:
            self._fail("I5 no start on stale telemetry", c)
        self.started = self.now
        self.writes.clear()

    def _judge_speed(self, c: ev.Command, v: int, before: str) -> None:
        if "RUNNING" not in (before, self.at) or self.at != "RUNNING":
            self._fail("I1 a speed is only for a belt that runs", c)
        measured = self.seen[-1][1] if self.seen else 0
        last = self.writes[-1][1] if self.writes else measured
        if v > measured + STEP and self.now - self.seen[-1][0] < 1_500:
            self._judge_raise("speed", c, v)
        if self.writes and measured <= last + STEP and v < min(measured, last) - 100:
            self._fail("I3 lowered by more than the hard slew at once", (c, measured, last))
        for t, w in self.writes:
            if self.now - t < 1_000 and (v - w > 50 or min(w, measured) - v > 100):
                self._fail("I3 two writes in a second", (c, w))
        leave = self.leave["speed"]
        if leave is not None and v < min(last, measured, leave):
            self.leave["speed"] = None
        self.writes.append((self.now, v))

    def _judge_grade(self, c: ev.Command, v: int) -> None:
        if v < 0 and (self.seen_grade or 0) >= 0:
            self._fail("never below 0", c)
        if self.seen_grade is not None and v > self.seen_grade + 5:
            self._judge_raise("incline", c, v)

    def _judge_raise(self, axis: str, c: ev.Command, v: int) -> None:
        leave = self.leave[axis]
        if leave is None or v > leave:
            self._fail("I2/I13 a raise without leave", (c, axis, leave, self.seen[-3:]))
        if not self.fresh:
            self._fail("I5 a raise on stale telemetry", c)
        if axis == "speed" and v > 1_200:
            self._fail("cap", c)
        if axis == "speed" and self.ceiling is not None and v > max(self.ceiling, 100):
            self._fail("I7 a raise above the ceiling", (c, self.ceiling))
        self.lifted[axis] = self.now
        if len(self.lifted) == 2 and len(set(self.lifted.values())) == 1:
            self._fail("H19 both axes raised at once", c)

    def _judge_stop(self, event: ev.Event, out: list[ev.Output], before: str) -> None:
        worst = (
            isinstance(event, ev.Pain)
            and not event.retained
            and (event.level is None or event.level > 4)
        ) or (isinstance(event, ev.Symptom) and not event.retained)
        if not worst:
            return
        sent = [o for o in out if isinstance(o, ev.Command) and not o.shadow]
        if any(o.op in ("start", "set_speed", "set_incline") for o in sent):
            self._fail("I4 pain above four moves nothing but a Stop", sent)
        shadow = self.mode == "shadow" or not self.proven
        if shadow or not self.up or before not in ("RUNNING", "STARTING"):
            return
        if not self.known_stopped and not any(o.op == "stop" for o in sent):
            self._fail("I4 pain above four and no Stop", (event, self.seen[-2:]))

    def _judge_kept(self) -> None:
        now = kept(self.state)
        if self.ceiling is not None and (now.ceiling is None or now.ceiling > self.ceiling):
            self._fail("I7 the ceiling rose", now)
        if now.triggers < self.triggers or now.triggers > 4:
            self._fail("I8 triggers", now)
        self.ceiling, self.triggers = now.ceiling, now.triggers
        if self.at == "ENDED" and not self.ended:
            self.ended = True
        if self.ended and self.at in ("RUNNING", "STARTING", "READY", "BREAK", "PAUSED"):
            shadow = self.mode == "shadow" or not self.proven
            if not shadow:
                self._fail("I8 an ended session is over", self.at)

    # -------------------------------------------------- determinism

    def same_again(self) -> bool:
        """The same events give the same outputs, and a state of the same contents."""
        state = initial(self.policy, self.profile, self.mode, self.proven, self.kept)
        for event, expected in zip(self.told, self.said, strict=True):
            state, out = step(state, event)
            if tuple(out) != expected:
                return False
        return state == self.state and hash(state) == hash(self.state)
