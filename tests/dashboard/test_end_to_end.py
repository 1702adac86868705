"""The dashboard on a real service, a process of its own, over its real API."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from treadguard.cli import client as finder
from treadguard.dashboard.app import Dashboard
from treadguard.dashboard.client import Address, ServiceClient


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TREADGUARD_RUNTIME_DIR", str(tmp_path / "runtime"))
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    args = [sys.executable, "-m", "treadguard", "serve", "--treadmill", "sim"]
    with subprocess.Popen(args, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + 30
            while not finder.running():
                assert time.monotonic() < until
                time.sleep(0.05)
            yield
        finally:
            process.kill()


def find() -> Address | None:
    found = finder.running()
    return Address(found[0].treadmill, found[0].port, found[0].token) if found else None


@pytest.mark.usefixtures("service")
async def test_pain_six_stops_a_real_session_for_a_break() -> None:
    app = Dashboard(ServiceClient(find))
    words: list[str] = []

    async def until(holds: Callable[[], bool]) -> None:
        end = asyncio.get_running_loop().time() + 10
        while True:
            word = app._shown().face.word
            if not words or words[-1] != word:
                words.append(word)
            if holds():
                return
            assert asyncio.get_running_loop().time() < end, (words, app._said, app.state)
            await pilot.pause(0.02)

    async with app.run_test(size=(80, 24)) as pilot:
        # A start is refused until the belt was seen standing: the runner presses again.
        await until(lambda: app._shown().speed == "0.0")
        await pilot.pause(1.1)
        await pilot.press("r")
        await pilot.pause(1.1)  # what is asked has to be read
        await pilot.press("y")
        await until(lambda: app._shown().face.word == "RUNNING")
        assert app._said.text.startswith("start taken (seq")
        await pilot.press("6")
        await until(lambda: app._said.text.startswith("pain 6 (seq "))
        assert app._shown().face.word in ("RUNNING", "STOPPING")
        await until(lambda: app._shown().face.word == "BREAK")
        assert words[-3:] == ["RUNNING", "STOPPING", "BREAK"]
        rest = app._shown().rest
        assert rest is not None
        assert rest.left_s is not None
        assert 110 < rest.left_s <= 120
        assert any(event.text == "pain 6" for event in app.history.newest(20))
