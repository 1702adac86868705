"""A service that is told to end in mid-run, by a belt that obeys and by one that doesn't (H64)."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from tests.processes.rig import house, until

MOVES = "press Stop on its console, or pull the safety key"


def test_it_stops_the_belt_waits_until_it_rests_and_ends_well(tmp_path: Path) -> None:
    with house(tmp_path, "--kmh", "2") as home:
        served = home.adopted(200)
        sent = served.send(signal.SIGTERM)
        assert served.ended() == 0
        assert home.machine.speed == 0, "it waited for the belt"
        stopped = home.machine.stops(sent)[0] - sent
        print(f"SIGTERM to Stop frame: {stopped * 1000:.0f} ms")
        assert stopped < 2
        assert home.machine.ups(sent) == []
        assert "the belt is at rest" in served.said
        assert home.lines[-1]["kind"] == "end"
        assert home.replays()


@pytest.mark.slow
def test_beside_a_belt_that_ignores_its_stops_it_says_so_and_a_second_signal_hurries(
    tmp_path: Path,
) -> None:
    with house(tmp_path, "--kmh", "2") as home:
        served = home.adopted(200)
        home.machine.do("deaf")
        sent = served.send(signal.SIGINT)
        until(lambda: home.machine.stops(sent))
        until(lambda: "Waiting for the belt to stop, 28 s left" in served.said)
        assert served.process.poll() is None
        hurried = served.send(signal.SIGTERM)
        assert served.ended() == 1
        print(f"hurried: it ended after {time.monotonic() - hurried:.1f} s")
        assert time.monotonic() - hurried < 15, "it had 28 s left, and as long for its radio"
        assert home.machine.speed == 200
        said = f"The belt isn't known to be at rest: {MOVES}."
        assert said in served.said
        assert "the belt is at rest" not in served.said
        assert home.of("alarm", say=said)
        assert home.lines[-1]["kind"] == "end"
        assert home.replays()


@pytest.mark.slow
def test_where_the_radio_itself_is_gone_it_says_so_and_still_ends(tmp_path: Path) -> None:
    with house(tmp_path, "--kmh", "2") as home:
        served = home.adopted(200)
        lost = time.monotonic()
        home.machine.kill()
        until(lambda: "ALARM" in served.said)
        assert time.monotonic() - lost < 3
        assert served.state["phase"] == "LOST"
        until(lambda: "the process with the virtual radio has ended" in served.said)
        served.send(signal.SIGTERM)
        until(lambda: "Waiting for the belt to stop" in served.said)
        served.send(signal.SIGTERM)
        assert served.ended() == 1
        assert "The belt isn't known to be at rest" in served.said
        assert "Traceback" not in served.said
        assert home.replays()
