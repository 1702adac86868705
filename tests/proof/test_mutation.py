"""The short form of the mutation proof, and that it would tell if a test were missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from proof.mutation.mutants import ROOT

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
        ("gate.py", 24, ["", "_speed", "_incline", "_edges"]),
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


def test_a_suite_that_fails_by_itself_judges_nothing(tmp_path: Path) -> None:
    failing = tmp_path / "test_failing.py"
    failing.write_text("def test_it():\n    assert False\n", "utf-8")
    command = [sys.executable, "-m", "proof.mutation", "--kept", str(tmp_path)]
    command += ["--files", "gate.py", "--suite", str(failing)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "fails without any mutant" in done.stderr
    assert "Traceback" not in done.stderr
