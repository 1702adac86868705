from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ftms.records import FULL, FULL_HEX, records

from treadguard.ftms.treadmill_data import FIELDS, TreadmillData, decode, encode, encode_split

FULL_BYTES = bytes.fromhex(FULL_HEX)


@pytest.mark.parametrize(
    ("hex_", "record"),
    [
        ("0000e600", TreadmillData(speed=230)),
        ("0100", TreadmillData(more_data=True)),
        ("03000802", TreadmillData(avg_speed=520, more_data=True)),
        ("0500a08601", TreadmillData(distance_m=100_000, more_data=True)),
        ("0900e7fff1ff", TreadmillData(incline=-25, ramp=-15, more_data=True)),
        ("11007b002d00", TreadmillData(elevation_gain=123, elevation_loss=45, more_data=True)),
        ("21000b", TreadmillData(pace=11, more_data=True)),
        ("41000a", TreadmillData(avg_pace=10, more_data=True)),
        (
            "8100c8012c0105",
            TreadmillData(
                energy_kcal=456, energy_per_hour_kcal=300, energy_per_min_kcal=5, more_data=True
            ),
        ),
        ("010178", TreadmillData(heart_rate_bpm=120, more_data=True)),
        ("010247", TreadmillData(met=71, more_data=True)),
        ("0104100e", TreadmillData(elapsed_s=3600, more_data=True)),
        ("01080807", TreadmillData(remaining_s=1800, more_data=True)),
        ("0110ecfffa00", TreadmillData(force_n=-20, power_w=250, more_data=True)),
        ("012039300f", TreadmillData(steps_vendor=995_385, more_data=True)),
        (FULL_HEX, FULL),
    ],
)
def test_each_flag_bit_means_its_fields_both_ways(hex_: str, record: TreadmillData) -> None:
    assert decode(bytes.fromhex(hex_)) == record
    assert encode(record).hex() == hex_


def test_a_full_record_without_vendor_steps_has_34_bytes_as_the_spec_says() -> None:
    assert len(encode(replace(FULL, steps_vendor=None))) == 34


@pytest.mark.parametrize(
    ("hex_", "incline", "ramp"),
    [
        ("0800000000800080", -32768, -32768),
        ("08000000ffffffff", -1, -1),
        ("08000000fe7f0080", 32766, -32768),
        ("08000000ff7f0500", None, 5),
        ("080000000500ff7f", 5, None),
        ("08000000ff7fff7f", None, None),
    ],
)
def test_incline_and_ramp_are_signed_and_each_unavailable_on_its_own(
    hex_: str, incline: int | None, ramp: int | None
) -> None:
    record = decode(bytes.fromhex(hex_))
    assert (record.incline, record.ramp) == (incline, ramp)


@pytest.mark.parametrize(
    ("hex_", "energy"),
    [
        ("80000000ffffffffff", (None, None, None)),
        ("800000000500ffffff", (5, None, None)),
        ("80000000ffff0700ff", (None, 7, None)),
        ("80000000ffffffff09", (None, None, 9)),
        ("80000000fffefffefe", (0xFEFF, 0xFEFF, 0xFE)),
    ],
)
def test_each_energy_field_is_unavailable_on_its_own(
    hex_: str, energy: tuple[int | None, ...]
) -> None:
    record = decode(bytes.fromhex(hex_))
    assert energy == (
        record.energy_kcal,
        record.energy_per_hour_kcal,
        record.energy_per_min_kcal,
    )


def test_force_and_power_are_signed_and_each_unavailable_on_its_own() -> None:
    first = decode(bytes.fromhex("001000000080ff7f"))
    second = decode(bytes.fromhex("00100000ff7fffff"))
    assert (first.force_n, first.power_w) == (-32768, None)
    assert (second.force_n, second.power_w) == (None, -1)


def test_values_without_a_sentinel_may_be_all_ones() -> None:
    record = decode(
        bytes.fromhex("760f" + "ffff" * 2 + "ffffff" + "ffff" * 2 + "ff" * 4 + "ffff" * 2)
    )
    assert (record.speed, record.avg_speed, record.distance_m) == (0xFFFF, 0xFFFF, 0xFF_FFFF)
    assert (record.elevation_gain, record.elevation_loss) == (0xFFFF, 0xFFFF)
    assert (record.pace, record.avg_pace) == (0xFF, 0xFF)
    assert (record.heart_rate_bpm, record.met) == (0xFF, 0xFF)
    assert (record.elapsed_s, record.remaining_s) == (0xFFFF, 0xFFFF)


def test_a_record_of_zeros_is_a_standing_belt_not_noise() -> None:
    record = decode(bytes.fromhex("8404" + "00" * 12))
    assert (record.speed, record.distance_m, record.elapsed_s) == (0, 0, 0)


@pytest.mark.parametrize("length", range(len(FULL_BYTES)))
def test_a_record_cut_anywhere_gives_the_fields_that_fit(length: int) -> None:
    record = decode(FULL_BYTES[:length])
    widths = (2, 2, 3, 2, 2, 2, 2, 1, 1, 2, 2, 1, 1, 1, 2, 2, 2, 2)
    end = 2
    whole = {}
    for name, width in zip(FIELDS, widths, strict=False):
        end += width
        if end <= length:
            whole[name] = getattr(FULL, name)
    expected = TreadmillData(**whole, truncated=length < 34)
    if length == 35:
        expected = replace(expected, trailing=b"\x39")  # one byte is no step count
    if length == 36:
        expected = replace(expected, steps_vendor=0x3039)
    assert record == expected


def test_nothing_is_read_behind_a_cut_field() -> None:
    # The distance is cut after one byte; a heart rate read from there would be made up.
    assert decode(bytes.fromhex("04015802" + "78")) == TreadmillData(speed=600, truncated=True)


@pytest.mark.parametrize(
    ("tail", "steps", "trailing"),
    [
        ("", None, ""),
        ("fa", None, "fa"),
        ("fa00", 250, ""),
        ("fa0000", 250, ""),
        ("fa0001", 65_786, ""),
        ("fa0000aabb", 250, "aabb"),
    ],
)
def test_vendor_steps_are_whatever_stands_behind_bit_13(
    tail: str, steps: int | None, trailing: str
) -> None:
    record = decode(bytes.fromhex("00206400" + tail))
    assert (record.steps_vendor, record.trailing.hex()) == (steps, trailing)
    assert not record.truncated


@pytest.mark.parametrize("flags", ["0000", "0040", "0080"])
def test_a_tail_that_nothing_announces_is_kept_as_bytes(flags: str) -> None:
    record = decode(bytes.fromhex(flags + "6400" + "fa0000"))
    assert record == TreadmillData(speed=100, trailing=b"\xfa\0\0")


@given(st.binary(max_size=60) | st.binary(min_size=1000, max_size=1000))
def test_any_bytes_at_all_decode(data: bytes) -> None:
    record = decode(data)
    assert isinstance(record, TreadmillData)
    assert data.endswith(record.trailing)


@given(records())
def test_what_is_encoded_decodes_to_the_same(record: TreadmillData) -> None:
    assert decode(encode(record)) == record


def test_every_speed_of_a_treadmill_survives_the_wire_exactly() -> None:
    # test_control_point.py writes and reads every u16 and s16 there is, by the same functions.
    for speed in (*range(2501), *range(2501, 0x1_0000, 19), 0xFFFF):
        wire = encode(TreadmillData(speed=speed))
        assert wire[2] + 256 * wire[3] == speed
        assert decode(wire).speed == speed


def test_every_incline_of_a_treadmill_survives_the_wire_exactly() -> None:
    for incline in (*range(-500, 501), *range(-0x8000, 0x7FFF, 19), 0x7FFE):
        assert decode(encode(TreadmillData(speed=0, incline=incline))).incline == incline


def test_half_a_pair_goes_out_with_the_other_half_not_available() -> None:
    assert encode(TreadmillData(speed=0, incline=10)).hex() == "080000000a00ff7f"
    assert encode(TreadmillData(speed=0, power_w=90)).hex() == "00100000ff7f5a00"
    assert encode(TreadmillData(speed=0, energy_kcal=3)).hex() == "800000000300ffffff"


@pytest.mark.parametrize(
    "record",
    [
        TreadmillData(speed=0x1_0000),
        TreadmillData(speed=-1),
        TreadmillData(speed=0, incline=0x7FFF),
        TreadmillData(speed=0, incline=-0x8001),
        TreadmillData(speed=0, distance_m=0x100_0000),
        TreadmillData(speed=0, pace=256),
        TreadmillData(speed=0, energy_kcal=0xFFFF),
        TreadmillData(speed=0, energy_per_min_kcal=0xFF),
        TreadmillData(speed=0, elevation_gain=1),
        TreadmillData(speed=0, elevation_loss=1),
        TreadmillData(),
        TreadmillData(speed=0, more_data=True),
        TreadmillData(speed=0, truncated=True),
    ],
)
def test_what_no_notification_can_say_is_refused(record: TreadmillData) -> None:
    with pytest.raises(ValueError, match=r"must|can't|missing|either"):
        encode(record)


def test_trailing_bytes_go_out_as_they_are() -> None:
    assert encode(TreadmillData(speed=1, trailing=b"\xab")).hex() == "00000100ab"


def _merged(parts: tuple[bytes, ...]) -> TreadmillData:
    whole = TreadmillData()
    for part in parts:
        found = decode(part)
        assert not found.truncated
        assert not found.trailing
        known = {name: v for name in FIELDS if (v := getattr(found, name)) is not None}
        assert not [name for name in known if getattr(whole, name) is not None], "said once"
        whole = replace(whole, **known)
    return whole


@given(records(), st.integers(7, 40))
def test_a_split_record_says_the_same_and_ends_with_the_speed(
    record: TreadmillData, limit: int
) -> None:
    record = replace(record, speed=record.speed or 0, more_data=False)
    parts = encode_split(record, limit)
    assert all(len(part) <= limit for part in parts)
    assert [decode(part).more_data for part in parts] == [True] * (len(parts) - 1) + [False]
    assert decode(parts[-1]).speed == record.speed
    assert _merged(parts) == record


def test_a_full_record_takes_two_notifications_of_20_bytes_as_the_spec_means_it() -> None:
    record = replace(FULL, steps_vendor=None)
    first, last = encode_split(record)
    assert first.hex() == "7f00" + "0802a08601e7fff1ff7b002d000b0a"
    assert last.hex() == "801f" + "5802c8012c01057847100e0807ecfffa00"


def test_a_record_that_fits_isnt_split() -> None:
    record = TreadmillData(speed=100, distance_m=5, elapsed_s=9)
    assert encode_split(record) == (encode(record),)


def test_the_split_can_be_forced_by_a_lower_limit() -> None:
    parts = encode_split(TreadmillData(speed=100, distance_m=5, elapsed_s=9), 8)
    assert [part.hex() for part in parts] == ["05040500000900", "00006400"]


def test_a_notification_is_filled_to_its_limit_before_the_next_begins() -> None:
    parts = encode_split(TreadmillData(speed=100, distance_m=5, elapsed_s=9), 7)
    assert [part.hex() for part in parts] == ["05040500000900", "00006400"]


@pytest.mark.parametrize(
    ("record", "limit"),
    [
        (TreadmillData(speed=1), 6),
        (TreadmillData(avg_speed=1, more_data=True), 20),
        (TreadmillData(speed=1, trailing=b"x"), 20),
    ],
)
def test_what_cant_be_split_is_refused(record: TreadmillData, limit: int) -> None:
    with pytest.raises(ValueError, match=r"needs room|can be split"):
        encode_split(record, limit)


def test_flag_bits_stand_in_the_order_of_the_fields() -> None:
    whole = {name: getattr(FULL, name) for name in FIELDS}
    for i in (1, 2, 3, 5, 7, 8, 9, 12, 13, 14, 15, 16, 18):
        rest = {name: whole[name] for name in FIELDS[i:]}
        wire = encode(TreadmillData(**rest, more_data=True))
        assert FULL_BYTES.endswith(wire[2:])
        assert decode(wire) == TreadmillData(**rest, more_data=True)
