"""A stick figure in half blocks, for a terminal.

One character holds two dots, one above the other, which are about square. The rule to keep: block
elements only, whose width no terminal disputes; plain ASCII where a stream can't carry them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from treadguard.routines.pose import Box, Frame, Point, Stroke, box_of, strokes

COLUMNS: Final = 60
ROWS: Final = 12
BLOCKS: Final = " ▀▄█"
ASCII: Final = " '.#"

_THINNEST: Final = 0.5
"""Half a dot: a thinner line would fall between the dots."""


def text_picture(
    frame: Frame,
    beside: Sequence[Frame] = (),
    *,
    columns: int = COLUMNS,
    rows: int = ROWS,
    ink: str = BLOCKS,
) -> list[str]:
    """The frame in at most so many columns and rows, to the scale that fits all `beside` it too.

    `ink`: the characters for none, the upper, the lower and both dots.
    """
    if columns < 1 or rows < 1:
        return []
    box = box_of((frame, *beside))
    scale = min(columns / box.width, 2 * rows / box.height)
    across, down = max(1, int(box.width * scale)), max(1, int(box.height * scale))
    drawn = strokes(frame, box)
    dots = [
        [any(_inks(stroke, _place(i, j, down, scale, box), scale) for stroke in drawn)
         for i in range(across)]
        for j in range(down + down % 2)
    ]  # fmt: skip
    lines = (
        "".join(ink[top + 2 * low] for top, low in zip(upper, lower, strict=True))
        for upper, lower in zip(dots[::2], dots[1::2], strict=True)
    )
    return [line.rstrip() for line in lines]


def _place(i: int, j: int, down: int, scale: float, box: Box) -> Point:
    """The middle of a dot on the plane."""
    return (box.left + (i + 0.5) / scale, box.bottom + (down - j - 0.5) / scale)


def _inks(stroke: Stroke, at: Point, scale: float) -> bool:
    reach = max(stroke.weight / 2, _THINNEST / scale)
    ends = zip(stroke.points, stroke.points[1:] or stroke.points, strict=False)
    return any(_distance_squared(at, a, b) <= reach * reach for a, b in ends)


def _distance_squared(at: Point, a: Point, b: Point) -> float:
    """From a point to the nearest of the line from `a` to `b`."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = ((at[0] - a[0]) * dx + (at[1] - a[1]) * dy) / length if length else 0.0
    t = max(0.0, min(1.0, t))
    x, y = a[0] + t * dx - at[0], a[1] + t * dy - at[1]
    return x * x + y * y
