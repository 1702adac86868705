"""The simulated treadmill on a virtual radio, and the driver for real ones at the other end.

Here: how machine, air, bleak backend and driver are put together, in one process or in two. The
rule to keep: between the service and the motor lies everything that lies there with a real machine,
but the antenna.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from bumble import hci
from bumble.device import Device, DeviceConfiguration
from bumble.transport.common import Transport
from bumble.transport.tcp_client import open_tcp_client_transport

from treadguard.sim.bleak_over_bumble import PLAIN, Habits, backends
from treadguard.sim.faults import Fault
from treadguard.sim.peripheral import Peripheral
from treadguard.sim.presets import Preset
from treadguard.sim.radio import VirtualRadio, _mend
from treadguard.treadmill.over_bleak import BleakTreadmill
from treadguard.treadmill.radio import Radio

ADDRESS: Final = "F0:F1:F2:F3:F4:F5"
FAR_NAME: Final = "the simulated treadmill over a virtual radio in another process"
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


@asynccontextmanager
async def over_far_radio(
    port: int, *, check: Callable[[bytes], str | None], say: Callable[[str], None]
) -> AsyncIterator[BleakTreadmill]:
    """The driver at work on such a treadmill, whose air is in another process of this computer.

    That process offers a controller of its own on `port`, as HCI over TCP. OSError where nobody
    does.
    """
    # What goes wrong on the way is the driver's to say, in words; Bumble would print its traces.
    logging.getLogger("bumble").addHandler(logging.NullHandler())
    async with await open_tcp_client_transport(f"127.0.0.1:{port}") as transport:
        device = Device.from_config_with_hci(
            DeviceConfiguration(name="treadguard", address=hci.Address(_CENTRAL)),
            transport.source,
            _Far(transport),
        )
        device.on(Device.EVENT_CONNECTION, partial(_mend, device))
        await device.power_on()
        client, scanner = backends(device)
        yield BleakTreadmill(
            Radio(client_type=client, scanner_type=scanner),
            ADDRESS,
            FAR_NAME,
            check=check,
            proven=True,
            say=say,
            is_real=False,
        )


class _Far:
    """The way to a controller that may go away with its process.

    Bumble would wait for its answer, and nobody would say why nothing is found any more.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def on_packet(self, packet: bytes) -> None:
        if self._transport.source.terminated.done():
            raise ConnectionResetError("the process with the virtual radio has ended")
        self._transport.sink.on_packet(packet)
