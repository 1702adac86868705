"""What a posture sample does to the turn: said, eased, stopped, or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from tests.guard.bare import NOW, alarms, before, commands, cues, seen, turn

from treadguard.guard import events as ev
from treadguard.guard.acts import Turn
from treadguard.guard.belt import Measured
from treadguard.guard.hear import stood
from treadguard.guard.policy import Profile
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.posture import EYES_AHEAD, UPRIGHT, Posture, Window
from treadguard.units import Decideg

PHASES: tuple[ev.PhaseName, ...] = get_args(ev.PhaseName)


def full(ms: int) -> Window:
    """A window of so long in which every sample was over its threshold."""
    samples = tuple((int(before(ago)), True) for ago in range(ms, 0, -250))
    return Window(samples, len(samples))


CUE = Posture(trunk_t=before(250), trunk_kept=before(250), trunk_cue=full(5_000))
NECK = Posture(neck_t=before(250), neck_kept=before(250), neck_cue=full(10_000))
EASE = Posture(trunk_t=before(250), trunk_kept=before(250), trunk_backoff=full(10_000))
STOP = Posture(trunk_t=before(250), trunk_kept=before(250), trunk_stop=full(1_000))
BREAK = Posture(
    trunk_t=before(250),
    trunk_kept=before(250),
    trunk_backoff=full(10_000),
    backoffs=2,
    break_due=NOW,
)


def stand(
    posture: Posture, trunk: int | None = None, neck: int | None = None, **facts: Any
) -> Turn:
    t = turn(posture=posture, **facts)
    stood(
        t,
        ev.Posture(
            NOW,
            None if trunk is None else Decideg(trunk),
            None if neck is None else Decideg(neck),
        ),
    )
    return t


# ---------------------------------------------------------------- said


@pytest.mark.parametrize("phase", PHASES)
def test_posture_is_judged_only_while_the_belt_runs(phase: ev.PhaseName) -> None:
    t = stand(CUE, 200, phase=phase)
    if phase == "RUNNING":
        assert cues(t) == [UPRIGHT]
        assert t.s.posture.trunk_t == NOW
    else:
        assert (t.out, t.s.posture) == ([], CUE)


def test_a_bent_neck_hears_of_its_eyes() -> None:
    assert cues(stand(NECK, neck=260)) == [EYES_AHEAD]
    assert cues(stand(NECK, 100)) == []


@pytest.mark.parametrize(("lean", "kept"), [(200, True), (199, True), (198, False)])
def test_the_trunk_is_measured_over_its_own_baseline(lean: int, kept: bool) -> None:
    """At a baseline of 4.8 degrees 19.9 is over fifteen, and 19.8 isn't."""
    own = Profile(trunk_baseline=Decideg(48), neck_baseline=Decideg(-500))
    t = turn(profile=own, posture=Posture())
    stood(t, ev.Posture(NOW, Decideg(lean)))
    assert (t.s.posture.trunk_cue.over == 1) == kept
    assert t.s.posture.neck_cue == Window()


@pytest.mark.parametrize(("bend", "over"), [(299, True), (298, False)])
def test_the_neck_is_measured_over_its_own_baseline(bend: int, over: bool) -> None:
    own = Profile(trunk_baseline=Decideg(-500), neck_baseline=Decideg(48))
    t = turn(profile=own, posture=Posture())
    stood(t, ev.Posture(NOW, None, Decideg(bend)))
    assert (t.s.posture.neck_cue.over == 1) == over
    assert t.s.posture.trunk_cue == Window()


@pytest.mark.parametrize(("grade", "over"), [(None, True), (0, True), (20, False)])
def test_the_lean_may_grow_with_the_measured_grade(grade: int | None, over: bool) -> None:
    t = stand(Posture(), 160, measured=seen(600, grade=grade))
    assert (t.s.posture.trunk_cue.over == 1) == over


def test_a_sample_that_calls_for_nothing_does_nothing() -> None:
    t = stand(Posture(), 100, 100)
    assert (t.out, t.s.posture.backoff, t.s.posture.floor) == ([], None, None)


# ---------------------------------------------------------------- stopped


def test_whoever_leans_far_over_is_stopped_with_an_alarm() -> None:
    t = stand(STOP, 500)
    assert t.s.rest == "posture"
    assert len(alarms(t)) == 1
    assert commands(t) == []  # the phase's own Stop follows


@pytest.mark.parametrize("facts", [{"rest": "stop"}, {"shadow": True}])
def test_a_belt_that_stops_or_is_only_watched_brings_no_second_alarm(facts: dict[str, Any]) -> None:
    t = stand(STOP, 500, **facts)
    assert alarms(t) == []
    assert t.s.rest == facts.get("rest", "posture")


def test_a_lean_that_outlasts_two_back_offs_is_a_break_that_counts_as_five() -> None:
    t = stand(BREAK, 250)
    b = t.s.breaks
    assert (b.active, b.why, b.level, b.triggers) == (True, "posture", 5, 1)
    assert cues(t) == ["Stopping for a break: leaning forward for long."]


# ---------------------------------------------------------------- eased


def test_a_long_lean_is_eased_by_ten_per_cent_and_held() -> None:
    t = stand(EASE, 250)
    b = t.s.posture.backoff
    assert b is not None
    assert (b.why, b.k, b.speed, b.until) == ("posture", 27, 540, NOW + 120_000)
    assert t.s.posture.floor == 360


@pytest.mark.parametrize(
    ("wanted", "speed", "floor"),
    [(600, 600, 360), (609, 600, 360), (617, 600, 370), (660, 600, 390), (None, 600, 360)],
)
def test_the_floor_is_sixty_per_cent_of_what_was_wanted_at_the_first(
    wanted: int | None, speed: int, floor: int
) -> None:
    t = stand(EASE, 250, speed=Axis(wanted=wanted, setpoint=speed))
    assert t.s.posture.floor == floor


def test_the_floor_is_never_below_the_machines_minimum() -> None:
    t = stand(EASE, 250, measured=seen(150), speed=Axis(150, 150))
    assert t.s.posture.floor == 100


def test_the_floor_of_the_first_back_off_stays() -> None:
    t = stand(_with(EASE, floor=500), 250)
    assert t.s.posture.floor == 500
    assert t.s.posture.backoff is not None
    assert t.s.posture.backoff.speed == 540
    t = stand(_with(EASE, floor=560), 250)
    assert t.s.posture.backoff is not None
    assert t.s.posture.backoff.speed == 560


@pytest.mark.parametrize(("floor", "eases"), [(599, True), (600, False), (601, False)])
def test_at_the_floor_the_runner_only_hears_of_it(floor: int, eases: bool) -> None:
    t = stand(_with(EASE, floor=floor), 250)
    assert (t.s.posture.backoff is not None) == eases
    assert bool(cues(t)) == eases
    if not eases:
        assert t.s.posture.backoffs == 1
        assert cues(stand(replace(t.s.posture, trunk_cue=full(5_000)), 250)) == [UPRIGHT]


@pytest.mark.parametrize(
    ("grade", "moves", "eases"),
    [(40, True, True), (1, True, True), (0, True, False), (40, False, False)],
)
def test_at_the_floor_a_deck_that_can_be_lowered_is(grade: int, moves: bool, eases: bool) -> None:
    slope: dict[str, Any] = {
        "measured": seen(600, grade=grade, grade_moves=moves),
        "grade": Axis(grade, grade),
    }
    t = stand(_with(EASE, floor=600), 250, **slope)
    b = t.s.posture.backoff
    assert (b is not None) == eases
    if b is not None:
        assert b.speed == 600
        assert b.grade is not None
        assert b.grade < grade


def test_a_deck_that_is_on_its_way_to_zero_has_nothing_left_to_ease() -> None:
    slope: dict[str, Any] = {"measured": seen(600, grade=40, grade_moves=True), "grade": Axis(0, 0)}
    t = stand(_with(EASE, floor=600), 250, **slope)
    assert (t.s.posture.backoff, cues(t)) == (None, [])


def test_at_no_known_speed_nothing_is_eased() -> None:
    t = stand(EASE, 250, measured=Measured(), speed=Axis())
    assert (t.s.posture.backoff, t.s.posture.floor, t.out) == (None, None, [])


def _with(posture: Posture, *, floor: int) -> Posture:
    return Posture(
        trunk_t=posture.trunk_t,
        trunk_kept=posture.trunk_kept,
        trunk_backoff=posture.trunk_backoff,
        floor=floor,
    )
