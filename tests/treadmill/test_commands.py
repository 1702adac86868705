"""What is written to a control point when, by which type, and what each command gets."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.treadmill.held_link import (
    BOTH,
    CODES,
    COMMAND,
    FINE,
    HANGS,
    REQUEST,
    SILENT,
    STOP,
    Does,
    Link,
    Props,
    by,
    ok,
    on_air,
)

from treadguard.guard.events import Op
from treadguard.treadmill.commands import OTHER_TYPE_S


def test_a_command_is_written_at_once_and_gets_what_the_machine_says() -> None:
    async def test() -> None:
        link = Link(does=by(start=SILENT))
        frame = link.put("start")
        await asyncio.sleep(0)
        assert link.frames == [frame]
        await asyncio.sleep(0.4)
        assert link.answers == []
        link.commands.answered(ok("start", 5))
        assert link.answers == [(0.4, "start", 5)]
        await asyncio.sleep(60)
        assert len(link.answers) == 1

    on_air(test)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("op", list(CODES))
def test_a_result_never_comes_within_put(op: Op, closed: bool) -> None:
    async def test() -> None:
        link = Link()
        if closed:
            link.commands.close()
        link.put(op, 300 if op.startswith("set_") else None)
        assert link.answers == []
        await asyncio.sleep(5)
        assert len(link.answers) == 1

    on_air(test)


@pytest.mark.parametrize("others", [SILENT, HANGS, FINE, Does(after_s=0.9)])
@pytest.mark.parametrize("properties", [BOTH, REQUEST, COMMAND])
def test_a_stop_is_written_in_the_same_turn_whatever_is_in_flight(
    others: Does, properties: Props
) -> None:
    async def test() -> None:
        link = Link(properties, by(request_control=others, set_speed=others, start=others))
        link.put("request_control")
        link.put("set_speed", 500)
        link.put("start")
        await asyncio.sleep(0.5)
        before = len(link.written)
        link.put("stop")
        await asyncio.sleep(0)
        assert link.frames[before:] == [STOP]
        assert link.written[-1].at == 0.5

    on_air(test)


def test_a_stop_in_the_same_turn_as_another_command_is_written_in_that_turn() -> None:
    async def test() -> None:
        link = Link(does=by(set_speed=SILENT))
        link.put("set_speed", 500)
        link.put("stop")
        await asyncio.sleep(0)
        assert STOP in link.frames

    on_air(test)


def test_a_second_stop_waits_for_the_first_no_more_than_for_anything_else() -> None:
    async def test() -> None:
        link = Link(does=by(stop=Does(after_s=0.8)))
        link.put("stop")
        await asyncio.sleep(0.5)
        link.put("stop", attempt=2)
        await asyncio.sleep(0)
        assert [one.at for one in link.stops()] == [0, 0.5]
        await asyncio.sleep(60)
        assert len(link.results("stop")) == 2

    on_air(test)


def test_request_control_that_is_never_answered_holds_up_no_stop() -> None:
    async def test() -> None:
        link = Link(does=by(request_control=SILENT))
        link.put("request_control")
        await asyncio.sleep(0.2)
        link.put("stop")
        await asyncio.sleep(0.1)
        assert link.answers == [(0.25, "stop", 1)]

    on_air(test)


def test_what_was_asked_before_a_stop_is_never_written_after_it() -> None:
    async def test() -> None:
        link = Link(does=by(request_control=SILENT))
        link.put("request_control")
        await asyncio.sleep(0.1)
        link.put("set_speed", 500)
        link.put("set_incline", 20)
        link.put("start")
        link.put("stop")
        await asyncio.sleep(60)
        assert link.frames == [b"\x00", STOP]
        assert Counter(op for _, op, _ in link.answers) == dict.fromkeys(CODES, 1)

    on_air(test)


def test_what_is_asked_after_a_stop_is_written_once_the_stop_is_answered() -> None:
    async def test() -> None:
        link = Link(does=by(stop=Does(indicates_s=0.3)))
        link.put("stop")
        await asyncio.sleep(0.1)
        frame = link.put("set_incline", 0)
        await asyncio.sleep(0.1)
        assert link.frames == [STOP]
        await asyncio.sleep(0.2)
        assert link.frames == [STOP, frame]

    on_air(test)


def test_of_those_that_wait_the_newest_of_a_kind_is_written() -> None:
    async def test() -> None:
        link = Link(does=by(set_speed=Does(indicates_s=0.3)))
        first = link.put("set_speed", 600)
        await asyncio.sleep(0.1)
        link.put("set_speed", 590)
        link.put("set_speed", 580)
        grade = link.put("set_incline", 10)
        newest = link.put("set_speed", 570)
        await asyncio.sleep(60)
        assert sorted(link.frames) == sorted([first, newest, grade])
        assert link.frames[0] == first
        assert len(link.results("set_speed")) == 4
        assert link.results("set_speed").count(1) == 2

    on_air(test)


def test_one_command_is_in_flight_until_the_machine_has_answered() -> None:
    async def test() -> None:
        link = Link(does=by(set_speed=Does(indicates_s=0.3)))
        link.put("set_speed", 600)
        frame = link.put("set_incline", 10)
        await asyncio.sleep(0.29)
        assert frame not in link.frames
        await asyncio.sleep(0.02)
        assert link.frames[-1] == frame

    on_air(test)


@pytest.mark.parametrize(
    ("properties", "request_first"), [(BOTH, True), (REQUEST, True), (COMMAND, False)]
)
def test_the_declared_write_type_is_used(properties: Props, request_first: bool) -> None:
    async def test() -> None:
        link = Link(properties)
        for op in CODES:
            link.put(op, 300 if op.startswith("set_") else None)
            await asyncio.sleep(3)
        assert [one.request for one in link.written] == [request_first] * 5

    on_air(test)


@pytest.mark.parametrize("properties", [BOTH, REQUEST, COMMAND])
def test_a_repeated_stop_goes_out_by_the_other_write_type_too(properties: Props) -> None:
    async def test() -> None:
        link = Link(properties)
        link.put("stop")
        await asyncio.sleep(5)
        link.put("stop", attempt=2)
        await asyncio.sleep(5)
        first, second, third = link.stops()
        assert first.request == second.request, "the declared one can't be left out"
        assert third.request != second.request
        assert round(third.at - second.at, 3) == OTHER_TYPE_S

    on_air(test)


def test_a_machine_that_never_answers_gets_the_next_command_after_a_second() -> None:
    async def test() -> None:
        link = Link(does=lambda _: SILENT)
        for op in ("request_control", "start"):
            link.put(op)
        frame = link.put("set_speed", 100)
        await asyncio.sleep(2.5)
        assert [round(one.at, 3) for one in link.written] == [0, 1, 2]
        assert link.frames[-1] == frame
        await asyncio.sleep(10)
        assert [result for _, _, result in link.answers] == ["timeout"] * 3

    on_air(test)


def test_an_answer_after_1_43_s_still_counts_and_the_next_command_keeps_its_own() -> None:
    async def test() -> None:
        link = Link(does=by(set_speed=Does(indicates_s=1.43), set_incline=Does(indicates_s=0.9)))
        link.put("set_speed", 100)
        link.put("set_incline", 10)
        await asyncio.sleep(10)
        assert link.answers == [(1.43, "set_speed", 1), (1.9, "set_incline", 1)]
        assert link.commands.strays == 0

    on_air(test)


def test_an_answer_before_the_write_has_ended_counts() -> None:
    async def test() -> None:
        link = Link(does=lambda _: Does(after_s=0.3, indicates_s=0.1))
        link.put("start")
        frame = link.put("set_speed", 100)
        await asyncio.sleep(0.2)
        assert link.answers == [(0.1, "start", 1)]
        assert frame not in link.frames
        await asyncio.sleep(0.11)
        assert link.frames[-1] == frame
        await asyncio.sleep(60)
        assert link.results("start") == [1]

    on_air(test)


def test_doubled_and_stray_answers_are_counted_and_answer_nothing() -> None:
    async def test() -> None:
        link = Link(does=lambda _: SILENT)
        link.commands.answered(ok("set_speed"))
        assert link.commands.strays == 1
        link.put("set_speed", 100)
        await asyncio.sleep(0.1)
        link.commands.answered(ok("start"))
        assert link.answers == []
        for _ in range(4):
            link.commands.answered(ok("set_speed"))
        assert link.answers == [(0.1, "set_speed", 1)]
        assert link.commands.strays == 5
        await asyncio.sleep(60)
        assert len(link.answers) == 1

    on_air(test)


def test_an_answer_is_not_given_to_a_command_that_waits_unwritten() -> None:
    async def test() -> None:
        link = Link(does=lambda _: SILENT)
        link.put("start")
        await asyncio.sleep(0.1)
        link.put("set_speed", 100)
        link.commands.answered(ok("set_speed"))
        assert link.answers == []
        assert link.commands.strays == 1

    on_air(test)


@given(st.binary(max_size=8))
def test_bytes_that_are_no_answer_do_no_harm(data: bytes) -> None:
    async def test() -> None:
        link = Link(does=lambda _: SILENT)
        link.put("start")
        await asyncio.sleep(0.1)
        link.commands.answered(data)
        whole = data[:2] == b"\x80\x07" and len(data) >= 3
        assert len(link.answers) == whole
        await asyncio.sleep(10)
        assert len(link.answers) == 1

    on_air(test)


def test_a_result_may_ask_for_the_next_command() -> None:
    async def test() -> None:
        link = Link()
        wanted = iter((500, 490, 480))

        def then(_: Op) -> None:
            for speed in wanted:
                link.put("set_speed", speed)
                break

        link.on_answer = then
        link.within_put = False
        link.put("request_control")
        await asyncio.sleep(5)
        assert len(link.frames) == 4
        assert link.results("set_speed") == [1, 1, 1]

    on_air(test)


@pytest.mark.parametrize("properties", [BOTH, REQUEST])
def test_a_link_that_hangs_is_given_up_in_time_at_any_moment(properties: Props) -> None:
    """Rounding once let a hang of 0.75 s look shorter, and nobody looked again."""

    async def test(at_ms: int) -> None:
        link = Link(properties, by(stop=HANGS))
        await asyncio.sleep(at_ms / 1000)
        link.put("stop")
        await asyncio.sleep(1.01)
        assert len(link.stuck_at) == 1, at_ms

    for at_ms in range(31_600, 31_700):
        on_air(partial(test, at_ms))


def test_a_stop_by_write_command_is_written_again_when_the_procedure_before_it_is_over() -> None:
    async def test() -> None:
        # The machine drops what meets another procedure, and a command tells nobody so.
        link = Link(COMMAND, by(request_control=Does(indicates_s=0.29), stop=SILENT))
        link.put("request_control")
        link.put("stop")
        await asyncio.sleep(0.38)
        assert len(link.stops()) == 1
        await asyncio.sleep(0.02)
        assert len(link.stops()) == 2
        await asyncio.sleep(60)
        assert len(link.stops()) == 2
        assert link.results("stop") == ["timeout"]

    on_air(test)


@pytest.mark.parametrize(
    ("properties", "answers_s"), [(COMMAND, 0.35), (COMMAND, 0.05), (REQUEST, 3), (BOTH, 3)]
)
def test_a_stop_that_got_through_is_not_written_again(properties: Props, answers_s: float) -> None:
    async def test() -> None:
        before, stop = Does(indicates_s=0.29), Does(indicates_s=answers_s)
        link = Link(properties, by(request_control=before, stop=stop))
        link.put("request_control")
        link.put("stop")
        await asyncio.sleep(60)
        assert len(link.stops()) == 1

    on_air(test)


@pytest.mark.parametrize("stands", [False, True])
def test_a_belt_that_shows_zero_gets_no_stop_that_the_gate_hasnt_seen(stands: bool) -> None:
    """H10: it may be one that a Stop starts."""

    async def test() -> None:
        dropped = Link(COMMAND, by(request_control=Does(indicates_s=0.29), stop=SILENT))
        dropped.put("request_control")
        dropped.put("stop")
        deaf = Link(BOTH, by(stop=SILENT))
        deaf.put("stop", attempt=2)
        dropped.stands = deaf.stands = stands
        await asyncio.sleep(60)
        sent = 1 if stands else 2
        assert (len(dropped.stops()), len(deaf.stops())) == (sent, sent)

    on_air(test)
