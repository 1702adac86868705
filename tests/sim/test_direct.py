"""The direct form, on a loop in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest
from tests.sim.bench import Heard, drive, fault, walking

from treadguard.guard.events import Command, Event, Link, Machine, Ranges, Telemetry
from treadguard.session import virtual_time
from treadguard.sim.direct import DirectTreadmill
from treadguard.sim.faults import KIND
from treadguard.sim.presets import PRESETS, QUIRKS, preset_named
from treadguard.treadmill.protocol import Treadmill
from treadguard.units import Grade, Millis, Speed


def passes(_frame: bytes) -> str | None:
    return None


def test_it_is_a_treadmill_that_moves_nobody_and_is_proven() -> None:
    treadmill: Treadmill = DirectTreadmill(preset_named("ideal"), check=passes)
    assert treadmill.name == "the simulated treadmill (ideal)"
    assert not treadmill.is_real
    assert treadmill.proven


def test_an_unknown_quirk_is_refused() -> None:
    with pytest.raises(ValueError, match="no machine quirk 'control-deaf'"):
        DirectTreadmill(preset_named("ideal"), check=passes, quirks=["control-deaf"])


def test_it_connects_at_once_and_reads_the_ranges() -> None:
    heard = drive(for_s=0.5)
    assert heard.events == [
        Link(Millis(0), up=True, generation=1),
        Machine(
            Millis(0),
            ranges=Ranges(Speed(100), Speed(2000), 10, Grade(0), Grade(150), 5),
        ),
    ]


def test_a_false_range_is_heard_as_the_machine_declares_it() -> None:
    ranges = drive(for_s=0.5, preset="citysports", quirks=["range-lies"]).machine[0].ranges
    assert ranges is not None
    assert (ranges.speed_min, ranges.speed_max, ranges.speed_step) == (50, 2500, 10)


@pytest.mark.parametrize("preset", ["citysports", "urevo-e1l"])
def test_a_machine_without_an_incline_has_no_range_for_it(preset: str) -> None:
    ranges = drive(for_s=0.1, preset=preset).machine[0].ranges
    assert ranges is not None
    assert (ranges.incline_min, ranges.incline_max, ranges.incline_step) == (None, None, None)
    assert ranges.speed_max is not None


def test_a_walk_from_start_to_stop_is_heard_as_it_happens() -> None:
    heard = drive(*walking(500), (20, lambda heard: heard.send("stop")), for_s=30)
    assert [(answer.op, answer.result) for answer in heard.answers] == [
        ("request_control", 1),
        ("start", 1),
        ("set_speed", 1),
        ("stop", 1),
    ]
    assert [event.training for event in heard.machine if event.training] == [0x0E, 0x0D, 0x01]
    assert [(e.status, e.value) for e in heard.machine if e.status] == [(4, None), (5, 500), (2, 1)]
    assert Telemetry(Millis(15_000), Speed(500), Grade(0)) in heard.telemetry
    assert heard.speeds()[-1] == 0


def test_a_refused_frame_goes_nowhere_and_has_no_answer() -> None:
    frames = []

    def check(frame: bytes) -> str | None:
        frames.append(frame)
        return "no start today" if frame == b"\x07" else None

    said = []
    heard = drive(
        (1, lambda heard: said.append(heard.send("request_control"))),
        (2, lambda heard: said.append(heard.send("start"))),
        for_s=20,
        check=check,
    )
    assert said == [None, "no start today"]
    assert frames == [b"\x00", b"\x07"]
    assert [answer.op for answer in heard.answers] == ["request_control"]
    assert set(heard.speeds()) == {0}


def test_a_command_that_cannot_be_written_is_refused_not_raised() -> None:
    treadmill = DirectTreadmill(preset_named("ideal"), check=passes)
    why = treadmill.send(Command(1, "set_speed", -1, ()))
    assert why is not None
    assert why.startswith("The command can't be written: ")


def test_send_carries_nothing_out_itself() -> None:
    heard = drive(*walking(500), for_s=15)
    before = len(heard.events)
    heard.treadmill.send(Command(9, "stop", None, ()))
    assert len(heard.events) == before


@pytest.mark.parametrize("kind", KIND)
@pytest.mark.parametrize("where", ["link", "command", "answer", "telemetry", "incline"])
def test_every_accepted_command_gets_exactly_one_answer(where: str, kind: str) -> None:
    def press(heard: Heard) -> None:
        heard.send("request_control")
        heard.send("set_speed", 300)
        heard.send("set_incline", 20)
        heard.send("stop" if heard.commands % 5 == 0 else "start")

    heard = drive(
        *walking(500),
        *((15 + n * 1.7, press) for n in range(30)),
        for_s=80,
        faults=[fault(where, kind, 20, 30)],
    )
    assert len(heard.answers) == heard.commands == 123
    asked = ["request_control", "set_speed", "set_incline"]
    for op in asked:
        assert sum(answer.op == op for answer in heard.answers) in (30, 31)


@pytest.mark.parametrize("quirk", sorted(QUIRKS))
def test_every_command_is_answered_within_two_seconds_under_every_quirk(quirk: str) -> None:
    heard = drive(*walking(500), (20, lambda heard: heard.send("stop")), for_s=30, quirks=[quirk])
    sent_at = [500, 1000, 6000, 20_000]
    assert len(heard.answers) == 4
    for answer, at in zip(heard.answers, sent_at, strict=True):
        assert 0 < answer.t - at <= 2000
        assert (answer.result == "timeout") == (quirk == "control-silent")


@pytest.mark.parametrize(
    ("preset", "quirks", "result"),
    [
        ("ideal", (), "att_error"),
        ("ideal", ("command-only",), "timeout"),
        ("urevo-e1l", (), "timeout"),
    ],
)
def test_a_command_that_is_spoilt_on_the_way_is_an_error_only_where_writes_are_responded_to(
    preset: str, quirks: tuple[str, ...], result: str
) -> None:
    heard = drive(
        *walking(400),
        (25, lambda heard: heard.send("stop")),
        for_s=40,
        preset=preset,
        quirks=quirks,
        faults=[fault("link", "garbage", 24, 3)],
    )
    assert (heard.answers[-1].op, heard.answers[-1].result) == ("stop", result)
    assert heard.treadmill.measured_speed > 350


def test_a_write_to_a_dropped_link_is_an_att_error_a_moment_later() -> None:
    heard = drive(
        (5.3, lambda heard: heard.send("stop")), for_s=10, faults=[fault("link", "off", 2, 60)]
    )
    (answer,) = heard.answers
    assert (answer.t, answer.result) == (5320, "att_error")


def test_a_command_in_flight_when_the_link_drops_is_an_att_error_then() -> None:
    heard = drive(
        (1.99, lambda heard: heard.send("request_control")),
        for_s=10,
        faults=[fault("link", "off", 2, 60)],
    )
    (answer,) = heard.answers
    assert (answer.t, answer.result) == (2000, "att_error")


def test_a_link_that_is_down_at_the_start_comes_up_a_second_after_the_fault() -> None:
    heard = drive(for_s=20, faults=[fault("link", "off", 0, 5)])
    assert heard.links == [Link(Millis(6000), up=True, generation=1)]


def test_one_drop_right_after_another_makes_no_connection_in_between() -> None:
    heard = drive(for_s=20, faults=[fault("link", "off", 2, 3), fault("link", "off", 5.5, 3)])
    assert [(link.t, link.up) for link in heard.links] == [(0, True), (2000, False), (9500, True)]


def test_control_has_to_be_asked_for_again_after_a_drop() -> None:
    heard = drive(
        *walking(500),
        (25, lambda heard: heard.send("stop")),
        for_s=40,
        faults=[fault("link", "off", 20, 2)],
    )
    assert heard.answers[-1].result == 5
    assert heard.speeds()[-1] == 500


def test_console_key_and_walker_act_on_the_machine() -> None:
    heard = drive(
        (1, lambda heard: heard.treadmill.console(start=True)),
        (6, lambda heard: heard.treadmill.console(kmh=4.2)),
        (7, lambda heard: heard.treadmill.console(pct=2.0)),
        (20, lambda heard: heard.treadmill.walk_away()),
        (21, lambda heard: heard.treadmill.console(stop=True)),
        (30, lambda heard: heard.treadmill.console(start=True)),
        (40, lambda heard: heard.treadmill.safety_key()),
        for_s=50,
    )
    assert [event.status for event in heard.machine if event.status] == [4, 5, 6, 2, 4, 3]
    assert Telemetry(Millis(20_000), Speed(420), Grade(20)) in heard.telemetry
    assert heard.treadmill.walker_on is False
    assert heard.speeds()[-1] == 0


def test_measured_speed_is_the_belt_s_own_whatever_the_machine_shows() -> None:
    seen: list[tuple[int, int | None]] = []
    heard = drive(
        *walking(500),
        (30, lambda heard: heard.send("set_speed", 200)),
        (33, lambda heard: seen.append((heard.treadmill.measured_speed, heard.speeds()[-1]))),
        preset="citysports",
        for_s=34,
    )
    assert heard.answers[-1].result == 1
    ((belt, shown),) = seen
    assert shown == 200
    assert 390 < belt < 420


def test_the_machine_lives_on_while_nobody_runs_it() -> None:
    """The service dies at 15 s, without a stop, and another one runs the machine at 17 s."""
    treadmill = DirectTreadmill(preset_named("ideal"), check=passes)
    first: list[Event] = []
    second: list[Event] = []

    async def session() -> None:
        loop = asyncio.get_running_loop()

        def clock() -> Millis:
            return Millis(round(loop.time() * 1000))

        async def alive(feed: Callable[[Event], None], for_s: float) -> None:
            life = asyncio.create_task(treadmill.run(clock, feed))
            await asyncio.sleep(for_s)
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)

        loop.call_at(0.5, lambda: treadmill.console(start=True))
        loop.call_at(5, lambda: treadmill.console(kmh=5))
        await alive(first.append, 15)
        await asyncio.sleep(1)
        treadmill.console(stop=True)
        await asyncio.sleep(1)
        assert treadmill.measured_speed == 400
        await alive(second.append, 3)

    virtual_time.run(session())
    assert max(event.t for event in first) <= 15_000
    assert second[0] == Link(Millis(17_000), up=True, generation=2)
    assert [e.speed for e in second if isinstance(e, Telemetry)] == [300, 200, 100]


def test_what_the_feed_raises_ends_the_run() -> None:
    treadmill = DirectTreadmill(preset_named("ideal"), check=passes)

    def feed(event: Event) -> None:
        if isinstance(event, Telemetry):
            raise RuntimeError("the guard fell over")  # noqa: TRY004

    async def session() -> None:
        await treadmill.run(lambda: Millis(round(asyncio.get_running_loop().time() * 1000)), feed)

    with pytest.raises(RuntimeError, match="the guard fell over"):
        virtual_time.run(session())


def test_a_feed_may_send_from_inside_an_event() -> None:
    treadmill = DirectTreadmill(preset_named("ideal"), check=passes)
    events: list[Event] = []
    depth = 0

    def feed(event: Event) -> None:
        nonlocal depth
        depth += 1
        assert depth == 1
        events.append(event)
        if isinstance(event, Link):
            treadmill.send(Command(1, "request_control", None, ()))
        depth -= 1

    async def session() -> None:
        loop = asyncio.get_running_loop()
        life = asyncio.create_task(treadmill.run(lambda: Millis(round(loop.time() * 1000)), feed))
        await asyncio.sleep(2)
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)

    virtual_time.run(session())
    assert any(getattr(event, "op", None) == "request_control" for event in events)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_same_seed_hears_the_same_events(preset: str) -> None:
    def session(seed: int) -> list[Event]:
        faults = [
            fault("link", "intermittent", 30, 60),
            fault("telemetry", "garbage", 100, 10),
            fault("command", "intermittent", 100, 60),
        ]
        presses = (
            (95 + 3.0 * n, lambda heard, n=n: heard.send("set_speed", 200 + 10 * n))
            for n in range(20)
        )
        return drive(
            *walking(500), *presses, for_s=170, preset=preset, faults=faults, seed=seed
        ).events

    assert session(11) == session(11)
    assert session(11) != session(12)


def test_a_held_back_notification_is_not_overtaken_by_a_newer_one() -> None:
    heard = drive(
        *walking(500),
        (24.5, lambda heard: heard.send("set_speed", 100)),
        for_s=40,
        faults=[fault("link", "delayed", 20, 10)],
    )
    speeds = [speed for speed in heard.speeds(20) if speed is not None]
    assert speeds == sorted(speeds, reverse=True)
    assert len(set(speeds)) > 4


def test_a_held_back_command_is_not_overtaken_by_a_newer_one() -> None:
    heard = drive(
        *walking(500),
        (29.5, lambda heard: heard.send("set_speed", 400)),
        (30.5, lambda heard: heard.send("set_speed", 300)),
        for_s=50,
        faults=[fault("link", "delayed", 20, 10)],
    )
    assert heard.speeds()[-1] == 300


def test_what_was_held_back_when_the_link_dropped_is_lost_both_ways() -> None:
    heard = drive(
        *walking(500),
        (21.9, lambda heard: heard.send("stop")),
        for_s=40,
        preset="citysports",  # which needs no Request Control after the reconnect
        faults=[fault("link", "delayed", 20, 2), fault("link", "off", 22, 0.5)],
    )
    assert [link.t for link in heard.links] == [0, 22_000, 23_500]
    assert heard.speeds()[-1] == 500
    between = [event.t for event in heard.telemetry if 20_000 < event.t < 25_000]
    gaps = {after - before for before, after in pairwise(between)}
    assert gaps == {190}  # no late record among the fresh ones


def test_one_reconnect_follows_a_drop_however_many_faults_end_meanwhile() -> None:
    heard = drive(for_s=20, faults=[fault("link", "off", 2, 3), fault("link", "slow", 5.5, 3)])
    assert [link.generation for link in heard.links] == [1, 1, 2]
