"""`treadguard serve`: a session without a terminal, for a service manager."""

import sys
from functools import partial
from typing import Annotated

import typer

from treadguard.cli import typer_app
from treadguard.cli.console import show_alarms
from treadguard.cli.failure import LOCKED, Failure, Locked
from treadguard.cli.hosting import host
from treadguard.cli.printer import Printer
from treadguard.cli.run import (
    Adapter,
    ForS,
    Journal,
    Laid,
    Mode,
    Policy,
    Script,
    Treadmill,
    read_programme,
    read_script,
)
from treadguard.cli.taking_up import Wishes

app = typer_app.application()


def main(args: list[str]) -> int:
    return typer_app.run(app, "serve", args)


@app.command(epilog="Example: treadguard serve --treadmill sim")
def serve(
    treadmill: Treadmill,
    adapter: Adapter = None,
    policy: Policy = None,
    mode: Mode = None,
    journal: Journal = None,
    for_s: ForS = None,
    scenario: Script = None,
    programme: Laid = None,
    past_told: Annotated[bool, typer.Option("--past-told", hidden=True)] = False,
    asked: Annotated[bool, typer.Option("--asked", hidden=True)] = False,
) -> int:
    """Guard a treadmill without a terminal, for a service manager.

    Only what somebody must know is printed, on stderr. SIGTERM stops the belt and ends the
    session. Where no session may start (a rest of 24 h, a red flag, nobody has cleared you) it ends
    with exit code 4, which its systemd unit doesn't start again: do that once it may.
    """
    printer = Printer(sys.stderr)
    try:
        script = None if scenario is None else read_script(scenario)
        plan = None if programme is None else read_programme(programme).plan
        wishes = Wishes(
            *(treadmill, policy, mode, journal, for_s, script, adapter, past_told),
            programme=plan,
            asked=asked,
        )
        return host(wishes, printer, lambda service: partial(show_alarms, service, printer))
    except Locked as error:
        raise Failure(LOCKED, error.sentence) from error
    finally:
        printer.close()
