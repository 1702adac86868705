"""What one machine offers, read over one connection, as a frozen value.

Here: the reading, and what the records that came meanwhile have in common. Not here: what it means
for a runner (cli/inspect.py). The rule to keep: nothing is written to the machine. Subscribing to
its reports is all that changes, and that ends with the connection.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice

from treadguard.ftms import treadmill_data
from treadguard.ftms.characteristics import Characteristic, Service
from treadguard.guard.events import Telemetry
from treadguard.treadmill import finding
from treadguard.treadmill.connection import CLOSE_WITHIN_S, Connection, NoTreadmillError
from treadguard.treadmill.fingerprint import Fingerprint, told
from treadguard.treadmill.over_bleak import APART_S, SCAN_WITHIN_S, SET_UP_WITHIN_S
from treadguard.treadmill.radio import Radio
from treadguard.treadmill.readings import read
from treadguard.treadmill.trouble import ON_AIR
from treadguard.units import Grade, Millis, Speed

READ_WITHIN_S: Final = 3.0
_DATA: Final = Characteristic.TREADMILL_DATA.short
_REPORTS: Final = (
    Characteristic.MACHINE_STATUS,
    Characteristic.TRAINING_STATUS,
    Characteristic.TREADMILL_DATA,
)

Notified = tuple[float, str, bytes]
"""When in s, on which characteristic such as "2acd", what."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What it sent within `for_s`. Times in s, speeds 0.01 km/h, inclines 0.1 %."""

    for_s: float
    records: int = 0
    """Notifications of Treadmill Data; `others` counts those of the rest, by characteristic."""
    others: tuple[tuple[str, int], ...] = ()
    fields: tuple[str, ...] = ()
    """Of Treadmill Data, in the order of the wire."""
    speed: tuple[Speed, Speed] | None = None
    """The lowest and the highest."""
    incline: tuple[Grade, Grade] | None = None
    every_s: float | None = None
    """From one speed to the next, as a rule."""
    gap_s: float | None = None
    """The longest between two speeds."""
    truncated: int = 0
    implausible: int = 0
    """Values that no treadmill can mean."""


@dataclass(frozen=True, slots=True)
class Offer:
    """`properties` of each characteristic of its Fitness Machine service, by its short number.

    `properties` is empty where there is no such service. `values` are the bytes of those that were
    read; `lost` says that the connection ended before the listening did.
    """

    about: Fingerprint
    properties: Mapping[str, tuple[str, ...]]
    values: Mapping[str, bytes]
    heard: Heard
    lost: bool = False

    def has(self, char: Characteristic) -> bool:
        return char.short in self.properties


async def read_offer(
    radio: Radio, device: BLEDevice, listen_s: float, say: Callable[[str], None]
) -> Offer:
    """Connect, read, listen for `listen_s`, and close. Raises one of `ON_AIR`, like bleak."""
    lost = asyncio.Event()
    client = radio.client(device, lambda _: lost.set())
    loop = asyncio.get_running_loop()
    notified: list[Notified] = []
    try:
        say("connecting…")
        await client.connect()
        say("connected, reading what it offers…")
        async with asyncio.timeout(SET_UP_WITHIN_S):
            # Taken at once: a client whose link has dropped knows no services any more.
            of_device, chars = (
                _characteristics(client, service)
                for service in (Service.DEVICE_INFORMATION.uuid, Service.FITNESS_MACHINE.uuid)
            )
            offered = {**of_device, **chars}
            about = await told(lambda char: _read(client, offered.get(char.short)))
            values = {
                char: value
                for char, found in chars.items()
                if char != _DATA and (value := await _read(client, found)) is not None
            }
            if lost.is_set():
                raise ConnectionResetError("the connection was lost while it was read: try again")
            begin = loop.time()

            def hear(char: str, data: bytearray) -> None:
                notified.append((loop.time() - begin, char, bytes(data)))

            for report in _REPORTS:
                await _listen(client, chars.get(report.short), hear)
                await asyncio.sleep(APART_S)
        if _DATA in chars:
            say(f"listening for {listen_s:g} s…")
            with suppress(TimeoutError):
                async with asyncio.timeout(listen_s):
                    await lost.wait()
        properties = {char: tuple(sorted(found.properties)) for char, found in chars.items()}
        heard = summed(notified, loop.time() - begin)
        return Offer(about, properties, values, heard, lost.is_set())
    finally:
        with suppress(*ON_AIR):
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await client.disconnect()


async def read_fingerprint(radio: Radio, address: str) -> Fingerprint | None:
    """What the machine says of itself, asked over a connection of its own.

    None where it can't be had now: out of sight, or lost meanwhile.
    """
    with suppress(NoTreadmillError, *ON_AIR):
        device = await finding.again(radio, address, SCAN_WITHIN_S)
        if device is None:
            return None
        link = Connection(radio, device, lambda *_: None, lambda *_: None)
        try:
            async with asyncio.timeout(SET_UP_WITHIN_S):
                await link.connect()
                return await link.fingerprint()
        finally:
            link.shut()
            await link.close()
    return None


def summed(notified: Sequence[Notified], for_s: float) -> Heard:
    """What these have in common. Any bytes at all are counted."""
    kinds = Counter(char for _, char, _ in notified)
    records = [(at_s, data) for at_s, char, data in notified if char == _DATA]
    decoded = [treadmill_data.decode(data) for _, data in records]
    dropped: Counter[str] = Counter()
    speeds: list[Speed] = []
    grades: list[Grade] = []
    times: list[float] = []
    for at_s, data in records:
        event = read(_DATA, data, Millis(0), dropped)
        if isinstance(event, Telemetry) and event.speed is not None:
            speeds.append(event.speed)
            times.append(at_s)
        if isinstance(event, Telemetry) and event.incline is not None:
            grades.append(event.incline)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return Heard(
        for_s=for_s,
        records=kinds.pop(_DATA, 0),
        others=tuple(sorted(kinds.items())),
        fields=tuple(
            name
            for name in treadmill_data.FIELDS
            if any(getattr(record, name) is not None for record in decoded)
        ),
        speed=(min(speeds), max(speeds)) if speeds else None,
        incline=(min(grades), max(grades)) if grades else None,
        every_s=median(gaps) if gaps else None,
        gap_s=max(gaps) if gaps else None,
        truncated=sum(record.truncated for record in decoded),
        implausible=dropped.total(),
    )


# ---------------------------------------------------------------- one client


def _characteristics(client: BleakClient, uuid: str) -> dict[str, BleakGATTCharacteristic]:
    service = client.services.get_service(uuid)
    return {} if service is None else {char.uuid[4:8]: char for char in service.characteristics}


async def _read(client: BleakClient, char: BleakGATTCharacteristic | None) -> bytes | None:
    """Its value, or None where it can't be had."""
    if char is None or "read" not in char.properties:
        return None
    with suppress(*ON_AIR):
        async with asyncio.timeout(READ_WITHIN_S):
            return bytes(await client.read_gatt_char(char))
    return None


async def _listen(
    client: BleakClient,
    char: BleakGATTCharacteristic | None,
    hear: Callable[[str, bytearray], None],
) -> None:
    if char is None or not {"notify", "indicate"} & set(char.properties):
        return
    short = char.uuid[4:8]
    # One that refuses shows in what was heard: nothing.
    with suppress(*ON_AIR):
        async with asyncio.timeout(READ_WITHIN_S):
            await client.start_notify(char, lambda _, data: hear(short, data))
