"""Every fault in every phase at least once: one short session a cell.

Here: the cells, and the road that leads each phase to its fault. Not here: what is checked. The
rule to keep: a cell counts only if the service was in that phase when the fault began; the film
says so, not the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, cast

from proof.simulated_film import Act
from proof.simulated_plans import SHELL, Plan
from treadguard.sim.faults import KIND, WHERE, Fault, Kind, Where
from treadguard.units import Millis

LASTS_MS: Final = 30_000
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
    "BREAK": 75_000,
    "ENDED": 75_000,
    "FAULT": 75_000,
    "LOST": 60_000,
}
"""When the fault begins, by the phase that it is to meet."""

_WALK: Final = (
    Act(5_000, "start"),
    Act(15_000, "speed", 600),
    Act(36_000, "incline", 20),
)
_AT: Final = 45_000
_ROAD: Final[dict[str, tuple[Act, ...]]] = {
    "STOPPING": (Act(_AT, "stop"),),
    "PAUSED": (Act(_AT, "stop"),),
    "BREAK": (Act(_AT, "pain", 6),),
    "ENDED": (Act(_AT, "pain", 8),),
    "FAULT": (Act(_AT, "pain", 6),),
}
_BEFORE: Final[dict[str, Fault]] = {
    # A machine that ignores its Stops is a FAULT after three; a link that drops leaves it LOST.
    "FAULT": Fault(Millis(40_000), Millis(30_000), "command", "off"),
    "LOST": Fault(Millis(40_000), Millis(35_000), "link", "off"),
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


def cells() -> Iterator[Cell]:
    """All of them, in a fixed order."""
    for phase in BEGINS_MS:
        for where in WHERE:
            for kind in KIND:
                yield Cell(where, kind, phase)
        for what in SHELL:
            yield Cell("shell", what, phase)


IMPOSSIBLE: Final[dict[str, str]] = {
    "shell kill in OFF": "a process killed in its first instant has no journal to go on with",
}
"""Cells that can't be, by name, and why."""


def plan_of(cell: Cell, number: int) -> Plan:
    """The session of one cell; `number` is its place in the order, and its seed."""
    begins = BEGINS_MS[cell.phase]
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
        acts.append(Act(max(0, begins - 5_000), "posture", 170, what=str(40_000)))
    acts += _afterwards(max(begins, 30_000), GOES_ON_MS)
    return Plan(
        name=f"cell {number}: {cell.name}",
        seed=number,
        preset=PRESETS[number % len(PRESETS)],
        faults=faults,
        disk=cast("tuple[tuple[int, int, Literal['full', 'slow']], ...]", disk),
        acts=tuple(sorted(acts, key=lambda act: act.t)),
        length_ms=begins + GOES_ON_MS + 30_000,
        jitter=False,
    )


def _afterwards(t: int, for_ms: int) -> list[Act]:
    """Everybody presses everything while it lasts; then the runner tries to go on."""
    return [
        Act(t + 3_000, "pain", 3),
        Act(t + 6_000, "speed", 500, "api"),
        Act(t + 9_000, "pain", 6, "api"),
        Act(t + 12_000, "resume"),
        Act(t + 14_000, "console_speed", 700),
        Act(t + 16_000, "stop", None, "api"),
        Act(t + 20_000, "console_start"),
        Act(t + 26_000, "pain", 5, "remote"),
        *(Act(t + ms, "go") for ms in range(35_000, for_ms - 20_000, 21_000)),
        Act(t + for_ms - 15_000, "button"),
    ]
