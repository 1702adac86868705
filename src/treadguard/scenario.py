"""A scenario file: what the runner, the console and the faults do, and what is to be expected.

This is the contract of `treadguard simulate` as frozen values, and the check of every key in it.
How an action is carried out or an expectation judged is not known here. The rule to keep: a
scenario that can be read means what it says; a key that would do nothing is an error.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import Meta, Struct, structs

from treadguard.config import ConfigError, load_policy, load_profile
from treadguard.config.programme import programme_from_dict
from treadguard.config.toml import checked, closest, read_toml
from treadguard.guard.events import Op, PhaseName, Verdict_
from treadguard.sim.faults import Kind, Where
from treadguard.sim.presets import PRESETS, QUIRKS

Second = Annotated[float, Meta(ge=0, le=86_400)]
Length = Annotated[float, Meta(ge=0.001, le=86_400)]
Kmh = Annotated[float, Meta(ge=0, le=30)]
Pct = Annotated[float, Meta(ge=-15, le=40)]
Degrees = Annotated[float, Meta(ge=-90, le=90)]
Words = Annotated[str, Meta(min_length=1)]


class Action(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", kw_only=True):
    """Something happens at second `s` of the session."""

    s: Second


class Start(Action, tag="start", frozen=True):
    """The runner presses start, with the consent."""


class Resume(Action, tag="resume", frozen=True):
    """The runner resumes after a stop or break, with the consent."""


class StartProgramme(Action, tag="programme", frozen=True):
    """The runner begins the programme, or takes its raises up again, with the consent."""


class WarmUp(Action, tag="warm_up", frozen=True):
    """The runner starts with a warm-up to a speed, with the consent."""

    kmh: Kmh


class Vary(Action, tag="vary", frozen=True):
    """The runner asks for a speed that varies, with the consent."""


class Quiet(Action, tag="quiet", frozen=True):
    """The runner silences the reminders."""


class SetSpeed(Action, tag="speed", frozen=True):
    """The runner asks for a speed, with the consent where it is a raise."""

    kmh: Kmh


class SetIncline(Action, tag="incline", frozen=True):
    """The runner asks for an incline, with the consent where it is a raise."""

    pct: Pct


class Stop(Action, tag="stop", frozen=True):
    """The runner stops the belt."""


class Break(Action, tag="break", frozen=True):
    """The runner asks for a break."""


class End(Action, tag="end", frozen=True):
    """The runner ends the session."""


class Ease(Action, tag="ease", frozen=True):
    """The runner asks for an unrated back-off."""


class Pain(Action, tag="pain", frozen=True):
    """A rating."""

    level: Annotated[int, Meta(ge=0, le=10)]


class Button(Action, tag="button", frozen=True):
    """The bare pain button."""


class Symptom(Action, tag="symptom", frozen=True):
    """A named symptom."""

    what: Words


class Posture(Action, tag="posture", frozen=True):
    """Posture samples at 10 Hz for `for_s`; what is left out isn't in the samples.

    With `asym_pct` one stride a second.
    """

    for_s: Length
    trunk_deg: Degrees | None = None
    neck_deg: Degrees | None = None
    asym_pct: Annotated[float, Meta(ge=-100, le=100)] | None = None
    lumbar_deg: Degrees | None = None

    def __post_init__(self) -> None:
        given = (self.trunk_deg, self.neck_deg, self.asym_pct, self.lumbar_deg)
        if all(value is None for value in given):
            raise ValueError("a posture needs trunk_deg, neck_deg, asym_pct or lumbar_deg.")


class Console(Action, tag="console", frozen=True):
    """Someone uses the machine's own console: one of speed, incline, stop and start."""

    kmh: Kmh | None = None
    pct: Pct | None = None
    stop: Literal[True] | None = None
    start: Literal[True] | None = None

    def __post_init__(self) -> None:
        given = [x for x in (self.kmh, self.pct, self.stop, self.start) if x is not None]
        if len(given) != 1:
            raise ValueError(
                "the console needs exactly one of kmh, pct, stop = true and start = true."
            )


class SafetyKey(Action, tag="safety_key", frozen=True):
    """The safety key is pulled."""


class WalkAway(Action, tag="walk_away", frozen=True):
    """The runner leaves the belt as it is."""


class Kill(Action, tag="kill", frozen=True):
    """The service dies at once, and starts again after `for_s`."""

    for_s: Length = 2.0


AnyAction = (
    Start
    | Resume
    | StartProgramme
    | WarmUp
    | Vary
    | Quiet
    | SetSpeed
    | SetIncline
    | Stop
    | Break
    | End
    | Ease
    | Pain
    | Button
    | Symptom
    | Posture
    | Console
    | SafetyKey
    | WalkAway
    | Kill
)


class Fault(Struct, frozen=True, forbid_unknown_fields=True):
    """Something is broken from `at_s` on, for `for_s`."""

    at_s: Second
    for_s: Length
    where: Where
    kind: Kind


class Expect(Struct, frozen=True, forbid_unknown_fields=True):
    """What the journal must show between two seconds, or with `never` must not.

    A text is looked for in what was said; `true` takes any. Values are km/h or %.
    """

    within_s: tuple[Second, Second]
    command: Op | None = None
    value_min: Pct | None = None
    value_max: Pct | None = None
    phase: PhaseName | None = None
    alarm: Literal[True] | Words | None = None
    cue: Literal[True] | Words | None = None
    veto: Literal[True] | Words | None = None
    verdict: Verdict_ | None = None
    max_speed_kmh: Kmh | None = None
    never: bool = False

    WHAT: ClassVar = ("command", "phase", "alarm", "cue", "veto", "verdict", "max_speed_kmh")

    def __post_init__(self) -> None:
        if self.within_s[0] > self.within_s[1]:
            raise ValueError("within_s must run from the earlier to the later second.")
        if all(getattr(self, key) is None for key in self.WHAT):
            raise ValueError(f"nothing is expected; give one of {', '.join(self.WHAT)}.")
        low, high = self.value_min, self.value_max
        if self.command is None and (low is not None or high is not None):
            raise ValueError("value_min and value_max need a command.")
        if low is not None and high is not None and low > high:
            raise ValueError("value_min must not be above value_max.")


class Machine(Struct, frozen=True, forbid_unknown_fields=True):
    """The simulated treadmill."""

    preset: str = "ideal"
    quirks: tuple[str, ...] = ()


class Scenario(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One whole scenario. `at` is in order of time; entries of one second keep the file's order.

    `profile` and `policy` are overrides in a file's form, already checked; `load_policy` and
    `load_profile` lay them over the policy and profile that the scenario runs under.
    """

    name: Words
    duration_s: Length
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    mode: Literal["guard", "shadow"] = "guard"
    profile: dict[str, Any] = {}
    policy: dict[str, Any] = {}
    programme: dict[str, Any] | None = None
    machine: Machine = Machine()
    fault: tuple[Fault, ...] = ()
    at: tuple[AnyAction, ...] = ()
    expect: tuple[Expect, ...] = ()


_LATER: Final = ("heart_rate", "mqtt")
"""In the contract of scenarios, and not yet in treadguard."""


def read_scenario(path: Path) -> Scenario:
    """The scenario in a file. Raises ConfigError, which names the file and the place in it."""
    return scenario_from_dict(read_toml(path), str(path))


def scenario_from_dict(data: Mapping[str, Any], where: str) -> Scenario:
    """The scenario in a parsed file; `where` names it in a ConfigError's sentence."""
    _refuse_later(data, where, "at", "do")
    _refuse_later(data, where, "fault", "where")
    scenario = checked(data, Scenario, where)
    load_profile(None, scenario.profile, where=where, under="profile")
    load_policy(None, scenario.policy, where=where, under="policy")
    if scenario.programme is not None:
        programme_from_dict(scenario.programme, where, "programme")
    _known(scenario.machine.preset, PRESETS, f"{where}: machine.preset")
    for i, quirk in enumerate(scenario.machine.quirks):
        _known(quirk, QUIRKS, f"{where}: machine.quirks[{i}]")
    _within(scenario, where)
    return structs.replace(scenario, at=tuple(sorted(scenario.at, key=lambda action: action.s)))


def _refuse_later(data: Mapping[str, Any], where: str, table: str, key: str) -> None:
    entries = data.get(table)
    for i, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, Mapping) and entry.get(key) in _LATER:
            raise ConfigError(
                f'{where}: {table}[{i}].{key}: "{entry[key]}" comes with a later version'
                " of treadguard."
            )


def _known(name: str, names: Collection[str], place: str) -> None:
    if name not in names:
        raise ConfigError(f'{place}: "{name}" isn\'t known; {closest(name, sorted(names))}')


def _within(scenario: Scenario, where: str) -> None:
    """What lies after the end would silently never happen, and never be judged."""
    seconds = [(f"at[{i}].s", action.s) for i, action in enumerate(scenario.at)]
    seconds += [(f"fault[{i}].at_s", fault.at_s) for i, fault in enumerate(scenario.fault)]
    seconds += [(f"expect[{i}].within_s", e.within_s[0]) for i, e in enumerate(scenario.expect)]
    for place, second in seconds:
        if second > scenario.duration_s:
            raise ConfigError(
                f"{where}: {place} is {second:g} s, but the scenario ends at"
                f" {scenario.duration_s:g} s; make duration_s longer."
            )
