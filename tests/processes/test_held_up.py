"""The service is held up beside a moving belt, and goes on: SIGSTOP, then SIGCONT (H62)."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.processes.rig import house, until

pytestmark = pytest.mark.slow

HELD_S = 3.0
CALM_S = 2.5
"""Of a raise that went on, ten steps would show in this time."""


def test_a_raise_ends_what_was_pressed_acts_at_once_and_nothing_goes_up(tmp_path: Path) -> None:
    with house(tmp_path, "--kmh", "2") as home, ThreadPoolExecutor() as pool:
        served = home.adopted(200)

        def asked() -> bool:
            # The console has just set the speed: until it is steady, one is told to ask again.
            served.post("operator", do="speed", value=6.0)
            time.sleep(1)
            return home.machine.ups() != []

        until(asked)
        until(lambda: home.machine.speed > 240)
        held = served.send(signal.SIGSTOP)
        until(lambda: home.machine.ups(held) == home.machine.ups(time.monotonic() - 0.5))
        higher = pool.submit(served.ask, "POST", "/v1/operator", do="speed", value=8.0)
        until(lambda: time.monotonic() > held + HELD_S)
        before = home.machine.speed
        awake = served.send(signal.SIGCONT)
        status, answer = higher.result(20)
        assert status == 409, answer
        assert "held up" in answer["error"]
        until(lambda: time.monotonic() > awake + CALM_S)
        assert home.machine.ups(awake) == []
        assert max(home.machine.speeds(awake), default=0) <= before
        assert home.machine.stops() == [], "it sees again, and leaves the belt alone"
        state = served.state
        assert state["phase"] == "RUNNING"
        (lost,) = home.of("clock")
        assert not lost["slept"]
        assert (HELD_S - 1) * 1000 < lost["lost"] < (HELD_S + 4) * 1000

        served.send(signal.SIGSTOP)
        pressed = time.monotonic()
        pain = pool.submit(served.post, "pain", level=6)
        until(lambda: time.monotonic() > pressed + HELD_S)
        assert not pain.done()
        assert home.machine.stops() == []
        awake = served.send(signal.SIGCONT)
        until(home.machine.stops)
        pain.result(20)
        stopped = home.machine.stops()[0] - awake
        print(f"awake to the Stop for what was pressed meanwhile: {stopped * 1000:.0f} ms")
        assert stopped < 2
        served.until_phase("STOPPING", "BREAK")
        assert home.machine.ups(awake) == []
        until(lambda: len(home.of("clock")) >= 2)
        served.kill()
        assert home.replays()
