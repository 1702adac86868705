"""From Start to first motion: the countdown, a return that is too fast, pain before it moves."""

from __future__ import annotations

from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept


def ready() -> Rig:
    rig = Rig()
    rig.connect()
    rig.run(5)
    return rig


def test_pain_before_the_belt_moves_counts_no_trigger_and_cuts_no_ceiling() -> None:
    rig = ready()
    rig.pain(6)
    rig.run(5)
    assert rig.commands() == []
    assert kept(rig.state).triggers == 0
    assert kept(rig.state).ceiling is None


def test_after_pain_before_the_belt_moves_the_start_waits() -> None:
    rig = ready()
    rig.pain(6)
    rig.run(5)
    rig.ask("start")
    rig.run(5)
    assert rig.ops() == []
    rig.run(130)
    rig.ask("start")
    rig.run(5)
    assert rig.ops() == [], "still no rating"
    rig.pain(3)
    rig.run(3)
    rig.ask("start")
    rig.run(5)
    assert rig.ops() == [], "3 is above resume_max"
    rig.pain(2)
    rig.run(3)
    rig.ask("start")
    rig.run(5)
    assert rig.ops() == ["start"]


def test_pain_in_the_countdown_stops_and_waits_until_the_belt_is_known_to_stand() -> None:
    rig = ready()
    rig.ask("start")
    started = rig.now
    rig.run(1)
    rig.pain(6)
    assert rig.stops() == [rig.now]
    assert rig.phase == "STOPPING"
    rig.run(6)
    assert rig.phase == "STOPPING", "a Start went out less than 10 s ago"
    rig.run(6)
    assert rig.phase == "BREAK"
    assert rig.now > started + 10_000
    assert kept(rig.state).triggers == 0
    assert kept(rig.state).ceiling is None
    rig.pain(1)
    rig.run(100)
    rig.ask("resume")
    rig.run(2)
    assert "start" not in rig.ops(started + 1), "break.min_s holds"
    rig.run(30)
    rig.ask("resume")
    rig.run(2)
    assert "start" in rig.ops(started + 1)


def test_a_start_waits_out_a_long_countdown() -> None:
    rig = Rig(countdown=6_000)
    rig.connect()
    rig.run(3)
    rig.ask("start")
    rig.run(5)
    assert rig.phase == "STARTING"
    rig.run(4)
    assert rig.phase == "RUNNING"
    assert rig.ops() == ["start"]


def test_a_start_that_does_nothing_is_given_up_and_not_repeated() -> None:
    rig = Rig(deaf=frozenset({"start"}))
    rig.connect()
    rig.run(3)
    rig.ask("start")
    rig.run(60)
    assert rig.ops().count("start") == 1
    assert rig.phase in ("READY", "PAUSED")
    assert rig.says(ev.Cue) or rig.says(ev.Alarm)


def test_no_start_to_a_moving_belt() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.ask("start")
    rig.ask("resume")
    rig.run(5)
    assert "start" not in rig.ops(since)


def test_a_slower_return_at_the_old_speed_gets_the_lower_target_at_once() -> None:
    rig = Rig().walking(500)
    rig.pain(6)
    rig.run(140)
    rig.pain(1)
    rig.run(2)
    rig.restart = 380  # cap 300: less than 1 km/h above
    rig.accel = 400
    since = rig.now
    rig.ask("resume")
    rig.run(20)
    assert rig.stops(since) == []
    assert 100 <= rig.speed <= 300
    written = [t for t, op, _ in rig.commands(since) if op == "set_speed"]
    assert written[0] - since <= 4_250, "as soon as the belt moves"


def test_a_return_far_above_the_cap_is_stopped() -> None:
    rig = Rig().walking(600)
    rig.pain(6)
    rig.run(140)
    rig.pain(1)
    rig.run(2)
    rig.restart = 600  # cap 360
    rig.accel = 400
    since = rig.now
    rig.ask("resume")
    rig.run(20)
    assert rig.stops(since)
    assert rig.speed == 0
    assert kept(rig.state).triggers == 1
