"""A phone and a peripheral on one virtual radio in virtual time, with bleak's own API between.

`over_the_air` turns an async test into one that runs so; `switched_on` is a simulated treadmill,
and `Phone` a central that remembers what it heard, and when.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, Concatenate, ParamSpec

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from treadguard.ftms import treadmill_data
from treadguard.ftms.characteristics import Characteristic
from treadguard.session import virtual_time
from treadguard.sim.bleak_over_bumble import backends
from treadguard.sim.faults import Fault
from treadguard.sim.peripheral import Peripheral
from treadguard.sim.presets import preset_named
from treadguard.sim.radio import VirtualRadio

P = ParamSpec("P")
ALL = ("2ad9", "2ada", "2ad3", "2acd")


def now() -> float:
    return round(asyncio.get_running_loop().time(), 3)


async def until(second: float) -> None:
    await asyncio.sleep(second - asyncio.get_running_loop().time())


def over_the_air(
    test: Callable[Concatenate[VirtualRadio, P], Coroutine[Any, Any, None]],
) -> Callable[P, None]:
    """The test's first argument is the radio; it is closed afterwards."""

    async def session(*args: P.args, **kwargs: P.kwargs) -> None:
        radio = VirtualRadio()
        try:
            await test(radio, *args, **kwargs)
        finally:
            await radio.close()

    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        virtual_time.run(session(*args, **kwargs))

    # The fixtures and parameters that pytest has to fill in are all but the first.
    _, *others = inspect.signature(test).parameters.values()
    run.__signature__ = inspect.Signature(others)  # type: ignore[attr-defined]
    run.__name__ = test.__name__
    return run


@asynccontextmanager
async def switched_on(
    radio: VirtualRadio,
    preset: str = "ideal",
    *quirks: str,
    faults: Sequence[Fault] = (),
    seed: int = 7,
) -> AsyncIterator[Peripheral]:
    device = radio.device("treadmill", "F0:F1:F2:F3:F4:F5")
    machine = Peripheral(device, preset_named(preset), quirks=quirks, faults=faults, seed=seed)
    await machine.start()
    try:
        yield machine
    finally:
        await machine.stop()


class Phone:
    """One central. `heard` are (second, short UUID, bytes) of all its connections."""

    def __init__(self, radio: VirtualRadio, number: int = 1) -> None:
        self._device = radio.device(f"phone {number}", f"C0:C1:C2:C3:C4:C{number}")
        self.heard: list[tuple[float, str, bytes]] = []
        self.lost_at: list[float] = []
        self.lost = asyncio.Event()

    async def find(
        self, name: str = "treadguard sim", within: float = 2
    ) -> tuple[BLEDevice, AdvertisementData] | None:
        if not self._device.powered_on:
            await self._device.power_on()
            self._client, self._scanner = backends(self._device)
        found: list[tuple[BLEDevice, AdvertisementData]] = []

        def sees(device: BLEDevice, advert: AdvertisementData) -> bool:
            found.append((device, advert))
            return advert.local_name == name

        await BleakScanner.find_device_by_filter(sees, within, backend=self._scanner)
        return found[-1] if found else None

    async def connect(self, *subscribe: str, name: str = "treadguard sim") -> BleakClient:
        found = await self.find(name)
        assert found is not None, "nothing is advertised"
        client = BleakClient(found[0], self._loses, backend=self._client)
        self.lost.clear()
        await client.connect()
        for char in subscribe:
            await client.start_notify(uuid(char), self.hears)
        return client

    def _loses(self, _: BleakClient) -> None:
        self.lost_at.append(now())
        self.lost.set()

    def hears(self, characteristic: BleakGATTCharacteristic, data: bytearray) -> None:
        self.heard.append((now(), characteristic.uuid[4:8], bytes(data)))

    def bytes_of(self, char: str, since: float = 0, to: float = 1e9) -> list[bytes]:
        return [data for t, c, data in self.heard if c == char and since <= t < to]

    def speeds(self, since: float = 0, to: float = 1e9) -> list[int | None]:
        return [treadmill_data.decode(data).speed for data in self.bytes_of("2acd", since, to)]

    async def ask(self, client: BleakClient, frame: bytes, within: float = 5) -> int | None:
        """Write as the machine declares it; the result code, or None if none came in time."""
        since = len(self.heard)
        await write(client, frame)
        end = now() + within
        while now() < end:
            for _, char, data in self.heard[since:]:
                if char == "2ad9" and data[:2] == bytes((0x80, frame[0])):
                    return data[2]
            await asyncio.sleep(0.01)
        return None

    async def run_at(self, client: BleakClient, speed: int) -> None:
        """Control, start, countdown, speed."""
        assert await self.ask(client, b"\x00") == 1
        assert await self.ask(client, b"\x07") == 1
        await asyncio.sleep(4)
        assert await self.ask(client, b"\x02" + speed.to_bytes(2, "little")) == 1


def uuid(short: str) -> str:
    return Characteristic(int(short, 16)).uuid


async def write(client: BleakClient, frame: bytes, response: bool | None = None) -> None:
    """To the control point; without `response`, as the machine declares it."""
    point = client.services.get_characteristic(uuid("2ad9"))
    assert point is not None
    if response is None:
        response = "write" in point.properties
    await client.write_gatt_char(point, frame, response=response)
