"""A programme under way: announced, raised, withdrawn, taken up again, over."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.guard.plans import PLAN, POLICY, SILENT, UNASKED, begun, cues, leg, targets
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import Kept
from treadguard.guard.plan import Plan
from treadguard.guard.policy import Policy, WarmUpPolicy
from treadguard.units import Millis, Speed

# ---------------------------------------------------------------- as it was laid down


def test_one_consent_starts_it_and_covers_every_raise_that_it_states() -> None:
    rig = begun()
    began = rig.now
    speeds = []
    for _ in range(5):
        rig.run(55)
        speeds.append(rig.speed)
        rig.run(5)
    assert speeds == [400, 500, 450, 600, 350]
    assert {c for _, c, _ in rig.commands(began)} == {"set_speed"}
    rig.run(20)
    assert rig.phase == "ENDED"
    assert rig.state.ended == "the programme was over"


def test_each_raise_is_announced_five_seconds_ahead_and_no_fall_is() -> None:
    rig = begun()
    rig.run(300)
    told = [(t, o.say) for t, o in rig.log if isinstance(o, ev.Cue) and "In 5 seconds" in o.say]
    assert [say for _, say in told] == [
        "In 5 seconds: 4.0 km/h.",
        "In 5 seconds: 5.0 km/h.",
        "In 5 seconds: 6.0 km/h.",
    ]
    for t, _ in told:
        raised = [at for at, op, _ in rig.commands(t) if op == "set_speed"]
        assert raised[0] - t == 5_000


def test_what_a_leg_says_is_said_with_it() -> None:
    plan = Plan((leg(30, 400, 0, "Easy."), leg(30, 300, 0, "Slow."), leg(120, 300)))
    rig = begun(plan)
    rig.run(60)
    assert "In 5 seconds: 4.0 km/h. Easy." in cues(rig)
    assert "Slow." in cues(rig)


def test_speed_and_grade_never_rise_within_the_same_second() -> None:
    rig = begun(Plan((leg(60, 300), leg(90, 500, 20), leg(120, 300))), grade_rate=10)
    rig.run(65)
    since = rig.now - 8_000
    rig.run(80)
    assert (rig.speed, rig.grade) == (500, 20)
    rises = [(t, op) for t, op, _ in rig.commands(since)]
    for t, op in rises:
        assert not any(other != op and abs(at - t) < 1_000 for at, other in rises)
    rig.run(30)
    assert (rig.speed, rig.grade) == (300, 0)


def test_its_time_stands_still_while_the_belt_does() -> None:
    rig = begun()
    rig.run(30)
    rig.ask("stop")
    rig.run(120)
    assert rig.phase == "PAUSED"
    rig.ask("programme")
    while rig.phase != "RUNNING":
        rig.run(0.25)
    rig.run(20)
    assert rig.speed == 400  # still the first leg
    rig.run(30)
    assert rig.speed == 500


def test_a_plan_that_is_over_ends_the_session_in_order_however_fast_it_went() -> None:
    rig = begun(Plan((leg(30, 600), leg(120, 500))))
    rig.run(150)
    since = rig.now - 1_000
    rig.run(30)
    assert rig.phase == "ENDED"
    falls = [v for v in targets(rig, since) if v is not None]
    assert falls == sorted(falls, reverse=True)
    assert len(falls) > 3
    assert any("programme is over" in say for say in cues(rig, since))


# ---------------------------------------------------------------- what withdraws it


def _console(rig: Rig) -> None:
    rig.target = 300


def _out_of_reach(rig: Rig) -> None:
    rig.drop()
    rig.run(1)
    rig.back()


def _silent(rig: Rig) -> None:
    rig.telemetry = False
    rig.run(4)
    rig.telemetry = True


WITHDRAWS: dict[str, Callable[[Rig], object]] = {
    "pain": lambda rig: rig.pain(1),
    "ease": lambda rig: rig.ask("ease"),
    "stop": lambda rig: rig.ask("stop"),
    "break": lambda rig: rig.ask("break"),
    "slower": lambda rig: rig.ask("speed", 300),
    "flatter": lambda rig: rig.ask("incline", 0),
    "console": _console,
    "link": _out_of_reach,
    "silence": _silent,
}


@pytest.mark.parametrize("what", WITHDRAWS)
def test_whatever_holds_the_belt_withdraws_all_raises_that_follow(what: str) -> None:
    rig = begun(Plan((leg(60, 400), leg(60, 600), leg(400, 350))))
    rig.run(30)
    assert rig.speed == 400
    WITHDRAWS[what](rig)
    since = rig.now
    rig.run(90)
    raised = [v for v in targets(rig, since) if v is not None and v > 400]
    assert raised == []
    assert rig.speed <= 400
    assert rig.state.course is not None
    assert not rig.state.course.leave
    assert sum("goes up no more" in say for say in cues(rig)) == 1


def test_what_falls_goes_on_falling() -> None:
    rig = begun(Plan((leg(60, 600), leg(60, 700), leg(60, 300), leg(120, 250))))
    rig.run(40)
    rig.pain(1)
    rig.run(30)
    assert rig.speed == 540
    rig.run(60)
    assert rig.speed == 300


def test_a_new_consent_takes_the_raises_up_again_no_faster_than_it_was_eased() -> None:
    rig = begun(Plan((leg(60, 500), leg(300, 600), leg(120, 350))))
    rig.run(30)
    rig.pain(1)
    rig.run(10)
    assert rig.speed == 450
    rig.ask("programme")
    assert any("Not going up: " in say for say in cues(rig, rig.now))
    rig.pain(0)  # ends the back-off
    rig.run(1)
    rig.ask("speed", 300)
    rig.run(30)
    rig.ask("programme")
    since = rig.now
    rig.run(4.5)
    assert targets(rig, since) == []
    assert "In 5 seconds: 4.5 km/h." in cues(rig, since)
    rig.run(30)
    assert rig.speed == 450


@pytest.mark.parametrize("role", ["remote", "local"])
def test_without_a_consent_of_ones_own_nothing_begins(role: ev.Role) -> None:
    rig = Rig(policy=POLICY, plan=PLAN)
    rig.connect()
    rig.run(3)
    if role == "remote":
        rig.consent("programme")
    rig.feed(ev.Operator(Millis(rig.now), "programme", role=role))
    rig.run(20)
    assert rig.ops(0).count("start") == 0
    assert rig.state.course is None


def test_a_consent_for_a_start_is_none_for_a_programme_nor_the_other_way_round() -> None:
    rig = Rig(policy=POLICY, plan=PLAN)
    rig.connect()
    rig.run(3)
    rig.consent("start")
    rig.feed(ev.Operator(Millis(rig.now), "programme"))
    rig.run(11)
    rig.consent("programme")
    rig.feed(ev.Operator(Millis(rig.now), "start"))
    rig.run(1)
    assert "start" not in rig.ops(0)


def test_a_cap_clips_a_leg_and_withdraws_nothing() -> None:
    low = Policy(prompts=UNASKED, cues=SILENT, caps=type(POLICY.caps)(speed=Speed(450)))
    rig = begun(policy=low)
    rig.run(115)
    assert rig.speed == 450
    assert rig.state.course is not None
    assert rig.state.course.leave


def test_without_a_programme_there_is_none_to_begin() -> None:
    rig = Rig(policy=POLICY)
    rig.connect()
    rig.run(3)
    rig.ask("programme")
    assert any("no programme" in say for say in cues(rig))
    assert rig.phase == "READY"


def test_in_shadow_nothing_of_it_is_sent() -> None:
    rig = Rig(policy=POLICY, plan=PLAN, mode="shadow")
    rig.connect()
    rig.run(3)
    rig.ask("programme")
    rig.target = 300
    rig.run(30)
    rig.ask("programme")
    rig.run(120)
    assert [op for op in rig.ops(0) if op != "request_control"] == []


def test_a_crash_takes_the_leave_with_it() -> None:
    kept = Kept(moving=True, in_session=True)
    rig = Rig(policy=POLICY, plan=PLAN, kept=kept, speed=300, target=300)
    rig.connect()
    rig.run(5)
    rig.ask("resume")
    rig.run(90)
    assert rig.state.course is None
    assert rig.speed == 300


# ---------------------------------------------------------------- the runner's own raise


def test_the_runners_own_raise_leaves_a_programme_its_course() -> None:
    rig = begun(Plan((leg(60, 400), leg(60, 450), leg(120, 350))))
    rig.run(30)
    rig.ask("speed", 500)
    rig.run(20)
    assert rig.speed == 500
    rig.run(20)
    assert rig.speed == 450  # a slower leg than that is a fall
    assert rig.state.course is not None
    assert rig.state.course.leave


# ---------------------------------------------------------------- what must never happen


def test_a_start_that_failed_leaves_no_leave_for_the_next_one() -> None:
    rig = Rig(policy=POLICY, deaf=frozenset({"start"}))
    rig.connect()
    rig.run(3)
    rig.ask("warm-up", 1000)
    rig.run(20)
    assert rig.phase == "READY"
    rig.deaf = frozenset()
    rig.ask("start")
    rig.run(200)
    assert (rig.phase, rig.speed) == ("RUNNING", 100)


def test_a_press_that_started_nothing_takes_no_plan_along() -> None:
    rig = Rig(policy=POLICY)
    rig.connect()
    rig.run(3)
    rig.ask("start")
    rig.feed(ev.Operator(Millis(rig.now), "warm-up", 1000, role="remote"))
    assert rig.state.course is None


def test_an_incline_lowered_at_the_console_isnt_raised_again() -> None:
    rig = begun(Plan((leg(60, 400, 40), leg(60, 500, 40), leg(120, 300))), grade_rate=10)
    rig.run(40)
    assert rig.grade == 40
    rig.grade_target = 0
    since = rig.now
    rig.run(100)
    assert targets(rig, since, "set_incline") == []
    assert rig.grade == 0


@pytest.mark.parametrize("role", ["local", "remote"])
def test_nobody_is_sped_up_who_says_that_it_hurts(role: ev.Role) -> None:
    """Also where the rating eases nothing more, or comes before the belt moves."""
    rig = begun(Plan((leg(60, 400), leg(60, 600), leg(120, 300))))
    rig.run(30)
    rig.feed(ev.Pain(Millis(rig.now), 1, role=role))
    rig.run(60)
    assert rig.speed <= 400
    starting = Rig(policy=POLICY, plan=PLAN)
    starting.connect()
    starting.run(3)
    starting.ask("programme")
    starting.run(1)
    starting.feed(ev.Pain(Millis(starting.now), 2, role=role))
    starting.run(60)
    assert starting.speed <= 100


def test_a_leg_slower_than_the_machine_goes_at_its_slowest() -> None:
    rig = Rig(policy=POLICY, plan=Plan((leg(60, 600), leg(120, 150))), minimum=200)
    rig.connect()
    rig.ranges(ev.Ranges(Speed(200), Speed(1_600), 10))
    rig.run(3)
    rig.ask("programme")
    rig.run(100)
    assert (rig.phase, rig.speed) == ("RUNNING", 200)


def test_a_raise_goes_no_further_than_it_was_announced() -> None:
    demanded = Policy(
        prompts=UNASKED, cues=SILENT, warm_up=WarmUpPolicy(Millis(180_000), demanded=True)
    )
    rig = begun(Plan((leg(60, 600), leg(60, 700), leg(120, 300))), policy=demanded)
    rig.run(180)
    told = [(t, o.say) for t, o in rig.log if isinstance(o, ev.Cue) and "In 5 seconds" in o.say]
    for n, (t, say) in enumerate(told):
        until = told[n + 1][0] if n + 1 < len(told) else rig.now
        most = round(float(say.split(": ")[1].split(" ")[0]) * 100)
        raised = [v for at, op, v in rig.commands(t) if op == "set_speed" and at < until]
        assert all(v is not None and v <= most for v in raised)
    assert len(told) >= 2


@pytest.mark.parametrize("result", [2, 3, 4])
def test_a_raise_that_the_machine_refuses_is_the_last(result: int) -> None:
    rig = begun()
    rig.run(20)
    rig.results = {"set_speed": result}
    rig.run(60)
    assert rig.state.course is not None
    assert not rig.state.course.leave


def test_a_speed_out_of_sight_before_the_first_motion_withdraws_the_raises() -> None:
    """As any limit in force does; the gate would refuse them after such a gap, too."""
    rig = Rig(policy=POLICY, plan=PLAN, countdown=6_000)
    rig.connect()
    rig.run(3)
    rig.ask("programme")
    rig.telemetry = False
    rig.run(4)
    rig.telemetry = True
    rig.run(70)
    assert rig.phase == "RUNNING"
    assert rig.speed == 100
    assert any("goes up no more" in say for say in cues(rig))
    rig.ask("programme")
    rig.run(20)
    assert rig.speed > 100


def test_what_still_goes_up_when_the_plan_ends_goes_up_no_more() -> None:
    rig = begun(Plan((leg(7, 100, 40),)), grade_rate=10)
    rig.run(6)
    assert targets(rig, 0, "set_incline")
    over = rig.now
    rig.run(20)
    ended = next(t for t, o in rig.log if isinstance(o, ev.Cue) and "is over" in o.say)
    assert not [v for v in targets(rig, ended, "set_incline") if v]
    assert over < ended


def test_no_raise_of_a_plan_begins_in_the_step_that_ends_a_gap() -> None:
    rig = begun()
    rig.run(3.5)
    assert any("In 5 seconds" in say for say in cues(rig))
    rig.now += 2_000
    out = rig.sample()
    assert not [o for o in out if isinstance(o, ev.Command) and o.op == "set_speed"]


def test_a_stop_at_the_console_before_the_first_motion_withdraws_the_raises() -> None:
    rig = Rig(policy=POLICY, plan=PLAN, countdown=6_000)
    rig.connect()
    rig.run(3)
    rig.ask("programme")
    rig.run(2)
    rig.feed(ev.Machine(Millis(rig.now), status=2, value=1))
    rig.run(30)
    assert rig.speed <= 100


def test_a_warm_up_amid_a_programme_names_the_command_that_goes_on() -> None:
    rig = begun()
    rig.ask("stop")
    rig.run(60)
    rig.ask("warm-up", 500)
    named = "'treadguard resume --programme' goes on with it."
    assert f"The programme is under way: {named}" in cues(rig)


def test_an_announced_raise_that_does_not_come_is_taken_back_in_the_same_sentence() -> None:
    rig = begun()
    rig.run(57)
    assert cues(rig)[-1] == "In 5 seconds: 5.0 km/h."
    rig.pain(1)
    rig.run(30)
    assert rig.speed < 400
    taken = [say for say in cues(rig) if "goes up no more" in say]
    assert taken == ["The programme goes up no more by itself, also not now: pain."]
