"""A consent, used up once, and what a raise needs beside it."""

from __future__ import annotations

from typing import Final

from treadguard.guard.acts import Turn
from treadguard.guard.events import Role

USED_KEPT: Final = 32
"""So many used consents are remembered; older ones have long expired."""


def used(t: Turn, kinds: tuple[str, ...], target: int | None) -> bool:
    """Use up a live consent of one of these kinds for this target."""
    s = t.s
    for consent in s.consents:
        if consent.for_ in kinds and consent.target == target and consent.expires > t.now:
            s.consents = tuple(c for c in s.consents if c is not consent)
            s.used = (*s.used, consent.id)[-USED_KEPT:]
            return consent.generation == s.generation
    return False


def why_not(t: Turn, what: str) -> str:
    """Why `what` can't be set now."""
    if t.s.shadow:
        return f"treadguard only watches this machine; set {what} on its console."
    if t.s.phase == "RUNNING":
        return f"The machine doesn't show {what}: it can't be set."
    return f"The belt isn't running: {what} can be set once it does ('treadguard resume')."


def may_raise(t: Turn, role: Role, *, leave: bool) -> bool:
    """Whether anything may go up: by a fresh local consent, and with no limit in force.

    `leave`: a consent for this was used up. An ask uses up its consent whatever comes of it.
    """
    s = t.s
    if role != "local":
        t.cue("Only someone at the treadmill can go up.")
    elif s.limit is not None and not s.limit.may_raise:
        t.cue(f"Not going up: {', '.join(s.limit.why)}.")
    elif not leave:
        t.cue("Going up needs your consent, given now.")
    else:
        return True
    return False
