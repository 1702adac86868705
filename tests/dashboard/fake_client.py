"""A service that isn't there: says what it was told to say, and remembers what was pressed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from treadguard.dashboard.client import Line, NoAnswer, Reply

STOP: tuple[str, dict[str, object]] = ("/v1/stop", {})


class FakeClient:
    """`down`: nobody answers; `hangs`: whoever asks waits in vain; `at_once`: else states wait."""

    def __init__(self, state: Line, lines: list[Line] | None = None) -> None:
        self.now = state
        self.told: list[Line] = list(lines or [])
        self.presses: list[tuple[str, Mapping[str, object]]] = []
        self.replies: dict[str, Reply] = {}
        self.down = False
        self.hangs = False
        self.closed = False
        self.more = asyncio.Event()
        self.at_once = asyncio.Event()
        self.at_once.set()

    def tell(self, *lines: Line) -> None:
        """Let these lines follow."""
        self.told.extend(lines)
        self.more.set()

    async def state(self) -> dict[str, Any]:
        await self._maybe(1.0)
        found = self.now
        await self.at_once.wait()
        return found

    async def post(self, path: str, body: Mapping[str, object], within_s: float) -> Reply:
        self.presses.append((path, dict(body)))
        await self._maybe(within_s)
        return self.replies.get(path, Reply(len(self.presses) + 100))

    async def lines(self, session: str | None, since: int) -> AsyncIterator[Line]:
        if self.down:
            raise NoAnswer("the service isn't running")
        sent = 0
        while True:
            while sent < len(self.told):
                sent += 1
                if self.told[sent - 1].get("seq", 0) > since or session is None:
                    yield self.told[sent - 1]
            self.more.clear()
            await self.more.wait()

    async def close(self) -> None:
        self.closed = True

    async def _maybe(self, within_s: float) -> None:
        if self.hangs:
            await asyncio.sleep(within_s)
            raise NoAnswer(f"no answer within {within_s:g} s")
        if self.down:
            raise NoAnswer("the service isn't running")


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now
