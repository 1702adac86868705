"""One axis on its way to a target: what was asked, what was written, and the slew in between.

A ramp writes at once and then each second, from an unrounded track, floored to the machine's step.
Going up needs a grant, the running half of a consent: good for one target, and gone for good at
the first thing that lowers. The rule to keep: without a grant no value above the setpoint ever
leaves here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from treadguard.units import Millis

WRITE_EVERY_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Axis:
    """Speed (0.01 km/h) or grade (0.1 %). None is unknown.

    `wanted`: what a human asked for, ratcheted by back-offs. `setpoint`: what the machine is
    taken to aim at: the last value written, or measured when a change was adopted. `grant`: the
    target that a consent allows. `ramp_*`: the track under way. `wrote`, `fell`: when the last
    value went out, and whether it was a lowering; `rose`: when the last raise did. `told`: the last
    value, as long as nobody else has set another: a lowering never goes above it.
    """

    wanted: int | None = None
    setpoint: int | None = None
    grant: int | None = None
    ramp_to: int | None = None
    ramp_from: int = 0
    ramp_t: Millis = Millis(0)
    wrote: Millis | None = None
    fell: bool = False
    rose: Millis | None = None
    told: int | None = None

    def adopted(self, measured: int | None) -> Axis:
        """Wanted and setpoint become what is measured (attach, accepted console change)."""
        return Axis(
            wanted=measured, setpoint=measured, wrote=self.wrote, fell=self.fell, rose=self.rose
        )

    def refound(self, measured: int | None) -> Axis:
        """As adopted, but by us: the machine may still aim at what it was told."""
        return replace(self.adopted(measured), told=self.told)

    def settled(self) -> Axis:
        """Any raise under way ends for good, and wanted falls back to the present command."""
        if self.grant is None:
            return self
        wanted = self.wanted if self.setpoint is None else _lower(self.wanted, self.setpoint)
        return replace(self, grant=None, ramp_to=None, wanted=wanted)

    def rises(self, value: int | None) -> bool:
        """Whether this value is above the setpoint."""
        return value is not None and self.setpoint is not None and value > self.setpoint

    def falls(self, value: int | None) -> bool:
        """Whether this value is below the setpoint."""
        return value is not None and self.setpoint is not None and value < self.setpoint

    def ratcheted(self, maximum: int) -> Axis:
        """Wanted is lowered to a back-off's target."""
        if self.wanted is None or self.wanted <= maximum:
            return self
        return replace(self, wanted=maximum)


def _lower(a: int | None, b: int) -> int:
    return b if a is None else min(a, b)


def target_of(axis: Axis, allowed: int) -> int | None:
    """Where the axis should be: min(wanted, allowed), and above the setpoint only by a grant."""
    if axis.wanted is None or axis.setpoint is None:
        return None
    target = min(axis.wanted, allowed)
    if target > axis.setpoint:
        return axis.setpoint if axis.grant is None else min(target, axis.grant)
    return target


def heading(axis: Axis, now: Millis, target: int, measured: int | None) -> Axis:
    """The axis with a track toward `target`; the one under way where it already leads there.

    A lowering in mid-ramp starts from min(measured, setpoint). Whatever goes on in the direction
    of the last write keeps its pace, so that two presses are no faster than one.
    """
    if axis.setpoint is None:
        return axis
    if axis.ramp_to == target:
        waits = axis.wrote is None or axis.wrote < axis.ramp_t
        if waits and target < axis.setpoint and measured is not None:
            # The belt goes on moving while the first write has to wait.
            return replace(axis, ramp_from=max(min(axis.setpoint, measured), target))
        return axis
    start = axis.setpoint
    down = target < start
    paced = now
    if axis.wrote is not None and (axis.fell or not down):
        paced = Millis(max(now, axis.wrote + WRITE_EVERY_MS))
    if down and measured is not None:
        start = max(min(start, measured), target)
    wrote = None if paced == now else axis.wrote
    return replace(axis, ramp_to=target, ramp_from=start, ramp_t=paced, wrote=wrote)


def due(
    axis: Axis, now: Millis, up: int, down: int, step: int, floor: Callable[[int], int]
) -> tuple[Axis, int | None]:
    """The value to write now, if any; `up` and `down` are units a second, `step` the machine's."""
    to, point = axis.ramp_to, axis.setpoint
    if to is None or point is None:
        return axis, None
    if axis.wrote is not None and now - axis.wrote < WRITE_EVERY_MS:
        return axis, None
    if axis.rises(to) and axis.rose is not None and now - axis.rose < WRITE_EVERY_MS:
        # A lowering waits for no raise, and forgets when that went out; the next raise doesn't.
        return axis, None
    first = axis.wrote is None or axis.wrote < axis.ramp_t
    if first and (to < point or _track(axis, to, WRITE_EVERY_MS, up, floor) > point):
        # However long the first write had to wait, it is one second's worth. A raise that takes
        # longer to come to the machine's next step has its track run on until it does.
        axis = replace(axis, ramp_t=now)
    gone = now - axis.ramp_t + WRITE_EVERY_MS
    if to >= point:
        # An axis that had to wait its turn doesn't make up for it in one write.
        value = max(point, min(_track(axis, to, gone, up, floor), floor(point + max(2 * up, step))))
    else:
        value = max(to, floor(max(to, axis.ramp_from - down * gone // 1000)))
        value = min(value, point if axis.told is None else min(point, axis.told))
    if value == point:
        return axis, None
    return axis, value


def _track(axis: Axis, to: int, gone: int, up: int, floor: Callable[[int], int]) -> int:
    return min(to, floor(min(to, axis.ramp_from + up * gone // 1000)))


def wrote(axis: Axis, now: Millis, value: int) -> Axis:
    """The value went out; at the target the track is over."""
    done = value == axis.ramp_to
    return replace(
        axis,
        setpoint=value,
        told=value,
        fell=axis.falls(value),
        rose=now if axis.rises(value) else axis.rose,
        wrote=now,
        ramp_to=None if done else axis.ramp_to,
        grant=None if done and axis.grant == value else axis.grant,
    )
