"""What every simulated session must show of the belt: the hazards against what truly happened.

Here: rises and starts, stops and their deadlines, losses and alarms. Not here: journal and exit
(simulated_records.py). The rule to keep: the belt is judged by its motor, a frame by how things
truly stood when it left; where a machine lies, the lie is counted, not the rise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from proof.simulated_film import CONTROL, STOP, Hand, Written
from proof.simulated_leave import CONSENT_MS, KNOWN_MS, no_leave, not_asked, unknown
from proof.simulated_view import (
    LOCAL,
    SET_INCLINE,
    SET_SPEED,
    START_OP,
    STARTS,
    STOP_OP,
    View,
)

FRESH_MS: Final = 3_000
STOP_WITHIN_MS: Final = 500
ALARM_WITHIN_MS: Final = 1_000
LOST_MS: Final = 5_000
TICK_MS: Final = 250
OWED_MS: Final = 3_500
"""After a reconnect an owed Stop weighs two samples for so long (DESIGN.md section 3)."""

BENT_BY: Final = {
    "speed": ("telemetry", "link", "command"),
    "incline": ("telemetry", "link", "command", "incline"),
}
"""The faults that can hide from the guard where an axis truly heads for."""

MOVED_BY: Final = {
    "speed": ("console_speed", "console_start", "console_stop"),
    "incline": ("console_grade",),
}
"""The hands on the console that set another target."""

BREAK_MS: Final = 120_000
HARD_UP: Final = 50
HARD_DOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a session broke: at `t` ms, in words."""

    rule: str
    t: int
    what: str


@dataclass(slots=True)
class Figures:
    """What was measured: worst cases (ms), and how often each thing was judged."""

    worst: dict[str, int] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def measure(self, name: str, ms: int) -> None:
        """Keep the worst."""
        self.seen[name] += 1
        self.worst[name] = max(ms, self.worst.get(name, ms))

    def add(self, other: Figures) -> None:
        """Take in another session's."""
        for name, ms in other.worst.items():
            self.worst[name] = max(ms, self.worst.get(name, ms))
        self.seen.update(other.seen)


Check = Callable[[View, Figures], Iterator[Finding]]


# ---------------------------------------------------------------- rises and starts


def rises(view: View, figures: Figures) -> Iterator[Finding]:
    """No frame raises without the runner's fresh word (I2, I5, I12, I13, UCA7)."""
    used: set[int] = set()
    for n, frame in enumerate(view.film.written):
        if frame.op == START_OP:
            figures.seen["start frames"] += 1
            yield from _start(view, frame, used)
        elif frame.op in (SET_SPEED, SET_INCLINE):
            reference = _reference(view, n)
            figures.seen["set frames"] += 1
            if frame.value > reference:
                figures.seen["raising frames"] += 1
                yield from _raise(view, frame, reference, figures)


def _reference(view: View, n: int) -> int:
    """What the axis truly heads for, or will once what is on its way arrives."""
    frame = view.film.written[n]
    axis = _axis(frame)
    held_up = view.broken(frame.t, frame.t, *(w for w in BENT_BY[axis] if w != "telemetry"))
    window = 12_000 if held_up else view.acts_ms + 150
    known = frame.target if axis == "speed" else frame.deck
    for before in reversed(view.film.written[:n]):
        if before.t < frame.t - window or before.frame == STOP:
            break
        if before.op == frame.op:
            known = max(known, before.value)
    return known


def _axis(frame: Written) -> str:
    return "speed" if frame.op == SET_SPEED else "incline"


def _raise(view: View, frame: Written, reference: int, figures: Figures) -> Iterator[Finding]:
    axis = _axis(frame)
    said = f"set {axis} {frame.value} goes out while the {axis} heads for {reference}"
    why_not = no_leave(view, frame, axis)
    if why_not is not None and not _lowers(view, frame, axis, figures):
        yield Finding("I2 no raise without leave", frame.t, f"{said}: {why_not}")
    if why_not is None and not_asked(view, frame, axis) is not None:
        figures.seen["raised by a plan"] += 1
    if axis == "speed" and why_not is None:
        yield from _fresh(view, frame, said)


def _lowers(view: View, frame: Written, axis: str, figures: Figures) -> bool:
    """It is none by all that had come in, and something was at work that can hide the truth.

    However wrong things are, above what was last shown (or, where a hand on the console isn't
    known yet, last sent) nothing goes out unasked.
    """
    # A record may come in two parts: of the same millisecond one before it was decided, one after.
    shown = max(view.shown(axis, frame.t) or 0, view.shown(axis, frame.t - 1) or 0)
    hands = view.pressed(frame.t - KNOWN_MS, frame.t)
    unheard = any(h.act.do in MOVED_BY[axis] and unknown(view, h, frame.t) for h in hands)
    if unheard and frame.value <= max(shown, _told(view, frame)):
        figures.seen["raised over an unknown console lowering"] += 1
        return True
    if frame.value > shown:
        return False
    if view.broken(frame.t - LOST_MS, frame.t, *BENT_BY[axis]):
        figures.seen["machine lied"] += 1
        return True
    return axis == "speed" and "mph" in view.plan.quirks


def _told(view: View, frame: Written) -> int:
    """What was last sent on this axis, unless a start or a Stop came after it."""
    for before in reversed(view.film.written):
        if before.t < frame.t and before.op in (frame.op, START_OP, STOP_OP):
            return before.value if before.op == frame.op else 0
    return 0


def _fresh(view: View, frame: Written, said: str) -> Iterator[Finding]:
    shown = view.last_samples(frame.t, 1)
    if not shown or frame.t - shown[0][0] > FRESH_MS:
        since = "never" if not shown else f"last at {shown[0][0]}"
        yield Finding("I5 nothing raised on stale data", frame.t, f"{said}: the speed came {since}")


def _start(view: View, frame: Written, used: set[int]) -> Iterator[Finding]:
    words = [
        (n, h)
        for n, h in enumerate(view.presses)
        if h.act.do in STARTS
        and h.act.role in LOCAL
        and n not in used
        and frame.t - CONSENT_MS <= h.t <= frame.t
    ]
    if not words:
        yield Finding("I2 no start without leave", frame.t, "Start goes out and nobody asked")
        return
    used.add(words[-1][0])
    yield from _fresh(view, frame, "Start goes out")
    if frame.speed > 0 and not view.broken(frame.t - LOST_MS, frame.t, "telemetry", "link"):
        yield Finding("I1 no start of a moving belt", frame.t, f"Start at {frame.speed}")


def slews(view: View, figures: Figures) -> Iterator[Finding]:
    """A commanded speed rises by 0.5 km/h a second at most, and falls by 1.0 (I3)."""
    before: Written | None = None
    for frame in view.motion:
        if frame.op == SET_SPEED:
            figures.seen["slews"] += 1
            what = _leap(view, frame, before) or _step(view, frame, before)
            if what is not None:
                yield Finding("I3 no faster than one can follow", frame.t, what)
        before = frame


def _leap(view: View, frame: Written, before: Written | None) -> str | None:
    """A rise above the last target and what is shown: no fault and no pause explains one."""
    last = before.value if before is not None and before.op == SET_SPEED else 0
    shown = view.shown("speed", frame.t) or 0
    passed = 1_000 if before is None else max(1_000, min(frame.t - before.t, 2_000))
    if (frame.value - max(last, shown)) * 1_000 <= HARD_UP * passed:
        return None
    return f"{last} to {frame.value} while {shown} is shown"


def _step(view: View, frame: Written, before: Written | None) -> str | None:
    """From one frame to the next; after a while, or a hand, a ramp starts from the belt itself."""
    if before is None or before.op != SET_SPEED or frame.t - before.t > 2_000:
        return None
    if any(h.act.do.startswith("console") for h in view.pressed(before.t, frame.t)):
        return None
    # A lowering in mid-ramp starts from the belt where that is slower than its target.
    shown = view.shown("speed", frame.t)
    slower = before.value if shown is None else min(before.value, shown)
    step = frame.value - (before.value if frame.value > before.value else slower)
    most = HARD_UP if step > 0 else HARD_DOWN
    if abs(step) * 1_000 <= most * max(1_000, frame.t - before.t):
        return None
    if view.broken(before.t - LOST_MS, frame.t, *BENT_BY["speed"]):
        return None
    return f"{before.value} to {frame.value} in {frame.t - before.t} ms"


def breaks(view: View, figures: Figures) -> Iterator[Finding]:
    """After a pain stop: the whole break, then at most 90 %; after an end nothing (I7, I8, H36)."""
    for hand in view.presses:
        if _ends(hand):
            figures.seen["ends"] += 1
            late = [f for f in view.motion if f.t > hand.t and f.frame != STOP]
            if late:
                what = f"{late[0].frame.hex()} after {hand.act.do} {hand.act.value} at {hand.t}"
                yield Finding("I8 an end is an end", late[0].t, what)
            return
        if _triggers(view, hand):
            figures.seen["triggers"] += 1
            yield from _after_trigger(view, hand)


def _ends(hand: Hand) -> bool:
    act = hand.act
    return not act.retained and (
        act.do == "symptom" or (act.do == "pain" and (act.value or 0) >= 7)
    )


def _triggers(view: View, hand: Hand) -> bool:
    act, t = hand.act, hand.t
    painful = act.do == "button" or (act.do == "pain" and 4 < (act.value or 0) < 7)
    if not painful or act.retained or view.was(t) != "RUNNING" or view.plan.mode == "shadow":
        return False
    return not view.broken(t - LOST_MS, t, "telemetry", "link") and view.film.moves(t)


def _after_trigger(view: View, hand: Hand) -> Iterator[Finding]:
    t = hand.t
    shown = view.last_samples(t, 1)
    most = max(view.film.speed(t), view.film.leg(t).ramp.target, shown[0][1] if shown else 0)
    zero = next(
        (leg.ramp.arrives() for leg in view.film.legs if leg.t >= t and leg.ramp.target == 0), None
    )
    for frame in view.motion:
        if frame.t <= t or frame.frame == STOP:
            continue
        if frame.op == START_OP and zero is not None and frame.t < zero + BREAK_MS:
            yield Finding("I8 no start within the break", frame.t, f"trigger {t}, at rest {zero}")
        slowest = max(most * 9 // 10, 100)
        # On its way down from a console's speed a lowering may still be above it.
        raises = frame.op == SET_SPEED and frame.value > max(slowest, frame.target)
        if raises and not _lowers(view, frame, "speed", Figures()):
            what = f"{frame.value} after a trigger at {most}"
            yield Finding("I7 the ceiling holds", frame.t, what)
            return


def shadow(view: View, figures: Figures) -> Iterator[Finding]:
    """In shadow nothing goes out but the runner's own Stop, and what that needs."""
    if view.plan.mode != "shadow":
        return
    figures.seen["shadow sessions"] += 1
    for frame in view.film.written:
        asked = [h for h in view.pressed(frame.t - 30_000, frame.t) if h.act.do == "stop"]
        if frame.frame not in (STOP, CONTROL) or not asked:
            yield Finding("shadow sends nothing", frame.t, frame.frame.hex())


def _stands(seen: list[tuple[int, int]], t: int) -> bool:
    """Two fresh samples at zero; one that came twice is one."""
    times = {at for at, _ in seen}
    return len(times) == 2 and all(speed <= 5 and t - at <= FRESH_MS for at, speed in seen)


def toggles(view: View, figures: Figures) -> Iterator[Finding]:
    """No Stop to a belt that was seen to stand: some machines start by it (H10)."""
    for frame in view.stops:
        # What came in the same millisecond came before it was decided or after, as where a process
        # was held up: it is a Stop to a standing belt by both, or by none.
        seen = view.last_samples(frame.t - 1)
        stands = _stands(seen, frame.t) and _stands(view.last_samples(frame.t), frame.t)
        if frame.state == "standing":
            figures.seen["stops to a standing belt"] += 1
        linked = view.linked_since(frame.t)
        doubt = any(
            h.act.do in (*STARTS, "console_start") for h in view.pressed(frame.t - 16_000, frame.t)
        ) or any(
            w.op in (START_OP, STOP_OP) for w in view.motion if frame.t - 16_000 < w.t < frame.t
        )
        if stands and frame.state == "standing" and seen[0][0] > linked and not doubt:
            yield Finding("H10 no Stop to a standing belt", frame.t, f"seen {seen}")
