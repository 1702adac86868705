"""What `treadguard doctor` says of the computer itself: its battery, its sleep, its supervisor.

The rule to keep: as in doctor.py, it only looks; and a computer that lacks one of these is no
broken one, so only what would stop a session or leave a belt alone is a problem.
"""

import asyncio
import os
import subprocess
import sys
from shutil import which
from typing import Final

from treadguard.session.battery import START_PCT, battery

Said = tuple[bool, str]
"""Whether it is fine, and what was found."""

UNIT: Final = "configs/systemd/treadguard@.service"
_ANSWER_S: Final = 5.0


def power() -> Said:
    """The battery, and whether a session on a treadmill may start on it."""
    left = battery()
    if left is None:
        return True, "no battery that is known here"
    if not left.may_start:
        return False, (
            f"{left.percent} % and not charging: plug it in, a session on a treadmill takes"
            f" {START_PCT} %"
        )
    return True, f"{left.percent} %" + (", not charging" if left.discharging else "")


def sleep() -> Said:
    """Whether this computer can be kept awake beside a moving belt."""
    if sys.platform != "linux":
        return True, "nothing keeps this computer awake: see to it that it doesn't go to sleep"
    from treadguard.session.staying_awake import offered

    return True, asyncio.run(offered()).removesuffix(".")


def supervisor() -> Said:
    """Which of the user's services systemd restarts, when they die and when they hang."""
    alone = f"nobody restarts treadguard when it dies or hangs; {UNIT} is a way to have it so"
    systemctl = which("systemctl")
    if systemctl is None:
        return True, alone
    # Its words are parsed, so they must be its own.
    told = {**os.environ, "LC_ALL": "C"}
    asked = [systemctl, "--user", "show", "treadguard@*.service", "--property=Id,WatchdogUSec"]
    try:
        said = subprocess.run(  # noqa: S603 - a fixed command
            asked, capture_output=True, text=True, timeout=_ANSWER_S, check=True, env=told
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return True, alone
    units = [
        dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        for block in said.split("\n\n")
        if "Id=" in block
    ]
    if not units:
        return True, alone
    deaf = [one["Id"] for one in units if one.get("WatchdogUSec") in (None, "0", "infinity")]
    if deaf:
        return False, f"{', '.join(deaf)} isn't restarted when it hangs: take WatchdogSec of {UNIT}"
    return True, ", ".join(f"{one['Id']}, watchdog {one['WatchdogUSec']}" for one in units)
