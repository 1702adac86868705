"""What a machine says of itself, and whether that is what it said when it was proven.

Here: the reading, through whoever may read, and the comparison. Not here: what is kept on the disk
(proven.py), and what follows for a link (over_bleak.py). The rule to keep: a piece that was told
then and isn't told now is a difference, never a match.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final, NamedTuple

import msgspec

from treadguard.config.toml import printable
from treadguard.ftms.characteristics import Characteristic
from treadguard.treadmill.readings import ranges
from treadguard.units import kmh, pct

Read = Callable[[Characteristic], Awaitable[bytes | None]]
"""The value of one characteristic, or None where it can't be had."""


class Fingerprint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Device Information as the machine tells it, printable; None for what it doesn't tell.

    `speeds` and `inclines` are its ranges, in words. They count only where it tells nothing else:
    a machine may change its range with the programme that runs.
    """

    maker: str | None = None
    model: str | None = None
    serial: str | None = None
    hardware: str | None = None
    firmware: str | None = None
    software: str | None = None
    speeds: str | None = None
    inclines: str | None = None

    @property
    def informs(self) -> bool:
        """It has Device Information that says something."""
        return any(getattr(self, what) is not None for what in TOLD)


TOLD: Final = {
    "maker": Characteristic.MAKER,
    "model": Characteristic.MODEL,
    "serial": Characteristic.SERIAL,
    "hardware": Characteristic.HARDWARE,
    "firmware": Characteristic.FIRMWARE,
    "software": Characteristic.SOFTWARE,
}
_RANGES: Final = {"speeds": "speed range", "inclines": "incline range"}


class Difference(NamedTuple):
    """One piece that isn't as it was."""

    what: str
    before: str | None
    now: str | None

    def __str__(self) -> str:
        return f"{self.what} {self.before or 'not told'} → {self.now or 'not told'}"


async def told(read: Read) -> Fingerprint:
    """Ask for all of it, one after another."""
    said = {what: _text(await read(char)) for what, char in TOLD.items()}
    if any(said.values()):
        return Fingerprint(**said)
    speed = await read(Characteristic.SPEED_RANGE)
    incline = await read(Characteristic.INCLINE_RANGE)
    found = ranges(speed, incline)
    speeds = inclines = None
    if found.speed_min is not None and found.speed_max is not None and found.speed_step:
        step = found.speed_step / 100
        speeds = f"{kmh(found.speed_min):g} to {kmh(found.speed_max):g} km/h by {step:g}"
    if found.incline_min is not None and found.incline_max is not None and found.incline_step:
        step = found.incline_step / 10
        inclines = f"{pct(found.incline_min):g} to {pct(found.incline_max):g} % by {step:g}"
    return Fingerprint(speeds=speeds, inclines=inclines)


def differences(proven: Fingerprint, now: Fingerprint) -> tuple[Difference, ...]:
    """What isn't as it was; empty where it is the same machine by all that it says."""
    names = {what: what for what in TOLD}
    if not proven.informs and not now.informs:
        names = _RANGES
    found = (
        Difference(name, getattr(proven, what), getattr(now, what)) for what, name in names.items()
    )
    return tuple(one for one in found if one.before != one.now)


def pieces(fingerprint: Fingerprint) -> tuple[str, ...]:
    """What it tells, such as "firmware 2"."""
    names = {**{what: what for what in TOLD}, **_RANGES}
    return tuple(
        f"{name} {value}"
        for what, name in names.items()
        if (value := getattr(fingerprint, what)) is not None
    )


def in_words(found: Iterable[object]) -> str:
    """The second half of a sentence about a machine with these differences."""
    return f"isn't as it was when you proved it ({', '.join(map(str, found))})"


def _text(value: bytes | None) -> str | None:
    if value is None:
        return None
    return printable(value.decode("utf-8", "replace").strip("\0 ")) or None
