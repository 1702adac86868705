"""A disk that really is full (H68): the system's own errors, not a stand-in's.

A limit on the size of files and the device that is always full need no rights. A file system that
runs full needs a mount of one's own, and is skipped with its reason where there is none.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from treadguard.guard.kept import Kept
from treadguard.replay.check import check
from treadguard.replay.reader import read
from treadguard.session import state_file
from treadguard.session.recorder import JournalFile, Recorder, new_journal

SOON_S = 5.0
MOUNT = ["unshare", "--map-root-user", "--mount", "--"]
STOP_WITHIN_S = 2.0
"""From a press to its Stop at the machine: the goal is 0.5 s, the rest is for a busy computer."""

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the means are Linux's")


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.001)


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_journal_that_may_not_grow_is_said_once_and_goes_on_without_a_torn_line(
    tmp_path: Path,
) -> None:
    troubles: list[str] = []
    path = tmp_path / "a.jsonl"
    lines = [b"%06d" % n + b"." * 57 for n in range(200)]
    made = Recorder(
        new_journal(path, min_free=0), tmp_path / "state.json", troubles.append, retry_s=0.01
    )
    with files_up_to(1000):
        slowest = 0.0
        for line in lines:
            began = time.monotonic()
            made.write(line, urgent=True)
            slowest = max(slowest, time.monotonic() - began)
        until(lambda: troubles)
        assert path.stat().st_size == 1000
        time.sleep(0.05)
        assert len(troubles) == 1
        assert "can't be written (File too large)" in troubles[0]
    assert slowest < 0.1
    until(lambda: len(troubles) == 2)
    assert made.close() is None
    assert path.read_bytes() == b"\n".join(lines) + b"\n"


@LINUX
def test_a_device_that_is_always_full_costs_the_record_and_nothing_else(tmp_path: Path) -> None:
    troubles: list[str] = []
    made = Recorder(
        JournalFile(os.open("/dev/full", os.O_WRONLY)),
        tmp_path / "state.json",
        troubles.append,
        queue_max=50,
        retry_s=0.01,
    )
    for _ in range(20):
        made.write(b"x", urgent=True)
    made.keep(Kept(locks=("red flag",)))
    until(lambda: troubles)
    for _ in range(100):
        made.write(b"x", urgent=True)
    assert "No space left" in troubles[0]
    lost = made.close()
    assert lost is not None
    assert "120 lines are lost" in lost
    assert len(troubles) == 1
    assert state_file.load(tmp_path / "state.json") == Kept(locks=("red flag",))


# ---------------------------------------------------------------- a file system of its own


SMALL = """
import subprocess, sys
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", sys.argv[1]], check=True)
serve = [sys.executable, "-m", "treadguard", "serve", "--treadmill", "sim", "--for", "1"]
ended = subprocess.run([*serve, "--journal", sys.argv[1] + "/a.jsonl"])
sys.exit(ended.returncode)
"""


def on_its_own_disk(tmp_path: Path, *program: str) -> subprocess.CompletedProcess[str]:
    """Run Python where it may mount, and with homes that aren't full."""
    probe = subprocess.run(
        [*MOUNT, "mount", "-t", "tmpfs", "none", tmp_path],
        check=False,
        capture_output=True,
        text=True,
    )
    if probe.returncode:
        pytest.skip(f"nothing can be mounted here: {probe.stderr.strip()}")
    homes = {f"XDG_{what}_HOME": str(tmp_path / what) for what in ("CONFIG", "DATA", "STATE")}
    return subprocess.run(
        [*MOUNT, sys.executable, *program],
        check=False,
        capture_output=True,
        text=True,
        timeout=200,
        cwd=Path(__file__).parents[2],
        env={**os.environ, **homes, "TREADGUARD_RUNTIME_DIR": str(tmp_path / "runtime")},
    )


@LINUX
def test_a_disk_without_room_for_a_session_is_refused_before_anything_moves(
    tmp_path: Path,
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "runtime").mkdir(mode=0o700)
    ended = on_its_own_disk(tmp_path, "-c", SMALL, str(tmp_path / "disk"))
    assert ended.returncode == 2, ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "MB are free for the journal in" in ended.stderr
    assert "make room, or choose another directory" in ended.stderr


@LINUX
def test_a_disk_that_runs_full_under_a_runner_delays_no_stop(tmp_path: Path) -> None:
    """With the whole Bluetooth driver, and a belt in another process: its Stop, and its rest."""
    ended = on_its_own_disk(tmp_path, "-m", "tests.session.filling_disk", str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    said = found["said"]
    assert found["code"] == 0, said
    assert found["stops_before"] == 0, "a full disk alone stops nothing"
    assert found["stop_after_s"] < STOP_WITHIN_S
    assert found["phase"] == "BREAK", "the guard goes on"
    assert said.count("The journal can't be written (No space left on device)") == 1
    assert "the belt is at rest" in said
    assert "lines are lost" in said
    journal = tmp_path / "a.jsonl"
    journal.write_text(found["journal"])
    left = read(journal)
    assert not left.ended
    assert left.notes
    assert check(journal).ok
