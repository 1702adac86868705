"""What meets an expectation, and what doesn't."""

from __future__ import annotations

from typing import Any

import pytest

from treadguard.closed_loop.expectations import judge
from treadguard.scenario import Expect

LINES: list[dict[str, Any]] = [
    {"seq": 1, "t": 0, "kind": "phase", "from": "OFF", "to": "READY"},
    {"seq": 2, "t": 5000, "kind": "phase", "from": "READY", "to": "RUNNING"},
    {"seq": 3, "t": 9000, "kind": "telemetry", "speed": 600, "incline": 0},
    {"seq": 4, "t": 9500, "kind": "telemetry", "incline": 0},
    {"seq": 5, "t": 10_000, "kind": "command", "op": "set_speed", "value": 520, "why": ["pain"]},
    {"seq": 6, "t": 10_100, "kind": "command", "op": "set_incline", "value": 25, "why": ["pain"]},
    {"seq": 7, "t": 10_200, "kind": "verdict", "of": 5, "is": "unknown"},
    {"seq": 8, "t": 10_300, "kind": "veto", "op": "start", "why": "Nobody gave leave to start."},
    {"seq": 9, "t": 10_400, "kind": "cue", "say": "Easing to 5.2 km/h."},
    {"seq": 10, "t": 10_500, "kind": "alarm", "say": "Pull the SAFETY key.", "level": 2},
    {"seq": 11, "t": 20_000, "kind": "phase", "from": "RUNNING", "to": "STOPPING"},
    {
        "seq": 12,
        "t": 20_000,
        "kind": "command",
        "op": "stop",
        "value": None,
        "why": ["pain"],
        "shadow": True,
    },
]
BELT = [(8000, 610), (10_000, 615), (12_000, 520)]


def met(within_s: tuple[float, float], **what: Any) -> bool:
    return judge(Expect(within_s=within_s, **what), LINES, BELT).ok


@pytest.mark.parametrize(
    "what",
    [
        {"command": "set_speed"},
        {"command": "set_speed", "value_min": 5.2, "value_max": 5.2},
        {"command": "set_incline", "value_min": 2.5, "value_max": 2.5},
        {"verdict": "unknown"},
        {"veto": "leave to START"},
        {"veto": True},
        {"cue": "easing"},
        {"cue": True},
        {"alarm": "safety key"},
        {"alarm": True},
        {"phase": "RUNNING"},
        {"max_speed_kmh": 6.15},
        {"command": "set_speed", "cue": "easing", "phase": "RUNNING"},
    ],
)
def test_what_was_there_is_met_and_never_isnt(what: dict[str, Any]) -> None:
    assert met((9.0, 11.0), **what)
    assert not met((9.0, 11.0), never=True, **what)


@pytest.mark.parametrize(
    "what",
    [
        {"command": "stop"},
        {"command": "set_speed", "value_min": 5.21},
        {"command": "set_speed", "value_max": 5.19},
        {"command": "set_incline", "value_min": 2.6},
        {"verdict": "confirmed"},
        {"veto": "raise"},
        {"cue": "safety"},
        {"alarm": "easing"},
        {"phase": "READY"},
        {"phase": "STOPPING"},
        {"max_speed_kmh": 6.14},
    ],
)
def test_what_wasnt_there_isnt_met_and_never_is(what: dict[str, Any]) -> None:
    assert not met((9.0, 11.0), **what)
    assert met((9.0, 11.0), never=True, **what)


def test_all_that_one_expectation_names_must_be_there() -> None:
    assert not met((9.0, 11.0), command="set_speed", cue="safety")
    assert not met((9.0, 11.0), command="set_speed", cue="safety", never=True)


def test_a_window_has_both_its_ends() -> None:
    assert met((10.0, 10.0), command="set_speed")
    assert not met((10.001, 11.0), command="set_speed")
    assert not met((9.0, 9.999), command="set_speed")


def test_a_phase_is_there_when_it_is_held_or_entered() -> None:
    assert met((6.0, 7.0), phase="RUNNING")
    assert met((1.0, 6.0), phase="READY")
    assert met((1.0, 6.0), phase="RUNNING")
    assert not met((5.001, 6.0), phase="READY")
    assert met((15.0, 25.0), phase="STOPPING")


def test_speed_is_the_belts_own_and_the_reported_one() -> None:
    assert not met((9.0, 9.2), max_speed_kmh=5.9)
    assert met((11.9, 12.1), max_speed_kmh=5.2)
    assert not met((13.0, 14.0), max_speed_kmh=20)


def test_what_shadow_only_wrote_down_was_not_given() -> None:
    assert met((19.0, 21.0), command="stop", never=True)


def test_a_failure_says_what_there_was_instead() -> None:
    one = judge(Expect(within_s=(9.0, 11.0), command="stop"), LINES, BELT)
    assert one.what == "9-11 s: command stop"
    assert one.found == "at 10 s: set speed 5.2 km/h (pain); at 10.1 s: set incline 2.5 % (pain)"
