"""The real API over a connection in memory: the same aiohttp server, no socket.

Here: the connection and the presses that go through it. Not here: what an address means
(session/api.py). The rule to keep: every byte passes aiohttp, the doors and the handlers, and
nothing waits for anything but the loop's own turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import msgspec

PORT = 4711
TOKEN = "simulated"  # noqa: S105 - there is no door but in memory


class _Pipe(asyncio.Transport):
    """What the server writes to."""

    def __init__(self) -> None:
        super().__init__()
        self.protocol: Any = None
        self._closing = False
        self._answer: asyncio.Future[int] | None = None

    def ask(self, request: bytes) -> asyncio.Future[int]:
        """Send one request; the status of its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self.protocol.data_received(request)
        return self._answer

    def write(self, data: bytes | bytearray | memoryview) -> None:
        head = bytes(data[:12])
        if head.startswith(b"HTTP/1.1 "):
            self._answered(int(head[9:12]))

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)
            self._answered(0)

    abort = close

    def is_closing(self) -> bool:
        return self._closing

    def is_reading(self) -> bool:
        return True

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0

    def _answered(self, status: int) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)


class Door:
    """Takes the place of the loop's `create_server`, and then lets presses in."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._factory: Callable[[], asyncio.Protocol] | None = None
        vars(loop)["create_server"] = self._create_server

    @property
    def open(self) -> bool:
        """Whether the API listens."""
        return self._factory is not None

    async def _create_server(self, factory: Callable[[], asyncio.Protocol], *_: object) -> object:
        self._factory = factory
        own = SimpleNamespace(getsockname=lambda: ("127.0.0.1", PORT))
        return SimpleNamespace(sockets=[own], close=self._shut)

    def _shut(self) -> None:
        self._factory = None

    async def post(self, path: str, body: Mapping[str, object]) -> int:
        """One press by a client of its own; the HTTP status, 0 where the door was shut."""
        if self._factory is None:
            return 0
        pipe = _Pipe()
        pipe.protocol = self._factory()
        pipe.protocol.connection_made(pipe)
        raw = msgspec.json.encode(body)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nAuthorization: Bearer {TOKEN}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n"
            "Connection: close\r\n\r\n"
        )
        return await pipe.ask(head.encode() + raw)
