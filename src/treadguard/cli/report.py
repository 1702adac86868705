"""`treadguard report`: one session, or all since a day, as a page for a physical therapist."""

from datetime import date
from pathlib import Path
from typing import Annotated

import platformdirs
import typer

from treadguard.cli import typer_app
from treadguard.cli.failure import CHECK_FAILED, Failure, bad_input
from treadguard.private_file import write_private
from treadguard.replay.reader import FOREIGN, DamagedJournal
from treadguard.report.page import overview_page, session_page
from treadguard.report.pdf import NoPdf, pdf_of
from treadguard.report.reading import Told, told
from treadguard.report.words import at_home

app = typer_app.application()

_EXAMPLES = """\b
Example: treadguard report session.jsonl
Example: treadguard report session.jsonl --pdf --out for-my-therapist.pdf
Example: treadguard report --since 2026-07-01 --name 'A. Runner'
"""


def main(args: list[str]) -> int:
    return typer_app.run(app, "report", args)


@app.command(epilog=_EXAMPLES)
def report(
    journal: Annotated[Path | None, typer.Argument(metavar="JOURNAL", show_default=False)] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="All sessions of this computer from this day on, as 2026-07-01."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write it here; without it, beside the journal."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="A PDF (needs 'treadguard[pdf]').")] = False,
    name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Whose report it is, for its head.")
    ] = None,
) -> None:
    """Write a page for a physical therapist.

    It holds what was measured, said and done, with the reason of every intervention, and needs
    nothing else: it opens in any browser, and prints. It tells of your health, so only you can read
    the file; give it on as you see fit.
    """
    if (journal is None) == (since is None):
        raise bad_input("say which: a JOURNAL, or --since DATE for all sessions from that day on")
    kind = ".pdf" if pdf else ".html"
    if journal is not None:
        where = _where(out or journal.with_suffix(kind), kind, overwrite=overwrite)
        page, said = _one(journal, name)
    else:
        day, folder = _day(since or ""), _sessions()
        where = _where(out or folder / f"since-{day}{kind}", kind, overwrite=overwrite)
        page, said = _many(day, folder, name)
    try:
        write_private(where, pdf_of(page) if pdf else page.encode())
    except NoPdf as error:
        raise Failure(CHECK_FAILED, str(error)) from error
    except OSError as error:
        raise bad_input(f"the report {where} can't be written: {error.strerror}") from error
    for sentence in said:
        print(sentence)
    print(f"{where}: written, and private: only you can read it.")


def _one(journal: Path, name: str | None) -> tuple[str, list[str]]:
    try:
        found = told(journal)
    except DamagedJournal as error:
        raise bad_input(str(error)) from error
    return session_page(found, name), _doubts(found)


def _many(day: date, folder: Path, name: str | None) -> tuple[str, list[str]]:
    sessions, damaged = [], []
    for path in sorted(folder.glob("*.jsonl")):
        try:
            found = told(path)
        except DamagedJournal as error:
            damaged.append(str(error).replace(str(path), path.name))  # no folder of yours
            continue
        if at_home(found.session.started, None).date() >= day:
            sessions.append(found)
    left_out = [f"Left out: {sentence}" for sentence in damaged]
    if not sessions:
        raise bad_input(" ".join([f"no session since {day} is in {folder}.", *left_out]))
    sessions.sort(key=lambda one: one.session.started)
    page = overview_page(sessions, damaged, day, name)
    return page, [*(said for one in sessions for said in _doubts(one)), *left_out]


def _doubts(found: Told) -> list[str]:
    if found.exact is None:
        return [f"{found.path}: {FOREIGN}, and it can't be recomputed."]
    if found.exact.ok:
        return []
    return [f"{found.path} could not be recomputed exactly, and its report says so."]


def _sessions() -> Path:
    return Path(platformdirs.user_data_dir("treadguard")) / "sessions"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad_input(f"--since takes a day as 2026-07-01, not {text!r}") from None


def _where(path: Path, kind: str, *, overwrite: bool) -> Path:
    """The file's place. Nothing that is there goes unasked, and a journal never does."""
    if path.suffix.lower() != kind:
        other = " (with --pdf, .pdf)" if kind == ".html" else ""
        raise bad_input(f"the report's name ends in {kind}{other}, and {path} doesn't")
    if path.is_dir():
        raise bad_input(f"{path} is a directory: name a file in it")
    if path.exists() and not overwrite:
        raise bad_input(
            f"{path} is there already: --overwrite replaces it, --out FILE takes another name"
        )
    return path
