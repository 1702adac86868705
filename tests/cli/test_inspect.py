"""`treadguard inspect`: what it says of a machine, and that it leaves the machine alone."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from bleak.backends.device import BLEDevice
from tests.cli.conftest import Run

from treadguard.cli.inspect import inspected
from treadguard.cli.offered import as_dict, meanings, report
from treadguard.ftms import features, ranges
from treadguard.session import virtual_time
from treadguard.sim.over_radio import ADDRESS, on_air
from treadguard.sim.peripheral import Peripheral
from treadguard.sim.presets import PRESETS
from treadguard.treadmill.finding import Found
from treadguard.treadmill.fingerprint import Fingerprint
from treadguard.treadmill.offer import Heard, Offer
from treadguard.treadmill.proven import Entry, proven_file, remember
from treadguard.units import Speed

FOUND = Found(
    BLEDevice("AA:BB", "Pad", None), "Pad\x1b[2J", "AA:BB", -60, ftms=True, treadmill=True
)
WHOLE = Offer(
    Fingerprint("Maker\x07", "Model"),
    {
        "2acc": ("read",),
        "2acd": ("notify",),
        "2ad3": ("notify", "read"),
        "2ad4": ("read",),
        "2ad5": ("read",),
        "2ad9": ("indicate", "write"),
        "2ada": ("notify",),
    },
    {
        "2acc": features.encode(features.Feature.TOTAL_DISTANCE, features.Target.SPEED),
        "2ad4": ranges.encode_speed(100, 1200, 10),
        "2ad5": ranges.encode_incline(0, 150, 5),
    },
    Heard(5.0, 5, (("2ada", 2),), ("speed", "energy_per_hour_kcal"), (Speed(100), Speed(300))),
)


def without(*chars: str) -> Offer:
    return replace(WHOLE, properties={c: p for c, p in WHOLE.properties.items() if c not in chars})


def control(*properties: str) -> Offer:
    return replace(WHOLE, properties={**WHOLE.properties, "2ad9": properties})


def value(char: str, data: bytes) -> Offer:
    return replace(WHOLE, values={**WHOLE.values, char: data})


def means(offer: Offer) -> str:
    return "\n".join(meanings(offer, None))


@pytest.fixture(autouse=True)
def in_virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "run", virtual_time.run)


# ---------------------------------------------------------------- the command


def test_the_simulated_treadmill_is_described(run: Run) -> None:
    ended = run("inspect", "sim-radio")
    assert ended.code == 0
    assert ended.out.startswith(f"treadguard sim  {ADDRESS}\n  maker treadguard, model ideal")
    assert "1 to 20 km/h by 0.1" in ended.out
    assert "5 records of treadmill data, a speed every 1.0 s" in ended.out
    assert "no command was sent" in ended.out
    assert ended.err.splitlines() == [
        "looking for sim-radio…",
        "connecting…",
        "connected, reading what it offers…",
        "listening for 5 s…",
    ]


def test_either_way_of_naming_it_and_json(run: Run) -> None:
    ended = run("inspect", "--treadmill", "sim-radio", "--json", "--for", "2")
    found = json.loads(ended.out)
    assert (found["address"], found["proven"]) == (ADDRESS, True)
    assert found["characteristics"]["2ad4"]["value"] == {
        "min_kmh": 1.0,
        "max_kmh": 20.0,
        "step_kmh": 0.1,
    }
    assert found["heard"]["speed_kmh"] == [0.0, 0.0]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.usefixtures("runtime")
def test_it_neither_writes_to_a_machine_nor_moves_its_belt(preset: str) -> None:
    written: list[bytes] = []

    async def go() -> int:
        async with on_air(PRESETS[preset]) as (radio, machine):
            machine.written = lambda frame, _: written.append(frame)
            machine.console(start=True)
            await asyncio.sleep(20)
            before = machine.measured_speed
            found, offer = await inspected(radio, ADDRESS, 2.0)
            report(found, offer, "isn't proven to be yours")
            return machine.measured_speed - before

    assert virtual_time.run(go()) == 0
    assert written == []


@pytest.mark.parametrize("args", [[], ["a", "--treadmill", "b"], ["a", "--for", "0"], ["a", "b"]])
def test_bad_usage_is_exit_2(run: Run, args: list[str]) -> None:
    assert run("inspect", *args).code == 2


@pytest.mark.parametrize("args", [["sim"], ["--treadmill", "sim"]])
def test_who_asks_for_the_simulated_one_is_told_its_name_on_the_air(
    run: Run, args: list[str]
) -> None:
    ended = run("inspect", *args)
    assert ended.code == 2
    assert ended.err == "treadguard: sim has no radio to look at: treadguard inspect sim-radio.\n"


def test_a_machine_that_isnt_there_is_exit_3(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(self: Any) -> None: ...

    monkeypatch.setattr(Peripheral, "start", away)
    ended = run("inspect", "sim-radio")
    assert (ended.code, ended.out) == (3, "")
    assert "no treadmill 'treadguard sim' was heard within 20 s" in ended.err


def test_what_speaks_no_ftms_is_shown_and_exit_3(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def look(*_: Any) -> tuple[Found, Offer]:
        return FOUND, Offer(Fingerprint("Maker"), {}, {}, Heard(0.0))

    monkeypatch.setattr("treadguard.cli.inspect.inspected", look)
    ended = run("inspect", "sim-radio")
    assert ended.code == 3
    assert "no Fitness Machine service" in ended.out
    assert "is no treadmill that speaks FTMS" in ended.err


def test_help_has_an_example(run: Run) -> None:
    assert "Example: treadguard inspect" in run("inspect", "--help").out


# ---------------------------------------------------------------- the words


def test_text_from_the_air_cant_move_the_cursor() -> None:
    text = "\n".join(report(FOUND, WHOLE, "isn't proven to be yours"))
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "Pad\ufffd[2J" in text


def test_what_it_sent_is_told_by_field_and_span() -> None:
    lines = report(FOUND, WHOLE, None)
    assert "  fields: speed, energy per hour" in lines
    assert "  speed 1 to 3 km/h" in lines
    assert "  machine status: 2" in lines
    silent = report(FOUND, replace(WHOLE, heard=Heard(5.0)), None)
    assert any("start it on its own console" in line for line in silent)


def test_odd_records_and_a_lost_link_are_said() -> None:
    heard = replace(WHOLE.heard, truncated=3, implausible=2)
    text = "\n".join(report(FOUND, replace(WHOLE, heard=heard, lost=True), None))
    assert "3 records were cut short" in text
    assert "2 values that no treadmill can mean" in text
    assert "The connection was lost while listening." in text


@pytest.mark.parametrize(
    ("offer", "words"),
    [
        (WHOLE, "asked to slow and to stop, by a request that it confirms;"),
        (control("notify", "write-without-response"), "by a command that nothing confirms;"),
        (control("notify", "write"), "answers by notification where FTMS wants an indication"),
        (control("write"), "never answers a command: treadguard judges by its speed alone"),
        (control("indicate", "write", "write-without-response"), "confirms or a command"),
        (control("indicate"), "takes no writes: treadguard can watch, and can't slow or stop it"),
        (without("2ad9"), "no control point: treadguard can watch, and can't slow or stop it"),
        (without("2ad4"), "no speed range: your own limits alone hold"),
        (value("2ad4", bytes(6)), "its speed range is no range"),
        (value("2ad4", ranges.encode_speed(60, 240, 10)), "above its own speed range"),
        (without("2ad5"), "no incline range: treadguard takes it for one without"),
        (value("2ad5", bytes(6)), "its incline range is no range"),
        (without("2ada"), "no machine status: its safety key"),
        (without("2ad3"), "no training status: a countdown"),
        (without("2acd"), "no treadmill data: its speed can't be known"),
        (value("2acc", bytes(8)), "it says that it takes no speed"),
        (replace(WHOLE, heard=replace(WHOLE.heard, gap_s=4.2)), "came only after 4.2 s"),
        (replace(WHOLE, properties={}), "without a Fitness Machine service"),
    ],
)
def test_what_it_means_for_treadguard(offer: Offer, words: str) -> None:
    assert words in means(offer)


def test_of_a_machine_as_ftms_wants_it_nothing_is_complained_about() -> None:
    assert len(meanings(WHOLE, None)) == 2
    assert meanings(WHOLE, None)[-1] == "proven to be yours"
    assert "treadguard commission --prove" in meanings(WHOLE, "isn't proven to be yours")[-1]


def test_all_that_a_machine_says_of_itself_is_shown() -> None:
    about = Fingerprint("Maker", "Model", "7", "B", "1.0", "2.0")
    assert report(FOUND, replace(WHOLE, about=about), None)[1] == (
        "  maker Maker, model Model, firmware 1.0, serial 7, hardware B, software 2.0"
    )
    assert report(FOUND, WHOLE, None)[1] == "  maker Maker\ufffd, model Model, firmware not told"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (None, "it isn't proven to be yours, so treadguard only watches it"),
        (Entry("Pad", "2026-11-22"), "it was proven by an older treadguard"),
        (
            Entry("Pad", "2026-11-22", Fingerprint("Maker", "Model", firmware="1")),
            "it isn't as it was when you proved it (firmware 1 → not told), so treadguard only",
        ),
        (Entry("Pad", "2026-11-22", Fingerprint("Maker", "Model")), "proven to be yours"),
    ],
)
def test_a_machine_is_proven_while_it_is_as_it_was(
    run: Run, monkeypatch: pytest.MonkeyPatch, entry: Entry | None, words: str
) -> None:
    offer = replace(WHOLE, about=Fingerprint("Maker", "Model"))

    async def look(*_: Any) -> tuple[Found, Offer]:
        return FOUND, offer

    monkeypatch.setattr("treadguard.cli.inspect.inspected", look)
    if entry is not None:
        remember(proven_file(), FOUND.address, entry)
    told = json.loads(run("inspect", "Pad", "--json").out)
    assert told["meaning"][-1].startswith(words)
    assert told["proven"] == (words == "proven to be yours")


@pytest.mark.parametrize("data", [b"", b"\x01", bytes(3), b"\xff" * 20])
@pytest.mark.parametrize("char", ["2acc", "2ad4", "2ad5", "2ad3", "2ada", "2ad9", "2a00"])
def test_any_bytes_can_be_reported(char: str, data: bytes) -> None:
    offer = replace(value(char, data), properties={**WHOLE.properties, char: ("read",)})
    assert report(FOUND, offer, None)
    assert json.dumps(as_dict(FOUND, offer, None))
    unread = replace(offer, values={})
    assert report(FOUND, unread, None)
