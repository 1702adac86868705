"""The air: delay, shadow and loss, and what is left of Bumble's defects: nothing."""

from __future__ import annotations

import asyncio

import pytest
from bleak import BleakScanner
from bumble import core, hci
from bumble.device import Device
from tests.sim.tiny_peer import ADDRESS, DATA, FEATURE, POINT, Air, Heard, Peripheral, now, on_air

from treadguard.session import virtual_time
from treadguard.sim.radio import VirtualRadio


@on_air()
async def test_latency_delays_each_way(air: Air) -> None:
    client = await air.connected()
    began = now()
    await client.read_gatt_char(FEATURE)
    assert now() == began
    air.radio.latency_s = 0.03
    await client.read_gatt_char(FEATURE)
    assert now() - began == pytest.approx(0.06)


@on_air()
async def test_latency_keeps_order_even_when_it_shrinks(air: Air) -> None:
    client = await air.connected()
    heard = Heard()
    await client.start_notify(DATA, heard)
    sent = [bytes([n]) for n in range(100)]
    began = now()
    air.radio.latency_s = 0.5
    for value in sent[:50]:
        await air.peripheral.notify(value)
    air.radio.latency_s = 0.0
    for value in sent[50:]:
        await air.peripheral.notify(value)
    await asyncio.sleep(2)
    assert heard.values == sent
    assert {round(at - began, 6) for at, _ in heard} == {0.5}


@on_air()
async def test_what_is_sent_in_the_shadow_is_lost_and_the_link_lasts(air: Air) -> None:
    client = await air.connected()
    heard = Heard()
    await client.start_notify(DATA, heard)
    air.radio.mute = True
    await air.peripheral.notify(b"a")
    await client.write_gatt_char(POINT, b"\x01", response=False)
    await asyncio.sleep(60)
    air.radio.mute = False
    await air.peripheral.notify(b"b")
    await client.write_gatt_char(POINT, b"\x02", response=False)
    await asyncio.sleep(1)
    assert heard.values == [b"b"]
    assert [frame for _, frame in air.peripheral.frames] == [b"\x02"]
    assert air.drops == []


@on_air()
async def test_nobody_is_found_in_the_shadow(air: Air) -> None:
    air.radio.mute = True
    assert await BleakScanner.discover(timeout=10, backend=air.scanner_type) == []
    air.radio.mute = False
    assert len(await BleakScanner.discover(timeout=10, backend=air.scanner_type)) == 1


@on_air()
async def test_whoever_is_left_in_the_shadow_notices_by_itself(air: Air) -> None:
    client = await air.connected()
    reasons: list[int] = []
    (connection,) = air.peripheral.device.connections.values()
    connection.on("disconnection", reasons.append)
    air.radio.mute = True
    await client.disconnect()
    await asyncio.sleep(0.4)
    assert reasons == []
    await asyncio.sleep(0.1)
    assert reasons == [hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR]


@on_air()
async def test_a_loss_ends_both_sides_as_a_supervision_timeout(air: Air) -> None:
    client = await air.connected()
    reasons: list[int] = []
    for device in (air.central, air.peripheral.device):
        (connection,) = device.connections.values()
        connection.on("disconnection", reasons.append)
    air.radio.lose()
    await asyncio.sleep(0.001)
    assert reasons == [hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR] * 2
    assert not client.is_connected


@on_air()
async def test_nothing_sent_on_an_old_link_arrives_on_the_new_one(air: Air) -> None:
    client = await air.connected()
    await client.start_notify(DATA, Heard())
    air.radio.latency_s = 3.0
    await air.peripheral.notify(b"old")
    await client.write_gatt_char(POINT, b"old", response=False)
    await air.peripheral.drop()  # its goodbye is on the way too
    await asyncio.sleep(0.1)
    air.radio.lose()
    air.radio.latency_s = 0.0
    await asyncio.sleep(0.1)
    await client.disconnect()
    again = await air.connected()
    heard = Heard()
    connected = asyncio.create_task(again.start_notify(DATA, heard))
    await asyncio.sleep(10)
    await connected
    assert heard.values == []
    assert air.peripheral.frames == []
    assert again.is_connected


@on_air()
async def test_an_indication_that_a_drop_leaves_unconfirmed_fails_at_once(air: Air) -> None:
    client = await air.connected()
    await client.start_notify(POINT, Heard())
    air.radio.mute = True
    (connection,) = air.peripheral.device.connections.values()
    point = air.peripheral.point
    began = now()
    indication = asyncio.create_task(
        air.peripheral.device.indicate_subscriber(connection, point, b"a")
    )
    await asyncio.sleep(2)
    assert not indication.done()
    air.radio.lose()
    with pytest.raises(TimeoutError):
        await indication
    assert now() - began == pytest.approx(2)


@on_air()
async def test_a_given_up_attempt_ends_at_the_controller(air: Air) -> None:
    air.radio.mute = True
    for _ in range(2):  # a second one isn't refused
        began = now()
        with pytest.raises(core.TimeoutError):
            await air.central.connect(ADDRESS, timeout=5)
        assert now() - began == pytest.approx(5)
    with pytest.raises(hci.HCI_Error):  # nothing is pending any more
        await air.central.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())


@on_air()
async def test_data_goes_under_the_address_that_the_connection_was_made_with(air: Air) -> None:
    client = await air.connected()
    # A host may take a new random address while a connection lasts.
    await air.central.send_sync_command(
        hci.HCI_LE_Set_Random_Address_Command(random_address=hci.Address("C9:C9:C9:C9:C9:C9"))
    )
    async with asyncio.timeout(1):
        assert await client.read_gatt_char(FEATURE)


@on_air()
async def test_a_controller_promises_no_event_that_it_never_sends(air: Air) -> None:
    for feature in (hci.LeFeatureMask.LL_PRIVACY, hci.LeFeatureMask.LE_EXTENDED_ADVERTISING):
        assert not air.central.supports_le_features(feature)
    assert air.central.supports_le_features(hci.LeFeatureMask.LE_2M_PHY)


def test_adverts_are_heard_in_the_order_the_devices_were_made() -> None:
    async def main() -> list[str]:
        radio = VirtualRadio()
        peripheral = Peripheral(radio.device("peripheral", ADDRESS))
        await peripheral.device.power_on()
        heard: list[str] = []
        for n in range(8):
            listener = radio.device(f"{n}", f"C0:C1:C2:C3:C4:C{n}")
            await listener.power_on()
            await listener.start_scanning()
            listener.once(
                "advertisement", lambda _advert, listener=listener: heard.append(listener.name)
            )
        await peripheral.advertise()
        await asyncio.sleep(1)
        await radio.close()
        return heard

    assert virtual_time.run(main()) == list("01234567")


@pytest.mark.parametrize("busy_with", ["nothing", "a link", "a hung write", "a connect"])
def test_closing_ends_everything(busy_with: str) -> None:
    async def main() -> None:
        radio = VirtualRadio()
        devices: list[Device] = []
        unpowered = radio.device("unpowered", "C6:C6:C6:C6:C6:C6")
        peripheral = Peripheral(radio.device("peripheral", ADDRESS))
        await peripheral.device.power_on()
        central = radio.device("central", "C0:C1:C2:C3:C4:C5")
        await central.power_on()
        devices += [unpowered, peripheral.device, central]
        busy: asyncio.Task[object] | None = None
        if busy_with == "a connect":
            busy = asyncio.create_task(central.connect(ADDRESS, timeout=None))
            await asyncio.sleep(1)
        else:
            await peripheral.advertise()
        if busy_with in {"a link", "a hung write"}:
            connection = await central.connect(ADDRESS)
            peripheral.silent = busy_with == "a hung write"
            client = connection.gatt_client
            point = peripheral.point.handle
            busy = asyncio.create_task(client.write_value(point, b"\x01", with_response=True))
            await asyncio.sleep(1)
        await radio.close()
        if busy is not None:
            done, _ = await asyncio.wait({busy}, timeout=0.001)
            assert done
        assert not any(device.powered_on or device.connections for device in devices)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    virtual_time.run(main())


@pytest.mark.parametrize("owner_switches_off", [True, False])
def test_nothing_is_scheduled_on_a_closed_radio(owner_switches_off: bool) -> None:
    async def main() -> None:
        radio = VirtualRadio()
        peripheral = Peripheral(radio.device("peripheral", ADDRESS))
        await peripheral.device.power_on()
        await peripheral.advertise()
        central = radio.device("central", "C0:C1:C2:C3:C4:C5")
        await central.power_on()
        if owner_switches_off:
            await peripheral.device.power_off()
        else:
            await central.connect(ADDRESS)
        await radio.close()
        loop = asyncio.get_running_loop()
        assert [timer for timer in loop._scheduled if not timer.cancelled()] == []  # type: ignore[attr-defined]

    virtual_time.run(main())
