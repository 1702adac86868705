"""Trunk lean, neck flexion, a hollow back: told first, then a back-off, then a break (A5-A7).

A share of the samples of a *full* window counts as "for that long"; a sensor that was silent for
2 s is unknown, neither good nor bad, and its windows start anew. Trunk and neck may come from two
sensors: neither keeps the other's windows alive, and a window is judged by a sample of its own. The
trunk's thresholds grow with the measured grade, judged sample by sample. At most one back-off a
minute and three a session.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, Literal

from treadguard.guard.policy import PosturePolicy
from treadguard.guard.rules.backoff import Backoff, expired
from treadguard.units import Millis

MIN_GAP_MS: Final = 40
"""Samples closer than this to the last one kept of their kind are left out: 25 Hz is plenty."""

TRIES: Final = 2
"""A lean that outlasts so many back-offs is a break (A5)."""

UPRIGHT: Final = "Stand tall: lean less, shoulders over the hips."
EYES_AHEAD: Final = "Eyes ahead: lift the chin, long neck."
LESS_HOLLOW: Final = "Draw the belly in and tuck the tail: less hollow in the back."


class Saw(Enum):
    """What a posture sample brings."""

    NOTHING = "nothing"
    BACK_OFF = "back off"
    BREAK = "break"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Window:
    """The samples of the last `length` ms as (t, over the threshold)."""

    samples: tuple[tuple[int, bool], ...] = ()
    over: int = 0

    def add(self, t: int, length: int, *, over: bool) -> Window:
        """Fold in a sample and drop what has left the window, keeping one that reaches past it."""
        kept, count, drop = self.samples, self.over + over, 0
        while drop + 1 < len(kept) and kept[drop + 1][0] <= t - length:
            count -= kept[drop][1]
            drop += 1
        return Window((*kept[drop:], (t, over)), count)

    def holds(self, t: int, length: int, share_pct: int) -> bool:
        """Whether the window is full and the share of its samples over the threshold is met."""
        return self.full(t, length) and self.over * 100 >= share_pct * len(self.samples)

    def over_ms(self, t: int) -> int:
        """How long, of the time the samples span, they were over the threshold."""
        n = len(self.samples)
        return 0 if n == 0 else (t - self.samples[0][0]) * self.over // n

    def full(self, t: int, length: int) -> bool:
        """Whether the samples reach back over the whole length."""
        return len(self.samples) > 1 and self.samples[0][0] <= t - length


@dataclass(frozen=True, slots=True)
class Posture:
    """Windows, and the back-offs so far.

    `trunk_t`, `neck_t`: when it was last heard of; `trunk_kept`, `neck_kept`: last taken in.
    """

    trunk_t: Millis | None = None
    trunk_kept: Millis | None = None
    neck_t: Millis | None = None
    neck_kept: Millis | None = None
    trunk_cue: Window = field(default_factory=Window)
    trunk_backoff: Window = field(default_factory=Window)
    trunk_stop: Window = field(default_factory=Window)
    neck_cue: Window = field(default_factory=Window)
    neck_backoff: Window = field(default_factory=Window)
    lumbar_t: Millis | None = None
    lumbar_cue: Window = field(default_factory=Window)
    backoffs: int = 0
    trunk_backoffs: int = 0
    last_backoff: Millis | None = None
    break_due: Millis | None = None
    floor: int | None = None
    backoff: Backoff | None = None


def cleared(p: Posture) -> Posture:
    """Nothing is judged across a silence or a standing belt; what was counted stays."""
    p = _without_neck(_without_trunk(p))
    return p if p.lumbar_t is None else replace(p, lumbar_t=None, lumbar_cue=Window())


def _without_trunk(p: Posture) -> Posture:
    if p.trunk_t is None:
        return p
    return replace(
        p,
        trunk_t=None,
        trunk_kept=None,
        trunk_cue=Window(),
        trunk_backoff=Window(),
        trunk_stop=Window(),
    )


def _without_neck(p: Posture) -> Posture:
    if p.neck_t is None:
        return p
    return replace(p, neck_t=None, neck_kept=None, neck_cue=Window(), neck_backoff=Window())


def _heard_lately(p: Posture, now: Millis, policy: PosturePolicy) -> Posture:
    """Without the windows of whatever was silent for too long."""
    if p.trunk_t is not None and now - p.trunk_t >= policy.silent_ms:
        p = _without_trunk(p)
    if p.neck_t is not None and now - p.neck_t >= policy.silent_ms:
        p = _without_neck(p)
    return p


def saw(
    p: Posture,
    t: Millis,
    trunk: int | None,
    neck: int | None,
    grade: int | None,
    policy: PosturePolicy,
) -> tuple[Posture, Saw]:
    """Judge one sample. Angles 0.1 degree over the runner's own baseline; grade 0.1 % or None."""
    p = _heard_lately(p, t, policy)
    if trunk is not None:
        p = replace(p, trunk_t=t)
        if _apart(p.trunk_kept, t):
            p = _with_trunk(p, t, trunk, grade, policy)
    if neck is not None:
        p = replace(p, neck_t=t)
        if _apart(p.neck_kept, t):
            over = neck > policy.neck
            p = replace(
                p,
                neck_kept=t,
                neck_cue=p.neck_cue.add(t, policy.neck_cue_ms, over=over),
                neck_backoff=p.neck_backoff.add(t, policy.neck_window_ms, over=over),
            )
    return _judged(p, t, policy)


def saw_lumbar(p: Posture, t: Millis, over: int, policy: PosturePolicy) -> Posture:
    """Fold in one sample of the lower back's hollow over its own baseline; it is only told."""
    if p.lumbar_t is not None and t - p.lumbar_t >= policy.silent_ms:
        p = replace(p, lumbar_cue=Window())
    elif not _apart(p.lumbar_t, t):
        return p
    window = p.lumbar_cue.add(t, policy.lumbar_cue_ms, over=over > policy.lumbar)
    return replace(p, lumbar_t=t, lumbar_cue=window)


def slumps(
    p: Posture, t: Millis, policy: PosturePolicy
) -> tuple[tuple[Literal["trunk", "neck", "lumbar"], bool], ...]:
    """What the samples of this moment show to be wrong for long enough to be told, or not."""
    share = policy.share_pct
    trunk = p.trunk_cue.holds(t, policy.trunk_cue_ms, share)
    neck = p.neck_cue.holds(t, policy.neck_cue_ms, share)
    lumbar = p.lumbar_cue.holds(t, policy.lumbar_cue_ms, share)
    return (
        *((("trunk", trunk),) if p.trunk_kept == t else ()),
        *((("neck", neck),) if p.neck_kept == t else ()),
        *((("lumbar", lumbar),) if p.lumbar_t == t else ()),
    )


def _apart(kept: Millis | None, t: Millis) -> bool:
    return kept is None or t - kept >= MIN_GAP_MS


def _with_trunk(
    p: Posture, t: Millis, trunk: int, grade: int | None, policy: PosturePolicy
) -> Posture:
    climb = 0 if grade is None else max(grade, 0)
    extra = min(policy.lean_extra_max, climb * policy.lean_per_pct // 10)
    return replace(
        p,
        trunk_kept=t,
        trunk_cue=p.trunk_cue.add(t, policy.trunk_cue_ms, over=trunk > policy.trunk_cue + extra),
        trunk_backoff=p.trunk_backoff.add(
            t, policy.trunk_backoff_ms, over=trunk > policy.trunk_backoff + extra
        ),
        trunk_stop=p.trunk_stop.add(
            t, policy.trunk_stop_ms, over=trunk > policy.trunk_stop + extra
        ),
    )


def _judged(p: Posture, t: Millis, policy: PosturePolicy) -> tuple[Posture, Saw]:
    share = policy.share_pct
    trunk, neck = p.trunk_kept == t, p.neck_kept == t
    if trunk and p.trunk_stop.holds(t, policy.trunk_stop_ms, share):
        return cleared(p), Saw.STOP
    leans = trunk and p.trunk_backoff.holds(t, policy.trunk_backoff_ms, share)
    rested = p.last_backoff is None or t - p.last_backoff >= policy.gap_ms
    if trunk and p.break_due is not None and p.trunk_backoff.full(t, policy.trunk_backoff_ms):
        if t < p.break_due:
            leans = False
        elif leans:
            return replace(cleared(p), break_due=None), Saw.BREAK
        else:
            p = replace(p, break_due=None)
    looks_down = neck and p.neck_backoff.over_ms(t) >= policy.neck_backoff_ms
    if (leans or looks_down) and rested and p.backoffs < policy.max_backoffs:
        p = replace(
            p,
            backoffs=p.backoffs + 1,
            trunk_backoffs=p.trunk_backoffs + leans,
            last_backoff=t,
        )
        if leans and p.trunk_backoffs >= TRIES:
            p = replace(p, break_due=Millis(t + policy.trunk_break_after_ms))
        return p, Saw.BACK_OFF
    return p, Saw.NOTHING


def elapsed(p: Posture, now: Millis, policy: PosturePolicy) -> Posture:
    """A silent sensor is unknown, and a back-off ends when its time is over."""
    p = _heard_lately(p, now, policy)
    left = expired(p.backoff, now)
    return p if left is p.backoff else replace(p, backoff=left)
