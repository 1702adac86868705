"""Stop, until the service has taken it.

Here: the one press that is tried again and again. Not here: keys and screens. The rule to keep:
only the answer to a request that was sent after the last press of Stop counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from treadguard.dashboard.client import NoAnswer, Reply

AGAIN_S: Final = 0.5
GIVE_UP_S: Final = 10.0


class Stopper:
    """Sends Stops. `told` hears the answer, or None, and how long the runner has waited (s)."""

    def __init__(
        self,
        send: Callable[[], Awaitable[Reply]],
        told: Callable[[Reply | None, float], None],
        gave_up: Callable[[], None],
    ) -> None:
        self._send = send
        self._told = told
        self._gave_up = gave_up
        self._task: asyncio.Task[None] | None = None
        self._tries: dict[asyncio.Future[Reply], int] = {}
        self._presses = 0
        self._since = 0.0
        self._until = 0.0
        self._wake = asyncio.Event()

    def press(self) -> None:
        """Stop, now."""
        loop = asyncio.get_running_loop()
        self._presses += 1
        self._until = loop.time() + GIVE_UP_S
        self._wake.set()
        if self._task is None or self._task.done():
            self._since = loop.time()
            self._task = loop.create_task(self._until_taken())

    async def close(self) -> None:
        """Give up: the screen is left."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _until_taken(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while loop.time() < self._until:
                self._wake.clear()
                self._tries[asyncio.ensure_future(self._send())] = self._presses
                reply = await self._answer(loop.time() + AGAIN_S)
                self._told(reply, loop.time() - self._since)
                if reply is not None:
                    return
            self._gave_up()
        finally:
            for one in self._tries:
                one.cancel()
            self._tries = {}

    async def _answer(self, due: float) -> Reply | None:
        """The first answer that counts; None when the next try is due."""
        loop = asyncio.get_running_loop()
        waking = asyncio.ensure_future(self._wake.wait())
        try:
            while loop.time() < due and not waking.done():
                waiting: set[asyncio.Future[Any]] = {*self._tries, waking}
                await asyncio.wait(
                    waiting,
                    timeout=due - loop.time(),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for one in [one for one in self._tries if one.done()]:
                    of, reply = self._tries.pop(one), _reply_of(one)
                    if reply is not None and of == self._presses:
                        return reply
        finally:
            waking.cancel()
        return None


def _reply_of(done: asyncio.Future[Reply]) -> Reply | None:
    """A Stop that was taken, or one that never will be; None for trouble that may pass."""
    try:
        reply = done.result()
    except NoAnswer:
        return None
    if reply.refused is None or reply.status == HTTPStatus.CONFLICT:
        return reply
    return None
