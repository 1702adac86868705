"""A dashboard on a service that isn't there, and a clock that stands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from tests.dashboard.fake_client import Clock, FakeClient
from tests.dashboard.moments import HEADER, run_of_a_minute
from textual import events
from textual.pilot import Pilot

from treadguard.dashboard.app import Dashboard, Leave


class Bench:
    """One dashboard under test."""

    def __init__(self, client: FakeClient, clock: Clock) -> None:
        self.client = client
        self.clock = clock
        self.app = Dashboard(client, clock)
        self.pilot: Pilot[Leave]

    async def press(self, *keys: str) -> None:
        """Pilot's own press waits 40 ms for each key."""
        for key in keys:
            if key in ("y", "enter"):
                self.clock.now += 1.0  # a person reads first
            self.app.post_message(events.Key(key, None))
            await self.settle()

    async def alone(self, *keys: str) -> list[tuple[str, dict[str, object]]]:
        """Press them, and only what these have sent."""
        self.clock.now += 10.0
        await self.becomes(self.client.now)
        self.client.presses.clear()
        await self.press(*keys)
        return self.posted

    async def settle(self) -> None:
        """Let what was sent be answered, and the answer be shown."""
        self.app._soon.set()
        for _ in range(50):
            await asyncio.sleep(0)
        self.app._show()

    async def until(self, holds: Callable[[], bool]) -> None:
        """However busy the machine is."""
        async with asyncio.timeout(10):
            while not holds():
                await self.pilot.pause(0.01)

    async def becomes(self, state: dict[str, Any]) -> None:
        """The service says something else now."""
        self.client.now = state
        await self.settle()

    @property
    def posted(self) -> list[tuple[str, dict[str, object]]]:
        return [(path, dict(body)) for path, body in self.client.presses]

    def text(self, piece: str) -> str:
        """What one piece of the run screen says."""
        return str(self.app._run.query_one(f"#{piece}").render())

    @property
    def dialog(self) -> str | None:
        """The name of the open dialog."""
        screen = self.app.screen
        return None if screen is self.app._run else type(screen).__name__


Open = Callable[[dict[str, Any]], AbstractAsyncContextManager[Bench]]


@pytest.fixture
def bench() -> Open:
    """Opens a dashboard on this state."""

    @asynccontextmanager
    async def opened(state: dict[str, Any]) -> AsyncIterator[Bench]:
        made = Bench(FakeClient(state, [HEADER, *run_of_a_minute()]), Clock())
        async with made.app.run_test(size=(80, 24)) as pilot:
            made.pilot = pilot
            await made.settle()
            yield made

    return opened
