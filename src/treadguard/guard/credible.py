"""Which measured value may be believed, on either axis.

A value that leaps up is either a console's quick key or noise, and a correction "down" from noise
would be a raise that nobody consented to (I2, I18). So a measured value is believed at once where
it falls, and where it rises only as fast as any machine does; what lies above that is a doubt. The
rule to keep: a doubt forbids, it never allows, and no Stop waits for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from treadguard.units import Millis

CALM_MS: Final = 3_000
"""A doubt lasts this long after the last leap: as long as a missing speed forbids raising."""

GAP_MS: Final = 2_000
"""No more than this of a gap in the samples is taken for time to rise in."""

LEAPS_WITHIN_MS: Final = 10_000
LEAPS_MAX: Final = 3
"""One leap is a quick key. The third within 10 s is a machine whose speed makes no sense."""


class Pace(NamedTuple):
    """How fast an axis may rise and still be believed: units per second, and what is noise.

    Measured machines gain 0.5 km/h and 0.5 % per second (FTMS.md, timings); these are six times
    that.
    """

    per_s: int
    slack: int


SPEED: Final = Pace(300, 50)
GRADE: Final = Pace(30, 5)


@dataclass(frozen=True, slots=True)
class Credible:
    """What is believed of one axis.

    `value`: believed at `t`. `last`: what was shown then. `samples`: up to 2, one is no evidence.
    `leaps`: when it leapt up. `doubted`: when it last showed more than can be believed.
    `announced`: a target that the machine itself has named.
    """

    value: int | None = None
    t: Millis = Millis(0)
    last: int = 0
    samples: int = 0
    leaps: tuple[Millis, ...] = ()
    doubted: Millis | None = None
    announced: int = 0

    @property
    def leapt(self) -> bool:
        """Whether it leapt up of late; samples end that, silence doesn't."""
        return self.doubted is not None and self.t - self.doubted < CALM_MS

    @property
    def doubtful(self) -> bool:
        """Whether nothing may be concluded upward from what is shown."""
        return self.samples < 2 or self.leapt

    @property
    def senseless(self) -> bool:
        """Whether it leapt too often of late to mean anything."""
        return len(self.leaps) >= LEAPS_MAX


def saw(c: Credible, t: Millis, shown: int, known: int, pace: Pace) -> Credible:
    """Fold in one sample. `known`: a value up to here is explained, by our own command say."""
    leaps = tuple(leap for leap in c.leaps if t - leap < LEAPS_WITHIN_MS)
    if c.value is None:
        return replace(c, value=shown, t=t, last=shown, samples=1, leaps=leaps)
    reach = max(c.value + pace.per_s * min(t - c.t, GAP_MS) // 1000, known, c.announced)
    doubted = c.doubted
    if shown > reach + pace.slack:
        doubted = t
        if shown > c.last + pace.slack:
            leaps = (*leaps, t)[-LEAPS_MAX:]
    samples = 2 if t > c.t or c.samples == 2 else 1
    return Credible(min(shown, reach), t, shown, samples, leaps, doubted, c.announced)


def forgotten(c: Credible) -> Credible:
    """A new connection: the next sample is the first; the leaps are remembered."""
    return Credible(leaps=c.leaps)
