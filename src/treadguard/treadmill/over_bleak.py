"""A treadmill over Bluetooth: one FTMS machine, driven through bleak and pycycling.

Here: when to scan, connect and give up, and the way from a command to the radio: pycycling makes
the frame, the gate judges it (gated.py), the connection sends it. Not here: decisions; a Stop
that is owed is the guard's to send again. The rules to keep: one connection is one fresh client,
owned by `run` and closed in its `finally`; that a link is up says nothing of the belt, and an
address nothing of the machine: until it has said again what it said when it was proven, nothing
but a Stop goes to it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final

from pycycling.fitness_machine_service import FitnessMachineService

from treadguard.ftms.characteristics import Characteristic
from treadguard.ftms.status import StatusCode
from treadguard.guard.events import Answer, Command, Link, Machine, Op, Ranges, Telemetry
from treadguard.treadmill import finding
from treadguard.treadmill.commands import Result
from treadguard.treadmill.connection import Connection, NoTreadmillError
from treadguard.treadmill.fingerprint import Fingerprint, differences
from treadguard.treadmill.fingerprint import in_words as how
from treadguard.treadmill.gated import GatedClient, GateRefused, driven
from treadguard.treadmill.protocol import Clock, Feed
from treadguard.treadmill.radio import Radio
from treadguard.treadmill.readings import ranges, read
from treadguard.treadmill.trouble import NOT_THERE, ON_AIR, in_words
from treadguard.units import STOPPED_MAX

SCAN_WITHIN_S: Final = 10.0
SET_UP_WITHIN_S: Final = 15.0

PAUSES_S: Final = (0.0, 1.0, 2.0, 4.0, 8.0, 10.0)
"""Before each attempt to connect (H01)."""

_STANDS: Final = (StatusCode.STOPPED_OR_PAUSED, StatusCode.STOPPED_BY_SAFETY_KEY)

APART_S: Final = 0.1
"""Between subscriptions: some machines drop the link when they come at once."""

SILENT_S: Final = 15.0
"""A link that shows no speed for so long, of a belt that moved, is dropped and made anew."""

IDLE_SILENT_S: Final = 60.0
"""Of one that stood: some report nothing then, and don't like to be connected again and again."""

ASK_AGAIN_S: Final = 5.0
"""A machine that doesn't say who it is is asked again after this. One whose link was given up with
a Stop to send isn't asked sooner either: the Stop that is owed goes out within 3.5 s."""


class MachineChanged(RuntimeError):
    """Another machine than the proven one answers; the text is one clear sentence."""


class BleakTreadmill:
    """One machine at one address. `check` is the gate; `say` gets what a person should know.

    `fingerprint`: what the machine said of itself when it was proven; None for one that isn't, or
    is simulated, and then nobody asks.
    """

    def __init__(
        self,
        radio: Radio,
        address: str,
        name: str,
        *,
        check: Callable[[bytes], str | None],
        proven: bool,
        say: Callable[[str], None],
        is_real: bool = True,
        fingerprint: Fingerprint | None = None,
    ) -> None:
        self.name = name
        self.is_real = is_real
        self.proven = proven
        self.dropped: Counter[str] = Counter()
        """What arrived and told nothing: implausible values, repeats, answers nobody awaited."""
        self._radio = radio
        self._address = address
        self._fingerprint = fingerprint
        self._say = say
        self._said = ""
        gated = GatedClient(check, self._put, self._subscribe)
        self._machine = FitnessMachineService(gated)  # type: ignore[no-untyped-call]
        self._sending: Command
        self._connection: Connection | None = None
        self._generation = 0
        self._clock: Clock
        self._feed: Feed
        self._heard_at = 0.0
        self._moving = False
        """When last seen, on this link or on one before."""
        self._stands = False
        """As seen on this link; False where nothing was."""
        self._control_hung = False
        self._stop_hung = False
        self._changed: str | None = None

    # ------------------------------------------------------------ what the service calls

    def send(self, command: Command) -> str | None:
        """See `Treadmill.send`."""
        self._sending = command
        try:
            driven(self._asked(command))
        except GateRefused as refused:
            return str(refused)
        except (ValueError, OverflowError) as error:
            return f"The command can't be written: {error}."
        return None

    async def run(self, clock: Clock, feed: Feed) -> None:
        """See `Treadmill.run`. MachineChanged where it isn't the proven one any more."""
        self._clock, self._feed = clock, feed
        attempt = 0
        while True:
            await asyncio.sleep(PAUSES_S[min(attempt, len(PAUSES_S) - 1)])
            before = self._generation
            try:
                await self._connected()
            except (*ON_AIR, NoTreadmillError) as error:
                self._tell(f"no connection to {self.name}: {in_words(error)}")
            attempt = 0 if self._generation > before else attempt + 1

    # ------------------------------------------------------------ one connection

    async def _connected(self) -> None:
        device = await finding.again(self._radio, self._address, SCAN_WITHIN_S)
        if device is None:
            raise OSError(NOT_THERE)
        self._connection = link = Connection(self._radio, device, self._hear, self._answer)
        up = False
        try:
            async with asyncio.timeout(SET_UP_WITHIN_S):
                await link.connect()
                speed = await link.read(Characteristic.SPEED_RANGE)
                incline = await link.read(Characteristic.INCLINE_RANGE)
                await self._subscriptions(link)
            up = True
            self._up(link, ranges(speed, incline))
            async with asyncio.TaskGroup() as group:
                asking = group.create_task(self._recognised(link))
                await self._until_lost(link)
                asking.cancel()
            if self._changed is not None:
                raise MachineChanged(self._changed)
            self._tell(f"the connection to {self.name} is lost: looking for it again")
        finally:
            self._connection = None
            link.shut()
            if up:
                self._control_hung, self._stop_hung = link.control_hung, link.stuck
            self.dropped += link.dropped
            if up:
                self._feed(Link(self._clock(), up=False, generation=self._generation))
            await link.close()

    async def _subscriptions(self, link: Connection) -> None:
        """The control point first, so that a Stop could go out as soon as anything is heard."""
        extras: tuple[Callable[[], Awaitable[None]], ...] = (
            self._machine.enable_control_point_indicate,
            self._machine.enable_fitness_machine_status_notify,
            self._machine.enable_training_status_notify,
        )
        for subscribe in extras:
            # What these tell are hints. A machine may refuse them and be guarded all the same.
            with suppress(*ON_AIR):
                await subscribe()
            await asyncio.sleep(APART_S)
        await link.subscribe(Characteristic.TREADMILL_DATA.uuid)

    def _up(self, link: Connection, said: Ranges) -> None:
        self._generation += 1
        self._heard_at = asyncio.get_running_loop().time()
        link.stop_only = self._fingerprint is not None
        self._stands = False
        link.take_commands(control_hung=self._control_hung, stands=lambda: self._stands)
        self._tell(f"connected to {self.name}")
        self._feed(Link(self._clock(), up=True, generation=self._generation))
        self._feed(Machine(self._clock(), ranges=said))
        link.listen()

    async def _recognised(self, link: Connection) -> None:
        """Ask who it is until it says so, beside everything else and in nobody's way."""
        if self._fingerprint is None:
            return
        if self._stop_hung:
            await asyncio.sleep(ASK_AGAIN_S)
        while (said := await link.fingerprint()) is not None:
            found = differences(self._fingerprint, said)
            if not found:
                link.stop_only = False
                return
            if any(one.now is not None for one in found):
                self._changed = (
                    f"{self.name} {how(found)}, so nothing is sent to it any more: prove it again,"
                    f" treadguard commission --prove --treadmill {self._address}"
                )
                self._tell(self._changed)
                link.lost.set()
                return
            self._tell(
                f"{self.name} doesn't say what it said when you proved it"
                f" ({', '.join(one.what for one in found)}), so nothing but a Stop is sent to it:"
                " asking again"
            )
            await asyncio.sleep(ASK_AGAIN_S)

    async def _until_lost(self, link: Connection) -> None:
        while not link.lost.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(SILENT_S / 3):
                    await link.lost.wait()
            silent_s = asyncio.get_running_loop().time() - self._heard_at
            if silent_s > (SILENT_S if self._moving else IDLE_SILENT_S):
                self._say(f"{self.name} has fallen silent: connecting anew")
                return
        if link.stuck:
            self._tell(
                f"a Stop can't get through to {self.name}: press Stop on its console, or pull the"
                " safety key; treadguard connects anew and sends it again"
            )

    def _tell(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._say(text)

    # ------------------------------------------------------------ out

    def _asked(self, command: Command) -> Awaitable[None]:
        ask: Callable[[], Awaitable[None]]
        match command.op, command.value:
            case "request_control", None:
                ask = self._machine.request_control
            case "set_speed", int(speed):
                ask = partial(self._machine.set_target_speed, speed)
            case "set_incline", int(grade):
                ask = partial(self._machine.set_target_incline, grade)
            case "start", None:
                ask = self._machine.start_or_resume
            case "stop", None:
                ask = partial(self._machine.stop_or_pause, pause=False)
            case op, value:
                raise ValueError(f"there is no command {op!r} with the value {value!r}")
        return ask()

    def _put(self, frame: bytes) -> None:
        command = self._sending
        if self._connection is None or not self._connection.put(command, frame):
            asyncio.get_running_loop().call_soon(self._answer, command.op, "att_error")

    def _answer(self, op: Op, result: Result) -> None:
        self._feed(Answer(self._clock(), op, result))

    # ------------------------------------------------------------ in

    async def _subscribe(self, uuid: str) -> None:
        if self._connection is not None:
            await self._connection.subscribe(uuid)

    def _hear(self, char: str, data: bytes) -> None:
        event = read(char, data, self._clock(), self.dropped)
        if event is None:
            return
        if isinstance(event, Telemetry) and event.speed is not None:
            self._heard_at = asyncio.get_running_loop().time()
            self._moving = event.speed > 0
            self._stands = event.speed <= STOPPED_MAX
        elif isinstance(event, Machine) and event.status in _STANDS:
            self._moving = False
        self._feed(event)
