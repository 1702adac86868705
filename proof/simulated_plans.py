"""What is done to a simulated house in one session: machine, runner, faults, all from a seed.

Here: `Plan`, and how a random one is drawn. Not here: how it is played (simulated_house.py), and
the cells of the matrix (simulated_matrix.py). The rule to keep: a plan is a value; the seed that
drew it draws it again, and two sessions of one plan give the same bytes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from proof.simulated_disk import DiskFault
from proof.simulated_film import Act
from treadguard.guard.plan import Leg
from treadguard.guard.plan import Plan as Laid
from treadguard.sim.faults import KIND, WHERE, Fault, Kind, Where
from treadguard.sim.presets import PRESETS, QUIRKS
from treadguard.units import Grade, Millis, Speed

LENGTH_MS: Final = 600_000
WELL_MS: Final = 585_000
"""A disk is well again by then, so that the journal must be whole at the end."""

SYMPTOMS: Final = ("down the leg", "saddle numbness", "chest pain", "a word that nobody knows")
PLANNED: Final = 0.4
"""So many sessions have a programme."""

SHELL: Final = ("kill", "stall", "crash", "flood", "disk full", "disk slow")
"""What may happen to the process itself, beside the faults of machine and radio."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One session. `acts` are in order of time."""

    name: str
    seed: int
    preset: str
    quirks: tuple[str, ...] = ()
    mode: Literal["guard", "shadow"] = "guard"
    faults: tuple[Fault, ...] = ()
    disk: tuple[DiskFault, ...] = ()
    acts: tuple[Act, ...] = ()
    programme: Laid | None = None
    length_ms: int = LENGTH_MS
    jitter: bool = True


def random_plan(seed: int) -> Plan:
    """A ten-minute session: any machine, a runner with a will of their own, and bad luck."""
    dice = random.Random(f"plan {seed}")
    faults = tuple(_fault(dice) for _ in range(dice.choice((0, 0, 1, 1, 2, 3, 5))))
    disk: list[DiskFault] = []
    acts = _runner(dice)
    for what in SHELL:
        if dice.random() < 0.12:
            _shell(dice, what, acts, disk)
    if any(act.do == "kill" for act in acts):
        # A process that dies while its disk is full loses what it had said would be lost.
        disk.clear()
    programme = None
    if (other := random.Random(f"programme {seed}")).random() < PLANNED:
        programme, acts = _programme(other), [_for_a_plan(other, act) for act in acts]
        acts += [
            Act(other.randrange(20_000, 560_000), other.choice(("programme", "vary")))
            for _ in range(other.randrange(5))
        ]
    return Plan(
        programme=programme,
        name=f"seed {seed}",
        seed=seed,
        preset=dice.choice(tuple(PRESETS)),
        # In order before the dice fall: each process has its own order of a set.
        quirks=tuple(q for q in sorted(QUIRKS) if dice.random() < 0.06),
        mode="shadow" if dice.random() < 0.06 else "guard",
        faults=faults,
        disk=tuple(disk),
        acts=tuple(sorted(acts, key=lambda act: act.t)),
    )


def _programme(dice: random.Random) -> Laid:
    """Legs of half a minute to two, up and down on both axes."""
    legs = [
        Leg(
            Millis(dice.choice((20_000, 30_000, 45_000, 60_000, 120_000))),
            Speed(dice.choice((250, 300, 400, 450, 550, 700, 850))),
            Grade(dice.choice((0, 0, 0, 10, 25))),
        )
        for _ in range(dice.randrange(3, 12))
    ]
    return Laid((*legs, Leg(Millis(60_000), Speed(300))), ends=dice.random() < 0.7)


def _for_a_plan(dice: random.Random, act: Act) -> Act:
    """Most that begin or go on do it with the programme, some with a warm-up."""
    if act.do not in ("start", "resume") or act.role == "remote" or dice.random() < 0.2:
        return act
    if dice.random() < 0.15:
        return replace(act, do="warm-up", value=dice.randrange(40, 90) * 10)
    return replace(act, do="programme")


def _fault(dice: random.Random) -> Fault:
    length = dice.choice((1_500, 4_000, 7_000, 15_000, 40_000, 90_000))
    where = cast("Where", dice.choice(WHERE))
    kind = cast("Kind", dice.choice(KIND))
    return Fault(Millis(dice.randrange(0, 570_000)), Millis(length), where, kind)


def _shell(dice: random.Random, what: str, acts: list[Act], disk: list[DiskFault]) -> None:
    t = dice.randrange(10_000, 560_000)
    match what:
        case "kill":
            acts.append(Act(t, "kill", dice.choice((300, 2_000, 8_000, 40_000))))
        case "stall":
            acts.append(Act(t, "stall", dice.choice((400, 900, 1_500, 4_000, 12_000))))
        case "crash":
            acts.append(Act(max(t, 300_000), "crash"))
        case "flood":
            acts.append(Act(t, "flood", dice.choice((5, 40, 120))))
            acts.append(Act(t, "pain", dice.choice((1, 4, 6)), role="api"))
        case "disk full":
            disk.append((t, min(t + dice.choice((3_000, 60_000)), WELL_MS), "full"))
        case "disk slow":
            disk.append((t, min(t + 30_000, WELL_MS), "slow"))


def _runner(dice: random.Random) -> list[Act]:
    acts = [Act(dice.randrange(1_500, 12_000), "start")]
    t = acts[0].t + dice.randrange(5_000, 12_000)
    while t < LENGTH_MS - 5_000:
        acts += _whim(dice, t)
        t += min(120_000, round(dice.expovariate(1 / 22_000)))
    # Whoever finds the belt standing wants to go on, as far as they may.
    acts += [Act(t, "go") for t in range(30_000, LENGTH_MS, dice.choice((17_000, 41_000, 83_000)))]
    return [act for act in acts if act.t < LENGTH_MS]


def _whim(dice: random.Random, t: int) -> list[Act]:
    """What the runner, the console or somebody on the network does at `t`, and what follows."""
    role = dice.choice(("local", "local", "api"))
    match dice.choices(range(14), (30, 8, 16, 7, 3, 3, 3, 8, 8, 5, 2, 3, 1, 3))[0]:
        case 0:
            return [Act(t, "speed", dice.randrange(5, 130) * 10, role)]
        case 1:
            return [Act(t, "incline", dice.randrange(0, 120), role)]
        case 2:
            return [Act(t, "pain", dice.choice((0, 0, 1, 1, 2, 2, 3, 4)), role)]
        case 3:
            return [Act(t, "pain", dice.choice((5, 5, 6)), role), *_back(dice, t, 125_000)]
        case 4:
            return [Act(t, "button", None, role), *_back(dice, t, 125_000)]
        case 5:
            return [Act(t, "stop", None, role), *_back(dice, t, 15_000)]
        case 6:
            return [Act(t, "break", None, role), *_back(dice, t, 20_000)]
        case 7:
            return [Act(t, "ease", None, role)]
        case 8:
            return [Act(t, "console_speed", dice.randrange(10, 130) * 10)]
        case 9:
            do = dice.choice(("console_start", "console_stop", "console_grade"))
            return [Act(t, do, dice.randrange(0, 120))]
        case 10:
            return [Act(t, "posture", dice.choice((0, 170, 220, 480)), what=str(20_000))]
        case 11:
            return [_message(dice, t)]
        case 12:
            return _ending(dice, max(t, 380_000))
        case _:
            # The same key again and again, within the same second.
            act = Act(t, dice.choice(("button", "stop", "ease", "break")), None, role)
            return [Act(t + n * 90, act.do, None, role) for n in range(6)]


def _back(dice: random.Random, t: int, after: int) -> list[Act]:
    """The runner rates low and comes back; now and then too early, or without rating."""
    t += after + dice.choice((-after // 2, 0, 5_000, 30_000, 90_000))
    rates = [Act(t, "pain", dice.choice((0, 1, 1, 2, 3)))] if dice.random() < 0.9 else []
    later = t + dice.randrange(500, 9_000)
    return [
        *rates,
        Act(later, "resume"),
        Act(later + dice.randrange(8_000, 20_000), "speed", dice.randrange(20, 120) * 10),
    ]


def _message(dice: random.Random, t: int) -> Act:
    """Something from the network: a phone, an old retained message, a publisher gone wild."""
    do = dice.choice(("pain", "pain", "start", "resume", "speed", "incline", "stop", "ease", "end"))
    value = {
        "pain": dice.randrange(0, 11),
        "speed": dice.randrange(0, 150) * 10,
        "incline": dice.randrange(0, 150),
    }.get(do)
    retained = do == "pain" and dice.random() < 0.4
    return Act(t, do, value, "remote", retained)


def _ending(dice: random.Random, t: int) -> list[Act]:
    match dice.randrange(4):
        case 0:
            return [Act(t, "symptom", what=dice.choice(SYMPTOMS))]
        case 1:
            return [Act(t, "pain", dice.choice((7, 8, 10)))]
        case 2:
            return [Act(t, "safety_key")]
        case _:
            return [Act(t, "end")]
