"""The simulated treadmill on a virtual radio, and the driver for real ones at the other end.

Here: how machine, air, bleak backend and driver are put together. The rule to keep: between the
service and the motor lies everything that lies there with a real machine, but the antenna.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from treadguard.sim.bleak_over_bumble import PLAIN, Habits, backends
from treadguard.sim.faults import Fault
from treadguard.sim.peripheral import Peripheral
from treadguard.sim.presets import Preset
from treadguard.sim.radio import VirtualRadio
from treadguard.treadmill.over_bleak import BleakTreadmill
from treadguard.treadmill.radio import Radio

ADDRESS: Final = "F0:F1:F2:F3:F4:F5"
_CENTRAL: Final = "C0:C1:C2:C3:C4:C5"


@asynccontextmanager
async def on_air(
    preset: Preset,
    *,
    quirks: Iterable[str] = (),
    faults: Sequence[Fault] = (),
    seed: int = 0,
    habits: Habits = PLAIN,
) -> AsyncIterator[tuple[Radio, Peripheral]]:
    """A simulated treadmill within reach, and the radio that reaches it, for the running loop."""
    air = VirtualRadio()
    peripheral = Peripheral(
        air.device("treadmill", ADDRESS), preset, quirks=quirks, faults=faults, seed=seed
    )
    central = air.device("treadguard", _CENTRAL)
    try:
        await central.power_on()
        await peripheral.start()
        client, scanner = backends(central, habits)
        yield Radio(client_type=client, scanner_type=scanner), peripheral
    finally:
        try:
            await peripheral.stop()
        finally:
            await air.close()


@asynccontextmanager
async def over_radio(
    preset: Preset,
    *,
    check: Callable[[bytes], str | None],
    say: Callable[[str], None],
    quirks: Iterable[str] = (),
    faults: Sequence[Fault] = (),
    seed: int = 0,
    habits: Habits = PLAIN,
) -> AsyncIterator[tuple[BleakTreadmill, Peripheral]]:
    """The driver at work on such a treadmill, and the machine for hands to be laid on."""
    async with on_air(preset, quirks=quirks, faults=faults, seed=seed, habits=habits) as found:
        radio, peripheral = found
        name = f"the simulated treadmill ({preset.name}) over the virtual radio"
        treadmill = BleakTreadmill(
            radio, ADDRESS, name, check=check, proven=True, say=say, is_real=False
        )
        yield treadmill, peripheral
