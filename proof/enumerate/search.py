"""Breadth first through everything that can happen, with the laws asked at each transition.

Here: the walk, for any machine that can say what may happen in a state and what then comes. Not
here: what the machine is. The rule to keep: the same machine gives the same numbers of states, in
the same order, so that a graph can be named by a digest.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Generic, TypeVar

S = TypeVar("S")


class Broken(AssertionError):
    """A law does not hold; the message tells the shortest way there."""


class Endless(RuntimeError):
    """More transitions than were said to be the most."""


@dataclass(frozen=True, slots=True)
class Taken(Generic[S]):
    """One transition: where it led, and what was put out in one line for people."""

    to: S
    said: str
    words: str


@dataclass
class Found(Generic[S]):
    """What a search has found. `edges`: how often each (kind, event, words, kind) was taken."""

    name: str
    states: list[S] = field(default_factory=list)
    transitions: int = 0
    depth: int = 0
    edges: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)
    digest: str = ""

    @property
    def counts(self) -> tuple[int, int, int]:
        """(states, transitions, depth)."""
        return len(self.states), self.transitions, self.depth


def search(
    name: str,
    starts: Iterable[S],
    happens: Callable[[S], Iterable[tuple[str, Callable[[], Taken[S]]]]],
    *,
    key: Callable[[S], Hashable] | None = None,
    kind: Callable[[S], str] = lambda _s: "",
    most: int = 20_000_000,
) -> Found[S]:
    """All states that can be reached, each with all that can happen in it.

    Broken where a law fails on the way, Endless past `most` transitions.
    """
    found: Found[S] = Found(name)
    number: dict[Hashable, int] = {}
    came: list[tuple[int, str]] = []
    depths: list[int] = []
    digest = sha256()

    def meet(s: S, parent: int, event: str) -> int:
        k = s if key is None else key(s)
        n = number.get(k)
        if n is None:
            n = number[k] = len(found.states)
            found.states.append(s)
            came.append((parent, event))
            depths.append(0 if parent < 0 else depths[parent] + 1)
        return n

    def way_to(n: int) -> list[str]:
        way: list[str] = []
        while n >= 0:
            n, event = came[n]
            way.append(event)
        return way[::-1]

    for s in starts:
        meet(s, -1, "begin")
    here = 0
    while here < len(found.states):
        s = found.states[here]
        for event, take in happens(s):
            try:
                taken = take()
            except AssertionError as e:
                way = " > ".join((*way_to(here), event))
                raise Broken(f"{name}: {e}\n  the shortest way: {way}") from e
            there = meet(taken.to, here, event)
            found.transitions += 1
            edge = (kind(s), event, taken.words, kind(taken.to))
            found.edges[edge] = found.edges.get(edge, 0) + 1
            digest.update(f"{here}\t{event}\t{taken.said}\t{there}\n".encode())
            if found.transitions > most:
                raise Endless(f"{name}: more than {most} transitions, {len(found.states)} states")
        here += 1
    found.depth = max(depths, default=0)
    found.digest = digest.hexdigest()
    return found
