"""One record of telemetry, heard by itself: what it shows of belt and deck, and what it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.guard.bare import NOW, alarms, commands, ops, verdicts
from tests.guard.heard import AGO, STANDS, running, sampled, walks

from treadguard.guard import sense
from treadguard.guard.acts import Turn
from treadguard.guard.belt import Machine, Measured
from treadguard.guard.console import Console
from treadguard.guard.credible import Credible
from treadguard.guard.events import PhaseChange
from treadguard.guard.follow import Follow
from treadguard.guard.limits import cap
from treadguard.guard.policy import Policy, TelemetryPolicy
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.breaks import Breaks
from treadguard.units import Millis

RAISES = Axis(wanted=600, setpoint=450, grant=600, ramp_to=600)
LOWER = Follow("lower", True, (7,), target=400, start=500, last=AGO, mark=500, mark_t=AGO)
UNSEEN = Measured()


# ---------------------------------------------------------------- a gap in the samples


@pytest.mark.parametrize(("age", "goes_on"), [(1_999, True), (2_000, False)])
def test_a_sample_after_a_gap_ends_the_raises_under_way(age: int, goes_on: bool) -> None:
    policy = Policy(telemetry=TelemetryPolicy(no_raise_ms=Millis(2_000)))
    grade = Axis(wanted=30, setpoint=10, grant=30, ramp_to=30)
    late = Measured(speed=450, t=Millis(NOW - age))
    facts = {"policy": policy, "speed": RAISES, "grade": grade, "measured": late}
    s = sampled(450, **facts).s
    assert (s.speed.grant is not None) is goes_on
    assert (s.grade.grant is not None) is goes_on
    assert sampled(None, 10, **facts).s.speed.grant == 600, "it shows no speed"


def test_the_first_sample_of_a_connection_follows_no_gap() -> None:
    assert sampled(450, speed=RAISES, measured=UNSEEN).s.speed.grant == 600


def test_a_record_without_a_speed_says_nothing_of_the_belt() -> None:
    t = sampled(None, 20, follow=LOWER, said_stopped=True, owed_at=NOW)
    assert (t.out, t.s.follow, t.s.owed_at) == ([], LOWER, NOW)
    assert (t.s.measured.speed, t.s.measured.t) == (437, AGO)
    assert t.s.said_stopped


# ---------------------------------------------------------------- what can be believed


@pytest.mark.parametrize(("shown", "leaps"), [(50, False), (51, True)])
def test_more_than_noise_above_what_can_be_is_a_leap(shown: int, leaps: bool) -> None:
    seen = Credible(0, Millis(NOW - 3), 0, 2)
    assert sampled(shown, speed_seen=seen).s.speed_seen.leapt is leaps


def test_a_speed_or_a_grade_that_was_told_is_no_leap() -> None:
    seen = {"speed_seen": Credible(100, AGO, 100, 2), "grade_seen": Credible(0, AGO, 0, 2)}
    told = sampled(900, 80, speed=Axis(told=900), grade=Axis(told=80), **seen).s
    assert not told.speed_seen.leapt
    assert not told.grade_seen.leapt
    untold = sampled(900, 80, **seen).s
    assert untold.speed_seen.leapt
    assert untold.grade_seen.leapt


@pytest.mark.parametrize(("shown", "leaps"), [(5, False), (6, True)])
def test_more_than_noise_above_what_a_deck_can_is_a_leap(shown: int, leaps: bool) -> None:
    seen = Credible(0, Millis(NOW - 33), 0, 2)
    assert sampled(None, shown, grade_seen=seen).s.grade_seen.leapt is leaps


LEAPING = Credible(400, AGO, 400, 2, (Millis(95_000), Millis(97_000)))


def test_a_speed_that_keeps_leaping_stops_the_belt_with_an_alarm() -> None:
    t = sampled(900, speed_seen=LEAPING)
    assert t.s.rest == "leaping speed"
    assert len(alarms(t)) == 1


@pytest.mark.parametrize("facts", [{"phase": "READY"}, {"rest": "stop"}, {"shadow": True}])
def test_a_leaping_speed_stops_no_belt_that_rests_stops_or_is_only_watched(
    facts: dict[str, Any],
) -> None:
    t = sampled(900, speed_seen=LEAPING, **facts)
    assert t.s.rest == facts.get("rest")
    assert alarms(t) == []


def test_two_leaps_stop_nothing() -> None:
    t = sampled(900, speed_seen=replace(LEAPING, leaps=LEAPING.leaps[:1]))
    assert (t.s.rest, alarms(t)) == (None, [])


# ---------------------------------------------------------------- owed Stops, orphans


@pytest.mark.parametrize(("speed", "forgets"), [(5, False), (6, True)])
def test_motion_takes_back_that_the_machine_said_it_had_stopped(speed: int, forgets: bool) -> None:
    assert sampled(speed, said_stopped=True).s.said_stopped is not forgets


@pytest.mark.parametrize("rest", [None, "pain"])
def test_a_stop_that_the_gate_refused_goes_out_at_the_first_motion(rest: str | None) -> None:
    facts = {"owed_until": NOW, "phase": "PAUSED", "rest": rest, "measured": STANDS}
    t = sampled(6, **facts)
    assert ops(t) == ["stop"]
    assert (t.s.owed_until, t.s.rest) == (None, rest or "stop")
    assert sampled(5, **facts).s.owed_until == NOW
    assert ops(sampled(6, **{**facts, "owed_until": None})) == []


def test_in_shadow_only_the_runners_own_owed_stop_goes_out() -> None:
    facts = {"owed_until": NOW, "phase": "PAUSED", "measured": STANDS, "shadow": True}
    (sent,) = commands(sampled(6, owed_own=True, **facts))
    assert not sent.shadow
    t = sampled(6, **facts)
    assert [c.shadow for c in commands(t)] == [True]
    assert t.s.owed_until is None, "said once"


@pytest.mark.parametrize(
    ("speed", "measured", "owed_at"),
    [
        (0, UNSEEN, NOW + 2_000),
        (0, STANDS, None),
        (0, Measured(speed=300, t=AGO, prev=300, prev_t=AGO), NOW),
        (300, UNSEEN, None),
    ],
    ids=["one zero", "two zeros", "a zero after motion", "motion"],
)
def test_an_owed_stop_is_weighed_by_the_first_samples_after_a_reconnect(
    speed: int, measured: Measured, owed_at: int | None
) -> None:
    """H10: no Stop for a belt that may stand."""
    t = sampled(speed, phase="LOST", owed_at=NOW, link_t=NOW, measured=measured)
    assert (t.s.owed_at, ops(t)) == (owed_at, [])
    assert sampled(speed, phase="LOST", measured=measured).s.owed_at is None


@pytest.mark.parametrize("phase", ["OFF", "LOST"])
def test_an_orphan_in_motion_is_called_out_once_and_has_fifteen_seconds(phase: str) -> None:
    t = sampled(600, phase=phase, orphan=True)
    assert (t.s.phase, t.s.orphan_until) == ("LOST", NOW + 15_000)
    assert len(alarms(t)) == 1
    changes = [o for o in t.out if isinstance(o, PhaseChange)]
    assert changes == ([PhaseChange("OFF", "LOST")] if phase == "OFF" else [])
    again = sampled(600, phase="LOST", orphan=True, orphan_until=Millis(101_000))
    assert (again.s.orphan_until, again.out) == (101_000, [])


@pytest.mark.parametrize(
    ("speed", "facts"),
    [(5, {"orphan": True}), (600, {}), (600, {"orphan": True, "phase": "STOPPING"})],
)
def test_nothing_else_is_an_orphan(speed: int, facts: dict[str, Any]) -> None:
    t = sampled(speed, **{"phase": "LOST", **facts})
    assert (t.s.orphan_until, t.out) == (None, [])


# ---------------------------------------------------------------- a minimum that was declared wrong


@pytest.mark.parametrize(
    ("speed", "least"),
    [(29, 100), (30, 30), (57, 50), (80, 80), (81, 100), (100, 100)],
)
def test_a_belt_that_runs_steadily_a_step_below_its_minimum_has_told_a_wrong_one(
    speed: int, least: int
) -> None:
    machine = Machine(speed_min=100, speed_step=20)
    s = sampled(speed, **walks(speed, since=90_000), machine=machine).s
    assert s.machine.speed_min == least


@pytest.mark.parametrize(
    ("facts", "least"),
    [
        ({"phase": "STARTING"}, 100),
        (walks(57, since=98_000), 50),
        (walks(57, since=98_001), 100),
        ({"measured": Measured(speed=62, t=AGO, steady_speed=60, steady_since=AGO)}, 100),
        ({"measured": replace(walks(57, since=0)["measured"], speed=62)}, 50),
        ({"measured": replace(walks(57, since=0)["measured"], speed=63)}, 100),
        ({"measured": replace(walks(57, since=0)["measured"], speed=52)}, 50),
        ({"measured": replace(walks(57, since=0)["measured"], speed=51)}, 100),
        ({"first_motion": Millis(NOW - 9_999)}, 100),
        ({"first_motion": Millis(NOW - 10_000)}, 50),
    ],
)
def test_a_young_or_unsteady_belt_tells_no_minimum(facts: dict[str, Any], least: int) -> None:
    s = sampled(57, **{**walks(57, since=90_000), **facts}).s
    assert s.machine.speed_min == least


# ---------------------------------------------------------------- what was commanded


@pytest.mark.parametrize(("corrected", "confirmed"), [(None, False), (Millis(90_000), True)])
def test_a_belt_that_follows_confirms_the_command_and_the_correction(
    corrected: Millis | None, confirmed: bool
) -> None:
    t = sampled(410, follow=LOWER, speed=Axis(400, 400), console=Console(corrected=corrected))
    assert verdicts(t) == [(7, "confirmed")]
    assert (t.s.follow.pending, t.s.follow.arrived) == ((), True)
    assert t.s.console.confirmed is confirmed


WRONG = replace(LOWER, wrong=1)


@pytest.mark.parametrize("rest", [None, "stop"])
def test_a_belt_that_goes_the_wrong_way_is_stopped_and_never_raised_again(rest: str | None) -> None:
    t = sampled(511, follow=WRONG, speed=Axis(400, 400), rest=rest)
    assert (t.s.barred, t.s.rest) == ("wrong way", rest or "wrong way")
    assert len(alarms(t)) == 1


@pytest.mark.parametrize(
    ("facts", "judged"),
    [
        ({"first_motion": Millis(NOW - 4_999)}, False),
        ({"first_motion": Millis(NOW - 5_000)}, True),
        ({"console": Console(driving=True)}, False),
        ({"console": Console(corrected=Millis(NOW - 4_999))}, False),
        ({"console": Console(corrected=Millis(NOW - 5_000))}, True),
        ({"shadow": True}, False),
        ({"follow": replace(WRONG, last=Millis(NOW - 9_999))}, True),
        ({"follow": replace(WRONG, last=Millis(NOW - 10_000))}, False),
        ({"machine": Machine(speed_step=11)}, False),
    ],
)
def test_wrong_way_is_judged_only_where_nothing_else_explains_the_speed(
    facts: dict[str, Any], judged: bool
) -> None:
    s = sampled(511, **{"follow": WRONG, "speed": Axis(400, 400), **facts}).s
    assert (s.barred is not None) is judged


# ---------------------------------------------------------------- the first motion


def test_a_belt_that_comes_back_too_fast_is_stopped() -> None:
    slow = {"caps": cap("cap", speed=500)}
    staged = {"breaks": Breaks(stage_speed=500), "caps": cap("cap", speed=700)}
    for facts, most in ((slow, 600), (staged, 400)):
        for speed, stops in ((most, False), (most + 1, True)):
            t = Turn(running(**facts), NOW)
            sense.first_motion(t, speed)
            assert (t.s.rest is not None, len(alarms(t))) == (stops, int(stops))


def test_a_belt_that_came_back_too_fast_is_named_with_its_speed() -> None:
    t = Turn(running(), NOW)
    sense.first_motion(t, 1_600)
    assert "16.0 km/h" in alarms(t)[0]


def test_a_belt_that_is_stopping_already_isnt_stopped_again_for_its_speed() -> None:
    t = Turn(running(rest="pain"), NOW)
    sense.first_motion(t, 2_000)
    assert (t.s.rest, t.out) == ("pain", [])


@pytest.mark.parametrize(
    ("speed", "facts", "setpoint"),
    [
        (301, {}, 301),
        (300, {}, 300),
        (299, {}, 300),
        (350, {"speed": Axis(wanted=300, setpoint=300, told=300)}, 300),
        (350, {"follow": Follow("raise")}, 350),
        (350, {"speed": Axis(wanted=300)}, None),
        (350, {"speed_seen": Credible(t=NOW, doubted=NOW)}, 110),
        (300, {"speed_seen": Credible(t=NOW, doubted=NOW)}, 300),
        (350, {"speed_seen": Credible(t=NOW, doubted=NOW), "machine": Machine(80, None, 50)}, 130),
    ],
)
def test_a_belt_that_comes_back_faster_is_lowered_from_what_can_be_believed(
    speed: int, facts: dict[str, Any], setpoint: int | None
) -> None:
    t = Turn(running(**{"speed": Axis(wanted=300, setpoint=300), **facts}), NOW)
    sense.first_motion(t, speed)
    assert t.s.speed.setpoint == setpoint
    assert t.s.rest is None


@pytest.mark.parametrize(
    ("facts", "looked_for"),
    [
        ({"first_motion": Millis(NOW - 4_999)}, True),
        ({"first_motion": Millis(NOW - 5_000)}, False),
        ({"first_motion": NOW, "shadow": True}, False),
        ({"first_motion": NOW, "phase": "STARTING"}, False),
        ({}, False),
    ],
)
def test_a_belt_looks_for_its_speed_for_five_seconds(
    facts: dict[str, Any], looked_for: bool
) -> None:
    usual = {**walks(500), "speed": Axis(wanted=300, setpoint=300)}
    assert (sampled(500, **{**usual, **facts}).s.speed.setpoint == 500) is looked_for


@pytest.mark.parametrize(
    ("ago", "left"), [(1_499, 2_000), (1_500, 2_000), (1_501, 1_999), (3_600, -100)]
)
def test_an_owed_stop_waits_no_longer_however_often_time_is_lost(ago: int, left: int) -> None:
    """Lost time takes the sample before away, again and again perhaps."""
    t = sampled(
        0, phase="LOST", owed_at=NOW, link_t=Millis(NOW - ago), held_up=NOW, measured=Measured()
    )
    assert t.s.owed_at == NOW + left
