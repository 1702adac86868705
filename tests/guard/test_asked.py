"""What the runner asks for, one ask at a time: start, stop, break, ease, end, unlock."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from tests.guard.bare import (
    NOW,
    STANDING,
    alarms,
    before,
    commands,
    cues,
    ops,
    seen,
    turn,
    verdicts,
)

from treadguard.guard import acts
from treadguard.guard import events as ev
from treadguard.guard.acts import Turn
from treadguard.guard.asked import asked
from treadguard.guard.belt import Machine, Measured
from treadguard.guard.consent import USED_KEPT
from treadguard.guard.follow import Follow
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.rules.breaks import Breaks
from treadguard.units import Grade, Millis, Speed

PHASES: tuple[ev.PhaseName, ...] = get_args(ev.PhaseName)
MOVING: tuple[ev.PhaseName, ...] = ("STARTING", "RUNNING", "STOPPING", "LOST")
STARTS: tuple[ev.PhaseName, ...] = ("READY", "PAUSED", "BREAK")


def consent(
    for_: ev.ConsentFor = "start",
    target: int | None = None,
    *,
    id_: str = "c1",
    left: int = 5_000,
    generation: int = 1,
) -> ev.Consent:
    return ev.Consent(before(1_000), id_, for_, target, Millis(NOW + left), generation)


def ask(t: Turn, do: ev.OperatorDo, *, role: ev.Role = "local") -> Turn:
    asked(t, ev.Operator(NOW, do, None, role))
    return t


def ready(**facts: object) -> Turn:
    """A belt known to stand, and a consent to start it."""
    stands: dict[str, Any] = {
        "phase": "READY",
        "measured": STANDING,
        "speed": Axis(0, 0),
        "consents": (consent(),),
        **facts,
    }
    return turn(**stands)


# ---------------------------------------------------------------- start, resume


@pytest.mark.parametrize("do", ["start", "resume"])
@pytest.mark.parametrize("for_", ["start", "resume"])
@pytest.mark.parametrize("phase", STARTS)
def test_a_start_with_a_consent_goes_out_from_wherever_the_belt_stands(
    do: ev.OperatorDo, for_: ev.ConsentFor, phase: ev.PhaseName
) -> None:
    t = ask(ready(phase=phase, consents=(consent(for_),)), do)
    assert [(c.op, c.value, c.why) for c in commands(t)] == [("start", None, (do,))]
    s = t.s
    assert (s.starting, s.start_n, s.inflight, s.measured.start_doubt) == (NOW, 1, NOW, NOW)


def test_a_start_forgets_what_was_before_it() -> None:
    f = Follow(kind="stop", pending=(7,), stops=1, last_stop=before(9_000))
    t = ask(ready(follow=f, said_started=True, owed_until=Millis(NOW + 1)), "start")
    assert verdicts(t) == [(7, "unknown")]
    assert t.s.follow == Follow(last_stop=f.last_stop)
    assert (t.s.said_started, t.s.owed_until, t.s.waiting) == (False, None, None)


def test_a_resume_begins_flat_and_a_first_start_leaves_the_deck() -> None:
    slope: dict[str, Any] = {"measured": seen(0, grade=20), "grade": Axis(20, 20)}
    assert ask(ready(phase="PAUSED", **slope), "resume").s.grade.wanted == 0
    assert ask(ready(phase="BREAK", **slope), "start").s.grade.wanted == 0
    assert ask(ready(phase="READY", **slope), "start").s.grade.wanted == 20


BREAK = Breaks(active=True, level=6, speed=600, zero=before(50_000))
REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"shadow": True}, "only watches"),
    ({"fault": "the belt does not stop"}, "did not obey"),
    ({"ended": "pain"}, "this session has ended."),
    ({"ended": "pain", "locks": ("pain",)}, "this session has ended and is locked."),
    ({"phase": "OFF", "link": False}, "there is no link"),
    ({"phase": "READY", "link": False}, "there is no link"),
    ({"phase": "RUNNING"}, "the belt must stand first"),
    ({"phase": "STOPPING"}, "the belt must stand first"),
    ({"phase": "BREAK", "breaks": BREAK}, "the break lasts 70 s more"),
    ({"waiting": 3}, "your pain must be 1 or less, it was 3"),
    ({"machine": Machine(speed_min=610, speed_step=10)}, "slower than this machine can go"),
    ({"measured": Measured()}, "seen standing"),
    ({"measured": seen(0, 100)}, "seen standing"),
    ({"consents": ()}, "needs your consent"),
    ({"consents": (consent("speed"),)}, "needs your consent"),
    ({"consents": (consent("start", 600),)}, "needs your consent"),
    ({"consents": (consent(left=0),)}, "needs your consent"),
    ({"consents": (consent(generation=2),)}, "needs your consent"),
]


def limited(speed: int) -> ev.LimitChange:
    return ev.LimitChange(Speed(speed), Grade(100), True, "RUN", ())


@pytest.mark.parametrize(("facts", "why"), REFUSALS)
def test_a_start_is_refused_with_its_reason(facts: dict[str, Any], why: str) -> None:
    t = ask(ready(limit=limited(600), **facts), "start")
    assert len(cues(t)) == 1
    assert cues(t)[0].startswith("Not starting: ")
    assert why in cues(t)[0]
    assert (ops(t), t.s.starting) == ([], None)


def test_only_someone_at_the_treadmill_starts_it() -> None:
    t = ask(ready(), "start", role="remote")
    assert "only someone at the treadmill" in cues(t)[0]
    assert ops(t) == []


@pytest.mark.parametrize(("least", "starts"), [(600, True), (601, False)])
def test_a_machine_that_cannot_go_as_slow_as_allowed_is_not_started(
    least: int, starts: bool
) -> None:
    t = ask(ready(limit=limited(600), machine=Machine(speed_min=least)), "start")
    assert (ops(t) == ["start"]) == starts


def test_an_ask_uses_up_the_consent_even_where_it_is_refused() -> None:
    t = ask(ready(phase="RUNNING"), "start")
    assert (t.s.consents, t.s.used) == ((), ("c1",))


# ---------------------------------------------------------------- an orphan


ORPHAN: dict[str, Any] = {
    "phase": "LOST",
    "measured": seen(500),
    "orphan": True,
    "orphan_until": Millis(NOW + 9_000),
}


@pytest.mark.parametrize("do", ["start", "resume"])
def test_an_orphan_is_taken_over_by_a_consent_and_nothing_is_sent(do: ev.OperatorDo) -> None:
    t = ask(turn(**ORPHAN, consents=(consent("resume"),)), do)
    assert (t.s.orphan, t.s.orphan_until) == (False, None)
    assert cues(t) == ["Taken over: the belt goes on as it is."]
    assert commands(t) == []


def test_without_a_consent_an_orphan_stays_one() -> None:
    t = ask(turn(**ORPHAN), "resume")
    assert t.s.orphan
    assert t.out == []


@pytest.mark.parametrize(
    ("facts", "role"),
    [({}, "remote"), ({"orphan": False}, "local"), ({"orphan_until": None}, "local")],
)
def test_nothing_else_takes_a_moving_belt_over(facts: dict[str, Any], role: ev.Role) -> None:
    t = ask(turn(**{**ORPHAN, **facts}, consents=(consent("resume"),)), "resume", role=role)
    assert t.s.orphan == facts.get("orphan", True)
    assert len(cues(t)) == 1
    assert cues(t)[0].startswith("Not starting: ")


# ---------------------------------------------------------------- stop, break


@pytest.mark.parametrize("shadow", [True, False])
@pytest.mark.parametrize("role", ["local", "remote"])
def test_the_runners_stop_is_their_own_and_goes_out_in_shadow_too(
    role: ev.Role, shadow: bool
) -> None:
    t = ask(turn(shadow=shadow), "stop", role=role)
    assert [(c.op, c.shadow, c.why) for c in commands(t)] == [("stop", False, ("stop",))]
    assert (t.s.rest, t.s.owed_own) == ("stop", True)


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase not in MOVING])
def test_a_break_on_a_belt_that_moves_where_it_should_stand_is_a_stop(phase: ev.PhaseName) -> None:
    """Found by a random session: started at its console for the second time after the end."""
    t = ask(turn(phase=phase, measured=seen(100)), "break")
    assert ops(t) == ["stop"]
    assert (cues(t), t.s.breaks.active) == (["Stopping the belt."], False)
    t = ask(turn(phase=phase, measured=seen(100), shadow=True), "break")
    assert not [c for c in commands(t) if not c.shadow], "a break isn't sent in shadow"


@pytest.mark.parametrize("phase", PHASES)
def test_a_break_is_taken_where_the_belt_may_move(phase: ev.PhaseName) -> None:
    moves = phase in MOVING
    measured = seen(600) if moves else STANDING
    t = ask(turn(phase=phase, starting=before(1_000), unasked=True, measured=measured), "break")
    assert t.s.breaks.active == moves
    assert t.s.breaks.level is None
    assert t.s.breaks.speed == (600 if moves and phase != "STARTING" else None)
    assert (t.s.starting is None, t.s.unasked) == (moves, not moves)
    assert ("sip water" in cues(t)[0]) == moves
    assert ("already stands" in cues(t)[0]) != moves


def test_a_break_in_a_break_changes_nothing() -> None:
    b = Breaks(active=True, level=6, speed=600, zero=before(50_000))
    t = ask(turn(phase="STOPPING", breaks=b, unasked=True), "break")
    assert (t.s.breaks, t.out, t.s.unasked) == (b, [], True)


def test_a_break_pressed_again_without_a_link_is_told_again() -> None:
    b = Breaks(active=True, level=None, speed=600)
    t = ask(turn(phase="LOST", link=False, breaks=b), "break")
    assert (t.s.breaks, alarms(t)) == (b, [acts.NO_LINK])


def test_a_break_while_a_resume_is_under_way_takes_it_back_and_keeps_its_conditions() -> None:
    b = Breaks(active=True, level=6, speed=600, zero=before(500_000), rated=1)
    t = ask(turn(phase="STARTING", breaks=b, starting=before(1_000)), "break")
    assert (t.s.breaks.level, t.s.breaks.speed, t.s.breaks.zero) == (6, 600, None)
    assert t.s.starting is None


def test_without_a_link_a_break_is_an_alarm() -> None:
    t = ask(turn(phase="LOST", link=False), "break")
    assert t.s.breaks.active
    assert len(alarms(t)) == 1
    assert acts.KEY_FIRST in alarms(t)[0]
    assert cues(t) == []


# ---------------------------------------------------------------- ease


@pytest.mark.parametrize("phase", PHASES)
def test_ease_is_an_unrated_back_off_of_a_belt_that_runs(phase: ev.PhaseName) -> None:
    t = ask(turn(phase=phase), "ease")
    if phase in ("RUNNING", "LOST"):
        assert t.s.ease is not None
        assert (t.s.ease.why, t.s.ease.speed, t.s.ease.k) == ("ease", 540, 27)
        assert t.s.ease.until == NOW + 120_000
    else:
        assert t.s.ease is None
        assert "nothing to ease" in cues(t)[0]


def test_an_ease_at_no_known_speed_keeps_the_one_in_force() -> None:
    b = Backoff("ease", 540, None, before(5_000), Millis(NOW + 9_000), 27, 600)
    t = ask(turn(phase="LOST", measured=Measured(), speed=Axis(), ease=b), "ease")
    assert t.s.ease == b


# ---------------------------------------------------------------- end


def test_a_planned_end_steps_down_first() -> None:
    raising = Axis(wanted=800, setpoint=600, grant=800, ramp_to=800, told=600)
    t = ask(turn(speed=raising), "end")
    assert (t.s.ending, t.s.ended) == ((NOW, "the runner ended it"), None)
    assert (t.s.speed.wanted, t.s.speed.grant, t.s.speed.ramp_to) == (100, None, None)
    assert cues(t) == ["Ending: slowing down, then stopping."]
    assert ops(t) == []


def test_a_planned_end_does_not_go_on_with_an_older_lowering() -> None:
    t = ask(turn(speed=Axis(wanted=400, setpoint=600, ramp_to=400, told=600)), "end")
    assert (t.s.speed.wanted, t.s.speed.ramp_to) == (100, None)


def test_an_end_asked_for_twice_is_one_end() -> None:
    under_way = (before(3_000), "the programme was over")
    t = ask(turn(ending=under_way), "end")
    assert (t.s.ending, t.s.ended, t.out) == (under_way, None, [])


@pytest.mark.parametrize("facts", [{"phase": "PAUSED"}, {"link": False}, {"shadow": True}])
def test_where_nothing_can_step_down_the_session_ends_at_once(facts: dict[str, Any]) -> None:
    t = ask(turn(**facts), "end")
    assert (t.s.ended, t.s.ending) == ("the runner ended it", None)


# ---------------------------------------------------------------- unlock


@pytest.mark.parametrize(
    ("role", "locks", "left", "word"),
    [
        ("local", ("red flag", "pain"), (), "Unlocked"),
        ("local", (), (), "Nothing is locked"),
        ("remote", ("red flag",), ("red flag",), "Only someone at the treadmill"),
        ("remote", (), (), "Only someone at the treadmill"),
    ],
)
def test_only_someone_at_the_treadmill_unlocks(
    role: ev.Role, locks: tuple[str, ...], left: tuple[str, ...], word: str
) -> None:
    t = ask(turn(phase="ENDED", ended="symptom", locks=locks), "unlock", role=role)
    assert t.s.locks == left
    assert t.s.ended == "symptom"
    assert word in cues(t)[0]


# ---------------------------------------------------------------- consents that were used


def test_of_several_consents_one_is_used_and_the_others_stay() -> None:
    others = (consent("speed", 700, id_="c0"), consent(id_="old", left=-1))
    t = ask(ready(consents=(*others, consent(id_="c2"), consent(id_="c3"))), "start")
    assert [c.id for c in t.s.consents] == ["c0", "old", "c3"]
    assert t.s.used == ("c2",)


def test_so_many_used_consents_are_remembered_and_the_oldest_goes_first() -> None:
    used = tuple(f"u{n}" for n in range(32))
    t = ask(ready(used=used), "start")
    assert t.s.used == (*used[1:], "c1")
    assert len(t.s.used) == USED_KEPT
    t = ask(ready(used=used[:31]), "start")
    assert t.s.used == (*used[:31], "c1")


@pytest.mark.parametrize(("left", "good"), [(1, True), (0, False)])
def test_a_consent_is_good_until_it_expires(left: int, good: bool) -> None:
    t = ask(ready(consents=(consent(left=left),)), "start")
    assert (ops(t) == ["start"]) == good


def test_a_consent_of_another_connection_is_used_up_and_worth_nothing() -> None:
    t = ask(ready(consents=(consent(generation=2),)), "start")
    assert ops(t) == []
    assert t.s.consents == ()
