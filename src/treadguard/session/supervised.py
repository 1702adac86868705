"""What systemd is told of the service that it restarts (sd_notify(3)).

Here: the words and when they are said. Not here: the unit (configs/systemd/). The rule to keep:
WATCHDOG=1 follows a good tick and nothing else: the guard has heard it, and what it decides has a
way to the treadmill. A disk that hangs costs the record and never the guard, so it isn't asked.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Final

from treadguard.session.leaving import REST_S
from treadguard.session.service import Service

LAST_STOPS_US: Final = (REST_S + 15) * 1_000_000
"""So long systemd waits once the guard has failed: as long as it takes to bring a belt to rest."""


class Notify:
    """Says `NAME=value` words to `address` (NOTIFY_SOCKET; None: nobody listens). Never blocks."""

    def __init__(self, address: str | None) -> None:
        self._to: bytes | None = None
        if address:
            name = address.encode()
            # An @ at the start stands for the zero byte of Linux's abstract sockets.
            self._to = b"\0" + name[1:] if name.startswith(b"@") else name
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)

    def __call__(self, *words: str) -> None:
        if self._to is not None:
            # Who doesn't listen in time hears the next tick's.
            with suppress(OSError):
                self._socket.sendto("\n".join(words).encode(), self._to)

    def close(self) -> None:
        if self._to is not None:
            self._socket.close()


class Supervised:
    """One session in systemd's eyes; `beat` is called after each tick."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._status = ""
        self._leaving = False
        self._failed = False

    def beat(self, service: Service) -> None:
        """Say that the tick was good, and what has changed since the one before."""
        words = ["WATCHDOG=1"] if service.guards else []
        status = "the guard has failed" if service.guard_failed else service.phase
        if not self._status:
            words.append("READY=1")
        if status != self._status:
            words.append(f"STATUS={status}")
        if service.leaving:
            words += self._stopping()
        if service.guard_failed and not self._failed:
            words.append(f"WATCHDOG_USEC={LAST_STOPS_US}")
        self._status, self._failed = status, service.guard_failed
        if words:
            self._notify(*words)

    def over(self) -> None:
        """The session is over: say so where no tick has."""
        if words := self._stopping():
            self._notify(*words)

    def _stopping(self) -> list[str]:
        said, self._leaving = self._leaving, True
        return [] if said else ["STOPPING=1"]
