"""Whether the runner's word covers a raise: their own wish, or a plan that they consented to.

Here: what was pressed and announced, against one frame. Not here: which frames raise at all
(simulated_checks.py). The rule to keep: leave is the runner's, of this connection, lately, and not
withdrawn since; of a plan it is for what was announced 5 s before.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from proof.simulated_film import Hand, Written
from proof.simulated_view import LOCAL, PLANS, View

CONSENT_MS: Final = 10_000
AHEAD_MS: Final = 5_000
"""A raise of a plan is announced so long before it."""

KNOWN_MS: Final = 4_000
"""By then a hand on the console has shown in what the machine reports, jitter included."""

STALL_MS: Final = 1_000
RAISE_PER_S: Final = 25
GRADE_PER_S: Final = 5


def no_leave(view: View, frame: Written, axis: str) -> str | None:
    """Why the runner's word doesn't cover this raise, or None."""
    own = not_asked(view, frame, axis)
    if own is None:
        return None
    planned = _not_planned(view, frame, axis)
    return None if planned is None else f"{own}, and {planned}"


def _not_planned(view: View, frame: Written, axis: str) -> str | None:
    """Why no plan covers this raise, or None: consented to, announced, and not withdrawn since."""
    given = [h for h in view.presses if h.act.do in PLANS and h.act.role in LOCAL]
    given = [h for h in given if h.t <= frame.t - AHEAD_MS]
    if not given:
        return "no plan was consented to"
    # A second word for a plan that was refused takes nothing back: any of them may be the one.
    reasons = [_not_of(view, frame, axis, hand) for hand in reversed(given)]
    return None if None in reasons else reasons[0]


def _not_of(view: View, frame: Written, axis: str, plan: Hand) -> str | None:
    told = [
        (t, most[axis])
        for t, most in view.announced
        if plan.t <= t <= frame.t - AHEAD_MS and axis in most
    ]
    if not told:
        return f"nothing was announced since {plan.act.do} at {plan.t}"
    t, most = told[-1]
    if frame.value > most:
        return f"{most} was announced at {t}"
    stated = _stated(view, plan, axis)
    if stated is not None and frame.value > stated:
        return f"{stated} is the most that {plan.act.do} states"
    per_s = RAISE_PER_S if axis == "speed" else GRADE_PER_S
    waits = axis == "incline" and view.broken(t, frame.t, "incline")
    if not waits and frame.t - t > AHEAD_MS + CONSENT_MS + 2_000 * max(frame.value, 1) // per_s:
        return f"what was announced at {t} is old"
    for hand in view.pressed(plan.t, frame.t - 1):
        lowers = hand.act.do == axis and (hand.act.value or 0) < (view.shown(axis, hand.t) or 0)
        by_hand = lowers or _withdraws(view, hand, frame.value)
        if by_hand and not unknown(view, hand, frame.t):
            return f"{hand.act.do} {hand.act.value} at {hand.t} had withdrawn the plan's raises"
    return _unseen_since(view, plan.t, frame.t)


def _stated(view: View, plan: Hand, axis: str) -> int | None:
    """The highest that this plan may ever ask for; None where that is the present speed."""
    if plan.act.do == "programme":
        legs = () if view.plan.programme is None else view.plan.programme.legs
        return max((leg.speed if axis == "speed" else leg.grade for leg in legs), default=0)
    return (plan.act.value or 0) if (plan.act.do, axis) == ("warm-up", "speed") else None


def _unseen_since(view: View, given: int, t: int) -> str | None:
    """Whether the guard couldn't look since leave was given, or was connected anew."""
    for begin, end in view.film.stalls:
        if end - begin > STALL_MS and given < end <= t:
            return f"the guard could not look from {begin} to {end}"
    for at, up in view.links:
        if given < at <= t and up:
            return f"it was given before the connection of {at}"
    return None


def not_asked(view: View, frame: Written, axis: str) -> str | None:
    """Why no single wish covers this raise, or None."""
    given = [h for h in view.presses if h.act.do == axis and h.act.role in LOCAL and h.t <= frame.t]
    if not given:
        return "nobody asked for it"
    last = given[-1]
    asked = last.act.value or 0
    if asked < frame.value:
        return f"{asked} was asked for at {last.t}"
    per_s = RAISE_PER_S if axis == "speed" else GRADE_PER_S
    # Twice the ramp: a write that waits for its answer, or for the other axis, holds it up.
    # A deck that is slow itself is waited for, however long.
    waits = axis == "incline" and view.broken(last.t, frame.t, "incline")
    if not waits and frame.t - last.t > CONSENT_MS + 2_000 * max(frame.value, 1) // per_s:
        return f"the consent of {last.t} is old"
    ramp = [w.value for w in view.film.written if w.op == frame.op and last.t <= w.t < frame.t]
    if any(value >= asked for value in ramp) or any(b < a for a, b in pairwise(ramp)):
        return f"the consent of {last.t} was used up"
    for hand in view.pressed(last.t, frame.t - 1):
        if _withdraws(view, hand, frame.value) and not unknown(view, hand, frame.t):
            return f"{hand.act.do} {hand.act.value} at {hand.t} had withdrawn it"
    return _unseen_since(view, last.t, frame.t)


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


def unknown(view: View, hand: Hand, t: int) -> bool:
    """Nobody can know of a hand on the console before the machine has said so, or shown it."""
    late = t - hand.t > KNOWN_MS or view.told_of(hand, t)
    return hand.act.do.startswith(("console", "safety_key")) and not late
