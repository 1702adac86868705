"""The GATT client that pycycling is handed: it looks like bleak's, and the gate stands in it.

Every write to the control point passes the gate, whoever makes it; any other write is refused.
Whatever arrives goes to our own decoder, never to the caller's callback, because pycycling's
parsers raise on real frames. The rule to keep: `write_gatt_char` never suspends, so that the gate
judges in the same turn in which the guard decided.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from treadguard.ftms.characteristics import Characteristic


class GateRefused(Exception):
    """The gate's reason is the text."""


class GatedClient:
    """`put` takes a frame that passed; `subscribe` and `fetch` take a characteristic's UUID."""

    def __init__(
        self,
        check: Callable[[bytes], str | None],
        put: Callable[[bytes], None],
        subscribe: Callable[[str], Awaitable[None]],
    ) -> None:
        self._check = check
        self._put = put
        self._subscribe = subscribe

    async def write_gatt_char(
        self,
        char: str,
        data: bytes,
        response: bool | None = None,  # noqa: ARG002 - as bleak's
    ) -> None:
        """GateRefused, or it is on its way; the write type is the machine's, not the caller's."""
        if char != Characteristic.CONTROL_POINT.uuid:
            raise GateRefused(f"treadguard writes to the control point only, never to {char}")
        frame = bytes(data)
        why = self._check(frame)
        if why is not None:
            raise GateRefused(why)
        self._put(frame)

    async def start_notify(self, char: str, callback: object) -> None:  # noqa: ARG002 - as bleak's
        """Subscribe; the callback isn't called."""
        await self._subscribe(char)


def driven(work: Awaitable[None]) -> None:
    """Run a coroutine that never suspends to its end, within this turn; RuntimeError if it does."""
    try:
        next(work.__await__())
    except StopIteration:
        return
    raise RuntimeError("a write to the treadmill was held up within the turn that decided it")
