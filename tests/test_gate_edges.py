"""The gate's numbers at their edges: what stands, what is believed, and from which value on."""

from __future__ import annotations

import pytest
from tests.gate_belt import STOP, Belt, grade_frame, moving, speed_frame

from treadguard.gate import saw_status
from treadguard.units import Millis

LEFT = 250
"""Further off the way to a target than a belt that still follows it."""


def announces(b: Belt, code: int, value: int | None) -> Belt:
    b.state = saw_status(b.state, Millis(b.t), code, value)
    return b


# ---------------------------------------------------------------- what is believed


@pytest.mark.parametrize(("after", "believed"), [(333, 599), (1_000, 800), (2_000, 1_100)])
def test_a_leap_counts_as_a_rise_of_3_km_h_per_second(after: int, believed: int) -> None:
    moving(500).wait(after).sees(1_900).refuses(speed_frame(believed + 1), "consent")
    moving(500).wait(after).sees(1_900).passes(speed_frame(believed))


def test_a_gap_between_samples_counts_as_two_seconds_at_most() -> None:
    b = moving(500).wait(2_900).sees(1_900)
    b.refuses(speed_frame(1_101), "consent").passes(speed_frame(1_100))


def test_a_leap_of_the_grade_counts_as_a_rise_of_3_percent_per_second() -> None:
    b = moving(500, grade=20).wait(1_000).sees(500).sees_grade(140)
    b.refuses(grade_frame(51), "consent").passes(grade_frame(50))


def test_a_sample_from_an_earlier_time_takes_nothing_off_what_is_believed() -> None:
    b = moving(500).wait(-1).sees(600).wait(1)
    b.refuses(speed_frame(501), "consent").passes(speed_frame(500))


def test_a_leap_that_the_machine_announced_is_believed() -> None:
    b = announces(moving(500), 0x05, 1_400).wait(1_000).sees(1_400)
    b.refuses(speed_frame(1_401), "consent").passes(speed_frame(1_400))


def test_what_the_machine_announced_is_no_lid_on_what_is_believed() -> None:
    b = announces(moving(500), 0x05, 300).wait(1_000).sees(1_400)
    b.refuses(speed_frame(801), "consent").passes(speed_frame(800))


def test_an_announcement_without_a_speed_takes_none_back() -> None:
    b = announces(announces(moving(500), 0x05, 1_400), 0x05, None).wait(1_000).sees(1_400)
    b.passes(speed_frame(1_400))


@pytest.mark.parametrize("code", [0x01, 0x02, 0x04, 0x06, 0x07, 0xFF])
def test_the_value_of_any_other_status_is_no_speed(code: int) -> None:
    b = announces(moving(500), code, 1_400).wait(1_000).sees(1_400)
    b.refuses(speed_frame(801), "consent").passes(speed_frame(800))


# ---------------------------------------------------------------- what stands


@pytest.mark.parametrize("frame", [STOP, speed_frame(0)])
def test_nothing_above_zero_follows_a_stop_though_the_belt_strays(frame: bytes) -> None:
    moving(500).passes(frame).wait(1_000).sees(500 + LEFT).refuses(speed_frame(400), "consent")


def test_the_smallest_speed_is_no_stop_and_is_forgotten_by_a_belt_that_strays() -> None:
    moving(500).passes(speed_frame(1)).wait(1_000).sees(500 + LEFT).passes(speed_frame(400))


def test_the_sample_that_leaves_a_target_is_the_newest_measurement() -> None:
    b = moving(500).passes(speed_frame(300)).wait(1_000).sees(500 + LEFT).wait(2_500)
    b.consent("speed", 800).passes(speed_frame(790))


def test_the_last_moment_of_a_target_still_prolongs_it_for_a_belt_on_its_way() -> None:
    b = moving(500).passes(speed_frame(300)).wait(1_000).sees(480).wait(4_000).sees(450)
    b.wait(500).refuses(speed_frame(400), "consent")


def test_a_belt_that_arrives_from_above_prolongs_its_target() -> None:
    b = moving(500).passes(speed_frame(300)).wait(2_500).sees(350).wait(2_400).sees(300)
    b.wait(1_100).sees(320).refuses(speed_frame(310), "consent")


def raised(b: Belt) -> Belt:
    """A raise from 5.0 to 5.5 km/h in one frame."""
    return b.consent("speed", 550).passes(speed_frame(550))


def test_a_belt_that_arrives_from_below_prolongs_its_target() -> None:
    b = raised(moving(500)).wait(2_500).sees(530).wait(2_400).sees(550)
    b.wait(1_100).sees(570).refuses(speed_frame(560), "consent")


def test_a_belt_that_stays_where_it_was_prolongs_no_target() -> None:
    b = raised(moving(500)).wait(2_500).sees(500).wait(2_400).sees(500)
    b.wait(1_100).sees(570).passes(speed_frame(560))


def test_a_target_that_a_belt_came_up_to_still_stands_at_its_last_moment() -> None:
    b = raised(moving(500)).wait(1_000).sees(530).wait(4_000).sees(550)
    b.wait(1_000).sees(570).refuses(speed_frame(560), "consent")
