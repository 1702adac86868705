"""What real machines once said, served over the air again and read through the driver."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.session.rig import Rig, live

from treadguard.guard.events import Event, Machine, Telemetry
from treadguard.kernel import GateKeeper
from treadguard.replay.check import check
from treadguard.sim.bleak_over_bumble import backends
from treadguard.sim.radio import VirtualRadio
from treadguard.sim.replaying import ReplayingPeripheral, recording
from treadguard.treadmill.over_bleak import BleakTreadmill
from treadguard.treadmill.protocol import Clock, Feed
from treadguard.treadmill.radio import Radio
from treadguard.treadmill.readings import ranges, read
from treadguard.units import Millis

KINOMAP, TREADSPAN = sorted((Path(__file__).parents[1] / "data" / "sessions").glob("*.jsonl"))
ADDRESS = "F0:F1:F2:F3:F4:F5"


class Recorded(BleakTreadmill):
    """The driver, with the recorded machine in its reach for as long as it runs."""

    def __init__(self, path: Path, keeper: GateKeeper) -> None:
        super().__init__(
            Radio(), ADDRESS, "a Urevo", check=keeper.check, proven=False, say=lambda _: None
        )
        self._path = path

    async def run(self, clock: Clock, feed: Feed) -> None:
        air = VirtualRadio()
        machine = ReplayingPeripheral(air.device("treadmill", ADDRESS), recording(self._path))
        central = air.device("treadguard", "C0:C1:C2:C3:C4:C5")
        await central.power_on()
        await machine.start()
        client, scanner = backends(central)
        self._radio = Radio(client_type=client, scanner_type=scanner)
        try:
            await super().run(clock, feed)
        finally:
            await machine.stop()
            await air.close()


def said(path: Path) -> list[Event]:
    """Straight from the file, at second 0: what its notifications mean, those read alike once."""
    events: list[Event] = []
    for raw in path.read_text().splitlines()[1:]:
        line = json.loads(raw)
        if line["dir"] == "notify":
            event = read(line["char"], bytes.fromhex(line["hex"]), Millis(0))
            if event is not None:
                events.append(event)
    return events


def at_zero(event: Event) -> Event:
    match event:
        case Telemetry(_, speed, incline):
            return Telemetry(Millis(0), speed, incline)
        case Machine(_, status, value, training, given):
            return Machine(Millis(0), status, value, training, given)
    return event


@pytest.mark.parametrize("path", [KINOMAP, TREADSPAN], ids=["kinomap", "treadspan"])
def test_every_notification_is_heard_in_order_as_our_decoder_reads_it(path: Path) -> None:
    heard: list[Event] = []
    rig = Rig(make=lambda keeper: Recorded(path, keeper), proven=False)
    feed = rig.service.feed

    def listen(event: Event) -> None:
        heard.append(event)
        feed(event)

    rig.service.feed = listen  # type: ignore[method-assign]

    async def listens(_: Rig) -> None:
        await asyncio.sleep(recording(path).sent[-1].t + 5)

    live(rig, listens)
    told = [at_zero(event) for event in heard if isinstance(event, Telemetry | Machine)]
    offered = recording(path).reads
    assert told[0] == Machine(Millis(0), ranges=ranges(offered.get("2ad4"), offered.get("2ad5")))
    assert told[1:] == said(path)
    assert len(told) > 20


def test_the_guard_follows_the_recorded_belt_and_sends_nothing_to_it(tmp_path: Path) -> None:
    rig = Rig(make=lambda keeper: Recorded(KINOMAP, keeper), proven=False)

    async def watches(_: Rig) -> None:
        await asyncio.sleep(20)
        rig.service.pain(6)
        await asyncio.sleep(40)

    live(rig, watches)
    # It joins while the belt slows; a 3 s countdown brings it back at its old 2.25 km/h.
    phases = [line["to"] for line in rig.of("phase")]
    assert phases[0] == "RUNNING"
    assert "RUNNING" in phases[1:]
    assert max(line["speed"] for line in rig.of("telemetry") if "speed" in line) == 225
    assert [line["op"] for line in rig.of("command") if not line.get("shadow")] == []
    assert "stop" in [line["op"] for line in rig.of("command", shadow=True)]
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(rig.journal)
    report = check(journal)
    assert report.ok, report.sentence
