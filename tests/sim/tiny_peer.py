"""A tiny GATT peripheral and a bleak central on one virtual radio, for a test in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner
from bumble import att, data_types
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service

from treadguard.session import virtual_time
from treadguard.sim.bleak_over_bumble import PLAIN, Habits, backends
from treadguard.sim.radio import VirtualRadio

PROPERTIES = Characteristic.Properties
ADDRESS = "F0:F1:F2:F3:F4:F5"
NAME = "Tiny"


def uuid(short: str) -> str:
    return f"0000{short}-0000-1000-8000-00805f9b34fb"


POINT, DATA, FEATURE = uuid("2ad9"), uuid("2acd"), uuid("2acc")


class Peripheral:
    """Service 0x1826 with a control point that listens, and data that it sends when told to."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.frames: list[tuple[float, bytes]] = []
        self.pdus: list[str] = []
        self.refuses: int | None = None
        self.silent = False
        self.slow_s = 0.0
        readable = Characteristic.READABLE
        self.point: Characteristic[bytes] = Characteristic(
            "2AD9",
            PROPERTIES.WRITE | PROPERTIES.INDICATE,
            Characteristic.WRITEABLE,
            CharacteristicValue(write=self._written),
        )
        self.data = Characteristic("2ACD", PROPERTIES.NOTIFY, readable, b"")
        self.feature = Characteristic("2ACC", PROPERTIES.READ, readable, b"\x04\x10")
        device.add_services([Service("1826", [self.feature, self.data, self.point])])
        hear = device.gatt_server.on_gatt_pdu

        def overhear(bearer: att.Bearer, pdu: att.ATT_PDU) -> None:
            self.pdus.append(pdu.name)
            hear(bearer, pdu)

        device.gatt_server.on_gatt_pdu = overhear  # type: ignore[method-assign, assignment]

    async def _written(self, _connection: Connection, frame: bytes) -> None:
        if self.silent:
            await asyncio.Event().wait()
        await asyncio.sleep(self.slow_s)
        self.frames.append((now(), bytes(frame)))
        if self.refuses is not None:
            raise att.ATT_Error(self.refuses)

    async def advertise(self) -> None:
        self.device.advertising_data = bytes(
            AdvertisingData(
                [
                    data_types.CompleteListOf16BitServiceUUIDs([UUID.from_16_bits(0x1826)]),
                    data_types.CompleteLocalName(NAME),
                    data_types.ServiceData16BitUUID(UUID.from_16_bits(0x1826), b"\x01\x01\x00"),
                ]
            )
        )
        self.device.advertising_interval_min = self.device.advertising_interval_max = 100
        await self.device.start_advertising(auto_restart=True)

    async def notify(self, value: bytes) -> None:
        await self.device.notify_subscribers(self.data, value)

    async def indicate(self, value: bytes) -> None:
        await self.device.indicate_subscribers(self.point, value)

    async def drop(self) -> None:
        (connection,) = self.device.connections.values()
        await connection.disconnect()


@dataclass
class Air:
    radio: VirtualRadio
    peripheral: Peripheral
    central: Device
    client_type: type[BaseBleakClient]
    scanner_type: type[BaseBleakScanner]
    drops: list[float] = field(default_factory=list)
    complaints: list[dict[str, object]] = field(default_factory=list)  # of the event loop

    async def find(self) -> BLEDevice:
        found = await BleakScanner.find_device_by_name(NAME, backend=self.scanner_type)
        assert found
        return found

    def client(self, whom: BLEDevice | str, timeout_s: float = 30.0) -> BleakClient:
        return BleakClient(
            whom, lambda _: self.drops.append(now()), timeout=timeout_s, backend=self.client_type
        )

    async def connected(self) -> BleakClient:
        client = self.client(await self.find())
        await client.connect()
        return client


class Heard(list[tuple[float, bytes]]):
    """A notification callback that keeps when it heard what."""

    def __call__(self, _characteristic: BleakGATTCharacteristic, value: bytearray) -> None:
        self.append((now(), bytes(value)))

    @property
    def values(self) -> list[bytes]:
        return [value for _, value in self]


def now() -> float:
    return asyncio.get_running_loop().time()


Scene = Callable[[Air], Awaitable[None]]


def on_air(habits: Habits = PLAIN) -> Callable[[Scene], Callable[[], None]]:
    """Run a test in virtual time on a radio of its own, which must close without a trace."""

    def decorate(test: Scene) -> Callable[[], None]:
        async def main() -> None:
            radio = VirtualRadio()
            peripheral = Peripheral(radio.device("peripheral", ADDRESS))
            await peripheral.device.power_on()
            await peripheral.advertise()
            central = radio.device("central", "C0:C1:C2:C3:C4:C5")
            await central.power_on()
            air = Air(radio, peripheral, central, *backends(central, habits))
            asyncio.get_running_loop().set_exception_handler(
                lambda _, complaint: air.complaints.append(complaint)
            )
            try:
                await test(air)
            finally:
                await radio.close()
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left, f"still running: {left}"
            assert not air.complaints

        def run() -> None:
            virtual_time.run(main())

        # Not functools.wraps: pytest would take the parameter for a fixture.
        run.__doc__ = test.__doc__
        return run

    return decorate
