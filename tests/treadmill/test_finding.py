"""Who is on the air, and which one is meant, with a scanner that hears what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, ClassVar, NamedTuple, TypeVar

import pytest
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError

from treadguard.ftms.characteristics import Service
from treadguard.session.virtual_time import run
from treadguard.treadmill.finding import FIND_WITHIN_S, NAMESAKES_S, NotFound, again, around, find
from treadguard.treadmill.radio import Radio

T = TypeVar("T")
FTMS = Service.FITNESS_MACHINE.uuid
HEART = Service.HEART_RATE.uuid
HERE = "AA:BB:CC:DD:EE:01"
THERE = "AA:BB:CC:DD:EE:02"


class Packet(NamedTuple):
    """What is heard from one device at one time."""

    at_s: float
    address: str
    name: str | None = None
    services: tuple[str, ...] = ()
    data: dict[str, bytes] = {}  # noqa: RUF012 - a value, never changed
    rssi: int = -60
    alias: str | None = None


class FakeScanner(BaseBleakScanner):
    """Hears `air` from the moment it starts; each start hears it afresh."""

    air: ClassVar[list[Packet]] = []
    live: ClassVar[int] = 0
    starts: ClassVar[int] = 0

    def __init__(self, detection_callback: Any, service_uuids: Any, *_mode: Any, **_: Any) -> None:
        super().__init__(detection_callback, service_uuids)
        self._timers: list[asyncio.TimerHandle] = []

    async def start(self) -> None:
        type(self).live += 1
        type(self).starts += 1
        self.seen_devices = {}
        loop = asyncio.get_running_loop()
        self._timers = [loop.call_later(p.at_s, self._hear, p) for p in self.air]

    async def stop(self) -> None:
        type(self).live -= 1
        for timer in self._timers:
            timer.cancel()

    def _hear(self, packet: Packet) -> None:
        if not self.is_allowed_uuid(list(packet.services)):
            return
        adv = AdvertisementData(
            packet.name, {}, packet.data, list(packet.services), None, packet.rssi, ()
        )
        shown = packet.name or packet.alias
        device = self.create_or_update_device(packet.address, packet.address, shown, None, adv)
        self.call_detection_callbacks(device, adv)


def on_air(work: Awaitable[T], *air: Packet) -> tuple[T, float]:
    """What `work` gives with that on the air, and after how long. The scanner is stopped."""

    async def main() -> tuple[T, float]:
        given = await work
        return given, asyncio.get_running_loop().time()

    FakeScanner.air, FakeScanner.live, FakeScanner.starts = list(air), 0, 0
    try:
        return run(main())
    finally:
        assert FakeScanner.live == 0
        assert FakeScanner.starts == 1


def radio() -> Radio:
    return Radio(scanner_type=FakeScanner)


def machine(kind: int, flags: int = 1) -> dict[str, bytes]:
    return {FTMS: bytes((flags,)) + kind.to_bytes(2, "little")}


RUN = Packet(0.5, HERE, "Run 500", (FTMS,), machine(1))


@pytest.mark.parametrize("wanted", ["Run 500", "run 500", "RUN 500"])
def test_a_machine_is_found_by_its_name_in_any_case(wanted: str) -> None:
    found, after = on_air(find(radio(), wanted), Packet(0.1, THERE, "Pad"), RUN)
    assert (found.address, found.name, found.ftms, found.treadmill) == (HERE, "Run 500", True, True)
    assert found.device.address == HERE
    assert after == pytest.approx(0.5 + NAMESAKES_S)


@pytest.mark.parametrize("wanted", [HERE, HERE.lower()])
def test_a_machine_is_found_by_its_address_at_once(wanted: str) -> None:
    found, after = on_air(find(radio(), wanted), Packet(0.1, THERE, "Run 500"), RUN)
    assert found.address == HERE
    assert after == pytest.approx(0.5)


def test_a_part_of_a_name_is_not_the_name() -> None:
    with pytest.raises(NotFound):
        on_air(find(radio(), "Run"), RUN)


def test_a_machine_that_shows_its_name_late_is_found() -> None:
    air = [Packet(0.1, HERE, None, (FTMS,)), Packet(7, HERE, "Run 500")]
    found, after = on_air(find(radio(), "Run 500"), *air)
    assert found.address == HERE
    assert found.ftms
    assert after < 7 + NAMESAKES_S + 0.1


@pytest.mark.parametrize("order", [1, -1])
def test_name_service_and_kind_may_come_in_different_packets(order: int) -> None:
    parts: list[tuple[str | None, tuple[str, ...], dict[str, bytes]]] = [
        ("Run 500", (), {}),
        (None, (FTMS,), {}),
        (None, (), machine(1)),
        (None, (HEART,), {}),
    ]
    air = [Packet(0.1 * i, HERE, *part) for i, part in enumerate(parts[::order], 1)]
    found, _ = on_air(find(radio(), "Run 500"), *air)
    assert (found.name, found.ftms, found.treadmill) == ("Run 500", True, True)
    (seen,), _ = on_air(around(radio(), 2), *air)
    assert (seen.name, seen.ftms, seen.treadmill) == ("Run 500", True, True)


@pytest.mark.parametrize("wanted", ["Run", "Run 500"])
def test_a_machine_that_completes_its_name_is_found_by_either(wanted: str) -> None:
    air = [Packet(0.1, HERE, "Run", (FTMS,)), Packet(1, HERE, "Run 500", (FTMS,))]
    assert on_air(find(radio(), wanted), *air)[0].address == HERE


@pytest.mark.parametrize("wanted", ["", " "])
def test_no_name_is_not_the_name_of_a_nameless_device(wanted: str) -> None:
    FakeScanner.air = [Packet(0.1, HERE, None), Packet(0.2, THERE, " ")]
    with pytest.raises(NotFound):
        run(find(radio(), wanted))


def test_the_name_that_the_system_knows_will_do() -> None:
    found, _ = on_air(find(radio(), "Run 500"), Packet(0.1, HERE, None, (FTMS,), alias="Run 500"))
    assert found.name == "Run 500"


@pytest.mark.parametrize("late_s", [0.0, 0.5, NAMESAKES_S - 0.1])
def test_namesakes_are_refused_with_the_addresses_of_both(late_s: float) -> None:
    air = [RUN, Packet(0.5 + late_s, THERE, "RUN 500", (FTMS,), rssi=-90)]
    with pytest.raises(NotFound) as refused:
        on_air(find(radio(), "Run 500"), *air)
    assert HERE in str(refused.value)
    assert THERE in str(refused.value)


def test_the_nearer_of_two_namesakes_is_not_taken_for_the_one_meant() -> None:
    air = [RUN._replace(rssi=-30), Packet(0.6, THERE, "Run 500", (FTMS,), rssi=-99)]
    with pytest.raises(NotFound):
        on_air(find(radio(), "Run 500"), *air)


def test_of_namesakes_the_address_says_which() -> None:
    air = [Packet(0.4, THERE, "Run 500", (FTMS,)), RUN]
    assert on_air(find(radio(), HERE), *air)[0].address == HERE
    assert on_air(find(radio(), THERE), *air)[0].address == THERE


def test_one_machine_that_is_heard_often_has_no_namesake() -> None:
    air = [RUN._replace(at_s=0.1 * i) for i in range(1, 50)]
    assert on_air(find(radio(), "Run 500"), *air)[0].address == HERE


def test_nothing_on_the_air_is_said_in_one_sentence() -> None:
    with pytest.raises(NotFound) as refused:
        on_air(find(radio(), "Run 500"))
    said = str(refused.value)
    assert "Run 500" in said
    assert "\n" not in said
    assert "in sight" not in said


def test_what_was_heard_instead_is_named_when_it_is_a_machine() -> None:
    air = [
        Packet(0.1, THERE, "Pad", (FTMS,)),
        Packet(0.2, "AA:BB:CC:DD:EE:03", None, (), machine(1)),
        Packet(0.3, "AA:BB:CC:DD:EE:04", "Headphones", (HEART,)),
    ]
    with pytest.raises(NotFound) as refused:
        on_air(find(radio(), "Run 500"), *air)
    said = str(refused.value)
    assert "Pad" in said
    assert "AA:BB:CC:DD:EE:03" in said
    assert "Headphones" not in said


def test_looking_ends_in_time() -> None:
    async def looks() -> float:
        with pytest.raises(NotFound):
            await find(radio(), "Run 500")
        return asyncio.get_running_loop().time()

    assert on_air(looks(), Packet(FIND_WITHIN_S + 1, HERE, "Run 500"))[0] == FIND_WITHIN_S


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (machine(0x0001), True),
        (machine(0x0001, flags=0), True),
        (machine(0x0003), True),
        (machine(0x0020), False),
        (machine(0x0100), False),
        (machine(0x0000), False),
        ({FTMS: b""}, None),
        ({FTMS: b"\x01"}, None),
        ({FTMS: b"\x01\x01"}, None),
        ({FTMS: b"\x01\x01\x00\xff"}, True),
        ({HEART: b"\x01\x01\x00"}, None),
        ({}, None),
    ],
)
def test_the_service_data_says_what_kind_of_machine_it_is(
    data: dict[str, bytes], says: bool | None
) -> None:
    (seen,), _ = on_air(around(radio(), 2), Packet(0.1, HERE, "X", (), data))
    assert seen.treadmill is says
    assert seen.ftms is (FTMS in data)


def test_those_around_come_the_nearest_first_and_once_each() -> None:
    air = [
        Packet(0.1, HERE, "far", rssi=-90),
        Packet(0.2, THERE, "near", rssi=-40),
        Packet(0.3, HERE, "far", rssi=-80),
        Packet(9.0, "AA:BB:CC:DD:EE:03", "late"),
    ]
    seen, after = on_air(around(radio(), 5), *air)
    assert [(one.name, one.rssi) for one in seen] == [("near", -40), ("far", -80)]
    assert after == 5


def test_a_known_machine_is_scanned_afresh() -> None:
    air = [Packet(0.1, THERE, "Run 500"), Packet(2, HERE, None), Packet(3, HERE, None)]
    device, after = on_air(again(radio(), HERE.lower(), 10), *air)
    assert isinstance(device, BLEDevice)
    assert device.address == HERE
    assert after == 2


def test_a_known_machine_that_is_away_is_none_in_time() -> None:
    device, after = on_air(again(radio(), HERE, 10), Packet(0.1, THERE, "Run 500"))
    assert device is None
    assert after == 10


def test_a_radio_that_fails_is_no_missing_treadmill(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(_: FakeScanner) -> None:
        raise BleakError("no adapter")

    monkeypatch.setattr(FakeScanner, "start", fails)
    with pytest.raises(BleakError, match="no adapter"):
        run(find(radio(), "Run 500"))
