"""What the owner said, on the disk: read whole or refused, written whole or not at all."""

from __future__ import annotations

import os
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.config import ConfigError
from treadguard.report import equipment_file
from treadguard.report.equipment import Shoes
from treadguard.report.equipment_file import (
    Answers,
    Kept,
    RunnerAnswers,
    ShoeAnswers,
    TreadmillAnswers,
    load,
    read_answers,
    runner_facts,
    save,
    updated,
)

EXAMPLE = Path(__file__).parents[2] / "configs" / "equipment.toml"
TODAY = date(2026, 11, 22)
WHOLE = Answers(
    TreadmillAnswers(power="2.5 hp", key="loose", panel=False),
    ShoeAnswers(gait=True),
    RunnerAnswers(height="178 cm", runs_a_week=0),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "equipment.toml"


def test_the_example_answers_every_question() -> None:
    example = read_answers(EXAMPLE)
    for table in (example.treadmill, example.shoes, example.runner):
        unsaid = {k for k in table.__struct_fields__ if getattr(table, k) is None}
        assert unsaid <= {"answered", "name"}


def test_the_file_knows_every_point_of_the_shoes() -> None:
    assert {*ShoeAnswers.__struct_fields__} == {"answered", *(f.name for f in fields(Shoes))}


def test_what_is_kept_comes_back_by_address_and_for_the_owner_s_eyes_only(path: Path) -> None:
    said = updated(Answers(), WHOLE, TODAY)
    save(path, Kept().with_("aa:bb", 'Pad "1"', said))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [*path.parent.iterdir()] == [path]
    kept = load(path)
    assert kept.of("Aa:Bb").treadmill == TreadmillAnswers(
        answered=TODAY, name='Pad "1"', power="2.5 hp", key="loose", panel=False
    )
    assert kept.of("CC").treadmill == TreadmillAnswers()
    assert kept.of("CC").shoes == ShoeAnswers(answered=TODAY, gait=True)
    save(path, kept.with_("CC", "", Answers(TreadmillAnswers(power="1 kW"), kept.shoes)))
    assert load(path).of("AA:BB").treadmill == kept.of("AA:BB").treadmill
    assert load(path).of("cc").treadmill == TreadmillAnswers(power="1 kW")


def test_without_a_file_nothing_is_known(path: Path) -> None:
    assert load(path) == Kept()


def test_a_write_that_fails_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(path, Kept().with_("AA", "Pad", WHOLE))
    before = path.read_bytes()

    def full(_: int) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save(path, Kept())
    assert path.read_bytes() == before
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[treadmill."AA"]\npower = "48 in"', "treadmill.\"AA\": power: 'in' is no unit of a mot"),
        ('[treadmill."AA"]\npower = 48', 'treadmill."AA".power must be text, not 48'),
        ('[treadmill."AA"]\npowr = "1 kW"', 'there is no key "powr" here; did you mean "power"?'),
        ('[treadmill."AA"]\nkey = "yes"', 'key must be one of "clipped", "loose", "none"'),
        ("[treadmill]\npower = 1", "must be a table"),
        ("[shoes]\ngait = 1", "shoes.gait must be true or false, not 1"),
        ("[runner]\nruns_a_week = 22", "runner.runs_a_week must be a whole number from 0 to 21"),
        ('[runner]\nheight = "6"', "'6' is no number with a unit: say it like 178 cm"),
        ("[shoe]", 'did you mean "shoes"?'),
        ("[", "isn't valid TOML"),
    ],
)
def test_a_file_that_cant_be_used_is_one_sentence_with_the_place(
    path: Path, text: str, says: str
) -> None:
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert says in str(refused.value)
    assert str(path) in str(refused.value)
    assert path.read_text() == text


def test_answers_are_about_one_treadmill(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('[treadmill]\nbelt_length = "48"')
    with pytest.raises(ConfigError, match="belt_length: '48' is no number with a unit"):
        read_answers(path)


def test_an_answer_replaces_the_one_before_and_dates_only_its_own_table() -> None:
    before = Answers(TreadmillAnswers(date(2025, 1, 1), key="none", power="1 hp"), WHOLE.shoes)
    after = updated(before, Answers(TreadmillAnswers(key="clipped")), TODAY)
    assert after.treadmill == TreadmillAnswers(TODAY, key="clipped", power="1 hp")
    assert (after.shoes, after.runner) == (before.shoes, before.runner)


def test_no_beats_an_earlier_yes() -> None:
    before = Answers(shoes=ShoeAnswers(gait=True))
    assert updated(before, Answers(shoes=ShoeAnswers(gait=False)), TODAY).shoes.gait is False


@given(
    st.dictionaries(st.text(max_size=20), st.text(max_size=40) | st.none(), max_size=3),
    st.booleans() | st.none(),
)
def test_any_name_and_address_can_be_kept(
    tmp_path_factory: pytest.TempPathFactory, names: dict[str, str | None], yes: bool | None
) -> None:
    path = tmp_path_factory.mktemp("kept") / "equipment.toml"
    kept = Kept()
    for address, name in names.items():
        kept = kept.with_(address, name or "", Answers(TreadmillAnswers(panel=yes)))
    save(path, kept)
    assert load(path) == kept


# ---------------------------------------------------------------- the profile's runner


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("[runner]\nheight_cm = 178\nruns_a_week = 3", (178, 3)),
        ("[runner]\nheight_cm = 178.5\nage = 41", (178.5, None)),
        ("speed_max_kmh = 6", (None, None)),
        ("runner = 3", (None, None)),
        ("[runner]\nheight_cm = 178\nage = 4", (None, None)),
        ('[runner]\nheight_cm = "tall"\nruns_a_week = true', (None, None)),
        ("[runner]\nheight_cm = nan\nruns_a_week = -1", (None, None)),
        ("[runner", (None, None)),
    ],
)
def test_the_profile_s_runner_is_read_as_far_as_it_goes(
    tmp_path: Path, text: str, facts: tuple[Any, Any]
) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(text)
    assert runner_facts(path) == facts


def test_without_a_profile_nothing_is_known_of_the_runner(tmp_path: Path) -> None:
    assert runner_facts(None) == (None, None)
    assert runner_facts(tmp_path / "none.toml") == (None, None)


def test_the_file_is_where_the_runner_s_own_files_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/made/up")
    assert equipment_file.equipment_file().name == "equipment.toml"
