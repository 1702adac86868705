"""A journal's human inputs, played again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.closed_loop.test_scenario_player import played

from treadguard.closed_loop.rerun import rerun
from treadguard.replay.reader import Journal, read

HUMAN = ("pain", "symptom", "posture", "operator", "consent")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    result = played(
        60,
        {"s": 26, "do": "posture", "trunk_deg": 3, "for_s": 1},
        {"s": 30, "do": "pain", "level": 2},
        {"s": 40, "do": "kill"},
        {"s": 50, "do": "symptom", "what": "weakness"},
    )
    path = tmp_path / "journal.jsonl"
    path.write_bytes(result.played.journal)
    return read(path)


def test_the_same_machine_gives_the_same_story(journal: Journal) -> None:
    again = rerun(journal, "ideal")
    assert again.failure is None
    assert again.unheard == ()
    before = [
        (line["t"], line["kind"], line.get("op"), line.get("to"), line.get("do"))
        for line in journal.lines
        if line["kind"] in ("command", "phase", "operator", "pain", "symptom", "restart")
    ]
    after = [
        (line["t"], line["kind"], line.get("op"), line.get("to"), line.get("do"))
        for line in again.lines
        if line["kind"] in ("command", "phase", "operator", "pain", "symptom", "restart")
    ]
    assert after == before[: len(after)]
    assert len(after) > 20


def test_another_machine_answers_in_its_own_way(journal: Journal) -> None:
    again = rerun(journal, "citysports")
    assert again.failure is None
    assert [line["t"] for line in again.lines if line["kind"] == "pain"] == [30_000]
    assert [line for line in again.lines if line["kind"] == "telemetry"] != [
        line for line in journal.lines if line["kind"] == "telemetry"
    ]
