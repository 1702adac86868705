"""What every treadmill keeps to, without a radio and through the Bluetooth driver alike."""

from __future__ import annotations

import asyncio

import pytest
from tests.treadmill.bench import FORMS, Bench, fault, play

from treadguard.guard.events import Answer, Command, Event, Link, Machine, Ranges, Telemetry
from treadguard.units import Grade, Speed

pytestmark = pytest.mark.parametrize("form", FORMS)


def test_it_comes_up_once_says_its_ranges_and_then_what_it_measures(form: str) -> None:
    async def waits(bench: Bench) -> None:
        await bench.until(5)
        assert isinstance(bench.events[0], Link)
        assert bench.links == [(True, 1)]
        assert bench.events[1] == Machine(
            bench.events[1].t,
            ranges=Ranges(Speed(100), Speed(2000), 10, Grade(0), Grade(150), 5),
        )
        assert bench.speeds[:3] == [0, 0, 0]
        assert [event.incline for event in bench.heard(Telemetry)][:3] == [0, 0, 0]

    play(waits, form=form)


def test_each_command_is_judged_once_carried_out_and_answered_once(form: str) -> None:
    async def walks(bench: Bench) -> None:
        await bench.walking(300)
        bench.send("set_incline", 20)
        await bench.until(20)
        assert bench.machine.measured_speed == 300
        assert bench.frames == [b"\0", b"\7", b"\2\x2c\1", b"\3\x14\0"]
        assert bench.answers == [
            ("request_control", 1),
            ("start", 1),
            ("set_speed", 1),
            ("set_incline", 1),
        ]
        assert bench.heard(Telemetry)[-1].speed == 300
        assert bench.heard(Telemetry)[-1].incline == 20
        bench.send("stop")
        await bench.until(28)
        assert bench.machine.measured_speed == 0
        assert bench.answers[-1] == ("stop", 1)
        assert bench.statuses()[-1] == 2

    play(walks, form=form)


def test_what_the_gate_refuses_reaches_nobody(form: str) -> None:
    async def refused(bench: Bench) -> None:
        await bench.walking(300)
        answered = len(bench.answers)
        bench.refuses = lambda _: "too fast"
        assert bench.send("set_speed", 900) == "too fast"
        await bench.until(18)
        assert bench.machine.measured_speed == 300
        assert len(bench.answers) == answered

    play(refused, form=form)


@pytest.mark.parametrize(
    ("op", "value"), [("set_speed", 70_000), ("set_speed", -1), ("set_incline", 40_000)]
)
def test_a_value_that_no_frame_holds_is_refused_in_a_sentence(
    form: str, op: str, value: int
) -> None:
    async def asks(bench: Bench) -> None:
        await bench.until(2)
        why = bench.send(op, value)  # type: ignore[arg-type]
        assert why is not None
        assert why.startswith("The command can't be written: ")
        await bench.until(5)
        assert bench.frames == []
        assert bench.answers == []

    play(asks, form=form)


def test_nothing_comes_back_within_send(form: str) -> None:
    async def asks(bench: Bench) -> None:
        await bench.until(2)
        before = list(bench.events)
        bench.send("stop")
        assert bench.events == before
        await bench.until(5)
        assert len(bench.answers) == 1

    play(asks, form=form)


def test_a_command_without_a_link_is_judged_and_ends_as_an_error(form: str) -> None:
    async def asks(bench: Bench) -> None:
        await bench.until(3)
        bench.send("stop")
        await bench.until(4)
        assert bench.frames == [b"\x08\1"]
        assert bench.answers == [("stop", "att_error")]
        assert bench.links == []

    play(asks, form=form, faults=[fault("link", "off", 0, 60)])


def test_a_drop_ends_what_is_open_and_the_link_comes_back_as_another(form: str) -> None:
    async def drops(bench: Bench) -> None:
        await bench.walking(300)
        bench.send("set_speed", 400)
        await bench.until(40)
        assert bench.links == [(True, 1), (False, 1), (True, 2)]
        assert len(bench.answers) == bench.sent
        # Disconnect is no stop, and the reconnect sends nothing.
        assert bench.machine.measured_speed in (300, 400)
        assert bench.frames[-1] == b"\2\x90\1"
        # Control is lost with the link.
        bench.send("set_speed", 500)
        await bench.until(43)
        assert bench.answers[-1] == ("set_speed", 5)

    play(drops, form=form, faults=[fault("link", "off", 14.02, 10)])


def test_a_machine_that_never_answers_is_obeyed_and_times_out(form: str) -> None:
    async def walks(bench: Bench) -> None:
        await bench.walking(300)
        assert bench.machine.measured_speed == 300
        assert bench.answers == [
            ("request_control", "timeout"),
            ("start", "timeout"),
            ("set_speed", "timeout"),
        ]

    play(walks, form=form, quirks=["control-silent"])


def test_late_answers_still_belong_to_their_commands(form: str) -> None:
    async def walks(bench: Bench) -> None:
        await bench.walking(300)
        assert dict(bench.answers) == {"request_control": "timeout", "start": 1, "set_speed": 1}
        assert len(bench.answers) == 3

    play(walks, form=form, preset="omega-z")


def test_the_console_and_the_key_are_heard(form: str) -> None:
    async def uses(bench: Bench) -> None:
        await bench.until(2)
        bench.machine.console(start=True)
        await bench.until(8)
        bench.machine.console(kmh=2.0)
        await bench.until(12)
        assert bench.speeds[-1] == 200
        bench.machine.safety_key()
        await bench.until(14)
        assert bench.statuses() == [4, 5, 3]
        assert bench.speeds[-1] == 0

    play(uses, form=form)


def test_it_may_be_run_again_and_the_machine_went_on(form: str) -> None:
    async def dies(bench: Bench) -> None:
        await bench.walking(300)
        await bench.switch_off()
        await bench.until(20)
        bench.switch_on()
        await bench.until(25)
        assert bench.links[-1] == (True, 2)
        assert bench.speeds[-1] == 300
        heard: list[Event] = [event for event in bench.events if event.t > 20_000]
        assert not [event for event in heard if isinstance(event, Answer)]

    play(dies, form=form)


def test_a_link_that_is_stuck_ends_every_command_and_tells_nothing(form: str) -> None:
    async def sticks(bench: Bench) -> None:
        await bench.walking(300)
        told = len(bench.heard(Telemetry))
        bench.send("set_speed", 400)
        await bench.until(18)
        assert bench.answers[-1] == ("set_speed", "timeout")
        assert len(bench.heard(Telemetry)) == told
        assert bench.machine.measured_speed == 300

    play(sticks, form=form, faults=[fault("link", "stuck", 14.0, 30)])


def test_split_records_are_heard_part_by_part(form: str) -> None:
    async def walks(bench: Bench) -> None:
        await bench.walking(300)
        speeds = [event.speed for event in bench.heard(Telemetry)]
        assert None in speeds
        assert bench.speeds[-1] == 300

    play(walks, form=form, preset="fitshow")


def test_cancelled_at_any_moment_it_ends_at_once_and_leaves_the_machine_free(form: str) -> None:
    async def cancels(bench: Bench) -> None:
        for tenth in range(12):
            await bench.until(3 * tenth + tenth / 10)
            await bench.switch_off()
            await bench.until(3 * tenth + 2)
            bench.switch_on()
        await bench.until(45)
        assert bench.links[-1][0], "the last one has the machine to itself"
        assert bench.treadmill.send(Command(99, "request_control", None, ("test",))) is None
        await asyncio.sleep(1)
        assert bench.answers[-1] == ("request_control", 1)

    play(cancels, form=form)
