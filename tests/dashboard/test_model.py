"""What is shown of a state: measured or unknown, held by whom, and in words and shapes."""

from __future__ import annotations

from typing import Any

import pytest
from tests.dashboard.moments import (
    BREAK,
    EASING,
    LOST,
    READY,
    STOPPING,
    held,
    pair,
    standing,
    state,
)

from treadguard.dashboard.asking import start_question, start_refused
from treadguard.dashboard.keypad import stepped
from treadguard.dashboard.model import (
    FACES,
    FIRST,
    banner,
    clock,
    countdown,
    look,
)


@pytest.mark.parametrize(
    "unseen",
    [
        state(phase="LOST", age_ms=100),
        LOST,
        state(age_ms=5_000),
        state(age_ms=None),
        state(link="down", age_ms=300),
        standing("READY", age_ms=6_000),
        standing("BREAK", link="down"),
        standing("ENDED", age_ms=7_000),
        standing("FAULT", link="down"),
        state(phase="STOPPING", age_ms=5_100),
        state(phase="STARTING", age_ms=5_100),
    ],
)
def test_what_nobody_sees_is_unknown_and_may_be_moving(unseen: dict[str, Any]) -> None:
    shown = look(unseen, 0.0)
    assert shown.face is FACES["UNKNOWN"]
    assert shown.danger is not None
    assert "UNKNOWN" in shown.danger
    assert "the belt may be moving" in shown.danger
    assert "key" in shown.danger


@pytest.mark.parametrize("age_ms", [5_000, 60_000, None])
@pytest.mark.parametrize(
    "phase", ["READY", "RUNNING", "STOPPING", "BREAK", "ENDED", "FAULT", "LOST"]
)
def test_an_old_speed_is_a_question_mark_never_zero(phase: str, age_ms: int | None) -> None:
    shown = look(standing(phase, age_ms=age_ms), 0.0)
    assert shown.speed == shown.incline == "?"


def test_a_speed_grows_old_between_two_answers_of_the_service() -> None:
    young = state(age_ms=4_000)
    assert look(young, 0.9).speed == "5.0"
    assert look(young, 0.9).age == "4.9 s old"
    assert look(young, 1.0).speed == "?"


def test_a_service_silent_for_two_seconds_is_unknown() -> None:
    assert look(state(), 1.9).face.word == "RUNNING"
    shown = look(state(), 2.0)
    assert (shown.face.word, shown.speed, shown.connected) == ("UNKNOWN", "?", False)
    assert shown.age == "silent for 2 s"
    assert shown.danger == (
        "UNKNOWN: the belt may be moving. Safety key / console first. (no service)"
    )


def test_before_the_first_answer_nothing_is_known() -> None:
    shown = look(None, 0.0)
    assert (shown.face.word, shown.speed) == ("UNKNOWN", "?")
    assert shown.danger is not None
    assert shown.danger.endswith("(no service)")


def test_a_service_that_ended_with_the_belt_at_rest_says_that_and_nothing_of_now() -> None:
    shown = look(standing("ENDED"), 9.0, "at rest")
    assert (shown.face.word, shown.speed) == ("ENDED", "?")
    assert shown.danger is not None
    assert "nobody watches it now" in shown.danger
    assert look(standing("ENDED"), 9.0, "not known to be at rest").face.word == "UNKNOWN"


@pytest.mark.parametrize("phase", ["READY", "STARTING", "RUNNING", "STOPPING", "PAUSED", "FAULT"])
def test_a_fresh_state_is_shown_by_its_own_word(phase: str) -> None:
    assert look(standing(phase), 0.0).face is FACES[phase]


def test_stopping_stays_stopping_even_at_zero() -> None:
    assert look({**STOPPING, "speed_kmh": 0.0}, 0.0).face.word == "STOPPING"


def test_off_shows_no_number() -> None:
    off = standing("OFF", link="down", speed_kmh=None, incline_pct=None, age_ms=None)
    shown = look(off, 0.0)
    assert (shown.face.word, shown.speed, shown.age) == ("OFF", "?", "no link")
    assert shown.danger == "No link to the treadmill. Safety key / console first."


def test_no_two_states_share_a_shape() -> None:
    shapes = [face.shape for face in FACES.values()]
    assert len(set(shapes)) == len(shapes)


def test_a_back_off_in_force_is_easing() -> None:
    assert look(EASING, 0.0).face.word == "EASING"


def test_a_missing_rating_is_easing_only_once_it_lowers() -> None:
    asked = held("no rating", "rate your pain")
    assert look(asked, 0.0).face.word == "RUNNING"
    assert look({**asked, "allowed": pair(4.5, 1.0)}, 0.0).face.word == "EASING"


def test_in_shadow_nothing_is_eased_and_nothing_is_held() -> None:
    shown = look({**EASING, "mode": "shadow"}, 0.0)
    assert shown.face.word == "RUNNING"
    assert shown.holds[0].startswith("would be held for 12 s (pain)")
    assert shown.hint.startswith("SHADOW")
    assert shown.may == ""


def test_who_holds_the_belt_since_when_and_what_releases_it() -> None:
    assert look(EASING, 0.5).holds == (
        "held for 12 s (pain): over in 108 s, or at a lower pain rating",
    )


def test_up_to_where_the_runner_may_go() -> None:
    assert look(state(allowed=pair(5.4, 1.0)), 0.0).may == "you may go up to 5.4 km/h"
    assert look(state(allowed=pair(5.4, 3.0)), 0.0).may == "you may go up to 5.4 km/h and 3.0 %"
    assert look(state(allowed=pair(5.0, 1.0)), 0.0).may == ""
    assert look(EASING, 0.0).may == ""
    assert look(READY, 0.0).may == ""


def test_a_break_counts_down_between_two_answers() -> None:
    rest = look(BREAK, 1.5).rest
    assert rest is not None
    assert (rest.left_s, rest.longest_s, rest.owed) == (101, 581, "the break lasts 102 s more")


def test_the_break_says_when_the_runner_may_go_on() -> None:
    over = {**BREAK, "break": {**BREAK["break"], "left_s": 0, "owed": None}}
    assert look(BREAK, 0.0).hint == "not yet: the break lasts 102 s more"
    assert look(over, 0.0).hint.startswith("you may go on")
    assert look(BREAK, 0.0).holds == ()


def test_what_was_wanted_allowed_and_sent_stands_apart_from_what_was_measured() -> None:
    assert look(EASING, 0.0).target == (
        "wanted 4.2 km/h 0.0 %   allowed 4.2 km/h 0.0 %   sent 4.2 km/h 0.0 %"
    )


def test_the_most_urgent_line_comes_first_and_the_alarm_stays() -> None:
    lost = look(LOST, 0.0)
    top = banner(lost, "The belt's speed is unknown.", "a cue", unanswered=True)
    first, second, third = top.text.splitlines()
    assert first.startswith("NO ANSWER FROM THE SERVICE: press Stop on the console")
    assert second.startswith("UNKNOWN")
    assert third.startswith("ALARM: The belt's speed is unknown.")
    assert top.tone == "danger"


def test_a_question_for_a_rating_outranks_a_cue() -> None:
    asked = look(state(pain={"last": 2, "asked": True}), 0.0)
    assert banner(asked, None, "Easing.", unanswered=False).tone == "ask"
    assert banner(asked, "Alarm!", None, unanswered=False).tone == "danger"
    assert banner(look(state(), 0.0), None, "Easing.", unanswered=False).text == "Easing."


def test_with_nothing_to_say_the_key_and_the_stop_button_come_first() -> None:
    assert banner(look(READY, 0.0), None, None, unanswered=False).text == FIRST


@pytest.mark.parametrize("phase", ["STARTING", "RUNNING", "STOPPING", "ENDED", "FAULT"])
def test_no_start_is_asked_for_where_there_is_none(phase: str) -> None:
    assert start_refused(look(state(phase=phase), 0.0)) is not None


@pytest.mark.parametrize("phase", ["READY", "PAUSED", "BREAK", "LOST", "OFF"])
def test_a_start_may_be_asked_for(phase: str) -> None:
    assert start_refused(look(standing(phase), 0.0)) is None


def test_no_start_of_a_belt_that_nobody_sees() -> None:
    assert start_refused(look(standing("READY", age_ms=6_000), 0.0)) is not None
    assert start_refused(look(standing("BREAK", link="down"), 0.0)) is not None


def test_a_lock_says_how_it_is_lifted() -> None:
    assert "no resume" in look(standing("ENDED"), 0.0).hint
    assert "treadguard unlock" in look(standing("ENDED", locks=["red flag"]), 0.0).hint


def test_no_start_without_the_service_and_none_in_shadow() -> None:
    assert start_refused(look(READY, 3.0)) is not None
    assert start_refused(look({**READY, "mode": "shadow"}, 0.0)) is not None


def test_the_start_says_what_will_happen() -> None:
    policy = {"break": {"stage1_pct": 60, "stage1_s": 60.0, "stage2_pct": 80, "stage2_s": 60.0}}
    _, plain = start_question(look(READY, 0.0), policy)
    title, after = start_question(look(BREAK, 0.0), policy)
    assert "slowest" in plain[0]
    assert title == "GO ON AFTER THE BREAK?"
    assert "60 % of before for 60 s, then to 80 %" in after[1]
    assert after[-1] == "Not yet: the break lasts 102 s more."
    assert start_question(look(LOST, 0.0), policy)[0] == "TAKE OVER THE BELT?"


def test_times_as_people_read_them() -> None:
    assert (clock(12.9), clock(65), countdown(102), countdown(None)) == (
        "12 s",
        "1:05",
        "1:42",
        "–:––",
    )


def test_what_keeps_the_allowed_speed_low_is_said_beside_it() -> None:
    now = state(capped=["stage: higher in 43 s"], allowed={"speed_kmh": 6.0, "incline_pct": 0.0})
    assert look(now, 0.0, None).may == "you may go up to 6.0 km/h (stage: higher in 43 s)"
    left = state(phase="READY", capped=["ceiling: the next session"], allowed=now["allowed"])
    assert look(left, 0.0).may == "after the start at most 6.0 km/h (ceiling: the next session)"
    assert look({**left, "capped": []}, 0.0).may == ""
    plain = state(capped=["cap: the cap of your policy"], allowed=now["allowed"])
    assert look(plain, 0.0, None).may == "you may go up to 6.0 km/h"
    at_it = state(capped=now["capped"], allowed={"speed_kmh": 5.0, "incline_pct": 0.0})
    refused = stepped(at_it, "speed", 0.5, None).refused
    assert refused == "5 km/h is the most for now (stage: higher in 43 s)."


def test_once_a_stop_was_sent_no_old_target_is_shown() -> None:
    assert look(state(), 0.0, None).target
    assert look(state(phase="STOPPING"), 0.0, None).target == ""


def test_at_the_machines_slowest_minus_says_what_stops_it() -> None:
    slow = state(command=pair(1.0, 0.0), wanted=pair(1.0, 0.0), slowest_kmh=1.0)
    assert stepped(slow, "speed", -0.5, None).refused == (
        "1 km/h is the machine's slowest: SPACE stops the belt."
    )
    near = state(command=pair(1.2, 0.0), wanted=pair(1.2, 0.0), slowest_kmh=1.0)
    assert stepped(near, "speed", -0.5, None).value == 1.0


@pytest.mark.parametrize("phase", ["FAULT", "ENDED", "BREAK"])
def test_a_belt_that_moves_where_it_must_not_is_a_danger_that_stays(phase: str) -> None:
    moving = {**standing(phase), "speed_kmh": 3.0}
    shown = look(moving, 0.0, None)
    assert shown.danger is not None
    assert shown.danger.startswith("THE BELT MOVES at 3.0 km/h")
    if phase != "BREAK":
        assert "pull the safety key" in shown.hint
    assert look(standing(phase), 0.0, None).danger is None
