"""What was allowed and asked for, step by step, and what stayed in doubt."""

from __future__ import annotations

from typing import Any

from treadguard.report.asked import Doubt, Setting, allowed, commanded, doubts, key_pulls

Lines = list[dict[str, Any]]


def lines(*bodies: dict[str, Any]) -> Lines:
    return [{"seq": n, "t": n * 1_000, **body} for n, body in enumerate(bodies, start=1)]


def command(op: str, value: int | None = None, **more: object) -> dict[str, Any]:
    return {"kind": "command", "op": op, "value": value, "cause": 0, "why": ["pain"], **more}


def limit(speed: int, incline: int, belt: str) -> dict[str, Any]:
    body = {"speed": speed, "incline": incline, "belt": belt, "may_raise": True, "why": []}
    return {"kind": "limit", **body}


def test_where_the_belt_is_to_stand_no_speed_is_allowed() -> None:
    told = lines(limit(1200, 100, "RUN"), limit(520, 0, "STOP"), limit(520, 20, "RUN"))
    assert list(allowed(told)) == [
        Setting(1_000, 1200, 100),
        Setting(2_000, 0, 0),
        Setting(3_000, 520, 20),
    ]


def test_what_was_asked_for_holds_until_the_next_command() -> None:
    told = lines(
        command("request_control"),
        command("start"),
        command("set_speed", 500),
        command("set_incline", 20),
        command("stop"),
        command("start"),
        command("set_speed", 300),
        {"kind": "restart"},
    )
    assert list(commanded(told)) == [
        Setting(2_000, None, None),
        Setting(3_000, 500, None),
        Setting(4_000, 500, 20),
        Setting(5_000, 0, 20),
        Setting(6_000, None, 20),
        Setting(7_000, 300, 20),
        Setting(8_000, None, None),
    ]


def test_in_shadow_nothing_was_asked() -> None:
    told = lines(command("set_speed", 500, shadow=True), command("stop", shadow=True))
    assert list(commanded(told)) == []


def test_doubts_are_told_at_the_time_of_the_command() -> None:
    told = lines(
        {"kind": "link", "state": "up", "generation": 1},
        command("set_speed", 500),
        command("stop"),
        {"kind": "verdict", "of": 2, "is": "rejected"},
        {"kind": "verdict", "of": 3, "is": "unknown"},
        command("stop"),
        {"kind": "verdict", "of": 6, "is": "confirmed"},
        {"kind": "veto", "op": "set_speed", "why": "too fast"},
        {"kind": "link", "state": "down", "generation": 1},
        {"kind": "link", "state": "up", "generation": 2},
        {"kind": "verdict", "of": 99, "is": "unknown"},
    )
    assert list(doubts(told)) == [
        Doubt(2_000, "set speed 5 km/h (pain)", "the treadmill refused it"),
        Doubt(3_000, "stop (pain)", "the treadmill was not seen to follow"),
        Doubt(8_000, "set speed", "not sent, by the last check: too fast"),
        Doubt(9_000, "the radio link", "lost"),
        Doubt(10_000, "the radio link", "back"),
    ]


def test_only_the_status_of_the_safety_key_is_its_pull() -> None:
    told = lines(
        {"kind": "machine", "status": 2, "value": 1},
        {"kind": "machine", "status": 3},
        {"kind": "machine", "training": 3},
    )
    assert list(key_pulls(told)) == [2_000]
