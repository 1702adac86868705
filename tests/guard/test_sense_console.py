"""A speed that nobody asked for: when it is the console's, and what is done about it (I13)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.guard.bare import NOW, alarms, cues, verdicts
from tests.guard.heard import AGO, running, sampled, walks

from treadguard.guard import sense
from treadguard.guard.acts import Turn
from treadguard.guard.belt import Machine, Measured
from treadguard.guard.console import Console
from treadguard.guard.credible import Credible
from treadguard.guard.events import LimitChange
from treadguard.guard.follow import Follow
from treadguard.guard.policy import CapPolicy, Policy
from treadguard.guard.ramp import Axis
from treadguard.units import Grade, Millis, Speed

UP_TO_600 = LimitChange(Speed(600), Grade(0), True, "RUN", ())
LEAPT = Credible(500, AGO, 500, 2, doubted=Millis(99_500))
WRITTEN = Follow("lower", True, (), target=500, start=520, last=Millis(0), arrived=True)


def seen(prev: int | None, speed: int, /, **facts: Any) -> Turn:
    """The belt should run at 5.0: two samples, believed."""
    usual = walks(500)
    measured = Measured(speed=prev, t=None if prev is None else AGO, prev_t=Millis(98_000))
    believed = Credible(max(prev or 0, speed), AGO, max(prev or 0, speed), 2)
    return sampled(speed, **{**usual, "measured": measured, "speed_seen": believed, **facts})


# ---------------------------------------------------------------- who drives


@pytest.mark.parametrize(
    ("prev", "speed", "drives", "up"),
    [
        (515, 520, False, False),
        (520, 515, False, False),
        (516, 516, True, True),
        (485, 480, False, False),
        (480, 485, False, False),
        (484, 484, True, False),
        (None, 600, False, False),
        (None, 400, False, False),
    ],
)
def test_two_samples_away_from_the_command_are_the_consoles(
    prev: int | None, speed: int, drives: bool, up: bool
) -> None:
    s = seen(prev, speed).s
    assert (s.console.driving, s.console.up) == (drives, up)
    if drives:
        assert s.console.since == NOW


@pytest.mark.parametrize(
    ("speed", "drives"), [(520, False), (521, True), (480, False), (479, True)]
)
def test_one_step_of_a_coarse_machine_is_no_change(speed: int, drives: bool) -> None:
    assert seen(speed, speed, machine=Machine(speed_step=20)).s.console.driving is drives


def test_a_console_that_drives_ends_what_was_under_way_on_both_axes() -> None:
    raising = {
        "speed": Axis(wanted=600, setpoint=500, grant=600, ramp_to=600),
        "grade": Axis(wanted=40, setpoint=20, grant=40, ramp_to=40),
    }
    s = seen(480, 480, **raising).s
    assert (s.speed.grant, s.speed.ramp_to, s.speed.wanted) == (None, None, 500)
    assert (s.grade.grant, s.grade.ramp_to, s.grade.wanted) == (None, None, 20)
    falling = {"speed": Axis(450, 500, ramp_to=450), "grade": Axis(10, 20, ramp_to=10)}
    s = seen(480, 480, **falling).s
    assert (s.speed.ramp_to, s.grade.ramp_to) == (None, None)


@pytest.mark.parametrize(
    ("follow", "drives"),
    [
        (Follow(), True),
        (Follow("lower", pending=(7,), target=300), False),
        (Follow("lower", target=300), False),
        (Follow("lower", target=300, arrived=True), True),
        (Follow("lower", pending=(7,), target=300, arrived=True), False),
        (Follow("raise", target=700, start=495), False),
    ],
)
def test_a_belt_on_its_way_is_not_the_consoles(follow: Follow, drives: bool) -> None:
    assert seen(480, 480, follow=follow).s.console.driving is drives


@pytest.mark.parametrize(
    ("console", "since"),
    [
        (Console(corrections=1, corrected=Millis(NOW - 4_999)), None),
        (Console(corrections=1, corrected=Millis(NOW - 5_000)), NOW),
        (Console(driving=True, since=Millis(98_000)), 98_000),
    ],
)
def test_a_correction_under_way_is_no_new_change_nor_is_the_change_itself(
    console: Console, since: int | None
) -> None:
    s = seen(480, 480, console=console).s
    assert (s.console.since if s.console.driving else None) == since


@pytest.mark.parametrize(
    ("last", "speed", "drives"),
    [(90_001, 530, False), (90_000, 530, True), (90_001, 480, True)],
)
def test_a_belt_above_its_command_is_explained_by_it_for_ten_seconds(
    last: int, speed: int, drives: bool
) -> None:
    follow = Follow("raise", True, (), target=500, last=Millis(last), arrived=True)
    assert seen(speed, speed, follow=follow).s.console.driving is drives


@pytest.mark.parametrize(
    ("prev", "speed", "drives"), [(485, 480, False), (484, 484, True), (480, 485, False)]
)
def test_a_belt_that_falls_below_the_start_of_a_raise_is_in_another_hand(
    prev: int, speed: int, drives: bool
) -> None:
    follow = Follow("raise", True, (7,), target=700, start=500, last=AGO, last_stop=Millis(5))
    t = seen(prev, speed, follow=follow, speed=Axis(wanted=700, setpoint=700))
    assert t.s.console.driving is drives
    assert verdicts(t) == ([(7, "unknown")] if drives else [])
    assert t.s.follow.kind == ("none" if drives else "raise")
    assert t.s.follow.last_stop == 5


def test_a_belt_that_falls_to_what_the_raise_asks_is_in_another_hand_too() -> None:
    """It ran faster than commanded when it was raised."""
    follow = Follow("raise", True, target=500, start=600, last=AGO)
    s = seen(500, 500, follow=follow).s
    assert (s.console.driving, s.console.up) == (True, False)


def test_a_lowering_that_overtook_its_start_is_no_other_hand() -> None:
    follow = Follow("lower", True, (7,), target=300, start=500, last=AGO, mark=480, mark_t=AGO)
    assert seen(480, 480, follow=follow, speed=Axis(300, 300)).s.follow.pending == (7,)


@pytest.mark.parametrize(
    "facts", [{"phase": "STOPPING"}, {"shadow": True}, {"first_motion": Millis(96_000)}]
)
def test_a_belt_that_stops_starts_or_is_only_watched_is_nobodys(facts: dict[str, Any]) -> None:
    assert not seen(480, 480, **facts).s.console.driving


def test_a_belt_whose_command_is_unknown_is_adopted() -> None:
    s = seen(480, 482, speed=Axis()).s
    assert (s.speed, s.console.driving) == (Axis(482, 482), False)


def test_a_leap_is_no_change() -> None:
    assert not seen(480, 480, speed_seen=LEAPT).s.console.driving


# ---------------------------------------------------------------- what becomes of a change


def change(speed: int, /, *, steady: bool = True, **facts: Any) -> Turn:
    """A change toward this speed, under way for 5 s."""
    usual = {
        **walks(speed, since=90_000 if steady else 98_500),
        "speed": Axis(wanted=500, setpoint=500),
        "console": Console(driving=True, up=True, since=Millis(95_000)),
        "follow": Follow("lower", pending=(7,), target=500, last=AGO, last_stop=Millis(5)),
        "limit": UP_TO_600,
    }
    return sampled(speed, **{**usual, **facts})


def test_a_change_within_the_limit_is_taken_over_once_it_is_steady() -> None:
    t = change(600)
    assert (t.s.speed, t.s.console.driving) == (Axis(600, 600), False)
    assert verdicts(t) == [(7, "unknown")]
    assert t.s.follow == Follow(last_stop=Millis(5))
    young = change(600, steady=False)
    assert (young.s.speed.wanted, young.s.console.driving) == (500, True)
    assert (young.s.rest, young.out) == (None, [])


def test_a_change_above_the_limit_is_taken_back_once_and_said() -> None:
    t = change(660)
    assert (t.s.speed.wanted, t.s.speed.setpoint) == (600, 660)
    assert (t.s.console.corrections, t.s.console.driving) == (1, False)
    assert verdicts(t) == [(7, "unknown")]
    assert cues(t) == ["The console went above the limit: back to 6.0 km/h."]


@pytest.mark.parametrize(("speed", "corrected"), [(700, False), (701, True)])
def test_without_a_limit_yet_the_policys_cap_counts(speed: int, corrected: bool) -> None:
    policy = Policy(caps=CapPolicy(speed=Speed(700)))
    assert bool(change(speed, limit=None, policy=policy).s.console.corrections) is corrected


@pytest.mark.parametrize("rest", [None, "pain"])
def test_a_second_change_above_the_limit_stops_the_belt(rest: str | None) -> None:
    console = Console(driving=True, up=True, corrections=1, corrected=Millis(90_000))
    t = change(660, console=console, rest=rest)
    assert (t.s.rest, len(alarms(t))) == (rest or "console", 1)
    assert t.s.speed.wanted == 500


def test_a_belt_in_nobodys_hand_is_not_judged() -> None:
    t = sampled(660, **walks(660, since=90_000), limit=UP_TO_600)
    assert (t.out, t.s.rest, t.s.speed.wanted) == ([], None, 660)


# ---------------------------------------------------------------- a leap after a correction


def leaps(prev: int | None, speed: int, /, **facts: Any) -> Turn:
    usual = {
        "speed_seen": LEAPT,
        "limit": UP_TO_600,
        "console": Console(corrections=1, corrected=Millis(90_000)),
    }
    return seen(prev, speed, **{**usual, **facts})


@pytest.mark.parametrize(
    ("prev", "speed", "stops"),
    [(616, 616, True), (615, 700, False), (700, 615, False), (None, 616, True)],
)
def test_once_corrected_a_belt_seen_too_fast_is_stopped_though_it_leapt(
    prev: int | None, speed: int, stops: bool
) -> None:
    """No Stop waits for a doubt."""
    t = leaps(prev, speed)
    assert (t.s.rest == "console", len(alarms(t))) == (stops, int(stops))


@pytest.mark.parametrize(
    "facts",
    [
        {"console": Console()},
        {"console": Console(corrections=1, corrected=Millis(NOW - 4_999))},
        {"limit": None},
        {"machine": Machine(speed_step=100)},
    ],
)
def test_a_leap_alone_stops_nothing(facts: dict[str, Any]) -> None:
    t = leaps(700, 700, **facts)
    assert (t.s.rest, t.out) == (None, [])


def test_without_a_limit_yet_a_leap_goes_by_the_policys_cap() -> None:
    policy = Policy(caps=CapPolicy(speed=Speed(600)))
    assert leaps(616, 616, limit=None, policy=policy).s.rest == "console"
    assert leaps(615, 615, limit=None, policy=policy).s.rest is None


def test_a_belt_that_is_stopping_already_isnt_stopped_again_for_a_leap() -> None:
    t = leaps(700, 700, rest="pain")
    assert (t.s.rest, t.out) == ("pain", [])


# ---------------------------------------------------------------- the correction


@pytest.mark.parametrize(
    ("speed", "allowed", "target"), [(660, 605, 600), (594, 605, 590), (660, 610, 610)]
)
def test_a_correction_goes_to_the_step_below_what_is_allowed_and_never_up(
    speed: int, allowed: int, target: int
) -> None:
    t = Turn(running(speed=Axis(500, 500)), NOW)
    sense.correct(t, speed, allowed)
    assert (t.s.speed.wanted, t.s.speed.setpoint) == (target, speed)


@pytest.mark.parametrize(
    ("wrote", "fell", "told"),
    [
        (NOW - 4_999, True, 520),
        (NOW - 5_000, True, None),
        (NOW - 4_999, False, None),
        (None, True, None),
    ],
)
def test_a_correction_soon_after_our_own_lowering_never_tells_more_than_that(
    wrote: int | None, fell: bool, told: int | None
) -> None:
    axis = Axis(520, 520, wrote=None if wrote is None else Millis(wrote), fell=fell, told=520)
    t = Turn(running(speed=axis), NOW)
    sense.correct(t, 660, 600)
    assert (t.s.speed.told, t.s.speed.wrote, t.s.speed.fell) == (told, wrote, fell)
