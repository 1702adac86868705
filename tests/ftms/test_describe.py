import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ftms.records import FULL_HEX

from treadguard.ftms.describe import CHARACTERISTICS, describe


@pytest.mark.parametrize(
    ("char", "hex_", "said"),
    [
        (
            "2acd",
            FULL_HEX,
            {
                "speed_kmh": 6.0,
                "avg_speed_kmh": 5.2,
                "distance_m": 100_000,
                "incline_pct": -2.5,
                "ramp_deg": -1.5,
                "elevation_gain_m": 12.3,
                "elevation_loss_m": 4.5,
                "pace_km_min": 1.1,
                "avg_pace_km_min": 1.0,
                "energy_kcal": 456,
                "energy_per_hour_kcal": 300,
                "energy_per_min_kcal": 5,
                "heart_rate_bpm": 120,
                "met": 7.1,
                "elapsed_s": 3600,
                "remaining_s": 1800,
                "force_n": -20,
                "power_w": 250,
                "steps_vendor": 995_385,
                "more_data": False,
            },
        ),
        ("2acd", "0000e600", {"speed_kmh": 2.3, "more_data": False}),
        ("2acd", "0100", {"more_data": True}),
        ("2acd", "0000", {"more_data": False, "truncated": True}),
        ("2acd", "0000e600ab", {"speed_kmh": 2.3, "more_data": False, "trailing_hex": "ab"}),
        ("2acd", "", {"more_data": False, "truncated": True}),
        ("2acc", "0100000002000000", {"features": ["avg_speed"], "targets": ["inclination"]}),
        ("2acc", "0000000000000000", {"features": [], "targets": []}),
        ("2acc", "01000000", {"features": ["avg_speed"], "truncated": True}),
        ("2ad3", "010141", {"code": 1, "name": "idle", "text": "A"}),
        ("2ad3", "0010", {"code": 16, "name": "rfu_0x10"}),
        ("2ad3", "000d00", {"code": 13, "name": "manual_mode", "trailing_hex": "00"}),
        ("2ad3", "00", {"truncated": True}),
        ("2ad4", "600083022000", {"min_kmh": 0.96, "max_kmh": 6.43, "step_kmh": 0.32}),
        ("2ad4", "6000", {"min_kmh": 0.96, "truncated": True}),
        ("2ad5", "e2ff96000500", {"min_pct": -3.0, "max_pct": 15.0, "step_pct": 0.5}),
        ("2ad9", "00", {"op": 0, "name": "request_control"}),
        ("2ad9", "02e600", {"op": 2, "name": "set_target_speed", "value": 2.3}),
        ("2ad9", "03fbff", {"op": 3, "name": "set_target_incline", "value": -0.5}),
        ("2ad9", "0464", {"op": 4, "name": "set_target_resistance", "value": 10.0}),
        ("2ad9", "07", {"op": 7, "name": "start_or_resume"}),
        ("2ad9", "0801", {"op": 8, "name": "stop_or_pause", "value": "stop"}),
        ("2ad9", "0802", {"op": 8, "name": "stop_or_pause", "value": "pause"}),
        ("2ad9", "0800", {"op": 8, "name": "stop_or_pause", "value": "rfu_0x00"}),
        ("2ad9", "0d2c01", {"op": 13, "name": "set_targeted_time", "value": 300}),
        ("2ad9", "12350b", {"op": 18, "name": "set_wheel_circumference", "value": 286.9}),
        ("2ad9", "14b500", {"op": 20, "name": "set_targeted_cadence", "value": 90.5}),
        (
            "2ad9",
            "800804",
            {"op": 128, "name": "response", "request": 8, "result": "operation_failed"},
        ),
        ("2ad9", "8008", {"op": 128, "name": "response", "request": 8, "truncated": True}),
        ("2ad9", "", {"truncated": True}),
        ("2ada", "0202", {"code": 2, "name": "stopped_or_paused", "value": "pause"}),
        ("2ada", "02", {"code": 2, "name": "stopped_or_paused"}),
        ("2ada", "059600", {"code": 5, "name": "target_speed_changed", "value": 1.5}),
        ("2ada", "06e7ff", {"code": 6, "name": "target_incline_changed", "value": -2.5}),
        ("2ada", "07f1ff", {"code": 7, "name": "target_resistance_changed", "value": -1.5}),
        ("2ada", "13350b", {"code": 19, "name": "wheel_circumference_changed", "value": 286.9}),
        ("2ada", "15b500", {"code": 21, "name": "targeted_cadence_changed", "value": 90.5}),
        ("2ada", "0996", {"code": 9, "name": "target_heart_rate_changed", "value": 150}),
        ("2ada", "ff", {"code": 255, "name": "control_permission_lost"}),
        ("2ada", "", {"truncated": True}),
        ("2a37", "107572032702", {"bpm": 117, "rr_ms": [861.3, 538.1]}),
        ("2a37", "1048", {"bpm": 72}),
        ("2a37", "0448", {"bpm": 72, "contact": False}),
        ("2a37", "0e480a00", {"bpm": 72, "contact": True, "energy_kj": 10}),
        ("2a37", "", {"truncated": True}),
    ],
)
def test_the_json_object_is_the_one_of_the_contract(
    char: str, hex_: str, said: dict[str, object]
) -> None:
    assert describe(char, bytes.fromhex(hex_)) == said
    assert list(describe(char, bytes.fromhex(hex_))) == list(said), "in the contract's order"


def test_numbers_are_written_as_people_read_them() -> None:
    for speed in range(2501):
        text = json.dumps(describe("2acd", b"\0\0" + speed.to_bytes(2, "little"))["speed_kmh"])
        assert len(text.partition(".")[2]) <= 2


def test_the_characteristic_is_named_in_either_case() -> None:
    assert describe("2ACD", b"\x01\0") == describe("2acd", b"\x01\0")


def test_an_unknown_characteristic_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match=r"'2a19' is no characteristic.*2acd, 2acc, 2ad3"):
        describe("2a19", b"\0")


@given(st.sampled_from(CHARACTERISTICS), st.binary(max_size=50) | st.just(b"\xff" * 1000))
def test_any_bytes_at_all_give_a_json_object(char: str, data: bytes) -> None:
    said = describe(char, data)
    assert json.loads(json.dumps(said, allow_nan=False)) == said
    assert None not in said.values()
    assert ("more_data" in said) == (char == "2acd")
    assert said.get("truncated", True) is True


@pytest.mark.parametrize(("char", "data"), [("2ad9", "0258"), ("2ad9", "0301"), ("2ada", "0558")])
def test_a_parameter_that_is_cut_is_truncated_and_no_trailing_bytes(char: str, data: str) -> None:
    found = describe(char, bytes.fromhex(data))
    assert found["truncated"] is True
    assert "value" not in found
    assert "trailing_hex" not in found


def test_a_parameter_that_is_missing_altogether_is_no_cut() -> None:
    assert "truncated" not in describe("2ada", b"\x02")
