"""`treadguard decode`: the ways of writing it; what bytes mean is tests/ftms' business."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.conftest import Run

from treadguard.cli.decode import octets
from treadguard.cli.failure import Failure


@pytest.mark.parametrize(
    "args",
    [
        ["2acd", "00005802"],
        ["2ACD", "00005802"],
        ["0x2acd", "0x00005802"],
        ["2acd", "00 00 58 02"],
        ["2acd", "00", "00", "58", "02"],
        ["2acd", " 0X00 0x00 58 02 "],
    ],
)
def test_one_object_however_it_is_written(run: Run, args: list[str]) -> None:
    ended = run("decode", *args)
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out) == {"speed_kmh": 6.0, "more_data": False}
    assert ended.out.count("\n") == 1


@given(st.binary(min_size=1, max_size=40))
def test_all_hexadecimal_is_read_as_it_is(data: bytes) -> None:
    assert octets(data.hex()) == octets(data.hex(" ").upper()) == octets("0x" + data.hex()) == data


@given(st.text(max_size=12))
def test_any_other_text_is_refused(text: str) -> None:
    try:
        data = octets(text)
    except Failure as failure:
        assert failure.code == 2
    else:
        assert data
        assert set(text.lower()) <= set("0123456789abcdefx \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0")
