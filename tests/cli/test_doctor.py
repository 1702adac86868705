"""`treadguard doctor`: the right problem, the way out, and no alarm about the rest."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from treadguard.cli import doctor
from treadguard.cli.doctor import Check, adapters, exit_code, scanned, writable
from treadguard.session import virtual_time
from treadguard.session.runtime import claim
from treadguard.sim.over_radio import on_air
from treadguard.sim.presets import preset_named
from treadguard.treadmill.fingerprint import Fingerprint
from treadguard.treadmill.proven import Entry, proven_file, remember
from treadguard.treadmill.radio import Radio

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="BlueZ and D-Bus are Linux's")
GOOD = Check("scan", ok=True, says="works", bluetooth=True)
BAD = Check("scan", ok=False, says="it doesn't", bluetooth=True)


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A /sys/class with one adapter that works."""
    where = tmp_path / "sys"
    (where / "bluetooth" / "hci0").mkdir(parents=True)
    (where / "bluetooth" / "hci0:64").mkdir()
    monkeypatch.setattr(doctor, "SYS_CLASS", where)
    return where


@pytest.fixture
def scan_works(monkeypatch: pytest.MonkeyPatch) -> None:
    async def works(_: Radio) -> Check:
        return GOOD

    monkeypatch.setattr(doctor, "scanned", works)


def switch(kernel: Path, name: str, kind: str, soft: int, hard: int) -> None:
    where = kernel / "rfkill" / f"rfkill-{name}"
    where.mkdir(parents=True)
    for file, text in (("name", name), ("type", kind), ("soft", str(soft)), ("hard", str(hard))):
        (where / file).write_text(f"{text}\n")


def lines(ended_out: str) -> dict[str, str]:
    """What is said, by check."""
    table = ended_out.partition("\n\n")[0].splitlines()
    return {line[9:].split("  ")[0]: line for line in table}


# ---------------------------------------------------------------- the whole


@LINUX
@pytest.mark.usefixtures("kernel", "scan_works")
def test_where_all_is_fine_the_exit_is_0(run: Run) -> None:
    ended = run("doctor")
    assert (ended.code, ended.err) == (0, "")
    assert "PROBLEM" not in ended.out
    assert "All is fine here" in ended.out
    assert "hci0" in lines(ended.out)["adapters"]


@LINUX
def test_without_bluetooth_it_is_exit_3_and_the_simulated_treadmill(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "SYS_CLASS", tmp_path / "none")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")
    ended = run("doctor")
    assert (ended.code, ended.err) == (3, "")
    assert ended.out.count("PROBLEM") == 2
    assert "plug one in" in lines(ended.out)["adapters"]
    assert "the system's D-Bus isn't running" in lines(ended.out)["scan"]
    assert ended.out.endswith(
        "Bluetooth can't be used here. The simulated treadmill works without Bluetooth:"
        " treadguard run --treadmill sim\n"
    )


@LINUX
@pytest.mark.usefixtures("kernel", "scan_works")
def test_another_problem_is_exit_1(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "config" / "treadguard"
    own.mkdir(parents=True)
    (own / "policy.toml").write_text("[pain]\nstop_above = 9\n")
    (own / "profile.toml").write_text("speed_max_kmh = 6\n")
    ended = run("doctor")
    assert ended.code == 1
    said = lines(ended.out)
    assert said["policy"].startswith("PROBLEM")
    assert "pain.stop_above" in said["policy"]
    assert said["profile"].startswith("ok")


@LINUX
@pytest.mark.usefixtures("kernel", "scan_works")
def test_what_is_proven_and_what_runs_is_told(run: Run) -> None:
    assert "commission --prove" in lines(run("doctor").out)["proven yours"]
    known = Fingerprint("Maker", firmware="1.0")
    remember(proven_file(), "AA:BB", Entry("Pad", "2026-11-22", known))
    with claim("Pad", "AA:BB") as session:
        session.publish(4711, "secret")
        said = lines(run("doctor").out)
    assert "Pad (AA:BB, 2026-11-22, maker Maker, firmware 1.0)" in said["proven yours"]
    assert said["sessions"].endswith("Pad")
    proven_file().write_bytes(b"{")
    ended = run("doctor")
    assert ended.code == 1
    assert "can't be read" in lines(ended.out)["proven yours"]


@LINUX
@pytest.mark.usefixtures("kernel", "scan_works")
def test_a_proof_of_an_older_treadguard_is_a_problem_with_a_way_out(run: Run) -> None:
    remember(proven_file(), "AA:BB", Entry("", "2026-11-22"))
    ended = run("doctor")
    assert ended.code == 1
    said = lines(ended.out)["proven yours"]
    assert said.startswith("PROBLEM")
    assert "AA:BB was proven by an older treadguard" in said
    assert "prove it again, treadguard commission --prove" in said


@pytest.mark.usefixtures("kernel", "scan_works")
def test_json_is_one_array_of_checks(run: Run) -> None:
    found = json.loads(run("doctor", "--json").out)
    assert {"check": "scan", "ok": True, "says": "works"} in found
    assert all(set(one) == {"check", "ok", "says"} for one in found)


def test_bluetooth_counts_before_anything_else() -> None:
    other = Check("policy", ok=False, says="no")
    assert exit_code([GOOD]) == 0
    assert exit_code([GOOD, other]) == 1
    assert exit_code([other, BAD]) == 3


def test_bad_usage_is_exit_2_and_help_has_an_example(run: Run) -> None:
    assert run("doctor", "--nonsense").code == 2
    assert "Example: treadguard doctor" in run("doctor", "--help").out


# ---------------------------------------------------------------- kernel


@LINUX
def test_an_adapter_that_isnt_there_is_named_with_those_that_are(kernel: Path) -> None:
    (found,) = adapters(kernel, "hci9", works=False)
    assert not found.ok
    assert found.says == "there is no hci9: say one of hci0, or leave --adapter out"
    assert adapters(kernel, "hci0", works=True)[0].ok


@LINUX
def test_a_kernel_that_shows_none_is_no_problem_where_a_scan_works(tmp_path: Path) -> None:
    (found,) = adapters(tmp_path, None, works=True)
    assert found.ok


@LINUX
@pytest.mark.parametrize(
    ("soft", "hard", "words"),
    [
        (1, 0, "hci0 is blocked: unblock it ('rfkill unblock bluetooth')"),
        (0, 1, "hci0 is switched off by a switch or key"),
        (1, 1, "hci0 is switched off by a switch or key"),
    ],
)
def test_a_blocked_radio_says_how_to_unblock_it(
    kernel: Path, soft: int, hard: int, words: str
) -> None:
    switch(kernel, "hci0", "bluetooth", soft, hard)
    switch(kernel, "phy0", "wlan", 1, 1)
    _, found = adapters(kernel, None, works=False)
    assert not found.ok
    assert found.bluetooth
    assert found.says.startswith(words)


@LINUX
def test_a_radio_that_isnt_blocked_has_no_line(kernel: Path) -> None:
    switch(kernel, "hci0", "bluetooth", 0, 0)
    assert len(adapters(kernel, None, works=False)) == 1


# ---------------------------------------------------------------- scan


def test_a_scan_counts_what_it_heard() -> None:
    async def go() -> Check:
        async with on_air(preset_named("ideal")) as (radio, _):
            return await scanned(radio)

    found = virtual_time.run(go())
    assert found.ok
    assert found.says == "works: 1 treadmills among 1 devices, heard in 2 s"


@pytest.fixture
def system_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A real D-Bus daemon of the test's own, on which nobody offers Bluetooth."""
    daemon = shutil.which("dbus-daemon")
    if daemon is None:
        pytest.skip("dbus-daemon isn't installed")
    with subprocess.Popen(
        [daemon, "--session", "--print-address", "--nofork", "--nopidfile"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address
        process.terminate()


@LINUX
@pytest.mark.usefixtures("system_bus")
def test_a_bus_without_bluez_is_a_service_that_isnt_running() -> None:
    found = asyncio.run(scanned(Radio()))
    assert not found.ok
    assert found.says.startswith("the Bluetooth service isn't running: install bluez")


@LINUX
@pytest.mark.parametrize(
    ("adapter", "words"),
    [(None, "this computer has no Bluetooth adapter"), ("hci9", "there is no Bluetooth adapter")],
)
def test_bluez_without_that_adapter_says_so(
    system_bus: str, adapter: str | None, words: str
) -> None:
    from dbus_fast.aio import MessageBus

    async def go() -> Check:
        bluez = await MessageBus(bus_address=system_bus).connect()
        await bluez.request_name("org.bluez")
        try:
            return await scanned(Radio(adapter))
        finally:
            bluez.disconnect()

    found = asyncio.run(go())
    assert not found.ok
    assert found.says.startswith(words)


@LINUX
def test_a_bus_address_that_is_none_is_a_problem_and_no_crash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "nonsense")
    assert not asyncio.run(scanned(Radio())).ok


# ---------------------------------------------------------------- directories


def test_a_directory_that_isnt_there_yet_isnt_made(tmp_path: Path) -> None:
    found = writable("state", tmp_path / "a" / "b")
    assert found.ok
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_can_be_written_stays_as_it_is(tmp_path: Path) -> None:
    assert writable("state", tmp_path).ok
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_directory_should_be_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    file.chmod(0o700)
    for path in (file, file / "below"):
        found = writable("data", path)
        assert (found.ok, found.what) == (False, "data directory")
        assert "can't be written" in found.says


def test_a_directory_that_cant_be_made_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert writable("state", tmp_path / "new").ok
    # Nothing is forbidden to root, who may be running this.
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = writable("state", tmp_path / "new")
    assert not found.ok
    assert str(tmp_path) in found.says
