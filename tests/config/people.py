"""Made-up runners, therapists and policies, within all that their files may say."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from msgspec import Struct

from treadguard.config import ConfigError, policy_as_toml_dict, policy_from_dict, settings
from treadguard.config.runner import Condition, Runner, Therapist
from treadguard.config.settings import ProfileNumbers
from treadguard.config.toml import Table, merged
from treadguard.guard.policy import Policy


def number(hint: Any) -> st.SearchStrategy[float]:
    """Any number within the range of a key."""
    optional = [kind for kind in get_args(hint) if get_origin(kind) is Annotated]
    kind, meta = get_args(optional[0] if optional else hint)
    if kind is int:
        return st.integers(meta.ge, meta.le)
    return st.floats(meta.ge, meta.le).map(lambda value: round(value, 1))


def _number_keys(kind: type[Struct]) -> dict[str, st.SearchStrategy[float]]:
    hints = get_type_hints(kind, include_extras=True)
    return {key: number(hint) for key, hint in hints.items() if "ge=" in str(hint)}


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)

RUNNER_TABLES: st.SearchStrategy[Table] = st.fixed_dictionaries(
    {"cleared": st.booleans()},
    optional={
        **_number_keys(Runner),
        "hurts": WORDS,
        "since": WORDS,
        "conditions": st.lists(st.sampled_from(get_args(Condition)), max_size=3),
        "sensitive_to": st.sampled_from(["unknown", "flexion", "extension"]),
        "cleared_on": st.dates(date(2000, 1, 1)),
        "red_flag": st.booleans(),
    },
).map(lambda table: table if table["cleared"] else {**table, "cleared_on": None})

THERAPIST_TABLES: st.SearchStrategy[Table] = st.fixed_dictionaries(
    {},
    optional={
        **_number_keys(Therapist),
        "mdt": st.sampled_from(["flexion", "extension"]),
        "note": WORDS,
    },
)


def _file(runner: Table, therapist: Table, own: Table) -> Table:
    said = {key: value for key, value in runner.items() if value is not None}
    return {**own, "runner": said, "therapist": therapist}


PROFILES: st.SearchStrategy[Table] = st.builds(
    _file,
    RUNNER_TABLES,
    THERAPIST_TABLES,
    st.fixed_dictionaries(
        {}, optional={**_number_keys(ProfileNumbers), "grade_first": st.booleans()}
    ),
)
"""Whole profile files that are fine."""


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """The default policy with a few keys moved, as far as they may go."""
    numbers = policy_as_toml_dict(Policy())
    keys = [
        (settings._RENAMED.get(table, table), key, strategy)
        for table, kind in settings._TABLES.items()
        for key, strategy in _number_keys(kind).items()
    ]
    for table, key, strategy in draw(st.lists(st.sampled_from(keys), max_size=8)):
        moved = merged(numbers, {table: {key: draw(strategy)}})
        try:
            policy_from_dict(moved)
        except ConfigError:
            continue
        numbers = moved
    return policy_from_dict(numbers)
