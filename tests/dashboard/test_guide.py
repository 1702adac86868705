"""The guide: what is said and when, and what the keys do, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.dashboard.fake_client import Clock
from tests.routines.exercises import made
from textual import events

from treadguard.dashboard import glyphs
from treadguard.dashboard.guide import DONE, READ_S, Guide
from treadguard.dashboard.guide_widgets import drawn
from treadguard.routines.choosing import Routine
from treadguard.routines.course import Station, lay_out
from treadguard.routines.library import library
from treadguard.routines.outcome import Outcome
from treadguard.routines.red_flags import red_flag_questions

NODS = Routine("after", tuple(Station(key, made(key)) for key in ("One", "Two", "Three")), ())
"""7 s each: 4 for the name, 3 for the move."""


class Bench:
    """One guide under test."""

    def __init__(self, routine: Routine, *, asks: bool = False) -> None:
        self.clock = Clock()
        self.said: list[str] = []
        self.app = Guide(
            routine,
            red_flag_questions() if asks else (),
            say=self.said.append,
            clock=self.clock,
        )

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.app.post_message(events.Key(key, None))
            for _ in range(50):
                await asyncio.sleep(0)

    def passes(self, seconds: float) -> None:
        for _ in range(round(seconds * 4)):
            self.clock.now += 0.25
            self.app.tick()

    def text(self, piece: str) -> str:
        return str(self.app.query_one(f"#{piece}").render())


@asynccontextmanager
async def opened(
    routine: Routine = NODS, *, asks: bool = False, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Bench]:
    bench = Bench(routine, asks=asks)
    async with bench.app.run_test(size=size):
        yield bench


async def test_every_cue_is_said_once_in_order_and_then_it_is_done() -> None:
    async with opened() as b:
        b.passes(22)
        assert b.said == [cue.say for cue in lay_out(NODS.stations).cues] + [DONE]
        assert b.app.outcome == Outcome(("One", "Two", "Three"))
        assert "Done: 3 of 3" in b.text("cue")


async def test_a_whole_routine_of_the_library_is_said_once_in_order() -> None:
    stations = tuple(Station(key, library()[key]) for key in ("sip-water", "plank", "hip-flexor"))
    async with opened(Routine("do", stations, ())) as b:
        b.passes(lay_out(stations).length_s + 1)
        assert b.said == [cue.say for cue in lay_out(stations).cues] + [DONE]


async def test_a_pause_stands_still_and_loses_no_time() -> None:
    async with opened() as b:
        b.passes(5.5)
        await b.press("space")
        assert "PAUSED" in b.text("count")
        b.passes(60)
        assert b.said == ["One.", "Now do it."]
        await b.press("space")
        b.passes(1.25)
        assert b.said[2:] == []
        b.passes(0.25)
        assert b.said[2:] == ["Two."]


@pytest.mark.parametrize("key", ["n", "right"])
async def test_next_skips_and_says_so_at_the_end(key: str) -> None:
    async with opened() as b:
        b.passes(1)
        await b.press(key)
        assert b.said == ["One.", "Two."]
        b.passes(15)
        assert b.app.outcome == Outcome(("Two", "Three"), ("One",))


@pytest.mark.parametrize("key", ["b", "left"])
async def test_back_begins_this_one_again_and_then_the_one_before(key: str) -> None:
    async with opened() as b:
        b.passes(12)
        await b.press(key)
        assert b.said[-1] == "Two."
        await b.press(key)
        assert b.said[-1] == "One."
        b.passes(30)
        assert b.app.outcome.done == ("One", "Two", "Three")


async def test_an_exercise_that_was_skipped_and_then_done_is_done() -> None:
    async with opened() as b:
        await b.press("n", "b")
        b.passes(30)
        assert b.app.outcome.skipped == ()


async def test_what_hurts_is_left_out_and_rests_until_the_runner_goes_on() -> None:
    async with opened() as b:
        b.passes(8)
        await b.press("p")
        assert b.said[-1].startswith("Leave it out: Two.")
        assert "Leave it out: Two." in b.text("cue")
        b.passes(30)
        assert b.said[-1].startswith("Leave it out")
        await b.press("space")
        assert b.said[-1] == "Three."
        b.passes(10)
        assert b.app.outcome == Outcome(("One", "Three"), (), ("Two",))
        assert "It hurt: Two" in b.text("cue")


async def test_what_hurt_isnt_shown_again_by_going_back_nor_by_going_on() -> None:
    async with opened() as b:
        b.passes(8)
        await b.press("p", "space", "b")
        assert b.said[-1] == "One."
        b.said.clear()
        b.passes(8)
        assert b.said == ["Now do it.", "Three."]
        await b.press("b", "b")
        assert "Two." not in b.said


async def test_what_hurt_is_left_out_wherever_it_comes_again() -> None:
    again = Routine("do", (*NODS.stations, NODS.stations[0]), ())
    async with opened(again) as b:
        b.passes(1)
        await b.press("p", "space")
        b.passes(20)
        assert b.app.outcome == Outcome(("Two", "Three"), (), ("One", "One"))
        assert b.said[-1] == DONE


async def test_what_hurts_last_ends_it() -> None:
    async with opened() as b:
        await b.press("n", "n", "p")
        assert b.text("title").endswith("done")
        assert b.app.outcome == Outcome((), ("One", "Two"), ("Three",))
        before = list(b.said)
        await b.press("p", "space", "n")
        assert b.said == before


async def test_leaving_names_what_was_cut_short() -> None:
    bench = Bench(NODS)
    async with bench.app.run_test():
        bench.passes(8)
        await bench.press("q")
    assert bench.app.return_value == Outcome(("One",), (), (), ("Two", "Three"))


async def test_the_questions_come_first_and_nothing_moves_meanwhile() -> None:
    async with opened(asks=True) as b:
        b.passes(60)
        assert b.said == [red_flag_questions()[0].question]
        for _ in red_flag_questions():
            b.clock.now += 1
            await b.press("n")
        asked = [flag.question for flag in red_flag_questions()]
        assert b.said == [*asked, "One."]


@pytest.mark.parametrize("number", range(len(red_flag_questions())))
async def test_a_yes_ends_it_before_anything_has_begun(number: int) -> None:
    bench = Bench(NODS, asks=True)
    async with bench.app.run_test():
        for key in [*"n" * number, "y"]:
            bench.clock.now += 1
            await bench.press(key)
        flag = red_flag_questions()[number]
        assert bench.said[-1] == flag.then
        assert flag.then in bench.text("cue")
        for key in ("n", "b", "space", "p", "y"):
            bench.clock.now += 1
            await bench.press(key)
        bench.passes(30)
        assert bench.said[-1] == flag.then
        await bench.press("q")
    assert bench.app.return_value == Outcome(unfinished=("One", "Two", "Three"), red_flag=flag)


async def test_an_answer_too_quick_to_have_been_read_is_none() -> None:
    async with opened(asks=True) as b:
        b.clock.now += READ_S
        await b.press("n", "n", "n", "y")
        assert "question 2 of 5" in b.text("title")
        b.clock.now += READ_S
        await b.press("b")
        assert "question 1 of 5" in b.text("title")
        assert len(b.said) == 3


async def test_the_screen_says_where_in_the_dose_this_is() -> None:
    plank = Routine("do", (Station("hip-flexor", library()["hip-flexor"]),), ())
    async with opened(plank) as b:
        b.passes(18)
        assert b.text("title").startswith("1 of 1  ■  Hip flexor stretch")
        assert "LEFT SIDE" in b.text("dose")
    clam = Routine("do", (Station("clamshell", library()["clamshell"]),), ())
    async with opened(clam) as b:
        b.passes(18)
        assert b.text("dose") == "LEFT SIDE\nrepetition 1 of 10\nset 1 of 2"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("key", library())
def test_every_cue_stands_in_large_letters(key: str, size: tuple[int, int]) -> None:
    width, height = size[0], 7 if size[1] < 34 else 13
    for big in [move.big for move in library()[key].moves] + ["left side", "right side", "rest"]:
        rows = drawn(big, width, height)
        assert any("█" in row for row in rows)
        assert len(rows) <= height
        assert max(map(len, rows)) <= width


def test_words_without_room_are_plain() -> None:
    assert drawn("press up", 30, 1) == ["PRESS UP"]
    assert drawn("hands on wall", 5, 9) == ["HANDS", "WALL"]


@pytest.mark.parametrize("scale", [1, 2])
def test_every_letter_has_its_glyph_in_either_size(scale: int) -> None:
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        rows = glyphs.word(letter, scale)
        assert len(rows) == {1: 3, 2: 5}[scale]
        assert len({len(row) for row in rows}) == 1
        assert "".join(rows).strip()
    shapes = {tuple(glyphs.word(letter)) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    assert len(shapes) == 26
    assert len(glyphs.word("A B", scale)[0]) > len(glyphs.word("AB", scale)[0])


async def test_a_screen_of_any_size_shows_something_and_doesnt_fail() -> None:
    for size in ((20, 5), (40, 12), (200, 60)):
        async with opened(
            Routine("do", (Station("squat", library()["squat"]),), ()), size=size
        ) as b:
            b.passes(15)
            assert b.text("cue")
