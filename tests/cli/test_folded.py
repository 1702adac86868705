"""Folding: words stay whole, and only a terminal gets folded lines."""

from __future__ import annotations

import sys

import pytest

from treadguard.cli.folded import folded, print_folded

LONG = "  a line that is rather long for this"


def test_words_stay_whole_under_the_column() -> None:
    assert folded(LONG, 20, 4) == "  a line that is\n    rather long for\n    this"


def test_a_pipe_gets_the_line_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    print_folded([LONG], 4)
    assert capsys.readouterr().out == f"{LONG}\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_folded(["short", LONG], 4)
    assert capsys.readouterr().out == f"short\n{folded(LONG, 20, 4)}\n"
