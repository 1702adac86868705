"""`treadguard replay JOURNAL`: recompute it exactly, or play its human inputs again."""

import json
from pathlib import Path
from typing import Annotated

import typer

from treadguard.cli import typer_app
from treadguard.cli.failure import CHECK_FAILED, bad_input
from treadguard.closed_loop.in_words import story
from treadguard.closed_loop.rerun import rerun
from treadguard.closed_loop.stage import Played
from treadguard.journal import BadLine
from treadguard.replay.check import check as recompute
from treadguard.replay.reader import DamagedJournal, read
from treadguard.sim.presets import PRESETS
from treadguard.units import kmh

app = typer_app.application()

DEFAULT_PRESET = "ideal"
_AFTER_SIM = [[name] for name in PRESETS]


def main(args: list[str]) -> int:
    # typer has no option whose value may be left out.
    spelled = []
    for n, arg in enumerate(args):
        spelled.append(arg)
        if arg == "--sim" and args[n + 1 : n + 2] not in _AFTER_SIM:
            spelled.append(DEFAULT_PRESET)
    return typer_app.run(app, "replay", spelled)


@app.command(epilog="Example: treadguard replay session.jsonl --check")
def replay(
    journal: Annotated[Path, typer.Argument(metavar="JOURNAL", show_default=False)],
    check: Annotated[
        bool,
        typer.Option("--check", help="Recompute every output; exit code 1 at a difference."),
    ] = False,
    sim: Annotated[
        str | None,
        typer.Option(
            metavar="[PRESET]",
            help="Put the recorded human inputs against the simulated treadmill"
            f" ({', '.join(PRESETS)}).",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> int:
    """Recompute a journal, or play its human inputs again.

    --check demands that the guard says today, output by output, what the journal says.
    --sim plays the ratings and wishes of the journal to the whole service once more.
    """
    if check == (sim is not None):
        raise bad_input("say what to do with the journal: either --check or --sim")
    try:
        if sim is None:
            return _check(journal, as_json=as_json)
        return _sim(journal, sim, as_json=as_json)
    except BadLine as error:
        raise bad_input(f"{journal} holds an input that can't be played: {error}") from error
    except (DamagedJournal, ValueError) as error:
        raise bad_input(str(error)) from error


def _check(journal: Path, *, as_json: bool) -> int:
    report = recompute(journal)
    if as_json:
        found = {
            "ok": report.ok,
            "inputs": report.inputs,
            "compared": report.compared,
            "difference": report.difference,
            "notes": list(report.notes),
        }
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(f"{journal}: {report.sentence}")
    return 0 if report.ok else CHECK_FAILED


def _sim(journal: Path, preset: str, *, as_json: bool) -> int:
    played = rerun(read(journal), preset)
    summary = _summary(played, preset)
    if as_json:
        print(json.dumps(summary, ensure_ascii=False))
    else:
        for line in story(played.lines):
            print(line)
        for text in played.unheard:
            print(f"nobody took: {text}")
        print(
            f"on {preset}: {summary['commands']} commands, {summary['alarms']} alarms,"
            f" at most {summary['max_speed_kmh']:g} km/h, at the end {summary['phase']}"
        )
        if played.failure is not None:
            print(f"FAILED  the service: {played.failure}")
    return 0 if played.failure is None else CHECK_FAILED


def _summary(played: Played, preset: str) -> dict[str, object]:
    kinds = [line["kind"] for line in played.lines]
    phases = [line["to"] for line in played.lines if line["kind"] == "phase"]
    return {
        "preset": preset,
        "commands": kinds.count("command"),
        "alarms": kinds.count("alarm"),
        "cues": kinds.count("cue"),
        "max_speed_kmh": kmh(max((speed for _, speed in played.belt), default=0)),
        "phase": phases[-1] if phases else "OFF",
        "unheard": list(played.unheard),
        "failure": played.failure,
    }
