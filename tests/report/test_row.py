"""A journal as a row: figures from the session, and whether and how fast it ended for pain."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.report.pasts import NOW, SESSIONS, recorded, walked

from treadguard.closed_loop.scenario_player import play
from treadguard.replay.reader import Journal, read
from treadguard.report.row import COUNTS_MS, Row, row_of
from treadguard.report.session import session_of
from treadguard.scenario import scenario_from_dict


@pytest.mark.parametrize("path", sorted(SESSIONS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_recording_has_a_row_with_its_own_figures(path: Path) -> None:
    row, figures = row_of(read(path), path), session_of(read(path)).figures
    assert not row.is_real
    for name in ("lasted_ms", "moving_ms", "distance_m", "load", "max_speed", "worst_pain"):
        assert getattr(row, name) == getattr(figures, name)
    # What the guard has ended for a symptom or strong pain, and nothing else.
    assert (row.pain_end_ms is not None) == ("red_flag" in path.stem)


def test_a_break_after_pain_6_is_a_trigger_and_no_end_for_pain() -> None:
    row = recorded("walk_with_a_break")
    assert (row.triggers, row.breaks, row.stops, row.worst_pain, row.last_pain) == (1, 1, 1, 6, 1)
    assert row.pain_end_ms is None
    assert row.counts


def test_a_symptom_ends_for_pain_at_the_speed_before_it() -> None:
    row = recorded("ideal_red_flag")
    assert (row.pain_end_ms, row.speed_then, row.speed_min) == (50_000, 500, 100)
    assert row.pain_end == row.started.replace(second=50)


def line(seq: int, t: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"seq": seq, "t": t, "kind": kind, **more}


def lived(*lines: dict[str, Any]) -> Row:
    header = read(SESSIONS / "walk_with_a_break.jsonl").header
    return row_of(Journal(header, lines, 0, torn=False, ended=False), Path("x.jsonl"))


def pain(t: int, level: int | None, *, retained: bool = False) -> dict[str, Any]:
    more = {"source": "x", "role": "local", "retained": retained, "id": None}
    return line(0, t, "pain", level=level, **more)


RAN = (
    line(1, 0, "phase", **{"from": "READY"}, to="RUNNING"),
    line(2, 1_000, "telemetry", speed=600),
)


@pytest.mark.parametrize(
    ("level", "retained", "ends"),
    [
        (6, False, False),
        (7, False, True),
        (10, False, True),
        (None, False, False),
        (9, True, False),
    ],
)
def test_pain_from_end_at_on_is_an_end_and_an_old_message_none(
    level: int | None, *, retained: bool, ends: bool
) -> None:
    row = lived(*RAN, pain(2_000, level, retained=retained))
    assert (row.pain_end_ms, row.speed_then) == ((2_000, 600) if ends else (None, None))


def test_the_speed_before_the_end_is_one_at_which_the_belt_ran() -> None:
    slowing = (
        line(3, 2_000, "phase", **{"from": "RUNNING"}, to="STOPPING"),
        line(4, 3_000, "telemetry", speed=200),
        line(5, 4_000, "telemetry", speed=0),
    )
    assert lived(*RAN, *slowing, pain(5_000, 8)).speed_then == 600
    planned = (
        line(3, 2_000, "operator", do="end", value=None, role="local"),
        line(4, 3_000, "telemetry", speed=150),
    )
    assert lived(*RAN, *planned, pain(5_000, 8)).speed_then == 600
    # Later than the pain it says nothing; and a belt that never ran had no speed.
    assert lived(*RAN, pain(1_500, 8), line(6, 3_000, "telemetry", speed=300)).speed_then == 600
    assert lived(pain(0, 8)).speed_then is None


def test_a_fourth_trigger_is_an_end_for_pain() -> None:
    """Also holds the guard's own words to those that the row looks for."""
    at: list[dict[str, Any]] = [{"s": 5.0, "do": "start"}]
    for n in range(4):
        t = 60.0 + 100 * n
        at += [{"s": t, "do": "pain", "level": 5}, {"s": t + 60, "do": "pain", "level": 0}]
        at.append({"s": t + 61, "do": "resume"})
    scenario = scenario_from_dict(
        {"name": "x", "duration_s": 500, "policy": {"break": {"min_s": 30}}, "at": at}, "x"
    )
    played = play(scenario).played
    header = read(SESSIONS / "walk_with_a_break.jsonl").header
    row = row_of(Journal(header, played.lines, 0, torn=False, ended=False), Path("x"))
    assert (row.triggers, row.pain_end_ms, row.ended) == (4, 360_000, ("break", "too many breaks"))


def test_a_trial_of_the_start_is_no_session_but_one_that_ended_for_pain_is() -> None:
    assert walked(1, COUNTS_MS / 60_000).counts
    assert not walked(1, 0.9).counts
    assert walked(1, 0, pain_end_ms=5).counts


def test_upright_is_a_share_of_what_was_seen() -> None:
    assert walked(1).upright is None
    assert walked(1, seen_ms=200, upright_ms=150).upright == 0.75


@pytest.mark.parametrize("started", ["2026-01-01T00:00:00", "0001-01-01T00:00:00+00:00", "today"])
def test_a_start_that_no_clock_has_shown_is_refused(tmp_path: Path, started: str) -> None:
    first, *rest = (SESSIONS / "ideal_red_flag.jsonl").read_text().splitlines()
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join([json.dumps({**json.loads(first), "started": started}), *rest]))
    with pytest.raises(ValueError, match=r"start|isoformat"):
        row_of(read(path), path)
    with pytest.raises(ValueError, match="its start can't be"):
        replace(walked(1), started=NOW.replace(tzinfo=None))
