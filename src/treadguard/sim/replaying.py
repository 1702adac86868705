"""A peripheral that replays what a real machine once said, and the recordings that it replays.

A recording is JSON Lines: one packet a line with `t` in seconds, `dir`, `char` and `hex`; the first
line may name `source` and `licence` instead. Only what the recording shows is offered: no motor,
no faults, no invention. The rule to keep: every byte that a central gets was recorded.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec
from bumble import att
from bumble.device import Device

from treadguard.ftms.characteristics import Characteristic
from treadguard.ftms.control_point import decode_response
from treadguard.sim.gatt import CONTROL_POINT, WRITE_NOT_PERMITTED, FtmsServer, Offer, Respond

_Direction = Literal[
    "notify", "indicate", "read", "write", "write_cmd", "write_rsp", "cccd_write", "att_error"
]

_SHOWS: Final[dict[str, str]] = {
    "notify": "notify",
    "indicate": "indicate",
    "read": "read",
    "write": "write",
    "write_cmd": "write-without-response",
}
"""The property that a packet is proof of."""

_KNOWN: Final = frozenset(char.short for char in Characteristic)


_BYTES: Final = re.compile(r"([0-9a-f]{2})+")


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    t: float
    dir: _Direction
    char: str
    hex: str


class _Origin(msgspec.Struct, forbid_unknown_fields=True):
    source: str
    licence: str


@dataclass(frozen=True, slots=True)
class Packet:
    """One value sent by the machine, `t` seconds after the recording began."""

    t: float
    char: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Recording:
    """What a machine offered and said. Answers of the control point are no part of `sent`."""

    properties: dict[str, frozenset[str]]
    reads: dict[str, bytes]
    sent: tuple[Packet, ...]
    answers: dict[int, Packet]
    """By op code, with the time from the write to the answer."""


def recording(path: Path) -> Recording:
    """Read a recording; ValueError that names file and line where it is damaged."""
    shown: dict[str, set[str]] = {}
    reads: dict[str, bytes] = {}
    sent: list[Packet] = []
    answers: dict[int, Packet] = {}
    asked: dict[int, float] = {}
    for line in _lines(path):
        # Vendors' characteristics and descriptors stand there under other names.
        if line.char not in _KNOWN or line.dir not in _SHOWS:
            continue
        data = bytes.fromhex(line.hex)
        shown.setdefault(line.char, set()).add(_SHOWS[line.dir])
        if line.dir == "read":
            reads.setdefault(line.char, data)
        elif line.char != CONTROL_POINT and line.dir in ("notify", "indicate"):
            sent.append(Packet(line.t, line.char, data))
        elif line.char == CONTROL_POINT and line.dir in ("write", "write_cmd"):
            asked[data[0]] = line.t
        elif (answer := decode_response(data)) is not None and answer.request in asked:
            delay_s = line.t - asked[answer.request]
            answers.setdefault(answer.request, Packet(delay_s, CONTROL_POINT, data))
    if not any(packet.char == Characteristic.TREADMILL_DATA.short for packet in sent):
        raise ValueError(f"{path} holds no Treadmill Data (2acd), so there is nothing to replay.")
    return Recording(
        {char: frozenset(properties) for char, properties in shown.items()},
        reads,
        tuple(sent),
        answers,
    )


def _lines(path: Path) -> list[_Line]:
    found: list[_Line] = []
    for number, text in enumerate(path.read_bytes().splitlines(), 1):
        try:
            if number == 1 and b'"source"' in text:
                msgspec.json.decode(text, type=_Origin)
            else:
                found.append(_line(text, found[-1].t if found else 0))
        except (msgspec.DecodeError, ValueError) as error:
            raise ValueError(f"Line {number} of {path} is damaged: {error}.") from None
    return found


def _line(text: bytes, since: float) -> _Line:
    line = msgspec.json.decode(text, type=_Line)
    if not line.t >= since:
        raise ValueError("its time lies before that of the line above")
    if not _BYTES.fullmatch(line.hex):
        raise ValueError(f"{line.hex!r} isn't one or more bytes in hex")
    return line


class ReplayingPeripheral:
    """Serves one recording to whoever connects, from its beginning each time.

    The recording begins when the central subscribes to Treadmill Data.
    """

    def __init__(
        self, device: Device, recording: Recording, *, name: str = "treadguard rec"
    ) -> None:
        """ValueError for a name that doesn't fit into an advert."""
        self._recording = recording
        self._replay: asyncio.Task[None] | None = None
        offers = [
            Offer(char, properties, recording.reads.get(char, b""))
            for char, properties in recording.properties.items()
        ]
        self._server = FtmsServer(device, self, offers, name=name)

    async def start(self) -> None:
        """Advertise it."""
        await self._server.start()

    async def stop(self) -> None:
        """Switch it off."""
        self._end_replay()
        await self._server.stop()

    async def _replays(self) -> None:
        loop = asyncio.get_running_loop()
        begin = loop.time()
        for packet in self._recording.sent:
            await asyncio.sleep(begin + packet.t - loop.time())
            self._server.send(packet.char, packet.data)

    def _end_replay(self) -> None:
        if self._replay is not None:
            self._replay.cancel()
            self._replay = None

    # ------------------------------------------------------------ what the radio calls

    def on_linked(self) -> None:
        """See `gatt.Machine`, and so on down."""

    def on_unlinked(self) -> None:
        self._end_replay()

    def on_subscribed(self, char: str, on: bool) -> None:
        if char == Characteristic.TREADMILL_DATA.short:
            self._end_replay()
            if on:
                self._replay = asyncio.create_task(self._replays())

    def on_write(self, frame: bytes, respond: Respond | None) -> None:
        permitted = self._server.declares(with_response=respond is not None)
        if respond is not None:
            respond(None if permitted else WRITE_NOT_PERMITTED)
        answer = self._recording.answers.get(frame[0]) if permitted and frame else None
        if answer is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(answer.t, self._server.send, answer.char, answer.data)

    def on_arrival(self, _pdu: att.ATT_PDU, take: Callable[[], None]) -> None:
        take()

    def on_departure(self, pdu: bytes, send: Callable[[bytes], None]) -> None:
        send(pdu)
