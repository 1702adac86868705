"""What age, back and therapist tighten: which number, to what, and why.

The table RULES is the whole of it; the rows are the article's (A9-A12, A16-A18), the exact numbers
are conservative conventions of ours, with no study behind them. Not here: the keys and ranges
themselves (settings.py, runner.py). The rule to keep: a number here only ever tightens. Where the
file already says less, the file holds; where two apply, the tighter one does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from treadguard.config.runner import Condition, Runner, Therapist
from treadguard.config.toml import Table, merged

TIGHTER: Final[Mapping[str, Callable[[float, float], float]]] = {
    "pain.stop_above": min,
    "pain.hold_s": max,
    "break.resume_max": min,
    "break.max_triggers": min,
    "posture.trunk_cue_s": min,
    "posture.trunk_backoff_s": min,
    "posture.lean_extra_max_deg": min,
    "posture.asym_cue_pct": min,
    "posture.asym_backoff_pct": min,
    "ramp.raise_kmh_s": min,
    "warmup.min": max,
    "profile.speed_max_kmh": min,
    "profile.grade_max_pct": min,
    "profile.longest_min": min,
    "profile.grade_first": min,
}
"""Every key that may be tightened, and which of two of its numbers is the tighter.

Either value of `profile.grade_first` eases by the same share; false spares a back the flat.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """Those whom `holds_for` says get `to` (in a file's units) as the loosest of numbers.

    `row` is the article's, None where the number isn't its; `why` is one sentence for the runner.
    """

    name: str
    row: str | None
    holds_for: Callable[[Runner], bool]
    to: Mapping[str, float]
    why: str


@dataclass(frozen=True, slots=True)
class Tightened:
    """One number that was tightened: by what (with its row), and why."""

    key: str
    value: float
    by: str
    why: str


def _has(condition: Condition) -> Callable[[Runner], bool]:
    return lambda runner: condition in runner.conditions


_WARM_UP: Final = {"warmup.min": 8}
"""With a condition a warm-up takes so long at least (A12)."""

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "age",
        "A12",
        lambda runner: runner.age is not None and runner.age >= 30,
        {"ramp.raise_kmh_s": 0.2, "warmup.min": 5},
        "From thirty on, a quick start brings back pain sooner, so the belt gains speed slower and"
        " warms up longer.",
    ),
    Rule(
        "weak core",
        "A17",
        _has("weak core"),
        {
            "profile.grade_max_pct": 5,
            "posture.trunk_cue_s": 3,
            "posture.trunk_backoff_s": 8,
            **_WARM_UP,
        },
        "A core that tires lets the trunk fall forward, and an incline asks more of it: you are"
        " told sooner, and climb less.",
    ),
    Rule(
        "trigger points",
        "A17",
        _has("trigger points"),
        {"ramp.raise_kmh_s": 0.15, "pain.hold_s": 180, **_WARM_UP},
        "Tight muscles want slow changes and longer to let go, so raises are slower and an easing"
        " lasts longer.",
    ),
    Rule(
        "sacroiliac",
        "A16",
        _has("sacroiliac"),
        {"posture.asym_cue_pct": 7, "posture.asym_backoff_pct": 12, **_WARM_UP},
        "Uneven weight is what strains it, so less of it is told, and eased.",
    ),
    Rule(
        "facet",
        "A17",
        _has("facet"),
        {"profile.grade_max_pct": 5, "break.resume_max": 1, **_WARM_UP},
        "An irritated joint should settle before you go on, and an incline moves the lower back.",
    ),
    Rule(
        "hyperlordosis",
        "A18",
        _has("hyperlordosis"),
        {"profile.grade_max_pct": 5, **_WARM_UP},
        "Tight hips pull at a large curve on a steep incline, so that stays moderate.",
    ),
    Rule(
        "sciatica",
        "A10",
        _has("sciatica"),
        {
            "profile.grade_max_pct": 3,
            "break.resume_max": 1,
            "break.max_triggers": 2,
            **_WARM_UP,
        },
        "An incline can bring sciatica on, and a nerve that complains again wants an end, not"
        " another try.",
    ),
    Rule(
        "vertebral",
        "A11",
        _has("vertebral"),
        {
            "profile.grade_max_pct": 0,
            "break.resume_max": 1,
            "break.max_triggers": 1,
            **_WARM_UP,
        },
        "A strained or injured spine keeps off every incline, and a second stop for pain ends the"
        " session.",
    ),
    # Uphill the lower back bends forward, in studies of small numbers; the article mistrusts any
    # incline, so the other direction is capped as well, only higher.
    Rule(
        "flexion-sensitive",
        "A9",
        lambda runner: runner.sensitive_to == "flexion",
        {"profile.grade_max_pct": 2, "posture.lean_extra_max_deg": 2},
        "An incline makes one lean, and bending forward is what hurts you.",
    ),
    Rule(
        "extension-sensitive",
        "A9",
        lambda runner: runner.sensitive_to == "extension",
        {"profile.grade_max_pct": 5, "profile.grade_first": False},
        "An incline strains the lower back either way, though less where bending back is what"
        " hurts: going flat may hurt more, so an easing takes speed and leaves the incline.",
    ),
)


def _by_therapist(therapist: Therapist) -> Rule:
    said = {
        "profile.speed_max_kmh": therapist.speed_max_kmh,
        "profile.grade_max_pct": therapist.grade_max_pct,
        "pain.stop_above": therapist.pain_stop_above,
        "profile.longest_min": therapist.longest_min,
    }
    to = {key: number for key, number in said.items() if number is not None}
    return Rule("therapist", None, lambda _: True, to, "Your therapist's own limit.")


def rules_for(runner: Runner, therapist: Therapist) -> Iterator[Rule]:
    """Every rule that holds for this runner, the therapist's limits last."""
    yield from (rule for rule in RULES if rule.holds_for(runner))
    yield _by_therapist(therapist)


def tightened(
    numbers: Table, runner: Runner, therapist: Therapist
) -> tuple[Table, tuple[Tightened, ...]]:
    """`numbers` as tight as this runner needs them, and what became tighter by which rule.

    `numbers` are the tables of a whole policy file, with the four of the profile as "profile".
    """
    out = numbers
    by: dict[str, Tightened] = {}
    for rule in rules_for(runner, therapist):
        name = rule.name if rule.row is None else f"{rule.name} ({rule.row})"
        for key, number in rule.to.items():
            for path, value in (key, number), *_follows(out, key, number):
                if _at(out, path) != value and _tightens(path, _at(out, path), value):
                    out = _with(out, path, value)
                    by[path] = Tightened(path, value, name, rule.why)
    return out, tuple(by.values())


def _tightens(path: str, present: float | None, value: float) -> bool:
    if path == "break.resume_drop":  # see _follows
        return True
    return present is None or TIGHTER[path](present, value) == value


def _follows(numbers: Table, key: str, number: float) -> Iterator[tuple[str, float]]:
    """What else must change, so that a rating below the one that stops lets the runner go on.

    settings.py refuses a policy where that isn't so. Less to drop would be looser by itself, so
    where it is cut the runner goes on with a 0 alone.
    """
    if key != "pain.stop_above":
        return
    yield "break.resume_max", number
    if numbers["break"]["resume_drop"] > number + 1:
        yield "break.resume_drop", number + 1
        yield "break.resume_max", 0


def _at(numbers: Table, path: str) -> Any:
    table, key = path.split(".")
    return numbers[table].get(key)


def _with(numbers: Table, path: str, value: float) -> Table:
    table, key = path.split(".")
    return merged(numbers, {table: {key: value}})
