"""The service: radio, kernel, journal and API of one session, in one task group.

Here: the life of a session, from the header to the `end` line, and the public methods that API,
scenarios and commands call. Not here: decisions (guard), the order within a turn (kernel.py), the
way out (leaving.py). The rule to keep: nothing that fails is swallowed; whatever it was, the belt
is brought to rest first, and then the session ends.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from treadguard.guard.events import (
    Alarm,
    Clock,
    Command,
    Consent,
    ConsentFor,
    Event,
    Link,
    Operator,
    OperatorDo,
    Output,
    Pain,
    PhaseChange,
    PhaseName,
    Posture,
    Role,
    Symptom,
    Tick,
    Veto,
)
from treadguard.guard.kept import kept
from treadguard.guard.state import initial
from treadguard.guard.view import view
from treadguard.journal import Header, header_line
from treadguard.kernel import Fed, GateKeeper, Kernel
from treadguard.session.host_time import SessionTime, Slept, never
from treadguard.session.leaving import bring_to_rest
from treadguard.session.recorder import Sink
from treadguard.session.stream import Stream
from treadguard.treadmill.protocol import Treadmill
from treadguard.units import Millis, decideg_from_deg

TICK_S: Final = 0.25
CONSENT_MS: Final = 10_000
"""A consent is used within this time (DESIGN.md section 1)."""

KILLED: Final = 137

Trouble = Callable[[str], None]
Companion = Callable[[], Coroutine[Any, Any, None]]


class SessionOver(RuntimeError):
    """The service takes this no more; the text is one clear sentence."""


@dataclass(frozen=True, slots=True)
class Crashed:
    """The journal that goes on: its last seq and time."""

    seq: int
    t: Millis


class Service:
    """One session on one treadmill.

    `open_sink` gets a thread-safe callback for trouble with the disk. `new_id` names consents:
    random in a session, seeded in a simulation. `say` gets what a person at the terminal must
    read. `after`: go on in the journal of a process that died. `slept` tells of suspends. After
    each tick `on_tick` is called.
    """

    def __init__(
        self,
        header: Header,
        treadmill: Treadmill,
        keeper: GateKeeper,
        open_sink: Callable[[Trouble], Sink],
        *,
        new_id: Callable[[], str],
        say: Callable[[str], None],
        after: Crashed | None = None,
        slept: Slept = never,
        on_tick: Callable[[Service], None] = lambda _: None,
    ) -> None:
        self.treadmill = treadmill
        self.keeper = keeper
        self.say = say
        self.stream = Stream()
        self.failure: str | None = None
        self.sends_nothing = header.mode == "shadow" or not header.proven
        self.hurry = asyncio.Event()
        self._header = header
        self._after = after
        self._open_sink = open_sink
        self._new_id = new_id
        self._kept = header.initial
        self._generation = 0
        self._reason = ""
        self._leave = asyncio.Event()
        self._guard_failed = False
        self._over = True  # nothing is heard before it runs
        self._killed = False
        self._sink: Sink
        self._loop: asyncio.AbstractEventLoop
        self._ticking: asyncio.TimerHandle
        self._link: asyncio.Task[None]
        self._on_tick = on_tick
        self._time = SessionTime(Millis(0) if after is None else after.t, slept)
        state = initial(
            header.policy,
            header.profile,
            header.mode,
            header.proven,
            header.initial,
            header.programme,
        )
        self._kernel = Kernel(
            state, keeper, treadmill.send, self._emit, seq=0 if after is None else after.seq
        )

    # ------------------------------------------------------------ what others call

    def clock(self) -> Millis:
        """Milliseconds since the session started, those of a suspend among them."""
        return self._time.now()

    def state(self) -> dict[str, object]:
        """What the API shows."""
        return {**view(self._kernel.state, self.clock()), "seq": self._kernel.seq}

    @property
    def phase(self) -> PhaseName:
        """The last one known, once the guard has failed."""
        return self._kernel.state.phase

    @property
    def guards(self) -> bool:
        """The guard hears, and what it decides has a way out: the treadmill's task lives."""
        return not self._guard_failed and not self._link.done()

    @property
    def leaving(self) -> bool:
        return self._leave.is_set()

    @property
    def belt_may_move(self) -> bool:
        """False only where the belt stood when last seen."""
        if self._guard_failed:
            return not self.keeper.known_stopped(self.clock())
        return kept(self._kernel.state).moving

    @property
    def belt_said_it_stopped(self) -> bool:
        """The machine itself has said so after our Stop, and nothing was seen of it since."""
        return self._kernel.state.said_stopped

    @property
    def guard_failed(self) -> bool:
        """The guard raised: its state can't be trusted, and it isn't stepped any more."""
        return self._guard_failed

    def pain(
        self,
        level: int | None,
        source: str = "local",
        role: Role = "local",
        *,
        retained: bool = False,
        id_: str | None = None,
    ) -> Fed:
        """A rating 0-10, or None for the bare button."""
        return self._fed(Pain(self.clock(), level, source, role, retained, id_))

    def symptom(
        self, what: str, source: str = "local", role: Role = "local", *, retained: bool = False
    ) -> Fed:
        """A named symptom."""
        return self._fed(Symptom(self.clock(), what, source, role, retained))

    def posture(
        self,
        trunk_deg: float | None = None,
        neck_deg: float | None = None,
        asym_pct: float | None = None,
        strides: int | None = None,
        source: str = "local",
        lumbar_deg: float | None = None,
    ) -> Fed:
        """One posture sample; ValueError for a number that isn't finite."""
        trunk, neck, asym, lumbar = (
            None if value is None else decideg_from_deg(value)
            for value in (trunk_deg, neck_deg, asym_pct, lumbar_deg)
        )
        return self._fed(Posture(self.clock(), trunk, neck, asym, strides, source, lumbar))

    def operator(self, do: OperatorDo, value: int | None = None, role: Role = "local") -> Fed:
        """Something the runner asks for; `value` in the unit of the axis.

        Asked locally, a start, a resume or a raise is its own consent, written down before it.
        """
        if do == "speed" and value is not None and value <= 0:
            do, value = "stop", None
        if do == "vary":
            value = self._kernel.state.speed.setpoint
        for_ = self._consent_needed(do, value)
        if for_ is not None and self._time.just_lost:
            raise SessionOver("treadguard was held up for a moment: press again.")
        if for_ is not None and self._leave.is_set():
            raise SessionOver("The service is ending: nothing is started or raised any more.")
        before: tuple[Output, ...] = ()
        if for_ is not None and role == "local":
            t = self.clock()
            expires = Millis(t + CONSENT_MS)
            target = None if for_ in ("start", "resume") else value
            consent = Consent(t, self._new_id(), for_, target, expires, self._generation)
            before = self._fed(consent).outputs
        fed = self._fed(Operator(self.clock(), do, value, role))
        return Fed(fed.seq, before + fed.outputs)

    def feed(self, event: Event) -> None:
        """What the treadmill calls: never raises; a guard that fails ends the session."""
        with suppress(SessionOver):
            self._fed(event)

    def stop(self, reason: str) -> None:
        """Bring the belt to rest and end; a second call no longer waits for the belt."""
        if self._leave.is_set():
            self.hurry.set()
        self._reason = self._reason or reason
        self._leave.set()

    def die(self) -> None:
        """End as SIGKILL would: no Stop, no `end` line, not one event more."""
        self._over = self._killed = True
        self._leave.set()

    def alarm(self, text: str) -> None:
        """An alarm of the service's own: written down, streamed, and said."""
        if not self._over:
            self._kernel.service_alarm(text, self.clock())
        self.say(text)

    # ------------------------------------------------------------ its life

    async def run(
        self, companions: Mapping[str, Companion] | None = None, *, signals: bool = False
    ) -> int:
        """The whole session; the exit code. `companions` (API, inputs) live as long as it does.

        One that returns is done; one that raises ends the session, as the treadmill's task does by
        either. With `signals`, SIGINT and SIGTERM call `stop`.
        """
        self._loop = asyncio.get_running_loop()
        self._time.begin(self._loop.time)
        self._sink = self._open_sink(self._trouble)
        handled = (signal.SIGINT, signal.SIGTERM) if signals else ()
        for number in handled:
            self._loop.add_signal_handler(number, self.stop, f"signal {number.name}")
        self._tick_at(self._loop.time() + TICK_S)
        self._over = False
        rested = False
        try:
            self._begin()
            async with asyncio.TaskGroup() as group:
                life = self.treadmill.run(self.clock, self.feed)
                self._link = group.create_task(self._lasting("treadmill", life))
                tasks = [self._link]
                for name, companion in (companions or {}).items():
                    tasks.append(group.create_task(self._watched(name, companion())))
                await self._until_leaving()
                if not self._killed:
                    rested = await bring_to_rest(self)
                if not self._killed:
                    self._end(rested=rested)
                self.stream.finish()
                for task in tasks:
                    task.cancel()
        finally:
            self._ticking.cancel()
            for number in handled:
                self._loop.remove_signal_handler(number)
            lost = self._sink.close()
        if lost is not None:
            self.say(lost)
        if self._killed:
            return KILLED
        unconfirmed = not rested and not self.sends_nothing
        return 1 if unconfirmed or self.failure is not None else 0

    def _begin(self) -> None:
        header = header_line(self._header)
        self.stream.begin(header)
        if self._after is None:
            self._sink.write(header, urgent=True)
        else:
            self._kernel.restart(self._header.initial, self.clock())
        self._sink.keep(self._kept)

    def _end(self, *, rested: bool) -> None:
        t = self.clock()
        seen = self._kernel.state.measured.speed is not None
        belt = "not known to be at rest" if not rested else "at rest" if seen else "never seen"
        self._kernel.end({"reason": self._reason, "belt": belt, "duration_ms": t}, t)
        self._over = True

    async def _until_leaving(self) -> None:
        try:
            await self._leave.wait()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
            self.stop("it was cancelled")

    def _tick_at(self, due: float) -> None:
        # A chain of timers costs half of what a task that sleeps does; feed never raises.
        self._ticking = self._loop.call_at(due, self._tick)

    def _tick(self) -> None:
        # After a stall there is one tick, not one for each that was missed.
        self._tick_at(max(self._ticking.when() + TICK_S, self._loop.time()))
        self.feed(Tick(self.clock()))
        self._time.ticked()
        self._on_tick(self)

    async def _lasting(self, name: str, life: Coroutine[Any, Any, None]) -> None:
        await self._watched(name, life)
        if not self._over:
            self._fail(name, RuntimeError("it ended by itself"))

    async def _watched(self, name: str, life: Coroutine[Any, Any, None]) -> None:
        try:
            await life
        except asyncio.CancelledError:
            # A task group is silent about a task that somebody else has cancelled.
            if not self._over:
                self._fail(name, RuntimeError("it was cancelled"))
            raise
        except Exception as error:  # noqa: BLE001 - all of them end the session, in order
            self._fail(name, error)

    # ------------------------------------------------------------ within

    def _fed(self, event: Event) -> Fed:
        if self._over:
            raise SessionOver("The session has ended: start a new one with 'treadguard run'.")
        if isinstance(event, Link):
            self._generation = event.generation
        if self._guard_failed:
            self.keeper.observe(event)
            raise SessionOver(_GUARD_FAILED)
        try:
            lost = self._time.lost()
            if lost is not None:
                # First, whatever it is that comes: it may have lain in a socket meanwhile.
                self._kernel.feed(Clock(event.t, lost.ms, lost.slept))
            fed = self._kernel.feed(event)
            now = kept(self._kernel.state)
            if now != self._kept:
                self._kept = now
                self._sink.keep(now)
        except Exception as error:
            self._guard_failed = True
            self._fail("guard", error)
            raise SessionOver(_GUARD_FAILED) from error
        return fed

    def _consent_needed(self, do: OperatorDo, value: int | None) -> ConsentFor | None:
        if do == "start" or do == "resume":  # noqa: PLR1714 - so that the type is narrowed
            return do
        if do in ("programme", "warm-up", "vary"):
            return "programme"
        if (do == "speed" or do == "incline") and value is not None:  # noqa: PLR1714 - likewise
            state = self._kernel.state
            present = (state.speed if do == "speed" else state.grade).setpoint
            return do if present is None or value > present else None
        return None

    def _emit(self, line: bytes, item: Event | Output | None) -> None:
        self._sink.write(line, urgent=isinstance(item, _URGENT))
        self.stream.line(line, self._kernel.seq)

    def _fail(self, who: str, error: BaseException) -> None:
        if self.failure is None:
            self.failure = f"{who} failed ({type(error).__name__}: {error})"
            self.alarm(
                f"A part of treadguard has failed, and the session ends: {self.failure}."
                " If the belt moves, press Stop on its console or pull the safety key."
            )
        if not self._leave.is_set():
            self.stop(self.failure)

    def _trouble(self, text: str) -> None:
        # Called from the recorder's thread, at the very end perhaps after the loop has closed.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.alarm, text)


_GUARD_FAILED: Final = (
    "The guard has failed, and the session ends: press Stop on the treadmill's console, or pull"
    " the safety key."
)
_URGENT: Final = (Command, Alarm, PhaseChange, Veto, type(None))
