"""Posture as properties of any row of leans: a glance is nothing (H44), and nothing adds up to a
standing belt (H45).

The rule to keep: shares and times are counted here from what was shown, by the numbers of DESIGN
section 4, and not by the rule's own windows.
"""

from __future__ import annotations

import copy
from functools import cache
from itertools import pairwise
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.policy import PosturePolicy
from treadguard.guard.rules.posture import Posture, Saw, saw, slumps
from treadguard.units import Decideg, Millis

HERTZ: Final = 4
DOWN, AHEAD = 300, 50
"""Neck flexion in 0.1 degree: over and under the 25 degrees that count."""

QUICK = settings(max_examples=20, deadline=None, derandomize=True)
GLANCES = st.lists(
    st.tuples(st.sampled_from([DOWN, AHEAD]), st.integers(1, 15 * HERTZ)), min_size=6, max_size=24
)


def share(shown: list[int], seconds: int) -> float:
    """How much of the last so many seconds the neck was bent; 0 before there were so many."""
    window = shown[-(seconds * HERTZ + 1) :]
    full = len(window) == seconds * HERTZ + 1
    return sum(neck > 250 for neck in window) / len(window) if full else 0.0


def judged(glances: list[tuple[int, int]]) -> list[tuple[Saw, bool, list[int]]]:
    """What each sample brought and whether it is told, with all that was shown until then."""
    p, shown, found = Posture(), [AHEAD] * (60 * HERTZ), []
    for neck, samples in [(AHEAD, 60 * HERTZ), *glances]:
        for _ in range(samples):
            shown.append(neck)
            t = Millis(len(shown) * 1_000 // HERTZ)
            p, brings = saw(p, t, None, neck, None, PosturePolicy())
            told = dict(slumps(p, t, PosturePolicy()))["neck"]
            found.append((brings, told, list(shown[-60 * HERTZ - 1 :])))
    return found


@QUICK
@given(GLANCES)
def test_nothing_is_said_of_a_glance_and_nothing_eased_for_less_than_half_a_minute(
    glances: list[tuple[int, int]],
) -> None:
    """H44: whatever is said or done has its share of what was shown behind it."""
    for brings, told, shown in judged(glances):
        assert told is (share(shown, 10) >= 0.7)
        if brings is Saw.BACK_OFF:
            assert share(shown, 60) >= 0.49
        else:
            assert brings is Saw.NOTHING


def test_a_long_look_down_is_said_and_eased() -> None:
    """Otherwise the property would hold for want of anything said."""
    found = judged([(DOWN, 40 * HERTZ)])
    assert any(told for _, told, _ in found)
    assert [brings for brings, _, _ in found].count(Saw.BACK_OFF) == 1


# ---------------------------------------------------------------- no way down to zero


@cache
def _walking() -> Rig:
    return Rig(tick=1_000).walking(600)


def eased(rig: Rig, since: int) -> list[int]:
    """When a back-off was said: nobody hurts here, so each is posture's."""
    return [
        t for t, o in rig.log if t >= since and isinstance(o, ev.Cue) and o.say.startswith("Easing")
    ]


@QUICK
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([None, 50, 180, 260]),
            st.sampled_from([None, 50, 300]),
            st.integers(5, 90),
            st.sampled_from([None, 380, 600]),
        ),
        min_size=3,
        max_size=10,
    )
)
def test_however_one_leans_posture_backs_off_three_times_at_most_and_to_sixty_per_cent(
    rows: list[tuple[int | None, int | None, int, int | None]],
) -> None:
    """H45; a break for a lean that outlasts two back-offs (A5) is no lowering, and ends the row."""
    rig = copy.deepcopy(_walking())
    since, first_wanted = rig.now, 600
    for trunk, neck, seconds, wish in rows:
        for _ in range(seconds):
            rig.run(1)
            if rig.now % 90_000 == 0:
                rig.pain(0)
            rig.feed(ev.Posture(Millis(rig.now), _deg(trunk), _deg(neck)))
            if rig.phase != "RUNNING":
                break
        if rig.phase != "RUNNING":
            break
        if wish is not None:
            if not eased(rig, since):
                first_wanted = wish
            rig.ask("speed", wish)
    backed = eased(rig, since)
    speeds = [value for _, op, value in rig.commands(since) if op == "set_speed"]
    floor = first_wanted * 60 // 100 // 10 * 10
    assert all(value is not None and value >= floor for value in speeds)
    assert len(backed) <= 3
    assert all(later - earlier >= 60_000 for earlier, later in pairwise(backed))
    if rig.stops(since):
        assert len(backed) >= 2, "only a lean that outlasts two back-offs stops the belt"
        assert rig.phases(since)[-1] in ("STOPPING", "BREAK")


def _deg(angle: int | None) -> Decideg | None:
    return None if angle is None else Decideg(angle)
