"""Bugs planted in the guard: each is caught by the law that names what it breaks."""

from __future__ import annotations

import inspect
import json
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from proof.enumerate import __main__ as command
from proof.enumerate import golden, normal, rule_belt, rule_inputs
from proof.enumerate.__main__ import searched
from proof.enumerate.grids import grids
from proof.enumerate.search import Broken
from proof.enumerate.stopping import longest
from proof.enumerate.walk import walk
from tests.proof.test_enumerate import SEEDS

from treadguard.guard import (
    acts,
    asked,
    asked_plan,
    belt,
    console,
    course,
    entering,
    hear,
    host,
    order,
    passing,
    phases,
    ramp,
    sense,
    starting,
    step,
)
from treadguard.guard import events as ev
from treadguard.guard.plan import Course
from treadguard.guard.rules import backoff, breaks, corrections, pain, posture, ratings, symptoms
from treadguard.units import Millis

GRIDS = {g.name: g for g in grids()}
Plants = Callable[[pytest.MonkeyPatch], None]


def _nothing(*_: Any, **__: Any) -> None:
    pass


def pain_stops_nothing(m: pytest.MonkeyPatch) -> None:
    m.setattr(acts, "trigger", _nothing)


def a_raise_needs_no_consent(m: pytest.MonkeyPatch) -> None:
    m.setattr(asked, "may_raise", lambda *_, **__: True)


def a_start_needs_no_consent(m: pytest.MonkeyPatch) -> None:
    m.setattr(starting, "_no_start", lambda *_, **__: None)


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


def _edited(m: pytest.MonkeyPatch, of: Any, name: str, code: str, bug: str) -> Any:
    """The function with this piece of it replaced, as an edit of its file would; `of` holds it."""
    function = getattr(of, name)
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(code) == 1, f"write the bug anew: {code!r} isn't in {name}"
    names: dict[str, Any] = {}
    edited = compile(source.replace(code, bug), function.__code__.co_filename, "exec")
    exec(edited, function.__globals__, names)  # noqa: S102  its own source
    m.setattr(of, name, names[name])
    return names[name]


def a_raise_at_twice_the_pace(m: pytest.MonkeyPatch) -> None:
    real = ramp.due
    m.setattr(ramp, "due", lambda a, now, up, *rest: real(a, now, 2 * up, *rest))


def a_lowering_at_twice_the_pace(m: pytest.MonkeyPatch) -> None:
    real = ramp.due
    m.setattr(ramp, "due", lambda a, now, up, down, *rest: real(a, now, up, 2 * down, *rest))


def a_raise_goes_to_its_target_at_once(m: pytest.MonkeyPatch) -> None:
    real = ramp.due
    m.setattr(ramp, "due", lambda a, now, _up, *rest: real(a, now, 5_000, *rest))


def a_ramp_writes_twice_as_often(m: pytest.MonkeyPatch) -> None:
    real = ramp.due

    def due(a: ramp.Axis, now: int, *rest: Any) -> Any:
        early = a.wrote if a.wrote is None else Millis(a.wrote - 1_000)
        return real(replace(a, wrote=early, ramp_t=Millis(a.ramp_t - 1_000)), Millis(now), *rest)

    m.setattr(ramp, "due", due)


def a_suspend_is_only_told(m: pytest.MonkeyPatch) -> None:
    stops = 'plain_stop(t, "the computer slept", own=False)'
    m.setitem(step._HEARS, ev.Clock, _edited(m, host, "lost_time", stops, "pass"))


def a_suspend_stops_and_is_not_told(m: pytest.MonkeyPatch) -> None:
    m.setitem(step._HEARS, ev.Clock, _edited(m, host, "lost_time", "t.alarm(", "str("))


def a_computer_that_leaves_is_only_told(m: pytest.MonkeyPatch) -> None:
    stops = "plain_stop(t, e.what, own=False)"
    m.setitem(step._HEARS, ev.Host, _edited(m, host, "leaves", stops, "pass"))


def held_up_is_only_told(m: pytest.MonkeyPatch) -> None:
    _edited(m, host, "explained", 's.rest = s.rest or "held up"', "pass")


def held_up_stops_and_is_not_told(m: pytest.MonkeyPatch) -> None:
    _edited(m, host, "explained", "t.alarm(", "str(")


def held_up_may_raise(m: pytest.MonkeyPatch) -> None:
    _edited(m, order, "_limits", "s.held_up is not None", "False")


def what_lay_in_a_socket_is_new(m: pytest.MonkeyPatch) -> None:
    m.setattr(host, "IN_SOCKET_MS", 0)


def a_start_in_a_break_is_the_runners_consent(m: pytest.MonkeyPatch) -> None:
    owed = " or breaks.still_owed(s.breaks, t.now, s.policy.breaks) is not None"
    _edited(m, passing, "_adopts", owed, "")


def a_start_in_a_break_is_not_told(m: pytest.MonkeyPatch) -> None:
    real = acts.Turn.alarm

    def alarm(t: acts.Turn, say: str, level: int = 2) -> None:
        if not say.startswith(("The belt was started during", "The belt moves again")):
            real(t, say, level)

    m.setattr(acts.Turn, "alarm", alarm)


def a_start_in_a_break_is_left_alone(m: pytest.MonkeyPatch) -> None:
    real = phases.motion
    m.setattr(phases, "motion", lambda f: "BREAK" if f.on_break else real(f))


def a_start_after_the_end_is_left_alone(m: pytest.MonkeyPatch) -> None:
    code = "if s.ended is not None or s.fault is not None:\n        acts.stop"
    bug = "if s.ended is not None or s.fault is not None:\n        _ = (lambda *_: None)"
    m.setattr(passing, "console_started", _edited(m, sense, "console_started", code, bug))


def a_start_after_the_end_is_fought(m: pytest.MonkeyPatch) -> None:
    code = "s.console_start is not None"
    m.setattr(passing, "console_started", _edited(m, sense, "console_started", code, "False"))


def a_break_may_be_fought_for_ever(m: pytest.MonkeyPatch) -> None:
    m.setattr(breaks, "MAX_CONSOLE_STARTS", 99)


def a_break_is_over_when_the_runner_says_so(m: pytest.MonkeyPatch) -> None:
    _edited(m, starting, "_no_start", "if owed is not None:", "if False:")


def a_remote_start_uses_a_local_yes(m: pytest.MonkeyPatch) -> None:
    _edited(m, starting, "_no_start", 'if e.role != "local":', "if False:")


def a_start_needs_no_fresh_zero(m: pytest.MonkeyPatch) -> None:
    code = "not s.measured.known_stopped(t.now)"
    _edited(m, starting, "_no_start", code, "s.measured.moving")


def an_old_zero_is_a_zero(m: pytest.MonkeyPatch) -> None:
    code = "now - self.prev_t > FRESH_MS or self.speed"
    _edited(m, belt.Measured, "known_stopped", code, "self.speed")


def a_programme_needs_no_consent(m: pytest.MonkeyPatch) -> None:
    m.setattr(asked_plan, "may_raise", lambda *_, **__: True)


def a_programme_raises_unannounced(m: pytest.MonkeyPatch) -> None:
    m.setattr(course, "AHEAD_MS", 0)


def a_limit_withdraws_nothing_of_a_programme(m: pytest.MonkeyPatch) -> None:
    m.setattr(course, "withdraw", _nothing)


def a_programme_forgets_what_was_backed_off_to(m: pytest.MonkeyPatch) -> None:
    capped = "speed, grade = min(speed, s.eased_speed), min(grade, s.eased_grade)"
    _edited(m, course, "clipped", capped, "pass")


def a_programmes_time_goes_on_at_rest(m: pytest.MonkeyPatch) -> None:
    stands = "s.course = replace(c, done=c.gone(t.now), since=None)"
    _edited(m, course, "go_on", stands, "pass")


def a_programme_is_ahead_of_its_time(m: pytest.MonkeyPatch) -> None:
    real = Course.gone
    m.setattr(Course, "gone", lambda c, now: real(c, now) + 5_000)


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
    (a_raise_at_twice_the_pace, "slew", "i3_.* a raise"),
    (a_lowering_at_twice_the_pace, "slew", "i3_.* a lowering"),
    (a_raise_goes_to_its_target_at_once, "slew", "i3_.* a raise"),
    (a_ramp_writes_twice_as_often, "slew", "i3_"),
    (a_suspend_is_only_told, "host", "i12_.* no Stop"),
    (a_suspend_stops_and_is_not_told, "host", "i12_.* nobody is told"),
    (a_computer_that_leaves_is_only_told, "host", "i12_.* no Stop"),
    (held_up_is_only_told, "host", "i12_.*explained.* no Stop"),
    (held_up_stops_and_is_not_told, "host", "i12_.*explained.* nobody is told"),
    (held_up_may_raise, "host", "i12_.* a raise"),
    (what_lay_in_a_socket_is_new, "host", "i12_"),
    (a_start_in_a_break_is_the_runners_consent, "break", "h12_.* let run"),
    (a_start_in_a_break_is_not_told, "break", "h12_.* nobody is told"),
    (a_start_in_a_break_is_left_alone, "break", "h12_.* nothing follows"),
    (a_start_after_the_end_is_left_alone, "break", "h12_.* gets no Stop"),
    (a_start_after_the_end_is_fought, "break", "h12_.* fought over"),
    (a_break_may_be_fought_for_ever, "break", "h12_.* three starts"),
    (a_break_is_over_when_the_runner_says_so, "break", "h12_.* a Start"),
    (a_remote_start_uses_a_local_yes, "remote", "i2_|i9_"),
    (a_remote_start_uses_a_local_yes, "lying", "i2_|i9_"),
    (a_start_needs_no_fresh_zero, "start", "i5_.* a Start"),
    (an_old_zero_is_a_zero, "start", "i5_.* a Start"),
    (a_programme_needs_no_consent, "programme", "i2_"),
    (a_programme_raises_unannounced, "programme", "i2_"),
    (a_limit_withdraws_nothing_of_a_programme, "programme", "i2_"),
    (a_programme_forgets_what_was_backed_off_to, "programme", "i2_"),
    (a_programmes_time_goes_on_at_rest, "programme", "i2_"),
    (a_programme_is_ahead_of_its_time, "programme", "i2_"),
    (a_start_needs_no_consent, "programme", "i1_|i2_|i5_"),
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


def test_a_normal_form_that_forgets_too_much_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What STOPPING forgets of the speed axis, LOST has: the link may go, and the runner ease."""
    _edited(monkeypatch, normal, "_axis_of", '"STOPPING", ', "")
    with pytest.raises(AssertionError, match="forgetting changes"):
        _ = [walk(GRIDS["blank"], 120, seed) for seed in SEEDS]


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
    ("corrections", corrections, "_paced", lambda *_: False),
    ("corrections", corrections, "NEVER", 2_000_000),
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


@pytest.mark.parametrize("form", [[], ["--long"]], ids=["short", "long"])
@pytest.mark.parametrize(
    ("module", "name", "bug"),
    [(breaks, "low_enough", lambda *_: 9), (rule_belt, "reduced", _milder)],
    ids=["a rule", "the arithmetic"],
)
def test_either_form_of_the_command_asks_the_rules_too(
    form: list[str], module: object, name: str, bug: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "grids", lambda **_: ())
    monkeypatch.setattr(golden, "changes", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["enumerate", *form])
    assert command.main() == 0
    monkeypatch.setattr(module, name, bug)
    assert command.main() == 1


def test_the_long_form_walks_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["enumerate", "--long", "--only", "blank", "--json"])
    monkeypatch.setattr(golden, "changes", lambda *_: None)
    assert command.main() == 0
    assert json.loads(capsys.readouterr().out)["walked"] == 2 * command.SEEDS * command.STEPS
    _edited(monkeypatch, normal, "_axis_of", '"STOPPING", ', "")
    assert command.main() == 1
