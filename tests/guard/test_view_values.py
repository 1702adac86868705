"""What a screen is told, value by value: units, unknowns, who holds the belt, each way out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from treadguard.guard.belt import Machine, Measured
from treadguard.guard.credible import Credible
from treadguard.guard.events import LimitChange, PhaseName
from treadguard.guard.kept import Kept
from treadguard.guard.policy import BreakPolicy, Policy, Profile
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.rules.breaks import Breaks
from treadguard.guard.rules.pain import Pain
from treadguard.guard.rules.ratings import Ratings
from treadguard.guard.state import State, initial
from treadguard.guard.view import view
from treadguard.units import Grade, Millis, Speed

NOW = Millis(100_000)
POLICY = Policy(
    breaks=BreakPolicy(
        min_ms=Millis(30_000),
        max_ms=Millis(90_000),
        stage1_ms=Millis(40_000),
        stage2_ms=Millis(30_000),
    )
)
FRESH = Measured(speed=512, t=Millis(99_300), grade=35, grade_t=Millis(99_300))
RESUME = "resume, when you are on the belt with the key clipped"
PAIN = Backoff("pain", 450, None, Millis(90_000), Millis(150_001), 25, 500)


def state(profile: Profile | None = None, **facts: Any) -> State:
    """A belt in sight that runs, and `facts`."""
    s = initial(POLICY, profile or Profile(), "guard", True, Kept())
    s.link, s.measured, s.phase = True, FRESH, "RUNNING"
    for name, value in facts.items():
        setattr(s, name, value)
    return s


def shown(s: State) -> dict[str, Any]:
    return view(s, NOW)


# ---------------------------------------------------------------- values


def test_numbers_are_told_in_km_h_and_per_cent() -> None:
    told = shown(
        state(
            speed=Axis(wanted=600, setpoint=550),
            grade=Axis(wanted=40, setpoint=20),
            limit=LimitChange(Speed(580), Grade(30), False, "RUN", ()),
            machine=Machine(speed_min=80),
        )
    )
    assert (told["speed_kmh"], told["incline_pct"], told["age_ms"]) == (5.12, 3.5, 700)
    assert told["wanted"] == {"speed_kmh": 6.0, "incline_pct": 4.0}
    assert told["command"] == {"speed_kmh": 5.5, "incline_pct": 2.0}
    assert told["allowed"] == {"speed_kmh": 5.8, "incline_pct": 3.0}
    assert told["slowest_kmh"] == 0.8


def test_what_was_never_measured_said_or_asked_is_unknown_and_never_zero() -> None:
    """H73."""
    told = shown(state(measured=Measured()))
    for name in ("speed_kmh", "incline_pct", "age_ms", "allowed", "break"):
        assert told[name] is None, name
    for name in ("wanted", "command"):
        assert told[name] == {"speed_kmh": None, "incline_pct": None}
    assert told["pain"] == {"last": None, "asked": False}


@pytest.mark.parametrize(
    ("limit", "may"),
    [
        (None, False),
        (LimitChange(Speed(600), Grade(0), True, "RUN", ()), True),
        (LimitChange(Speed(600), Grade(0), False, "RUN", ()), False),
    ],
)
def test_going_up_is_open_only_where_the_limit_says_so(
    limit: LimitChange | None, may: bool
) -> None:
    assert shown(state(limit=limit))["may_raise"] is may


@pytest.mark.parametrize(("shadow", "mode"), [(False, "guard"), (True, "shadow")])
def test_the_mode_is_named(shadow: bool, mode: str) -> None:
    assert shown(state(shadow=shadow))["mode"] == mode


@pytest.mark.parametrize(("link", "word"), [(True, "up"), (False, "down")])
def test_the_link_is_named(link: bool, word: str) -> None:
    assert shown(state(link=link))["link"] == word


def test_the_last_rating_the_open_question_the_triggers_and_the_locks_are_told() -> None:
    told = shown(
        state(
            pain=Pain(last=3),
            ratings=Ratings(open_since=Millis(0)),
            breaks=Breaks(triggers=2),
            locks=("pain", "red flag"),
        )
    )
    assert told["pain"] == {"last": 3, "asked": True}
    assert told["triggers"] == 2
    assert told["locks"] == ["pain", "red flag"]
    assert told["phase"] == "RUNNING"


@pytest.mark.parametrize(
    ("phase", "needed"),
    [
        ("OFF", None),
        ("READY", "start"),
        ("STARTING", None),
        ("RUNNING", "raise"),
        ("STOPPING", None),
        ("PAUSED", "resume"),
        ("BREAK", "resume"),
        ("LOST", None),
    ],
)
def test_the_consent_that_the_phase_waits_for_is_named(
    phase: PhaseName, needed: str | None
) -> None:
    assert shown(state(phase=phase))["consent_needed"] == needed


@pytest.mark.parametrize("never", [{"ended": "pain"}, {"fault": "deaf"}, {"shadow": True}])
def test_no_consent_helps_a_session_that_is_over_or_only_watches(never: dict[str, Any]) -> None:
    for phase in ("READY", "PAUSED", "RUNNING"):
        assert shown(state(phase=phase, **never))["consent_needed"] is None


# ---------------------------------------------------------------- who holds the belt


def test_what_stops_the_belt_hides_what_only_slows_it() -> None:
    s = state(rest="stop", link=False, pain=Pain(backoff=PAIN), speed=Axis(wanted=900))
    assert shown(s)["why"] == ["stop"]


@pytest.mark.parametrize(
    ("wanted", "why"),
    [(None, []), (499, []), (500, ["profile"]), (501, ["profile"])],
)
def test_a_cap_holds_the_belt_only_where_as_much_or_more_is_wanted(
    wanted: int | None, why: list[str]
) -> None:
    faster = state(Profile(speed_max=Speed(500)), speed=Axis(wanted=wanted))
    steeper = state(Profile(grade_max=Grade(50)), grade=Axis(wanted=wanted and wanted - 450))
    assert shown(faster)["why"] == why
    assert shown(steeper)["why"] == why


def test_everything_that_forbids_a_raise_is_named_in_order() -> None:
    s = state(measured=Measured(), control_lost=True, pain=Pain(backoff=PAIN))
    assert shown(s)["why"] == ["control", "pain", "telemetry"]


def test_each_cap_says_why_it_is_there_whether_or_not_it_holds_the_belt() -> None:
    assert shown(state())["capped"] == ["cap: the cap of your policy"]
    own = shown(state(Profile(speed_max=Speed(500))))
    assert own["capped"] == ["profile: the cap of your profile"]


def test_a_reason_counts_from_when_it_was_first_told_and_only_while_it_holds() -> None:
    s = state(control_lost=True, since=(("control", Millis(97_500)), ("link", Millis(1))))
    assert shown(s)["since_ms"] == {"control": 2_500}


@pytest.mark.parametrize(("began", "since"), [(None, 40_000), (Millis(93_000), 7_000)])
def test_a_stage_counts_from_the_first_motion_on(began: Millis | None, since: int) -> None:
    s = state(
        breaks=Breaks(stage_speed=1000, stage_from=began),
        speed=Axis(wanted=900),
        since=(("stage", Millis(60_000)),),
    )
    assert shown(s)["since_ms"] == {"stage": since}


def test_another_reason_does_not_count_from_the_first_motion() -> None:
    s = state(
        breaks=Breaks(stage_speed=1000, stage_from=Millis(93_000)),
        control_lost=True,
        since=(("control", Millis(60_000)),),
    )
    assert shown(s)["since_ms"]["control"] == 40_000


# ---------------------------------------------------------------- ways out


@pytest.mark.parametrize(
    ("facts", "why", "words"),
    [
        ({"breaks": Breaks(ceiling=450), "speed": Axis(wanted=600)}, "ceiling", "session's"),
        ({"link": False}, "link", "connection"),
        ({"measured": Measured()}, "telemetry", "fresh telemetry"),
        ({"speed_seen": Credible(t=NOW, doubted=NOW)}, "leaping speed", "steady for 3 s"),
        ({"held_up": NOW}, "held up", "a new speed"),
        ({"ratings": Ratings(missed=1)}, "no rating", "rate your pain"),
        ({"control_lost": True}, "control", "gives control back"),
        ({"barred": "wrong way"}, "wrong way", "machine was checked"),
        ({"ending": NOW}, "end", "session is ending"),
        ({"waiting": 4}, "pain before the start", "lower pain rating"),
        ({"ended": "lock", "locks": ("pain",)}, "lock", "treadguard unlock"),
        ({"ended": "lock"}, "lock", "unlocked: end this session and start a new one"),
        ({"ended": "safety key"}, "safety key", "nothing in this session"),
        ({"fault": "deaf"}, "deaf", "nothing in this session"),
        ({"rest": "stop"}, "stop", RESUME),
        ({"pain": Pain(backoff=replace(PAIN, until=None))}, "pain", "pain: a lower pain rating"),
        ({"pain": Pain(backoff=PAIN)}, "pain", "pain: over in 51 s, or at a lower pain rating"),
    ],
)
def test_each_reason_tells_its_way_out(facts: dict[str, Any], why: str, words: str) -> None:
    told = shown(state(**facts))
    assert told["why"] == [why]
    (release,) = told["release"]
    assert release.startswith(f"{why}: ")
    assert words in release


def test_of_two_back_offs_each_tells_its_own_end() -> None:
    ease = replace(PAIN, why="ease", until=Millis(110_000))
    released = shown(state(pain=Pain(backoff=PAIN), ease=ease))["release"]
    assert released[0].startswith("ease: over in 10 s")
    assert released[1].startswith("pain: over in 51 s")


@pytest.mark.parametrize(
    ("began", "words"),
    [
        (None, RESUME),
        (60_001, "higher in 1 s"),
        (60_000, "over in 30 s"),
        (59_999, "over in 30 s"),
        (58_000, "over in 28 s"),
    ],
)
def test_a_stage_tells_when_it_rises_and_then_when_it_is_over(
    began: int | None, words: str
) -> None:
    s = state(breaks=Breaks(stage_speed=500, stage_from=None if began is None else Millis(began)))
    assert shown(s)["capped"] == [f"stage: {words}"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"zero": None}, "the belt must stand first"),
        ({"zero": Millis(90_000)}, "the break lasts 20 s more"),
        ({"zero": Millis(60_000), "rated": 3}, "your pain must be 2 or less, it was 3"),
        ({"zero": Millis(60_000), "rated": 2}, RESUME),
    ],
)
def test_a_break_tells_what_is_still_owed(facts: dict[str, Any], words: str) -> None:
    told = shown(state(phase="BREAK", breaks=Breaks(active=True, level=6, **facts)))
    assert told["release"] == [f"break: {words}"]
    assert told["break"]["owed"] == (None if words == RESUME else words)


# ---------------------------------------------------------------- the break


@pytest.mark.parametrize(
    ("level", "zero", "left", "most"),
    [
        (6, None, None, None),
        (6, 99_999, 30, 90),
        (6, 99_000, 29, 89),
        (6, 70_000, 0, 60),
        (6, 5_000, 0, 0),
        (None, None, None, None),
        (None, 99_000, 0, None),
    ],
)
def test_a_break_counts_down_to_its_least_and_its_greatest_length(
    level: int | None, zero: int | None, left: int | None, most: int | None
) -> None:
    """Whole seconds, rounded up, never below 0; a break on request has no greatest length."""
    b = Breaks(active=True, level=level, zero=None if zero is None else Millis(zero), rated=1)
    told = shown(state(phase="BREAK", breaks=b))["break"]
    assert (told["level"], told["rated"]) == (level, 1)
    assert (told["left_s"], told["max_left_s"]) == (left, most)
