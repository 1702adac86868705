"""The phase machine, phase by phase: what each fact about the belt leads to."""

from __future__ import annotations

from typing import Final, get_args

import pytest

from treadguard.guard.events import PhaseName
from treadguard.guard.limits import Demand
from treadguard.guard.phases import AT_REST, TABLE, Facts, motion, next_phase, rest

STANDS: Final = Facts(
    link=True,
    seen=True,
    moving=False,
    twice_moving=False,
    stopped=True,
    lost=False,
    demand=Demand.RUN,
    on_break=False,
    starting=False,
    waiting=False,
    shadow=False,
)
MOVES: Final = STANDS._replace(moving=True, twice_moving=True, stopped=False)
RUN, STOP, END, FAULT = Demand.RUN, Demand.STOP, Demand.END, Demand.FAULT

RESTS: Final[list[tuple[Demand, bool, PhaseName]]] = [
    (RUN, False, "READY"),
    (STOP, False, "PAUSED"),
    (STOP, True, "BREAK"),
    (END, False, "ENDED"),
    (END, True, "ENDED"),
    (FAULT, False, "FAULT"),
    (FAULT, True, "FAULT"),
]
"""Where a belt at zero comes to rest, by demand and break: the most severe demand decides."""

MOTIONS: Final[list[tuple[Demand, PhaseName]]] = [
    (RUN, "RUNNING"),
    (STOP, "STOPPING"),
    (END, "STOPPING"),
    (FAULT, "FAULT"),
]


def test_every_phase_has_its_row() -> None:
    assert set(TABLE) == set(get_args(PhaseName))


@pytest.mark.parametrize(("demand", "on_break", "to"), RESTS)
def test_the_most_severe_demand_says_where_a_belt_rests(
    demand: Demand, on_break: bool, to: PhaseName
) -> None:
    assert rest(STANDS._replace(demand=demand, on_break=on_break)) == to


@pytest.mark.parametrize(("demand", "to"), MOTIONS)
def test_a_moving_belt_runs_only_where_nothing_is_demanded(demand: Demand, to: PhaseName) -> None:
    assert motion(MOVES._replace(demand=demand)) == to


@pytest.mark.parametrize("demand", list(Demand))
def test_in_shadow_a_moving_belt_runs_whatever_is_demanded(demand: Demand) -> None:
    assert motion(MOVES._replace(demand=demand, shadow=True)) == "RUNNING"


# ---------------------------------------------------------------- OFF


def test_without_a_link_or_a_sample_nothing_is_known() -> None:
    assert next_phase("OFF", STANDS._replace(link=False)) == "OFF"
    assert next_phase("OFF", STANDS._replace(seen=False)) == "OFF"
    assert next_phase("OFF", MOVES._replace(link=False, seen=False)) == "OFF"


@pytest.mark.parametrize(("demand", "on_break", "to"), RESTS)
def test_the_first_sample_shows_where_a_standing_belt_is(
    demand: Demand, on_break: bool, to: PhaseName
) -> None:
    facts = STANDS._replace(demand=demand, on_break=on_break, stopped=False)
    assert next_phase("OFF", facts) == to


@pytest.mark.parametrize(("demand", "to"), MOTIONS)
def test_the_first_sample_shows_what_a_moving_belt_does(demand: Demand, to: PhaseName) -> None:
    facts = MOVES._replace(demand=demand, twice_moving=False)
    assert next_phase("OFF", facts) == to


# ---------------------------------------------------------------- READY, PAUSED, BREAK


@pytest.mark.parametrize("phase", ["READY", "PAUSED", "BREAK"])
@pytest.mark.parametrize(("demand", "on_break", "to"), RESTS)
def test_a_standing_belt_rests_where_its_demand_says(
    phase: PhaseName, demand: Demand, on_break: bool, to: PhaseName
) -> None:
    assert next_phase(phase, STANDS._replace(demand=demand, on_break=on_break)) == to


@pytest.mark.parametrize("phase", ["READY", "PAUSED", "BREAK"])
@pytest.mark.parametrize(("demand", "on_break", "to"), RESTS)
def test_a_lost_link_takes_away_only_what_asks_for_nothing_that_lasts(
    phase: PhaseName, demand: Demand, on_break: bool, to: PhaseName
) -> None:
    facts = STANDS._replace(link=False, lost=True, demand=demand, on_break=on_break)
    assert next_phase(phase, facts) == ("OFF" if to in ("READY", "PAUSED") else to)


@pytest.mark.parametrize("phase", ["READY", "PAUSED", "BREAK"])
def test_a_start_that_went_out_waits_for_motion(phase: PhaseName) -> None:
    assert next_phase(phase, STANDS._replace(starting=True)) == "STARTING"
    assert next_phase(phase, STANDS._replace(starting=True, link=False, lost=True)) == "OFF"


@pytest.mark.parametrize("phase", ["READY", "PAUSED", "BREAK"])
def test_motion_and_then_silence_is_a_lost_belt(phase: PhaseName) -> None:
    blind = MOVES._replace(lost=True)
    assert next_phase(phase, blind) == "LOST"
    assert next_phase(phase, blind._replace(twice_moving=False)) == "LOST"
    assert next_phase(phase, blind._replace(shadow=True)) == "RUNNING"
    assert next_phase(phase, STANDS._replace(lost=True)) == "READY"


@pytest.mark.parametrize("phase", ["READY", "PAUSED", "BREAK"])
@pytest.mark.parametrize(("demand", "to"), MOTIONS)
def test_two_samples_of_motion_are_motion_and_one_is_none(
    phase: PhaseName, demand: Demand, to: PhaseName
) -> None:
    facts = MOVES._replace(demand=demand)
    assert next_phase(phase, facts) == to
    once = facts._replace(twice_moving=False)
    assert next_phase(phase, once) == rest(once)


# ---------------------------------------------------------------- ENDED, FAULT


@pytest.mark.parametrize(("phase", "demand"), [("ENDED", END), ("FAULT", FAULT), ("ENDED", FAULT)])
def test_nothing_that_the_belt_does_leaves_an_end(phase: PhaseName, demand: Demand) -> None:
    for facts in (STANDS, MOVES, MOVES._replace(lost=True), MOVES._replace(link=False, lost=True)):
        to = next_phase(phase, facts._replace(demand=demand, starting=True))
        assert to == ("ENDED" if demand is END else "FAULT")


# ---------------------------------------------------------------- STARTING


def test_a_start_waits_and_then_runs() -> None:
    waits = STANDS._replace(starting=True, stopped=False)
    assert next_phase("STARTING", waits) == "STARTING"
    assert next_phase("STARTING", MOVES._replace(starting=True, twice_moving=False)) == "RUNNING"
    assert next_phase("STARTING", MOVES._replace(starting=False)) == "RUNNING"


def test_a_start_given_up_rests() -> None:
    assert next_phase("STARTING", STANDS) == "READY"
    assert next_phase("STARTING", STANDS._replace(stopped=False)) == "READY"


@pytest.mark.parametrize("demand", list(Demand))
def test_a_starting_belt_out_of_sight_is_lost(demand: Demand) -> None:
    assert (
        next_phase("STARTING", STANDS._replace(lost=True, starting=True, demand=demand)) == "LOST"
    )


@pytest.mark.parametrize(("demand", "on_break", "to"), RESTS[1:])
def test_a_start_taken_back_stops_until_the_belt_is_known_to_stand(
    demand: Demand, on_break: bool, to: PhaseName
) -> None:
    taken_back = STANDS._replace(demand=demand, on_break=on_break)
    assert next_phase("STARTING", taken_back) == to
    assert next_phase("STARTING", taken_back._replace(stopped=False)) == "STOPPING"
    assert next_phase("STARTING", taken_back._replace(starting=True)) == "STOPPING"
    assert next_phase("STARTING", MOVES._replace(demand=demand, on_break=on_break)) == "STOPPING"


# ---------------------------------------------------------------- RUNNING, STOPPING, LOST


@pytest.mark.parametrize("phase", ["RUNNING", "STOPPING", "LOST"])
def test_a_belt_out_of_sight_is_lost(phase: PhaseName) -> None:
    for facts in (STANDS, MOVES, MOVES._replace(demand=STOP)):
        assert next_phase(phase, facts._replace(lost=True)) == "LOST"


@pytest.mark.parametrize("phase", ["RUNNING", "STOPPING", "LOST"])
@pytest.mark.parametrize(("demand", "on_break", "to"), RESTS)
def test_a_belt_known_to_stand_rests(
    phase: PhaseName, demand: Demand, on_break: bool, to: PhaseName
) -> None:
    assert next_phase(phase, STANDS._replace(demand=demand, on_break=on_break)) == to


@pytest.mark.parametrize("phase", ["RUNNING", "LOST"])
@pytest.mark.parametrize(("demand", "to"), MOTIONS)
def test_a_moving_belt_in_sight_runs_or_stops(
    phase: PhaseName, demand: Demand, to: PhaseName
) -> None:
    assert next_phase(phase, MOVES._replace(demand=demand)) == to


@pytest.mark.parametrize(("demand", "to"), [*MOTIONS[1:], (RUN, "STOPPING")])
def test_a_stopping_belt_stops_until_it_stands(demand: Demand, to: PhaseName) -> None:
    assert next_phase("STOPPING", MOVES._replace(demand=demand)) == to
    slow = STANDS._replace(demand=demand, stopped=False)
    assert next_phase("STOPPING", slow) == to


def test_a_belt_that_does_not_stop_is_a_fault_even_out_of_sight() -> None:
    assert next_phase("STOPPING", MOVES._replace(demand=FAULT, lost=True)) == "FAULT"


def test_one_zero_is_no_standing_belt() -> None:
    once = STANDS._replace(stopped=False)
    assert next_phase("RUNNING", once) == "RUNNING"
    assert next_phase("LOST", once) == "LOST"


def test_while_an_owed_stop_is_weighed_the_belt_is_lost() -> None:
    for facts in (STANDS, MOVES, MOVES._replace(demand=STOP)):
        assert next_phase("LOST", facts._replace(waiting=True)) == "LOST"
    assert next_phase("RUNNING", MOVES._replace(waiting=True)) == "RUNNING"


def test_the_phases_at_rest_are_those_in_which_the_belt_should_stand() -> None:
    moving = {"STARTING", "RUNNING", "STOPPING", "LOST"}
    assert set(AT_REST) == set(get_args(PhaseName)) - moving
