"""Sizes as people write them: each unit, both decimal marks, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.report.quantities import (
    HEIGHT,
    INCLINE,
    LENGTH,
    POWER,
    SPEED,
    WIDTH,
    Kind,
    quantity,
)

KINDS = (POWER, LENGTH, WIDTH, HEIGHT, SPEED, INCLINE)


@pytest.mark.parametrize(
    ("text", "kind", "meant"),
    [
        ("2.5 hp", POWER, 1864),
        ("2,5HP", POWER, 1864),
        ("1.5 chp", POWER, 1119),
        ("1900 W", POWER, 1900),
        ("1.9 kW", POWER, 1900),
        ("48 in", LENGTH, 122),
        (' 48" ', LENGTH, 122),
        ("54 inches", LENGTH, 137),
        ("4 ft 6 in", LENGTH, 137),
        ("1.37 m", LENGTH, 137),
        ("1220 mm", LENGTH, 122),
        ("18 in", WIDTH, 46),
        ("6' 1\"", HEIGHT, 185),
        ("5 ft 10 in", HEIGHT, 178),
        ("178cm", HEIGHT, 178),
        ("10 mph", SPEED, 1609),
        ("16,1 km/h", SPEED, 1610),
        ("12 %", INCLINE, 120),
        ("0%", INCLINE, 0),
    ],
)
def test_a_size_is_understood_in_its_unit(text: str, kind: Kind, meant: int) -> None:
    assert quantity(text, kind) == meant


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("48", LENGTH, "'48' is no number with a unit: say it like 48 in or 122 cm"),
        ("", LENGTH, "'' is no number with a unit"),
        ("in", LENGTH, "'in' is no number with a unit"),
        ("48 in or so", LENGTH, "'48 in or so' is no number with a unit"),
        ("-48 in", LENGTH, "no number with a unit"),
        ("48 hp", LENGTH, "'hp' is no unit of a belt's length"),
        ("48 cm", LENGTH, "'48 cm' can't be a belt's length: say it like"),
        ("900000 in", LENGTH, "can't be a belt's length"),
        ("2.5 W", POWER, "can't be a motor's power"),
        ("nan hp", POWER, "no number with a unit"),
        ("1e3 W", POWER, "'e' is no unit"),
        ("٣ hp", POWER, "no number with a unit"),
        ("1\x1b[2J", POWER, "'1\ufffd[2j' is no number"),
    ],
)
def test_what_is_no_such_size_is_one_sentence_with_examples(
    text: str, kind: Kind, says: str
) -> None:
    with pytest.raises(ValueError, match="say it like") as refused:
        quantity(text, kind)
    assert says in str(refused.value)
    assert str(refused.value).isprintable()


@given(st.text(max_size=30), st.sampled_from(KINDS))
def test_any_text_is_a_size_in_its_range_or_a_sentence(text: str, kind: Kind) -> None:
    try:
        assert kind.low <= quantity(text, kind) <= kind.high
    except ValueError as error:
        assert kind.examples[0] in str(error)
        assert str(error).isprintable()


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_are_understood(kind: Kind) -> None:
    assert all(kind.low <= quantity(text, kind) <= kind.high for text in kind.examples)


@given(st.integers(60, 399))
def test_centimetres_and_metres_are_the_same_size(cm: int) -> None:
    assert quantity(f"{cm} cm", LENGTH) == quantity(f"{cm / 100:g} m", LENGTH) == cm
