"""What is asked first: a raise, a start, a symptom, leaving; and every way to say no."""

from __future__ import annotations

import asyncio
import random

import pytest
from tests.dashboard.conftest import Open
from tests.dashboard.fake_client import STOP, Clock, FakeClient
from tests.dashboard.moments import (
    EASING,
    HEADER,
    LOST,
    READY,
    STOPPING,
    pair,
    run_of_a_minute,
    standing,
    state,
)
from textual.binding import Binding
from textual.events import Key

from treadguard.cli import symptom as symptom_command
from treadguard.dashboard import app as app_module
from treadguard.dashboard.app import Dashboard, Leave
from treadguard.dashboard.dialogs import SYMPTOMS, Dialog
from treadguard.dashboard.keypad import ON_THE_BELT

RESUME = ("/v1/operator", {"do": "resume", "confirm": ON_THE_BELT})
STOPS = ("space", "escape", "f12")
DIALOGS = {
    "f": "SymptomDialog",
    "r": "ResumeDialog",
    "q": "LeaveDialog",
    "question_mark": "HelpDialog",
}


@pytest.mark.parametrize("dialog", DIALOGS)
async def test_stop_and_ratings_act_under_every_dialog_and_close_it(
    bench: Open, dialog: str
) -> None:
    async with bench(READY) as b:
        for key, sent in {**dict.fromkeys(STOPS, STOP), "6": ("/v1/pain", {"level": 6})}.items():
            await b.press(dialog)
            assert b.dialog == DIALOGS[dialog]
            assert await b.alone(key) == [sent]
            assert b.dialog is None


async def test_stop_answers_the_question_for_a_raise_with_no(bench: Open) -> None:
    async with bench(state()) as b:
        for key in STOPS:
            assert await b.alone("plus", key, "enter", "y") == [STOP]


async def test_a_raise_is_asked_for_and_sent_once_it_is_confirmed(bench: Open) -> None:
    async with bench(state()) as b:
        for yes in ("enter", "y"):
            assert await b.alone("plus") == []
            assert b.text("said").startswith("Raise to 5.5 km/h? ENTER or y = yes, within 5 s")
            await b.press(yes, yes)
            assert b.posted == [("/v1/operator", {"do": "speed", "value": 5.5})]


async def test_every_raise_needs_the_confirmation(bench: Open) -> None:
    raises = {
        "equals_sign": ("speed", 5.5),
        "up": ("speed", 5.5),
        "full_stop": ("speed", 5.1),
        "right_square_bracket": ("incline", 1.5),
        "right": ("incline", 1.5),
    }
    async with bench(state()) as b:
        for key, (axis, value) in raises.items():
            assert await b.alone(key) == []
            assert await b.alone("enter") == []
            assert await b.alone(key, "enter") == [("/v1/operator", {"do": axis, "value": value})]


async def test_plus_held_down_never_raises_anything(bench: Open) -> None:
    async with bench(state()) as b:
        await b.press("plus")
        b.clock.now += 0.5
        for _ in range(100):
            await b.press("plus")
            b.clock.now += 0.03
        await b.settle()
        assert b.posted == []
        assert b.text("said").startswith("Raise to 6.0 km/h?")


async def test_a_second_plus_asks_for_more(bench: Open) -> None:
    async with bench(state()) as b:
        await b.press("plus")
        b.clock.now += 1.0
        await b.press("plus", "enter")
        assert b.posted == [("/v1/operator", {"do": "speed", "value": 6.0})]


async def test_a_raise_that_nobody_confirms_lapses_after_five_seconds(bench: Open) -> None:
    async with bench(state()) as b:
        await b.press("plus")
        b.clock.now += 5.1
        await b.press("enter")
        assert b.posted == []
        assert b.text("said") == "Not raised: no confirmation came."


async def test_any_other_key_is_a_no_to_the_raise(bench: Open) -> None:
    async with bench(state()) as b:
        for key in (
            "3",
            "e",
            "minus",
            "f",
            "question_mark",
            "backspace",
            "n",
            "z",
            "tab",
            "f5",
            "a",
        ):
            sent = await b.alone("plus", key, "enter")
            assert ("/v1/operator", {"do": "speed", "value": 5.5}) not in sent


async def test_a_limit_takes_the_question_away(bench: Open) -> None:
    async with bench(state()) as b:
        for then in (EASING, STOPPING, LOST):
            await b.becomes(state())
            await b.alone("plus")
            await b.becomes(then)
            assert await b.alone("enter") == []
            assert b.text("said") == "Not raised: it isn't allowed now."


async def test_a_raise_against_a_limit_is_refused_in_words(bench: Open) -> None:
    async with bench(EASING) as b:
        await b.press("plus", "enter")
        assert b.posted == []
        assert b.text("said").startswith("Not going up now: pain: over in 108 s")


async def test_the_start_needs_a_second_distinct_key(bench: Open) -> None:
    async with bench(READY) as b:
        await b.press("r", "r", "enter")
        assert b.posted == []
        assert b.dialog == "ResumeDialog"
        await b.press("y")
        assert b.posted == [RESUME]
        assert b.dialog is None


async def test_backspace_takes_the_start_back(bench: Open) -> None:
    async with bench(READY) as b:
        await b.press("r", "backspace", "y")
        assert b.posted == []
        assert b.dialog is None


async def test_no_start_is_asked_for_while_the_belt_runs(bench: Open) -> None:
    async with bench(state()) as b:
        await b.press("r")
        assert b.dialog is None
        assert b.text("said") == "The belt already runs: + asks for more speed."


async def test_a_confirmation_that_comes_too_late_is_no_start(bench: Open) -> None:
    async with bench(READY) as b:
        await b.press("r")
        b.client.down = True
        b.clock.now += 3.0
        await b.press("y")
        assert b.posted == []
        assert b.text("said") == "Not connected: nothing can be started now."


async def test_a_stop_outruns_a_yes_that_is_still_under_way(bench: Open) -> None:
    async with bench(READY) as b:
        await b.press("r")
        dialog = b.app.screen
        assert isinstance(dialog, Dialog)
        await b.press("space")
        b.app.post_message(Dialog.Answered(dialog, "resume"))
        await b.settle()
        assert b.posted == [STOP]


async def test_a_symptom_is_one_key_in_the_chooser(bench: Open) -> None:
    async with bench(state()) as b:
        for key, word, _, _ in SYMPTOMS:
            assert await b.alone("f", key) == [("/v1/symptom", {"what": word})]
            assert b.dialog is None


def test_the_chooser_has_the_words_of_the_command_line() -> None:
    flags = {word for _, word, flag, _ in SYMPTOMS if flag}
    signs = {word for _, word, flag, _ in SYMPTOMS if not flag}
    assert flags == set(symptom_command.RED_FLAGS.split())
    assert signs == set(symptom_command.SIGNS.split())


def test_no_key_of_a_dialog_is_one_that_acts_everywhere() -> None:
    everywhere = {
        key
        for binding in app_module.Dashboard.BINDINGS
        if isinstance(binding, Binding) and binding.priority
        for key in binding.key.split(",")
    }
    assert everywhere.isdisjoint({key for key, _, _, _ in SYMPTOMS} | {"y", "s", "l", "backspace"})


async def test_only_leaving_the_screen_sends_nothing(bench: Open) -> None:
    async with bench(state()) as b:
        await b.press("q", "l")
        assert b.posted == []
        assert b.app.return_value is Leave.SCREEN


async def test_no_key_ends_the_program_unasked(bench: Open) -> None:
    async with bench(state()) as b:
        for key in ("ctrl+c", "ctrl+q"):
            await b.press(key)
            assert b.dialog == "LeaveDialog"
            await b.press("backspace")
        assert b.app.return_value is None


async def test_ending_waits_until_the_belt_stands(bench: Open) -> None:
    async with bench(state()) as b:
        await b.press("q", "s")
        assert b.posted == [("/v1/operator", {"do": "end"})]
        await b.becomes({**STOPPING, "speed_kmh": 0.0})
        await b.becomes(state(phase="ENDED", speed_kmh=0.4))
        await b.becomes(standing("ENDED", age_ms=9_000))
        assert b.app.return_value is None
        await b.becomes(standing("ENDED"))
        assert b.app.return_value is Leave.SESSION


async def test_a_clipped_raise_asks_for_what_is_allowed(bench: Open) -> None:
    async with bench(state(allowed=pair(5.2, 10.0))) as b:
        await b.press("plus")
        assert b.text("said").startswith("Raise to 5.2 km/h?")


@pytest.mark.parametrize("size", [(79, 24), (80, 23), (40, 10)])
async def test_in_a_window_that_is_too_small_nothing_is_asked_and_stop_works(
    bench: Open, size: tuple[int, int]
) -> None:
    async with bench(state()) as b:
        await b.pilot.resize_terminal(*size)
        await b.settle()
        assert "WINDOW TOO SMALL: make it 80 by 24." in b.text("banner")
        assert await b.alone("plus", "enter", "y") == []
        assert await b.alone("r", "y") == []
        assert await b.alone("6") == [("/v1/pain", {"level": 6})]
        assert STOP in await b.alone("space")
        await b.pilot.resize_terminal(80, 24)
        await b.settle()
        assert "TOO SMALL" not in b.text("banner")
        assert ("/v1/operator", {"do": "speed", "value": 5.5}) in await b.alone("plus", "enter")


async def test_in_a_small_window_the_answer_and_the_stop_key_are_still_on_the_screen(
    bench: Open,
) -> None:
    async with bench(state()) as b:
        await b.pilot.resize_terminal(60, 20)
        await b.press("minus")
        # The layout is made when the app is idle, so a busy machine shows it a little later.
        pieces = [b.app._run.query_one(f"#{name}") for name in ("face", "speed", "said", "keys")]
        await b.until(lambda: all(0 < at.region.height <= at.region.bottom <= 20 for at in pieces))


async def test_a_scenario_that_presses_is_named() -> None:
    client = FakeClient(state(), [HEADER, *run_of_a_minute()])
    app = Dashboard(client, Clock(), playing="pain 6 in mid-run")
    async with app.run_test(size=(120, 40)):
        app._show()
        assert "PLAYS 'pain 6 in mid-run'" in str(app._run.query_one("#title").render())


@pytest.mark.parametrize("typed", [("r", "y"), ("e", "n", "t", "r", "y")])
async def test_a_word_typed_into_the_wrong_window_starts_nothing(
    bench: Open, typed: tuple[str, ...]
) -> None:
    async with bench(READY) as b:
        for key in typed:
            b.app.post_message(Key(key, None))
        await b.settle()
        assert RESUME not in b.posted
        assert "too quick to have been read" in b.text("said")
        assert RESUME in await b.alone("r", "y")


@pytest.mark.parametrize("seed", range(2))
async def test_keys_struck_at_random_start_nothing_that_was_not_asked_and_read(
    bench: Open, seed: int
) -> None:
    """A child at the keys, at any pace: a start is r, a second for reading, and then y."""
    chance = random.Random(seed)
    keys = [*"rrrrryyyyynf06", "enter", "backspace", "plus", "space", "escape", "tab", "up"]
    started = hurried = 0
    async with bench(READY) as b:
        since = b.clock.now
        for _ in range(120):
            key, asked = chance.choice(keys), b.dialog == "ResumeDialog"
            b.clock.now += chance.choice((0.0, 0.5, 0.9375, 1.0))
            b.client.presses.clear()
            b.app.post_message(Key(key, None))
            await b.settle()
            meant = asked and key == "y"
            if RESUME in b.posted:
                assert meant
                assert b.clock.now - since >= 1.0
                started += 1
            hurried += meant and b.clock.now - since < 1.0
            if not asked:
                since = b.clock.now
    assert started
    assert hurried


async def test_a_plus_and_a_line_end_pasted_raise_nothing(bench: Open) -> None:
    async with bench(state()) as b:
        for key in ("plus", "enter"):
            b.app.post_message(Key(key, None))
        await b.settle()
        assert b.posted == []
        assert "too quick to have been read" in b.text("said")


async def test_without_a_service_leaving_doesnt_say_that_the_guard_goes_on(bench: Open) -> None:
    async with bench(state()) as b:
        b.client.down = True
        b.clock.now += 3.0
        await b.press("q")
        said = str(b.app.screen.query_one("#dialog").render())
        assert "perhaps nobody guards the belt" in said
        assert "go on as they are" not in said


async def test_an_alarm_of_long_ago_isnt_shown_as_one_of_now() -> None:
    old = {"seq": 9, "t": 1_000, "kind": "alarm", "say": "Too fast.", "level": 2}
    lines = [HEADER, old, {"seq": 600, "t": 200_000, "kind": "telemetry", "speed": 500}]
    app = Dashboard(FakeClient(state(seq=600), lines), Clock())
    async with app.run_test(size=(80, 24)):
        app._soon.set()
        for _ in range(100):
            await asyncio.sleep(0)
        app._show()
        app._show()
        assert "Too fast" not in str(app._run.query_one("#banner").render())
