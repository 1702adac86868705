"""The computer stays awake beside a moving belt, and stops it first where it must sleep (H65).

Here: systemd-logind's locks and its word that it goes to sleep. Not here: what the guard does about
that (guard/host.py), nor a suspend that came all the same (host_time.py). The rules to keep: the
lock that delays a sleep is given back once the belt is known to stand; and a computer without
logind is said to be one, once, and nothing else changes.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import Final

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from treadguard.guard.events import Host
from treadguard.session.service import Service

LOOK_S: Final = 0.25
ANSWER_S: Final = 5.0
AGAIN_S: Final = 30.0
BLOCKED: Final = ("sleep:handle-lid-switch", "sleep")
"""What is blocked while the belt may move: the most that logind grants of these."""

AWAKE: Final = "logind keeps this computer awake while the belt moves."
ALONE: Final = (
    "logind can't be asked to keep this computer awake: see to it that it doesn't go to sleep while"
    " the belt moves."
)
DELAYED: Final = (
    "logind doesn't let treadguard keep this computer awake: if it is put to sleep, the belt is"
    " stopped first."
)

_LOGIND: Final = "org.freedesktop.login1"
_PATH: Final = "/org/freedesktop/login1"
_MANAGER: Final = "org.freedesktop.login1.Manager"


class Refused(Exception):
    """Logind, or the bus, has said no."""


class Logind:
    """One connection to logind. `goes_to_sleep`: it has said so, and not yet that it woke."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self.goes_to_sleep = False
        self.changed = asyncio.Event()

    @classmethod
    async def connected(cls) -> Logind:
        """Refused, or what the platform raises, where there is no system bus."""
        async with asyncio.timeout(ANSWER_S):
            bus = await MessageBus(bus_type=BusType.SYSTEM, negotiate_unix_fd=True).connect()
        found = cls(bus)
        try:
            bus.add_message_handler(found._heard)
            rule = f"type='signal',sender='{_LOGIND}',member='PrepareForSleep'"
            await found._call("org.freedesktop.DBus", "/org/freedesktop/DBus", "AddMatch", rule)
        except BaseException:
            found.close()
            raise
        return found

    @property
    def lives(self) -> bool:
        return bool(self._bus.connected)

    async def inhibit(self, what: str, mode: str) -> int:
        """A lock: it holds until this file descriptor is closed. Refused where it isn't given."""
        why = "the treadmill's belt may be moving"
        answer = await self._call(_LOGIND, _PATH, "Inhibit", what, "treadguard", why, mode)
        return answer.unix_fds[0]

    def close(self) -> None:
        self._bus.disconnect()

    async def _call(self, name: str, path: str, member: str, *body: str) -> Message:
        interface = _MANAGER if name == _LOGIND else name
        message = Message(name, path, interface, member, signature="s" * len(body), body=list(body))
        async with asyncio.timeout(ANSWER_S):
            answer = await self._bus.call(message)
        if answer.message_type is not MessageType.METHOD_RETURN:
            raise Refused(answer.error_name)
        return answer

    def _heard(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and message.member == "PrepareForSleep":
            self.goes_to_sleep = bool(message.body[0])
            self.changed.set()


class Lock:
    """One of logind's, as long as it is held."""

    def __init__(self) -> None:
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        return self._fd is not None

    def hold(self, fd: int) -> None:
        self._fd = fd

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
        self._fd = None


class StayingAwake:
    """Holds the locks of one session; `run` is its life, and never fails."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._said: set[str] = set()
        self._delay = Lock()
        self._block = Lock()
        self._may_block = True

    async def run(self) -> None:
        while True:
            # Whatever the bus or logind does: a session needs neither.
            with suppress(Exception):
                await self._with(await Logind.connected())
            self._say(ALONE)
            await asyncio.sleep(AGAIN_S)

    async def _with(self, logind: Logind) -> None:
        self._may_block = True
        told = False
        try:
            while logind.lives:
                logind.changed.clear()
                leaves = logind.goes_to_sleep
                if leaves and not told:
                    self._service.feed(Host(self._service.clock(), "sleep"))
                told = leaves
                await self._hold(logind, moving=self._service.belt_may_move, leaves=leaves)
                with suppress(TimeoutError):
                    await asyncio.wait_for(logind.changed.wait(), LOOK_S)
        finally:
            self._delay.release()
            self._block.release()
            logind.close()

    async def _hold(self, logind: Logind, *, moving: bool, leaves: bool) -> None:
        """The delay from the start on, or it would come too late; the block while it moves."""
        if not leaves and not self._delay.held:
            self._delay.hold(await logind.inhibit("sleep", "delay"))
        elif leaves and not moving:
            self._delay.release()
        if not moving:
            self._block.release()
        elif not self._block.held and self._may_block and not leaves:
            self._may_block = await blocked(logind, self._block)
            if not self._may_block:
                self._say(DELAYED)

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._service.say(text[0].upper() + text[1:])


async def blocked(logind: Logind, lock: Lock) -> bool:
    """Take the most that logind grants against a sleep; False where it grants nothing."""
    for what in BLOCKED:
        with suppress(Refused):
            lock.hold(await logind.inhibit(what, "block"))
            return True
    return False


async def offered() -> str:
    """What logind would grant, in words: its locks are asked for and given back at once."""
    lock = Lock()
    try:
        logind = await Logind.connected()
        try:
            lock.hold(await logind.inhibit("sleep", "delay"))
            lock.release()
            granted = await blocked(logind, lock)
            lock.release()
        finally:
            logind.close()
    except Exception:  # noqa: BLE001 - the words are the same, whatever the platform raises
        return ALONE
    return AWAKE if granted else DELAYED
