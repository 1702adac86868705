"""A profile on the disk: whole, private, readable again, and the one before kept."""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from tests.config.people import PROFILES

from treadguard.config import ConfigError
from treadguard.config.toml import Table
from treadguard.config.writing import backup_of, write_profile

OLD = "# my own words\nspeed_max_kmh = 6\n"
NEW = {"speed_max_kmh": 6.0, "runner": {"age": 40}}


@given(PROFILES)
def test_what_is_written_is_read_again(data: Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "treadguard" / "profile.toml"
        assert write_profile(path, data)
        assert tomllib.loads(path.read_text(encoding="utf-8")) == data
        assert not write_profile(path, data)


def test_file_and_folder_are_the_runner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "treadguard" / "profile.toml"
    path.parent.mkdir(mode=0o755)
    path.write_text(OLD)
    path.with_name("profile.toml.new").write_text("left over, for all to read")
    write_profile(path, NEW)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {p.name: p.stat().st_mode & 0o777 for p in path.parent.iterdir()} == {
        "profile.toml": 0o600,
        "profile.toml.before": 0o600,
    }


def test_the_file_before_is_kept_with_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(OLD)
    write_profile(path, NEW)
    assert backup_of(path).read_text() == OLD
    assert backup_of(path).name in path.read_text().split("\n\n", 1)[0]


def test_a_file_that_says_it_already_keeps_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(OLD)
    assert not write_profile(path, {"speed_max_kmh": 6})
    assert path.read_text() == OLD
    assert path.stat().st_mode & 0o777 == 0o600
    assert not backup_of(path).exists()


def test_what_is_no_profile_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(OLD)
    with pytest.raises(ConfigError):
        write_profile(path, {"runner": {"age": 5}})
    assert [p.name for p in tmp_path.iterdir()] == ["profile.toml"]
    assert path.read_text() == OLD


def test_a_disk_that_fails_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(OLD)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_profile(path, NEW)
    assert [p.name for p in tmp_path.iterdir()] == ["profile.toml"]
    assert path.read_text() == OLD
