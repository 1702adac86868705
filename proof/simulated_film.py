"""What truly happened in a simulated session: the belt itself, the air, the hands, what was said.

Here: the values that the checks judge, and the treadmill that writes down what its belt does. Not
here: the judgement (simulated_checks.py). The rule to keep: nothing here comes from what the guard
believes; the belt is the motor's, frames are as they left, samples are as they came in.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from treadguard.guard.events import Answer, Event, Link, Telemetry
from treadguard.journal import decoded
from treadguard.sim.direct import DirectTreadmill
from treadguard.sim.faults import Fault
from treadguard.sim.motor import State
from treadguard.sim.presets import Preset
from treadguard.sim.ramp import Ramp
from treadguard.treadmill.protocol import Clock, Feed
from treadguard.units import STOPPED_MAX

STOP = b"\x08\x01"
START = b"\x07"
CONTROL = b"\x00"


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to the house at `t` (ms). `value` is in the unit of what is done."""

    t: int
    do: str
    value: int | None = None
    role: str = "local"
    retained: bool = False
    what: str = ""


@dataclass(frozen=True, slots=True)
class Hand:
    """An act that was done; `taken`: the service, if it was asked at all, took it."""

    t: int
    act: Act
    taken: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A frame that passed the gate and left for the machine, and how things truly stood then.

    `target` is the speed that the belt heads for, `deck` the grade that the deck heads for.
    """

    t: int
    frame: bytes
    connected: bool
    link_fault: str | None
    speed: int
    target: int
    deck: int
    state: State

    @property
    def value(self) -> int:
        """The target of a set-speed (0.01 km/h) or set-incline (0.1 %) frame."""
        return int.from_bytes(self.frame[1:3], "little", signed=True)

    @property
    def op(self) -> int:
        """The op code."""
        return self.frame[0]


@dataclass(frozen=True, slots=True)
class Leg:
    """The belt's way from `t` on, until the next leg."""

    t: int
    ramp: Ramp
    state: State


@dataclass(slots=True, repr=False)
class Film:
    """One session. All times are ms since it began, across the service's deaths."""

    legs: list[Leg] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    reached: list[tuple[int, bytes]] = field(default_factory=list)
    heard: list[Event] = field(default_factory=list)
    hands: list[Hand] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    said: list[tuple[int, str]] = field(default_factory=list)
    lives: list[tuple[int, int | None]] = field(default_factory=list)
    stalls: list[tuple[int, int]] = field(default_factory=list)
    journal: bytes = b""
    kept: list[tuple[int, int]] = field(default_factory=list)
    """When how many bytes of the journal reached the disk."""
    code: int | None = None
    failure: str | None = None
    stray: list[str] = field(default_factory=list)
    over_at: int = 0
    lost: str | None = None

    def leg(self, t: int) -> Leg:
        """The belt's way at `t`."""
        return self.legs[max(0, bisect_right(self.legs, t, key=lambda leg: leg.t) - 1)]

    def speed(self, t: int) -> int:
        """How fast the belt truly moves, 0.01 km/h."""
        return self.leg(t).ramp.at(t)

    def moves(self, t: int) -> bool:
        """Whether the belt truly moves."""
        return self.speed(t) > STOPPED_MAX

    def alive(self, t: int) -> bool:
        """Whether a service lived at `t`."""
        return any(begin <= t and (end is None or t < end) for begin, end in self.lives)

    def due(self, t: int, within_ms: int) -> int:
        """When something is due `within_ms` after `t`: a loop that stands still can do nothing."""
        due = t + within_ms
        for begin, end in self.stalls:
            if begin < due and end > t:
                due += end - max(begin, t)
        return due

    def until(self, t: int) -> tuple[object, ...]:
        """All that anybody could see before `t`: stream, air, words, and what the disk took."""
        return (
            [raw for raw in self.lines if decoded(raw)["t"] < t],
            [frame for frame in self.written if frame.t < t],
            [event for event in self.heard if event.t < t],
            [said for said in self.said if said[0] < t],
            [kept for kept in self.kept if kept[0] < t],
        )

    def samples(self) -> list[tuple[int, int]]:
        """Speeds as they came in: when, and 0.01 km/h."""
        return [
            (e.t, e.speed) for e in self.heard if isinstance(e, Telemetry) and e.speed is not None
        ]

    def links(self) -> list[tuple[int, bool]]:
        """When the link was reported up or down."""
        return [(e.t, e.up) for e in self.heard if isinstance(e, Link)]

    def answers(self) -> list[Answer]:
        """How commands ended on the air."""
        return [e for e in self.heard if isinstance(e, Answer)]


class FilmedTreadmill(DirectTreadmill):
    """The simulated treadmill with jitter on the air; what it truly does goes into the film."""

    def __init__(
        self,
        preset: Preset,
        film: Film,
        *,
        check: Callable[[bytes], str | None],
        quirks: Sequence[str],
        faults: Sequence[Fault],
        seed: int,
        jitter: bool,
    ) -> None:
        self._film = film
        self._jitter = random.Random(f"{seed} jitter") if jitter else None
        self._air_until = 0
        super().__init__(preset, check=check, quirks=quirks, faults=faults, seed=seed)
        self._follow("_heads_for")
        self._follow("_slows_to_a_stand")
        self._follow("_stands")
        film.legs.append(Leg(0, self._motor._belt, self._motor.state))
        control_point = self._control_point
        taken = control_point.write

        def reached(frame: bytes) -> None:
            film.reached.append((self._agenda.now, frame))
            taken(frame)

        vars(control_point)["write"] = reached

    def _follow(self, name: str) -> None:
        # The motor looks its methods up when they fall due, so that one in the way sees each.
        motor, film = self._motor, self._film
        original: Callable[..., None] = getattr(motor, name)

        def followed(*args: Any) -> None:
            original(*args)
            last = film.legs[-1]
            if motor._belt is not last.ramp or motor.state != last.state:
                film.legs.append(Leg(self._agenda.now, motor._belt, motor.state))

        vars(motor)[name] = followed

    async def run(self, clock: Clock, feed: Feed) -> None:
        """As DirectTreadmill; what is fed is filmed first."""
        heard = self._film.heard

        def filmed(event: Event) -> None:
            heard.append(event)
            feed(event)

        await super().run(clock, filmed)

    def _write(self, pending: Any, frame: bytes) -> None:
        now, motor = self._agenda.now, self._motor
        self._film.written.append(
            Written(
                t=now,
                frame=frame,
                connected=self._connected,
                link_fault=self.faults.kind("link", now),
                speed=motor.speed(now),
                target=motor._belt.target,
                deck=motor._deck.target,
                state=motor.state,
            )
        )
        super()._write(pending, frame)

    def _on_air(self, char: str, data: bytes) -> None:
        if self._jitter is None:
            super()._on_air(char, data)
            return
        # Most packets come within a connection interval or two, some are repeated on the air, and
        # now and then a second passes; one in five hundred never comes.
        draw = self._jitter.random()
        if draw < 0.002 and char == "2acd":
            return
        span = (0, 40) if draw < 0.9 else (40, 250) if draw < 0.99 else (250, 1500)
        due = max(self._air_until, self._agenda.now + self._jitter.randint(*span))
        self._air_until = due
        self._agenda.put(due, partial(super()._on_air, char, data))
