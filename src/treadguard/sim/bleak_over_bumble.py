"""bleak's client and scanner on a Bumble device: the real bleak API without an operating system.

Here: backend types for `BleakClient(..., backend=)` and `BleakScanner(backend=)`. Not here: the
air (radio.py), connecting, asking and BlueZ's habits (central.py), nor what any characteristic
means. The rule to keep: seen through bleak's API, it behaves as bleak does on BlueZ, down to which
error is raised when.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar, Final

from bleak import BleakScanner
from bleak.args import SizedBuffer
from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError
from bleak.uuids import normalize_uuid_str
from bumble import att, core
from bumble.core import AdvertisingData
from bumble.device import Advertisement, Connection, Device, Peer

from treadguard.sim.central import BLUEZ, PLAIN, Central, Habits, Link

__all__ = ["BLUEZ", "PLAIN", "Habits", "backends"]

_WANTED_MTU: Final = 247


def backends(
    device: Device, habits: Habits = PLAIN
) -> tuple[type[BaseBleakClient], type[BaseBleakScanner]]:
    """Client and scanner types bound to one central, which must be powered on before their use."""
    shared = Central(device, habits)

    class BumbleScanner(_Scanner):
        central = shared

    class BumbleClient(_Client):
        central = shared
        scanner = BumbleScanner

    return BumbleClient, BumbleScanner


class _Scanner(BaseBleakScanner):
    central: ClassVar[Central]

    def __init__(self, detection_callback: Any, service_uuids: Any, *_mode: Any, **_: Any) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        self.seen_devices = {}
        await self.central.listen(self.hear)

    async def stop(self) -> None:
        await self.central.ignore(self.hear)

    def hear(self, advertisement: Advertisement) -> None:
        data = advertisement.data
        uuids = {
            _uuid(uuid): None
            for kind in (
                AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
                AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
                AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
                AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
            )
            for listed in data.get_all(kind)
            for uuid in listed
        }
        if not self.is_allowed_uuid(list(uuids)):
            return
        name = data.get(AdvertisingData.COMPLETE_LOCAL_NAME) or data.get(
            AdvertisingData.SHORTENED_LOCAL_NAME
        )
        advert = AdvertisementData(
            local_name=name,
            manufacturer_data={
                company: bytes(value)
                for company, value in data.get_all(AdvertisingData.MANUFACTURER_SPECIFIC_DATA)
            },
            service_data={
                _uuid(uuid): bytes(value)
                for kind in (
                    AdvertisingData.SERVICE_DATA_16_BIT_UUID,
                    AdvertisingData.SERVICE_DATA_128_BIT_UUID,
                )
                for uuid, value in data.get_all(kind)
            },
            service_uuids=list(uuids),
            tx_power=None,
            rssi=advertisement.rssi,
            platform_data=(advertisement,),
        )
        address = advertisement.address.to_string(False)
        device = self.create_or_update_device(address, address, name, advertisement.address, advert)
        self.call_detection_callbacks(device, advert)


class _Client(BaseBleakClient):
    central: ClassVar[Central]
    scanner: ClassVar[type[BaseBleakScanner]]

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        services: set[str] | None = None,
        **_: Any,
    ) -> None:
        super().__init__(
            address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout
        )
        self._device: BLEDevice | None = None
        if isinstance(address_or_ble_device, BLEDevice):
            self._device = address_or_ble_device
        self._wanted_services = services
        self._link: Link | None = None
        self._session = object()
        self._callbacks: dict[int, NotifyCallback] = {}

    @property
    def name(self) -> str:
        return (self._device and self._device.name) or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        return self._link.connection.att_mtu if self._link else att.ATT_DEFAULT_MTU

    @property
    def is_connected(self) -> bool:
        return self._link is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        if pair:
            await self.pair()
        if self._link:
            raise BleakError("Client is already connected")
        timeout_s: float = kwargs.get("timeout", self._timeout)
        if self._device is None:
            self._device = await BleakScanner.find_device_by_address(
                self.address, timeout=timeout_s, backend=self.scanner
            )
            if self._device is None:
                raise BleakDeviceNotFoundError(
                    self.address, f"Device with address {self.address} was not found."
                )
        self.central.must_know(self._device.address)
        async with asyncio.timeout(timeout_s):
            connection = await self.central.establish(self._device.details)
            link = Link(connection, self.central.habits.stuck_queue_s)
            self._link = link
            self._session = self.central.session()
            connection.on(Connection.EVENT_DISCONNECTION, lambda _reason: self._down(link))
            try:
                self.services = await link.ask(partial(self._discover, connection))
            except BaseException:
                await self.disconnect()
                raise

    async def _discover(self, connection: Connection) -> BleakGATTServiceCollection:
        peer = Peer(connection)
        with suppress(att.ATT_Error):  # not every peripheral knows of a larger one
            await peer.request_mtu(_WANTED_MTU)
        found = BleakGATTServiceCollection()
        for service in await peer.discover_services():
            uuid = _uuid(service.uuid)
            if self._wanted_services and uuid not in self._wanted_services:
                continue
            holder = BleakGATTService(service, service.handle, uuid)
            found.add_service(holder)
            for char in await service.discover_characteristics():
                characteristic = BleakGATTCharacteristic(
                    char,
                    char.handle,
                    _uuid(char.uuid),
                    sorted(gatt_char_props_to_strs(char.properties)),
                    lambda: self.mtu_size - 3,
                    holder,
                )
                found.add_characteristic(characteristic)
                for descriptor in await char.discover_descriptors():
                    found.add_descriptor(
                        BleakGATTDescriptor(
                            descriptor, descriptor.handle, _uuid(descriptor.type), characteristic
                        )
                    )
                char.descriptors_discovered = True  # Bumble forgets, and asks at every subscribe
        return found

    def _down(self, link: Link) -> None:
        link.over.set()
        if self._link is link:
            self._let_go(link)

    def _let_go(self, link: Link) -> None:
        """Once for each link, whoever ended it."""
        link.give_up()
        self._link = self.services = None
        self._callbacks.clear()
        self.central.meet(self.address)
        self.central.drop(self._session)
        if self._disconnected_callback:
            # Not from within Bumble's own handling, which an exception would cut short.
            asyncio.get_running_loop().call_soon(self._disconnected_callback)

    async def disconnect(self) -> None:
        try:
            if self._link:
                await asyncio.wait({asyncio.create_task(self._part(self._link))})
        finally:
            if self._link:  # the wait was cancelled: the link ends in its time, this client has
                self._let_go(self._link)
            self.central.close(self._session)

    async def _part(self, link: Link) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.central.habits.disconnect_s):
                await link.over.wait()
        await link.close()

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        raise BleakError("The simulated radio doesn't pair. Connect without pairing.")

    async def unpair(self) -> None:
        await self.pair()

    def _up(self) -> Link:
        if self._link is None:
            raise BleakError("Not connected")
        return self._link

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_: Any) -> bytearray:
        return bytearray(await self._up().ask(characteristic.obj.read_value))

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **_: Any) -> bytearray:
        return bytearray(await self._up().ask(descriptor.obj.read_value))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        link, write = self._up(), partial(characteristic.obj.write_value, bytes(data))
        if response:
            await link.ask(partial(write, with_response=True))
        else:  # a command waits for no answer, and so for nobody else's
            await write(with_response=False)

    async def write_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, data: SizedBuffer
    ) -> None:
        await self._up().ask(partial(descriptor.obj.write_value, bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any
    ) -> None:
        link, handle = self._up(), characteristic.handle
        if not {"notify", "indicate"} & set(characteristic.properties):
            raise BleakError(f"{characteristic} neither notifies nor indicates.")
        already = handle in self._callbacks
        self._callbacks[handle] = callback
        if not already:
            await link.ask(partial(characteristic.obj.subscribe, partial(self._deliver, handle)))

    def _deliver(self, handle: int, value: bytes) -> None:
        if callback := self._callbacks.get(handle):
            for _ in range(self.central.deliveries()):
                # An exception must not keep Bumble from confirming an indication.
                asyncio.get_running_loop().call_soon(callback, bytearray(value))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        link = self._up()
        if self._callbacks.pop(characteristic.handle, None):
            await link.ask(characteristic.obj.unsubscribe)


def _uuid(uuid: core.UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-"))
