"""The state that a service starts with: what outlived the last process, and nothing heard yet."""

from __future__ import annotations

from typing import Any

import pytest

from treadguard.guard.kept import Kept
from treadguard.guard.limits import cap, meet
from treadguard.guard.policy import BreakPolicy, CapPolicy, Policy, Profile
from treadguard.guard.state import Mode, State, initial
from treadguard.units import Grade, Speed


def begun(kept: Kept | None = None, **policy: Any) -> State:
    return initial(Policy(**policy), Profile(), "guard", True, kept or Kept())


def test_before_anything_is_heard_there_is_no_link_no_time_and_no_command() -> None:
    s = begun()
    assert (s.phase, s.link, s.generation, s.now, s.link_t) == ("OFF", False, 0, 0, 0)
    assert (s.commands, s.grade_refused) == (0, 0)


@pytest.mark.parametrize(
    "name",
    [
        *("held_up", "ease", "rest", "ended", "fault", "barred", "waiting", "ending", "starting"),
        *("grade_watch", "first_motion", "inflight", "control_n", "owed_until", "owed_at"),
        *("orphan_until", "console_start", "grade_stuck", "deck_set", "start_n", "limit", "met"),
        *("locks", "used", "consents", "since", "shadow", "control_lost", "control_retried"),
        *("stop_refused", "said_stopped", "said_started", "owed_own", "left_moving", "orphan"),
        *("shadow_stopped", "old_message", "unasked"),
    ],
)
def test_nothing_is_known_held_or_owed_that_nobody_said(name: str) -> None:
    assert not getattr(State(Policy(), Profile(), shadow=False), name)
    assert not getattr(begun(), name)


@pytest.mark.parametrize(
    ("mode", "proven", "shadow"),
    [("guard", True, False), ("guard", False, True), ("shadow", True, True)],
)
def test_a_machine_that_was_never_proven_is_only_watched(
    mode: Mode, proven: bool, shadow: bool
) -> None:
    assert initial(Policy(), Profile(), mode, proven, Kept()).shadow is shadow


def test_the_break_of_the_last_process_goes_on() -> None:
    kept = Kept(on_break=True, break_level=6, break_speed=600, triggers=2, ceiling=540)
    b = begun(kept).breaks
    assert (b.active, b.level, b.speed, b.triggers, b.ceiling) == (True, 6, 600, 2, 540)
    assert b.zero is None, "with its full length"
    assert not begun().breaks.active


def test_the_end_and_the_fault_of_the_last_process_stand() -> None:
    s = begun(Kept(ended="safety key", fault="deaf"))
    assert (s.ended, s.fault) == ("safety key", "deaf")


def test_a_lock_ends_the_session_before_it_begins() -> None:
    s = begun(Kept(locks=("red flag",), ended="pain", triggers=9))
    assert (s.ended, s.locks) == ("lock", ("red flag",))


@pytest.mark.parametrize(("triggers", "ended"), [(2, None), (3, "too many breaks")])
def test_more_triggers_than_allowed_end_the_session(triggers: int, ended: str | None) -> None:
    s = begun(Kept(triggers=triggers), breaks=BreakPolicy(max_triggers=2))
    assert s.ended == ended


@pytest.mark.parametrize(
    ("kept", "left", "rest", "orphan"),
    [
        (Kept(), False, None, False),
        (Kept(moving=True), True, None, True),
        (Kept(owed_stop=True), True, "owed stop", False),
        (Kept(moving=True, owed_stop=True), True, "owed stop", False),
        (Kept(moving=True, on_break=True), True, None, False),
    ],
)
def test_a_belt_left_moving_is_owed_its_stop_or_an_orphan(
    kept: Kept, left: bool, rest: str | None, orphan: bool
) -> None:
    """H63: an orphan may be taken over, but none in a break or with a Stop still owed."""
    s = begun(kept)
    assert (s.left_moving, s.rest, s.orphan) == (left, rest, orphan)


@pytest.mark.parametrize(
    ("profile", "caps"),
    [
        (Profile(), cap("cap", speed=800, incline=60)),
        (
            Profile(speed_max=Speed(500)),
            meet(cap("cap", incline=60), cap("profile", speed=500)),
        ),
        (
            Profile(grade_max=Grade(30)),
            meet(cap("cap", speed=800), cap("profile", incline=30)),
        ),
        (Profile(Speed(900), Grade(90)), cap("cap", speed=800, incline=60)),
    ],
)
def test_policy_and_profile_cap_both_and_the_lower_is_named(profile: Profile, caps: object) -> None:
    policy = Policy(caps=CapPolicy(Speed(800), Grade(60)))
    assert initial(policy, profile, "guard", True, Kept()).caps == caps


def test_a_copy_is_equal_and_its_changes_stay_its_own() -> None:
    s = begun()
    copy = s.copied()
    assert copy == s
    assert hash(copy) == hash(s)
    copy.rest = "stop"
    assert s.rest is None
    assert copy != s
