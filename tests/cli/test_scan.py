"""`treadguard scan`: what is listed, in which words, and what it says when there is nothing."""

from __future__ import annotations

import asyncio
import builtins
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bleak.backends.device import BLEDevice
from bleak.exc import BleakDBusError
from tests.cli.conftest import Run

from treadguard.cli import air, scan
from treadguard.cli.failure import Failure
from treadguard.session import virtual_time
from treadguard.session.runtime import TreadmillBusy, claim
from treadguard.sim.over_radio import ADDRESS, on_air
from treadguard.sim.presets import preset_named
from treadguard.treadmill import finding
from treadguard.treadmill.finding import Found
from treadguard.treadmill.fingerprint import Fingerprint
from treadguard.treadmill.proven import Entry, proven_file, remember
from treadguard.treadmill.radio import Radio

MINE = Found(
    BLEDevice("aa:bb", "x", None), "Pad \x1b[31mA", "aa:bb", -60, ftms=True, treadmill=True
)
BARE = replace(MINE, name="", address="CC:DD", rssi=-90, treadmill=None)
ROWER = replace(MINE, name="Rower", address="EE:FF", rssi=-40, treadmill=False)
PHONE = replace(MINE, name="Phone", address="00:11", rssi=127, ftms=False, treadmill=None)


@pytest.fixture(autouse=True)
def in_virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "run", virtual_time.run)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    """What is near, in place of the air."""
    near: list[Found] = []

    async def around(_radio: Radio, _for_s: float) -> list[Found]:
        return near

    monkeypatch.setattr(scan, "around", around)
    return near


async def test_a_treadmill_on_the_air_is_found() -> None:
    async with on_air(preset_named("ideal")) as (radio, _):
        (found,) = await scan.scanned(radio, 0.2)
    assert (found.name, found.address, found.treadmill) == ("treadguard sim", ADDRESS, True)


def test_the_virtual_radio_is_listed_and_progress_is_on_stderr(run: Run) -> None:
    ended = run("scan", "--sim-radio")
    assert ended.code == 0
    assert ended.out == f"treadguard sim  {ADDRESS}  strong (-50 dBm)  treadmill\n"
    assert ended.err == "looking for 8 s…\n"


@pytest.mark.usefixtures("runtime")
def test_only_what_may_be_a_treadmill_is_listed(run: Run, heard: list[Found]) -> None:
    heard += [ROWER, MINE, BARE, PHONE]
    remember(proven_file(), "AA:BB", Entry("Pad", "2026-11-22", Fingerprint("Maker")))
    remember(proven_file(), "CC:DD", Entry("of an older treadguard", "2026-11-22"))
    first, second = run("scan").out.splitlines()
    assert first.split("  ", 1)[0] == "Pad \ufffd[31mA"
    assert first.endswith("strong (-60 dBm)     treadmill, proven yours")
    assert " ".join(second.split()) == "(no name) CC:DD very weak (-90 dBm) doesn't say"


def test_all_lists_everything_that_has_a_name(run: Run, heard: list[Found]) -> None:
    heard += [ROWER, MINE, BARE, PHONE]
    lines = run("scan", "--all").out.splitlines()
    assert [line.split()[0] for line in lines] == ["Rower", "Pad", "Phone"]
    assert lines[0].endswith("another fitness machine")
    assert "signal unknown" in lines[2]
    assert lines[2].endswith("no fitness machine")


def test_json_is_one_array(run: Run, heard: list[Found]) -> None:
    heard += [MINE, BARE]
    ended = run("scan", "--json")
    assert [one["treadmill"] for one in json.loads(ended.out)] == [True, None]
    heard.clear()
    ended = run("scan", "--json")
    assert (ended.code, ended.out) == (3, "[]\n")


@pytest.mark.usefixtures("heard")
def test_nothing_near_is_exit_3_and_says_what_to_try(run: Run) -> None:
    ended = run("scan", "--for", "2")
    assert (ended.code, ended.out) == (3, "")
    assert "no treadmill was heard within 2 s: switch it on" in ended.err


@pytest.mark.parametrize(
    ("dbm", "words"),
    [(-40, "strong"), (-60, "strong"), (-61, "good"), (-76, "weak"), (-89, "very weak")],
)
def test_a_signal_is_a_word_and_a_number(dbm: int, words: str) -> None:
    assert scan.signal(dbm) == f"{words} ({dbm} dBm)"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (BleakDBusError("org.bluez.Error.InProgress", ["x"]), "the Bluetooth adapter is busy"),
        (BleakDBusError("org.bluez.Error.NotReady", ["x"]), "Bluetooth is switched off"),
        (FileNotFoundError(2, "No such file"), "D-Bus isn't running"),
    ],
)
def test_bluetooth_that_fails_is_one_sentence_and_exit_3(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    async def around(*_: Any) -> list[Found]:
        raise error

    monkeypatch.setattr(scan, "around", around)
    ended = run("scan")
    assert ended.code == 3
    assert ended.err.splitlines()[1].startswith("treadguard: no treadmill can be looked for: ")
    assert words in ended.err


def test_without_bumble_the_virtual_radio_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "treadguard.sim.over_radio":
            raise ModuleNotFoundError("No module named 'bumble'", name="bumble.hci")
        return really(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    ended = run("scan", "--sim-radio")
    assert ended.code == 2
    assert ended.err == (
        "treadguard: the virtual radio needs bumble: pip install 'treadguard[sim-radio]'.\n"
    )


@pytest.mark.parametrize("args", [["--for", "0"], ["--for", "x"], ["--nonsense"], ["extra"]])
def test_bad_usage_is_exit_2(run: Run, args: list[str]) -> None:
    assert run("scan", *args).code == 2


def test_help_has_an_example(run: Run) -> None:
    assert "Example: treadguard scan --for 15" in run("scan", "--help").out


# ---------------------------------------------------------------- whom a command may connect to


@pytest.mark.usefixtures("runtime")
def test_a_treadmill_that_is_guarded_is_left_alone() -> None:
    with claim("Pad", "AA:BB") as session:
        session.publish(4711, "secret")
        for wanted in ("pad", "aa:bb"):
            with pytest.raises(Failure, match="is being guarded") as refused:
                virtual_time.run(air.meant(Radio(), wanted))
            assert refused.value.code == 3
        with pytest.raises(TreadmillBusy), air.held(Radio(), replace(MINE, address="AA:BB")):
            pass


def test_no_session_begins_on_a_treadmill_that_is_held(runtime: Path) -> None:
    with air.held(Radio(), MINE), pytest.raises(TreadmillBusy), claim("Pad", "aa:bb"):
        pass
    with claim("Pad", "aa:bb"):
        assert not list(runtime.glob("*.json"))


def test_a_name_that_nobody_bears_is_exit_3_with_what_is_in_sight() -> None:
    async def go() -> None:
        async with on_air(preset_named("ideal")) as (radio, _):
            await air.meant(radio, "Nobody's")

    with pytest.raises(Failure) as failed, air.in_one_sentence("x"):
        virtual_time.run(go())
    assert failed.value.code == 3
    assert f"within {finding.FIND_WITHIN_S:g} s (in sight: treadguard sim)" in failed.value.sentence
