"""The simulated treadmill as an FTMS peripheral, reached with bleak's own API in virtual time."""

from __future__ import annotations

import asyncio
import struct

import pytest
from bleak import BleakClient
from bleak.exc import BleakGATTProtocolError
from tests.sim.air import ALL, Phone, over_the_air, switched_on

from treadguard.ftms import features, ranges, status, training, treadmill_data
from treadguard.ftms.features import Feature, Target
from treadguard.sim.peripheral import Peripheral
from treadguard.sim.presets import PRESETS, preset_named
from treadguard.sim.radio import VirtualRadio


async def read(client: BleakClient, short: str) -> bytes:
    return bytes(await client.read_gatt_char(f"0000{short}-0000-1000-8000-00805f9b34fb"))


# ---------------------------------------------------------------- what it offers


@over_the_air
async def test_its_advert_says_treadmill(radio: VirtualRadio) -> None:
    async with switched_on(radio):
        found = await Phone(radio).find()
        assert found is not None
        _, advert = found
        assert advert.local_name == "treadguard sim"
        assert advert.service_uuids == ["00001826-0000-1000-8000-00805f9b34fb"]
        assert advert.service_data == {"00001826-0000-1000-8000-00805f9b34fb": b"\x01\x01\x00"}


@over_the_air
async def test_a_name_that_is_too_long_for_an_advert_is_refused(radio: VirtualRadio) -> None:
    device = radio.device("treadmill", "F0:F1:F2:F3:F4:F5")
    with pytest.raises(ValueError, match="is 2 bytes too long for an advert; choose a shorter"):
        Peripheral(device, preset_named("ideal"), name="a treadmill in 3A")


@pytest.mark.parametrize("name", PRESETS)
@over_the_air
async def test_it_has_what_the_preset_has(radio: VirtualRadio, name: str) -> None:
    preset = preset_named(name)
    async with switched_on(radio, name):
        client = await Phone(radio).connect()
        service = client.services.get_service("00001826-0000-1000-8000-00805f9b34fb")
        assert service is not None
        offered = {char.uuid[4:8]: set(char.properties) for char in service.characteristics}
        expected = {
            "2acc": {"read"},
            "2acd": {"notify"},
            "2ad4": {"read"},
            "2ad9": set(preset.control_point),
            "2ada": {"notify"},
        }
        if preset.training:
            expected["2ad3"] = {"read", "notify"}
        if preset.incline is not None:
            expected["2ad5"] = {"read"}
            incline = ranges.decode_incline(await read(client, "2ad5"))
            assert (incline.min, incline.max, incline.step) == preset.incline
        assert offered == expected
        speed = ranges.decode_speed(await read(client, "2ad4"))
        assert (speed.min, speed.max) == (preset.speed_min, preset.speed_max)
        assert speed.step == preset.speed_step
        assert [await read(client, char) for char in ("2a29", "2a24")] == [
            b"treadguard",
            name.encode(),
        ]
        assert await read(client, "2a26")


@over_the_air
async def test_range_lies_over_the_air_too(radio: VirtualRadio) -> None:
    async with switched_on(radio, "citysports", "range-lies"):
        client = await Phone(radio).connect()
        speed = ranges.decode_speed(await read(client, "2ad4"))
        assert (speed.min, speed.max, speed.step) == (50, 2500, 10)


@pytest.mark.parametrize(("quirks", "takes"), [((), True), (("command-only",), False)])
@over_the_air
async def test_command_only_takes_commands_and_refuses_requests(
    radio: VirtualRadio, quirks: tuple[str, ...], takes: bool
) -> None:
    async with switched_on(radio, "ideal", *quirks) as machine:
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        point = client.services.get_characteristic("00002ad9-0000-1000-8000-00805f9b34fb")
        assert point is not None
        kind = "write" if takes else "write-without-response"
        assert set(point.properties) == {kind, "indicate"}
        await client.write_gatt_char(point, b"\0", response=takes)
        await asyncio.sleep(1)
        assert phone.bytes_of("2ad9") == [b"\x80\0\1"]
        if takes:
            await client.write_gatt_char(point, b"\7", response=True)
        else:
            with pytest.raises(BleakGATTProtocolError) as refused:
                await client.write_gatt_char(point, b"\7", response=True)
            assert refused.value.code == 0x03
        await asyncio.sleep(10)
        assert machine.measured_speed == (100 if takes else 0)


SHOWN_BY = {
    "distance_m": Feature.TOTAL_DISTANCE,
    "incline": Feature.INCLINATION,
    "elapsed_s": Feature.ELAPSED_TIME,
    "avg_speed": Feature.AVG_SPEED,
    "elevation_gain": Feature.ELEVATION_GAIN,
    "energy_kcal": Feature.ENERGY,
    "heart_rate_bpm": Feature.HEART_RATE,
    "met": Feature.MET,
    "remaining_s": Feature.REMAINING_TIME,
    "force_n": Feature.FORCE_ON_BELT,
}


@pytest.mark.parametrize(
    ("preset", "quirks"), [*((name, ()) for name in PRESETS), ("ideal", ("truncated",))]
)
@over_the_air
async def test_its_features_are_those_its_records_show(
    radio: VirtualRadio, preset: str, quirks: tuple[str, ...]
) -> None:
    async with switched_on(radio, preset, *quirks):
        phone = Phone(radio)
        client = await phone.connect("2acd")
        claimed = features.decode(await read(client, "2acc"))
        await asyncio.sleep(60)
    flags = 0
    for data in phone.bytes_of("2acd"):
        flags |= int.from_bytes(data[:2], "little")
    # All fields that any record announces, from a record that only announces.
    bits = {2: "distance_m", 3: "incline", 10: "elapsed_s", 1: "avg_speed", 4: "elevation_gain"}
    bits |= {7: "energy_kcal", 8: "heart_rate_bpm", 9: "met", 11: "remaining_s", 12: "force_n"}
    shown = Feature(0)
    for bit, field in bits.items():
        if flags >> bit & 1:
            shown |= SHOWN_BY[field]
    assert claimed.features == shown
    tilts = preset_named(preset).has_incline
    assert claimed.targets == (Target.SPEED | Target.INCLINATION if tilts else Target.SPEED)


@over_the_air
async def test_what_only_notifies_cannot_be_read(radio: VirtualRadio) -> None:
    async with switched_on(radio):
        client = await Phone(radio).connect()
        with pytest.raises(BleakGATTProtocolError) as refused:
            await read(client, "2acd")
        assert refused.value.code == 0x02


# ---------------------------------------------------------------- a walk


@over_the_air
async def test_a_walk_is_heard_as_it_happens(radio: VirtualRadio) -> None:
    async with switched_on(radio) as machine:
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        await phone.run_at(client, 500)
        assert await phone.ask(client, struct.pack("<Bh", 3, 20)) == 1
        await asyncio.sleep(10)
        last = treadmill_data.decode(phone.bytes_of("2acd")[-1])
        assert (last.speed, last.incline) == (500, 20)
        assert machine.measured_speed == 500
        assert training.decode(await read(client, "2ad3")).code == 0x0D
        assert await phone.ask(client, b"\x08\x01") == 1
        await asyncio.sleep(10)
        assert phone.speeds()[-1] == 0
        assert machine.measured_speed == 0
    codes = [training.decode(data).code for data in phone.bytes_of("2ad3")]
    assert codes == [0x0E, 0x0D, 0x01]
    said = [status.decode(data) for data in phone.bytes_of("2ada")]
    assert [(one.code, one.value) for one in said] == [(4, None), (5, 500), (6, 20), (2, 1)]
    started = next(t for t, char, data in phone.heard if char == "2ad3" and data[1] == 0x0E)
    moved = next(t for t, char, data in phone.heard if char == "2ad3" and data[1] == 0x0D)
    assert moved - started == pytest.approx(3.0)
    assert set(phone.speeds(to=moved)) == {0}


@over_the_air
async def test_console_and_key_are_heard_over_the_air(radio: VirtualRadio) -> None:
    async with switched_on(radio) as machine:
        phone = Phone(radio)
        await phone.connect(*ALL)
        machine.console(start=True)
        await asyncio.sleep(5)
        machine.console(kmh=4.2, pct=1.0)
        await asyncio.sleep(10)
        assert phone.speeds()[-1] == 420
        machine.walk_away()
        assert not machine.walker_on
        machine.safety_key()
        await asyncio.sleep(3)
        assert phone.speeds()[-1] == 0
    assert [data.hex() for data in phone.bytes_of("2ada")] == ["04", "05a401", "060a00", "03"]


@pytest.mark.parametrize(("quirk", "longest"), [("truncated", 20), ("split-records", 13)])
@over_the_air
async def test_maimed_records_stay_maimed(radio: VirtualRadio, quirk: str, longest: int) -> None:
    async with switched_on(radio, "ideal", quirk):
        phone = Phone(radio)
        await phone.connect("2acd")
        await asyncio.sleep(30)
    records = [treadmill_data.decode(data) for data in phone.bytes_of("2acd")]
    assert max(len(data) for data in phone.bytes_of("2acd")) <= longest
    if quirk == "truncated":
        assert sum(record.truncated for record in records) > 20
        assert all(record.speed == 0 for record in records)
    else:
        assert {record.more_data for record in records} == {True, False}
        assert len(records) in (58, 60)


@pytest.mark.parametrize(("mtu", "room"), [(23, 20), (40, 37), (517, 50)])
@over_the_air
async def test_a_notification_is_cut_where_the_link_has_no_room(
    radio: VirtualRadio, mtu: int, room: int
) -> None:
    async with switched_on(radio) as machine:
        machine._server.max_mtu = mtu
        phone = Phone(radio)
        await phone.connect("2acd")
        machine._on_air("2acd", bytes(range(50)))
        await asyncio.sleep(0.1)
    assert phone.bytes_of("2acd")[-1] == bytes(range(50))[:room]


# ---------------------------------------------------------------- connections


@over_the_air
async def test_control_is_lost_with_the_link(radio: VirtualRadio) -> None:
    async with switched_on(radio):
        phone = Phone(radio)
        client = await phone.connect(*ALL)
        await phone.run_at(client, 500)
        radio.lose()
        await asyncio.sleep(20)
        await client.disconnect()
        client = await phone.connect(*ALL)
        assert await phone.ask(client, b"\x08\x01") == 5
        await asyncio.sleep(2)
        assert phone.speeds()[-1] == 500
        assert await phone.ask(client, b"\x00") == 1
        assert await phone.ask(client, b"\x08\x01") == 1


@over_the_air
async def test_a_second_central_waits_until_the_first_is_gone(radio: VirtualRadio) -> None:
    async with switched_on(radio):
        first, second = Phone(radio, 1), Phone(radio, 2)
        client = await first.connect("2acd")
        assert await second.find(within=5) is None
        await client.disconnect()
        other = await second.connect("2acd")
        heard = len(first.heard)
        await asyncio.sleep(3)
        assert len(second.heard) == 3
        assert len(first.heard) == heard
        assert other.is_connected


@over_the_air
async def test_what_went_wrong_inside_is_raised_when_it_is_stopped(radio: VirtualRadio) -> None:
    def fails() -> None:
        raise RuntimeError("the motor is on fire")

    machine = Peripheral(radio.device("treadmill", "F0:F1:F2:F3:F4:F5"), preset_named("ideal"))
    await machine.start()
    machine._soon(fails)
    await asyncio.sleep(1)
    with pytest.raises(RuntimeError, match="the motor is on fire"):
        await machine.stop()


@over_the_air
async def test_what_went_wrong_on_the_radio_is_raised_then_too(
    radio: VirtualRadio, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(**_: float) -> None:
        raise RuntimeError("the antenna is broken")

    device = radio.device("treadmill", "F0:F1:F2:F3:F4:F5")
    monkeypatch.setattr(device, "start_advertising", fails)
    machine = Peripheral(device, preset_named("ideal"))
    await machine.start()
    await asyncio.sleep(1)
    with pytest.raises(RuntimeError, match="the antenna is broken"):
        await machine.stop()


def test_the_same_seed_says_the_same_at_the_same_times() -> None:
    heard: list[list[tuple[float, str, bytes]]] = []

    @over_the_air
    async def session(radio: VirtualRadio) -> None:
        async with switched_on(radio, "citysports", seed=3):
            phone = Phone(radio)
            client = await phone.connect(*ALL)
            await phone.ask(client, b"\x07")
            await asyncio.sleep(10)
        heard.append(phone.heard)

    session()
    session()
    assert heard[0] == heard[1]
    assert len(heard[0]) > 50
