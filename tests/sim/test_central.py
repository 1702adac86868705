"""BlueZ's measured habits, each on and off, and what a request does to the requests behind it."""

from __future__ import annotations

import asyncio
from dataclasses import astuple

import pytest
from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode
from bumble import hci
from tests.sim.tiny_peer import ADDRESS, DATA, FEATURE, NAME, POINT, Air, Heard, now, on_air

from treadguard.sim.bleak_over_bumble import BLUEZ, PLAIN, Habits

DOUBLED = Habits(doubled_delivery=True)
STALE = Habits(stale_after_s=30.0)
STUCK = Habits(stuck_queue_s=(30.0, 32.1))


def test_the_habits_are_off_until_asked_for_and_bluez_has_them_all() -> None:
    assert Habits() == PLAIN
    assert astuple(PLAIN) == (False, None, None, 0)
    assert astuple(BLUEZ) == (True, 30, (30, 32.1), 2)


async def deliveries(air: Air) -> tuple[int, int]:
    """Connect a fresh client and count what one notification and one indication become."""
    client = await air.connected()
    data, point = Heard(), Heard()
    await client.start_notify(DATA, data)
    await client.start_notify(POINT, point)
    await air.peripheral.notify(b"a")
    await air.peripheral.indicate(b"b")
    await asyncio.sleep(0.1)
    assert set(data.values) == {b"a"}
    assert set(point.values) == {b"b"}
    await client.disconnect()
    await asyncio.sleep(0.1)
    return len(data), len(point)


async def drop_one(air: Air) -> object:
    client = await air.connected()
    await air.peripheral.drop()
    await asyncio.sleep(0.1)
    return client


@on_air(DOUBLED)
async def test_each_drop_left_open_doubles_what_later_clients_hear(air: Air) -> None:
    assert await deliveries(air) == (1, 1)
    kept = [await drop_one(air)]
    assert await deliveries(air) == (2, 2)
    kept += [await drop_one(air), await drop_one(air)]
    assert await deliveries(air) == (4, 4)


@on_air(DOUBLED)
async def test_closing_the_dropped_client_cures_it(air: Air) -> None:
    first = await air.connected()
    await air.peripheral.drop()
    await asyncio.sleep(0.1)
    await first.disconnect()
    assert await deliveries(air) == (1, 1)

    second = await air.connected()
    await air.peripheral.drop()
    await asyncio.sleep(0.1)
    assert await deliveries(air) == (2, 2)
    await second.disconnect()
    assert await deliveries(air) == (1, 1)


@on_air(DOUBLED)
async def test_a_client_that_connects_again_leaves_its_drop_open_for_good(air: Air) -> None:
    client = await air.connected()
    await air.peripheral.drop()
    await asyncio.sleep(0.1)
    await client.connect()
    await client.disconnect()
    await asyncio.sleep(0.1)
    assert await deliveries(air) == (2, 2)


@on_air()
async def test_without_the_habit_a_drop_doubles_nothing(air: Air) -> None:
    await drop_one(air)
    assert await deliveries(air) == (1, 1)


@on_air(STALE)
async def test_a_device_not_seen_for_thirty_seconds_is_unknown_at_once(air: Air) -> None:
    device = await air.find()
    await asyncio.sleep(29)
    await air.client(device).connect()
    await asyncio.sleep(100)
    await air.peripheral.drop()
    await asyncio.sleep(29)
    client = air.client(device)
    await client.connect()
    await client.disconnect()
    await asyncio.sleep(31)
    began = now()
    with pytest.raises(BleakError, match=r"device 'dev_F0_F1_F2_F3_F4_F5' not found"):
        await air.client(device).connect()
    assert now() == began
    await air.find()
    await air.client(device).connect()


@on_air(STALE)
async def test_a_device_never_seen_is_unknown(air: Air) -> None:
    with pytest.raises(BleakError, match="not found"):
        await air.client(BLEDevice(ADDRESS, NAME, hci.Address(ADDRESS))).connect()


@on_air(STALE)
async def test_a_scan_left_running_keeps_a_device_known(air: Air) -> None:
    device = await air.find()
    async with BleakScanner(backend=air.scanner_type):
        await asyncio.sleep(100)
        await air.client(device).connect()


@on_air(STALE)
async def test_connecting_by_address_finds_a_stale_device(air: Air) -> None:
    await air.find()
    await asyncio.sleep(100)
    client = air.client(ADDRESS)
    await client.connect()
    assert client.is_connected


@on_air()
async def test_without_the_habit_a_device_stays_known(air: Air) -> None:
    device = await air.find()
    await asyncio.sleep(1000)
    client = air.client(device)
    await client.connect()
    assert client.is_connected


@on_air(STUCK)
async def test_a_request_never_answered_blocks_the_link_and_then_ends_it(air: Air) -> None:
    client = await air.connected()
    heard = Heard()
    await client.start_notify(DATA, heard)
    air.peripheral.silent = True
    began = now()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await client.write_gatt_char(POINT, b"\x02", response=True)
    air.peripheral.silent = False

    # The peripheral would answer now, but giving up the wait has freed nothing.
    later = [
        asyncio.create_task(client.write_gatt_char(POINT, b"\x08", response=True)),
        asyncio.create_task(client.read_gatt_char(FEATURE)),
    ]
    await asyncio.sleep(9)
    await air.peripheral.notify(b"a")
    await client.write_gatt_char(POINT, b"\x09", response=False)
    await asyncio.sleep(0.1)
    assert heard.values == [b"a"], "notifications keep flowing"
    assert [frame for _, frame in air.peripheral.frames] == [b"\x09"], "and commands pass"

    for failed in await asyncio.gather(*later, return_exceptions=True):
        assert isinstance(failed, BleakGATTProtocolError)
        assert failed.code == BleakGATTProtocolErrorCode.UNLIKELY_ERROR
    assert now() - began == pytest.approx(30)
    with pytest.raises(BleakGATTProtocolError):
        await client.read_gatt_char(FEATURE)
    assert now() - began == pytest.approx(30)
    assert client.is_connected
    await asyncio.sleep(5)
    assert [at - began for at in air.drops] == [pytest.approx(32.1)]
    assert [frame for _, frame in air.peripheral.frames] == [b"\x09"]

    await client.disconnect()
    again = await air.connected()
    await again.write_gatt_char(POINT, b"\x08", response=True)


@on_air(STUCK)
async def test_a_slow_answer_delays_the_next_request_and_no_more(air: Air) -> None:
    client = await air.connected()
    began = now()
    air.peripheral.slow_s = 20
    first = asyncio.create_task(client.write_gatt_char(POINT, b"\x01", response=True))
    second = asyncio.create_task(client.write_gatt_char(POINT, b"\x02", response=True))
    await asyncio.gather(first, second)
    assert now() - began == pytest.approx(40)
    await asyncio.sleep(30)
    assert client.is_connected


@on_air()
async def test_without_the_habit_giving_up_frees_the_queue(air: Air) -> None:
    client = await air.connected()
    air.peripheral.silent = True
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await client.write_gatt_char(POINT, b"\x02", response=True)
    air.peripheral.silent = False
    began = now()
    await client.write_gatt_char(POINT, b"\x08", response=True)
    assert now() - began < 0.1
    await asyncio.sleep(60)
    assert client.is_connected


@on_air(Habits(disconnect_s=2.0))
async def test_disconnecting_takes_two_seconds_in_which_the_link_is_up(air: Air) -> None:
    client = await air.connected()
    began = now()
    leaving = asyncio.create_task(client.disconnect())
    await asyncio.sleep(1.9)
    assert client.is_connected
    assert bytes(await client.read_gatt_char(FEATURE)) == b"\x04\x10"
    await leaving
    assert now() - began == pytest.approx(2)
    assert not client.is_connected


@on_air(Habits(disconnect_s=2.0))
async def test_a_drop_shortens_a_disconnect_and_after_one_it_takes_no_time(air: Air) -> None:
    client = await air.connected()
    began = now()
    leaving = asyncio.create_task(client.disconnect())
    await asyncio.sleep(0.5)
    air.radio.lose()
    await leaving
    await client.disconnect()
    assert now() - began == pytest.approx(0.5)


@on_air(Habits(disconnect_s=2.0))
async def test_a_cancelled_disconnect_still_ends_the_link_in_its_time(air: Air) -> None:
    client = await air.connected()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await client.disconnect()
    assert not client.is_connected
    assert air.central.connections
    await asyncio.sleep(2)
    assert not air.central.connections
    assert not air.peripheral.device.connections
    assert len(air.drops) == 1


@on_air()
async def test_without_the_habit_disconnecting_takes_no_time(air: Air) -> None:
    client = await air.connected()
    began = now()
    await client.disconnect()
    assert now() == began
