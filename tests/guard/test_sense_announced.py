"""A target that the machine names: ours, or the console's (I13)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.guard.bare import NOW, alarms
from tests.guard.heard import AGO, running

from treadguard.guard import sense
from treadguard.guard.acts import Turn
from treadguard.guard.belt import Measured
from treadguard.guard.console import Console
from treadguard.guard.credible import Credible
from treadguard.guard.events import LimitChange
from treadguard.guard.events import Machine as Says
from treadguard.guard.follow import Follow
from treadguard.guard.policy import CapPolicy, Policy
from treadguard.guard.ramp import Axis
from treadguard.units import Grade, Millis, Speed

UP_TO_600 = LimitChange(Speed(600), Grade(0), True, "RUN", ())


def announced(value: int | None, **facts: Any) -> Turn:
    """At 4.5 on the way to 5.0, the machine names a target."""
    usual = {
        "measured": Measured(speed=450, t=AGO, prev=440, prev_t=Millis(98_000)),
        "speed": Axis(wanted=600, setpoint=500, grant=600, ramp_to=600),
        "limit": UP_TO_600,
    }
    t = Turn(running(**{**usual, **facts}), NOW)
    sense.said(t, Says(NOW, status=5, value=value))
    return t


@pytest.mark.parametrize(
    ("value", "drives", "up"),
    [
        (None, False, False),
        (439, True, False),
        (440, False, False),
        (510, False, False),
        (511, True, True),
    ],
)
def test_a_target_that_is_not_on_our_way_is_the_consoles(
    value: int | None, drives: bool, up: bool
) -> None:
    s = announced(value).s
    assert (s.console.driving, s.console.up) == (drives, up)
    assert s.console.target == (value if drives else None)
    assert s.speed_seen.announced == (value or 0)
    assert (s.speed.grant, s.speed.ramp_to) == ((None, None) if drives else (600, 600))


@pytest.mark.parametrize(("named", "drives"), [(500, True), (490, False), (0, False)])
def test_below_a_target_of_ours_that_it_has_named_any_lower_one_is_the_consoles(
    named: int, drives: bool
) -> None:
    """A "minus" in mid-ramp, overtaken by the next step up, would be undone."""
    seen = Credible(value=450, t=AGO, last=450, samples=2, announced=named)
    s = announced(490, speed_seen=seen).s
    assert (s.console.driving, s.console.up) == (drives, False)
    assert s.speed.grant == (None if drives else 600)
    assert not announced(500, speed_seen=seen).s.console.driving


@pytest.mark.parametrize(
    ("named", "follow", "drives"),
    [
        (470, Follow("raise", start=400), True),
        (460, Follow("raise", start=400), False),
        (470, Follow("lower", start=400), False),
        (470, Follow("raise", start=470), False),
        (510, Follow("raise", start=400), False),
    ],
)
def test_steps_on_the_way_up_are_named_upward_so_a_lower_one_is_the_consoles(
    named: int, follow: Follow, drives: bool
) -> None:
    """A "minus" to what the belt just runs; of what was named before the raise nothing is known."""
    seen = Credible(value=450, t=AGO, last=450, samples=2, announced=named)
    s = announced(460, speed_seen=seen, follow=follow).s
    assert (s.console.driving, s.console.up) == (drives, False)
    assert s.speed.grant == (None if drives else 600)


def test_an_announced_change_ends_a_lowering_under_way_on_both_axes() -> None:
    falling = {"speed": Axis(450, 500, ramp_to=450), "grade": Axis(10, 20, ramp_to=10)}
    s = announced(300, **falling).s
    assert (s.speed.ramp_to, s.grade.ramp_to) == (None, None)


@pytest.mark.parametrize(("value", "ends"), [(439, True), (440, False)])
def test_an_announced_change_ends_a_raise_of_the_incline(value: int, ends: bool) -> None:
    steeper = Axis(wanted=20, setpoint=10, grant=20, ramp_to=20)
    grade = announced(value, grade=steeper).s.grade
    assert grade == (Axis(wanted=10, setpoint=10) if ends else steeper)


@pytest.mark.parametrize(
    "facts",
    [
        {"phase": "STOPPING"},
        {"shadow": True},
        {"speed": Axis()},
        {"measured": Measured()},
    ],
)
def test_a_target_says_nothing_where_no_speed_of_ours_is_under_way(facts: dict[str, Any]) -> None:
    assert announced(900, **facts).s.console == Console()


@pytest.mark.parametrize(
    ("value", "last", "written", "drives"),
    [
        (511, 98_001, True, False),
        (511, 98_000, True, True),
        (511, 98_001, False, True),
        (439, 98_001, True, True),
    ],
)
def test_a_higher_target_soon_after_our_own_write_is_its_echo(
    value: int, last: int, written: bool, drives: bool
) -> None:
    follow = Follow("lower", written, target=500, last=Millis(last))
    assert announced(value, follow=follow).s.console.driving is drives


@pytest.mark.parametrize("rest", [None, "pain"])
def test_a_second_raise_that_is_announced_above_the_limit_stops_the_belt(rest: str | None) -> None:
    again = Console(corrections=1, corrected=Millis(90_000))
    t = announced(601, console=again, rest=rest)
    assert (t.s.rest, len(alarms(t))) == (rest or "console", 1)


@pytest.mark.parametrize(
    ("value", "facts", "stops"),
    [
        (601, {}, True),
        (600, {}, False),
        (601, {"console": Console()}, False),
        (601, {"console": Console(corrections=1, corrected=Millis(NOW - 4_999))}, False),
        (601, {"limit": None}, False),
        (
            601,
            {"limit": None, "policy": Policy(caps=CapPolicy(speed=Speed(600)))},
            True,
        ),
        (400, {"limit": LimitChange(Speed(300), Grade(0), False, "RUN", ())}, False),
    ],
)
def test_only_a_second_raise_above_what_is_allowed_stops_the_belt(
    value: int, facts: dict[str, Any], stops: bool
) -> None:
    again = Console(corrections=1, corrected=Millis(90_000))
    t = announced(value, **{"console": again, **facts})
    assert (t.s.rest is not None, len(alarms(t))) == (stops, int(stops))
