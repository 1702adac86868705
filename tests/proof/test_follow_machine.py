"""The belt follower by what it leads to: fair belts are confirmed, deaf ones end in FAULT."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from proof.belt_model import Nature
from proof.core_sessions_life import Act, Life, Setting

from treadguard.guard import events as ev

SLACK_MS = 3_000
"""A sample, a tick, and the belt's own latency."""

FAIR = st.builds(
    Nature,
    accel=st.sampled_from([50, 100, 200]),
    brake=st.sampled_from([33, 60, 100, 200]),
    latency=st.sampled_from([0, 300, 1_400]),
    answer_after=st.sampled_from([0, 100, 900]),
    countdown=st.sampled_from([0, 3_000, 6_000]),
    announces=st.booleans(),
)


def running(nature: Nature, speed: int) -> Life:
    life = Life(Setting(nature=nature), 100_000, log=[])
    for act in (
        Act("connect", 0),
        Act("wait", 2_500),
        Act("ask", 0, "start"),
        Act("wait", 12_000),
        Act("ask", 0, "speed", speed),
        Act("wait", speed * 40 + 10_000),
    ):
        life.does(act)
    return life


def said(life: Life, kind: type, since: int) -> list[object]:
    return [what for t, what in life.log or [] if isinstance(what, kind) and t >= since]


def stops(life: Life, since: int) -> list[int]:
    return [
        t
        for t, what in life.log or []
        if isinstance(what, ev.Command) and what.op == "stop" and t >= since
    ]


@settings(max_examples=8)
@given(
    nature=FAIR, speeds=st.lists(st.integers(10, 110), min_size=1, max_size=4), pain=st.booleans()
)
def test_every_command_to_a_fair_belt_is_confirmed_or_replaced(
    nature: Nature, speeds: list[int], pain: bool
) -> None:
    life = running(nature, speeds[0] * 10)
    for speed in speeds[1:]:
        life.does(Act("pain", 0, 0, "local"))  # unanswered prompts would let nothing be raised
        life.does(Act("ask", 0, "speed", speed * 10))
        life.does(Act("wait", 60_000))
        assert abs(life.belt.speed - speed * 10) <= 10
    newest = [o.n for o in said(life, ev.Command, 0) if isinstance(o, ev.Command)][-1]
    verdicts = {o.of: o.is_ for o in said(life, ev.Verdict, 0) if isinstance(o, ev.Verdict)}
    assert verdicts[newest] == "confirmed"
    assert "rejected" not in verdicts.values()
    life.does(Act("pain", 0, 5, "local") if pain else Act("ask", 0, "stop"))
    life.does(Act("wait", 60_000))
    assert life.belt.speed == 0
    assert life.phase == ("BREAK" if pain else "PAUSED")
    assert len(stops(life, 0)) == 1, "a fair belt needs one Stop"
    assert said(life, ev.Alarm, 0) == []


@settings(max_examples=8)
@given(nature=FAIR, speed=st.integers(15, 110), pain=st.booleans())
def test_a_belt_deaf_to_stops_is_in_fault_after_the_third(
    nature: Nature, speed: int, pain: bool
) -> None:
    life = running(nature, speed * 10)
    life.does(Act("deaf", 0, ("stop",)))
    since = life.t
    life.does(Act("pain", 0, 5, "local") if pain else Act("ask", 0, "stop"))
    life.does(Act("wait", 5_000 + 3_000 + 3_000 + SLACK_MS))
    first, second, third, *_ = stops(life, since)
    assert first == since
    assert second - first >= 5_000
    assert third - second >= 3_000
    assert life.phase == "FAULT"
    assert any(isinstance(o, ev.Alarm) and o.level == 2 for o in said(life, ev.Alarm, since))
    before = len(stops(life, since))
    life.does(Act("wait", 21_000))
    assert len(stops(life, since)) in (before + 2, before + 3), "a Stop every 10 s"


@settings(max_examples=8)
@given(nature=FAIR, speed=st.integers(20, 110), pain=st.integers(1, 4))
def test_a_belt_deaf_to_lowerings_is_stopped_within_eight_seconds(
    nature: Nature, speed: int, pain: int
) -> None:
    life = running(nature, speed * 10)
    life.does(Act("deaf", 0, ("set_speed",)))
    since = life.t
    life.does(Act("pain", 0, pain, "local"))
    life.does(Act("wait", 8_000))
    assert stops(life, since), "H05: lower, then Stop"
    life.does(Act("wait", speed * 400 + 10_000))
    assert life.belt.speed == 0


@settings(max_examples=6)
@given(speed=st.integers(60, 110), crawl=st.integers(5, 12))
def test_a_belt_that_only_crawls_down_gets_a_second_stop_at_its_deadline(
    speed: int, crawl: int
) -> None:
    life = running(Nature(brake=crawl), speed * 10)
    since = life.t
    late = speed * 10 * 40 + 5_000
    life.does(Act("ask", 0, "stop"))
    life.does(Act("wait", late - SLACK_MS))
    assert stops(life, since) == [since], "it is on course"
    life.does(Act("wait", 2 * SLACK_MS))
    assert len(stops(life, since)) == 2
    assert said(life, ev.Alarm, since)


class Moody(RuleBasedStateMachine):
    """A belt that hears and doesn't, before it is stopped for good: at rest, or in FAULT.

    The onlooker's law D3 holds all the way.
    """

    @initialize(nature=FAIR, speed=st.integers(20, 110))
    def begins(self, nature: Nature, speed: int) -> None:
        self.life = running(nature, speed * 10)

    @rule(ms=st.sampled_from([250, 1_000, 3_000, 6_000]))
    def waits(self, ms: int) -> None:
        self.life.does(Act("wait", ms))

    @rule(ops=st.sampled_from([(), ("stop",), ("set_speed",), ("stop", "set_speed")]))
    def changes_its_mind(self, ops: tuple[str, ...]) -> None:
        self.life.does(Act("deaf", 0, ops))

    @rule(op=st.sampled_from(["stop", "set_speed"]), result=st.sampled_from([1, 4, "timeout"]))
    def answers_so(self, op: str, result: int | str) -> None:
        self.life.does(Act("results", 0, op, result))

    @rule(level=st.integers(1, 4))
    def it_hurts(self, level: int) -> None:
        self.life.does(Act("pain", 0, level, "local"))

    @rule(speed=st.integers(10, 110))
    def the_runner_sets_a_speed(self, speed: int) -> None:
        self.life.does(Act("ask", 0, "speed", speed * 10))

    @rule()
    def the_runner_stops(self) -> None:
        self.life.does(Act("ask", 0, "stop"))

    def teardown(self) -> None:
        if not hasattr(self, "life"):
            return
        life = self.life
        deaf = "stop" in life.belt.deaf or life.belt.results.get("stop", 1) != 1
        life.does(Act("ask", 0, "stop"))
        life.does(Act("wait", 1_200 * 40 + 40_000))
        if life.belt.speed:
            assert deaf, "a fair belt was left moving"
            assert life.phase == "FAULT"
        else:
            assert life.phase in ("PAUSED", "BREAK", "READY", "ENDED", "FAULT")


TestMoody = Moody.TestCase
TestMoody.settings = settings(
    max_examples=8, stateful_step_count=10, deadline=None, derandomize=True
)
