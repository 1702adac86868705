"""A whole session against the simulated treadmill in virtual time, for the session's tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import msgspec

from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile
from treadguard.journal import Header, Mode
from treadguard.kernel import GateKeeper
from treadguard.session import virtual_time
from treadguard.session.host_time import Slept, never
from treadguard.session.recorder import Straight
from treadguard.session.service import Companion, Crashed, Service
from treadguard.sim.direct import DirectTreadmill
from treadguard.sim.faults import Fault
from treadguard.sim.presets import PRESETS
from treadguard.treadmill.protocol import Clock, Feed, Treadmill

Line = dict[str, Any]


class NoMachine(DirectTreadmill):
    """A driver that finds nothing to connect to: for tests in real time."""

    async def run(self, clock: Clock, feed: Feed) -> None:  # noqa: ARG002 - nothing to feed
        await asyncio.sleep(60)


def no_machine(keeper: GateKeeper) -> Treadmill:
    return NoMachine(PRESETS["ideal"], check=keeper.check)


class Rig:
    """One service, its journal in memory, and what it said."""

    def __init__(
        self,
        *,
        faults: Sequence[Fault] = (),
        mode: Mode = "guard",
        kept: Kept | None = None,
        proven: bool = True,
        make: Callable[[GateKeeper], Treadmill] | None = None,
        slept: Slept = never,
        on_tick: Callable[[Service], None] = lambda _: None,
    ) -> None:
        self.keeper = GateKeeper()
        self.treadmill: Treadmill = (
            DirectTreadmill(PRESETS["ideal"], check=self.keeper.check, faults=faults)
            if make is None
            else make(self.keeper)
        )
        self.said: list[str] = []
        self.journal = b""
        self.sink = Straight(self._write)
        self.code: int | None = None
        self._mode: Mode = mode
        self._proven = proven
        self._slept = slept
        self._on_tick = on_tick
        self._ids = 0
        self.service = self.serve(kept or Kept())

    def serve(self, kept: Kept, after: Crashed | None = None) -> Service:
        """A service on this machine; with `after` it goes on in the same journal."""
        header = Header(
            session="test",
            started="2026-11-22T00:00:00+00:00",
            treadguard="0",
            mode=self._mode,
            treadmill=self.treadmill.name,
            is_real=False,
            proven=self._proven,
            policy=Policy(),
            profile=Profile(),
            initial=kept,
        )
        self.service = Service(
            header,
            self.treadmill,
            self.keeper,
            lambda _: self.sink,
            new_id=self._new_id,
            say=self.said.append,
            after=after,
            slept=self._slept,
            on_tick=self._on_tick,
        )
        return self.service

    def _write(self, data: bytes) -> None:
        self.journal += data

    def _new_id(self) -> str:
        self._ids += 1
        return f"consent-{self._ids}"

    @property
    def lines(self) -> list[Line]:
        return [msgspec.json.decode(raw) for raw in self.journal.splitlines()]

    def of(self, kind: str, **like: object) -> list[Line]:
        """Lines of a kind that hold these values."""
        return [
            line
            for line in self.lines
            if line["kind"] == kind and all(line.get(k) == v for k, v in like.items())
        ]

    @property
    def phase(self) -> object:
        return self.service.state()["phase"]

    async def walk(self, speed: int = 500) -> None:
        """Start the belt and bring it to `speed`."""
        await asyncio.sleep(3)
        self.service.operator("start")
        await asyncio.sleep(8)
        self.service.operator("speed", speed)
        await asyncio.sleep(30)
        assert self.service.state()["speed_kmh"] == speed / 100


def live(
    rig: Rig,
    story: Callable[[Rig], Awaitable[object]],
    *,
    stop: bool = True,
    **companions: Companion,
) -> int:
    """Run the story as a companion of the session, then stop; the exit code.

    What the story finds wrong is the test's: the session would only end with it.
    """
    found: list[AssertionError] = []

    async def tell() -> None:
        try:
            await story(rig)
        except AssertionError as error:
            found.append(error)
            raise
        if stop:
            rig.service.stop("the story is over")

    def main() -> Coroutine[Any, Any, int]:
        return rig.service.run({"story": tell, **companions})

    rig.code = virtual_time.run(main())
    for error in found:
        raise error
    return rig.code
