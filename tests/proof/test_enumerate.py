"""The short grids, whole: all laws hold, the stop is always reached, the table is as committed."""

from __future__ import annotations

import pytest
from proof.enumerate import golden, rule_belt, rule_inputs
from proof.enumerate.__main__ import searched
from proof.enumerate.core import At
from proof.enumerate.grids import COLD, Grid, grids
from proof.enumerate.letters import RETURNS, SLEPT, pain, presses, shows, shows_twice
from proof.enumerate.normal import unknown
from proof.enumerate.search import Found
from proof.enumerate.stopping import longest
from proof.enumerate.walk import walk

GRIDS = {g.name: g for g in grids()}
RULES = rule_inputs.RULES | rule_belt.RULES
FOUND: dict[str, Found[At]] = {}
REST_S = 4
"""I17: a fair belt is known to stand so many seconds after the press, from every state found."""


def found(name: str) -> Found[At]:
    if name not in FOUND:
        FOUND[name] = searched(GRIDS[name])
    return FOUND[name]


@pytest.mark.parametrize("name", GRIDS)
def test_every_transition_of_a_grid_keeps_the_laws_and_is_as_committed(name: str) -> None:
    changed = golden.changes(found(name))
    assert changed is None, changed


@pytest.mark.parametrize("name", GRIDS)
def test_from_every_state_a_stop_leads_to_zero_on_a_fair_machine(name: str) -> None:
    """I17; of the larger grids every twentieth state, and all in `python -m proof.enumerate`."""
    states = found(name).states
    assert longest(states if len(states) < 700 else states[::20]) <= REST_S


@pytest.mark.parametrize("name", RULES)
def test_every_rule_alone_keeps_its_laws_and_is_as_committed(name: str) -> None:
    changed = golden.changes(RULES[name]())
    assert changed is None, changed


def test_a_back_off_is_designs_formula_in_exact_fractions() -> None:
    assert rule_belt.arithmetic() == 18_900


SEEDS = (1, 2, 7, 101)


@pytest.mark.parametrize("grid", [*grids(), *grids(fine=True)], ids=lambda g: g.name)
def test_what_the_normal_form_forgets_makes_no_difference(grid: Grid) -> None:
    """Thousands of steps on each in `python -m proof.enumerate --long`."""
    assert [walk(grid, 120, seed) for seed in SEEDS] == [120] * len(SEEDS)


def test_nothing_starts_on_what_was_seen_before_time_was_lost() -> None:
    """H67: the guard's clock stands still in a suspend, so old zeros look fresh after it."""
    letters = (RETURNS, shows_twice(0, 5_000), shows_twice(100, 5_000), SLEPT, presses("start"))
    searched(Grid("asleep", COLD, letters))


def test_a_press_after_the_end_beside_a_belt_that_moves_sends_one_stop() -> None:
    """H12, H10: the press sends one, and the motion after the end another in the same step."""
    letters = (RETURNS, shows(0, 1_000), shows(100, 1_000), pain(8))
    searched(Grid("pressed", COLD, letters))


def test_the_normal_form_has_a_word_for_every_field_of_the_guard() -> None:
    assert unknown() == []


def test_the_grids_reach_every_phase_command_and_reason() -> None:
    """Otherwise the laws would hold for want of trying."""
    rows = [row.split("\t") for name in GRIDS for row in golden.pinned(name)[1:]]
    assert {row[1] for row in rows} == {
        "OFF", "READY", "STARTING", "RUNNING", "STOPPING", "PAUSED", "BREAK", "ENDED", "FAULT",
        "LOST",
    }  # fmt: skip
    assert {row[1] for row in rows if row[0] == "product"} == {row[1] for row in rows}
    assert ("BREAK", "link down") in {(row[1], row[2]) for row in rows}
    raised = [row for row in rows if row[2] == "presses speed 2" and "SET_SPEED" in row[3]]
    assert {row[0] for row in raised} >= {"raise", "hold", "host", "blank", "product"}
    said = "\n".join(row[3] for row in rows)
    for thing in ("START", "STOP", "STOP no. 3", "SET_SPEED 1.5", "(shadow) STOP", "alarm 2",
                  "alarm 1", "REQUEST_CONTROL", "confirmed", "rejected", "unknown"):  # fmt: skip
        assert thing in said, thing


def test_what_changed_is_told_in_words_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    blank = found("blank")
    edge = max(blank.edges, key=lambda e: blank.edges[e])
    monkeypatch.setitem(blank.edges, edge, 1)
    told = golden.changes(blank)
    assert told is not None
    assert edge[1] in told
    assert golden.REWRITE in told
