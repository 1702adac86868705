"""A therapist's `routines.toml`: own order, own doses, what to leave out, own exercises.

Here: its keys, and the strict reading of it. Not here: what is picked for a runner (choosing.py).
The rule to keep: a file with any mistake is refused whole, with one sentence; what it doesn't say
stays as treadguard has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import platformdirs
from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from treadguard.config.runner import Condition
from treadguard.config.toml import ConfigError, checked, closest, read_toml
from treadguard.routines.exercise import (
    Exercise,
    HoldS,
    Repetitions,
    RestS,
    Sets,
    check_exercise,
    exercise_from_dict,
)

RoutineName = Literal["before", "after", "strength", "break"]
ROUTINES: Final[tuple[RoutineName, ...]] = ("before", "after", "strength", "break")

_KEY: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class FirstFor(
    Struct, frozen=True, forbid_unknown_fields=True, rename=lambda name: name.replace("_", " ")
):
    """By condition, what comes first in a routine."""

    weak_core: tuple[str, ...] = ()
    trigger_points: tuple[str, ...] = ()
    sacroiliac: tuple[str, ...] = ()
    facet: tuple[str, ...] = ()
    hyperlordosis: tuple[str, ...] = ()
    sciatica: tuple[str, ...] = ()
    vertebral: tuple[str, ...] = ()


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """One routine: its exercises in order, and those that a condition puts in front of them."""

    order: Annotated[tuple[str, ...], Meta(min_length=1, max_length=40)]
    first_for: FirstFor = FirstFor()

    def first(self, condition: str) -> tuple[str, ...]:
        """What this condition puts in front."""
        found: tuple[str, ...] = getattr(self.first_for, condition.replace(" ", "_"))
        return found


class DoseChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What differs from the exercise's own dose."""

    sets: Sets | None = None
    repetitions: Repetitions | None = None
    hold_s: HoldS | None = None
    rest_s: RestS | None = None


class _File(Struct, frozen=True, forbid_unknown_fields=True, rename={"breaks": "break"}):
    """The file as it stands. `allow`: exercises that stay though a condition leaves them out."""

    before: Order | None = None
    after: Order | None = None
    strength: Order | None = None
    breaks: Order | None = None
    leave_out: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    dose: dict[str, Any] = {}  # these two one by one, so that a mistake has its place
    exercise: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked plan; what it doesn't say is None or empty."""

    orders: Mapping[RoutineName, Order] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    dose: Mapping[str, DoseChange] = field(default_factory=dict)
    exercise: Mapping[str, Exercise] = field(default_factory=dict)


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
    file = checked(data, _File, where)
    exercises: dict[str, Exercise] = {}
    for key, table in file.exercise.items():
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
        exercises[key] = exercise_from_dict(table, where, f"exercise.{key}")
    orders = (file.before, file.after, file.strength, file.breaks)
    plan = Plan(
        {name: order for name, order in zip(ROUTINES, orders, strict=True) if order is not None},
        file.leave_out,
        file.allow,
        {k: checked(table, DoseChange, where, f"dose.{k}") for k, table in file.dose.items()},
        exercises,
    )
    known = known_exercises(plan, library)
    for place, key in _names(plan):
        if key not in known:
            there = closest(key, known)
            raise ConfigError(f'{where}: {place}: there is no exercise "{key}"; {there}')
    for key in plan.dose:
        check_exercise(dosed(key, plan, library), where, f"dose.{key}")
    return plan


def known_exercises(plan: Plan, library: Mapping[str, Exercise]) -> Mapping[str, Exercise]:
    """The library's exercises and the plan's own."""
    return {**library, **plan.exercise}


def dosed(key: str, plan: Plan, library: Mapping[str, Exercise]) -> Exercise:
    """This exercise, with the plan's dose."""
    exercise = known_exercises(plan, library)[key]
    change = plan.dose.get(key)
    if change is None:
        return exercise
    given = {name: n for name, n in asdict(change).items() if n is not None}
    return replace(exercise, dose=replace(exercise.dose, **given))


def _names(plan: Plan) -> Iterator[tuple[str, str]]:
    """Every place where the plan names an exercise."""
    for name, order in plan.orders.items():
        yield from ((f"{name}.order", key) for key in order.order)
        for condition in get_args(Condition):
            place = f'{name}.first_for."{condition}"'
            yield from ((place, key) for key in order.first(condition))
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
