"""`treadguard simulate SCENARIO`: service and simulated treadmill, and a verdict."""

import json
from pathlib import Path
from typing import Annotated

import typer

from treadguard.cli import typer_app
from treadguard.cli.failure import CHECK_FAILED, bad_input
from treadguard.closed_loop.in_words import story
from treadguard.closed_loop.scenario_player import Result, play
from treadguard.config import ConfigError
from treadguard.scenario import read_scenario

app = typer_app.application()


def main(args: list[str]) -> int:
    return typer_app.run(app, "simulate", args)


@app.command(epilog="Example: treadguard simulate my-scenario.toml --seed 7")
def simulate(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", show_default=False)],
    seed: Annotated[
        int | None, typer.Option(min=0, help="Chance starts here; without it, the scenario's own.")
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the journal here (else nowhere).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> int:
    """Play a scenario file in simulated time and check what it expects.

    The same scenario and seed give the same journal, byte for byte. Exit code 1 when something
    that the scenario expects did not come.
    """
    try:
        result = play(read_scenario(scenario), seed)
    except (ConfigError, ValueError) as error:
        raise bad_input(str(error)) from error
    if journal is not None:
        try:
            journal.write_bytes(result.played.journal)
        except OSError as error:
            raise bad_input(f"the journal {journal} can't be written: {error.strerror}") from error
    if as_json:
        print(json.dumps(_as_dict(result), ensure_ascii=False))
    else:
        _tell(result)
    return 0 if result.ok else CHECK_FAILED


def _tell(result: Result) -> None:
    played = result.played
    print(f"{result.scenario.name} (seed {result.seed}, {result.scenario.duration_s:g} s)")
    for line in story(played.lines):
        print(line)
    for text in played.unheard:
        print(f"nobody took: {text}")
    for one in result.judged:
        print(f"ok      {one.what}" if one.ok else f"FAILED  {one.what}: {one.found}")
    if played.failure is not None:
        print(f"FAILED  the service: {played.failure}")
    met = sum(one.ok for one in result.judged)
    print(
        f"{met} of {len(result.judged)} expectations met"
        if result.judged
        else "the scenario expects nothing, so nothing was checked"
    )


def _as_dict(result: Result) -> dict[str, object]:
    return {
        "name": result.scenario.name,
        "seed": result.seed,
        "ok": result.ok,
        "expect": [{"what": j.what, "ok": j.ok, "found": j.found} for j in result.judged],
        "unheard": list(result.played.unheard),
        "failure": result.played.failure,
    }
