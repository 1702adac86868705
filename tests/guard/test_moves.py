"""Which phase follows from what is seen, and the Stop that a belt gets for moving against it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.guard.bare import NOW, STANDING, alarms, before, commands, cues, ops, seen, turn

from treadguard.guard import events as ev
from treadguard.guard import order
from treadguard.guard.acts import KEY_FIRST, Turn
from treadguard.guard.belt import Machine, Measured
from treadguard.guard.credible import Credible
from treadguard.guard.follow import Follow
from treadguard.guard.limits import Demand, hold
from treadguard.guard.passing import move
from treadguard.guard.policy import CapPolicy, Policy
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.breaks import Breaks
from treadguard.units import Grade, Millis, Speed

BREAK = Breaks(active=True, why="pain", level=6, speed=600, zero=before(50_000), triggers=1)
OVER = Breaks(
    active=True, why="pain", level=6, speed=600, zero=before(130_000), triggers=1, rated=1
)
LATELY = Follow(last_stop=before(9_999))
LONG_AGO = Follow(last_stop=before(10_000))


def moved(t: Turn) -> bool:
    return move(t, order.limit_of(t.s, NOW))


def phases(t: Turn) -> list[tuple[str, str]]:
    return [(o.from_, o.to) for o in t.out if isinstance(o, ev.PhaseChange)]


def stops(t: Turn) -> list[tuple[str, ...]]:
    return [c.why for c in commands(t) if c.op == "stop"]


# ---------------------------------------------------------------- nothing, and one change


def test_a_belt_that_runs_as_it_may_goes_on() -> None:
    t = turn()
    assert not moved(t)
    assert (t.s.phase, t.out) == ("RUNNING", [])


def test_a_change_of_phase_is_said_and_the_limit_is_to_be_worked_out_again() -> None:
    t = turn(phase="STARTING", starting=before(4_000), measured=seen(60, 0))
    assert moved(t)
    assert phases(t) == [("STARTING", "RUNNING")]


def test_what_a_phase_entails_may_lead_to_the_next_in_the_same_step() -> None:
    fast = Credible(value=1_400, t=NOW, last=1_400, samples=2)
    t = turn(phase="STARTING", starting=before(4_000), measured=seen(1_400, 0), speed_seen=fast)
    assert moved(t)
    assert phases(t) == [("STARTING", "RUNNING"), ("RUNNING", "STOPPING")]
    assert stops(t) == [("came back too fast",)]


def test_a_new_connection_shows_nothing_before_its_first_speed() -> None:
    t = turn(phase="OFF", measured=Measured(speed=600), link_t=NOW)
    assert moved(t) is False
    t = turn(phase="OFF", measured=STANDING)
    moved(t)
    assert phases(t) == [("OFF", "READY")]


# ---------------------------------------------------------------- what counts as lost


@pytest.mark.parametrize(("age", "lost"), [(4_999, False), (5_000, True)])
def test_a_belt_is_lost_after_five_seconds_without_a_speed(age: int, lost: bool) -> None:
    t = turn(measured=seen(600, age=age))
    moved(t)
    assert t.s.phase == ("LOST" if lost else "RUNNING")


@pytest.mark.parametrize(("ms", "lost"), [(4_999, False), (5_000, True)])
def test_a_connection_without_any_speed_counts_from_its_beginning(ms: int, lost: bool) -> None:
    t = turn(measured=Measured(speed=600), link_t=before(ms))
    moved(t)
    assert t.s.phase == ("LOST" if lost else "RUNNING")
    t = turn(measured=seen(600), link_t=before(60_000))
    moved(t)
    assert t.s.phase == "RUNNING"


def test_a_belt_without_a_link_is_lost_at_once() -> None:
    t = turn(link=False)
    moved(t)
    assert t.s.phase == "LOST"


@pytest.mark.parametrize(
    ("facts", "to"),
    [
        ({}, "RUNNING"),
        ({"owed_at": Millis(NOW + 1)}, "LOST"),
        ({"orphan": True}, "LOST"),
        ({"orphan": True, "measured": STANDING}, "READY"),
        ({"orphan": True, "measured": seen(0, 100)}, "LOST"),
        ({"owed_at": Millis(NOW + 1), "measured": STANDING}, "LOST"),
    ],
)
def test_a_lost_belt_stays_lost_while_it_is_being_weighed(
    facts: dict[str, Any], to: ev.PhaseName
) -> None:
    t = turn(phase="LOST", **facts)
    moved(t)
    assert t.s.phase == to


# ---------------------------------------------------------------- motion at rest


@pytest.mark.parametrize("phase", ["READY", "PAUSED"])
def test_a_console_start_is_adopted_where_nothing_but_a_pause_holds_the_belt(
    phase: ev.PhaseName,
) -> None:
    rest = "stop" if phase == "PAUSED" else None
    t = turn(phase=phase, rest=rest, measured=seen(300), follow=LONG_AGO)
    assert moved(t)
    assert (t.s.phase, t.s.rest) == ("RUNNING", None)
    assert cues(t) == ["The belt was started at its console: going on from there."]
    assert commands(t) == []


def test_a_console_start_is_the_consent_once_the_break_is_over() -> None:
    t = turn(phase="BREAK", breaks=OVER, measured=seen(300))
    moved(t)
    assert (t.s.phase, t.s.breaks.active) == ("RUNNING", False)
    assert (t.s.breaks.stage_speed, t.s.breaks.stage_from) == (600, NOW)
    assert len(cues(t)) == 1


@pytest.mark.parametrize(
    ("facts", "phase"),
    [
        ({"phase": "BREAK", "breaks": BREAK}, "STOPPING"),
        ({"phase": "PAUSED", "rest": "stop", "waiting": 3}, "STOPPING"),
        ({"phase": "ENDED", "ended": "pain"}, "ENDED"),
        ({"phase": "FAULT", "fault": "deaf"}, "FAULT"),
    ],
)
def test_a_console_start_against_a_break_or_an_end_is_stopped_and_not_adopted(
    facts: dict[str, Any], phase: ev.PhaseName
) -> None:
    t = turn(measured=seen(300), **facts)
    assert moved(t)
    assert t.s.phase == phase
    assert len(stops(t)) == 1
    assert cues(t) == []
    assert len(alarms(t)) == 1


@pytest.mark.parametrize(
    "facts",
    [{"phase": "OFF"}, {"phase": "PAUSED", "rest": "stop", "owed_until": Millis(NOW + 1)}],
)
def test_a_belt_found_moving_or_owed_a_stop_was_not_started_at_its_console(
    facts: dict[str, Any],
) -> None:
    t = turn(measured=seen(300), **facts)
    moved(t)
    assert cues(t) == []
    assert t.s.rest == facts.get("rest")


def test_one_moving_sample_at_rest_is_no_start() -> None:
    t = turn(phase="READY", measured=seen(300, 0))
    assert not moved(t)
    assert (t.s.phase, t.out) == ("READY", [])


# ---------------------------------------------------------------- motion after our own Stop


@pytest.mark.parametrize("phase", ["READY", "PAUSED", "BREAK"])
def test_motion_within_ten_seconds_of_our_stop_is_not_adopted(phase: ev.PhaseName) -> None:
    b = OVER if phase == "BREAK" else Breaks()
    t = turn(phase=phase, breaks=b, measured=seen(300), follow=LATELY)
    assert moved(t)
    assert (t.s.phase, t.s.rest, t.s.breaks.zero) == ("STOPPING", "stop", None)
    assert cues(t) == []
    assert "moves again" in alarms(t)[0]


def test_a_belt_that_moves_on_keeps_the_first_reason_to_stop() -> None:
    t = turn(phase="PAUSED", rest="posture", measured=seen(300), follow=LATELY)
    moved(t)
    assert t.s.rest == "posture"


@pytest.mark.parametrize(("ago", "followed"), [(4_999, True), (5_000, False), (9_999, False)])
def test_a_stop_so_young_is_followed_on_and_an_older_one_is_sent_again(
    ago: int, followed: bool
) -> None:
    t = turn(phase="PAUSED", rest="stop", measured=seen(300), follow=Follow(last_stop=before(ago)))
    moved(t)
    assert (stops(t) == []) == followed
    assert (t.s.follow.kind, t.s.follow.stops, t.s.follow.start) == ("stop", 1, 300)
    assert t.s.follow.last_stop == (before(ago) if followed else NOW)


def test_motion_soon_after_the_end_is_stopped_once_with_an_alarm() -> None:
    t = turn(phase="ENDED", ended="pain", measured=seen(300), follow=LATELY)
    moved(t)
    assert stops(t) == [("ended",)]
    assert KEY_FIRST in alarms(t)[0]
    assert (t.s.console_start, t.s.phase, t.s.rest) == (NOW, "ENDED", None)
    t = turn(
        phase="ENDED", ended="pain", measured=seen(300), follow=LATELY, console_start=before(500)
    )
    assert moved(t) is False
    assert (commands(t), alarms(t)) == ([], [])


@pytest.mark.parametrize(("old", "sent"), [(2_999, 1), (3_000, 0)])
def test_motion_that_was_seen_long_ago_gets_no_stop_of_its_own_after_the_end(
    old: int, sent: int
) -> None:
    """I6: a Stop is repeated against motion that is seen now."""
    t = turn(phase="ENDED", ended="pain", measured=seen(300, age=old), follow=LATELY)
    move(t, order.limit_of(t.s, NOW))
    assert stops(t) == [("ended",)] * sent


@pytest.mark.parametrize(("ago", "sent"), [(0, 0), (999, 0), (1_000, 1)])
def test_motion_right_after_a_stop_at_the_end_gets_the_next_a_second_later(
    ago: int, sent: int
) -> None:
    """H10: a press may have sent it in this very step, and a toggle would start again."""
    follow = Follow(last_stop=before(ago))
    t = turn(phase="ENDED", ended="pain", measured=seen(300), follow=follow)
    move(t, order.limit_of(t.s, NOW))
    assert stops(t) == [("ended",)] * sent
    assert len(alarms(t)) == sent
    assert t.s.console_start == (NOW if sent else None)


@pytest.mark.parametrize("phase", ["FAULT", "OFF"])
def test_in_a_fault_or_without_a_phase_motion_is_not_followed_on(phase: ev.PhaseName) -> None:
    fault = "deaf" if phase == "FAULT" else None
    t = turn(phase=phase, fault=fault, measured=seen(300), follow=LATELY)
    moved(t)
    assert t.s.rest is None
    assert t.s.console_start is None


def test_in_shadow_nothing_is_made_of_motion_after_a_stop() -> None:
    t = turn(phase="PAUSED", rest="stop", measured=seen(300), follow=LATELY, shadow=True)
    moved(t)
    assert t.s.phase == "RUNNING"
    assert t.out == [ev.PhaseChange("PAUSED", "RUNNING")]
    t = turn(phase="ENDED", ended="pain", measured=seen(300), follow=LATELY, shadow=True)
    assert moved(t) is False
    assert t.out == []


# ---------------------------------------------------------------- a pause by the machine


@pytest.mark.parametrize(
    ("facts", "rest", "phase"),
    [
        ({}, "the machine paused", "PAUSED"),
        ({"phase": "LOST"}, "the machine paused", "PAUSED"),
        ({"phase": "LOST", "orphan": True}, None, "READY"),
        ({"rest": "console"}, "console", "PAUSED"),
        ({"phase": "STOPPING"}, None, "READY"),
        ({"measured": seen(0, 100)}, None, "RUNNING"),
    ],
)
def test_an_unexplained_fall_to_zero_is_a_pause(
    facts: dict[str, Any], rest: str | None, phase: ev.PhaseName
) -> None:
    t = turn(**{"measured": STANDING, **facts})
    moved(t)
    assert (t.s.rest, t.s.phase) == (rest, phase)
    was = facts.get("phase", "RUNNING")
    assert phases(t) == ([] if phase == was else [(was, phase)])
    assert commands(t) == []


# ---------------------------------------------------------------- too slow for the machine


@pytest.mark.parametrize(
    ("least", "wanted", "cap", "stops_it"),
    [
        (100, 100, 1200, False),
        (100, 99, 1200, True),
        (100, None, 1200, False),
        (300, 600, 300, False),
        (301, 600, 300, True),
    ],
)
def test_a_belt_that_should_go_slower_than_it_can_is_stopped(
    least: int, wanted: int | None, cap: int, stops_it: bool
) -> None:
    policy = Policy(caps=CapPolicy(Speed(cap), Grade(100)))
    t = turn(policy, machine=Machine(speed_min=least), speed=Axis(wanted, 600))
    moved(t)
    assert t.s.rest == ("slower than the machine can" if stops_it else None)
    assert t.s.phase == ("STOPPING" if stops_it else "RUNNING")
    assert len(stops(t)) == stops_it


@pytest.mark.parametrize("facts", [{"shadow": True}, {"phase": "READY", "measured": STANDING}])
def test_only_a_belt_that_runs_for_us_can_be_too_slow(facts: dict[str, Any]) -> None:
    t = turn(machine=Machine(speed_min=2_000), **facts)
    moved(t)
    assert t.s.rest is None


def test_a_belt_that_stops_already_keeps_its_reason() -> None:
    t = turn(machine=Machine(speed_min=2_000), rest="posture")
    moved(t)
    assert t.s.rest == "posture"


# ---------------------------------------------------------------- the Stop itself


def test_a_belt_that_moves_against_a_demand_gets_one_stop_in_the_same_step() -> None:
    t = turn(rest="posture")
    moved(t)
    assert stops(t) == [("posture",)]
    assert not moved(t)
    assert len(stops(t)) == 1


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"breaks": BREAK}, ("pain", "break")),
        ({"breaks": Breaks(active=True)}, ("break",)),
        ({"breaks": BREAK, "ended": "symptom"}, ("symptom",)),
        ({"ended": "symptom", "fault": None}, ("symptom",)),
        ({"rest": "stop", "breaks": BREAK}, ("pain", "break")),
    ],
)
def test_a_stop_names_the_rule_behind_it(facts: dict[str, Any], why: tuple[str, ...]) -> None:
    t = turn(**facts)
    moved(t)
    assert stops(t) == [why]


@pytest.mark.parametrize(
    "facts",
    [
        {"unasked": True},
        {"phase": "LOST", "measured": Measured(speed=600), "owed_at": Millis(NOW + 1)},
        {"owed_until": Millis(NOW + 1)},
    ],
)
def test_a_stop_that_is_owed_or_not_called_for_is_not_sent_now(facts: dict[str, Any]) -> None:
    t = turn(rest="stop", **facts)
    moved(t)
    assert commands(t) == []


@pytest.mark.parametrize(
    ("facts", "sends"),
    [
        ({"phase": "STOPPING"}, True),
        ({"phase": "STOPPING", "follow": Follow(kind="stop", stops=1)}, False),
        ({"phase": "STOPPING", "follow": Follow(kind="stop", stops=0)}, True),
        ({"phase": "STOPPING", "follow": Follow(kind="lower")}, True),
        ({"phase": "LOST", "measured": Measured(speed=600), "link_t": NOW}, True),
        ({"phase": "LOST", "link": False}, False),
        (
            {
                "phase": "LOST",
                "measured": Measured(speed=600),
                "link_t": NOW,
                "said_stopped": True,
            },
            False,
        ),
        ({"phase": "STOPPING", "said_stopped": True}, True),
        ({"phase": "PAUSED", "measured": STANDING}, False),
        ({"phase": "FAULT", "fault": "deaf"}, True),
        ({"phase": "FAULT", "fault": "deaf", "measured": seen(0, 100)}, False),
    ],
)
def test_a_stop_goes_where_the_belt_may_move_and_none_was_sent(
    facts: dict[str, Any], sends: bool
) -> None:
    t = turn(**{"rest": "stop", "follow": LATELY, **facts})
    moved(t)
    assert (ops(t) == ["stop"]) == sends


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, True),
        ({"shadow_stopped": True}, False),
        ({"phase": "PAUSED", "measured": STANDING}, False),
    ],
)
def test_in_shadow_a_demand_is_said_once_and_written_down(
    facts: dict[str, Any], says: bool
) -> None:
    t = turn(shadow=True, rest="posture", **facts)
    moved(t)
    assert [(c.why, c.shadow) for c in commands(t)] == ([(("posture",), True)] if says else [])
    assert len(alarms(t)) == says


def test_the_limit_that_is_given_is_the_one_that_counts() -> None:
    t = turn()
    move(t, hold(Demand.STOP, "posture"))
    assert phases(t) == [("RUNNING", "STOPPING")]
