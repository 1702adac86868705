"""A finger that slips (H30) and a button that sticks (H32), as properties of any row of presses.

The belt obeys. The rule to keep: a stop is judged by the belt and by the commands, not by what the
guard says of itself.
"""

from __future__ import annotations

import copy
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.guard.rig import Rig

from treadguard.guard.kept import kept

QUICK = settings(max_examples=20, deadline=None, derandomize=True)


@cache
def _walking(tick: int) -> Rig:
    return Rig(tick=tick).walking(600)


def walking(tick: int) -> Rig:
    return copy.deepcopy(_walking(tick))


@QUICK
@given(
    slip=st.sampled_from([None, 5, 6, 7, 9, 10]),
    after=st.lists(
        st.tuples(
            st.sampled_from([0, 0.5, 1, 2, 5, 20, 60]),
            st.one_of(st.integers(0, 4), st.sampled_from(["resume", "start"])),
        ),
        max_size=6,
    ),
)
def test_nothing_that_is_pressed_after_a_slip_takes_its_stop_back(
    slip: int | None, after: list[tuple[float, int | str]]
) -> None:
    """H30: the belt goes to zero, and stands for the whole of the break at least."""
    rig = walking(500)
    since = rig.now
    rig.pain(slip)
    assert rig.stops(since) == [since]
    stood: int | None = None
    for wait, press in (*after, (140.0, 0), (1.0, "resume")):
        for _ in range(round(wait * 2)):
            rig.run(0.5)
            stood = rig.now if stood is None and rig.speed == 0 else stood
        starts = rig.ops(since).count("start")
        if press == "resume":
            rig.ask("resume")
        elif press == "start":
            rig.ask("start")
        elif isinstance(press, int):
            rig.pain(press)
        if rig.ops(since).count("start") > starts:
            assert slip in (None, 5, 6), "a session that has ended stays so"
            assert stood is not None
            assert rig.now - stood >= 120_000
            return
        assert set(rig.ops(since)) == {"stop"}
    assert slip not in (None, 5, 6), "in the end it resumes: the break isn't for ever"


@QUICK
@given(
    level=st.sampled_from([None, 5, 6, 1, 3, 4]),
    gaps=st.lists(st.integers(20, 500), min_size=5, max_size=40),
    times=st.integers(1, 3),
)
def test_a_button_that_repeats_at_any_pace_counts_once_and_never_frees_the_belt(
    level: int | None, gaps: list[int], times: int
) -> None:
    """H32."""
    rig = walking(50)
    since, speed = rig.now, rig.speed
    for gap in gaps * times:
        rig.pain(level)
        rig.run(gap / 1000)
        assert rig.speed <= speed
        speed = rig.speed
    ops = rig.commands(since)
    assert all(op in ("stop", "set_speed") for _, op, _ in ops)
    values = [value for _, _, value in ops if value is not None]
    assert values == sorted(values, reverse=True)
    if level in (None, 5, 6):
        assert ops[0][:2] == (since, "stop")
        assert kept(rig.state).triggers == 1
        rig.run(30)
        assert rig.speed == 0
        assert rig.phase == "BREAK"
    else:
        assert kept(rig.state).triggers <= 1
