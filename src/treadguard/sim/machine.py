"""The simulated machine with a life of its own: what the direct form and the peripheral share.

Motor, control point, faults and agenda are joined here and carried by the running loop's timers
alone, so that a virtual clock carries them as well as a real one; here are also the hands on the
machine: console, safety key, runner. How frames and notifications travel is direct.py's and
peripheral.py's business. The rule to keep: nothing happens to the machine but on its agenda.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from treadguard.sim.agenda import Agenda
from treadguard.sim.control_point import ControlPoint
from treadguard.sim.faults import Fault, Faults
from treadguard.sim.motor import Emit, Motor
from treadguard.sim.presets import Preset, quirks_named
from treadguard.treadmill.protocol import Clock
from treadguard.units import Speed, grade_from_pct, speed_from_kmh


class SimulatedMachine:
    """One machine. It stands still in time while it isn't carried, and then catches up."""

    def __init__(
        self,
        preset: Preset,
        emit: Emit,
        *,
        quirks: Iterable[str],
        faults: Sequence[Fault],
        seed: int,
    ) -> None:
        """`emit` gets each (characteristic, bytes) at its time. ValueError for unknown quirks."""
        self.faults = Faults(faults, seed)
        self.walker_on = True
        self._preset = preset
        self._agenda = Agenda()
        dice = random.Random(f"{seed} machine")
        self._motor = Motor(preset, quirks_named(quirks), self.faults, dice, self._agenda, emit)
        self._control_point = ControlPoint(self._motor, self.faults, self._agenda)
        self._clock: Clock = lambda: self._agenda.now
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for = 0
        self._over: asyncio.Future[None] | None = None
        self._pumping = False

    # ------------------------------------------------------------ the hands on it

    def console(
        self,
        *,
        kmh: float | None = None,
        pct: float | None = None,
        stop: bool = False,
        start: bool = False,
    ) -> None:
        """Somebody uses the machine's own console: whatever is given is pressed."""
        if kmh is not None:
            self._soon(partial(self._motor.console_speed, speed_from_kmh(kmh)))
        if pct is not None:
            self._soon(partial(self._motor.console_grade, grade_from_pct(pct)))
        if stop:
            self._soon(self._motor.console_stop)
        if start:
            self._soon(self._motor.console_start)

    def safety_key(self) -> None:
        """The safety key is pulled."""
        self._soon(self._motor.safety_key)

    def walk_away(self) -> None:
        """The runner steps off; the belt doesn't notice."""
        self.walker_on = False

    @property
    def measured_speed(self) -> Speed:
        """How fast the belt really moves now, whatever the machine reports."""
        if self._over is None:
            self._agenda.run(self._clock())
        return self._motor.speed(self._clock())

    # ------------------------------------------------------------ time

    def _catch_up(self, clock: Clock) -> None:
        """From now on `clock` counts; what was due meanwhile happens first."""
        self._clock = clock
        self._agenda.run(clock())

    def _live(self) -> asyncio.Future[None]:
        """Be carried by the running loop. Awaited, it raises what an act on the agenda raised."""
        self._over = asyncio.get_running_loop().create_future()
        self._arm()
        return self._over

    def _rest(self) -> None:
        """No timer carries it any more."""
        self._over = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _soon(self, act: Callable[[], object]) -> None:
        self._put(self._clock(), act)

    def _put(self, due: int, act: Callable[[], object]) -> None:
        self._agenda.put(due, act)
        self._arm()

    def _arm(self) -> None:
        due = self._agenda.next_due()
        if self._pumping or self._over is None or due is None:
            return
        if self._timer is not None:
            if self._armed_for <= due:
                return
            self._timer.cancel()
        self._armed_for = due
        delay_s = max(0, due - self._clock()) / 1000
        self._timer = self._over.get_loop().call_later(delay_s, self._pump)

    def _pump(self) -> None:
        self._timer = None
        self._pumping = True
        try:
            self._agenda.run(self._clock())
        except Exception as error:  # noqa: BLE001 (whoever awaits `_live` has to hear of it)
            if self._over is not None and not self._over.done():
                self._over.set_exception(error)
            return
        finally:
            self._pumping = False
        self._arm()
