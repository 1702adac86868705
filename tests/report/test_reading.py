"""Whatever a journal holds: it is told, or refused in one sentence with the line's number."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.report.conftest import SESSIONS, Altered, Lines

from treadguard.replay.reader import DamagedJournal
from treadguard.report.page import session_page
from treadguard.report.reading import told

WALK = SESSIONS / "walk_with_a_break.jsonl"


def first(lines: Lines, kind: str) -> dict[str, Any]:
    return next(line for line in lines if line["kind"] == kind)


def test_a_sound_journal_is_told_and_holds() -> None:
    found = told(WALK)
    assert found.exact.ok
    assert found.session.header.session == "bb5f9af5ddb6d306"


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("telemetry", "speed", "fast"),
        ("telemetry", "speed", 10**9),
        ("pain", "level", "much"),
        ("pain", "role", "burglar"),
        ("operator", "do", "fly"),
        ("command", "why", "pain"),
        ("command", "why", [5]),
        ("command", "value", "6"),
        ("command", "op", "launch"),
        ("phase", "to", "SOMEWHERE"),
        ("limit", "belt", "WALK"),
        ("limit", "speed", None),
        ("cue", "say", {"say": 1}),
        ("verdict", "is", "likely"),
        ("link", "state", "sideways"),
        ("end", "summary", 3),
        ("cue", "kind", "song"),
    ],
)
def test_a_line_of_another_shape_is_refused_with_its_number(
    altered: Altered, kind: str, key: str, value: object
) -> None:
    at = 0

    def change(lines: Lines) -> None:
        nonlocal at
        line = first(lines, kind)
        at = lines.index(line) + 1
        line[key] = value

    path = altered(change)
    with pytest.raises(DamagedJournal, match=f"line {at}: ") as refused:
        told(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_key_that_is_missing_is_refused(altered: Altered) -> None:
    with pytest.raises(DamagedJournal, match=r"line \d+: "):
        told(altered(lambda lines: first(lines, "cue").pop("say") and None))


def test_a_time_beyond_a_week_is_refused(altered: Altered) -> None:
    with pytest.raises(DamagedJournal, match="lies beyond a week"):
        told(altered(lambda lines: lines[-1].update(t=8 * 24 * 3_600_000)))


@pytest.mark.parametrize("started", ["yesterday", "2026-07-01T10:00:00", ""])
def test_a_start_that_is_no_time_is_refused(altered: Altered, started: str) -> None:
    with pytest.raises(DamagedJournal, match="line 1: its 'started'"):
        told(altered(lambda lines: lines[0].update(started=started)))


def test_a_journal_that_breaks_off_is_told(altered: Altered) -> None:
    found = told(altered(lambda lines: lines[:-1]))
    assert found.exact.ok
    assert not found.session.whole


junk = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([1, "a"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.data())
def test_any_value_anywhere_is_told_or_refused(altered: Altered, data: st.DataObject) -> None:
    def change(lines: Lines) -> None:
        line = lines[data.draw(st.integers(0, len(lines) - 1))]
        key = data.draw(st.sampled_from(sorted(line)))
        line[key] = data.draw(junk)

    try:
        path = altered(change, of="uphill_with_posture")
    except (UnicodeEncodeError, msgspec.MsgspecError):
        return  # nothing that can be written down
    try:
        found = told(path)
    except DamagedJournal as error:
        assert "\n" not in str(error).replace(str(path), "")
    else:
        assert "<html" in session_page(found)
