"""The way to the service: HTTP requests and the stream of lines, and no word about screens.

Here: what is sent, how an answer is read, and when there is none. Not here: how a running service
is found (the command line knows), nor what an answer means. The rule to keep: whatever goes wrong
is a NoAnswer; nothing that the service says is ever made up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Protocol

import aiohttp
import msgspec

POLL_WITHIN_S: Final = 1.0
"""A service steps the guard within milliseconds; a state that takes this long is no state."""

BACK_LINES: Final = 1_500
"""So many lines are asked for at first: more than a minute of them, with posture at 10 Hz."""

Line = dict[str, Any]


class NoAnswer(Exception):
    """The service didn't answer; the text says why in a few words."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where one service listens."""

    treadmill: str
    port: int
    token: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a press: the line it became, or the sentence of the refusal."""

    seq: int | None = None
    say: tuple[str, ...] = ()
    refused: str | None = None
    status: int = 200


class Client(Protocol):
    """What the screen needs of a service."""

    async def state(self) -> dict[str, Any]:
        """What the service shows now; NoAnswer."""
        ...

    async def post(self, path: str, body: Mapping[str, object], within_s: float) -> Reply:
        """Send one press and wait so long for its answer; NoAnswer."""
        ...

    def lines(self, session: str | None, since: int) -> AsyncIterator[Line]:
        """The header, then every line after `since` (the last minute's, in another session).

        Ends when the stream does; NoAnswer.
        """
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...


class ServiceClient:
    """One service, found anew by `find` whenever the last address has failed."""

    def __init__(self, find: Callable[[], Address | None]) -> None:
        self._find = find
        self._address: Address | None = None
        self._polls: aiohttp.ClientSession | None = None
        self._presses: aiohttp.ClientSession | None = None

    async def state(self) -> dict[str, Any]:
        """See Client."""
        status, found = await self._ask(self._kept(), "GET", "/v1/state", None, POLL_WITHIN_S)
        if status != HTTPStatus.OK:
            raise NoAnswer(str(found.get("error") or f"it answered {status}"))
        return found

    async def post(self, path: str, body: Mapping[str, object], within_s: float) -> Reply:
        """See Client."""
        status, found = await self._ask(self._fresh(), "POST", path, body, within_s)
        if status < HTTPStatus.BAD_REQUEST:
            say = found.get("say") or ()
            return Reply(found.get("seq"), tuple(str(text) for text in say))
        return Reply(refused=str(found.get("error") or f"it answered {status}"), status=status)

    async def lines(self, session: str | None, since: int) -> AsyncIterator[Line]:
        """See Client."""
        header = await self._header()
        if header.get("session") != session:
            since = max(1, int((await self.state()).get("seq", 0)) - BACK_LINES)
        yield header
        try:
            async with self._stream(since) as socket:
                async for message in socket:
                    if message.type is not aiohttp.WSMsgType.TEXT:
                        return
                    yield _decoded(message.data)
        except (aiohttp.ClientError, OSError) as error:
            raise self._lost(error) from None

    async def close(self) -> None:
        """See Client."""
        for session in (self._polls, self._presses):
            if session is not None:
                await session.close()

    async def _header(self) -> Line:
        try:
            # Whoever asks for line 0 gets all that follows too: it is closed without reading on.
            async with self._stream(0) as socket:
                return _decoded(await socket.receive_str())
        except (aiohttp.ClientError, OSError, TypeError) as error:
            raise self._lost(error) from None

    def _stream(self, since: int) -> Any:
        address = self._found()
        return self._kept().ws_connect(
            f"http://127.0.0.1:{address.port}/v1/stream?since={since}",
            headers={"Authorization": f"Bearer {address.token}"},
            timeout=aiohttp.ClientWSTimeout(ws_close=0.1),
        )

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        within_s: float,
    ) -> tuple[int, dict[str, Any]]:
        address = self._found()
        try:
            async with session.request(
                method,
                f"http://127.0.0.1:{address.port}{path}",
                data=None if body is None else msgspec.json.encode(body),
                headers={"Authorization": f"Bearer {address.token}"},
                timeout=aiohttp.ClientTimeout(total=within_s),
            ) as answer:
                found = _decoded(await answer.read())
                if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                    self._address = None
                return answer.status, found
        except TimeoutError:
            raise NoAnswer(f"no answer within {within_s:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._lost(error) from None

    def _lost(self, error: Exception) -> NoAnswer:
        """Whoever was there may have come back elsewhere: look again the next time."""
        self._address = None
        if isinstance(error, aiohttp.ClientConnectorError | ConnectionError):
            return NoAnswer("the service can't be reached")
        return NoAnswer(type(error).__name__)

    def _found(self) -> Address:
        if self._address is None:
            self._address = self._find()
        if self._address is None:
            raise NoAnswer("the service isn't running")
        return self._address

    def _kept(self) -> aiohttp.ClientSession:
        if self._polls is None:
            self._polls = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self._polls

    def _fresh(self) -> aiohttp.ClientSession:
        # A press has a connection of its own: one that was kept may just have been closed.
        if self._presses is None:
            connector = aiohttp.TCPConnector(limit=0, force_close=True)
            self._presses = aiohttp.ClientSession(connector=connector)
        return self._presses


def _decoded(data: str | bytes) -> dict[str, Any]:
    found = None
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = msgspec.json.decode(data)
    if not isinstance(found, dict):
        raise NoAnswer("its answer isn't understood")
    return found
