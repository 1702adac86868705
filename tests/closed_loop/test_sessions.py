"""The recorded sessions: recomputed exactly, and played again to the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from treadguard.closed_loop.scenario_player import play
from treadguard.replay.check import check
from treadguard.scenario import read_scenario
from treadguard.sim.presets import PRESETS

SESSIONS = Path(__file__).parents[1] / "sessions"
NAMES = sorted(path.stem for path in SESSIONS.glob("*.jsonl"))


def test_there_are_sessions_and_each_has_its_scenario() -> None:
    assert len(NAMES) >= 30
    assert sorted(path.stem for path in SESSIONS.glob("*.toml")) == NAMES


def test_the_sessions_are_of_every_preset() -> None:
    scenarios = [read_scenario(path) for path in SESSIONS.glob("*.toml")]
    assert {scenario.machine.preset for scenario in scenarios} == set(PRESETS)


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_session_is_recomputed_exactly(name: str) -> None:
    report = check(SESSIONS / f"{name}.jsonl")
    assert report.ok, report.sentence
    assert report.compared > 20


@pytest.mark.parametrize("name", NAMES)
def test_in_a_recorded_session_the_belt_moved_and_the_guard_stepped_in(name: str) -> None:
    lines = [json.loads(line) for line in (SESSIONS / f"{name}.jsonl").read_text().splitlines()]
    assert max(line.get("speed") or 0 for line in lines if line["kind"] == "telemetry") >= 250
    ops = {line["op"] for line in lines if line["kind"] == "command"}
    assert ops >= {"start", "set_speed", "stop"}


@pytest.mark.parametrize("name", NAMES)
def test_the_same_scenario_and_seed_give_the_recorded_bytes(name: str) -> None:
    played = play(read_scenario(SESSIONS / f"{name}.toml"))
    assert played.played.journal == (SESSIONS / f"{name}.jsonl").read_bytes()
