"""The order of things in one step, and what a gap in time does to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.guard.bare import NOW, before, seen, turn

from treadguard.guard import events as ev
from treadguard.guard.follow import Follow
from treadguard.guard.ramp import Axis
from treadguard.guard.state import State
from treadguard.guard.step import step
from treadguard.units import Millis, Speed

RAISING = Axis(
    wanted=800,
    setpoint=600,
    grant=800,
    ramp_to=800,
    ramp_from=600,
    ramp_t=before(1_000),
    wrote=before(0),
    told=600,
)
LOWERING = Axis(
    wanted=400,
    setpoint=600,
    ramp_to=400,
    ramp_from=600,
    ramp_t=before(1_000),
    wrote=before(500),
    fell=True,
    told=600,
)


def raising(**facts: object) -> State:
    return turn(speed=RAISING, **facts).s  # type: ignore[arg-type]


def later(ms: int) -> Millis:
    return Millis(NOW + ms)


def ops(out: tuple[ev.Output, ...]) -> list[str]:
    return [o.op for o in out if isinstance(o, ev.Command)]


# ---------------------------------------------------------------- gaps


@pytest.mark.parametrize(("gap", "goes_on"), [(999, True), (1_000, True), (1_001, False)])
@pytest.mark.parametrize("kind", ["tick", "telemetry"])
def test_a_raise_outlives_no_gap_of_more_than_a_second(kind: str, gap: int, goes_on: bool) -> None:
    at = later(gap)
    event = ev.Tick(at) if kind == "tick" else ev.Telemetry(at, Speed(600))
    state, _ = step(raising(), event)
    assert (state.speed.grant is not None) == goes_on


def test_a_raise_of_the_incline_outlives_no_gap_either() -> None:
    grade = Axis(wanted=40, setpoint=20, grant=40, ramp_to=40, told=20)
    state, _ = step(turn(grade=grade, measured=seen(600, grade=20)).s, ev.Tick(later(1_001)))
    assert (state.grade.grant, state.grade.wanted) == (None, 20)


def test_the_time_before_a_late_sample_passes_first() -> None:
    state, out = step(turn().s, ev.Telemetry(later(6_000), Speed(600)))
    phases = [o.to for o in out if isinstance(o, ev.PhaseChange)]
    assert phases == ["LOST", "STOPPING"]
    assert ops(out) == ["stop"]
    assert state.now == later(6_000)


def test_a_late_event_that_speaks_of_the_time_itself_is_heard_first() -> None:
    state, out = step(turn().s, ev.Clock(later(10_000), Millis(9_000), slept=True))
    said = [o.say for o in out if isinstance(o, ev.Alarm)]
    assert "slept for 9 s" in said[0]
    assert state.rest == "the computer slept"
    assert ops(out) == ["stop"]


def test_a_link_that_comes_back_after_a_gap_says_itself_that_there_was_none() -> None:
    away = turn(link=False, phase="LOST", link_t=before(0), rest="stop").s
    _, out = step(away, ev.Link(later(40_000), up=True, generation=2))
    assert ops(out) == ["request_control"]


def test_after_a_gap_no_speed_is_written_ahead_of_the_stop_for_a_pain() -> None:
    state = turn(speed=LOWERING).s
    _, out = step(state, ev.Pain(later(1_250), 6))
    assert ops(out) == ["stop"]
    _, out = step(state, ev.Tick(later(1_000)))
    assert ops(out) == ["set_speed"]  # it was due


def test_time_never_runs_backwards() -> None:
    state, _ = step(turn().s, ev.Pain(before(5_000), 2))
    assert state.now == NOW
    assert state.pain.opened == NOW
    assert state.pain.backoff is not None
    assert state.pain.backoff.until == later(120_000)


# ---------------------------------------------------------------- one step


@pytest.mark.parametrize("gap", [250, 1_500])
def test_the_state_before_is_left_as_it_was(gap: int) -> None:
    state = raising()
    as_it_was = replace(state)
    step(state, ev.Telemetry(later(gap), Speed(640)))
    assert state == as_it_was


def test_a_limit_in_force_ends_a_raise_under_way_for_good() -> None:
    state, _ = step(raising(measured=seen(600, age=2_500)), ev.Tick(later(500)))
    assert state.speed.grant is None
    assert state.speed.wanted == 600


def test_the_limit_that_is_said_is_the_one_after_the_change_of_phase() -> None:
    _, out = step(turn(measured=seen(0, 600)).s, ev.Telemetry(later(1_000), Speed(0)))
    assert ev.PhaseChange("RUNNING", "PAUSED") in out
    limits = [o for o in out if isinstance(o, ev.LimitChange)]
    assert [(o.belt, o.may_raise) for o in limits] == [("STOP", False)]


def test_a_back_off_is_written_in_the_step_that_heard_of_it() -> None:
    _, out = step(turn().s, ev.Pain(NOW, 1))
    assert [(o.op, o.value) for o in out if isinstance(o, ev.Command)] == [("set_speed", 550)]


def test_a_hold_that_ends_is_over_in_that_very_step() -> None:
    state, _ = step(turn().s, ev.Pain(NOW, 1))
    for ms in range(1_000, 120_000, 1_000):
        state, _ = step(state, ev.Telemetry(later(ms), Speed(540)))
    state, _ = step(state, ev.Tick(later(119_999)))
    assert state.pain.backoff is not None
    state, out = step(state, ev.Tick(later(120_000)))
    assert state.pain.backoff is None
    assert any(isinstance(o, ev.LimitChange) and "pain" not in o.why for o in out)


@pytest.mark.parametrize("shadow", [True, False])
def test_in_shadow_a_command_is_only_written_down(shadow: bool) -> None:
    t = turn(shadow=shadow, speed=Axis() if shadow else Axis(wanted=600, setpoint=600, told=600))
    _, out = step(t.s, ev.Pain(NOW, 1))
    commands = [o for o in out if isinstance(o, ev.Command)]
    assert [(c.op, c.shadow) for c in commands] == [("set_speed", shadow)]


def test_a_process_that_comes_up_beside_a_moving_belt_begins_lost() -> None:
    t = turn(left_moving=True, phase="OFF", link=False)
    state, out = step(t.s, ev.Tick(NOW))
    assert state.phase == "LOST"
    assert ev.PhaseChange("OFF", "LOST") in out
    assert not state.left_moving


@pytest.mark.parametrize(("shows", "sent"), [(0, []), (20, ["stop"])])
def test_a_stop_goes_out_again_by_what_comes_after_a_gap_and_not_by_what_came_before(
    shows: int, sent: list[str]
) -> None:
    """H10: a belt that shows zero may be one that a Stop would start."""
    long_ago = before(10_000)
    overdue = Follow(
        kind="stop",
        start=100,
        mark=20,
        mark_t=long_ago,
        last=long_ago,
        last_stop=long_ago,
        late=before(1_000),
        stops=1,
    )
    state = turn(phase="STOPPING", rest="stop", follow=overdue, measured=seen(20, prev=20)).s
    _, out = step(state, ev.Telemetry(later(1_500), Speed(shows)))
    assert ops(out) == sent
