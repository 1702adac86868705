"""Set speed: what is a lowering, what is a raise, and what a raise needs."""

from __future__ import annotations

import pytest
from tests.gate_belt import STOP, Belt, grade_frame, moving, speed_frame, standing

# ---------------------------------------------------------------- the hard cap


@pytest.mark.parametrize(("speed", "ok"), [(1999, True), (2000, True), (2001, False)])
def test_nothing_above_20_km_h_goes_out(speed: int, *, ok: bool) -> None:
    b = moving(2500)
    assert (b.asks(speed_frame(speed)) is None) is ok


@pytest.mark.parametrize("speed", [2001, 2010, 6553, 0x7FFF, 0x8000, 0xFFFF])
def test_a_consent_above_the_cap_is_clipped_to_it(speed: int) -> None:
    b = moving(1980).consent("speed", speed)
    assert b.state.speed.leave is not None
    assert b.state.speed.leave.target == 2000
    b.refuses(speed_frame(speed), "20 km/h").passes(speed_frame(2000))


# ---------------------------------------------------------------- a belt that doesn't move


def test_a_standing_belt_gets_no_speed() -> None:
    for speed in (0, 1, 50, 100, 2000):
        standing().consent("speed", 2000).refuses(speed_frame(speed), "moving")
        moving().wait(200).sees(0, 0).consent("speed", 2000).refuses(speed_frame(speed), "moving")


def test_a_belt_never_seen_moving_gets_no_speed() -> None:
    for b in (Belt(), Belt().sees(0), Belt().sees(5), Belt().status(0x04)):
        b.consent("speed", 600)
        for speed in (0, 1, 100):
            b.refuses(speed_frame(speed), "moving")


def test_a_start_is_no_leave_to_set_a_speed_before_the_belt_moves() -> None:
    b = moving(500).wait(200).sees(0, 0).consent("start").passes(b"\x07")
    b.consent("speed", 200).refuses(speed_frame(100), "known to move")
    b.wait(3_000).sees(0, 0).refuses(speed_frame(1), "known to move")
    b.wait(1_000).sees(100).passes(speed_frame(100))


@pytest.mark.parametrize(("measured", "ok"), [(5, False), (6, True)])
def test_a_raise_needs_measured_motion(measured: int, *, ok: bool) -> None:
    b = moving(300).wait(200).sees(measured).consent("speed", 40)
    assert (b.asks(speed_frame(40)) is None) is ok


def test_a_belt_that_comes_back_at_its_old_speed_can_be_lowered_at_once() -> None:
    b = standing().consent("resume").passes(b"\x07").wait(3_000).sees(225)
    b.passes(speed_frame(100))


# ---------------------------------------------------------------- lowering


@pytest.mark.parametrize("speed", [0, 1, 100, 499, 500])
def test_any_lowering_of_a_moving_belt_passes(speed: int) -> None:
    moving(500).passes(speed_frame(speed))


@pytest.mark.parametrize("age", [0, 3_001, 60_000])
def test_a_lowering_passes_however_old_the_telemetry(age: int) -> None:
    moving(500).wait(age).passes(speed_frame(500), speed_frame(480), speed_frame(0))


def test_lowering_below_the_command_passes_while_the_belt_lags_behind_it() -> None:
    b = moving(500).consent("speed", 600).passes(speed_frame(550)).wait(100).sees(505)
    b.passes(speed_frame(540))
    b = moving(500).consent("speed", 600).passes(speed_frame(550)).wait(100).sees(505)
    b.wait(20_000).passes(speed_frame(540))


def test_one_zero_sample_doesnt_hold_up_a_lowering() -> None:
    moving(500).passes(speed_frame(480)).wait(200).sees(0).passes(speed_frame(0))


def test_lowering_a_console_raise_above_the_old_command_passes() -> None:
    b = moving(500).passes(speed_frame(400))
    for speed in (450, 420, 400, 400, 400):
        b.wait(1_000).sees(speed)
    for speed in (450, 500, 600):
        b.wait(1_000).sees(speed)
    b.passes(speed_frame(550), speed_frame(450))


def test_a_console_raise_is_corrected_even_right_after_our_own_command() -> None:
    b = moving(400).passes(speed_frame(400)).wait(1_000).sees(600).passes(speed_frame(500))
    assert b.state.speed.sent is not None


def test_a_small_console_raise_is_lowered_once_the_command_is_old() -> None:
    moving(400).passes(speed_frame(400)).wait(5_001).sees(430).passes(speed_frame(420))


# ---------------------------------------------------------------- what counts as a raise


def test_a_raise_without_consent_is_refused() -> None:
    b = moving(500)
    for speed in (501, 510, 550, 2000):
        b.refuses(speed_frame(speed), "consent")


@pytest.mark.parametrize(
    ("after", "ok"), [(0, False), (4_999, False), (5_000, False), (5_001, True)]
)
def test_a_command_is_the_reference_for_5_s(after: int, *, ok: bool) -> None:
    b = moving(500).passes(speed_frame(300)).wait(after)
    assert (b.asks(speed_frame(400)) is None) is ok


def test_between_the_command_and_a_belt_that_still_slows_down_is_a_raise() -> None:
    b = moving(1200).passes(speed_frame(300))
    for speed in range(1150, 349, -50):
        b.wait(1_000).sees(speed).refuses(speed_frame(speed - 10), "consent")
    b.wait(1_000).sees(300).refuses(speed_frame(310), "consent").passes(speed_frame(300))


def test_a_belt_that_ignores_a_lowering_can_still_be_lowered_a_little() -> None:
    b = moving(600).passes(speed_frame(300))
    for _ in range(6):
        b.wait(1_000).sees(600)
    b.passes(speed_frame(590))


@pytest.mark.parametrize(("after_last_fall", "ok"), [(3_000, False), (3_001, True)])
def test_a_command_stands_3_s_after_the_belt_last_neared_it(
    after_last_fall: int, *, ok: bool
) -> None:
    b = moving(1200).passes(speed_frame(300)).wait(2_500).sees(1000).wait(2_500).sees(900)
    b.wait(after_last_fall)
    assert (b.asks(speed_frame(800)) is None) is ok


def test_a_belt_that_neared_the_command_too_late_doesnt_revive_it() -> None:
    moving(1200).passes(speed_frame(300)).wait(5_001).sees(1000).passes(speed_frame(990))


def test_nearing_never_shortens_the_5_s() -> None:
    b = moving(1200).passes(speed_frame(300)).wait(500).sees(1100).wait(1_500).sees(1100)
    b.wait(2_000).refuses(speed_frame(1000), "consent")


def test_a_belt_that_rises_toward_the_command_keeps_it_standing() -> None:
    b = moving(500).consent("speed", 550).passes(speed_frame(550))
    b.wait(2_500).sees(510).wait(2_400).sees(520).wait(1_000)
    assert b.state.speed.sent is not None
    assert b.state.speed.sent.stands_until == b.t + 2_000


def test_a_steady_belt_doesnt_keep_a_command_standing() -> None:
    b = moving(500).passes(speed_frame(300)).wait(2_400).sees(500).wait(2_400).sees(500)
    b.wait(201).passes(speed_frame(450))


def test_undershooting_the_command_doesnt_keep_it_standing() -> None:
    b = moving(400).passes(speed_frame(400)).wait(4_000).sees(390).wait(1_000)
    assert b.state.speed.sent is not None
    assert b.state.speed.sent.stands_until == b.t


# A command reached at 5.0 is the lower edge too; one on its way from 8.0 has come down to 6.0.
@pytest.mark.parametrize(("seen", "left"), [(469, True), (470, False), (530, False), (531, True)])
def test_a_command_is_forgotten_once_the_belt_has_left_it(seen: int, *, left: bool) -> None:
    b = moving(500).passes(speed_frame(500)).wait(1_000).sees(seen)
    assert (b.state.speed.sent is None) is left


@pytest.mark.parametrize(("seen", "left"), [(630, False), (631, True), (470, False), (469, True)])
def test_the_way_to_a_command_closes_in_behind_a_falling_belt(seen: int, *, left: bool) -> None:
    b = moving(800).passes(speed_frame(500)).wait(1_000).sees(600).wait(1_000).sees(seen)
    assert (b.state.speed.sent is None) is left


@pytest.mark.parametrize(("seen", "left"), [(490, False), (489, True), (580, False), (581, True)])
def test_the_way_to_a_command_closes_in_behind_a_rising_belt(seen: int, *, left: bool) -> None:
    b = moving(500).consent("speed", 550).passes(speed_frame(550)).wait(500).sees(520)
    b.wait(500).sees(seen)
    assert (b.state.speed.sent is None) is left


def test_a_belt_still_rising_to_an_older_command_hasnt_left_the_lower_one() -> None:
    b = moving(500).consent("speed", 550).passes(speed_frame(550)).wait(100).sees(500)
    b.passes(speed_frame(450)).wait(200).sees(550).refuses(speed_frame(500), "consent")


def test_a_second_lowering_in_mid_ramp_stands_as_well() -> None:
    b = moving(800).passes(speed_frame(400)).wait(1_000).sees(700).passes(speed_frame(350))
    b.wait(1_000).sees(600).refuses(speed_frame(500), "consent").passes(speed_frame(300))


def test_after_a_console_lowering_an_old_command_is_no_leave_to_go_back_up() -> None:
    b = moving(800).passes(speed_frame(800))
    for speed in (750, 600, 500):
        b.wait(1_000).sees(speed)
    b.refuses(speed_frame(510), "consent").refuses(speed_frame(800), "consent")
    b.wait(10_000).refuses(speed_frame(510), "known to move").passes(speed_frame(500))


def test_after_a_stop_nothing_above_zero_passes_while_the_belt_slows_down() -> None:
    b = moving(1200).passes(STOP)
    for speed in range(1150, 99, -50):
        b.wait(1_000).sees(speed)
        for wanted in (1, speed - 50, speed):
            b.refuses(speed_frame(wanted), "consent")
        b.passes(STOP)


def test_a_stop_is_not_forgotten_when_the_belt_jumps() -> None:
    b = moving(600).passes(STOP).wait(500).sees(0).wait(500).sees(550)
    b.refuses(speed_frame(500), "consent")


def test_a_speed_of_zero_after_a_stop_doesnt_soften_it() -> None:
    b = moving(600).passes(STOP, speed_frame(0)).wait(500).sees(0).wait(500).sees(550)
    b.refuses(speed_frame(500), "consent")


def test_a_stop_without_effect_leaves_lowering_possible() -> None:
    b = moving(600).passes(STOP)
    for _ in range(5):
        b.wait(1_000).sees(600)
    b.refuses(speed_frame(500), "consent").wait(1).passes(speed_frame(500))


def test_a_stop_on_unknown_telemetry_holds_too() -> None:
    b = Belt().passes(STOP).wait(200).sees(600).refuses(speed_frame(500), "consent")
    assert b.state.speed.sent is not None


# ---------------------------------------------------------------- what a raise needs


def test_a_consented_raise_passes_up_to_its_target() -> None:
    moving(500).consent("speed", 520).passes(speed_frame(520))
    moving(500).consent("speed", 520).refuses(speed_frame(521), "consent")


@pytest.mark.parametrize("for_", ["start", "resume", "incline"])
def test_another_consent_raises_no_speed(for_: str) -> None:
    b = moving(500)
    b.consent(for_, 150)  # type: ignore[arg-type]
    b.refuses(speed_frame(510), "consent")


@pytest.mark.parametrize(("age", "ok"), [(3_000, True), (3_001, False)])
def test_a_raise_needs_fresh_telemetry(age: int, *, ok: bool) -> None:
    b = moving(500).wait(age).consent("speed", 550)
    assert (b.asks(speed_frame(520)) is None) is ok


def test_a_sample_from_the_future_carries_no_raise() -> None:
    moving(500).consent("speed", 550).wait(-1).refuses(speed_frame(520), "known to move")


@pytest.mark.parametrize(("after", "ok"), [(9_999, True), (10_000, False)])
def test_the_first_frame_comes_within_10_s(after: int, *, ok: bool) -> None:
    b = moving(500).consent("speed", 550, lasts=60_000)
    b.wait(2_500).sees(500).wait(2_500).sees(500).wait(2_500).sees(500).wait(after - 7_500)
    assert (b.asks(speed_frame(520)) is None) is ok


def test_a_refused_raise_doesnt_use_the_consent_up() -> None:
    moving(500).consent("speed", 600).refuses(speed_frame(551), "fast").passes(speed_frame(550))


def test_a_ramp_goes_on_past_the_consents_own_end() -> None:
    b = moving(500).consent("speed", 1000, lasts=1_000)
    for speed in range(525, 1001, 25):
        b.passes(speed_frame(speed)).wait(1_000).sees(speed)
    b.refuses(speed_frame(1001), "consent")


def test_a_reached_target_ends_the_grant() -> None:
    b = moving(500).consent("speed", 525).passes(speed_frame(525)).wait(1_000).sees(525)
    assert b.state.speed.leave is None
    b.passes(speed_frame(510)).wait(1_000).sees(510).refuses(speed_frame(525), "consent")


def test_repeating_the_same_target_neither_ends_nor_spends_a_grant() -> None:
    b = moving(500).consent("speed", 600).passes(speed_frame(500), speed_frame(525))
    b.wait(1_000).sees(525).passes(speed_frame(525)).wait(1_000).sees(525)
    b.passes(speed_frame(550))


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize(
    "lowering", [speed_frame(499), grade_frame(0), STOP], ids=["speed", "incline", "stop"]
)
def test_any_lowering_ends_consent_and_ramp(lowering: bytes, *, begun: bool) -> None:
    b = moving(500, grade=40).consent("speed", 600)
    if begun:
        b.passes(speed_frame(525))
    b.passes(lowering).runs(6, 500).refuses(speed_frame(530), "consent")


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize(("gap", "ok"), [(3_000, True), (3_001, False)])
def test_a_gap_in_the_telemetry_ends_consent_and_ramp(gap: int, *, ok: bool, begun: bool) -> None:
    b = moving(500).consent("speed", 600)
    if begun:
        b.passes(speed_frame(525))
    b.wait(gap).sees(525, 525)
    assert (b.asks(speed_frame(540)) is None) is ok


def test_a_newer_consent_ends_the_ramp_of_the_older() -> None:
    b = moving(500).consent("speed", 600).passes(speed_frame(525)).wait(1_000).sees(525)
    b.consent("speed", 530).refuses(speed_frame(550), "consent").passes(speed_frame(530))


def test_an_incline_consent_leaves_a_speed_ramp_alone() -> None:
    b = moving(500).consent("speed", 600).passes(speed_frame(525)).wait(1_000).sees(525)
    b.consent("incline", 50).passes(speed_frame(550))


def test_a_ramp_ends_when_the_belt_is_driven_from_the_console() -> None:
    b = moving(500).consent("speed", 600).passes(speed_frame(525)).wait(1_000).sees(400)
    b.refuses(speed_frame(410), "consent").consent("speed", 600).passes(speed_frame(410))


def test_a_consent_outlives_a_console_change_before_its_first_frame() -> None:
    b = moving(500).passes(speed_frame(500)).consent("speed", 700).wait(500).sees(600)
    b.passes(speed_frame(650))


# ---------------------------------------------------------------- never both up


@pytest.mark.parametrize(("after", "ok"), [(0, False), (999, False), (1_000, True)])
def test_speed_is_not_raised_within_a_second_of_the_incline(after: int, *, ok: bool) -> None:
    b = moving(500).consent("speed", 600).consent("incline", 50).passes(grade_frame(5)).wait(after)
    assert (b.asks(speed_frame(510)) is None) is ok


def test_lowering_the_speed_right_after_an_incline_raise_passes() -> None:
    moving(500).consent("incline", 50).passes(grade_frame(5), speed_frame(490))


def test_a_leap_allows_no_lowering_that_the_belt_may_not_have_reached() -> None:
    b = moving(400).wait(1_000).sees(1_500)
    assert b.asks(speed_frame(1_200)) is not None
    b.passes(speed_frame(400))


def test_a_leap_to_a_target_that_the_machine_named_is_believed() -> None:
    b = moving(400).status(0x05, 1_500).wait(1_000).sees(1_500)
    b.passes(speed_frame(1_200))


def test_what_is_believed_rises_three_km_h_each_second() -> None:
    b = moving(400).wait(1_000).sees(1_500)
    b.wait(1_000).sees(1_500)
    assert b.asks(speed_frame(1_001)) is not None
    b.passes(speed_frame(1_000))


def test_a_gap_in_the_samples_is_no_more_than_two_seconds_of_rising() -> None:
    b = moving(400).wait(2_900).sees(1_500)
    assert b.asks(speed_frame(1_001)) is not None
    b.passes(speed_frame(1_000))
