"""A stick figure: joints in, strokes out; every rendering draws the same strokes.

A figure is 100 units tall when it stands; x goes right, y up from the floor at 0. Not here: how a
stroke is drawn (text_picture.py, svg_picture.py). The rule to keep: a picture says nothing that
isn't in the joints, so that the text and the SVG can't differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

Coordinate = Annotated[float, Meta(ge=-200, le=300)]
Point = tuple[Coordinate, Coordinate]
Line = tuple[Coordinate, Coordinate, Coordinate, Coordinate]

Tone = Literal["body", "far", "thing", "arrow", "floor"]

HEAD: Final = 13.0
LIMB: Final = 5.0
FAR: Final = 3.5
THIN: Final = 1.6
MARGIN: Final = 4.0
NARROWEST: Final = 70.0
"""A narrower picture would have no room for its name."""

FLAP: Final = 6.0
"""How long the two strokes of an arrow's tip are."""

CURVE_STEPS: Final = 8


class Frame(Struct, frozen=True, forbid_unknown_fields=True):
    """One position. Arms start at the shoulder, legs at the hip; `far_…` are the other side's.

    `spine` is hip, waist, shoulder; `arm` elbow, hand; `leg` knee, ankle, toe. `things` are lines
    beside the body (a wall, a cup), `arrows` point to their second end.
    """

    name: str
    head: Point
    spine: tuple[Point, Point, Point]
    arm: tuple[Point, Point]
    leg: tuple[Point, Point, Point]
    far_arm: tuple[Point, Point] | None = None
    far_leg: tuple[Point, Point, Point] | None = None
    things: tuple[Line, ...] = ()
    arrows: tuple[Line, ...] = ()
    floor: bool = True
    """False where the figure is seen from above."""
    above: Annotated[float, Meta(ge=0, le=90)] = 0.0
    """What is lower than this isn't shown, so that the rest can be larger."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line with round ends through these points; of one point it is a disc."""

    points: tuple[Point, ...]
    weight: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Box:
    """What a picture shows of the plane."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom


def strokes(frame: Frame, box: Box) -> tuple[Stroke, ...]:
    """The frame's strokes, from the back to the front."""
    hip, waist, shoulder = frame.spine
    out = [Stroke((line[:2], line[2:]), THIN, "thing") for line in frame.things]
    if frame.floor:
        out.append(Stroke(((box.left, 0.0), (box.right, 0.0)), THIN, "floor"))
    if frame.far_arm is not None:
        out.append(Stroke((shoulder, *frame.far_arm), FAR, "far"))
    if frame.far_leg is not None:
        out.append(Stroke((hip, *frame.far_leg), FAR, "far"))
    out += [
        Stroke((hip, *frame.leg), LIMB, "body"),
        Stroke(_curve(hip, waist, shoulder), LIMB, "body"),
        Stroke((shoulder, frame.head), LIMB, "body"),
        Stroke((frame.head,), HEAD, "body"),
        Stroke((shoulder, *frame.arm), LIMB, "body"),
    ]
    for arrow in frame.arrows:
        out.extend(_arrow(arrow))
    return tuple(out)


def box_of(frames: Sequence[Frame]) -> Box:
    """The box that holds all of these frames, so that a change of frame moves nothing but limbs."""
    points = [point for frame in frames for point in _points(frame)]
    left, right = min(x for x, _ in points) - MARGIN, max(x for x, _ in points) + MARGIN
    aside = max(0.0, NARROWEST - (right - left)) / 2
    bottom = min(y for _, y in points) - MARGIN
    if any(frame.floor for frame in frames):
        bottom = min(bottom, -THIN)
    above = min(frame.above for frame in frames)
    return Box(left - aside, above or bottom, right + aside, max(y for _, y in points) + MARGIN)


def _points(frame: Frame) -> Iterable[Point]:
    x, y = frame.head
    yield (x - HEAD / 2, y - HEAD / 2)
    yield (x + HEAD / 2, y + HEAD / 2)
    yield from frame.spine
    for limb in (frame.arm, frame.leg, frame.far_arm, frame.far_leg):
        yield from limb or ()
    for line in (*frame.things, *frame.arrows):
        yield line[:2]
        yield line[2:]


def _curve(hip: Point, waist: Point, shoulder: Point) -> tuple[Point, ...]:
    """A bow from hip to shoulder that passes through the waist half-way."""
    pull = [2 * waist[i] - (hip[i] + shoulder[i]) / 2 for i in (0, 1)]
    steps = [i / CURVE_STEPS for i in range(CURVE_STEPS + 1)]
    return tuple(
        (
            (1 - t) ** 2 * hip[0] + 2 * t * (1 - t) * pull[0] + t * t * shoulder[0],
            (1 - t) ** 2 * hip[1] + 2 * t * (1 - t) * pull[1] + t * t * shoulder[1],
        )
        for t in steps
    )


def _arrow(line: Line) -> Iterable[Stroke]:
    x, y = line[2:]
    along = (line[0] - x, line[1] - y)
    length = (along[0] ** 2 + along[1] ** 2) ** 0.5 or 1.0
    a, b = along[0] / length * FLAP, along[1] / length * FLAP
    yield Stroke((line[:2], (x, y)), THIN, "arrow")
    yield Stroke(((x + 0.8 * a - 0.6 * b, y + 0.8 * b + 0.6 * a), (x, y)), THIN, "arrow")
    yield Stroke(((x + 0.8 * a + 0.6 * b, y + 0.8 * b - 0.6 * a), (x, y)), THIN, "arrow")
