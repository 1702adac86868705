"""Whether the normal form is sound: long walks with and without it put out the same.

The one walk forgets between letters what `normal` forgets, the other keeps all. The rule to keep:
they part at no step, or two states were taken for one that aren't.
"""

from __future__ import annotations

import random
from dataclasses import replace

from proof.enumerate.core import At, play
from proof.enumerate.grids import Grid
from proof.enumerate.normal import VARIES, key_of, normal
from proof.enumerate.step import Step
from proof.enumerate.words import meaning
from treadguard.guard.events import LimitChange
from treadguard.guard.state import State


def _silent(_step: Step) -> None:
    pass


def _parts(s: State) -> list[object]:
    return [replace(x, why=()) if isinstance(x, LimitChange) else x for x in key_of(s)]


def walk(grid: Grid, steps: int, seed: int) -> int:
    """Walk both ways at once and return the steps; AssertionError where they part."""
    dice = random.Random(seed)
    kept = forgot = dice.choice(grid.starts)
    way: list[str] = []
    for _ in range(steps):
        able = [x for x in grid.letters if x.can(forgot.state)]
        if not able:
            kept = forgot = dice.choice(grid.starts)  # a grid that ends here begins anew
            way.clear()
            continue
        letter = dice.choice(able)
        way.append(letter.name)
        state, _, out = play(kept, letter, _silent, kept.state.now)
        other, _, expected = play(forgot, letter, _silent)
        assert meaning(out) == meaning(expected), (
            f"{grid.name}: forgetting changes what is put out after {' > '.join(way[-12:])}:\n"
            f"  {meaning(out)}\n  {meaning(expected)}"
        )
        kept, forgot = At(state, kept.memory), At(normal(other), forgot.memory)
        pairs = zip(VARIES, _parts(normal(state)), _parts(forgot.state), strict=True)
        differ = [f"  {name}: {a} / {b}" for name, a, b in pairs if a != b]
        assert not differ, "\n".join(
            [f"{grid.name}: forgetting changes the state after {' > '.join(way[-12:])}", *differ]
        )
    return steps
