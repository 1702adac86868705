"""The one screen of a run: where each piece is, and how a picture is put on it.

Here: composition. Not here: keys (app.py), drawing (widgets.py), words (model.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen

from treadguard.dashboard.history import History
from treadguard.dashboard.model import Banner, Rest, Shown, countdown
from treadguard.dashboard.widgets import FaceBar, Figure, Fitted, Plain, PostureBars, Strip

KEYS: Final = (
    "SPACE Stop belt (software)  0-9 x pain  p it hurts  f symptom  e ease  b break\n"
    "+ - speed  ] [ incline  r start/go on  a alarm seen  q leave  ? help"
)


EVENTS: Final = 20
"""No screen has room for more."""


LEAST: Final = (80, 24)
TOO_SMALL: Final = "WINDOW TOO SMALL: make it 80 by 24."


@dataclass(frozen=True, slots=True)
class Said:
    """What came of the last press, or a question that is open."""

    text: str = ""
    tone: str = "quiet"


class RunScreen(Screen[None]):
    """State, speed and incline, who holds the belt, the last minute, and what was pressed."""

    AUTO_FOCUS = None
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012 - as Textual types it

    def __init__(self, playing: str = "") -> None:
        super().__init__()
        self._playing = playing
        self._title = Plain("title")
        self._face = FaceBar("face")
        self._banner = Plain("banner")
        self._speed = Figure("speed")
        self._second = Figure("second")
        self._pain = Figure("pain")
        self._target = Plain("target")
        self._holds = Fitted("holds")
        self._rest = Plain("rest")
        self._strip = Strip("strip")
        self._posture = PostureBars("posture")
        self._events = Fitted("events", newest=True)
        self._said = Fitted("said")
        self._keys = Plain("keys")

    @property
    def too_small(self) -> bool:
        """Not everything can be read, so nothing is asked here."""
        return self.app.size.width < LEAST[0] or self.app.size.height < LEAST[1]

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._face
        yield self._banner
        yield Horizontal(self._speed, self._second, self._pain, id="figures")
        yield self._target
        yield self._holds
        yield self._rest
        yield self._strip
        yield self._posture
        yield self._events
        yield self._said
        yield self._keys

    def show(self, shown: Shown, history: History, banner: Banner, said: Said) -> None:
        """Put a picture on the screen."""
        self._title.show(_title(shown, history, self._playing))
        self._face.wear(shown.face)
        small = self.too_small
        self.set_class(small, "-small")
        self._banner.show(f"{TOO_SMALL}\n{banner.text}" if small else banner.text, banner.tone)
        self._figures(shown)
        self._target.show(shown.target)
        self._holds.show("\n".join(line for line in (shown.may, shown.hint, *shown.holds) if line))
        self.set_class(shown.rest is not None, "-resting")
        self._rest.show("" if shown.rest is None else "\n".join(_resting(shown.rest)), "rest")
        self._strip.show(history)
        self._posture.show(history.posture() if shown.connected else [], history.posture_age_ms())
        events = (f"{countdown(e.t // 1000):>6}  {e.text}" for e in history.newest(EVENTS))
        self._events.show("\n".join(events))
        self._said.show(said.text, said.tone)
        self._keys.show(KEYS)

    def _figures(self, shown: Shown) -> None:
        unknown = shown.speed == "?"
        self._speed.show(f"SPEED km/h  {shown.age}", shown.speed, urgent=unknown)
        if shown.rest is None:
            self._second.show(f"INCLINE %  {shown.age}", shown.incline, urgent=unknown)
        else:
            self._second.show("EARLIEST RESUME IN", countdown(shown.rest.left_s))
        label = "PAIN  RATE NOW" if shown.asked else "PAIN last"
        self._pain.show(label, shown.pain, urgent=shown.asked)


def _title(shown: Shown, history: History, playing: str) -> str:
    treadmill = history.header.get("treadmill", {}).get("name", "")
    plays = f"PLAYS {playing!r}" if playing else ""
    mode = "SHADOW" if shown.shadow else "guard"
    link = f"link {shown.link}" if shown.connected else "not connected"
    # A long name may be cut off at the end, and nothing else.
    parts = ["treadguard", plays, shown.phase, mode, link, treadmill]
    return " · ".join(part for part in parts if part)


def _resting(rest: Rest) -> Iterator[str]:
    after = "on request" if rest.level is None else f"after pain {rest.level}"
    yield f"Break {after}. Sip water. Stand tall: shoulders back, chin in."
    if rest.level is not None:
        rated = "not rated yet" if rest.rated is None else f"last {rest.rated}"
        yield f"Breathe slowly, and rate your pain: 0 to 9, x for 10 ({rated})."
        yield "Numb, weak in the legs, bladder trouble? Press f, which ends the session."
    yield "The belt moves again only when you press r, at its slowest."
    if rest.longest_s is not None:
        yield f"In {countdown(rest.longest_s)} the break is too long, and the session ends."
