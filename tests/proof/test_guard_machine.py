"""Guard, gate and kernel under any acts that Hypothesis can think of, before the onlooker's eyes.

The laws are proof/monitor*.py's. The random sessions of proof/core_sessions.py go far; this goes
where no weight leads, and shortens what it finds.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from proof.belt_model import SIGHTS, Nature, Result, Sight
from proof.core_sessions_acts import HASTY, OPS, RAISING, STRICT
from proof.core_sessions_life import Act, Life, Setting

from treadguard.guard import events as ev
from treadguard.guard.policy import Policy
from treadguard.guard.state import Mode

WAITS = st.sampled_from([0, 1, 250, 999, 1_000, 3_001, 5_001, 12_000])
ROLES: st.SearchStrategy[ev.Role] = st.sampled_from(["local", "local", "remote"])
SPEEDS = st.one_of(st.sampled_from([0, 99, 100, 1_200, 1_210, 2_001]), st.integers(0, 1_500))
GRADES = st.integers(0, 160)


class Guard(RuleBasedStateMachine):
    """One session. The monitor judges each step by itself."""

    @initialize(
        policy=st.sampled_from([HASTY, STRICT, Policy()]),
        mode=st.sampled_from(["guard", "guard", "guard", "shadow"]),
        toggles=st.booleans(),
        latency=st.sampled_from([0, 300, 1_400]),
        brake=st.sampled_from([33, 100, 400]),
        tick=st.sampled_from([250, 1_000]),
        running=st.booleans(),
    )
    def begins(
        self,
        policy: Policy,
        mode: Mode,
        toggles: bool,
        latency: int,
        brake: int,
        tick: int,
        running: bool,
    ) -> None:
        nature = replace(Nature(), toggles=toggles, latency=latency, brake=brake)
        self.life = Life(Setting(policy=policy, mode=mode, nature=nature, tick=tick), 2_000)
        self._does("connect")
        self._does("wait", 2_500)
        if running:
            self._does("ask", 0, "start")
            self._does("wait", 6_000)
            self._does("ask", 0, "speed", 600)
            self._does("wait", 12_000)

    def _does(self, do: str, dt: int = 0, a: object = None, b: object = None) -> None:
        self.life.does(Act(do, dt, a, b))

    @rule(dt=WAITS)
    def time_passes(self, dt: int) -> None:
        self._does("wait", dt)

    @rule(dt=WAITS, level=st.one_of(st.none(), st.integers(0, 10)), role=ROLES)
    def it_hurts(self, dt: int, level: int | None, role: ev.Role) -> None:
        self._does("pain", dt, level, role)

    @rule(level=st.one_of(st.none(), st.integers(0, 10)))
    def an_old_rating_arrives(self, level: int | None) -> None:
        self._does("retained", 0, level)

    @rule(role=ROLES, what=st.sampled_from(["numbness", "faint", "?"]))
    def a_symptom_is_named(self, role: ev.Role, what: str) -> None:
        self._does("symptom", 0, what, role)

    @rule(dt=WAITS, do=st.sampled_from(["start", "resume", "stop", "break", "ease", "end"]))
    def the_runner_asks(self, dt: int, do: str) -> None:
        self._does("ask", dt, do)

    @rule(dt=WAITS, speed=SPEEDS)
    def the_runner_sets_a_speed(self, dt: int, speed: int) -> None:
        self._does("ask", dt, "speed", speed)

    @rule(dt=WAITS, grade=GRADES)
    def the_runner_sets_a_grade(self, dt: int, grade: int) -> None:
        self._does("ask", dt, "incline", grade)

    @rule(
        how=st.sampled_from(["bare", "remote"]),
        do=st.sampled_from([*RAISING, "stop", "ease"]),
        value=SPEEDS,
    )
    def somebody_asks_without_leave(self, how: str, do: str, value: int) -> None:
        self._does(how, 0, do, value)

    @rule(
        how=st.sampled_from(["forged", "expired", "early"]),
        for_=st.sampled_from(RAISING),
        value=SPEEDS,
    )
    def a_consent_comes_by_itself(self, how: str, for_: str, value: int) -> None:
        self._does(how, 0, for_, value)

    @rule(dt=WAITS, speed=st.integers(100, 1_500))
    def the_console_sets_a_speed(self, dt: int, speed: int) -> None:
        self._does("console", dt, speed)

    @rule(dt=WAITS, what=st.sampled_from(["console start", "console stop", "key"]))
    def the_console_is_pressed(self, dt: int, what: str) -> None:
        self._does(what, dt)

    @rule(sight=st.sampled_from(SIGHTS), value=st.integers(0, 2_500))
    def the_telemetry_changes(self, sight: Sight, value: int) -> None:
        self._does("see", 0, sight, value)

    @rule(ops=st.sets(st.sampled_from(OPS), max_size=2))
    def the_belt_turns_a_deaf_ear(self, ops: set[str]) -> None:
        self._does("deaf", 0, tuple(sorted(ops)))

    @rule(op=st.sampled_from(OPS), result=st.sampled_from([1, 2, 4, 5, "timeout", "att_error"]))
    def the_belt_answers_so(self, op: str, result: Result) -> None:
        self._does("results", 0, op, result)

    @rule(op=st.sampled_from(OPS), result=st.sampled_from([1, 4, 5]))
    def an_answer_comes_by_itself(self, op: str, result: int) -> None:
        self._does("stray", 0, op, result)

    @rule(code=st.sampled_from([1, 2, 4, 5, 6, 255]), value=st.sampled_from([None, 1, 600]))
    def the_machine_says(self, code: int, value: int | None) -> None:
        self._does("status", 0, code, value)

    @rule(dt=WAITS)
    def the_link_goes(self, dt: int) -> None:
        self._does("drop", dt)

    @rule(dt=WAITS)
    def the_link_comes(self, dt: int) -> None:
        self._does("connect", dt)

    @rule(dead=st.sampled_from([0, 2_000, 40_000]), anew=st.booleans())
    def the_process_dies_and_comes_again(self, dead: int, anew: bool) -> None:
        self._does("restart", 0, dead, anew)

    @rule(
        ms=st.sampled_from([999, 1_001, 4_000, 40_000]),
        what=st.sampled_from(["held up", "asleep", "out of sight"]),
    )
    def time_is_lost(self, ms: int, what: str) -> None:
        self._does("lost time", 0, ms, what)

    @rule(what=st.sampled_from(["sleep", "battery"]))
    def the_computer_leaves(self, what: str) -> None:
        self._does("leaves", 0, what)

    @rule(trunk=st.sampled_from([None, 0, 180, 260, 500]), neck=st.sampled_from([None, 100, 300]))
    def the_runner_leans(self, trunk: int | None, neck: int | None) -> None:
        self._does("posture", 0, trunk, neck)

    @invariant()
    def what_the_onlooker_heard_is_what_the_guard_says(self) -> None:
        if hasattr(self, "life"):
            assert self.life.phase == self.life.kernel.state.phase


TestGuard = Guard.TestCase
TestGuard.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, derandomize=True
)
