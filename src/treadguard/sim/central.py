"""One Bumble device as a central: it connects, asks and lets go without losing track.

Here: what all bleak clients and scanners of one device share, one link with the requests that wait
on it, and BlueZ's measured habits as knobs. Not here: the air (radio.py) and bleak's own types
(bleak_over_bumble.py). The rule to keep: Bumble's awaits run in tasks of their own, so that a
caller's cancellation leaves none half done, and none of Bumble's cancellations reaches a caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from bleak.exc import BleakError, BleakGATTProtocolError
from bumble import att, core, hci
from bumble.device import Advertisement, Connection, Device

T = TypeVar("T")
Hear = Callable[[Advertisement], None]

_LINK_DOWN: Final = "The Bluetooth link went down. Connect again."
_SWITCHED_OFF: Final = "Bluetooth was switched off. Switch it on and connect again."


@dataclass(frozen=True, slots=True)
class Habits:
    """What BlueZ does and a plain stack doesn't; the defaults are the plain stack."""

    # Each drop that is followed by a connect without disconnect() adds one delivery of every
    # notification and indication, until disconnect() of the dropped client; a client that connects
    # again has lost hold of what it left behind.
    doubled_delivery: bool = False
    # So long after it was last seen or connected, a device is unknown until the next scan.
    stale_after_s: float | None = None
    # A request without an answer holds up all later ones: it and they fail after the first time,
    # and the link drops after the second, both counted from the request. Otherwise they wait too,
    # but giving up the wait frees the queue (a late answer then counts for the next request), and
    # the link stays.
    stuck_queue_s: tuple[float, float] | None = None
    disconnect_s: float = 0.0


PLAIN: Final = Habits()
BLUEZ: Final = Habits(
    doubled_delivery=True, stale_after_s=30.0, stuck_queue_s=(30.0, 32.1), disconnect_s=2.0
)


class Central:
    """What all clients and scanners of one device share."""

    def __init__(self, device: Device, habits: Habits) -> None:
        self.device = device
        self.habits = habits
        self._listeners: list[Hear] = []
        self._scan_turn = asyncio.Lock()
        self._connect_turn = asyncio.Lock()
        self._met: dict[str, float] = {}  # by address, in loop time
        self._dropped: set[object] = set()  # sessions that nobody has closed
        self._rearmed: set[object] = set()  # those of them that a later connect woke
        device.on(Device.EVENT_ADVERTISEMENT, self._heard)

    def _heard(self, advertisement: Advertisement) -> None:
        self.meet(advertisement.address.to_string(False))
        for hear in tuple(self._listeners):
            hear(advertisement)

    async def listen(self, hear: Hear) -> None:
        """Scan as long as anybody listens."""
        self._listeners.append(hear)
        try:
            await _to_its_end(self._adjust_scanning())
        except asyncio.CancelledError:
            await self.ignore(hear)
            raise

    async def ignore(self, hear: Hear) -> None:
        if hear in self._listeners:
            self._listeners.remove(hear)
            await _to_its_end(self._adjust_scanning())

    async def _adjust_scanning(self) -> None:
        async with self._scan_turn:
            if self._listeners and not self.device.is_scanning:
                await self.device.start_scanning(active=True)
            elif not self._listeners and self.device.is_scanning:
                await self.device.stop_scanning()

    async def establish(self, address: hci.Address) -> Connection:
        """Connect, however long it takes; cancelled, leave nothing behind."""
        async with self._connect_turn:
            attempt = asyncio.create_task(self.device.connect(address, timeout=None))
            try:
                await asyncio.wait({attempt})
            except asyncio.CancelledError:
                await _to_its_end(self._give_up(attempt))
                raise
            if attempt.cancelled():
                raise BleakError(_SWITCHED_OFF)
            try:
                return attempt.result()
            except core.BaseBumbleError as error:
                raise BleakError(f"The device didn't accept the connection: {error}") from error

    async def _give_up(self, attempt: asyncio.Task[Connection]) -> None:
        # Bumble leaves the controller connecting when its own task is cancelled.
        with suppress(hci.HCI_Error):  # too late: it has just connected
            await self.device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
        await asyncio.wait({attempt})
        if not attempt.cancelled() and attempt.exception() is None:
            await attempt.result().disconnect()

    def meet(self, address: str) -> None:
        self._met[address] = asyncio.get_running_loop().time()

    def must_know(self, address: str) -> None:
        stale_after_s = self.habits.stale_after_s
        if stale_after_s is not None:
            met = self._met.get(address)
            if met is None or asyncio.get_running_loop().time() - met > stale_after_s:
                raise BleakError(f"device 'dev_{address.replace(':', '_')}' not found")

    def session(self) -> object:
        """Begin a session; what was dropped before and not closed counts from now on."""
        self._rearmed |= self._dropped
        return object()

    def drop(self, session: object) -> None:
        self._dropped.add(session)

    def close(self, session: object) -> None:
        self._dropped.discard(session)
        self._rearmed.discard(session)

    def deliveries(self) -> int:
        return 1 + len(self._rearmed) if self.habits.doubled_delivery else 1


class Link:
    """One connection and the requests that wait on it."""

    def __init__(self, connection: Connection, stuck_queue_s: tuple[float, float] | None) -> None:
        self.connection = connection
        self.over = asyncio.Event()
        self._stuck_queue_s = stuck_queue_s
        self._stuck = False
        self._turn = asyncio.Lock()
        self._asked: set[asyncio.Task[Any]] = set()
        self._closing: asyncio.Task[None] | None = None

    async def ask(self, request: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run ATT requests, and raise what goes wrong as bleak does."""
        task = asyncio.create_task(self._in_turn(request))
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # taken note of
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            if self._stuck_queue_s is None:
                task.cancel()
            raise
        if task.cancelled():  # by `give_up`, or by Bumble, which cancels what waits on a lost link
            raise BleakError(_LINK_DOWN)
        try:
            return task.result()
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error
        except core.BaseBumbleError as error:
            raise BleakError(f"The device didn't answer as it should: {error}") from error

    async def _in_turn(self, request: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if self._stuck_queue_s is None:
            return await request()
        fails_s, drops_s = self._stuck_queue_s
        async with self._turn:
            if not self._stuck:
                try:
                    async with asyncio.timeout(fails_s):
                        return await request()
                except (TimeoutError, core.TimeoutError):  # ours, or Bumble's own 30 s
                    self._stuck = True
                    asyncio.get_running_loop().call_later(drops_s - fails_s, self.close)
            raise BleakGATTProtocolError(att.ErrorCode.UNLIKELY_ERROR)

    def close(self) -> asyncio.Task[None]:
        """Have the link end; the task is done when it has."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        return self._closing

    async def _close(self) -> None:
        if not self.over.is_set():
            await self.connection.disconnect()

    def give_up(self) -> None:
        for task in self._asked:
            # Bumble cancels only the one that was sent; the rest would wait on a dead link.
            task.cancel()


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await a few exchanges with the controller, and only then take a cancellation."""
    task = asyncio.create_task(work)
    given_up: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            given_up = error
    if given_up:
        raise given_up
    if task.cancelled():  # Bumble does so to whatever waits when a device is switched off
        raise BleakError(_SWITCHED_OFF)
    task.result()
