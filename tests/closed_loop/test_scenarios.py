"""Every scenario file of the house shows what it expects, and its journal holds.

Against the direct form of the simulated treadmill, and through the Bluetooth driver over a virtual
radio: one suite for both.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.closed_loop.forms import FORMS

from treadguard.closed_loop import live
from treadguard.closed_loop.scenario_player import play
from treadguard.replay.check import check
from treadguard.scenario import read_scenario

ROOT = Path(__file__).parents[2]
FILES = [
    Path(live.__file__).with_name("demo.toml"),
    *sorted((ROOT / "tests" / "scenarios").glob("*.toml")),
    *sorted((ROOT / "configs" / "scenarios").glob("*.toml")),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_scenario(file: Path, form: str, tmp_path: Path) -> None:
    result = play(read_scenario(file), drive=FORMS[form])
    assert result.judged, "it expects nothing"
    assert result.played.failure is None
    assert [f"{one.what}: {one.found}" for one in result.judged if not one.ok] == []
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(result.played.journal)
    report = check(journal)
    assert report.ok, report.sentence


def test_over_the_radio_too_the_same_scenario_gives_the_same_bytes() -> None:
    scenario = read_scenario(ROOT / "tests" / "scenarios" / "pain_in_a_drop_is_owed.toml")
    first, second = (play(scenario, drive=FORMS["radio"]).played for _ in range(2))
    assert first.journal == second.journal
