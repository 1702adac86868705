"""One connection to one machine: a fresh client, from its connect to its close.

Here: which characteristics there are, what was subscribed, what arrives on it, and its line of
commands. Not here: when to connect and what it means (over_bleak.py). The rule to keep: what
arrives on a connection that is closed, from a client that was left behind, is heard by nobody.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice

from treadguard.ftms.characteristics import Characteristic, Service
from treadguard.guard.events import Command, Op
from treadguard.treadmill.commands import Commands, Result
from treadguard.treadmill.fingerprint import Fingerprint, told
from treadguard.treadmill.radio import Radio
from treadguard.treadmill.trouble import ON_AIR

CLOSE_WITHIN_S: Final = 5.0
"""BlueZ takes 2 to 3 s to disconnect."""

TWICE_S: Final = 0.05
"""The same bytes again within this are one notification delivered twice, as BlueZ may. The quickest
machine on record reports every 190 ms."""


_TO_STOP: Final = ("stop", "request_control")
"""Some machines take a Stop only from who has control."""


class NoTreadmillError(RuntimeError):
    """The device has no treadmill's characteristics; the text is the second half of a sentence."""


class Connection:
    """`hear` gets (characteristic, bytes) of what is notified, `answer` each command's result."""

    def __init__(
        self,
        radio: Radio,
        device: BLEDevice,
        hear: Callable[[str, bytes], None],
        answer: Callable[[Op, Result], None],
    ) -> None:
        self.lost = asyncio.Event()
        self.stuck = False
        """A Stop couldn't get through, so the link was given up."""
        self.control_hung = False
        """A Request Control hangs on it, and would stand in a Stop's way."""
        self.stop_only = False
        """Nothing but a Stop goes out, as long as it isn't known which machine this is."""
        self.dropped: Counter[str] = Counter()
        self._client = radio.client(device, lambda _: self.lost.set())
        self._hear = hear
        self._answer = answer
        self._loop = asyncio.get_running_loop()
        self._chars: dict[str, BleakGATTCharacteristic] = {}
        self._commands: Commands | None = None
        self._last: dict[str, tuple[float, bytes]] = {}
        self._listening = False
        self._shut = False
        self._early: list[tuple[str, bytes]] = []

    async def connect(self) -> None:
        """Connect and look at what the machine offers; NoTreadmillError where it is none."""
        await self._client.connect()
        services = [
            self._client.services.get_service(service.uuid)
            for service in (Service.DEVICE_INFORMATION, Service.FITNESS_MACHINE)
        ]
        offered = [
            char for found in services if found is not None for char in found.characteristics
        ]
        self._chars = {char.uuid: char for char in offered}
        if Characteristic.TREADMILL_DATA.uuid not in self._chars:
            raise NoTreadmillError("it has no Treadmill Data, so it isn't a treadmill with FTMS")

    async def read(self, char: Characteristic) -> bytes | None:
        """Its value, or None where it can't be had."""
        found = self._chars.get(char.uuid)
        if found is None or "read" not in found.properties:
            return None
        with suppress(*ON_AIR):
            return bytes(await self._client.read_gatt_char(found))
        return None

    async def fingerprint(self) -> Fingerprint | None:
        """What the machine says of itself; None where the link ended meanwhile.

        One read is asked at a time, so a Stop waits for one answer at most, like for any other.
        """
        said = await told(self._read_between_writes)
        return said if self._client.is_connected else None

    async def _read_between_writes(self, char: Characteristic) -> bytes | None:
        # BlueZ has a Stop wait for the write before it, and a read asked meanwhile would go first.
        if self._commands is not None:
            await self._commands.quiet()
        return await self.read(char)

    async def subscribe(self, uuid: str) -> None:
        """By whatever property it has: some machines notify where FTMS wants an indication."""
        found = self._chars.get(uuid)
        if found is None or not {"notify", "indicate"} & set(found.properties):
            return
        short = uuid[4:8]
        await self._client.start_notify(found, lambda _, data: self._arrived(short, bytes(data)))

    def take_commands(self, *, control_hung: bool, stands: Callable[[], bool]) -> None:
        """From now on, if the machine has a control point; see `Commands`."""
        control_point = self._chars.get(Characteristic.CONTROL_POINT.uuid)
        if control_point is None:
            return

        async def write(frame: bytes, request: bool) -> None:
            await self._client.write_gatt_char(control_point, frame, request)

        properties = frozenset(control_point.properties)
        self._commands = Commands(
            properties,
            write,
            self._answer,
            self._give_up,
            stands=stands,
            control_hung=control_hung,
        )

    def listen(self) -> None:
        """Hear what is notified from now on, and first what came while it was set up."""
        self._listening = True
        early, self._early = self._early, []
        for char, data in early:
            self._hear(char, data)

    def put(self, command: Command, frame: bytes) -> bool:
        """Send it; False where there is nowhere to send it to, or it isn't known where."""
        if self._commands is None or (self.stop_only and command.op not in _TO_STOP):
            return False
        self._commands.put(command, frame)
        return True

    def shut(self) -> None:
        """Hear and send nothing any more; every command that is open gets its result."""
        self._listening, self._shut = False, True
        commands, self._commands = self._commands, None
        if commands is not None:
            self.control_hung = commands.control_hung
            commands.close()
            self.dropped["answer"] += commands.strays

    async def close(self) -> None:
        """Disconnect, also where the link has dropped by itself.

        Left out after a drop, bleak 3 on BlueZ would deliver everything twice next time.
        """
        with suppress(*ON_AIR):
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._client.disconnect()

    def _give_up(self) -> None:
        self.stuck = True
        self.lost.set()

    def _arrived(self, char: str, data: bytes) -> None:
        now = self._loop.time()
        at, before = self._last.get(char, (0.0, None))
        self._last[char] = now, data
        if data == before and now - at < TWICE_S:
            self.dropped["twice"] += 1
        elif char == Characteristic.CONTROL_POINT.short:
            if self._commands is not None:
                self._commands.answered(data)
        elif self._listening:
            self._hear(char, data)
        elif not self._shut:
            self._early.append((char, data))
