"""Random core sessions in short form, and bugs planted to see that the onlooker can fail.

The long form is `python -m proof.core_sessions --sessions 100000`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest
from proof.core_sessions_life import Act, Setting

from proof import core_sessions
from treadguard import gate, kernel
from treadguard.guard import events as ev
from treadguard.guard.state import State
from treadguard.guard.step import step
from treadguard.units import Millis, Speed

Step = Callable[[State, ev.Event], tuple[State, tuple[ev.Output, ...]]]
SESSIONS: Final = 300
"""As many as fit in ten seconds on one core."""
WITHIN: Final = 200
"""A planted bug is caught within so many sessions."""


@pytest.mark.parametrize("first", [1, 1_000_001])
def test_random_sessions_keep_every_invariant(first: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(first, first + SESSIONS // 2):
        told = core_sessions.session(seed)
        assert told.failure is None, core_sessions.explain(seed)
        seen.update(told.seen)
    for phase in core_sessions.PHASES:
        assert seen[f"phase {phase}"], phase
    for op in core_sessions.OPS:
        assert seen[f"sent {op}"], op


def test_a_session_is_the_same_each_time_and_can_be_told_again() -> None:
    told = core_sessions.session(42)
    assert told == core_sessions.session(42)
    life, law = core_sessions.again(told.setting, told.acts)
    assert law is None
    assert life.fed == told.fed


def test_a_run_that_reaches_too_little_is_said_to() -> None:
    assert core_sessions.missing(Counter(), core_sessions.ENOUGH)
    assert core_sessions.missing(Counter(), 10) == []


# ---------------------------------------------------------------- planted bugs


def softer_pain(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    """Pain of 5 is taken for 4."""
    if isinstance(e, ev.Pain) and e.level == 5:
        e = replace(e, level=4)
    return step(s, e)


def no_stop_in_a_break(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    after, out = step(s, e)
    if s.phase == "BREAK":
        out = tuple(
            replace(o, op="request_control") if isinstance(o, ev.Command) and o.op == "stop" else o
            for o in out
        )
    return after, out


def never_stale(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    """The last sample is taken for fresh, however old it is."""
    s = s.copied()
    now = max(s.now, e.t)
    if s.measured.t is not None and now - s.measured.t > 1_000:
        s.measured = replace(s.measured, t=Millis(now - 500), prev_t=Millis(now - 900))
    return step(s, e)


def remote_is_local(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    """What is asked from far away counts as asked here, consent and all."""
    before: tuple[ev.Output, ...] = ()
    if isinstance(e, ev.Operator) and e.role == "remote":
        t = Millis(max(e.t, s.now))
        if e.do in ("start", "resume", "speed", "incline"):
            until = Millis(t + 10_000)
            consent = ev.Consent(t, f"r{t}", e.do, e.value, until, s.generation)
            s, before = step(s, consent)
        e = replace(e, role="local")
    s, out = step(s, e)
    return s, before + out


def consent_for_ever(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    """A consent is good whenever, for any connection."""
    if isinstance(e, ev.Consent):
        e = replace(e, expires=Millis(e.t + 10_000), generation=s.generation)
    return step(s, e)


def half_a_back_off(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    if isinstance(e, ev.Pain) and e.level in (3, 4):
        e = replace(e, level=1)
    return step(s, e)


def silent_loss(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    after, out = step(s, e)
    return after, tuple(o for o in out if not isinstance(o, ev.Alarm))


def nothing_ends(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    """Pain of seven and above is pain of five."""
    if isinstance(e, ev.Pain) and e.level is not None and e.level >= 7:
        e = replace(e, level=5)
    return step(s, e)


def rising_ceiling(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    after, out = step(s, e)
    if after.breaks.ceiling is not None and after.phase == "RUNNING":
        after.breaks = replace(after.breaks, ceiling=after.breaks.ceiling + 10)
    return after, out


def one_stop_only(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    """A stop that isn't followed is never followed up."""
    s = s.copied()
    if s.follow.kind == "stop":
        now = Millis(max(s.now, e.t))
        s.follow = replace(s.follow, mark_t=now, last_stop=now)
    return step(s, e)


def twice_as_fast(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    after, out = step(s, e)
    return after, tuple(
        replace(o, value=o.value + 60)
        if isinstance(o, ev.Command) and o.op == "set_speed" and o.value and "consent" in o.why
        else o
        for o in out
    )


def hasty(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    """Twice the policy's pace, and still under the gate's."""
    s = s.copied()
    s.policy = replace(s.policy, ramp=replace(s.policy.ramp, raise_per_s=50))
    return step(s, e)


def rates_from_afar(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    """A rating from the network ends a back-off."""
    return step(s, replace(e, role="local") if isinstance(e, ev.Pain) else e)


def corrects_for_ever(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    s = s.copied()
    s.console = replace(s.console, corrections=0)
    return step(s, e)


def never_a_fault(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    """Stop after Stop, and no word of a fault."""
    s = s.copied()
    s.follow = replace(s.follow, stops=min(s.follow.stops, 2))
    return step(s, e)


GUARD_BUGS: Final[tuple[tuple[Step, str], ...]] = (
    (softer_pain, "I4"),
    (no_stop_in_a_break, "H12"),
    (never_stale, "I5|T_STALE"),
    (half_a_back_off, "H35|a back-off"),
    (silent_loss, "A1|T_STALE|H12"),
    (nothing_ends, "I8"),
    (rising_ceiling, "I7"),
    (one_stop_only, "D3"),
    (twice_as_fast, "I2|I3"),
    (hasty, "I3 raised"),
    (never_a_fault, "H05"),
)


# ---------------------------------------------------------------- bugs that chance meets seldom


def deaf_to(kind: type[ev.Event]) -> Step:
    def bug(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
        return step(s, ev.Tick(e.t) if isinstance(e, kind) else e)

    return bug


def believes_everything(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    s = s.copied()
    s.speed_seen = replace(s.speed_seen, doubted=None, leaps=())
    if isinstance(e, ev.Telemetry) and e.speed is not None:
        s.speed_seen = replace(s.speed_seen, value=e.speed)
    return step(s, e)


def forgets_what_it_said(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    after, out = step(s, e)
    after.said_started = False
    return after, out


def raises_on(s: State, e: ev.Event) -> tuple[State, tuple[ev.Output, ...]]:
    """Lost time ends no raise: the ramp goes on at the next event."""
    grants = s.speed.grant, s.speed.ramp_to, s.speed.wanted
    after, out = step(s, e)
    if isinstance(e, ev.Clock):
        after.speed = replace(after.speed, grant=grants[0], ramp_to=grants[1], wanted=grants[2])
        after.held_up = None
    return after, out


RUNS: Final = (
    Act("connect", 0), Act("wait", 2_500), Act("ask", 0, "start"), Act("wait", 6_000),
    Act("ask", 0, "speed", 900), Act("wait", 4_000),
)  # fmt: skip
LEAPS: Final = tuple(Act("see", 1_000, sight, 1_500) for sight in ("wrong", "plain") * 4)
TOO_FAST: Final = (Act("console", 0, 1_400), Act("wait", 15_000))
SELDOM: Final = (
    (deaf_to(ev.Host), (*RUNS, Act("leaves", 0, "sleep")), "H65 the computer leaves"),
    (deaf_to(ev.Clock), (*RUNS, Act("lost time", 0, 4_000, "asleep")), "H65 the computer slept"),
    (
        deaf_to(ev.Clock),
        (*RUNS[:4], Act("lost time", 0, 999, "out of sight"), Act("wait", 4_000)),
        "I12 lost time isn't explained",
    ),
    (raises_on, (*RUNS, Act("lost time", 0, 999, "out of sight"), Act("wait", 2_000)), "I12 a r"),
    (believes_everything, (*RUNS, *LEAPS), "I5 a raise after a leap"),
    (believes_everything, (*RUNS, Act("pain", 0, 2, "local"), *LEAPS), "I18 the speed makes no"),
    (
        forgets_what_it_said,
        (*RUNS[:2], Act("deaf", 0, ("start",)), RUNS[2], Act("status", 0, 4), Act("wait", 12_000)),
        "H04",
    ),
    (remote_is_local, (*RUNS[:4], Act("remote", 0, "speed", 600)), "I2"),
    (remote_is_local, (*RUNS[:2], Act("remote", 0, "start")), "I9"),
    (consent_for_ever, (*RUNS[:4], Act("expired", 0, "speed", 600)), "I2"),
    (consent_for_ever, (*RUNS[:4], Act("forged", 0, "speed", 600)), "I2"),
    (silent_loss, (*RUNS, Act("drop", 0), Act("pain", 0, 6, "local")), "A1"),
    (silent_loss, (Act("pain", 0, 6, "local"),), "I4 pain without a link"),
    (deaf_to(ev.Pain), (Act("connect", 0), Act("pain", 0, 6, "local")), "I4 pain before anything"),
    (corrects_for_ever, (*RUNS[:4], *TOO_FAST * 2), "I13"),
    (
        rates_from_afar,
        (*RUNS, Act("pain", 0, 3, "local"), Act("pain", 4_000, 0, "remote"), Act("wait", 2_000)),
        "a back-off holds",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("bug", "acts", "law"), SELDOM)
def test_a_bug_that_chance_meets_seldom_is_caught(
    bug: Step, acts: tuple[Act, ...], law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Setting()
    assert core_sessions.again(start, acts)[1] is None
    monkeypatch.setattr(kernel, "step", bug)
    assert (core_sessions.again(start, acts)[1] or "").startswith(law)


def caught(law: str) -> str | None:
    """The law that a session broke, of those named."""
    for seed in range(1, WITHIN + 1):
        failure = core_sessions.session(seed).failure
        if failure is not None and any(failure.law.startswith(one) for one in law.split("|")):
            return failure.law
    return None


@pytest.mark.parametrize(("bug", "law"), GUARD_BUGS, ids=[b.__name__ for b, _ in GUARD_BUGS])
def test_a_bug_planted_in_the_guard_is_caught(
    bug: Step, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "step", bug)
    assert caught(law), "the onlooker has seen nothing"


def test_a_gate_that_lets_everything_through_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "check", lambda state, _t, _frame: (state, None))
    assert caught("H10") is not None


def test_a_gate_that_refuses_stops_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = gate.check

    def deny(state: gate.GateState, t: Millis, frame: bytes) -> tuple[gate.GateState, str | None]:
        return (state, "No.") if frame == b"\x08\x01" else honest(state, t, frame)

    monkeypatch.setattr(gate, "check", deny)
    assert caught("the gate refused a Stop") is not None


def test_a_failing_session_is_shortened_and_says_how_to_repeat_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kernel, "step", softer_pain)
    seed = next(n for n in range(1, WITHIN) if core_sessions.session(n).failure is not None)
    report = core_sessions.explain(seed)
    assert f"--sessions 1 --seed {seed}" in report
    assert "('pain', " in report
    assert 0 < report.count("\n  ('") <= len(core_sessions.session(seed).acts)


def test_a_speed_that_no_belt_should_run_at_is_no_calm_session() -> None:
    """The belt model can do harm: otherwise nothing above would mean much."""
    life, _ = core_sessions.again(core_sessions.session(1).setting, [])
    life.belt.console_speed(0, Speed(1_500))
    life.belt.moves(60_000, 60_000)
    assert life.belt.speed == 1_500
