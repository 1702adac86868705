"""What the screen says of a programme, and what it asks before one goes up."""

from __future__ import annotations

from typing import Any

import pytest
from tests.dashboard.conftest import Open
from tests.dashboard.moments import BEGUN, held, pair, standing, state

from treadguard.dashboard.model import look


@pytest.mark.parametrize(
    ("now", "title"),
    [(standing("READY"), "START THE PROGRAMME?"), (state(), "LET THE PROGRAMME GO UP BY ITSELF?")],
)
async def test_the_question_states_length_top_speed_and_raises(
    bench: Open, now: dict[str, Any], title: str
) -> None:
    async with bench({**now, "programme": {**BEGUN, "begun": False}}) as b:
        await b.press("g")
        asked = str(b.app.screen.query_one("#dialog").render())
        assert title in asked
        assert "35 min, up to 7.5 km/h, goes up 7 times, each told 5 s ahead." in asked


@pytest.mark.parametrize("programme", [None, {**BEGUN, "kind": "warm-up", "offer": None}])
async def test_without_a_programme_nothing_is_asked(bench: Open, programme: object) -> None:
    async with bench(state(programme=programme)) as b:
        await b.press("g")
        assert b.dialog is None
        assert "There is no programme" in b.text("said")


def test_what_holds_the_next_leg_is_said() -> None:
    eased = {**BEGUN, "next": pair(2.9, 0.0), "held": "eased earlier"}
    assert look(state(programme=BEGUN), 0.0).hint.endswith("; 3.5 km/h in 1:20")
    hint = look(state(programme=eased), 0.0).hint
    assert hint.endswith("; 2.9 km/h in 1:20, held lower: eased earlier")


def test_the_key_that_takes_it_up_again_is_named_only_when_it_would() -> None:
    withdrawn = {**BEGUN, "goes_up": False}
    assert "g takes it up again" in look(state(programme=withdrawn), 0.0).hint
    hint = look(held("pain", "over in 100 s", programme=withdrawn), 0.0).hint
    assert "goes up no more by itself" in hint
    assert "g takes" not in hint
    not_begun = {**BEGUN, "begun": False}
    assert look(held("pain", "over in 100 s", programme=not_begun), 0.0).hint == ""
