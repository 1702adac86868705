"""Plays a scenario: its actions on the stage at their seconds, then its expectations.

Here: what each `do` means. Not here: the stage itself, and how an expectation is judged. The rule
to keep: the actions are the runner's, given through the same methods that the API calls.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Final

from msgspec import to_builtins

from treadguard import scenario as script
from treadguard.closed_loop.expectations import Judged, judge
from treadguard.closed_loop.stage import Act, Company, Drive, Machine, Played, Stage, direct
from treadguard.config import load_policy, load_profile
from treadguard.config.programme import programme_from_dict
from treadguard.guard.events import OperatorDo, Posture
from treadguard.guard.kept import Kept
from treadguard.guard.plan import Plan
from treadguard.journal import Header
from treadguard.scenario import AnyAction, Scenario
from treadguard.sim.faults import Fault
from treadguard.units import (
    Millis,
    decideg_from_deg,
    grade_from_pct,
    millis_from_s,
    speed_from_kmh,
)

STARTED: Final = "2000-01-01T00:00:00+00:00"
"""The time in every simulated journal: the same scenario and seed give the same bytes."""

POSTURE_S: Final = 0.1

_PLAIN: Final[dict[type[script.Action], OperatorDo]] = {
    script.Start: "start",
    script.Resume: "resume",
    script.Stop: "stop",
    script.Break: "break",
    script.End: "end",
    script.Ease: "ease",
    script.StartProgramme: "programme",
    script.Quiet: "quiet",
}


@dataclass(frozen=True, slots=True)
class Result:
    """A played scenario, and what it showed."""

    scenario: Scenario
    seed: int
    played: Played
    judged: tuple[Judged, ...]

    @property
    def ok(self) -> bool:
        """True when every expectation was met and the service didn't fail."""
        return self.played.failure is None and all(one.ok for one in self.judged)


def play(scenario: Scenario, seed: int | None = None, drive: Drive = direct) -> Result:
    """Play it from its own seed or another. ValueError where the simulator can't be such a machine.

    Nothing of this computer's own settings counts: only the defaults and the scenario's overrides.
    """
    seed = scenario.seed if seed is None else seed
    header = Header(
        session=session_id(seed),
        started=STARTED,
        treadguard=version("treadguard"),
        mode=scenario.mode,
        treadmill="",
        is_real=False,
        proven=True,
        policy=load_policy(None, scenario.policy),
        profile=load_profile(None, scenario.profile),
        initial=Kept(),
        programme=programme_of(scenario),
    )
    machine = Machine(scenario.machine.preset, scenario.machine.quirks, faults_of(scenario))
    played = Stage(header, machine, seed, drive).play(acts_of(scenario), scenario.duration_s)
    judged = tuple(judge(expect, played.lines, played.belt) for expect in scenario.expect)
    return Result(scenario, seed, played, judged)


def programme_of(scenario: Scenario) -> Plan | None:
    """The plan that it is played with, if it has one."""
    if scenario.programme is None:
        return None
    return programme_from_dict(scenario.programme, "the scenario").plan


def acts_of(scenario: Scenario) -> list[Act]:
    """Its actions, in order, each ready to be done."""
    return [(action.s, named(action), _act(action)) for action in scenario.at]


def named(action: AnyAction) -> str:
    """Nearly as its file has it: "pain 6", "console stop"."""
    words = []
    for key, value in to_builtins(action).items():
        if key != "s" and value is not None:
            words.append(key if value is True else str(value))
    return " ".join(words)


def faults_of(scenario: Scenario) -> tuple[Fault, ...]:
    """Its faults as the simulator takes them.

    What people do at the very instant of a fault comes first: it begins a millisecond later.
    """
    return tuple(
        Fault(Millis(millis_from_s(f.at_s) + 1), millis_from_s(f.for_s), f.where, f.kind)
        for f in scenario.fault
    )


def session_id(seed: int) -> str:
    """The name of a simulated session: the same for the same seed."""
    return f"{random.Random(f'{seed} session').getrandbits(64):016x}"  # noqa: S311


def _act(action: AnyAction) -> Callable[[Company], object]:
    do = _PLAIN.get(type(action))
    if do is not None:
        return lambda on: on.service.operator(do)
    match action:
        case script.WarmUp(kmh=kmh):
            target = speed_from_kmh(kmh)
            return lambda on: on.service.operator("warm-up", target)
        case script.Vary():
            return lambda on: on.service.operator("vary")
        case script.SetSpeed(kmh=kmh):
            speed = speed_from_kmh(kmh)
            return lambda on: on.service.operator("speed", speed)
        case script.SetIncline(pct=pct):
            grade = grade_from_pct(pct)
            return lambda on: on.service.operator("incline", grade)
        case script.Pain(level=level):
            return lambda on: on.service.pain(level)
        case script.Button():
            return lambda on: on.service.pain(None)
        case script.Symptom(what=what):
            return lambda on: on.service.symptom(what)
        case script.Posture():
            return lambda on: on.soon(_hold_posture(on, action))
        case script.Console(kmh=kmh, pct=pct, stop=stop, start=start):
            return lambda on: on.machine.console(
                kmh=kmh, pct=pct, stop=stop is True, start=start is True
            )
        case script.SafetyKey():
            return lambda on: on.machine.safety_key()
        case script.WalkAway():
            return lambda on: on.machine.walk_away()
        case script.Kill(for_s=for_s):
            return lambda on: on.soon(on.die(for_s))
    raise AssertionError(action)  # every action is above, and a new one must come here


async def _hold_posture(on: Company, held: script.Posture) -> None:
    """Samples at 10 Hz, as the sensor's faults let them through."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    trunk, neck, asym, lumbar = (
        None if value is None else decideg_from_deg(value)
        for value in (held.trunk_deg, held.neck_deg, held.asym_pct, held.lumbar_deg)
    )
    for n in range(max(1, round(held.for_s / POSTURE_S))):
        await asyncio.sleep(max(0.0, begin + n * POSTURE_S - loop.time()))
        strides = None if asym is None else int(n % 10 == 0)
        sample = on.machine.faults.posture(
            Posture(on.now, trunk, neck, asym, strides, lumbar=lumbar)
        )
        if sample is not None:
            late_s = max(0, sample.t - on.now) / 1000
            loop.call_later(late_s, _arrives, on, sample)


def _arrives(on: Company, sample: Posture) -> None:
    # A service that is dead takes nothing, and `feed` is silent about it.
    on.service.feed(replace(sample, t=on.service.clock()))
