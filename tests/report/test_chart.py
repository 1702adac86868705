"""The time line: measured in its place, unknown as a band, each act with its number."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.conftest import SESSIONS

from treadguard.report import words
from treadguard.report.chart import (
    ALLOWED,
    ASKED,
    LEFT,
    MEASURED,
    MOST_LANES,
    RIGHT,
    Panel,
    Timeline,
    timeline,
    unknown,
)
from treadguard.report.overview import chart
from treadguard.report.reading import Told, told
from treadguard.report.session import Act, Lean, Rating, Sample, Stay


@pytest.fixture(scope="module")
def walk() -> Told:
    return told(SESSIONS / "walk_with_a_break.jsonl")


def changed(walk: Told, **parts: object) -> Told:
    return replace(walk, session=replace(walk.session, **parts))  # type: ignore[arg-type]


def panel(line: Timeline, name: str) -> Panel:
    (found,) = [panel for panel in line.panels if panel.name.startswith(name)]
    return found


def place(t: int, of: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * t / of, 1)


def test_a_walk_with_a_break_is_drawn_as_it_was(walk: Told) -> None:
    line = timeline(walk, "s1")
    assert [panel.name for panel in line.panels] == ["Speed, km/h", "Incline, %", "Pain, 0 to 10"]
    speed = panel(line, "Speed")
    assert [tick.text for tick in speed.ticks] == ["0", "2", "4", "6"]
    assert [curve.style for curve in speed.curves] == [ALLOWED, MEASURED, ASKED]
    measured = speed.curves[1].d
    top = speed.bottom - 150 * 600 / 700
    assert f"{place(50_000, 275_000)},{top:.1f}" in measured
    assert [(dot.x, dot.text, dot.shape) for dot in panel(line, "Pain").dots] == [
        (place(50_000, 275_000), "2", "circle"),
        (place(70_000, 275_000), "6", "circle"),
        (place(205_000, 275_000), "1", "circle"),
    ]
    assert [band.kind for band in line.bands] == ["stopping", "break", "stopping", "ended"]
    assert line.bands[1].text == "break"
    assert line.bands[0].text == ""  # too narrow for it; its title says it
    assert line.bands[0].title == "1:10 to 1:17: stopping"
    assert [(number.n, number.href) for number in line.numbers] == [
        (1, "#s1-act-1"),
        (2, "#s1-act-2"),
    ]
    assert line.numbers[0].x == place(50_000, 275_000)


def test_where_no_speed_came_there_is_a_band_and_no_line(walk: Told) -> None:
    samples = (
        Sample(0, 500, 0),
        Sample(1_000, 500, 0),
        Sample(9_000, 500, 0),
        Sample(9_500, None, None),
        Sample(11_000, 400, 0),
    )
    gone = changed(walk, samples=samples, stays=(Stay(0, 275_000, "RUNNING"),))
    assert unknown(gone.session, 275_000) == [
        (1_000, 9_000),
        (9_000, 11_000),
        (11_000, 275_000),
    ]
    line = timeline(gone, "s1")
    assert {band.kind for band in line.bands} == {"unknown"}
    pieces = [curve for curve in panel(line, "Speed").curves if curve.style == MEASURED]
    assert len(pieces) == 3


@given(st.lists(st.tuples(st.integers(0, 5_000), st.none() | st.integers(0, 900)), max_size=30))
def test_a_moment_is_known_or_in_a_band_never_both(
    walk: Told, steps: list[tuple[int, int | None]]
) -> None:
    t, samples = 0, []
    for wait, speed in steps:
        t += wait
        samples.append(Sample(t, speed, 0))
    end = t + 4_000
    session = replace(walk.session, samples=tuple(samples), stays=(Stay(0, end, "RUNNING"),))
    found = unknown(session, end)
    known = [n for n, sample in enumerate(samples) if sample.speed is not None]
    expected = [
        (samples[a].t, samples[b].t)
        for a, b in pairwise(known)
        if b > a + 1 or samples[b].t - samples[a].t > 3_000
    ]
    if known and end - samples[known[-1]].t > 3_000:
        expected.append((samples[known[-1]].t, end))
    assert found == [(since, until) for since, until in expected if since < until]


def test_a_belt_that_was_lost_is_a_band_although_speeds_came(walk: Told) -> None:
    samples = (*(Sample(n * 1_000, 500, 0) for n in range(20)), Sample(25_000, 0, 0))
    stays = (
        Stay(0, 10_000, "RUNNING"),
        Stay(10_000, 15_000, "LOST"),
        Stay(15_000, 26_000, "READY"),
    )
    session = replace(walk.session, samples=samples, stays=stays)
    assert unknown(session, 26_000) == [(10_000, 15_000), (19_000, 25_000)]


def test_numbers_that_would_cover_each_other_stand_above_each_other(walk: Told) -> None:
    times = (10_000, 10_000, 12_000, 200_000)
    acts = tuple(Act(t, t, "stop", 500, None, ("pain",), shadow=False) for t in times)
    numbers = timeline(changed(walk, acts=acts), "s1").numbers
    assert [number.y for number in numbers] == [50.0, 30.0, 10.0, 50.0]
    many = timeline(changed(walk, acts=acts[:1] * 9 + acts[3:]), "s1").numbers
    assert [number.y for number in many] == [90.0, 70.0, 50.0, 30.0, *[10.0] * 5, 90.0]


def test_button_and_network_have_marks_of_their_own(walk: Told) -> None:
    ratings = (
        Rating(1_000, None, "local"),
        Rating(2_000, 3, "remote"),
        Rating(3_000, 10, "local"),
    )
    dots = panel(timeline(changed(walk, ratings=ratings), "s1"), "Pain").dots
    assert [(dot.shape, dot.text) for dot in dots] == [
        ("diamond", "B"),
        ("square", "3"),
        ("circle", "10"),
    ]
    assert dots[1].title == "0:02: pain 3, from the network"


def test_posture_comes_with_its_thresholds_and_only_where_it_was_seen(walk: Told) -> None:
    leans = (Lean(1_000, 100, None, None), Lean(2_000, 210, None, None), Lean(9_000, 50, 260, None))
    posture = panel(timeline(changed(walk, leans=leans), "s1"), "Posture")
    assert [threshold.text for threshold in posture.thresholds] == [
        "trunk 15°: told",
        "trunk 20°: eased",
        "neck 25°: told, then eased",
    ]
    assert len(posture.curves) == 3  # trunk in two pieces, neck in one
    assert posture.thresholds[0].at > posture.thresholds[1].at > posture.thresholds[2].at


def test_a_decline_lies_below_the_flat(walk: Told) -> None:
    samples = tuple(Sample(n * 1_000, 500, -25) for n in range(5))
    grade = panel(timeline(changed(walk, samples=samples), "s1"), "Incline")
    assert [tick.text for tick in grade.ticks] == ["-2", "0", "2"]
    assert grade.top <= float(grade.curves[1].d.split(",")[1].split(" ")[0]) <= grade.bottom


@given(st.lists(st.integers(0, 275_000), min_size=1, max_size=80))
def test_every_act_has_its_number_at_its_time_and_within_the_drawing(
    walk: Told, times: list[int]
) -> None:
    acts = tuple(Act(t, t, "stop", 500, None, ("pain",), shadow=False) for t in sorted(times))
    line = timeline(changed(walk, acts=acts), "s1")
    assert [number.n for number in line.numbers] == list(range(1, len(acts) + 1))
    for number, act in zip(line.numbers, acts, strict=True):
        assert number.x == pytest.approx(place(act.t, 275_000), abs=0.11)
        assert 0 < number.y < line.strip <= 20 * MOST_LANES
        assert words.clock(act.t) in number.title


def test_a_session_without_a_line_can_be_drawn(walk: Told) -> None:
    figures = replace(walk.session.figures, lasted_ms=0)
    empty = changed(walk, samples=(), ratings=(), leans=(), acts=(), stays=(), figures=figures)
    line = timeline(replace(empty, journal=replace(walk.journal, lines=())), "s1")
    assert line.numbers == ()
    assert [panel.name for panel in line.panels] == ["Speed, km/h", "Pain, 0 to 10"]


def test_the_overview_shows_pain_and_load_of_each(walk: Told) -> None:
    none = changed(
        walk, figures=replace(walk.session.figures, worst_pain=None, last_pain=None, load=10.0)
    )
    found = chart([walk, none])
    pain, load = found.panels
    first, second = found.columns
    assert (first.worst, first.last) == (round(pain.bottom - 57.6, 1), round(pain.bottom - 9.6, 1))
    assert (second.worst, second.last) == (None, None)
    assert (first.load, second.load) == (round(load.bottom - 9.6, 1), load.top)
    assert [column.label for column in chart([walk] * 61).columns][:4] == ["1", "", "", "4"]
