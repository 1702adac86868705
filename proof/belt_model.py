"""A belt that means no harm and does plenty: deaf, late, fast, toggling, or out of sight.

Written from the field reports alone and apart from `treadguard.sim`, so that no kindness of that
simulator is believed twice. Here is what the motor does and what is heard of it; when things
happen is the session's business. The rule to keep: the belt knows frames and its console, never
the guard. Speeds 0.01 km/h, grades 0.1 %, times ms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from treadguard.guard import events as ev
from treadguard.units import Grade, Millis, Speed

Sight = Literal["plain", "silent", "blank", "no grade", "stuck", "wrong", "double", "zeros"]
Result = int | Literal["timeout", "att_error"]

SIGHTS: tuple[Sight, ...] = (
    "plain",
    "silent",
    "blank",
    "no grade",
    "stuck",
    "wrong",
    "double",
    "zeros",
)
ANSWERED_MS = 1_000
"""A command without an answer is over after this long."""


@dataclass(frozen=True, slots=True)
class Nature:
    """What this machine is like and stays like.

    `accel` and `brake`: 0.01 km/h per second. `grade_rate`: 0.1 % per second. `latency`: from frame
    to effect, `answer_after` from frame to answer. `back_at`: the speed that a start comes back at.
    `toggles`: a Stop starts a standing belt. `set_starts`: so does a set speed. `mph`: a speed is
    taken for miles. `turned`: a lowering is taken for a raise.
    """

    accel: int = 100
    brake: int = 100
    grade_rate: int = 5
    latency: int = 0
    answer_after: int = 0
    countdown: int = 3_000
    least: int = 100
    back_at: int = 100
    toggles: bool = False
    set_starts: bool = False
    mph: bool = False
    turned: bool = False
    announces: bool = True


@dataclass(slots=True)
class Belt:
    """One machine. `fine` and `fine_grade` are a thousandth of the units, so that nothing is lost.

    `deaf`: ops that have no effect. `results`: answers other than success.
    """

    nature: Nature
    fine: int = 0
    target: int = 0
    fine_grade: int = 0
    grade_target: int = 0
    starts_at: int | None = None
    sight: Sight = "plain"
    wrong: int = 0
    stuck: tuple[int, int] = (0, 0)
    deaf: frozenset[str] = frozenset()
    results: dict[str, Result] = field(default_factory=dict)
    ahead: list[tuple[int, str, int]] = field(default_factory=list)
    says: list[ev.Machine] = field(default_factory=list)

    @property
    def speed(self) -> int:
        return self.fine // 1000

    @property
    def grade(self) -> int:
        return self.fine_grade // 1000

    def moves(self, t: int, dt: int) -> None:
        """The motor runs for `dt`, up to `t`."""
        if self.ahead:
            due = [c for c in self.ahead if c[0] <= t]
            self.ahead = [c for c in self.ahead if c[0] > t]
            for at, op, value in due:
                self._obeys(at, op, value)
        if self.starts_at is not None and t >= self.starts_at:
            self.starts_at = None
            self.target = self.nature.back_at
        goal = self.target * 1000
        if self.fine != goal:
            rate = (self.nature.brake if self.target == 0 else self.nature.accel) * dt
            self.fine += max(-rate, min(rate, goal - self.fine))
        goal = self.grade_target * 1000
        if self.fine_grade != goal:
            rate = self.nature.grade_rate * dt
            self.fine_grade += max(-rate, min(rate, goal - self.fine_grade))

    def hears(self, t: int, op: str, value: int | None) -> tuple[int, Result]:
        """A frame has arrived; when it is answered, and how."""
        result = self.results.get(op, 1)
        if op not in self.deaf and result == 1:
            self.ahead.append((t + self.nature.latency, op, value or 0))
        return t + (ANSWERED_MS if result == "timeout" else self.nature.answer_after), result

    def _obeys(self, t: int, op: str, value: int) -> None:
        n = self.nature
        if op == "start":
            self.starts_at = t + n.countdown
            self._announce(t, 4)
        elif op == "stop":
            if n.toggles and self.fine == 0 and self.starts_at is None:
                self.target = n.least
            else:
                self.target, self.starts_at = 0, None
                self._announce(t, 2, 1)
        elif op == "set_speed":
            if n.turned and value < self.speed:
                value = self.speed + (self.speed - value)
            if n.mph:
                value = value * 1609 // 1000
            if self.target or n.set_starts:
                self.target = value
                self._announce(t, 5, value)
        elif op == "set_incline":
            self.grade_target = value
            self._announce(t, 6, value)

    def _announce(self, t: int, status: int, value: int | None = None) -> None:
        if self.nature.announces:
            self.says.append(ev.Machine(Millis(t), status=status, value=value))

    # -------------------------------------------------- its own console

    def console_speed(self, t: int, speed: int) -> None:
        self.target = speed
        self._announce(t, 5, speed)

    def console_grade(self, t: int, grade: int) -> None:
        self.grade_target = grade
        self._announce(t, 6, grade)

    def console_start(self, t: int) -> None:
        self.starts_at = t + self.nature.countdown
        self._announce(t, 4)

    def console_stop(self, t: int) -> None:
        self.target, self.starts_at = 0, None
        self._announce(t, 2, 1)

    def key(self, t: int) -> None:
        """The safety key is pulled: the one thing that no setting silences."""
        self.target, self.starts_at = 0, None
        self.says.append(ev.Machine(Millis(t), status=3))

    # -------------------------------------------------- what is seen of it

    def shows(self, t: int) -> list[ev.Telemetry]:
        """The notifications that go out now."""
        v, g = self.speed, self.grade
        match self.sight:
            case "silent":
                return []
            case "blank":
                return [ev.Telemetry(Millis(t), None, Grade(g))]
            case "no grade":
                return [ev.Telemetry(Millis(t), Speed(v), None)]
            case "stuck":
                v, g = self.stuck
            case "wrong":
                v = self.wrong
            case "zeros":
                v = g = 0
            case "double":
                return [
                    ev.Telemetry(Millis(t), Speed(v), Grade(g)),
                    ev.Telemetry(Millis(t), Speed(v), None),
                ]
            case _:
                pass
        return [ev.Telemetry(Millis(t), Speed(v), Grade(g))]
