import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.ftms import features
from treadguard.ftms.features import Feature, Features, Target, names

U32 = st.integers(0, 0xFFFF_FFFF)


def test_the_bits_of_both_words_stand_where_the_spec_puts_them() -> None:
    assert names(Feature(0x1_FFFF)) == [
        "avg_speed",
        "cadence",
        "total_distance",
        "inclination",
        "elevation_gain",
        "pace",
        "step_count",
        "resistance",
        "stride_count",
        "energy",
        "heart_rate",
        "met",
        "elapsed_time",
        "remaining_time",
        "power_measurement",
        "force_on_belt",
        "user_data_retention",
    ]
    assert names(Target(0x1_FFFF)) == [
        "speed",
        "inclination",
        "resistance",
        "power",
        "heart_rate",
        "energy",
        "steps",
        "strides",
        "distance",
        "time",
        "time_in_2_hr_zones",
        "time_in_3_hr_zones",
        "time_in_5_hr_zones",
        "bike_simulation",
        "wheel_circumference",
        "spin_down",
        "cadence",
    ]


def test_reserved_bits_are_named_by_their_number() -> None:
    assert names(Feature(1 << 17 | 1 << 31)) == ["rfu_bit_17", "rfu_bit_31"]
    assert names(Target(0x2_0001)) == ["speed", "rfu_bit_17"]


@pytest.mark.parametrize(
    ("hex_", "found"),
    [
        ("0c160000" + "03000000", Features(Feature(0x160C), Target.SPEED | Target.INCLINATION)),
        ("0c160000" + "03000000" + "ab", Features(Feature(0x160C), Target(3), b"\xab")),
        ("0c160000" + "030000", Features(Feature(0x160C))),
        ("0c1600", Features()),
        ("", Features()),
    ],
)
def test_a_word_that_isnt_whole_is_unknown_not_empty(hex_: str, found: Features) -> None:
    assert features.decode(bytes.fromhex(hex_)) == found


@given(U32, U32)
def test_both_words_survive_the_wire_reserved_bits_and_all(first: int, second: int) -> None:
    found = features.decode(features.encode(first, second))
    assert (found.features, found.targets) == (first, second)


def test_a_word_that_doesnt_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="targets must lie between"):
        features.encode(0, 1 << 32)


@given(st.binary(max_size=16))
def test_any_bytes_at_all_decode_and_have_names(data: bytes) -> None:
    found = features.decode(data)
    if found.features is not None:
        assert len(names(found.features)) == found.features.bit_count()
