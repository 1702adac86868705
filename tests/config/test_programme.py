"""A programme file: what it may say, what is made of it, and how it is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.config import ConfigError
from treadguard.config.programme import COOL_DOWN, Programme, load_programme, picture, raises
from treadguard.guard.plan import Leg
from treadguard.units import Grade, Millis, Speed

SHIPPED = sorted((Path(__file__).parents[2] / "configs" / "programmes").glob("*.toml"))

FINE = """
name = "Two and two"
[[part]]
legs = [{ min = 3, kmh = 4.5 }]
[[part]]
times = 2
legs = [{ min = 2, kmh = 6.0, pct = 1.5, say = "Up." }, { min = 0.5, kmh = 4.5 }]
[[part]]
legs = [{ min = 2, kmh = 4.0 }]
"""


def read(tmp_path: Path, text: str) -> Programme:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return load_programme(file)


def leg(minutes: float, speed: int, grade: int = 0, say: str = "") -> Leg:
    return Leg(Millis(round(minutes * 60_000)), Speed(speed), Grade(grade), say)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_each_shipped_programme_can_be_read_and_says_where_it_is_from(path: Path) -> None:
    programme = load_programme(path)
    assert programme.why
    assert programme.source
    assert programme.lasts >= 20 * 60_000
    assert programme.legs[-1].speed <= COOL_DOWN


def test_there_are_walks_stages_of_returning_to_running_and_intervals() -> None:
    names = {path.stem for path in SHIPPED}
    assert {"easy_walk", "varied_walk", "intervals"} <= names
    shares = []
    for stage in range(1, 5):
        (path,) = (path for path in SHIPPED if path.stem == f"walk_run_{stage}")
        legs = load_programme(path).legs
        shares.append(sum(leg.lasts for leg in legs if leg.speed >= 700))
    assert shares == sorted(set(shares))  # each stage runs more than the one before


def test_repetitions_are_written_out_in_whole_numbers(tmp_path: Path) -> None:
    found = read(tmp_path, FINE)
    again = (leg(2, 600, 15, "Up."), leg(0.5, 450))
    assert found == Programme("Two and two", (leg(3, 450), *again, *again, leg(2, 400)))
    assert found.lasts == 10 * 60_000


def test_its_raises_are_known_before_the_start(tmp_path: Path) -> None:
    fine = read(tmp_path, FINE)
    assert [t / 60_000 for t, _ in fine.raises] == [0, 3, 5.5]
    assert raises(fine) == (
        "It goes up at minute 0 (4.5 km/h), 3 (6 km/h, 1.5 %), 5.5 (6 km/h, 1.5 %);"
        " each raise is announced 5 s ahead."
    )


def test_a_steeper_leg_is_a_raise_though_it_is_slower() -> None:
    legs = (leg(1, 600), leg(1, 500, 10), leg(1, 500, 5), leg(2, 500))
    assert [t for t, _ in Programme("", legs).raises] == [0, 60_000]


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("kmh = 4.0", "kmh = 5.6", "2 min or more of cool-down"),
        ("{ min = 2, kmh = 4.0 }", "{ min = 1.9, kmh = 4.0 }", "2 min or more of cool-down"),
        ("{ min = 2, kmh = 4.0 }", "{ min = 2, kmh = 4.0, pct = 1 }", "2 min or more of cool-down"),
        ("times = 2", "times = 51", "must be a whole number from 1 to 50, not 51"),
        ("times = 2", "times = 50\n#", "is the most"),
        ("kmh = 6.0", "kmh = 20.1", "must be a number from 0.5 to 20, not 20.1"),
        ("pct = 1.5", "pct = -1", "must be a number from 0 to 15, not -1"),
        ("min = 3", "min = 0", "must be a number from 0.25 to 120, not 0"),
        ("min = 3", "min = nan", "must be a number"),
        ("min = 3", "minutes = 3", 'there is no key "minutes" here; did you mean'),
        ('name = "Two and two"', "", 'the key "name" is missing'),
        ("legs = [{ min = 3, kmh = 4.5 }]", "legs = []", "part[0].legs"),
        ("[[part]]", "[[", "this isn't valid TOML"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    text = FINE.replace(was, becomes)
    if "#" in becomes:
        text = text.replace("min = 2, kmh = 6.0", "min = 4, kmh = 6.0")
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, text)
    assert said in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / "mine.toml"))
    assert "\n" not in str(refused.value)


def test_the_cool_down_is_slower_than_the_rest(tmp_path: Path) -> None:
    text = 'name = "x"\n[[part]]\nlegs = [{ min = 3, kmh = 5.0 }, { min = 3, kmh = 5.0 }]'
    with pytest.raises(ConfigError, match="must be slower than the rest"):
        read(tmp_path, text)
    assert read(tmp_path, text.replace("5.0", "4.5")).legs  # a walk this slow needs none


LEGS = st.lists(
    st.builds(
        leg,
        st.sampled_from([0.25, 1, 7.5, 30]),
        st.integers(50, 2_000),
        st.sampled_from([0, 5, 10, 125]),
    ),
    min_size=1,
    max_size=12,
)


@given(LEGS, st.integers(20, 100), st.integers(1, 8))
def test_its_picture_keeps_its_frame_and_shows_the_fastest_leg_highest(
    legs: list[Leg], width: int, height: int
) -> None:
    programme = Programme("", tuple(legs))
    drawn = picture(programme, width, height)
    assert {len(line) for line in drawn} == {width + 6}
    assert len(drawn) == height + 2 + any(leg.grade for leg in legs)
    columns = ["".join(row[6 + i] for row in drawn[:height]) for i in range(width)]
    assert all(column.strip() for column in columns)  # no leg is drawn as nothing
    middle = [(i + 0.5) * programme.lasts / width for i in range(width)]
    ends = [sum(leg.lasts for leg in legs[: n + 1]) for n in range(len(legs))]
    speeds = [
        next(leg.speed for leg, end in zip(legs, ends, strict=True) if t < end) for t in middle
    ]
    filled = [sum(" ▁▂▃▄▅▆▇█".index(mark) for mark in column) for column in columns]
    for a, more in zip(speeds, filled, strict=True):
        for b, less in zip(speeds, filled, strict=True):
            assert a <= b or more >= less
    if max(speeds) == max(leg.speed for leg in legs):
        assert max(filled) == height * 8
