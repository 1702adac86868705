"""What is said of a press, and of a service that does not answer."""

from __future__ import annotations

import pytest
from tests.dashboard.conftest import Open
from tests.dashboard.fake_client import STOP
from tests.dashboard.moments import BREAK, STOPPING, standing, state

from treadguard.dashboard import sender, stopper
from treadguard.dashboard.client import Reply


async def test_a_state_is_as_old_as_the_question_for_it(bench: Open) -> None:
    async with bench(state()) as b:
        b.client.at_once.clear()
        await b.settle()
        b.clock.now += 1.5
        b.client.at_once.set()
        b.client.down = True
        await b.settle()
        assert "1.9 s old" in b.text("speed")


async def test_an_answer_from_before_a_failed_press_hides_nothing(bench: Open) -> None:
    async with bench(state()) as b:
        b.client.at_once.clear()
        await b.settle()
        b.client.down = True
        await b.press("2")
        b.client.at_once.set()
        await b.settle()
        assert b.text("banner").startswith("NO ANSWER FROM THE SERVICE")


async def test_a_refusal_is_shown_in_the_services_own_words(bench: Open) -> None:
    async with bench(BREAK) as b:
        b.client.replies["/v1/operator"] = Reply(9, ("Not starting: the break lasts 102 s more.",))
        await b.press("r", "y")
        assert b.text("said") == "start (seq 9): Not starting: the break lasts 102 s more."
        b.client.replies["/v1/pain"] = Reply(refused="The session has ended.", status=409)
        await b.press("3")
        assert b.text("said") == "pain 3 refused: The session has ended."


async def test_the_alarm_stays_until_it_is_seen(bench: Open) -> None:
    async with bench(state()) as b:
        b.client.tell({"seq": 999, "t": 61_000, "kind": "alarm", "say": "Too fast.", "level": 2})
        await b.settle()
        assert b.text("banner") == "ALARM: Too fast. (a: seen)"
        await b.press("3")
        assert b.text("banner") == "ALARM: Too fast. (a: seen)"
        await b.press("a")
        assert "Too fast" not in b.text("banner")


async def test_a_stop_that_nobody_answers_is_tried_again_and_said(
    bench: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopper, "AGAIN_S", 0.02)
    monkeypatch.setattr(sender, "ANSWER_WITHIN_S", 0.05)
    async with bench(state()) as b:
        b.client.hangs = True
        await b.press("space")
        await b.until(lambda: len(b.posted) > 4)
        unanswered = "NO ANSWER FROM THE SERVICE: press Stop on the console"
        await b.until(lambda: b.text("banner").startswith(unanswered))
        b.client.hangs = False
        await b.becomes(STOPPING)
        await b.until(lambda: b.text("said").startswith("Stop taken"))


@pytest.mark.parametrize(("key", "stops"), [("6", True), ("p", True), ("b", True), ("2", False)])
async def test_a_press_that_was_to_stop_the_belt_is_followed_by_stops(
    bench: Open, monkeypatch: pytest.MonkeyPatch, key: str, stops: bool
) -> None:
    monkeypatch.setattr(sender, "ANSWER_WITHIN_S", 0.05)
    async with bench(state()) as b:
        b.client.hangs = True
        await b.press(key)
        await b.until(lambda: b.text("banner").startswith("NO ANSWER FROM THE SERVICE"))
        if stops:
            await b.until(lambda: STOP in b.posted)
        else:
            await b.pilot.pause(0.1)
            assert STOP not in b.posted


async def test_a_service_that_is_gone_is_unknown_and_one_that_comes_back_is_shown(
    bench: Open,
) -> None:
    async with bench(standing("PAUSED")) as b:
        b.client.down = True
        b.clock.now += 2.0
        await b.settle()
        assert "UNKNOWN: the belt may be moving" in b.text("banner")
        assert "not connected" in b.text("title")
        await b.press("6")
        assert b.text("said").startswith(("pain 6 was NOT taken", "Stop sent, no answer"))
        b.client.down = False
        await b.becomes(state())
        assert b.text("title").startswith("treadguard · RUNNING")
        assert "UNKNOWN" not in b.text("banner")


async def test_without_the_service_no_step_is_taken_from_an_old_state(bench: Open) -> None:
    async with bench(state()) as b:
        b.client.down = True
        b.clock.now += 2.0
        await b.press("minus")
        assert b.posted == []
        assert b.text("said") == "Not connected: use the treadmill's console."


async def test_the_question_for_a_rating_is_plain_to_see(bench: Open) -> None:
    async with bench(state(pain={"last": 2, "asked": True})) as b:
        assert b.text("banner").startswith("HOW IS YOUR PAIN NOW?  Press 0 to 9")
        assert "RATE NOW" in b.text("pain")


async def test_what_is_open_is_closed_with_the_screen(bench: Open) -> None:
    async with bench(state()) as b:
        await b.press("q", "l")
    assert b.client.closed
