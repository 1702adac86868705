"""A quantity on its way to a target at a steady rate: the belt's speed, or the incline.

Whole numbers in the quantity's own unit, time in ms; asked for at any moment, never stepped. The
rule to keep: a ramp never passes its target.
"""

from __future__ import annotations

from dataclasses import dataclass

from treadguard.units import Millis


@dataclass(frozen=True, slots=True)
class Ramp:
    """From `start` at time `since` to `target`, `per_s` units a second; 0 holds still.

    A `since` in the future means that it hasn't begun to move.
    """

    start: int
    since: int
    target: int
    per_s: int

    def at(self, t: int) -> int:
        """The value at time `t`."""
        moved = self.per_s * max(0, t - self.since) // 1000
        if self.target >= self.start:
            return min(self.target, self.start + moved)
        return max(self.target, self.start - moved)

    def arrives(self) -> Millis | None:
        """When the target is first reached, or None if it never is."""
        way = abs(self.target - self.start)
        if way == 0:
            return Millis(self.since)
        if self.per_s == 0:
            return None
        return Millis(self.since - (-way * 1000 // self.per_s))
