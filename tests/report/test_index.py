"""The index: it is always what the journals say, whatever has become of either."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.pasts import SESSIONS, recorded

from treadguard.report import index
from treadguard.report.index import Found, sessions
from treadguard.report.row import row_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    where = tmp_path / "sessions"
    where.mkdir()
    for name in ("ideal_red_flag", "walk_with_a_break"):
        shutil.copy(SESSIONS / f"{name}.jsonl", where)
    return where


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "treadguard" / "sessions.sqlite"


@contextmanager
def counting() -> Iterator[list[str]]:
    """The names of the journals that are folded meanwhile."""
    names: list[str] = []

    def folded(journal: object, path: Path) -> object:
        names.append(path.stem)
        return row_of(journal, path)  # type: ignore[arg-type]

    with mock.patch.object(index, "row_of", folded):
        yield names


def names(found: Found) -> list[str]:
    return sorted(Path(row.path).stem for row in found.rows)


def test_rows_come_back_as_they_were_and_a_journal_is_folded_once(folder: Path, file: Path) -> None:
    first = sessions(folder, file)
    assert names(first) == ["ideal_red_flag", "walk_with_a_break"]
    for row in first.rows:
        own = recorded(Path(row.path).stem)
        assert {**_plain(own), "path": ""} == {**_plain(row), "path": ""}
    with counting() as folded:
        assert sessions(folder, file) == first
        assert folded == []
        assert sessions(folder, file, rebuild=True) == first
        assert sorted(folded) == names(first)
    assert (first.damaged, first.notes) == ((), ())


def _plain(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in index._COLUMNS}


def test_only_its_owner_can_read_it(folder: Path, file: Path) -> None:
    sessions(folder, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_journal_that_has_grown_is_read_again_and_one_that_went_is_forgotten(
    folder: Path, file: Path
) -> None:
    growing = folder / "walk_with_a_break.jsonl"
    whole = growing.read_bytes().splitlines(keepends=True)
    growing.write_bytes(b"".join(whole[:600]) + whole[600][:10])
    before = sessions(folder, file)
    growing.write_bytes(b"".join(whole))
    (folder / "ideal_red_flag.jsonl").unlink()
    with counting() as folded:
        after = sessions(folder, file)
    assert folded == ["walk_with_a_break"]
    assert names(after) == ["walk_with_a_break"]
    lasted = {Path(row.path).stem: row.lasted_ms for row in before.rows}
    assert lasted["walk_with_a_break"] < after.rows[0].lasted_ms
    assert after.rows[0].whole


def test_a_damaged_journal_is_named_and_passed_over(folder: Path, file: Path) -> None:
    (folder / "broken.jsonl").write_text("{}\n")
    strange = (folder / "walk_with_a_break.jsonl").read_text().replace('"level":2', '"lvel":2')
    (folder / "strange.jsonl").write_text(strange)
    (folder / "folder.jsonl").mkdir()
    os.mkfifo(folder / "pipe.jsonl")  # reading it would wait for ever
    for _ in range(2):  # also from what is remembered
        found = sessions(folder, file)
        assert names(found) == ["ideal_red_flag", "walk_with_a_break"]
        assert [str(folder / "broken.jsonl") in found.damaged[0], len(found.damaged)] == [True, 2]
        assert str(folder / "strange.jsonl") in found.damaged[1]
    shutil.copy(SESSIONS / "ideal_bent_over.jsonl", folder / "broken.jsonl")
    assert len(sessions(folder, file).damaged) == 1


def test_a_copy_of_a_journal_counts_once_the_longer_one(folder: Path, file: Path) -> None:
    whole = (folder / "walk_with_a_break.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "a_copy.jsonl").write_bytes(b"".join(whole[:600]))
    assert names(sessions(folder, file)) == ["ideal_red_flag", "walk_with_a_break"]


def test_a_name_that_is_no_text_is_said(folder: Path, file: Path) -> None:
    odd = Path(os.fsdecode(bytes(folder) + b"/\xff.jsonl"))
    shutil.copy(SESSIONS / "ideal_bent_over.jsonl", odd)
    found = sessions(folder, file)
    assert len(found.rows) == 2
    assert "isn't text" in found.damaged[0]


def test_no_folder_is_no_session(tmp_path: Path, file: Path) -> None:
    assert sessions(tmp_path / "nowhere", file) == Found(())


# ---------------------------------------------------------------- an index that isn't one


def _written(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as db, db:
        for statement in statements:
            db.execute(statement)


def test_a_damaged_index_is_made_anew_and_said(folder: Path, file: Path) -> None:
    first = sessions(folder, file)
    file.write_bytes(b"not a database" * 500)
    found = sessions(folder, file)
    assert found.rows == first.rows
    assert found.notes == (f"the index {file} was damaged, and was made anew from the journals",)
    assert sessions(folder, file).notes == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sessions SET load = 'much'",
        "UPDATE sessions SET symptoms = '{'",
        "UPDATE sessions SET started = '0001-01-01T00:00:00Z'",
        "UPDATE sessions SET moving_ms = -1",
        "UPDATE sessions SET symptoms = NULL",
        "ALTER TABLE sessions DROP COLUMN load",
    ],
)
def test_a_row_that_no_session_has_is_damage(folder: Path, file: Path, statement: str) -> None:
    first = sessions(folder, file)
    _written(file, statement)
    found = sessions(folder, file)
    assert found.rows == first.rows
    assert "damaged" in found.notes[0]


def test_a_foreign_database_is_replaced_and_said(folder: Path, file: Path) -> None:
    file.parent.mkdir(parents=True)
    _written(file, "CREATE TABLE cats (name TEXT)")
    found = sessions(folder, file)
    assert len(found.rows) == 2
    assert found.notes == (f"{file} was no index of treadguard's, and was replaced by one",)


def test_after_an_update_it_is_made_anew_without_a_word(folder: Path, file: Path) -> None:
    sessions(folder, file)
    _written(file, "UPDATE about SET written_by = 'an older one'")
    with counting() as folded:
        assert sessions(folder, file).notes == ()
    assert len(folded) == 2


def test_where_it_cant_be_kept_the_journals_are_read_all_the_same(folder: Path, file: Path) -> None:
    file.mkdir(parents=True)
    found = sessions(folder, file)
    assert len(found.rows) == 2
    assert "can't be kept" in found.notes[0]
    in_the_way = folder.parent / "a file"
    in_the_way.write_text("")
    assert len(sessions(folder, in_the_way / "sessions.sqlite").rows) == 2


def test_an_index_that_another_process_holds_is_left_alone(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sessions(folder, file)
    before = file.read_bytes()
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda where: connect(where, timeout=0))
    with closing(connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        found = sessions(folder, file)
        other.rollback()
    assert found.rows == first.rows
    assert "can't be kept" in found.notes[0]
    assert file.read_bytes() == before


# ---------------------------------------------------------------- whatever the bytes are

LINES = (SESSIONS / "ideal_red_flag.jsonl").read_bytes().splitlines(keepends=True)
VALUES = st.sampled_from(
    [b"null", b"-1", b"1e300", b'"x"', b"[]", b"{}", b"99999999999999999999", b"true", b"1.5"]
)


@settings(max_examples=60)
@given(st.binary(max_size=400), st.binary(max_size=2000))
def test_no_bytes_at_all_break_it(journal: bytes, kept: bytes) -> None:
    with TemporaryDirectory() as scratch:
        folder, file = Path(scratch), Path(scratch) / "sessions.sqlite"
        (folder / "x.jsonl").write_bytes(LINES[0] + journal)
        file.write_bytes(kept)
        found = sessions(folder, file)
        assert len(found.rows) + len(found.damaged) == 1


@settings(max_examples=150)
@given(st.data(), VALUES)
def test_no_value_in_a_line_breaks_it(data: st.DataObject, value: bytes) -> None:
    lines = list(LINES)
    n = data.draw(st.integers(0, len(lines) - 1))
    pieces = lines[n].split(b":")
    at = data.draw(st.integers(1, len(pieces) - 1))
    rest = pieces[at].lstrip(b'"0123456789abcdefghijklmnopqrstuvwxyz._-')
    pieces[at] = value + rest
    lines[n] = b":".join(pieces)
    with TemporaryDirectory() as scratch:
        folder, file = Path(scratch), Path(scratch) / "sessions.sqlite"
        (folder / "x.jsonl").write_bytes(b"".join(lines))
        first = sessions(folder, file)
        assert len(first.rows) + len(first.damaged) == 1
        assert sessions(folder, file) == first, "what is remembered is what was read"
