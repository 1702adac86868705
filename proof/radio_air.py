"""The real driver on a virtual radio that answers late or never, and what truly passed on it.

Here: the peripheral whose answers a plan holds back, a bleak client as single-minded as BlueZ's,
and the log of both. Not here: which faults are drawn and what is made of the log
(radio_presses.py). The rule to keep: the log is written where the packets are, so that nothing the
driver believes of its own writes decides how it is judged.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bumble import att
from bumble.device import Device

from treadguard.sim.bleak_over_bumble import BLUEZ, backends
from treadguard.sim.faults import Fault
from treadguard.sim.gatt import Respond
from treadguard.sim.over_radio import ADDRESS
from treadguard.sim.peripheral import Peripheral
from treadguard.sim.presets import Preset, preset_named
from treadguard.sim.radio import VirtualRadio
from treadguard.treadmill.fingerprint import Fingerprint
from treadguard.treadmill.over_bleak import BleakTreadmill
from treadguard.treadmill.radio import Radio

SLOW_MS: Final = (50, 290)
"""An answer that comes slowly; the figure speaks of answers within 300 ms."""

POLL_S: Final = 0.01
"""bleak asks BlueZ again so often while it says that a write is in progress."""

STOP: Final = b"\x08\x01"

_CENTRAL: Final = "C0:C1:C2:C3:C4:C5"
_BOTH: Final = frozenset({"write", "write-without-response", "indicate"})

_REQUESTS: Final = frozenset(int(code) for code in att.ATT_REQUESTS)
_RESPONSES: Final = frozenset(int(code) for code in att.ATT_RESPONSES)
_HELD_BACK: Final = (
    att.Opcode.ATT_ERROR_RESPONSE,
    att.Opcode.ATT_READ_RESPONSE,
    att.Opcode.ATT_WRITE_RESPONSE,
    att.Opcode.ATT_HANDLE_VALUE_INDICATION,
)
"""Discovery isn't slowed: BlueZ keeps what it has once discovered."""


Lost = Literal["answer", "frame"]


@dataclass(frozen=True, slots=True)
class Withheld:
    """The first write request to the control point from `at` ms on is never answered.

    `lost`: "answer" where the machine obeys it all the same, "frame" where it doesn't.
    """

    at: int
    lost: Lost


@dataclass(frozen=True, slots=True)
class Air:
    """One machine and what its radio does. `slow` are (from, to) in ms with slow answers."""

    preset: str
    both_types: bool
    command_only: bool
    asks_who: bool
    latency_ms: int
    disconnect_ms: int
    slow: tuple[tuple[int, int], ...]
    withheld: tuple[Withheld, ...]
    faults: tuple[Fault, ...]


@dataclass(eq=False, slots=True)
class Request:
    """One ATT request on the machine's side: when it came, when its answer or the link's end."""

    begin: int
    end: int | None = None

    def hangs(self, over_ms: int) -> bool:
        """Whether its answer takes longer than this, or never comes."""
        return self.end is None or self.end - self.begin > over_ms


@dataclass(frozen=True, slots=True)
class Taken:
    """A frame that the machine took: what its belt and deck headed for, and how it stood."""

    t: int
    frame: bytes
    heads_for: int
    deck: int
    state: str


@dataclass(slots=True)
class AirLog:
    """What truly passed. All times are ms of the loop; `links` are the machine's own."""

    requests: list[Request] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    handed: list[tuple[int, bytes]] = field(default_factory=list)
    withheld: list[int] = field(default_factory=list)
    links: list[tuple[int, bool]] = field(default_factory=list)
    said: list[tuple[int, str]] = field(default_factory=list)

    def pending(self, t: int, over_ms: int, way_ms: int, within_ms: int) -> bool:
        """Whether an answer that is awaited at `t` takes longer than `over_ms`, seen from afar.

        So does that of a write that left in the same moment before the Stop, and that of this
        moment's Stop, which came within its time and was lost.
        """
        for one in self.requests:
            begin = one.begin - way_ms
            if not one.hangs(over_ms - 2 * way_ms):
                continue
            took = [frame.frame for frame in self.taken if frame.t == one.begin]
            before = begin < t or (begin == t and took not in ([], [STOP]))
            if before and (one.end is None or one.end + way_ms > t):
                return True
            if not took and one.begin in self.withheld and 0 <= begin - t <= within_ms:
                return True
        return False

    def hung(self, begin: int, end: int, over_ms: int) -> bool:
        """Whether such an answer was awaited some time between `begin` and `end`."""
        return any(
            one.hangs(over_ms) and one.begin <= end and (one.end is None or one.end >= begin)
            for one in self.requests
        )


class SlowPeripheral(Peripheral):
    """The simulated machine, with answers that a plan delays or withholds."""

    def __init__(self, device: Device, preset: Preset, air: Air, log: AirLog, seed: int) -> None:
        quirks = ("command-only",) if air.command_only else ()
        super().__init__(device, preset, quirks=quirks, faults=air.faults, seed=seed)
        self._air = air
        self._log = log
        self._slow_dice = random.Random(f"{seed} slow answers")
        self._out_until = -1
        self._left = list(air.withheld)
        obey = self._control_point.write

        def taken(frame: bytes) -> None:
            motor = self._motor
            heads_for, deck = motor._belt.target, motor._deck.target
            log.taken.append(Taken(self._now(), frame, heads_for, deck, motor.state))
            obey(frame)

        vars(self._control_point)["write"] = taken

    @property
    def belt(self) -> str:
        """Standing, counting down, running or stopping."""
        return self._motor.state

    @property
    def linked(self) -> bool:
        """Whether it has a central."""
        return self._server.connection is not None

    def on_linked(self) -> None:
        """See `gatt.Machine`, and so on."""
        super().on_linked()
        self._out_until = -1
        self._log.links.append((self._now(), True))

    def on_unlinked(self) -> None:
        super().on_unlinked()
        self._answered()
        self._log.links.append((self._now(), False))

    def on_arrival(self, pdu: att.ATT_PDU, take: Callable[[], None]) -> None:
        if int(pdu.op_code) in _REQUESTS:
            self._log.requests.append(Request(self._now()))
        super().on_arrival(pdu, take)

    def on_departure(self, pdu: bytes, send: Callable[[bytes], None]) -> None:
        def leaves() -> None:
            if pdu[0] in _RESPONSES:
                self._answered()
            super(SlowPeripheral, self).on_departure(pdu, send)

        now = self._now()
        slow = pdu[0] in _HELD_BACK and any(a <= now < b for a, b in self._air.slow)
        due = max(self._out_until, now + (self._slow_dice.randint(*SLOW_MS) if slow else 0))
        self._out_until = due
        if due == now:
            leaves()
        else:
            self._put(due, leaves)

    def on_write(self, frame: bytes, respond: Respond | None) -> None:
        if respond is not None and self._left and self._now() >= self._left[0].at:
            lost = self._left.pop(0).lost
            self._log.withheld.append(self._now())
            if lost == "frame":
                return
            super().on_write(frame, lambda _: None)
        else:
            super().on_write(frame, respond)

    def _answered(self) -> None:
        for request in self._log.requests[-2:]:
            if request.end is None:
                request.end = self._now()

    def _now(self) -> int:
        return round(asyncio.get_running_loop().time() * 1000)


def _single_minded(client: type[BaseBleakClient], log: AirLog) -> type[BaseBleakClient]:
    """BlueZ has one write to a characteristic at a time, of either type; bleak asks again."""

    class OneWrite(client):  # type: ignore[valid-type, misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._open: set[asyncio.Task[None]] = set()

        async def write_gatt_char(
            self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
        ) -> None:
            loop = asyncio.get_running_loop()
            while self._open:
                await asyncio.sleep(POLL_S)
                self._up()
            log.handed.append((round(loop.time() * 1000), bytes(data)))
            work: Coroutine[Any, Any, None] = super().write_gatt_char(
                characteristic, data, response
            )
            # Giving up the wait frees nothing.
            task = loop.create_task(work)
            self._open.add(task)
            task.add_done_callback(self._open.discard)
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            await asyncio.wait({task})
            task.result()

    return OneWrite


@asynccontextmanager
async def on_slow_air(
    air: Air, seed: int, log: AirLog, check: Callable[[bytes], str | None]
) -> AsyncIterator[tuple[BleakTreadmill, SlowPeripheral]]:
    """The real driver at work on such a machine, over a radio with BlueZ's habits."""
    preset = preset_named(air.preset)
    if air.both_types:
        preset = replace(preset, control_point=_BOTH)
    radio = VirtualRadio()
    peripheral = SlowPeripheral(radio.device("treadmill", ADDRESS), preset, air, log, seed)
    central = radio.device("treadguard", _CENTRAL)
    habits = replace(BLUEZ, disconnect_s=air.disconnect_ms / 1000)
    try:
        await central.power_on()
        await peripheral.start()
        client, scanner = backends(central, habits)
        radio.latency_s = air.latency_ms / 1000
        treadmill = BleakTreadmill(
            Radio(client_type=_single_minded(client, log), scanner_type=scanner),
            ADDRESS,
            f"the simulated treadmill ({air.preset}) over a slow radio",
            check=check,
            proven=True,
            say=lambda text: log.said.append((peripheral._now(), text)),
            is_real=False,
            fingerprint=_who(air.preset) if air.asks_who else None,
        )
        yield treadmill, peripheral
    finally:
        try:
            await peripheral.stop()
        finally:
            await radio.close()


def _who(preset: str) -> Fingerprint:
    """What the simulated machine says of itself."""
    return Fingerprint(
        maker="treadguard", model=preset, serial="1", hardware="1", firmware="1", software="1"
    )


def linked(links: Sequence[tuple[int, bool]], t: int) -> bool:
    """Whether the last word up to `t` was that the link is up."""
    return next((up for at, up in reversed(links) if at <= t), False)
