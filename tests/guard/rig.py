"""A belt that obeys (or doesn't), round the bare guard: no gate, no radio, no asyncio.

The motor, its faults, the console and the clock live here; the numbers to expect live in the
tests. The rule to keep: the rig never reads the guard's mind to decide what the belt does, only the
commands that came out.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Literal

from treadguard.guard import events as ev
from treadguard.guard.kept import Kept
from treadguard.guard.plan import Plan
from treadguard.guard.policy import Policy, Profile
from treadguard.guard.state import Mode, State, initial
from treadguard.guard.step import step
from treadguard.units import Decideg, Grade, Millis, Speed

TICK = 250

Result = int | Literal["timeout", "att_error"]


@dataclass(repr=False)
class Rig:
    """Speeds in 0.01 km/h, grades 0.1 %, times in ms.

    `deaf`: commands that the belt ignores; `forgets`: so many Stops are ignored first; `results`:
    what it answers instead of success; `ratio`: what it makes of a set speed (mph: 1609, 1000);
    `restart`: the speed at which a start comes back, None for the minimum; `toggles`: a Stop starts
    a standing belt; `latency`: from command to effect; `shows_target`: it reports the target, not
    the belt, while it runs; `blank`: samples carry no speed.
    """

    policy: Policy = field(default_factory=Policy)
    profile: Profile = field(default_factory=Profile)
    mode: Mode = "guard"
    proven: bool = True
    kept: Kept = field(default_factory=Kept)
    tick: int = TICK
    now: int = 0
    speed: int = 0
    target: int = 0
    grade: int = 0
    grade_target: int = 0
    accel: int = 100
    stop_rate: int = 100
    grade_rate: int = 4
    countdown: int = 3_000
    starts_at: int | None = None
    minimum: int = 100
    restart: int | None = None
    telemetry: bool = True
    period: int = 1_000
    jitter: int = 0
    noise: int = 0
    blank: bool = False
    blank_grade: bool = False
    shows_target: bool = False
    answers: bool = True
    results: dict[str, Result] = field(default_factory=dict)
    deaf: frozenset[str] = frozenset()
    forgets: int = 0
    ratio: tuple[int, int] = (1, 1)
    toggles: bool = False
    latency: int = 0
    pending: list[tuple[int, ev.Command]] = field(default_factory=list)
    due: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    log: list[tuple[int, ev.Output]] = field(default_factory=list)
    plan: Plan | None = None
    state: State = field(init=False)

    def __post_init__(self) -> None:
        self.state = initial(
            self.policy, self.profile, self.mode, self.proven, self.kept, self.plan
        )

    # -------------------------------------------------- events in

    def feed(self, event: ev.Event) -> list[ev.Output]:
        self.state, out = step(self.state, event)
        for o in out:
            self.log.append((self.now, o))
        for o in out:
            if isinstance(o, ev.Command) and not o.shadow:
                self._hear(o)
        return list(out)

    def _hear(self, c: ev.Command) -> None:
        if self.latency:
            self.pending.append((self.now + self.latency, c))
        else:
            self._obey(c)
        if self.answers:
            self.feed(ev.Answer(Millis(self.now), c.op, self.results.get(c.op, 1)))

    def _obey(self, c: ev.Command) -> None:
        if c.op in self.deaf:
            return
        if c.op == "start":
            self.starts_at = self.now + self.countdown
        elif c.op == "stop":
            if self.forgets:
                self.forgets -= 1
            elif self.toggles and self.speed == 0 and self.starts_at is None:
                self.target = self.minimum
            else:
                self.target, self.starts_at = 0, None
        elif c.op == "set_speed" and c.value is not None:
            self.target = c.value * self.ratio[0] // self.ratio[1]
        elif c.op == "set_incline" and c.value is not None:
            self.grade_target = c.value

    def connect(self, generation: int = 1) -> None:
        self.feed(ev.Link(Millis(self.now), True, generation))

    def drop(self) -> None:
        self.feed(ev.Link(Millis(self.now), False, self.state.generation))

    def back(self) -> None:
        """The link comes up again."""
        self.connect(self.state.generation + 1)

    def sample(self) -> list[ev.Output]:
        shown = self.target if self.shows_target and self.speed and self.target else self.speed
        if self.noise and shown:
            shown = max(10, shown + self.dice.randint(-self.noise, self.noise))
        return self.feed(
            ev.Telemetry(
                Millis(self.now),
                None if self.blank else Speed(shown),
                None if self.blank_grade else Grade(self.grade),
            )
        )

    def run(self, seconds: float) -> None:
        """Let time pass: the belt moves, telemetry every `period`, ticks every `tick`."""
        end = self.now + round(seconds * 1000)
        while self.now < end:
            self.now += self.tick
            self._move()
            if self.telemetry and self.state.link and self._sampling():
                self.sample()
            self.feed(ev.Tick(Millis(self.now)))

    def _sampling(self) -> bool:
        if not self.jitter:
            return self.now % self.period == 0
        if self.now < self.due:
            return False
        self.due = self.now + self.period + self.dice.randint(-self.jitter, self.jitter)
        return True

    def _move(self) -> None:
        while self.pending and self.pending[0][0] <= self.now:
            self._obey(self.pending.pop(0)[1])
        if self.starts_at is not None and self.now >= self.starts_at:
            self.starts_at = None
            self.target = self.minimum if self.restart is None else self.restart
        rate = self.stop_rate if self.target == 0 else self.accel
        change = rate * self.tick // 1000
        self.speed += max(-change, min(change, self.target - self.speed))
        change = self.grade_rate * self.tick // 1000
        self.grade += max(-change, min(change, self.grade_target - self.grade))

    # -------------------------------------------------- the runner and the console

    def consent(self, for_: ev.ConsentFor, target: int | None = None) -> None:
        self.feed(
            ev.Consent(
                Millis(self.now),
                f"c{self.now}",
                for_,
                target,
                Millis(self.now + 10_000),
                self.state.generation,
            )
        )

    def ask(self, do: ev.OperatorDo, value: int | None = None, *, role: ev.Role = "local") -> None:
        """What the runner asks for, with the consent that goes with it."""
        if role == "local" and do in ("start", "resume", "speed", "incline"):
            self.consent(do, value)
        if role == "local" and do in ("programme", "warm-up", "vary"):
            self.consent("programme", value)
        self.feed(ev.Operator(Millis(self.now), do, value, role))

    def pain(self, level: int | None, role: ev.Role = "local") -> list[ev.Output]:
        return self.feed(ev.Pain(Millis(self.now), level, role=role))

    def symptom(self, what: str, role: ev.Role = "local") -> list[ev.Output]:
        return self.feed(ev.Symptom(Millis(self.now), what, role=role))

    def status(self, code: int, value: int | None = None) -> list[ev.Output]:
        """What the machine says on 2ADA."""
        return self.feed(ev.Machine(Millis(self.now), status=code, value=value))

    def training(self, code: int) -> list[ev.Output]:
        return self.feed(ev.Machine(Millis(self.now), training=code))

    def ranges(self, ranges: ev.Ranges) -> list[ev.Output]:
        return self.feed(ev.Machine(Millis(self.now), ranges=ranges))

    def console(self, speed: int, *, announced: bool = True) -> None:
        """A press of + or - on the machine itself."""
        self.target = speed
        if announced:
            self.status(5, speed)

    def console_start(self, *, announced: bool = True) -> None:
        self.starts_at = self.now + self.countdown
        if announced:
            self.status(4)

    def console_stop(self, *, announced: bool = True) -> None:
        self.target, self.starts_at = 0, None
        if announced:
            self.status(2, 1)

    def leans(
        self, seconds: float, *, trunk: float | None = None, neck: float | None = None
    ) -> None:
        """Posture at 4 Hz while time passes; degrees."""
        end = self.now + round(seconds * 1000)
        while self.now < end:
            self.run(self.tick / 1000)
            self.feed(
                ev.Posture(
                    Millis(self.now),
                    None if trunk is None else Decideg(round(trunk * 10)),
                    None if neck is None else Decideg(round(neck * 10)),
                )
            )

    def walking(self, speed: int = 600, grade: int = 0) -> Rig:
        """Connected, started and settled at `speed` and `grade`."""
        self.connect()
        self.run(5)
        self.ask("start")
        self.run(10)
        self.ask("speed", speed)
        self.run(max(20, speed / 25 + 10))
        if grade:
            self.ask("incline", grade)
            self.run(grade / 4 + 10)
        return self

    # -------------------------------------------------- what came out

    def commands(self, since: int = 0) -> list[tuple[int, str, int | None]]:
        return [
            (t, o.op, o.value)
            for t, o in self.log
            if isinstance(o, ev.Command) and t >= since and o.op != "request_control"
        ]

    def ops(self, since: int = 0) -> list[str]:
        return [op for _, op, _ in self.commands(since)]

    def stops(self, since: int = 0) -> list[int]:
        """When a Stop went out."""
        return [t for t, op, _ in self.commands(since) if op == "stop"]

    def phases(self, since: int = 0) -> list[str]:
        return [o.to for t, o in self.log if isinstance(o, ev.PhaseChange) and t >= since]

    def says(self, kind: type[ev.Cue | ev.Alarm], since: int = 0) -> list[str]:
        return [o.say for t, o in self.log if isinstance(o, kind) and t >= since]

    def when(self, kind: type[ev.Cue | ev.Alarm], since: int = 0) -> list[int]:
        return [t for t, o in self.log if isinstance(o, kind) and t >= since]

    def verdicts(self, since: int = 0) -> list[str]:
        return [o.is_ for t, o in self.log if isinstance(o, ev.Verdict) and t >= since]

    @property
    def phase(self) -> str:
        return self.state.phase

    @property
    def limit(self) -> ev.LimitChange:
        """The limit that was said last."""
        return [o for _, o in self.log if isinstance(o, ev.LimitChange)][-1]
