"""The codec where one bit, one byte or one number more would make a difference."""

from treadguard.ftms import heart_rate
from treadguard.ftms.characteristics import Service
from treadguard.ftms.control_point import OpCode
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


def test_a_wide_rate_is_no_sign_of_contact() -> None:
    assert heart_rate.decode(bytes.fromhex("052c01")).contact is False


def test_a_record_that_just_fits_goes_out_in_one_notification() -> None:
    record = TreadmillData(speed=500, distance_m=3)
    (only,) = encode_split(record, 7)
    assert len(only) == 7
    assert decode(only) == record
