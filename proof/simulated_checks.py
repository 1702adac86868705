"""What every simulated session must show of the belt: the hazards against what truly happened.

Here: rises and starts, stops and their deadlines, losses and alarms. Not here: journal and exit
(simulated_records.py). The rule to keep: the belt is judged by its motor, a frame by how things
truly stood when it left; where a machine lies, the lie is counted, not the rise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from proof.simulated_film import CONTROL, STOP, Hand, Written
from proof.simulated_view import LOCAL, SET_INCLINE, SET_SPEED, START_OP, STOP_OP, View
from treadguard.guard.events import Machine

CONSENT_MS: Final = 10_000
FRESH_MS: Final = 3_000
STOP_WITHIN_MS: Final = 500
ALARM_WITHIN_MS: Final = 1_000
LOST_MS: Final = 5_000
TICK_MS: Final = 250
OWED_MS: Final = 3_500
"""After a reconnect an owed Stop weighs two samples for so long (DESIGN.md section 3)."""

KNOWN_MS: Final = 4_000
"""By then a hand on the console has shown in what the machine reports, jitter included."""

STALL_MS: Final = 1_000
BREAK_MS: Final = 120_000
RAISE_PER_S: Final = 25
GRADE_PER_S: Final = 5
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
    broken = view.broken(frame.t, frame.t, "link", "command", "incline")
    window = 12_000 if broken else view.acts_ms + 150
    known = frame.target if frame.op == SET_SPEED else frame.deck
    for before in reversed(view.film.written[:n]):
        if before.t < frame.t - window or before.frame == STOP:
            break
        if before.op == frame.op:
            known = max(known, before.value)
    return known


def _raise(view: View, frame: Written, reference: int, figures: Figures) -> Iterator[Finding]:
    axis = "speed" if frame.op == SET_SPEED else "incline"
    said = f"set {axis} {frame.value} goes out while the {axis} heads for {reference}"
    why_not = _no_leave(view, frame, axis)
    if why_not is not None and not _believed(view, frame, axis, figures):
        yield Finding("I2 no raise without leave", frame.t, f"{said}: {why_not}")
    if axis == "speed" and why_not is None:
        yield from _fresh(view, frame, said)


def _believed(view: View, frame: Written, axis: str, figures: Figures) -> bool:
    """A lowering of what the machine showed, where that was false or not yet what it is."""
    hands = [h for h in view.pressed(frame.t - KNOWN_MS, frame.t) if h.act.do.startswith("console")]
    if hands:
        # Nobody can know of a hand on the console before the machine has said so.
        announced = any(
            isinstance(event, Machine) and event.value == frame.target
            for event in view.film.heard
            if hands[-1].t <= event.t < frame.t
        )
        if not announced:
            figures.seen["raised over an unknown console lowering"] += 1
            return True
    if view.broken(frame.t - LOST_MS, frame.t, "telemetry", "link", "command", "incline", "answer"):
        figures.seen["machine lied"] += 1
        return True
    shown = view.last_samples(frame.t, 1)
    off = axis == "speed" and shown and "mph" in view.plan.quirks
    return bool(off and frame.value <= shown[0][1])


def _no_leave(view: View, frame: Written, axis: str) -> str | None:
    """Why the runner's word doesn't cover this raise, or None."""
    given = [h for h in view.presses if h.act.do == axis and h.act.role in LOCAL and h.t <= frame.t]
    if not given:
        return "nobody asked for it"
    last = given[-1]
    asked = last.act.value or 0
    if asked < frame.value:
        return f"{asked} was asked for at {last.t}"
    per_s = RAISE_PER_S if axis == "speed" else GRADE_PER_S
    # Twice the ramp: a write that waits for its answer, or for the other axis, holds it up.
    if frame.t - last.t > CONSENT_MS + 2_000 * max(frame.value, 1) // per_s:
        return f"the consent of {last.t} is old"
    ramp = [w.value for w in view.film.written if w.op == frame.op and last.t <= w.t < frame.t]
    if any(value >= asked for value in ramp) or any(b < a for a, b in pairwise(ramp)):
        return f"the consent of {last.t} was used up"
    for hand in view.pressed(last.t, frame.t - 1):
        if _withdraws(view, hand, frame.value):
            return f"{hand.act.do} {hand.act.value} at {hand.t} had withdrawn it"
    for begin, end in view.film.stalls:
        if end - begin > STALL_MS and last.t < end <= frame.t:
            return f"the guard could not look from {begin} to {end}"
    for t, up in view.links:
        if last.t < t <= frame.t and up:
            return f"it was given before the connection of {t}"
    return None


def _withdraws(view: View, hand: Hand, value: int) -> bool:
    act = hand.act
    if act.do in (
        "stop",
        "break",
        "end",
        "button",
        "ease",
        "symptom",
        "safety_key",
        "console_stop",
    ):
        return True
    if act.do == "console_speed":
        # Up within what was asked for is the same wish again.
        return (act.value or 0) < view.film.leg(hand.t - 1).ramp.target
    if act.do == "pain":
        return act.retained or (act.value or 0) > 0
    return act.do in ("speed", "incline") and (act.value or 0) <= 0 < value


def _fresh(view: View, frame: Written, said: str) -> Iterator[Finding]:
    shown = view.last_samples(frame.t, 1)
    if not shown or frame.t - shown[0][0] > FRESH_MS:
        since = "never" if not shown else f"last at {shown[0][0]}"
        yield Finding("I5 nothing raised on stale data", frame.t, f"{said}: the speed came {since}")


def _start(view: View, frame: Written, used: set[int]) -> Iterator[Finding]:
    words = [
        (n, h)
        for n, h in enumerate(view.presses)
        if h.act.do in ("start", "resume")
        and h.act.role in LOCAL
        and n not in used
        and frame.t - CONSENT_MS <= h.t <= frame.t
    ]
    if not words:
        yield Finding("I2 no start without leave", frame.t, "Start goes out and nobody asked")
        return
    used.add(words[-1][0])
    yield from _fresh(view, frame, "Start goes out")
    if frame.speed > 0 and not view.broken(frame.t - LOST_MS, frame.t):
        yield Finding("I1 no start of a moving belt", frame.t, f"Start at {frame.speed}")


def slews(view: View, figures: Figures) -> Iterator[Finding]:
    """A commanded speed rises by 0.5 km/h a second at most, and falls by 1.0 (I3)."""
    before: Written | None = None
    for frame in view.motion:
        if frame.op == SET_SPEED and before is not None and before.op == SET_SPEED:
            passed = max(1_000, min(frame.t - before.t, 2_000))
            # A lowering in mid-ramp starts from the belt where that is slower than its target.
            shown = view.last_samples(frame.t, 1)
            slower = min(before.value, shown[0][1]) if shown else before.value
            step = frame.value - (before.value if frame.value > before.value else slower)
            most = HARD_UP if step > 0 else HARD_DOWN
            console = any(h.act.do.startswith("console") for h in view.pressed(before.t, frame.t))
            figures.seen["slews"] += 1
            # After a while the belt itself is where a ramp starts from, not the last target.
            if abs(step) * 1_000 > most * passed and frame.t - before.t <= 2_000 and not console:
                what = f"{before.value} to {frame.value} in {frame.t - before.t} ms"
                if not view.broken(before.t - LOST_MS, frame.t):
                    yield Finding("I3 no faster than one can follow", frame.t, what)
        before = frame


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
        if raises and not _believed(view, frame, "speed", Figures()):
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


def toggles(view: View, figures: Figures) -> Iterator[Finding]:
    """No Stop to a belt that was seen to stand: some machines start by it (H10)."""
    for frame in view.stops:
        seen = view.last_samples(frame.t)
        stands = len(seen) == 2 and all(speed <= 5 and frame.t - t <= FRESH_MS for t, speed in seen)
        if frame.state == "standing":
            figures.seen["stops to a standing belt"] += 1
        linked = view.linked_since(frame.t)
        doubt = any(
            h.act.do in ("start", "resume", "console_start")
            for h in view.pressed(frame.t - 16_000, frame.t)
        ) or any(
            w.op in (START_OP, STOP_OP) for w in view.motion if frame.t - 16_000 < w.t < frame.t
        )
        if stands and frame.state == "standing" and seen[0][0] > linked and not doubt:
            yield Finding("H10 no Stop to a standing belt", frame.t, f"seen {seen}")
