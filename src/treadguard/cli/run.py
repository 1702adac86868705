"""`treadguard run`: guard a treadmill, with a line a second on the terminal."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from treadguard.cli import typer_app
from treadguard.cli.console import show
from treadguard.cli.failure import bad_input
from treadguard.cli.hosting import host
from treadguard.cli.machines import SIMULATED
from treadguard.cli.printer import Printer
from treadguard.cli.taking_up import Wishes
from treadguard.closed_loop import live
from treadguard.closed_loop.scenario_player import named
from treadguard.config import ConfigError
from treadguard.scenario import Scenario, read_scenario

app = typer_app.application()

DEMONSTRATION = Path(live.__file__).with_name("demo.toml")

Treadmill = Annotated[
    str,
    typer.Option(
        metavar="sim|sim-radio|NAME|ADDRESS",
        help="The simulated one, the same over a virtual radio, or yours ('treadguard scan').",
    ),
]
Adapter = Annotated[
    str | None, typer.Option(metavar="hci0", help="Which Bluetooth adapter, where there are more.")
]
Policy = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A policy file; without it your own, if you have one."),
]
Mode = Annotated[
    Literal["guard", "shadow"] | None,
    typer.Option(help="shadow says what it would do, and sends only the Stop that you press."),
]
Journal = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the journal here, a new file.")
]


def main(args: list[str]) -> int:
    return typer_app.run(app, "run", args)


@app.command(epilog="Example: treadguard run --treadmill sim --for 600")
def run(
    treadmill: Treadmill,
    adapter: Adapter = None,
    headless: Annotated[
        bool,
        typer.Option("--headless", help="Wait for presses from other terminals; no demonstration."),
    ] = False,
    for_s: Annotated[
        float | None,
        typer.Option("--for", metavar="SECONDS", min=1, max=86_400, help="End after so long."),
    ] = None,
    scenario: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Play this scenario's actions in real time."),
    ] = None,
    policy: Policy = None,
    mode: Mode = None,
    journal: Journal = None,
) -> int:
    """Guard a treadmill, with a line a second on this terminal.

    Press from another terminal: treadguard resume, speed 5, pain 3, stop and so on. Ctrl-C stops
    the belt and ends the session. Without a terminal the simulated treadmill walks a short
    demonstration, unless --headless or --scenario is given.
    """
    script = None
    if scenario is not None:
        script = _read(scenario)
    elif treadmill in SIMULATED and not headless and not _somebody_is_there():
        script = _read(DEMONSTRATION)
    printer = Printer()
    try:
        printer("The treadmill's own safety key and Stop button come first.")
        if script is not None:
            acts = ", ".join(named(action) for action in script.at)
            printer(f"{script.name}, {script.duration_s:g} s on the simulated treadmill: {acts}")
        if treadmill not in SIMULATED:
            printer(f"looking for {treadmill}")
        wishes = Wishes(treadmill, policy, mode, journal, for_s, script, adapter)
        return host(wishes, printer, lambda service: partial(show, service, printer))
    finally:
        printer.close()


def _somebody_is_there() -> bool:
    return any(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _read(scenario: Path) -> Scenario:
    try:
        return read_scenario(scenario)
    except ConfigError as error:
        raise bad_input(str(error)) from error
