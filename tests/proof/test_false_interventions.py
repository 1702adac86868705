"""H84: the guard meddles for no reason less than once in half an hour of the recorded sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from proof.core_sessions import REASONS
from proof.false_interventions import MOST_PER_HALF_HOUR, counted, interventions, read
from proof.grounds_named import ALARMS, NO_STOP, NOTHING, WHYS, of_alarm, of_command
from tests.proof.guards_words import alarms, reasons

SESSIONS: Final = sorted((Path(__file__).parents[1] / "sessions").glob("*.jsonl"))
CALLS_FOR_NOTHING: Final = ("start", "speed", "incline", "programme", "warm-up")
Line = dict[str, Any]


def test_less_than_one_false_intervention_in_half_an_hour_of_the_recorded_sessions() -> None:
    found = counted(SESSIONS)
    assert found["minutes"] > 30
    assert found["founded"] > 50
    assert found["false"] * 30 / found["minutes"] < MOST_PER_HALF_HOUR


@pytest.mark.parametrize("kind", ["pain", "posture", "symptom", "link", "operator"])
def test_an_intervention_whose_reason_is_taken_out_is_counted(kind: str) -> None:
    """Otherwise the measure would find nothing."""
    for path in SESSIONS:
        lines = [line for line in read(path) if line["kind"] != kind]
        if any(not grounded for _, grounded in interventions(lines)):
            return
    pytest.fail("nothing was found")


# ---------------------------------------------------------------- nothing is left out


def test_every_reason_that_the_guard_can_give_has_its_ground() -> None:
    said = reasons() | set(REASONS)
    assert len(said) > len(REASONS)
    assert said == set(WHYS)
    assert set(WHYS) >= NO_STOP


def test_every_alarm_that_the_guard_can_raise_has_its_ground() -> None:
    said = alarms()
    assert len(said) > 30
    assert [say for say in said if of_alarm(say) is NOTHING] == []
    for begins, needs in ALARMS.items():
        assert any(of_alarm(say) is needs for say in said), begins


def test_a_word_that_nobody_knows_has_no_ground() -> None:
    assert of_alarm("Something else.") is NOTHING
    assert of_command("stop", "something else") is NOTHING
    assert of_command("set_speed", "something else") is NOTHING


# ---------------------------------------------------------------- what is baseless is counted


def calm(lines: list[Line]) -> int:
    """So many lines before anybody but the runner's own wish to go on is heard."""
    for n, line in enumerate(lines[1:], 1):
        asks = line["kind"] == "operator" and line["do"] not in CALLS_FOR_NOTHING
        if line["kind"] in ("pain", "symptom", "posture", "clock", "host") or asks:
            return n
    return len(lines)


def baseless(t: int) -> list[Line]:
    """Every alarm, and a Stop for every reason there is."""
    told = [{"t": t, "kind": "alarm", "say": say, "level": 2} for say in sorted(alarms())]
    stop = {"t": t, "kind": "command", "op": "stop", "value": None, "cause": 0, "shadow": True}
    return told + [{**stop, "why": [why]} for why in sorted(WHYS)]


def injected_into(path: Path) -> tuple[int, int]:
    """How many were put into the calm opening of a session, and how many of those were counted."""
    lines = read(path)
    opening = lines[: calm(lines)]
    more: list[Line] = []
    for n, line in enumerate(opening):
        more.append(line)
        echo = line["kind"] == "machine" and line.get("status") in (4, 5, 6)
        if n and (echo or n % 250 == 0):
            more += baseless(line["t"])
    found = interventions(more)
    return len(more) - len(opening), sum(not grounded for _, grounded in found)


HAND: Final = ("hand_on_the_console", "dropped_link", "fast")
"""In these the console or the link speaks before any pain does: that is ground for something."""


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_every_baseless_alarm_and_stop_in_a_calm_opening_is_counted(path: Path) -> None:
    injected, counted = injected_into(path)
    assert injected > 0
    if not path.stem.endswith(HAND):
        assert counted == injected
    assert counted > 0.9 * injected


WALK: Final = next(path for path in SESSIONS if path.stem == "citysports_one_to_four")


def after(say: Line, at: int, *inputs: Line) -> bool:
    """Whether there is ground for it after these inputs, in an opening that has none."""
    lines = read(WALK)
    before = [line for line in lines[: calm(lines)] if line is lines[0] or line["t"] < at]
    (*_, (_, grounded)) = interventions([*before, *inputs, {"t": at + 1, **say}])
    return grounded


CONSOLE: Final = {"kind": "command", "op": "stop", "value": None, "why": ["console"]}


def test_the_machine_repeating_our_start_or_our_target_is_no_ground() -> None:
    lines = read(WALK)
    told = next(line for line in lines if line.get("op") == "set_speed")
    own = {"t": told["t"] + 150, "kind": "machine", "status": 5, "value": told["value"]}
    strange = {**own, "value": told["value"] + 80}
    assert not after(CONSOLE, told["t"] + 200, own)
    assert after(CONSOLE, told["t"] + 200, strange)
    (start,) = (line for line in lines if line["kind"] == "command" and line["op"] == "start")
    again = {"kind": "alarm", "say": "The belt starts out of sight: stopping it."}
    for t, ours in ((start["t"] + 150, True), (start["t"] + 11_000, False)):
        said = {"t": t, "kind": "machine", "status": 4}
        assert after(again, t + 50, said) is not ours


PAIN: Final = {"kind": "pain", "level": 3, "role": "local", "retained": False}
UPRIGHT: Final = {"kind": "posture", "trunk_deg": 19.0, "neck_deg": 24.0}


@pytest.mark.parametrize(
    ("line", "say", "grounded"),
    [
        (PAIN, {"kind": "command", "op": "set_speed", "why": ["pain"]}, True),
        (PAIN, {"kind": "command", "op": "stop", "why": ["pain"]}, False),
        ({**PAIN, "level": 5}, {"kind": "command", "op": "stop", "why": ["pain"]}, True),
        ({**PAIN, "level": None}, {"kind": "command", "op": "stop", "why": ["pain"]}, True),
        (
            {**PAIN, "level": 6},
            {"kind": "alarm", "say": "Pain 7: the session ends. Stop, hold the rail"},
            False,
        ),
        (PAIN, {"kind": "command", "op": "set_speed", "why": ["posture"]}, False),
        (PAIN, {"kind": "command", "op": "set_speed", "why": ["pain", "posture"]}, False),
        (UPRIGHT, {"kind": "command", "op": "set_speed", "why": ["posture"]}, False),
        (
            {**UPRIGHT, "neck_deg": 26.0},
            {"kind": "command", "op": "set_speed", "why": ["posture"]},
            True,
        ),
        (
            {**UPRIGHT, "neck_deg": 26.0},
            {"kind": "command", "op": "stop", "why": ["posture", "break"]},
            False,
        ),
        (
            {"kind": "operator", "do": "ease", "value": None},
            {"kind": "command", "op": "set_speed", "why": ["ease"]},
            True,
        ),
        (
            {"kind": "operator", "do": "ease", "value": None},
            {"kind": "command", "op": "stop", "why": ["stop"]},
            False,
        ),
    ],
)
def test_a_reason_is_grounded_by_its_own_kind_alone(
    line: Line, say: Line, *, grounded: bool
) -> None:
    assert after({"value": 100, **say}, 40_000, {"t": 40_000, **line}) is grounded


def test_a_command_that_claims_to_have_been_asked_for_needs_the_asking() -> None:
    lines = read(WALK)
    for do in ("start", "speed"):
        mute = [line for line in lines if line.get("do") != do]
        assert any(not grounded for _, grounded in interventions(mute)), do


# ---------------------------------------------------------------- plans


PROGRAMME: Final = next(path for path in SESSIONS if path.stem == "ideal_programme")
TIMED: Final = next(path for path in SESSIONS if path.stem == "fitshow_therapists_time")


def grounded_at(path: Path, at: int, command: Line) -> bool:
    """Whether there is ground for a command, put into a recorded session at ms `at`."""
    before = [line for line in read(path) if "t" not in line or line["t"] < at]
    # One that is asked for and grounded is no intervention, and so isn't listed at all.
    found = interventions([*before, {"t": at, "kind": "command", "mark": True, **command}])
    return all(grounded for line, grounded in found if "mark" in line)


RAISED: Final = {"op": "set_speed", "value": 600, "why": ["consent"]}
OVER: Final = {"op": "stop", "value": None, "why": ["the programme was over"]}
UP: Final = {"op": "stop", "value": None, "why": ["the therapist's time was up"]}
BREAK: Final = {"op": "stop", "value": None, "why": ["break"]}


@pytest.mark.parametrize(
    ("path", "command", "too_soon", "due"),
    [
        (PROGRAMME, RAISED, 200_000, 232_000),
        (PROGRAMME, OVER, 415_000, 434_000),
        (TIMED, UP, 375_000, 389_000),
        (TIMED, BREAK, 235_000, 249_000),
    ],
)
def test_what_a_plan_does_has_its_ground_in_its_time(
    path: Path, command: Line, too_soon: int, due: int
) -> None:
    """The raise: withdrawn by the pain of 100 s, asked for again at 230 s."""
    assert grounded_at(path, due, command)
    assert not grounded_at(path, too_soon, command)
