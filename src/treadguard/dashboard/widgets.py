"""The pieces of the run screen, each given what it shows and drawing nothing else.

Here: drawing. Not here: what is shown (model.py, history.py) and where (treadguard.tcss). The rule
to keep: text from outside is never read as markup.
"""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.widget import Widget

from treadguard.dashboard import glyphs
from treadguard.dashboard.history import Angle, History
from treadguard.dashboard.model import Face

_BARS: Final = " ▁▂▃▄▅▆▇█"
_LABEL: Final = 8
TONES: Final = (
    "still",
    "go",
    "ease",
    "stop",
    "rest",
    "danger",
    "ask",
    "cue",
    "quiet",
    "good",
    "bad",
    "wait",
    "question",
)


class Plain(Widget):
    """Text as it is, in the colours of a tone."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._text = ""

    def show(self, text: str, tone: str = "quiet") -> None:
        """Show this text."""
        if not self.has_class(tone):
            self.remove_class(*TONES)
            self.add_class(tone)
        if text != self._text:
            self._text = text
            self.refresh(layout=True)

    def render(self) -> Content:
        return Content(self._text)


class Fitted(Plain):
    """Lines, as many as there is room for: the first ones, or with `newest` the last."""

    def __init__(self, id: str, *, newest: bool = False) -> None:  # noqa: A002 - Textual's own
        super().__init__(id)
        self._newest = newest

    def render(self) -> Content:
        # Chosen only here, where the room is known.
        width, rows = self.size
        lines = self._text.splitlines()
        left_out = len(lines) - rows
        if self._newest:
            lines = lines[max(0, left_out) :]
        elif left_out > 0 < rows:
            lines = [*lines[: rows - 1], f"{lines[rows - 1]}  (+{left_out} more)"]
        return Content("\n".join(_cut(line, width) for line in lines))


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: max(0, width - 1)]}…"


class FaceBar(Plain):
    """The state in large letters between its shapes."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id)
        self._face = Face("", " ", "still")

    def wear(self, face: Face) -> None:
        """Show this state."""
        self._face = face
        self.show(face.word, face.tone)

    def render(self) -> Content:
        rows = glyphs.word(self._face.word)
        side = " ".join(self._face.shape * 3)
        width = self.size.width
        lines = []
        for row in rows:
            middle = f"{side}    {row}    {side}"
            lines.append(middle.center(width)[:width])
        return Content("\n".join(lines))


class Figure(Widget):
    """A label, and below it a number in the largest blocks that fit."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._label = ""
        self._number = ""

    def show(self, label: str, number: str, *, urgent: bool = False) -> None:
        """Show this number under this label."""
        self.set_class(urgent, "urgent")
        if (label, number) != (self._label, self._number):
            self._label, self._number = label, number
            self.refresh()

    def render(self) -> Content:
        width, height = self.size
        rows = glyphs.digits(self._number)
        large = glyphs.digits(self._number, 2)
        if len(large) < height and len(large[0]) <= width:
            rows = large
        label = Content.styled(self._label[:width], "bold")
        return Content("\n").join([label, Content("\n".join(rows))])


class Strip(Widget):
    """The last minute: speed as bars, above them what was done."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._history = History()

    def show(self, history: History) -> None:
        """Show the last minute of this."""
        self._history = history
        self.refresh()

    def render(self) -> Content:
        rows = max(1, self.size.height - 1)
        columns = self._history.strip(max(0, self.size.width - _LABEL))
        known = [c.speed_kmh for c in columns if c.speed_kmh is not None]
        top = max(6, -(-int(max(known, default=0) * 10) // 10))
        lines = ["1 min".ljust(_LABEL) + "".join(c.mark or " " for c in columns)]
        for row in range(rows):
            label = f"{top:g} km/h" if row == 0 else "0" if row == rows - 1 else ""
            low = rows - 1 - row
            cells = (_cell(c.speed_kmh, top, rows, low) for c in columns)
            lines.append(label.rjust(_LABEL - 1) + " " + "".join(cells))
        return Content("\n".join(lines))


def _cell(speed: float | None, top: float, rows: int, low: int) -> str:
    """One cell of a bar, `low` rows above the ground; unknown is a dot on the ground."""
    if speed is None:
        return "·" if low == 0 else " "
    eighths = round(speed / top * rows * 8) - low * 8
    if low == 0 and speed <= 0:
        return "_"
    return _BARS[max(0, min(8, eighths))]


class PostureBars(Widget):
    """Trunk and neck on a scale with their thresholds."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._angles: list[Angle] = []
        self._age_ms: int | None = None

    def show(self, angles: list[Angle], age_ms: int | None) -> None:
        """Show these angles, none for a silent sensor."""
        self._angles, self._age_ms = angles, age_ms
        self.refresh()

    def render(self) -> Content:
        if not self._angles:
            silent = "" if self._age_ms is None else f" (silent for {self._age_ms // 1000} s)"
            return Content(f"posture  no sensor{silent}")
        room = max(8, (self.size.width - 9 - 7) // len(self._angles) - 15)
        parts = [bar(angle, room) for angle in self._angles]
        return Content(f"posture  {'  '.join(parts)}  {(self._age_ms or 0) / 1000:.1f} s old")


def bar(angle: Angle, width: int) -> str:
    """One angle as text: its number, a bar, and a tick for each threshold."""
    if angle.deg is None:
        return f"{angle.name}   ?° ▕{'·' * width}▏"
    filled = round(max(0.0, min(angle.deg, angle.full)) / angle.full * width)
    cells = ["█" if i < filled else "·" for i in range(width)]
    for tick in angle.ticks:
        place = min(width - 1, int(tick / angle.full * width))
        cells[place] = "╋" if place < filled else "│"
    over = "!" if angle.ticks and angle.deg > angle.ticks[0] else " "
    return f"{angle.name} {angle.deg:3.0f}°{over}▕{''.join(cells)}▏"
