"""The state file: whole, or the most restrictive."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.guard.kept import Kept
from treadguard.session import state_file
from treadguard.session.state_file import kept_of, load, restricts, save, spoil

LOCKED = Kept(locks=("red flag",), triggers=3, ceiling=450, on_break=True, break_level=6)
WORST = Kept.most_restrictive()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "belt.state.json"


@pytest.mark.parametrize("kept", [Kept(), LOCKED, WORST])
def test_what_was_saved_comes_back(path: Path, kept: Kept) -> None:
    save(path, Kept(triggers=1))
    save(path, kept)
    assert load(path) == kept
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(path.parent) == [path.name]  # noqa: PTH208 - names alone


def test_a_file_that_was_never_written_keeps_nothing(path: Path) -> None:
    assert load(path) == Kept()


def test_every_truncation_is_the_most_restrictive(path: Path) -> None:
    save(path, LOCKED)
    raw = path.read_bytes()
    for length in range(len(raw)):
        assert kept_of(raw[:length]) == WORST, length


def test_every_flipped_bit_is_the_most_restrictive(path: Path) -> None:
    save(path, LOCKED)
    raw = path.read_bytes()
    for at in range(len(raw)):
        for bit in range(8):
            flipped = raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]
            assert kept_of(flipped) == WORST, (at, bit)


@pytest.mark.parametrize("tail", [b"\n", b" ", b"{}", b"\0" * 8])
def test_a_longer_file_is_the_most_restrictive(path: Path, tail: bytes) -> None:
    save(path, LOCKED)
    path.write_bytes(path.read_bytes() + tail)
    assert load(path) == WORST


@pytest.mark.parametrize(
    "body", [b'{"triggers":"1"}', b'{"later_version":1}', b"[]", b"1", b"null"]
)
def test_a_sound_file_that_says_something_else_is_the_most_restrictive(
    path: Path, body: bytes
) -> None:
    path.write_bytes(state_file._framed(body))
    assert load(path) == WORST


def test_a_file_of_an_older_version_takes_the_defaults(path: Path) -> None:
    path.write_bytes(state_file._framed(b'{"triggers":2}'))
    assert load(path) == Kept(triggers=2)


def test_a_file_that_cannot_be_read_is_the_most_restrictive(path: Path) -> None:
    path.mkdir()
    assert load(path) == WORST


def test_a_save_that_dies_on_its_way_leaves_the_old_state(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(path, LOCKED)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save(path, Kept())
    assert load(path) == LOCKED


def test_a_file_that_was_spoiled_is_the_most_restrictive_and_one_that_isnt_there_stays_away(
    path: Path,
) -> None:
    spoil(path)
    assert not path.exists()
    save(path, Kept())
    spoil(path)
    assert load(path) == WORST


@pytest.mark.parametrize(
    ("kept", "does"),
    [
        (Kept(), False),
        (Kept(moving=True), False),
        (Kept(in_session=True), False),
        (Kept(owed_stop=True), True),
        (Kept(triggers=1), True),
        (Kept(ceiling=500), True),
        (Kept(fault="it did not obey"), True),
        (WORST, True),
    ],
)
def test_all_but_a_belt_that_moves_restricts_the_next_session(kept: Kept, does: bool) -> None:
    assert restricts(kept) is does


@given(st.binary(max_size=200))
def test_any_bytes_are_read_and_only_a_whole_file_is_believed(raw: bytes) -> None:
    assert kept_of(raw) == WORST


def test_the_file_is_json_that_a_person_can_read(path: Path) -> None:
    save(path, LOCKED)
    assert msgspec.json.decode(path.read_bytes())["kept"]["locks"] == ["red flag"]
