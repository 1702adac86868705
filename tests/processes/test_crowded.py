"""Others at the service's door: a dashboard that hangs and dies, and a crowd (H59, H72)."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.processes.rig import House, Served, environment, house, until

pytestmark = pytest.mark.slow

CLIENTS = 50
HUNG_S = 10.0
STOP_WITHIN_S = 2.0
"""From a press to its Stop at the machine: the goal is 0.5 s, the rest is for a busy computer."""

GROWS_KB = 8_000
FLOOD = Path(__file__).with_name("flood.py")


class Screen:
    """`treadguard dash` on a terminal of its own, as somebody sees it."""

    def __init__(self, home: Path) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "treadguard", "dash"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**environment(home), "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"},
            start_new_session=True,
        )
        os.close(slave)
        self._drawn = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                self._drawn += os.read(self._master, 65_536)
            except OSError:  # nobody holds the other end any more
                return

    def shows(self, word: str) -> bool:
        """Has it drawn this since it was last asked whether it shows it?"""
        found = word.encode() in self._drawn
        if found:
            self._drawn.clear()
        return found

    def press(self, key: str) -> None:
        os.write(self._master, key.encode())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        os.close(self._master)


def stop_after_pain(home: House, served: Served) -> float:
    """Press a 6 as any other terminal does; seconds until its Stop was at the machine."""
    pressed = time.monotonic()
    served.post("pain", level=6)
    return until(lambda: home.machine.stops(pressed))[0] - pressed


def test_a_dashboard_that_hangs_costs_nothing_and_one_that_dies_is_not_missed(
    tmp_path: Path,
) -> None:
    with house(tmp_path, "--kmh", "2") as home:
        served = home.adopted(200)
        screen = Screen(tmp_path)
        try:
            until(lambda: screen.shows("RUNNING"))
            before_kb = served.rss_kb
            screen.process.send_signal(signal.SIGSTOP)
            hung = time.monotonic()
            took_s = stop_after_pain(home, served)
            served.until_phase("BREAK")
            until(lambda: time.monotonic() > hung + HUNG_S)
            grown_kb = served.rss_kb - before_kb
            print(f"pain 6 to Stop {took_s * 1000:.0f} ms, {grown_kb} kB more, its screen hung")
            assert took_s < STOP_WITHIN_S
            assert grown_kb < GROWS_KB
            screen.process.send_signal(signal.SIGCONT)
            until(lambda: screen.shows("BREAK"))
        finally:
            screen.kill()
        assert served.state["phase"] == "BREAK"
        assert served.post("pain", level=2)["seq"] > 0
        assert served.process.poll() is None
        served.kill()
        assert home.replays()


def test_a_crowd_at_the_door_keeps_no_stop_waiting(tmp_path: Path) -> None:
    with house(tmp_path, "--kmh", "2") as home:
        served = home.adopted(200)
        card = served.card
        with subprocess.Popen(
            [sys.executable, FLOOD, str(card["port"]), card["token"], str(CLIENTS)],
            stdout=subprocess.PIPE,
            text=True,
        ) as crowd:
            try:
                assert crowd.stdout is not None
                assert crowd.stdout.readline() == "ready\n"
                took_s = stop_after_pain(home, served)
                crowd.terminate()
                answered = int(crowd.stdout.readline())
            finally:
                crowd.kill()
        print(f"pain 6 to Stop {took_s * 1000:.0f} ms among {CLIENTS} others, {answered} answered")
        assert took_s < STOP_WITHIN_S
        assert answered > CLIENTS
        served.until_phase("STOPPING", "BREAK")
        served.kill()
        assert home.replays()
