"""The battery of the computer that the guard runs on (H23).

Here: reading it, the two thresholds, and the watch in mid-session. The rule to keep: it is read
off the loop, because the kernel may ask the battery itself, which takes its time.

Linux alone (/sys/class/power_supply): what another system has in its battery isn't known here, and
what isn't known refuses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from treadguard.guard.events import Host
from treadguard.session.service import Service

POWER_SUPPLIES: Final = Path("/sys/class/power_supply")
START_PCT: Final = 15
"""With less, and no charger, no session begins on a real treadmill (H23)."""

STOP_PCT: Final = 7
"""With less, and no charger, a moving belt is stopped (H23)."""

LOOK_S: Final = 30.0
AGAIN_S: Final = 1.0
"""Once told, the guard is looked at this often: a countdown is longer, so no run begins unseen."""


class Battery(NamedTuple):
    """What is left, over all of the computer's batteries."""

    percent: int
    discharging: bool

    @property
    def may_start(self) -> bool:
        return self.percent >= START_PCT or not self.discharging

    @property
    def may_go_on(self) -> bool:
        return self.percent >= STOP_PCT or not self.discharging


def battery(supplies: Path = POWER_SUPPLIES) -> Battery | None:
    """None where there is none, or none that can be read."""
    percents: list[int] = []
    discharging = False
    try:
        found = list(supplies.iterdir())
    except OSError:
        return None
    for one in found:
        # A mouse has a battery too, and says that it is a device's.
        if _word(one / "type") != "Battery" or _word(one / "scope") == "Device":
            continue
        percent = _word(one / "capacity")
        if percent.isascii() and percent.isdigit():
            percents.append(int(percent))
            discharging = discharging or _word(one / "status") == "Discharging"
    return Battery(sum(percents) // len(percents), discharging) if percents else None


def _word(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


async def watch_battery(service: Service, read: Callable[[], Battery | None] = battery) -> None:
    """Tell the guard, once in each run of the belt, that the computer is about to leave it."""
    while True:
        left = await asyncio.to_thread(read)
        if left is not None and not left.may_go_on and service.belt_may_move:
            service.feed(Host(service.clock(), "battery"))
            while _same_run(service):  # noqa: ASYNC110 - the guard has no event for it
                await asyncio.sleep(AGAIN_S)
        await asyncio.sleep(LOOK_S)


def _same_run(service: Service) -> bool:
    # A resume may come with the very record that shows the belt at rest, so the phase is asked;
    # in shadow it stays what it was.
    resumed = not service.sends_nothing and service.phase in ("STARTING", "RUNNING")
    return service.belt_may_move and not resumed
