"""What is asked before anything goes up, when it isn't, and when the question no longer fits.

Here: words and conditions, pure. Not here: the keys (app.py) and the boxes (dialogs.py). The rule
to keep: a question speaks of one picture of the belt; with that picture it goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from treadguard.dashboard.keypad import UNIT, Axis
from treadguard.dashboard.model import Shown, State, pace

CONSENT_S: Final = 5.0

RED_FLAGS: Final = "Numb between the legs, chest pain, a fever, any sign under f today? Then f."
"""Whoever opened the session was asked, and is perhaps not who starts."""


@dataclass(frozen=True, slots=True)
class Question:
    """A raise that waits for its confirmation."""

    axis: Axis
    value: float
    at: float

    @property
    def text(self) -> str:
        """What is asked."""
        what = "Raise to" if self.axis == "speed" else "Incline up to"
        return (
            f"{what} {self.value:.1f} {UNIT[self.axis]}?"
            f" ENTER or y = yes, within {CONSENT_S:g} s; any other key = no"
        )


def start_refused(shown: Shown) -> str | None:
    """Why r opens no question now."""
    if not shown.connected:
        return "Not connected: nothing can be started now."
    if shown.shadow:
        return "treadguard only watches this machine: start it from its console."
    if shown.face.word == "UNKNOWN" and shown.phase != "LOST":
        return "The belt's speed is unknown: nothing is started."
    return {
        "STARTING": "The belt is already starting.",
        "RUNNING": "The belt already runs: + asks for more speed.",
        "STOPPING": "The belt must stand first.",
        "ENDED": "This session has ended: start a new one with 'treadguard run'.",
        "FAULT": "The machine did not obey: check it, then start treadguard again.",
    }.get(shown.phase)


def start_question(shown: Shown, policy: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The title of the question before a start, and what will happen."""
    if shown.phase == "LOST":
        return "TAKE OVER THE BELT?", ("It goes on as it is, and is guarded again.",)
    slow = "It starts at the machine's slowest, after the machine's own countdown."
    if shown.rest is None:
        return "START THE BELT?", (
            slow,
            "Then nothing speeds up until you ask for it.",
            RED_FLAGS,
        )
    happens = [slow]
    b = policy.get("break", {})
    if b:
        happens.append(
            f"The speed is held to {b['stage1_pct']} % of before for {b['stage1_s']:g} s, then to"
            f" {b['stage2_pct']} % for {b['stage2_s']:g} s."
        )
    if shown.rest.owed:
        happens.append(f"Not yet: {shown.rest.owed}.")
    return "GO ON AFTER THE BREAK?", tuple(happens)


def runs(shown: Shown) -> bool:
    """A plan may be asked for on this belt as it moves."""
    return shown.phase == "RUNNING" and shown.connected and not shown.shadow


def plan_refused(shown: Shown, what: str) -> str | None:
    """Why no question about a plan is opened now."""
    if runs(shown):
        return None
    return (
        "The belt isn't running: its speed can't vary." if what == "vary" else start_refused(shown)
    )


def offers_programme(state: State) -> bool:
    """Whether a programme may be begun or taken up again at all."""
    p = state.get("programme")
    return p is not None and p["offer"] is not None


def plan_question(shown: Shown, state: State, what: str) -> tuple[str, tuple[str, ...]]:
    """The title of the question before a plan, and what will happen."""
    if what == "vary":
        return "VARY THE SPEED?", ("Now and then 10 % slower for a minute, and back; never more.",)
    stated = _stated(state["programme"]["offer"])
    if shown.phase == "RUNNING":
        return "LET THE PROGRAMME GO UP BY ITSELF?", (stated,)
    return "START THE PROGRAMME?", (
        stated,
        "It starts at the machine's slowest, and then goes by its plan.",
        "Whatever holds the belt ends its raises until you ask for them again.",
        RED_FLAGS,
    )


def _stated(offer: Mapping[str, Any]) -> str:
    """All that a consent to the programme lets happen, in one line."""
    lasts = f"{offer['lasts_s'] / 60:.0f} min" if offer["lasts_s"] >= 60 else "under a minute"
    raises = offer["raises"]
    often = "never goes up" if not raises else f"goes up {raises} time{'s' * (raises > 1)}"
    told = ", each told 5 s ahead" if raises else ""
    return f"{lasts}, up to {pace(offer)}, {often}{told}."


def outdated(then: Shown, now: Shown) -> str | None:
    """Why a question that was asked at `then` has no answer any more; None: it still fits."""
    if not runs(then):
        refused = start_refused(now)
        same = now.phase == then.phase or (then.phase, now.phase) == ("OFF", "READY")
        if refused is None and not same:
            refused = "Not started: the belt's state has changed. Ask again."
        return refused
    if not runs(now):
        return "Not raised: the belt doesn't run any more."
    if now.face.word == "UNKNOWN":
        return "Not raised: the belt's speed is unknown."
    return "Not raised: it isn't allowed now." if then.may_raise and not now.may_raise else None
