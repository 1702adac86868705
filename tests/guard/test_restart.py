"""What outlives the process: a break, the ceiling, locks, an owed Stop, an orphaned belt."""

from __future__ import annotations

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import Kept, kept
from treadguard.units import Millis


def again(rig: Rig, *, belt: int | None = None) -> Rig:
    """The process dies, and a new one comes up beside the same belt."""
    speed = rig.speed if belt is None else belt
    return Rig(kept=kept(rig.state), speed=speed, target=speed)


def resting() -> Rig:
    rig = Rig().walking(600)
    rig.pain(6)
    rig.run(15)
    return rig


# ---------------------------------------------------------------- breaks


def test_a_restart_resumes_the_break_with_its_full_length() -> None:
    rig = resting()
    rig.run(100)
    new = again(rig)
    new.connect()
    new.run(3)
    assert new.phase == "BREAK"
    new.pain(1)
    new.run(110)
    new.ask("resume")
    new.run(2)
    assert new.ops() == []
    new.run(10)
    new.ask("resume")
    new.run(2)
    assert new.ops() == ["start"]


def test_a_rating_from_before_the_restart_does_not_count() -> None:
    rig = resting()
    rig.pain(1)
    new = again(rig)
    new.connect()
    new.run(140)
    new.ask("resume")
    new.run(2)
    assert new.ops() == []


def test_trigger_count_and_ceiling_outlive_the_process() -> None:
    rig = resting()
    new = again(rig)
    assert kept(new.state).triggers == 1
    assert kept(new.state).ceiling == 540
    new.connect()
    new.pain(1)
    new.run(130)
    new.pain(1)
    new.ask("resume")
    new.run(10)
    assert new.limit.speed == 360
    new.run(150)
    new.pain(0)
    new.ask("speed", 900)
    new.run(40)
    assert new.speed == 540


@pytest.mark.parametrize("level", [2, 3])
def test_the_height_of_the_trigger_outlives_the_process(level: int) -> None:
    rig = resting()
    new = again(rig)
    new.connect()
    new.run(130)
    new.pain(level)
    new.run(3)
    new.ask("resume")
    new.run(2)
    assert bool(new.ops()) is (level == 2)


def test_the_next_session_starts_without_the_break() -> None:
    rig = resting()
    new = Rig(kept=kept(rig.state).next_session())
    new.connect()
    new.run(5)
    new.ask("start")
    new.run(5)
    assert new.ops() == ["start"]


# ---------------------------------------------------------------- owed Stops


def owing() -> Rig:
    rig = Rig(deaf=frozenset({"stop"})).walking(600)
    rig.pain(6)
    rig.run(0.5)
    assert kept(rig.state).owed_stop
    return rig


def test_an_owed_stop_goes_out_at_the_first_motion() -> None:
    new = again(owing())
    new.connect()
    assert new.ops() == [], "it waits for a first sample"
    new.run(1)
    assert new.stops() == [1_000]
    new.run(15)
    assert new.phase == "BREAK"


def test_an_owed_stop_goes_out_after_silence() -> None:
    new = again(owing())
    new.telemetry = False
    new.connect()
    new.run(1.25)
    assert new.stops() == []
    new.run(0.5)
    assert new.stops() == [1_500]


def test_an_owed_stop_is_satisfied_by_a_standing_belt() -> None:
    new = again(owing(), belt=0)
    new.toggles = True
    new.connect()
    new.run(60)
    assert new.ops() == []
    assert new.speed == 0


def test_an_unreadable_state_is_the_most_restrictive() -> None:
    """H69."""
    rig = Rig(kept=Kept.most_restrictive(), speed=600, target=600)
    rig.connect()
    rig.run(20)
    assert len(rig.stops()) == 1
    assert rig.speed == 0
    rig.ask("start")
    rig.ask("resume")
    rig.run(10)
    assert "start" not in rig.ops()


# ---------------------------------------------------------------- orphans


def orphan() -> Rig:
    rig = again(Rig().walking(600))
    rig.connect()
    rig.run(2)
    return rig


def test_an_orphan_is_lost_with_an_alarm_and_stopped_after_fifteen_seconds() -> None:
    rig = again(Rig().walking(600))
    rig.connect()
    assert rig.phases() == ["LOST"]
    rig.run(2)
    assert rig.phase == "LOST"
    assert "key" in " ".join(rig.says(ev.Alarm)).lower()
    rig.run(12)
    assert rig.stops() == []
    rig.run(2.5)
    assert len(rig.stops()) == 1
    assert 15_000 <= rig.stops()[0] <= 16_250
    rig.run(15)
    assert rig.speed == 0


def test_a_local_resume_takes_an_orphan_over() -> None:
    rig = orphan()
    rig.ask("resume")
    rig.run(1)
    assert rig.phase == "RUNNING"
    rig.run(60)
    assert rig.ops() == []
    assert rig.speed == 600
    rig.pain(1)
    rig.run(10)
    assert rig.speed == 540


def test_an_orphan_is_not_taken_over_from_the_network_or_without_a_consent() -> None:
    rig = orphan()
    rig.ask("resume", role="remote")
    rig.feed(ev.Operator(Millis(rig.now), "resume"))
    rig.run(20)
    assert len(rig.stops()) == 1


def test_pain_stops_an_orphan_at_once() -> None:
    rig = orphan()
    rig.pain(6)
    assert rig.stops() == [rig.now]


def test_the_runners_stop_stops_an_orphan_at_once() -> None:
    rig = orphan()
    rig.ask("stop")
    assert rig.stops() == [rig.now]


def test_an_orphan_found_standing_is_no_orphan() -> None:
    rig = again(Rig().walking(600), belt=0)
    rig.connect()
    rig.run(5)
    assert rig.phase in ("READY", "PAUSED")
    rig.run(30)
    assert rig.ops() == []


def test_a_belt_that_was_started_while_the_service_was_dead_is_an_orphan_too() -> None:
    stood = Rig()
    stood.connect()
    stood.run(5)
    rig = again(stood, belt=300)
    rig.connect()
    rig.run(1)
    assert rig.phases() == ["LOST"]
    assert any("found moving: resume within 15 s" in say for say in rig.says(ev.Alarm))
    rig.ask("speed", 500)
    rig.run(13)
    assert rig.ops() == []
    rig.run(3)
    assert rig.ops() == ["stop"]


def test_a_belt_that_stood_at_the_crash_and_stands_may_be_started() -> None:
    stood = Rig()
    stood.connect()
    stood.run(5)
    rig = again(stood)
    rig.connect()
    rig.run(5)
    assert rig.phase == "READY"
    rig.ask("start")
    rig.run(10)
    assert rig.phase == "RUNNING"
    assert rig.says(ev.Alarm) == []


def test_the_first_session_takes_a_moving_belt_as_it_is() -> None:
    rig = Rig(speed=300, target=300)
    rig.connect()
    rig.run(30)
    assert (rig.phase, rig.ops()) == ("RUNNING", [])


def test_a_machine_that_is_only_watched_has_no_orphans_by_a_crash() -> None:
    rig = Rig(kept=Kept(in_session=True), mode="shadow", speed=300, target=300)
    rig.connect()
    rig.run(5)
    assert (rig.phase, rig.says(ev.Alarm)) == ("RUNNING", [])


def test_no_raise_while_the_belt_is_an_orphan() -> None:
    rig = orphan()
    rig.ask("speed", 700)
    rig.ask("incline", 30)
    rig.run(5)
    assert rig.ops() == []


# ---------------------------------------------------------------- a Stop that the gate refused


def test_a_refused_stop_is_owed_for_ten_seconds_and_goes_out_at_the_first_motion() -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    rig.feed(ev.Veto(Millis(rig.now), "stop", "the belt is known to stand"))
    rig.run(2)
    assert rig.stops() == []
    rig.speed = rig.target = 200
    rig.run(1)
    assert len(rig.stops()) == 1


def test_a_refused_stop_is_satisfied_after_ten_seconds() -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    rig.feed(ev.Veto(Millis(rig.now), "stop", "the belt is known to stand"))
    rig.run(11)
    rig.console_start()
    rig.run(20)
    assert rig.stops() == []


def test_a_local_start_cancels_a_refused_stop() -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    rig.feed(ev.Veto(Millis(rig.now), "stop", "the belt is known to stand"))
    rig.run(1)
    rig.ask("start")
    rig.run(20)
    assert rig.ops() == ["start"]
    assert rig.phase == "RUNNING"
