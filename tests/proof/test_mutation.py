"""The short form of the mutation proof, and that it would tell if a test were missing or gone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from proof.mutation import reach
from proof.mutation.campaign import Results, Suite, Verdict
from proof.mutation.mutants import ROOT, Key
from proof.mutation.reach import Reach

CALLS = """
from treadguard.gate import COUNTDOWN_TRAINING, GateState, saw_training
from treadguard.units import Millis

def test_a_countdown():
    after = saw_training(GateState(), Millis(7), COUNTDOWN_TRAINING)
"""
LOOKS = """
    assert after.started_at == 7
    assert saw_training(GateState(), Millis(7), 1).started_at is None
"""


def proves(*options: str, kept: Path) -> tuple[int, dict[str, Any], str]:
    command = [sys.executable, "-m", "proof.mutation", "--json", "--jobs", "1", *options]
    command += ["--kept", str(kept)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.parametrize(
    ("file", "n", "suite"),
    [
        ("gate.py", 24, ["", "_speed", "_incline", "_edges", "_programme"]),
        ("ftms/ranges.py", 10, ["ranges"]),
    ],
)
def test_a_sample_leaves_no_survivor(file: str, n: int, suite: list[str], tmp_path: Path) -> None:
    start = "tests/test_gate" if file == "gate.py" else "tests/ftms/test_"
    tests = [f"{start}{name}.py" for name in suite]
    options = ["--files", file, "--sample", str(n), "--seed", "7", "--suite", *tests]
    code, figures, said = proves(*options, kept=tmp_path)
    assert (code, figures["survived"], figures["unjudged"]) == (0, 0, 0), said
    assert figures["killed"] >= n * 0.9


def test_what_no_test_looks_at_survives_until_one_does(tmp_path: Path) -> None:
    """And a campaign that was broken off goes on where it was."""
    tests = tmp_path / "test_training.py"
    tests.write_text(CALLS, "utf-8")
    options = ("--files", "gate.py", "--function", "saw_training", "--suite", str(tests))
    code, figures, said = proves(*options, kept=tmp_path)
    assert code == 1
    assert figures["killed"] == 0
    assert figures["survived"] == figures["mutants"] > 3
    assert "Survives: gate.py, saw_training: `==` to `!=` in" in said

    tests.write_text(CALLS + LOOKS, "utf-8")
    code, figures, said = proves(*options, kept=tmp_path)
    assert (code, figures["survived"]) == (0, 0), said
    assert figures["killed"] == figures["mutants"]

    results = tmp_path / "results.jsonl"
    lines = results.read_text("utf-8").splitlines(keepends=True)
    results.write_text("".join(lines[:-2]), "utf-8")
    code, again, _ = proves(*options, kept=tmp_path)
    assert {**again, "seconds": 0} == {**figures, "seconds": 0}
    assert sorted(results.read_text("utf-8").splitlines(keepends=True)) == sorted(lines)

    tests.write_text(CALLS, "utf-8")
    code, figures, said = proves(*options, kept=tmp_path)
    assert (code, figures["killed"]) == (1, 0), "what killed is gone, and its kills with it"


def kept_under(print_: str, path: Path) -> dict[Key, Verdict]:
    return Results(path, Suite((), Reach(print_, {}, {}, {}))).known()


@pytest.mark.parametrize("is_", ["killed", "timeout", "survived", "unseen"])
def test_a_verdict_is_of_the_code_and_the_tests_that_it_was_made_of(
    tmp_path: Path, is_: str
) -> None:
    path = tmp_path / "results.jsonl"
    key = Key("gate.py", "saw_training", "return s", "`s` to None")
    made = Verdict(key, is_, "a test")
    Results(path, Suite((), Reach("before", {}, {}, {}))).add(made)
    assert kept_under("before", path) == {key: made}
    assert kept_under("after", path) == {}


@pytest.mark.parametrize(
    "changed",
    [
        "src/treadguard/units.py",
        "src/treadguard/guard/new.py",
        "src/treadguard/py.typed",
        "tests/guard/test_belt.py",
        "tests/guard/conftest.py",
        "tests/conftest.py",
        "tests/gate_belt.py",
        "tests/data/frames.jsonl",
        "configs/policy.toml",
        "pyproject.toml",
        "uv.lock",
    ],
)
def test_whatever_a_test_may_run_or_read_changes_the_print(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changed: str
) -> None:
    monkeypatch.setattr(reach, "ROOT", tmp_path)
    (tmp_path / "tests" / "guard").mkdir(parents=True)
    for name in ("tests/guard/test_belt.py", "pyproject.toml", "uv.lock"):
        (tmp_path / name).write_text("as it was", "utf-8")
    before = reach.fingerprint(["tests/guard"], 0.2)
    compiled = tmp_path / "tests" / "guard" / "__pycache__"
    compiled.mkdir()
    (compiled / "test_belt.pyc").write_bytes(b"x")
    assert reach.fingerprint(["tests/guard"], 0.2) == before
    file = tmp_path / changed
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("as it is", "utf-8")
    assert reach.fingerprint(["tests/guard"], 0.2) != before


def test_a_suite_that_fails_by_itself_judges_nothing(tmp_path: Path) -> None:
    failing = tmp_path / "test_failing.py"
    failing.write_text("def test_it():\n    assert False\n", "utf-8")
    command = [sys.executable, "-m", "proof.mutation", "--kept", str(tmp_path)]
    command += ["--files", "gate.py", "--suite", str(failing)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "fails without any mutant" in done.stderr
    assert "Traceback" not in done.stderr
