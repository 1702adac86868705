"""The line format: exact round trips, the contract's names, and refusal of anything else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard import journal
from treadguard.guard.events import (
    Alarm,
    Answer,
    Command,
    Consent,
    ConsentFor,
    Cue,
    Event,
    LimitChange,
    Link,
    Machine,
    Op,
    Operator,
    OperatorDo,
    Output,
    Pain,
    PhaseChange,
    Posture,
    Ranges,
    Role,
    Symptom,
    Telemetry,
    Tick,
    Verdict,
    Veto,
)
from treadguard.guard.kept import Kept
from treadguard.guard.policy import PainPolicy, Policy, Profile
from treadguard.journal import BadLine, Header
from treadguard.units import Decideg, Grade, Millis, Speed

WHOLE = st.integers(-(2**31), 2**31)
HEADER = Header(
    session="s1",
    started="2026-11-22T10:00:00+00:00",
    treadguard="0.1.0",
    mode="guard",
    treadmill="sim",
    is_real=False,
    proven=True,
    policy=Policy(pain=PainPolicy(stop_above=3)),
    profile=Profile(speed_max=Speed(800)),
    initial=Kept(locks=("red flag",), triggers=2, moving=True),
)


NAME = st.text(max_size=20)
ROLE = st.sampled_from(get_args(Role))
T = WHOLE.map(Millis)


def maybe(what: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | what


EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Telemetry, T, maybe(WHOLE), maybe(WHOLE)),
    st.builds(
        Answer,
        T,
        st.sampled_from(get_args(Op)),
        WHOLE | st.sampled_from(("timeout", "att_error")),
    ),
    st.builds(Machine, T, maybe(WHOLE), maybe(WHOLE)),
    st.builds(Machine, T, training=WHOLE),
    st.builds(Machine, T, ranges=st.builds(Ranges, *[maybe(WHOLE)] * 6)),
    st.builds(Link, T, st.booleans(), WHOLE),
    st.builds(Pain, T, maybe(WHOLE), NAME, ROLE, st.booleans(), maybe(NAME)),
    st.builds(Symptom, T, NAME, NAME, ROLE, st.booleans()),
    st.builds(Posture, T, *[maybe(WHOLE)] * 4, NAME),
    st.builds(Consent, T, NAME, st.sampled_from(get_args(ConsentFor)), maybe(WHOLE), WHOLE, WHOLE),
    st.builds(Operator, T, st.sampled_from(get_args(OperatorDo)), maybe(WHOLE), ROLE),
    st.builds(Tick, T),
    st.builds(Veto, T, st.sampled_from(get_args(Op)), NAME),
)


def written(event: Event) -> dict[str, Any]:
    line = journal.decoded(journal.input_line(event, 7))
    assert (line.pop("seq"), line.pop("t")) == (7, event.t)
    return line


def said(output: Output) -> dict[str, Any]:
    line = journal.decoded(journal.output_line(output, 9, 120, 8))
    assert (line.pop("seq"), line.pop("t")) == (9, 120)
    return line


def test_the_round_trip_tries_every_kind_of_event() -> None:
    assert set(journal.INPUT_KINDS.values()) | {Veto} == set(get_args(Event))


@given(EVENTS)
def test_every_event_comes_back_as_it_was_written(event: Event) -> None:
    line = journal.input_line(event, 3)
    assert journal.event_of(journal.decoded(line)) == event
    assert b"\n" not in line


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Telemetry(Millis(1), Speed(512), None), {"kind": "telemetry", "speed": 512}),
        (Telemetry(Millis(1), Speed(0), Grade(0)), {"kind": "telemetry", "speed": 0, "incline": 0}),
        (
            Answer(Millis(1), "stop", "timeout"),
            {"kind": "answer", "op": "stop", "result": "timeout"},
        ),
        (Machine(Millis(1), status=2, value=1), {"kind": "machine", "status": 2, "value": 1}),
        (Machine(Millis(1), training=14), {"kind": "machine", "training": 14}),
        (
            Machine(Millis(1), ranges=Ranges(speed_min=Speed(100))),
            {
                "kind": "machine",
                "ranges": {
                    "speed_min": 100,
                    "speed_max": None,
                    "speed_step": None,
                    "incline_min": None,
                    "incline_max": None,
                    "incline_step": None,
                },
            },
        ),
        (
            Link(Millis(1), up=False, generation=2),
            {"kind": "link", "state": "down", "generation": 2},
        ),
        (
            Pain(Millis(1), None, "evdev", "remote", retained=True, id="a"),
            {
                "kind": "pain",
                "level": None,
                "source": "evdev",
                "role": "remote",
                "retained": True,
                "id": "a",
            },
        ),
        (
            Symptom(Millis(1), "faint"),
            {
                "kind": "symptom",
                "what": "faint",
                "source": "local",
                "role": "local",
                "retained": False,
            },
        ),
        (
            Posture(Millis(1), Decideg(123), Decideg(-5), 101, 40, "camera"),
            {
                "kind": "posture",
                "trunk_deg": 12.3,
                "neck_deg": -0.5,
                "asym_pct": 10.1,
                "strides": 40,
                "source": "camera",
            },
        ),
        (
            Consent(Millis(1), "c", "speed", 500, Millis(10_001), 3),
            {
                "kind": "consent",
                "id": "c",
                "for": "speed",
                "target": 500,
                "expires": 10_001,
                "generation": 3,
            },
        ),
        (
            Operator(Millis(1), "speed", 500),
            {"kind": "operator", "do": "speed", "value": 500, "role": "local"},
        ),
        (Tick(Millis(1)), {"kind": "tick"}),
        (Veto(Millis(1), "start", "no"), {"kind": "veto", "op": "start", "why": "no"}),
    ],
)
def test_inputs_are_written_in_the_contracts_words(event: Event, line: dict[str, Any]) -> None:
    assert written(event) == line


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (
            Command(4, "set_speed", 480, ("pain", "cap")),
            {
                "kind": "command",
                "op": "set_speed",
                "value": 480,
                "cause": 8,
                "why": ["pain", "cap"],
            },
        ),
        (
            Command(4, "stop", None, ("stop",), shadow=True, attempt=2),
            {
                "kind": "command",
                "op": "stop",
                "value": None,
                "cause": 8,
                "why": ["stop"],
                "attempt": 2,
                "shadow": True,
            },
        ),
        (Verdict(4, "unknown"), {"kind": "verdict", "of": 8, "is": "unknown"}),
        (PhaseChange("OFF", "READY"), {"kind": "phase", "from": "OFF", "to": "READY"}),
        (
            LimitChange(Speed(1200), Grade(100), may_raise=True, belt="RUN", why=("cap",)),
            {
                "kind": "limit",
                "speed": 1200,
                "incline": 100,
                "may_raise": True,
                "belt": "RUN",
                "why": ["cap"],
            },
        ),
        (Cue("Upright."), {"kind": "cue", "say": "Upright."}),
        (Alarm("Stop!", 1), {"kind": "alarm", "say": "Stop!", "level": 1}),
    ],
)
def test_outputs_are_written_in_the_contracts_words(output: Output, line: dict[str, Any]) -> None:
    assert said(output) == line


@pytest.mark.parametrize(
    "line",
    [
        {"kind": "tick"},
        {"kind": "tick", "t": 1, "more": 1},
        {"kind": "tick", "t": 1.0},
        {"kind": "tick", "t": True},
        {"kind": "telemetry", "t": 1, "speed": 5.0},
        {"kind": "telemetry", "t": 1, "speed": "5"},
        {"kind": "link", "t": 1, "state": "sideways", "generation": 1},
        {"kind": "link", "t": 1, "state": ["up"], "generation": 1},
        {"kind": "link", "t": 1, "up": True, "generation": 1},
        {"kind": "posture", "t": 1, "trunk_deg": 1.25},
        {"kind": "posture", "t": 1, "trunk_deg": True},
        {"kind": "posture", "t": 1, "trunk_deg": None},
        {"kind": "operator", "t": 1, "do": "fly"},
        {"kind": "answer", "t": 1, "op": "stop", "result": "later"},
        {"kind": "clock", "t": 1},
        {"kind": "command", "t": 1, "op": "stop"},
    ],
)
def test_a_line_that_no_event_wrote_is_refused(line: dict[str, Any]) -> None:
    with pytest.raises(BadLine):
        journal.event_of(line)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"{}", b'{"kind":1}', b"\xff", b"[" * 100_000, b"NaN"]
)
def test_bytes_that_are_no_line_are_refused(raw: bytes) -> None:
    with pytest.raises(BadLine):
        journal.decoded(raw)


def test_a_header_comes_back_as_it_was_written() -> None:
    line = journal.decoded(journal.header_line(HEADER))
    assert journal.header_of(line) == HEADER
    assert (line["journal"], line["programme"], line["proven"]) == (1, None, True)
    assert line["treadmill"] == {"name": "sim", "is_real": False, "ranges": None}
    assert line["policy"]["pain"]["stop_above"] == 3
    assert line["initial_state"]["locks"] == ["red flag"]


@pytest.mark.parametrize(
    ("place", "key", "value"),
    [
        ("policy", "speed_limit", 1),
        ("profile", "speed_max", 8.0),
        ("initial_state", "triggers", "2"),
        ("initial_state", "locks_2", []),
        (None, "journal", 2),
        (None, "mode", "wild"),
        (None, "proven", 1),
        (None, "treadmill", "sim"),
        (None, "kind", "tick"),
    ],
)
def test_a_header_of_another_kind_is_refused(place: str | None, key: str, value: object) -> None:
    line = journal.decoded(journal.header_line(HEADER))
    (line if place is None else line[place])[key] = value
    with pytest.raises(BadLine):
        journal.header_of(line)


def test_a_number_left_out_of_the_policy_is_refused() -> None:
    line = journal.decoded(journal.header_line(HEADER))
    del line["policy"]["pain"]["hold_s"]
    with pytest.raises(BadLine, match="hold_s"):
        journal.header_of(line)


def test_a_restart_line_carries_the_state_it_goes_on_from() -> None:
    kept = replace(HEADER.initial, on_break=True)
    line = journal.decoded(journal.restart_line(kept, 5, 900))
    assert (line["kind"], line["seq"], line["t"]) == ("restart", 5, 900)
    assert journal.kept_of(line) == kept


def test_whole_numbers_fractions_and_truths_are_different_things() -> None:
    one, fraction, truth = ({"kind": "x", "v": v} for v in (1, 1.0, True))
    assert len({journal.canonical(line) for line in (one, fraction, truth)}) == 3
    swapped = {"v": 1, "kind": "x"}
    assert journal.canonical(one) == journal.canonical(swapped)
