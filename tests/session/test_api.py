"""The API over a real socket: who may talk, what a body may say, and what is streamed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from tests.session.rig import Rig, no_machine

from treadguard.guard.events import Tick
from treadguard.session import doors, stream
from treadguard.session.api import TURN_LINES, Api, send_all
from treadguard.session.service import Service

TOKEN = "made-up-token"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


STATE = """phase mode speed_kmh incline_pct age_ms wanted allowed command why release
consent_needed break link seq"""


class Line:
    """A running service and a client on the loopback."""

    def __init__(self, rig: Rig, port: int, http: aiohttp.ClientSession) -> None:
        self.rig = rig
        self.port = port
        self.http = http

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def post(
        self,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] = HEADERS,
    ) -> tuple[int, Any]:
        data = raw if raw is not None else b"" if body is None else msgspec.json.encode(body)
        async with self.http.post(self.url(path), data=data, headers=headers) as answer:
            return answer.status, msgspec.json.decode(await answer.read())

    async def get(self, path: str, *, headers: Mapping[str, str] = HEADERS) -> tuple[int, Any]:
        async with self.http.get(self.url(path), headers=headers) as answer:
            return answer.status, msgspec.json.decode(await answer.read())

    def stepped(self) -> list[dict[str, Any]]:
        """What the guard has heard so far, but for time."""
        return [line for line in self.rig.lines[1:] if line["kind"] != "tick"]


@pytest_asyncio.fixture
async def line() -> AsyncIterator[Line]:
    rig = Rig(make=no_machine)
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    api = Api(rig.service, TOKEN, listening.set_result)
    session = asyncio.create_task(rig.service.run({"api": api.run}))
    async with aiohttp.ClientSession() as http:
        yield Line(rig, await listening, http)
    rig.service.stop("the test is over")
    assert await session == 0


async def refused(line: Line, status: int, answer: tuple[int, Any]) -> str:
    got, body = answer
    assert got == status, body
    assert list(body) == ["error"]
    sentence: str = body["error"]
    assert sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert line.stepped() == []
    return sentence


# ---------------------------------------------------------------- what is taken


@pytest.mark.parametrize(
    ("path", "body", "kind", "holds"),
    [
        ("/v1/pain", {"level": 6}, "pain", {"level": 6, "role": "local", "source": "api"}),
        ("/v1/pain", {"level": 0}, "pain", {"level": 0}),
        ("/v1/button", None, "pain", {"level": None}),
        ("/v1/button", {}, "pain", {"level": None}),
        ("/v1/symptom", {"what": "faint"}, "symptom", {"what": "faint", "role": "local"}),
        ("/v1/ease", None, "operator", {"do": "ease"}),
        ("/v1/stop", None, "operator", {"do": "stop"}),
        ("/v1/break", None, "operator", {"do": "break"}),
        (
            "/v1/posture",
            {"trunk_deg": 12.34, "neck_deg": 5, "strides": 3, "source": "camera"},
            "posture",
            {"trunk_deg": 12.3, "neck_deg": 5.0, "strides": 3, "source": "camera"},
        ),
        ("/v1/operator", {"do": "speed", "value": 5.0}, "operator", {"do": "speed", "value": 500}),
        ("/v1/operator", {"do": "speed", "value": 0}, "operator", {"do": "stop", "value": None}),
        (
            "/v1/operator",
            {"do": "incline", "value": 2.5},
            "operator",
            {"do": "incline", "value": 25},
        ),
        ("/v1/operator", {"do": "stop"}, "operator", {"do": "stop"}),
        ("/v1/operator", {"do": "break"}, "operator", {"do": "break"}),
        ("/v1/operator", {"do": "end"}, "operator", {"do": "end"}),
        ("/v1/operator", {"do": "ease"}, "operator", {"do": "ease"}),
        (
            "/v1/operator",
            {"do": "start", "confirm": "on-belt-key-clipped"},
            "operator",
            {"do": "start"},
        ),
        (
            "/v1/operator",
            {"do": "resume", "confirm": "on-belt-key-clipped"},
            "operator",
            {"do": "resume"},
        ),
        (
            "/v1/operator",
            {"do": "unlock", "confirm": "professional-seen"},
            "operator",
            {"do": "unlock"},
        ),
    ],
)
async def test_a_request_is_stepped_before_it_is_answered(
    line: Line, path: str, body: object, kind: str, holds: dict[str, object]
) -> None:
    status, answer = await line.post(path, body)
    assert status == 200, answer
    written = line.rig.lines[answer["seq"]]
    assert written["kind"] == kind
    assert written | holds == written


async def test_an_answer_carries_what_the_guard_said(line: Line) -> None:
    status, answer = await line.post(
        "/v1/operator", {"do": "resume", "confirm": "on-belt-key-clipped"}
    )
    assert status == 200
    cues = [each["say"] for each in line.rig.of("cue")]
    assert answer["say"] == cues != []


async def test_the_state_is_the_contracts(line: Line) -> None:
    await line.post("/v1/pain", {"level": 1})
    status, state = await line.get("/v1/state")
    assert status == 200
    assert set(STATE.split()) <= set(state)
    assert (state["phase"], state["speed_kmh"], state["seq"]) == (
        "OFF",
        None,
        line.rig.lines[-1]["seq"],
    )


# ---------------------------------------------------------------- what isn't

BAD_BODIES: list[tuple[str, bytes]] = [
    ("/v1/pain", b""),
    ("/v1/pain", b"{}"),
    ("/v1/pain", b"[]"),
    ("/v1/pain", b"6"),
    ("/v1/pain", b"{"),
    ("/v1/pain", b"\xff"),
    ("/v1/pain", b"\xef\xbb\xbf{}"),
    ("/v1/pain", b'{"level":11}'),
    ("/v1/pain", b'{"level":-1}'),
    ("/v1/pain", b'{"level":true}'),
    ("/v1/pain", b'{"level":"6"}'),
    ("/v1/pain", b'{"level":6.5}'),
    ("/v1/pain", b'{"level":6.0}'),
    ("/v1/pain", b'{"level":null}'),
    ("/v1/pain", b'{"level":NaN}'),
    ("/v1/pain", b'{"level":Infinity}'),
    ("/v1/pain", b'{"level":1e999}'),
    ("/v1/pain", b'{"level":99999999999999999999999999}'),
    ("/v1/pain", '{"level":"٦"}'.encode()),
    ("/v1/pain", b'{"level":6,"role":"local"}'),
    ("/v1/pain", b'{"level":6}{"level":1}'),
    ("/v1/pain", b"[" * 4000),
    ("/v1/button", b'{"level":1}'),
    ("/v1/button", b"null"),
    ("/v1/stop", b'{"force":true}'),
    ("/v1/symptom", b"{}"),
    ("/v1/symptom", b'{"what":""}'),
    ("/v1/symptom", b'{"what":1}'),
    ("/v1/symptom", b'{"what":"\\ud800"}'),
    ("/v1/symptom", b'{"what":"' + b"a" * 201 + b'"}'),
    ("/v1/posture", b"{}"),
    ("/v1/posture", b'{"strides":3}'),
    ("/v1/posture", b'{"trunk_deg":181}'),
    ("/v1/posture", b'{"trunk_deg":true}'),
    ("/v1/posture", b'{"trunk_deg":NaN}'),
    ("/v1/posture", b'{"trunk_deg":1e999}'),
    ("/v1/posture", b'{"trunk":1}'),
    ("/v1/operator", b"{}"),
    ("/v1/operator", b'{"do":"fly"}'),
    ("/v1/operator", b'{"do":"speed"}'),
    ("/v1/operator", b'{"do":"speed","value":true}'),
    ("/v1/operator", b'{"do":"speed","value":"5"}'),
    ("/v1/operator", b'{"do":"speed","value":-1}'),
    ("/v1/operator", b'{"do":"speed","value":20.1}'),
    ("/v1/operator", b'{"do":"speed","value":60}'),
    ("/v1/operator", b'{"do":"speed","value":NaN}'),
    ("/v1/operator", b'{"do":"speed","value":-Infinity}'),
    ("/v1/operator", b'{"do":"incline","value":16}'),
    ("/v1/operator", b'{"do":"incline"}'),
    ("/v1/operator", b'{"do":"stop","value":1}'),
    ("/v1/operator", b'{"do":"start"}'),
    ("/v1/operator", b'{"do":"start","confirm":"yes"}'),
    ("/v1/operator", b'{"do":"start","confirm":true}'),
    ("/v1/operator", b'{"do":"resume"}'),
    ("/v1/operator", b'{"do":"resume","confirm":"professional-seen"}'),
    ("/v1/operator", b'{"do":"unlock"}'),
    ("/v1/operator", b'{"do":"unlock","confirm":"on-belt-key-clipped"}'),
    ("/v1/operator", b'{"do":"speed","value":5,"confirm":"on-belt-key-clipped"}'),
    ("/v1/operator", b'{"do":"speed","value":5,"role":"local"}'),
]


@pytest.mark.parametrize(("path", "body"), BAD_BODIES)
async def test_a_bad_body_is_one_sentence_and_changes_nothing(
    line: Line, path: str, body: bytes
) -> None:
    await refused(line, 400, await line.post(path, raw=body))


async def test_a_body_over_4_kib_is_refused(line: Line) -> None:
    exact = b'{"level":6}'.ljust(4096)
    await refused(line, 413, await line.post("/v1/pain", raw=exact + b" "))
    assert (await line.post("/v1/pain", raw=exact))[0] == 200


async def test_a_body_that_comes_in_pieces_is_refused_over_4_kib(line: Line) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b" " * 1000

    url = line.url("/v1/stop")
    async with line.http.post(url, data=pieces(), headers=HEADERS) as answer:
        await refused(line, 413, (answer.status, msgspec.json.decode(await answer.read())))


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Authorization", "", 401),
        ("Authorization", "Bearer", 401),
        ("Authorization", "Bearer wrong", 401),
        ("Authorization", f"bearer {TOKEN}", 401),
        ("Authorization", f"Bearer {TOKEN}x", 401),
        ("Authorization", "Bearer tökén", 401),
        ("Host", "example.org", 403),
        ("Host", "127.0.0.1", 403),
        ("Host", "127.0.0.1:1", 403),
        ("Origin", "null", 403),
        ("Origin", "https://example.org", 403),
        ("Origin", "http://127.0.0.1:1", 403),
    ],
)
@pytest.mark.parametrize("path", ["/v1/stop", "/v1/state", "/v1/stream"])
async def test_a_stranger_is_refused(
    line: Line, path: str, header: str, value: str, status: int
) -> None:
    ask = line.post if path == "/v1/stop" else line.get
    await refused(line, status, await ask(path, headers=HEADERS | {header: value}))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_same_origin_is_let_in(line: Line, host: str) -> None:
    at = f"{host}:{line.port}"
    same = HEADERS | {"Host": at, "Origin": f"http://{at}"}
    assert (await line.get("/v1/state", headers=same))[0] == 200
    other = "localhost" if host == "127.0.0.1" else "127.0.0.1"
    foreign = same | {"Origin": f"http://{other}:{line.port}"}
    assert (await line.get("/v1/state", headers=foreign))[0] == 403


async def test_the_wrong_method_or_address_is_one_sentence(line: Line) -> None:
    await refused(line, 405, await line.get("/v1/stop"))
    await refused(line, 404, await line.post("/v1/start"))
    await refused(line, 405, await line.post("/v1/state"))
    await refused(line, 400, await line.get("/v1/stream"))


async def test_after_the_end_a_request_is_a_conflict(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line.rig.service, "_over", True)
    status, body = await line.post("/v1/pain", {"level": 6})
    monkeypatch.undo()
    assert (status, list(body)) == (409, ["error"])


async def test_a_request_that_fails_within_is_heard_and_ends_nothing(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Service) -> dict[str, object]:
        raise KeyError("a bug")

    monkeypatch.setattr(Service, "state", fails)
    status, body = await line.get("/v1/state")
    assert (status, list(body)) == (500, ["error"])
    assert "KeyError" in line.rig.of("alarm")[0]["say"]
    assert (await line.post("/v1/pain", {"level": 1}))[0] == 200


# ---------------------------------------------------------------- the stream


async def read(socket: aiohttp.ClientWebSocketResponse, until: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    while not lines or lines[-1]["kind"] != until:
        lines.append(msgspec.json.decode(await socket.receive_str(timeout=5)))
    return lines


async def test_the_stream_carries_every_line_after_since(line: Line) -> None:
    await line.post("/v1/pain", {"level": 1})
    seq = (await line.post("/v1/symptom", {"what": "numbness"}))[1]["seq"]
    for since, first in ((0, "header"), (seq - 1, "symptom")):
        url = line.url(f"/v1/stream?since={since}")
        async with line.http.ws_connect(url, headers=HEADERS) as socket:
            await line.post("/v1/ease")
            lines = await read(socket, "operator")
            assert lines[0]["kind"] == first
            written = line.rig.lines
            at = written.index(lines[0])
            assert lines == written[at : at + len(lines)]


async def test_the_stream_ends_with_the_end(line: Line) -> None:
    async with line.http.ws_connect(line.url("/v1/stream"), headers=HEADERS) as socket:
        line.rig.service.stop("enough")
        lines = await read(socket, "end")
        assert lines[-1]["summary"]["reason"] == "enough"
        assert (await socket.receive(timeout=5)).type in (
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
        )


@pytest.mark.parametrize("since", ["x", "-1", "1.5", "٣", "", "9" * 16])
async def test_a_since_that_is_no_seq_is_refused(line: Line, since: str) -> None:
    await refused(line, 400, await line.get(f"/v1/stream?since={since}"))


async def test_a_client_that_does_not_read_is_dropped_and_not_awaited(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "WAITING_MAX", 100)
    async with line.http.ws_connect(line.url("/v1/stream"), headers=HEADERS) as socket:
        await asyncio.sleep(0)
        for _ in range(200):
            line.rig.service.feed(Tick(line.rig.service.clock()))
        while (message := await socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    assert not line.rig.service.stream._watchers
    assert (await line.post("/v1/stop"))[0] == 200


# ---------------------------------------------------------------- who stands at the door


async def test_silent_connections_keep_no_press_from_being_heard(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "OPEN_MAX", 8)
    held = [await asyncio.open_connection("127.0.0.1", line.port) for _ in range(30)]
    status, _ = await line.post("/v1/stop")
    assert status == 200
    closed = sum([await reader.read(1) == b"" for reader, _ in held[:20]])
    assert closed == 20
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
    line: Line, request_: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    writer.write(request_)
    await asyncio.wait_for(reader.read(100), 5)
    writer.close()
    assert capsys.readouterr() == ("", "")


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
