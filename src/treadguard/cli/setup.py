"""`treadguard setup`: what treadguard must know of its runner, asked in plain words.

Here: the asking, and the summary. Not here: the questions (setup_questions.py), what an answer
tightens (config/conditions.py), the file (config/writing.py). The rules to keep: a red flag sets up
nothing and keeps the belt from starting; until the last answer nothing is written.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import typer

from treadguard.cli import setup_questions as q
from treadguard.cli import typer_app
from treadguard.cli.failure import CHECK_FAILED, Failure, bad_input
from treadguard.cli.folded import print_folded
from treadguard.config import (
    ConfigError,
    Effective,
    effective,
    user_policy,
    user_profile_path,
)
from treadguard.config.runner import profile_file
from treadguard.config.toml import Table, merged, printable, read_toml
from treadguard.config.writing import backup_of, write_profile
from treadguard.routines.red_flags import RedFlag, red_flag_questions

app = typer_app.application()

_HERE: Final = "the answer"


def main(args: list[str]) -> int:
    return typer_app.run(app, "setup", args)


@app.command(epilog="Example: treadguard setup")
def setup(
    answers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Take the answers from this file, of the form of a profile"
            " (configs/profiles/default.toml); runner.red_flag must be among them.",
        ),
    ] = None,
) -> int:
    """Say who runs, so that the guard's numbers fit your back.

    Asks what hurts, and what a doctor or therapist has said. Enter skips a question and keeps what
    stands in the brackets, - clears it. Run it again whenever something has changed. The answers
    stay on this computer, in a file that is yours alone to read.
    """
    path = user_profile_path()
    try:
        present = read_toml(path) if path.exists() else {}
        effective(user_policy(), path if path.exists() else None)
    except ConfigError as error:
        raise bad_input(f"{str(error).rstrip('.')}: mend or remove it first") from error
    if answers is not None:
        return _write(path, _from_file(answers, present))
    if sys.stdin is None or not sys.stdin.isatty():
        raise bad_input("without a terminal, give the answers in a file: --answers FILE.toml")
    try:
        table = _asked_all(present)
    except (EOFError, KeyboardInterrupt):
        print()
        raise Failure(CHECK_FAILED, "setup was broken off, and nothing was written") from None
    return _write(path, table)


# ---------------------------------------------------------------- the answers


def _from_file(answers: Path, present: Table) -> Table:
    """What the file names, over the present profile: what it leaves out stays."""
    try:
        said = read_toml(answers)
        profile_file(said, str(answers))
        given = said.get("runner", {})
        if "red_flag" not in given:
            raise bad_input(
                f"{answers}: runner.red_flag is missing: true if one of the red flags fits (what"
                " they are, 'treadguard setup' says in a terminal), false if none does"
            )
        table = merged(present, said)
        if not table["runner"].get("cleared"):
            table["runner"].pop("cleared_on", None)
        profile_file(table, str(answers))
    except ConfigError as error:
        raise bad_input(str(error)) from error
    if _flagged(present) and not given["red_flag"] and given.get("cleared") is not True:
        raise bad_input(
            f"{answers}: a red flag was named before, so it is lifted only where the file"
            " says runner.cleared = true: a doctor has seen you about it"
        )
    return table


def _flagged(table: Table) -> bool:
    return bool(table.get("runner", {}).get("red_flag", False))


def _asked_all(present: Table) -> Table:
    _say(*q.BEFORE, "")
    flags = _red_flags()
    if flags:
        _say("", *dict.fromkeys(flag.then for flag in flags))
        return merged(present, {"runner": {"red_flag": True}})
    if _flagged(present) and not _yes_or_no(q.SEEN, present=None):
        _say("", q.SEE_FIRST)
        return present
    table = merged(present, {"runner": {"red_flag": False}})
    _say("", "Enter skips a question, - clears what stands in the brackets, Ctrl-C leaves.", "")
    for question in q.RUNNER:
        table = _asked(question, table)
    if table["runner"].get("cleared"):
        table = _asked(q.CLEARED_ON, table)
    else:
        table["runner"].pop("cleared_on", None)
    if _yes_or_no(q.BY_THERAPIST, present=bool(table.get("therapist"))):
        for question in q.THERAPIST:
            table = _asked(question, table)
    return table


def _red_flags() -> list[RedFlag]:
    """Those that fit; Enter is no answer here."""
    asked = red_flag_questions()
    _say("First some questions that can't wait.")
    _listed([flag.question for flag in asked])
    while True:
        text = _typed("The numbers of those with a yes, like 1, 3; or none: ")
        if text.lower() == "none":
            return []
        try:
            return [asked[number - 1] for number in q.numbers(text, len(asked))]
        except ValueError as error:
            _say(f"  {error}")


def _yes_or_no(ask: str, *, present: bool | None) -> bool:
    """`present` is what Enter means; None: there is no skipping this one."""
    shown = "" if present is None else f" [{'y' if present else 'n'}]"
    while True:
        match _typed(f"{ask}{shown} ").lower():
            case "y" | "yes":
                return True
            case "n" | "no":
                return False
            case "" if present is not None:
                return present
        _say("  y or n, please.")


def _asked(question: q.Question, table: Table) -> Table:
    """`table` with the answer, which is one that a profile may hold."""
    if question.choices:
        _say("")
        _listed(question.choices)
    own = dict(table.get(question.table, {}))
    value = own.get(question.key)
    shown = "" if value is None else f" [{printable(q.as_typed(question, value))}]"
    while True:
        text = _typed(f"{question.ask}{shown} ")
        if not text:
            return table
        if text == "-":
            own.pop(question.key, None)
        try:
            if text != "-":
                own[question.key] = question.read(text)
            checked = own if question is q.CLEARED_ON else _only(question.key, own)
            profile_file({question.table: checked}, _HERE)
        except (ValueError, ConfigError) as error:
            _say(f"  {str(error).removeprefix(f'{_HERE}: ')}")
        else:
            return {**table, question.table: own}


def _only(key: str, own: Table) -> Table:
    """The key without those that lean on it and are asked later."""
    return {key: own[key]} if key in own else {}


# ---------------------------------------------------------------- the terminal


def _typed(prompt: str) -> str:
    return input(prompt).strip()


def _say(*lines: str) -> None:
    print_folded(lines, indent=2)


def _listed(choices: Iterable[str]) -> None:
    print_folded((f"  {n}  {choice}" for n, choice in enumerate(choices, 1)), indent=5)


# ---------------------------------------------------------------- the end


def _write(path: Path, table: Table) -> int:
    try:
        written = write_profile(path, {key: value for key, value in table.items() if value != {}})
    except OSError as error:
        raise bad_input(
            f"{path} can't be written, nothing was changed: {error.strerror}"
        ) from error
    found = effective(user_policy(), path)
    if not found.runner.red_flag:
        _summary(found)
    before = backup_of(path)
    kept = f" (what stood there before: {before.name})" if written and before.exists() else ""
    _say("", f"{'Written' if written else 'Nothing new'}: {path}{kept}")
    why = found.runner.refuses_to_start
    if found.runner.red_flag:
        raise Failure(CHECK_FAILED, f"no session is started: {why}")
    if why is not None:
        _say(f"No session is started: {why}.")
    else:
        _say("It holds from the next session on. Every number: treadguard config show")
    return 0


def _summary(found: Effective) -> None:
    rows = found.tightened
    width = max((len(one.key) for one in rows), default=0)
    _say("", "Tighter for you:" if rows else "Nothing is tighter for you than the defaults.")
    _say(*(f"  {one.key:<{width}} = {one.value:<5g} {one.by}" for one in rows))
    for by, why in {one.by: one.why for one in rows}.items():
        _say("", f"{by}: {why}")
