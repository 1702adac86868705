"""A D-Bus daemon of the test's own, and a logind on it that gives what the test lets it give."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

MANAGER = "org.freedesktop.login1.Manager"
PATH = "/org/freedesktop/login1"


@contextmanager
def bus_daemon() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Its address, and its process."""
    daemon = shutil.which("dbus-daemon")
    if daemon is None:
        pytest.skip("dbus-daemon isn't installed")
    with subprocess.Popen(
        [daemon, "--session", "--print-address", "--nofork", "--nopidfile"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
        process.terminate()


class Logind:
    """Grants locks but those in `refuses` (WHAT/MODE)."""

    def __init__(self, bus: MessageBus, refuses: frozenset[str]) -> None:
        self._bus = bus
        self._refuses = refuses
        self._locks: list[tuple[str, int]] = []
        self.asked: list[str] = []
        bus.add_message_handler(self._called)

    @property
    def held(self) -> list[str]:
        """The locks that are held now; a lock's holder has the pipe's other end."""
        return sorted(what for what, fd in self._locks if not _closed(fd))

    async def until_held(self, *locks: str) -> None:
        async with asyncio.timeout(5):
            while self.held != sorted(locks):  # noqa: ASYNC110 - as logind itself would look
                await asyncio.sleep(0.02)

    async def prepares_for_sleep(self, begins: bool) -> None:
        signal = Message.new_signal(PATH, MANAGER, "PrepareForSleep", "b", [begins])
        await self._bus.send(signal)

    def _called(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.member != "Inhibit":
            return None
        what, _, _, mode = message.body
        lock = f"{what}/{mode}"
        self.asked.append(lock)
        if lock in self._refuses:
            return Message.new_error(message, "org.freedesktop.DBus.Error.AccessDenied", "no")
        mine, theirs = os.pipe()
        os.set_blocking(mine, False)
        self._locks.append((lock, mine))
        answer = Message.new_method_return(message, "h", [0], [theirs])
        # The answer takes it along in this turn of the loop or the next.
        asyncio.get_running_loop().call_later(0.1, os.close, theirs)
        return answer

    def close(self) -> None:
        for _, fd in self._locks:
            os.close(fd)
        self._bus.disconnect()


def _closed(fd: int) -> bool:
    try:
        return os.read(fd, 1) == b""
    except BlockingIOError:
        return False


@asynccontextmanager
async def logind(address: str, *refuses: str) -> AsyncIterator[Logind]:
    """On the bus at this address."""
    bus = await MessageBus(bus_address=address, negotiate_unix_fd=True).connect()
    it = Logind(bus, frozenset(refuses))
    await bus.request_name("org.freedesktop.login1")
    try:
        yield it
    finally:
        await asyncio.sleep(0.11)
        it.close()
