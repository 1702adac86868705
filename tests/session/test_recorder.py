"""The disk may be full, slow or gone: the loop never notices, and no line is torn."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from treadguard.guard.kept import Kept
from treadguard.session import recorder, state_file
from treadguard.session.recorder import (
    JournalFile,
    JournalRefused,
    Recorder,
    Straight,
    continued_journal,
    new_journal,
)

SOON_S = 5.0


def until(true: Callable[[], object]) -> None:
    """Wait for the thread; it needs milliseconds."""
    end = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.001)


class Disk(JournalFile):
    """A disk that takes `room` bytes more, `bite` at a time; `may_write`, `may_sync`: it does."""

    def __init__(self, room: int = 1 << 30, bite: int = 1 << 30) -> None:
        self.room = room
        self.bite = bite
        self.data = b""
        self.synced = b""
        self.syncs = 0
        self.sync_error: OSError | None = None
        self.in_write = threading.Event()
        self.may_write = threading.Event()
        self.may_write.set()
        self.in_sync = threading.Event()
        self.may_sync = threading.Event()
        self.may_sync.set()
        self.closed = False

    def write(self, data: bytes) -> int:
        self.in_write.set()
        assert self.may_write.wait(SOON_S)
        if self.room == 0:
            raise OSError(28, "No space left on device")
        took = min(len(data), self.bite, self.room)
        self.room -= took
        self.data += data[:took]
        return took

    def sync(self) -> None:
        taken = self.data
        self.in_sync.set()
        assert self.may_sync.wait(SOON_S)
        if self.sync_error is not None:
            raise self.sync_error
        self.synced = taken
        self.syncs += 1

    def close(self) -> None:
        self.closed = True


def no_room(_path: Path, _kept: Kept) -> None:
    raise OSError(28, "No space left on device")


class Case:
    def __init__(self, where: Path) -> None:
        self.disk = Disk()
        self.state = where / "belt.state.json"
        self.troubles: list[str] = []
        self.made: list[Recorder] = []

    def recorder(self, queue_max: int = 1000) -> Recorder:
        made = Recorder(
            self.disk, self.state, self.troubles.append, queue_max=queue_max, retry_s=0.01
        )
        self.made.append(made)
        return made


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    case = Case(tmp_path)
    yield case
    case.disk.may_write.set()
    case.disk.may_sync.set()
    for made in case.made:
        made.close()
        assert not made._thread.is_alive()


def test_lines_are_written_without_waiting_for_a_sync(case: Case) -> None:
    made = case.recorder()
    made.write(b"one")
    until(lambda: case.disk.data == b"one\n")
    assert case.disk.syncs == 0
    assert made.close() is None
    assert case.disk.synced == b"one\n"
    assert case.disk.closed


def test_an_urgent_line_is_synced_at_once(case: Case) -> None:
    made = case.recorder()
    made.write(b"one")
    made.write(b"stop", urgent=True)
    until(lambda: case.disk.synced == b"one\nstop\n")


def test_a_line_that_is_not_urgent_is_synced_within_its_second(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "SYNC_S", 0.02)
    case.recorder().write(b"one")
    until(lambda: case.disk.synced == b"one\n")


def test_what_was_written_is_synced_after_one_second_and_no_later(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power cut all is there up to the last second."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(recorder, "time", SimpleNamespace(monotonic=lambda: clock.now))
    made = case.recorder()
    made.write(b"one")
    until(lambda: case.disk.data == b"one\n")
    clock.now = 100.9
    made.write(b"two")
    until(lambda: case.disk.data == b"one\ntwo\n")
    assert case.disk.syncs == 0
    clock.now = 101.0
    made.write(b"three")
    until(lambda: case.disk.synced == b"one\ntwo\nthree\n")


def test_a_sync_that_hangs_delays_nobody_and_loses_nothing(case: Case) -> None:
    case.disk.may_sync.clear()
    made = case.recorder()
    made.write(b"stop", urgent=True)
    assert case.disk.in_sync.wait(SOON_S)
    began = time.monotonic()
    for n in range(500):
        made.write(b"%d" % n, urgent=True)
    made.keep(Kept(triggers=1))
    assert time.monotonic() - began < 0.5
    case.disk.may_sync.set()
    assert made.close() is None
    assert case.disk.data == b"stop\n" + b"".join(b"%d\n" % n for n in range(500))
    assert case.troubles == []


def test_a_full_queue_drops_and_counts(case: Case) -> None:
    case.disk.may_sync.clear()
    made = case.recorder(queue_max=10)
    made.write(b"stop", urgent=True)
    assert case.disk.in_sync.wait(SOON_S)
    for _ in range(15):
        made.write(b"x")
    assert made.dropped == 5
    case.disk.may_sync.set()
    lost = made.close()
    assert lost is not None
    assert "5 lines" in lost


def test_a_full_disk_is_said_once_and_no_line_is_torn_by_it(case: Case) -> None:
    made = case.recorder()
    case.disk.room = 4
    for _ in range(3):
        made.write(b"abcdef", urgent=True)
    until(lambda: case.troubles)
    assert case.disk.data == b"abcd"
    assert "No space left" in case.troubles[0]
    time.sleep(0.03)
    assert len(case.troubles) == 1
    case.disk.room = 1 << 20
    until(lambda: len(case.troubles) == 2)
    assert case.disk.data == b"abcdef\n" * 3
    assert "takes everything again" in case.troubles[1]
    made.write(b"on")
    until(lambda: case.disk.data.endswith(b"on\n"))
    assert len(case.troubles) == 2
    case.disk.room = 0
    made.write(b"and full again")
    until(lambda: len(case.troubles) == 3)
    case.disk.room = 1 << 20
    assert made.close() is None


def test_a_disk_that_stays_full_is_said_at_the_end(case: Case) -> None:
    made = case.recorder()
    case.disk.room = 0
    made.write(b"abcdef")
    until(lambda: case.troubles)
    lost = made.close()
    assert lost is not None
    assert "1 lines are lost" in lost


@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS, errno.ENOSPC])
def test_lines_whose_sync_failed_are_doubtful_even_if_the_next_one_goes_well(
    case: Case, number: int
) -> None:
    """After a failed sync the system may report the next as fine, and the data be gone."""
    made = case.recorder()
    case.disk.sync_error = OSError(number, os.strerror(number))
    made.write(b"one")
    made.write(b"stop", urgent=True)
    until(lambda: case.troubles)
    assert os.strerror(number) in case.troubles[0]
    case.disk.sync_error = None
    until(lambda: len(case.troubles) == 2)
    assert "2 more may be" in case.troubles[1]
    lost = made.close()
    assert lost is not None
    assert "0 lines are lost, and 2 more may be" in lost


def test_a_state_that_cannot_be_saved_is_said_though_the_journal_failed_before_it(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = case.recorder()
    case.disk.room = 0
    made.write(b"one")
    until(lambda: case.troubles)
    with monkeypatch.context() as patched:
        patched.setattr(state_file, "save", no_room)
        made.keep(Kept(triggers=2))
        until(lambda: len(case.troubles) == 2)
        assert "don't start treadguard again" in case.troubles[1]
        time.sleep(0.03)
        assert len(case.troubles) == 2, "each of the two is said once"
    case.disk.room = 1 << 20
    until(lambda: len(case.troubles) == 3)
    assert made.close() is None


def test_small_bites_are_put_together(case: Case) -> None:
    case.disk.bite = 3
    made = case.recorder()
    made.write(b"abcdefgh")
    made.write(b"ij")
    assert made.close() is None
    assert case.disk.data == b"abcdefgh\nij\n"


def test_the_newest_state_is_saved(case: Case) -> None:
    made = case.recorder()
    for n in range(5):
        made.keep(Kept(triggers=n))
    assert made.close() is None
    assert state_file.load(case.state) == Kept(triggers=4)


def test_a_state_that_cannot_be_saved_holds_up_no_line_and_is_tried_again(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = state_file.save
    monkeypatch.setattr(state_file, "save", no_room)
    made = case.recorder()
    made.keep(Kept(triggers=2))
    made.write(b"one")
    until(lambda: case.disk.data and case.troubles)
    monkeypatch.setattr(state_file, "save", save)
    until(lambda: len(case.troubles) == 2)
    assert state_file.load(case.state) == Kept(triggers=2)
    assert made.close() is None


@pytest.mark.parametrize(
    ("unsaved", "then"),
    [
        (Kept(locks=("red flag",)), Kept.most_restrictive()),
        (Kept(triggers=1, on_break=True, break_level=6, moving=True), Kept.most_restrictive()),
        (Kept(owed_stop=True, moving=True), Kept.most_restrictive()),
        (Kept(ended="pain"), Kept.most_restrictive()),
        (Kept(moving=True), Kept()),
    ],
)
def test_a_lock_that_cannot_be_saved_is_not_undone_by_the_state_before_it(
    case: Case, monkeypatch: pytest.MonkeyPatch, unsaved: Kept, then: Kept
) -> None:
    """H69: a restart would read the old state, which knows nothing of the lock."""
    state_file.save(case.state, Kept())
    made = case.recorder()
    with monkeypatch.context() as patched:
        patched.setattr(state_file, "save", no_room)
        made.keep(unsaved)
        until(lambda: case.troubles)
        assert state_file.load(case.state) == then
    until(lambda: len(case.troubles) == 2)
    assert state_file.load(case.state) == unsaved
    assert made.close() is None


def test_a_lock_doesnt_wait_behind_the_line_that_tells_of_it(case: Case) -> None:
    """H69: the write of that line may hang."""
    lock = Kept(locks=("red flag",), owed_stop=True)

    def at_a_turn_of_the_thread(text: str) -> None:
        if "takes everything again" in text:
            case.disk.in_write.clear()
            case.disk.may_write.clear()
            made.write(b"lock")
            made.keep(lock)

    made = Recorder(case.disk, case.state, at_a_turn_of_the_thread, retry_s=0.01)
    case.made.append(made)
    case.disk.room = 0
    made.write(b"one")
    until(lambda: made._failing)
    case.disk.room = 1 << 20
    until(lambda: case.disk.in_write.is_set() and not case.disk.may_write.is_set())
    assert state_file.load(case.state) == lock
    case.disk.may_write.set()
    assert made.close() is None


def test_a_disk_that_hangs_for_ever_is_given_up_at_the_end(case: Case) -> None:
    case.disk.may_sync.clear()
    made = case.recorder()
    made.write(b"stop", urgent=True)
    assert case.disk.in_sync.wait(SOON_S)
    assert made.close(within_s=0.01) is not None


def test_a_new_journal_is_its_owners_and_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "journals" / "a.jsonl"
    new_journal(path, min_free=0).close()
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(JournalRefused, match="can't be made: File exists"):
        new_journal(path, min_free=0)


def test_a_disk_with_no_room_for_a_session_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H68: 200 MB, for a long session and for whoever else writes there meanwhile."""
    room = SimpleNamespace(f_bavail=199_999, f_frsize=1000)
    monkeypatch.setattr(os, "statvfs", lambda _: room)
    with pytest.raises(JournalRefused, match=r"Only 199 MB are free .* and 200 MB are needed"):
        new_journal(tmp_path / "a.jsonl")
    assert list(tmp_path.iterdir()) == []
    room.f_bavail = 200_000
    new_journal(tmp_path / "a.jsonl").close()


def test_a_journal_goes_on_behind_its_last_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"one\ntwo\ntor")
    file = continued_journal(path, 8)
    file.write(b"three\n")
    file.sync()
    file.close()
    assert path.read_bytes() == b"one\ntwo\nthree\n"
    path.unlink()
    with pytest.raises(JournalRefused, match="can't be continued"):
        continued_journal(path, 8)


def test_what_was_written_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    dies = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from treadguard.session.recorder import Recorder, new_journal\n"
        "path = Path(sys.argv[1])\n"
        "made = Recorder(new_journal(path, min_free=0), path.with_suffix('.state'), print)\n"
        "made.write(b'one')\n"
        "while path.stat().st_size < 4: time.sleep(0.001)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    died = subprocess.run([sys.executable, "-c", dies, str(path)], check=False, timeout=20)
    assert died.returncode == -9
    assert path.read_bytes() == b"one\n"


def test_a_simulation_writes_straight() -> None:
    written: list[bytes] = []
    sink = Straight(written.append)
    sink.write(b"one", urgent=True)
    sink.keep(Kept(triggers=1))
    assert (written, sink.kept, sink.close()) == ([b"one\n"], Kept(triggers=1), None)
