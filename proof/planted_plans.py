"""Planted bugs of the programmes: what a plan may raise, in the guard and in the gate.

They stand beside the row of the belt that moves without a word of the runner's. The rule to keep:
as in planted_bugs.py.
"""

from __future__ import annotations

from typing import Final

from proof.planted_bugs import Bug

_GRID: Final = (
    "tests/proof/test_enumerate.py"
    "::test_every_transition_of_a_grid_keeps_the_laws_and_is_as_committed[programme]"
)

_PLANS: Final = (
    Bug(
        "H48",
        "a programme goes up by itself, and nobody has consented",
        "treadguard.guard.asked_plan",
        "    return not t.s.shadow and may_raise(t, e.role, leave=leave)\n",
        "    return leave or True\n",
        _GRID,
        "unasked",
    ),
    Bug(
        "H48",
        "a programme goes up as soon as it says so",
        "treadguard.guard.course",
        "t.now - c.told_t >= AHEAD_MS\n",
        "t.now - c.told_t >= 0\n",
        _GRID,
        "unannounced",
    ),
    Bug(
        "H48",
        "a programme goes up again once the back-off for a pain is over",
        "treadguard.guard.course",
        "    if not limit.may_raise:\n        withdraw(",
        "    if s.fault is not None:\n        withdraw(",
        _GRID,
        "goes-on",
    ),
    Bug(
        "H48",
        "the gate takes a programme up on the guard's word alone",
        "treadguard.gate",
        "    if asked is None or t >= asked.expires:\n        return state\n",
        "    if asked is None:\n        asked = Asked(None, t)\n",
        "tests/test_gate_programme.py"
        "::test_nothing_that_was_asked_for_before_a_stop_is_taken_up_after_it",
        "gate-unasked",
    ),
    Bug(
        "H48",
        "in the gate a programme's time goes on while the belt stands",
        "treadguard.gate",
        "    if state.plan_gone is None or newest is None or newest.value <= STOPPED_MAX:\n",
        "    if state.plan_gone is None or newest is None:\n",
        "tests/test_gate_programme.py::test_its_time_is_time_on_a_moving_belt",
        "gate-at-rest",
    ),
)
PLANS: Final[dict[str, Bug]] = {bug.key: bug for bug in _PLANS}
"""By row and what is wrong: `H48.unasked`."""
