"""Rows of docs/safety/hazards.toml about what people press: slips, stuck buttons, old messages."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept
from treadguard.units import Millis


@pytest.mark.parametrize("level", [None, 5, 6])
def test_a_button_that_is_stuck_stops_once_and_keeps_the_belt_stopped(level: int | None) -> None:
    """H32: ten a second for half a minute are one trigger, and the belt stays where it is."""
    rig = Rig().walking(600)
    since = rig.now
    for _ in range(120):
        rig.pain(level)
        rig.run(0.25)
    assert rig.speed == 0
    assert rig.phase == "BREAK"
    assert kept(rig.state).triggers == 1
    rig.run(120)
    rig.ask("resume")
    rig.run(10)
    assert "start" not in rig.ops(since)


@pytest.mark.parametrize("after_s", [0, 0.5, 1.5, 4])
def test_a_one_that_was_meant_as_a_six_is_mended_by_pressing_six(after_s: float) -> None:
    """H31: the second press acts in its own step, within the two seconds of one rating or not."""
    rig = Rig().walking(600)
    rig.pain(1)
    rig.run(after_s)
    since = rig.now
    rig.pain(6)
    assert rig.stops(since) == [since]


@pytest.mark.parametrize("after_s", [0.5, 5, 60])
def test_a_rating_that_was_too_high_is_never_taken_back(after_s: float) -> None:
    """H30: a lower one after it neither lets the belt go on nor shortens the break."""
    rig = Rig().walking(600)
    rig.pain(6)
    rig.run(after_s)
    since = rig.now
    rig.pain(0)
    rig.ask("resume")
    rig.run(20)
    assert "start" not in rig.ops(since)
    assert rig.phase == "BREAK"
    assert rig.speed == 0


@settings(max_examples=15)
@given(
    trigger=st.sampled_from([5, 6]),
    ratings=st.lists(st.integers(0, 6), min_size=1, max_size=4),
)
def test_no_row_of_ratings_round_the_threshold_is_a_yo_yo(trigger: int, ratings: list[int]) -> None:
    """H36: whatever is rated in the break, a resume needs a last rating of 2 or less."""
    rig = Rig(tick=1_000).walking(600)
    rig.pain(trigger)
    rig.run(30)
    for level in ratings:
        rig.pain(level)
        rig.run(3)
    rig.run(330)
    since = rig.now
    rig.ask("resume")
    rig.run(1)
    assert ("start" in rig.ops(since)) == (ratings[-1] <= 2)


@settings(max_examples=10)
@given(level=st.integers(1, 4), times=st.integers(1, 6), role=st.sampled_from(["local", "remote"]))
def test_a_rating_delivered_many_times_at_once_acts_once(
    level: int, times: int, role: ev.Role
) -> None:
    """H54: before anybody looks at its id."""
    once, often = Rig(tick=1_000).walking(600), Rig(tick=1_000).walking(600)
    once.pain(level, role)
    for _ in range(times):
        often.pain(level, role)
    once.run(20)
    often.run(20)
    assert often.speed == once.speed


@pytest.mark.parametrize("do", ["start", "resume", "speed", "incline", "unlock"])
@pytest.mark.parametrize("where", ["ready", "running", "break", "ended"])
def test_nothing_that_comes_from_the_network_raises_starts_or_unlocks(
    do: ev.ConsentFor | Literal["unlock"], where: str
) -> None:
    """H48, H53, H58; I9: not even on a consent that the runner gave for something else."""
    rig = Rig()
    rig.connect()
    rig.run(5)
    if where != "ready":
        rig = Rig().walking(500)
    if where in ("break", "ended"):
        rig.pain(6 if where == "break" else 8)
        rig.run(140)
        rig.pain(0)
        rig.run(5)
    locks, since, target = kept(rig.state).locks, rig.now, rig.target
    value = {"speed": 900, "incline": 50}.get(do)
    if do != "unlock":
        rig.consent(do, value)
    rig.ask(do, value, role="remote")
    rig.run(15)
    assert rig.commands(since) == []
    assert rig.target == target
    assert kept(rig.state).locks == locks


def test_an_old_message_that_comes_after_a_new_one_loosens_nothing() -> None:
    """H55, H56."""
    rig = Rig().walking(600)
    rig.pain(3, "remote")
    rig.run(5)
    limit = rig.limit
    rig.feed(ev.Pain(Millis(rig.now), 0, role="remote"))
    rig.run(2)
    assert rig.limit.speed <= limit.speed
    assert not rig.limit.may_raise
