import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.ftms import status
from treadguard.ftms.status import Status


@pytest.mark.parametrize(
    ("hex_", "found", "name"),
    [
        ("01", Status(0x01), "reset"),
        ("0201", Status(0x02, 1), "stopped_or_paused"),
        ("0202", Status(0x02, 2), "stopped_or_paused"),
        ("03", Status(0x03), "stopped_by_safety_key"),
        ("04", Status(0x04), "started_or_resumed"),
        ("059600", Status(0x05, 150), "target_speed_changed"),
        ("06e7ff", Status(0x06, -25), "target_incline_changed"),
        ("07f6ff", Status(0x07, -10), "target_resistance_changed"),
        ("089cff", Status(0x08, -100), "target_power_changed"),
        ("0996", Status(0x09, 150), "target_heart_rate_changed"),
        ("0a0100", Status(0x0A, 1), "targeted_energy_changed"),
        ("0b0001", Status(0x0B, 256), "targeted_steps_changed"),
        ("0cffff", Status(0x0C, 0xFFFF), "targeted_strides_changed"),
        ("0d401f01", Status(0x0D, 73_536), "targeted_distance_changed"),
        ("0e2c01", Status(0x0E, 300), "targeted_time_changed"),
        ("13340b", Status(0x13, 2868), "wheel_circumference_changed"),
        ("1402", Status(0x14, 2), "spin_down_status"),
        ("15b400", Status(0x15, 180), "targeted_cadence_changed"),
        ("ff", Status(0xFF), "control_permission_lost"),
    ],
)
def test_each_status_means_the_same_both_ways(hex_: str, found: Status, name: str) -> None:
    assert status.decode(bytes.fromhex(hex_)) == found
    assert found.name == name
    assert found.code is not None
    assert status.encode(found.code, found.value).hex() == hex_


@pytest.mark.parametrize(
    ("hex_", "found", "name"),
    [
        ("", Status(None), "missing"),
        ("02", Status(0x02), "stopped_or_paused"),
        ("0596", Status(0x05, None, b"\x96"), "target_speed_changed"),
        ("020200", Status(0x02, 2, b"\0"), "stopped_or_paused"),
        ("040000", Status(0x04, None, b"\0\0"), "started_or_resumed"),
        ("ff00", Status(0xFF, None, b"\0"), "control_permission_lost"),
        ("0f01000200", Status(0x0F, None, b"\1\0\2\0"), "targeted_time_in_2_hr_zones_changed"),
        ("16", Status(0x16), "rfu_0x16"),
    ],
)
def test_what_is_missing_or_added_hides_nothing(hex_: str, found: Status, name: str) -> None:
    assert status.decode(bytes.fromhex(hex_)) == found
    assert found.name == name


@given(st.binary(max_size=20))
def test_any_bytes_at_all_decode(data: bytes) -> None:
    found = status.decode(data)
    assert found.name
    assert data.endswith(found.trailing)


def test_a_value_that_the_status_cant_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="started_or_resumed takes no single value"):
        status.encode(0x04, 1)
    with pytest.raises(ValueError, match="target_speed_changed must lie between 0 and 65535"):
        status.encode(0x05, -1)
    with pytest.raises(ValueError, match="a status must lie between 0 and 255"):
        status.encode(256)
