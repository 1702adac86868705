"""Targets for what other programs say: bodies of the API, `since`, runtime files, answers.

Here each body goes through the API's own forms into a service that runs in virtual time, without a
socket. The rule to keep: a request that is refused has changed nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from proof.fuzz.target import Target, file_of, refused_well, run
from treadguard.cli import client
from treadguard.guard.kept import Kept
from treadguard.guard.policy import HARD_GRADE, HARD_SPEED, Policy, Profile
from treadguard.journal import Header
from treadguard.kernel import GateKeeper
from treadguard.session import api, virtual_time
from treadguard.session.recorder import Straight
from treadguard.session.service import Service, SessionOver
from treadguard.session.stream import Stream
from treadguard.sim.direct import DirectTreadmill
from treadguard.sim.presets import PRESETS

_PATHS: Final = tuple(api._FORMS)
_BODIES_MAX: Final = 8
_FOUND_S: Final = 2.0
_WALK_S: Final = 5.0
_START: Final = b'{"do":"start","confirm":"on-belt-key-clipped"}'


class _Desk:
    """One service in virtual time, and what its journal holds."""

    def __init__(self) -> None:
        keeper = GateKeeper()
        self.journal = bytearray()
        self._ids = 0
        self.service = Service(
            Header(
                session="fuzz",
                started="2000-01-01T00:00:00+00:00",
                treadguard="0",
                mode="guard",
                treadmill="simulated",
                is_real=False,
                proven=True,
                policy=Policy(),
                profile=Profile(),
                initial=Kept(),
            ),
            DirectTreadmill(PRESETS["ideal"], check=keeper.check),
            keeper,
            lambda _: Straight(self.journal.extend),
            new_id=self._new_id,
            say=lambda _: None,
        )

    def _new_id(self) -> str:
        self._ids += 1
        return f"consent-{self._ids}"

    def post(self, path: str, body: bytes) -> None:
        """As the API's handler does, and judged."""
        before = len(self.journal)
        was = self.service.state()
        try:
            form = api._FORMS[path]
            fed = form.call(self.service, api._body(body, form))
        except (api.Refused, SessionOver) as error:
            refused_well(error)
            assert len(self.journal) == before, "a request that was refused is in the journal"
            assert self.service.state() == was
            return
        lines = [json.loads(line) for line in bytes(self.journal[before:]).splitlines()]
        said = next(line for line in lines if line["seq"] == fed.seq)
        _in_range(said)
        _answered(said, lines, moving=was["phase"] == "RUNNING")


def _in_range(said: Mapping[str, Any]) -> None:
    match said:
        case {"kind": "pain", "level": level, "role": "local"}:
            assert level is None or (type(level) is int and 0 <= level <= 10)
        case {"kind": "symptom", "what": what, "role": "local"}:
            assert 1 <= len(what) <= 200
        case {"kind": "posture"}:
            assert all(abs(said.get(key, 0)) <= 180 for key in ("trunk_deg", "neck_deg"))
            assert 0 <= said.get("asym_pct", 0) <= 100
            assert 0 <= said.get("strides", 0) <= 1_000_000
        case {"kind": "operator", "do": do, "value": value, "role": "local"}:
            low, high = {"speed": (1, HARD_SPEED), "incline": (-HARD_GRADE, HARD_GRADE)}.get(
                do, (0, 0)
            )
            assert value is None if (low, high) == (0, 0) else low <= value <= high
        case _:
            raise AssertionError(f"the API made this line: {said}")


def _answered(said: Mapping[str, Any], lines: list[dict[str, Any]], *, moving: bool) -> None:
    orders = [line for line in lines if line["kind"] == "command"]
    assert all(line["op"] != "set_speed" or line["value"] <= HARD_SPEED for line in orders)
    stops = (
        (said["kind"] == "pain" and (said["level"] is None or said["level"] > 4))
        or said["kind"] == "symptom"
        or (said["kind"] == "operator" and said["do"] in ("stop", "break"))
    )
    if stops and moving:
        assert "stop" in [line["op"] for line in orders], f"no Stop follows {said}"
    if stops:
        assert {line["op"] for line in orders} <= {"stop", "request_control"}


def _bodies(data: bytes) -> None:
    """First whether the belt walks, then one body a line: its address, and what is posted."""
    walking, rest = data[:1] >= b"w", data[1:]
    desk = _Desk()

    async def story() -> None:
        await asyncio.sleep(_FOUND_S)
        if walking:
            desk.post("/v1/operator", _START)
            await asyncio.sleep(_WALK_S)
            assert desk.service.state()["phase"] == "RUNNING"
        for line in rest.split(b"\n")[:_BODIES_MAX]:
            desk.post(_PATHS[line[0] % len(_PATHS)] if line else _PATHS[0], line[1:])
            await asyncio.sleep(0.25)
        desk.service.die()

    virtual_time.run(desk.service.run({"story": story}))
    assert desk.service.failure is None, desk.service.failure


def _since(data: bytes) -> None:
    """Only a number is taken, and then exactly the lines after it come."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        request = _asked().clone(rel_url=_asked().rel_url.with_query({"since": text}))
    except UnicodeEncodeError:
        return  # no URL can say this
    text = request.query["since"]
    refusal = _refusal(_door(), request)
    number = re.fullmatch("[0-9]{1,15}", text)
    assert ("WebSocket" in refusal) == (number is not None), (text, refusal)
    if number is None:
        return
    stream, since = Stream(), int(text)
    stream.begin(b"header")
    for seq in range(1, 40):
        stream.line(b"%d" % seq, seq)
    stream.finish()
    watcher = stream.watch(since, lambda: None)
    watcher.finish()
    found = []
    while (line := run(watcher.next())) is not None:
        found.append(line)
    after = [b"%d" % seq for seq in range(1, 40) if seq > since]
    assert found == ([b"header", *after] if since == 0 else after)


@cache
def _asked() -> web.Request:
    return make_mocked_request("GET", "/v1/stream", headers={"Host": "127.0.0.1"})


@cache
def _door() -> api.Api:
    return api.Api(_Desk().service, "token", lambda _: None)


def _refusal(door: api.Api, request: web.Request) -> str:
    try:
        run(door._stream(request))
    except api.Refused as error:
        refused_well(error)
        return str(error)
    raise AssertionError("a request that is no WebSocket was streamed to")


def _answer(data: bytes) -> None:
    """What a service answered: the quick reader and the json module say the same."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    wanted, found = _read(json.loads, text), _read(client.parse, text)
    assert found == wanted, (text, found, wanted)


def _read(reader: Any, text: str) -> str:
    try:
        return repr(reader(text))
    except (ValueError, RecursionError):
        return "no JSON"


def _card(data: bytes) -> None:
    """A runtime file of any content names a service that can be called, or none."""
    path = file_of(data.replace(b"PID", b"%d" % os.getpid()), "card.json")
    found = client._read(str(path), "card")
    if found is not None:
        assert found.slug == "card"
        assert 0 < found.port < 65536
        assert isinstance(found.treadmill, str)
        assert isinstance(found.token, str)
        assert isinstance(found.address, str)


_BODY_WORDS: Final = (
    *('{"level":', '{"what":"', '{"trunk_deg":', '"neck_deg":', '"asym_pct":', '"strides":'),
    *('{"do":"speed","value":', '{"do":"incline","value":', '{"do":"stop"}', '{"do":"unlock"'),
    *('"confirm":"on-belt-key-clipped"}', '"confirm":"professional-seen"}', "null", "true"),
    *("1e999", "NaN", "-1", "99999999999999999999999", "\\u0000", "\\ud800", "{}", '"}', "\n"),
)

TARGETS: Final = (
    Target("api", "text", _bodies, 400, _BODY_WORDS),
    Target("since", "text", _since, 24, ("٦", "²", "0", "999999999999999", "-1", "%30", " ")),
    Target("answer", "text", _answer, 120, ('{"', '":', '"}', ",", "\\", "007", "1.5", "null")),
    Target(
        *("card", "text", _card, 200),
        words=('{"treadmill":"', '"address":"', '"port":', '"token":"', '"pid":PID}', "4" * 20),
    ),
)
