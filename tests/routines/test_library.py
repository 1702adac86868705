"""What stands in the library: the article's exercises, each with a dose whose source is named."""

from __future__ import annotations

import pytest

from treadguard.dashboard.dialogs import SYMPTOMS
from treadguard.routines.choosing import CONDITIONS, choose
from treadguard.routines.course import seconds_of
from treadguard.routines.in_words import (
    dose_in_words,
    exercise_in_words,
    minutes,
    routine_in_words,
)
from treadguard.routines.library import library, own_plan
from treadguard.routines.outcome import Outcome
from treadguard.routines.plan_file import ROUTINES, RoutineName
from treadguard.routines.red_flags import red_flag_questions

OF_THE_ARTICLE = {
    "cobra": "A22",
    "knees-to-chest": "A22",
    "hip-flexor": "A22",
    "side-to-side": "A22",
    "calf-stretch": "A22",
    "plank": "A22",
    "squat": "A22",
    "clamshell": "A22",
    "bridge": "A22",
    "wall-test": "A18",
    "core-brace": "A19",
    "glute-squeeze": "A20",
    "posture-check": "A4",
    "sip-water": "A4",
    "walk-on-the-spot": "A13",
}


def test_every_exercise_of_the_article_is_there_and_in_a_routine() -> None:
    assert set(OF_THE_ARTICLE) <= set(library())
    plan = own_plan()
    ordered = set()
    for name in ROUTINES:
        order = plan.orders[name]
        ordered |= {*order.order, *(key for one in CONDITIONS for key in order.first(one))}
    assert set(OF_THE_ARTICLE) <= ordered


@pytest.mark.parametrize("key", library())
def test_a_dose_names_the_article_or_says_that_it_is_a_convention(key: str) -> None:
    source = library()[key].source
    assert "article" in source
    assert "onvention" in source or "ours" in source


@pytest.mark.parametrize("key", library())
def test_what_replaces_an_exercise_is_there(key: str) -> None:
    for rule in library()[key].leave_out:
        assert rule.instead is None or rule.instead in library()


def test_the_two_directions_are_those_of_cobra_and_knees_to_chest() -> None:
    bends = {key: one.direction for key, one in library().items() if one.direction}
    assert bends == {"cobra": "extension", "knees-to-chest": "flexion"}


@pytest.mark.parametrize("name", ROUTINES)
def test_a_routine_takes_no_longer_than_anybody_will_do(name: RoutineName) -> None:
    order = own_plan().orders[name]
    longest = {"before": 12, "after": 10, "strength": 18, "break": 2}[name]
    assert sum(seconds_of(library()[key]) for key in order.order) <= longest * 60


def test_red_flags_are_few_are_questions_and_are_red_flags_of_the_guard_too() -> None:
    flags = {word for _, word, flag, _ in SYMPTOMS if flag}
    questions = red_flag_questions()
    assert 4 <= len(questions) <= 6
    for one in questions:
        assert one.question.endswith("?")
        assert one.then.startswith("Don't exercise")
        assert one.symptom in flags
    assert len({one.symptom for one in questions}) == len(questions)


def test_a_dose_is_said_in_words() -> None:
    assert dose_in_words(library()["plank"]) == "3 times, held 20 s, 30 s of rest between"
    assert dose_in_words(library()["calf-stretch"]) == "once, on each side, held 30 s"
    squat = "2 sets of 10, 45 s of rest between"
    assert dose_in_words(library()["squat"]) == squat
    assert dose_in_words(library()["walk-on-the-spot"]) == "3 times"
    assert minutes(65) == "1:05"


def test_an_exercise_in_words_names_everything_about_it() -> None:
    plank = library()["plank"]
    lines = list(exercise_in_words(plank, {"straight": ["ROW"]}, library()))
    text = "\n".join(lines)
    for piece in (plank.name, plank.what_for, plank.source, "ROW\n[straight]", *plank.avoid):
        assert piece in text
    assert "  - weak core: the long lever comes later; instead: Plank on the knees" in lines
    assert "   20 s  Hold, belly firm" not in text
    assert "  20 s  Hold, belly firm, keep breathing." in lines
    cobra = "\n".join(exercise_in_words(library()["cobra"], {}, library()))
    assert "Direction (MDT): extension" in cobra
    assert "unless a therapist has pinned its direction" in cobra
    wall = "\n".join(exercise_in_words(library()["wall-test"], {}, library()))
    assert "What it shows:\n  - A flat hand just fits: a usual curve." in wall


def test_a_routine_in_words_asks_first_and_names_what_is_left_out() -> None:
    routine = choose(
        "before", own_plan(), own_plan(), library(), conditions=frozenset({"sciatica"})
    )
    lines = list(routine_in_words(routine, red_flag_questions()))
    assert lines[0].startswith("Before the treadmill: about ")
    first = next(i for i, line in enumerate(lines) if line.startswith("1. "))
    for flag in red_flag_questions():
        assert any(flag.question in line and flag.then in line for line in lines[:first])
    assert any(line.startswith("  - Cobra (sciatica: ") for line in lines)
    assert "First" not in "\n".join(routine_in_words(routine))


def test_an_outcome_names_what_hurt_and_what_to_do_about_it() -> None:
    lines = list(Outcome(("Squat",), ("Plank",), ("Cobra",), ("Bridge",)).in_words())
    assert lines[:4] == [
        "Done: 1 of 4: Squat",
        "Skipped: Plank",
        "Not finished: Bridge",
        "It hurt: Cobra",
    ]
    assert "therapist" in lines[4]
    assert list(Outcome(("Squat",)).in_words()) == ["Done: 1 of 1: Squat"]
    flag = red_flag_questions()[3]
    assert list(Outcome(unfinished=("Squat",), red_flag=flag).in_words()) == [flag.then]
