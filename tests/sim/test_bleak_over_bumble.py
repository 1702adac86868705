"""What a program sees through bleak's own API, with every habit of BlueZ switched off."""

from __future__ import annotations

import asyncio

import pytest
from bleak.exc import (
    BleakCharacteristicNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)
from tests.sim.tiny_peer import DATA, FEATURE, POINT, Air, Heard, now, on_air, uuid


@on_air()
async def test_writes_are_requests_or_commands_as_the_caller_says(air: Air) -> None:
    client = await air.connected()
    air.peripheral.pdus.clear()
    await client.write_gatt_char(POINT, b"\x01", response=True)
    # The characteristic doesn't declare this one; the radio sends it all the same.
    await client.write_gatt_char(POINT, bytearray(b"\x02"), response=False)
    await asyncio.sleep(0.1)
    assert air.peripheral.pdus == ["ATT_WRITE_REQUEST", "ATT_WRITE_COMMAND"]
    assert [frame for _, frame in air.peripheral.frames] == [b"\x01", b"\x02"]


@on_air()
async def test_an_att_error_keeps_its_code(air: Air) -> None:
    client = await air.connected()
    air.peripheral.refuses = 0xFD
    with pytest.raises(BleakGATTProtocolError) as caught:
        await client.write_gatt_char(POINT, b"\x00", response=True)
    assert caught.value.code == BleakGATTProtocolErrorCode.CCCD_IMPROPERLY_CONFIGURED
    air.peripheral.refuses = None
    await client.write_gatt_char(POINT, b"\x00", response=True)


@on_air()
async def test_a_characteristic_that_is_not_there_is_named(air: Air) -> None:
    client = await air.connected()
    with pytest.raises(BleakCharacteristicNotFoundError):
        await client.read_gatt_char(uuid("2ad4"))


@on_air()
async def test_descriptors_can_be_read(air: Air) -> None:
    client = await air.connected()
    point = client.services.get_characteristic(POINT)
    assert point is not None
    cccd = point.descriptors[0].handle
    assert bytes(await client.read_gatt_descriptor(cccd)) == b"\x00\x00"
    await client.start_notify(POINT, Heard())
    assert bytes(await client.read_gatt_descriptor(cccd)) == b"\x02\x00"
    await client.stop_notify(POINT)
    assert bytes(await client.read_gatt_descriptor(cccd)) == b"\x00\x00"


@on_air()
async def test_notifications_and_indications_come_until_they_are_stopped(air: Air) -> None:
    client = await air.connected()
    data, point = Heard(), Heard()
    await client.start_notify(DATA, data)
    await client.start_notify(POINT, point)
    await air.peripheral.notify(b"a")
    await air.peripheral.indicate(b"b")  # returns when it is confirmed
    await client.stop_notify(DATA)
    await air.peripheral.notify(b"c")
    await air.peripheral.indicate(b"d")
    await asyncio.sleep(1)
    assert (data.values, point.values) == ([b"a"], [b"b", b"d"])


@on_air()
async def test_subscribing_costs_one_request(air: Air) -> None:
    client = await air.connected()
    air.peripheral.pdus.clear()
    await client.start_notify(DATA, Heard())
    assert air.peripheral.pdus == ["ATT_WRITE_REQUEST"]


@on_air()
async def test_a_second_callback_takes_the_place_of_the_first(air: Air) -> None:
    client = await air.connected()
    first, second = Heard(), Heard()
    await client.start_notify(DATA, first)
    await client.start_notify(DATA, second)
    await air.peripheral.notify(b"a")
    await asyncio.sleep(1)
    assert (first.values, second.values) == ([], [b"a"])


@on_air()
async def test_what_neither_notifies_nor_indicates_cannot_be_subscribed(air: Air) -> None:
    client = await air.connected()
    with pytest.raises(BleakError, match="neither notifies"):
        await client.start_notify(FEATURE, Heard())


@on_air()
async def test_a_callback_that_fails_keeps_no_indication_unconfirmed(air: Air) -> None:
    client = await air.connected()

    def fail(*_: object) -> None:
        raise ArithmeticError

    await client.start_notify(POINT, fail)
    began = now()
    await air.peripheral.indicate(b"a")
    assert now() - began < 1
    assert [type(complaint["exception"]) for complaint in air.complaints] == [ArithmeticError]
    air.complaints.clear()


@on_air()
async def test_a_drop_by_the_peripheral_is_called_out_once(air: Air) -> None:
    client = await air.connected()
    began = now()
    await air.peripheral.drop()
    await asyncio.sleep(1)
    assert [at - began for at in air.drops] == [pytest.approx(0.05)]
    assert not client.is_connected
    with pytest.raises(BleakError, match="Service Discovery"):
        await client.read_gatt_char(FEATURE)
    with pytest.raises(BleakError, match="Service Discovery"):
        await client.write_gatt_char(POINT, b"\x00", response=False)
    with pytest.raises(BleakError, match="Not connected"):
        await client.start_notify(DATA, Heard())
    await client.disconnect()
    assert len(air.drops) == 1


@on_air()
async def test_our_own_disconnect_is_called_out_too(air: Air) -> None:
    client = await air.connected()
    for times in (1, 2):
        await client.disconnect()
        assert len(air.drops) == times
        await asyncio.sleep(0.1)
        assert not air.peripheral.device.connections
        await client.disconnect()
        assert len(air.drops) == times
        await client.connect()


@on_air()
async def test_a_drop_fails_the_write_under_way_and_those_behind_it(air: Air) -> None:
    client = await air.connected()
    air.peripheral.silent = True
    writes = [
        asyncio.create_task(client.write_gatt_char(POINT, bytes([n]), response=True))
        for n in range(3)
    ]
    await asyncio.sleep(1)
    began = now()
    await air.peripheral.drop()
    done = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(error) for error in done] == [BleakError] * 3
    assert now() - began < 0.1


@on_air()
async def test_a_caller_that_is_cancelled_in_mid_write_is_cancelled(air: Air) -> None:
    client = await air.connected()
    air.peripheral.silent = True
    write = asyncio.create_task(client.write_gatt_char(POINT, b"\x00", response=True))
    await asyncio.sleep(1)
    write.cancel()
    air.radio.lose()
    with pytest.raises(asyncio.CancelledError):
        await write


@on_air()
async def test_a_lost_link_can_be_made_anew(air: Air) -> None:
    client = await air.connected()
    began = now()
    air.radio.lose()
    await asyncio.sleep(1)
    assert air.drops == [began]
    await client.disconnect()
    again = await air.connected()
    heard = Heard()
    await again.start_notify(DATA, heard)
    await air.peripheral.notify(b"a")
    await asyncio.sleep(0.1)
    assert heard.values == [b"a"]


@on_air()
async def test_subscriptions_end_with_the_link(air: Air) -> None:
    client = await air.connected()
    before, after = Heard(), Heard()
    await client.start_notify(DATA, before)
    air.radio.lose()
    await asyncio.sleep(1)
    await client.disconnect()
    await client.connect()
    await air.peripheral.notify(b"a")
    await client.start_notify(DATA, after)
    await air.peripheral.notify(b"b")
    await asyncio.sleep(1)
    assert (before.values, after.values) == ([], [b"b"])


@on_air()
async def test_without_an_answer_a_request_fails_after_thirty_seconds(air: Air) -> None:
    client = await air.connected()
    air.peripheral.silent = True
    began = now()
    with pytest.raises(BleakError, match="GATT timeout"):
        await client.write_gatt_char(POINT, b"\x00", response=True)
    assert now() - began == pytest.approx(30)
    assert client.is_connected


@on_air()
async def test_pairing_is_refused_in_words(air: Air) -> None:
    client = await air.connected()
    with pytest.raises(BleakError, match="Connect without pairing"):
        await client.pair()


@on_air()
async def test_a_thousand_writes_are_all_answered(air: Air) -> None:
    client = await air.connected()
    heard = Heard()
    await client.start_notify(POINT, heard)
    sent = [n.to_bytes(2, "little") for n in range(1000)]
    for frame in sent:
        await client.write_gatt_char(POINT, frame, response=True)
        await air.peripheral.indicate(frame)
    await asyncio.sleep(0.1)
    assert [frame for _, frame in air.peripheral.frames] == sent
    assert heard.values == sent


def test_the_same_run_gives_the_same_times() -> None:
    def once() -> list[tuple[float, bytes]]:
        seen: list[tuple[float, bytes]] = []

        @on_air()
        async def run(air: Air) -> None:
            air.radio.latency_s = 0.0137
            heard = Heard()
            for _ in range(5):
                client = await air.connected()
                await client.start_notify(DATA, heard)
                for n in range(20):
                    await client.write_gatt_char(POINT, bytes([n]), response=bool(n % 2))
                    await air.peripheral.notify(bytes([n]))
                    await asyncio.sleep(0.1)
                await air.peripheral.drop()
                await asyncio.sleep(1)
                await client.disconnect()
            seen.extend(heard + air.peripheral.frames + [(at, b"drop") for at in air.drops])

        run()
        return seen

    first = once()
    assert len(first) == 205
    assert once() == first
