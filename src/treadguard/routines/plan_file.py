"""A therapist's `routines.toml`: own order, own doses, what to leave out, own exercises.

Here: its keys, and the strict reading of it. Not here: what is picked for a runner (choosing.py).
The rule to keep: a file with any mistake is refused whole, with one sentence; what it doesn't say
stays as treadguard has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import platformdirs
from msgspec import Meta, Struct

from treadguard.config.toml import ConfigError, checked, closest, read_toml
from treadguard.routines.exercise import (
    Condition,
    Dose,
    Exercise,
    check_exercise,
)

RoutineName = Literal["before", "after", "strength", "break"]
ROUTINES: Final[tuple[RoutineName, ...]] = ("before", "after", "strength", "break")

_KEY: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """One routine: its exercises in order, and those that a condition puts in front of them."""

    order: Annotated[tuple[str, ...], Meta(min_length=1, max_length=40)]
    first_for: dict[Condition, tuple[str, ...]] = {}


class DoseChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What differs from the exercise's own dose."""

    sets: int | None = None
    repetitions: int | None = None
    hold_s: int | None = None
    rest_s: int | None = None


class Plan(Struct, frozen=True, forbid_unknown_fields=True, rename={"breaks": "break"}):
    """The whole file. `allow`: exercises that stay although a condition would leave them out."""

    before: Order | None = None
    after: Order | None = None
    strength: Order | None = None
    breaks: Order | None = None
    leave_out: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    dose: dict[str, DoseChange] = {}
    exercise: dict[str, Exercise] = {}

    def routine(self, name: RoutineName) -> Order | None:
        """The order of this routine, None where the file leaves it as it is."""
        found: Order | None = getattr(self, "breaks" if name == "break" else name)
        return found


def user_plan() -> Path | None:
    """The runner's own `routines.toml`, if there is one."""
    path = Path(platformdirs.user_config_dir("treadguard")) / "routines.toml"
    return path if path.exists() else None


def load_plan(path: Path, library: Mapping[str, Exercise]) -> Plan:
    """A checked plan from its file. Raises ConfigError."""
    return plan_from_dict(read_toml(path), library, str(path))


def plan_from_dict(data: Mapping[str, Any], library: Mapping[str, Exercise], where: str) -> Plan:
    """A checked plan. Raises ConfigError; `where` names the file."""
    for key, text in _texts(data, ""):
        if not text.isprintable():
            raise ConfigError(f"{where}: {key} must be plain text, on one line.")
    plan = checked(data, Plan, where)
    for key, exercise in plan.exercise.items():
        if not _KEY.fullmatch(key):
            raise ConfigError(
                f'{where}: [exercise.{key}]: a name must be small letters and "-", like'
                ' "towel-slide".'
            )
        if key in library:
            raise ConfigError(
                f'{where}: [exercise.{key}]: there is a "{key}" already; give yours another'
                f" name, or change its dose in [dose.{key}]."
            )
        check_exercise(exercise, where, f"exercise.{key}")
    known = known_exercises(plan, library)
    for place, key in _names(plan):
        if key not in known:
            raise ConfigError(
                f'{where}: {place}: there is no exercise "{key}"; ' + closest(key, known)
            )
    for key in plan.dose:
        check_exercise(dosed(key, plan, library, where), where, f"dose.{key}")
    return plan


def known_exercises(plan: Plan, library: Mapping[str, Exercise]) -> Mapping[str, Exercise]:
    """The library's exercises and the plan's own."""
    return {**library, **plan.exercise}


def dosed(
    key: str, plan: Plan, library: Mapping[str, Exercise], where: str = "the plan"
) -> Exercise:
    """This exercise with the plan's dose. Raises ConfigError where the dose is out of range."""
    exercise = known_exercises(plan, library)[key]
    change = plan.dose.get(key)
    if change is None:
        return exercise
    given = {name: n for name, n in msgspec.structs.asdict(change).items() if n is not None}
    whole = {**msgspec.structs.asdict(exercise.dose), **given}
    dose = checked(whole, Dose, where, f"dose.{key}")
    return msgspec.structs.replace(exercise, dose=dose)


def _names(plan: Plan) -> Iterator[tuple[str, str]]:
    """Every place where the plan names an exercise."""
    for name in ROUTINES:
        order = plan.routine(name)
        if order is not None:
            yield from ((f"{name}.order", key) for key in order.order)
            for condition, keys in order.first_for.items():
                yield from ((f'{name}.first_for."{condition}"', key) for key in keys)
    yield from (("leave_out", key) for key in plan.leave_out)
    yield from (("allow", key) for key in plan.allow)
    yield from (("dose", key) for key in plan.dose)
    for key, exercise in plan.exercise.items():
        for one in exercise.leave_out:
            if one.instead is not None:
                yield f"exercise.{key}.leave_out", one.instead


def _texts(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Every text of the file, keys as well, and where it stands."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield "a key", str(key)
            yield from _texts(below, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below, place)
