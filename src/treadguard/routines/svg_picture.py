"""A stick figure as SVG: every frame side by side, with its name below.

The rule to keep: it stands alone (no script, nothing from elsewhere), and says in words what it
shows, for whoever can't see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from treadguard.routines.pose import Frame, Stroke, Tone, box_of, strokes

_COLOUR: Final[dict[Tone, str]] = {
    "body": "#1d3557",
    "far": "#8fa3bf",
    "thing": "#6b6b6b",
    "arrow": "#c2410c",
    "floor": "#9a9a9a",
}
_CAPTION: Final = 14.0
_GAP: Final = 10.0
_PIXELS: Final = 3


def svg_picture(title: str, frames: Sequence[Frame]) -> str:
    """The whole file. `frames` isn't empty."""
    box = box_of(frames)
    each = box.width + _GAP
    width, height = each * len(frames) - _GAP, box.height + _CAPTION
    names = ", then ".join(frame.name for frame in frames)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width * _PIXELS:g}" height="{height * _PIXELS:g}"'
        ' aria-labelledby="title desc">'
    )
    parts = [
        head,
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">A stick figure: {escape(names)}.</desc>',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
    ]
    for number, frame in enumerate(frames):
        x = number * each
        # An svg of its own cuts off what is outside its box; y goes down in SVG.
        parts.append(
            f'<svg x="{x:g}" width="{box.width:g}" height="{box.height:g}">'
            f'<g transform="matrix(1 0 0 -1 {-box.left:g} {box.top:g})" fill="none"'
            ' stroke-linecap="round" stroke-linejoin="round">'
        )
        parts += [_drawn(stroke) for stroke in strokes(frame, box)]
        parts.append("</g></svg>")
        middle = x + box.width / 2
        parts.append(
            f'<text x="{middle:g}" y="{box.height + _CAPTION - 5:g}" text-anchor="middle"'
            f' font-family="sans-serif" font-size="7" fill="#1d3557">{escape(frame.name)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _drawn(stroke: Stroke) -> str:
    colour = _COLOUR[stroke.tone]
    if len(stroke.points) == 1:
        ((x, y),) = stroke.points
        return f'<circle cx="{x:g}" cy="{y:g}" r="{stroke.weight / 2:g}" fill="{colour}"/>'
    points = " ".join(f"{round(x, 2):g},{round(y, 2):g}" for x, y in stroke.points)
    return f'<polyline points="{points}" stroke="{colour}" stroke-width="{stroke.weight:g}"/>'
