"""Mistakes that other codecs make on real frames; each was seen in the field or in their code."""

from treadguard.ftms import control_point, status, training
from treadguard.ftms.describe import describe
from treadguard.ftms.snapshot import Snapshot
from treadguard.ftms.status import Status, StatusCode
from treadguard.ftms.treadmill_data import TreadmillData, decode, encode
from treadguard.units import Millis, grade_from_pct, speed_from_kmh


def test_control_permission_lost_is_seen() -> None:
    assert status.decode(b"\xff").code == StatusCode.CONTROL_PERMISSION_LOST


def test_a_status_with_zeros_behind_it_is_that_status() -> None:
    assert status.decode(bytes.fromhex("040000")).code == StatusCode.STARTED_OR_RESUMED
    assert status.decode(bytes.fromhex("020200")) == Status(0x02, 2, b"\0")


def test_a_stop_without_its_parameter_is_still_a_stop() -> None:
    assert status.decode(b"\x02") == Status(StatusCode.STOPPED_OR_PAUSED)


def test_stopped_isnt_started_and_the_safety_key_isnt_a_speed() -> None:
    assert [status.decode(bytes((code,))).name for code in (2, 3, 4)] == [
        "stopped_or_paused",
        "stopped_by_safety_key",
        "started_or_resumed",
    ]


def test_a_training_code_needs_no_text_and_no_known_number() -> None:
    assert training.decode(bytes.fromhex("000d")).code == 0x0D
    assert training.decode(bytes.fromhex("010d")).code == 0x0D
    assert training.decode(bytes.fromhex("0010")).code == 0x10


def test_decimal_speeds_and_inclines_lose_no_step() -> None:
    for tenths in range(251):
        wire = control_point.set_speed(speed_from_kmh(tenths / 10))
        assert int.from_bytes(wire[1:], "little") == 10 * tenths
    for tenths in range(-250, 251):
        wire = control_point.set_incline(grade_from_pct(tenths / 10))
        assert int.from_bytes(wire[1:], "little", signed=True) == tenths


def test_a_frame_of_matrix_cut_at_20_bytes_gives_what_fits() -> None:
    cut = bytes.fromhex("9e1f580208026400000a00ff7f0000ffff0500ff")
    record = decode(cut)
    assert len(cut) == 20
    assert record.truncated
    assert (record.speed, record.incline, record.ramp, record.energy_kcal) == (600, 10, None, 5)
    assert record.energy_per_hour_kcal is None
    assert (record.heart_rate_bpm, record.elapsed_s) == (None, None)


def test_a_small_decline_isnt_a_mountain() -> None:
    assert decode(bytes.fromhex("08000000ffff0000")).incline == -1


def test_energy_that_isnt_available_isnt_65535_kcal() -> None:
    said = describe("2acd", bytes.fromhex("80000000ffffffffff"))
    assert said == {"speed_kmh": 0.0, "more_data": False}


def test_an_incline_that_isnt_available_isnt_3276_percent() -> None:
    assert describe("2acd", bytes.fromhex("08000000ff7fff7f")) == {
        "speed_kmh": 0.0,
        "more_data": False,
    }


def test_speed_is_read_only_where_bit_0_says_so() -> None:
    steps_only = decode(bytes.fromhex("0120fa0000"))
    assert (steps_only.speed, steps_only.steps_vendor) == (None, 250)


def test_three_energy_fields_stand_before_the_heart_rate() -> None:
    assert decode(bytes.fromhex("80010000010002000378")).heart_rate_bpm == 120


def test_the_last_zeros_of_a_stop_arrive() -> None:
    snapshot = Snapshot()
    snapshot.merge(TreadmillData(speed=20, distance_m=140, elapsed_s=90), Millis(0))
    snapshot.merge(decode(bytes.fromhex("8404" + "00" * 12)), Millis(1000))
    assert (snapshot.latest.speed, snapshot.latest.elapsed_s) == (0, 0)


def test_a_field_that_vanishes_from_one_notification_to_the_next_harms_nothing() -> None:
    snapshot = Snapshot()
    snapshot.merge(decode(encode(TreadmillData(speed=300, incline=10, ramp=6))), Millis(0))
    snapshot.merge(decode(encode(TreadmillData(speed=310))), Millis(1000))
    assert (snapshot.latest.speed, snapshot.latest.incline) == (310, 10)


def test_a_minus_sign_in_the_low_byte_leaves_the_flags_alone() -> None:
    # 0x9f as a signed char would set every higher flag bit.
    assert decode(bytes.fromhex("80009f000100020003")).steps_vendor is None


def test_a_refused_request_for_control_is_an_answer_like_any() -> None:
    assert control_point.decode_response(bytes.fromhex("800004")) == control_point.Response(0, 4)


def test_unknown_results_and_op_codes_are_values_not_errors() -> None:
    assert describe("2ad9", bytes.fromhex("80f0f0")) == {
        "op": 128,
        "name": "response",
        "request": 0xF0,
        "result": "rfu_0xf0",
    }
