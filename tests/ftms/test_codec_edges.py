"""The codec where one bit, one byte or one number more would make a difference."""

from dataclasses import replace

import pytest

from treadguard.ftms import control_point, heart_rate, status
from treadguard.ftms.characteristics import Service
from treadguard.ftms.control_point import OpCode
from treadguard.ftms.status import StatusCode
from treadguard.ftms.treadmill_data import TreadmillData, decode, encode_split


def test_the_services_have_the_assigned_numbers() -> None:
    assert {one.name: one.short for one in Service} == {
        "DEVICE_INFORMATION": "180a",
        "HEART_RATE": "180d",
        "FITNESS_MACHINE": "1826",
    }


def test_the_op_codes_have_the_numbers_of_the_spec() -> None:
    """Also those that no treadmill takes: an unknown one would be shown by a false name."""
    assert [one.value for one in OpCode] == [*range(0x15), 0x80]
    assert OpCode.SET_TARGETED_TIME_IN_3_HR_ZONES.value == 0x0F
    assert OpCode.SET_TARGETED_TIME_IN_5_HR_ZONES.value == 0x10
    assert OpCode.SET_BIKE_SIMULATION.value == 0x11


def test_the_status_codes_have_the_numbers_of_the_spec() -> None:
    assert [one.value for one in StatusCode] == [*range(0x01, 0x16), 0xFF]
    assert StatusCode.TARGETED_TIME_IN_3_HR_ZONES_CHANGED.value == 0x10
    assert StatusCode.TARGETED_TIME_IN_5_HR_ZONES_CHANGED.value == 0x11
    assert StatusCode.BIKE_SIMULATION_CHANGED.value == 0x12


@pytest.mark.parametrize("op", [OpCode.STOP_OR_PAUSE, OpCode.SPIN_DOWN])
def test_what_a_request_adds_to_its_code_has_no_sign(op: OpCode) -> None:
    assert control_point.decode_request(bytes([op, 0xFF])).value == 0xFF


@pytest.mark.parametrize("code", [StatusCode.STOPPED_OR_PAUSED, StatusCode.SPIN_DOWN_STATUS])
def test_what_a_status_adds_to_its_code_has_no_sign(code: StatusCode) -> None:
    assert status.decode(bytes([code, 0xFF])).value == 0xFF


def test_a_wide_rate_is_no_sign_of_contact() -> None:
    assert heart_rate.decode(bytes.fromhex("052c01")).contact is False


def test_a_record_that_just_fits_goes_out_in_one_notification() -> None:
    record = TreadmillData(speed=500, distance_m=3)
    (only,) = encode_split(record, 7)
    assert len(only) == 7
    assert decode(only) == record


def test_a_notification_has_room_for_twenty_bytes_where_nothing_else_is_said() -> None:
    full = TreadmillData(
        speed=500,
        avg_speed=400,
        distance_m=3,
        incline=10,
        ramp=0,
        elevation_gain=1,
        elevation_loss=0,
        pace=1,
        avg_pace=1,
        heart_rate_bpm=90,
    )
    assert [len(part) for part in encode_split(full)] == [20]
    assert len(encode_split(replace(full, met=20))) == 2
