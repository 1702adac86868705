"""The two pieces of the guide that are drawn: a stick figure, and words in large type.

The rule to keep: each takes the room that it is given, and draws as large as that allows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from textual.content import Content
from textual.widget import Widget

from treadguard.dashboard import glyphs
from treadguard.routines.exercise import large_lines
from treadguard.routines.pose import Frame
from treadguard.routines.text_picture import text_picture

SCALES: Final = (2, 1)


class Picture(Widget):
    """One frame of an exercise, in the middle."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._frames: tuple[Frame, ...] = ()
        self._number = 0

    def show(self, frames: tuple[Frame, ...], number: int) -> None:
        """Show this one of them."""
        if (frames, number) != (self._frames, self._number):
            self._frames, self._number = frames, number
            self.refresh()

    def render(self) -> Content:
        width, height = self.size
        if not self._frames:
            return Content("")
        rows = _rows(self._frames, min(self._number, len(self._frames) - 1), width, height)
        wide = max(map(len, rows), default=0)
        indent = " " * ((width - wide) // 2)
        above = [""] * ((height - len(rows)) // 2)
        return Content("\n".join([*above, *(indent + row for row in rows)]))


@lru_cache(maxsize=64)  # the same few frames come round and round
def _rows(frames: tuple[Frame, ...], number: int, columns: int, rows: int) -> tuple[str, ...]:
    return tuple(text_picture(frames[number], frames, columns=columns, rows=rows))


class Large(Widget):
    """A few words, to be read from the floor."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._text = ""

    def show(self, text: str) -> None:
        """Show these letters and spaces."""
        if text != self._text:
            self._text = text
            self.refresh()

    def render(self) -> Content:
        width, height = self.size
        return Content(
            "\n".join(line.center(width).rstrip() for line in drawn(self._text, width, height))
        )


def drawn(text: str, width: int, height: int) -> list[str]:
    """The words in rows of blocks, as large as fits; as plain capitals where nothing does."""
    lines = large_lines(text)
    for scale in SCALES:
        rows: list[str] = []
        for line in lines:
            rows += [*([""] if rows else []), *glyphs.word(line, scale)]
        if len(rows) <= height and all(len(row) <= width for row in rows):
            return [""] * ((height - len(rows)) // 2) + rows
    return [line[:width] for line in lines][:height]
