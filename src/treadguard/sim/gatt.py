"""A Bumble device as a treadmill's radio: one Fitness Machine Service, one central at a time.

Here are the adverts, the connection, the subscriptions and the packets of the ATT layer; what the
machine means by them is peripheral.py's and replaying.py's business. Writes to the control point
are taken before Bumble answers them, because it hands requests and commands to one and the same
handler, and responds to a request at once. The rule to keep: what goes out keeps its order.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

from bumble import att, data_types
from bumble.core import UUID, AdvertisingData, ProtocolError
from bumble.device import Connection, Device
from bumble.gatt import Characteristic as BumbleCharacteristic
from bumble.gatt import Service as BumbleService
from bumble.gatt_server import Server
from bumble.profiles.device_information_service import DeviceInformationService

from treadguard.ftms.characteristics import Characteristic, Service

WRITE_NOT_PERMITTED: Final = 0x03
READ_NOT_PERMITTED: Final = 0x02
CONTROL_POINT: Final = Characteristic.CONTROL_POINT.short
ADVERT_MAX: Final = 31
"""Bytes in one legacy advertising packet."""

ADVERT_EVERY: Final = 100.0
"""ms"""

Respond = Callable[[int | None], None]
"""Ends a write request: with an ATT error code, or None for success."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One characteristic: its short UUID, its properties as bleak names them, what a read gives."""

    char: str
    properties: frozenset[str]
    value: bytes = b""


class Machine(Protocol):
    """Whose radio it is."""

    def on_linked(self) -> None:
        """A central has connected."""

    def on_unlinked(self) -> None:
        """The central is gone, and with it whatever was on its way."""

    def on_subscribed(self, char: str, on: bool) -> None:
        """The central wants this characteristic's values, or no longer wants them."""

    def on_write(self, frame: bytes, respond: Respond | None) -> None:
        """A write to the control point, of either type; a command has nothing to respond."""

    def on_arrival(self, pdu: att.ATT_PDU, take: Callable[[], None]) -> None:
        """A packet has come in: take it now, later or never."""

    def on_departure(self, pdu: bytes, send: Callable[[bytes], None]) -> None:
        """A packet is to go out: send it, or what is left of it, now, later or never."""


class FtmsServer(Server):
    """The peripheral's half of the link. It takes the place of the device's own GATT server."""

    def __init__(
        self,
        device: Device,
        machine: Machine,
        offers: Iterable[Offer],
        *,
        name: str,
        information: DeviceInformationService | None = None,
    ) -> None:
        """ValueError where the name doesn't fit into an advert."""
        super().__init__(device)
        self.connection: Connection | None = None
        self._machine = machine
        self._offers = {offer.char: offer for offer in offers}
        self._served: dict[str, BumbleCharacteristic[bytes]] = {
            offer.char: _characteristic(offer) for offer in self._offers.values()
        }
        self._kept = dict(self._served)
        self._indications: deque[bytes] = deque()  # the first of them waits for its confirmation
        self._advertised = True
        self._to_drop = False
        self._changed = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        device.name = name
        device.advertising_data = _advert(name)
        device.gatt_server = self
        device.add_default_services()
        service = UUID.from_16_bits(Service.FITNESS_MACHINE)
        self.add_service(BumbleService(service, list(self._served.values())))
        if information is not None:
            self.add_service(information)
            self._kept |= {
                char.uuid.to_hex_str().lower(): char for char in information.characteristics
            }
        self.on(self.EVENT_CHARACTERISTIC_SUBSCRIPTION, self._subscription)

    # ------------------------------------------------------------ life

    async def start(self) -> None:
        """Switch the radio on."""
        self.device.on(Device.EVENT_CONNECTION, self._linked)
        await self.device.power_on()
        self._changed.set()
        self._keeping = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Switch it off; raises what went wrong in its life."""
        if self._keeping is None:
            return
        keeping, self._keeping = self._keeping, None
        keeping.cancel()
        await asyncio.wait((keeping,))
        await self._disconnect()
        await self.device.stop_advertising()
        self.device.remove_listener(Device.EVENT_CONNECTION, self._linked)
        await self.device.power_off()
        if not keeping.cancelled():
            keeping.result()

    def advertise(self, *, on: bool) -> None:
        """Be there for a central, unless one is connected; or be away, and drop who is."""
        self._advertised = on
        self._changed.set()

    def drop(self) -> None:
        """End the connection, if there is one; a new one may follow."""
        self._to_drop = True
        self._changed.set()

    async def _keep(self) -> None:
        # Looks at what should be, not at what happened: a fault may end while a drop is under way.
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._to_drop or not self._advertised:
                self._to_drop = False
                await self._disconnect()
            if not self._advertised:
                await self.device.stop_advertising()
            elif self.connection is None and not self.device.is_advertising:
                await self.device.start_advertising(
                    advertising_interval_min=ADVERT_EVERY, advertising_interval_max=ADVERT_EVERY
                )

    async def _disconnect(self) -> None:
        if self.connection is not None:
            try:
                await self.connection.disconnect()
            except ProtocolError:
                pass  # the other side was faster

    def _linked(self, connection: Connection) -> None:
        self.connection = connection
        connection.on(Connection.EVENT_DISCONNECTION, self._unlinked)
        self._machine.on_linked()
        self._changed.set()

    def _unlinked(self, _reason: int) -> None:
        self.connection = None
        self._indications.clear()
        self._machine.on_unlinked()
        self._changed.set()

    # ------------------------------------------------------------ what the machine asks and says

    def declares(self, *, with_response: bool) -> bool:
        """Whether the control point takes writes of this type."""
        kind = "write" if with_response else "write-without-response"
        return kind in self._offers[CONTROL_POINT].properties

    def wants(self, char: str) -> bool:
        """Whether the central has subscribed, in a way that the characteristic knows."""
        return bool(self._subscription_to(char))

    def keep(self, char: str, data: bytes) -> None:
        """What a read of this characteristic gives from now on."""
        if char in self._kept:
            self._kept[char].value = data

    def send(self, char: str, data: bytes) -> None:
        """Notify or indicate, if the central wants it; what the link has no room for is cut off."""
        how = self._subscription_to(char)
        if self.connection is None or how is None:
            return
        pdu = how(
            attribute_handle=self._served[char].handle,
            attribute_value=data[: self.connection.att_mtu - 3],
        )
        if isinstance(pdu, att.ATT_Handle_Value_Notification):
            self.send_gatt_pdu(self.connection, bytes(pdu))
            return
        self._indications.append(bytes(pdu))
        if len(self._indications) == 1:
            self.send_gatt_pdu(self.connection, bytes(pdu))

    def _subscription_to(self, char: str) -> Callable[..., att.ATT_PDU] | None:
        if self.connection is None or char not in self._served:
            return None
        bits = self.read_cccd(self.connection, self._served[char])[0]
        properties = self._offers[char].properties
        if bits & 1 and "notify" in properties:
            return att.ATT_Handle_Value_Notification
        if bits & 2 and "indicate" in properties:
            return att.ATT_Handle_Value_Indication
        return None

    def _subscription(
        self,
        _bearer: att.Bearer,
        characteristic: BumbleCharacteristic[Any],
        _notify: bool,
        _indicate: bool,
    ) -> None:
        for char, served in self._served.items():
            if served is characteristic:
                self._machine.on_subscribed(char, self.wants(char))

    # ------------------------------------------------------------ packets

    def on_gatt_pdu(self, bearer: att.Bearer, att_pdu: att.ATT_PDU) -> None:
        """From Bumble: a packet from the central."""
        self._machine.on_arrival(att_pdu, partial(self._take, bearer, att_pdu))

    def send_gatt_pdu(self, bearer: att.Bearer, pdu: bytes) -> None:
        """Also from Bumble: a packet to the central."""
        self._machine.on_departure(pdu, partial(self._send, bearer))

    def refuse(self, pdu: att.ATT_PDU, error: int) -> None:
        """Answer a request with an ATT error."""
        if self.connection is not None:
            self.send_response(self.connection, _error(pdu, error))

    def _send(self, bearer: att.Bearer, pdu: bytes) -> None:
        if bearer is self.connection:
            super().send_gatt_pdu(bearer, pdu)

    def _take(self, bearer: att.Bearer, pdu: att.ATT_PDU) -> None:
        if bearer is not self.connection:
            return
        match pdu:
            case att.ATT_Write_Request() if self._is_control_point(pdu.attribute_handle):
                self._machine.on_write(pdu.attribute_value, partial(self._respond, bearer, pdu))
            case att.ATT_Write_Command() if self._is_control_point(pdu.attribute_handle):
                self._machine.on_write(pdu.attribute_value, None)
            case att.ATT_Read_Request() if self._is_not_readable(pdu.attribute_handle):
                self.refuse(pdu, READ_NOT_PERMITTED)
            case att.ATT_Handle_Value_Confirmation():
                self._confirmed()
            case _:
                super().on_gatt_pdu(bearer, pdu)

    def _is_control_point(self, handle: int) -> bool:
        return CONTROL_POINT in self._served and self._served[CONTROL_POINT].handle == handle

    def _is_not_readable(self, handle: int) -> bool:
        return any(
            served.handle == handle and "read" not in self._offers[char].properties
            for char, served in self._served.items()
        )

    def _respond(self, bearer: att.Bearer, request: att.ATT_PDU, error: int | None) -> None:
        done = att.ATT_Write_Response() if error is None else _error(request, error)
        self.send_response(bearer, done)

    def _confirmed(self) -> None:
        if self._indications:
            self._indications.popleft()
        if self._indications and self.connection is not None:
            self.send_gatt_pdu(self.connection, self._indications[0])


def _error(request: att.ATT_PDU, error: int) -> att.ATT_PDU:
    return att.ATT_Error_Response(
        request_opcode_in_error=request.op_code,
        attribute_handle_in_error=getattr(request, "attribute_handle", 0),
        error_code=error,
    )


def _characteristic(offer: Offer) -> BumbleCharacteristic[bytes]:
    known = BumbleCharacteristic.Properties
    properties = known(0)
    for name in offer.properties:
        properties |= known[name.upper().replace("-", "_")]
    return BumbleCharacteristic(
        UUID.from_16_bits(int(offer.char, 16)),
        properties,
        BumbleCharacteristic.READABLE | BumbleCharacteristic.WRITEABLE,
        offer.value,
    )


def _advert(name: str) -> bytes:
    """Flags, the service and its data (available; a treadmill), and the name."""
    service = UUID.from_16_bits(Service.FITNESS_MACHINE)
    flags = AdvertisingData.Flags
    advert = bytes(
        AdvertisingData(
            [
                data_types.Flags(flags.LE_GENERAL_DISCOVERABLE_MODE | flags.BR_EDR_NOT_SUPPORTED),
                data_types.CompleteListOf16BitServiceUUIDs([service]),
                data_types.ServiceData16BitUUID(service, bytes((1, 1, 0))),
                data_types.CompleteLocalName(name),
            ]
        )
    )
    if len(advert) > ADVERT_MAX:
        raise ValueError(
            f"The name {name!r} is {len(advert) - ADVERT_MAX} bytes too long for an advert;"
            " choose a shorter one."
        )
    return advert
