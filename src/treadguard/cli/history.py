"""`treadguard history`: past sessions, the load of the weeks, and what the runner adds to them."""

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer

from treadguard.cli import typer_app
from treadguard.cli.failure import bad_input
from treadguard.cli.folded import print_folded
from treadguard.cli.looking_back import now, read_diary, write_morning
from treadguard.report import diary, index
from treadguard.report.history_tables import Glyphs, charts, session_table, week_table
from treadguard.report.outlook import before_today, counted, day, minute, outlook, worn
from treadguard.report.row import Row
from treadguard.report.weeks import ratio, weeks

SHOWN = 14
WEEKS = 6

NO_SESSIONS = (
    "no sessions yet: 'treadguard run --treadmill NAME' writes the first ('treadguard scan' shows"
    " the name of yours)"
)

NO_FORECAST = (
    "The ratio is a picture, no forecast: in 5,205 runners a high one didn't go with more injuries,"
    " a session longer than 110 % of the longest in 30 days did (BJSM 2025;59:1203)."
)

app = typer_app.application(
    "Show past sessions, the load of the last weeks, and what they mean for the next start. They"
    " are read from the journals in treadguard's data folder; one that was written elsewhere with"
    " --journal isn't there. Only sessions on a real treadmill count. Load is minutes times"
    " intensity: an hour at 6.0 km/h on the flat is 60. RPE load is your own rating of the session,"
    " 0 to 10, times minutes.",
    "treadguard history --since 2026-01-01",
)


def main(args: list[str]) -> int:
    return typer_app.run(app, "history", args)


@app.callback(invoke_without_command=True)
def history(
    context: typer.Context,
    since: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE", formats=["%Y-%m-%d"], help="All sessions from this day on (2026-01-31)."
        ),
    ] = None,
    sim: Annotated[
        bool, typer.Option("--sim", help="The sessions on the simulated treadmill instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the index anew from the journals.")
    ] = False,
) -> int:
    """The history itself, where no word follows."""
    if context.invoked_subcommand is not None:
        if since is not None or sim or as_json or rebuild:
            raise bad_input("the options of 'treadguard history' go without a word after them")
        return 0
    found = index.sessions(index.sessions_folder(), index.index_file(), rebuild=rebuild)
    own, notes = read_diary()
    for note in (*found.notes, *found.damaged, *notes):
        print(f"treadguard: {note.rstrip('.')}.", file=sys.stderr)
    rows = [row for row in found.rows if row.is_real is not sim]
    moment = now()
    shown = rows[-SHOWN:]
    if since is not None:
        shown = [row for row in rows if day(row, moment) >= since.date()]
    if as_json:
        print(json.dumps(_as_json(rows, shown, own, moment, sim=sim), ensure_ascii=False))
    elif not shown:
        print(_empty(rows, found.rows, sim=sim))
    else:
        print_folded(_page(rows, shown, own, moment, sim=sim), 2)
    return 0


def _empty(rows: Sequence[Row], all_rows: Sequence[Row], *, sim: bool) -> str:
    if rows:
        return f"no session since then; the last was on {minute(rows[-1].started.astimezone())}"
    if sim:
        return "no sessions yet: 'treadguard run --treadmill sim' writes the first"
    if all_rows:
        return f"{NO_SESSIONS}; 'treadguard history --sim' shows {len(all_rows)} simulated"
    return NO_SESSIONS


def _page(
    rows: Sequence[Row], shown: Sequence[Row], own: diary.Diary, moment: datetime, *, sim: bool
) -> Iterator[str]:
    glyphs = Glyphs.for_encoding(sys.stdout.encoding)
    yield from session_table(shown, own, moment, glyphs)
    yield ""
    yield from charts(shown, glyphs)
    yield ""
    lately = [row for row in rows if row.counts]
    yield from week_table(weeks(lately, moment, WEEKS), glyphs)
    usual = ratio(lately, moment)
    if usual is not None:
        yield (
            f"This week is {usual.times:.1f} times the usual, the mean of the four weeks before"
            f" ({usual.this:.1f} to {usual.usual:.1f})."
        )
        yield NO_FORECAST
    if not sim:
        yield from _next(rows, own, moment)


def _next(rows: Sequence[Row], own: diary.Diary, moment: datetime) -> Iterator[str]:
    shoes, past = worn(counted(rows, moment), own, moment), outlook(rows, own, moment)
    if shoes is not None:
        yield (
            f"Shoes: {shoes.name}, {shoes.km:.1f} km in {shoes.hours:.1f} h since {shoes.since}."
        )
    yield ""
    yield "For the next start:"
    if past.lock is not None:
        yield f"  Locked: {past.lock}."
    for sentence in past.sentences:
        yield f"  {sentence}"
    if past.asks_morning is not None:
        yield "  How was your back this morning? treadguard history morning 2 --same"


def _as_json(
    rows: Sequence[Row], shown: Sequence[Row], own: diary.Diary, moment: datetime, *, sim: bool
) -> dict[str, Any]:
    usual = ratio([row for row in rows if row.counts], moment)
    past = outlook(rows, own, moment)
    shoes = worn(counted(rows, moment), own, moment)
    return {
        "sessions": [_session(row, own) for row in shown],
        "weeks": msgspec.to_builtins(weeks([r for r in rows if r.counts], moment, WEEKS)),
        "ratio": None if usual is None else {"this": usual.this, "usual": usual.usual},
        "shoes": None if sim or shoes is None else msgspec.to_builtins(shoes),
        "next": None
        if sim
        else {
            "locked_until": None if past.locked_until is None else past.locked_until.isoformat(),
            "ceiling_kmh": None if past.ceiling is None else past.ceiling / 100,
            "sentences": list(past.sentences),
            "asks_morning": None if past.asks_morning is None else past.asks_morning.session,
        },
    }


def _session(row: Row, own: diary.Diary) -> dict[str, Any]:
    """As the row, in km/h instead of the core's units, and with what the diary says."""
    plain: dict[str, Any] = msgspec.to_builtins(row)
    for name in ("max_speed", "speed_then", "speed_min"):
        speed = plain.pop(name)
        plain[f"{name}_kmh"] = None if speed is None else speed / 100
    rpe, morning = own.rpe_of(row.session), own.morning_of(row.session)
    plain["rpe"] = rpe
    plain["rpe_load"] = None if rpe is None else round(rpe * row.minutes, 1)
    plain["morning"] = None if morning is None else {"pain": morning.pain, "feels": morning.feels}
    return plain


# ---------------------------------------------------------------- what the runner adds


@app.command(epilog="Example: treadguard history effort 4")
def effort(
    rpe: Annotated[float, typer.Argument(metavar="0-10", min=0, max=10, show_default=False)],
    sim: Annotated[
        bool, typer.Option("--sim", help="The last one on the simulated treadmill.")
    ] = False,
) -> None:
    """Rate how hard the last session was.

    As a whole, and best half an hour after it: from 0 (rest) over 3 (moderate) and 5 (hard) to 10
    (the hardest ever). Times the minutes that is the load by session RPE (Foster 2001).
    """
    rows = index.sessions(index.sessions_folder(), index.index_file()).rows
    rows = tuple(row for row in rows if row.is_real is not sim and row.counts)
    if not rows:
        raise bad_input(NO_SESSIONS if not sim else "no session on the simulated treadmill yet")
    last = rows[-1]
    diary.add(diary.diary_file(), diary.Effort(now(), last.session, rpe))
    print(
        f"{minute(last.started.astimezone())}: effort {rpe:g} times {last.minutes:.0f} min is a"
        f" load of {rpe * last.minutes:.0f}"
    )


@app.command(epilog="Example: treadguard history morning 3 --worse")
def morning(
    pain: Annotated[int, typer.Argument(metavar="0-10", min=0, max=10, show_default=False)],
    better: Annotated[bool, typer.Option("--better", help="Better than before it.")] = False,
    same: Annotated[bool, typer.Option("--same", help="As before it.")] = False,
    worse: Annotated[bool, typer.Option("--worse", help="Worse than before it.")] = False,
) -> None:
    """Say how your back is the morning after.

    It belongs to the last session before today. After an answer of worse the next session is
    slower: at most 90 % of the highest speed of the session before that morning.
    """
    words: list[diary.Feels] = []
    words += ["better"] * better
    words += ["same"] * same
    words += ["worse"] * worse
    if len(words) != 1:
        raise bad_input("say one of --better, --same and --worse as well")
    rows = index.sessions(index.sessions_folder(), index.index_file()).rows
    moment = now()
    after = before_today(rows, moment)
    if after is None:
        if counted(rows, moment):
            raise bad_input("the only session is today's: answer tomorrow morning")
        raise bad_input(NO_SESSIONS)
    write_morning(after, pain, words[0])
    print(f"after the session of {day(after, moment)}: pain {pain}, {words[0]}")


@app.command(epilog='Example: treadguard history shoes "Brand X"')
def shoes(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    since: Annotated[
        datetime | None,
        typer.Option(metavar="DATE", formats=["%Y-%m-%d"], help="In use from this day on."),
    ] = None,
) -> None:
    """Say which shoes you have taken into use.

    Their kilometres and hours count from that day on, on treadguard's own sessions.
    """
    moment = now()
    on = moment.date() if since is None else since.date()
    plain = " ".join(name.split())
    if not plain.isprintable() or not 1 <= len(plain) <= 80:
        raise bad_input("the shoes' name is a line of 1 to 80 characters")
    if on > moment.date():
        raise bad_input(f"{on} is yet to come")
    diary.add(diary.diary_file(), diary.Shoes(moment, plain, on))
    print(f"{plain}, in use since {on}")
