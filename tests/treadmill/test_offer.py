"""What a machine offers, read from the simulated ones over the virtual radio."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.ftms import treadmill_data
from treadguard.ftms.characteristics import Characteristic
from treadguard.session.virtual_time import run
from treadguard.sim.faults import Fault
from treadguard.sim.over_radio import ADDRESS, on_air
from treadguard.sim.presets import PRESETS
from treadguard.treadmill import finding
from treadguard.treadmill.offer import Heard, Notified, Offer, read_offer, summed
from treadguard.treadmill.trouble import ON_AIR
from treadguard.units import Millis

WALKING = bytes.fromhex("00005802")
FAST = bytes.fromhex("00002003")
CUT = bytes.fromhex("020058")
NOBODYS = bytes.fromhex("0000ffff")


def offered(preset: str, *faults: Fault, kmh: float | None = None) -> tuple[Offer, list[bytes]]:
    """What it offers in 5 s, and every frame that was written meanwhile."""
    written: list[bytes] = []

    async def go() -> Offer:
        async with on_air(PRESETS[preset], faults=faults) as (radio, machine):
            machine.written = lambda frame, _: written.append(frame)
            if kmh is not None:
                machine.console(start=True)
                await asyncio.sleep(10)
                machine.console(kmh=kmh)
            device = await finding.again(radio, ADDRESS, 5.0)
            assert device is not None
            return await read_offer(radio, device, 5.0, lambda _: None)

    return run(go()), written


@pytest.mark.parametrize("preset", PRESETS)
def test_every_simulated_machine_is_read_and_none_is_written_to(preset: str) -> None:
    offer, written = offered(preset)
    assert offer.about.maker == "treadguard"
    assert offer.about.model == preset
    assert offer.about.firmware
    machine = PRESETS[preset]
    assert set(offer.properties["2ad9"]) == machine.control_point
    assert offer.has(Characteristic.INCLINE_RANGE) == (machine.incline is not None)
    assert offer.has(Characteristic.TRAINING_STATUS) == bool(machine.training)
    assert {"2acc", "2ad4"} <= set(offer.values)
    assert not offer.lost
    assert written == []


def test_what_a_moving_belt_sends_is_summed_up() -> None:
    heard = offered("ideal", kmh=3.0)[0].heard
    assert heard.speed is not None
    assert heard.speed[1] == 300
    assert 4 <= heard.records <= 6
    assert heard.every_s == pytest.approx(1.0)
    assert "speed" in heard.fields
    assert heard.implausible == heard.truncated == 0


def test_a_connection_that_ends_early_is_said() -> None:
    gone = Fault(at_ms=Millis(3_000), for_ms=Millis(1_000), where="link", kind="off")
    offer, _ = offered("ideal", gone)
    assert offer.lost
    assert 0 < offer.heard.for_s < 5


def test_a_link_that_drops_while_it_is_read_is_a_failure_and_no_poor_machine() -> None:
    async def go() -> None:
        async with on_air(PRESETS["ideal"]) as (radio, machine):
            device = await finding.again(radio, ADDRESS, 5.0)
            assert device is not None

            def say(text: str) -> None:
                if text.startswith("connected"):
                    machine._server.drop()

            with pytest.raises(ConnectionResetError, match="was lost while it was read"):
                await read_offer(radio, device, 5.0, say)

    run(go())


def test_a_machine_that_has_gone_is_a_failure_on_the_air() -> None:
    async def go() -> None:
        async with on_air(PRESETS["ideal"]) as (radio, machine):
            device = await finding.again(radio, ADDRESS, 5.0)
            assert device is not None
            await machine.stop()
            with pytest.raises(ON_AIR):
                await read_offer(radio, device, 5.0, lambda _: None)

    run(go())


def test_speeds_gaps_and_oddities_are_told_apart() -> None:
    notified: list[Notified] = [
        (0.0, "2acd", WALKING),
        (0.5, "2ada", b"\x04"),
        (1.0, "2acd", FAST),
        (1.5, "2acd", NOBODYS),
        (2.0, "2acd", CUT),
        (5.0, "2acd", WALKING),
    ]
    heard = summed(notified, 6.0)
    assert heard.speed == (600, 800)
    assert (heard.every_s, heard.gap_s) == (2.5, 4.0)
    assert (heard.records, heard.others) == (5, (("2ada", 1),))
    assert (heard.truncated, heard.implausible) == (1, 1)
    assert heard.fields == ("speed",)


def test_silence_is_nothing_at_all() -> None:
    assert summed([], 5.0) == Heard(5.0)


@given(
    st.lists(
        st.tuples(
            st.floats(0, 100), st.sampled_from(["2acd", "2ada", "2ad3"]), st.binary(max_size=40)
        ),
        max_size=20,
    )
)
def test_any_bytes_are_summed_up(notified: list[Notified]) -> None:
    heard = summed(sorted(notified, key=lambda one: one[0]), 100.0)
    assert heard.records + sum(count for _, count in heard.others) == len(notified)
    assert set(heard.fields) <= set(treadmill_data.FIELDS)
