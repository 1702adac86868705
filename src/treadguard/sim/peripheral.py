"""The simulated treadmill as an FTMS peripheral: the same machine, reached over Bluetooth.

The machine is machine.py's, the radio gatt.py's; here is what one means to the other, and what
link faults do to packets: off and intermittent drop the connection and silence the adverts, wrong
drops it where it begins and ends, stuck lets nothing pass either way, slow and delayed hold back,
garbage spoils values and refuses writes. The rule to keep: whatever the direct form would carry
out is carried out here at the same moment after the write reached the machine.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from bumble import att
from bumble.device import Device
from bumble.profiles.device_information_service import DeviceInformationService

from treadguard.ftms import features, ranges, training
from treadguard.ftms.characteristics import Characteristic
from treadguard.ftms.features import Feature, Target
from treadguard.sim.faults import Fault, Kind
from treadguard.sim.gatt import CONTROL_POINT, WRITE_NOT_PERMITTED, FtmsServer, Offer, Respond
from treadguard.sim.machine import SimulatedMachine
from treadguard.sim.presets import IDLE, Preset, Span, declared_speeds, properties_of
from treadguard.units import Millis

CCCD_IMPROPERLY_CONFIGURED: Final = 0xFD
PROCEDURE_ALREADY_IN_PROGRESS: Final = 0xFE
UNLIKELY_ERROR: Final = 0x0E

_VALUE_AT: Final = {0x0B: 1, 0x1B: 3, 0x1D: 3}
"""Where the value begins in a read response, a notification and an indication."""

_FULL: Final = (
    Feature.AVG_SPEED
    | Feature.ELEVATION_GAIN
    | Feature.ENERGY
    | Feature.HEART_RATE
    | Feature.MET
    | Feature.REMAINING_TIME
    | Feature.FORCE_ON_BELT
)
"""What a record that gets truncated holds besides."""


class Peripheral(SimulatedMachine):
    """One machine on a Bumble device that isn't powered yet. Its time begins at `start`."""

    def __init__(
        self,
        device: Device,
        preset: Preset,
        *,
        name: str = "treadguard sim",
        quirks: Iterable[str] = (),
        faults: Sequence[Fault] = (),
        seed: int = 0,
    ) -> None:
        """ValueError for unknown quirks, and for a name that doesn't fit into an advert."""
        super().__init__(preset, self._on_air, quirks=quirks, faults=faults, seed=seed)
        self.name = name
        self.written: Callable[[bytes, bool], None] | None = None
        """Called with (frame, with_response) the moment a control-point write has come."""
        self._server = FtmsServer(
            device,
            self,
            _offers(preset, self._motor.quirks),
            name=name,
            information=DeviceInformationService(
                manufacturer_name="treadguard",
                model_number=preset.name,
                serial_number="1",
                hardware_revision="1",
                firmware_revision="1",
                software_revision="1",
            ),
        )
        self._life: asyncio.Future[None] | None = None
        self._dice = random.Random(f"{seed} responses")
        self._held_until = {"in": -1, "out": -1}
        self._in_progress_until = -1
        self._unresponded: Respond | None = None
        for edge, kind in self.faults.edges("link"):
            self._agenda.put(edge, partial(self._link_changes, kind))

    async def start(self) -> None:
        """Switch the machine on and advertise it."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        self._catch_up(lambda: Millis(round((loop.time() - begin) * 1000)))
        self._life = self._live()
        self._server.advertise(on=not self.faults.link_down(0))
        await self._server.start()

    async def stop(self) -> None:
        """Switch the radio off; raises what went wrong inside the machine."""
        self._rest()
        await self._server.stop()
        if self._life is not None and self._life.done():
            self._life.result()

    def says(self, char: Characteristic, text: str) -> None:
        """What it tells of itself from now on, in Device Information; "" for nothing."""
        self._server.keep(char.short, text.encode())

    # ------------------------------------------------------------ link

    def on_linked(self) -> None:
        """See `gatt.Machine`, and so on for all that begins with `on_`."""
        self._held_until = {"in": -1, "out": -1}

    def on_unlinked(self) -> None:
        self._control_point.link_lost()

    def on_subscribed(self, char: str, on: bool) -> None:
        """Nothing changes in a machine because somebody listens."""

    def on_arrival(self, pdu: att.ATT_PDU, take: Callable[[], None]) -> None:
        writes = isinstance(pdu, att.ATT_Write_Request | att.ATT_Write_Command)
        if writes and self.faults.kind("link", self._clock()) == "garbage":
            if isinstance(pdu, att.ATT_Write_Request):
                self._server.refuse(pdu, UNLIKELY_ERROR)
            return
        self._passes("in", take)

    def on_departure(self, pdu: bytes, send: Callable[[bytes], None]) -> None:
        at = _VALUE_AT.get(pdu[0])
        if at is not None:
            pdu = pdu[:at] + self.faults.link_bytes(self._clock(), pdu[at:])
        self._passes("out", partial(send, pdu))

    def _passes(self, way: str, act: Callable[[], None]) -> None:
        now = self._clock()
        passes = self.faults.link_passes(now)
        if passes is None:
            return
        if passes == now > self._held_until[way]:
            act()
        else:
            # One link keeps the order: what is held back holds up what comes after it.
            self._held_until[way] = max(passes, self._held_until[way])
            self._put(self._held_until[way], act)

    def _link_changes(self, kind: Kind) -> None:
        self._server.advertise(on=not self.faults.link_down(self._agenda.now))
        if kind == "wrong":
            self._server.drop()

    # ------------------------------------------------------------ control point

    def on_write(self, frame: bytes, respond: Respond | None) -> None:
        if self.written is not None:
            self.written(frame, respond is not None)
        self._soon(partial(self._write, frame, respond))

    def _write(self, frame: bytes, respond: Respond | None) -> None:
        error = self._refusal(with_response=respond is not None)
        if respond is not None:
            if error is None and self._preset.responds_last:
                self._unresponded = respond
            else:
                self._put(self._after(self._preset.responds), partial(respond, error))
        if error is None:
            preset = self._preset
            # An answer may never come; a procedure that waited for it would hold up a stop.
            self._in_progress_until = self._agenda.now + max(preset.status[1], preset.answer[1])
            self._put(self._in_progress_until, partial(self._responds_last, respond))
            self._control_point.write(frame)

    def _refusal(self, *, with_response: bool) -> int | None:
        if not self._server.declares(with_response=with_response):
            return WRITE_NOT_PERMITTED
        if self._preset.needs_control:
            if not self._server.wants(CONTROL_POINT):
                return CCCD_IMPROPERLY_CONFIGURED
            if self._agenda.now < self._in_progress_until:
                return PROCEDURE_ALREADY_IN_PROGRESS
        return None

    def _responds_last(self, respond: Respond | None) -> None:
        if respond is not None and respond is self._unresponded:
            self._unresponded = None
            self._put(self._after(self._preset.responds), partial(respond, None))

    def _after(self, span: Span) -> int:
        # Dice of its own: the machine behaves as it does in the direct form with the same seed.
        return self._agenda.now + self._dice.randint(*span)

    # ------------------------------------------------------------ notifications

    def _on_air(self, char: str, data: bytes) -> None:
        if char == Characteristic.TRAINING_STATUS.short:
            self._server.keep(char, data)
        # What is lost on a stuck link waits for no confirmation, or it would block what follows.
        if self.faults.link_passes(self._agenda.now) is not None:
            self._server.send(char, data)
        if char == CONTROL_POINT:
            self._in_progress_until = -1
            self._responds_last(self._unresponded)


def _offers(preset: Preset, quirks: frozenset[str]) -> list[Offer]:
    """The service's characteristics; what a machine hasn't got isn't there."""
    read, notify = frozenset({"read"}), frozenset({"notify"})
    measures = Feature.TOTAL_DISTANCE | Feature.ELAPSED_TIME
    takes = Target.SPEED
    if preset.has_incline:
        measures |= Feature.INCLINATION
        takes |= Target.INCLINATION
    if "truncated" in quirks:
        measures |= _FULL
    speed = ranges.encode_speed(*declared_speeds(preset, quirks))
    offers = [
        Offer(Characteristic.FEATURE.short, read, features.encode(measures, takes)),
        Offer(Characteristic.TREADMILL_DATA.short, notify),
        Offer(Characteristic.SPEED_RANGE.short, read, speed),
        Offer(CONTROL_POINT, properties_of(preset, quirks)),
        Offer(Characteristic.MACHINE_STATUS.short, notify),
    ]
    if preset.training:
        idle = training.encode(IDLE)
        offers.append(Offer(Characteristic.TRAINING_STATUS.short, read | notify, idle))
    if preset.incline is not None:
        incline = ranges.encode_incline(*preset.incline)
        offers.append(Offer(Characteristic.INCLINE_RANGE.short, read, incline))
    return offers
