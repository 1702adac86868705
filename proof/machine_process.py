"""The simulated treadmill in a process of its own: the service may die, and the belt goes on.

    python -m proof.machine_process --kmh 3
    treadguard serve --treadmill sim-radio --adapter tcp-client:127.0.0.1:PORT

Here: a treadmill on a virtual radio in real time, whose second controller belongs to whoever
connects on PORT (HCI over TCP), and the truth about the belt, one JSON object a line on stdout:
{"port"} first, then {"t", "speed"} when the belt's speed has changed, {"t", "frame", "response"}
for each frame that has reached the control point, {"t", "host"} when a host has come or gone. "t"
is the system's monotonic clock in s, the same for every process; speeds are 0.01 km/h. On stdin,
likewise: {"do": "console", "kmh", "pct", "start", "stop"}, {"do": "safety_key"}, {"do": "deaf"} (a
command is acknowledged and ignored) and {"do": "hears"}; it ends with its stdin. The rule to keep:
whatever becomes of the host, the machine is none the worse, and its adapter begins anew.

Exit code: 0 at the end of stdin, 2 for bad usage.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

from bumble import ll
from bumble.controller import Controller
from bumble.transport.common import StreamPacketSink, StreamPacketSource

from treadguard.sim.faults import Fault
from treadguard.sim.over_radio import ADDRESS
from treadguard.sim.peripheral import Peripheral
from treadguard.sim.presets import preset_named
from treadguard.sim.radio import VirtualRadio, _Controller
from treadguard.units import Millis

LOOK_S: Final = 0.05
FOR_EVER: Final = Millis(10**9)


class SharedAir(VirtualRadio):
    """A virtual radio with adapters whose hosts are elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self._adapters: list[Controller] = []

    def plug_in(self) -> Controller:
        """A fresh adapter."""
        adapter = _Controller("adapter", link=self)
        self._adapters.append(adapter)
        return adapter

    def unplug(self, adapter: Controller) -> None:
        """It is gone, and every link with it."""
        self._adapters.remove(adapter)
        self.lose()
        self.remove_controller(adapter)

    def send_advertising_pdu(
        self, sender_controller: Controller, packet: ll.AdvertisingPdu
    ) -> None:
        """To the adapters, too."""
        super().send_advertising_pdu(sender_controller, packet)
        if not self.mute and sender_controller not in self._adapters:
            for adapter in self._adapters:
                asyncio.get_running_loop().call_soon(adapter.on_ll_advertising_pdu, packet)


class Socket(asyncio.Protocol):
    """One host's end: an adapter is plugged in for as long as it is there."""

    def __init__(self, air: SharedAir) -> None:
        self._air = air
        self._source = StreamPacketSource()
        self._adapter: Controller | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._adapter = self._air.plug_in()
        self._adapter.set_packet_sink(StreamPacketSink(transport))
        self._source.set_packet_sink(self._adapter)
        tell(host=True)

    def data_received(self, data: bytes) -> None:
        self._source.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        assert self._adapter is not None
        self._air.unplug(self._adapter)
        tell(host=False)


def tell(**what: object) -> None:
    """One line of the truth."""
    print(json.dumps({"t": round(time.monotonic(), 4), **what}), flush=True)


def deaf(machine: Peripheral) -> None:
    """From now on a command is acknowledged and ignored."""
    machine.faults._by_where["command"] = [Fault(machine._clock(), FOR_EVER, "command", "off")]


def obey(machine: Peripheral, order: dict[str, Any]) -> None:
    """What a line on stdin asks for; ValueError for anything else."""
    match order.pop("do", None):
        case "console":
            machine.console(**order)
        case "safety_key":
            machine.safety_key()
        case "deaf":
            deaf(machine)
        case "hears":
            machine.faults._by_where["command"] = []
        case other:
            raise ValueError(f"the machine doesn't know how to do {other!r}")


async def _tell_speed(machine: Peripheral) -> None:
    told = -1
    while True:
        speed = machine.measured_speed
        if speed != told:
            told = speed
            tell(speed=speed)
        await asyncio.sleep(LOOK_S)


async def _walk(machine: Peripheral, kmh: float) -> None:
    machine.console(start=True)
    while not machine.measured_speed:  # noqa: ASYNC110 - the countdown; the truth is looked at
        await asyncio.sleep(LOOK_S)
    machine.console(kmh=kmh)


async def _orders() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def be_there(preset: str, quirks: Sequence[str], kmh: float | None, seed: int) -> None:
    """The machine's life, until stdin ends."""
    air = SharedAir()
    machine = Peripheral(
        air.device("treadmill", ADDRESS), preset_named(preset), quirks=quirks, seed=seed
    )
    machine.written = lambda frame, response: tell(frame=frame.hex(), response=response)
    await machine.start()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Socket(air), "127.0.0.1", 0)
    tell(port=server.sockets[0].getsockname()[1])
    async with server, asyncio.TaskGroup() as group:
        tasks = [group.create_task(_tell_speed(machine))]
        if kmh is not None:
            tasks.append(group.create_task(_walk(machine, kmh)))
        orders = await _orders()
        while line := await orders.readline():
            obey(machine, json.loads(line))
        for task in tasks:
            task.cancel()
    machine._rest()
    if machine._life is not None and machine._life.done():
        machine._life.result()
    # Switched off, not put away: Bumble would wait for a host that may be dead.
    os._exit(0)


def main(args: Sequence[str] | None = None) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(
        prog="python -m proof.machine_process",
        description="The simulated treadmill on a virtual radio, in a process of its own.",
    )
    parser.add_argument("--preset", default="ideal", help="which machine (default: ideal)")
    parser.add_argument("--quirk", action="append", default=[], help="a quirk of it, repeatable")
    parser.add_argument("--kmh", type=float, help="its console starts it, up to this speed")
    parser.add_argument("--seed", type=int, default=0, help="of its dice (default: 0)")
    given = parser.parse_args(args)
    try:
        asyncio.run(be_there(given.preset, given.quirk, given.kmh, given.seed))
    except* (ValueError, TypeError) as wrong:
        parser.error(str(wrong.exceptions[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
