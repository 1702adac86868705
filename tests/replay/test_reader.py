"""What a journal may lack and still be read, and what makes it useless."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.test_journal import HEADER

from treadguard import journal
from treadguard.guard.events import Tick
from treadguard.replay.reader import DamagedJournal, Journal, read
from treadguard.units import Millis

LINES = [
    journal.header_line(HEADER),
    *[journal.input_line(Tick(Millis(250 * seq)), seq) for seq in range(1, 5)],
    journal.end_line({"reason": "stop"}, 5, 1000),
]
WHOLE = b"".join(line + b"\n" for line in LINES)


def of_bytes(where: Path, raw: bytes) -> Journal:
    path = where / "j.jsonl"
    path.write_bytes(raw)
    return read(path)


def test_a_whole_journal_is_read_without_a_word(tmp_path: Path) -> None:
    found = of_bytes(tmp_path, WHOLE)
    assert found.header == HEADER
    assert [line["kind"] for line in found.lines] == ["tick"] * 4 + ["end"]
    assert (found.torn, found.ended, found.notes) == (False, True, ())
    assert found.sound_bytes == len(WHOLE)


@pytest.mark.parametrize("cut", range(1, len(LINES[-1]) + 2))
def test_a_torn_last_line_is_left_out_and_said(tmp_path: Path, cut: int) -> None:
    found = of_bytes(tmp_path, WHOLE[:-cut])
    assert len(found.lines) == 4
    assert not found.ended
    assert found.torn == (cut <= len(LINES[-1]))
    assert ("torn" in " ".join(found.notes)) == found.torn
    assert "no end" in " ".join(found.notes)
    assert found.sound_bytes == len(WHOLE) - len(LINES[-1]) - 1


@pytest.mark.parametrize(
    ("number", "line", "says"),
    [
        (1, b"{}", "line 1"),
        (1, b'{"kind":"tick"}', "line 1"),
        (3, b"{", "line 3: it isn't JSON"),
        (3, b"", "line 3: it isn't JSON"),
        (3, b'{"kind":"tick","t":500}', "line 3: it has no seq"),
        (3, b'{"seq":2,"kind":"tick","t":500.0}', "line 3: it has no seq or no t"),
        (3, b'{"seq":3,"t":500,"kind":"tick"}', "line 3: its seq is 3, and 2 is next"),
        (4, b'{"seq":3,"t":499,"kind":"tick"}', "line 4: its time 499 lies before"),
    ],
)
def test_a_damaged_middle_is_one_sentence_with_its_line(
    tmp_path: Path, number: int, line: bytes, says: str
) -> None:
    lines = [*LINES]
    lines[number - 1] = line
    with pytest.raises(DamagedJournal, match=says) as caught:
        of_bytes(tmp_path, b"".join(each + b"\n" for each in lines))
    assert "\n" not in str(caught.value)


def test_nothing_follows_the_end(tmp_path: Path) -> None:
    late = journal.input_line(Tick(Millis(1250)), 6)
    with pytest.raises(DamagedJournal, match="line 7: it follows the end"):
        of_bytes(tmp_path, WHOLE + late + b"\n")


@pytest.mark.parametrize("gone", range(1, len(LINES) - 1))
def test_a_missing_line_is_damage(tmp_path: Path, gone: int) -> None:
    lines = LINES[:gone] + LINES[gone + 1 :]
    with pytest.raises(DamagedJournal, match=f"line {gone + 1}"):
        of_bytes(tmp_path, b"".join(line + b"\n" for line in lines))


@pytest.mark.parametrize("raw", [b"", b"hello", LINES[0][:-5]])
def test_a_file_without_a_whole_line_is_no_journal(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(DamagedJournal, match="no whole line"):
        of_bytes(tmp_path, raw)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DamagedJournal, match="can't be read"):
        read(tmp_path / "none.jsonl")


@given(at=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_any_byte_may_be_wrong_and_nothing_but_damage_is_raised(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int
) -> None:
    try:
        of_bytes(tmp_path_factory.getbasetemp(), WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :])
    except DamagedJournal as error:
        assert "\n" not in str(error)
