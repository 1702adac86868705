"""What pycycling writes through the gated client, and what it never gets to see."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycycling.fitness_machine_service import FitnessMachineService

from treadguard.ftms import control_point
from treadguard.ftms.characteristics import Characteristic
from treadguard.treadmill.gated import GatedClient, GateRefused, driven

CONTROL_POINT = Characteristic.CONTROL_POINT.uuid


class Rig:
    """A gate that judges by `verdict`, and what came through it."""

    def __init__(self, verdict: Callable[[bytes], str | None] = lambda _: None) -> None:
        self.asked: list[bytes] = []
        self.put: list[bytes] = []
        self.subscribed: list[str] = []

        def check(frame: bytes) -> str | None:
            self.asked.append(frame)
            return verdict(frame)

        async def subscribe(char: str) -> None:
            await asyncio.sleep(0)
            self.subscribed.append(char)

        self.client = GatedClient(check, self.put.append, subscribe)
        self.service = FitnessMachineService(self.client)  # type: ignore[no-untyped-call]


def same(write: Callable[[FitnessMachineService], Awaitable[None]], frame: bytes) -> None:
    rig = Rig()
    driven(write(rig.service))
    assert rig.asked == [frame]
    assert rig.put == [frame]
    assert type(rig.put[0]) is bytes


@given(st.integers(0, 0xFFFF))
def test_pycycling_writes_each_speed_as_our_codec_does(speed: int) -> None:
    same(lambda service: service.set_target_speed(speed), control_point.set_speed(speed))


@given(st.integers(-0x8000, 0x7FFF))
def test_pycycling_writes_each_incline_as_our_codec_does(grade: int) -> None:
    same(lambda service: service.set_target_incline(grade), control_point.set_incline(grade))


def test_pycycling_writes_the_commands_without_a_value_as_our_codec_does() -> None:
    same(lambda service: service.request_control(), control_point.request_control())
    same(lambda service: service.start_or_resume(), control_point.start())
    same(lambda service: service.stop_or_pause(pause=False), control_point.stop())


@pytest.mark.parametrize(
    "write",
    [
        lambda service: service.stop_or_pause(pause=True),
        lambda service: service.reset(),
        lambda service: service.set_target_power(100),
        lambda service: service.set_simulation_parameters(0, 0, 0, 0),
    ],
)
def test_whatever_else_pycycling_writes_is_judged_as_well(
    write: Callable[[FitnessMachineService], Awaitable[None]],
) -> None:
    rig = Rig(lambda _: "no")
    with pytest.raises(GateRefused):
        driven(write(rig.service))
    assert len(rig.asked) == 1
    assert rig.put == []


@given(st.binary(max_size=20), st.sampled_from([None, True, False]))
def test_a_refused_frame_is_never_put_and_the_reason_is_told(
    frame: bytes, response: bool | None
) -> None:
    rig = Rig(lambda _: "The belt stands.")
    with pytest.raises(GateRefused, match=r"^The belt stands\.$"):
        driven(rig.client.write_gatt_char(CONTROL_POINT, frame, response))
    assert rig.asked == [frame]
    assert rig.put == []


def test_an_empty_reason_is_a_refusal_too() -> None:
    rig = Rig(lambda _: "")
    with pytest.raises(GateRefused):
        driven(rig.client.write_gatt_char(CONTROL_POINT, b"\x07"))
    assert rig.put == []


@pytest.mark.parametrize(
    "char",
    [
        Characteristic.TREADMILL_DATA.uuid,
        Characteristic.MACHINE_STATUS.uuid,
        "2ad9",
        CONTROL_POINT.upper(),
        "",
        "00002a00-0000-1000-8000-00805f9b34fb",
    ],
)
def test_any_other_write_is_refused_or_judged(char: str) -> None:
    rig = Rig(lambda _: "no")
    with pytest.raises(GateRefused):
        driven(rig.client.write_gatt_char(char, b"\x07"))
    assert rig.put == []


def test_another_characteristic_is_refused_though_the_gate_would_let_it_pass() -> None:
    rig = Rig()
    with pytest.raises(GateRefused):
        driven(rig.client.write_gatt_char(Characteristic.TREADMILL_DATA.uuid, b"\x07"))
    assert rig.put == []


def test_what_was_judged_is_what_goes_out_though_the_caller_changes_it_later() -> None:
    rig = Rig()
    data: Any = bytearray(b"\x02\x2c\x01")
    driven(rig.client.write_gatt_char(CONTROL_POINT, data))
    data[1:] = b"\xff\xff"
    assert rig.put == [b"\x02\x2c\x01"]


async def test_pycycling_subscribes_and_its_callbacks_are_never_called() -> None:
    rig = Rig()

    def handler(*_: object) -> None:
        pytest.fail("pycycling's parser was let near what arrived")

    service: Any = rig.service
    service.set_control_point_response_handler(handler)
    service.set_fitness_machine_status_handler(handler)
    service.set_training_status_handler(handler)
    await rig.service.enable_control_point_indicate()
    await rig.service.enable_fitness_machine_status_notify()
    await rig.service.enable_training_status_notify()
    assert rig.subscribed == [
        Characteristic.CONTROL_POINT.uuid,
        Characteristic.MACHINE_STATUS.uuid,
        Characteristic.TRAINING_STATUS.uuid,
    ]


def test_work_that_would_wait_is_an_error_and_not_a_wait() -> None:
    # Of zero seconds: it suspends once, and needs no loop to do so.
    work = asyncio.sleep(0)
    with pytest.raises(RuntimeError):
        driven(work)
    work.close()


def test_what_goes_wrong_within_the_turn_is_told_to_the_caller() -> None:
    async def wrong() -> None:
        raise ValueError("no such speed")

    with pytest.raises(ValueError, match="no such speed"):
        driven(wrong())
