"""The gate's laws, held against any sequence: judged by a plain model that knows only the facts."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from tests.gate_belt import START, STOP, Belt, grade_frame, moving, speed_frame, standing

SPEEDS = st.one_of(
    st.sampled_from([0, 4, 5, 6, 100, 1999, 2000, 2001, 0xFFFF]), st.integers(0, 2100)
)
GRADES = st.one_of(st.sampled_from([-1, 0, 1, 149, 150, 151]), st.integers(-60, 160))
STEPS = st.integers(-60, 60)
TIMES = st.one_of(st.sampled_from([0, 1, 200, 999, 1000, 3000, 3001]), st.integers(0, 2_000))


class Laws(RuleBasedStateMachine):
    """Tells the gate anything, asks it anything, and keeps its own account of the facts."""

    def __init__(self) -> None:
        super().__init__()
        self.belt = Belt()
        self.generation = 1
        self.started_at = -(10**9)
        self._forget()

    def _forget(self) -> None:
        self.samples: list[tuple[int, int]] = []
        self.grades: list[tuple[int, int]] = []
        self.speeds_sent: list[tuple[int, int]] = []
        self.grades_sent: list[tuple[int, int]] = []
        self.rises: list[tuple[int, int]] = []
        self.climbs: list[tuple[int, int]] = []
        self.speed_leave: int | None = None
        self.grade_leave: int | None = None
        self.may_start = False
        self.stopped_at: int | None = None

    # -------------------------------------------------------------- facts

    @rule(ms=TIMES)
    def time_passes(self, ms: int) -> None:
        self.belt.wait(ms)

    @rule(speed=SPEEDS)
    def shows_any_speed(self, speed: int) -> None:
        self.belt.wait(1)
        if self.samples and self.belt.t - self.samples[-1][0] > 3_000:
            self.speed_leave = self.grade_leave = None
        self.samples.append((self.belt.t, speed))
        self.belt.sees(speed)

    @rule()
    def stands(self) -> None:
        self.shows_any_speed(0)
        self.shows_any_speed(0)

    @precondition(lambda self: self.samples)
    @rule(step=STEPS)
    def shows_a_near_speed(self, step: int) -> None:
        self.shows_any_speed(min(max(0, self.samples[-1][1] + step), 0xFFFF))

    @rule(grade=GRADES)
    def shows_a_grade(self, grade: int) -> None:
        self.grades.append((self.belt.t, grade))
        self.belt.sees_grade(grade)

    @rule()
    def shows_a_sign_of_a_start(self) -> None:
        if self._known_stopped():
            self.stopped_at = None
            self.speeds_sent = []
        self.started_at = self.belt.t
        self.belt.status(0x04)

    @rule(speed=SPEEDS)
    def consents_to_a_speed(self, speed: int) -> None:
        self.speed_leave = min(speed, 2000)
        self.belt.consent("speed", speed)

    @rule(grade=GRADES)
    def consents_to_a_grade(self, grade: int) -> None:
        self.grade_leave = min(grade, 150)
        self.belt.consent("incline", grade)

    @rule()
    def consents_to_a_start(self) -> None:
        self.may_start = True
        self.belt.consent("resume")

    @rule()
    def reconnects(self) -> None:
        self._forget()
        self.belt.link(up=False)
        # Back under a new number; Belt's consents carry number 1, so it is counted back first.
        self.belt.link(up=True, generation=2).link(up=True, generation=1)

    # -------------------------------------------------------------- questions

    @staticmethod
    def _believable(samples: list[tuple[int, int]], per_s: int) -> int:
        """The most that the belt can be at, rising no faster than any belt does."""
        most = [
            value + sum(per_s * min(b - a, 2_000) // 1_000 for a, b in pairwise(times))
            for i, (_, value) in enumerate(samples)
            for times in [[t for t, _ in samples[i:]]]
        ]
        return min(most, default=0)

    def _known_stopped(self) -> bool:
        newest = self.samples[-2:]
        still = all(v <= 5 and self.belt.t - t <= 3_000 for t, v in newest)
        return len(newest) == 2 and still and self.belt.t - self.started_at > 10_000

    def _end_leaves(self) -> None:
        self.speed_leave = self.grade_leave = None

    def _fresh_motion(self) -> bool:
        return bool(self.samples) and (
            self.samples[-1][1] > 5 and self.belt.t - self.samples[-1][0] <= 3_000
        )

    @rule()
    def stop(self) -> None:
        passed = self.belt.asks(STOP) is None
        assert passed is not self._known_stopped()
        if passed:
            self._end_leaves()
            self.may_start = False
            self.stopped_at = self.belt.t
            self.speeds_sent.append((self.belt.t, 0))

    @rule()
    def start(self) -> None:
        known = self._known_stopped()
        if self.belt.asks(START) is None:
            assert self.may_start
            assert known
            self.may_start = False
            self._end_leaves()
            self.started_at = self.belt.t
            self.stopped_at = None
            self.speeds_sent = []

    @rule(speed=SPEEDS)
    def set_any_speed(self, speed: int) -> None:
        t = self.belt.t
        measured = self._believable(self.samples, 300)
        known = self._known_stopped()
        passed = self.belt.asks(speed_frame(speed)) is None
        commanded = [v for _, v in self.speeds_sent[-1:]]
        lowest = min([measured, *commanded])
        highest = max([measured, *commanded])
        moved = any(v > 5 for _, v in self.samples)
        if not moved or known or speed > 2000:
            assert not passed
        elif speed <= lowest or (speed <= measured and not commanded):
            assert passed, "a lowering was refused"
        elif commanded and speed <= commanded[0] and self.samples[-1][0] <= self.speeds_sent[-1][0]:
            assert passed, "a lowering of the command was refused"
        if not passed:
            return
        if speed > highest:
            assert self._fresh_motion()
            assert self.speed_leave is not None
            assert speed <= self.speed_leave
            assert all(t - at >= 1_000 for at, _ in self.climbs)
            self.rises.append((t, speed - highest))
            self._hold_slew(self.rises, 50)
        if self.stopped_at is not None and t - self.stopped_at <= 5_000 and speed > 0:
            assert self.speed_leave is not None, "a speed followed a Stop"
        if speed > 0 and commanded and speed > commanded[0] and t - self.speeds_sent[-1][0] == 0:
            assert self.speed_leave is not None, "a command was raised in its own millisecond"
        if speed < lowest:
            self._end_leaves()
        if self.speed_leave == speed and speed > highest:
            self.speed_leave = None
        self.speeds_sent.append((t, speed))

    @precondition(lambda self: self.samples)
    @rule(step=STEPS)
    def set_a_near_speed(self, step: int) -> None:
        base = self.speeds_sent[-1][1] if self.speeds_sent else self.samples[-1][1]
        self.set_any_speed(min(max(0, base + step), 0xFFFF))

    @rule(grade=GRADES)
    def set_any_grade(self, grade: int) -> None:
        t = self.belt.t
        passed = self.belt.asks(grade_frame(grade)) is None
        shown = [self._believable(self.grades, 30)] if self.grades else []
        known = shown + [v for _, v in self.grades_sent[-1:]]
        if grade < 0 or grade > 150:
            assert not passed
        elif grade <= min(known, default=0):
            assert passed, "a lowering was refused"
        if not passed:
            return
        if grade > max(known, default=0):
            assert self._fresh_motion()
            assert self.grades
            assert t - self.grades[-1][0] <= 3_000
            assert self.grade_leave is not None
            assert grade <= self.grade_leave
            assert all(t - at >= 1_000 for at, _ in self.rises)
            self.climbs.append((t, grade - max(known)))
            self._hold_slew(self.climbs, 10)
            if self.grade_leave == grade:
                self.grade_leave = None
        if known and grade < min(known):
            self._end_leaves()
        self.grades_sent.append((t, grade))

    @precondition(lambda self: self.grades)
    @rule(step=st.integers(-12, 12))
    def set_a_near_grade(self, step: int) -> None:
        base = self.grades_sent[-1][1] if self.grades_sent else self.grades[-1][1]
        self.set_any_grade(max(0, base + step))

    @staticmethod
    def _hold_slew(rises: list[tuple[int, int]], per_s: int) -> None:
        """From any raise to the newest, what came on top is within the hard slew."""
        total = 0
        for (at, _), (_, rise) in zip(rises[-2::-1], rises[:0:-1], strict=True):
            total += rise
            assert total * 1000 <= per_s * (rises[-1][0] - at), "faster than the hard slew"
        assert rises[-1][1] <= 2 * per_s


TestLaws = Laws.TestCase
TestLaws.settings = settings(
    max_examples=80, stateful_step_count=40, deadline=None, derandomize=True
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(frames=st.lists(st.binary(max_size=5), max_size=8), which=st.integers(0, 3))
def test_random_bytes_never_raise_an_exception(frames: list[bytes], which: int) -> None:
    b = (Belt, standing, moving, lambda: moving().consent("speed", 600))[which]()
    for frame in frames:
        b.asks(frame)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    waits=st.lists(st.integers(0, 4_000), min_size=1, max_size=30),
    steps=st.lists(st.integers(-10, 130), min_size=30, max_size=30),
)
def test_a_belt_that_follows_never_speeds_up_faster_than_the_slew(
    waits: list[int], steps: list[int]
) -> None:
    b = moving(500)
    now = first = 500
    began: int | None = None
    for wait, step in zip(waits, steps, strict=False):
        b.wait(wait).sees(now).consent("speed", 2000)
        if b.asks(speed_frame(now + step)) is None:
            now += step
            if step > 0 and began is None:
                began, first = b.t, now
        if began is not None:
            assert (now - first) * 1000 <= 50 * (b.t - began)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(order=st.lists(st.sampled_from(["consent", "ask", "settle"]), max_size=20))
def test_no_consent_carries_two_starts(order: list[str]) -> None:
    b = standing()
    live, starts, consents = False, 0, 0
    for act in order:
        if act == "consent":
            b.consent("start")
            consents += not live
            live = True
        elif act == "settle":
            b.wait(10_001).sees(0, 0)
            live = False
        elif b.asks(START) is None:
            assert live
            starts += 1
            live = False
        assert starts <= consents
