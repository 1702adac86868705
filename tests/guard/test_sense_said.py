"""Status, training status and ranges: hints, each heard by itself."""

from __future__ import annotations

from typing import Any

import pytest
from tests.guard.bare import NOW, alarms, commands, ops
from tests.guard.heard import AGO, running

from treadguard.guard import sense
from treadguard.guard.acts import Turn
from treadguard.guard.events import Alarm, Machine, Ranges
from treadguard.guard.follow import Follow
from treadguard.guard.incline import SetLower
from treadguard.guard.policy import BreakPolicy, Policy
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.breaks import Breaks
from treadguard.units import Grade, Millis, Speed

STOPPED, KEY, STARTED, LOST_CONTROL, COUNTDOWN = 2, 3, 4, 0xFF, 0x0E
STOP = Follow("stop", pending=(7,), stops=1, last_stop=Millis(90_001))
RESTING: dict[str, Any] = {"phase": "PAUSED", "ended": "pain"}


def said(
    *,
    status: int | None = None,
    value: int | None = None,
    training: int | None = None,
    **facts: Any,
) -> Turn:
    t = Turn(running(**facts), NOW)
    sense.said(t, Machine(NOW, status=status, value=value, training=training))
    return t


# ---------------------------------------------------------------- ranges, starts


def test_ranges_are_taken_over() -> None:
    t = Turn(running(), NOW)
    sense.said(t, Machine(NOW, ranges=Ranges(Speed(50), Speed(900), 5)))
    assert (t.s.machine.speed_min, t.s.machine.speed_max) == (50, 900)
    assert t.out == []


@pytest.mark.parametrize(
    ("told", "doubt"),
    [
        ({"status": STARTED}, True),
        ({"training": COUNTDOWN}, True),
        ({"status": 5}, False),
        ({"training": 0x0D}, False),
        ({"training": 0x0F}, False),
    ],
)
def test_a_start_or_a_countdown_puts_a_belt_at_zero_in_doubt(
    told: dict[str, Any], doubt: bool
) -> None:
    """H10: it isn't known to stand for 10 s."""
    assert (said(**told).s.measured.start_doubt == NOW) is doubt


@pytest.mark.parametrize(("starting", "ours"), [(Millis(99_000), True), (None, False)])
def test_a_machine_that_says_it_started_confirms_only_our_start(
    starting: Millis | None, ours: bool
) -> None:
    assert said(status=STARTED, starting=starting).s.said_started is ours
    assert said(training=COUNTDOWN, starting=starting, said_started=True).s.said_started


def test_a_belt_that_had_stopped_out_of_sight_and_starts_again_is_stopped() -> None:
    t = said(training=COUNTDOWN, phase="LOST", said_stopped=True)
    assert ops(t) == ["stop"]
    assert len(alarms(t)) == 1
    assert not t.s.said_stopped


@pytest.mark.parametrize(
    "facts",
    [{"said_stopped": False}, {"phase": "STOPPING"}, {"shadow": True}],
)
def test_no_other_start_is_one_out_of_sight(facts: dict[str, Any]) -> None:
    t = said(status=STARTED, **{"phase": "LOST", "said_stopped": True, **facts})
    assert t.out == []
    assert not t.s.said_stopped


# ---------------------------------------------------------------- stops and the key


@pytest.mark.parametrize("status", [STOPPED, KEY])
@pytest.mark.parametrize(("follow", "ours"), [(STOP, True), (Follow("lower"), False)])
def test_a_machine_that_says_it_stopped_confirms_only_our_stop(
    status: int, follow: Follow, ours: bool
) -> None:
    """Also the key, where the session had ended by it before."""
    s = said(status=status, follow=follow, said_started=True, ended="safety key").s
    assert (s.said_stopped, s.said_started) == (ours, False)


def test_another_status_takes_nothing_back() -> None:
    s = said(status=5, follow=STOP, said_started=True).s
    assert (s.said_stopped, s.said_started) == (False, True)


def test_a_lower_grade_that_is_named_is_the_consoles() -> None:
    deck = Axis(wanted=20, setpoint=30, told=30)
    assert said(status=6, value=10, grade=deck).s.deck_set == SetLower(NOW, Grade(10))
    assert said(status=5, value=10, grade=deck).s.deck_set is None
    before = SetLower(AGO, Grade(10))
    assert said(status=6, grade=deck, deck_set=before).s.deck_set == before
    assert said(status=6, value=30, grade=deck, deck_set=before).s.deck_set == before


@pytest.mark.parametrize(
    ("facts", "paused"),
    [
        ({}, True),
        ({"follow": STOP}, False),
        ({"follow": Follow("stop", last_stop=Millis(90_000))}, True),
        ({"follow": Follow("stop")}, True),
        ({"follow": Follow("lower", last_stop=Millis(90_001))}, True),
        ({"phase": "STOPPING"}, False),
    ],
)
def test_a_stop_at_the_console_pauses_a_running_belt(facts: dict[str, Any], paused: bool) -> None:
    s = said(status=STOPPED, **facts).s
    assert (s.rest, s.unasked) == (("console", True) if paused else (None, False))


@pytest.mark.parametrize(
    ("training", "paused"),
    [(0x0E, False), (0x0F, True), (0x10, True), (0x11, False), (0x0D, False), (0x00, False)],
)
def test_a_machine_that_says_it_is_stopping_was_stopped_at_its_console(
    training: int, paused: bool
) -> None:
    """The Urevo says so seconds before its status, and a speed written meanwhile is a raise."""
    s = said(training=training).s
    assert (s.rest, s.unasked) == (("console", True) if paused else (None, False))
    ours = said(training=training, follow=STOP).s
    assert (ours.rest, ours.unasked) == (None, False)


def test_a_stop_at_the_console_keeps_the_reason_that_there_was() -> None:
    assert said(status=STOPPED, rest="pain").s.rest == "pain"
    assert said(status=5).s.rest is None


def test_the_safety_key_ends_the_session_and_warns() -> None:
    """H21."""
    t = said(status=KEY)
    assert t.s.ended == "safety key"
    assert [o.level for o in t.out if isinstance(o, Alarm)] == [1]
    assert said(status=KEY, ended="safety key", key_out=True).out == []


@pytest.mark.parametrize(
    ("facts", "unasked"),
    [
        ({}, True),
        ({"phase": "STOPPING"}, True),
        ({"phase": "PAUSED"}, False),
        ({"phase": "LOST"}, False),
        ({"phase": "STOPPING", "follow": STOP}, False),
    ],
)
def test_the_key_stops_a_belt_by_itself_unless_a_stop_of_ours_is_followed(
    facts: dict[str, Any], unasked: bool
) -> None:
    assert said(status=KEY, **facts).s.unasked is unasked


def test_only_the_key_ends_a_session() -> None:
    assert said(status=STOPPED).s.ended is None
    assert said(status=6).s.ended is None


# ---------------------------------------------------------------- control


def test_another_app_that_takes_control_is_called_out_once_and_control_asked_for_once() -> None:
    """H13."""
    t = said(status=LOST_CONTROL)
    assert t.s.control_lost
    assert [o.level for o in t.out if isinstance(o, Alarm)] == [1]
    assert [(c.op, c.why) for c in commands(t)] == [("request_control", ("control",))]
    assert (t.s.control_retried, t.s.control_n) == (True, 21)
    assert said(status=LOST_CONTROL, control_lost=True, control_retried=True).out == []
    assert not said(status=0xFE).s.control_lost
    assert not said(status=1).s.control_lost


@pytest.mark.parametrize("facts", [{"shadow": True}, {"link": False}, {"control_retried": True}])
def test_control_is_asked_for_where_it_can_help_and_only_once(facts: dict[str, Any]) -> None:
    t = Turn(running(**facts), NOW)
    sense.ask_control(t)
    assert t.out == []
    assert t.s.control_retried is facts.get("control_retried", False)


@pytest.mark.parametrize(
    ("facts", "asks"),
    [({"shadow": True}, True), ({"link": False}, False), ({"control_retried": True}, False)],
)
def test_for_the_runners_own_stop_control_is_asked_for_in_shadow_too(
    facts: dict[str, Any], asks: bool
) -> None:
    t = Turn(running(**facts), NOW)
    sense.ask_control(t, own=True)
    assert bool(commands(t)) is asks


# ---------------------------------------------------------------- a start without ours


@pytest.mark.parametrize(
    ("phase", "stops"),
    [
        ("OFF", False),
        ("READY", True),
        ("STARTING", False),
        ("RUNNING", False),
        ("STOPPING", False),
        ("PAUSED", True),
        ("BREAK", True),
        ("ENDED", True),
        ("FAULT", True),
        ("LOST", False),
    ],
)
def test_a_start_of_a_belt_that_should_rest_gets_one_stop_and_an_alarm(
    phase: str, stops: bool
) -> None:
    """H12."""
    t = said(status=STARTED, phase=phase, ended="pain")
    assert ops(t) == (["stop"] if stops else [])
    assert len(alarms(t)) == int(stops)
    assert t.s.console_start == (NOW if stops else None)


@pytest.mark.parametrize(
    "facts",
    [
        {"shadow": True},
        {"follow": Follow(last_stop=Millis(90_001))},
        {"console_start": Millis(95_000)},
        {"ended": None},
        {"phase": "FAULT", "follow": Follow("stop", last_stop=Millis(80_000))},
    ],
    ids=["shadow", "our Stop is young", "called out already", "nothing holds", "already on it"],
)
def test_no_second_stop_and_none_where_nothing_holds_the_belt(facts: dict[str, Any]) -> None:
    t = said(status=STARTED, **{**RESTING, **facts})
    assert (t.out, t.s.console_start) == ([], facts.get("console_start"))


@pytest.mark.parametrize(
    "facts",
    [
        {"follow": Follow(last_stop=Millis(90_000))},
        {"follow": Follow("stop", last_stop=Millis(80_000))},
        {"phase": "FAULT", "follow": Follow("lower")},
        {"ended": None, "fault": "deaf"},
    ],
)
def test_an_old_stop_of_ours_leaves_a_new_start_its_own(facts: dict[str, Any]) -> None:
    t = said(status=STARTED, **{**RESTING, **facts})
    assert ops(t) == ["stop"]
    assert commands(t)[0].why == ("fault" if facts.get("fault") else "ended",)


OWES = Breaks(active=True, level=6, zero=Millis(90_000))
OVER = Breaks(active=True, level=6, zero=Millis(0), rated=1)


def test_a_start_in_a_break_that_holds_is_stopped_and_counted() -> None:
    t = said(status=STARTED, phase="BREAK", breaks=OWES)
    assert [c.why for c in commands(t)] == [("break",)]
    assert (t.s.breaks.console_starts, t.s.console_start) == (1, NOW)
    assert (t.s.rest, t.s.ended) == (None, None)
    (say,) = alarms(t)
    assert "the break lasts 110 s more" in say


def test_a_start_in_a_break_that_is_over_is_the_runners_own() -> None:
    policy = Policy(breaks=BreakPolicy(min_ms=Millis(10_000)))
    t = said(status=STARTED, phase="BREAK", breaks=OVER, policy=policy)
    assert (t.out, t.s.breaks.console_starts) == ([], 0)


@pytest.mark.parametrize(("before", "ended"), [(1, False), (2, True), (3, True)])
def test_the_third_start_against_a_break_ends_the_session(before: int, ended: bool) -> None:
    t = said(
        status=STARTED,
        phase="BREAK",
        breaks=Breaks(active=True, level=6, console_starts=before),
    )
    assert t.s.breaks.console_starts == before + 1
    assert (t.s.ended is not None, len(alarms(t))) == (ended, 2 if ended else 1)


@pytest.mark.parametrize(
    ("facts", "rest"),
    [
        ({}, "pain before the start"),
        ({"rest": "stop"}, "stop"),
        ({"breaks": OWES, "phase": "BREAK"}, None),
    ],
)
def test_a_start_against_pain_that_waits_rests_for_that_pain(
    facts: dict[str, Any], rest: str | None
) -> None:
    t = said(status=STARTED, **{"phase": "READY", "waiting": 4, **facts})
    assert (t.s.rest, ops(t)) == (rest, ["stop"])
    assert ("rate your pain" in alarms(t)[0]) is (rest is not None)
    quiet = said(status=STARTED, phase="BREAK", breaks=OWES)
    assert quiet.s.rest is None
