"""A disk that fills up or grows slow in virtual time, and the real recorder on it.

Here: `Disk`, and `Turned`, the service's own recorder turned by the loop where a thread turns it
in a session. Not here: which faults a session has. The rule to keep: queue, retries, partial
writes, what is said and what is lost are the recorder's own code; only its thread and its clock
are replaced, so that the same seed gives the same bytes.
"""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Literal
from unittest import mock

import msgspec

from treadguard.guard.kept import Kept
from treadguard.session import recorder, state_file
from treadguard.session.recorder import JournalFile, Recorder

SLOW_SYNC_S = 5.0

DiskFault = tuple[int, int, Literal["full", "slow"]]
"""From when until when (ms), and what is wrong."""


class Disk(JournalFile):
    """One journal and one state file, in memory. What it took survives a kill."""

    def __init__(self, faults: Sequence[DiskFault]) -> None:
        super().__init__(-1)
        self.journal = bytearray()
        self.taken: list[tuple[int, int]] = []
        self.state: bytes | None = None
        self.busy_until = 0.0
        self._faults = faults

    def write(self, data: bytes) -> int:
        """Takes all of it, or what still fits, or nothing."""
        if self._is("full"):
            raise OSError(errno.ENOSPC, "No space left on device")
        self.journal += data
        self.taken.append((round(asyncio.get_running_loop().time() * 1000), len(data)))
        return len(data)

    def sync(self) -> None:
        """On a slow disk nothing else goes on for 5 s."""
        if self._is("slow"):
            self.busy_until = asyncio.get_running_loop().time() + SLOW_SYNC_S

    def close(self) -> None:
        """Nothing is open."""

    def save(self, kept: Kept) -> None:
        """The state file, whole or as it was."""
        if self._is("full"):
            raise OSError(errno.ENOSPC, "No space left on device")
        self.state = state_file._framed(msgspec.json.encode(kept))

    def kept(self) -> Kept | None:
        """What a service that starts again reads."""
        return None if self.state is None else state_file.kept_of(self.state)

    def _is(self, what: str) -> bool:
        now = asyncio.get_running_loop().time() * 1000
        return any(begin <= now < end and kind == what for begin, end, kind in self._faults)


class _Nobody(threading.Event):
    """There is no thread to wake: see `Turned._turn`. A lock for each line would cost its time."""

    def set(self) -> None:
        pass


class Turned(Recorder):
    """The recorder, turned by the running loop."""

    def __init__(self, disk: Disk, trouble: Callable[[str], None]) -> None:
        self.killed = False
        self._disk = disk
        self._loop = asyncio.get_running_loop()
        self._next: asyncio.TimerHandle | None = None
        super().__init__(disk, Path("state.json"), trouble)
        self._wake = _Nobody()

    def write(self, line: bytes, *, urgent: bool = False) -> None:
        super().write(line, urgent=urgent)
        self._soon(at_once=urgent)

    def keep(self, kept: Kept) -> None:
        super().keep(kept)
        self._soon(at_once=True)

    def close(self, within_s: float = 0.0) -> str | None:
        if self._next is not None:
            self._next.cancel()
        if not self.killed:
            self._closing.set()
            self._turn()
        return super().close(within_s)

    def _work(self) -> None:
        """No thread: see `_turn`."""

    def _soon(self, after_s: float = 0.0, *, at_once: bool = False) -> None:
        if at_once and self._next is not None:
            # It may have been set for the next sync: a state and an urgent line don't wait for it.
            self._next.cancel()
            self._next = None
        if self._next is None and not self._closing.is_set():
            due = max(self._loop.time() + after_s, self._disk.busy_until)
            self._next = self._loop.call_at(due, self._turn)

    def _turn(self) -> None:
        # One round of Recorder._work.
        self._next = None
        closing = self._closing.is_set()
        well = self._done(self._save_state, "state")
        if self._done(partial(self._write_out, closing=closing)) and well:
            self._recovered()
        elif not closing:
            self._soon(self._retry_s)
        if self._sync_at is not None:
            self._soon(max(0.0, self._sync_at - self._loop.time()))


@contextmanager
def virtual_disk(disk: Disk) -> Iterator[None]:
    """While this lasts, the recorder's clock is the loop's and the state file is the disk's."""
    clock = SimpleNamespace(monotonic=asyncio.get_running_loop().time)
    with (
        mock.patch.object(recorder, "time", clock),
        mock.patch.object(state_file, "save", lambda _, kept: disk.save(kept)),
    ):
        yield
