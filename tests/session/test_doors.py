"""Who stands at the API's door: silent strangers, broken requests, and those who read for long."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from tests.session.line import HEADERS, Line, refused

from treadguard.session import doors
from treadguard.session.api import TURN_LINES, send_all
from treadguard.session.doors import OPEN_MAX, SILENT_S


async def test_silent_connections_keep_no_press_from_being_heard(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "OPEN_MAX", 8)
    monkeypatch.setattr(doors, "SILENT_S", 60.0)
    held = [await asyncio.open_connection("127.0.0.1", line.port) for _ in range(30)]
    status, _ = await line.post("/v1/stop")
    assert status == 200
    for reader, _ in held[:20]:
        assert await asyncio.wait_for(reader.read(1), 5) == b""
    for _, writer in held:
        writer.close()


async def test_a_connection_that_says_nothing_is_closed(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "SILENT_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    assert await asyncio.wait_for(reader.read(1), 5) == b""
    writer.close()


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /v1/state HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\n",
        b"POST /v1/stop HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_no_request_says_nothing_on_the_terminal(
    line: Line, request_: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    writer.write(request_)
    await asyncio.wait_for(reader.read(100), 5)
    writer.close()
    assert caplog.records == []


async def test_a_body_that_cannot_be_unpacked_is_refused_without_an_alarm(line: Line) -> None:
    headers = {**HEADERS, "Content-Encoding": "gzip"}
    await refused(line, 400, await line.post("/v1/ease", raw=b"notgzip", headers=headers))
    assert not [one for one in line.rig.lines if one["kind"] == "alarm"]


class Swift:
    """A client that takes whatever it is sent without a moment's wait."""

    def __init__(self) -> None:
        self.taken = 0

    async def send_str(self, _: str) -> None:
        self.taken += 1


async def test_a_long_backlog_leaves_the_loop_its_turns() -> None:
    lines = iter([b"{}"] * 1_000)
    client, turns = Swift(), 0

    async def next_line() -> bytes | None:
        return next(lines, None)

    sending = asyncio.create_task(send_all(client, next_line))  # type: ignore[arg-type]
    while not sending.done():
        await asyncio.sleep(0)
        turns += 1
    assert client.taken == 1_000
    assert turns >= 1_000 // TURN_LINES


async def ease(line: Line) -> int:
    """A press on a connection of its own, as the commands make it."""
    async with (
        aiohttp.ClientSession(headers=HEADERS) as http,
        http.post(line.url("/v1/ease")) as answer,
    ):
        return answer.status


async def test_who_comes_at_the_same_moment_is_heard(line: Line) -> None:
    """Each of them has connected before the first of them has a transport."""
    begin = asyncio.Event()

    async def press() -> int:
        await begin.wait()
        return await ease(line)

    presses = [asyncio.create_task(press()) for _ in range(20)]
    begin.set()
    async with asyncio.timeout(SILENT_S - 0.5):
        assert await asyncio.gather(*presses) == [200] * 20
    assert len(line.rig.of("operator", do="ease")) == 20


async def test_more_than_there_are_doors_in_one_moment_leaves_none_hanging(line: Line) -> None:
    async def press() -> int | None:
        try:
            return await ease(line)
        except aiohttp.ClientError:
            return None

    presses = [asyncio.create_task(press()) for _ in range(2 * OPEN_MAX)]
    async with asyncio.timeout(SILENT_S + 5):
        ended = await asyncio.gather(*presses)
    assert ended.count(200) >= OPEN_MAX
    assert len(line.rig.of("operator", do="ease")) >= ended.count(200)
