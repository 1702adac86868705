import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.ftms.heart_rate import HeartRate, decode


@pytest.mark.parametrize(
    ("hex_", "found"),
    [
        ("006f", HeartRate(111)),
        ("107572032702", HeartRate(117, rr=(882, 551))),
        ("012c01", HeartRate(300)),
        ("0248", HeartRate(72)),  # contact bits say: can't tell
        ("0448", HeartRate(72, contact=False)),
        ("0648", HeartRate(72, contact=True)),
        ("08480a00", HeartRate(72, energy_kj=10)),
        ("1e480a000004", HeartRate(72, True, 10, (1024,))),
        ("1f48010a00000400ff", HeartRate(328, True, 10, (1024, 0xFF00))),
        ("1048", HeartRate(72, rr=())),
        ("0000", HeartRate(0)),
        ("0048aa", HeartRate(72, trailing=b"\xaa")),
    ],
)
def test_each_flag_means_its_field(hex_: str, found: HeartRate) -> None:
    assert decode(bytes.fromhex(hex_)) == found


@pytest.mark.parametrize(
    ("hex_", "found"),
    [
        ("", HeartRate(truncated=True)),
        ("06", HeartRate(contact=True, truncated=True)),
        ("012c", HeartRate(truncated=True)),
        ("184801", HeartRate(72, truncated=True)),
        ("10487203ff", HeartRate(72, rr=(882,), truncated=True)),
    ],
)
def test_a_cut_measurement_gives_the_fields_that_fit(hex_: str, found: HeartRate) -> None:
    assert decode(bytes.fromhex(hex_)) == found


@given(st.binary(max_size=40))
def test_any_bytes_at_all_decode(data: bytes) -> None:
    assert isinstance(decode(data), HeartRate)
