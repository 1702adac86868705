"""The guard's numbers are DESIGN.md section 4's and section 3's, to the unit."""

from __future__ import annotations

from dataclasses import asdict

from treadguard.guard import policy
from treadguard.guard.policy import Policy, Profile


def test_the_hard_limits_are_those_that_no_setting_passes() -> None:
    assert policy.HARD_SPEED == 2000  # 20 km/h
    assert policy.HARD_GRADE == 150  # 15 %
    assert policy.HARD_RAISE_PER_S == 50  # 0.5 km/h per second
    assert policy.HARD_LOWER_PER_S == 100
    assert policy.HARD_GRADE_PER_S == 10  # 1 % per second


def test_ratings_and_questions() -> None:
    assert asdict(Policy().pain) == {
        "stop_above": 4,
        "end_at": 7,
        "rerate_ms": 60_000,
        "repeat_window_ms": 300_000,
        "hold_ms": 120_000,
    }
    assert asdict(Policy().prompts) == {
        "early_every_ms": 120_000,
        "early_for_ms": 600_000,
        "every_ms": 300_000,
        "open_ms": 30_000,
    }


def test_breaks() -> None:
    assert asdict(Policy().breaks) == {
        "min_ms": 120_000,
        "max_ms": 600_000,
        "extend_ms": 60_000,
        "resume_max": 2,
        "resume_drop": 2,
        "max_triggers": 3,
        "ceiling_pct": 90,
        "stage1_pct": 60,
        "stage1_ms": 60_000,
        "stage2_pct": 80,
        "stage2_ms": 60_000,
        "every_ms": 0,  # planned breaks are the runner's to choose
        "length_ms": 60_000,
    }


def test_posture() -> None:
    assert asdict(Policy().posture) == {
        "trunk_cue": 150,
        "trunk_cue_ms": 5_000,
        "trunk_backoff": 200,
        "trunk_backoff_ms": 10_000,
        "trunk_break_after_ms": 60_000,
        "trunk_stop": 450,
        "trunk_stop_ms": 1_000,
        "lean_per_pct": 5,
        "lean_extra_max": 50,
        "neck": 250,
        "neck_cue_ms": 10_000,
        "neck_backoff_ms": 30_000,
        "neck_window_ms": 60_000,
        "share_pct": 70,
        "gap_ms": 60_000,
        "max_backoffs": 3,
        "floor_pct": 60,
        "cue_every_ms": 60_000,
        "silent_ms": 2_000,
        "asym_cue": 100,
        "asym_cue_strides": 30,
        "asym_backoff": 150,
        "asym_backoff_strides": 60,
        "lumbar": 150,
        "lumbar_cue_ms": 10_000,
    }


def test_reminders_and_warm_up() -> None:
    assert asdict(Policy().cues) == {
        "posture_ms": 1_500_000,
        "gaze_ms": 1_500_000,
        "brace_ms": 1_500_000,
        "glutes_ms": 1_500_000,
        "monotony_ms": 900_000,
        "apart_ms": 360_000,
        "vary_ms": 240_000,
    }
    assert asdict(Policy().warm_up) == {"length_ms": 180_000, "demanded": False}


def test_telemetry_ramps_and_caps() -> None:
    assert asdict(Policy().telemetry) == {"no_raise_ms": 3_000, "lost_ms": 5_000}
    assert asdict(Policy().ramp) == {"raise_per_s": 25, "lower_per_s": 50, "grade_per_s": 5}
    assert asdict(Policy().caps) == {"speed": 1200, "grade": 100}


def test_a_runner_without_a_profile_has_no_own_caps_and_an_upright_of_zero() -> None:
    assert asdict(Profile()) == {
        "speed_max": None,
        "grade_max": None,
        "trunk_baseline": 0,
        "neck_baseline": 0,
        "asym_baseline": 0,
        "lumbar_baseline": 0,
        "cleared": True,
        "longest_ms": None,
        "grade_first": True,
    }
