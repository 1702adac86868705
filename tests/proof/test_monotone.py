"""Of two histories that differ only in one higher pain, the second never allows more.

Open loop: both hear the very same events, whatever they command. What is compared at every later
step: the limit (speed, incline, whether raising is allowed, what is asked of the belt) and the
speed last commanded. The rule to keep: the corners left out are those that DESIGN means, and each
is named here.

* A later *lower* local rating releases a back-off (DESIGN 1), and lower is meant against the last
  one: so later ratings are at least as high as the higher of the two.
* A break is over once its conditions hold (DESIGN 4), a back-off may last longer: the comparison
  ends where the second history would start the belt again.
* The cost of a grade counts from another base below 8 km/h than above (DESIGN 4, a = 500 or 2000):
  a later back-off may then spend more speed at 8.1 than at 7.8. On a grade all stays below.
* Both pains are told by a press, no prompt is open: an answer that isn't above the last rating
  holds what is (DESIGN 4).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from treadguard.guard import events as ev
from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile, PromptPolicy
from treadguard.guard.state import State, initial
from treadguard.guard.step import step
from treadguard.units import Decideg, Grade, Millis, Speed

UNASKED = Policy(prompts=PromptPolicy(Millis(10**7), Millis(10**7), Millis(10**7), Millis(30_000)))
"""Nobody is asked for a rating: every one is a press."""
BELT = {"RUN": 0, "STOP": 1, "END": 2, "FAULT": 3}


@dataclass(slots=True)
class History:
    """One of the two, and what it allows now."""

    state: State = field(default_factory=lambda: initial(UNASKED, Profile(), "guard", True, Kept()))
    limit: ev.LimitChange | None = None
    commanded: int | None = None
    starts: int = 0

    def hears(self, event: ev.Event) -> None:
        self.state, out = step(self.state, event)
        for o in out:
            if isinstance(o, ev.LimitChange):
                self.limit = o
            elif isinstance(o, ev.Command) and o.op == "set_speed":
                self.commanded = o.value
            elif isinstance(o, ev.Command) and o.op in ("start", "stop"):
                self.commanded = 0
                self.starts += o.op == "start"


def beginning(speed: int, grade: int) -> list[ev.Event]:
    """Connected, started at the console and adopted: a belt that runs."""
    events: list[ev.Event] = [ev.Link(Millis(0), True, 1)]
    for n in range(1, 9):
        v = 0 if n < 3 else min(speed, (n - 2) * 200)
        events.append(ev.Telemetry(Millis(n * 1_000), Speed(v), Grade(grade)))
    return events


@st.composite
def later(draw: st.DrawFn, least: int, speed: int, grade: int) -> list[ev.Event]:
    """What happens afterwards, alike in both; no rating is below `least`."""
    events: list[ev.Event] = []
    t, gone = 9_000, 0
    top = 790 if grade else 1_200
    for _ in range(draw(st.integers(1, 30))):
        t += draw(st.sampled_from([250, 250, 1_000]))
        now = Millis(t)
        kind = draw(st.sampled_from("tttttssspeelocamr"))
        if kind == "t":
            speed += draw(st.sampled_from([-100, -50, -10, 0, 0, 0, 10, 50]))
            speed = min(top, max(0, speed))
            grade = max(0, grade + draw(st.sampled_from([-10, -5, 0, 0])))
            events.append(ev.Telemetry(now, Speed(speed), Grade(grade)))
        elif kind == "s":
            events.append(ev.Telemetry(now, Speed(speed), Grade(grade)))
        elif kind == "p":
            level = draw(st.one_of(st.none(), st.integers(least, 10)))
            events.append(ev.Pain(now, level, role=draw(st.sampled_from(["local", "remote"]))))
        elif kind == "e":
            events.append(ev.Operator(now, "ease"))
        elif kind == "l":
            lean = draw(st.integers(0, 500))
            events.append(ev.Posture(now, Decideg(lean), None))
        elif kind in "oa":
            value = draw(st.integers(20, 120)) * 10
            until = Millis(t + 10_000)
            events.append(ev.Consent(now, f"c{t}", "speed", value, until, 1))
            events.append(ev.Operator(now, "speed", value))
        elif kind == "c":
            events.append(ev.Operator(now, "stop"))
        elif kind == "m":
            speed = min(top, draw(st.integers(10, 110)) * 10)
            events.append(ev.Machine(now, status=5, value=speed))
        elif gone < 1:
            gone += 1
            events.append(ev.Operator(now, "resume"))
    return events


def allows_more(second: History, first: History) -> str | None:
    """In what the second allows more than the first."""
    a, b = second.limit, first.limit
    assert a is not None
    assert b is not None
    if BELT[a.belt] < BELT[b.belt]:
        return f"belt {a.belt} < {b.belt}"
    if a.belt != "RUN":  # a belt that must stand may do nothing, whatever the caps are
        return None
    if a.speed > b.speed:
        return f"speed {a.speed} > {b.speed}"
    if a.incline > b.incline:
        return f"incline {a.incline} > {b.incline}"
    if a.may_raise > b.may_raise:
        return "raising"
    if first.commanded is not None:
        told = 10**6 if second.commanded is None else second.commanded
        if told > first.commanded:
            return f"commanded {told} > {first.commanded}"
    return None


@settings(max_examples=100)
@given(
    data=st.data(),
    levels=st.lists(st.integers(0, 10), min_size=2, max_size=2, unique=True).map(sorted),
    role=st.sampled_from(["local", "remote"]),
    speed=st.integers(20, 110).map(lambda n: n * 10),
    grade=st.sampled_from([0, 0, 20, 50]),
)
def test_a_higher_pain_never_allows_more(
    data: st.DataObject, levels: list[int], role: ev.Role, speed: int, grade: int
) -> None:
    low, high = levels
    speed = min(speed, 790) if grade else speed
    first, second = History(), History()
    for event in beginning(speed, grade):
        first.hears(event)
        second.hears(event)
    first.hears(ev.Pain(Millis(8_500), low, role=role))
    second.hears(ev.Pain(Millis(8_500), high, role=role))
    assert allows_more(second, first) is None
    for event in data.draw(later(high, speed, grade)):
        first.hears(event)
        second.hears(event)
        if second.starts:
            break
        why = allows_more(second, first)
        assert why is None, (why, event)


@given(speed=st.integers(100, 1_200), grade=st.sampled_from([0, 5, 30, 80]))
def test_the_higher_the_pain_the_less_is_allowed_in_the_same_step(speed: int, grade: int) -> None:
    histories = [History() for _ in range(12)]
    for event in beginning(speed, grade):
        for history in histories:
            history.hears(event)
    for level, history in enumerate(histories[:11]):
        history.hears(ev.Pain(Millis(8_500), level))
    for lower, higher in pairwise(histories[:11]):
        assert allows_more(higher, lower) is None
