"""A session's length by the therapist's limit (A30).

The rule to keep: only the time in which the belt moves, or may move, counts, and what is over is
said before the belt is brought to rest.
"""

from __future__ import annotations

import asyncio
from typing import Final

from treadguard.session.service import Service
from treadguard.units import Millis

LOOK_S: Final = 1.0
AHEAD_MS: Final = Millis(60_000)


async def end_after(service: Service, longest_ms: Millis, moved_ms: Millis) -> None:
    """End the session once the belt has moved for `longest_ms`; `moved_ms` of them are gone.

    Where treadguard only watches, it says so and ends nothing.
    """
    minutes = f"{longest_ms / 60_000:g} min"
    told = False
    seen = service.clock()
    while moved_ms < longest_ms:
        await asyncio.sleep(LOOK_S)
        now = service.clock()
        if service.belt_may_move:
            moved_ms = Millis(moved_ms + now - seen)
        seen = now
        if not told and longest_ms - AHEAD_MS <= moved_ms < longest_ms:
            told = True
            service.say(f"one minute more: your therapist allows {minutes} a session")
    over = f"your therapist's {minutes} are over"
    if service.sends_nothing:
        service.alarm(f"{over}: press Stop")
    else:
        service.alarm(f"{over}: the belt is stopped")
        service.stop(over)
