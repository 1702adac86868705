"""The link rules of the Bluetooth driver, against BlueZ's habits and machines off the standard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.treadmill.bench import Bench, fault, play

from treadguard.guard.events import Link, Telemetry
from treadguard.sim.bleak_over_bumble import BLUEZ, Habits
from treadguard.sim.faults import Fault
from treadguard.sim.gatt import Respond
from treadguard.sim.peripheral import Peripheral
from treadguard.sim.presets import PRESETS
from treadguard.units import Speed

STOP = b"\x08\1"


def peripheral(bench: Bench) -> Peripheral:
    assert isinstance(bench.machine, Peripheral)
    return bench.machine


def watch(bench: Bench) -> list[tuple[float, bytes, bool]]:
    """What reaches the control point: second, frame, whether as a request."""
    reached: list[tuple[float, bytes, bool]] = []

    def written(frame: bytes, request: bool) -> None:
        reached.append((asyncio.get_running_loop().time(), frame, request))

    peripheral(bench).written = written
    return reached


def leave_unanswered(bench: Bench, hangs: Callable[[bytes], bool]) -> None:
    """The machine takes these writes and never sends their ATT response."""
    machine = peripheral(bench)
    take = machine.on_write

    def on_write(frame: bytes, respond: Respond | None) -> None:
        if respond is not None and hangs(frame):
            if machine.written is not None:
                machine.written(frame, True)
            return
        take(frame, respond)

    machine.on_write = on_write  # type: ignore[method-assign]


@pytest.mark.parametrize("habits", [Habits(), BLUEZ], ids=["plain", "bluez"])
def test_after_many_drops_everything_still_arrives_once(habits: Habits) -> None:
    async def drops(bench: Bench) -> None:
        for n in range(1, 9):
            await bench.until(60 * n - 3)
            heard = len(bench.heard(Telemetry))
            answered = len(bench.answers)
            bench.send("request_control")
            await bench.until(60 * n)
            assert bench.links[-1] == (True, n)
            assert len(bench.heard(Telemetry)) - heard == 3
            assert len(bench.answers) - answered == 1
            assert bench.treadmill.dropped["twice"] == 0  # type: ignore[attr-defined]

    faults = [fault("link", "off", 60 * n + 1, 5) for n in range(1, 9)]
    play(drops, faults=faults, habits=habits)


def test_a_treadmill_that_was_away_for_minutes_is_found_again() -> None:
    async def away(bench: Bench) -> None:
        await bench.until(300)
        assert bench.links == [(True, 1), (False, 1), (True, 2)]
        assert len([s for s in bench.said if "isn't in sight" in s]) == 1, "said once, not each try"

    play(away, faults=[fault("link", "off", 10, 200)], habits=BLUEZ)


def test_it_is_back_within_seconds_of_its_first_advert() -> None:
    async def away(bench: Bench) -> None:
        await bench.until(100)
        back = [event.t for event in bench.heard(Link) if event.up][1]
        assert 75_000 <= back <= 86_500

    play(away, faults=[fault("link", "off", 10, 65)], habits=BLUEZ)


def test_a_write_that_hangs_with_a_stop_to_send_gives_the_link_up_within_a_second() -> None:
    async def hangs(bench: Bench) -> None:
        await bench.walking(300)
        reached = watch(bench)
        leave_unanswered(bench, lambda frame: frame[0] == 2 and bench.links == [(True, 1)])
        bench.send("set_speed", 280)
        await bench.until(14.4)
        bench.send("stop")
        await bench.until(15.5)
        down = bench.heard(Link)[-1]
        assert not down.up
        assert down.t <= 15_050
        assert bench.answers[-2:] == [("set_speed", "att_error"), ("stop", "att_error")]
        assert any("pull the safety key" in text for text in bench.said)
        await bench.until(25)
        assert bench.links[-1] == (True, 2)
        # What follows on the new link is the guard's to say.
        assert STOP not in [frame for _, frame, _ in reached]

    play(hangs, habits=BLUEZ)


def test_a_stop_onto_a_link_that_hangs_already_gives_it_up_at_once() -> None:
    async def hangs(bench: Bench) -> None:
        await bench.walking(300)
        leave_unanswered(bench, lambda frame: frame[0] == 2)
        bench.send("set_speed", 280)
        await bench.until(20)
        assert bench.links == [(True, 1)], "without a Stop to send the link is kept"
        bench.send("stop")
        await bench.until(20.1)
        assert bench.links == [(True, 1), (False, 1)]

    play(hangs, habits=BLUEZ)


def test_a_machine_that_takes_both_write_types_gets_the_stop_past_the_hang(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = frozenset({"write", "write-without-response", "indicate"})
    monkeypatch.setitem(PRESETS, "both", replace(PRESETS["ideal"], control_point=both))

    async def hangs(bench: Bench) -> None:
        await bench.walking(300)
        reached = watch(bench)
        server = peripheral(bench)._server
        assert server.declares(with_response=True)
        assert server.declares(with_response=False)
        leave_unanswered(bench, lambda frame: frame[0] == 2)
        bench.send("set_speed", 280)
        await bench.until(20)
        bench.send("stop")
        await bench.until(20.2)
        assert (STOP, False) in [(frame, request) for _, frame, request in reached]
        await bench.until(30)
        assert bench.machine.measured_speed == 0

    play(hangs, preset="both", habits=BLUEZ)


@pytest.mark.parametrize(
    ("faults", "types"),
    [([fault("command", "off", 13.5, 20)], [False, False, True, False]), ([], [False] * 3)],
    ids=["moves on", "stands"],
)
def test_only_every_second_stop_tries_the_other_write_type(
    faults: list[Fault], types: list[bool]
) -> None:
    """And none that the gate hasn't seen goes to a belt that shows zero (H10)."""

    async def stops(bench: Bench) -> None:
        await bench.walking(150)
        reached = watch(bench)
        bench.send("stop", attempt=1)
        await bench.until(20)
        bench.send("stop", attempt=2)
        await bench.until(24)
        bench.send("stop", attempt=3)
        await bench.until(26)
        assert (bench.machine.measured_speed > 0) == bool(faults)
        assert [request for _, frame, request in reached if frame == STOP] == types

    play(stops, preset="urevo-e1l", faults=faults)


def test_a_belt_that_stood_on_the_link_before_may_move_on_this_one() -> None:
    async def stops(bench: Bench) -> None:
        await bench.until(40)
        assert bench.links == [(True, 1), (False, 1), (True, 2)]
        reached = watch(bench)
        bench.send("stop", attempt=2)
        await bench.until(42)
        assert [request for _, frame, request in reached if frame == STOP] == [False, True]

    silent = fault("telemetry", "off", 19, 60)
    play(stops, preset="urevo-e1l", faults=[fault("link", "off", 20, 1), silent])


def test_commands_go_out_as_the_machine_declares() -> None:
    async def walks(bench: Bench) -> None:
        reached = watch(bench)
        await bench.walking(200)
        assert {request for _, _, request in reached} == {False}
        assert bench.answers == [("request_control", 1), ("start", 1), ("set_speed", 1)]

    play(walks, preset="urevo-e1l")


def test_a_stop_meets_no_queue_on_its_way_to_the_machine() -> None:
    async def stops(bench: Bench) -> None:
        await bench.walking(300)
        reached = watch(bench)
        bench.send("set_speed", 280)
        bench.send("set_incline", 10)
        bench.send("stop")
        await bench.until(18)
        frames = [frame for _, frame, _ in reached]
        assert b"\3\x0a\0" not in frames, "what waited before a Stop isn't sent after it"
        # The machine was still busy with the speed, and the Stop was tried again until it wasn't.
        assert frames[0] == b"\2\x18\1"
        assert set(frames[1:]) == {STOP}
        assert reached[-1][0] < 14.3
        assert bench.machine.measured_speed == 0

    play(stops)


def test_a_moving_belt_that_falls_silent_is_connected_anew() -> None:
    async def silent(bench: Bench) -> None:
        await bench.walking(300)
        await bench.until(60)
        assert bench.links[1:3] == [(False, 1), (True, 2)]
        assert any("fallen silent" in text for text in bench.said)

    play(silent, faults=[fault("telemetry", "off", 16, 25)])


def test_a_belt_that_creeps_is_a_moving_one_when_it_falls_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(PRESETS, "slow", replace(PRESETS["ideal"], speed_min=Speed(10)))

    async def silent(bench: Bench) -> None:
        await bench.walking(10)
        assert bench.speeds[-1] == 10
        await bench.until(40)
        assert bench.links[1:3] == [(False, 1), (True, 2)]

    play(silent, preset="slow", faults=[fault("telemetry", "off", 16, 25)])


def test_a_standing_belt_may_be_silent_for_a_minute() -> None:
    async def silent(bench: Bench) -> None:
        await bench.until(62)
        assert bench.links == [(True, 1)]
        await bench.until(70)
        assert bench.links == [(True, 1), (False, 1), (True, 2)]

    play(silent, faults=[fault("telemetry", "off", 3.5, 90)])


def test_a_link_that_comes_back_silent_under_a_moving_belt_is_made_anew() -> None:
    async def silent(bench: Bench) -> None:
        await bench.walking(300)
        await bench.until(50)
        ups = [event.t for event in bench.heard(Link) if event.up]
        assert len(ups) >= 3, "the belt moved when it was last seen, on the link before"
        assert ups[2] - ups[1] <= 22_000

    play(silent, faults=[fault("link", "off", 16, 2), fault("telemetry", "off", 17, 60)])


def test_a_request_control_that_hangs_keeps_no_stop_from_the_machine_twice() -> None:
    async def hangs(bench: Bench) -> None:
        leave_unanswered(bench, lambda frame: frame == b"\0")
        bench.machine.console(start=True)
        await bench.until(10)
        reached = watch(bench)
        bench.send("request_control")
        await bench.until(12)
        bench.send("stop")
        await bench.until(20)
        assert bench.links[-1] == (True, 2)
        # As the guard does on each new link: control first, and then the Stop that it owes.
        bench.send("request_control")
        bench.send("stop")
        await bench.until(23)
        frames = [frame for at, frame, _ in reached if at >= 20]
        assert frames == [STOP, b"\0"], "in case the machine wants it, it comes behind the Stop"
        assert bench.machine.measured_speed == 0

    play(hangs, preset="omega-z", habits=BLUEZ)


def test_one_hung_request_control_is_no_verdict_on_the_machine() -> None:
    async def hangs(bench: Bench) -> None:
        await bench.walking(300)
        await bench.until(20)
        # This machine wants control on each link, and answers nothing; one write to it is lost.
        lost = [True]
        leave_unanswered(bench, lambda frame: frame == b"\0" and bool(lost) and lost.pop())
        bench.send("request_control")
        bench.send("stop")
        await bench.until(30)
        assert bench.links[-1] == (True, 3)
        bench.send("request_control")
        bench.send("stop")
        await bench.until(35)
        assert bench.machine.measured_speed == 300, "it has no control yet"
        bench.send("stop", attempt=2)
        await bench.until(42)
        assert bench.machine.measured_speed == 0

    play(hangs, quirks=["control-silent"], faults=[fault("link", "off", 16, 1)], habits=BLUEZ)


def test_a_second_stop_goes_by_both_types_the_declared_one_first() -> None:
    async def stops(bench: Bench) -> None:
        await bench.walking(300)
        reached = watch(bench)
        bench.send("stop", attempt=2)
        await bench.until(20)
        assert [request for _, frame, request in reached if frame == STOP] == [True, False]
        assert bench.machine.measured_speed == 0

    play(stops)


@pytest.mark.parametrize("kind", ["garbage", "intermittent", "slow", "delayed", "wrong"])
def test_whatever_the_link_does_every_command_has_one_result(kind: str) -> None:
    async def asks(bench: Bench) -> None:
        for second in range(2, 60):
            await bench.until(second)
            bench.send("request_control")
        await bench.until(70)
        assert len(bench.answers) == bench.sent
        assert bench.links[-1][0]

    play(asks, faults=[fault("link", kind, 10, 40)], habits=BLUEZ)  # type: ignore[arg-type]
