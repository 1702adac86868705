"""`treadguard inspect TREADMILL`: what a machine offers, what that means, and how good it is."""

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from treadguard.cli import equipment, typer_app
from treadguard.cli.air import SIM_RADIO, Adapter, air, held, in_one_sentence, meant, stage
from treadguard.cli.failure import CHECK_FAILED, NO_SERVICE, Failure, bad_input
from treadguard.cli.folded import print_folded
from treadguard.cli.offered import as_dict, name_of, report
from treadguard.cli.questions import ask as ask_owner
from treadguard.config.toml import ConfigError, printable
from treadguard.ftms.characteristics import Characteristic
from treadguard.report.equipment import Facts, Verdict, graded
from treadguard.report.equipment_file import (
    Answers,
    Kept,
    equipment_file,
    load,
    read_answers,
    save,
    updated,
)
from treadguard.treadmill.finding import Found
from treadguard.treadmill.offer import Offer, read_offer
from treadguard.treadmill.proven import changed, doubt, entry_of, proven_file
from treadguard.treadmill.radio import Radio

app = typer_app.application()


def main(args: list[str]) -> int:
    return typer_app.run(app, "inspect", args)


@app.command(epilog='Example: treadguard inspect "My Treadmill" --for 10')
def inspect(
    which: Annotated[
        str | None, typer.Argument(metavar="[NAME|ADDRESS|sim-radio]", show_default=False)
    ] = None,
    treadmill: Annotated[
        str | None, typer.Option(metavar="NAME|ADDRESS|sim-radio", help="The same, as elsewhere.")
    ] = None,
    adapter: Adapter = None,
    for_s: Annotated[
        float, typer.Option("--for", metavar="SECONDS", min=1, max=600, help="Listen for so long.")
    ] = 5,
    answers: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What you know of it, as in configs/equipment.toml."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--ask", help="Ask once more what no machine says of itself.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Connect to a treadmill; say what it offers, what that means, and how good it is for you.

    It only reads and listens: no command is sent, and the belt stays as it is. Start the belt on
    its own console to see what it sends while it moves. What no machine says of itself (motor,
    belt, shoes, …) is asked once on a terminal, and kept in equipment.toml in your user
    configuration directory. Exit code 3 when it is no treadmill.
    """
    if (which is None) == (treadmill is None):
        raise bad_input(
            "say which treadmill, once: treadguard inspect NAME (see 'treadguard scan')"
        )
    if (which or treadmill) == "sim":
        raise bad_input("sim has no radio to look at: treadguard inspect sim-radio")
    asks = answers is None and not as_json and _is_terminal()
    if again and not asks:
        raise bad_input("--ask needs a terminal, and neither --json nor --answers beside it")
    try:
        kept = load(equipment_file())
        given = Answers() if answers is None else read_answers(answers)
    except ConfigError as error:
        raise bad_input(str(error)) from error
    wanted = which or treadmill or ""

    async def look() -> tuple[Found, Offer]:
        async with air(adapter, virtual=wanted == SIM_RADIO) as (radio, _):
            return await inspected(radio, wanted, for_s)

    with in_one_sentence(f"{wanted} can't be inspected"):
        found, offer = asyncio.run(look())
    why = None if wanted == SIM_RADIO else _doubt(found, offer)
    verdicts: tuple[Verdict, ...] = ()
    is_treadmill = offer.has(Characteristic.TREADMILL_DATA)
    if not as_json:
        print_folded(report(found, offer, why), indent=4)
    if is_treadmill:
        facts = equipment.told(offer)
        said = _said(kept, found, given, facts, asks=asks, again=again)
        verdicts = graded(equipment.completed(facts, said, equipment.shoe_hours()))
        if not as_json:
            print_folded(equipment.lines(verdicts, said), indent=11)
    if as_json:
        checked = [asdict(one) for one in verdicts]
        print(json.dumps({**as_dict(found, offer, why), "equipment": checked}), flush=True)
    if not is_treadmill:
        raise Failure(NO_SERVICE, f"{name_of(found)} is no treadmill that speaks FTMS")


def _said(
    kept: Kept, found: Found, given: Answers, facts: Facts, *, asks: bool, again: bool
) -> Answers:
    """What the owner said, now or before; what is new is kept."""
    before = kept.of(found.address)
    said = updated(before, given, today())
    if asks:
        try:
            said = ask_owner(before, equipment.untold(facts), today(), again=again)
        except EOFError:
            stage("\nbroken off, and nothing was changed")
        except KeyboardInterrupt:
            raise Failure(CHECK_FAILED, "interrupted, and nothing was changed") from None
    if said != before:
        save(equipment_file(), kept.with_(found.address, printable(found.name), said))
    return said


def today() -> date:
    """The day, where the runner is."""
    return datetime.now(UTC).astimezone().date()


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def _doubt(found: Found, offer: Offer) -> str | None:
    entry = entry_of(proven_file(), found.address)
    return doubt(entry) if entry is None else changed(entry, found.name, offer.about)


async def inspected(radio: Radio, wanted: str, for_s: float) -> tuple[Found, Offer]:
    """Find it, and read it over one connection. Failure, NotFound or one of ON_AIR otherwise."""
    found = await meant(radio, wanted)
    with held(radio, found):
        return found, await read_offer(radio, found.device, for_s, stage)
