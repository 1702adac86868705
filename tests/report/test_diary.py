"""The diary: what was said is there again, whatever else stands in the file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.pasts import NOW

from treadguard.report.diary import Diary, Effort, Morning, Shoes, add, load

EFFORT = Effort(NOW, "a", 4.5)
MORNING = Morning(NOW, "a", date(2026, 3, 21), 3, "worse")
SHOES = Shoes(NOW, "Brand X", date(2026, 3, 1))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "diary.jsonl"


def test_what_was_said_is_there_again(file: Path) -> None:
    assert load(file) == Diary()
    for entry in (EFFORT, MORNING, SHOES):
        add(file, entry)
    assert load(file) == Diary((EFFORT,), (MORNING,), (SHOES,))


def test_only_its_owner_can_read_it(file: Path) -> None:
    add(file, EFFORT)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_later_answer_outweighs_an_earlier_one(file: Path) -> None:
    add(file, EFFORT)
    add(file, Effort(NOW, "a", 6))
    add(file, Effort(NOW, "b", 1))
    add(file, MORNING)
    add(file, Morning(NOW, "a", date(2026, 3, 21), 1, "better"))
    found = load(file)
    assert (found.rpe_of("a"), found.rpe_of("b"), found.rpe_of("c")) == (6, 1, None)
    answer = found.morning_of("a")
    assert answer is not None
    assert answer.feels == "better"
    assert found.morning_of("b") is None


def test_after_a_torn_line_the_next_one_is_whole(file: Path) -> None:
    add(file, EFFORT)
    file.write_bytes(file.read_bytes()[:-5])
    add(file, SHOES)
    assert load(file) == Diary(shoes=(SHOES,), skipped=1)


@pytest.mark.parametrize(
    "line",
    [
        '{"kind":"effort","at":"2026-03-20T18:00:00Z","session":"a","rpe":11}',
        '{"kind":"effort","at":"2026-03-20T18:00:00","session":"a","rpe":1}',
        '{"kind":"morning","at":"2026-03-20T18:00:00Z","session":"a","pain":3,"feels":"same"}',
        '{"kind":"shoes","at":"2026-03-20T18:00:00Z","name":"","date":"2026-03-21"}',
        '{"kind":"weight","at":"2026-03-20T18:00:00Z"}',
        '{"kind":"effort","x":' + "[" * 5000,
        "nonsense",
    ],
)
def test_a_line_that_is_none_of_its_kinds_is_counted(file: Path, line: str) -> None:
    add(file, EFFORT)
    with file.open("a") as more:
        more.write(line + "\n")
    add(file, MORNING)
    assert load(file) == Diary((EFFORT,), (MORNING,), skipped=1)


@given(st.binary(max_size=300))
def test_whatever_stands_there_a_new_line_is_found(before: bytes) -> None:
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / "diary.jsonl"
        file.write_bytes(before)
        add(file, SHOES)
        assert load(file).shoes[-1] == SHOES
