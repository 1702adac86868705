"""An event loop whose clock jumps to the next timer instead of waiting for it.

Here: the loop for `simulate` and for tests. Not here: anything that knows of sessions. The rule to
keep: time passes only when nothing is left to do now, so the same program takes the same steps at
the same times on any machine.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class DeadlockError(RuntimeError):
    """Nothing is scheduled any more: in real time this would wait for ever."""


class _Jump(selectors.DefaultSelector):
    """Never waits: reports what is ready, and passes the time until the next timer at once."""

    passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise DeadlockError("nothing is scheduled any more, so this would wait for ever")
            self.passed_s += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A selector loop that starts at second 0 and runs as fast as it can.

    Threads and sockets work only as far as they need no waiting: the loop doesn't wait for them.
    """

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.passed_s


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
