"""One letter played to the guard as in life: the gate's refusals come back, and laws are asked.

The gate's part is played by its one ground for refusing a Stop, a belt known to stand; whether
the real gate agrees is a law of its own. The rule to keep: a state between two letters is always
in normal form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from proof.enumerate.laws import ask_all
from proof.enumerate.letters import Letter
from proof.enumerate.memory import Memory, answered, heard, moved
from proof.enumerate.normal import NOW, key_of, normal
from proof.enumerate.search import Taken
from proof.enumerate.step import Step
from proof.enumerate.words import said, words
from treadguard.guard import events as ev
from treadguard.guard import step as guard
from treadguard.guard.state import State
from treadguard.units import Millis


@dataclass(frozen=True)
class At:
    """The guard's state in normal form, and what an onlooker remembers."""

    state: State
    memory: Memory


Judge = Callable[[Step], None]


def play(
    at: At, letter: Letter, judge: Judge = ask_all, now: Millis = NOW
) -> tuple[State, Memory, tuple[ev.Output, ...]]:
    """The state after the letter, not yet in normal form, and all that was put out."""
    state, memory = at.state, at.memory
    if letter.sets is not None:
        state = state.copied()
        letter.sets(state)
    out: tuple[ev.Output, ...] = ()
    waiting = list(letter.makes(state, Millis(now + letter.after)))
    while waiting:
        event = waiting.pop(0)
        if event.t - state.now > guard.BLIND_MS and not isinstance(event, ev.Tick):
            # The guard lets a gap pass first; each half is judged on its own.
            waiting.insert(0, event)
            event = ev.Tick(event.t)
        memory = heard(memory, state, event)
        after, now_out = guard.step(state, event)
        step = Step(state, event, now_out, after, memory)
        judge(step)
        memory = answered(memory, state, event, after, now_out)
        refused = step.stands and any(c.op == "stop" for c in step.sent)
        if refused:
            waiting.insert(0, ev.Veto(after.now, "stop", "The belt is standing."))
        state, out = after, out + now_out
    return state, memory, out


def happens(
    letters: Sequence[Letter],
) -> Callable[[At], Iterable[tuple[str, Callable[[], Taken[At]]]]]:
    """What may happen in a state of the core, for the search."""

    def of(at: At) -> Iterable[tuple[str, Callable[[], Taken[At]]]]:
        for letter in letters:
            if letter.can(at.state):
                yield letter.name, _taking(at, letter)

    return of


def _taking(at: At, letter: Letter) -> Callable[[], Taken[At]]:
    def take() -> Taken[At]:
        state, memory, out = play(at, letter)
        return Taken(At(normal(state), moved(memory, state.now, NOW)), said(out), words(out))

    return take


def key(at: At) -> tuple[object, ...]:
    """What tells two states of one grid apart."""
    return (at.memory, *key_of(at.state))


def phase(at: At) -> str:
    """The phase, for the table."""
    return at.state.phase
