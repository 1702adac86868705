"""What the simulated control point answers."""

from __future__ import annotations

import pytest
from tests.sim.bench import Bench

from treadguard.ftms import control_point
from treadguard.ftms.control_point import ResultCode


def test_without_control_a_command_is_not_permitted_and_moves_nothing() -> None:
    bench = Bench()
    assert bench.write(control_point.start(), wait=10) == ResultCode.CONTROL_NOT_PERMITTED
    assert bench.speed == 0


def test_control_is_lost_with_the_link() -> None:
    bench = Bench()
    bench.runs(300)
    bench.control_point.link_lost()
    assert bench.write(control_point.set_speed(200)) == ResultCode.CONTROL_NOT_PERMITTED
    assert bench.speed == 300
    bench.write(control_point.request_control())
    assert bench.write(control_point.set_speed(200)) == ResultCode.SUCCESS


@pytest.mark.parametrize(
    ("frame", "result"),
    [
        (control_point.start(), ResultCode.OPERATION_FAILED),
        (control_point.set_speed(90), ResultCode.INVALID_PARAMETER),
        (control_point.set_speed(100), ResultCode.SUCCESS),
        (control_point.set_speed(2000), ResultCode.SUCCESS),
        (control_point.set_speed(2001), ResultCode.INVALID_PARAMETER),
        (control_point.set_incline(-1), ResultCode.INVALID_PARAMETER),
        (control_point.set_incline(150), ResultCode.SUCCESS),
        (control_point.set_incline(155), ResultCode.INVALID_PARAMETER),
        (control_point.pause(), ResultCode.SUCCESS),
        (b"\x08\x00", ResultCode.INVALID_PARAMETER),
        (b"\x08", ResultCode.INVALID_PARAMETER),
        (b"\x02\x64", ResultCode.INVALID_PARAMETER),
        (b"\x02\x64\x00\x00", ResultCode.INVALID_PARAMETER),
        (b"\x07\x00", ResultCode.INVALID_PARAMETER),
        (b"\x05\x64\x00", ResultCode.OP_CODE_NOT_SUPPORTED),
        (b"\x99", ResultCode.OP_CODE_NOT_SUPPORTED),
    ],
)
def test_a_running_machine_answers_as_ftms_says(frame: bytes, result: ResultCode) -> None:
    bench = Bench()
    bench.runs(300)
    assert bench.write(frame) == result


@pytest.mark.parametrize("frame", [control_point.stop(), control_point.set_speed(300)])
def test_a_standing_machine_fails_a_stop_and_a_speed_and_stays(frame: bytes) -> None:
    bench = Bench()
    bench.write(control_point.request_control())
    assert bench.write(frame, wait=20) == ResultCode.OPERATION_FAILED
    assert bench.speed == 0


def test_a_second_stop_while_the_belt_slows_down_is_welcome_and_changes_nothing() -> None:
    bench = Bench()
    bench.runs(600)
    bench.write(control_point.stop(), wait=2)
    assert bench.write(control_point.stop(), wait=2) == ResultCode.SUCCESS
    bench.wait(2.2)
    assert bench.speed == 0


def test_a_reset_stops_the_belt_and_drops_control() -> None:
    bench = Bench()
    bench.runs(300)
    assert bench.write(b"\x01", wait=10) == ResultCode.SUCCESS
    assert bench.speed == 0
    assert bench.write(control_point.start()) == ResultCode.CONTROL_NOT_PERMITTED


def test_an_empty_write_is_ignored() -> None:
    bench = Bench()
    assert bench.write(b"") is None


def test_the_status_comes_before_the_answer() -> None:
    bench = Bench()
    bench.runs(300)
    since = len(bench.sent)
    bench.write(control_point.set_speed(200), wait=0.5)
    assert [char for _, char, _ in bench.sent[since:]] == ["2ada", "2ad9"]


def test_a_target_between_two_steps_is_floored_to_the_step() -> None:
    bench = Bench()
    bench.runs(300)
    bench.write(control_point.set_speed(258))
    assert bench.speed == 250
