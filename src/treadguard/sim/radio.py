"""The air between simulated Bluetooth devices: Bumble's controllers and link, made trustworthy.

Here: what happens on the air (delay, shadow, loss), and cures for Bumble 0.0.236, each with its
reason. Not here: what devices say to each other (GATT), nor bleak. The rule to keep: on one link
what was sent first arrives first, and nothing outlives the connection it was sent on.

One radio per event loop, made inside the running loop. Time is the loop's, so it may be virtual.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from bumble import att, core, hci, ll
from bumble.controller import Connection as ControllerConnection
from bumble.controller import Controller
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink
from bumble.utils import AsyncRunner

SUPERVISION_S: Final = 0.42  # what BlueZ asks for
LINK_CONTROL_S: Final = 0.05  # about one connection interval of BlueZ's


class _Controller(Controller):
    """Bumble's controller, with an end to a connection attempt that is given up."""

    # It never sends LE Enhanced Connection Complete, which a host waits for once it sees these two
    # features (bumble #841): a real BlueZ as host then times out in every connect.
    le_features = Controller.le_features & ~(
        hci.LeFeatureMask.LL_PRIVACY | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
    )

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """End the pending attempt; Bumble answers Success and leaves it pending.

        With that, a connect that timed out hangs, and every later one is refused for ever.
        """
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        ended = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=pending.peer_address.address_type,
            peer_address=pending.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        # After the command's own answer, as the standard has it.
        asyncio.get_running_loop().call_soon(self.send_hci_packet, ended)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)


class _Path:
    """One direction of one link.

    Timers of one and the same instant fire in any order, so each takes the oldest parcel instead
    of its own; a path keeps order even while the delay changes.
    """

    def __init__(self) -> None:
        self._parcels: deque[Callable[[], None]] = deque()
        self._due = 0.0

    def send(self, delay_s: float, arrive: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        self._due = max(self._due, loop.time() + delay_s)
        self._parcels.append(arrive)
        loop.call_at(self._due, self._arrive)

    def _arrive(self) -> None:
        self._parcels.popleft()()


class VirtualRadio(LocalLink):
    """Devices in reach of each other.

    `latency_s` delays data one way. While `mute` is set, nothing is heard: neither adverts nor
    data, and what is sent is lost. The links themselves last until `lose`.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # Bumble's has no annotations
        self.latency_s = 0.0
        self.mute = False
        self._devices: list[tuple[Device, Controller]] = []
        self._paths: dict[tuple[hci.Address, hci.Address], _Path] = {}

    def device(self, name: str, address: str) -> Device:
        """Make a device on this radio; power it on before use. Addresses count as random ones."""
        controller = _Controller(name, link=self)
        device = Device.from_config_with_hci(
            DeviceConfiguration(name=name, address=hci.Address(address)),
            controller,
            AsyncPipeSink(controller),
        )
        device.on(Device.EVENT_CONNECTION, partial(_mend, device))
        self._devices.append((device, controller))
        return device

    def lose(self, reason: int = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR) -> None:
        """End every connection at both ends at once, as a supervision timeout does."""
        for _, controller in self._devices:
            for connection in list(controller.le_connections.values()):
                controller.on_le_disconnected(connection, reason)

    async def close(self) -> None:
        """End all links, power everything off, and stop what Bumble left running in this loop."""
        self.lose(hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR)
        for device, controller in self._devices:
            if device.powered_on:
                # Answered only after the hosts have heard of the ends of their links.
                await device.stop_scanning()
                await device.stop_advertising()
                await device.power_off()
            # A device that its owner switched off, or whose advertiser has just restarted for the
            # link that ended, goes on advertising at Bumble's controller.
            controller.le_legacy_advertiser.stop()
            self.remove_controller(controller)
        self._devices.clear()
        # Bumble runs each GATT request in a task that nothing ends, least of all one whose
        # handler never answers.
        loop = asyncio.get_running_loop()
        left = [
            task
            for task in AsyncRunner.running_tasks
            if isinstance(task, asyncio.Task) and task.get_loop() is loop
        ]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0)

    def send_advertising_pdu(
        self, sender_controller: Controller, packet: ll.AdvertisingPdu
    ) -> None:
        """In the order the devices were made: Bumble's set differs from run to run."""
        if self.mute:
            return
        loop = asyncio.get_running_loop()
        for _, controller in self._devices:
            if controller is not sender_controller:
                loop.call_soon(controller.on_ll_advertising_pdu, packet)

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: core.PhysicalTransport,
        data: bytes,
    ) -> None:
        """Under the connection's own address.

        Bumble takes the sender's present random address, which is no part of a connection made
        with a public one: a BlueZ host then hears nothing and its connect times out.
        """
        if (connection := sender_controller.le_connections.get(destination_address)) is None:
            return
        source = connection.self_address
        self._send(
            source,
            destination_address,
            self.latency_s,
            lambda receiver: receiver.controller.on_link_acl_data(source, transport, data),
        )

    def send_ll_control_pdu(
        self,
        sender_address: hci.Address,
        receiver_address: hci.Address,
        packet: ll.ControlPdu,
    ) -> None:
        """After a connection interval or so.

        In no time at all, as Bumble has it, a BlueZ host sees data on a link of which its own
        daemon hasn't heard yet.
        """
        delay_s, heard = max(LINK_CONTROL_S, self.latency_s), packet
        if self.mute:
            if not isinstance(packet, ll.TerminateInd):
                return
            # In the shadow the other end doesn't hear the goodbye, and times out.
            delay_s = SUPERVISION_S
            heard = ll.TerminateInd(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
        self._send(
            sender_address,
            receiver_address,
            delay_s,
            lambda receiver: receiver.controller.on_ll_control_pdu(sender_address, heard),
            through_shadow=True,
        )

    def _send(
        self,
        source: hci.Address,
        destination: hci.Address,
        delay_s: float,
        arrive: Callable[[ControllerConnection], None],
        *,
        through_shadow: bool = False,
    ) -> None:
        if (controller := self.find_le_controller(destination)) is None:
            return
        receiver = controller.le_connections.get(source)
        if receiver is None or (self.mute and not through_shadow):
            return

        def deliver() -> None:
            # By then the pair may be connected anew; what belongs to the old link ends with it.
            if controller.le_connections.get(source) is receiver:
                arrive(receiver)

        self._paths.setdefault((source, destination), _Path()).send(delay_s, deliver)


def _mend(device: Device, connection: Connection) -> None:
    """Cure what Bumble's GATT client and server get wrong at the end of a wait."""

    def fail(_reason: int) -> None:
        # Bumble forgets the link, but lets the peripheral's task wait its full 30 s for the
        # confirmation; with this its TimeoutError comes with the drop.
        pending = device.gatt_server.pending_confirmations.get(connection)
        if pending is not None and not pending.done():
            pending.set_exception(TimeoutError("the link went down"))

    connection.on(Connection.EVENT_DISCONNECTION, fail)

    client = connection.gatt_client
    hear = client.on_gatt_pdu

    def hear_what_is_waited_for(pdu: att.ATT_PDU) -> None:
        # Bumble trips over an answer that comes at the very instant its wait is cancelled.
        pending = client.pending_response
        if pending is None or not pending.done() or pdu.op_code not in att.ATT_RESPONSES:
            hear(pdu)

    client.on_gatt_pdu = hear_what_is_waited_for  # type: ignore[method-assign, assignment]
