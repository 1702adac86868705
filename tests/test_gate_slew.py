"""How fast a set speed may go up: 0.5 km/h at first, and as much a second after."""

from __future__ import annotations

import pytest
from tests.gate_belt import moving, speed_frame


@pytest.mark.parametrize(("speed", "ok"), [(501, True), (549, True), (550, True), (551, False)])
def test_a_first_frame_goes_up_by_at_most_05(speed: int, *, ok: bool) -> None:
    b = moving(500).consent("speed", 2000)
    assert (b.asks(speed_frame(speed)) is None) is ok


@pytest.mark.parametrize(
    ("elapsed", "rise", "ok"),
    [
        (0, 1, False),
        (19, 1, False),
        (20, 1, True),
        (39, 2, False),
        (40, 2, True),
        (999, 50, False),
        (999, 49, True),
        (1_000, 50, True),
        (1_000, 51, False),
        (1_999, 100, False),
        (2_000, 100, True),
        (2_000, 101, False),
        (2_900, 100, True),
        (2_900, 101, False),
    ],
)
def test_later_frames_go_up_by_05_a_second_and_bank_2_s(
    elapsed: int, rise: int, *, ok: bool
) -> None:
    b = moving(500).consent("speed", 2000).passes(speed_frame(520)).wait(elapsed)
    assert (b.asks(speed_frame(520 + rise)) is None) is ok


@pytest.mark.parametrize(
    ("elapsed", "rise", "ok"),
    [(0, 1, False), (500, 25, True), (500, 26, False), (1_000, 50, True), (2_000, 51, False)],
)
def test_a_new_consent_buys_no_faster_slew(elapsed: int, rise: int, *, ok: bool) -> None:
    b = moving(500).consent("speed", 2000).passes(speed_frame(550)).wait(elapsed)
    b.consent("speed", 2000)
    assert (b.asks(speed_frame(550 + rise)) is None) is ok


def test_repeating_a_target_doesnt_reset_the_slew() -> None:
    b = moving(500).consent("speed", 2000).passes(speed_frame(520)).wait(900)
    b.passes(speed_frame(520)).wait(100).passes(speed_frame(570))
