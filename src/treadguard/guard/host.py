"""The computer that the guard lives on: time that it lost, and its leaving.

Nobody watched the belt meanwhile (H62, H65, H67; I12). The rules to keep: after lost time nothing
goes up until a newer speed was seen, and no belt counts as standing until two were; and a computer
that is about to leave stops the belt first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from treadguard.guard import belt
from treadguard.guard.acts import KEY_FIRST, Turn
from treadguard.guard.events import Clock, Host, HostWhat
from treadguard.guard.hear import MOVING, plain_stop

SLEPT_MS: Final = 1_000
"""A suspend longer than this is an unwatched belt (H65)."""

IN_SOCKET_MS: Final = 250
"""What is heard sooner after lost time may have lain in a socket meanwhile."""

EXPLAINED_MS: Final = 3_000
"""Without a newer speed for so long after it lost time, the guard stops the belt (I12)."""

WORDS: Final[dict[HostWhat, str]] = {
    "sleep": "The computer goes to sleep",
    "battery": "The computer's battery is nearly empty",
}


def lost_time(t: Turn, e: Clock) -> None:
    """Nobody watched for a while: no raise goes on, and a suspended guard stops a moving belt."""
    s = t.s
    s.consents = ()
    s.speed = replace(s.speed.settled(), ramp_to=None)
    s.grade = replace(s.grade.settled(), ramp_to=None)
    s.held_up = t.now
    s.measured = belt.unwatched(s.measured)
    if not e.slept or e.lost <= SLEPT_MS or s.phase not in MOVING:
        return
    t.alarm(f"The computer slept for {e.lost // 1000} s beside a moving belt. {KEY_FIRST}")
    if not s.shadow:
        plain_stop(t, "the computer slept", own=False)


def explained(t: Turn) -> None:
    """A newer speed shows that the guard sees again; none for 3 s, and the belt is stopped."""
    s = t.s
    if s.held_up is None:
        return
    seen = s.measured.t
    if seen is not None and seen >= s.held_up + IN_SOCKET_MS:
        s.held_up = None
        return
    if s.phase not in MOVING:
        return  # nothing to stop, but what was lost isn't seen again yet
    late = t.now - s.held_up >= EXPLAINED_MS and not s.shadow
    if late and (s.rest is None or s.starting is not None):
        s.rest = s.rest or "held up"
        s.starting = None
        t.alarm(f"treadguard was held up and sees no speed: stopping the belt. {KEY_FIRST}")


def leaves(t: Turn, e: Host) -> None:
    """The last moment in which a Stop can go out."""
    if t.s.phase not in MOVING:
        return
    t.alarm(f"{WORDS[e.what]}: stopping the belt. {KEY_FIRST}")
    plain_stop(t, e.what, own=False)
