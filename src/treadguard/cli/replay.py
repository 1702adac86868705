"""`treadguard replay JOURNAL`: recompute it exactly, or play its human inputs again."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from treadguard.cli import typer_app
from treadguard.cli.failure import CHECK_FAILED, bad_input
from treadguard.cli.folded import print_folded
from treadguard.closed_loop.comparison import Comparison, Figures, compared
from treadguard.closed_loop.in_words import seconds, story
from treadguard.closed_loop.rerun import rerun
from treadguard.closed_loop.stage import Played
from treadguard.config import ConfigError, load_policy
from treadguard.journal import BadLine
from treadguard.replay.check import check as recompute
from treadguard.replay.reader import DamagedJournal, read
from treadguard.sim.presets import PRESETS
from treadguard.units import kmh

app = typer_app.application()

DEFAULT_PRESET = "ideal"
_AFTER_SIM = [[name] for name in PRESETS]
_EXAMPLES = """\b
Example: treadguard replay session.jsonl --check
Example: treadguard replay session.jsonl --sim citysports
Example: treadguard replay session.jsonl --against stricter.toml
"""


def main(args: list[str]) -> int:
    # typer has no option whose value may be left out.
    spelled = []
    for n, arg in enumerate(args):
        spelled.append(arg)
        if arg == "--sim" and args[n + 1 : n + 2] not in _AFTER_SIM:
            spelled.append(DEFAULT_PRESET)
    return typer_app.run(app, "replay", spelled)


@app.command(epilog=_EXAMPLES)
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
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="POLICY",
            help="Play them under the recorded policy and under this policy file, and show the"
            " difference.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> int:
    """Recompute a journal, or play its human inputs again.

    --check demands that the guard says today, output by output, what the journal says.
    --sim plays the ratings and wishes of the journal to the whole service once more.
    --against shows what another policy would have made of them, on the same simulated
    treadmill. The runner presses at the same seconds in both: what the runner would have done
    otherwise, no journal knows. A difference is no failure.
    """
    if check == (sim is not None or against is not None):
        raise bad_input(
            "say what to do with the journal: --check alone, or --sim or --against POLICY"
        )
    try:
        if check:
            return _check(journal, as_json=as_json)
        if against is not None:
            return _against(journal, sim or DEFAULT_PRESET, against, as_json=as_json)
        return _sim(journal, sim or DEFAULT_PRESET, as_json=as_json)
    except BadLine as error:
        raise bad_input(f"{journal} holds an input that can't be played: {error}") from error
    except (ConfigError, DamagedJournal, ValueError) as error:
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


def _against(journal: Path, preset: str, file: Path, *, as_json: bool) -> int:
    policy, recording = load_policy(file), read(journal)
    plays = {"recorded": rerun(recording, preset), "other": rerun(recording, preset, policy)}
    found = compared(plays["recorded"], recording.header.policy, plays["other"], policy)
    if as_json:
        print(json.dumps(_difference(found, plays, preset), ensure_ascii=False))
    else:
        print_folded(_in_words(found, plays, f"{journal} on {preset}", file), 12)
    return CHECK_FAILED if any(played.failure for played in plays.values()) else 0


def _difference(found: Comparison, plays: dict[str, Played], preset: str) -> dict[str, object]:
    return {
        "preset": preset,
        "same": found.same,
        "settings": {
            key: {"recorded": old, "other": new} for key, (old, new) in found.settings.items()
        },
        "told": [
            {"t_s": moment.t / 1000, "in": side, "kind": moment.kind, "what": moment.text}
            for side, moment in found.told
        ],
        "totals": {"recorded": asdict(found.recorded), "other": asdict(found.other)},
        "unheard": {side: list(played.unheard) for side, played in plays.items()},
        "failure": {side: played.failure for side, played in plays.items()},
    }


def _in_words(found: Comparison, plays: dict[str, Played], what: str, file: Path) -> Iterator[str]:
    yield f"{what}: under the recorded policy, and under the other one, {file}"
    if not found.settings:
        yield "The two policies are the same, number for number."
    for key, (old, new) in found.settings.items():
        yield f"  {key}: {_plain(old)} recorded, {_plain(new)} other"
    if found.same:
        yield "No difference: the same was said and done at the same seconds."
    else:
        yield "What the runner did, and what was said or done under one policy alone:"
        for side, moment in found.told:
            mark = "" if side == "both" else side
            yield f"{seconds(moment.t)}  {mark:8}  {moment.text}"
    for name, played in plays.items():
        for text in played.unheard:
            yield f"nobody took ({name}): {text}"
    yield ""
    yield from _table(found.recorded, found.other)
    yield f"recorded: {_end(found.recorded)}"
    yield f"other: {_end(found.other)}"
    for name, played in plays.items():
        if played.failure is not None:
            yield f"FAILED  the service ({name}): {played.failure}"


def _table(recorded: Figures, other: Figures) -> Iterator[str]:
    yield _row("", "recorded", "other")
    yield _row("belt moving, min:s", _clock(recorded.moving_s), _clock(other.moving_s))
    for band in sorted({*recorded.at_kmh, *other.at_kmh}):
        times = (_clock(figures.at_kmh.get(band, 0)) for figures in (recorded, other))
        yield _row(f"  at {band}.0-{band}.9 km/h", *times)
    yield _row("distance, m", recorded.distance_m, other.distance_m)
    yield _row("mean speed, km/h", f"{recorded.mean_kmh:.1f}", f"{other.mean_kmh:.1f}")
    yield _row("highest speed, km/h", f"{recorded.max_kmh:.1f}", f"{other.max_kmh:.1f}")
    yield _row("back-offs", recorded.back_offs, other.back_offs)
    yield _row("stops", recorded.stops, other.stops)
    yield _row("breaks", recorded.breaks, other.breaks)
    yield _row("pain asked for", recorded.prompts, other.prompts)
    yield _row("alarms", recorded.alarms, other.alarms)


def _row(name: str, recorded: object, other: object) -> str:
    return f"{name:<20}{recorded!s:>9}{other!s:>9}"


def _clock(for_s: float) -> str:
    minutes, rest = divmod(round(for_s), 60)
    return f"{minutes}:{rest:02}"


def _end(figures: Figures) -> str:
    if figures.ended_at is None:
        return f"not ended when the recorded inputs were over ({figures.phase})"
    return f"ended at {figures.ended_at:g} s ({figures.why})"


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
