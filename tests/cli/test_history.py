"""`treadguard history` and what is added to it, from the journals on the disk to the lines."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run
from tests.report.pasts import as_if_real

from treadguard.report.diary import diary_file
from treadguard.report.index import index_file, sessions_folder

AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)


@pytest.fixture
def walks(runtime: Path) -> list[Path]:
    """A real session two days ago, and one on the simulated treadmill."""
    assert runtime.is_dir()
    real = as_if_real("walk_with_a_break", sessions_folder(), AGO)
    simulated = as_if_real(
        "uphill_with_posture", sessions_folder(), AGO, treadmill={"name": "sim", "is_real": False}
    )
    return [real, simulated]


def asked(run: Run, *args: str) -> dict[str, Any]:
    ended = run("history", "--json", *args)
    assert (ended.code, ended.err) == (0, "")
    found: dict[str, Any] = json.loads(ended.out)
    return found


def test_no_session_yet_is_said_plainly(run: Run) -> None:
    ended = run("history")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("no sessions yet: 'treadguard run --treadmill NAME'")
    assert asked(run)["sessions"] == []
    assert run("history", "--sim").out.startswith("no sessions yet: 'treadguard run --tr")


@pytest.mark.usefixtures("walks")
def test_real_sessions_and_simulated_ones_are_kept_apart(run: Run) -> None:
    real, simulated = asked(run)["sessions"], asked(run, "--sim")["sessions"]
    assert [row["treadmill"] for row in real] == ["Pad (AA:BB)"]
    assert [row["treadmill"] for row in simulated] == ["sim"]
    assert asked(run)["weeks"][-1]["sessions"] == 1
    assert asked(run, "--sim")["next"] is None
    assert "For the next start" not in run("history", "--sim").out


@pytest.mark.usefixtures("runtime")
def test_a_session_recorded_with_other_settings_counts_as_any(run: Run) -> None:
    path = as_if_real(
        "walk_with_a_break",
        sessions_folder(),
        AGO,
        policy={"pain": {"stop_above": 4, "yell_above": 3}, "music": {"tempo": 170}},
        profile={"dog_kg": 9.0},
        initial_state={},
    )
    (row,) = asked(run)["sessions"]
    assert row["worst_pain"] == 6
    ended = run("report", str(path))
    assert ended.code == 0
    assert "its settings are of another version of treadguard" in ended.out
    exact = run("replay", str(path), "--check")
    assert exact.code == 2
    assert "line 1: its policy can't be taken" in exact.err


def test_with_simulated_ones_alone_it_says_where_they_are(run: Run, walks: list[Path]) -> None:
    walks[0].unlink()
    assert "'treadguard history --sim' shows 1 simulated" in run("history").out


@pytest.mark.usefixtures("walks")
def test_the_page_has_sessions_charts_weeks_and_what_follows(run: Run) -> None:
    lines = run("history").out.splitlines()
    local = AGO.astimezone()
    assert lines[1].startswith(f"{local:%Y-%m-%d %H:%M}    2   0.1")
    assert lines[1].endswith("6→1       1        -")
    assert lines[3].startswith("worst pain")
    assert sum(line.startswith("seven days to") for line in lines) == 1
    assert "  Up to 1 min is within your usual" in run("history").out
    assert "treadguard history morning 2 --same" in lines[-1]


@pytest.mark.usefixtures("walks")
def test_effort_is_the_load_by_session_rpe(run: Run) -> None:
    assert run("history", "effort", "4").out.endswith("effort 4 times 2 min is a load of 7\n")
    (row,) = asked(run)["sessions"]
    assert (row["rpe"], row["rpe_load"]) == (4.0, pytest.approx(4 * row["moving_ms"] / 60_000, 0.1))
    assert run("history", "effort", "2", "--sim").code == 0
    assert asked(run, "--sim")["sessions"][0]["rpe"] == 2.0
    assert asked(run)["sessions"][0]["rpe"] == 4.0


@pytest.mark.usefixtures("walks")
def test_the_morning_after_is_answered_once_and_worse_slows_the_next(run: Run) -> None:
    assert asked(run)["next"]["asks_morning"] is not None
    ended = run("history", "morning", "3", "--worse")
    assert (ended.code, ended.err) == (0, "")
    found = asked(run)
    assert found["next"]["asks_morning"] is None
    assert found["next"]["ceiling_kmh"] == 5.4
    assert found["sessions"][0]["morning"] == {"pain": 3, "feels": "worse"}


@pytest.mark.usefixtures("walks")
def test_shoes_count_from_their_day_on(run: Run) -> None:
    assert asked(run)["shoes"] is None
    assert run("history", "shoes", "Brand  X").out.startswith("Brand X, in use since 20")
    assert asked(run)["shoes"]["km"] == 0
    since = f"{AGO.astimezone():%Y-%m-%d}"
    assert run("history", "shoes", "Old", "--since", since).code == 0
    assert asked(run)["shoes"]["km"] == pytest.approx(0.1, abs=0.05)
    assert "Shoes: Old, 0.1 km" in run("history").out


def test_a_pain_end_locks_and_is_shown(run: Run) -> None:
    as_if_real("ideal_red_flag", sessions_folder(), datetime.now(UTC) - timedelta(hours=1))
    found = asked(run)["next"]
    assert found["ceiling_kmh"] == 4.5
    assert datetime.fromisoformat(found["locked_until"]) > datetime.now(UTC) + timedelta(hours=22)
    out = run("history").out
    assert "ended: pain" in out
    assert "  Locked: a session has ended for pain, and the belt rests until" in out


@pytest.mark.usefixtures("runtime")
def test_since_shows_all_from_that_day_on(run: Run) -> None:
    for days in range(1, 17):
        as_if_real("ideal_bent_over", sessions_folder(), AGO - timedelta(days=days))
    assert len(asked(run)["sessions"]) == 14
    since = f"{(AGO - timedelta(days=3)).astimezone():%Y-%m-%d}"
    assert len(asked(run, "--since", since)["sessions"]) == 3
    assert len(asked(run, "--since", "2000-01-01")["sessions"]) == 16
    assert run("history", "--since", "2900-01-01").out.startswith("no session since then; the last")


def test_a_damaged_journal_is_named_and_the_rest_is_shown(run: Run, walks: list[Path]) -> None:
    walks[1].write_text("{}\n")
    ended = run("history")
    assert ended.code == 0
    assert ended.err.startswith(f"treadguard: {walks[1]}, line 1: ")
    assert "6→1" in ended.out


@pytest.mark.usefixtures("walks")
def test_a_damaged_index_or_diary_is_said_in_a_line(run: Run) -> None:
    run("history")
    index_file().write_bytes(b"x" * 9000)
    diary_file().write_text("nonsense\n")
    ended = run("history")
    assert ended.code == 0
    assert len(ended.err.splitlines()) == 2
    assert "was damaged, and was made anew" in ended.err
    assert "holds 1 lines that can't be read" in ended.err


@pytest.mark.usefixtures("walks")
def test_rebuild_believes_the_journals_alone(run: Run) -> None:
    true = asked(run)["sessions"]
    with closing(sqlite3.connect(index_file())) as db, db:
        db.execute("UPDATE sessions SET load = 99")
    assert asked(run)["sessions"][0]["load"] == 99
    assert asked(run, "--rebuild")["sessions"] == true


@pytest.mark.usefixtures("walks")
def test_on_a_terminal_of_80_columns_everything_fits(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in range(8, 40, 7):
        as_if_real("ideal_bent_over", sessions_folder(), AGO - timedelta(days=days))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    out = run("history").out
    assert "The ratio is a picture, no forecast" in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    "words",
    [
        "effort",
        "effort 11",
        "effort x",
        "effort nan",
        "effort -1",
        "morning 3",
        "morning 3 --worse --same",
        "morning 11 --worse",
        "morning 2.5 --same",
        "shoes",
        "--since yesterday",
        "--since 2026-13-01",
        "effrt 3",
        "--json effort 3",
    ],
)
def test_what_it_doesnt_understand_changes_nothing(run: Run, walks: list[Path], words: str) -> None:
    ended = run("history", *words.split())
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("treadguard: ")
    assert ended.err.count("\n") == 1
    assert "unexpectedly" not in ended.err
    assert not diary_file().exists()
    assert walks[0].exists()


@pytest.mark.usefixtures("runtime")
def test_without_a_session_there_is_nothing_to_rate(run: Run) -> None:
    for words in (["effort", "4"], ["effort", "4", "--sim"], ["morning", "3", "--same"]):
        ended = run("history", *words)
        assert (ended.code, ended.out) == (2, "")
    as_if_real("walk_with_a_break", sessions_folder(), datetime.now(UTC) - timedelta(seconds=1))
    ended = run("history", "morning", "3", "--same")
    assert (ended.code, "answer tomorrow morning" in ended.err) == (2, True)


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\x1b[2Jb"])
def test_a_name_that_cant_be_shown_is_refused(run: Run, name: str) -> None:
    assert run("history", "shoes", name).code == 2
    assert run("history", "shoes", "X", "--since", "2900-01-01").code == 2
    assert not diary_file().exists()


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere")
@pytest.mark.usefixtures("walks")
def test_a_diary_that_cant_be_written_is_one_sentence(run: Run) -> None:
    diary_file().touch(mode=0o400)
    ended = run("history", "effort", "4")
    assert (ended.code, ended.err.count("\n")) == (2, 1)


@pytest.mark.parametrize("sub", ["effort", "morning", "shoes"])
def test_each_addition_has_help_with_an_example(run: Run, sub: str) -> None:
    assert f"Example: treadguard history {sub}" in run("history", sub, "--help").out
