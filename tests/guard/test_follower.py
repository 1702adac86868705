"""Does the belt do what it was told? Verdicts, and the ladder when it doesn't."""

from __future__ import annotations

import itertools

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev


def seconds(times: list[int], since: int) -> list[float]:
    return [(t - since) / 1000 for t in times]


# ---------------------------------------------------------------- a lowering


def test_a_lowering_that_is_not_followed_becomes_a_stop() -> None:
    rig = Rig(deaf=frozenset({"set_speed"}), speed=600, target=600)
    rig.connect()
    rig.run(10)
    since = rig.now
    rig.pain(2)
    rig.run(12)
    assert rig.ops(since)[0] == "set_speed"
    stop = seconds(rig.stops(since), since)[0]
    assert 4 <= stop <= 8, "lower, then Stop; H05: within eight seconds"
    rig.run(10)
    assert rig.speed == 0


def test_a_lowering_that_is_not_followed_says_so() -> None:
    rig = Rig(deaf=frozenset({"set_speed"}), speed=600, target=600)
    rig.connect()
    rig.run(10)
    since = rig.now
    rig.pain(2)
    rig.run(9)
    assert rig.says(ev.Alarm, since)


def test_a_slow_lowering_that_is_followed_is_fine() -> None:
    rig = Rig().walking()
    rig.accel = 33
    since = rig.now
    rig.pain(4)
    rig.run(30)
    assert rig.stops(since) == []
    assert rig.speed == 480


@pytest.mark.parametrize("latency", [250, 1_500, 3_000])
def test_a_late_belt_is_no_deaf_belt(latency: int) -> None:
    """FTMS timings: 1.43 s from the write to the speed on one console."""
    rig = Rig(latency=latency).walking()
    assert rig.speed == 600
    since = rig.now
    rig.pain(3)
    rig.run(30)
    assert rig.stops(since) == []
    assert rig.speed == 500


def test_a_belt_that_shows_its_target_is_fine() -> None:
    rig = Rig(shows_target=True).walking()
    since = rig.now
    rig.pain(3)
    rig.run(20)
    assert rig.speed == 500
    assert rig.stops(since) == []


# ---------------------------------------------------------------- the ladder of Stops


def test_three_stops_then_fault_with_an_alarm() -> None:
    rig = Rig(deaf=frozenset({"stop"})).walking()
    since = rig.now
    rig.pain(6)
    rig.run(10.5)
    times = seconds(rig.stops(since), since)
    assert times[0] == 0
    assert 5 <= times[1] <= 6.25, "the second no sooner than 5 s after the first"
    assert 3 <= times[2] - times[1] <= 4.25, "the third 3 s later"
    assert len(times) == 3
    rig.run(6)
    assert rig.phase == "FAULT"
    said = " ".join(rig.says(ev.Alarm, since)).lower()
    assert "key" in said


def test_in_fault_a_stop_goes_out_every_ten_seconds_while_it_moves() -> None:
    rig = Rig(deaf=frozenset({"stop"})).walking()
    rig.pain(6)
    while rig.phase != "FAULT":
        rig.run(0.25)
    since = rig.now
    rig.run(45)
    times = rig.stops(since + 1)
    assert 4 <= len(times) <= 5
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert all(9_500 <= gap <= 11_250 for gap in gaps)


def test_in_fault_no_stop_is_repeated_when_the_belt_stands() -> None:
    rig = Rig(deaf=frozenset({"stop"})).walking()
    rig.pain(6)
    while rig.phase != "FAULT":
        rig.run(0.25)
    rig.target = 0
    rig.run(12)
    since = rig.now
    rig.run(60)
    assert rig.ops(since) == []
    assert rig.phase == "FAULT"


def test_a_fault_is_cleared_by_nothing_remote_and_nothing_starts_from_it() -> None:
    rig = Rig(deaf=frozenset({"stop"})).walking()
    rig.pain(6)
    rig.run(20)
    rig.target = 0
    rig.run(15)
    since = rig.now
    for do in ("start", "resume", "unlock"):
        rig.ask(do, role="remote")
    rig.ask("start")
    rig.ask("resume")
    rig.run(10)
    assert rig.ops(since) == []
    assert rig.phase == "FAULT"


@pytest.mark.parametrize("forgets", [1, 2])
def test_a_belt_that_obeys_a_later_stop_ends_in_its_break(forgets: int) -> None:
    rig = Rig(forgets=forgets).walking()
    since = rig.now
    rig.pain(6)
    rig.run(25)
    assert len(rig.stops(since)) == forgets + 1
    assert rig.phase == "BREAK"


def test_attempts_are_numbered() -> None:
    rig = Rig(deaf=frozenset({"stop"})).walking()
    since = rig.now
    rig.pain(6)
    rig.run(10)
    attempts = [
        o.attempt for t, o in rig.log if t >= since and isinstance(o, ev.Command) and o.op == "stop"
    ]
    assert attempts == [1, 2, 3]


@pytest.mark.parametrize("rate", [33, 50])
@pytest.mark.parametrize("speed", [300, 1200])
def test_a_slow_stop_on_course_is_left_alone(speed: int, rate: int) -> None:
    rig = Rig(stop_rate=rate).walking(speed)
    since = rig.now
    rig.pain(6)
    rig.run(speed / rate + 5)
    assert len(rig.stops(since)) == 1
    assert rig.phase == "BREAK"
    assert rig.says(ev.Alarm, since) == []


def test_a_stop_that_stalls_climbs_after_three_seconds() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.pain(6)
    rig.run(3)
    rig.target = rig.speed
    stalled = rig.now
    rig.deaf = frozenset({"stop"})
    rig.run(6)
    again = rig.stops(since)[1]
    assert again - since >= 5_000
    assert 3_000 <= again - stalled <= 4_500


def test_a_stop_that_falls_too_slowly_climbs_at_its_due_time() -> None:
    """6.0 at 0.2 km/h a second takes 30 s; due after 6.0 / 0.25 + 5 = 29 s."""
    rig = Rig(stop_rate=20).walking()
    since = rig.now
    rig.pain(6)
    rig.run(28.5)
    assert len(rig.stops(since)) == 1
    rig.run(1.5)
    assert len(rig.stops(since)) == 2


def test_a_repeated_stop_needs_fresh_telemetry() -> None:
    rig = Rig(deaf=frozenset({"stop"})).walking()
    since = rig.now
    rig.pain(6)
    rig.telemetry = False
    rig.run(4.5)
    assert len(rig.stops(since)) == 1
    rig.run(60)
    assert len(rig.stops(since)) <= 2, "lost adds at most its own Stop"


def test_a_stop_under_way_is_not_sent_again_for_a_second_reason() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.pain(6)
    rig.run(1)
    rig.pain(None)
    rig.run(1)
    rig.ask("break")
    rig.run(15)
    assert len(rig.stops(since)) == 1


def test_the_runners_own_stop_goes_out_again_when_it_is_pressed_again() -> None:
    rig = Rig().walking(900)
    since = rig.now
    rig.ask("stop")
    rig.run(1)
    rig.ask("stop")
    rig.run(1)
    assert rig.stops(since) == [since, since + 1_000]


def test_a_toggling_belt_is_not_started_by_a_stop() -> None:
    """H10."""
    rig = Rig(toggles=True).walking()
    rig.pain(6)
    rig.run(15)
    assert rig.speed == 0
    rig.pain(6)
    rig.pain(None)
    rig.ask("stop")
    rig.symptom("faint")
    rig.ask("end")
    rig.run(30)
    assert rig.speed == 0


# ---------------------------------------------------------------- answers and verdicts


@pytest.mark.parametrize("result", [2, 3, 4, 5, "timeout", "att_error"])
def test_a_stop_that_works_is_judged_by_the_belt_not_by_its_answer(result: ev.Op | int) -> None:
    rig = Rig(results={"stop": result}).walking()  # type: ignore[dict-item]
    rig.pain(6)
    rig.run(15)
    assert rig.phase == "BREAK"
    assert rig.speed == 0


def test_without_any_answer_the_belt_is_the_judge() -> None:
    rig = Rig(answers=False).walking()
    assert rig.speed == 600
    since = rig.now
    rig.pain(6)
    rig.run(15)
    assert rig.phase == "BREAK"
    assert rig.stops(since) == [since]


@pytest.mark.parametrize("result", [2, 5, "timeout", "att_error"])
def test_a_refused_or_silent_request_for_control_holds_up_nothing(result: int) -> None:
    rig = Rig(results={"request_control": result}).walking()
    assert rig.speed == 600
    since = rig.now
    rig.pain(6)
    assert rig.stops(since) == [since]
    rig.run(15)
    assert rig.phase == "BREAK"


def test_a_refused_stop_asks_for_control_once_and_climbs() -> None:
    """H08."""
    rig = Rig(results={"stop": 5}, deaf=frozenset({"stop"})).walking()
    since = rig.now
    rig.pain(6)
    rig.run(30)
    asked = [
        o
        for t, o in rig.log
        if t >= since and isinstance(o, ev.Command) and o.op == "request_control"
    ]
    assert len(asked) == 1
    assert rig.phase == "FAULT"
    assert len(rig.stops(since)) >= 3


def test_a_stop_refused_for_want_of_control_goes_again_once_control_is_back() -> None:
    """H08: it was never taken, so there is nothing to wait 5 s for."""
    rig = Rig(results={"stop": 5}, deaf=frozenset({"stop"})).walking()
    since = rig.now
    rig.pain(6)
    rig.run(2)
    first, second = rig.stops(since)
    assert second - first <= 500
    rig.run(2)
    assert rig.stops(since)[2] - second >= 3000, "once; after that the ladder counts"


def test_a_stop_refused_for_want_of_control_waits_for_it() -> None:
    rig = Rig(results={"stop": 5, "request_control": 5}, deaf=frozenset({"stop"})).walking()
    since = rig.now
    rig.pain(6)
    rig.run(4)
    assert len(rig.stops(since)) == 1


def test_lost_control_is_said_and_a_stop_is_still_tried() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.status(0xFF)
    rig.run(2)
    assert rig.says(ev.Alarm, since) or rig.says(ev.Cue, since)
    since = rig.now
    rig.pain(6)
    assert rig.stops(since) == [since]


def test_every_command_ends_in_exactly_one_verdict() -> None:
    rig = Rig().walking()
    rig.pain(2)
    rig.run(10)
    rig.pain(6)
    rig.run(30)
    commands = [o.n for _, o in rig.log if isinstance(o, ev.Command)]
    verdicts = [o.of for _, o in rig.log if isinstance(o, ev.Verdict)]
    assert sorted(verdicts) == commands
    assert commands == list(range(1, len(commands) + 1))


def test_a_raise_that_a_stop_overtook_is_not_called_confirmed() -> None:
    rig = Rig(latency=500).walking(300)
    rig.ask("speed", 800)
    rig.run(2)
    raised = [o.n for _, o in rig.log if isinstance(o, ev.Command) and o.op == "set_speed"][-1]
    assert rig.speed < 360
    rig.pain(6)
    rig.run(15)
    verdict = [o.is_ for _, o in rig.log if isinstance(o, ev.Verdict) and o.of == raised]
    assert verdict == ["unknown"]


def test_a_deaf_stop_is_never_confirmed() -> None:
    rig = Rig(deaf=frozenset({"stop"})).walking()
    since = rig.now
    rig.pain(6)
    rig.run(60)
    assert "confirmed" not in rig.verdicts(since)


def test_a_refused_command_without_effect_is_rejected() -> None:
    rig = Rig(results={"stop": 4}, deaf=frozenset({"stop"})).walking()
    since = rig.now
    rig.pain(6)
    rig.run(8)
    assert "rejected" in rig.verdicts(since)
