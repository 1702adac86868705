"""Exercises made for a test, and a way to make any."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from treadguard.routines.course import Station
from treadguard.routines.exercise import Dose, Exercise, LeaveOut, Move


def made(name: str = "Nod", **changes: Any) -> Exercise:
    """An exercise of one move of 3 s."""
    given: dict[str, Any] = {
        "name": name,
        "what_for": "a test",
        "source": "made up",
        "repetition": (Move("Now do it.", "now", 3),),
        **changes,
    }
    return Exercise(**given)


def ruled_out(condition: Any, **more: Any) -> LeaveOut:
    return LeaveOut(condition, "it would hurt", **more)


moves = st.builds(
    Move,
    say=st.just("Now."),
    big=st.just("now"),
    seconds=st.one_of(st.integers(2, 60), st.just("hold")),
)
doses = st.builds(
    Dose,
    sets=st.integers(1, 3),
    repetitions=st.integers(1, 4),
    hold_s=st.integers(2, 120),
    rest_s=st.integers(2, 180),
)


@st.composite
def exercises(draw: st.DrawFn) -> Exercise:
    return made(
        start=tuple(draw(st.lists(moves, max_size=2))),
        repetition=tuple(draw(st.lists(moves, min_size=1, max_size=3))),
        end=tuple(draw(st.lists(moves, max_size=2))),
        dose=draw(doses),
        each_side=draw(st.booleans()),
    )


stations = st.lists(
    exercises().map(lambda exercise: Station("nod", exercise)), min_size=1, max_size=4
)
