"""The client against the real API: what is answered, what is refused, and what is no answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
import pytest_asyncio
from tests.session.line import TOKEN
from tests.session.rig import Rig, no_machine

from treadguard.dashboard.client import BACK_LINES, Address, NoAnswer, ServiceClient
from treadguard.session.api import Api


class Served:
    """A service, and a client that finds it where `address` says."""

    def __init__(self, rig: Rig, address: Address) -> None:
        self.rig = rig
        self.address: Address | None = address
        self.found = 0
        self.client = ServiceClient(self._find)

    def _find(self) -> Address | None:
        self.found += 1
        return self.address

    async def read(self, session: str | None, since: int, count: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        lines = self.client.lines(session, since)
        async with aclosing(lines):  # type: ignore[type-var]
            async for line in lines:
                found.append(line)
                if len(found) == count:
                    break
        return found


@pytest_asyncio.fixture
async def served() -> AsyncIterator[Served]:
    rig = Rig(make=no_machine)
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    api = Api(rig.service, TOKEN, listening.set_result)
    session = asyncio.create_task(rig.service.run({"api": api.run}))
    made = Served(rig, Address("sim", await listening, TOKEN))
    yield made
    await made.client.close()
    rig.service.stop("the test is over")
    assert await session == 0


async def test_the_state_is_the_services_own(served: Served) -> None:
    state = await served.client.state()
    assert state["phase"] == "OFF"
    assert served.found == 1


async def test_a_press_answers_with_its_line_and_with_what_was_said(served: Served) -> None:
    rated = await served.client.post("/v1/pain", {"level": 3}, 1.0)
    assert (rated.refused, rated.say) == (None, ())
    assert served.rig.of("pain", level=3)[0]["seq"] == rated.seq
    asked = await served.client.post("/v1/operator", {"do": "speed", "value": 5.0}, 1.0)
    assert "isn't running" in asked.say[0]


async def test_a_refusal_is_its_sentence(served: Served) -> None:
    reply = await served.client.post("/v1/pain", {"level": 11}, 1.0)
    assert (reply.seq, reply.status) == (None, 400)
    assert reply.refused is not None
    assert reply.refused.endswith(".")


async def test_the_stream_begins_with_the_header_and_what_was_missed(served: Served) -> None:
    for level in (1, 2, 3):
        await served.client.post("/v1/pain", {"level": level}, 1.0)
    first = await served.read(None, 0, 4)
    assert first[0]["session"] == "test"
    last = first[-1]["seq"]
    await served.client.post("/v1/ease", {}, 1.0)
    again = await served.read("test", last, 2)
    assert again[0]["kind"] == "header"
    assert again[1]["seq"] == last + 1


async def test_of_a_long_session_only_the_end_is_fetched(served: Served) -> None:
    for level in range(BACK_LINES + 10):
        served.rig.service.pain(level % 2, "test")
    seq = (await served.client.state())["seq"]
    assert (await served.read("another", 7, 2))[1]["seq"] == seq - BACK_LINES + 1


async def test_the_stream_ends_with_the_session(served: Served) -> None:
    kinds: list[str] = []
    async with asyncio.timeout(5.0):
        async for line in served.client.lines(None, 0):
            kinds.append(line["kind"])
            if line["kind"] == "tick":
                served.rig.service.stop("it is over")
    assert kinds[-1] == "end"


async def test_nobody_there_is_no_answer_and_is_looked_for_again(served: Served) -> None:
    there, served.address = served.address, None
    with pytest.raises(NoAnswer, match="isn't running"):
        await served.client.state()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        served.address = Address("sim", nobody.getsockname()[1], TOKEN)
        with pytest.raises(NoAnswer, match="can't be reached"):
            await served.client.post("/v1/stop", {}, 1.0)
        with pytest.raises(NoAnswer):
            await served.read(None, 0, 1)
    served.address = there
    assert (await served.client.state())["phase"] == "OFF"


async def test_one_who_never_answers_is_given_up_in_time(served: Served) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        served.address = Address("sim", deaf.getsockname()[1], TOKEN)
        with pytest.raises(NoAnswer, match=r"no answer within 0\.05 s"):
            await served.client.post("/v1/stop", {}, 0.05)


async def test_a_token_of_a_former_service_is_read_again(served: Served) -> None:
    there = served.address
    assert there is not None
    served.address = Address("sim", there.port, "old")
    reply = await served.client.post("/v1/stop", {}, 1.0)
    assert reply.status == 401
    with pytest.raises(NoAnswer, match="token"):
        await served.client.state()
    served.address = there
    assert (await served.client.post("/v1/stop", {}, 1.0)).refused is None
