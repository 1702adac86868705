"""A recorded session, folded: each figure against one that is counted by hand from the lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from treadguard.replay.reader import Journal, read
from treadguard.report.session import Sample, Session, session_of

SESSIONS = Path(__file__).parents[1] / "sessions"


def journal(name: str) -> Journal:
    return read(SESSIONS / f"{name}.jsonl")


def session(name: str) -> Session:
    return session_of(journal(name))


@pytest.mark.parametrize("path", sorted(SESSIONS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_recorded_session_can_be_looked_back_on(path: Path) -> None:
    found = read(path)
    told = session_of(found)
    figures = told.figures
    assert 0 <= figures.moving_ms <= figures.lasted_ms == found.lines[-1]["t"]
    assert 0 <= figures.upright_ms <= figures.seen_ms <= figures.lasted_ms
    assert sum(stay.until - stay.t for stay in told.stays) == figures.lasted_ms
    assert sum(s.speed is not None for s in told.samples) == sum(
        line["kind"] == "telemetry" and "speed" in line for line in found.lines
    )


def test_a_walk_with_a_break_is_told_as_it_was() -> None:
    told = session("walk_with_a_break")
    assert [(act.t, act.op, act.before, act.to, act.why) for act in told.acts] == [
        (50_000, "set_speed", 600, 520, ("pain",)),
        (70_000, "stop", 520, None, ("pain", "break")),
    ]
    assert [(r.t, r.level) for r in told.ratings] == [(50_000, 2), (70_000, 6), (205_000, 1)]
    assert [stay.phase for stay in told.stays] == [
        *("OFF", "READY", "STARTING", "RUNNING", "STOPPING", "BREAK"),
        *("STARTING", "RUNNING", "STOPPING", "ENDED"),
    ]
    assert told.ended == ("the runner ended it",)
    figures = told.figures
    assert (figures.back_offs, figures.stops, figures.breaks, figures.alarms) == (1, 1, 1, 0)
    assert (figures.worst_pain, figures.mean_pain, figures.last_pain) == (6, 3.0, 1)
    assert (figures.lasted_ms, figures.moving_ms, figures.max_speed) == (275_000, 109_000, 600)


def steady(speed: int, grade: int, minutes: int) -> Session:
    """A belt that ran at one speed and grade all the time."""
    header = journal("walk_with_a_break").header
    lines = tuple(
        {"seq": n + 1, "t": n * 1_000, "kind": "telemetry", "speed": speed, "incline": grade}
        for n in range(minutes * 60 + 1)
    )
    return session_of(Journal(header, lines, 0, torn=False, ended=False))


@pytest.mark.parametrize(
    ("speed", "grade", "load"),
    [
        (600, 0, 60.0),  # the unit
        (300, 0, 30.0),
        (600, 50, 60 * (0.1 + 1.8 * 0.05) / 0.1),
        (600, -50, 60.0),  # a decline is counted as the flat: what it costs isn't known
        (1000, 0, 200.0),  # running costs twice the walking, a metre
        (1000, 20, 60 * (1000 / 600) * (0.2 + 0.9 * 0.02) / 0.1),
    ],
)
def test_load_is_net_cost_times_minutes(speed: int, grade: int, load: float) -> None:
    figures = steady(speed, grade, 60).figures
    assert figures.load == pytest.approx(load, abs=0.1)
    assert figures.moving_ms == 3_600_000
    assert figures.distance_m == speed * 10


def test_speed_and_grade_told_in_turn_count_like_both_told_at_once() -> None:
    header = journal("walk_with_a_break").header
    whole = [{"t": n * 1_000, "speed": 600, "incline": 50} for n in range(61)]
    parts = [{"t": one["t"], key: one[key]} for one in whole for key in ("speed", "incline")] + [
        {"t": 60_000}
    ]  # a part with neither says nothing of the belt
    told = []
    for records in (whole, parts):
        lines = tuple(
            {"seq": n, "kind": "telemetry", **record} for n, record in enumerate(records, start=1)
        )
        told.append(session_of(Journal(header, lines, 0, torn=False, ended=False)))
    assert told[0].samples == told[1].samples
    assert told[0].figures == told[1].figures
    assert told[1].figures.moving_ms == 60_000


def test_a_grade_is_not_carried_over_a_lost_link() -> None:
    header = journal("walk_with_a_break").header
    lines = (
        {"seq": 1, "t": 0, "kind": "telemetry", "speed": 600, "incline": 50},
        {"seq": 2, "t": 500, "kind": "link", "state": "down", "generation": 1},
        {"seq": 3, "t": 900, "kind": "telemetry", "speed": 600},
    )
    told = session_of(Journal(header, lines, 0, torn=False, ended=False))
    assert told.samples == (Sample(0, 600, 50), Sample(500, None, None), Sample(900, 600, None))


def test_out_of_sight_counts_as_nothing() -> None:
    header = journal("walk_with_a_break").header
    lines = (
        {"seq": 1, "t": 0, "kind": "telemetry", "speed": 600},
        {"seq": 2, "t": 60_000, "kind": "tick"},
    )
    assert session_of(Journal(header, lines, 0, torn=False, ended=False)).figures.moving_ms == 3_000
