"""What a machine says of itself: read in whole, printable, and compared piece by piece."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.ftms import ranges
from treadguard.ftms.characteristics import Characteristic
from treadguard.session import virtual_time
from treadguard.sim.over_radio import ADDRESS, on_air
from treadguard.sim.presets import PRESETS
from treadguard.treadmill.fingerprint import (
    TOLD,
    Difference,
    Fingerprint,
    differences,
    in_words,
    pieces,
    told,
)
from treadguard.treadmill.offer import read_fingerprint

WHOLE = Fingerprint("Maker", "Model", "7", "B", "1.0", "2.0")
RANGES = {
    Characteristic.SPEED_RANGE: ranges.encode_speed(100, 1200, 10),
    Characteristic.INCLINE_RANGE: ranges.encode_incline(0, 150, 5),
}
TEXT = st.none() | st.text(min_size=1, max_size=5)
SAID = st.builds(Fingerprint, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT)


def read_from(values: dict[Characteristic, bytes]) -> tuple[Fingerprint, list[Characteristic]]:
    asked: list[Characteristic] = []

    async def read(char: Characteristic) -> bytes | None:
        asked.append(char)
        return values.get(char)

    return asyncio.run(told(read)), asked


def test_each_piece_is_read_where_it_stands_and_ranges_arent_asked_for() -> None:
    values = {char: what.encode() for what, char in TOLD.items()}
    said, asked = read_from({**values, **RANGES})
    assert said == Fingerprint(*TOLD)
    assert asked == [*TOLD.values()]


def test_a_machine_that_says_nothing_is_told_by_its_ranges() -> None:
    blank = {Characteristic.MAKER: b"\0\0", Characteristic.MODEL: b"  "}
    said, _ = read_from({**blank, **RANGES})
    assert said == Fingerprint(speeds="1 to 12 km/h by 0.1", inclines="0 to 15 % by 0.5")
    assert not said.informs
    assert read_from({})[0] == Fingerprint()


@pytest.mark.parametrize("nonsense", [b"", b"\x01", bytes(6), b"\xff" * 6])
def test_a_range_that_is_no_range_says_nothing(nonsense: bytes) -> None:
    assert read_from({Characteristic.SPEED_RANGE: nonsense})[0] == Fingerprint()


@given(st.binary(max_size=40))
def test_any_bytes_are_read_as_text_that_moves_no_cursor(data: bytes) -> None:
    firmware = read_from({Characteristic.FIRMWARE: data})[0].firmware
    assert firmware is None or firmware.isprintable()


def test_each_piece_that_differs_is_told_with_what_it_was() -> None:
    for what in TOLD:
        found = differences(WHOLE, Fingerprint(**{**_as_dict(WHOLE), what: "other"}))
        assert found == (Difference(what, getattr(WHOLE, what), "other"),)
    now = Fingerprint("Maker", "Model", None, "B", "1.1", "2.0")
    assert in_words(differences(WHOLE, now)) == (
        "isn't as it was when you proved it (serial 7 → not told, firmware 1.0 → 1.1)"
    )


def test_ranges_count_only_where_nothing_else_is_said() -> None:
    slow, fast = Fingerprint(speeds="slow"), Fingerprint(speeds="fast", inclines="flat")
    assert differences(slow, fast) == (
        Difference("speed range", "slow", "fast"),
        Difference("incline range", None, "flat"),
    )
    assert not differences(Fingerprint("Maker", speeds="slow"), Fingerprint("Maker", speeds="fast"))
    assert differences(Fingerprint("Maker"), slow) == (Difference("maker", "Maker", None),)


@given(SAID, SAID)
def test_only_what_is_the_same_in_every_piece_that_counts_is_the_same(
    one: Fingerprint, other: Fingerprint
) -> None:
    assert differences(one, one) == ()
    same = all(getattr(one, what) == getattr(other, what) for what in TOLD)
    if one.informs or other.informs:
        assert same == (not differences(one, other))
    assert bool(differences(one, other)) == bool(differences(other, one))


def test_it_can_be_shown_piece_by_piece() -> None:
    assert pieces(Fingerprint("Maker", firmware="1.0", speeds="1 to 6 km/h by 0.1")) == (
        "maker Maker",
        "firmware 1.0",
        "speed range 1 to 6 km/h by 0.1",
    )
    assert pieces(Fingerprint()) == ()


# ---------------------------------------------------------------- over a connection


@pytest.mark.parametrize("preset", PRESETS)
def test_a_simulated_machine_says_who_it_is_and_nothing_is_written_to_it(preset: str) -> None:
    async def go() -> tuple[Fingerprint | None, list[bytes]]:
        written: list[bytes] = []
        async with on_air(PRESETS[preset]) as (radio, machine):
            machine.written = lambda frame, _: written.append(frame)
            machine.says(Characteristic.SOFTWARE, "")
            return await read_fingerprint(radio, ADDRESS), written

    assert virtual_time.run(go()) == (Fingerprint("treadguard", preset, "1", "1", "1"), [])


def test_one_that_is_away_says_nothing_at_all() -> None:
    async def go() -> Fingerprint | None:
        async with on_air(PRESETS["ideal"]) as (radio, machine):
            await machine.stop()
            return await read_fingerprint(radio, ADDRESS)

    assert virtual_time.run(go()) is None


def test_a_link_that_is_lost_meanwhile_is_no_machine_that_says_less() -> None:
    async def go() -> Fingerprint | None:
        async with on_air(PRESETS["ideal"]) as (radio, machine):
            arrived = machine.on_arrival

            def drops(pdu: object, take: object) -> None:
                arrived(pdu, take)  # type: ignore[arg-type]
                if type(pdu).__name__ == "ATT_Read_Request":
                    machine._server.drop()

            machine.on_arrival = drops  # type: ignore[method-assign]
            return await read_fingerprint(radio, ADDRESS)

    assert virtual_time.run(go()) is None


def _as_dict(said: Fingerprint) -> dict[str, str | None]:
    return {what: getattr(said, what) for what in TOLD}
