"""H19, every state: of all rows of five presses and waits, none raises speed and incline at once.

Five of four words are 1,024 rows, played to the guard; frames of both axes, to the gate alone. The
rule to keep: what counts as a raise is counted here, from what went out, and a raise that is taken
back at once is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final, Literal

from treadguard import gate
from treadguard.ftms import control_point
from treadguard.guard import events as ev
from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile
from treadguard.guard.state import State, initial
from treadguard.guard.step import step
from treadguard.units import Grade, Millis, Speed

Axis = Literal["speed", "incline"]
LENGTH: Final = 5
APART_MS: Final = 1_000
FASTER, STEEPER, SLOWER, WAIT = "faster", "steeper", "slower", "wait"
SPEED, GRADE = 400, 20


class Told:
    """What the belt was told last, and when each axis was last raised; it follows at once."""

    def __init__(self) -> None:
        self.value: dict[Axis, int] = {"speed": SPEED, "incline": GRADE}
        self.rose: dict[Axis, int] = {}

    def __call__(self, axis: Axis, value: int, t: int) -> None:
        other: Axis = "incline" if axis == "speed" else "speed"
        if value > self.value[axis]:
            assert t - self.rose.get(other, -APART_MS) >= APART_MS, f"both rise at {t} ms"
            self.rose[axis] = t
        elif value < self.value[axis]:
            self.rose.pop(axis, None)
        self.value[axis] = value

    def copied(self) -> Told:
        other = Told()
        other.value, other.rose = dict(self.value), dict(self.rose)
        return other


def heard(s: State, told: Told, *events: ev.Event) -> State:
    waiting = list(events)
    while waiting:
        s, out = step(s, waiting.pop(0))
        for o in out:
            if isinstance(o, ev.Command) and not o.shadow:
                if o.op in ("set_speed", "set_incline") and o.value is not None:
                    told("speed" if o.op == "set_speed" else "incline", o.value, s.now)
                waiting.insert(0, ev.Answer(s.now, o.op, 1))
    return s


def shown(told: Told, t: int) -> ev.Telemetry:
    return ev.Telemetry(Millis(t), Speed(told.value["speed"]), Grade(told.value["incline"]))


def running() -> tuple[State, Told]:
    """A belt that was met running, and has shown itself for ten seconds."""
    told = Told()
    s = initial(Policy(), Profile(), "guard", True, Kept())
    s = heard(s, told, ev.Link(Millis(0), True, 1))
    for t in range(500, 10_001, 500):
        s = heard(s, told, shown(told, t))
    assert s.phase == "RUNNING"
    return s, told


def after(s: State, told: Told, letter: str, n: int) -> State:
    if letter == WAIT:
        t = Millis(s.now + 500)
        return heard(s, told, shown(told, t), ev.Tick(t))
    do: Axis = "incline" if letter == STEEPER else "speed"
    by = {FASTER: 50, STEEPER: 10, SLOWER: -50}[letter]
    value = told.value[do] + by
    consent = ev.Consent(s.now, f"c{n}", do, value, Millis(s.now + 10_000), s.generation)
    return heard(s, told, consent, ev.Operator(s.now, do, value))


def rows(s: State, told: Told, left: int) -> Iterator[dict[Axis, int]]:
    """Every row from here, sharing what they have in common; when each axis rose in it."""
    if not left:
        yield told.rose
        return
    for letter in (FASTER, STEEPER, SLOWER, WAIT):
        branch = told.copied()
        yield from rows(after(s, branch, letter, left), branch, left - 1)


def test_no_row_of_presses_raises_both_axes_within_a_second() -> None:
    played = list(rows(*running(), LENGTH))
    assert len(played) == 4**LENGTH
    both = [rose for rose in played if len(rose) == 2]
    assert len(both) > 10, "in some both rise, one after the other"
    assert min(abs(rose["speed"] - rose["incline"]) for rose in both) == APART_MS


def test_the_gate_alone_lets_no_two_raises_through_within_a_second() -> None:
    """All rows of seven frames and waits of 250 ms, whatever was asked."""
    passed = 0
    for row in product(("speed", "incline", WAIT), repeat=7):
        told = Told()
        g = gate.linked(gate.GateState(), Millis(0), True, 1)
        for t in (0, 500):
            g = gate.saw_speed(g, Millis(t), Speed(SPEED))
            g = gate.saw_incline(g, Millis(t), Grade(GRADE))
        g = gate.consented(g, Millis(500), "speed", Speed(900), Millis(9_000), 1)
        g = gate.consented(g, Millis(500), "incline", Grade(90), Millis(9_000), 1)
        t = 500
        for letter in row:
            if letter == WAIT:
                t += 250
                continue
            axis: Axis = "speed" if letter == "speed" else "incline"
            value = told.value[axis] + (10 if axis == "speed" else 5)
            frame = (
                control_point.set_speed(value)
                if axis == "speed"
                else control_point.set_incline(value)
            )
            g, refused = gate.check(g, Millis(t), frame)
            if refused is None:
                told(axis, value, t)
        passed += len(told.rose) == 2
    assert passed > 10
