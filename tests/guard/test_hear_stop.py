"""Stops that people ask for: by pain that must be heard, a symptom, an old message, or plainly."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from tests.guard.bare import NOW, STANDING, alarms, before, commands, cues, ops, seen, turn

from treadguard.guard import acts
from treadguard.guard import events as ev
from treadguard.guard.acts import KEY_FIRST, Turn
from treadguard.guard.belt import Measured
from treadguard.guard.follow import Follow
from treadguard.guard.hear import felt, named, plain_stop
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.breaks import Breaks
from treadguard.guard.rules.symptoms import PAIN_LOCK, RED_FLAG_LOCK

PHASES: tuple[ev.PhaseName, ...] = get_args(ev.PhaseName)
MOVING: tuple[ev.PhaseName, ...] = ("STARTING", "RUNNING", "STOPPING", "LOST")
BREAK = Breaks(active=True, why="pain", level=6, speed=600, zero=before(50_000), triggers=1)


def rate(t: Turn, level: int, *, retained: bool = False) -> Turn:
    felt(t, ev.Pain(NOW, level, retained=retained))
    return t


# ---------------------------------------------------------------- a press that must be heard


def press(t: Turn) -> Turn:
    return rate(t, 6)


def named_(t: Turn) -> Turn:
    named(t, ev.Symptom(NOW, "chest pain"))
    return t


@pytest.mark.parametrize("hear", [press, named_])
@pytest.mark.parametrize(
    ("facts", "sends"),
    [
        ({"phase": "LOST"}, True),
        ({"phase": "LOST", "shadow": True}, False),
        ({"phase": "OFF", "measured": Measured()}, True),
        ({"phase": "OFF", "measured": STANDING}, False),
        ({"phase": "OFF"}, True),
        ({"phase": "PAUSED", "measured": seen(30)}, True),
        ({"phase": "PAUSED", "measured": STANDING}, False),
        ({"phase": "RUNNING"}, False),  # the phase's own Stop follows
        ({"phase": "STOPPING"}, True),
        ({"phase": "STOPPING", "measured": seen(601, 600)}, True),
        ({"phase": "STOPPING", "measured": seen(599, 600)}, False),
        ({"phase": "STOPPING", "measured": seen(300, 0)}, False),
        ({"phase": "STARTING", "measured": seen(60)}, False),
    ],
)
def test_a_belt_out_of_sight_or_that_does_not_obey_gets_a_stop_with_each_press(
    facts: dict[str, Any], sends: bool, hear: Any
) -> None:
    t = hear(turn(**facts))
    assert [(c.op, c.why) for c in commands(t)] == ([("stop", ("pain",))] if sends else [])
    assert (KEY_FIRST in alarms(t)) == sends
    assert (t.s.rest == "stop") == sends
    assert not t.s.owed_own


@pytest.mark.parametrize(("ago", "sends"), [(999, False), (1_000, True)])
def test_the_stop_of_a_press_goes_out_once_a_second(ago: int, sends: bool) -> None:
    f = Follow(kind="stop", stops=1, last_stop=before(ago))
    t = press(turn(phase="LOST", follow=f, rest="no telemetry"))
    assert (ops(t) == ["stop"]) == sends
    assert t.s.rest == "no telemetry"


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("active", [True, False])
def test_each_press_without_a_link_is_answered(phase: ev.PhaseName, active: bool) -> None:
    t = press(turn(phase=phase, link=False, breaks=BREAK if active else Breaks()))
    assert len(alarms(t)) == 1
    assert KEY_FIRST in alarms(t)[0]
    assert ops(t) == []


@pytest.mark.parametrize("phase", PHASES)
def test_a_second_press_in_the_same_breath_is_answered_too(phase: ev.PhaseName) -> None:
    """Also of an ended session, which no trigger and no end will speak for."""
    t = rate(turn(phase=phase, link=False, ended="pain"), 8)
    said = len(alarms(t))
    rate(t, 8)
    assert KEY_FIRST in alarms(t)[said]


def test_pain_that_does_not_stop_sends_nothing_to_a_belt_out_of_sight() -> None:
    assert ops(rate(turn(phase="LOST"), 4)) == []


# ---------------------------------------------------------------- symptoms, old messages


@pytest.mark.parametrize(("what", "lock"), [("numbness", PAIN_LOCK), ("chest pain", RED_FLAG_LOCK)])
def test_a_symptom_ends_the_session_and_locks_it(what: str, lock: str) -> None:
    t = turn()
    named(t, ev.Symptom(NOW, what, role="remote"))
    assert (t.s.ended, t.s.locks) == ("symptom", (lock,))
    assert f"{what}: the session ends." in alarms(t)[-1]


def test_a_symptom_without_a_link_says_once_that_no_stop_goes_out() -> None:
    t = turn(link=False)
    named(t, ev.Symptom(NOW, "numbness"))
    assert alarms(t).count(acts.NO_LINK) == 1


@pytest.mark.parametrize("kind", ["pain", "symptom"])
def test_an_old_message_is_a_plain_stop_once_a_session(kind: str) -> None:
    t = turn()
    for _ in range(2):
        if kind == "pain":
            rate(t, 9, retained=True)
        else:
            named(t, ev.Symptom(NOW, "chest pain", retained=True))
    assert ops(t) == ["stop"]
    assert [(o.level, "old message" in o.say) for o in t.out if isinstance(o, ev.Alarm)] == [
        (1, True)
    ]
    assert (t.s.rest, t.s.ended, t.s.breaks.active) == ("an old message", None, False)
    assert (t.s.owed_own, t.s.old_message) == (False, True)


@pytest.mark.parametrize("axis", ["speed", "grade"])
def test_an_old_message_ends_a_raise_also_when_it_is_the_second(axis: str) -> None:
    up = Axis(wanted=700, setpoint=600, grant=700)
    facts: dict[str, Any] = {"old_message": True, axis: up}
    t = rate(turn(**facts), 2, retained=True)
    settled = getattr(t.s, axis)
    assert (settled.grant, settled.wanted, settled.setpoint) == (None, 600, 600)
    assert [say for say in cues(t) if "going up ends here" in say] == cues(t)
    assert len(cues(t)) == 1
    assert cues(rate(turn(old_message=True), 2, retained=True)) == []


def test_an_old_message_is_not_the_runners_own_stop() -> None:
    t = rate(turn(control_retried=True), 9, retained=True)
    assert t.s.control_retried


# ---------------------------------------------------------------- a plain stop


@pytest.mark.parametrize("phase", PHASES)
def test_a_plain_stop_pauses_a_belt_that_may_move(phase: ev.PhaseName) -> None:
    t = turn(phase=phase, starting=before(1_000), unasked=True)
    plain_stop(t, "stop", own=False)
    pauses = phase in MOVING or phase == "OFF"
    assert t.s.rest == ("stop" if pauses else None)
    assert t.s.starting == (None if pauses else before(1_000))
    assert ops(t) == ["stop"]
    assert (t.s.breaks.active, t.s.breaks.triggers) == (False, 0)


def test_a_stop_that_cannot_be_sent_is_asked_for_all_the_same() -> None:
    t = turn(link=False, unasked=True)
    plain_stop(t, "stop", own=True)
    assert not t.s.unasked
    assert t.s.owed_until is not None


def test_a_plain_stop_keeps_the_first_reason() -> None:
    t = turn(rest="posture")
    plain_stop(t, "stop", own=True)
    assert t.s.rest == "posture"


@pytest.mark.parametrize(
    ("kind", "stops", "ago", "sends"),
    [
        ("stop", 1, 999, False),
        ("stop", 1, 1_000, True),
        ("stop", 1, None, True),
        ("stop", 0, 999, True),
        ("none", 0, 999, True),
        ("lower", 1, 999, True),
    ],
)
def test_a_stop_pressed_again_goes_out_again_but_not_twice_in_a_second(
    kind: Any, stops: int, ago: int | None, sends: bool
) -> None:
    last = None if ago is None else before(ago)
    t = turn(follow=Follow(kind=kind, stops=stops, last_stop=last))
    plain_stop(t, "stop", own=True)
    assert (ops(t) == ["stop"]) == sends


@pytest.mark.parametrize("own", [True, False])
def test_only_the_runners_own_stop_may_ask_for_control_again(own: bool) -> None:
    t = turn(control_retried=True)
    plain_stop(t, "stop", own=own)
    assert t.s.control_retried != own
    assert t.s.owed_own == own
