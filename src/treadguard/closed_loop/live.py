"""A scenario in real time, on a session that others may watch and press buttons in.

Here: the play. Not here: what each action does (scenario_player.py). The rule to keep: a press
from elsewhere counts as much as the script's, so the script expects nothing and checks nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from treadguard.closed_loop.scenario_player import acts_of
from treadguard.scenario import Kill, Scenario
from treadguard.session.service import Service, SessionOver
from treadguard.sim.machine import SimulatedMachine
from treadguard.units import Millis


class Live:
    """One scenario on one running session. ValueError for one that kills the service."""

    def __init__(self, service: Service, machine: SimulatedMachine, scenario: Scenario) -> None:
        if any(isinstance(action, Kill) for action in scenario.at):
            raise ValueError(
                f"{scenario.name!r} kills the service, which only 'treadguard simulate' can play."
            )
        self.service = service
        self.machine = machine
        self._scenario = scenario
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def now(self) -> Millis:
        """See Company."""
        return self.service.clock()

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """See Company."""
        self._tasks.add(asyncio.get_running_loop().create_task(work))

    async def die(self, for_s: float) -> None:
        """See Company; refused at the start."""
        raise RuntimeError(f"a live service can't be killed for {for_s:g} s")

    async def play(self) -> None:
        """Do each action at its second, then end the session."""
        try:
            for second, _, act in acts_of(self._scenario):
                await self._until(second)
                act(self)
            await self._until(self._scenario.duration_s)
        except SessionOver:
            return
        finally:
            for task in self._tasks:
                task.cancel()
        self.service.stop("the scenario is over")

    async def _until(self, second: float) -> None:
        await asyncio.sleep(max(0.0, second - self.now / 1000))
