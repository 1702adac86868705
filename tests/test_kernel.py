"""The order of things within one turn: numbered, written, then sent; refusals come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from treadguard import kernel
from treadguard.ftms.control_point import frame_of
from treadguard.gate import Stage
from treadguard.guard.events import (
    Alarm,
    Clock,
    Command,
    Consent,
    Cue,
    Event,
    Link,
    Machine,
    Operator,
    Output,
    Telemetry,
    Tick,
    Verdict,
    Veto,
)
from treadguard.guard.kept import Kept
from treadguard.guard.plan import Course, Leg, Plan
from treadguard.guard.policy import Policy, Profile
from treadguard.guard.state import State, initial
from treadguard.journal import decoded
from treadguard.kernel import Fed, GateKeeper, Kernel
from treadguard.units import Grade, Millis, Speed

Answers = Callable[[Event], tuple[Output, ...]]
START = Command(1, "start", None, ("start",))
STOP = Command(2, "stop", None, ("pain",))


PLAN = Plan((Leg(Millis(60_000), Speed(400)), Leg(Millis(60_000), Speed(300), Grade(10))))


class Desk:
    """A kernel round a guard that says what the test tells it to; all happens in `log`."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        answers: Answers,
        refuse: frozenset[str] = frozenset(),
    ) -> None:
        self.log: list[tuple[Any, ...]] = []
        self.refuse = refuse
        monkeypatch.setattr(kernel, "step", self._step)
        self._answers = answers
        state = initial(Policy(), Profile(), "guard", True, Kept())
        self.kernel = Kernel(state, GateKeeper(), self._send, self._emit)

    def _step(self, state: State, event: Event) -> tuple[State, tuple[Output, ...]]:
        self.log.append(("step", type(event).__name__))
        return state, self._answers(event)

    def _send(self, command: Command) -> str | None:
        self.log.append(("send", command.op))
        return "no" if command.op in self.refuse else None

    def _emit(self, line: bytes, _: Event | Output | None) -> None:
        found = decoded(line)
        self.log.append(("line", found["seq"], found["kind"]))
        self.found = found


def test_the_line_of_a_decision_is_written_before_its_command_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(monkeypatch, lambda _: (Cue("Stopping."), STOP, Alarm("Stopped.")))
    desk.kernel.feed(Tick(Millis(250)))
    assert desk.log == [
        ("line", 1, "tick"),
        ("step", "Tick"),
        ("line", 2, "cue"),
        ("line", 3, "command"),
        ("send", "stop"),
        ("line", 4, "alarm"),
    ]


def test_a_refusal_comes_back_as_a_veto_with_its_own_line_and_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(
        monkeypatch,
        lambda event: (Cue("Waiting."),) if isinstance(event, Veto) else (START,),
        frozenset({"start"}),
    )
    fed = desk.kernel.feed(Tick(Millis(250)))
    assert desk.log[-5:] == [
        ("line", 2, "command"),
        ("send", "start"),
        ("line", 3, "veto"),
        ("step", "Veto"),
        ("line", 4, "cue"),
    ]
    assert fed == Fed(1, (START, Cue("Waiting.")))


def test_two_refusals_of_one_step_are_stepped_in_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    def answers(event: Event) -> tuple[Output, ...]:
        if isinstance(event, Veto):
            seen.append(event.op)
            return ()
        return START, STOP

    desk = Desk(monkeypatch, answers, frozenset({"start", "stop"}))
    desk.kernel.feed(Tick(Millis(0)))
    assert seen == ["start", "stop"]
    assert [entry[1:] for entry in desk.log if entry[0] == "line"] == [
        (1, "tick"),
        (2, "command"),
        (3, "command"),
        (4, "veto"),
        (5, "veto"),
    ]


def test_a_command_names_its_cause_and_a_verdict_its_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(
        monkeypatch,
        lambda event: (STOP,) if isinstance(event, Tick) else (Verdict(STOP.n, "confirmed"),),
    )
    desk.kernel.feed(Tick(Millis(0)))
    assert desk.found["cause"] == 1
    desk.kernel.feed(Telemetry(Millis(9), Speed(0)))
    assert desk.found["of"] == 2


def test_a_shadow_command_is_written_and_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    shadow = Command(1, "stop", None, ("pain",), shadow=True)
    desk = Desk(monkeypatch, lambda _: (shadow,), frozenset({"stop"}))
    desk.kernel.feed(Tick(Millis(0)))
    assert desk.found["shadow"] is True
    assert not [entry for entry in desk.log if entry[0] == "send"]


def test_a_guard_and_a_gate_that_loop_are_told_apart_from_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(monkeypatch, lambda _: (STOP,), frozenset({"stop"}))
    with pytest.raises(RuntimeError, match="refused"):
        desk.kernel.feed(Tick(Millis(0)))


def test_an_event_from_within_a_turn_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(_: Event) -> tuple[Output, ...]:
        desk.kernel.feed(Tick(Millis(1)))
        return ()

    desk = Desk(monkeypatch, again)
    with pytest.raises(RuntimeError, match="within the turn"):
        desk.kernel.feed(Tick(Millis(0)))
    desk._answers = lambda _: ()
    assert desk.kernel.feed(Tick(Millis(2))).seq == 2


def test_seq_has_no_gaps_whoever_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, lambda _: (Cue("Hm."),))
    desk.kernel.restart(Kept(), Millis(0))
    desk.kernel.feed(Tick(Millis(0)))
    desk.kernel.service_alarm("The disk is full.", Millis(1))
    desk.kernel.end({"reason": "stop"}, Millis(2))
    assert [entry[1:] for entry in desk.log if entry[0] == "line"] == [
        (1, "restart"),
        (2, "tick"),
        (3, "cue"),
        (4, "alarm"),
        (5, "end"),
    ]


# ---------------------------------------------------------------- the gate's keeper

STOP_FRAME = frame_of(STOP)
START_FRAME = frame_of(START)


def at_rest(t: int) -> list[Event]:
    return [
        Link(Millis(0), up=True, generation=1),
        Telemetry(Millis(t - 1000), Speed(0), Grade(0)),
        Telemetry(Millis(t), Speed(0), Grade(0)),
    ]


def judged(events: list[Event], frame: bytes) -> str | None:
    keeper = GateKeeper()
    for event in events:
        keeper.observe(event)
    return keeper.check(frame)


def test_the_gate_sees_the_link_the_speed_and_the_consent() -> None:
    consent = Consent(Millis(5000), "c", "start", None, Millis(15_000), 1)
    assert judged([*at_rest(5000), consent], START_FRAME) is None
    assert judged(at_rest(5000), START_FRAME) is not None
    assert judged([*at_rest(5000)[:-1], consent], START_FRAME) is not None
    other = Consent(Millis(5000), "c", "start", None, Millis(15_000), 2)
    assert judged([*at_rest(5000), other], START_FRAME) is not None


@pytest.mark.parametrize(
    "sign", [Machine(Millis(5000), status=4), Machine(Millis(5000), training=14)]
)
def test_the_gate_sees_that_the_machine_starts(sign: Machine) -> None:
    assert judged(at_rest(5000), STOP_FRAME) is not None
    assert judged([*at_rest(5000), sign], STOP_FRAME) is None


def test_the_gate_sees_the_incline() -> None:
    moving: list[Event] = [
        Link(Millis(0), up=True, generation=1),
        Telemetry(Millis(4000), Speed(500), Grade(20)),
        Telemetry(Millis(5000), Speed(500), Grade(20)),
    ]
    lower, higher = (frame_of(Command(1, "set_incline", grade, ())) for grade in (10, 25))
    assert judged(moving, lower) is None
    assert judged(moving, higher) is not None
    consent = Consent(Millis(5000), "c", "incline", 25, Millis(15_000), 1)
    assert judged([*moving, consent], higher) is None


def test_the_gate_sees_that_time_was_lost() -> None:
    consent = Consent(Millis(5000), "c", "start", None, Millis(15_000), 1)
    lost = Clock(Millis(5000), Millis(400), slept=False)
    assert judged([*at_rest(5000), lost, consent], START_FRAME) is not None
    assert judged([lost, *at_rest(5000), consent], START_FRAME) is None


def test_the_gates_time_is_that_of_the_event_being_stepped() -> None:
    keeper = GateKeeper()
    for event in at_rest(5000):
        keeper.observe(event)
    assert keeper.check(STOP_FRAME) is not None
    keeper.observe(Tick(Millis(9000)))
    assert keeper.check(STOP_FRAME) is None


def test_a_new_kernel_forgets_what_the_gate_saw_before() -> None:
    keeper = GateKeeper()
    for event in at_rest(5000):
        keeper.observe(event)
    assert keeper.known_stopped(Millis(5000))
    state = initial(Policy(), Profile(), "guard", True, Kept())
    Kernel(state, keeper, lambda _: None, lambda _line, _item: None)
    assert not keeper.known_stopped(Millis(5000))


def test_a_time_that_was_read_earlier_is_heard_as_now() -> None:
    lines: list[dict[str, Any]] = []
    kernel = Kernel(
        initial(Policy(), Profile(), "guard", True, Kept()),
        GateKeeper(),
        lambda _command: None,
        lambda line, _item: lines.append(decoded(line)),
    )
    kernel.feed(Link(Millis(649), up=True, generation=1))
    kernel.feed(Telemetry(Millis(648), Speed(0), Grade(0)))
    kernel.service_alarm("late", Millis(640))
    kernel.feed(Tick(Millis(700)))
    kernel.end({}, Millis(699))
    times = [line["t"] for line in lines]
    assert times == sorted(times)
    assert times[-1] == 700


# ---------------------------------------------------------------- a programme's leave


def gates(course: Course | None, *, consent: bool = True) -> GateKeeper:
    """A keeper beside a belt at 3.0 km/h, of which the guard says this at 1,500 ms."""
    keeper = GateKeeper()
    keeper.begin(PLAN)
    keeper.observe(Link(Millis(1_000), True, 1))
    for n in (1, 2):
        keeper.observe(Telemetry(Millis(1_000 + n * 200), Speed(300), Grade(0)))
    if consent:
        keeper.observe(Consent(Millis(1_500), "c", "programme", None, Millis(11_500), 1))
    keeper.observe(Operator(Millis(1_500), "programme"))
    keeper.follow(course)
    return keeper


def lets_up(keeper: GateKeeper) -> bool:
    return keeper.check(b"\x02" + (350).to_bytes(2, "little")) is None


NOW_GIVEN = Course("programme", PLAN, leave=True, leave_t=Millis(1_500))


def test_the_gate_knows_the_plan_that_the_session_was_begun_with() -> None:
    keeper = GateKeeper()
    Kernel(
        initial(Policy(), Profile(), "guard", True, Kept(), PLAN), keeper, lambda _: None,
        lambda *_: None,
    )  # fmt: skip
    assert keeper._state.plan == (Stage(0, 400, 0), Stage(60_000, 300, 10))


def test_the_gate_takes_a_programme_up_in_the_step_in_which_the_guard_does() -> None:
    assert lets_up(gates(NOW_GIVEN))


@pytest.mark.parametrize(
    "course",
    [
        None,
        replace(NOW_GIVEN, leave=False),
        replace(NOW_GIVEN, leave_t=Millis(1_499)),
        replace(NOW_GIVEN, leave_t=None),
    ],
)
def test_a_consent_that_the_guard_made_nothing_of_lets_nothing_up(course: Course | None) -> None:
    """Another key may have asked for another plan meanwhile, say."""
    assert not lets_up(gates(course))


def test_the_guards_word_alone_lets_nothing_up() -> None:
    assert not lets_up(gates(NOW_GIVEN, consent=False))


@pytest.mark.parametrize("ends", [None, replace(NOW_GIVEN, leave=False)])
def test_the_gate_ends_a_programmes_leave_with_the_guard(ends: Course | None) -> None:
    keeper = gates(NOW_GIVEN)
    keeper.follow(replace(NOW_GIVEN, leave_t=Millis(1_000)))
    keeper.follow(ends)
    assert not lets_up(keeper)


def test_a_whole_turn_takes_the_programme_up_before_its_commands_are_judged() -> None:
    """Consent, programme, start: the gate lets the Start through by that one consent."""
    keeper, sent = GateKeeper(), list[Command]()
    state = initial(Policy(), Profile(), "guard", True, Kept(), PLAN)

    def send(command: Command) -> str | None:
        sent.append(command)
        return keeper.check(frame_of(command))

    kernel = Kernel(state, keeper, send, lambda *_: None)
    for event in at_rest(5_000):
        kernel.feed(event)
    t = Millis(5_100)
    kernel.feed(Consent(t, "c", "programme", None, Millis(15_000), 1))
    kernel.feed(Operator(t, "programme"))
    assert [c.op for c in sent if c.op == "start"] == ["start"]
    assert kernel.state.course is not None
    assert kernel.state.course.leave
    assert keeper._state.programme
