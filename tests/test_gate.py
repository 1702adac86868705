"""Frames, Stop, Start and what outlives a connection."""

from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType

import pytest
from tests.gate_belt import (
    REQUEST_CONTROL,
    START,
    STOP,
    Belt,
    grade_frame,
    moving,
    speed_frame,
    standing,
)

from treadguard import gate, gate_axis
from treadguard.gate import CONSENT_MS, DOUBT_MS, GateState, check
from treadguard.gate_axis import (
    FRESH_MS,
    HARD_GRADE,
    HARD_GRADE_PER_S,
    HARD_RAISE_PER_S,
    HARD_SPEED,
    STANDS_MS,
)
from treadguard.units import Millis


def test_hard_numbers_are_the_designs() -> None:
    numbers = (HARD_SPEED, HARD_GRADE, HARD_RAISE_PER_S, HARD_GRADE_PER_S)
    assert numbers == (2000, 150, 50, 10)
    assert (FRESH_MS, DOUBT_MS, CONSENT_MS, STANDS_MS) == (3_000, 10_000, 10_000, 5_000)


@pytest.mark.parametrize("module", [gate, gate_axis])
def test_gate_imports_nothing_from_the_guard(module: ModuleType) -> None:
    tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    found = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Import)]
    own = {"treadguard.units", "treadguard.gate_axis"}
    assert found <= {"__future__", "typing", "enum", "dataclasses", *own}


# ---------------------------------------------------------------- default deny


@pytest.mark.parametrize("belt", [Belt, standing, moving], ids=["unknown", "standing", "moving"])
def test_request_control_always_passes(belt: type[Belt]) -> None:
    b = belt()
    before = b.state
    b.passes(REQUEST_CONTROL)
    assert b.state == before


def test_every_other_opcode_is_refused() -> None:
    b = moving().consent("start").consent("speed", 600).consent("incline", 50)
    for op in range(256):
        if op not in {0x00, 0x02, 0x03, 0x07, 0x08}:
            for rest in (b"", b"\x01", b"\x90\x01"):
                b.refuses(bytes([op]) + rest, "Only")


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x00\x00",
        b"\x01",
        b"\x02",
        b"\x02\x90",
        b"\x02\x90\x01\x00",
        b"\x03",
        b"\x03\x00",
        b"\x03\x00\x00\x00",
        b"\x07\x01",
        b"\x08",
        b"\x08\x00",
        b"\x08\x02",
        b"\x08\x03",
        b"\x08\x01\x00",
    ],
    ids=lambda f: f.hex() or "empty",
)
def test_malformed_frames_reset_and_pause_are_refused(frame: bytes) -> None:
    moving().refuses(frame, "Only")


def test_refusals_are_counted() -> None:
    b = Belt()
    for _ in range(3):
        b.refuses(START, "runner")
    assert b.state.refused == 3


def test_an_unlinked_gate_lets_only_a_stop_and_request_control_out() -> None:
    for frame in (START, speed_frame(0), speed_frame(100), grade_frame(10), grade_frame(-10)):
        _, why = check(GateState(), Millis(0), frame)
        assert why is not None
    for frame in (STOP, REQUEST_CONTROL):
        _, why = check(GateState(), Millis(0), frame)
        assert why is None


# ---------------------------------------------------------------- known stopped


@pytest.mark.parametrize(
    ("older", "newer", "stopped"),
    [
        (0, 0, True),
        (5, 5, True),
        (6, 5, False),
        (5, 6, False),
        (0, 100, False),
        (100, 0, False),
    ],
)
def test_two_samples_at_or_below_005_show_a_standing_belt(
    older: int, newer: int, *, stopped: bool
) -> None:
    b = Belt().sees(older, newer)
    assert b.stopped() is stopped
    if stopped:
        b.refuses(STOP, "standing")
    else:
        b.passes(STOP)


def test_one_sample_shows_nothing() -> None:
    Belt().sees(0).passes(STOP)


def test_a_doubled_notification_is_no_second_sample() -> None:
    b = Belt().sees(0).sees(0)
    assert not b.stopped()
    b.wait(1).sees(0)
    assert b.stopped()


def test_of_two_samples_in_one_millisecond_the_higher_counts() -> None:
    assert not Belt().sees(0, 0).sees(100).sees(0).stopped()
    b = Belt().sees(0, 100).sees(0)
    assert b.state.speed.seen is not None
    assert b.state.speed.seen.value == 100


def test_only_the_two_newest_samples_count() -> None:
    assert not Belt().sees(0, 0, 300, 0).stopped()
    assert Belt().sees(300, 0, 0).stopped()


@pytest.mark.parametrize(
    ("age_of_older", "stopped"), [(2_999, True), (3_000, True), (3_001, False)]
)
def test_both_samples_must_be_fresh(age_of_older: int, *, stopped: bool) -> None:
    b = Belt().sees(0).wait(1_000).sees(0).wait(age_of_older - 1_000)
    assert b.stopped() is stopped
    assert (b.asks(STOP) is not None) is stopped


def test_samples_from_the_future_show_nothing() -> None:
    b = standing().wait(-300)
    assert not b.stopped()
    b.passes(STOP)


@pytest.mark.parametrize(("since", "stopped"), [(0, False), (10_000, False), (10_001, True)])
@pytest.mark.parametrize("sign", ["status", "countdown", "start"])
def test_any_sign_of_a_start_within_10_s_is_doubt(sign: str, since: int, *, stopped: bool) -> None:
    b = Belt()
    if sign == "status":
        b.status(0x04)
    elif sign == "countdown":
        b.training(0x0E)
    else:
        b.sees(0, 0).consent("start").passes(START)
    at = b.t + since
    b.t = at - 200
    b.sees(0, 0)
    assert b.t == at
    assert b.stopped() is stopped
    assert (b.asks(STOP) is not None) is stopped


def test_other_statuses_are_no_sign_of_a_start() -> None:
    b = Belt()
    for code in range(256):
        if code != 0x04:
            b.status(code)
        if code != 0x0E:
            b.training(code)
    assert b.sees(0, 0).stopped()


def test_a_sign_of_a_start_outlives_the_connection() -> None:
    b = Belt().training(0x0E).link(up=False).link(up=True, generation=2).sees(0, 0)
    b.passes(STOP)


# ---------------------------------------------------------------- Stop


def test_stop_passes_whatever_the_telemetry_unless_known_stopped() -> None:
    Belt().passes(STOP, STOP, STOP)
    moving(6).passes(STOP)
    moving().wait(60_000).passes(STOP)
    standing().wait(3_001).passes(STOP)
    moving().link(up=False).passes(STOP)


def test_a_stop_ends_every_consent_and_ramp() -> None:
    b = moving(500).consent("start").consent("speed", 600).consent("incline", 20)
    b.passes(STOP).runs(6, 500).sees_grade(0)
    b.refuses(speed_frame(510), "consent").refuses(grade_frame(5), "consent")
    b.wait(200).sees(0, 0).refuses(START, "runner")


def test_a_refused_stop_ends_nothing() -> None:
    standing().consent("resume").refuses(STOP, "standing").passes(START)


# ---------------------------------------------------------------- Start


def test_start_needs_a_consent_and_uses_it_up() -> None:
    standing().refuses(START, "runner")
    b = standing().consent("start").passes(START)
    b.refuses(START, "runner").wait(10_001).sees(0, 0).refuses(START, "runner")


def test_a_resume_consent_starts_too() -> None:
    standing().consent("resume").passes(START)


def test_two_consents_carry_one_start_at_a_time() -> None:
    standing().consent("start").consent("resume").passes(START).refuses(START, "runner")


def test_other_consents_start_nothing() -> None:
    standing().consent("speed", 500).consent("incline", 10).refuses(START, "runner")


@pytest.mark.parametrize(("after", "ok"), [(0, True), (9_999, True), (10_000, False)])
def test_a_start_consent_lasts_10_s(after: int, *, ok: bool) -> None:
    b = standing().consent("start").wait(after - 200).sees(0, 0)
    assert (b.asks(START) is None) is ok


@pytest.mark.parametrize(("lasts", "after", "ok"), [(1_000, 999, True), (1_000, 1_000, False)])
def test_a_consent_may_run_out_earlier(lasts: int, after: int, *, ok: bool) -> None:
    b = standing().consent("start", lasts=lasts).wait(after - 200).sees(0, 0)
    assert (b.asks(START) is None) is ok


@pytest.mark.parametrize(("after", "ok"), [(9_999, True), (10_000, False)])
def test_a_consent_never_lasts_longer_than_10_s(after: int, *, ok: bool) -> None:
    b = standing().consent("start", lasts=60_000).wait(after - 200).sees(0, 0)
    assert (b.asks(START) is None) is ok


def test_a_belt_that_may_move_is_not_started() -> None:
    for b in (
        Belt(),
        Belt().sees(0),
        moving(),
        Belt().sees(100, 0),
        standing().status(0x04),
        standing().training(0x0E),
        standing().wait(3_001),
    ):
        b.consent("start").refuses(START, "standing")


def test_after_a_stop_the_belt_starts_again_once_it_is_known_to_stand() -> None:
    b = standing().consent("start").passes(START).wait(3_000).sees(100, 100).passes(STOP)
    b.wait(3_000).sees(0, 0).consent("resume").refuses(START, "standing")
    b.wait(3_500).sees(0, 0).passes(START)


def test_a_start_ends_every_raise() -> None:
    b = standing().consent("speed", 600).consent("incline", 20).consent("start").passes(START)
    b.wait(200).sees(100, 100).sees_grade(0)
    b.refuses(speed_frame(110), "consent").refuses(grade_frame(5), "consent")


def test_a_start_ends_what_the_stop_before_it_forbade() -> None:
    b = moving(500).passes(STOP).wait(500).sees(0, 0).consent("resume").passes(START)
    b.wait(2_000).sees(225).passes(speed_frame(100))


def test_a_belt_that_obeyed_its_stop_and_was_started_at_its_console_may_be_lowered() -> None:
    b = moving(500).passes(STOP).wait(500).sees(0, 0).status(0x04)
    b.wait(1_000).sees(225, 300).passes(speed_frame(100))
    b = moving(500).passes(STOP).wait(500).sees(0, 0)
    b.wait(1_000).sees(225, 300).refuses(speed_frame(100), "consent")


def test_a_start_that_is_said_of_a_belt_not_known_to_stand_ends_no_stop() -> None:
    b = moving(500).passes(STOP).wait(500).sees(100, 0).status(0x04)
    b.wait(1_000).sees(225, 300).refuses(speed_frame(100), "consent")


# ---------------------------------------------------------------- lost time


def test_a_belt_seen_to_stand_before_lost_time_is_not_known_to_stand_after_it() -> None:
    """H67: the clock stands still in a suspend, so that old zeros look fresh."""
    b = standing().loses_time().consent("start").refuses(START, "zero")
    b.sees(0).refuses(START, "zero").wait(200).sees(0).passes(START)


def test_no_leave_outlives_lost_time() -> None:
    standing().consent("start").loses_time().sees(0, 0).refuses(START, "runner")
    b = moving(500, grade=10).consent("speed", 550).consent("incline", 20).loses_time()
    b.sees(500).sees_grade(10).refuses(speed_frame(550), "consent")
    b.refuses(grade_frame(15), "consent")


def test_nothing_goes_up_on_what_was_seen_before_lost_time() -> None:
    b = moving(500, grade=10).loses_time().consent("speed", 550).consent("incline", 20)
    b.refuses(speed_frame(550), "move now").refuses(grade_frame(15), "move now")
    b.sees(500).refuses(grade_frame(15), "isn't known").passes(speed_frame(550))


def test_lost_time_holds_back_no_lowering_and_no_stop() -> None:
    moving(500, grade=10).loses_time().passes(speed_frame(400), grade_frame(5), STOP)
    assert Belt().loses_time().state == Belt().state


# ---------------------------------------------------------------- the connection


@pytest.mark.parametrize("how", ["down", "generation"])
def test_nothing_outlives_a_connection(how: str) -> None:
    b = moving(500).consent("speed", 700).passes(speed_frame(550)).wait(500)
    b.consent("incline", 20).consent("start").refuses(b"\x01", "Only")
    if how == "down":
        b.link(up=False)
        assert b.state == GateState(generation=1, refused=1)
    b.link(up=True, generation=2)
    assert b.state == GateState(generation=2, up=True, refused=1)
    b.refuses(speed_frame(0), "moving").refuses(START, "runner").passes(STOP)


def test_hearing_again_that_the_link_is_up_changes_nothing() -> None:
    b = moving().consent("speed", 600)
    before = b.state
    assert b.link(up=True).state == before


def test_a_link_that_comes_back_under_the_same_number_starts_empty() -> None:
    b = moving().consent("speed", 600).link(up=False).link(up=True)
    assert b.state == GateState(generation=1, up=True)


@pytest.mark.parametrize("generation", [0, 2])
def test_a_consent_to_another_connection_is_ignored(generation: int) -> None:
    b = standing()
    before = b.state
    b.consent("start", generation=generation).consent("speed", 600, generation=generation)
    assert b.state == before
    b.refuses(START, "runner")


def test_a_consent_while_the_link_is_down_is_ignored() -> None:
    b = Belt().link(up=False)
    before = b.state
    b.consent("start").consent("speed", 600).consent("incline", 10)
    assert b.state == before


def test_a_raise_consent_without_a_target_is_ignored() -> None:
    b = moving()
    before = b.state
    assert b.consent("speed").consent("incline").state == before
