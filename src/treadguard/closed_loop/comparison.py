"""Two plays of the same human inputs under two policies, set side by side.

Here: which settings differ, what was said or done in one play alone, and the figures of each, pure.
Not here: the playing (rerun.py) and the screen. The rule to keep: a figure is counted from the play
it belongs to and from nothing else; neither policy is called the better one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from treadguard.closed_loop.in_words import Moment, moments
from treadguard.closed_loop.stage import SAMPLE_S, Played
from treadguard.config import policy_as_toml_dict
from treadguard.guard.policy import Policy
from treadguard.journal import Line
from treadguard.units import STOPPED_MAX, kmh

Side = Literal["both", "recorded", "other"]

_RUNNERS: Final = ("pain", "symptom", "operator")
_ON_ITS_WAY: Final = ("STARTING", "RUNNING", "LOST")
_AT_REST: Final = ("STOPPING", "PAUSED", "BREAK", "ENDED", "FAULT")
_OVER: Final = ("END", "FAULT")

# The guard's own words, which tests hold together with it.
_BACK_OFF: Final = "Easing"
_PROMPT: Final = "How is your pain now"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one play came to. Times in s, counted on the belt itself each quarter of a second.

    `at_kmh`: how long at each whole km/h, 5 standing for 5.0 to 5.99. `ended_at` and `why` are None
    where the session had not ended when the recorded inputs were over; `phase` is the one then.
    """

    moving_s: float
    distance_m: int
    mean_kmh: float
    max_kmh: float
    at_kmh: dict[int, float]
    back_offs: int
    stops: int
    breaks: int
    prompts: int
    alarms: int
    phase: str
    ended_at: float | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`settings`: key of each number that differs, with the recorded value and the other one.

    `told`: what the runner did, and what was said or done in one play alone, in order of time.
    """

    settings: dict[str, tuple[Any, Any]]
    told: tuple[tuple[Side, Moment], ...]
    recorded: Figures
    other: Figures

    @property
    def same(self) -> bool:
        """Nothing was said, done or measured in one play alone."""
        return self.recorded == self.other and all(side == "both" for side, _ in self.told)


def compared(
    recorded: Played, recorded_policy: Policy, other: Played, other_policy: Policy
) -> Comparison:
    """The two plays side by side."""
    return Comparison(
        settings=_differing(recorded_policy, other_policy),
        told=tuple(_told(recorded.lines, other.lines)),
        recorded=_figures(recorded),
        other=_figures(other),
    )


def _differing(recorded: Policy, other: Policy) -> dict[str, tuple[Any, Any]]:
    old, new = (
        {
            f"{table}.{key}": value
            for table, values in policy_as_toml_dict(policy).items()
            for key, value in values.items()
        }
        for policy in (recorded, other)
    )
    return {key: (old[key], new[key]) for key in old if old[key] != new[key]}


def _told(recorded: Sequence[Line], other: Sequence[Line]) -> list[tuple[Side, Moment]]:
    """The same words at the same time are no difference; at one time the recorded come first."""
    left = Counter(moments(other))
    told: list[tuple[Side, Moment]] = []
    for moment in moments(recorded):
        shared = left[moment] > 0
        left[moment] -= shared
        if not shared:
            told.append(("recorded", moment))
        elif moment.kind in _RUNNERS:
            told.append(("both", moment))
    told += [("other", moment) for moment in left.elements()]
    return sorted(told, key=lambda each: each[1].t)


def _figures(played: Played) -> Figures:
    moving = [speed for _, speed in played.belt if speed > STOPPED_MAX]
    way = sum(moving) * SAMPLE_S / 360  # 0.01 km/h for a second is 1/360 m
    bands = Counter(speed // 100 for speed in moving)
    cues = [line["say"] for line in played.lines if line["kind"] == "cue"]
    phases = [(line["from"], line["to"]) for line in played.lines if line["kind"] == "phase"]
    ended_at, why = end_of(played.lines)
    return Figures(
        moving_s=len(moving) * SAMPLE_S,
        distance_m=round(way),
        mean_kmh=round(kmh(sum(moving)) / len(moving), 2) if moving else 0.0,
        max_kmh=kmh(max(moving, default=0)),
        at_kmh={band: bands[band] * SAMPLE_S for band in sorted(bands)},
        back_offs=sum(say.startswith(_BACK_OFF) for say in cues),
        stops=sum(from_ in _ON_ITS_WAY and to in _AT_REST for from_, to in phases),
        # From OFF a break that had begun before goes on.
        breaks=sum(from_ != "OFF" and to == "BREAK" for from_, to in phases),
        prompts=sum(say.startswith(_PROMPT) for say in cues),
        alarms=sum(line["kind"] == "alarm" for line in played.lines),
        phase=phases[-1][1] if phases else "OFF",
        ended_at=None if ended_at is None else ended_at / 1000,
        why=", ".join(why) or None,
    )


def end_of(lines: Sequence[Line]) -> tuple[int | None, tuple[str, ...]]:
    """When the guard ended the session or gave up, in ms, and the reasons that were new then."""
    before: set[str] = set()
    for line in lines:
        if line["kind"] == "limit":
            if line["belt"] in _OVER:
                why = [reason for reason in line["why"] if reason not in before]
                return line["t"], tuple(why or line["why"])
            before = set(line["why"])
    return None, ()
