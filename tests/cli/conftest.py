"""A runtime directory of each test's own, and one way to run a command within the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from treadguard.cli.main import main


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty runtime directory, and a home that is nobody's."""
    where = tmp_path / "runtime"
    where.mkdir(mode=0o700)
    monkeypatch.setenv("TREADGUARD_RUNTIME_DIR", str(where))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("TREADGUARD_DEBUG", raising=False)
    return where


@pytest.fixture
def run(runtime: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `treadguard ARGS` in this process."""

    assert runtime.is_dir()

    def ran(*args: str) -> Ran:
        capsys.readouterr()
        code = main(list(args))
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return ran
