"""A belt that isn't where the guard believes it: stopped if it can be, and said aloud (H12)."""

from __future__ import annotations

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import Kept
from treadguard.guard.policy import BreakPolicy, Policy
from treadguard.units import Millis, Speed


def stands_then_moves(rig: Rig, speed: int = 300) -> int:
    """The machine shows zero at once, and motion 5 s after the Stop; when it began."""
    rig.speed = rig.target = 0
    rig.run(5)
    since = rig.now
    rig.speed = rig.target = speed
    rig.run(3)
    return since


def test_motion_in_a_break_soon_after_the_stop_is_stopped_with_an_alarm() -> None:
    rig = Rig().walking(500)
    rig.pain(6)
    since = stands_then_moves(rig)
    assert len(rig.stops(since)) == 1
    assert any("moves again" in say for say in rig.says(ev.Alarm, since))


def test_motion_soon_after_the_end_is_stopped_once_with_an_alarm() -> None:
    rig = Rig().walking(500)
    rig.pain(10)
    since = stands_then_moves(rig)
    assert rig.phase == "ENDED"
    assert len(rig.stops(since)) == 1
    assert any("session has ended" in say for say in rig.says(ev.Alarm, since))
    rig.run(20)
    assert len(rig.stops(since)) == 1  # hands off


def test_a_start_stopped_in_the_break_leaves_the_ended_session_its_own_stop() -> None:
    short = Policy(breaks=BreakPolicy(min_ms=Millis(10_000), max_ms=Millis(60_000)))
    rig = Rig(policy=short).walking(500)
    rig.pain(6)
    rig.run(30)
    assert rig.phase == "BREAK"
    rig.console_start()
    rig.run(2)
    while rig.phase != "ENDED":
        rig.run(1)
    rig.run(15)
    since = rig.now
    rig.console_start()
    rig.run(10)
    assert len(rig.stops(since)) == 1
    assert rig.says(ev.Alarm, since) != []


def test_a_lowering_of_the_speed_ends_a_raise_of_the_incline() -> None:
    rig = Rig().walking(600)
    rig.ask("speed", 400)
    rig.run(1)
    since = rig.now
    rig.ask("incline", 35)
    rig.run(6)
    lowered = [t for t, op, _ in rig.commands(since) if op == "set_speed"]
    raised = [t for t, op, value in rig.commands(since) if op == "set_incline" and value]
    assert lowered
    assert raised == [since]  # until the next step down
    assert any("Lowering comes first" in say for say in rig.says(ev.Cue, since))


def test_a_start_that_the_machine_confirms_without_a_speed_is_stopped_with_an_alarm() -> None:
    rig = Rig(deaf=frozenset({"start"}))  # its telemetry stays at the old zero
    rig.connect()
    rig.run(5)
    rig.ask("start")
    rig.status(4)
    since = rig.now
    rig.run(11)
    assert len(rig.stops(since)) == 1
    assert any("shows no speed" in say for say in rig.says(ev.Alarm, since))
    assert rig.phase == "PAUSED"


def test_a_start_that_nothing_confirms_needs_no_stop() -> None:
    rig = Rig(deaf=frozenset({"start"}))
    rig.connect()
    rig.run(5)
    rig.ask("start")
    since = rig.now
    rig.run(11)
    assert rig.stops(since) == []
    assert rig.phase == "READY"


@pytest.mark.parametrize("level", [5, 6, 10, None])
@pytest.mark.parametrize("before", ["never", "ready", "ended"])
def test_a_press_without_a_link_says_that_no_stop_can_be_sent(
    before: str, level: int | None
) -> None:
    rig = Rig()
    if before != "never":
        rig.connect()
        rig.run(5)
        if before == "ended":
            rig.symptom("dizzy")
        rig.drop()
    rig.run(5)
    since = rig.now
    rig.pain(level)
    assert any("could not be sent" in say for say in rig.says(ev.Alarm, since))


def test_a_belt_that_refuses_its_declared_minimum_shows_its_real_one() -> None:
    rig = Rig(minimum=100, deaf=frozenset({"set_speed"}), results={"set_speed": 3})
    rig.connect()
    rig.ranges(ev.Ranges(Speed(50), Speed(2500), 10))
    rig.run(5)
    rig.ask("start")
    rig.run(30)
    assert rig.phase == "RUNNING"
    assert rig.state.machine.speed_min == 100
    assert rig.stops() == []
    assert rig.says(ev.Alarm) == []


def test_a_raise_that_the_machine_refuses_is_said() -> None:
    rig = Rig(results={}).walking(500)
    rig.deaf, rig.results = frozenset({"set_speed"}), {"set_speed": 3}
    since = rig.now
    rig.ask("speed", 700)
    rig.run(3)
    assert any("doesn't take that speed" in say for say in rig.says(ev.Cue, since))
    assert rig.ops(since) == ["set_speed"]


def test_a_console_start_against_pain_before_the_start_is_a_stopping_belt() -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    rig.pain(4)
    rig.console_start(announced=False)
    while not rig.stops():
        rig.run(0.25)
    since = rig.now
    assert rig.phase == "STOPPING"
    rig.ask("ease", role="remote")
    rig.run(5)
    assert "set_speed" not in rig.ops(since)


def test_a_belt_back_in_sight_gets_three_stops_in_all_and_then_a_fault() -> None:
    rig = Rig(deaf=frozenset({"stop"})).walking(500)
    rig.telemetry = False
    rig.run(10)
    assert rig.phase == "LOST"
    rig.telemetry = True
    rig.run(9)
    assert rig.phase != "FAULT"
    rig.run(20)
    assert rig.phase == "FAULT"
    attempts = [o.attempt for _, o in rig.log if isinstance(o, ev.Command) and o.op == "stop"]
    assert attempts[:4] == [1, 2, 3, 4]  # the fourth is of FAULT


@pytest.mark.parametrize("level", [1, 3])
def test_any_pain_ends_a_raise_under_way(level: int) -> None:
    rig = Rig().walking(400)
    rig.pain(3)
    rig.run(130)
    rig.ask("speed", 700)
    rig.run(2)
    since = rig.now
    rig.pain(level)
    rig.run(20)
    assert all(value <= 400 for _, op, value in rig.commands(since) if op == "set_speed" and value)


def test_an_owed_stop_goes_out_once_when_the_belt_comes_into_sight() -> None:
    rig = Rig(kept=Kept(moving=True), speed=300, target=300, telemetry=False)
    rig.ask("stop")
    rig.connect()
    rig.run(3)
    rig.telemetry = True
    rig.run(2)
    assert len(rig.stops()) == 1


def test_a_belt_that_was_left_moving_and_is_told_to_stop_is_not_offered() -> None:
    rig = Rig(kept=Kept(moving=True), speed=300, target=300)
    rig.ask("stop")
    rig.connect()
    rig.run(3)
    assert not any("take it over" in say for say in rig.says(ev.Alarm))
    assert rig.phase == "STOPPING"


@pytest.mark.parametrize("press", ["pain", "button", "symptom"])
def test_a_press_before_anything_was_measured_sends_a_stop(press: str) -> None:
    rig = Rig(telemetry=False)
    rig.connect()
    rig.run(5)
    since = rig.now
    if press == "symptom":
        rig.symptom("dizzy")
    else:
        rig.pain(6 if press == "pain" else None)
    assert len(rig.stops(since)) == 1


def test_a_second_console_start_that_is_stopped_is_said_again() -> None:
    rig = Rig().walking(500)
    rig.pain(6)
    rig.run(30)
    rig.status(4)  # a start is called out, and the belt isn't known to stand for 10 s after
    rig.run(8)
    rig.status(4)
    rig.run(3)
    since = rig.now
    rig.speed = rig.target = 100
    rig.run(3)
    assert len(rig.stops(since)) == 1
    assert rig.says(ev.Alarm, since) != []
