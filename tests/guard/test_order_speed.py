"""The next set-speed: where it goes, and when a belt that somebody else slows gets none."""

from __future__ import annotations

from typing import Any

import pytest
from tests.guard.bare import NOW, before, commands, cues, verdicts
from tests.guard.turns import running, seen, turn, writes

from treadguard.guard.belt import Measured
from treadguard.guard.console import Console
from treadguard.guard.credible import Credible
from treadguard.guard.events import Command
from treadguard.guard.follow import Follow
from treadguard.guard.limits import FREE, Limit, cap
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.backoff import Backoff

DOUBTED = Credible(value=600, t=NOW, last=600, samples=1)


def speeds(limit: Limit = FREE, **facts: Any) -> list[int | None]:
    found = writes(running(**facts), limit)
    assert all(op == "set_speed" for op, _ in found)
    return [value for _, value in found]


def down_to(wanted: int, **facts: Any) -> Axis:
    return Axis(**{"wanted": wanted, "setpoint": 600, **facts})


def up_to(wanted: int, **facts: Any) -> Axis:
    return Axis(**{"wanted": wanted, "setpoint": 600, "grant": wanted, **facts})


# ---------------------------------------------------------------- command = min(wanted, allowed)


def test_a_belt_that_does_as_it_was_told_gets_nothing() -> None:
    assert speeds() == []


def test_what_is_wanted_is_written_at_once_and_by_half_a_kmh() -> None:
    assert speeds(speed=down_to(500)) == [550]
    assert speeds(speed=down_to(590)) == [590]


def test_a_ramp_is_written_once_a_second() -> None:
    under_way = {"ramp_to": 500, "ramp_from": 600, "fell": True, "told": 600}
    for since, written in ((999, []), (1_000, [500])):
        wrote = before(since)
        axis = down_to(500, ramp_t=before(2_000), wrote=wrote, **under_way)
        assert speeds(speed=axis) == written


def test_what_is_allowed_clips_it_on_the_machines_grid() -> None:
    assert speeds(cap("cap", speed=587)) == [580]
    assert speeds(cap("cap", speed=600)) == []


def test_up_it_goes_only_with_a_grant_and_by_a_quarter_of_a_kmh() -> None:
    assert speeds(speed=up_to(700)) == [620]
    assert speeds(speed=up_to(700, grant=None)) == []


def test_what_is_not_known_is_not_written() -> None:
    assert speeds(speed=Axis()) == []
    assert speeds(speed=Axis(setpoint=600)) == []
    assert speeds(speed=Axis(wanted=500)) == []


@pytest.mark.parametrize(("measured", "written"), [(4, []), (5, []), (6, [620])])
def test_a_standing_belt_gets_no_speed(measured: int, written: list[int]) -> None:
    """H11."""
    assert speeds(speed=up_to(700), measured=seen(measured)) == written


def test_no_lowering_leaves_a_belt_above_what_no_setting_passes() -> None:
    fast: dict[str, Any] = {"measured": seen(2_500), "speed": Axis(wanted=2_500, setpoint=2_500)}
    assert speeds(**fast) == [2_000]
    slow: dict[str, Any] = {"measured": seen(2_040), "speed": Axis(wanted=1_900, setpoint=2_040)}
    assert speeds(**slow) == [1_990]


# ---------------------------------------------------------------- slower than it was told


def test_a_belt_already_slower_is_not_sped_up_by_a_lowering() -> None:
    """UCA7: what was wanted follows it down."""
    s = running(speed=down_to(500), measured=seen(447))
    assert writes(s) == [("set_speed", 440)]
    assert s.speed.wanted == 440


@pytest.mark.parametrize(("measured", "wanted"), [(500, 500), (499, 490), (501, 500)])
def test_only_a_belt_below_the_target_takes_it_along(measured: int, wanted: int) -> None:
    s = running(speed=down_to(500), measured=seen(measured))
    turn(s)
    assert s.speed.wanted == wanted


def test_it_is_never_taken_below_the_machines_minimum() -> None:
    s = running(speed=down_to(500), measured=seen(101))
    assert writes(s) == [("set_speed", 100)]
    s = running(speed=down_to(500), measured=seen(99))
    assert writes(s) == [], "a belt below its minimum is on its way to zero"
    assert s.speed.wanted == 100


def test_a_raise_takes_nothing_along() -> None:
    s = running(speed=up_to(700), measured=seen(447))
    assert writes(s) == [("set_speed", 620)]
    assert s.speed.wanted == 700


# ---------------------------------------------------------------- an old speed


def test_a_lowering_written_blind_starts_from_the_last_speed_seen() -> None:
    assert speeds(speed=down_to(540), measured=seen(450, old=3_000)) == [450]
    assert speeds(speed=down_to(540), measured=seen(457, old=3_000)) == [450]
    assert speeds(speed=down_to(540), measured=seen(100, old=3_000)) == [100]
    assert speeds(speed=down_to(540), measured=seen(600, old=3_000)) == [550]


@pytest.mark.parametrize("last", [0, 99])
def test_a_belt_last_seen_below_its_minimum_is_not_lowered_blind(last: int) -> None:
    """It may stand, and a set-speed may start it."""
    assert speeds(speed=down_to(540), measured=seen(last, old=3_000)) == []


def test_a_raise_is_not_held_down_by_an_old_speed() -> None:
    """Whether it may go up at all is the limit's business."""
    assert speeds(speed=up_to(700), measured=seen(450, old=3_000)) == [620]
    assert speeds(speed=up_to(700), measured=seen(50, old=3_000)) == [620]


# ---------------------------------------------------------------- somebody else lowers it

TOLD = {"told": 550, "setpoint": 550}


@pytest.mark.parametrize(
    ("measured", "prev", "written"),
    [
        (535, 540, [480]),  # 0.15 km/h below what it was told is what a belt may do by itself
        (534, 539, []),  # more, and falling on
        (534, 538, [480]),  # more, but steady
        (400, 405, []),
        (400, 404, [400]),
        (400, None, [400]),
    ],
)
def test_a_belt_that_falls_faster_than_told_is_left_alone(
    measured: int, prev: int | None, written: list[int]
) -> None:
    """The console goes first downward: a write could lift the belt from where it is going."""
    belt = seen(measured, prev=prev)
    assert speeds(speed=down_to(450, **TOLD), measured=belt) == written


def test_the_slack_is_a_step_where_that_is_more() -> None:
    s = running(speed=down_to(450, **TOLD), measured=seen(500, prev=505))
    s.machine = type(s.machine)(speed_step=50)
    assert writes(s) == [("set_speed", 450)]
    s = running(speed=down_to(450, **TOLD), measured=seen(499, prev=504))
    s.machine = type(s.machine)(speed_step=50)
    assert writes(s) == []


def test_a_belt_that_was_told_nothing_outruns_what_was_seen_of_it() -> None:
    """Taken over from a process that died, and slowed at its console in the same moment."""
    assert speeds(speed=down_to(500), measured=seen(400, prev=500)) == []
    assert speeds(speed=up_to(700), measured=seen(400, prev=500)) == []


@pytest.mark.parametrize(("measured", "written"), [(635, [620]), (636, []), (700, [])])
def test_a_belt_already_faster_than_its_next_raise_gets_none(
    measured: int, written: list[int]
) -> None:
    """A consent to go up writes no less than the belt runs: what drives it is found out first."""
    belt = seen(measured)
    assert speeds(speed=up_to(700, told=600), measured=belt) == written


@pytest.mark.parametrize(("prev", "written"), [(505, []), (504, [620])])
def test_a_belt_that_somebody_slows_is_not_raised(prev: int, written: list[int]) -> None:
    belt = seen(500, prev=prev)
    assert speeds(speed=up_to(700, told=600), measured=belt) == written


@pytest.mark.parametrize("belt", [seen(500, prev=505), seen(640)])
def test_a_raise_that_was_held_back_doesnt_make_up_for_it(belt: Measured) -> None:
    s = running(
        speed=up_to(900, told=600, wrote=before(1_000), ramp_t=before(9_000)), measured=belt
    )
    assert writes(s) == []
    assert s.speed.ramp_to is None
    s.measured = seen(600)
    assert writes(s) == [("set_speed", 620)]


def test_a_lowering_that_was_held_back_goes_on_from_where_its_track_has_come_to() -> None:
    """What lowers the load isn't begun anew: 4 s of half a km/h each from 6.0 are 4.0 km/h."""
    track = {"ramp_to": 300, "ramp_from": 600, "ramp_t": before(3_000), "fell": True}
    axis = down_to(300, told=550, setpoint=550, wrote=before(1_000), **track)
    s = running(speed=axis, measured=seen(500, prev=505))
    assert writes(s) == []
    s.measured = seen(500)
    assert writes(s) == [("set_speed", 400)]


# A lowering to 6.0 that the machine refused at 8.0: it may be obeyed all the same, or not at all.
REFUSED: Any = {"setpoint": 800, "told": 600}


def test_a_refused_lowering_is_written_again_though_the_belt_shows_it_already() -> None:
    """A belt still on its way up to 8.0 is seen at 6.0 once, too."""
    assert speeds(speed=Axis(wanted=600, **REFUSED), measured=seen(600, prev=560)) == [600]


def test_a_raise_after_a_refused_lowering_begins_at_the_belt_not_at_what_was_refused() -> None:
    assert speeds(speed=Axis(wanted=900, grant=900, **REFUSED), measured=seen(640)) == [660]


def test_a_belt_that_obeys_a_refused_lowering_is_in_nobody_elses_hand() -> None:
    assert speeds(speed=Axis(wanted=500, **REFUSED), measured=seen(700, prev=750)) == [600]


@pytest.mark.parametrize(("allowed", "written"), [(590, [550]), (600, [])])
def test_what_the_console_announced_is_overtaken_by_what_is_written_after(
    allowed: int, written: list[int]
) -> None:
    hand = Console(driving=True, target=560)
    t = turn(running(console=hand, speed=down_to(500)), cap("cap", speed=allowed))
    assert [c.value for c in commands(t)] == written
    assert t.s.console.driving == (not written)


# ---------------------------------------------------------------- a speed in doubt


@pytest.mark.parametrize(("told", "written"), [(540, 540), (550, 550), (560, 550)])
def test_in_doubt_no_lowering_to_more_than_was_ever_told(told: int, written: int) -> None:
    """I2: "down" from a speed that is only noise would be a raise."""
    assert speeds(speed=down_to(500, told=told), speed_seen=DOUBTED) == [written]


@pytest.mark.parametrize(("wanted", "written"), [(100, [100]), (110, [])])
def test_in_doubt_a_belt_that_was_told_nothing_gets_its_minimum_at_most(
    wanted: int, written: list[int]
) -> None:
    speed = Axis(wanted=wanted, setpoint=120)
    assert speeds(speed=speed, measured=seen(120), speed_seen=DOUBTED) == written


def test_a_grant_or_a_believed_speed_leaves_no_doubt() -> None:
    assert speeds(speed=down_to(500, told=450)) == [450]
    assert speeds(speed=up_to(700, told=600), speed_seen=DOUBTED) == [620]


# ---------------------------------------------------------------- the console's hand


@pytest.mark.parametrize(
    ("console", "measured", "written"),
    [
        (Console(driving=True, up=True), 580, []),
        (Console(driving=True, up=True), 581, [580]),
        (Console(driving=True), 600, []),
        (Console(driving=True, target=590), 580, []),
        (Console(driving=True, target=590), 600, [580]),
        (Console(driving=True, target=580), 600, [580]),
        (Console(driving=True, target=570), 600, []),
        (Console(driving=True, target=0), 600, []),
        (Console(driving=True, up=True, target=570), 600, [580]),
        (Console(target=570), 600, [580]),
        (Console(), 580, [580]),
    ],
)
def test_while_the_console_drives_only_what_is_above_the_limit_is_lowered(
    console: Console, measured: int, written: list[int]
) -> None:
    """Downward, to less than would be written or nobody knows how far, the console goes first."""
    limit, speed = cap("cap", speed=580), down_to(600, setpoint=610)
    assert speeds(limit, console=console, speed=speed, measured=seen(measured)) == written


def test_time_that_the_consoles_hand_took_isnt_made_up_for() -> None:
    hand = Console(driving=True, target=300)
    ramp = {"ramp_to": 500, "ramp_from": 600, "ramp_t": before(4_000)}
    under_way = down_to(500, **ramp, wrote=before(3_000), fell=True)
    s = running(console=hand, speed=under_way)
    assert writes(s, cap("cap", speed=590)) == []
    s.console = Console()
    assert writes(s, cap("cap", speed=590)) == [("set_speed", 550)]


def test_while_the_console_drives_nothing_is_written_blind() -> None:
    facts = {"console": Console(driving=True, up=True), "measured": seen(600, old=3_000)}
    assert speeds(cap("cap", speed=500), **facts) == []


# ---------------------------------------------------------------- what a write leaves behind


def test_a_write_is_remembered_and_followed() -> None:
    s = running(speed=down_to(500), commands=7)
    t = turn(s)
    assert commands(t) == [Command(8, "set_speed", 550, ("wanted",))]
    assert (s.speed.setpoint, s.speed.told, s.speed.wrote, s.speed.fell) == (550, 550, NOW, True)
    assert s.inflight == NOW
    assert (s.follow.kind, s.follow.pending) == ("lower", (8,))
    assert (s.follow.target, s.follow.start, s.follow.last) == (550, 600, NOW)


def test_a_raise_names_the_consent_and_is_followed_as_one() -> None:
    s = running(speed=up_to(700), measured=seen(590))
    t = turn(s)
    assert [(c.value, c.why) for c in commands(t)] == [(620, ("consent",))]
    assert (s.follow.kind, s.follow.target, s.follow.start) == ("raise", 620, 590)


def test_without_a_measured_speed_it_is_followed_from_the_command() -> None:
    s = running(speed=down_to(500))
    s.measured = type(s.measured)(t=NOW)
    turn(s)
    assert s.follow.start == 600


@pytest.mark.parametrize(
    ("kind", "speed", "overtaken"),
    [
        ("raise", down_to(500), True),
        ("stop", down_to(500), True),
        ("lower", down_to(500), False),
        ("lower", up_to(700), True),
        ("raise", up_to(700), False),
    ],
)
def test_a_write_the_other_way_overtakes_what_was_followed(
    kind: Any, speed: Axis, overtaken: bool
) -> None:
    s = running(speed=speed, follow=Follow(kind=kind, pending=(3,), target=600, start=600))
    t = turn(s)
    assert verdicts(t) == ([(3, "unknown")] if overtaken else [])
    assert s.follow.pending == ((1,) if overtaken else (3, 1))


def test_a_lowering_of_the_speed_ends_a_raise_of_the_grade_and_says_so() -> None:
    """The grade stays where it is; DESIGN section 1."""
    climbing = Axis(wanted=40, setpoint=20, grant=40, wrote=before(1_000))
    s = running(speed=down_to(500), grade=climbing, measured=seen(600, 20))
    t = turn(s)
    assert [c.op for c in commands(t)] == ["set_speed"]
    assert (s.grade.grant, s.grade.wanted) == (None, 20)
    assert cues(t) == ["Lowering comes first: the incline stays."]


def test_a_lowering_beside_a_grade_that_stays_says_nothing() -> None:
    assert cues(turn(running(speed=down_to(500)))) == []


# ---------------------------------------------------------------- why it goes down


def held(why: str) -> Backoff:
    return Backoff(why, 500, None, NOW, None, 27, 600)


def why(limit: Limit = FREE, **facts: Any) -> tuple[str, ...]:
    (command,) = commands(turn(running(**facts), limit))
    return command.why


def test_a_lowering_names_the_back_offs_in_force_before_all_else() -> None:
    facts = {"speed": down_to(500), "ease": held("ease"), "ending": NOW}
    assert why(cap("cap", speed=500), **facts) == ("ease",)
    s = running(**facts)
    s.posture = type(s.posture)(backoff=held("posture"))
    s.pain = type(s.pain)(backoff=held("pain"))
    (command,) = commands(turn(s))
    assert command.why == ("ease", "pain", "posture")


def test_then_the_planned_end() -> None:
    assert why(cap("cap", speed=500), speed=down_to(500), ending=NOW) == ("end",)


@pytest.mark.parametrize(
    ("most", "named"), [(499, ("cap", "stage")), (500, ("cap", "stage")), (501, ("wanted",))]
)
def test_then_the_limit_where_it_binds_and_else_the_runners_wish(
    most: int, named: tuple[str, ...]
) -> None:
    limit = Limit(speed_max=most, speed_why=frozenset(("stage", "cap")))
    assert why(limit, speed=down_to(500)) == named
