"""Bugs put into service, recorder, kernel, gate and guard on purpose: the checks must find each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from proof.service_sessions import Job, run
from proof.simulated_disk import Disk
from proof.simulated_film import Act, Film
from proof.simulated_plans import Plan
from proof.simulated_records import judged
from proof.simulated_view import SET_SPEED

from proof import simulated_house
from treadguard import gate, gate_axis, kernel
from treadguard.guard import follow, order, sense
from treadguard.guard.acts import Turn
from treadguard.guard.events import Alarm, Command, Event, Output
from treadguard.guard.kept import Kept
from treadguard.guard.limits import Limit
from treadguard.guard.policy import Policy
from treadguard.guard.state import State
from treadguard.guard.step import step
from treadguard.session import service
from treadguard.session.recorder import Recorder
from treadguard.session.service import Service
from treadguard.sim.direct import DirectTreadmill
from treadguard.sim.faults import Fault, Kind, Where
from treadguard.units import Millis

WALK = (Act(3_000, "start"), Act(15_000, "speed", 600))
PAIN_6 = Act(40_000, "pain", 6)
LEAP = 1_100
Plant = Callable[[pytest.MonkeyPatch], None]


def plan(*acts: Act, fault: tuple[Where, Kind] | None = None, length_ms: int = 80_000) -> Plan:
    """Up to 6 km/h, then `acts`; the fault lasts from 35 s to the end."""
    faults = () if fault is None else (Fault(Millis(35_000), Millis(100_000), *fault),)
    every = tuple(sorted((*WALK, *acts), key=lambda act: act.t))
    return Plan("planted", 1, "ideal", faults=faults, acts=every, length_ms=length_ms, jitter=False)


def stop_dropped_by_the_driver(patch: pytest.MonkeyPatch) -> None:
    send = DirectTreadmill.send

    def dropping(self: DirectTreadmill, command: Command) -> str | None:
        return None if command.op == "stop" else send(self, command)

    patch.setattr(DirectTreadmill, "send", dropping)


def journal_awaited_before_sending(patch: pytest.MonkeyPatch) -> None:
    soon = DirectTreadmill._soon

    def late(self: DirectTreadmill, act: Callable[[], object]) -> None:
        self._put(self._clock() + 700, act) if self._pumping is False else soon(self, act)

    patch.setattr(DirectTreadmill, "_soon", late)


def alarms_swallowed(patch: pytest.MonkeyPatch) -> None:
    def silent(state: State, event: Event) -> tuple[State, tuple[Output, ...]]:
        state, outputs = step(state, event)
        return state, tuple(out for out in outputs if not isinstance(out, Alarm))

    patch.setattr(kernel, "step", silent)


def remote_taken_for_local(patch: pytest.MonkeyPatch) -> None:
    operator = Service.operator

    def local(self: Service, do: Any, value: int | None = None, role: str = "local") -> Any:  # noqa: ARG001
        return operator(self, do, value, "local")

    patch.setattr(Service, "operator", local)


def stale_data_trusted(patch: pytest.MonkeyPatch) -> None:
    """Neither guard nor gate minds how old the speed is, until it counts as lost."""
    blind = replace(Policy().telemetry, no_raise_ms=Millis(5_000))
    patch.setattr(simulated_house, "Policy", lambda: replace(Policy(), telemetry=blind))
    for module in (gate, gate_axis):
        patch.setattr(module, "FRESH_MS", Millis(60_000))


def lines_lost_by_the_recorder(patch: pytest.MonkeyPatch) -> None:
    write = Recorder.write

    def losing(self: Recorder, line: bytes, *, urgent: bool = False) -> None:
        if not line.endswith(b'"kind":"tick"}') or b"77" not in line:
            write(self, line, urgent=urgent)

    patch.setattr(Recorder, "write", losing)


def gaps_left_by_the_kernel(patch: pytest.MonkeyPatch) -> None:
    put_out = kernel.Kernel._put_out

    def skipping(self: kernel.Kernel, output: Output, t: Millis, cause: int) -> Any:
        self.seq += isinstance(output, Alarm)
        return put_out(self, output, t, cause)

    patch.setattr(kernel.Kernel, "_put_out", skipping)


def state_forgotten_by_a_kill(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Disk, "kept", lambda _: Kept())


def rest_only_claimed(patch: pytest.MonkeyPatch) -> None:
    async def claims(_: Service) -> bool:
        return True

    patch.setattr(service, "bring_to_rest", claims)


def failure_swallowed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Service, "_fail", lambda *_: None)


def nobody_watches_the_stop(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(follow, "elapsed", lambda *_: follow.Sees.NOTHING)


def standing_belt_not_known(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gate, "known_stopped", lambda *_: False)


def break_cut_short(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("treadguard.guard.rules.breaks.still_owed", lambda *_: None)


def ramp_in_one_leap(patch: pytest.MonkeyPatch) -> None:
    """The guard's slew and the gate's are both gone."""
    ramp = replace(Policy().ramp, raise_per_s=300)
    patch.setattr(simulated_house, "Policy", lambda: replace(Policy(), ramp=ramp))
    patch.setattr(gate, "SPEED", gate_axis.SPEED._replace(per_s=10_000))


def console_not_listened_to(patch: pytest.MonkeyPatch) -> None:
    """The ramp goes on over what the machine has said and shown of the runner's hand."""
    patch.setattr(sense, "_announced", lambda *_: None)
    patch.setattr(order, "_outrun", lambda *_: False)


def sped_up_unasked(patch: pytest.MonkeyPatch) -> None:
    """Guard and gate let 6 km/h become 11 in one frame, and nobody asked for it."""
    speed_due, refuses = order._speed_due, gate._raise

    def leaping(t: Turn, limit: Limit) -> int | None:
        return LEAP if t.now > 50_000 else speed_due(t, limit)

    def blind(state: Any, t: Any, bounds: Any, value: int) -> Any:
        if value == LEAP:
            return gate_axis.noted(state.speed, t, value)
        return refuses(state, t, bounds, value)

    patch.setattr(order, "_speed_due", leaping)
    patch.setattr(gate, "_raise", blind)


LEAPS: list[tuple[Where, Kind] | None] = [
    None,
    ("answer", "slow"),
    ("answer", "off"),
    ("link", "slow"),
    ("telemetry", "slow"),
    ("incline", "slow"),
    ("command", "intermittent"),
]


@pytest.mark.parametrize("fault", LEAPS)
def test_no_fault_excuses_a_leap_that_nobody_asked_for(
    fault: tuple[Where, Kind] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = plan(fault=fault, length_ms=56_000)
    _, sound, _ = judged(case, replayed=False)
    assert sound == []
    sped_up_unasked(monkeypatch)
    film, found, _ = judged(case, replayed=False)
    assert LEAP in {w.value for w in film.written if w.op == SET_SPEED}
    rules = {finding.rule for finding in found}
    assert {"I2 no raise without leave", "I3 no faster than one can follow"} <= rules


PLANTED: list[tuple[Plant, Plan, str]] = [
    (stop_dropped_by_the_driver, plan(PAIN_6), "I4 Stop within 500 ms"),
    (journal_awaited_before_sending, plan(PAIN_6), "I4 Stop within 500 ms"),
    (alarms_swallowed, plan(fault=("link", "off")), "A1 alarm when the link drops"),
    (alarms_swallowed, plan(fault=("telemetry", "off")), "A1 alarm when telemetry ends"),
    (alarms_swallowed, plan(PAIN_6, fault=("link", "off")), "A1 alarm for a Stop that can't go"),
    (
        remote_taken_for_local,
        plan(Act(40_000, "speed", 900, "remote")),
        "I2 no raise without leave",
    ),
    (
        remote_taken_for_local,
        plan(Act(25_000, "stop"), Act(60_000, "resume", None, "remote")),
        "I2 no start without leave",
    ),
    (
        stale_data_trusted,
        plan(Act(33_000, "speed", 1_200), fault=("telemetry", "off")),
        "I5 nothing raised on stale data",
    ),
    (lines_lost_by_the_recorder, plan(), "H81 the journal is whole"),
    (gaps_left_by_the_kernel, plan(fault=("link", "off")), "H81 the journal is whole"),
    (
        state_forgotten_by_a_kill,
        plan(Act(40_000, "pain", 8), Act(55_000, "kill", 2_000), Act(64_000, "start")),
        "I8 an end is an end",
    ),
    (state_forgotten_by_a_kill, plan(Act(40_000, "kill", 2_000)), "H63 an orphan is an alarm"),
    (rest_only_claimed, plan(), "H73 no rest that isn't"),
    (failure_swallowed, plan(Act(40_000, "crash")), "H74 a part that fails ends the session"),
    (nobody_watches_the_stop, plan(PAIN_6, fault=("command", "off")), "D3 at rest, or an alarm"),
    (
        standing_belt_not_known,
        plan(Act(25_000, "stop"), Act(60_000, "stop")),
        "H10 no Stop to a standing belt",
    ),
    (
        break_cut_short,
        plan(PAIN_6, Act(60_000, "pain", 0), Act(62_000, "resume")),
        "I8 no start within the break",
    ),
    (ramp_in_one_leap, plan(), "I3 no faster than one can follow"),
    (
        console_not_listened_to,
        plan(Act(20_500, "console_speed", 150)),
        "I2 no raise without leave",
    ),
]


@pytest.mark.parametrize(
    ("plant", "case", "rule"), PLANTED, ids=[f"{p.__name__}-{r}" for p, _, r in PLANTED]
)
def test_a_planted_bug_is_found(
    plant: Plant, case: Plan, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, sound, _ = judged(case)
    assert sound == []
    plant(monkeypatch)
    _, found, _ = judged(case)
    assert rule in {finding.rule for finding in found}


def test_a_session_that_isnt_the_same_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(range(100))
    monkeypatch.setattr(simulated_house, "version", lambda _: f"0.{next(ids)}")
    found = run(Job("cell", 1, twice=True)).found
    assert [finding.rule for finding in found] == ["the same seed gives the same bytes"]


def test_a_task_that_fails_unheard_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    closing = simulated_house.House.play

    async def straying(self: simulated_house.House) -> Film:
        film = await closing(self)
        film.stray.append("a task was never awaited")
        return film

    monkeypatch.setattr(simulated_house.House, "play", straying)
    assert "H74 nothing fails unheard" in {finding.rule for finding in judged(plan())[1]}
