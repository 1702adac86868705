"""The way out: whatever ended the session, the belt is brought to rest first.

The rules to keep: "stopped" is said only of a belt that was measured so; in shadow, and on a
machine that was never proven, nothing is sent; a Stop goes out even where the guard has failed.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from treadguard.guard.events import Command

if TYPE_CHECKING:
    from treadguard.session.service import Service

REST_S: Final = 30
"""Real belts need up to 21 s from 12 km/h (DESIGN.md section 3)."""

LOOK_S: Final = 0.25
UNGUARDED_STOPS_S: Final = (0.0, 5.0, 8.0)
"""When Stops go out that no guard repeats: the times of the ladder (DESIGN.md section 3)."""

MOVES: Final = "press Stop on its console, or pull the safety key."


async def bring_to_rest(service: Service) -> bool:
    """Stop a belt that may move and wait for it; True once it was seen at rest."""
    if not service.belt_may_move:
        return True
    if service.sends_nothing:
        service.say(f"The belt may be moving, and treadguard sends nothing here: {MOVES}")
        return False
    # Out of sight and said to stand, a machine that toggles would be started by another Stop.
    if not service.guard_failed and not service.belt_said_it_stopped:
        # A guard that fails at this very Stop is seen below.
        with suppress(RuntimeError):
            service.operator("stop")
    try:
        rested = await _wait(service)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
        rested = False
    if not rested:
        service.alarm(f"The belt isn't known to be at rest: {MOVES}")
    return rested


async def _wait(service: Service) -> bool:
    now = asyncio.get_running_loop().time
    start = now()
    unguarded = list(UNGUARDED_STOPS_S)
    said = REST_S + 1
    while service.belt_may_move:
        passed = now() - start
        if passed >= REST_S or service.hurry.is_set():
            return False
        if service.guard_failed and unguarded and passed >= unguarded[0]:
            unguarded.pop(0)
            service.treadmill.send(Command(0, "stop", None, ("guard failed",)))
        if REST_S - int(passed) < said:
            said = REST_S - int(passed)
            service.say(f"Waiting for the belt to stop, {said} s left: or {MOVES}")
        with suppress(TimeoutError):
            await asyncio.wait_for(service.hurry.wait(), LOOK_S)
    return True
