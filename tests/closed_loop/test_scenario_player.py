"""Playing a scenario: the same bytes each time, a journal that holds, and every `do` does."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from treadguard.closed_loop.in_words import story
from treadguard.closed_loop.scenario_player import Result, play
from treadguard.replay.check import check
from treadguard.scenario import Scenario, scenario_from_dict

WALK = [{"s": 3, "do": "start"}, {"s": 10, "do": "speed", "kmh": 4.0}]


def scenario(duration_s: float, *at: dict[str, Any], **more: Any) -> Scenario:
    return scenario_from_dict(
        {"name": "a test", "duration_s": duration_s, "at": [*WALK, *at], **more}, "a test"
    )


def played(duration_s: float, *at: dict[str, Any], **more: Any) -> Result:
    return play(scenario(duration_s, *at, **more))


def kinds(result: Result, kind: str, key: str) -> list[Any]:
    return [line[key] for line in result.played.lines if line["kind"] == kind]


def test_the_same_scenario_and_seed_give_the_same_bytes() -> None:
    rough = {"fault": [{"at_s": 12, "for_s": 10, "where": "telemetry", "kind": "garbage"}]}
    one, two = played(30, **rough), played(30, **rough)
    assert one.played.journal == two.played.journal
    assert play(scenario(30, **rough), seed=5).played.journal != one.played.journal


def test_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from tests.closed_loop.test_scenario_player import played;"
        "print(hashlib.sha256(played(20).played.journal).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        text=True,
        capture_output=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": "42", "TZ": "Asia/Tokyo"},
    )
    assert other.stdout.strip() == hashlib.sha256(played(20).played.journal).hexdigest()


def test_its_journal_ends_and_is_recomputed_line_by_line(tmp_path: Path) -> None:
    result = played(40, {"s": 30, "do": "pain", "level": 6})
    path = tmp_path / "journal.jsonl"
    path.write_bytes(result.played.journal)
    report = check(path)
    assert report.ok, report.sentence
    assert report.notes == ()


def test_nothing_after_the_last_second_is_judged() -> None:
    window = {"within_s": [0, 30], "command": "stop", "never": True}
    result = played(30, expect=[window])
    assert result.ok
    assert b'"op":"stop"' in result.played.journal


def test_an_expectation_that_fails_fails_the_play() -> None:
    assert not played(30, expect=[{"within_s": [0, 30], "command": "stop"}]).ok


@pytest.mark.parametrize(
    ("action", "input_kind", "key", "value"),
    [
        ({"do": "pain", "level": 2}, "pain", "level", 2),
        ({"do": "button"}, "pain", "level", None),
        ({"do": "symptom", "what": "fall"}, "symptom", "what", "fall"),
        ({"do": "ease"}, "operator", "do", "ease"),
        ({"do": "stop"}, "operator", "do", "stop"),
        ({"do": "break"}, "operator", "do", "break"),
        ({"do": "end"}, "operator", "do", "end"),
        ({"do": "speed", "kmh": 2.3}, "operator", "value", 230),
        ({"do": "incline", "pct": 1.5}, "operator", "value", 15),
    ],
)
def test_an_action_is_an_input_at_its_second(
    action: dict[str, Any], input_kind: str, key: str, value: Any
) -> None:
    result = played(28, {"s": 26.5, **action})
    at = [line for line in result.played.lines if line["kind"] == input_kind]
    assert (at[-1]["t"], at[-1][key]) == (26_500, value)
    assert result.played.unheard == ()


def test_the_console_and_the_key_reach_the_machine() -> None:
    console = played(40, {"s": 27, "do": "console", "kmh": 2.0})
    assert console.played.belt[-1][1] == 200
    key = played(40, {"s": 27, "do": "safety_key"})
    assert 3 in [line.get("status") for line in key.played.lines if line["kind"] == "machine"]
    stopped = played(40, {"s": 27, "do": "console", "stop": True})
    assert stopped.played.belt[-1][1] == 0


def test_a_posture_is_ten_samples_a_second_for_its_time() -> None:
    result = played(35, {"s": 27, "do": "posture", "trunk_deg": 12.5, "for_s": 3})
    samples = [line for line in result.played.lines if line["kind"] == "posture"]
    assert [line["t"] for line in samples] == list(range(27_000, 30_000, 100))
    assert {line["trunk_deg"] for line in samples} == {12.5}


def test_a_posture_fault_stands_between() -> None:
    late = {"at_s": 20, "for_s": 60, "where": "posture", "kind": "delayed"}
    result = played(40, {"s": 27, "do": "posture", "trunk_deg": 12.5, "for_s": 1}, fault=[late])
    assert min(line["t"] for line in result.played.lines if line["kind"] == "posture") == 30_000
    gone = {**late, "kind": "off"}
    result = played(40, {"s": 27, "do": "posture", "trunk_deg": 12.5, "for_s": 1}, fault=[gone])
    assert kinds(result, "posture", "t") == []


def test_a_kill_is_a_restart_in_the_same_journal(tmp_path: Path) -> None:
    result = played(
        60,
        {"s": 26, "do": "pain", "level": 6},
        {"s": 40, "do": "kill"},
        {"s": 41, "do": "pain", "level": 1},
    )
    restarts = [line for line in result.played.lines if line["kind"] == "restart"]
    assert [line["t"] for line in restarts] == [42_000]
    assert restarts[0]["initial_state"]["on_break"] is True
    assert len(result.played.unheard) == 1
    assert "41 s: pain 1" in result.played.unheard[0]
    path = tmp_path / "journal.jsonl"
    path.write_bytes(result.played.journal)
    assert check(path).ok


def test_a_kill_at_the_very_end_is_survived() -> None:
    assert played(30, {"s": 30, "do": "kill"}).played.failure is None


def test_the_belt_runs_on_while_the_service_is_dead() -> None:
    result = played(60, {"s": 30, "do": "kill", "for_s": 10})
    assert {speed for t, speed in result.played.belt if 31_000 < t < 39_000} == {400}


def test_a_story_is_short_and_in_order() -> None:
    told = list(story(played(40, {"s": 30, "do": "pain", "level": 6}).played.lines))
    assert any(line.endswith("runner: speed 4 km/h") for line in told)
    assert sum("set speed" in line for line in told) == 1
    assert [float(line.split()[0]) for line in told] == sorted(float(x.split()[0]) for x in told)


def test_an_act_at_the_second_in_which_a_killed_service_returns_breaks_nothing() -> None:
    result = played(
        40,
        {"s": 20, "do": "kill", "for_s": 2},
        {"s": 22, "do": "pain", "level": 3},
        {"s": 24, "do": "pain", "level": 6},
    )
    assert result.played.failure is None
    levels = [line["level"] for line in result.played.lines if line["kind"] == "pain"]
    assert levels in ([6], [3, 6])
    assert len(levels) + len(result.played.unheard) == 2


def test_a_service_that_is_dead_isnt_killed_again(tmp_path: Path) -> None:
    result = played(
        40, {"s": 20, "do": "kill", "for_s": 3}, {"s": 20, "do": "kill", "for_s": 1}
    ).played
    assert [line["kind"] for line in result.lines].count("restart") == 1
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(result.journal)
    assert check(journal).ok
