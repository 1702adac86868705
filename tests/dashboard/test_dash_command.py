"""`treadguard dash`, and the service that `run` starts beside the screen."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run, run, runtime
from tests.cli.fake_service import fake_service
from tests.dashboard.fake_client import FakeClient
from tests.dashboard.moments import state

from treadguard.cli import client, dash
from treadguard.cli.failure import Failure
from treadguard.dashboard.app import Dashboard, Leave

__all__ = ["run", "runtime"]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dash, "is_terminal", lambda: True)


@pytest.fixture
def leaves(monkeypatch: pytest.MonkeyPatch) -> list[Leave | None]:
    """What the screen returns, one after the other; nothing is drawn."""
    how: list[Leave | None] = []
    monkeypatch.setattr(Dashboard, "run", lambda _, **__: how.pop(0))
    return how


def test_without_a_service_it_is_one_sentence_and_exit_three(run: Run) -> None:
    ran = run("dash")
    assert ran.code == 3
    assert "no treadguard service is running" in ran.err
    assert ran.err.count("\n") == 1


def test_without_a_terminal_it_is_one_sentence_and_exit_two(run: Run, runtime: Path) -> None:
    with fake_service(runtime):
        ran = run("dash")
    assert (ran.code, ran.out) == (2, "")
    assert "needs a terminal" in ran.err


def test_several_services_are_listed_and_none_is_chosen(run: Run, runtime: Path) -> None:
    with fake_service(runtime, "sim"), fake_service(runtime, "Walker"):
        ran = run("dash")
    assert ran.code == 2
    assert "'sim'" in ran.err
    assert "'Walker'" in ran.err


@pytest.mark.usefixtures("terminal")
def test_whoever_leaves_the_screen_is_told_that_the_service_goes_on(
    run: Run, runtime: Path, leaves: list[Leave | None]
) -> None:
    leaves += [Leave.SCREEN, Leave.SESSION]
    with fake_service(runtime):
        assert "the service goes on guarding" in run("dash").out
        assert "its service ends with Ctrl-C" in run("dash").out


@pytest.mark.usefixtures("terminal")
def test_whoever_leaves_a_service_that_has_ended_is_told_that(
    run: Run, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake_service(runtime) as service:

        def ends(_: Dashboard, *, mouse: bool) -> Leave:
            assert not mouse
            service.runtime_file.unlink()
            return Leave.SCREEN

        monkeypatch.setattr(Dashboard, "run", ends)
        assert "nobody guards the treadmill now" in run("dash").out


@pytest.mark.usefixtures("terminal")
def test_a_screen_that_fails_is_one_sentence_without_a_traceback(
    run: Run, runtime: Path, leaves: list[Leave | None]
) -> None:
    leaves += [None]
    with fake_service(runtime):
        ran = run("dash")
    assert ran.code == 1
    assert "the screen has failed; the service goes on guarding" in ran.err
    assert ran.err.count("\n") == 1


def test_a_fault_in_the_screen_shows_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    class Broken(FakeClient):
        async def state(self) -> dict[str, Any]:
            raise ZeroDivisionError

    app = Dashboard(Broken(state()))
    assert app.run(headless=True) is None
    assert app.return_code == 1
    assert "Traceback" not in "".join(capfd.readouterr())


def test_together_the_service_outlives_a_screen_that_is_left(
    runtime: Path, leaves: list[Leave | None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert runtime.is_dir()
    leaves += [Leave.SCREEN]
    assert dash.together(["serve", "--treadmill", "sim"]) == 0
    pid = int(capsys.readouterr().out.rsplit("process ", 1)[1].split(")")[0])
    assert [service.treadmill for service in client.running()] == ["sim"]
    assert os.getsid(pid) == pid
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + 10
    while client.running():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_together_a_session_that_has_ended_ends_the_service_too(
    runtime: Path, leaves: list[Leave | None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert runtime.is_dir()
    leaves += [Leave.SESSION]
    assert dash.together(["serve", "--treadmill", "sim"]) == 0
    assert client.running() == []
    assert "stopping the belt" in capsys.readouterr().err


def test_together_a_service_that_does_not_start_says_why(
    runtime: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runtime.is_dir()
    assert dash.together(["serve", "--treadmill", "sim", "--policy", "nowhere.toml"]) == 2
    assert "nowhere.toml" in capsys.readouterr().err


def test_together_a_service_that_never_listens_is_ended(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert runtime.is_dir()
    monkeypatch.setattr(dash, "READY_S", 0.0)
    with pytest.raises(Failure, match="doesn't listen"):
        dash.together(["serve", "--treadmill", "sim"])


def test_a_service_that_was_killed_is_said_and_is_exit_one(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert runtime.is_dir()

    def dies(_: Dashboard, *, mouse: bool) -> Leave:
        assert not mouse
        (card,) = runtime.glob("*.json")
        os.kill(json.loads(card.read_text())["pid"], signal.SIGKILL)
        time.sleep(0.3)
        return Leave.SCREEN

    monkeypatch.setattr(Dashboard, "run", dies)
    with pytest.raises(Failure, match=r"was killed \(signal 9\).*safety key") as failure:
        dash.together(["serve", "--treadmill", "sim"])
    assert failure.value.code == 1
