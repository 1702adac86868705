"""The bare button and named symptoms: what stops, what ends, what stays locked."""

from __future__ import annotations

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept
from treadguard.units import Millis

RED_FLAGS = (
    "saddle-numbness",
    "bladder-bowel",
    "both-legs",
    "chest-pain",
    "faint",
    "breathless",
    "a word nobody knows",
)
NERVE = ("down-the-leg", "weakness", "numbness")


def only_stop(out: list[ev.Output]) -> bool:
    return [o.op for o in out if isinstance(o, ev.Command)] == ["stop"]


@pytest.mark.parametrize("role", ["local", "remote"])
def test_the_bare_button_stops_and_breaks(role: ev.Role) -> None:
    rig = Rig().walking()
    assert only_stop(rig.pain(None, role))
    rig.run(15)
    assert rig.phase == "BREAK"
    assert kept(rig.state).triggers == 1


def test_the_button_counts_as_five() -> None:
    rig = Rig().walking()
    rig.pain(None)
    rig.run(15 + 121)
    rig.pain(3)
    rig.run(3)
    since = rig.now
    rig.ask("resume")
    rig.run(1)
    assert rig.ops(since) == [], "3 is above resume_max"
    rig.pain(2)
    rig.run(3)
    rig.ask("resume")
    rig.run(1)
    assert rig.ops(since) == ["start"]


def test_the_button_in_a_break_counts_no_trigger() -> None:
    rig = Rig().walking()
    rig.pain(None)
    rig.run(20)
    rig.pain(None)
    rig.run(5)
    assert kept(rig.state).triggers == 1


@pytest.mark.parametrize("what", RED_FLAGS + NERVE)
@pytest.mark.parametrize("role", ["local", "remote"])
def test_every_symptom_stops_at_once_and_ends(what: str, role: ev.Role) -> None:
    rig = Rig().walking()
    assert only_stop(rig.symptom(what, role))
    rig.run(15)
    assert rig.phase == "ENDED"
    rig.run(200)
    rig.pain(0)
    rig.run(3)
    since = rig.now
    rig.ask("resume")
    rig.ask("start")
    rig.run(5)
    assert rig.ops(since) == []


@pytest.mark.parametrize("what", RED_FLAGS + NERVE)
def test_every_symptom_is_kept_across_a_restart(what: str) -> None:
    rig = Rig().walking()
    rig.symptom(what)
    rig.run(15)
    again = Rig(kept=kept(rig.state))
    again.connect()
    again.run(5)
    again.ask("start")
    again.run(5)
    assert again.ops() == []


def test_a_red_flag_locks_until_a_local_unlock() -> None:
    rig = Rig().walking()
    rig.symptom("saddle-numbness")
    rig.run(15)
    again = Rig(kept=kept(rig.state).next_session())
    again.connect()
    again.run(5)
    again.ask("unlock", role="remote")
    again.run(1)
    again.ask("start")
    again.run(5)
    assert again.ops() == [], "nothing remote unlocks"
    again.ask("unlock")
    again.run(1)
    assert kept(again.state).locks == ()


def test_after_the_unlock_a_new_session_may_start() -> None:
    rig = Rig().walking()
    rig.symptom("saddle-numbness")
    rig.run(15)
    rig.ask("unlock")
    rig.run(1)
    again = Rig(kept=kept(rig.state).next_session())
    again.connect()
    again.run(5)
    again.ask("start")
    again.run(5)
    assert again.ops() == ["start"]


def test_an_unlock_does_not_revive_the_session() -> None:
    rig = Rig().walking()
    rig.symptom("saddle-numbness")
    rig.run(15)
    rig.ask("unlock")
    rig.run(200)
    since = rig.now
    rig.pain(0)
    rig.ask("resume")
    rig.ask("start")
    rig.run(5)
    assert rig.ops(since) == []


def test_no_rating_unlocks_a_red_flag() -> None:
    rig = Rig().walking()
    rig.symptom("chest-pain")
    rig.run(15)
    for _ in range(5):
        rig.pain(0)
        rig.run(60)
    assert rig.phase == "ENDED"
    assert kept(rig.state).locks


def test_a_symptom_before_the_belt_moves_locks_as_well() -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    rig.symptom("both-legs")
    rig.run(1)
    assert kept(rig.state).locks
    rig.ask("start")
    rig.run(5)
    assert rig.ops() == []


def test_a_symptom_in_a_break_ends_the_session() -> None:
    rig = Rig().walking()
    rig.pain(6)
    rig.run(20)
    rig.symptom("weakness")
    rig.run(1)
    assert rig.phase == "ENDED"


def test_a_symptom_without_a_link_is_kept() -> None:
    rig = Rig()
    rig.symptom("faint")
    assert kept(rig.state).locks


def test_a_retained_symptom_is_a_plain_stop() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.feed(ev.Symptom(Millis(rig.now), "faint", source="mqtt", role="remote", retained=True))
    assert rig.stops(since) == [since]
    rig.run(15)
    assert rig.phase == "PAUSED"
    assert kept(rig.state).locks == ()


@pytest.mark.parametrize(
    ("what", "now"),
    [("chest-pain", True), ("saddle-numbness", True), ("Chest_Pain", True), ("pop", False)],
)
def test_what_may_not_wait_says_to_call_at_once(what: str, now: bool) -> None:
    rig = Rig().walking(500)
    since = rig.now
    rig.symptom(what)
    (said,) = [text for text in rig.says(ev.Alarm, since) if "ends" in text]
    assert ("call the emergency number now" in said) is now
