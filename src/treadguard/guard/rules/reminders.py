"""What is called to mind now and then: stance, gaze, core, glutes, and that nothing changes.

Paced so that it helps: one at a time, well apart, none beside a question or a back-off, each of
them silenceable (A5-A8, A14, A19, A20). The rule to keep: a reminder is only said; it moves
nothing and judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from treadguard.guard.policy import CuePolicy

FIRST_MS: Final = 180_000
"""The first one comes no sooner after the belt began to move."""

SPEED_CHANGE: Final = 30
GRADE_CHANGE: Final = 5
"""0.3 km/h or 0.5 % are a change for the muscles (convention)."""

SAID: Final = {
    "posture": "Check your stance: back long, shoulders low, arms loose.",
    "gaze": "Eyes ahead, not down: a long neck.",
    "brace": (
        "Breathe in, brace your core, hold for three seconds, and let go. Once more within the"
        " minute."
    ),
    "glutes": "As each leg pushes back, squeeze the glute.",
    "monotony": "The same speed for long: a small change does your back good.",
}


@dataclass(frozen=True, slots=True)
class Reminders:
    """When each was last said, on the clock of the moving belt, and since when nothing changes.

    `speed`, `grade`: what was measured when that began (0.01 km/h, 0.1 %).
    """

    quiet: bool = False
    said: tuple[tuple[str, int], ...] = ()
    last: int | None = None
    same_from: int = 0
    speed: int | None = None
    grade: int | None = None


def measured(r: Reminders, ran: int, speed: int | None, grade: int | None) -> Reminders:
    """Fold in what the belt does; `ran`: ms of moving belt in this session."""
    if speed is None:
        return r
    other = r.speed is None or abs(speed - r.speed) >= SPEED_CHANGE
    tilts = grade is not None and (r.grade is None or abs(grade - r.grade) >= GRADE_CHANGE)
    if not other and not tilts:
        return r
    return replace(r, same_from=ran, speed=speed, grade=r.grade if grade is None else grade)


def due(r: Reminders, ran: int, policy: CuePolicy) -> str | None:
    """The reminder that has waited longest past its time, None while none is due."""
    if r.quiet or ran < FIRST_MS or (r.last is not None and ran - r.last < policy.apart_ms):
        return None
    late = {}
    for kind, every in _every(policy):
        since = dict(r.said).get(kind)
        if kind == "monotony":
            since = max(r.same_from, since or r.same_from)
        waits = ran - FIRST_MS if since is None else ran - since - every
        if every and waits >= 0:
            late[kind] = waits
    return max(late, key=lambda kind: (late[kind], kind)) if late else None


def told(r: Reminders, ran: int, kind: str) -> Reminders:
    """This one was said now."""
    return replace(r, last=ran, said=tuple(sorted({**dict(r.said), kind: ran}.items())))


def _every(policy: CuePolicy) -> tuple[tuple[str, int], ...]:
    return (
        ("posture", policy.posture_ms),
        ("gaze", policy.gaze_ms),
        ("brace", policy.brace_ms),
        ("glutes", policy.glutes_ms),
        ("monotony", policy.monotony_ms),
    )
