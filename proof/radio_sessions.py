"""A session over the radio, drawn from a seed and played: the real service, the real driver.

Here: what the runner and the air do in it, and the play itself. Not here: the air (radio_air.py),
and what is judged (radio_presses.py). The rule to keep: a seed draws one plan and one plan gives
the same bytes, in every process.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from typing import Final, Literal

from proof.radio_air import Air, AirLog, SlowPeripheral, Withheld, on_slow_air
from treadguard.closed_loop.stage import Check, Company, Machine, Stage
from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile
from treadguard.journal import Header, Line, decoded
from treadguard.sim.faults import Fault, Kind, Where
from treadguard.sim.machine import SimulatedMachine
from treadguard.sim.presets import PRESETS
from treadguard.treadmill.protocol import Treadmill
from treadguard.units import Millis

Do = Literal["start", "resume", "speed", "pain", "button", "symptom"]

PRESSES: Final = ("pain 5", "pain 6", "button", "symptom")
"""What the runner presses when the belt must stop at once."""

BREAK_MS: Final = 150_000
"""By then a break of 120 s has passed, the way to a standing belt included."""

SETTLES_MS: Final = 32_000
"""So long after the last press and the last fault a session goes on."""

SOON_MS: Final = 6_500
"""Within this after its fault a machine is there again, and the link is up."""

LEAD_MS: Final = 5_000
MOST_LINES: Final = 80


@dataclass(frozen=True, slots=True)
class Hand:
    """What the runner does at `t` ms. `press`: the belt has to stop for it at once."""

    t: int
    do: Do
    value: int = 0
    press: bool = False

    @property
    def name(self) -> str:
        """As a person would say it."""
        return f"{self.do} {self.value}" if self.value else self.do


@dataclass(frozen=True, slots=True)
class Plan:
    """One session."""

    seed: int
    air: Air
    hands: tuple[Hand, ...]
    length_ms: int


@dataclass(frozen=True, slots=True)
class Pressed:
    """A hand as it was done: the loop's ms, and how the belt stood and the link was then."""

    hand: Hand
    t: int
    belt: str
    linked: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class Session:
    """What one session left behind. Times of `lines` are turned into the loop's own ms."""

    plan: Plan
    log: AirLog
    pressed: tuple[Pressed, ...]
    lines: tuple[Line, ...]
    failure: str | None
    digest: str

    def at(self, kind: str) -> list[tuple[int, Line]]:
        """The journal's lines of a kind, in the loop's ms."""
        return [(line["t"], line) for line in self.lines if line["kind"] == kind]


# ---------------------------------------------------------------- drawing


def drawn(seed: int) -> Plan:
    """One or two runs on a drawn machine, with trouble on the air round the presses in each."""
    dice = random.Random(f"{seed} radio presses")
    preset = PRESETS[dice.choice(sorted(PRESETS))]
    answers = "write" in preset.control_point
    command_only = answers and dice.random() < 0.05
    both_types = answers and not command_only and dice.random() < 0.3
    asks_who, latency_ms = dice.random() < 0.5, dice.randint(1, 20)
    disconnect_ms = dice.randint(100, 4_500)
    again = dice.random() < 0.25
    runs = [_Run(dice, preset.speed_max, begin := dice.randint(5_000, 9_000), "start", last=True)]
    if again:
        runs = [_Run(dice, preset.speed_max, begin, "start", last=False)]
        resumes = runs[0].over + BREAK_MS
        runs[0].hands.append(Hand(resumes - 3_000, "pain", 1))
        runs.append(_Run(dice, preset.speed_max, resumes, "resume", last=True))
    air = Air(
        preset=preset.name,
        both_types=both_types,
        command_only=command_only,
        asks_who=asks_who,
        latency_ms=latency_ms,
        disconnect_ms=disconnect_ms,
        slow=tuple(span for run in runs for span in run.slow),
        withheld=tuple(one for run in runs for one in sorted(run.withheld, key=lambda w: w.at)),
        faults=tuple(fault for run in runs for fault in run.faults),
    )
    hands = sorted((hand for run in runs for hand in run.hands), key=lambda hand: hand.t)
    return Plan(seed, air, tuple(hands), runs[-1].over + SETTLES_MS)


class _Run:
    """From a start or a resume to its presses, and what goes wrong round them."""

    def __init__(
        self, dice: random.Random, fastest: int, begin: int, do: Do, *, last: bool
    ) -> None:
        self._dice = dice
        self._fastest = min(900, fastest)
        self.slow: list[tuple[int, int]] = []
        self.withheld: list[Withheld] = []
        self.faults: list[Fault] = []
        self.hands = [Hand(begin, do)]
        press = begin + (
            dice.randint(300, 8_000) if dice.random() < 0.1 else dice.randint(12_000, 40_000)
        )
        trouble = dice.choice(("none", "withheld", "withheld", "withheld", "away", "both"))
        self._turns(begin + 8_500, press)
        self._presses(press, many=1 if trouble == "none" else 3, last=last)
        self.over = press
        if trouble in ("withheld", "both"):
            self._withholds(press)
        if trouble in ("away", "both"):
            self._goes_away(press)
        if dice.random() < 0.25:
            kind: Kind = dice.choice(("slow", "intermittent", "delayed"))
            self._fault("telemetry", kind, press - dice.randint(0, 12_000), 20_000)
        if dice.random() < 0.5:
            self.slow.append((begin - dice.randint(0, 9_000), press + dice.randint(0, 20_000)))

    def _turns(self, t: int, press: int) -> None:
        while t < press:
            if self._dice.random() < 0.1:
                self.hands.append(Hand(t, "pain", self._dice.randint(1, 2)))
            else:
                self.hands.append(Hand(t, "speed", self._speed()))
            t += self._dice.randint(2_500, 9_000)

    def _presses(self, press: int, *, many: int, last: bool) -> None:
        names = PRESSES if last else PRESSES[:3]
        at = press
        for _ in range(self._dice.randint(1, many)):
            name = self._dice.choice(names)
            do, _, value = name.partition(" ")
            self.hands.append(Hand(at, do, int(value or 0), press=True))  # type: ignore[arg-type]
            at += self._dice.randint(30, 4_000)

    def _withholds(self, press: int) -> None:
        dice = self._dice
        if dice.random() < 0.3:
            at = press  # the Stop itself
        else:
            at = press - (dice.randint(0, 1_400) if dice.random() < 0.7 else dice.randint(0, 9_000))
            self.hands.append(Hand(at, "speed", self._speed()))
        self.withheld.append(Withheld(at, dice.choice(("answer", "frame"))))
        if dice.random() < 0.25:
            later = press + dice.randint(500, 9_000)
            self.withheld.append(Withheld(later, dice.choice(("answer", "frame"))))

    def _goes_away(self, press: int) -> None:
        at = press - self._dice.randint(-600, 8_000)
        # Now and then the press comes soon after the machine is there again.
        back = self._dice.random() < 0.4 and press - at > SOON_MS
        for_ms = press - at - self._dice.randint(500, SOON_MS) if back else 0
        for_ms = max(500, for_ms) if back else self._dice.randint(500, 15_000)
        self._fault("link", "off", at, for_ms)

    def _fault(self, where: Where, kind: Kind, at: int, for_ms: int) -> None:
        self.faults.append(Fault(Millis(max(0, at)), Millis(for_ms), where, kind))

    def _speed(self) -> int:
        return self._dice.randrange(200, self._fastest, 10)


# ---------------------------------------------------------------- playing


def play(plan: Plan) -> Session:
    """The whole session in virtual time."""
    log, pressed = AirLog(), list[Pressed]()
    offset = [0]

    @asynccontextmanager
    async def drive(
        _: Machine, seed: int, check: Check
    ) -> AsyncIterator[tuple[Treadmill, SimulatedMachine]]:
        async with on_slow_air(plan.air, seed, log, check) as driven:
            yield driven

    def do(hand: Hand, company: Company) -> None:
        machine = company.machine
        assert isinstance(machine, SlowPeripheral)
        offset[0] = company.now - company.service.clock()
        belt, up = machine.belt, machine.linked
        at = len(pressed)
        pressed.append(Pressed(hand, company.now, belt, up, taken=False))
        _done(hand, company)
        pressed[at] = replace(pressed[at], taken=True)

    acts = [(hand.t / 1000, hand.name, partial(do, hand)) for hand in plan.hands]
    header = Header(
        session=f"{random.Random(f'{plan.seed} session').getrandbits(64):016x}",
        started="2000-01-01T00:00:00+00:00",
        treadguard="0",
        mode="guard",
        treadmill="",
        is_real=False,
        proven=True,
        policy=Policy(),
        profile=Profile(),
        initial=Kept(),
    )
    stage = Stage(header, Machine(plan.air.preset), plan.seed, drive)
    played = stage.play(acts, plan.length_ms / 1000)
    # To the end of the journal, where the service brings the belt to rest; none of that is judged.
    lines = [decoded(raw) for raw in played.journal.splitlines()[1:]]
    told = repr((log, pressed)).encode()
    return Session(
        plan,
        log,
        tuple(pressed),
        tuple({**line, "t": line["t"] + offset[0]} for line in lines),
        played.failure,
        hashlib.sha256(played.journal + told).hexdigest(),
    )


def _done(hand: Hand, company: Company) -> None:
    service = company.service
    match hand.do:
        case "pain":
            service.pain(hand.value)
        case "button":
            service.pain(None)
        case "symptom":
            service.symptom("leg weakness")
        case "speed":
            service.operator("speed", hand.value)
        case "start" | "resume":
            service.operator(hand.do)


def in_lines(session: Session) -> Iterator[str]:
    """What the air, the runner and the journal show of it, from the first press on."""
    log = session.log
    yield str(session.plan.air)
    events = [(one.t, f"press {one.hand.name}, belt {one.belt}") for one in session.pressed]
    events += [(one.t, f"taken {one.frame.hex()}, belt {one.state}") for one in log.taken]
    events += [(t, f"handed to the radio {frame.hex()}") for t, frame in log.handed]
    events += [(t, "withheld") for t in log.withheld]
    events += [(t, f"the machine {'has' if up else 'loses'} a link") for t, up in log.links]
    events += [(t, f"the driver says: {text}") for t, text in log.said]
    for kind in ("link", "alarm", "phase", "command", "answer"):
        for t, line in session.at(kind):
            rest = {key: value for key, value in line.items() if key not in ("t", "seq")}
            events.append((t, f"journal {json.dumps(rest)}"))
    first = min((one.t for one in session.pressed if one.hand.press), default=0)
    later = sorted((event for event in events if event[0] >= first - LEAD_MS), key=itemgetter(0))
    for t, text in later[:MOST_LINES]:
        yield f"  {t:7} {text}"
