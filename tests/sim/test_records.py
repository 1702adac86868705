from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from treadguard.ftms.treadmill_data import TreadmillData, decode, encode
from treadguard.sim.records import Counters, whole
from treadguard.units import Grade, Speed


@given(
    st.integers(0, 3000),
    st.none() | st.integers(-300, 500),
    st.integers(0, 3000),
    st.integers(1, 2_000_000_000),
)
def test_the_record_packed_by_hand_is_the_codec_s(
    speed: int, grade: int | None, other_speed: int, passed_ms: int
) -> None:
    counters = Counters()
    counters.advance(passed_ms, other_speed)
    (data,) = whole(Speed(speed), None if grade is None else Grade(grade), counters)
    record = TreadmillData(
        speed=speed,
        distance_m=counters.distance_m,
        incline=grade,
        elapsed_s=counters.elapsed_s,
    )
    assert data == encode(record)
    assert decode(data) == record
