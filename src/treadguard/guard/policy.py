"""The guard's numbers, in its own integer units, and the limits that no setting can pass.

Times are ms, speeds 0.01 km/h, grades 0.1 %, angles 0.1 degree. How a file's numbers become these,
and which range each may move in, is config.py's business. (A) marks the article's own numbers:
they move toward caution only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from treadguard.units import Decideg, Grade, Millis, Speed

HARD_SPEED: Final = Speed(2000)
HARD_GRADE: Final = Grade(150)
HARD_RAISE_PER_S: Final = 50
HARD_LOWER_PER_S: Final = 100
HARD_GRADE_PER_S: Final = 10


@dataclass(frozen=True, slots=True)
class PainPolicy:
    stop_above: int = 4  # (A1)
    end_at: int = 7
    rerate_ms: Millis = Millis(60_000)
    repeat_window_ms: Millis = Millis(300_000)
    hold_ms: Millis = Millis(120_000)


@dataclass(frozen=True, slots=True)
class PromptPolicy:
    early_every_ms: Millis = Millis(120_000)
    early_for_ms: Millis = Millis(600_000)
    every_ms: Millis = Millis(300_000)
    open_ms: Millis = Millis(30_000)


@dataclass(frozen=True, slots=True)
class BreakPolicy:
    min_ms: Millis = Millis(120_000)
    max_ms: Millis = Millis(600_000)
    extend_ms: Millis = Millis(60_000)
    resume_max: int = 2
    resume_drop: int = 2
    max_triggers: int = 3
    ceiling_pct: int = 90
    stage1_pct: int = 60
    stage1_ms: Millis = Millis(60_000)
    stage2_pct: int = 80
    stage2_ms: Millis = Millis(60_000)
    every_ms: Millis = Millis(0)
    length_ms: Millis = Millis(60_000)


@dataclass(frozen=True, slots=True)
class PosturePolicy:
    trunk_cue: Decideg = Decideg(150)
    trunk_cue_ms: Millis = Millis(5_000)
    trunk_backoff: Decideg = Decideg(200)
    trunk_backoff_ms: Millis = Millis(10_000)
    trunk_break_after_ms: Millis = Millis(60_000)
    trunk_stop: Decideg = Decideg(450)
    trunk_stop_ms: Millis = Millis(1_000)
    lean_per_pct: Decideg = Decideg(5)
    lean_extra_max: Decideg = Decideg(50)
    neck: Decideg = Decideg(250)
    neck_cue_ms: Millis = Millis(10_000)
    neck_backoff_ms: Millis = Millis(30_000)
    neck_window_ms: Millis = Millis(60_000)
    share_pct: int = 70
    gap_ms: Millis = Millis(60_000)
    max_backoffs: int = 3
    floor_pct: int = 60
    cue_every_ms: Millis = Millis(60_000)
    silent_ms: Millis = Millis(2_000)
    asym_cue: int = 100
    asym_cue_strides: int = 30
    asym_backoff: int = 150
    asym_backoff_strides: int = 60
    lumbar: Decideg = Decideg(150)
    lumbar_cue_ms: Millis = Millis(10_000)


@dataclass(frozen=True, slots=True)
class TelemetryPolicy:
    no_raise_ms: Millis = Millis(3_000)
    lost_ms: Millis = Millis(5_000)


@dataclass(frozen=True, slots=True)
class RampPolicy:
    """0.01 km/h per second for speeds, 0.1 % per second for the grade."""

    raise_per_s: int = 25
    lower_per_s: int = 50
    grade_per_s: int = 5


@dataclass(frozen=True, slots=True)
class CapPolicy:
    speed: Speed = Speed(1200)
    grade: Grade = Grade(100)


@dataclass(frozen=True, slots=True)
class CuePolicy:
    """What is called to mind now and then (A5-A8, A14, A19, A20); 0: never."""

    posture_ms: Millis = Millis(1_500_000)
    gaze_ms: Millis = Millis(1_500_000)
    brace_ms: Millis = Millis(1_500_000)
    glutes_ms: Millis = Millis(1_500_000)
    monotony_ms: Millis = Millis(900_000)
    apart_ms: Millis = Millis(360_000)
    vary_ms: Millis = Millis(240_000)


@dataclass(frozen=True, slots=True)
class WarmUpPolicy:
    """How long a warm-up takes (A12); `demanded`: nothing of treadguard's goes up faster."""

    length_ms: Millis = Millis(180_000)
    demanded: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What is this runner's own: caps (None: none of their own) and the upright baseline.

    `cleared`: nothing speaks against treadmill use, or a professional has seen to it (A11).
    `longest_ms`: a therapist's limit on a session. `grade_first`: a back-off takes the grade
    before the speed; where not, the grade stays, for a back that is worse on the flat (H46).
    """

    speed_max: Speed | None = None
    grade_max: Grade | None = None
    trunk_baseline: Decideg = Decideg(0)
    neck_baseline: Decideg = Decideg(0)
    asym_baseline: int = 0
    lumbar_baseline: Decideg = Decideg(0)
    cleared: bool = True
    longest_ms: Millis | None = None
    grade_first: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """Every number that the guard rests on (DESIGN.md section 4)."""

    pain: PainPolicy = field(default_factory=PainPolicy)
    prompts: PromptPolicy = field(default_factory=PromptPolicy)
    breaks: BreakPolicy = field(default_factory=BreakPolicy)
    posture: PosturePolicy = field(default_factory=PosturePolicy)
    telemetry: TelemetryPolicy = field(default_factory=TelemetryPolicy)
    ramp: RampPolicy = field(default_factory=RampPolicy)
    caps: CapPolicy = field(default_factory=CapPolicy)
    cues: CuePolicy = field(default_factory=CuePolicy)
    warm_up: WarmUpPolicy = field(default_factory=WarmUpPolicy)
