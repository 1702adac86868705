"""`make prove`: a figure is never better than its run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from proof.fuzz.table import TARGETS

from proof import corpus, coverage_of, prove


def part(*command: str) -> prove.Part:
    return prove.Part("made up", "what", "goal", lambda _share: command, lambda f: f"n {f['n']}")


def result(**changes: Any) -> dict[str, Any]:
    whole = {"figure": "n 1", "held": True, "share": 1.0, "command": "x", "seconds": 61}
    return {**whole, "date": "2026-01-01", "commit": "abc", **changes}


def row(found: dict[str, Any]) -> str:
    name = prove.PARTS[0].name
    page = prove.page({name: found})
    return next(line for line in page.splitlines() if prove.PARTS[0].what in line)


def test_a_whole_run_that_held_is_a_yes() -> None:
    assert "| yes |" in row(result())


def test_a_short_run_that_held_says_so() -> None:
    assert "| short form only |" in row(result(share=0.1))


def test_a_goal_that_was_missed_is_a_no() -> None:
    assert "| no |" in row(result(held=False))


def test_what_was_not_run_is_not_measured() -> None:
    assert prove.page({}).count("not measured yet") == len(prove.PARTS)


def test_a_part_that_breaks_off_has_no_figure_and_did_not_hold() -> None:
    found = prove.measured(part("proof.no_such_module"), 1.0)
    assert not found["held"]
    assert "broke off" in found["figure"]


def test_a_part_is_run_and_its_last_line_told() -> None:
    found = prove.measured(part("json.tool", "--help"), 1.0)
    assert "broke off" in found["figure"]  # it prints no JSON, whatever its exit code


def test_only_the_parts_asked_for_are_run_and_the_others_figures_stand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(prove, "KEPT", tmp_path / "figures.json")
    monkeypatch.setattr(prove, "FIGURES", tmp_path / "figures.md")
    monkeypatch.setattr(prove, "ROOT", tmp_path)
    monkeypatch.setattr(prove, "measured", lambda _part, share: result(share=share))
    prove.KEPT.write_text(json.dumps({"core": result(figure="kept")}))
    assert prove.main(["--only", "replay"]) == 0
    page = prove.FIGURES.read_text()
    assert "kept" in page
    assert page.count("not measured yet") == len(prove.PARTS) - 2


def test_fuzz_is_every_target_in_turn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(prove, "KEPT", tmp_path / "figures.json")
    monkeypatch.setattr(prove, "FIGURES", tmp_path / "figures.md")
    monkeypatch.setattr(prove, "ROOT", tmp_path)
    monkeypatch.setattr(prove, "measured", lambda _part, share: result(share=share))
    assert prove.main(["--only", "fuzz"]) == 0
    assert json.loads(prove.KEPT.read_text()).keys() == {f"fuzz-{name}" for name in TARGETS}


def test_what_another_run_wrote_meanwhile_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(prove, "KEPT", tmp_path / "figures.json")
    monkeypatch.setattr(prove, "FIGURES", tmp_path / "figures.md")
    monkeypatch.setattr(prove, "ROOT", tmp_path)

    def beside(_part: prove.Part, share: float) -> dict[str, Any]:
        prove.KEPT.write_text(json.dumps({"core": result(figure="from beside")}))
        return result(share=share)

    monkeypatch.setattr(prove, "measured", beside)
    prove.main(["--only", "replay"])
    assert json.loads(prove.KEPT.read_text())["core"]["figure"] == "from beside"


def test_the_corpus_is_whole() -> None:
    assert corpus.main(["--json"]) == 0


@pytest.mark.parametrize(("missed", "pct"), [(0, 100.0), (1, 90.0), (10, 0.0)])
def test_coverage_counts_lines_and_branches(missed: int, pct: float) -> None:
    one = {"num_statements": 6, "num_branches": 4}
    lines = min(missed, 6)
    run = {"covered_lines": 6 - lines, "covered_branches": 4 - (missed - lines)}
    assert coverage_of.share([{**one, **run}]) == pct


def test_what_is_missing_is_named() -> None:
    files = {
        "src/treadguard/gate.py": {"missing_lines": [3], "missing_branches": [[4, 9]]},
        "src/treadguard/units.py": {"missing_lines": [1], "missing_branches": []},
    }
    assert coverage_of.missing(files, "src/treadguard/gate.py") == [
        "src/treadguard/gate.py: 3, 4->9"
    ]
