"""What `--treadmill WORD` means, without a radio: the finding is the test's."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from bleak.backends.device import BLEDevice
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
)
from tests.cli.conftest import Run

from treadguard.cli.failure import BAD_INPUT, NO_SERVICE, Failure
from treadguard.cli.machines import Choice, choose
from treadguard.scenario import Scenario, scenario_from_dict
from treadguard.treadmill import finding, offer, proven
from treadguard.treadmill.fingerprint import Fingerprint
from treadguard.treadmill.over_bleak import BleakTreadmill
from treadguard.treadmill.radio import Radio

HERE = "AA:BB:CC:DD:EE:0F"
SAID = Fingerprint("Maker", "Run 500", firmware="1.0")
ENTRY = proven.Entry("Run 500", "2026-11-22", SAID)
SCRIPT = {"name": "x", "duration_s": 10, "machine": {"preset": "urevo-e1l"}}


@pytest.fixture(autouse=True)
def _no_radio(monkeypatch: pytest.MonkeyPatch, runtime: Path) -> None:
    assert runtime.is_dir()

    async def never(_radio: Radio, wanted: str, _within_s: float = 0) -> finding.Found:
        pytest.fail(f"looked for {wanted!r} on the air")

    monkeypatch.setattr(finding, "find", never)


@pytest.fixture
def script() -> Scenario:
    return scenario_from_dict(SCRIPT, "test.toml")


def on_the_air(
    monkeypatch: pytest.MonkeyPatch, name: str = "Run 500", error: Exception | None = None
) -> list[tuple[str | None, str]]:
    """Finds that machine, or fails; notes which adapter looked for what."""
    asked: list[tuple[str | None, str]] = []

    async def found(radio: Radio, wanted: str, _within_s: float = 0) -> finding.Found:
        asked.append((radio.adapter, wanted))
        if error is not None:
            raise error
        device = BLEDevice(HERE, name, None)
        return finding.Found(device, name, HERE, -50, ftms=True, treadmill=True)

    monkeypatch.setattr(finding, "find", found)
    return asked


def quiet(said: str) -> None:
    pytest.fail(f"said {said!r}")


@pytest.mark.parametrize("word", ["sim", "sim-radio"])
def test_the_simulated_treadmill_is_proven_and_not_real(word: str) -> None:
    choice = choose(word, None, None, quiet)
    assert (choice.key, choice.is_real, choice.proven) == (word, False, True)
    assert "simulated" in choice.name


@pytest.mark.parametrize("word", ["sim", "sim-radio"])
def test_a_scenario_brings_its_own_machine(word: str, script: Scenario) -> None:
    assert "urevo-e1l" in choose(word, None, script, quiet).name


@pytest.mark.parametrize("word", ["Run 500", HERE, "SIM", "sim2", ""])
def test_a_scenario_never_reaches_a_real_treadmill(word: str, script: Scenario) -> None:
    with pytest.raises(Failure) as failed:
        choose(word, None, script, quiet)
    assert failed.value.code == BAD_INPUT
    assert repr(word) in failed.value.sentence


def test_an_unproven_machine_is_watched_only_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, said = on_the_air(monkeypatch), list[str]()
    choice = choose("run 500", "hci1", None, said.append)
    assert asked == [("hci1", "run 500")]
    assert (choice.key, choice.name, choice.is_real, choice.proven) == (
        HERE,
        "Run 500",
        True,
        False,
    )
    assert len(said) == 1
    assert "Run 500" in said[0]
    assert "proven" in said[0]
    assert HERE in said[0]


@pytest.mark.parametrize("word", ["Run 500", HERE, HERE.lower()])
def test_a_proven_machine_is_proven_by_its_address_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    on_the_air(monkeypatch)
    proven.remember(proven.proven_file(), HERE.lower(), ENTRY)
    assert choose(word, None, None, quiet).proven


def known(monkeypatch: pytest.MonkeyPatch, says: Fingerprint | None) -> Choice:
    """A proven machine, that says this when it is asked again; None for no answer."""
    on_the_air(monkeypatch)
    proven.remember(proven.proven_file(), HERE, ENTRY)

    async def asked(_radio: Radio, address: str) -> Fingerprint | None:
        assert address == HERE
        return says

    monkeypatch.setattr(offer, "read_fingerprint", asked)
    return choose(HERE, None, None, quiet)


def expects(choice: Choice) -> tuple[bool, Fingerprint | None]:
    """What its driver was told: is it proven, and as what."""

    async def made() -> BleakTreadmill:
        async with choice.drive(lambda _: None, quiet) as (treadmill, _):
            assert isinstance(treadmill, BleakTreadmill)
            return treadmill

    treadmill = asyncio.run(made())
    return treadmill.proven, treadmill._fingerprint


@pytest.mark.parametrize("says", [SAID, None], ids=["the same", "no answer now"])
def test_a_machine_as_it_was_is_guarded_and_its_driver_looks_again(
    monkeypatch: pytest.MonkeyPatch, says: Fingerprint | None
) -> None:
    choice = known(monkeypatch, says)
    assert choice.recognise is not None
    guarded = choice.recognise(quiet)
    assert guarded.proven
    assert expects(guarded) == (True, SAID)


def test_a_machine_with_other_firmware_is_only_watched_until_it_is_proven_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choice = known(monkeypatch, Fingerprint("Maker", "Run 500", firmware="2.0"))
    assert choice.recognise is not None
    said: list[str] = []
    watched = choice.recognise(said.append)
    assert not watched.proven
    assert (watched.key, watched.name) == (choice.key, choice.name)
    assert expects(watched) == (False, None)
    assert len(said) == 1
    assert said[0] == (
        "Run 500 isn't as it was when you proved it (firmware 1.0 → 2.0), so treadguard only"
        f" watches it and sends your own Stop: treadguard commission --prove --treadmill {HERE}"
    )


def test_a_machine_proven_by_an_older_treadguard_is_only_watched_and_nobody_asks_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_the_air(monkeypatch)
    proven.remember(proven.proven_file(), HERE, proven.Entry("Run 500", "2026-11-22"))
    said: list[str] = []
    choice = choose(HERE, None, None, said.append)
    assert not choice.proven
    assert choice.recognise is None
    assert len(said) == 1
    assert "was proven by an older treadguard" in said[0]
    assert f"commission --prove --treadmill {HERE}" in said[0]


def test_another_machine_of_a_proven_ones_name_is_not_proven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_the_air(monkeypatch)
    where = proven.proven_file()
    proven.remember(where, "11:22:33:44:55:66", ENTRY)
    assert not choose("Run 500", None, None, lambda _: None).proven


def test_a_damaged_list_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    on_the_air(monkeypatch)
    proven.remember(proven.proven_file(), HERE, ENTRY)
    proven.proven_file().write_bytes(proven.proven_file().read_bytes()[:-4])
    assert not choose(HERE, None, None, lambda _: None).proven


def test_a_machine_without_a_name_goes_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    on_the_air(monkeypatch, name="")
    assert choose(HERE, None, None, lambda _: None).name == HERE


TROUBLES = [
    finding.NotFound("no treadmill 'X' was heard within 20 s: switch it on"),
    BleakBluetoothNotAvailableError("no", BleakBluetoothNotAvailableReason.NO_BLUETOOTH),
    BleakBluetoothNotAvailableError("no", BleakBluetoothNotAvailableReason.POWERED_OFF),
    BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", []),
    BleakError("adapter 'hci9' not found"),
    FileNotFoundError(2, "No such file or directory"),
    ConnectionRefusedError(111, "Connection refused"),
    TimeoutError(),
    EOFError(),
]


@pytest.mark.parametrize("error", TROUBLES, ids=repr)
def test_no_treadmill_or_no_way_to_look_is_one_sentence_and_exit_3(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    on_the_air(monkeypatch, error=error)
    with pytest.raises(Failure) as failed:
        choose("X", None, None, quiet)
    assert failed.value.code == NO_SERVICE
    assert failed.value.sentence
    assert "\n" not in failed.value.sentence
    assert "Traceback" not in failed.value.sentence


def test_the_command_says_it_on_stderr_and_ends_with_3(
    monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    on_the_air(monkeypatch, error=TROUBLES[1])
    ran = run("run", "--treadmill", "Run 500", "--headless", "--for", "1")
    assert ran.code == NO_SERVICE
    assert "Bluetooth" in ran.err
    assert len(ran.err.strip().splitlines()) == 1
