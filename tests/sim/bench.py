"""A simulated machine on the bench: frames in, bytes out, time by hand; and the direct form's run.

`Bench` has no link and no event loop. `drive` runs a DirectTreadmill in virtual time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from treadguard.ftms import control_point, treadmill_data
from treadguard.guard.events import Answer, Command, Event, Link, Machine, Op, Telemetry
from treadguard.session import virtual_time
from treadguard.sim.agenda import Agenda
from treadguard.sim.control_point import ControlPoint
from treadguard.sim.direct import DirectTreadmill
from treadguard.sim.faults import Fault, Faults
from treadguard.sim.motor import Motor
from treadguard.sim.presets import preset_named, quirks_named
from treadguard.units import Millis, Speed


def fault(where: str, kind: str, at_s: float = 0, for_s: float = 3600) -> Fault:
    return Fault(Millis(round(at_s * 1000)), Millis(round(for_s * 1000)), where, kind)  # type: ignore[arg-type]


class Bench:
    """One machine, and everything that it has sent, as (ms, characteristic, bytes)."""

    def __init__(
        self,
        preset: str = "ideal",
        *quirks: str,
        faults: Sequence[Fault] = (),
        seed: int = 7,
    ) -> None:
        self.agenda = Agenda()
        self.sent: list[tuple[int, str, bytes]] = []
        found = Faults(faults, seed)
        self.motor = Motor(
            preset_named(preset),
            quirks_named(quirks),
            found,
            random.Random(seed),
            self.agenda,
            lambda char, data: self.sent.append((self.agenda.now, char, data)),
        )
        self.control_point = ControlPoint(self.motor, found, self.agenda)

    @property
    def speed(self) -> int:
        return self.motor.speed(self.agenda.now)

    @property
    def grade(self) -> int:
        return self.motor.grade(self.agenda.now)

    def wait(self, seconds: float) -> None:
        self.agenda.run(self.agenda.now + round(seconds * 1000))

    def write(self, frame: bytes, wait: float = 5) -> int | None:
        """Write, wait, and return the result code of the first answer to it, if one came."""
        since = len(self.sent)
        self.control_point.write(frame)
        self.wait(wait)
        for _, char, data in self.sent[since:]:
            if char == "2ad9" and data[1:2] == frame[:1]:
                return data[2]
        return None

    def runs(self, speed: int, grade: int = 0) -> None:
        """From switched on to a steady speed."""
        self.write(control_point.request_control())
        self.write(control_point.start(), wait=12)
        self.write(control_point.set_speed(speed), wait=60)
        if grade:
            self.write(control_point.set_incline(grade), wait=60)

    def bytes_of(self, char: str, since_ms: int = 0) -> list[bytes]:
        return [data for at, c, data in self.sent if c == char and at >= since_ms]

    def shown(self, since_ms: int = 0) -> list[tuple[int, int]]:
        """(ms, speed) of each notification that carries one."""
        return [
            (at, speed)
            for at, char, data in self.sent
            if char == "2acd"
            and at >= since_ms
            and (speed := treadmill_data.decode(data).speed) is not None
        ]

    def shown_grades(self, since_ms: int = 0) -> list[int | None]:
        return [treadmill_data.decode(data).incline for data in self.bytes_of("2acd", since_ms)]


@dataclass
class Heard:
    """What one run of the direct form fed, and what it was asked to do."""

    treadmill: DirectTreadmill
    events: list[Event] = field(default_factory=list)
    clock: Callable[[], Millis] = lambda: Millis(0)
    commands: int = 0

    def send(self, op: Op, value: int | None = None) -> str | None:
        self.commands += 1
        return self.treadmill.send(Command(self.commands, op, value, ()))

    @property
    def answers(self) -> list[Answer]:
        return [event for event in self.events if isinstance(event, Answer)]

    @property
    def links(self) -> list[Link]:
        return [event for event in self.events if isinstance(event, Link)]

    @property
    def machine(self) -> list[Machine]:
        return [event for event in self.events if isinstance(event, Machine)]

    @property
    def telemetry(self) -> list[Telemetry]:
        return [event for event in self.events if isinstance(event, Telemetry)]

    def speeds(self, since_s: float = 0) -> list[Speed | None]:
        return [event.speed for event in self.telemetry if event.t >= since_s * 1000]


Step = tuple[float, Callable[[Heard], object]]


def drive(
    *steps: Step,
    for_s: float,
    preset: str = "ideal",
    quirks: Sequence[str] = (),
    faults: Sequence[Fault] = (),
    seed: int = 7,
    check: Callable[[bytes], str | None] = lambda _: None,
) -> Heard:
    """Run the direct form for so long, taking each step at its second."""
    treadmill = DirectTreadmill(
        preset_named(preset), check=check, quirks=quirks, faults=faults, seed=seed
    )
    heard = Heard(treadmill)

    async def session() -> None:
        loop = asyncio.get_running_loop()
        heard.clock = lambda: Millis(round(loop.time() * 1000))
        life = asyncio.create_task(treadmill.run(heard.clock, heard.events.append))
        for at_s, step in steps:
            loop.call_at(at_s, step, heard)
        await asyncio.sleep(for_s)
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)

    virtual_time.run(session())
    return heard


def walking(speed: int) -> tuple[Step, ...]:
    """The steps that bring the belt to a speed: steady from second 15 on, up to 6 km/h."""
    return (
        (0.5, lambda heard: heard.send("request_control")),
        (1.0, lambda heard: heard.send("start")),
        (6.0, lambda heard: heard.send("set_speed", speed)),
    )
