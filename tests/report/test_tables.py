"""The rows of the tables, where a recorded page doesn't show them already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.report.conftest import SESSIONS

from treadguard.report import tables
from treadguard.report.reading import Told, told
from treadguard.report.session import Act, Lean, Rating, Said


@pytest.fixture(scope="module")
def walk() -> Told:
    return told(SESSIONS / "walk_with_a_break.jsonl")


def act(why: str) -> Act:
    return Act(9_000, 9_000, "set_speed", 600, 540, (why,), shadow=False)


def test_a_reason_comes_with_what_was_seen_or_heard_last_before_it(walk: Told) -> None:
    leans = (Lean(8_000, 244, None, None), Lean(9_001, 10, 10, None))
    ratings = (Rating(7_000, 3, "local"), Rating(8_000, None, "local"), Rating(9_001, 1, "local"))
    acts = (act("posture"), act("pain"), act("ease"))
    session = replace(walk.session, leans=leans, ratings=ratings, acts=acts)
    found = [row.why for row in tables.acts(session)]
    assert found[0][0].endswith("Last: trunk 24°, neck –°.")
    assert found[1][0] == "The runner reported pain. Last: the button, at 0:08."
    assert found[2][0] == "The runner asked to make it easier."
    bare = replace(session, leans=(), ratings=())
    assert not any("Last:" in why for row in tables.acts(bare) for why in row.why)


def test_a_pulled_key_stands_among_what_the_runner_did(walk: Told) -> None:
    pulled: dict[str, Any] = {"seq": 0, "t": 60_000, "kind": "machine", "status": 3}
    journal = replace(walk.journal, lines=(*walk.journal.lines, pulled))
    found = tables.runner(replace(walk, journal=journal))
    assert found[3] == ("1:00", "The safety key was pulled", "at 5.2 km/h on the flat")


def test_a_crash_stands_among_what_was_heard(walk: Told) -> None:
    said = (Said(1_000, "cue", "Stand tall."), Said(2_000, "restart", "the service starts again"))
    found = list(tables.heard(replace(walk.session, said=said)))
    assert found == [
        ("0:01", "cue", "Stand tall."),
        ("0:02", "restart", "treadguard had crashed, and went on."),
    ]


def test_the_time_line_as_a_table_is_never_long(walk: Told) -> None:
    for lasted in (1, 275_000, 3_600_000, 7 * 24 * 3_600_000):
        figures = replace(walk.session.figures, lasted_ms=lasted)
        rows = list(tables.minutes(replace(walk, session=replace(walk.session, figures=figures))))
        assert 1 <= len(rows) <= tables.MOST_ROWS
