"""The service and the simulated treadmill on one virtual clock, and what is done to them.

Here: the life of service and machine over one play, a death and a restart included. Not here:
where the acts come from (scenario_player.py, rerun.py), and what is made of the journal. The rule
to keep: nothing in a play reads a real clock, a file or real chance, so that the same acts and the
same seed give the same bytes.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from treadguard.guard.kept import Kept
from treadguard.journal import Header, Line, decoded
from treadguard.kernel import GateKeeper
from treadguard.session import virtual_time
from treadguard.session.recorder import Straight
from treadguard.session.service import Crashed, Service, SessionOver
from treadguard.sim.direct import DirectTreadmill
from treadguard.sim.faults import Fault
from treadguard.sim.machine import SimulatedMachine
from treadguard.sim.presets import preset_named
from treadguard.treadmill.protocol import Treadmill
from treadguard.units import Millis

SAMPLE_S: Final = 0.25
"""How often the belt's own speed is looked at."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Which simulated treadmill; ValueError from the simulator for a name it doesn't know."""

    preset: str
    quirks: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Played:
    """What a play left behind. `belt` are (ms, 0.01 km/h) of the belt itself, not as reported.

    `lines` end with the play; the journal goes on until the belt was brought to rest.
    `unheard`: what was done while no service lived to take it. `failure`: why the service failed.
    """

    journal: bytes
    lines: tuple[Line, ...]
    belt: tuple[tuple[int, int], ...]
    unheard: tuple[str, ...]
    failure: str | None


class Company(Protocol):
    """Whom an act is done to: a stage in virtual time, or a live session."""

    @property
    def service(self) -> Service:
        """The service that lives now."""

    @property
    def machine(self) -> SimulatedMachine:
        """What hands can be laid on."""

    @property
    def now(self) -> Millis:
        """Milliseconds since the play began."""

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on with this beside the play."""

    async def die(self, for_s: float) -> None:
        """The service dies as if killed, and starts again after that."""


Act = tuple[float, str, Callable[[Company], object]]
"""At which second, what it is called, and what is done."""


Check = Callable[[bytes], str | None]
Driven = AbstractAsyncContextManager[tuple[Treadmill, SimulatedMachine]]
Drive = Callable[[Machine, int, Check], Driven]
"""Makes the treadmill of a play, from machine, seed and gate, inside the running loop."""


@asynccontextmanager
async def direct(
    machine: Machine, seed: int, check: Check
) -> AsyncIterator[tuple[Treadmill, SimulatedMachine]]:
    """Without a radio."""
    treadmill = DirectTreadmill(
        preset_named(machine.preset),
        check=check,
        quirks=machine.quirks,
        faults=machine.faults,
        seed=seed,
    )
    yield treadmill, treadmill


class Stage:
    """One play in virtual time."""

    def __init__(self, header: Header, machine: Machine, seed: int, drive: Drive = direct) -> None:
        self.machine: SimulatedMachine
        self.service: Service
        self._treadmill: Treadmill
        self._driven = drive(machine, seed, self._check)
        self._header = header
        self._ids = random.Random(f"{seed} consents")  # noqa: S311 - from the seed
        self._journal = bytearray()
        self._belt: list[tuple[int, int]] = []
        self._unheard: list[str] = []
        self._failure: str | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._dead = False

    @property
    def now(self) -> Millis:
        """Milliseconds since the play began, also while no service lives."""
        return Millis(round(asyncio.get_running_loop().time() * 1000))

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on with this beside the play; what it raises, the play raises at its end."""
        self._tasks.add(asyncio.get_running_loop().create_task(work))

    async def die(self, for_s: float) -> None:
        """The service dies as if killed, and starts again from what it had kept."""
        if self._dead or self._life.done():
            return
        self._dead = True
        service = self.service
        seq = service.state()["seq"]
        service.die()
        await asyncio.wait((self._life,))
        self._life.result()
        await asyncio.sleep(for_s)
        assert isinstance(seq, int)  # noqa: S101 - `state` is JSON, seq is the kernel's number
        self._open(self._sink.kept or self._header.initial, Crashed(seq, self.now))
        self._live()
        self._dead = False

    # ------------------------------------------------------------ the play

    def play(self, acts: Sequence[Act], duration_s: float) -> Played:
        """Do each act at its second, in order; its name says what went unheard."""
        return virtual_time.run(self._play(acts, duration_s))

    async def _play(self, acts: Sequence[Act], duration_s: float) -> Played:
        async with self._driven as (self._treadmill, self.machine):
            self._header = replace(
                self._header,
                treadmill=self._treadmill.name,
                is_real=self._treadmill.is_real,
                proven=self._treadmill.proven,
            )
            self._open(self._header.initial, None)
            return await self._played(acts, duration_s)

    async def _played(self, acts: Sequence[Act], duration_s: float) -> Played:
        self._live()
        self._look_at_belt()
        for second, name, act in acts:
            await self._until(second)
            try:
                act(self)
            except SessionOver as over:
                self._unheard.append(f"{second:g} s: {name}: {over}")
        await self._until(duration_s)
        length = len(self._journal)
        self._looking.cancel()
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error
        self.service.stop("the play is over")
        await self._life
        whole = bytes(self._journal)
        return Played(
            journal=whole,
            lines=tuple(decoded(line) for line in whole[:length].splitlines()[1:]),
            belt=tuple(self._belt),
            unheard=tuple(self._unheard),
            failure=self._failure or self.service.failure,
        )

    async def _until(self, second: float) -> None:
        await asyncio.sleep(max(0.0, second - asyncio.get_running_loop().time()))

    def _look_at_belt(self) -> None:
        # A chain of timers costs a fraction of a task that sleeps, and plays have many samples.
        self._belt.append((self.now, self.machine.measured_speed))
        self._looking = asyncio.get_running_loop().call_later(SAMPLE_S, self._look_at_belt)

    # ------------------------------------------------------------ lives of the service

    def _check(self, frame: bytes) -> str | None:
        # Each life of the service has a gate of its own.
        return self._keeper.check(frame)

    def _open(self, kept: Kept, after: Crashed | None) -> None:
        self._keeper = GateKeeper()
        self._sink = Straight(self._journal.extend)
        self.service = Service(
            replace(self._header, initial=kept),
            self._treadmill,
            self._keeper,
            lambda _: self._sink,
            new_id=lambda: f"{self._ids.getrandbits(64):016x}",
            say=lambda _: None,
            after=after,
        )

    def _live(self) -> None:
        service = self.service

        async def life() -> None:
            await service.run()
            self._failure = self._failure or service.failure

        self._life = asyncio.get_running_loop().create_task(life())
