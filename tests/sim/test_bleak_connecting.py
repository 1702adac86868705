"""Scanning, connecting and giving up through bleak's own API."""

from __future__ import annotations

import asyncio

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import (
    BleakDeviceNotFoundError,
    BleakError,
)
from tests.sim.tiny_peer import ADDRESS, DATA, FEATURE, NAME, POINT, Air, now, on_air, uuid


@on_air()
async def test_a_scan_shows_name_services_and_service_data(air: Air) -> None:
    found = await BleakScanner.discover(timeout=1, return_adv=True, backend=air.scanner_type)
    device, advert = found[ADDRESS]
    assert (device.name, advert.local_name, device.address) == (NAME, NAME, ADDRESS)
    assert advert.service_uuids == [uuid("1826")]
    assert advert.service_data == {uuid("1826"): b"\x01\x01\x00"}


@on_air()
async def test_a_scan_for_a_service_leaves_out_what_does_not_offer_it(air: Air) -> None:
    async def found(short: str) -> list[str]:
        devices = await BleakScanner.discover(
            timeout=1, service_uuids=[uuid(short)], backend=air.scanner_type
        )
        return [device.address for device in devices]

    assert await found("1826") == [ADDRESS]
    assert await found("180d") == []


@on_air()
async def test_one_scan_ends_without_ending_another(air: Air) -> None:
    heard: list[float] = []
    async with BleakScanner(lambda _device, _advert: heard.append(now()), backend=air.scanner_type):
        await air.find()
        before = len(heard)
        await asyncio.sleep(1)
        assert len(heard) > before
    before = len(heard)
    assert not air.central.is_scanning
    await asyncio.sleep(1)
    assert len(heard) == before


@on_air()
async def test_a_scan_that_is_cancelled_as_it_starts_is_off(air: Air) -> None:
    for yields in range(8):
        start = asyncio.create_task(BleakScanner(backend=air.scanner_type).start())
        for _ in range(yields):
            await asyncio.sleep(0)
        start.cancel()
        if not (await asyncio.gather(start, return_exceptions=True))[0]:
            pytest.fail("it was started before it could be cancelled: try fewer yields")
        assert not air.central.is_scanning
    assert (await air.find()).address == ADDRESS


@on_air()
async def test_a_connected_client_knows_the_services(air: Air) -> None:
    client = await air.connected()
    assert (client.is_connected, client.name, client.address) == (True, NAME, ADDRESS)
    assert client.backend_id == "BumbleClient"
    assert client.mtu_size == 247
    (service,) = [s for s in client.services if s.uuid == uuid("1826")]
    assert {c.uuid: set(c.properties) for c in service.characteristics} == {
        FEATURE: {"read"},
        DATA: {"notify"},
        POINT: {"write", "indicate"},
    }
    point = client.services.get_characteristic(POINT)
    assert point is not None
    assert point.max_write_without_response_size == 244
    assert [d.uuid for d in point.descriptors] == [uuid("2902")]
    await client.disconnect()
    assert not client.is_connected


@on_air()
async def test_only_the_services_asked_for_are_there(air: Air) -> None:
    async with BleakClient(await air.find(), services=["1826"], backend=air.client_type) as client:
        assert [s.uuid for s in client.services] == [uuid("1826")]


@on_air()
async def test_an_address_is_enough_to_connect(air: Air) -> None:
    client = air.client(ADDRESS)
    await client.connect()
    assert bytes(await client.read_gatt_char(FEATURE)) == b"\x04\x10"


@on_air()
async def test_an_address_that_nobody_has_is_not_found(air: Air) -> None:
    with pytest.raises(BleakDeviceNotFoundError):
        await air.client("F9:F9:F9:F9:F9:F9", timeout_s=5).connect()
    assert now() >= 5
    assert not air.central.is_scanning


@on_air()
async def test_a_connect_that_timed_out_does_not_harm_the_next(air: Air) -> None:
    device = await air.find()
    air.radio.mute = True
    began = now()
    with pytest.raises(TimeoutError):
        await air.client(device, timeout_s=10).connect()
    assert now() - began == pytest.approx(10)
    air.radio.mute = False
    await asyncio.sleep(5)
    assert not air.central.connections, "the given-up attempt still connected"
    client = air.client(device)
    await client.connect()
    assert await client.read_gatt_char(FEATURE)


@on_air()
async def test_a_connect_cancelled_at_any_moment_does_not_harm_the_next(air: Air) -> None:
    device = await air.find()
    outcomes = set()
    for yields in range(0, 80, 2):
        air.radio.mute = True
        connect = asyncio.create_task(air.client(device).connect())
        await asyncio.sleep(1)
        air.radio.mute = False
        # Heard at once, so that all the rest happens at this very instant.
        advertising = asyncio.create_task(air.peripheral.advertise())
        for _ in range(yields):
            await asyncio.sleep(0)
        outcomes.add(len(air.central.connections))
        connect.cancel()
        await asyncio.sleep(0)
        connect.cancel()  # as a second Ctrl-C does
        with pytest.raises(asyncio.CancelledError):
            await connect
        again = air.client(device)
        await again.connect()
        await advertising
        assert await again.read_gatt_char(FEATURE)
        await again.disconnect()
        await asyncio.sleep(1)
        assert not air.central.connections
        assert not air.peripheral.device.connections
    assert outcomes == {0, 1}, "some were cancelled before the link was up, some after"


@on_air()
async def test_a_connected_client_does_not_connect_again(air: Air) -> None:
    client = await air.connected()
    with pytest.raises(BleakError, match="already connected"):
        await client.connect()
    assert client.is_connected


@on_air()
async def test_two_connects_at_once_wait_for_each_other(air: Air) -> None:
    device = await air.find()
    clients = [air.client(device), air.client(device)]
    first, second = [asyncio.create_task(client.connect()) for client in clients]
    await first
    await asyncio.sleep(10)
    assert not second.done()
    await clients[0].disconnect()
    await second
    assert [client.is_connected for client in clients] == [False, True]


@on_air()
async def test_a_drop_during_discovery_is_an_error_and_leaves_nothing(air: Air) -> None:
    device = await air.find()
    air.radio.latency_s = 0.1
    client = air.client(device)
    connect = asyncio.create_task(client.connect())
    await asyncio.sleep(0.7)
    assert air.central.connections
    assert not connect.done()
    air.radio.lose()
    with pytest.raises(BleakError, match="link went down"):
        await connect
    assert not client.is_connected
    await client.connect()
    assert client.is_connected
