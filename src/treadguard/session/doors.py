"""How many may stand at the API's door, and for how long without a word.

Anybody on this machine can connect; only who holds the token is heard. The rule to keep: those who
say nothing never keep a press from being heard.
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

OPEN_MAX: Final = 64
"""Connections at a time; the oldest that isn't a stream makes room for a new one."""

SILENT_S: Final = 3.0
"""A connection whose first request hasn't come by then is closed."""


class Doors:
    """A protocol factory round aiohttp's own, which keeps count."""

    def __init__(self, server: web.Server) -> None:
        self._server = server
        self._open: list[web.RequestHandler] = []
        self._coming: set[int] = set()
        self._heard: set[int] = set()
        self._streams: set[int] = set()

    def __call__(self) -> web.RequestHandler:
        """A new connection."""
        self._forget_closed()
        if len(self._open) >= OPEN_MAX:
            self._make_room()
        handler = self._server()
        self._open.append(handler)
        # Its transport comes in the next turn, and this after it.
        self._coming.add(id(handler))
        loop = asyncio.get_running_loop()
        loop.call_later(0, self._coming.discard, id(handler))
        loop.call_later(SILENT_S, self._close_if_silent, handler)
        return handler

    def heard(self, request: web.Request) -> None:
        """A whole request has come on this connection."""
        self._heard.add(id(request.protocol))

    def streams(self, request: web.Request) -> None:
        """This connection is meant to stay."""
        self._streams.add(id(request.protocol))

    def _make_room(self) -> None:
        # One whose transport is yet to come can't be closed: it would stay open and unheard.
        here = [one for one in self._open if id(one) not in self._coming]
        idle = [one for one in here if id(one) not in self._streams]
        if here:
            self._close((idle or here)[0])

    def _close_if_silent(self, handler: web.RequestHandler) -> None:
        if handler in self._open and id(handler) not in self._heard:
            self._close(handler)

    def _close(self, handler: web.RequestHandler) -> None:
        handler.force_close()
        self._open.remove(handler)
        self._heard.discard(id(handler))
        self._streams.discard(id(handler))

    def _forget_closed(self) -> None:
        # Many may come in one turn, and none of them has a transport yet.
        for handler in tuple(self._open):
            if handler.transport is None and id(handler) not in self._coming:
                self._close(handler)
