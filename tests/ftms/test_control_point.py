from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.ftms import control_point
from treadguard.ftms.control_point import OpCode, Request, Response, ResultCode


def test_the_requests_are_the_bytes_of_the_spec() -> None:
    assert control_point.request_control() == b"\x00"
    assert control_point.start() == b"\x07"
    assert control_point.stop() == b"\x08\x01"
    assert control_point.pause() == b"\x08\x02"
    assert control_point.set_speed(230).hex() == "02e600"
    assert control_point.set_incline(-5).hex() == "03fbff"


def test_every_target_speed_goes_out_exactly() -> None:
    for speed in range(0x1_0000):
        wire = control_point.set_speed(speed)
        assert (wire[0], wire[1] + 256 * wire[2], len(wire)) == (2, speed, 3)
        assert control_point.decode_request(wire) == Request(2, speed)


def test_every_target_incline_goes_out_exactly() -> None:
    for grade in range(-0x8000, 0x8000):
        wire = control_point.set_incline(grade)
        assert (wire[0], wire[1] + 256 * wire[2], len(wire)) == (3, grade % 0x1_0000, 3)
        assert control_point.decode_request(wire) == Request(3, grade)


@pytest.mark.parametrize("speed", [-1, 0x1_0000])
def test_a_speed_that_doesnt_fit_is_refused_not_bent(speed: int) -> None:
    with pytest.raises(ValueError, match="target speed must lie between 0 and 65535"):
        control_point.set_speed(speed)


@pytest.mark.parametrize("grade", [-0x8001, 0x8000])
def test_an_incline_that_doesnt_fit_is_refused_not_bent(grade: int) -> None:
    with pytest.raises(ValueError, match="target incline must lie between -32768 and 32767"):
        control_point.set_incline(grade)


@pytest.mark.parametrize(
    ("hex_", "request_", "name"),
    [
        ("", Request(None), "missing"),
        ("00", Request(0), "request_control"),
        ("01", Request(1), "reset"),
        ("02", Request(2), "set_target_speed"),
        ("0296", Request(2, None, b"\x96"), "set_target_speed"),
        ("029600ff", Request(2, 150, b"\xff"), "set_target_speed"),
        ("03fbff", Request(3, -5), "set_target_incline"),
        ("0464", Request(4, 100), "set_target_resistance"),
        ("059cff", Request(5, -100), "set_target_power"),
        ("0696", Request(6, 150), "set_target_heart_rate"),
        ("07", Request(7), "start_or_resume"),
        ("0700", Request(7, None, b"\0"), "start_or_resume"),
        ("0801", Request(8, 1), "stop_or_pause"),
        ("090a00", Request(9, 10), "set_targeted_energy"),
        ("0c401f01", Request(12, 73_536), "set_targeted_distance"),
        ("0d2c01", Request(13, 300), "set_targeted_time"),
        ("0e01000200", Request(14, None, b"\1\0\2\0"), "set_targeted_time_in_2_hr_zones"),
        ("12340b", Request(18, 2868), "set_wheel_circumference"),
        ("1301", Request(19, 1), "spin_down"),
        ("14b400", Request(20, 180), "set_targeted_cadence"),
        ("42", Request(0x42), "rfu_0x42"),
    ],
)
def test_requests_are_read_whatever_is_missing_or_added(
    hex_: str, request_: Request, name: str
) -> None:
    found = control_point.decode_request(bytes.fromhex(hex_))
    assert found == request_
    assert found.name == name


@pytest.mark.parametrize(
    ("hex_", "answer", "name"),
    [
        ("800701", Response(7, 1), "success"),
        ("800002", Response(0, 2), "op_code_not_supported"),
        ("800203", Response(2, 3), "invalid_parameter"),
        ("800804", Response(8, 4), "operation_failed"),
        ("800205", Response(2, 5), "control_not_permitted"),
        ("800200", Response(2, 0), "rfu_0x00"),
        ("80070100", Response(7, 1, b"\0"), "success"),
        ("8007", Response(7, None), "missing"),
        ("80", Response(None, None), "missing"),
    ],
)
def test_responses_are_read_whatever_is_missing_or_added(
    hex_: str, answer: Response, name: str
) -> None:
    found = control_point.decode_response(bytes.fromhex(hex_))
    assert found == answer
    assert found is not None
    assert found.result_name == name


@pytest.mark.parametrize("hex_", ["", "07", "0180"])
def test_what_isnt_a_response_isnt_taken_for_one(hex_: str) -> None:
    assert control_point.decode_response(bytes.fromhex(hex_)) is None


def test_responses_are_written_as_the_spec_says() -> None:
    wire = control_point.response(OpCode.SET_TARGET_SPEED, ResultCode.CONTROL_NOT_PERMITTED)
    assert wire.hex() == "800205"
    with pytest.raises(ValueError, match="a result must lie between 0 and 255"):
        control_point.response(2, 256)


@given(st.binary(max_size=20))
def test_any_bytes_at_all_decode(data: bytes) -> None:
    asked = control_point.decode_request(data)
    assert asked.name
    assert data.endswith(asked.trailing)
    answer = control_point.decode_response(data)
    assert (answer is None) == (data[:1] != b"\x80")


@dataclass(frozen=True)
class Order:
    op: str
    value: int | None = None


@pytest.mark.parametrize(
    ("order", "hex_"),
    [
        (Order("request_control"), "00"),
        (Order("set_speed", 230), "02e600"),
        (Order("set_incline", -5), "03fbff"),
        (Order("start"), "07"),
        (Order("stop"), "0801"),
    ],
)
def test_the_guards_commands_become_frames(order: Order, hex_: str) -> None:
    assert control_point.frame_of(order).hex() == hex_


@pytest.mark.parametrize("order", [Order("set_speed"), Order("start", 5), Order("pause")])
def test_a_command_that_isnt_whole_becomes_no_frame(order: Order) -> None:
    with pytest.raises(ValueError, match="there is no command"):
        control_point.frame_of(order)
