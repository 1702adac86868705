"""`treadguard dash`: the screen of a session that runs in a process of its own.

Here: finding the service, or starting one, and what is said when the screen closes. Not here: the
screen. The rule to keep: whatever becomes of the screen, the service goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from treadguard.cli import client, press
from treadguard.cli.failure import CHECK_FAILED, NO_SERVICE, Failure, bad_input

if TYPE_CHECKING:
    import subprocess

    from treadguard.dashboard.app import Leave

HELP = f"""\
Usage: treadguard dash [--treadmill NAME]

Show a running session on this terminal, and take presses: 0 to 9 and x rate your pain, SPACE stops
the belt, ? lists all keys. It is a screen only: the service guards on without it.

{press.TREADMILL_OPTION}
Example: treadguard dash"""

GOES_ON = (
    "the service goes on guarding: 'treadguard dash' brings the screen back, 'treadguard stop'"
    " stops the belt"
)
READY_S = 60.0
"""A service needs this long at most until it has found its treadmill and listens."""

REST_S = 45.0
"""And this long to bring the belt to rest and end; its own limit is 30 s."""


def main(args: list[str]) -> int:
    found = press.read(args)
    press.none_of(found.words)
    service = client.the_one(client.chosen(found.treadmill))
    if not is_terminal():
        raise bad_input("the dashboard needs a terminal: open one, or use 'treadguard run'")
    from treadguard.dashboard.app import Leave

    left = show(service.slug)
    if service.slug not in {one.slug for one in client.running()}:
        print("Left: the service has ended, and nobody guards the treadmill now.")
    elif left is Leave.SESSION:
        print("The session has ended and the belt stands; its service ends with Ctrl-C or SIGTERM.")
    else:
        print(f"Left: {GOES_ON}.")
    return 0


def is_terminal() -> bool:
    """Whether a screen can be shown here. Textual draws on stderr."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def show(slug: str, playing: str = "") -> Leave:
    """Show the service of this runtime file until the screen is left; Failure when it fails.

    `playing` names the scenario that presses in it.
    """
    from treadguard.dashboard.app import Dashboard
    from treadguard.dashboard.client import Address, ServiceClient

    def find() -> Address | None:
        for one in client.running():
            if one.slug == slug:
                return Address(one.treadmill, one.port, one.token)
        return None

    app = Dashboard(ServiceClient(find), playing=playing)
    left = app.run(mouse=False)
    if left is None or app.return_code:
        raise Failure(CHECK_FAILED, f"the screen has failed; {GOES_ON} ({client.BELT_FIRST})")
    return left


def together(args: Sequence[str], playing: str = "") -> int:
    """Start `treadguard ARGS` (a `serve`) as a process of its own, and show it here.

    The exit code: the service's where it has ended. It outlives a screen that is left, closed with
    its terminal or killed.
    """
    import subprocess
    import tempfile

    from treadguard.dashboard.app import Leave

    print("starting the guard…", flush=True)
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        service = subprocess.Popen(  # noqa: S603 - it starts treadguard itself
            [sys.executable, "-m", "treadguard", *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
        slug = _listening(service)
        if slug is not None:
            left = show(slug, playing)
            if left is Leave.SCREEN and service.poll() is None:
                print(f"Left: {GOES_ON} (process {service.pid}).")
                service.returncode = 0  # it lives on, and nobody here waits for it
                return 0
            service.terminate()
        try:
            code = service.wait(REST_S)
        except subprocess.TimeoutExpired:
            raise Failure(CHECK_FAILED, f"the service doesn't end: {client.BELT_FIRST}") from None
        said.seek(0)
        sys.stderr.write(said.read())
    if code < 0:
        raise Failure(CHECK_FAILED, f"the service was killed (signal {-code}): {client.BELT_FIRST}")
    return code


def _listening(service: subprocess.Popen[bytes]) -> str | None:
    """The name of its runtime file; None where it has ended instead."""
    import time

    until = time.monotonic() + READY_S
    try:
        while service.poll() is None and time.monotonic() < until:
            for one in client.running():
                if _pid_of(one.slug) == service.pid:
                    return one.slug
            time.sleep(0.05)
    except KeyboardInterrupt:
        service.terminate()
        raise
    if service.poll() is None:
        service.terminate()
        service.wait(REST_S)
        raise Failure(NO_SERVICE, f"the service doesn't listen: {client.BELT_FIRST}")
    return None


def _pid_of(slug: str) -> object:
    import os

    from treadguard.runtime_dir import runtime_dir

    try:
        with open(os.path.join(runtime_dir(), f"{slug}.json"), encoding="utf-8") as card:
            found = client.parse(card.read())
    except (OSError, ValueError):
        return None
    return found.get("pid") if isinstance(found, dict) else None
