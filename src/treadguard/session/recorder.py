"""The journal's way to the disk.

Here: `Recorder`, a thread that writes and syncs, and `Straight`, the plain sink of simulations. Not
here: what a line says (journal.py). The rule to keep: a disk that is full, slow or gone never
delays or raises into the loop (invariant I15); what it costs is counted, and said once.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from treadguard.guard.kept import Kept
from treadguard.session import state_file

QUEUE_MAX: Final = 20_000
"""Lines that may wait for the disk: about half an hour of a session."""

SYNC_S: Final = 1.0
RETRY_S: Final = 1.0
CHUNK: Final = 65_536
CLOSE_S: Final = 5.0
MIN_FREE_BYTES: Final = 200_000_000
"""Room for twenty hours and more at 2 kB a second, and for whoever else writes there meanwhile. No
setting: a disk that runs full in mid-session costs the record, and perhaps a lock (H68)."""


class Sink(Protocol):
    """Where a session's lines and its kept state go. Nothing here blocks or raises."""

    def write(self, line: bytes, *, urgent: bool = False) -> None:
        """Take one line without its newline; `urgent`: on the disk as soon as can be."""

    def keep(self, kept: Kept) -> None:
        """Take the state that must outlive the process."""

    def close(self) -> str | None:
        """Write out what waits. Returns what is lost, in plain words, or None."""


class JournalRefused(OSError):
    """The journal can't be opened; the text is one clear sentence."""


class JournalFile:
    """An open journal: unbuffered writes, and syncs of the data."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def write(self, data: bytes) -> int:
        """Write some of `data`; how much. OSError as the system says."""
        return os.write(self._fd, data)

    def sync(self) -> None:
        """Wait until what was written is on the disk."""
        os.fdatasync(self._fd)

    def close(self) -> None:
        os.close(self._fd)


def new_journal(path: Path, *, min_free: int = MIN_FREE_BYTES) -> JournalFile:
    """A new file, readable by its owner alone. JournalRefused when there is no room for it."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        room = os.statvfs(path.parent)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    except OSError as error:
        raise JournalRefused(f"The journal {path} can't be made: {error.strerror}.") from None
    free = room.f_bavail * room.f_frsize
    if free < min_free:
        os.close(fd)
        path.unlink()
        raise JournalRefused(
            f"Only {free // 1_000_000} MB are free for the journal in {path.parent}, and"
            f" {min_free // 1_000_000} MB are needed: make room, or choose another directory."
        )
    return JournalFile(fd)


def continued_journal(path: Path, sound_bytes: int) -> JournalFile:
    """A journal that goes on after a crash, without its torn last line."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.ftruncate(fd, sound_bytes)
    except OSError as error:
        raise JournalRefused(f"The journal {path} can't be continued: {error.strerror}.") from None
    return JournalFile(fd)


class Straight:
    """Writes at once, where nothing can be slow: memory, or a simulation's own file."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self.kept: Kept | None = None

    def write(self, line: bytes, *, urgent: bool = False) -> None:  # noqa: ARG002 - all are
        """As Sink."""
        self._write(line + b"\n")

    def keep(self, kept: Kept) -> None:
        """As Sink; the last one is `self.kept`."""
        self.kept = kept

    def close(self) -> str | None:
        """As Sink; nothing waits."""
        return None


class Recorder:
    """A thread between the loop and the disk.

    `trouble` is called from the thread, once when the journal begins to fail, once when the state
    does, and once when all is well again. Each queue is a deque with one appender (the loop) and
    one taker (the thread), so no lock is ever shared with a thread that sits in a system call.
    """

    def __init__(
        self,
        file: JournalFile,
        state_path: Path,
        trouble: Callable[[str], None],
        *,
        queue_max: int = QUEUE_MAX,
        retry_s: float = RETRY_S,
    ) -> None:
        self.dropped = 0
        self._file = file
        self._state_path = state_path
        self._trouble = trouble
        self._queue_max = queue_max
        self._retry_s = retry_s
        self._lines: deque[bytes] = deque()
        self._states: deque[Kept] = deque()
        self._urgent = False
        self._unwritten = b""
        self._unsaved: Kept | None = None
        self._sync_at: float | None = None
        self._unsynced = 0  # lines
        self._doubtful = 0  # lines whose sync failed: the system may have thrown them away
        self._failing: set[str] = set()
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._work, name="treadguard-journal", daemon=True)
        self._thread.start()

    def write(self, line: bytes, *, urgent: bool = False) -> None:
        """As Sink. A line for which the queue has no room is dropped and counted."""
        if len(self._lines) >= self._queue_max:
            self.dropped += 1
            return
        self._lines.append(line)
        if urgent:
            self._urgent = True
        self._wake.set()

    def keep(self, kept: Kept) -> None:
        """As Sink; only the newest matters."""
        self._states.append(kept)
        self._wake.set()

    def close(self, within_s: float = CLOSE_S) -> str | None:
        """As Sink; gives a disk that hangs up after `within_s`."""
        self._closing.set()
        self._wake.set()
        self._thread.join(within_s)
        lost = self.dropped + len(self._lines) + self._unwritten.count(b"\n")
        unsaved = self._states or self._unsaved is not None
        if self._thread.is_alive() or lost or self._doubtful or unsaved:
            return f"The disk didn't take all of the journal and state ({self._cost(lost)})."
        return None

    def _cost(self, lost: int) -> str:
        more = f", and {self._doubtful} more may be" if self._doubtful else ""
        return f"{lost} lines are lost{more}"

    # ------------------------------------------------------------ in the thread

    def _work(self) -> None:
        closing = False
        while not closing:
            self._wake.wait(self._until_sync())
            closing = self._closing.is_set()
            self._wake.clear()
            # First the state: a lock or an owed Stop matters more than the line that tells of it.
            well = self._done(self._save_state, "state")
            if self._done(partial(self._write_out, closing=closing)) and well:
                self._recovered()
            elif not closing:
                self._closing.wait(self._retry_s)
                self._wake.set()
        self._done(self._file.close)

    def _until_sync(self) -> float | None:
        return None if self._sync_at is None else max(0.0, self._sync_at - time.monotonic())

    def _done(self, work: Callable[[], None], what: str = "journal") -> bool:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - nobody would hear of a thread that died
            self._failed(error, what)
            return False
        return True

    def _save_state(self) -> None:
        while self._states:
            self._unsaved = self._states.popleft()
        if self._unsaved is not None:
            try:
                state_file.save(self._state_path, self._unsaved)
            except OSError:
                if state_file.restricts(self._unsaved):
                    state_file.spoil(self._state_path)
                raise
            self._unsaved = None

    def _write_out(self, *, closing: bool) -> None:
        now = closing
        if self._urgent:
            # Cleared before the lines are taken: one that comes in between asks again.
            self._urgent = False
            now = True
        if now and self._sync_at is not None:
            self._sync_at = 0.0
        while self._lines or self._unwritten:
            while self._lines and len(self._unwritten) < CHUNK:
                self._unwritten += self._lines.popleft() + b"\n"
            # A write may take only a part: the rest goes first next time, so no line is torn.
            took = self._file.write(self._unwritten)
            self._unsynced += self._unwritten.count(b"\n", 0, took)
            self._unwritten = self._unwritten[took:]
            if self._sync_at is None or now:
                self._sync_at = 0.0 if now else time.monotonic() + SYNC_S
        if self._sync_at is not None and self._sync_at <= time.monotonic():
            unsynced, self._unsynced = self._unsynced, 0
            try:
                self._file.sync()
            except OSError:
                # The next sync may go well without them.
                self._doubtful += unsynced
                raise
            self._sync_at = None

    def _failed(self, error: Exception, what: str) -> None:
        if what in self._failing:
            return
        self._failing.add(what)
        why = error.strerror if isinstance(error, OSError) else error
        if what == "state":
            self._trouble(
                f"A break, a lock or an owed Stop can't be saved in {self._state_path} ({why}):"
                " don't start treadguard again before that works."
            )
            return
        self._trouble(
            f"The journal can't be written ({why}): the guard goes on, but this session's"
            " record may have gaps; look at the disk."
        )

    def _recovered(self) -> None:
        if self._failing:
            self._failing.clear()
            self._trouble(f"The disk takes everything again; {self._cost(self.dropped)}.")
