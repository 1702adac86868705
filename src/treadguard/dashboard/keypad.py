"""Keys as presses: what each asks of the service, and which events are only a key held down.

Here: 1-then-0, key repeat, and the press that a key makes. Not here: sending. The rules to keep:
nothing delays a rating or a stop; a key that is held down raises nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from treadguard.dashboard.model import capped

TEN_WITHIN_S: Final = 1.0
"""A 0 so soon after a 1 makes it a 10."""

REPEAT_S: Final = 0.3
EASE_REPEAT_S: Final = 1.0
"""A keyboard waits up to 0.7 s before it repeats, and two eases are two back-offs."""

STOPS_ABOVE: Final = 4
ON_THE_BELT: Final = "on-belt-key-clipped"

Axis = Literal["speed", "incline"]
UNIT: Final[Mapping[Axis, str]] = {"speed": "km/h", "incline": "%"}


@dataclass(frozen=True, slots=True)
class Press:
    """One request. `stops`: it is there to stop the belt. `loosens`: late, it is worth nothing."""

    label: str
    path: str
    body: Mapping[str, object] = field(default_factory=dict)
    stops: bool = False
    loosens: bool = False


STOP: Final = Press("Stop", "/v1/stop", stops=True)
BUTTON: Final = Press("pain button", "/v1/button", stops=True)
EASE: Final = Press("ease", "/v1/ease")
BREAK: Final = Press("break", "/v1/break", stops=True)
END: Final = Press("end of the session", "/v1/operator", {"do": "end"}, stops=True)
RESUME: Final = Press(
    "start", "/v1/operator", {"do": "resume", "confirm": ON_THE_BELT}, loosens=True
)
PROGRAMME: Final = Press(
    "programme", "/v1/operator", {"do": "programme", "confirm": ON_THE_BELT}, loosens=True
)
VARY: Final = Press("variation", "/v1/operator", {"do": "vary"}, loosens=True)
QUIET: Final = Press("reminders", "/v1/operator", {"do": "quiet"})


def warm_up(kmh: float) -> Press:
    """A start with a warm-up to this speed."""
    body = {"do": "warm-up", "value": kmh, "confirm": ON_THE_BELT}
    return Press(f"warm-up to {kmh:g} km/h", "/v1/operator", body, loosens=True)


def pain(level: int) -> Press:
    """A rating."""
    return Press(f"pain {level}", "/v1/pain", {"level": level}, stops=level > STOPS_ABOVE)


def symptom(what: str) -> Press:
    """A symptom by its word."""
    return Press(f"symptom {what}", "/v1/symptom", {"what": what}, stops=True)


def change(axis: Axis, value: float, *, up: bool) -> Press:
    """A new speed (km/h) or incline (%); `up` where it needs the runner's consent."""
    body = {"do": axis, "value": value}
    return Press(f"{axis} {value:g} {UNIT[axis]}", "/v1/operator", body, loosens=up)


class Keypad:
    """What the keys have done lately. Times in seconds of any steady clock."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}
        self._taken: dict[str, float] = {}
        self._rated: tuple[int, float] = (-1, float("-inf"))

    def rating(self, digit: int, now: float) -> int | None:
        """The rating that a digit means now; None for a key held down."""
        before, at = self._rated
        if digit == 0 and before in (1, 10) and now - at <= TEN_WITHIN_S:
            # Further zeros of this 10 are a finger that rests on the key.
            self._rated = (10, now)
            return 10 if before == 1 else None
        self._rated = (digit, now)
        return digit if self.pressed(f"pain {digit}", now) else None

    def pressed(self, kind: str, now: float, within_s: float = REPEAT_S) -> bool:
        """Whether this is a new press of its kind, not the repeat of a key held down."""
        before = self._seen.get(kind, float("-inf"))
        self._seen[kind] = now
        return now - before >= within_s

    def lowered(self, kind: str, now: float) -> bool:
        """The same for a lowering: held down it goes on, a step each 300 ms."""
        if now - self._taken.get(kind, float("-inf")) < REPEAT_S:
            return False
        self._taken[kind] = now
        return True


@dataclass(frozen=True, slots=True)
class Step:
    """What + or − asks for: the target, and why it may not be."""

    value: float | None
    up: bool
    refused: str | None = None


def stepped(state: Mapping[str, Any], axis: Axis, by: float, base: float | None = None) -> Step:
    """The target one step from the present command, or from `base`, a target not yet confirmed."""
    key = f"{axis}_{'kmh' if axis == 'speed' else 'pct'}"
    command, wanted = state["command"][key], state["wanted"][key]
    up = by > 0
    if state["mode"] == "shadow":
        return Step(None, up, f"treadguard only watches this machine: set its {axis} there.")
    if state["phase"] != "RUNNING" or command is None:
        return Step(None, up, f"The belt isn't running: its {axis} can be set once it does.")
    if not up:
        low = command if wanted is None else min(command, wanted)
        least = (state.get("slowest_kmh") or 0.1) if axis == "speed" else 0.0
        if axis == "speed" and low <= least:
            return Step(None, up, f"{low:g} km/h is the machine's slowest: SPACE stops the belt.")
        return Step(round(max(low + by, least), 2), up)
    allowed = (state["allowed"] or {}).get(key)
    value = round((command if base is None else base) + by, 2)
    value = value if allowed is None else min(value, allowed)
    if not state["may_raise"]:
        held = "; ".join(state["release"]) or "a limit is in force"
        return Step(None, up, f"Not going up now: {held}.")
    if value <= command:
        why = capped(state) if axis == "speed" else ""
        return Step(None, up, f"{command:g} {UNIT[axis]} is the most for now{why}.")
    return Step(value, up)
