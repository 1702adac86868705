"""The API over a real socket: who may talk, what a body may say, and what is streamed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest
from tests.session.line import HEADERS, TOKEN, Line, refused

from treadguard.guard.events import Tick
from treadguard.session import stream
from treadguard.session.service import Service

STATE = """phase mode speed_kmh incline_pct age_ms wanted allowed command why release
consent_needed break link seq"""


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
