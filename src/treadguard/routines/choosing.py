"""Which exercises a runner does: the plan's order, less what a condition or a direction rules out.

Pure. The rules to keep: whatever is left out is named with its reason; where nobody who has
examined the runner has said otherwise, the tighter reading wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, get_args

from treadguard.config.runner import Condition
from treadguard.routines.course import Station
from treadguard.routines.exercise import Exercise
from treadguard.routines.plan_file import Plan, RoutineName, dosed, known_exercises

CONDITIONS: Final[tuple[Condition, ...]] = get_args(Condition)
DIRECTIONS: Final = ("extension", "flexion")

NOT_CLEARED: Final = (
    "no routine with a spinal injury or strain before a professional has cleared it: have it"
    " seen, and then say so in your profile or with --cleared"
)
"""A11."""


class Refused(Exception):
    """There is no routine for this runner; the text is one sentence with the way out."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An exercise that isn't done, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Routine:
    """What is done, in order, and what was left out on the way."""

    name: str
    stations: tuple[Station, ...]
    left_out: tuple[LeftOut, ...]


def choose(
    name: RoutineName,
    plan: Plan,
    default: Plan,
    library: Mapping[str, Exercise],
    *,
    conditions: frozenset[str] = frozenset(),
    mdt: str | None = None,
    cleared: bool = False,
) -> Routine:
    """This runner's routine. Raises Refused.

    `plan` is the therapist's, `default` treadguard's; `mdt` a direction that a therapist has
    pinned; `cleared`: a professional has cleared a runner with the condition "vertebral".
    """
    check_cleared(conditions, cleared=cleared)
    order = plan.orders.get(name) or default.orders.get(name)
    keys: list[str] = []
    if order is not None:
        for condition in CONDITIONS:
            keys += order.first(condition) if condition in conditions else ()
        keys += order.order
    known = known_exercises(plan, library)
    left_out: dict[str, LeftOut] = {}
    chosen: dict[str, None] = {}
    for key in keys:
        for taken in _taken(key, plan, known, conditions, mdt, left_out):
            chosen.setdefault(taken)
    if not chosen:
        raise Refused(
            f"nothing is left of the routine '{name}': everything in it was ruled out; ask your"
            " therapist for a plan in routines.toml"
        )
    stations = tuple(Station(key, dosed(key, plan, library)) for key in chosen)
    return Routine(name, stations, tuple(left_out.values()))


def check_cleared(conditions: frozenset[str], *, cleared: bool) -> None:
    """Raise Refused where a professional must see the runner first (A11)."""
    if "vertebral" in conditions and not cleared:
        raise Refused(NOT_CLEARED)


def why_not(
    key: str, plan: Plan, exercise: Exercise, conditions: frozenset[str], mdt: str | None
) -> tuple[str, str | None] | None:
    """Why this runner leaves it out and what is done instead; None: it is done."""
    if key in plan.leave_out:
        return "your plan leaves it out", None
    if key in plan.allow:
        return None
    bends = exercise.direction
    if bends is not None and mdt is not None and bends != mdt:
        return f"your therapist has pinned {mdt}, and this is {bends}", None
    for condition in CONDITIONS:
        rule = exercise.for_condition(condition) if condition in conditions else None
        if rule is None or (rule.unless_pinned and mdt is not None and bends == mdt):
            continue
        return f"{condition}: {rule.why}", rule.instead
    return None


def _taken(
    key: str,
    plan: Plan,
    known: Mapping[str, Exercise],
    conditions: frozenset[str],
    mdt: str | None,
    left_out: dict[str, LeftOut],
) -> Iterator[str]:
    """The exercise itself, or what replaces it; the rest goes into `left_out`."""
    seen: set[str] = set()
    while key not in seen:
        seen.add(key)
        found = why_not(key, plan, known[key], conditions, mdt)
        if found is None:
            yield key
            return
        why, instead = found
        then = f"; instead: {known[instead].name}" if instead is not None else ""
        left_out.setdefault(key, LeftOut(known[key].name, why + then))
        if instead is None:
            return
        key = instead
