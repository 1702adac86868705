"""How much is said in an hour on the belt: enough to help, and not so much that nobody listens.

The whole service against the simulated treadmill in virtual time, at 5 km/h, a posture sample a
second. A correction tells the runner to stand otherwise; a reminder calls something to mind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

import pytest

from treadguard.closed_loop.scenario_player import play
from treadguard.guard.rules.asymmetry import EVEN
from treadguard.guard.rules.posture import EYES_AHEAD, LESS_HOLLOW, UPRIGHT
from treadguard.guard.rules.reminders import SAID
from treadguard.scenario import scenario_from_dict

FROM_S: Final = 60
HOUR_S: Final = 3600
MINUTE_MS: Final = 60_000

CORRECTIONS: Final = (UPRIGHT, EYES_AHEAD, LESS_HOLLOW, EVEN)
REMINDERS: Final = tuple(SAID.values())

STANCES: Final[dict[str, dict[str, float]]] = {
    "good": {"trunk_deg": 3.0, "neck_deg": 4.0, "asym_pct": 2.0, "lumbar_deg": 2.0},
    "leaning": {"trunk_deg": 16.0},
    "looking down": {"neck_deg": 30.0},
    "hollow": {"lumbar_deg": 20.0},
    "uneven": {"asym_pct": 12.0},
    "very uneven": {"asym_pct": 18.0},
    "all at once": {"trunk_deg": 16.0, "neck_deg": 30.0, "asym_pct": 12.0, "lumbar_deg": 20.0},
}
"""Leaning and uneven are told and not eased; from "looking down" and "very uneven" on the load
falls as well, three times in the session. None ends in a break: the hour is full."""

SLUMPS: Final = [name for name in STANCES if name != "good"]

Cues = tuple[tuple[int, str], ...]
"""What was said, and at which ms."""


def answers() -> Iterator[float]:
    """Five seconds after each question: each 120 s in the first ten minutes, then each 300 s."""
    s = 134.0
    while s < FROM_S + HOUR_S:
        yield s
        s += 5 + (120 if s < 609 else 300)


@cache
def an_hour(stance: str, *, rated: bool) -> Cues:
    """All cues of an hour of this stance; `rated`: each question about pain is answered with 0."""
    acts: list[dict[str, object]] = [
        {"s": 5.0, "do": "start"},
        {"s": 15.0, "do": "speed", "kmh": 5.0},
        *(
            {"s": FROM_S + n, "do": "posture", "for_s": 0.1, **STANCES[stance]}
            for n in range(HOUR_S)
        ),
    ]
    if rated:
        acts += [{"s": s, "do": "pain", "level": 0} for s in answers()]
    whole = {"name": stance, "duration_s": FROM_S + HOUR_S, "seed": 7, "at": acts}
    played = play(scenario_from_dict(whole, stance)).played
    assert played.failure is None
    assert [line["to"] for line in played.lines if line["kind"] == "phase"][-1] == "RUNNING"
    said = [(line["t"], line["say"]) for line in played.lines if line["kind"] == "cue"]
    return tuple((t, say) for t, say in said if t >= FROM_S * 1000)


def most_in_a_minute(cues: Cues, counts: Callable[[str], bool] = bool) -> int:
    """The most of them in any 60 s."""
    times = [t for t, say in cues if counts(say)]
    return max((sum(t <= u < t + MINUTE_MS for u in times) for t in times), default=0)


def is_cue(say: str) -> bool:
    """A correction or a reminder. What is asked, or said of what the belt does, must be said."""
    return say in CORRECTIONS or say in REMINDERS


@pytest.mark.parametrize("rated", [True, False], ids=["rated", "unrated"])
def test_an_hour_of_good_posture_brings_fewer_than_twelve_cues(rated: bool) -> None:
    said = [say for _, say in an_hour("good", rated=rated)]
    assert 6 <= sum(map(is_cue, said)) < 12
    assert not any(say in CORRECTIONS for say in said)


@pytest.mark.parametrize("stance", SLUMPS)
def test_the_same_correction_comes_again_after_a_minute_and_no_sooner(stance: str) -> None:
    cues = an_hour(stance, rated=True)
    for one in CORRECTIONS:
        assert most_in_a_minute(cues, one.__eq__) <= 1
    assert sum(say in CORRECTIONS for _, say in cues) >= 55


@pytest.mark.parametrize(
    ("stance", "rated"),
    [*((one, True) for one in SLUMPS), ("leaning", False), ("all at once", False)],
)
def test_an_hour_of_slumping_brings_no_two_cues_within_a_minute(stance: str, rated: bool) -> None:
    assert most_in_a_minute(an_hour(stance, rated=rated), is_cue) <= 1
