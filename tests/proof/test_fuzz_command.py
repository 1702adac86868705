"""`python -m proof.fuzz`: what it says, counts and keeps, and how it ends."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from proof.fuzz import __main__ as program
from proof.fuzz import process
from proof.fuzz.table import TARGETS

needs_atheris = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="there is no atheris here"
)

DONE = "#200\tDONE   cov: 9\nDone 200 runs in 1 second(s)\nstat::number_of_executed_units: 200\n"
RAISED = "\n === Uncaught Python exception: ===\nAssertionError: speed is 7\nTraceback\n"


def _work(folder: Path, log: str, found: bytes | None = None) -> Path:
    (folder / "found").mkdir(parents=True)
    (folder / "log").write_text(log)
    if found is not None:
        (folder / "found/crash-0").write_bytes(found)
    return folder


def test_a_run_counts_what_was_executed(tmp_path: Path) -> None:
    found = process.figures(TARGETS["2acd"], 500, 2.0, _work(tmp_path, DONE))
    assert (found.asked, found.runs, found.per_s, found.crash) == (500, 200, 100, None)


def test_a_finding_is_named_with_its_input(tmp_path: Path) -> None:
    work = _work(tmp_path, RAISED + "stat::number_of_executed_units: 17\n", b"\x01")
    found = process.figures(TARGETS["2acd"], 500, 2.0, work)
    assert (found.runs, found.crash) == (17, "AssertionError: speed is 7")
    assert found.input == str(work / "found/crash-0")


@pytest.mark.parametrize(("log", "found"), [("Killed", None), (DONE, b"slow")])
def test_a_run_without_figures_or_with_a_slow_input_is_a_finding(
    tmp_path: Path, log: str, found: bytes | None
) -> None:
    work = _work(tmp_path, log, found)
    assert process.figures(TARGETS["2acd"], 500, 2.0, work).crash is not None


def test_an_unknown_target_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        program.main(["2abc"])
    assert "2acd" in capsys.readouterr().err


@pytest.mark.parametrize("runs", ["0", "-1", "many"])
def test_a_count_that_is_none_is_bad_usage(runs: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        program.main(["2acd", "--runs", runs])


def test_without_atheris_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert program.main(["2acd"]) == 2
    assert "3.11 to 3.13" in capsys.readouterr().err


@needs_atheris
def test_a_short_run_gives_its_figures_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["2ad4", "--runs", "50", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["runs"], found["crashes"]) == (50, 0)
    assert found["targets"][0]["name"] == "2ad4"


def test_a_finding_and_a_run_cut_short_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: True)
    for log, found in ((RAISED, b"\x01"), (DONE, None)):

        def fuzz(
            _target: object,
            _runs: int,
            _seconds: int,
            work: Path,
            log: str = log,
            found: bytes | None = found,
        ) -> None:
            _work(work, log, found)

        monkeypatch.setattr(program, "fuzz", fuzz)
        assert program.main(["2ad4", "--runs", "500", "--json"]) == 1
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["runs"], each["crashes"]) for each in said] == [(0, 1), (200, 0)]


@needs_atheris
def test_what_is_kept_is_minimised_and_a_named_file_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process, "CORPORA", tmp_path / "corpora")
    kept = tmp_path / "corpora/2ad4"
    kept.mkdir(parents=True)
    (kept / "as-somebody-sent-it").write_bytes(b"\x01")
    (kept / ("0" * 40)).write_bytes(bytes(6))
    corpus = tmp_path / "work/corpus"
    corpus.mkdir(parents=True)
    for n in range(20):
        (corpus / str(n)).write_bytes(bytes((n,)) * 6)
    count = process.keep(TARGETS["2ad4"], tmp_path / "work")
    assert count == len(list(kept.iterdir())) < 10
    assert (kept / "as-somebody-sent-it").exists()
    assert not (kept / ("0" * 40)).exists()


def test_a_corpus_that_grows_too_large_keeps_small_and_large_alike(tmp_path: Path) -> None:
    files = [tmp_path / str(n) for n in range(400)]
    for n, file in enumerate(files):
        file.write_bytes(bytes(n))
    chosen = process._chosen(files)
    assert len(chosen) <= process.CORPUS_FILES
    assert files[0] in chosen
    assert files[399] in chosen


def test_a_targets_process_is_this_python() -> None:
    assert process.command(TARGETS["2acd"], "-runs=1") == [
        sys.executable,
        *("-m", "proof.fuzz.one", "proof.fuzz.frames:2acd", "-runs=1"),
    ]
