"""The simulated disk keeps what the real recorder would have kept by the time of a kill."""

from __future__ import annotations

import asyncio

import pytest
from proof.simulated_disk import Disk, Turned, virtual_disk

from treadguard.guard.kept import Kept
from treadguard.session.virtual_time import run

BREAK = Kept(triggers=1, on_break=True)


@pytest.mark.parametrize("what", ["state", "urgent line"])
def test_a_state_and_an_urgent_line_dont_wait_for_the_next_sync(what: str) -> None:
    async def live() -> None:
        disk = Disk(())
        with virtual_disk(disk):
            recorder = Turned(disk, lambda _: None)
            recorder.write(b"one")
            await asyncio.sleep(0.1)
            if what == "state":
                recorder.keep(BREAK)
            else:
                recorder.write(b"two", urgent=True)
            await asyncio.sleep(0.01)
            kept = disk.kept() == BREAK if what == "state" else b"two" in disk.journal
            assert kept
            recorder.close()

    run(live())
