"""Which machines are proven, over restarts, damage and spellings of an address."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec
import pytest

from treadguard.treadmill.fingerprint import Fingerprint
from treadguard.treadmill.proven import (
    Entry,
    changed,
    doubt,
    entry_of,
    load,
    proven_file,
    remember,
)

HERE = "AA:BB:CC:DD:EE:0F"
THERE = "11:22:33:44:55:66"
SAID = Fingerprint("Maker", "Run 500", firmware="1.0")
MUTE = Fingerprint(speeds="1 to 12 km/h by 0.1")
ENTRY = Entry("Run 500", "2026-11-22", SAID)


def is_proven(file: Path, address: str) -> bool:
    return doubt(entry_of(file, address)) is None


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "proven.json"


def test_nothing_is_proven_before_anything_was(file: Path) -> None:
    assert load(file) == {}
    assert not is_proven(file, HERE)
    assert not file.exists()


def test_what_was_proven_stays_so_and_nothing_else(file: Path) -> None:
    remember(file, HERE, ENTRY)
    remember(file, THERE, Entry("Pad", "2026-11-23"))
    assert load(file) == {HERE: ENTRY, THERE: Entry("Pad", "2026-11-23")}
    assert is_proven(file, HERE)
    assert not is_proven(file, HERE[:-1])
    assert not is_proven(file, "")


@pytest.mark.parametrize("wrote", [HERE, HERE.lower(), "aA:Bb:cC:dD:Ee:0f"])
@pytest.mark.parametrize("asks", [HERE, HERE.lower()])
def test_an_address_is_the_same_in_any_case(file: Path, wrote: str, asks: str) -> None:
    remember(file, wrote, ENTRY)
    assert is_proven(file, asks)
    assert list(load(file)) == [HERE]


def test_a_machine_that_says_what_it_said_stays_proven() -> None:
    assert changed(ENTRY, "Run 500", SAID) is None
    assert changed(ENTRY, "by any name, since it says who it is", SAID) is None


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (Fingerprint("Maker", "Run 500", firmware="2.0"), "firmware 1.0 → 2.0"),
        (Fingerprint("Maker", "Run 501", firmware="2.0"), "model Run 500 → Run 501, firmware 1.0"),
        (Fingerprint("Maker", "Run 500"), "firmware 1.0 → not told"),
        (Fingerprint("Maker", "Run 500", "7", firmware="1.0"), "serial not told → 7"),
        (MUTE, "maker Maker → not told"),
    ],
)
def test_a_machine_that_says_something_else_isnt_proven_any_more(
    now: Fingerprint, words: str
) -> None:
    why = changed(ENTRY, "Run 500", now)
    assert why is not None
    assert why.startswith(f"isn't as it was when you proved it ({words}")


def test_one_that_says_nothing_is_known_by_its_name_and_ranges() -> None:
    entry = Entry("Run 500", "2026-11-22", MUTE)
    for name in ("Run 500", "RUN 5", "Run 500 by Maker", ""):
        assert changed(entry, name, MUTE) is None, name
    assert changed(entry, "Pad", MUTE) == (
        "isn't as it was when you proved it (name Run 500 → Pad)"
    )
    faster = changed(entry, "Run 500", Fingerprint(speeds="1 to 20 km/h by 0.1"))
    assert faster is not None
    assert "speed range 1 to 12 km/h by 0.1 → 1 to 20 km/h by 0.1" in faster
    assert changed(entry, "Run 500", SAID) is not None


def test_a_proof_of_an_older_treadguard_proves_nothing(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b'{"AA:BB:CC:DD:EE:0F": {"name": "Run 500", "on": "2026-11-22"}}')
    entry = entry_of(file, HERE)
    assert entry is not None
    older = "was proven by an older treadguard, which didn't note what it says of itself"
    assert doubt(entry) == older
    assert changed(entry, "Run 500", SAID) == older
    remember(file, THERE, ENTRY)
    assert set(load(file)) == {HERE, THERE}, "what is known of one isn't lost with another's proof"


def test_a_machine_proven_again_has_one_entry(file: Path) -> None:
    remember(file, HERE, ENTRY)
    remember(file, HERE.lower(), Entry("Run 501", "2026-11-23"))
    assert load(file) == {HERE: Entry("Run 501", "2026-11-23")}


DAMAGE = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"true",
    b"\xff\xfe\x00",
    b'{"AA:BB:CC:DD:EE:0F": true}',
    b'{"AA:BB:CC:DD:EE:0F": {}}',
    b'{"AA:BB:CC:DD:EE:0F": {"name": "Run 500"}}',
    b'{"AA:BB:CC:DD:EE:0F": {"name": 5, "on": "2026-11-22"}}',
    b'{"AA:BB:CC:DD:EE:0F": {"name": "Run 500", "on": "2026-11-22"}',
    b'{"AA:BB:CC:DD:EE:0F": {"name": "\xff", "on": "2026-11-22"}}',
    b'{"AA:BB:CC:DD:EE:0F": {"name": "X", "on": "2026-11-22", "fingerprint": {"maker": 5}}}',
    b'{"AA:BB:CC:DD:EE:0F": {"name": "X", "on": "2026-11-22", "fingerprint": {"colour": "red"}}}',
]


@pytest.mark.parametrize("damage", DAMAGE, ids=repr)
def test_a_damaged_file_proves_nothing_and_can_be_written_anew(file: Path, damage: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(damage)
    assert load(file) == {}
    assert not is_proven(file, HERE)
    remember(file, THERE, ENTRY)
    assert load(file) == {THERE: ENTRY}


def test_a_whole_file_cut_anywhere_proves_nothing_or_what_it_says(file: Path) -> None:
    remember(file, HERE, ENTRY)
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        assert load(file) in ({}, {HERE: ENTRY})


def test_a_folder_in_its_place_proves_nothing(file: Path) -> None:
    file.mkdir(parents=True)
    assert not is_proven(file, HERE)


def test_only_the_runner_may_read_and_write_it(file: Path) -> None:
    mask = os.umask(0)
    try:
        remember(file, HERE, ENTRY)
        remember(file, THERE, ENTRY)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_the_file_is_whole_at_any_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(file, HERE, ENTRY)
    before = file.read_bytes()
    seen: list[bytes] = []
    fsync = os.fsync

    def looks(fd: int) -> None:
        seen.append(file.read_bytes())
        fsync(fd)

    monkeypatch.setattr(os, "fsync", looks)
    remember(file, THERE, ENTRY)
    assert seen == [before, file.read_bytes()]  # of the new file, and then of its folder


def test_a_full_disk_says_so_and_loses_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(file, HERE, ENTRY)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            remember(file, THERE, ENTRY)
    assert load(file) == {HERE: ENTRY}
    remember(file, THERE, ENTRY)
    assert len(load(file)) == 2


def test_what_a_crash_left_beside_it_is_in_nobodys_way(file: Path) -> None:
    remember(file, HERE, ENTRY)
    (file.parent / f"{file.name}.new").write_bytes(b'{"half')
    remember(file, THERE, ENTRY)
    assert len(load(file)) == 2
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_person_can_read_it(file: Path) -> None:
    remember(file, HERE, ENTRY)
    told = msgspec.json.decode(file.read_bytes())
    said = {"maker": "Maker", "model": "Run 500", "firmware": "1.0"}
    assert told == {HERE: {"name": "Run 500", "on": "2026-11-22", "fingerprint": said}}
    assert len(file.read_text().splitlines()) > 1


def test_it_is_kept_with_the_state_of_this_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/nowhere/state")
    assert proven_file() == Path("/nowhere/state/treadguard/proven.json")
