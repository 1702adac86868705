import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.ftms import ranges
from treadguard.ftms.ranges import Range

U16 = st.integers(0, 0xFFFF)
S16 = st.integers(-0x8000, 0x7FFF)


@pytest.mark.parametrize(
    ("hex_", "found"),
    [
        ("640058023200", Range(100, 600, 50)),
        ("600083022000", Range(96, 643, 32)),
        ("6400b0040a00", Range(100, 1200, 10)),
        ("6400b0040a00ff", Range(100, 1200, 10, b"\xff")),
        ("6400b0040a", Range(100, 1200)),
        ("6400", Range(100)),
        ("64", Range()),
        ("", Range()),
        ("0000ffffffff", Range(0, 0xFFFF, 0xFFFF)),
    ],
)
def test_speed_ranges_are_unsigned_and_give_what_fits(hex_: str, found: Range) -> None:
    assert ranges.decode_speed(bytes.fromhex(hex_)) == found


@pytest.mark.parametrize(
    ("hex_", "found"),
    [
        ("000096000500", Range(0, 150, 5)),
        ("e2ff96000a00", Range(-30, 150, 10)),
        ("00800000ffff", Range(-0x8000, 0, 0xFFFF)),
        ("000000000000", Range(0, 0, 0)),
    ],
)
def test_incline_ranges_are_signed_but_for_the_step(hex_: str, found: Range) -> None:
    assert ranges.decode_incline(bytes.fromhex(hex_)) == found


@given(U16, U16, U16)
def test_a_speed_range_survives_the_wire(low: int, high: int, step: int) -> None:
    assert ranges.decode_speed(ranges.encode_speed(low, high, step)) == Range(low, high, step)


@given(S16, S16, U16)
def test_an_incline_range_survives_the_wire(low: int, high: int, step: int) -> None:
    assert ranges.decode_incline(ranges.encode_incline(low, high, step)) == Range(low, high, step)


def test_a_number_that_doesnt_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="minimum must lie between 0 and 65535"):
        ranges.encode_speed(-1, 0, 0)
    with pytest.raises(ValueError, match="maximum must lie between -32768 and 32767"):
        ranges.encode_incline(0, 0x8000, 0)
    with pytest.raises(ValueError, match="step must lie between 0 and 65535"):
        ranges.encode_incline(0, 0, -1)


@given(st.binary(max_size=12))
def test_any_bytes_at_all_decode(data: bytes) -> None:
    assert isinstance(ranges.decode_speed(data), Range)
    assert isinstance(ranges.decode_incline(data), Range)
