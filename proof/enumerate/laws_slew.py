"""I3: no speed is commanded faster than the policy's slew lets it go.

The first write of a ramp is a second's worth, each that follows is worth the time since the last;
one step of the machine's is let pass for the rounding. The rule to keep: the pace is counted from
the writes themselves, not from the guard's own track.
"""

from __future__ import annotations

from proof.enumerate.memory import EACH_MS, raises
from proof.enumerate.step import Step

HARD_RAISE_PER_S = 50
HARD_LOWER_PER_S = 100


def i3_no_faster_than_the_slew(s: Step) -> str | None:
    """I3: a raise, and a lowering, by the slew times the time since the last write."""
    axis, machine, m = s.before.speed, s.before.machine, s.memory
    rates = s.before.policy.ramp
    for c in s.sent:
        if c.op != "set_speed" or c.value is None or axis.setpoint is None:
            continue
        shown = s.after.measured.speed or 0
        if c.value > s.before.policy.caps.speed and c.value > shown:
            return "a raise above the cap"
        rises = raises(s.before, s.after, c.value)
        # A lowering doesn't wait for a raise before it; whatever else goes on keeps its pace.
        goes_on = m.wrote is not None and (rises or m.fell)
        gone = s.after.now - m.wrote if m.wrote is not None and goes_on else EACH_MS
        if rises:
            by, rate = c.value - axis.setpoint, min(rates.raise_per_s, HARD_RAISE_PER_S)
        else:
            # What the console has raised is lowered from where it is.
            by = (min(axis.setpoint, shown) if c.value <= axis.setpoint else shown) - c.value
            rate = min(rates.lower_per_s, HARD_LOWER_PER_S)
        if by > rate * gone // 1_000 + machine.speed_step:
            way = "raise" if rises else "lowering"
            return f"a {way} from {axis.setpoint} (shown {shown}) to {c.value} in {gone} ms"
    return None
