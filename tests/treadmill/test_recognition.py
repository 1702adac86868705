"""A proven machine is known again on each connection, and another one is never driven (H14, H15).

The rule that all of this holds up: until the machine has said what it said when it was proven,
nothing but a Stop goes out, and a Stop waits for none of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest
from bumble import att
from tests.session.rig import Rig
from tests.treadmill.bench import Bench, fault

from treadguard.ftms.characteristics import Characteristic
from treadguard.guard.events import Link, Telemetry
from treadguard.kernel import GateKeeper
from treadguard.session import virtual_time
from treadguard.sim.bleak_over_bumble import BLUEZ, PLAIN, Habits, backends
from treadguard.sim.faults import Fault
from treadguard.sim.over_radio import ADDRESS, on_air
from treadguard.sim.peripheral import Peripheral
from treadguard.sim.presets import preset_named
from treadguard.sim.radio import VirtualRadio
from treadguard.treadmill.fingerprint import TOLD, Fingerprint
from treadguard.treadmill.over_bleak import BleakTreadmill, MachineChanged
from treadguard.treadmill.radio import Radio

PROVEN = Fingerprint("treadguard", "ideal", "1", "1", "1", "1")
STOP = b"\x08\1"
CONTROL = b"\0"
DROP = fault("link", "off", 16, 2)


@dataclass(eq=False)
class Known(Bench):
    """A bench that notes what reaches the machine; `frames` are what the gate was asked about."""

    def __post_init__(self) -> None:
        assert isinstance(self.machine, Peripheral)
        self.peripheral = self.machine
        self.reached: list[tuple[float, bytes]] = []
        self.asked: list[tuple[float, str]] = []
        self.mute: Callable[[str], bool] = lambda _: False
        self.peripheral.written = lambda frame, _: self.reached.append((self.now, frame))
        take_in = self.peripheral.on_arrival
        names = {served.handle: char for char, served in self.peripheral._server._kept.items()}

        def on_arrival(pdu: att.ATT_PDU, take: Callable[[], None]) -> None:
            char = names.get(getattr(pdu, "attribute_handle", 0), "")
            if isinstance(pdu, att.ATT_Read_Request) and char in _INFORMATION:
                self.asked.append((self.now, char))
                if self.mute(char):
                    return
            take_in(pdu, take)

        self.peripheral.on_arrival = on_arrival  # type: ignore[method-assign]

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def since(self, second: float) -> list[bytes]:
        return [frame for at, frame in self.reached if at >= second]

    async def up(self, generation: int) -> float:
        """When that link came up."""
        while (True, generation) not in self.links:
            await self.until(self.now + 0.01)
        return self.heard(Link)[-1].t / 1000


_INFORMATION = {char.short for char in TOLD.values()}


def play(
    script: Callable[[Known], Awaitable[None]],
    *,
    proven: Fingerprint | None = PROVEN,
    faults: Sequence[Fault] = (),
    habits: Habits = PLAIN,
) -> None:
    async def played() -> None:
        async with on_air(preset_named("ideal"), faults=faults, habits=habits) as (radio, machine):
            said: list[str] = []
            treadmill = BleakTreadmill(
                radio,
                ADDRESS,
                "Run 500",
                check=lambda _: None,
                proven=proven is not None,
                say=said.append,
                fingerprint=proven,
            )
            bench = Known(treadmill, machine, said=said)
            bench.switch_on()
            try:
                await script(bench)
            finally:
                assert bench.running is not None
                bench.running.cancel()
                await asyncio.wait((bench.running,), timeout=60)

    virtual_time.run(played())


@pytest.mark.parametrize("habits", [PLAIN, BLUEZ], ids=["plain", "bluez"])
def test_a_machine_that_is_as_it_was_is_driven_on_each_connection(habits: Habits) -> None:
    async def walks(bench: Known) -> None:
        await bench.walking(300)
        up = await bench.up(2)
        await bench.until(up + 2)
        bench.send("request_control")
        bench.send("set_speed", 250)
        await bench.until(up + 10)
        assert bench.machine.measured_speed == 250
        assert len(bench.asked) == 2 * len(TOLD), "each piece once on each connection"
        assert bench.links == [(True, 1), (False, 1), (True, 2)]

    play(walks, faults=[DROP], habits=habits)


def test_nobody_asks_a_machine_that_is_only_watched() -> None:
    async def waits(bench: Known) -> None:
        await bench.until(10)
        assert bench.links == [(True, 1)]
        assert bench.asked == []

    play(waits, proven=None)


@pytest.mark.parametrize(
    ("char", "text", "words"),
    [
        (Characteristic.FIRMWARE, "2", "firmware 1 → 2"),
        (Characteristic.MODEL, "other", "model ideal → other"),
        (Characteristic.SERIAL, "2", "serial 1 → 2"),
    ],
)
def test_a_machine_that_comes_back_as_another_is_never_driven_and_ends_the_session(
    char: Characteristic, text: str, words: str
) -> None:
    async def changes(bench: Known) -> None:
        await bench.walking(300)
        bench.peripheral.says(char, text)
        up = await bench.up(2)
        for _ in range(30):
            bench.send("request_control")
            bench.send("set_speed", 250)
            await asyncio.sleep(0.1)
        assert bench.running is not None
        await asyncio.wait((bench.running,), timeout=60)
        with pytest.raises(MachineChanged, match=words):
            bench.running.result()
        assert set(bench.since(up)) <= {CONTROL}
        assert bench.machine.measured_speed == 300
        assert len(bench.answers) == bench.sent
        assert bench.links[-1] == (False, 2)
        assert bench.heard(Link)[-1].t / 1000 - up < 1.0
        told = [text for text in bench.said if words in text]
        assert len(told) == 1
        assert f"treadguard commission --prove --treadmill {ADDRESS}" in told[0]

    play(changes, faults=[DROP])


def test_another_machine_at_that_address_gets_no_frame_at_all() -> None:
    """H14: the address of the proven one, and a neighbour's belt."""

    async def meets(bench: Known) -> None:
        bench.peripheral.says(Characteristic.SERIAL, "neighbour's")
        bench.machine.console(start=True)
        for _ in range(100):
            bench.send("set_speed", 150)
            bench.send("start")
            bench.send("set_incline", 10)
            await asyncio.sleep(0.1)
        assert bench.running is not None
        assert bench.running.done()
        assert bench.reached == []

    play(meets)


def test_another_machine_that_leaves_a_piece_out_is_another_all_the_same() -> None:
    """H14: one piece that differs is enough, whatever else is missing; no Stop reaches it."""

    async def meets(bench: Known) -> None:
        bench.peripheral.says(Characteristic.SERIAL, "neighbour's")
        bench.peripheral.says(Characteristic.FIRMWARE, "")
        bench.machine.console(start=True)
        assert bench.running is not None
        await asyncio.wait((bench.running,), timeout=10)
        bench.send("stop")
        with pytest.raises(MachineChanged, match="serial 1 → neighbour's"):
            bench.running.result()
        await bench.until(15)
        assert bench.reached == []
        assert bench.links == [(True, 1), (False, 1)]

    play(meets)


def test_of_two_machines_of_one_name_the_other_gets_no_frame() -> None:
    """H14: both are within reach all the while, and the proven one drops now and then."""
    reached: dict[str, list[bytes]] = {ADDRESS: [], "F0:F1:F2:F3:F4:AA": []}

    async def session() -> int:
        air = VirtualRadio()
        machines = [
            Peripheral(air.device(address, address), preset_named("ideal"), faults=faults)
            for address, faults in zip(
                reached, ([DROP, fault("link", "off", 40, 9)], []), strict=True
            )
        ]
        for machine, frames in zip(machines, reached.values(), strict=True):
            machine.written = lambda frame, _, frames=frames: frames.append(frame)
            await machine.start()
        central = air.device("treadguard", "C0:C1:C2:C3:C4:C5")
        await central.power_on()
        client, scanner = backends(central)
        treadmill = BleakTreadmill(
            Radio(client_type=client, scanner_type=scanner),
            ADDRESS,
            "treadguard sim",
            check=lambda _: None,
            proven=True,
            say=lambda _: None,
            fingerprint=PROVEN,
        )
        bench = Bench(treadmill, machines[0])
        bench.switch_on()
        await bench.walking(300)
        for second in range(15, 70):
            bench.send("set_speed", 250 + second)
            await bench.until(second)
        await bench.switch_off()
        for machine in machines:
            await machine.stop()
        await air.close()
        return bench.links.count((True, 3))

    assert virtual_time.run(session()) == 1
    mine, other = reached.values()
    assert len(mine) > 30
    assert other == []


def test_a_stop_on_a_new_link_waits_for_one_read_at_most() -> None:
    async def stops(bench: Known) -> None:
        await bench.walking(300)
        up = await bench.up(2)
        bench.send("stop")
        await bench.until(up + 0.3)
        (at,) = [at for at, frame in bench.reached if frame == STOP]
        assert at - up < 0.1
        assert len([char for when, char in bench.asked if up <= when <= at]) <= 1

    play(stops, faults=[DROP], habits=BLUEZ)


def test_a_read_that_hangs_costs_a_stop_a_second_and_the_next_link_is_free_for_it() -> None:
    async def hangs(bench: Known) -> None:
        await bench.walking(300)
        bench.mute = lambda char: char == Characteristic.SERIAL.short
        up = await bench.up(2)
        await bench.until(up + 1)
        bench.send("stop")
        await bench.until(up + 2.1)
        assert bench.links[-1] == (False, 2), "the Stop can't pass, so the link was given up"
        again = await bench.up(3)
        asked = len(bench.asked)
        bench.send("stop")
        await bench.until(again + 0.2)
        assert bench.since(again) == [STOP]
        await bench.until(again + 4.9)
        assert len(bench.asked) == asked, "nothing stands beside the Stop that is owed"
        bench.mute = lambda _: False
        await bench.until(again + 8)
        assert len(bench.asked) == asked + len(TOLD)
        bench.send("request_control")
        bench.send("start")
        await bench.until(again + 20)
        assert bench.machine.measured_speed > 0, "known again, it is driven again"

    play(hangs, faults=[DROP], habits=BLUEZ)


def test_a_machine_that_no_longer_says_who_it_is_gets_only_a_stop_until_it_does() -> None:
    async def silent(bench: Known) -> None:
        await bench.walking(300)
        bench.peripheral.says(Characteristic.FIRMWARE, "")
        up = await bench.up(2)
        await bench.until(up + 1)
        bench.send("request_control")
        bench.send("set_speed", 250)
        await bench.until(up + 12)
        assert bench.links[-1] == (True, 2)
        assert bench.machine.measured_speed == 300
        assert len([text for text in bench.said if "asking again" in text]) == 1
        bench.peripheral.says(Characteristic.FIRMWARE, "1")
        await bench.until(up + 18)
        bench.send("set_speed", 250)
        await bench.until(up + 25)
        assert bench.machine.measured_speed == 250

    play(silent, faults=[DROP])


def test_what_is_measured_is_heard_all_the_while() -> None:
    async def waits(bench: Known) -> None:
        bench.mute = lambda _: True
        bench.machine.console(start=True)
        await bench.until(20)
        assert len(bench.heard(Telemetry)) > 15
        assert bench.links == [(True, 1)]

    play(waits)


# ---------------------------------------------------------------- the whole session


def test_a_session_whose_machine_comes_back_as_another_ends_with_an_alarm() -> None:
    """H15, with the real guard, gate and service: no frame but a Stop after the change."""
    reached: list[tuple[float, bytes]] = []

    async def session() -> Rig:
        async with on_air(preset_named("ideal"), faults=[fault("link", "off", 50, 4)]) as found:
            radio, machine = found

            def made(keeper: GateKeeper) -> BleakTreadmill:
                return BleakTreadmill(
                    radio,
                    ADDRESS,
                    "Run 500",
                    check=keeper.check,
                    proven=True,
                    say=lambda _: None,
                    fingerprint=PROVEN,
                )

            rig = Rig(make=made)
            loop = asyncio.get_running_loop()

            async def story() -> None:
                await rig.walk(500)
                machine.says(Characteristic.FIRMWARE, "2")
                machine.written = lambda frame, _: reached.append((loop.time(), frame))
                await asyncio.sleep(4)
                rig.service.pain(2)
                await asyncio.sleep(600)

            rig.code = await rig.service.run({"story": story})
            return rig

    rig = virtual_time.run(session())
    assert rig.code == 1
    alarms = [line["say"] for line in rig.of("alarm")]
    assert any("firmware 1 → 2" in say and "commission --prove" in say for say in alarms)
    assert rig.of("end")
    assert {frame[0] for at, frame in reached if at > 50} <= {CONTROL[0], STOP[0]}
