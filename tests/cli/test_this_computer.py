"""What `treadguard doctor` says of the computer itself."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from treadguard.cli import doctor, this_computer
from treadguard.cli.doctor import Check
from treadguard.cli.this_computer import power, sleep, supervisor
from treadguard.session.battery import Battery
from treadguard.treadmill.radio import Radio


@pytest.mark.parametrize(
    ("left", "ok", "words"),
    [
        (None, True, "no battery"),
        (Battery(80, discharging=False), True, "80 %"),
        (Battery(15, discharging=True), True, "15 %, not charging"),
        (Battery(14, discharging=True), False, "plug it in"),
    ],
)
def test_a_battery_that_no_session_starts_on_is_a_problem(
    left: Battery | None, ok: bool, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(this_computer, "battery", lambda: left)
    fine, says = power()
    assert fine is ok
    assert words in says


def test_a_computer_without_logind_is_no_broken_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")
    fine, says = sleep()
    assert fine
    assert "see to it that it doesn't go to sleep" in says


@pytest.mark.parametrize(
    ("script", "ok", "words"),
    [
        ("exit 1", True, "nobody restarts treadguard"),
        ("echo", True, "nobody restarts treadguard"),
        (
            "printf 'Id=treadguard@%s.service\\nWatchdogUSec=%s\\n\\n' A 3s B infinity",
            False,
            "treadguard@B.service isn't restarted when it hangs",
        ),
        (
            "printf 'WatchdogUSec=3s\\nId=treadguard@A.service\\n'",
            True,
            "treadguard@A.service, watchdog 3s",
        ),
    ],
)
def test_what_systemd_says_of_the_users_services_is_told(
    script: str, ok: bool, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(f"#!/bin/sh\n{script}\n")
    systemctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    fine, says = supervisor()
    assert fine is ok
    assert words in says


def test_without_systemd_nobody_restarts_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    fine, says = supervisor()
    assert fine
    assert this_computer.UNIT in says


@pytest.mark.skipif(sys.platform != "linux", reason="BlueZ and D-Bus are Linux's")
def test_the_doctor_says_all_three(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def works(_: Radio) -> Check:
        return Check("scan", ok=True, says="works", bluetooth=True)

    monkeypatch.setattr(doctor, "scanned", works)
    monkeypatch.setattr(doctor, "power", lambda: (False, "empty"))
    found = {one["check"]: one for one in json.loads(run("doctor", "--json").out)}
    assert found["battery"] == {"check": "battery", "ok": False, "says": "empty"}
    assert found["sleep"]["ok"]
    assert found["supervisor"]["ok"]
