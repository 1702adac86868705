"""Left against right: more weight or time on one foot strains the sacroiliac joint (A16).

Judged by the mean over the last strides, over the runner's own baseline: nobody is symmetric. The
rule to keep: strides that were not seen are no strides, and an old one counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from treadguard.guard.policy import PosturePolicy
from treadguard.units import Millis

SILENT_MS: Final = 10_000
"""A sensor that speaks of strides comes seldom; silent for so long it begins anew."""

STRIDES_MAX: Final = 10
"""A sample stands for no more strides than this: one that claims more has missed them."""

EVEN: Final = "Even steps: the same weight on both feet."


class Saw(Enum):
    """What a sample brings."""

    NOTHING = "nothing"
    UNEVEN = "uneven"
    BACK_OFF = "back off"


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """The last strides as (how many, 0.1 % over the baseline), the newest last."""

    t: Millis | None = None
    strides: tuple[tuple[int, int], ...] = ()


def saw(
    a: Asymmetry, t: Millis, over: int, strides: int, policy: PosturePolicy
) -> tuple[Asymmetry, Saw]:
    """Judge one sample of so many strides; `over` is the size above the runner's own."""
    if a.t is None or t - a.t >= SILENT_MS:
        a = replace(a, strides=())
    kept = [*a.strides, (min(max(strides, 0), STRIDES_MAX), max(over, 0))]
    while sum(n for n, _ in kept[1:]) >= policy.asym_backoff_strides:
        kept = kept[1:]
    a = replace(a, t=t, strides=tuple(kept))
    if _reaches(kept, policy.asym_backoff_strides, policy.asym_backoff):
        return a, Saw.BACK_OFF
    uneven = _reaches(kept, policy.asym_cue_strides, policy.asym_cue)
    return a, Saw.UNEVEN if uneven else Saw.NOTHING


def _reaches(kept: list[tuple[int, int]], count: int, mean: int) -> bool:
    """Whether there are `count` strides, and the mean over the last so many comes to `mean`."""
    total, left = 0, count
    for n, over in reversed(kept):
        used = min(n, left)
        total += used * over
        left -= used
    return not left and total // count >= mean
