"""Writes that are refused, fail or hang, and links that close: one result each, and a Stop out."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from bleak.exc import BleakDBusError, BleakError
from tests.treadmill.held_link import (
    BLUEZ_WAITS_S,
    BOTH,
    CODES,
    COMMAND,
    FINE,
    HANGS,
    REQUEST,
    SILENT,
    Does,
    Link,
    Props,
    att,
    by,
    on_air,
    one_after_another,
)

from treadguard.ftms.control_point import frame_of
from treadguard.guard.events import Command, Op


def test_a_stop_that_meets_another_procedure_is_written_again_until_it_is_taken() -> None:
    async def test() -> None:
        busy = Does(after_s=0.02, error=att(0xFE))
        link = Link(does=one_after_another(busy, busy, busy, FINE))
        link.put("stop")
        await asyncio.sleep(2)
        assert len(link.stops()) == 4
        assert link.results("stop") == [1]
        assert link.written[-1].at < 1

    on_air(test)


def test_a_stop_on_a_machine_that_is_always_busy_ends_with_one_result() -> None:
    async def test() -> None:
        link = Link(does=lambda _: Does(after_s=0.02, error=att(0xFE)))
        link.put("stop")
        await asyncio.sleep(10)
        assert len(link.results("stop")) == 1
        assert link.results("stop")[0] in ("att_error", "timeout")
        before = len(link.written)
        await asyncio.sleep(60)
        assert len(link.written) == before

    on_air(test)


@pytest.mark.parametrize("code", [0xFD, 0x03, 0x80])
def test_a_stop_that_one_write_type_refuses_is_tried_by_the_other(code: int) -> None:
    async def test() -> None:
        link = Link(does=lambda one: Does(error=att(code)) if one.request else FINE)
        link.put("stop")
        await asyncio.sleep(1)
        assert [one.request for one in link.stops()] == [True, False]
        assert link.results("stop") == [1]

    on_air(test)


@pytest.mark.parametrize("properties", [BOTH, REQUEST, COMMAND])
@pytest.mark.parametrize("attempt", [1, 2])
def test_a_stop_that_the_platform_refuses_by_one_type_is_tried_by_the_other(
    properties: Props, attempt: int
) -> None:
    async def test() -> None:
        unsupported = BleakDBusError("org.bluez.Error.NotSupported", [])
        link = Link(properties, one_after_another(Does(error=unsupported), FINE))
        link.put("stop", attempt=attempt)
        await asyncio.sleep(5)
        assert {one.request for one in link.stops()} == {True, False}
        assert link.results("stop") == [1]

    on_air(test)


@pytest.mark.parametrize(
    "does",
    [
        [Does(after_s=0.15, error=att(0xFE))],
        [Does(after_s=0.6, error=att(0x03)), Does(after_s=0.6, indicates_s=0.65)],
    ],
)
def test_a_stop_whose_writes_are_each_answered_in_time_is_no_hang(does: list[Does]) -> None:
    async def test() -> None:
        link = Link(does=one_after_another(*does))
        link.put("stop")
        await asyncio.sleep(10)
        assert link.stuck_at == []
        assert len(link.results("stop")) == 1

    on_air(test)


def test_a_stop_that_both_write_types_refuse_is_an_att_error_once() -> None:
    async def test() -> None:
        link = Link(does=lambda _: Does(error=att(0xFD)))
        link.put("stop")
        await asyncio.sleep(60)
        assert {one.request for one in link.stops()} == {True, False}
        assert link.results("stop") == ["att_error"]
        assert link.stuck_at == []

    on_air(test)


@pytest.mark.parametrize("properties", [BOTH, REQUEST, COMMAND])
@pytest.mark.parametrize(
    "error",
    [
        att(0xFE),
        att(0xFD),
        att(0x03),
        BleakError("not connected"),
        AssertionError(),
        OSError("broken"),
        EOFError(),
        TimeoutError(),
    ],
    ids=repr,
)
@pytest.mark.parametrize("op", list(CODES))
def test_a_write_that_fails_is_an_att_error_and_the_next_command_goes_on(
    error: BaseException, op: Op, properties: Props
) -> None:
    async def test() -> None:
        then = frame_of(Command(0, "set_speed", 150, ()))
        link = Link(properties, lambda one: FINE if one.frame == then else Does(0, error))
        link.put(op, 300 if op.startswith("set_") else None)
        await asyncio.sleep(5)
        assert link.results(op) == ["att_error"]
        link.put("set_speed", 150)
        await asyncio.sleep(5)
        assert link.results("set_speed")[-1] == 1
        assert link.complaints == []

    on_air(test)


@pytest.mark.parametrize(
    ("properties", "last_tries"),
    [(BOTH, 1), (REQUEST, 0), (COMMAND, 0)],
    ids=["both", "request", "command"],
)
def test_a_stop_behind_a_hung_write_tries_the_write_command_and_then_drops_the_link(
    properties: Props, last_tries: int
) -> None:
    async def test() -> None:
        link = Link(properties, lambda _: HANGS)
        link.put("set_speed", 500)
        await asyncio.sleep(0.3)
        link.put("stop")
        await asyncio.sleep(0)
        assert [one.at for one in link.stops()] == [0.3]
        await asyncio.sleep(0.44)
        assert len(link.stops()) == 1
        assert link.stuck_at == []
        await asyncio.sleep(0.02)
        late = link.stops()[1:]
        assert [(round(one.at, 3), one.request) for one in late] == [(0.75, False)] * last_tries
        await asyncio.sleep(0.74)
        # The deadline holds with the last try and without it: the alarm comes with the link.
        assert [round(at, 3) for at in link.stuck_at] == [1.0]
        await asyncio.sleep(90)
        assert len(link.stuck_at) == 1
        assert len(link.results("stop")) == 1
        assert link.results("stop") != [1]
        assert link.complaints == []

    on_air(test)


def test_a_hung_stop_alone_drops_the_link_as_well() -> None:
    async def test() -> None:
        link = Link(does=lambda one: HANGS if one.request else SILENT)
        link.put("stop")
        await asyncio.sleep(1.3)
        assert [(one.at, one.request) for one in link.stops()] == [(0, True), (0.75, False)]
        assert len(link.stuck_at) == 1

    on_air(test)


def test_a_hung_write_without_a_stop_keeps_the_link() -> None:
    async def test() -> None:
        link = Link(does=by(set_speed=HANGS))
        link.put("set_speed", 500)
        await asyncio.sleep(0.5)
        link.put("set_incline", 10)
        await asyncio.sleep(90)
        assert link.stuck_at == []
        assert len(link.results("set_speed")) == 1
        assert len(link.results("set_incline")) == 1

    on_air(test)


def test_a_stop_onto_a_link_that_hangs_already_gives_up_at_once() -> None:
    async def test() -> None:
        link = Link(does=lambda one: HANGS if one.request else SILENT)
        link.put("set_speed", 500)
        await asyncio.sleep(5)
        assert link.stuck_at == []
        link.put("stop")
        await asyncio.sleep(0.26)
        assert (5.0, False) in [(one.at, one.request) for one in link.stops()]
        assert len(link.stuck_at) == 1
        await asyncio.sleep(60)
        assert len(link.stuck_at) == 1
        assert len(link.results("stop")) == 1

    on_air(test)


def test_a_link_that_was_given_up_is_given_up_once_for_any_number_of_stops() -> None:
    async def test() -> None:
        link = Link(does=lambda _: HANGS)
        link.put("set_speed", 500)
        for attempt in (1, 2, 3):
            link.put("stop", attempt=attempt)
            await asyncio.sleep(2)
        link.commands.close()
        await asyncio.sleep(60)
        assert len(link.stuck_at) == 1
        assert len(link.results("stop")) == 3

    on_air(test)


def test_a_stop_that_the_machine_answers_in_the_last_try_is_no_timeout() -> None:
    async def test() -> None:
        link = Link(does=lambda one: HANGS if one.request else FINE)
        link.put("stop")
        await asyncio.sleep(60)
        assert link.results("stop") == [1]

    on_air(test)


def test_dropping_the_link_from_within_the_alarm_leaves_one_result_each() -> None:
    async def test() -> None:
        link = Link(does=lambda _: HANGS)
        link.on_stuck = link.commands.close
        link.put("set_speed", 500)
        link.put("set_incline", 20)
        link.put("stop")
        await asyncio.sleep(60)
        assert len(link.stuck_at) == 1
        assert Counter(op for _, op, _ in link.answers) == dict.fromkeys(
            ("set_speed", "set_incline", "stop"), 1
        )
        assert link.complaints == []

    on_air(test)


def test_an_answer_stands_though_the_write_fails_after_it() -> None:
    async def test() -> None:
        link = Link(does=lambda _: Does(0.3, BleakError("gone"), 0.1))
        link.put("stop")
        await asyncio.sleep(60)
        assert link.results("stop") == [1]

    on_air(test)


@pytest.mark.parametrize("others", [SILENT, HANGS, Does(0.05, att(0xFE)), Does(after_s=0.7)])
def test_after_close_all_have_their_result_and_nothing_more_is_written(others: Does) -> None:
    async def test() -> None:
        link = Link(does=lambda _: others)
        link.put("start")
        link.put("stop")
        link.put("set_speed", 100)
        link.put("set_incline", 10)
        await asyncio.sleep(0.06)
        link.commands.close()
        await asyncio.sleep(0)
        assert Counter(op for _, op, _ in link.answers) == dict.fromkeys(
            ("start", "stop", "set_speed", "set_incline"), 1
        )
        before = len(link.written)
        link.put("stop")
        await asyncio.sleep(90)
        assert len(link.written) == before
        link.commands.close()
        assert len(link.results("stop")) == 2
        assert link.stuck_at == []
        assert link.complaints == []

    on_air(test)


def test_a_write_that_was_to_begin_when_the_link_closed_does_not_begin() -> None:
    async def test() -> None:
        link = Link()
        link.put("set_speed", 100)
        link.commands.close()
        await asyncio.sleep(1)
        assert link.written == []
        assert len(link.answers) == 1

    on_air(test)


def test_a_stop_asked_for_while_the_link_closes_has_its_result_too() -> None:
    async def test() -> None:
        link = Link(does=lambda _: SILENT)
        more = iter((1, 2))

        def then(_: Op) -> None:
            for attempt in more:
                link.put("stop", attempt=attempt)
                break

        link.on_answer = then
        link.put("start")
        link.put("set_speed", 100)
        await asyncio.sleep(0.1)
        link.commands.close()
        await asyncio.sleep(5)
        assert len(link.results("stop")) == 2
        assert len(link.frames) == 1

    on_air(test)


@pytest.mark.parametrize("code", [0x0E, 0xFE])
def test_a_stop_that_the_machine_has_answered_is_not_written_again(code: int) -> None:
    # Some machines start at a second Stop.
    async def test() -> None:
        link = Link(does=one_after_another(Does(0.3, att(code), 0.1), FINE))
        link.put("stop")
        await asyncio.sleep(60)
        assert link.results("stop") == [1]
        assert len(link.stops()) == 1

    on_air(test)


@pytest.mark.parametrize("behind", [False, True], ids=["alone", "behind a hung speed"])
def test_the_link_is_kept_for_a_stop_that_the_machine_has_answered(behind: bool) -> None:
    """Its write may be over 30 s later: the belt has heard it, and the link is needed."""

    async def test() -> None:
        heard = Does(BLUEZ_WAITS_S, att(0x0E), indicates_s=0.05)
        link = Link(does=by(set_speed=HANGS, stop=heard))
        if behind:
            link.put("set_speed", 500)
            await asyncio.sleep(0.3)
        link.put("stop")
        await asyncio.sleep(60)
        assert link.results("stop") == [1]
        assert link.stuck_at == []
        assert len(link.stops()) == 1

    on_air(test)


def test_a_stop_whose_last_write_hangs_drops_the_link_though_its_time_is_over() -> None:
    async def test() -> None:
        busy = Does(0.6, att(0xFE))
        link = Link(does=one_after_another(busy, busy, HANGS))
        link.put("stop")
        await asyncio.sleep(20)
        assert len(link.stuck_at) == 1

    on_air(test)


def test_a_stop_that_timed_out_is_not_written_again_half_a_minute_later() -> None:
    async def test() -> None:
        link = Link(does=one_after_another(HANGS, HANGS, FINE))
        link.put("stop")
        await asyncio.sleep(60)
        assert all(one.at < 2 for one in link.stops())

    on_air(test)
