"""The two forms of the simulated treadmill, which the house's scenarios must not tell apart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from treadguard.closed_loop.stage import Check, Drive, Machine, direct
from treadguard.sim.machine import SimulatedMachine
from treadguard.sim.over_radio import over_radio
from treadguard.sim.presets import preset_named
from treadguard.treadmill.protocol import Treadmill


@asynccontextmanager
async def radio(
    machine: Machine, seed: int, check: Check
) -> AsyncIterator[tuple[Treadmill, SimulatedMachine]]:
    """Through the driver for real machines, over ATT packets."""
    async with over_radio(
        preset_named(machine.preset),
        check=check,
        say=lambda _: None,
        quirks=machine.quirks,
        faults=machine.faults,
        seed=seed,
    ) as driven:
        yield driven


FORMS: Final[dict[str, Drive]] = {"direct": direct, "radio": radio}
