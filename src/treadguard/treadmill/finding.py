"""Which treadmills are on the air, and which one was meant.

The rule to keep: a name that two machines bear is never settled by guessing, because the wrong
belt must not move (H14).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from treadguard.config.toml import printable
from treadguard.ftms.characteristics import Service
from treadguard.treadmill.radio import Radio

FIND_WITHIN_S: Final = 20.0
NAMESAKES_S: Final = 3.0
"""After the first machine of that name, a second one is looked for so long."""

UNHEARD: Final = -127
"""For a signal strength that isn't known, which some platforms give as 127 dBm."""

_TREADMILL: Final = 0x0001
"""Bit 0 of the machine type in the service data of 0x1826 (FTMS 3.1.2)."""


class NotFound(RuntimeError):
    """No such treadmill, or more than one; the text is one clear sentence."""


@dataclass(frozen=True, slots=True)
class Found:
    """One device on the air. `rssi` in dBm; `treadmill` is None where it doesn't say."""

    device: BLEDevice
    name: str
    address: str
    rssi: int
    ftms: bool
    treadmill: bool | None


async def around(radio: Radio, for_s: float) -> list[Found]:
    """Every device that was heard within `for_s`, the nearest first."""
    found: dict[str, Found] = {}
    async with radio.scanner(lambda device, adv: _note(found, device, adv)):
        await asyncio.sleep(for_s)
    return sorted(found.values(), key=lambda one: -one.rssi)


async def find(radio: Radio, wanted: str, within_s: float = FIND_WITHIN_S) -> Found:
    """The device of that address or name; NotFound where there isn't exactly one.

    A machine may advertise neither its name nor what it is in every packet, so the service isn't
    asked for here.
    """
    if not wanted.strip():
        raise NotFound("no treadmill was named: 'treadguard scan' lists those in sight")
    found: dict[str, Found] = {}
    heard = asyncio.Event()

    meant: dict[str, Found] = {}

    def seen(device: BLEDevice, adv: AdvertisementData) -> None:
        _note(found, device, adv)
        one = found[device.address]
        # By any name that it bears: some have a short one in one packet and a long one in the next.
        if one.address in meant or _is(one, wanted):
            meant[one.address] = one
            heard.set()

    async with radio.scanner(seen):
        try:
            async with asyncio.timeout(within_s):
                await heard.wait()
        except TimeoutError:
            raise NotFound(_not_found(wanted, within_s, found)) from None
        if wanted.casefold() not in (address.casefold() for address in found):
            await asyncio.sleep(NAMESAKES_S)
    if len(meant) > 1:
        addresses = " and ".join(sorted(meant))
        raise NotFound(
            f"{len(meant)} devices are named {wanted!r}: say which by its address, {addresses}"
        )
    return next(iter(meant.values()))


async def again(radio: Radio, address: str, within_s: float) -> BLEDevice | None:
    """The device of a known address, scanned afresh; None where it isn't heard.

    BlueZ forgets a device 30 s after the last scan, so an older one can't be connected.
    """
    heard: asyncio.Future[BLEDevice] = asyncio.get_running_loop().create_future()

    def seen(device: BLEDevice, _: AdvertisementData) -> None:
        if device.address.casefold() == address.casefold() and not heard.done():
            heard.set_result(device)

    async with radio.scanner(seen):
        try:
            async with asyncio.timeout(within_s):
                return await heard
        except TimeoutError:
            return None


def _note(found: dict[str, Found], device: BLEDevice, adv: AdvertisementData) -> None:
    before = found.get(device.address)
    service = Service.FITNESS_MACHINE.uuid
    data = adv.service_data.get(service)
    says = None if data is None or len(data) < 3 else bool(data[1] & _TREADMILL)
    ftms = data is not None or service in adv.service_uuids
    # Name and service may come in different packets.
    found[device.address] = Found(
        device=device,
        name=printable(adv.local_name or device.name or ("" if before is None else before.name)),
        address=device.address,
        rssi=adv.rssi if adv.rssi < 0 else UNHEARD,
        ftms=ftms or (before is not None and before.ftms),
        treadmill=before.treadmill if says is None and before is not None else says,
    )


def _is(one: Found, wanted: str) -> bool:
    return wanted.casefold() in (one.address.casefold(), one.name.casefold())


def _not_found(wanted: str, within_s: float, found: dict[str, Found]) -> str:
    machines = sorted(one.name or one.address for one in found.values() if one.ftms)
    seen = f" (in sight: {', '.join(machines)})" if machines else ""
    return (
        f"no treadmill {wanted!r} was heard within {within_s:g} s{seen}: switch it on, close every"
        " other app that is connected to it, and look with 'treadguard scan'"
    )
