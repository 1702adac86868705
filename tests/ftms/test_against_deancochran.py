"""The same well-formed frames through an independent codec, `deancochran-ftms`, both ways.

It reads the pace as two bytes unless told that it is one, as FTMS 1.0 has it.
"""

import deancochran_ftms as oracle
from hypothesis import given
from hypothesis import strategies as st
from tests.ftms.records import records

from treadguard.ftms import control_point, features, ranges, status, training
from treadguard.ftms.treadmill_data import FIELDS, TreadmillData, decode, encode

TREADMILL = 0
FORMAT = oracle.MeasurementFormatOptions(treadmill_pace_format="uint8Legacy")
RESISTANCE = oracle.ControlFormatOptions("uint8Tenths")
SPEC_FIELDS = FIELDS[:-1]
"""Theirs are numbered in the order of ours; neither has the vendor's steps."""


def _theirs(raw: oracle.MeasurementRaw) -> dict[str, int | None]:
    known = raw.present & ~raw.unavailable
    return {name: raw.values[i] if known >> i & 1 else None for i, name in enumerate(SPEC_FIELDS)}


def _ours(record: TreadmillData) -> dict[str, int | None]:
    return {name: getattr(record, name) for name in SPEC_FIELDS}


@given(records(vendor=False))
def test_they_read_what_we_write(record: TreadmillData) -> None:
    wire = encode(record)
    raw = oracle.decode_measurement_raw(wire, TREADMILL, FORMAT)
    assert _theirs(raw) == _ours(record)
    assert bool(raw.more_data) == record.more_data
    assert (raw.truncated, raw.trailing_bytes, raw.reserved_flags) == (0, 0, 0)
    assert oracle.encode_measurement_raw(raw, FORMAT) == wire


@given(st.integers(0, 0x1FFF), st.binary(max_size=40))
def test_both_read_the_same_from_any_bytes_behind_spec_flags(flags: int, body: bytes) -> None:
    wire = flags.to_bytes(2, "little") + body
    raw = oracle.decode_measurement_raw(wire, TREADMILL, FORMAT)
    record = decode(wire)
    assert _theirs(raw) == _ours(record)
    assert bool(raw.truncated) == record.truncated
    assert bool(raw.trailing_bytes) == bool(record.trailing)


@given(st.integers(0, 0xFFFF), st.integers(-0x8000, 0x7FFF))
def test_requests_are_the_same_bytes(speed: int, grade: int) -> None:
    pairs = (
        (control_point.request_control(), oracle.ControlRequestRaw(0, ())),
        (control_point.set_speed(speed), oracle.ControlRequestRaw(2, (speed,))),
        (control_point.set_incline(grade), oracle.ControlRequestRaw(3, (grade,))),
        (control_point.start(), oracle.ControlRequestRaw(7, ())),
        (control_point.stop(), oracle.ControlRequestRaw(8, (1,))),
        (control_point.pause(), oracle.ControlRequestRaw(8, (2,))),
    )
    for ours, theirs in pairs:
        assert ours == oracle.encode_control_request_raw(theirs)


@given(st.sampled_from((2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 18, 20)), st.data())
def test_single_parameters_are_read_the_same(op: int, data: st.DataObject) -> None:
    width = {4: 1, 6: 1, 12: 3}.get(op, 2)
    wire = bytes((op,)) + data.draw(st.binary(min_size=width, max_size=width))
    theirs = oracle.decode_control_request_raw(wire, RESISTANCE)
    ours = control_point.decode_request(wire)
    assert (ours.op, (ours.value,), ours.trailing) == (theirs.opcode, theirs.operands, b"")


@given(st.integers(0, 0x14), st.integers(1, 5))
def test_responses_are_the_same_bytes(op: int, result: int) -> None:
    wire = control_point.response(op, result)
    assert wire == oracle.encode_control_response_raw(oracle.ControlResponseRaw(op, result))


@given(st.sampled_from((1, *range(3, 15), 0x13, 0x15, 0xFF)), st.binary(min_size=3, max_size=3))
def test_statuses_are_read_the_same(code: int, body: bytes) -> None:
    theirs = oracle.decode_machine_status_raw(bytes((code,)) + body)
    ours = status.decode(bytes((code,)) + body)
    assert ours.code == theirs.opcode
    assert ours.value == (theirs.parameter[1][0] if theirs.parameter else None)
    assert bool(ours.trailing) == bool(theirs.trailing_bytes)
    assert oracle.decode_machine_status_raw(status.encode(code, ours.value)).trailing_bytes == 0


@given(st.integers(0, 0xFF), st.text("aZ 9üß✓🏃\0", max_size=20))
def test_training_statuses_are_read_the_same(code: int, text: str) -> None:
    raw = oracle.decode_training_status_raw(training.encode(code, text))
    assert (raw.code, raw.text.decode(), raw.reserved_value) == (code, text, int(code > 15))


@given(st.data())
def test_ranges_are_read_the_same(data: st.DataObject) -> None:
    low = data.draw(st.integers(-0x8000, 0x7FFF))
    high = data.draw(st.integers(low, 0x7FFF))
    step = data.draw(st.integers(1, 0xFFFF))
    grade = oracle.decode_supported_range_raw(ranges.encode_incline(low, high, step), "inclination")
    assert (grade.minimum, grade.maximum, grade.increment) == (low, high, step)
    low, high = low + 0x8000, high + 0x8000
    speed = oracle.decode_supported_range_raw(ranges.encode_speed(low, high, step), "speed")
    assert (speed.minimum, speed.maximum, speed.increment) == (low, high, step)


@given(st.integers(0, 0xFFFF_FFFF), st.integers(0, 0xFFFF_FFFF))
def test_feature_words_are_read_the_same(machine: int, target: int) -> None:
    wire = features.encode(machine, target)
    assert wire == oracle.encode_features_raw(oracle.FeaturesRaw(machine, target))
    found = features.decode(wire)
    theirs = oracle.decode_features(wire).value
    assert theirs is not None
    assert found.features is not None
    assert found.targets is not None
    assert theirs.inclination_supported == (features.Feature.INCLINATION in found.features)
    assert theirs.speed_target_setting_supported == (features.Target.SPEED in found.targets)
    assert theirs.inclination_target_setting_supported == (
        features.Target.INCLINATION in found.targets
    )
