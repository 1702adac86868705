"""The thread that cries out when the loop no longer turns."""

from __future__ import annotations

import asyncio
import threading
import time

from tests.session.rig import Rig, no_machine

from treadguard.session.service import Service
from treadguard.session.stall_watch import StallWatch


class Watched:
    """A watch with a clock of the test's, and what it cried."""

    def __init__(self) -> None:
        self.t = 100.0
        self.cries: list[str] = []
        self.watch = StallWatch(self.cries.append, now=lambda: self.t)

    def after(self, seconds: float) -> int:
        """How often it has cried once so much time has passed."""
        self.t += seconds
        self.watch.look()
        return len(self.cries)


def test_a_loop_that_hangs_beside_a_moving_belt_is_cried_out_and_again() -> None:
    it = Watched()
    it.watch.beat(moving=True)
    assert it.after(1.0) == 0
    assert it.after(0.001) == 1
    assert "held up for 1 s" in it.cries[0]
    assert "safety key" in it.cries[0]
    assert it.after(4.999) == 1
    assert it.after(0.001) == 2
    assert "held up for 6 s" in it.cries[1]
    assert it.after(5) == 3


def test_a_loop_that_is_back_says_so_once() -> None:
    it = Watched()
    it.watch.beat(moving=True)
    it.after(2)
    it.watch.beat(moving=True)
    assert it.after(0.25) == 2
    assert "hears again" in it.cries[1]
    assert it.after(0.25) == 2
    assert it.after(1) == 3, "and the next time it is cried out at once"


def test_beside_a_belt_that_stands_and_before_the_first_tick_it_is_silent() -> None:
    it = Watched()
    assert it.after(60) == 0
    it.watch.beat(moving=False)
    assert it.after(60) == 0


def test_a_real_loop_that_is_blocked_is_cried_out_while_it_hangs() -> None:
    cries: list[tuple[float, str]] = []
    seen: list[str] = []
    watch = StallWatch(lambda text: cries.append((time.monotonic(), text)))

    def tick(service: Service) -> None:
        watch.beat(moving=True)
        seen.append(service.phase)

    rig = Rig(make=no_machine, on_tick=tick)
    blocked: list[float] = []

    async def story() -> None:
        await asyncio.sleep(0.3)
        blocked.append(time.monotonic())
        time.sleep(1.5)  # noqa: ASYNC251 - that is what is tested
        blocked.append(time.monotonic())
        while len(cries) < 2:  # noqa: ASYNC110 - as a person would look
            await asyncio.sleep(0.05)
        rig.service.stop("the story is over")

    with watch:
        assert any(one.name == "treadguard-watch" and one.daemon for one in threading.enumerate())
        assert asyncio.run(asyncio.wait_for(rig.service.run({"story": story}), 20)) == 0
    assert seen
    (cried, text), (back, again) = cries[:2]
    assert blocked[0] < cried < blocked[1] < back
    assert "held up" in text
    assert "hears again" in again
    assert not watch._thread.is_alive()
