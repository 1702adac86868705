"""Time that nobody watched: a suspend, a held-up process, and a clock that somebody sets."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.session.rig import Rig, live

from treadguard.guard.events import Telemetry
from treadguard.session.host_time import SessionTime, Suspends
from treadguard.session.service import SessionOver
from treadguard.units import Grade, Millis, Speed


class Asleep:
    """How long the computer has slept so far."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


# ---------------------------------------------------------------- the clock


def test_the_sessions_time_goes_on_in_a_suspend() -> None:
    awake, asleep = Asleep(), Asleep()
    awake.s, asleep.s = 500.0, 70.0
    clock = SessionTime(Millis(1000), asleep)
    assert clock.now() == 1000
    clock.begin(awake)
    awake.s += 2.0
    assert clock.now() == 3000
    asleep.s += 60.0
    assert clock.now() == 63_000


def test_lost_time_is_said_once_and_names_a_suspend() -> None:
    awake, asleep = Asleep(), Asleep()
    clock = SessionTime(Millis(0), asleep)
    clock.begin(awake)
    awake.s = 1.0
    assert clock.lost() is None
    assert not clock.just_lost
    asleep.s = 1.001
    assert clock.just_lost
    assert clock.lost() == (2001, True)
    assert clock.lost() is None
    awake.s = 1.999
    assert clock.just_lost, "what is heard now may have lain in its socket"
    awake.s = 2.0
    assert not clock.just_lost
    awake.s = 2.001
    assert clock.lost() == (1001, False)


def test_what_a_tick_has_seen_isnt_lost() -> None:
    awake, asleep = Asleep(), Asleep()
    clock = SessionTime(Millis(0), asleep)
    clock.begin(awake)
    for _ in range(5):
        awake.s += 0.9
        asleep.s += 0.9
        assert clock.lost() is None
        clock.ticked()


def test_two_clocks_that_are_read_one_after_the_other_show_no_suspend() -> None:
    ahead: list[float | None] = [
        100.0,
        100.04,
        99.9,
        None,
        100.03,
        103.0,
        102.0,
        None,
        103.04,
        104.0,
    ]
    told = iter(ahead)
    suspends = Suspends(lambda: next(told))
    assert [suspends() for _ in ahead[1:]] == [0, 0, 0, 0, 3, 3, 3, 3, 4]


def test_a_suspend_is_counted_from_the_first_reading_that_there_is() -> None:
    told = iter([None, 100.0, 105.0])
    suspends = Suspends(lambda: next(told))
    assert [suspends(), suspends()] == [0, 5]


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's clocks")
def test_linux_clocks_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    suspends = Suspends()
    assert suspends() == 0
    real = time.clock_gettime

    def an_hour_later(which: int) -> float:
        return real(which) + (3600 if which == time.CLOCK_BOOTTIME else 0)

    monkeypatch.setattr(time, "clock_gettime", an_hour_later)
    assert suspends() == pytest.approx(3600, abs=0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's clocks")
def test_a_process_held_up_between_two_readings_has_seen_no_suspend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, held_up = time.clock_gettime, Asleep()

    def slowly(which: int) -> float:
        now = real(which) + held_up.s
        if which == time.CLOCK_BOOTTIME:
            held_up.s = 7.0
        return now

    monkeypatch.setattr(time, "clock_gettime", slowly)
    suspends = Suspends()
    assert [suspends(), suspends()] == [0, 0]


# ---------------------------------------------------------------- the session

FIRST: dict[str, Callable[[Rig], object]] = {
    "pain": lambda rig: rig.service.pain(2),
    "stop": lambda rig: rig.service.operator("stop"),
    "telemetry": lambda rig: rig.service.feed(Telemetry(rig.service.clock(), Speed(500), Grade(0))),
    "posture": lambda rig: rig.service.posture(trunk_deg=3),
    "tick": lambda _: None,
}


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("slept", [True, False])
def test_the_first_that_is_heard_after_lost_time_is_that_it_was_lost(
    first: str, slept: bool
) -> None:
    asleep = Asleep()
    rig = Rig(slept=asleep)

    async def story(rig: Rig) -> None:
        await rig.walk(500)
        if slept:
            asleep.s += 60
        else:
            asyncio.get_running_loop()._jump.passed_s += 60  # type: ignore[attr-defined]
        before = len(rig.lines)
        FIRST[first](rig)
        await asyncio.sleep(0.3)
        after = rig.lines[before]
        assert (after["kind"], after["slept"]) == ("clock", slept)
        assert after["lost"] == pytest.approx(60_000, abs=260)
        assert after["t"] == pytest.approx(101_000, abs=260)
        await asyncio.sleep(20)

    assert live(rig, story) == 0
    assert len(rig.of("clock")) == 1


def test_a_moving_belt_is_stopped_after_a_suspend_and_a_press_from_before_raises_nothing() -> None:
    asleep = Asleep()
    rig = Rig(slept=asleep)

    async def story(rig: Rig) -> None:
        await rig.walk(300)
        asleep.s += 60
        for do in ("speed", "start", "resume"):
            with pytest.raises(SessionOver, match="press again"):
                rig.service.operator(do, 900 if do == "speed" else None)
        await asyncio.sleep(1)
        with pytest.raises(SessionOver, match="press again"):
            rig.service.operator("speed", 900)
        await asyncio.sleep(15)
        assert rig.phase == "PAUSED"

    assert live(rig, story) == 0
    (clock,) = rig.of("clock")
    assert rig.of("command", op="stop")[0]["t"] - clock["t"] == 0
    assert [one["target"] for one in rig.of("consent")] == [None, 300]
    assert any("slept for 60 s" in one["say"] for one in rig.of("alarm"))


def test_a_nap_is_no_lost_time_but_it_counts() -> None:
    asleep = Asleep()
    rig = Rig(slept=asleep)

    async def story(rig: Rig) -> None:
        await rig.walk(300)
        asleep.s += 0.7
        await asyncio.sleep(1)
        assert rig.service.clock() == 42_700

    assert live(rig, story) == 0
    assert rig.of("clock") == []


# ---------------------------------------------------------------- the wall clock


async def hurts_and_breaks(rig: Rig) -> None:
    await asyncio.sleep(3)
    rig.service.operator("start")
    await asyncio.sleep(8)
    rig.service.pain(6)
    await asyncio.sleep(130)
    rig.service.pain(1)
    rig.service.operator("resume")
    await asyncio.sleep(10)


@cache
def undisturbed() -> Rig:
    calm = Rig()
    assert live(calm, hurts_and_breaks) == 0
    return calm


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32))
def test_setting_the_computers_clock_changes_no_decision(seed: int) -> None:
    chance = random.Random(seed)
    set_about = Rig()
    with pytest.MonkeyPatch.context() as patch:

        def anything() -> float:
            return chance.uniform(0, 4e9)

        patch.setattr(time, "time", anything)
        patch.setattr(time, "time_ns", lambda: int(anything() * 1e9))
        assert live(set_about, hurts_and_breaks) == 0
    calm = undisturbed()
    assert set_about.journal == calm.journal
    assert [one["to"] for one in calm.of("phase")].count("RUNNING") == 2
