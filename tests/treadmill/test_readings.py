"""What a notification's bytes tell the guard."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.ftms.treadmill_data import TreadmillData, encode
from treadguard.guard.events import Machine, Ranges, Telemetry
from treadguard.treadmill.readings import ranges, read
from treadguard.units import Grade, Millis, Speed

T = Millis(1234)


def test_a_record_gives_speed_and_grade() -> None:
    data = encode(TreadmillData(speed=523, distance_m=40, incline=-15, elapsed_s=9))
    assert read("2acd", data, T) == Telemetry(T, Speed(523), Grade(-15))


def test_an_all_zero_record_is_a_stopped_belt() -> None:
    assert read("2acd", bytes(8), T) == Telemetry(T, Speed(0), None)


def test_each_part_of_a_split_record_is_read_on_its_own() -> None:
    part = encode(TreadmillData(more_data=True, incline=40))
    assert read("2acd", part, T) == Telemetry(T, None, Grade(40))
    rest = encode(TreadmillData(speed=300))
    assert read("2acd", rest, T) == Telemetry(T, Speed(300), None)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x0c", b"\x00\x00", b"\x01\x00", bytes.fromhex("0120a00f00"), b"\x00\x00\x64"],
)
def test_a_notification_without_speed_or_grade_is_nothing_and_no_error(data: bytes) -> None:
    assert read("2acd", data, T) is None


@pytest.mark.parametrize(
    ("speed", "incline", "seen", "counted"),
    [
        (3000, 500, (3000, 500), {}),
        (3001, 500, (None, 500), {"speed": 1}),
        (0xFFFF, 0, (None, 0), {"speed": 1}),
        (500, 501, (500, None), {"incline": 1}),
        (500, 820, (500, None), {"incline": 1}),
        (500, -300, (500, -300), {}),
        (500, -301, (500, None), {"incline": 1}),
    ],
)
def test_an_implausible_value_is_dropped_and_counted_not_clamped(
    speed: int,
    incline: int,
    seen: tuple[int | None, int | None],
    counted: dict[str, int],
) -> None:
    dropped: Counter[str] = Counter()
    event = read("2acd", encode(TreadmillData(speed=speed, incline=incline)), T, dropped)
    assert isinstance(event, Telemetry)
    assert (event.speed, event.incline) == seen
    assert dropped == counted


def test_a_record_with_nothing_plausible_is_nothing_but_counted() -> None:
    dropped: Counter[str] = Counter()
    assert read("2acd", encode(TreadmillData(speed=9000, incline=900)), T, dropped) is None
    assert dropped == {"speed": 1, "incline": 1}


@pytest.mark.parametrize(
    ("char", "text", "event"),
    [
        ("2ada", "03", Machine(T, status=3)),
        ("2ada", "0201", Machine(T, status=2, value=1)),
        ("2ada", "020200", Machine(T, status=2, value=2)),
        ("2ada", "02", Machine(T, status=2)),
        ("2ada", "040000", Machine(T, status=4)),
        ("2ada", "059600", Machine(T, status=5, value=150)),
        ("2ada", "06e7ff", Machine(T, status=6, value=-25)),
        ("2ada", "ff", Machine(T, status=255)),
        ("2ada", "", None),
        ("2ad3", "000e", Machine(T, training=14)),
        ("2ad3", "010d", Machine(T, training=13)),
        ("2ad3", "0010", Machine(T, training=16)),
        ("2ad3", "00", None),
        ("2ad9", "800201", None),
        ("2a37", "0048", None),
    ],
)
def test_a_status_is_read_as_it_is(char: str, text: str, event: Machine | None) -> None:
    assert read(char, bytes.fromhex(text), T) == event


@given(st.sampled_from(["2acd", "2ada", "2ad3", "2ad9", ""]), st.binary(max_size=40))
def test_any_bytes_at_all_are_read(char: str, data: bytes) -> None:
    event = read(char, data, T)
    if isinstance(event, Telemetry):
        assert event.speed is not None or event.incline is not None
        assert event.speed is None or 0 <= event.speed <= 3000
        assert event.incline is None or -300 <= event.incline <= 500
    elif event is not None:
        assert (event.status is None) != (event.training is None)


def test_ranges_are_read_as_the_machine_has_them() -> None:
    assert ranges(bytes.fromhex("6400b0040a00"), bytes.fromhex("e2ff96000500")) == Ranges(
        Speed(100), Speed(1200), 10, Grade(-30), Grade(150), 5
    )


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "6400b004",
        "000000000000",
        "b00464000a00",  # the least above the most
        "6400b0040000",  # no step
        "6400b004c900",  # a step of 2.01 km/h
    ],
)
def test_a_range_that_is_absent_or_nonsense_is_none(text: str | None) -> None:
    data = None if text is None else bytes.fromhex(text)
    assert ranges(data, data) == Ranges()


@given(st.none() | st.binary(max_size=10), st.none() | st.binary(max_size=10))
def test_any_bytes_at_all_are_a_range_or_none(speed: bytes | None, incline: bytes | None) -> None:
    read_ = ranges(speed, incline)
    for low, high, step in (
        (read_.speed_min, read_.speed_max, read_.speed_step),
        (read_.incline_min, read_.incline_max, read_.incline_step),
    ):
        if low is None:
            assert (high, step) == (None, None)
        else:
            assert high is not None
            assert low <= high
            assert step is not None
            assert 0 < step <= 200
