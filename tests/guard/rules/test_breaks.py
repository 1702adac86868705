"""Breaks as bare values: what counts, how long, how gently; the belt's part is in tests/guard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from treadguard.guard.belt import Machine
from treadguard.guard.limits import FREE
from treadguard.guard.policy import BreakPolicy
from treadguard.guard.rules import breaks
from treadguard.guard.rules.breaks import Breaks
from treadguard.units import Millis

POLICY = BreakPolicy()
IDEAL = Machine()
STANDS = Millis(5_000)
RESTING = Breaks(active=True, why="pain", level=6, speed=600, zero=STANDS, triggers=1, ceiling=540)
USED = replace(RESTING, extra=60_000, rated=3, console_starts=2)


def t(ms: int) -> Millis:
    return Millis(ms)


def test_a_session_begins_without_a_break_and_without_a_mark() -> None:
    fresh = Breaks()
    assert not fresh.active
    assert (fresh.triggers, fresh.extra, fresh.console_starts) == (0, 0, 0)
    assert breaks.still_owed(fresh, t(0), POLICY) is None
    assert breaks.limit(fresh, t(0), POLICY, IDEAL) is FREE


def test_the_third_console_start_and_a_rating_above_four_are_the_marks() -> None:
    assert breaks.MAX_CONSOLE_STARTS == 3
    assert breaks.EXTENDS_ABOVE == 4


# ---------------------------------------------------------------- into a break


@pytest.mark.parametrize(("speed", "ceiling"), [(600, 540), (650, 580), (110, 100), (50, 100)])
def test_a_trigger_counts_and_cuts_the_ceiling_to_nine_tenths(speed: int, ceiling: int) -> None:
    """I7: floored to the step, and never below what the machine can do."""
    b = breaks.triggered(Breaks(), "pain", 6, speed, POLICY, IDEAL)
    assert b == Breaks(
        active=True, why="pain", level=6, speed=speed, triggers=1, ceiling=ceiling, zero=None
    )


@pytest.mark.parametrize(("old", "ceiling"), [(539, 539), (540, 540), (541, 540)])
def test_a_ceiling_never_rises(old: int, ceiling: int) -> None:
    b = breaks.triggered(Breaks(triggers=1, ceiling=old), "pain", 6, 600, POLICY, IDEAL)
    assert (b.triggers, b.ceiling) == (2, ceiling)


def test_a_trigger_begins_a_break_anew() -> None:
    old = replace(USED, stage_speed=700, stage_from=t(9))
    b = breaks.triggered(old, "posture", 5, 400, POLICY, IDEAL)
    assert b == Breaks(
        active=True, why="posture", level=5, speed=400, triggers=2, ceiling=360, zero=None
    )


def test_pain_before_the_belt_moves_counts_nothing_and_leaves_stages_and_ceiling() -> None:
    old = Breaks(triggers=1, ceiling=500, stage_speed=600, stage_from=t(9), extra=7, rated=1)
    old = replace(old, zero=t(3), console_starts=2)
    assert breaks.triggered(old, "pain", 6, None, POLICY, IDEAL) == Breaks(
        active=True,
        why="pain",
        level=6,
        triggers=1,
        ceiling=500,
        stage_speed=600,
        stage_from=t(9),
    )


def test_a_break_on_request_counts_no_trigger_and_cuts_no_ceiling() -> None:
    assert breaks.requested(USED, 450) == Breaks(
        active=True, why="break", level=None, speed=450, triggers=1, ceiling=540
    )


# ---------------------------------------------------------------- in it


@pytest.mark.parametrize(("level", "extra"), [(3, 0), (4, 0), (5, 60_000), (9, 60_000)])
@pytest.mark.parametrize("local", [True, False])
def test_a_rating_above_four_makes_the_break_longer(level: int, extra: int, local: bool) -> None:
    assert breaks.rated(RESTING, level, POLICY, local=local).extra == extra


def test_each_rating_above_four_adds_its_minute() -> None:
    once = breaks.rated(RESTING, 5, POLICY, local=True)
    assert breaks.rated(once, 6, POLICY, local=True).extra == 120_000


@pytest.mark.parametrize(
    ("before", "level", "local", "after"),
    [
        (None, 1, True, 1),
        (3, 1, True, 1),
        (1, 3, True, 3),
        (None, 3, False, None),
        (2, 3, False, 3),
        (2, 2, False, 2),
        (2, 1, False, 2),
    ],
)
def test_a_remote_rating_only_makes_it_worse(
    before: int | None, level: int, local: bool, after: int | None
) -> None:
    b = breaks.rated(replace(RESTING, rated=before), level, POLICY, local=local)
    assert b == replace(RESTING, rated=after)


def test_the_break_counts_from_the_first_time_that_the_belt_stands() -> None:
    stopping = replace(RESTING, zero=None)
    assert breaks.standing(stopping, t(9_000)).zero == 9_000
    assert breaks.standing(RESTING, t(9_000)) == RESTING
    assert breaks.standing(Breaks(), t(9_000)).zero is None


def test_the_least_length_counts_from_zero_with_what_was_added() -> None:
    assert breaks.ends_at(RESTING, POLICY) == 125_000
    assert breaks.ends_at(replace(RESTING, extra=60_000), POLICY) == 185_000
    assert breaks.ends_at(replace(RESTING, zero=None), POLICY) is None


def test_a_break_on_request_may_end_as_soon_as_the_belt_stands() -> None:
    asked = breaks.standing(breaks.requested(Breaks(), 600), STANDS)
    assert breaks.ends_at(asked, POLICY) == STANDS
    assert breaks.still_owed(asked, STANDS, POLICY) is None
    assert breaks.still_owed(replace(asked, zero=None), STANDS, POLICY) is not None


@pytest.mark.parametrize(("rests", "too_long"), [(599_999, 0), (600_000, 0), (600_001, 1)])
def test_a_break_of_more_than_ten_minutes_is_too_long(rests: int, too_long: int) -> None:
    assert breaks.too_long(RESTING, t(STANDS + rests), POLICY) == bool(too_long)


def test_only_a_break_after_a_trigger_that_is_under_way_can_be_too_long() -> None:
    late = t(10**7)
    assert not breaks.too_long(replace(RESTING, level=None), late, POLICY)
    assert not breaks.too_long(replace(RESTING, zero=None), late, POLICY)
    assert not breaks.too_long(replace(RESTING, active=False), late, POLICY)


# ---------------------------------------------------------------- out of it


@pytest.mark.parametrize(
    ("level", "need"), [(10, 2), (5, 2), (4, 2), (3, 1), (2, 0), (1, 0), (0, 0)]
)
def test_pain_must_be_two_or_less_and_two_below_the_trigger(level: int, need: int) -> None:
    """H36; 0 can always be reached."""
    assert breaks.low_enough(level, POLICY) == need


@pytest.mark.parametrize(("before_end", "says"), [(1, "1 s"), (1_000, "1 s"), (1_001, "2 s")])
def test_what_is_left_of_a_break_is_said_in_whole_seconds(before_end: int, says: str) -> None:
    calm = replace(RESTING, rated=0)
    owed = breaks.still_owed(calm, t(125_000 - before_end), POLICY)
    assert owed == f"the break lasts {says} more"
    assert breaks.still_owed(calm, t(125_000), POLICY) is None


def test_a_belt_that_does_not_stand_yet_keeps_the_break() -> None:
    owed = breaks.still_owed(replace(RESTING, zero=None, rated=0), t(10**7), POLICY)
    assert owed == "the belt must stand first"


@pytest.mark.parametrize(
    ("rated", "owed"),
    [
        (None, "rate your pain: it must be 2 or less"),
        (0, None),
        (1, None),
        (2, None),
        (3, "your pain must be 2 or less, it was 3"),
    ],
)
def test_after_its_time_a_break_waits_for_a_low_rating(rated: int | None, owed: str | None) -> None:
    assert breaks.still_owed(replace(RESTING, rated=rated), t(125_000), POLICY) == owed


def test_a_resume_ends_the_break_and_begins_the_stages() -> None:
    b = breaks.resumed(replace(USED, stage_speed=700), t(200_000))
    assert b == Breaks(
        active=False,
        why="pain",
        extra=60_000,
        rated=3,
        triggers=1,
        ceiling=540,
        stage_speed=600,
        stage_from=t(200_000),
    )


def test_pain_before_motion_has_no_speed_so_the_stages_that_were_not_over_begin_anew() -> None:
    b = breaks.resumed(replace(RESTING, speed=None, stage_speed=700), t(9))
    assert (b.stage_speed, b.stage_from) == (700, 9)
    b = breaks.resumed(replace(RESTING, speed=None), t(9))
    assert (b.stage_speed, b.stage_from) == (None, None)


def test_after_a_pause_the_stages_count_from_first_motion_once() -> None:
    paused = Breaks(stage_speed=600)
    assert breaks.resumed(paused, t(9)) == Breaks(stage_speed=600, stage_from=t(9))
    running = Breaks(stage_speed=600, stage_from=t(9))
    assert breaks.resumed(running, t(20)) == running
    assert breaks.resumed(Breaks(), t(9)) == Breaks()


@pytest.mark.parametrize(("ran", "over"), [(119_999, False), (120_000, True), (120_001, True)])
def test_a_belt_at_rest_keeps_only_stages_that_were_not_over(ran: int, over: bool) -> None:
    b = breaks.halted(Breaks(stage_speed=600, stage_from=t(7_000)), t(7_000 + ran), POLICY)
    assert b == Breaks(stage_speed=None if over else 600)


def test_a_belt_at_rest_without_stages_under_way_changes_nothing() -> None:
    waiting = Breaks(stage_speed=600)
    assert breaks.halted(waiting, t(10**6), POLICY) == waiting


# ---------------------------------------------------------------- what is permitted


@pytest.mark.parametrize(
    ("ran", "cap"), [(0, 360), (59_999, 360), (60_000, 480), (119_999, 480), (120_000, None)]
)
def test_after_first_motion_sixty_then_eighty_per_cent(ran: int, cap: int | None) -> None:
    b = Breaks(stage_speed=600, stage_from=t(7_000))
    assert breaks.stage_cap(b, t(7_000 + ran), POLICY, IDEAL) == cap


def test_until_first_motion_the_first_stage_holds() -> None:
    assert breaks.stage_cap(Breaks(stage_speed=600), t(10**6), POLICY, IDEAL) == 360
    assert breaks.stage_cap(RESTING, t(10**6), POLICY, IDEAL) == 360


def test_in_a_break_without_a_speed_of_its_own_the_old_stage_holds() -> None:
    old = replace(RESTING, speed=None, stage_speed=800, stage_from=t(0))
    assert breaks.stage_cap(old, t(10**6), POLICY, IDEAL) == 480
    assert breaks.stage_cap(replace(old, stage_speed=None), t(0), POLICY, IDEAL) is None
    assert breaks.stage_cap(replace(RESTING, stage_speed=900), t(0), POLICY, IDEAL) == 360


@pytest.mark.parametrize(("speed", "cap"), [(150, 100), (165, 100), (184, 110), (333, 190)])
def test_a_stage_is_floored_to_the_step_and_never_below_the_machines_minimum(
    speed: int, cap: int
) -> None:
    b = Breaks(stage_speed=speed, stage_from=t(0))
    assert breaks.stage_cap(b, t(0), POLICY, IDEAL) == cap


def test_the_lower_of_ceiling_and_stage_holds_and_is_named() -> None:
    both = Breaks(ceiling=540, stage_speed=600, stage_from=t(0))
    first = breaks.limit(both, t(0), POLICY, IDEAL)
    assert first.speed_max == 360
    assert first.speed_why == {"stage"}
    later = breaks.limit(both, t(120_000), POLICY, IDEAL)
    assert later.speed_max == 540
    assert later.speed_why == {"ceiling"}
    assert later.may_raise


def test_a_ceiling_is_never_below_what_the_machine_can_do() -> None:
    slow = Breaks(ceiling=100)
    assert breaks.limit(slow, t(0), POLICY, Machine(speed_min=150)).speed_max == 150
