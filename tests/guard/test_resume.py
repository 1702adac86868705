"""Going on after a break: the stages, the ceiling, and the break that was the last."""

from __future__ import annotations

from tests.guard.moments import cap_now, resting, resumed, tries_to_resume, until
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept
from treadguard.units import Millis


def test_a_resume_climbs_through_sixty_eighty_and_ninety_per_cent() -> None:
    rig, _ = resting(6, 600)
    moved = resumed(rig)
    rig.run(2)
    assert cap_now(rig) == 360
    until(rig, moved + 57_000)
    assert cap_now(rig) == 360
    until(rig, moved + 63_000)
    assert cap_now(rig) == 480
    until(rig, moved + 117_000)
    assert cap_now(rig) == 480
    until(rig, moved + 123_000)
    assert cap_now(rig) == 540
    until(rig, moved + 200_000)
    assert cap_now(rig) == 540


def test_stages_are_floored_to_the_step() -> None:
    rig, _ = resting(6, 520)
    moved = resumed(rig)
    rig.run(2)
    assert cap_now(rig) == 310
    until(rig, moved + 63_000)
    assert cap_now(rig) == 410
    until(rig, moved + 123_000)
    assert cap_now(rig) == 460


def test_a_stage_is_never_below_the_minimum() -> None:
    rig = Rig().walking(120)
    rig.pain(6)
    rig.run(15)
    resumed(rig)
    rig.run(2)
    assert cap_now(rig) == 100
    assert rig.speed == 100


def test_a_resume_starts_at_the_minimum_and_stays_there() -> None:
    rig, _ = resting()
    moved = resumed(rig)
    until(rig, moved + 200_000)
    assert rig.speed == 100
    assert {op for _, op, _ in rig.commands(moved)} <= {"set_speed", "set_incline"}
    assert all(value is not None and value <= 100 for _, _, value in rig.commands(moved))


def test_a_raise_in_a_stage_goes_up_to_its_cap() -> None:
    rig, _ = resting()
    resumed(rig)
    rig.run(3)
    rig.ask("speed", 600)
    rig.run(25)
    assert rig.speed == 360


def test_a_cap_that_rises_moves_nothing_by_itself() -> None:
    rig, _ = resting()
    moved = resumed(rig)
    rig.run(3)
    rig.ask("speed", 600)
    until(rig, moved + 200_000)
    assert rig.speed == 360


def test_the_trigger_speed_is_the_lower_of_measured_and_wanted() -> None:
    """In a lowering ramp from 3.0 to 2.0 the wanted speed counts."""
    rig = Rig().walking(300)
    rig.accel = 25
    rig.feed(ev.Operator(Millis(rig.now), "speed", 200))
    rig.run(2)
    assert rig.speed > 200
    rig.pain(6)
    rig.run(15)
    resumed(rig)
    rig.run(2)
    assert cap_now(rig) == 120


def test_in_a_raising_ramp_the_measured_speed_counts() -> None:
    rig = Rig().walking(600)
    rig.ask("speed", 900)
    rig.run(4.25)
    measured = rig.state.measured.speed
    assert measured is not None
    assert measured < 900
    rig.pain(6)
    rig.run(15)
    resumed(rig)
    rig.run(2)
    assert cap_now(rig) == measured * 60 // 100 // 10 * 10


def test_the_grade_is_zero_until_raised() -> None:
    rig = Rig().walking(500, grade=40)
    assert rig.grade == 40
    rig.pain(6)
    rig.run(15)
    moved = resumed(rig)
    rig.run(25)
    assert rig.grade == 0
    until(rig, moved + 130_000)
    assert rig.grade == 0
    rig.ask("incline", 10)
    rig.run(15)
    assert rig.grade == 10


def test_the_ceiling_never_rises_in_a_session() -> None:
    rig, _ = resting(6, 600)
    resumed(rig)
    assert kept(rig.state).ceiling == 540
    rig.run(130)
    rig.pain(0)
    rig.ask("speed", 540)
    rig.run(40)
    assert rig.speed == 540
    rig.pain(6)
    rig.run(15)
    resumed(rig)
    assert kept(rig.state).ceiling == 480  # 4.86
    rig.run(130)
    rig.pain(0)
    rig.ask("speed", 900)
    rig.run(40)
    assert rig.speed == 480


def test_a_trigger_while_slow_cuts_the_ceiling_to_what_was_walked() -> None:
    rig, _ = resting(6, 600)
    resumed(rig)
    rig.run(10)
    rig.pain(6)
    rig.run(15)
    assert kept(rig.state).ceiling is not None
    assert kept(rig.state).ceiling <= 100  # type: ignore[operator]


# ---------------------------------------------------------------- the fourth


def test_the_fourth_trigger_ends_the_session_with_advice() -> None:
    rig = Rig().walking(600)
    for n in (1, 2, 3):
        rig.pain(5)
        rig.run(15)
        assert rig.phase == "BREAK", n
        assert kept(rig.state).triggers == n
        resumed(rig)
        rig.run(20)
        assert rig.phase == "RUNNING"
    since = rig.now
    rig.pain(5)
    assert rig.stops(since) == [since]
    rig.run(15)
    assert rig.phase == "ENDED"
    said = " ".join(rig.says(ev.Cue, since) + rig.says(ev.Alarm, since)).lower()
    assert "physical therapist" in said
    rig.run(200)
    rig.pain(0)
    rig.run(3)
    assert not tries_to_resume(rig)
    again = Rig(kept=kept(rig.state))
    again.connect()
    again.run(5)
    again.ask("start")
    again.ask("resume")
    again.run(5)
    assert again.ops() == []


def test_a_trigger_while_the_stop_is_under_way_counts_once() -> None:
    rig = Rig().walking(600)
    rig.pain(5)
    rig.run(2.5)
    rig.pain(6)
    rig.run(15)
    assert kept(rig.state).triggers == 1
