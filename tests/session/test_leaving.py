"""However a session ends, and whatever fails in it, the belt is brought to rest first."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from tests.session.rig import Rig, live, no_machine

from treadguard import kernel
from treadguard.guard.events import Command, Event, Output, Tick
from treadguard.guard.state import State
from treadguard.guard.step import step
from treadguard.kernel import GateKeeper
from treadguard.session.service import SessionOver
from treadguard.sim.direct import DirectTreadmill
from treadguard.sim.faults import Fault
from treadguard.sim.presets import PRESETS
from treadguard.treadmill.protocol import Clock, Feed
from treadguard.units import Millis


async def nothing(_: Rig) -> None:
    await asyncio.sleep(3)


# ---------------------------------------------------------------- how it ends


def test_a_moving_belt_is_brought_to_rest_first() -> None:
    rig = Rig()

    async def story(rig: Rig) -> None:
        await rig.walk(500)

    assert live(rig, story) == 0
    stop = rig.of("command", op="stop")[0]
    assert rig.lines[-1]["t"] > stop["t"]
    assert rig.lines[-1]["summary"]["belt"] == "at rest"
    assert any("Waiting for the belt to stop, 30 s left" in said for said in rig.said)
    assert rig.sink.kept is not None
    assert not rig.sink.kept.moving


def test_a_belt_out_of_sight_that_said_it_stopped_isnt_started_by_another_stop() -> None:
    silent = Fault(Millis(41_500), Millis(600_000), "telemetry", "off")
    rig = Rig(
        make=lambda keeper: DirectTreadmill(
            PRESETS["ideal"], check=keeper.check, quirks=["stop-toggles"], faults=[silent]
        )
    )

    async def story(rig: Rig) -> None:
        await rig.walk(300)
        await asyncio.sleep(40)
        assert rig.phase == "LOST"

    assert live(rig, story) == 1, "nobody has seen it stand"
    assert len(rig.of("command", op="stop")) == 1
    assert isinstance(rig.treadmill, DirectTreadmill)
    assert rig.treadmill._motor.state == "standing"


def test_a_standing_belt_gets_no_stop() -> None:
    rig = Rig()
    assert live(rig, nothing) == 0
    assert rig.of("command", op="stop") == []
    assert rig.said == []


def test_a_belt_that_does_not_obey_ends_in_an_alarm_and_a_failure() -> None:
    rig = Rig(faults=[Fault(Millis(40_000), Millis(100_000), "command", "off")])

    async def story(rig: Rig) -> None:
        await rig.walk(500)

    assert live(rig, story) == 1
    assert rig.lines[-1]["summary"]["belt"] == "not known to be at rest"
    assert rig.lines[-1]["t"] == pytest.approx(71_000, abs=300)
    assert rig.of("alarm", **{"from": "service"})
    assert "safety key" in rig.said[-1]


def test_a_second_stop_no_longer_waits_for_the_belt() -> None:
    rig = Rig(faults=[Fault(Millis(40_000), Millis(100_000), "command", "off")])

    async def story(rig: Rig) -> None:
        await rig.walk(500)
        rig.service.stop("signal SIGINT")
        await asyncio.sleep(2)
        rig.service.stop("signal SIGINT")

    assert live(rig, story, stop=False) == 1
    assert rig.lines[-1]["t"] == pytest.approx(43_000, abs=300)


@pytest.mark.parametrize("proven", [True, False])
def test_in_shadow_nothing_is_sent_on_the_way_out(proven: bool) -> None:
    rig = Rig(mode="shadow" if proven else "guard", proven=proven)

    async def story(rig: Rig) -> None:
        assert isinstance(rig.treadmill, DirectTreadmill)
        await asyncio.sleep(3)
        rig.treadmill.console(start=True)
        await asyncio.sleep(10)
        assert rig.service.belt_may_move

    assert live(rig, story) == 0
    assert [
        c for c in rig.of("command") if not c.get("shadow") and c["op"] != "request_control"
    ] == []
    assert "sends nothing here" in rig.said[-1]
    assert rig.lines[-1]["summary"]["belt"] == "not known to be at rest"


def test_nothing_is_started_or_raised_on_the_way_out() -> None:
    rig = Rig()

    async def story(rig: Rig) -> None:
        await rig.walk(300)
        rig.service.stop("enough")
        await asyncio.sleep(0.5)
        for do, value in (("speed", 900), ("resume", None), ("start", None)):
            with pytest.raises(SessionOver, match="ending"):
                rig.service.operator(do, value)  # type: ignore[arg-type]
        rig.service.pain(3)

    assert live(rig, story, stop=False) == 0


def test_after_the_end_nothing_is_taken() -> None:
    rig = Rig()
    live(rig, nothing)
    lines = len(rig.lines)
    with pytest.raises(SessionOver, match="has ended"):
        rig.service.pain(9)
    rig.service.feed(Tick(rig.service.clock()))
    assert len(rig.lines) == lines


def test_a_signal_ends_the_session_in_order() -> None:
    rig = Rig(make=no_machine)

    async def main() -> int:
        asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
        return await rig.service.run(signals=True)

    before = signal.getsignal(signal.SIGTERM)
    assert asyncio.run(main()) == 0
    assert rig.lines[-1]["summary"]["reason"] == "signal SIGTERM"
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_cancelled_session_still_stops_the_belt() -> None:
    rig = Rig()

    async def story(rig: Rig) -> None:
        await rig.walk(300)
        next(t for t in asyncio.all_tasks() if "Service.run" in repr(t.get_coro())).cancel()

    assert live(rig, story, stop=False) == 0
    assert rig.of("command", op="stop")
    assert rig.lines[-1]["summary"]["reason"] == "it was cancelled"


# ---------------------------------------------------------------- what fails within


class Dies(DirectTreadmill):
    """A driver that raises, returns or is cancelled in mid-run."""

    how: str

    async def run(self, clock: Clock, feed: Feed) -> None:
        life = asyncio.ensure_future(super().run(clock, feed))
        await asyncio.sleep(45)
        if self.how == "raises":
            raise ValueError("the radio is gone")
        if self.how == "is cancelled":
            me = asyncio.current_task()
            assert me is not None
            me.cancel()
            await asyncio.sleep(0)
        life.cancel()


def dies(how: str) -> Rig:
    def make(keeper: GateKeeper) -> DirectTreadmill:
        made = Dies(PRESETS["ideal"], check=keeper.check)
        made.how = how
        return made

    return Rig(make=make)


@pytest.mark.parametrize("how", ["raises", "returns", "is cancelled"])
def test_a_driver_that_ends_by_itself_stops_the_belt_and_fails_the_session(how: str) -> None:
    rig = dies(how)

    async def story(rig: Rig) -> None:
        await rig.walk(200)
        await asyncio.sleep(100)

    assert live(rig, story, stop=False) == 1
    (first, *_) = rig.of("alarm", **{"from": "service"})
    assert first["t"] == 45_000
    assert "treadmill failed" in first["say"]
    assert rig.of("command", op="stop")[0]["t"] == 45_000
    assert rig.lines[-1]["kind"] == "end"


def test_a_companion_that_raises_stops_the_belt_and_fails_the_session() -> None:
    rig = Rig()

    async def story(rig: Rig) -> None:
        await rig.walk(200)
        await asyncio.sleep(100)

    async def api() -> None:
        await asyncio.sleep(50)
        raise OSError("the port is gone")

    assert live(rig, story, stop=False, api=api) == 1
    assert rig.service.failure == "api failed (OSError: the port is gone)"
    assert rig.of("command", op="stop")[0]["t"] == 50_000
    assert rig.lines[-1]["summary"]["belt"] == "at rest"


def test_a_second_failure_hurries_nothing_and_the_belt_is_still_waited_for() -> None:
    """H74: what fails on the way out is said, and is no second Ctrl-C."""
    rig = Rig()

    async def story(rig: Rig) -> None:
        await rig.walk(500)
        await asyncio.sleep(100)

    async def fails(at_s: float) -> None:
        await asyncio.sleep(at_s)
        raise OSError("gone")

    assert live(rig, story, stop=False, api=lambda: fails(50), card=lambda: fails(50.5)) == 1
    assert rig.of("command", op="stop")[0]["t"] == 50_000
    assert rig.lines[-1]["summary"]["belt"] == "at rest"
    assert rig.lines[-1]["t"] > 51_000


def test_a_companion_that_returns_is_done() -> None:
    async def done() -> None:
        return

    assert live(Rig(), nothing, done=done) == 0


def failing_guard(monkeypatch: pytest.MonkeyPatch, after_ms: int) -> None:
    def fails(state: State, event: Event) -> tuple[State, tuple[Output, ...]]:
        if event.t >= after_ms:
            raise KeyError("a bug")
        return step(state, event)

    monkeypatch.setattr(kernel, "step", fails)


def test_a_guard_that_fails_still_stops_the_belt(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    failing_guard(monkeypatch, 45_000)

    async def story(rig: Rig) -> None:
        await rig.walk(500)
        assert isinstance(rig.treadmill, DirectTreadmill)
        await asyncio.sleep(5)
        with pytest.raises(SessionOver, match="guard has failed"):
            rig.service.pain(6)
        await asyncio.sleep(7)
        assert rig.treadmill.measured_speed == 0

    assert live(rig, story, stop=False) == 1
    assert rig.service.failure == "guard failed (KeyError: 'a bug')"
    assert rig.lines[-1]["summary"]["belt"] == "at rest"
    assert rig.lines[-1]["t"] < 60_000


def test_a_failed_guard_and_a_deaf_belt_end_in_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(faults=[Fault(Millis(44_000), Millis(100_000), "command", "off")])
    failing_guard(monkeypatch, 45_000)
    sent: list[int] = []

    async def story(rig: Rig) -> None:
        await rig.walk(500)
        send = rig.treadmill.send

        def heard(command: Command) -> str | None:
            sent.append(rig.service.clock())
            return send(command)

        monkeypatch.setattr(rig.treadmill, "send", heard)
        await asyncio.sleep(60)

    assert live(rig, story, stop=False) == 1
    assert [t // 1000 for t in sent] == [45, 50, 53]
    assert rig.lines[-1]["summary"]["belt"] == "not known to be at rest"
