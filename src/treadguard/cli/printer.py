"""Printing that never holds up the guard.

The rule to keep: a terminal may block (Ctrl-S, a slow pipe) or be gone. Whoever prints from the
service's loop hands the line to this thread, and doesn't learn what became of it.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from typing import Final, TextIO

WAITING_MAX: Final = 1_000
CLOSE_S: Final = 1.0


class Printer:
    """A thread between the loop and one stream; lines for which there is no room are dropped."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._lines: deque[str] = deque()
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="treadguard-printer", daemon=True)
        self._thread.start()

    def __call__(self, line: str) -> None:
        """Print this line when the stream takes it."""
        if len(self._lines) < WAITING_MAX:
            self._lines.append(line)
            self._wake.set()

    def close(self) -> None:
        """Print what waits, but wait for no stream that hangs."""
        self._closing = True
        self._wake.set()
        self._thread.join(CLOSE_S)

    def _work(self) -> None:
        while not self._closing or self._lines:
            self._wake.wait()
            self._wake.clear()
            try:
                while self._lines:
                    self._stream.write(self._lines.popleft() + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                return  # nobody reads any more; the journal has it all
