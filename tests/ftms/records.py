"""Well-formed treadmill records for the property tests, and one full record written by hand."""

from typing import Final

from hypothesis import strategies as st

from treadguard.ftms.treadmill_data import TreadmillData


def _maybe(low: int, high: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(low, high)


U8: Final = _maybe(0, 0xFF)
U16: Final = _maybe(0, 0xFFFF)
U24: Final = _maybe(0, 0xFF_FFFF)
S16_OR_NA: Final = _maybe(-0x8000, 0x7FFE)
U16_OR_NA: Final = _maybe(0, 0xFFFE)


@st.composite
def records(draw: st.DrawFn, *, vendor: bool = True) -> TreadmillData:
    """Any record that one notification can say."""
    speed = draw(U16)
    gains = draw(st.none() | st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)))
    return TreadmillData(
        speed=speed,
        avg_speed=draw(U16),
        distance_m=draw(U24),
        incline=draw(S16_OR_NA),
        ramp=draw(S16_OR_NA),
        elevation_gain=gains[0] if gains else None,
        elevation_loss=gains[1] if gains else None,
        pace=draw(U8),
        avg_pace=draw(U8),
        energy_kcal=draw(U16_OR_NA),
        energy_per_hour_kcal=draw(U16_OR_NA),
        energy_per_min_kcal=draw(_maybe(0, 0xFE)),
        heart_rate_bpm=draw(U8),
        met=draw(U8),
        elapsed_s=draw(U16),
        remaining_s=draw(U16),
        force_n=draw(S16_OR_NA),
        power_w=draw(S16_OR_NA),
        steps_vendor=draw(U24) if vendor else None,
        more_data=speed is None,
    )


FULL_HEX: Final = (
    "fe3f"  # bits 1-13 set, bit 0 clear: every field
    "5802"  # 6.00 km/h
    "0802"  # 5.20 km/h on average
    "a08601"  # 100000 m
    "e7ff"  # -2.5 %
    "f1ff"  # -1.5 degrees
    "7b00"  # 12.3 m up
    "2d00"  # 4.5 m down
    "0b"  # 1.1 km/min
    "0a"  # 1.0 km/min
    "c801"  # 456 kcal
    "2c01"  # 300 kcal an hour
    "05"  # 5 kcal a minute
    "78"  # 120 bpm
    "47"  # 7.1 MET
    "100e"  # 3600 s
    "0807"  # 1800 s to go
    "ecff"  # -20 N
    "fa00"  # 250 W
    "39300f"  # 995385 steps
)

FULL: Final = TreadmillData(
    speed=600,
    avg_speed=520,
    distance_m=100_000,
    incline=-25,
    ramp=-15,
    elevation_gain=123,
    elevation_loss=45,
    pace=11,
    avg_pace=10,
    energy_kcal=456,
    energy_per_hour_kcal=300,
    energy_per_min_kcal=5,
    heart_rate_bpm=120,
    met=71,
    elapsed_s=3600,
    remaining_s=1800,
    force_n=-20,
    power_w=250,
    steps_vendor=995_385,
)
