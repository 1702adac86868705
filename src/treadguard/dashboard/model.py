"""From what the service says to what the screen shows.

Here: words, numbers and marks, pure. Not here: widgets, keys, the network. The rules to keep: a
speed is shown only while it is a fresh measurement; what nobody sees is UNKNOWN, never 0 and never
stopped; a state is told by word and shape, not by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

LOST_MS: Final = 5_000
"""A speed this old is no speed any more (DESIGN.md section 3)."""

SILENT_S: Final = 2.0
"""A service that has been silent for so long may be gone."""

KEY_FIRST: Final = "Safety key / console first."
UNKNOWN: Final = "UNKNOWN: the belt may be moving."
NO_ANSWER: Final = "NO ANSWER FROM THE SERVICE: press Stop on the console, or pull the key."
FIRST: Final = "The treadmill's own safety key and Stop button come first."

State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Face:
    """The state in a word, the shape that goes with it, and the name of its colours."""

    word: str
    shape: str
    tone: str


FACES: Final[Mapping[str, Face]] = {
    "OFF": Face("OFF", "○", "still"),
    "READY": Face("READY", "□", "still"),
    "STARTING": Face("STARTING", "△", "go"),
    "RUNNING": Face("RUNNING", "▶", "go"),
    "EASING": Face("EASING", "▼", "ease"),
    "STOPPING": Face("STOPPING", "■", "stop"),
    "PAUSED": Face("PAUSED", "‖", "still"),
    "BREAK": Face("BREAK", "◆", "rest"),
    "ENDED": Face("ENDED", "●", "still"),
    "FAULT": Face("FAULT", "✕", "danger"),
    "UNKNOWN": Face("UNKNOWN", "?", "danger"),
}
_SETTINGS: Final = ("cap:", "profile:")
_STOPS: Final = frozenset({"STOPPING", "PAUSED", "BREAK", "ENDED", "FAULT"})
_AT_REST: Final = frozenset({"BREAK", "ENDED", "FAULT"})
STANDS_KMH: Final = 0.05
_EASING: Final = frozenset({"pain", "ease", "posture", "end"})


@dataclass(frozen=True, slots=True)
class Rest:
    """A break: seconds to the earliest resume and to its longest, and what is still owed."""

    left_s: int | None
    longest_s: int | None
    owed: str | None
    level: int | None
    rated: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of the service's state."""

    face: Face
    phase: str
    connected: bool
    shadow: bool
    link: str
    danger: str | None
    speed: str
    incline: str
    age: str
    pain: str
    asked: bool
    target: str
    may: str
    may_raise: bool
    holds: tuple[str, ...]
    rest: Rest | None
    hint: str


def look(state: State | None, silent_s: float, over: str | None = None) -> Shown:
    """What to show of `state`, heard `silent_s` ago. `over`: the belt when the service ended."""
    if state is None or silent_s >= SILENT_S:
        return _unseen(state, silent_s, over)
    age_ms = None if state["age_ms"] is None else state["age_ms"] + round(silent_s * 1000)
    fresh = age_ms is not None and age_ms < LOST_MS and state["link"] == "up"
    phase = state["phase"]
    face = _face(state, fresh=fresh)
    speed, incline = state["speed_kmh"], state["incline_pct"]
    return Shown(
        face=face,
        phase=phase,
        connected=True,
        shadow=state["mode"] == "shadow",
        link=state["link"],
        danger=_danger(state, fresh=fresh),
        speed=f"{speed:.1f}" if fresh and speed is not None else "?",
        incline=f"{incline:.1f}" if fresh and incline is not None else "?",
        age=_age(age_ms, state["link"]),
        pain=_pain(state),
        asked=bool(state["pain"]["asked"]),
        target=_target(state),
        may=_may(state),
        may_raise=bool(state["may_raise"]),
        holds=_holds(state, silent_s),
        rest=_rest(state, silent_s),
        hint=_hint(state, face),
    )


def _unseen(state: State | None, silent_s: float, over: str | None) -> Shown:
    """Nothing is heard of the service."""
    ended = over == "at rest"
    if ended:
        danger = "The service has ended, the belt at rest; nobody watches it now. q leaves."
    else:
        danger = f"{UNKNOWN} {KEY_FIRST} (no service)"
    return Shown(
        face=FACES["ENDED" if ended else "UNKNOWN"],
        phase="ENDED" if ended else "UNKNOWN",
        connected=False,
        shadow=state is not None and state["mode"] == "shadow",
        link="?",
        danger=danger,
        speed="?",
        incline="?",
        age="no service" if state is None else f"silent for {clock(silent_s)}",
        pain="?" if state is None else _pain(state),
        asked=False,
        target="",
        may="",
        may_raise=False,
        holds=(),
        rest=None,
        hint="q leaves this screen" if ended else "looking for the service…",
    )


def _face(state: State, *, fresh: bool) -> Face:
    phase = state["phase"]
    if phase == "OFF" or (phase == "STARTING" and fresh):
        return FACES[phase]
    if not fresh or phase == "LOST":
        return FACES["UNKNOWN"]
    if phase == "RUNNING" and state["mode"] != "shadow" and _eases(state):
        return FACES["EASING"]
    return FACES[phase]


def _eases(state: State) -> bool:
    """A back-off is in force. Missing ratings hold first, and ease only later."""
    if _EASING.intersection(state["why"]):
        return True
    allowed, wanted = (state["allowed"] or {}).get("speed_kmh"), state["wanted"]["speed_kmh"]
    low = allowed is not None and wanted is not None and allowed <= wanted
    return low and "no rating" in state["why"]


def _danger(state: State, *, fresh: bool) -> str | None:
    """One line, even at 80 columns: an alarm may need the others."""
    if state["phase"] == "OFF":
        return None if state["link"] == "up" else f"No link to the treadmill. {KEY_FIRST}"
    if state["link"] != "up":
        return f"{UNKNOWN} {KEY_FIRST} (no link)"
    if not fresh:
        return f"{UNKNOWN} {KEY_FIRST} (old speed)"
    if state["phase"] == "LOST":
        return f"{UNKNOWN} {KEY_FIRST}"
    if state["phase"] in _AT_REST and (state["speed_kmh"] or 0) > STANDS_KMH:
        return f"THE BELT MOVES at {state['speed_kmh']:.1f} km/h. {KEY_FIRST}"
    return None


def _age(age_ms: int | None, link: str) -> str:
    if link != "up":
        return "no link"
    return "no telemetry" if age_ms is None else f"{age_ms / 1000:.1f} s old"


def _pain(state: State) -> str:
    last = state["pain"]["last"]
    return "–" if last is None else str(last)


def _number(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _target(state: State) -> str:
    if state["phase"] in _STOPS:
        return ""  # what was sent last is a Stop, and its targets are no targets any more
    allowed = state["allowed"] or {"speed_kmh": None, "incline_pct": None}
    return "   ".join(
        f"{name} {_number(pair['speed_kmh'])} km/h {_number(pair['incline_pct'])} %"
        for name, pair in (
            ("wanted", state["wanted"]),
            ("allowed", allowed),
            ("sent", state["command"]),
        )
    )


def _may(state: State) -> str:
    """Where the runner may go up: nothing does by itself."""
    wanted, allowed = state["wanted"], state["allowed"]
    if state["phase"] == "READY" and allowed is not None and capped(state):
        # What the session before it has left holds from the first step on.
        return f"after the start at most {allowed['speed_kmh']:.1f} km/h{capped(state)}"
    if state["phase"] != "RUNNING" or not state["may_raise"] or allowed is None:
        return ""
    if state["mode"] == "shadow":
        return ""
    parts = [
        f"{allowed[key]:.1f} {unit}{more}"
        for key, unit, more in (("speed_kmh", "km/h", capped(state)), ("incline_pct", "%", ""))
        if wanted[key] is not None and allowed[key] is not None and allowed[key] > wanted[key]
    ]
    return f"you may go up to {' and '.join(parts)}" if parts else ""


def capped(state: State) -> str:
    """Why no more speed is allowed, where that is more than a cap of the settings."""
    reasons = [why for why in state.get("capped", ()) if not why.startswith(_SETTINGS)]
    return f" ({'; '.join(reasons)})" if reasons else ""


def _holds(state: State, silent_s: float) -> tuple[str, ...]:
    """Who holds the belt, since when, and what would release it."""
    found = []
    verb = "would be held" if state["mode"] == "shadow" else "held"
    for why, release in zip(state["why"], state["release"], strict=False):
        if why == "break" and state["phase"] == "BREAK":
            continue  # the break has lines of its own
        since = state["since_ms"].get(why)
        for_s = "" if since is None else f" for {clock(since / 1000 + silent_s)}"
        found.append(f"{verb}{for_s} ({why}): {release.removeprefix(f'{why}: ')}")
    return tuple(found)


def _rest(state: State, silent_s: float) -> Rest | None:
    b = state["break"]
    if b is None or state["phase"] != "BREAK":
        return None

    def left(seconds: int | None) -> int | None:
        return None if seconds is None else max(0, seconds - int(silent_s))

    return Rest(left(b["left_s"]), left(b["max_left_s"]), b["owed"], b["level"], b["rated"])


def _hint(state: State, face: Face) -> str:
    """What the runner can do next."""
    if state["mode"] == "shadow":
        return "SHADOW: treadguard only watches, and sends nothing but the Stop that you press"
    if face.word == "UNKNOWN":
        return "hold the rail; press Stop on the console, or pull the key"
    phase = state["phase"]
    if phase == "RUNNING":
        return _plan(state)
    if phase == "BREAK":
        owed = state["break"] and state["break"]["owed"]
        return f"not yet: {owed}" if owed else "you may go on: r, on the belt with the key clipped"
    if phase == "ENDED" and state["locks"]:
        return "locked until 'treadguard unlock', once a professional was seen; q leaves"
    if phase == "OFF":
        return "waiting for the treadmill" if state["link"] == "up" else "looking for the treadmill"
    if phase in _AT_REST and (state["speed_kmh"] or 0) > STANDS_KMH:
        return "hold the rail and pull the safety key, or press Stop on the console"
    return {
        "READY": "r starts the belt, at its slowest; w with a warm-up"
        + ("; g begins the programme" if state.get("programme") else ""),
        "PAUSED": "r goes on, at the machine's slowest",
        "STARTING": "the belt is about to move",
        "STOPPING": "stopping: wait until the belt stands",
        "ENDED": "no resume in this session; q leaves",
        "FAULT": "the machine did not obey: check it, then start treadguard again",
    }.get(phase, "")


def _plan(state: State) -> str:
    """Where the plan under way is, and what comes next."""
    p = state.get("programme")
    if p is None:
        return ""
    may = state["may_raise"]
    if not p["begun"]:
        return "g begins the programme" if may else ""
    where = f"{p['kind']} {countdown(p['gone_s'])} of {countdown(p['lasts_s'])}"
    if not p["goes_up"]:
        again = "; g takes it up again" if may else ""
        return f"{where}: it goes up no more by itself{again}"
    if p["next"] is None:
        return where
    held = f", held lower: {p['held']}" if p["held"] else ""
    return f"{where}; {pace(p['next'])} in {countdown(p['next_s'])}{held}"


def pace(pair: Mapping[str, Any]) -> str:
    climb = f" {pair['incline_pct']:g} %" if pair["incline_pct"] else ""
    return f"{_number(pair['speed_kmh'])} km/h{climb}"


def clock(seconds: float) -> str:
    """12 s, or 1:05."""
    whole = int(seconds)
    return f"{whole} s" if whole < 60 else countdown(whole)


def countdown(seconds: int | None) -> str:
    """1:05; – where it doesn't run yet."""
    if seconds is None:
        return "–:––"
    return f"{seconds // 60}:{seconds % 60:02d}"


@dataclass(frozen=True, slots=True)
class Banner:
    """What must be read first: a line or more, and the name of its colours."""

    text: str
    tone: str


def banner(shown: Shown, alarm: str | None, cue: str | None, *, unanswered: bool) -> Banner:
    """The most urgent thing to say. An alarm stays below whatever outranks it."""
    urgent = [
        text
        for text in (
            NO_ANSWER if unanswered else None,
            shown.danger,
            None if alarm is None else f"ALARM: {alarm} (a: seen)",
        )
        if text is not None
    ]
    if urgent:
        tone = "still" if not shown.connected and shown.phase == "ENDED" else "danger"
        return Banner("\n".join(urgent), tone)
    if shown.asked:
        return Banner("HOW IS YOUR PAIN NOW?  Press 0 to 9, or x for 10.", "ask")
    if cue is not None:
        return Banner(cue, "cue")
    return Banner(FIRST, "quiet")
