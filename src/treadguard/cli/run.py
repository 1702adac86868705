"""`treadguard run`: guard a treadmill, with the dashboard or a line a second on the terminal."""

import sys
import textwrap
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from treadguard.cli import dash, typer_app
from treadguard.cli.console import show
from treadguard.cli.failure import bad_input
from treadguard.cli.fit_today import posture_check, red_flags_first
from treadguard.cli.hosting import host
from treadguard.cli.looking_back import ask_effort, before_the_start, now, somebody_types
from treadguard.cli.machines import SIMULATED
from treadguard.cli.printer import Printer
from treadguard.cli.taking_up import Wishes, any_left_moving
from treadguard.closed_loop import live
from treadguard.closed_loop.scenario_player import named
from treadguard.config import ConfigError
from treadguard.config.programme import Programme, load_programme, picture, raises
from treadguard.guard.plan import Plan
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
    str | None,
    typer.Option(
        metavar="hci0",
        help="Which Bluetooth adapter, where there are more; for sim-radio the virtual one of"
        " another process, tcp-client:127.0.0.1:PORT.",
    ),
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


ForS = Annotated[
    float | None,
    typer.Option("--for", metavar="SECONDS", min=1, max=86_400, help="End after so long."),
]
Script = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Play this scenario's actions in real time.")
]
Laid = Annotated[
    Path | None,
    typer.Option("--programme", metavar="FILE", help="A walk or run laid down leg by leg."),
]


def main(args: list[str]) -> int:
    return typer_app.run(app, "run", args)


@app.command(epilog="Example: treadguard run --treadmill sim")
def run(
    treadmill: Treadmill,
    adapter: Adapter = None,
    headless: Annotated[
        bool,
        typer.Option("--headless", help="No dashboard and no demonstration: a line a second."),
    ] = False,
    for_s: ForS = None,
    scenario: Script = None,
    policy: Policy = None,
    mode: Mode = None,
    journal: Journal = None,
    programme: Laid = None,
) -> int:
    """Guard a treadmill, with a dashboard on this terminal.

    The guard is a process of its own and goes on when the dashboard is closed ('treadguard dash'
    brings it back). With --headless it prints a line a second instead, and Ctrl-C stops the belt
    and ends the session. Press here, or from another terminal: treadguard pain 3, stop and so on.
    Without a terminal the simulated treadmill walks a short demonstration, unless --headless or
    --scenario is given. Before your own treadmill you are asked about red flags, a key each time,
    and afterwards how hard it was.
    """
    script = None if scenario is None else read_script(scenario)
    plan = None if programme is None else shown(read_programme(programme))
    screen = not headless and dash.is_terminal() and sys.stdout.isatty()
    real, asked, told = script is None and treadmill not in SIMULATED, False, False
    if real and not any_left_moving():
        asked = mode != "shadow" and somebody_types()
        if asked:
            red_flags_first(policy)
        told = before_the_start(mode, for_s, screen=screen and not asked)
        if asked:
            posture_check(wait=screen)
    began = now()
    if screen:
        command = _command(
            "serve", treadmill, adapter, policy, mode, journal, for_s, scenario, programme
        )
        command += [*(["--past-told"] if told else []), *(["--asked"] if asked else [])]
        code = dash.together(command, "" if script is None else script.name)
    else:
        if script is None and treadmill in SIMULATED and not headless and not _somebody_is_there():
            script = read_script(DEMONSTRATION)
        code = _headless(
            Wishes(
                *(treadmill, policy, mode, journal, for_s, script, adapter, told),
                programme=plan,
                asked=asked,
            )
        )
    if real and somebody_types() and not any_left_moving():
        ask_effort(began)
    return code


def _headless(wishes: Wishes) -> int:
    printer = Printer()
    try:
        printer("The treadmill's own safety key and Stop button come first.")
        if wishes.script is not None:
            acts = ", ".join(named(action) for action in wishes.script.at)
            length_s = wishes.script.duration_s
            printer(f"{wishes.script.name}, {length_s:g} s on the simulated treadmill: {acts}")
        if wishes.treadmill not in SIMULATED:
            printer(f"looking for {wishes.treadmill}")
        return host(wishes, printer, lambda service: partial(show, service, printer))
    finally:
        printer.close()


def _command(
    name: str,
    treadmill: str,
    adapter: str | None,
    policy: Path | None,
    mode: str | None,
    journal: Path | None,
    for_s: float | None,
    scenario: Path | None,
    programme: Path | None,
) -> list[str]:
    given = {
        "treadmill": treadmill,
        "adapter": adapter,
        "policy": policy,
        "mode": mode,
        "journal": journal,
        "for": for_s,
        "scenario": scenario,
        "programme": programme,
    }
    return [name, *(f"--{key}={value}" for key, value in given.items() if value is not None)]


def _somebody_is_there() -> bool:
    return any(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def read_programme(file: Path) -> Programme:
    try:
        return load_programme(file)
    except ConfigError as error:
        raise bad_input(str(error)) from error


def shown(programme: Programme) -> Plan:
    """The programme's plan, after its picture and its raises were shown."""
    print(f"{programme.name}: {programme.why}" if programme.why else programme.name)
    for line in picture(programme):
        print(line)
    for line in (
        raises(programme),
        "Where your own caps or a limit in force are lower, it goes no higher than they allow.",
    ):
        print(textwrap.fill(line, 100))
    return programme.plan


def read_script(scenario: Path) -> Scenario:
    try:
        return read_scenario(scenario)
    except ConfigError as error:
        raise bad_input(str(error)) from error
