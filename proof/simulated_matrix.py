"""Every fault in every phase at least once: one short session a cell.

Here: the cells, and the road that leads each phase to its fault. Not here: what is checked. The
rule to keep: a cell counts only if the service was in that phase when the fault began, and if the
film differs from one without the fault; the films say so, not the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from proof.simulated_film import Act, Film
from proof.simulated_house import play
from proof.simulated_plans import SHELL, Plan
from treadguard.sim.faults import KIND, WHERE, Fault, Kind, Where
from treadguard.units import Millis

LASTS_MS: Final = 30_000
FELT_MS: Final = 15_000
GOES_ON_MS: Final = 190_000
"""A whole break fits in after the fault."""

PRESETS: Final = ("ideal", "fitshow", "omega-z")
"""Machines with an incline; the random sessions have the others too."""

BEGINS_MS: Final = {
    "OFF": 0,
    "READY": 4_000,
    "STARTING": 6_000,
    "RUNNING": 45_000,
    "STOPPING": 46_000,
    "PAUSED": 75_000,
    "BREAK": 60_000,
    "ENDED": 75_000,
    "FAULT": 75_000,
    "LOST": 60_000,
}
"""When the fault begins, by the phase that it is to meet."""

OPENED_MS: Final = 1_000
"""A process that is hit must have begun; OFF lasts until two samples have come."""

_WALK: Final = (
    Act(5_000, "start"),
    Act(15_000, "speed", 600),
    Act(20_000, "incline", 20),
)
_AT: Final = 45_000
_ROAD: Final[dict[str, tuple[Act, ...]]] = {
    "STOPPING": (Act(_AT, "stop"),),
    "PAUSED": (Act(_AT, "stop"),),
    # The deck comes down from 10 % while the belt stands: there is something to spoil.
    "BREAK": (Act(40_000, "console_grade", 100), Act(_AT, "pain", 6)),
    "ENDED": (Act(_AT, "pain", 8),),
    "FAULT": (Act(_AT, "pain", 6),),
}
_BEFORE: Final[dict[str, Fault]] = {
    # A machine that ignores its Stops is a FAULT after three; a link that drops leaves it LOST.
    "FAULT": Fault(Millis(40_000), Millis(34_000), "command", "off"),
    "LOST": Fault(Millis(40_000), Millis(22_000), "link", "off"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of the matrix. `where` is "shell" for what happens to the process itself."""

    where: str
    kind: str
    phase: str

    @property
    def name(self) -> str:
        """As the figures name it."""
        return f"{self.where} {self.kind} in {self.phase}"

    @property
    def begins(self) -> int:
        """When what it is named for begins."""
        new = self.where == "shell" and self.phase == "OFF"
        return OPENED_MS if new else BEGINS_MS[self.phase]


def cells() -> Iterator[Cell]:
    """All of them, in a fixed order."""
    for phase in BEGINS_MS:
        for where in WHERE:
            for kind in KIND:
                yield Cell(where, kind, phase)
        for what in SHELL:
            yield Cell("shell", what, phase)


_ONLY_STOPS: Final = {
    "command wrong": "only Stops go out then, and a Stop has no target to bend",
    "incline wrong": "only Stops go out then, no target for the deck",
    "incline delayed": "only Stops go out then, no command for the deck",
    "answer stuck": "only Stops are answered then, and so was the command before: the same bytes",
}
IMPOSSIBLE: Final[dict[str, str]] = {
    f"{what} in {phase}": why for phase in ("ENDED", "FAULT") for what, why in _ONLY_STOPS.items()
}
"""Cells whose fault can do nothing, by name, and why."""

_SEEDS: Final = {"command intermittent in FAULT": 1}
"""Where by chance the cell's own number would let every command through."""


def plan_of(cell: Cell, number: int) -> Plan:
    """The session of one cell; `number` is its place in the order, and mostly its seed."""
    begins = cell.begins
    before = tuple(f for phase, f in _BEFORE.items() if phase == cell.phase)
    acts = [*_WALK, *_ROAD.get(cell.phase, ())]
    faults: tuple[Fault, ...] = before
    disk: tuple[tuple[int, int, str], ...] = ()
    lasts = LASTS_MS if begins > 5_000 else 2 * LASTS_MS
    if cell.where == "shell":
        if cell.kind.startswith("disk"):
            disk = ((begins, begins + lasts, cell.kind.removeprefix("disk ")),)
        else:
            value = {"kill": 2_000, "stall": 4_000, "flood": 60}.get(cell.kind)
            acts.append(Act(begins, cell.kind, value))
    else:
        where, kind = cast("Where", cell.where), cast("Kind", cell.kind)
        # Of two faults at one place the first listed acts.
        faults = (Fault(Millis(begins), Millis(lasts), where, kind), *before)
    if cell.where == "posture":
        acts += _leans(max(0, begins - 5_000))
    acts += _afterwards(max(begins, 30_000), GOES_ON_MS)
    return Plan(
        name=f"cell {number}: {cell.name}",
        seed=_SEEDS.get(cell.name, number),
        preset=PRESETS[number % len(PRESETS)],
        faults=faults,
        disk=cast("tuple[tuple[int, int, Literal['full', 'slow']], ...]", disk),
        acts=tuple(sorted(acts, key=lambda act: act.t)),
        length_ms=begins + GOES_ON_MS + 30_000,
        jitter=False,
    )


def _leans(t: int) -> Iterator[Act]:
    """A trunk that moves: one that is held says nothing about a sensor that is stuck."""
    for lean, for_ms in ((40, 8_000), (170, 20_000), (60, 6_000), (220, 8_000)):
        yield Act(t, "posture", lean, what=str(for_ms))
        t += for_ms


def spared(plan: Plan, cell: Cell) -> Plan:
    """The same session without what the cell is named for, until it would no longer be felt."""
    until = cell.begins + 2 * LASTS_MS + FELT_MS
    acts = tuple(act for act in plan.acts if act.t < until)
    if cell.where == "shell":
        acts = tuple(act for act in acts if act.do != cell.kind)
        return replace(plan, acts=acts, disk=(), length_ms=until)
    return replace(plan, acts=acts, faults=plan.faults[1:], length_ms=until)


def bites(plan: Plan, film: Film, cell: Cell) -> bool:
    """Whether the session differs in anything from one that is spared the fault."""
    calm = spared(plan, cell)
    other = play(calm)
    return film.until(calm.length_ms) != other.until(calm.length_ms)


def _afterwards(t: int, for_ms: int) -> list[Act]:
    """Everybody presses everything while it lasts; then the runner tries to go on."""
    return [
        Act(t + 1_000, "console_start"),
        Act(t + 2_000, "console_grade", 60),
        Act(t + 6_000, "incline", 40),
        Act(t + 9_000, "pain", 3),
        Act(t + 11_000, "speed", 500, "api"),
        Act(t + 13_000, "pain", 6, "api"),
        Act(t + 15_000, "resume"),
        Act(t + 16_000, "console_speed", 700),
        Act(t + 18_000, "stop", None, "api"),
        Act(t + 20_000, "console_start"),
        Act(t + 26_000, "pain", 5, "remote"),
        *(Act(t + ms, "go") for ms in range(35_000, for_ms - 20_000, 21_000)),
        Act(t + for_ms - 15_000, "button"),
    ]
