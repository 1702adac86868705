"""`treadguard routine`: guided routines beside the treadmill, and the exercises in them.

Here: options, the runner's file, and what is said when the guide is left. Not here: what is chosen
(routines/choosing.py), the screen (dashboard/guide.py). The rule to keep: it needs no treadmill and
no service, and moves no belt.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from treadguard.cli import dash, typer_app
from treadguard.cli.failure import CHECK_FAILED, Failure, bad_input
from treadguard.cli.folded import print_folded
from treadguard.config import ConfigError, user_profile
from treadguard.config.runner import profile_file
from treadguard.config.toml import closest, read_toml
from treadguard.routines.choosing import (
    CONDITIONS,
    DIRECTIONS,
    Refused,
    Routine,
    check_cleared,
    choose,
    why_not,
)
from treadguard.routines.course import Station, seconds_of
from treadguard.routines.exercise import Exercise
from treadguard.routines.in_words import (
    dose_in_words,
    exercise_in_words,
    minutes,
    routine_in_words,
)
from treadguard.routines.library import library, own_plan
from treadguard.routines.plan_file import (
    Plan,
    RoutineName,
    dosed,
    known_exercises,
    load_plan,
    user_plan,
)
from treadguard.routines.red_flags import RedFlag, red_flag_questions
from treadguard.routines.svg_picture import svg_picture
from treadguard.routines.text_picture import ASCII, BLOCKS, text_picture

app = typer_app.application(
    "Go through a guided routine before or after the treadmill, in a break, or for strength.\n\n"
    "On a terminal it guides you with pictures, a countdown and large words; into a file or a"
    " pipe it prints the routine. It moves no belt.",
    "treadguard routine before",
)

Conditions = Annotated[
    str | None,
    typer.Option(
        metavar="LIST",
        help=f"Your back's conditions, with commas: {', '.join(CONDITIONS)}; or none. Without it"
        " those of your profile.",
    ),
]
Mdt = Annotated[
    str | None,
    typer.Option(
        metavar="DIRECTION",
        help="The direction that a therapist has pinned: extension or flexion; or none. Without it"
        " that of your profile.",
    ),
]
Cleared = Annotated[
    bool, typer.Option("--cleared", help="A professional has cleared your spinal injury.")
]


class _Known(Struct, frozen=True):
    """What the routine is chosen by."""

    conditions: frozenset[str]
    mdt: str | None
    cleared: bool


def main(args: list[str]) -> int:
    return typer_app.run(app, "routine", args)


@app.command(epilog="Example: treadguard routine before --conditions sciatica --mdt extension")
def before(conditions: Conditions = None, mdt: Mdt = None, cleared: Cleared = False) -> int:
    """Before the treadmill: questions, then stretches.

    Few questions first, of which a yes ends it; then posture check, warm-up and stretches.
    """
    return _routine("before", _known(conditions, mdt, cleared=cleared))


@app.command(epilog="Example: treadguard routine after")
def after(conditions: Conditions = None, mdt: Mdt = None, cleared: Cleared = False) -> int:
    """After the treadmill: stretches."""
    return _routine("after", _known(conditions, mdt, cleared=cleared))


@app.command(epilog='Example: treadguard routine strength --conditions "weak core, facet"')
def strength(conditions: Conditions = None, mdt: Mdt = None, cleared: Cleared = False) -> int:
    """Strength for core, hips and legs, two or three times a week."""
    return _routine("strength", _known(conditions, mdt, cleared=cleared))


@app.command("break", epilog="Example: treadguard routine break")
def in_a_break(conditions: Conditions = None, mdt: Mdt = None, cleared: Cleared = False) -> int:
    """In a break: catch your breath, sip water, check your posture."""
    return _routine("break", _known(conditions, mdt, cleared=cleared))


@app.command(epilog="Example: treadguard routine do wall-test")
def do(
    exercises: Annotated[list[str], typer.Argument(metavar="NAME...", show_default=False)],
    conditions: Conditions = None,
    mdt: Mdt = None,
    cleared: Cleared = False,
) -> int:
    """Go through exercises by name, in this order."""
    plan = _plan()
    by_name = known_exercises(plan, library())
    known = _known(conditions, mdt, cleared=cleared)
    try:
        check_cleared(known.conditions, cleared=known.cleared)
    except Refused as error:
        raise Failure(CHECK_FAILED, str(error)) from error
    for key in exercises:
        found = why_not(key, plan, _one(key, by_name), known.conditions, known.mdt)
        if found is not None:
            raise Failure(
                CHECK_FAILED,
                f"'{key}' is left out for you ({found[0]}); a therapist can put it into the list"
                " 'allow' of routines.toml",
            )
    stations = tuple(Station(key, dosed(key, plan, library())) for key in exercises)
    return _go_through(Routine("do", stations, ()), ())


@app.command("list", epilog="Example: treadguard routine list")
def list_exercises() -> None:
    """List the exercises, with dose and length."""
    plan = _plan()
    known = known_exercises(plan, library())
    width = max(map(len, known))
    lines = []
    for key in known:
        exercise = dosed(key, plan, library())
        length = minutes(seconds_of(exercise))
        lines.append(f"{key:<{width}}  {length:>5}  {exercise.name}: {dose_in_words(exercise)}")
    print_folded(lines, width + 9)


@app.command(epilog="Example: treadguard routine show cobra --svg cobra.svg")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write its picture there, as SVG.")
    ] = None,
) -> None:
    """Show an exercise: picture, dose, steps, and who leaves it out."""
    plan = _plan()
    known = known_exercises(plan, library())
    _one(name, known)
    exercise = dosed(name, plan, library())
    if svg is not None:
        if not exercise.frame:
            raise bad_input(f"'{name}' has no picture: give it a [[exercise.{name}.frame]]")
        svg.write_text(svg_picture(exercise.name, exercise.frame), encoding="utf-8")
        print(f"{svg}: written")
        return
    ink = BLOCKS if (sys.stdout.encoding or "").lower().startswith("utf") else ASCII
    pictures = {
        frame.name: text_picture(frame, exercise.frame, ink=ink) for frame in exercise.frame
    }
    print_folded(exercise_in_words(exercise, pictures, known), 8)


@app.command(epilog="Example: treadguard routine check routines.toml")
def check(file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)]) -> None:
    """Check a therapist's routines.toml.

    Says what is wrong with it, and where.
    """
    try:
        load_plan(file, library())
    except ConfigError as error:
        raise bad_input(str(error)) from error
    print(f"{file}: fine")


def _routine(name: RoutineName, known: _Known) -> int:
    try:
        routine = choose(
            name,
            _plan(),
            own_plan(),
            library(),
            conditions=known.conditions,
            mdt=known.mdt,
            cleared=known.cleared,
        )
    except Refused as error:
        raise Failure(CHECK_FAILED, str(error)) from error
    return _go_through(routine, red_flag_questions() if name == "before" else ())


def _go_through(routine: Routine, questions: tuple[RedFlag, ...]) -> int:
    """Guide on a terminal, print elsewhere; the exit code."""
    if not is_terminal():
        print_folded(routine_in_words(routine, questions), 5)
        return 0
    from treadguard.dashboard.guide import Guide

    guide = Guide(routine, questions)
    outcome = guide.run(mouse=False)
    if outcome is None or guide.return_code:
        raise Failure(
            CHECK_FAILED,
            "the screen has failed: the same command with '| cat' after it prints the routine",
        )
    if outcome.red_flag is not None:
        raise Failure(CHECK_FAILED, outcome.red_flag.then)
    print_folded(outcome.in_words(), 2)
    return 0


def is_terminal() -> bool:
    """Whether it can be guided here; a routine that is sent elsewhere is meant to be read."""
    return dash.is_terminal() and sys.stdout.isatty()


def _plan() -> Plan:
    """The therapist's plan, or an empty one."""
    path = user_plan()
    if path is None:
        return Plan()
    try:
        return load_plan(path, library())
    except ConfigError as error:
        raise bad_input(str(error)) from error


def _one(key: str, known: Mapping[str, Exercise]) -> Exercise:
    if key not in known:
        raise bad_input(f'there is no exercise "{key}"; {closest(key, known)}')
    return known[key]


def _known(conditions: str | None, mdt: str | None, *, cleared: bool) -> _Known:
    """What the options say, and for what they don't say, the profile."""
    path = user_profile()
    where = "the profile" if path is None else str(path)
    try:
        _, runner, therapist = profile_file({} if path is None else read_toml(path), where)
    except ConfigError as error:
        raise bad_input(str(error)) from error
    named: list[str]
    pinned: str | None
    if conditions is None:
        named = list(runner.conditions)
    else:
        where, named = "--conditions", [_plain(one) for one in conditions.split(",")]
        if named == ["none"]:
            named = []
    for one in named:
        if one not in CONDITIONS:
            raise bad_input(f'{where}: there is no condition "{one}"; {closest(one, CONDITIONS)}')
    if mdt is None:
        where, pinned = "the profile" if path is None else str(path), therapist.mdt
    else:
        where, pinned = "--mdt", None if mdt == "none" else mdt
    if pinned is not None and pinned not in DIRECTIONS:
        raise bad_input(f'{where}: mdt must be "extension" or "flexion", not "{pinned}"')
    return _Known(frozenset(named), pinned, cleared or runner.cleared)


def _plain(condition: str) -> str:
    return " ".join(condition.lower().replace("-", " ").replace("_", " ").split())
