"""Posture: how long, how far, how often; and what a silent sensor means."""

from __future__ import annotations

import itertools

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept
from treadguard.guard.policy import Profile
from treadguard.guard.rules.reminders import SAID
from treadguard.units import Decideg, Millis


def cues(rig: Rig, since: int) -> list[int]:
    """When something was said of posture, in ms after `since`: no easing, prompt or reminder."""
    return [
        t - since
        for t, o in rig.log
        if isinstance(o, ev.Cue)
        and t >= since
        and not any(word in o.say.lower() for word in ("easing", "pain", "rating"))
        and o.say not in SAID.values()
    ]


def first_back_off(rig: Rig, since: int) -> int | None:
    lowered = [t for t, op, _ in rig.commands(since) if op in ("set_speed", "set_incline")]
    return lowered[0] - since if lowered else None


def rate(rig: Rig) -> None:
    """A fresh 0, so that no prompt or missing rating gets in the way."""
    rig.pain(0)


# ---------------------------------------------------------------- trunk


def test_a_lean_over_fifteen_degrees_for_five_seconds_brings_a_cue() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(4.5, trunk=15.1)
    assert cues(rig, since) == []
    rig.leans(1, trunk=15.1)
    assert len(cues(rig, since)) == 1
    rig.leans(20, trunk=16)
    assert rig.commands(since) == []


def test_a_lean_of_exactly_fifteen_is_fine() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(30, trunk=15)
    assert cues(rig, since) == []


def test_a_lean_over_twenty_for_ten_seconds_backs_off_ten_per_cent() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(9.5, trunk=21)
    assert first_back_off(rig, since) is None
    rig.leans(1, trunk=21)
    assert first_back_off(rig, since) is not None
    rig.leans(10, trunk=0)
    assert rig.speed == 540
    assert not rig.limit.may_raise


def test_a_lean_of_exactly_twenty_does_not_back_off() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(30, trunk=20)
    assert first_back_off(rig, since) is None


def test_the_posture_back_off_is_held_for_two_minutes() -> None:
    rig = Rig().walking()
    rig.leans(10.25, trunk=21)
    acted = rig.now
    rig.leans(100, trunk=0)
    rate(rig)
    rig.leans((acted - rig.now) / 1000 + 118, trunk=0)
    assert not rig.limit.may_raise
    rig.leans(4, trunk=0)
    assert rig.limit.may_raise
    assert rig.speed == 540


def test_at_most_one_back_off_a_minute() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(65, trunk=21)
    assert rig.speed == 540
    first = first_back_off(rig, since)
    assert first is not None
    rig.leans(10, trunk=21)
    assert rig.speed == 480  # 5.4 * 0.9 = 4.86
    second = next(t for t, _, value in rig.commands(since) if value == 490)
    assert second - since - first >= 60_000


def test_a_lean_that_stays_after_the_second_back_off_becomes_a_break() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(72, trunk=21)
    assert rig.speed < 540
    rig.leans(55, trunk=21)
    assert rig.stops(since) == []
    rig.leans(6, trunk=21)
    assert len(rig.stops(since)) == 1
    assert 128_000 <= rig.stops(since)[0] - since <= 133_000
    rig.run(12)
    assert rig.phase == "BREAK"
    assert kept(rig.state).triggers == 1


def test_a_lean_that_ends_after_the_second_back_off_is_no_break() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(75, trunk=21)
    rate(rig)
    rig.leans(100, trunk=5)
    assert rig.stops(since) == []


def test_a_break_for_posture_counts_as_five() -> None:
    rig = Rig().walking()
    rig.leans(135, trunk=21)
    rig.run(12)
    assert rig.phase == "BREAK"
    rig.run(125)
    rig.pain(2)
    rig.run(1)
    since = rig.now
    rig.ask("resume")
    rig.run(1)
    assert rig.ops(since) == ["start"]


def test_at_most_three_posture_back_offs_a_session() -> None:
    rig = Rig().walking()
    since = rig.now
    backed: list[int] = []
    for _ in range(6):
        before = rig.speed
        rig.leans(11, trunk=21)
        rig.leans(60, trunk=5)
        rate(rig)
        rig.leans(60, trunk=5)
        rate(rig)
        if rig.speed < before:
            backed.append(rig.speed)
    assert backed == [540, 480, 430]
    assert rig.stops(since) == []


def test_posture_never_goes_below_sixty_per_cent_of_the_first_wanted() -> None:
    """The grade first (10 %, then 10 %), then a fall in the runner's own speed, then the floor."""
    rig = Rig().walking()
    rig.leans(11, trunk=21)
    rig.leans(60, trunk=0)
    rate(rig)
    rig.feed(ev.Operator(Millis(rig.now), "speed", 370))
    rig.leans(60, trunk=0)
    rate(rig)
    rig.leans(11, trunk=21)
    rig.leans(60, trunk=0)
    assert rig.speed == 360  # not 3.3: sixty per cent of 6.0


def test_over_forty_five_degrees_for_a_second_stops() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(0.75, trunk=46)
    assert rig.stops(since) == []
    rig.leans(0.75, trunk=46)
    assert len(rig.stops(since)) == 1


def test_one_wild_sample_does_not_stop() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(10, trunk=5)
    rig.leans(0.25, trunk=80)
    rig.leans(10, trunk=5)
    assert rig.stops(since) == []


def test_forty_five_degrees_exactly_do_not_stop() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(5, trunk=45)
    assert rig.stops(since) == []


@pytest.mark.parametrize(("trunk", "cued"), [(20, False), (21, True)])
def test_the_lean_is_measured_over_the_runners_own_baseline(trunk: int, cued: bool) -> None:
    rig = Rig(profile=Profile(trunk_baseline=Decideg(50))).walking()
    since = rig.now
    rig.leans(8, trunk=trunk)
    assert bool(cues(rig, since)) is cued


@pytest.mark.parametrize(
    ("grade", "trunk", "cued"),
    [(40, 17, False), (80, 19, False), (80, 19.5, True), (100, 20, False), (100, 20.5, True)],
)
def test_the_lean_may_grow_with_the_grade(grade: int, trunk: float, cued: bool) -> None:
    rig = Rig().walking(300, grade=grade)
    assert rig.grade == grade
    rate(rig)
    rig.run(1)
    since = rig.now
    rig.leans(8, trunk=trunk)
    assert bool(cues(rig, since)) is cued


@pytest.mark.parametrize(("trunk", "cued"), [(20, False), (20.5, True)])
def test_the_grade_adds_five_degrees_at_most(trunk: float, cued: bool) -> None:
    rig = Rig(speed=400, target=400, grade=140, grade_target=140)
    rig.connect()
    rig.deaf = frozenset({"set_incline"})
    rig.run(10)
    since = rig.now
    rig.leans(8, trunk=trunk)
    said = [s for s in rig.says(ev.Cue, since) if "lean" in s.lower() or "stand tall" in s.lower()]
    assert bool(said) is cued


def test_with_an_unknown_grade_the_lean_does_not_grow() -> None:
    rig = Rig(blank_grade=True).walking(300)
    since = rig.now
    rig.leans(8, trunk=16)
    assert cues(rig, since)


# ---------------------------------------------------------------- windows and sensors


def test_seventy_per_cent_of_the_window_is_enough() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(10, trunk=5)
    for _ in range(4):
        rig.leans(4, trunk=17)
        rig.leans(1, trunk=5)
    assert cues(rig, since)


def test_sixty_per_cent_of_the_window_is_not_enough() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(10, trunk=5)
    for _ in range(6):
        rig.leans(3, trunk=17)
        rig.leans(2, trunk=5)
    assert cues(rig, since) == []


def test_a_cue_repeats_after_a_minute_at_most() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(140, trunk=17)
    times = cues(rig, since)
    assert len(times) == 3
    assert all(b - a >= 60_000 for a, b in itertools.pairwise(times))


def test_a_sensor_silent_for_two_seconds_is_neither_good_nor_bad() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(4, trunk=21)
    rig.run(2.5)
    rig.leans(3, trunk=21)
    rig.run(2.5)
    rig.leans(4, trunk=21)
    assert cues(rig, since) == []
    assert first_back_off(rig, since) is None


def test_without_any_sensor_nothing_is_said_or_held() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.run(60)
    assert cues(rig, since) == []
    assert rig.limit.may_raise


def test_a_sensor_that_falls_silent_holds_no_raise_for_ever() -> None:
    rig = Rig().walking()
    rig.leans(5, trunk=5)
    rig.run(10)
    rig.ask("speed", 640)
    rig.run(10)
    assert rig.speed == 640


def test_posture_before_the_belt_moves_does_nothing() -> None:
    rig = Rig()
    rig.connect()
    rig.run(3)
    rig.leans(30, trunk=50, neck=40)
    assert rig.commands() == []
    assert kept(rig.state).triggers == 0


def test_posture_never_raises() -> None:
    rig = Rig().walking()
    rig.leans(12, trunk=21)
    since = rig.now
    for _ in range(3):
        rig.leans(60, trunk=0, neck=0)
        rate(rig)
    assert rig.commands(since) == []


def test_posture_spends_the_grade_first() -> None:
    rig = Rig().walking(500, grade=40)
    rate(rig)
    rig.leans(12, trunk=26)
    rig.leans(10, trunk=0)
    assert (rig.speed, rig.grade) == (500, 30)


def test_a_lean_last_seen_for_six_seconds_is_not_held_against_the_runner_by_another_sensor() -> (
    None
):
    rig = Rig().walking()
    since = rig.now
    rig.leans(6, trunk=25)
    rig.leans(140, neck=0)
    assert first_back_off(rig, since) is None
    assert rig.stops(since) == []
