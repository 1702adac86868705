"""What every treadmill, simulated or real, is to the service.

The rule to keep: `send` is synchronous. The gate judges the frame inside it, in the same turn in
which the guard decided, so that a journal can be recomputed exactly; only the radio's own work
happens later, and its outcome comes back as an `Answer` event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from treadguard.guard.events import Command, Event
from treadguard.units import Millis

Clock = Callable[[], Millis]
Feed = Callable[[Event], None]


class Treadmill(Protocol):
    """One machine, for the life of one service."""

    @property
    def name(self) -> str:
        """What a person calls it."""

    @property
    def is_real(self) -> bool:
        """True where frames reach a motor that could move a person."""

    @property
    def proven(self) -> bool:
        """True where the runner has shown that this is the belt they stand on."""

    def send(self, command: Command) -> str | None:
        """Put one command on its way. Returns why the gate refused it, or None.

        Never blocks and never raises. Exactly one `Answer` follows unless it was refused.
        """

    async def run(self, clock: Clock, feed: Feed) -> None:
        """Connect, subscribe, feed what arrives as events, reconnect, until cancelled."""
