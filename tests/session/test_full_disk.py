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

FILLS = """
import json, os, signal, subprocess, sys, time, urllib.request
from pathlib import Path
disk, card = Path(sys.argv[1]), Path(os.environ["TREADGUARD_RUNTIME_DIR"]) / "sim.json"
mount = lambda how: subprocess.run(["mount", "-t", "tmpfs", "-o", how, "none", disk], check=True)
def post(path, **body):
    told = json.loads(card.read_text())
    head = {"Authorization": "Bearer " + told["token"], "Content-Type": "application/json"}
    url = "http://127.0.0.1:%d/v1/%s" % (told["port"], path)
    asked = urllib.request.Request(url, json.dumps(body).encode() if body else None, head)
    return json.load(urllib.request.urlopen(asked, timeout=10))
def until(*phases):
    while post("state")["phase"] not in phases:
        time.sleep(0.05)
mount("size=300m")
journal = disk / "a.jsonl"
serve = [sys.executable, "-m", "treadguard", "serve", "--treadmill", "sim", "--journal", journal]
with subprocess.Popen(serve, stderr=subprocess.PIPE, text=True) as process:
    while not card.exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    until("READY")
    while post("state")["phase"] == "READY":
        post("operator", do="start", confirm="on-belt-key-clipped")
        time.sleep(0.5)
    until("RUNNING")
    mount("remount,size=%d" % ((journal.stat().st_size + 4095) // 4096 * 4096))
    for _ in range(60):
        post("pain", level=0)
    said = process.stderr.readline()
    began = time.monotonic()
    post("pain", level=6)
    until("STOPPING", "BREAK")
    took_s = time.monotonic() - began
    process.send_signal(signal.SIGTERM)
    said += process.communicate(timeout=40)[1]
mount("remount,size=300m")
print(json.dumps([process.returncode, took_s, said, journal.read_text()]))
"""


def on_its_own_disk(script: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run the script with a directory that it may mount on, and homes that aren't full."""
    probe = subprocess.run(
        [*MOUNT, "mount", "-t", "tmpfs", "none", tmp_path],
        check=False,
        capture_output=True,
        text=True,
    )
    if probe.returncode:
        pytest.skip(f"nothing can be mounted here: {probe.stderr.strip()}")
    disk, runtime = tmp_path / "disk", tmp_path / "runtime"
    disk.mkdir()
    runtime.mkdir(mode=0o700)
    homes = {f"XDG_{what}_HOME": str(tmp_path / what) for what in ("CONFIG", "DATA", "STATE")}
    return subprocess.run(
        [*MOUNT, sys.executable, "-c", script, disk],
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
        env={**os.environ, **homes, "TREADGUARD_RUNTIME_DIR": str(runtime)},
    )


@LINUX
def test_a_disk_without_room_for_a_session_is_refused_before_anything_moves(
    tmp_path: Path,
) -> None:
    ended = on_its_own_disk(SMALL, tmp_path)
    assert ended.returncode == 2, ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "MB are free for the journal in" in ended.stderr
    assert "make room, or choose another directory" in ended.stderr


@LINUX
def test_a_disk_that_runs_full_under_a_runner_delays_no_stop(tmp_path: Path) -> None:
    ended = on_its_own_disk(FILLS, tmp_path)
    assert ended.returncode == 0, ended.stderr
    code, took_s, said, written = json.loads(ended.stdout)
    assert code == 0, said
    assert took_s < 2.0
    assert said.count("The journal can't be written (No space left on device)") == 1
    assert "the belt is at rest" in said
    assert "lines are lost" in said
    journal = tmp_path / "a.jsonl"
    journal.write_text(written)
    found = read(journal)
    assert not found.ended
    assert found.notes
    assert check(journal).ok
