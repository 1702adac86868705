"""A file of the runner's own: private from the first byte, whole at any time, on the disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from treadguard.private_file import private_folder, write_private


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "own.toml"


def mode(of: Path) -> int:
    return stat.S_IMODE(of.stat().st_mode)


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("old", [None, "older"])
def test_it_is_there_whole_private_and_alone(path: Path, old: str | None) -> None:
    if old is not None:
        path.write_text(old)
        path.chmod(0o644)
    before = os.umask(0)
    try:
        write_private(path, b"new")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"new"
    assert mode(path) == 0o600
    assert [*path.parent.iterdir()] == [path]


def test_file_and_folder_are_synced_in_that_order(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(b"old")
    synced: list[tuple[bool, bytes]] = []

    def looks(fd: int) -> None:
        synced.append((stat.S_ISDIR(os.fstat(fd).st_mode), path.read_bytes()))

    monkeypatch.setattr(os, "fsync", looks)
    write_private(path, b"new")
    assert synced == [(False, b"old"), (True, b"new")]


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_what_fails_leaves_what_was_there_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    path.write_bytes(b"old")
    monkeypatch.setattr(*((os, "fsync", full) if fails == "fsync" else (Path, "replace", full)))
    with pytest.raises(OSError, match="No space"):
        write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert [*path.parent.iterdir()] == [path]


def test_two_writers_at_once_never_mix(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync, within = os.fsync, [b"the other's"]

    def another_comes(fd: int) -> None:
        fsync(fd)
        if within:
            write_private(path, within.pop())
            assert path.read_bytes() == b"the other's"

    monkeypatch.setattr(os, "fsync", another_comes)
    write_private(path, b"one's own")
    assert path.read_bytes() == b"one's own"
    assert [*path.parent.iterdir()] == [path]


def test_what_an_older_treadguard_left_beside_it_goes(path: Path) -> None:
    path.with_name("own.toml.new").write_text("half, for all to read")
    write_private(path, b"new")
    assert [*path.parent.iterdir()] == [path]


def test_a_folder_that_isnt_there_is_made_by_nobody_unasked(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_private(tmp_path / "gone" / "own.toml", b"new")
    assert [*tmp_path.iterdir()] == []


def test_a_folder_of_ones_own_is_for_its_owner(tmp_path: Path) -> None:
    private_folder(tmp_path / "a" / "b")
    assert mode(tmp_path / "a" / "b") == 0o700
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    private_folder(tmp_path / "open")
    assert mode(tmp_path / "open") == 0o700


def test_one_that_is_another_s_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    tmp_path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refused)
    private_folder(tmp_path)
    assert mode(tmp_path) == 0o755
