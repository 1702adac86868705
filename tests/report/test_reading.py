"""Whatever a journal holds: it is told, or refused in one sentence with the line's number."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.report.conftest import SESSIONS, Altered, Lines

from treadguard.guard.policy import Policy
from treadguard.replay.check import check
from treadguard.replay.reader import DamagedJournal
from treadguard.report.page import session_page
from treadguard.report.reading import told

WALK = SESSIONS / "walk_with_a_break.jsonl"


def first(lines: Lines, kind: str) -> dict[str, Any]:
    return next(line for line in lines if line["kind"] == kind)


def test_a_sound_journal_is_told_and_holds() -> None:
    found = told(WALK)
    assert found.exact is not None
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
    assert found.exact is not None
    assert found.exact.ok
    assert not found.session.whole


def of_another_version(lines: Lines) -> None:
    """As if the settings had had a key less and a table and a key more."""
    head = lines[0]
    del head["policy"]["pain"]["hold_s"]
    del head["profile"]["cleared"]
    head["policy"]["pain"]["yell_above"] = 3
    head["policy"]["music"] = {"tempo": 170}
    head["profile"]["dog_kg"] = 9.0
    del head["initial_state"]["ran"]
    end = lines.pop()
    restart = {"seq": end["seq"], "t": end["t"], "kind": "restart", "initial_state": {}}
    lines += [restart, {**end, "seq": end["seq"] + 1}]


def test_a_journal_of_another_version_is_told_and_said_to_be_unchecked(altered: Altered) -> None:
    found = told(altered(of_another_version))
    assert found.exact is None
    assert found.session.header.policy.pain.hold_ms == Policy().pain.hold_ms
    assert found.session.figures.distance_m == told(WALK).session.figures.distance_m
    page = session_page(found)
    assert "Its settings are of another version of treadguard" in page
    assert "not recomputed." in page
    assert "does not hold" not in page


def test_with_what_no_version_says_it_is_still_refused(altered: Altered) -> None:
    def change(lines: Lines) -> None:
        of_another_version(lines)
        lines[0]["policy"]["pain"]["stop_above"] = 9

    with pytest.raises(DamagedJournal, match=r"line 1: its policy can't be taken"):
        told(altered(change))


def test_the_exact_check_refuses_what_another_version_has_written(altered: Altered) -> None:
    with pytest.raises(DamagedJournal, match=r"line 1: its policy can't be taken"):
        check(altered(of_another_version))
    with pytest.raises(DamagedJournal, match="profile was written by another version"):
        check(altered(lambda lines: lines[0]["profile"].pop("cleared") and None))


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
