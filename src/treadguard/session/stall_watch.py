"""A thread that cries out when the loop no longer turns.

Here: the watch of one process over itself (H62). Not here: what the guard does once the loop is
back (guard/host.py), and who restarts a process that doesn't come back (docs/decisions/0004). The
rule to keep: it shares nothing with the loop but one value, and asks nothing of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from treadguard.session.host_time import STALL_S
from treadguard.session.leaving import MOVES

LOOK_S: Final = 0.25
AGAIN_S: Final = 5.0


class StallWatch:
    """Once it is entered, `alarm` is called from its thread; `now` never counts a suspend.

    Before the first beat nothing is watched, and a belt that stands needs no alarm.
    """

    def __init__(
        self, alarm: Callable[[str], None], *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._alarm = alarm
        self._now = now
        self._beat: tuple[float, bool] | None = None
        self._cried: float | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="treadguard-watch", daemon=True)

    def beat(self, *, moving: bool) -> None:
        """The loop turns; `moving`: the belt may move."""
        self._beat = (self._now(), moving)

    def look(self) -> None:
        """Cry out where it is time to."""
        if self._beat is None:
            return
        last, moving = self._beat
        now = self._now()
        late_s = now - last
        if late_s <= STALL_S:
            if self._cried is not None:
                self._cried = None
                self._alarm("treadguard hears again: look at the belt and at the screen.")
        elif moving and (self._cried is None or now - self._cried >= AGAIN_S):
            self._cried = now
            self._alarm(
                f"treadguard has been held up for {late_s:.0f} s, and the belt may be moving:"
                f" {MOVES}"
            )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join(LOOK_S)

    def _work(self) -> None:
        while not self._over.wait(LOOK_S):
            self.look()
