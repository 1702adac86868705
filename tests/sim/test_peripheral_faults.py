"""What each kind of link fault does to whoever is connected; other faults come with the machine."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import suppress

import pytest
from bleak.exc import BleakError, BleakGATTProtocolError
from tests.sim.air import ALL, Phone, now, over_the_air, switched_on, until, write
from tests.sim.bench import fault

from treadguard.ftms.control_point import set_speed
from treadguard.sim.radio import VirtualRadio

AT, UNTIL = 20, 30
SPEED_4, SPEED_3 = set_speed(400), set_speed(300)


@over_the_air
async def test_off_drops_the_link_and_silences_the_adverts(radio: VirtualRadio) -> None:
    async with switched_on(radio, faults=[fault("link", "off", AT, 10)]) as machine:
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        await phone.run_at(client, 500)
        await until(AT + 1)
        assert phone.lost_at == [pytest.approx(AT, abs=0.1)]
        assert await phone.find(within=8.5) is None
        assert machine.measured_speed == 500
        await client.disconnect()
        assert now() < UNTIL
        await until(UNTIL)
        client = await phone.connect(*ALL)
        assert await phone.ask(client, b"\x00") == 1


@over_the_air
async def test_a_machine_that_is_away_from_the_start_comes_later(radio: VirtualRadio) -> None:
    async with switched_on(radio, faults=[fault("link", "off", 0, 5)]):
        phone = Phone(radio)
        assert await phone.find(within=4) is None
        await until(5)
        assert await phone.find() is not None


@over_the_air
async def test_intermittent_drops_again_and_again(radio: VirtualRadio) -> None:
    async with switched_on(radio, faults=[fault("link", "intermittent", AT, 100)], seed=3):
        phone = Phone(radio)
        while now() < AT + 110:
            if await phone.find(within=0.5) is not None:
                client = await phone.connect("2acd")
                with suppress(TimeoutError):
                    await asyncio.wait_for(phone.lost.wait(), AT + 110 - now())
                await client.disconnect()
    drops = [t for t in phone.lost_at if t < AT + 100]
    assert 10 <= len(drops) <= 25
    assert drops[0] == pytest.approx(AT, abs=0.1)
    between = [after - before for before, after in itertools.pairwise(drops)]
    assert min(between) >= 4
    assert max(between) <= 9.2
    assert phone.bytes_of("2acd", AT + 101)


@over_the_air
async def test_stuck_looks_up_and_passes_nothing(radio: VirtualRadio) -> None:
    async with switched_on(radio, faults=[fault("link", "stuck", AT, 10)]) as machine:
        seen: list[bytes] = []
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        await phone.run_at(client, 500)
        await until(AT + 2)
        machine.written = lambda frame, _: seen.append(frame)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await write(client, SPEED_4)
        await until(UNTIL)
        assert client.is_connected
        assert seen == []
        assert phone.bytes_of("2acd", AT + 0.1, UNTIL - 0.1) == []
        await until(UNTIL + 5)
        assert phone.speeds(UNTIL) == [500] * 5
        assert await phone.ask(client, SPEED_3) == 1
    assert phone.lost_at == []


@over_the_air
async def test_garbage_spoils_values_and_refuses_writes(radio: VirtualRadio) -> None:
    async with switched_on(radio, faults=[fault("link", "garbage", AT, 10)]) as machine:
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        await phone.run_at(client, 500)
        whole = bytes(await client.read_gatt_char("2ad4"))
        await until(AT + 2)
        with pytest.raises(BleakGATTProtocolError) as refused:
            await write(client, SPEED_4)
        assert refused.value.code == 0x0E
        assert bytes(await client.read_gatt_char("2ad4")) != whole
        await until(UNTIL + 2)
        assert machine.measured_speed == 500
        spoilt = phone.bytes_of("2acd", AT + 0.5, UNTIL - 0.5)
        assert len(spoilt) == 9
        assert {len(data) for data in spoilt} == {13}
        assert len({data[:2] for data in spoilt}) == 9
        assert phone.speeds(UNTIL + 0.5)[-1] == 500
        assert bytes(await client.read_gatt_char("2ad4")) == whole
    assert phone.lost_at == []


@over_the_air
async def test_wrong_drops_the_link_once_where_it_begins_and_ends(radio: VirtualRadio) -> None:
    async with switched_on(radio, faults=[fault("link", "wrong", AT, 10)]):
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        for _ in range(2):
            await phone.lost.wait()
            await client.disconnect()
            client = await phone.connect(*ALL)
        assert await phone.ask(client, b"\x00") == 1
        await asyncio.sleep(20)
        assert client.is_connected
    assert phone.lost_at == [pytest.approx(AT, abs=0.1), pytest.approx(UNTIL, abs=0.1)]
    assert phone.bytes_of("2acd", AT + 1, UNTIL - 1)


@over_the_air
async def test_slow_passes_only_every_second_and_a_half(radio: VirtualRadio) -> None:
    async with switched_on(radio, faults=[fault("link", "slow", AT, 10)]):
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        await phone.run_at(client, 500)
        await until(AT + 2.5)
        assert await phone.ask(client, SPEED_4) == 1
        assert AT + 4 <= now() <= AT + 6
    times = {t for t, _, _ in phone.heard if AT < t < UNTIL}
    assert {round(t % 1.5, 2) for t in times} <= {0.0, 1.5}


@over_the_air
async def test_delayed_holds_back_both_ways_and_keeps_order(radio: VirtualRadio) -> None:
    async with switched_on(radio, faults=[fault("link", "delayed", AT, 10)]) as machine:
        seen: list[tuple[float, bytes]] = []
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        await phone.run_at(client, 500)
        machine.written = lambda frame, _: seen.append((now(), frame))
        await until(AT + 1)
        begin = now()
        await write(client, SPEED_4)
        assert now() - begin == pytest.approx(6, abs=0.1)
        await write(client, SPEED_3)
        await until(UNTIL + 10)
    assert [frame for _, frame in seen] == [SPEED_4, SPEED_3]
    assert seen[0][0] - begin == pytest.approx(3, abs=0.01)
    assert phone.bytes_of("2acd", AT + 0.1, AT + 2.9) == []
    falling = [speed for speed in phone.speeds(AT) if speed is not None]
    assert falling == sorted(falling, reverse=True)
    assert {500, 300} < set(falling)
    assert len(falling) in (19, 20, 21)  # nothing is lost


@over_the_air
async def test_what_was_held_back_when_the_link_dropped_is_lost(radio: VirtualRadio) -> None:
    faults = [fault("link", "delayed", AT, 2), fault("link", "off", AT + 2, 1)]
    async with switched_on(radio, faults=faults) as machine:
        seen: list[bytes] = []
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        await phone.run_at(client, 500)
        machine.written = lambda frame, _: seen.append(frame)
        await until(AT + 1.5)
        with pytest.raises(BleakError):
            await write(client, SPEED_4)
        await client.disconnect()
        await until(AT + 3)
        heard = len(phone.heard)
        client = await phone.connect(*ALL)
        await until(AT + 10)
        assert seen == []
        times = [round(t) for t, char, _ in phone.heard[heard:] if char == "2acd"]
        assert times == sorted(set(times))


@over_the_air
async def test_an_indication_that_a_stuck_link_lost_blocks_none_later(radio: VirtualRadio) -> None:
    async with switched_on(radio, "omega-z", faults=[fault("link", "stuck", AT, 10)]):
        phone = Phone(radio)
        client = await phone.connect("2ad9")
        await until(AT - 1)
        await write(client, b"\x07")
        await until(UNTIL)
        assert phone.heard == []
        assert await phone.ask(client, b"\x08\x01") == 1
