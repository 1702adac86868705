"""A running service and a client on the loopback, for the tests of its API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec
from tests.session.rig import Rig

from treadguard.journal import INPUT_KINDS

TOKEN = "made-up-token"
_ASKED = INPUT_KINDS.keys() - {"tick", "clock"}
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


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
        # Time passes meanwhile: the first tick, a quarter of a second on, tells of a limit.
        return [line for line in self.rig.lines if line["kind"] in _ASKED]


async def refused(line: Line, status: int, answer: tuple[int, Any]) -> str:
    got, body = answer
    assert got == status, body
    assert list(body) == ["error"]
    sentence: str = body["error"]
    assert sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert line.stepped() == [], line.stepped()
    return sentence
