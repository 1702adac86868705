"""What became of a routine, for the summary and for whoever keeps a diary.

The rule to keep: what hurt is named, with what to do about it; nothing counts as done that was cut
short.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treadguard.routines.red_flags import RedFlag


@dataclass(frozen=True, slots=True)
class Outcome:
    """The names of the exercises by what became of them. `red_flag`: none was begun, for this."""

    done: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    hurt: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    red_flag: RedFlag | None = None

    def in_words(self) -> Iterator[str]:
        """A line each."""
        if self.red_flag is not None:
            yield self.red_flag.then
            return
        every = len(self.done) + len(self.skipped) + len(self.hurt) + len(self.unfinished)
        yield f"Done: {len(self.done)} of {every}" + _named(self.done)
        if self.skipped:
            yield f"Skipped{_named(self.skipped)}"
        if self.unfinished:
            yield f"Not finished{_named(self.unfinished)}"
        if self.hurt:
            yield f"It hurt{_named(self.hurt)}"
            yield (
                "Leave out what hurt until a therapist has looked at it. Pain that moves down a"
                " leg, numbness or weakness: see a doctor before you run."
            )


def _named(names: tuple[str, ...]) -> str:
    return f": {', '.join(names)}" if names else ""
