"""Bugs planted in the guard: each is caught by the law that names what it breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from proof.enumerate import rule_belt, rule_inputs
from proof.enumerate.__main__ import searched
from proof.enumerate.grids import grids
from proof.enumerate.search import Broken
from proof.enumerate.stopping import longest

from treadguard.guard import acts, asked, belt, console, entering, hear, passing, phases, ramp
from treadguard.guard.rules import backoff, breaks, pain, posture, ratings, symptoms

GRIDS = {g.name: g for g in grids()}
Plants = Callable[[pytest.MonkeyPatch], None]


def _nothing(*_: Any, **__: Any) -> None:
    pass


def pain_stops_nothing(m: pytest.MonkeyPatch) -> None:
    m.setattr(acts, "trigger", _nothing)


def a_raise_needs_no_consent(m: pytest.MonkeyPatch) -> None:
    m.setattr(asked, "_may_raise", lambda *_, **__: True)


def a_start_needs_no_consent(m: pytest.MonkeyPatch) -> None:
    m.setattr(asked, "_no_start", lambda *_: None)


def a_trigger_leaves_no_ceiling(m: pytest.MonkeyPatch) -> None:
    real = breaks.triggered
    m.setattr(breaks, "triggered", lambda *a: replace(real(*a), ceiling=None))


def pain_of_seven_locks_nothing(m: pytest.MonkeyPatch) -> None:
    real = acts.end
    m.setattr(acts, "end", lambda t, why, _lock=None: real(t, why))
    m.setattr(symptoms, "lock_for", lambda _what: None)


def anybody_unlocks(m: pytest.MonkeyPatch) -> None:
    def unlock(t: acts.Turn, _e: object) -> None:
        t.s.locks = ()

    m.setitem(asked._ASKED, "unlock", unlock)


def an_ended_session_goes_on(m: pytest.MonkeyPatch) -> None:
    m.setitem(phases.TABLE, "ENDED", phases._standing)


def a_lost_belt_is_not_told(m: pytest.MonkeyPatch) -> None:
    m.setattr(entering, "_lost", _nothing)


def the_ladder_has_no_end(m: pytest.MonkeyPatch) -> None:
    m.setattr(passing, "MAX_STOPS", 99)


def old_news_is_fresh(m: pytest.MonkeyPatch) -> None:
    m.setattr(belt.Measured, "age", lambda *_: 0)


def afar_ends_a_break(m: pytest.MonkeyPatch) -> None:
    def stop(t: acts.Turn, _e: object) -> None:
        t.s.breaks = replace(t.s.breaks, active=False)

    m.setitem(asked._ASKED, "stop", stop)


def the_console_is_fought(m: pytest.MonkeyPatch) -> None:
    real = console.judged

    def judged(c: console.Console, *a: Any, **k: Any) -> tuple[console.Console, console.Says]:
        after, says = real(replace(c, corrections=0), *a, **k)
        return replace(after, corrections=c.corrections + after.corrections), says

    m.setattr(console, "judged", judged)


def a_connection_sets_a_speed(m: pytest.MonkeyPatch) -> None:
    real = acts.Turn.command

    def command(t: acts.Turn, op: str, value: int | None, *a: Any, **k: Any) -> int:
        other = op == "request_control"
        return real(t, "set_speed" if other else op, 100 if other else value, *a, **k)  # type: ignore[arg-type]

    m.setattr(acts.Turn, "command", command)


CORE: list[tuple[Plants, str, str]] = [
    (pain_stops_nothing, "pain", "i4_"),
    (a_raise_needs_no_consent, "consent", "i2_"),
    (a_start_needs_no_consent, "shadow", "shadow_|i1_|i2_"),
    (a_trigger_leaves_no_ceiling, "break", "i7_"),
    (pain_of_seven_locks_nothing, "end", "i8_"),
    (anybody_unlocks, "end", "i8_"),
    (an_ended_session_goes_on, "restart", "i8_"),
    (a_lost_belt_is_not_told, "link", "lost_is_told"),
    (the_ladder_has_no_end, "link", "i6_"),
    (old_news_is_fresh, "blank", "i5_|i2_"),
    (afar_ends_a_break, "remote", "i9_"),
    (the_console_is_fought, "wild", "i13_"),
    (a_connection_sets_a_speed, "link", "i14_|i1_"),
]


@pytest.mark.parametrize(("plant", "grid", "law"), CORE, ids=lambda x: getattr(x, "__name__", ""))
def test_a_law_catches(plant: Plants, grid: str, law: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(Broken, match=law) as caught:
        searched(GRIDS[grid])
    assert "the shortest way: begin > " in str(caught.value)


def test_a_stop_that_is_swallowed_is_no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    states = searched(GRIDS["pain"]).states
    monkeypatch.setattr(asked, "plain_stop", _nothing)
    monkeypatch.setattr(hear, "plain_stop", _nothing)
    with pytest.raises(AssertionError, match="I17"):
        longest(states)


def _milder(load: backoff.Load, k: int, machine: belt.Machine) -> tuple[int, int | None]:
    return backoff.reduced(load, k + 1, machine)


RULES: list[tuple[str, object, str, Any]] = [
    ("pain", pain, "elapsed", lambda p, _now: p),
    (
        "ratings",
        ratings,
        "answered",
        lambda r, *_a, **_k: replace(r, missed=0, backoff=None, open_since=None),
    ),
    ("breaks", breaks, "low_enough", lambda *_: 9),
    ("breaks", breaks, "rated", lambda b, level, *_a, **_k: replace(b, rated=level)),
    ("trunk", posture, "TRIES", 0),
]


@pytest.mark.parametrize(("rule", "module", "name", "bug"), RULES, ids=lambda x: str(x)[:20])
def test_a_rules_own_law_catches(
    rule: str, module: object, name: str, bug: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, bug)
    with pytest.raises(Broken):
        rule_inputs.RULES[rule]()


def test_the_exact_fractions_catch_a_back_off_that_is_too_mild(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rule_belt, "reduced", _milder)
    with pytest.raises(AssertionError):
        rule_belt.arithmetic()


def test_the_ramps_laws_catch_a_raise_without_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ramp, "target_of", lambda a, allowed: min(a.wanted or 0, allowed) + 50)
    with pytest.raises(Broken):
        rule_belt.RULES["ramp"]()
