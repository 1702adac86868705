"""The alphabet: everything that may happen to the guard on a grid, each thing under its own name.

A letter says how long after the last it comes, whether it can happen in a state, and which events
it brings: a press of + brings the consent and then the wish, as in life. To extend the alphabet,
add a letter here and name it in `grids`. The rule to keep: letters are hostile. A belt on a grid
shows whatever speed the letters hold, whatever it was told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final

from treadguard.guard import events as ev
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.state import State
from treadguard.units import Millis, Speed

Makes = Callable[[State, Millis], tuple[ev.Event, ...]]
INJECTED: Final = "injected"
"""The rule that stands for every rule enumerated alone: it backs off, and lets go, at any time."""


_IDS: Final = count()
"""No two consents of a history have one id; the normal form makes them alike again."""


def _always(_s: State) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing that may happen, `after` ms. `sets` changes the state itself, before the events."""

    name: str
    makes: Makes
    after: int = 0
    can: Callable[[State], bool] = _always
    sets: Callable[[State], None] | None = None


def _up(s: State) -> bool:
    return s.link


def shows(speed: int | None, after: int) -> Letter:
    """A record of the belt's; None is one without a speed."""
    name = "no speed" if speed is None else f"shows {speed / 100:g}"
    name += "" if after else " at once"
    value = None if speed is None else Speed(speed)
    return Letter(name, lambda _s, t: (ev.Telemetry(t, value),), after, _up)


def shows_twice(speed: int, after: int) -> Letter:
    """Two records a second apart, after a silence: what it takes to be believed at rest."""
    value = Speed(speed)

    def makes(_s: State, t: Millis) -> tuple[ev.Event, ...]:
        return ev.Telemetry(Millis(t - 1_000), value), ev.Telemetry(t, value)

    return Letter(f"shows {speed / 100:g} twice", makes, after, _up)


def runs(speed: int, seconds: int) -> Letter:
    """A record at once and each second, as a belt in sight sends them: a ramp goes on meanwhile."""

    def makes(_s: State, t: Millis) -> tuple[ev.Event, ...]:
        each = range(seconds, -1, -1)
        return tuple(ev.Telemetry(Millis(t - 1_000 * left), Speed(speed)) for left in each)

    return Letter(f"runs {speed / 100:g} for {seconds} s", makes, seconds * 1_000, _up)


def waits(after: int) -> Letter:
    """Time passes, and nothing is heard."""
    return Letter(f"waits {after / 1000:g} s", lambda _s, t: (ev.Tick(t),), after)


def answers(op: ev.Op, result: int | str, name: str) -> Letter:
    """How a command ended on the wire."""
    code: ev.Answer = ev.Answer(Millis(0), op, result)  # type: ignore[arg-type]

    def can(s: State) -> bool:
        sent = s.follow.kind == "stop" and bool(s.follow.pending)
        return s.link and (sent if op == "stop" else s.control_n is not None)

    return Letter(f"{op} {name}", lambda _s, t: (ev.Answer(t, op, code.result),), 0, can)


def says(status: int, name: str, value: int | None = None) -> Letter:
    """A machine status."""
    return Letter(
        f"machine: {name}", lambda _s, t: (ev.Machine(t, status=status, value=value),), 0, _up
    )


def pain(level: int | None, role: ev.Role = "local", *, retained: bool = False) -> Letter:
    """A rating, or the button."""
    name = "button" if level is None else f"pain {level}"
    name += " remote" if role == "remote" else ""
    name += " retained" if retained else ""
    return Letter(name, lambda _s, t: (ev.Pain(t, level, role=role, retained=retained),))


def symptom(what: str) -> Letter:
    """A named symptom."""
    return Letter(f"symptom {what}", lambda _s, t: (ev.Symptom(t, what),))


def asks(do: ev.OperatorDo, value: int | None = None, role: ev.Role = "local") -> Letter:
    """Something the runner asks for, without a consent."""
    name = " ".join(
        part for part in (do, "" if value is None else f"{value / 100:g}", role) if part != "local"
    ).replace("  ", " ")
    return Letter(f"asks {name}", lambda _s, t: (ev.Operator(t, do, value, role),))


def consents(for_: ev.ConsentFor, target: int | None = None, *, old: bool = False) -> Letter:
    """A human's leave alone; `old` is of another connection."""

    def can(s: State) -> bool:
        return s.link and all((c.for_, c.target) != (for_, target) for c in s.consents)

    def makes(s: State, t: Millis) -> tuple[ev.Event, ...]:
        generation = s.generation - old
        return (ev.Consent(t, f"{next(_IDS)}", for_, target, Millis(t + 10_000), generation),)

    return Letter(f"consents {'of old ' if old else ''}{for_}", makes, 0, can)


def presses(do: ev.ConsentFor, value: int | None = None) -> Letter:
    """The runner at the treadmill: the consent, and at once what it is for."""
    leave = consents(do, value)

    def makes(s: State, t: Millis) -> tuple[ev.Event, ...]:
        return (*leave.makes(s, t), ev.Operator(t, do, value))

    name = do if value is None else f"{do} {value / 100:g}"
    return Letter(f"presses {name}", makes, 0, leave.can)


DROPS: Final = Letter("link down", lambda s, t: (ev.Link(t, False, s.generation),), 0, _up)
RETURNS: Final = Letter(
    "link up", lambda s, t: (ev.Link(t, True, s.generation + 1),), 0, lambda s: not s.link
)
SLEPT: Final = Letter("computer slept", lambda _s, t: (ev.Clock(t, Millis(2_000), True),))
HELD_UP: Final = Letter("held up", lambda _s, t: (ev.Clock(t, Millis(2_000), False),))
LEAVES: Final = Letter("computer sleeps", lambda _s, t: (ev.Host(t, "sleep"),))


def injects(speed: int | None) -> Letter:
    """The worst that the rules may do: a back-off to this speed at any moment, or its end."""

    def sets(s: State) -> None:
        s.ease = None if speed is None else Backoff(INJECTED, speed, None, s.now, None, 27, speed)

    def can(s: State) -> bool:
        return (s.ease is None) == (speed is not None)

    name = "rules let go" if speed is None else f"rules hold to {speed / 100:g}"
    return Letter(name, lambda _s, t: (ev.Tick(t),), 0, can, sets)
