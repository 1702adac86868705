"""Recorded sessions, served to a central as the machine once said them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from bleak.exc import BleakGATTProtocolError
from tests.sim.air import Phone, now, over_the_air, write

from treadguard.sim.radio import VirtualRadio
from treadguard.sim.replaying import ReplayingPeripheral, recording

SESSIONS = sorted((Path(__file__).parents[1] / "data" / "sessions").glob("*.jsonl"))
KINOMAP, TREADSPAN = SESSIONS
NAME = "treadguard rec"


@asynccontextmanager
async def replaying(radio: VirtualRadio, path: Path) -> AsyncIterator[ReplayingPeripheral]:
    device = radio.device("treadmill", "F0:F1:F2:F3:F4:F5")
    peripheral = ReplayingPeripheral(device, recording(path))
    await peripheral.start()
    try:
        yield peripheral
    finally:
        await peripheral.stop()


def notified(path: Path) -> list[tuple[float, str, bytes]]:
    """Straight from the file: (second, characteristic, bytes) of all but the answers."""
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    return [
        (line["t"], line["char"], bytes.fromhex(line["hex"]))
        for line in lines
        if line["dir"] == "notify" and line["char"] != "2ad9"
    ]


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_a_recording_names_its_source_and_licence(path: Path) -> None:
    first = json.loads(path.read_text().splitlines()[0])
    assert first["source"].startswith("blak3r/treadspan ")
    assert first["licence"] == "MIT"


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
@over_the_air
async def test_every_notification_arrives_as_it_was_recorded(
    radio: VirtualRadio, path: Path
) -> None:
    expected = notified(path)
    assert len(expected) > 40
    async with replaying(radio, path):
        phone = Phone(radio)
        await phone.connect("2ada", "2ad3", "2acd", name=NAME)
        begin = now()
        await asyncio.sleep(expected[-1][0] + 5)
    assert [(char, data) for _, char, data in phone.heard] == [e[1:] for e in expected]
    for (heard, _, _), (sent, _, _) in zip(phone.heard, expected, strict=True):
        assert heard - begin == pytest.approx(sent, abs=0.0015)


@over_the_air
async def test_only_what_is_subscribed_to_is_sent(radio: VirtualRadio) -> None:
    async with replaying(radio, KINOMAP):
        phone = Phone(radio)
        await phone.connect("2acd", name=NAME)
        await asyncio.sleep(90)
    assert {char for _, char, _ in phone.heard} == {"2acd"}
    assert phone.bytes_of("2acd") == [d for _, char, d in notified(KINOMAP) if char == "2acd"]


@over_the_air
async def test_it_offers_what_the_recording_shows(radio: VirtualRadio) -> None:
    async with replaying(radio, KINOMAP):
        client = await Phone(radio).connect(name=NAME)
        service = client.services.get_service("00001826-0000-1000-8000-00805f9b34fb")
        assert service is not None
        assert {char.uuid[4:8]: set(char.properties) for char in service.characteristics} == {
            "2acc": {"read"},
            "2acd": {"notify"},
            "2ad3": {"notify"},
            "2ad4": {"read"},
            "2ad5": {"read"},
            "2ad9": {"notify", "write-without-response"},
            "2ada": {"notify"},
        }
        values = [bytes(await client.read_gatt_char(char)) for char in ("2acc", "2ad4", "2ad5")]
        assert [value.hex() for value in values] == [
            "4556000005000000",
            "600083022000",
            "000000000000",
        ]


@over_the_air
async def test_a_recording_without_commands_has_no_control_point(radio: VirtualRadio) -> None:
    async with replaying(radio, TREADSPAN):
        client = await Phone(radio).connect(name=NAME)
        assert client.services.get_characteristic("2ad9") is None
        assert client.services.get_characteristic("2acd") is not None


@over_the_air
async def test_a_write_is_answered_as_the_machine_answered_it(radio: VirtualRadio) -> None:
    async with replaying(radio, KINOMAP):
        phone = Phone(radio)
        client = await phone.connect("2ad9", name=NAME)
        for frame, answer in (
            ("00", "800001"),
            ("030500", "800301"),
            ("07", "800701"),
            ("0801", "800801"),
            ("026400", None),
            ("", None),
        ):
            since, begin = len(phone.heard), now()
            await write(client, bytes.fromhex(frame))
            await asyncio.sleep(1)
            new = phone.heard[since:]
            assert [data.hex() for _, _, data in new] == ([answer] if answer else [])
            assert all(t - begin == pytest.approx(0.045, abs=0.002) for t, _, _ in new)


@over_the_air
async def test_a_write_type_that_was_not_recorded_is_not_permitted(radio: VirtualRadio) -> None:
    async with replaying(radio, KINOMAP):
        phone = Phone(radio)
        client = await phone.connect("2ad9", name=NAME)
        with pytest.raises(BleakGATTProtocolError) as refused:
            await write(client, b"\x00", response=True)
        assert refused.value.code == 0x03
        await asyncio.sleep(1)
        assert phone.heard == []


@over_the_air
async def test_each_connection_begins_at_the_beginning(radio: VirtualRadio) -> None:
    async with replaying(radio, TREADSPAN):
        phone = Phone(radio)
        client = await phone.connect("2acd", name=NAME)
        await asyncio.sleep(3)
        await client.disconnect()
        first = phone.bytes_of("2acd")
        await phone.connect("2acd", name=NAME)
        await asyncio.sleep(3)
    assert len(first) > 3
    assert phone.bytes_of("2acd") == first * 2


LINE = '{"t": 1.0, "dir": "notify", "char": "2acd", "hex": "8425"}'


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ('{"t": 1.5, "dir": "noti', "damaged: "),
        ('{"t": 1.5, "dir": "notify", "char": "2acd"}', "missing required field `hex`"),
        ('{"t": "1", "dir": "notify", "char": "2acd", "hex": "84"}', "Expected `float`"),
        ('{"t": 1.5, "dir": "sent", "char": "2acd", "hex": "84"}', "Invalid enum value 'sent'"),
        ('{"t": 1.5, "dir": "notify", "char": "2acd", "hex": "842"}', "'842' isn't one or more"),
        ('{"t": 1.5, "dir": "notify", "char": "2acd", "hex": ""}', "'' isn't one or more"),
        ('{"t": 0.5, "dir": "notify", "char": "2acd", "hex": "84"}', "before that of the line"),
        ('{"t": -1, "dir": "notify", "char": "2acd", "hex": "84"}', "before that of the line"),
        ("", "damaged: "),
        ("\udcff", "damaged: "),
    ],
)
def test_a_damaged_line_is_named_with_file_and_number(tmp_path: Path, bad: str, why: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(f"{LINE}\n{bad}\n{LINE}\n".encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=r"^Line 2 of .*run\.jsonl is damaged: ") as refused:
        recording(path)
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", '{"t": 1.0, "dir": "notify", "char": "2ada", "hex": "04"}\n'])
def test_a_recording_without_treadmill_data_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"run\.jsonl holds no Treadmill Data"):
        recording(path)


@over_the_air
async def test_a_replay_ends_with_its_connection(radio: VirtualRadio) -> None:
    async with replaying(radio, KINOMAP):
        phone = Phone(radio)
        client = await phone.connect("2acd", name=NAME)
        await client.disconnect()
        await phone.connect("2ada", name=NAME)
        heard = len(phone.heard)
        await asyncio.sleep(10)
        assert len(phone.heard) == heard
