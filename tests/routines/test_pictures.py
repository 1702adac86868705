"""One description of a pose, two pictures of it, and a body that could be one."""

from __future__ import annotations

import math
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.routines.library import library
from treadguard.routines.pose import Frame, box_of, strokes
from treadguard.routines.svg_picture import svg_picture
from treadguard.routines.text_picture import ASCII, BLOCKS, COLUMNS, ROWS, text_picture

LONGEST = {"arm": (18.0, 19.0), "leg": (27.0, 27.0, 12.0)}
"""Upper arm and forearm with hand; thigh, shank and foot, of a figure 100 units tall."""

FRAMES = [(key, frame) for key, one in library().items() for frame in one.frame]
STANDING = Frame(
    "stands",
    (50, 94),
    ((50, 53), (50, 68), (50, 83)),
    ((50, 67), (50, 50)),
    ((50, 28), (50, 3), (60, 3)),
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(("key", "frame"), FRAMES, ids=[f"{k}-{f.name}" for k, f in FRAMES])
def test_no_bone_is_longer_than_a_body_has_it(key: str, frame: Frame) -> None:
    hip, waist, shoulder = frame.spine
    assert key
    for name, limb in (("arm", frame.arm), ("arm", frame.far_arm)):
        for longest, (a, b) in zip(
            LONGEST[name], pairwise((shoulder, *(limb or ()))), strict=False
        ):
            assert math.dist(a, b) <= longest
    for name, limb_of_leg in (("leg", frame.leg), ("leg", frame.far_leg)):
        for longest, (a, b) in zip(
            LONGEST[name], pairwise((hip, *(limb_of_leg or ()))), strict=False
        ):
            assert math.dist(a, b) <= longest
    assert 26 <= math.dist(hip, waist) + math.dist(waist, shoulder) <= 36
    assert 10 <= math.dist(shoulder, frame.head) <= 16


@pytest.mark.parametrize(("key", "frame"), FRAMES, ids=[f"{k}-{f.name}" for k, f in FRAMES])
def test_nobody_sinks_into_the_floor(key: str, frame: Frame) -> None:
    assert key
    points = [frame.head, *frame.spine, *frame.arm, *frame.leg]
    points += [*(frame.far_arm or ()), *(frame.far_leg or ())]
    if frame.floor:
        assert min(y for _, y in points) >= 2
        assert min(y for _, y in points) <= 4


@pytest.mark.parametrize("key", library())
def test_every_exercise_of_the_library_has_pictures_that_fit(key: str) -> None:
    frames = library()[key].frame
    assert frames
    for frame in frames:
        rows = text_picture(frame, frames)
        assert len(rows) <= ROWS
        assert max(map(len, rows)) <= COLUMNS
        assert sum(row.count("█") for row in rows) > 10
        assert set("".join(rows)) <= set(BLOCKS)
        assert set("".join(text_picture(frame, frames, ink=ASCII))) <= set(ASCII)


@given(st.integers(0, 130), st.integers(0, 50))
def test_a_picture_never_passes_the_room_that_it_is_given(columns: int, rows: int) -> None:
    drawn = text_picture(STANDING, columns=columns, rows=rows)
    assert len(drawn) <= rows
    assert all(len(row) <= columns for row in drawn)


def test_a_figure_stands_upright_in_its_text() -> None:
    rows = text_picture(STANDING, columns=60, rows=24)
    middle = len(rows[-1]) // 2
    assert "█" in rows[1][middle - 4 : middle + 4]  # the head
    assert set(rows[-1]) <= {"▀", "▄", "█"}  # the floor
    assert len(rows[1].strip()) < len(rows[-1].strip()) / 3


def test_frames_of_one_exercise_keep_their_scale() -> None:
    one = library()["squat"].frame
    tall, low = (text_picture(frame, one) for frame in one)
    assert tall[-1] == low[-1]
    assert len(tall) == len(low)
    assert tall[0].strip("▄▀█ ") == ""
    assert box_of(one) == box_of(one[::-1])


def test_what_is_below_isnt_drawn_and_the_rest_is_larger() -> None:
    from msgspec.structs import replace

    near = replace(STANDING, above=40)
    assert box_of([near]).bottom == 40
    assert box_of([STANDING]).bottom < 0


def test_the_svg_stands_alone_and_says_what_it_shows() -> None:
    one = library()["cobra"]
    text = svg_picture("Cobra <&>", one.frame)
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert root.findtext(f"{SVG}title") == "Cobra <&>"
    assert root.findtext(f"{SVG}desc") == "A stick figure: down, then up."
    assert [node.text for node in root.iter(f"{SVG}text")] == ["down", "up"]
    assert "http" not in text.replace(SVG.strip("{}"), "")
    assert "<script" not in text


@pytest.mark.parametrize("key", library())
def test_the_svg_draws_the_very_strokes_of_the_text(key: str) -> None:
    frames = library()[key].frame
    root = ET.fromstring(svg_picture(key, frames))  # noqa: S314 - our own
    box = box_of(frames)
    every = [stroke for frame in frames for stroke in strokes(frame, box)]
    lines, discs = list(root.iter(f"{SVG}polyline")), list(root.iter(f"{SVG}circle"))
    assert len(discs) == len(frames)
    assert len(lines) + len(discs) == len(every)
    drawn = [
        [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
        for line in lines
    ]
    meant = [[tuple(p) for p in stroke.points] for stroke in every if len(stroke.points) > 1]
    for a, b in zip(drawn, meant, strict=True):
        assert a == [pytest.approx(point, abs=0.01) for point in b]
