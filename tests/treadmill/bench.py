"""A treadmill without a service: what it is told, what it tells, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from treadguard.guard.events import Answer, Command, Event, Link, Machine, Op, Telemetry
from treadguard.session import virtual_time
from treadguard.sim.bleak_over_bumble import PLAIN, Habits
from treadguard.sim.direct import DirectTreadmill
from treadguard.sim.faults import Fault, Kind, Where
from treadguard.sim.machine import SimulatedMachine
from treadguard.sim.over_radio import over_radio
from treadguard.sim.presets import preset_named
from treadguard.treadmill.protocol import Treadmill
from treadguard.units import Millis

E = TypeVar("E", bound=Event)
FORMS = ("direct", "radio")


def fault(where: Where, kind: Kind, at_s: float, for_s: float) -> Fault:
    return Fault(Millis(round(at_s * 1000)), Millis(round(for_s * 1000)), where, kind)


@dataclass(eq=False)
class Bench:
    """One treadmill that runs; `frames` are those that the gate was asked about."""

    treadmill: Treadmill
    machine: SimulatedMachine
    events: list[Event] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refuses: Callable[[bytes], str | None] = lambda _: None
    sent: int = 0
    running: asyncio.Task[None] | None = None

    def switch_on(self) -> None:
        loop = asyncio.get_running_loop()
        clock = lambda: Millis(round(loop.time() * 1000))  # noqa: E731
        self.running = asyncio.create_task(self.treadmill.run(clock, self.events.append))

    async def switch_off(self) -> None:
        assert self.running is not None
        self.running.cancel()
        await asyncio.wait((self.running,))
        if not self.running.cancelled():
            self.running.result()

    def send(self, op: Op, value: int | None = None, attempt: int = 1) -> str | None:
        self.sent += 1
        return self.treadmill.send(Command(self.sent, op, value, ("test",), attempt=attempt))

    def heard(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def answers(self) -> list[tuple[str, object]]:
        return [(answer.op, answer.result) for answer in self.heard(Answer)]

    @property
    def links(self) -> list[tuple[bool, int]]:
        return [(link.up, link.generation) for link in self.heard(Link)]

    @property
    def speeds(self) -> list[int]:
        return [heard.speed for heard in self.heard(Telemetry) if heard.speed is not None]

    def statuses(self) -> list[int]:
        return [heard.status for heard in self.heard(Machine) if heard.status is not None]

    async def until(self, second: float) -> None:
        await asyncio.sleep(max(0.0, second - asyncio.get_running_loop().time()))

    async def walking(self, speed: int = 300) -> None:
        """Under control, and the belt at a speed, at second 14."""
        await self.until(2)
        self.send("request_control")
        await self.until(2.5)
        self.send("start")
        await self.until(9)
        self.send("set_speed", speed)
        await self.until(14)


Script = Callable[[Bench], Awaitable[None]]


@asynccontextmanager
async def _form(
    form: str,
    preset: str,
    quirks: Sequence[str],
    faults: Sequence[Fault],
    habits: Habits,
) -> AsyncIterator[Bench]:
    bench: Bench

    def check(frame: bytes) -> str | None:
        bench.frames.append(frame)
        return bench.refuses(frame)

    def say(text: str) -> None:
        bench.said.append(text)

    machine = preset_named(preset)
    if form == "direct":
        direct = DirectTreadmill(machine, check=check, quirks=quirks, faults=faults)
        bench = Bench(direct, direct)
        yield bench
        return
    async with over_radio(
        machine, check=check, say=say, quirks=quirks, faults=faults, habits=habits
    ) as (treadmill, peripheral):
        bench = Bench(treadmill, peripheral)
        yield bench


def play(
    script: Script,
    *,
    form: str = "radio",
    preset: str = "ideal",
    quirks: Sequence[str] = (),
    faults: Sequence[Fault] = (),
    habits: Habits = PLAIN,
) -> Bench:
    """Run the script beside the treadmill, which is switched on before and off after it."""

    async def played() -> Bench:
        async with _form(form, preset, quirks, faults, habits) as bench:
            bench.switch_on()
            try:
                await script(bench)
            finally:
                await bench.switch_off()
            return bench

    return virtual_time.run(played())
