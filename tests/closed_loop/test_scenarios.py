"""Every scenario file of the house: it shows what it expects, and its journal holds."""

from __future__ import annotations

from pathlib import Path

import pytest

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


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_scenario(file: Path, tmp_path: Path) -> None:
    result = play(read_scenario(file))
    assert result.judged, "it expects nothing"
    assert result.played.failure is None
    assert [f"{one.what}: {one.found}" for one in result.judged if not one.ok] == []
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(result.played.journal)
    report = check(journal)
    assert report.ok, report.sentence
