from __future__ import annotations

from functools import partial

from treadguard.sim.agenda import Agenda


def test_things_run_in_order_of_time_and_ties_in_the_order_they_came() -> None:
    agenda = Agenda()
    seen: list[tuple[int, str]] = []
    for due, name in ((20, "b"), (10, "a"), (20, "c"), (31, "late")):
        agenda.put(due, partial(lambda name: seen.append((agenda.now, name)), name))
    agenda.run(30)
    assert seen == [(10, "a"), (20, "b"), (20, "c")]
    assert agenda.next_due() == 31
    assert agenda.now == 30


def test_what_an_act_puts_in_runs_at_its_own_time_in_the_same_run() -> None:
    agenda = Agenda()
    seen: list[int] = []
    agenda.put(10, lambda: agenda.put(15, lambda: seen.append(agenda.now)))
    agenda.run(1000)
    assert seen == [15]


def test_what_is_put_into_the_past_runs_now_and_time_never_goes_back() -> None:
    agenda = Agenda()
    seen: list[int] = []
    agenda.run(100)
    agenda.put(50, lambda: seen.append(agenda.now))
    agenda.run(40)
    assert seen == []
    agenda.run(100)
    assert seen == [100]
