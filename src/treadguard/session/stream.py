"""The journal as it happens, for those who look on.

The rule to keep: a watcher that is too slow is dropped. Nobody waits for it, and no line is left
out of what it did get.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Final

HISTORY_MAX: Final = 100_000
"""Lines that `since` reaches back: some five hours of a session."""

WAITING_MAX: Final = 1_000
"""Lines that may wait for one watcher: about three minutes."""


class Watcher:
    """One who reads along. `dropped` is called once when too many lines wait for it."""

    def __init__(self, backlog: list[bytes], dropped: Callable[[], None]) -> None:
        self._backlog = iter(backlog)
        self._dropped = dropped
        self._lines: deque[bytes] = deque()
        self._more = asyncio.Event()
        self._over = False

    def offer(self, line: bytes) -> bool:
        """Take one more line; False when there is no room, and nothing follows any more."""
        if len(self._lines) >= WAITING_MAX:
            self._dropped()
            return False
        self._lines.append(line)
        self._more.set()
        return True

    def finish(self) -> None:
        """No line follows."""
        self._over = True
        self._more.set()

    async def next(self) -> bytes | None:
        """The next line; None after the last."""
        old = next(self._backlog, None)
        if old is not None:
            return old
        while not self._lines:
            if self._over:
                return None
            self._more.clear()
            await self._more.wait()
        return self._lines.popleft()


class Stream:
    """All lines of a session, and its watchers."""

    def __init__(self) -> None:
        self._header = b""
        self._history: deque[bytes] = deque(maxlen=HISTORY_MAX)
        self._last_seq = 0
        self._watchers: set[Watcher] = set()

    def begin(self, header: bytes) -> None:
        """Take line 1, which has no seq."""
        self._header = header

    def line(self, line: bytes, seq: int) -> None:
        """Take the line `seq`, which is next after the last."""
        self._last_seq = seq
        self._history.append(line)
        if self._watchers:
            self._watchers = {w for w in self._watchers if w.offer(line)}

    def watch(self, since: int | None, dropped: Callable[[], None]) -> Watcher:
        """Lines after `since` and whatever follows; all and the header for 0, only new for None."""
        backlog: list[bytes] = []
        if since is not None:
            known = min(max(0, self._last_seq - since), len(self._history))
            backlog = list(islice(self._history, len(self._history) - known, None))
            if since == 0:
                backlog.insert(0, self._header)
        watcher = Watcher(backlog, dropped)
        self._watchers.add(watcher)
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """The watcher has gone."""
        self._watchers.discard(watcher)

    def finish(self) -> None:
        """The session is over."""
        for watcher in self._watchers:
            watcher.finish()
        self._watchers = set()
