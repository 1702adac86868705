"""A served session as a process that others watch: a stand-in for systemd, and its own thread."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from treadguard.cli.failure import BAD_INPUT, CHECK_FAILED, LOCKED, NO_SERVICE
from treadguard.cli.taking_up import state_path
from treadguard.guard.kept import Kept
from treadguard.replay.check import check
from treadguard.replay.reader import read
from treadguard.session import state_file

UNIT = Path(__file__).parents[2] / "configs" / "systemd" / "treadguard@.service"


class Systemd:
    """What a service manager does: listens, kills a service that is silent, starts it again."""

    def __init__(self, address: Path) -> None:
        self._end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._end.bind(str(address))
        self._address = address
        self._all: list[subprocess.Popen[bytes]] = []
        self.heard: list[str] = []

    def start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "treadguard", "serve", "--treadmill", "sim"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "NOTIFY_SOCKET": str(self._address)},
        )
        self._all.append(process)
        return process

    def until(self, word: str, within_s: float = 30) -> bool:
        """Has this word come?"""
        return any(word in heard for heard in self._until(within_s, word))

    def silent(self, for_s: float) -> bool:
        """Has nothing come for so long?"""
        return not list(self._until(for_s))

    def _until(self, within_s: float, word: str = "") -> Iterator[list[str]]:
        until = time.monotonic() + within_s
        while (left := until - time.monotonic()) > 0:
            self._end.settimeout(left)
            try:
                words = self._end.recv(4096).decode().split("\n")
            except TimeoutError:
                return
            self.heard += words
            yield words
            if word in words:
                return

    def close(self) -> None:
        self._end.close()
        for one in self._all:
            one.kill()
            one.communicate()


@pytest.fixture
def systemd(tmp_path: Path, runtime: Path) -> Iterator[Systemd]:
    assert runtime.is_dir()
    it = Systemd(tmp_path / "notify")
    yield it
    it.close()


def test_what_may_not_start_is_left_down_and_nothing_else_is() -> None:
    said = [line for line in UNIT.read_text().splitlines() if line.startswith("Restart")]
    assert said == ["Restart=always", "RestartSec=1", f"RestartPreventExitStatus={LOCKED}"]
    assert LOCKED not in (0, CHECK_FAILED, BAD_INPUT, NO_SERVICE)


def test_a_red_flag_in_the_profile_is_that_exit(systemd: Systemd, tmp_path: Path) -> None:
    own = tmp_path / "config" / "treadguard" / "profile.toml"
    own.parent.mkdir(parents=True)
    own.write_text("[runner]\nred_flag = true\n")
    process = systemd.start()
    _, said = process.communicate(timeout=30)
    assert process.returncode == LOCKED
    assert b"a symptom that a doctor must see" in said
    assert said.count(b"\n") == 1


def test_a_belt_that_was_left_moving_is_served_however_locked(
    systemd: Systemd, tmp_path: Path
) -> None:
    own = tmp_path / "config" / "treadguard" / "profile.toml"
    own.parent.mkdir(parents=True)
    own.write_text("[runner]\nred_flag = true\n")
    state_file.save(state_path("sim"), Kept(moving=True))
    process = systemd.start()
    assert systemd.until("READY=1")
    process.terminate()
    assert process.wait(60) == 0
    assert systemd.start().wait(30) == LOCKED


def walking(systemd: Systemd, run: Run) -> subprocess.Popen[bytes]:
    """A service whose belt moves."""
    process = systemd.start()
    assert systemd.until("READY=1")
    assert systemd.until("STATUS=READY")
    time.sleep(1.5)  # until the belt was seen standing for a moment
    assert run("resume", "--confirm", "on-belt-key-clipped").code == 0
    assert systemd.until("STATUS=RUNNING")
    return process


def journal(tmp_path: Path) -> Path:
    (found,) = (tmp_path / "data" / "treadguard" / "sessions").iterdir()
    return found


def test_a_service_that_hangs_is_killed_by_its_manager_and_goes_on_in_its_journal(
    systemd: Systemd, run: Run, tmp_path: Path
) -> None:
    process = walking(systemd, run)
    process.send_signal(signal.SIGSTOP)
    systemd.silent(0.1)
    assert systemd.silent(1.5), "a process that hangs pets no more"
    process.kill()
    assert process.wait(10) == -signal.SIGKILL
    again = systemd.start()
    systemd.heard.clear()
    assert systemd.until("READY=1")
    assert systemd.until("STATUS=READY"), "the simulated belt has died with its process"
    again.terminate()
    assert systemd.until("STOPPING=1")
    again.communicate(timeout=40)
    assert again.returncode == 0
    lines = read(journal(tmp_path)).lines
    (restart,) = [line for line in lines if line["kind"] == "restart"]
    assert restart["initial_state"]["moving"]
    assert lines[-1]["kind"] == "end"
    assert check(journal(tmp_path)).ok


def test_a_process_that_was_held_up_beside_a_moving_belt_cries_out_by_itself(
    systemd: Systemd, run: Run, tmp_path: Path
) -> None:
    process = walking(systemd, run)
    process.send_signal(signal.SIGSTOP)
    time.sleep(1.6)
    process.send_signal(signal.SIGCONT)
    assert systemd.until("WATCHDOG=1")
    time.sleep(0.6)
    process.terminate()
    said = process.communicate(timeout=40)[1].decode()
    assert process.returncode == 0
    lost = [line for line in read(journal(tmp_path)).lines if line["kind"] == "clock"]
    assert [line["slept"] for line in lost] == [False]
    assert 1_000 < lost[0]["lost"] < 5_000
    # The thread was held up as well, and may find the loop back already.
    if "held up" in said:
        assert "\aALARM: treadguard has been held up for" in said
        assert "hears again" in said


# ---------------------------------------------------------------- the unit


def test_the_unit_is_what_systemd_takes(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze isn't installed")
    words = UNIT.read_text().replace("%h/.local/bin/treadguard", "/bin/true")
    (tmp_path / UNIT.name).write_text(words)
    ended = subprocess.run(
        [analyze, "--user", "verify", str(tmp_path / UNIT.name)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_unit_restarts_within_two_seconds_and_gives_a_belt_time_to_rest() -> None:
    said = dict(
        line.split("=", 1)
        for line in UNIT.read_text().splitlines()
        if "=" in line and line[0] != "#"
    )
    assert said["Type"] == "notify"
    assert said["Restart"] == "always"
    assert float(said["RestartSec"]) <= 2
    assert 1 < float(said["WatchdogSec"]) <= 3, "more than a stall that the guard itself bears"
    assert float(said["TimeoutStopSec"]) > 45, "REST_S, the disk and the link"
    assert said["StartLimitIntervalSec"] == "0"
    assert said["NoNewPrivileges"] == "yes"
    assert said["ProtectSystem"] == "strict"
