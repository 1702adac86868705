"""The session in a few sentences, against what was done in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report.conftest import SESSIONS

from treadguard.replay.reader import read
from treadguard.report.session import Act, Rating, Sample, Session, session_of
from treadguard.report.summary import belt_at, sentences


@pytest.fixture(scope="module")
def walk() -> Session:
    return session_of(read(SESSIONS / "walk_with_a_break.jsonl"))


def test_a_walk_with_a_break(walk: Session) -> None:
    moved, pain, acts, breaks, posture, end = sentences(walk)
    assert moved == (
        "The belt moved for 1 min 49 s of 4 min 35 s, over 103 m, at most 6.0 km/h. The load was 1,"
        " where an hour of walking at 6.0 km/h on the flat is 60."
    )
    assert pain == (
        "Pain was reported 3 times (0 is none, 10 the worst): first 2, highest 6 at 1:10, the belt"
        " at 5.2 km/h on the flat, last 1. It was first above 0 at 0:50, the belt at 6.0 km/h on"
        " the flat."
    )
    assert acts == (
        "treadguard told the treadmill to go easier once and to stop once. Why, and how often:"
        " pain (2), break (1)."
    )
    assert breaks == "There was 1 break (2 min 13 s). Afterwards the belt went up to 3.1 km/h."
    assert posture == "No posture sensor was used."
    assert end == "How it ended: The runner ended the session."


def test_a_lean_uphill() -> None:
    told = list(sentences(session_of(read(SESSIONS / "uphill_with_posture.jsonl"))))
    assert told[1].startswith("Pain was reported once (0 is none, 10 the worst): 3 at 1:35, ")
    assert told[2].startswith("treadguard told the treadmill to go easier twice.")
    assert told[3] == "There was no break."
    assert told[4].startswith("Posture was in sight for ")
    assert "; 0 % of that was without" in told[4]


def test_the_bare_button_is_told_as_what_it_counts(walk: Session) -> None:
    pressed = replace(walk, ratings=(Rating(50_000, 3, "local"), Rating(70_000, None, "local")))
    told = list(sentences(pressed))[1]
    assert "first 3, highest button at 1:10, " in told
    assert told.endswith("The bare button, pressed once, counts as 5.")


def test_nothing_said_and_nothing_done(walk: Session) -> None:
    figures = replace(walk.figures, moving_ms=0)
    still = replace(walk, ratings=(), acts=(), stays=(), ended=(), figures=figures)
    assert list(sentences(still)) == [
        "The belt was not seen to move.",
        "The runner gave no pain rating.",
        "treadguard did not step in.",
        "There was no break.",
        "No posture sensor was used.",
        "The session was closed without a reason to end it.",
    ]


def test_a_session_cut_off_has_no_end_to_tell(walk: Session) -> None:
    told = list(sentences(replace(walk, whole=False)))
    assert told[-1] == "The journal breaks off: the session was cut off, or still runs."


def test_in_shadow_it_is_told_as_what_would_have_been(walk: Session) -> None:
    act = Act(5_000, 5_000, "stop", 600, None, ("pain", "break"), shadow=True)
    told = list(sentences(replace(walk, acts=(act,))))
    assert told[2].startswith("treadguard would have told the treadmill to stop once.")


def test_symptoms_are_named(walk: Session) -> None:
    told = list(sentences(replace(walk, symptoms=("numbness", "chest pain"))))
    assert told[2] == "Symptoms that the runner reported: numbness, chest pain."


@pytest.mark.parametrize(
    ("t", "said"),
    [
        (999, "at an unknown speed"),
        (1_000, "at 5.0 km/h and 2.5 %"),
        (4_000, "at 5.0 km/h and 2.5 %"),
        (4_001, "at an unknown speed"),
        (6_000, "at rest"),
        (7_000, "at an unknown speed"),
        (8_000, "at 3.0 km/h and – %"),
        (9_000, "at 3.0 km/h on the flat"),
    ],
)
def test_the_belt_at_a_moment_is_what_was_measured_then(walk: Session, t: int, said: str) -> None:
    samples = (
        Sample(1_000, 500, 25),
        Sample(6_000, 5, 0),
        Sample(7_000, None, None),
        Sample(8_000, 300, None),
        Sample(9_000, 300, 0),
    )
    assert belt_at(replace(walk, samples=samples), t) == said
