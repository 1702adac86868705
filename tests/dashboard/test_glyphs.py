"""Large type is the same height whatever it says, and every state has its letters."""

from __future__ import annotations

import pytest

from treadguard.dashboard import glyphs
from treadguard.dashboard.model import FACES


@pytest.mark.parametrize("text", ["12.5", "?", "–", "1:42", "0.0", "–:––"])
@pytest.mark.parametrize("scale", [1, 2])
def test_a_number_is_five_rows_times_its_scale_all_alike(text: str, scale: int) -> None:
    rows = glyphs.digits(text, scale)
    assert len(rows) == glyphs.DIGIT_ROWS * scale
    assert len({len(row) for row in rows}) == 1
    assert any("█" in row for row in rows)


@pytest.mark.parametrize("face", FACES.values(), ids=lambda face: face.word)
def test_every_state_can_be_written_large(face: object) -> None:
    word = face.word  # type: ignore[attr-defined]
    rows = glyphs.word(word)
    assert len(rows) == glyphs.WORD_ROWS
    assert len({len(row) for row in rows}) == 1
    assert len(rows[0]) >= 2 * len(word)
    assert set(word) <= set(glyphs._LETTERS)


def test_a_number_of_this_machine_fits_its_place() -> None:
    assert len(glyphs.digits("20.0")[0]) < 28
    assert all(len(glyphs.digits(text)[0]) < 36 for text in ("-15.0", "10:00"))
    assert len(glyphs.digits("10")[0]) <= 14
