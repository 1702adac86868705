"""`treadguard doctor`: whether treadguard can work here, and what to do where it can't.

Here: one check each of what treadguard needs from the computer and from the user's own files. The
rule to keep: it only looks. Nothing is changed or repaired, and no treadmill is connected.
"""

import asyncio
import json
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from errno import EACCES
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import platformdirs
import typer

from treadguard.cli import typer_app
from treadguard.cli.air import Adapter
from treadguard.cli.client import running
from treadguard.cli.failure import CHECK_FAILED, NO_SERVICE, Failure
from treadguard.cli.folded import print_folded
from treadguard.cli.this_computer import power, sleep, supervisor
from treadguard.config import ConfigError, load_policy, load_profile, user_policy, user_profile
from treadguard.config.toml import printable
from treadguard.runtime_dir import runtime_dir
from treadguard.treadmill.finding import around
from treadguard.treadmill.fingerprint import pieces
from treadguard.treadmill.proven import Entry, doubt, load, proven_file
from treadguard.treadmill.radio import Radio
from treadguard.treadmill.trouble import in_words

app = typer_app.application()

SCAN_S: Final = 2.0
SYS_CLASS: Final = Path("/sys/class")
WITHOUT: Final = "The simulated treadmill works without Bluetooth: treadguard run --treadmill sim"
_WITHIN_S: Final = 30.0
"""D-Bus itself gives up after 25 s."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line. `says` is what was found, and of a problem also the way out."""

    what: str
    ok: bool
    says: str
    bluetooth: bool = False


def main(args: list[str]) -> int:
    return typer_app.run(app, "doctor", args)


@app.command(epilog="Example: treadguard doctor")
def doctor(
    adapter: Adapter = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> int:
    """Check whether treadguard can work on this computer, and say what to do where it can't.

    Exit code 0 when all is fine, 3 when Bluetooth can't be used, 1 for another problem. The
    simulated treadmill needs no Bluetooth.
    """
    scan = asyncio.run(scanned(Radio(adapter)))
    computer = (("battery", power), ("sleep", sleep), ("supervisor", supervisor))
    checks = [
        *here(),
        *adapters(SYS_CLASS, adapter, works=scan.ok),
        scan,
        *(Check(what, *look()) for what, look in computer),
        *directories(),
        *own_files(),
        proven(),
        sessions(),
    ]
    if as_json:
        print(json.dumps([{"check": c.what, "ok": c.ok, "says": c.says} for c in checks]))
    else:
        width = max(len(check.what) for check in checks)
        mark = {True: "ok     ", False: "PROBLEM"}
        print_folded(
            (f"{mark[check.ok]}  {check.what:<{width}}  {check.says}" for check in checks),
            indent=len(mark[True]) + width + 4,
        )
        print_folded(["", conclusion(checks)], indent=0)
    return exit_code(checks)


def exit_code(checks: Iterable[Check]) -> int:
    problems = [check for check in checks if not check.ok]
    if any(check.bluetooth for check in problems):
        return NO_SERVICE
    return CHECK_FAILED if problems else 0


def conclusion(checks: Iterable[Check]) -> str:
    """The last line: what follows from all of them."""
    match exit_code(checks):
        case 0:
            return "All is fine here. 'treadguard scan' looks for your treadmill."
        case code if code == NO_SERVICE:
            return f"Bluetooth can't be used here. {WITHOUT}"
    return "Bluetooth works, and something else doesn't: see the lines marked PROBLEM."


# ---------------------------------------------------------------- the computer


def here() -> list[Check]:
    """Versions and platform; these are for a report, none of them is a problem."""
    system = platform.system()
    where = f"{system} {platform.release()}"
    if system != "Linux":
        where += ": treadguard is tried out on Linux only"
    return [
        Check(
            "versions",
            ok=True,
            says=f"treadguard {version('treadguard')}, bleak {version('bleak')},"
            f" Python {platform.python_version()}",
        ),
        Check("platform", ok=True, says=where),
    ]


def adapters(sys_class: Path, wanted: str | None, *, works: bool) -> list[Check]:
    """What Linux's kernel says of Bluetooth adapters. `works`: a scan went well all the same."""
    if sys.platform != "linux":
        return []
    names = sorted(
        path.name for path in _in(sys_class / "bluetooth") if re.fullmatch(r"hci\d+", path.name)
    )
    if not names:
        says = (
            "the kernel shows none here, but a Bluetooth service has one"
            if works
            else "there is none: plug one in, or pass it through to this container or virtual"
            " machine"
        )
        return [Check("adapters", works, says, bluetooth=True)]
    if wanted is not None and wanted not in names:
        says = f"there is no {wanted}: say one of {', '.join(names)}, or leave --adapter out"
        return [Check("adapters", ok=False, says=says, bluetooth=True)]
    return [
        Check("adapters", ok=True, says=", ".join(names), bluetooth=True),
        *_blocked(sys_class, works=works),
    ]


def _blocked(sys_class: Path, *, works: bool) -> list[Check]:
    switches = [path for path in _in(sys_class / "rfkill") if _line(path / "type") == "bluetooth"]
    found = []
    for switch in switches:
        name = _line(switch / "name") or switch.name
        if _line(switch / "hard") == "1":
            says = f"{name} is switched off by a switch or key of this computer: switch it on"
        elif _line(switch / "soft") == "1":
            says = f"{name} is blocked: unblock it ('rfkill unblock bluetooth')"
        else:
            continue
        found.append(Check("radio switch", works, says, bluetooth=True))
    return found


async def scanned(radio: Radio, for_s: float = SCAN_S) -> Check:
    """Does a scan work at all? Nobody needs to be near."""
    try:
        async with asyncio.timeout(_WITHIN_S):
            found = await around(radio, for_s)
    except Exception as error:  # noqa: BLE001 - whatever the platform raises is what is asked for
        return Check("scan", ok=False, says=in_words(error), bluetooth=True)
    treadmills = sum(one.ftms and one.treadmill is not False for one in found)
    says = f"works: {treadmills} treadmills among {len(found)} devices, heard in {for_s:g} s"
    return Check("scan", ok=True, says=says, bluetooth=True)


def _in(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir())
    except OSError:
        return []


def _line(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


# ---------------------------------------------------------------- the user's own


def directories() -> list[Check]:
    """Where treadguard keeps what it must remember, and where its sessions are found."""
    checks = [
        writable("state", Path(platformdirs.user_state_dir("treadguard"))),
        writable("data", Path(platformdirs.user_data_dir("treadguard"))),
    ]
    try:
        checks.append(writable("runtime", Path(runtime_dir())))
    except OSError as error:
        checks.append(Check("runtime", ok=False, says=f"{error}"))
    return checks


def writable(what: str, directory: Path) -> Check:
    """Can files be kept there? One that isn't there yet must be one that can be made."""
    name = f"{what} directory"
    try:
        nearest = next(path for path in (directory, *directory.parents) if path.exists())
        if nearest == directory:
            with tempfile.TemporaryFile(dir=directory):
                pass
        elif not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
            raise PermissionError(EACCES, f"{nearest} is no directory that you can write")
    except OSError as error:
        says = f"{directory} can't be written ({error.strerror}): make it yours"
        return Check(name, ok=False, says=says)
    return Check(name, ok=True, says=str(directory))


def own_files() -> list[Check]:
    """The runner's own policy and profile, where there are any."""
    return [
        _own("policy", user_policy(), load_policy),
        _own("profile", user_profile(), load_profile),
    ]


def _own(what: str, path: Path | None, load_it: Callable[[Path], object]) -> Check:
    if path is None:
        return Check(what, ok=True, says="the defaults")
    try:
        load_it(path)
    except ConfigError as error:
        return Check(what, ok=False, says=str(error))
    return Check(what, ok=True, says=str(path))


def proven() -> Check:
    """Which treadmills are proven; none is no problem, only little."""
    known = load(proven_file())
    if not known and proven_file().exists():
        says = (
            f"{proven_file()} can't be read, so no treadmill counts as proven: prove yours again,"
            " treadguard commission --prove"
        )
        return Check("proven yours", ok=False, says=says)
    old = [
        f"{printable(entry.name) or address} {why}"
        for address, entry in known.items()
        if (why := doubt(entry)) is not None
    ]
    if old:
        says = (
            f"{'; '.join(old)}: it is only watched until you prove it again, treadguard commission"
            " --prove"
        )
        return Check("proven yours", ok=False, says=says)
    says = ", ".join(_entry(address, entry) for address, entry in known.items()) or (
        "no treadmill yet, so each is only watched: treadguard commission --prove"
    )
    return Check("proven yours", ok=True, says=says)


def _entry(address: str, entry: Entry) -> str:
    told = () if entry.fingerprint is None else pieces(entry.fingerprint)
    return f"{printable(entry.name) or address} ({', '.join((address, entry.on, *told))})"


def sessions() -> Check:
    """Who is being guarded now."""
    try:
        names = [printable(service.treadmill) for service in running()]
    except Failure as failure:
        return Check("sessions", ok=False, says=failure.sentence)
    return Check("sessions", ok=True, says=", ".join(names) or "none is running")
