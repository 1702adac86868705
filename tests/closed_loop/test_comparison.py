"""One session under two policies: what is told, what is counted, and nothing where nothing is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.closed_loop.test_scenario_player import played

from treadguard.closed_loop.comparison import Comparison, compared
from treadguard.closed_loop.rerun import rerun
from treadguard.closed_loop.stage import Played
from treadguard.config import load_policy
from treadguard.guard.policy import Policy
from treadguard.replay.reader import Journal, read


def journal(tmp_path: Path, duration_s: float, *at: dict[str, Any], **more: Any) -> Journal:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(played(duration_s, *at, **more).played.journal)
    return read(path)


def against(found: Journal, preset: str = "ideal", **policy: Any) -> Comparison:
    other = load_policy(None, policy)
    return compared(rerun(found, preset), found.header.policy, rerun(found, preset, other), other)


def told(found: Comparison) -> list[tuple[str, float, str]]:
    return [(side, moment.t / 1000, moment.text) for side, moment in found.told]


def test_the_same_policy_makes_no_difference(tmp_path: Path) -> None:
    session = journal(tmp_path, 50, {"s": 30, "do": "pain", "level": 2})
    found = against(session)
    assert found.same
    assert found.settings == {}
    assert found.recorded == found.other
    assert told(found) == [
        ("both", 3.0, "runner: start"),
        ("both", 10.0, "runner: speed 4 km/h"),
        ("both", 30.0, "pain 2"),
        ("both", 50.0, "runner: stop"),  # whoever leaves stops the belt
    ]


def test_the_recorded_side_is_the_recorded_policy_not_the_default(tmp_path: Path) -> None:
    session = journal(
        tmp_path, 50, {"s": 30, "do": "pain", "level": 3}, policy={"pain": {"stop_above": 2}}
    )
    found = against(session)
    assert found.settings == {"pain.stop_above": (2, 4)}
    assert (found.recorded.breaks, found.other.breaks) == (1, 0)
    assert (found.recorded.back_offs, found.other.back_offs) == (0, 1)
    assert against(session, pain={"stop_above": 2}).same


def test_what_one_policy_alone_said_and_did_is_told_in_order_of_time(tmp_path: Path) -> None:
    session = journal(tmp_path, 60, {"s": 40, "do": "pain", "level": 3})
    found = against(session, pain={"stop_above": 2})
    assert not found.same
    assert [each for each in told(found) if each[1] < 60] == [
        ("both", 3.0, "runner: start"),
        ("both", 10.0, "runner: speed 4 km/h"),
        ("both", 40.0, "pain 3"),
        ("recorded", 40.0, "cue: Easing to 3.3 km/h."),
        ("recorded", 40.0, "-> set speed 3.5 km/h (pain) … 3.3 km/h at 41.00 s"),
        ("other", 40.0, "cue: Stopping for a break: pain 3."),
        ("other", 40.0, "RUNNING -> STOPPING"),
        ("other", 40.0, "-> stop (pain, break)"),
        ("other", 46.0, "STOPPING -> BREAK"),
    ]


def test_what_came_later_is_told_later_whoever_said_it(tmp_path: Path) -> None:
    session = journal(tmp_path, 60, {"s": 40, "do": "pain", "level": 3})
    times = [(at, side) for side, at, _ in told(against(session, pain={"stop_above": 2}))]
    assert [at for at, _ in times] == sorted(at for at, _ in times)
    assert times.index((46.0, "other")) < times.index((60.0, "recorded"))


def test_what_is_said_once_more_in_one_of_them_is_a_difference_once(tmp_path: Path) -> None:
    twice = {"s": 40, "do": "speed", "kmh": 9.0}, {"s": 40, "do": "speed", "kmh": 9.0}
    session = journal(tmp_path, 50, *twice, policy={"caps": {"speed_kmh": 4}})
    found = against(session)
    said = [(side, text) for side, at, text in told(found) if at == 40]
    assert said.count(("both", "runner: speed 9 km/h")) == 2
    assert said.count(("recorded", "cue: The limit is 4.0 km/h for now.")) == 2


def test_a_difference_that_is_only_measured_is_one(tmp_path: Path) -> None:
    session = journal(tmp_path, 50)
    one, policy = rerun(session, "ideal"), Policy()
    faster = Played(one.journal, one.lines, (*one.belt, (50_250, 400)), (), None)
    found = compared(one, policy, faster, policy)
    assert {side for side, _ in found.told} == {"both"}
    assert not found.same


def test_a_difference_that_is_only_said_is_one(tmp_path: Path) -> None:
    session = journal(tmp_path, 20)
    one, policy = rerun(session, "ideal"), Policy()
    cue = {"seq": 9999, "t": 20_000, "kind": "cue", "say": "Eyes ahead."}
    louder = Played(one.journal, (*one.lines, cue), one.belt, (), None)
    found = compared(one, policy, louder, policy)
    assert found.recorded == found.other
    assert not found.same


def test_the_figures_are_those_of_the_belt(tmp_path: Path) -> None:
    # First motion at 6 s; 1.0 km/h to 10 s; up to 4.0 by 22 s; 60 s, then down in 4 s.
    session = journal(tmp_path, 100, {"s": 60, "do": "stop"})
    figures = against(session).recorded
    assert figures.max_kmh == 4.0
    assert figures.moving_s == pytest.approx(58, abs=1)
    assert sum(figures.at_kmh.values()) == figures.moving_s
    assert list(figures.at_kmh) == [0, 1, 2, 3, 4]
    assert figures.at_kmh[4] == pytest.approx(38, abs=1)
    metres = figures.mean_kmh / 3.6 * figures.moving_s
    assert figures.distance_m == pytest.approx(metres, abs=1)
    assert figures.distance_m == pytest.approx(53, abs=2)
    assert (figures.stops, figures.breaks, figures.alarms) == (1, 0, 0)
    assert (figures.phase, figures.ended_at, figures.why) == ("PAUSED", None, None)


def test_nothing_moved_is_no_speed_at_all(tmp_path: Path) -> None:
    session = journal(tmp_path, 10)
    figures = against(replace(session, lines=session.lines[:10])).recorded
    assert (figures.moving_s, figures.mean_kmh, figures.max_kmh) == (0, 0, 0)
    assert figures.at_kmh == {}


def test_back_offs_questions_and_breaks_are_counted_in_the_guards_own_words(
    tmp_path: Path,
) -> None:
    session = journal(
        tmp_path,
        330,
        {"s": 25, "do": "incline", "pct": 3},
        {"s": 60, "do": "pain", "level": 1},  # on the grade
        {"s": 100, "do": "ease"},
        {"s": 300, "do": "break"},
    )
    found = against(session, caps={"grade_pct": 0}, prompts={"early_every_s": 60})
    figures, other = found.recorded, found.other
    assert (figures.back_offs, figures.prompts, figures.breaks) == (2, 2, 1)
    assert other.back_offs >= 2
    assert other.prompts > figures.prompts


@pytest.mark.parametrize(
    ("at", "ended_at", "why"),
    [
        ({"s": 40, "do": "pain", "level": 8}, 40, "pain"),
        ({"s": 40, "do": "symptom", "what": "weakness"}, 40, "symptom"),
        ({"s": 40, "do": "safety_key"}, None, None),  # its journal line is the machine's
        ({"s": 40, "do": "end"}, 46, "the runner ended it"),
    ],
)
def test_the_end_comes_with_its_reason(
    tmp_path: Path,
    at: dict[str, Any],
    ended_at: float | None,
    why: str | None,
) -> None:
    figures = against(journal(tmp_path, 70, at)).recorded
    if ended_at is None:
        assert figures.ended_at is None
    else:
        assert figures.ended_at == pytest.approx(ended_at, abs=2)
    assert figures.why == why


def test_a_break_that_a_crash_interrupts_is_one_break(tmp_path: Path) -> None:
    session = journal(tmp_path, 120, {"s": 30, "do": "pain", "level": 6}, {"s": 60, "do": "kill"})
    figures = against(session).recorded
    assert (figures.breaks, figures.stops, figures.phase) == (1, 1, "BREAK")
