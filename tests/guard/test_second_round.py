"""What a second hostile reading and a fuzz found, each as the short history that showed it."""

from __future__ import annotations

from itertools import pairwise

from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import Kept
from treadguard.units import Grade, Millis, Speed


def verdicts(rig: Rig) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for _, out in rig.log:
        if isinstance(out, ev.Command) and not out.shadow:
            found.setdefault(out.n, [])
        elif isinstance(out, ev.Verdict):
            found[out.of].append(out.is_)
    return found


def sample(rig: Rig, speed: int) -> None:
    rig.feed(ev.Telemetry(Millis(rig.now), Speed(speed), Grade(0)))


def test_pain_at_rest_with_one_moving_sample_stops_in_the_same_step() -> None:
    rig = Rig().walking(400)
    rig.ask("stop")
    rig.run(30)
    assert rig.phase == "PAUSED"
    sample(rig, 300)
    since = rig.now
    rig.pain(6)
    assert rig.stops(since) == [since]


def test_a_machine_with_coarse_steps_keeps_its_minimum() -> None:
    rig = Rig(accel=30)
    rig.connect()
    rig.ranges(ev.Ranges(Speed(100), Speed(1_000), 50, None, None, None))
    rig.run(5)
    rig.ask("start")
    rig.run(30)
    assert rig.state.machine.speed_min == 100
    assert rig.speed == 100


def test_more_pain_in_a_pause_takes_no_stage_away() -> None:
    rig = Rig().walking(800)
    rig.pain(6)
    rig.run(140)
    rig.pain(1)
    rig.run(3)
    rig.ask("resume")
    rig.run(15)
    assert rig.limit.speed == 480
    rig.ask("stop")
    rig.run(15)
    rig.pain(5)
    rig.run(130)
    rig.pain(0)
    rig.run(3)
    rig.ask("resume")
    rig.run(10)
    assert rig.phase == "RUNNING"
    assert rig.limit.speed == 480


def test_motion_in_the_very_step_in_which_a_start_would_fail_is_a_start() -> None:
    rig = Rig(countdown=60_000)
    rig.connect()
    rig.run(5)
    rig.ask("start")
    for _ in range(9):
        rig.now += 1_000
        sample(rig, 0)
    rig.now += 1_000
    sample(rig, 100)
    assert rig.phase == "RUNNING"
    assert not [cue for cue in rig.says(ev.Cue) if "did not start" in cue]


def test_a_second_link_up_while_stopping_waits_for_a_sample() -> None:
    rig = Rig(stop_rate=25).walking(600)
    rig.ask("stop")
    rig.run(2)
    since = rig.now
    rig.feed(ev.Link(Millis(rig.now), True, 2))
    assert rig.stops(since) == []


def test_each_press_without_a_link_is_answered() -> None:
    rig = Rig().walking(600)
    rig.drop()
    rig.run(1)
    rig.pain(None)
    rig.run(10)
    since = rig.now
    rig.pain(None)
    assert rig.says(ev.Alarm, since)


def test_an_orphan_whose_telemetry_dies_is_a_lost_belt() -> None:
    rig = Rig(kept=Kept(moving=True))
    rig.speed = rig.target = 600
    rig.connect()
    rig.run(2)
    assert rig.says(ev.Alarm)
    since = rig.now
    rig.telemetry = False
    rig.run(6)
    assert rig.stops(since)


def test_a_ceiling_below_what_the_machine_can_do_bars_no_start() -> None:
    rig = Rig(kept=Kept(triggers=1, ceiling=80))
    rig.connect()
    rig.run(5)
    rig.ask("start")
    rig.run(10)
    assert rig.phase == "RUNNING"


def test_every_command_ends_in_exactly_one_verdict() -> None:
    """A refused Stop, a Start overtaken by pain, an incline overtaken by a Stop."""
    rig = Rig().walking(600)
    rig.ask("incline", 30)
    rig.run(1)
    rig.pain(6)
    rig.run(140)
    rig.pain(0)
    rig.run(3)
    rig.ask("resume")
    rig.run(1)
    rig.pain(8)
    rig.run(30)
    found = verdicts(rig)
    assert found
    assert {n: v for n, v in found.items() if len(v) != 1} == {}


def test_a_stop_that_the_gate_refuses_is_rejected_and_not_confirmed() -> None:
    rig = Rig().walking(400)
    rig.ask("stop")
    rig.run(30)
    rig.feed(ev.Operator(Millis(rig.now), "stop"))
    refused = rig.state.commands
    rig.feed(ev.Veto(Millis(rig.now), "stop", "the belt is standing"))
    rig.run(15)
    assert verdicts(rig)[refused] == ["rejected"]


def test_a_back_off_while_the_console_drives_starts_from_what_is_measured() -> None:
    rig = Rig(accel=100)
    rig.connect()
    rig.run(5)
    rig.feed(ev.Machine(Millis(rig.now), status=4))
    rig.target = 1_000
    rig.run(9)
    assert rig.speed >= 800
    since = rig.now
    rig.pain(1)
    rig.run(10)
    written = [v for _, op, v in rig.commands(since) if op == "set_speed" and v is not None]
    assert written
    assert written[0] >= 600
    assert written == sorted(written, reverse=True)


def test_one_moving_sample_at_rest_and_then_silence_is_a_lost_belt() -> None:
    rig = Rig().walking(400)
    rig.ask("stop")
    rig.run(30)
    rig.telemetry = False
    sample(rig, 300)
    since = rig.now
    rig.run(7)
    assert rig.phase == "LOST"
    assert rig.stops(since)


def test_a_deck_that_was_told_zero_in_a_break_is_never_told_more() -> None:
    rig = Rig(deaf=frozenset({"set_incline"})).walking(400)
    rig.grade = rig.grade_target = 20
    rig.run(10)
    rig.pain(6)
    rig.run(30)
    rig.ask("stop")
    rig.run(30)
    told = [v for _, op, v in rig.commands() if op == "set_incline" and v is not None]
    assert told[-1] == 0
    assert told == sorted(told, reverse=True)


def test_an_axis_that_waited_its_turn_does_not_make_up_for_it_in_one_write() -> None:
    rig = Rig().walking(300)
    since = rig.now
    rig.ask("speed", 800)
    rig.run(0.5)
    rig.ask("incline", 60)
    rig.run(60)
    speeds = [300, *(v for _, op, v in rig.commands(since) if op == "set_speed" and v)]
    assert speeds[-1] == 800
    assert max(b - a for a, b in pairwise(speeds)) <= 50
