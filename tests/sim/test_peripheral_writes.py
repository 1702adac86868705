"""What becomes of a write to the peripheral's control point, before the machine carries it out."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from bleak.exc import BleakGATTProtocolError
from tests.sim.air import ALL, Phone, now, over_the_air, switched_on, uuid, write

from treadguard.sim.peripheral import Peripheral
from treadguard.sim.presets import preset_named
from treadguard.sim.radio import VirtualRadio


@over_the_air
async def test_a_write_is_seen_at_once_with_its_type(radio: VirtualRadio) -> None:
    seen: list[tuple[float, bytes, bool]] = []
    async with switched_on(radio) as machine:
        machine.written = lambda frame, response: seen.append((now(), frame, response))
        client = await Phone(radio).connect("2ad9")
        begin = now()
        await write(client, b"\x00", response=True)
        await write(client, b"\x07", response=False)
        await asyncio.sleep(0.1)
    assert seen[0] == (begin, b"\x00", True)
    assert seen[1][1:] == (b"\x07", False)


@over_the_air
async def test_a_request_where_only_commands_are_declared_is_not_permitted(
    radio: VirtualRadio,
) -> None:
    async with switched_on(radio, "urevo-e1l"):
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        with pytest.raises(BleakGATTProtocolError) as refused:
            await write(client, b"\x07", response=True)
        assert refused.value.code == 0x03
        await asyncio.sleep(5)
        assert phone.bytes_of("2ad9") == []
        assert await phone.ask(client, b"\x07") == 1


@over_the_air
async def test_a_command_where_only_requests_are_declared_is_ignored(radio: VirtualRadio) -> None:
    async with switched_on(radio, "citysports"):
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        await write(client, b"\x07", response=False)
        await asyncio.sleep(8)
        assert phone.bytes_of("2ad9") == []
        assert set(phone.speeds()) == {0}
        assert await phone.ask(client, b"\x07") == 1


@over_the_air
async def test_a_machine_that_keeps_to_the_standard_wants_to_be_listened_to(
    radio: VirtualRadio,
) -> None:
    async with switched_on(radio):
        phone = Phone(radio)
        client = await phone.connect("2ada")
        with pytest.raises(BleakGATTProtocolError) as refused:
            await write(client, b"\x00")
        assert refused.value.code == 0xFD
        await client.start_notify(uuid("2ad9"), phone.hears)
        assert await phone.ask(client, b"\x00") == 1
        await client.stop_notify(uuid("2ad9"))
        with pytest.raises(BleakGATTProtocolError):
            await write(client, b"\x07")
        await asyncio.sleep(5)
        assert phone.bytes_of("2ada") == []


@over_the_air
async def test_a_laxer_machine_obeys_whoever_does_not_listen(radio: VirtualRadio) -> None:
    async with switched_on(radio, "citysports"):
        phone = Phone(radio)
        client = await phone.connect("2acd")
        await write(client, b"\x07")
        await asyncio.sleep(8)
    assert phone.speeds()[-1] == 100
    assert phone.bytes_of("2ad9") == []


@over_the_air
async def test_one_procedure_at_a_time_until_its_indication(radio: VirtualRadio) -> None:
    async with switched_on(radio):
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        await write(client, b"\x00")
        with pytest.raises(BleakGATTProtocolError) as refused:
            await write(client, b"\x07")
        assert refused.value.code == 0xFE
        await asyncio.sleep(0.1)
        assert phone.bytes_of("2ad9") == [b"\x80\x00\x01"]
        assert await phone.ask(client, b"\x07") == 1


@over_the_air
async def test_an_answer_that_never_comes_holds_up_no_later_write(radio: VirtualRadio) -> None:
    async with switched_on(radio, "ideal", "control-silent"):
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        await write(client, b"\x00")
        await asyncio.sleep(0.1)
        await write(client, b"\x07")
        await asyncio.sleep(8)
    assert phone.speeds()[-1] == 100
    assert phone.bytes_of("2ad9") == []


@pytest.mark.parametrize(("preset", "response_first"), [("ideal", True), ("citysports", False)])
@over_the_air
async def test_response_and_indication_come_in_the_machine_s_order(
    radio: VirtualRadio, preset: str, response_first: bool
) -> None:
    async with switched_on(radio, preset):
        phone = Phone(radio)
        client = await phone.connect("2ad9")
        for _ in range(20):
            begin, heard = now(), len(phone.heard)
            await write(client, b"\x00")
            assert (len(phone.heard) == heard) == response_first
            assert 0.0149 <= now() - begin <= 0.29
            await asyncio.sleep(1)
            assert len(phone.heard) == heard + 1


@over_the_air
async def test_a_response_comes_even_where_the_indication_does_not(radio: VirtualRadio) -> None:
    async with switched_on(radio, "citysports", "control-silent"):
        client = await Phone(radio).connect("2ad9")
        begin = now()
        await write(client, b"\x07")
        assert 0.24 <= now() - begin <= 0.29


@over_the_air
async def test_an_indication_waits_until_the_one_before_is_confirmed(radio: VirtualRadio) -> None:
    async with switched_on(radio, "omega-z"):
        phone = Phone(radio)
        client = await phone.connect("2ad9")
        await write(client, b"\x07")
        await write(client, b"\x07")
        radio.latency_s = 0.2
        await asyncio.sleep(5)
    assert phone.bytes_of("2ad9") == [b"\x80\x07\x01", b"\x80\x07\x04"]
    (first, _, _), (second, _, _) = phone.heard
    assert second - first == pytest.approx(0.4, abs=0.001)  # there and back


@over_the_air
async def test_a_procedure_is_over_with_its_indication_however_early(radio: VirtualRadio) -> None:
    preset = replace(preset_named("ideal"), answer=(50, 2000))
    machine = Peripheral(radio.device("treadmill", "F0:F1:F2:F3:F4:F5"), preset)
    await machine.start()
    phone = Phone(radio)
    client = await phone.connect("2ad9")
    for _ in range(10):
        assert await phone.ask(client, b"\x00") == 1
    await machine.stop()


@over_the_air
async def test_an_indication_that_a_drop_left_unconfirmed_blocks_none_later(
    radio: VirtualRadio,
) -> None:
    async with switched_on(radio, "omega-z"):
        phone = Phone(radio)
        client = await phone.connect("2ad9")
        await write(client, b"\x07")
        radio.latency_s = 0.2
        await asyncio.sleep(1.5)
        radio.lose()
        radio.latency_s = 0
        await client.disconnect()
        client = await phone.connect("2ad9")
        assert await phone.ask(client, b"\x08\x01") == 1
    assert len(phone.heard) == 1
