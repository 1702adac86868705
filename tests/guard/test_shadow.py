"""Shadow, and a machine that was never proven: say it, journal it, send only the runner's stop."""

from __future__ import annotations

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept

SHADOWS = [{"mode": "shadow"}, {"proven": False}]


def found(how: dict[str, object], speed: int = 600) -> Rig:
    """A belt that was started at its console."""
    rig = Rig(speed=speed, target=speed, **how)  # type: ignore[arg-type]
    rig.connect()
    rig.run(10)
    return rig


def sent(rig: Rig, since: int = 0) -> list[str]:
    return [
        o.op
        for t, o in rig.log
        if isinstance(o, ev.Command) and not o.shadow and t >= since and o.op != "request_control"
    ]


def would(rig: Rig, since: int = 0) -> list[str]:
    return [o.op for t, o in rig.log if isinstance(o, ev.Command) and o.shadow and t >= since]


@pytest.mark.parametrize("how", SHADOWS)
def test_phases_follow_the_belt(how: dict[str, object]) -> None:
    rig = found(how)
    assert rig.phase == "RUNNING"
    rig.target = 0
    rig.run(15)
    assert rig.phase in ("READY", "PAUSED")
    assert sent(rig) == []


@pytest.mark.parametrize("how", SHADOWS)
def test_a_back_off_is_written_down_and_not_sent(how: dict[str, object]) -> None:
    rig = found(how)
    since = rig.now
    rig.pain(3)
    rig.run(10)
    assert sent(rig) == []
    assert "set_speed" in would(rig, since)
    assert rig.speed == 600


@pytest.mark.parametrize("how", SHADOWS)
@pytest.mark.parametrize("what", [5, 9, None, "faint", "weakness"])
def test_what_would_stop_the_belt_is_an_alarm(how: dict[str, object], what: int | str) -> None:
    rig = found(how)
    since = rig.now
    if isinstance(what, str):
        rig.symptom(what)
    else:
        rig.pain(what)
    said = " ".join(rig.says(ev.Alarm, since)).lower()
    assert "press stop" in said
    assert "key" in said
    rig.run(60)
    assert sent(rig) == []
    assert rig.phase == "RUNNING", "the phase follows the belt"


@pytest.mark.parametrize("how", SHADOWS)
def test_no_ladder_runs(how: dict[str, object]) -> None:
    rig = found(how)
    rig.pain(6)
    rig.run(120)
    assert sent(rig) == []
    assert rig.phase == "RUNNING"
    assert "FAULT" not in rig.phases()


@pytest.mark.parametrize("how", SHADOWS)
def test_the_runners_own_stop_is_sent(how: dict[str, object]) -> None:
    rig = found(how)
    rig.ask("stop")
    assert sent(rig) == ["stop"]
    rig.run(15)
    assert rig.speed == 0


@pytest.mark.parametrize("how", SHADOWS)
@pytest.mark.parametrize("do", ["start", "resume", "speed", "incline", "break", "ease", "end"])
def test_nothing_else_that_the_runner_asks_for_is_sent(
    how: dict[str, object], do: ev.OperatorDo
) -> None:
    rig = found(how)
    rig.ask(do, {"speed": 800, "incline": 20}.get(do))
    rig.run(60)
    assert sent(rig) == []


@pytest.mark.parametrize("how", SHADOWS)
def test_nothing_is_sent_on_stale_data_or_gaps(how: dict[str, object]) -> None:
    rig = found(how)
    rig.telemetry = False
    rig.run(20)
    assert sent(rig) == []
    rig.drop()
    rig.run(60)
    rig.telemetry = True
    rig.back()
    rig.run(60)
    assert sent(rig) == []


@pytest.mark.parametrize("how", SHADOWS)
def test_locks_are_kept(how: dict[str, object]) -> None:
    rig = found(how)
    rig.symptom("saddle-numbness")
    rig.run(5)
    assert kept(rig.state).locks
    assert not kept(rig.state).owed_stop


@pytest.mark.parametrize("how", SHADOWS)
def test_the_console_is_never_corrected(how: dict[str, object]) -> None:
    rig = found(how)
    rig.console(1_500)
    rig.run(30)
    rig.console(1_600)
    rig.run(30)
    assert sent(rig) == []


@pytest.mark.parametrize("how", SHADOWS)
def test_a_console_start_in_what_would_be_a_break_is_not_stopped(how: dict[str, object]) -> None:
    rig = found(how)
    rig.pain(6)
    rig.run(5)
    rig.target = 0
    rig.run(15)
    rig.console_start()
    rig.run(30)
    assert sent(rig) == []


def test_in_shadow_bad_posture_and_missing_ratings_send_nothing() -> None:
    rig = found({"mode": "shadow"})
    rig.pain(1)
    rig.leans(200, trunk=30, neck=40)
    rig.run(600)
    assert sent(rig) == []


@pytest.mark.parametrize("how", SHADOWS)
def test_a_refused_stop_of_the_runners_asks_for_control_once_a_press_and_says_it(
    how: dict[str, object],
) -> None:
    rig = found(how)
    rig.results, rig.deaf = {"stop": 5}, frozenset({"stop"})
    for _ in range(3):
        since = rig.now
        rig.ask("stop")
        rig.run(6)
        ops = [
            o.op for t, o in rig.log if t >= since and isinstance(o, ev.Command) and not o.shadow
        ]
        assert ops == ["stop", "request_control", "stop"]
        assert any("refused the Stop" in said for said in rig.says(ev.Alarm, since))
