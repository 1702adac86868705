"""`make prove`: a figure is never better than its run."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from proof.fuzz.table import TARGETS
from proof.hazards import TABLE

from proof import corpus, coverage_of, processes, prove


def part(*command: str) -> prove.Part:
    return prove.Part("made up", "what", "goal", lambda _share: command, lambda f: f"n {f['n']}")


def result(**changes: Any) -> dict[str, Any]:
    whole = {"figure": "n 1", "held": True, "share": 1.0, "command": "x", "seconds": 61}
    return {**whole, "date": "2026-01-01", "commit": "abc", **changes}


def row(found: dict[str, Any], *, holds: bool = True) -> str:
    name = prove.PARTS[0].name
    page = prove.page({name: found}, lambda _part, _commit: holds)
    return next(line for line in page.splitlines() if prove.PARTS[0].what in line)


def test_a_whole_run_that_held_is_a_yes() -> None:
    assert "| yes |" in row(result())


def test_a_short_run_that_held_says_so() -> None:
    assert "| short form only |" in row(result(share=0.1))


def test_a_goal_that_was_missed_is_a_no() -> None:
    assert "| no |" in row(result(held=False))


def test_a_figure_whose_code_has_changed_since_says_so() -> None:
    assert "| yes, of older code |" in row(result(), holds=False)
    assert "| short form only, of older code |" in row(result(share=0.1), holds=False)
    assert "| no |" in row(result(held=False), holds=False)


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


def commit_beside(changed: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    git = ["git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@x.invalid"]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "--no-verify", "-m", "x"]):
        subprocess.run([*git, *words], check=True)
    (root / changed).parent.mkdir(parents=True, exist_ok=True)
    (root / changed).write_text("x")
    monkeypatch.setattr(prove, "ROOT", root)
    return prove._commit()


@pytest.mark.parametrize(
    "changed",
    ["src/a.py", "proof/a.py", "tests/test_a.py", "configs/a.toml", "pyproject.toml", "uv.lock"],
)
def test_a_figure_of_changed_code_or_tests_is_not_said_to_be_of_the_commit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changed: str
) -> None:
    assert commit_beside(changed, tmp_path, monkeypatch).endswith(" and changes")


def test_what_no_figure_rests_on_may_change(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "changes" not in commit_beside("docs/safety/figures.md", tmp_path, monkeypatch)


def test_the_whole_judges_every_mutant_afresh_and_a_share_some() -> None:
    (mutation,) = (part for part in prove.PARTS if part.name == "mutation")
    assert "--fresh" in mutation.command(1.0)
    assert "--sample" not in mutation.command(1.0)
    assert "--sample" in mutation.command(0.01)


CASES = {
    "test_a": '<testcase classname="tests.test_a" name="test_a" />',
    "one of test_b": (
        '<testcase classname="tests.test_a" name="test_b[1]" />'
        '<testcase classname="tests.test_a" name="test_b[2]"><skipped message="no" /></testcase>'
    ),
    "test_c": '<testcase classname="tests.test_a.TestIn" name="test_c" />',
    "a file": '<testcase classname="" name="tests.test_a"><skipped message="no" /></testcase>',
}


@pytest.mark.parametrize(
    ("named", "ran", "missing"),
    [
        (["tests/test_a.py::test_a"], ["test_a"], []),
        (["tests/test_a.py::test_a"], ["test_c", "a file"], ["tests/test_a.py::test_a"]),
        (["tests/test_a.py::test_b"], ["test_a", "one of test_b"], ["tests/test_a.py::test_b"]),
        (["tests/test_a.py::TestIn::test_c"], ["test_c"], []),
        (["tests/test_a.py::test_c"], ["test_c"], ["tests/test_a.py::test_c"]),
    ],
)
def test_a_named_test_that_is_skipped_or_absent_has_not_run(
    named: list[str], ran: list[str], missing: list[str]
) -> None:
    cases = "".join(CASES[one] for one in ran)
    # Written here, so trusted.
    report = ET.fromstring(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")  # noqa: S314
    assert processes.not_run(named, report) == missing


SKIPS = """
import pytest

def test_runs(): ...

@pytest.mark.slow
def test_is_slow(): ...

def test_skips():
    pytest.skip("there is no bus here")
"""


@pytest.mark.parametrize("named", ["test_runs", "test_is_slow"])
def test_real_processes_that_ran_hold(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    named: str,
) -> None:  # fmt: skip
    assert real_processes(monkeypatch, tmp_path, named) == 0
    assert json.loads(capfd.readouterr().out)["not_run"] == 0


def test_a_skip_of_a_test_that_a_hazard_rests_on_does_not_hold(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert real_processes(monkeypatch, tmp_path, "test_skips") == 1
    told = capfd.readouterr()
    assert json.loads(told.out)["not_run"] == 1
    assert "Not run, though the hazard table rests on it: tests/test_a.py::test_skips" in told.err


def real_processes(monkeypatch: pytest.MonkeyPatch, root: Path, named: str) -> int:
    (root / "tests" / "processes").mkdir(parents=True)
    (root / "tests" / "test_a.py").write_text(SKIPS)
    (root / "tests" / "processes" / "test_x.py").write_text("def test_x(): ...\n")
    settings = (prove.ROOT / "pyproject.toml").read_text()
    (root / "pyproject.toml").write_text(settings)
    monkeypatch.setattr(processes, "ROOT", root)
    monkeypatch.setattr(processes, "named", lambda: [f"tests/test_a.py::{named}"])
    return processes.main(["--json"])


def test_every_test_that_the_table_marks_x_is_named() -> None:
    table = TABLE.read_text()
    assert len(processes.named()) > 15
    assert all(f'{{ kind = "X", id = "{one}" }}' in table for one in processes.named())
    assert len(processes.named()) == len(set(re.findall(r'kind = "X", id = "([^"]*)"', table)))


def test_the_corpus_is_whole() -> None:
    assert corpus.main(["--json"]) == 0


@pytest.mark.parametrize(("missed", "pct"), [(0, 100.0), (1, 90.0), (10, 0.0)])
def test_coverage_counts_lines_and_branches(missed: int, pct: float) -> None:
    one = {"num_statements": 6, "num_branches": 4}
    lines = min(missed, 6)
    run = {"covered_lines": 6 - lines, "covered_branches": 4 - (missed - lines)}
    assert coverage_of.share([{**one, **run}]) == pct


WHOLE: dict[str, Any] = {
    name: {"missing_lines": [], "missing_branches": []}
    for name in ("src/treadguard/guard/a.py", "src/treadguard/gate.py", "src/treadguard/ftms/b.py")
}


@pytest.mark.parametrize(
    ("change", "figures", "goal"),
    [
        ({}, {}, True),
        ({}, {"whole": 95.0}, True),
        ({}, {"whole": 94.9}, False),
        ({"src/treadguard/gate.py": {"missing_lines": [3], "missing_branches": []}}, {}, False),
        (
            {"src/treadguard/ftms/b.py": {"missing_lines": [], "missing_branches": [[4, 9]]}},
            {},
            False,
        ),
        ({"src/treadguard/cli/c.py": {"missing_lines": [1], "missing_branches": []}}, {}, True),
    ],
)
def test_one_line_or_branch_of_the_core_is_too_much_to_miss(
    change: dict[str, Any], figures: dict[str, float], *, goal: bool
) -> None:
    assert coverage_of.reached(figures, {**WHOLE, **change}) is goal


def test_a_part_that_was_not_run_at_all_is_missed() -> None:
    for name in WHOLE:
        rest = {other: found for other, found in WHOLE.items() if other != name}
        assert not coverage_of.reached({}, rest)


def test_what_is_missing_is_named() -> None:
    files = {
        "src/treadguard/gate.py": {"missing_lines": [3], "missing_branches": [[4, 9]]},
        "src/treadguard/units.py": {"missing_lines": [1], "missing_branches": []},
    }
    assert coverage_of.missing(files, "src/treadguard/gate.py") == [
        "src/treadguard/gate.py: 3, 4->9"
    ]
