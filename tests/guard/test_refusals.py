"""What can't be done is said in words, and changes nothing."""

from __future__ import annotations

import pytest
from tests.guard.moments import resting
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import Kept
from treadguard.guard.policy import Profile
from treadguard.guard.rules.symptoms import RED_FLAG_LOCK
from treadguard.units import Decideg, Grade, Millis, Speed


def said(rig: Rig, since: int, words: str) -> bool:
    return any(words in say for say in rig.says(ev.Cue, since))


def test_nobody_unlocks_from_afar() -> None:
    rig = Rig(kept=Kept(locks=(RED_FLAG_LOCK,)))
    rig.connect()
    rig.ask("unlock", role="remote")
    assert said(rig, 0, "Only someone at the treadmill can unlock it.")
    assert rig.state.locks == (RED_FLAG_LOCK,)


def test_where_nothing_is_locked_that_is_said() -> None:
    rig = Rig()
    rig.connect()
    rig.ask("unlock")
    assert said(rig, 0, "Nothing is locked.")


def test_a_speed_of_zero_is_a_stop() -> None:
    rig = Rig().walking(400)
    since = rig.now
    rig.ask("speed", 0)
    assert rig.ops(since) == ["stop"]


def test_a_machine_that_shows_no_incline_has_none_to_set() -> None:
    rig = Rig(blank_grade=True).walking(400)
    since = rig.now
    rig.ask("incline", 20)
    assert said(rig, since, "doesn't show the incline")
    assert rig.ops(since) == []


def test_no_decline_is_set() -> None:
    rig = Rig().walking(400)
    since = rig.now
    rig.ask("incline", -10)
    assert said(rig, since, "no decline")
    assert rig.ops(since) == []


def test_at_the_limit_the_runner_hears_which_it_is() -> None:
    rig = Rig(profile=Profile(speed_max=Speed(400), grade_max=Grade(20))).walking(400, grade=20)
    since = rig.now
    rig.ask("speed", 600)
    rig.run(1)
    rig.ask("incline", 60)
    assert said(rig, since, "The limit is 4.0 km/h for now.")
    assert said(rig, since, "The limit is 2 % for now.")
    assert rig.ops(since) == []


def test_a_machine_too_fast_for_what_is_allowed_isnt_started() -> None:
    rig = Rig(profile=Profile(speed_max=Speed(150)))
    rig.connect()
    rig.ranges(ev.Ranges(Speed(200), Speed(1000), 10))
    rig.run(5)
    since = rig.now
    rig.ask("start")
    assert said(rig, since, "slower than this machine can go")
    assert "start" not in rig.ops(since)


def test_pain_while_a_resume_is_under_way_takes_it_back() -> None:
    rig, _ = resting()
    rig.run(130)
    rig.pain(1)
    rig.ask("resume")
    rig.run(1)
    assert rig.phase == "STARTING"
    since = rig.now
    rig.pain(3)
    assert rig.ops(since) == ["stop"]
    rig.run(15)
    assert rig.phase == "BREAK"
    assert rig.speed == 0


def test_a_lean_before_any_speed_is_known_eases_nothing() -> None:
    rig = Rig().walking(400)
    rig.state.speed = type(rig.state.speed)()
    rig.drop()
    since = rig.now
    for _ in range(200):
        rig.now += 100
        rig.feed(ev.Posture(Millis(rig.now), trunk=Decideg(300)))
    assert "set_speed" not in rig.ops(since)


@pytest.mark.parametrize("level", [4])
def test_shadow_says_which_incline_it_would_set(level: int) -> None:
    rig = Rig(mode="shadow")
    rig.connect()
    rig.console_start()
    rig.grade = rig.grade_target = 0
    rig.run(8)
    rig.console(500)
    rig.grade_target = 80
    rig.run(40)
    since = rig.now
    rig.pain(level)
    would = [o for t, o in rig.log if t >= since and isinstance(o, ev.Command)]
    assert [o.op for o in would if o.shadow] == ["set_incline"]
    assert all(o.shadow for o in would)


def test_a_lowering_of_the_incline_ends_a_raise_of_the_speed() -> None:
    rig = Rig().walking(400, grade=60)
    rig.ask("incline", 0)
    rig.run(1)
    since = rig.now
    rig.ask("speed", 700)
    rig.run(20)
    assert max((v for _, op, v in rig.commands(since) if op == "set_speed" and v), default=0) <= 425
    assert said(rig, since, "Lowering comes first: the speed stays.")


def test_a_deck_that_doesnt_rise_is_left_where_it_is() -> None:
    rig = Rig(deaf=frozenset({"set_incline"})).walking(400)
    rig.ask("incline", 50)
    rig.run(60)
    assert rig.state.grade.wanted == 0
    assert rig.state.grade.grant is None
    assert "unknown" in rig.verdicts()


def test_a_second_console_raise_of_the_incline_above_the_limit_stops_the_belt() -> None:
    rig = Rig(profile=Profile(grade_max=Grade(40)), grade_rate=8).walking(400)
    rig.grade_target = 80
    rig.run(30)
    assert rig.grade == 40
    since = rig.now
    rig.grade_target = 80
    rig.run(30)
    assert rig.stops(since) != []
    assert any("incline again" in say for say in rig.says(ev.Alarm, since))


@pytest.mark.parametrize("op", ["stop", "start", "set_speed", "set_incline"])
def test_a_refusal_of_the_gate_is_taken_for_what_it_is(op: ev.Op) -> None:
    rig = Rig(answers=False)
    if op == "start":
        rig.connect()
        rig.run(5)
        rig.ask("start")
    else:
        rig.walking(400)
        if op == "stop":
            rig.ask("stop")
        elif op == "set_speed":
            rig.ask("speed", 600)
        else:
            rig.ask("incline", 30)
    since = rig.now
    rig.feed(ev.Veto(Millis(rig.now), op, "Because."))
    assert rig.verdicts(since) == ["rejected"]
    if op == "stop":
        assert rig.state.owed_until == since + 10_000
    else:
        words = "Not starting: Because." if op == "start" else "Not going up: Because."
        assert said(rig, since, words)


def test_a_refused_start_leaves_the_belt_as_still_as_it_was() -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    rig.ask("start")
    rig.feed(ev.Veto(Millis(rig.now), "start", "Because."))
    rig.starts_at = None
    rig.run(1)
    assert rig.phase == "READY"
    assert rig.state.measured.known_stopped(Millis(rig.now))


def test_after_a_lowering_that_was_refused_and_yet_obeyed_a_raise_begins_at_the_belt() -> None:
    rig = Rig(accel=50).walking(600)
    rig.results = {"set_speed": 4}
    rig.ask("speed", 550)
    rig.results = {}
    rig.run(0.75)
    since = rig.now
    rig.ask("speed", 900)
    rig.run(1.5)
    assert [v for t, op, v in rig.commands(since) if op == "set_speed"] == [570, 600]
    rig.run(20)
    assert rig.speed == 900
