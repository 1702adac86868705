"""What is due when: the one queue that moves a simulated treadmill through time.

Time is only ever given from outside, in ms; nothing here waits or reads a clock. The rule to keep:
things run in order of their due time, ties in the order they were put in, so that the same seed
gives the same bytes.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

from treadguard.units import Millis


class Agenda:
    """A heap of (due, turn, act). `now` is the due time of the act that runs, or the last run's."""

    def __init__(self) -> None:
        self.now = Millis(0)
        self._turn = 0
        self._heap: list[tuple[int, int, Callable[[], object]]] = []

    def put(self, due: int, act: Callable[[], object]) -> None:
        """Have `act` run at `due`; what is already past runs next."""
        self._turn += 1
        heapq.heappush(self._heap, (max(due, self.now), self._turn, act))

    def run(self, until: int) -> None:
        """Run everything due up to and including `until`, each thing at its own time.

        Acts may put further things in, and those run too where they are due.
        """
        heap = self._heap
        while heap and heap[0][0] <= until:
            due, _, act = heapq.heappop(heap)
            self.now = Millis(due)
            act()
        self.now = Millis(max(self.now, until))

    def next_due(self) -> Millis | None:
        """When the next thing is due, or None."""
        return Millis(self._heap[0][0]) if self._heap else None
