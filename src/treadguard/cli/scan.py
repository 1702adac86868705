"""`treadguard scan`: which treadmills are near."""

import asyncio
import json
import sys
from typing import Annotated

import typer

from treadguard.cli import typer_app
from treadguard.cli.air import Adapter, air, in_one_sentence, stage
from treadguard.cli.failure import NO_SERVICE, Failure
from treadguard.config.toml import printable
from treadguard.treadmill.finding import Found, around
from treadguard.treadmill.proven import doubt, load, proven_file
from treadguard.treadmill.radio import Radio

app = typer_app.application()

_STRENGTHS = ((-60, "strong"), (-75, "good"), (-88, "weak"))
_NO_RSSI = (-127, 127)


def main(args: list[str]) -> int:
    return typer_app.run(app, "scan", args)


@app.command(epilog="Example: treadguard scan --for 15")
def scan(
    for_s: Annotated[
        float, typer.Option("--for", metavar="SECONDS", min=1, max=600, help="Look for so long.")
    ] = 8,
    adapter: Adapter = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every device that has a name, not only treadmills.")
    ] = False,
    sim_radio: Annotated[
        bool, typer.Option("--sim-radio", help="Look on the virtual radio, at the simulated one.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """List the treadmills that are near, the nearest first.

    A treadmill is shown when it advertises the Fitness Machine service (FTMS). While an app is
    connected to it, it usually isn't seen. Exit code 3 when there is none.
    """

    async def look() -> list[Found]:
        async with air(adapter, virtual=sim_radio) as (radio, _):
            stage(f"looking for {for_s:g} s…")
            return await scanned(radio, for_s, every=every)

    with in_one_sentence("no treadmill can be looked for"):
        found = asyncio.run(look())
    mine = [address for address, entry in load(proven_file()).items() if doubt(entry) is None]
    if as_json:
        print(json.dumps([_as_dict(one, one.address.upper() in mine) for one in found]))
    else:
        for line in table(found, frozenset(mine)):
            print(line)
    if not found:
        sys.stdout.flush()
        raise Failure(NO_SERVICE, _nothing(for_s, every=every))


async def scanned(radio: Radio, for_s: float, *, every: bool = False) -> list[Found]:
    """Treadmills, or `every` device with a name; the nearest first."""
    found = await around(radio, for_s)
    return [
        one for one in found if (one.name if every else one.ftms and one.treadmill is not False)
    ]


def table(found: list[Found], mine: frozenset[str]) -> list[str]:
    """A line each. `mine`: the addresses that are proven, in upper case."""
    rows = [
        (
            printable(one.name) or "(no name)",
            one.address,
            signal(one.rssi),
            _says(one) + (", proven yours" if one.address.upper() in mine else ""),
        )
        for one in found
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def signal(dbm: int) -> str:
    """How strong it arrives, in words and dBm."""
    if dbm in _NO_RSSI:
        return "signal unknown"
    words = next((word for at_least, word in _STRENGTHS if dbm >= at_least), "very weak")
    return f"{words} ({dbm} dBm)"


def _says(one: Found) -> str:
    if not one.ftms:
        return "no fitness machine"
    return {True: "treadmill", False: "another fitness machine", None: "doesn't say"}[one.treadmill]


def _as_dict(one: Found, proven: bool) -> dict[str, object]:
    return {
        "name": one.name,
        "address": one.address,
        "rssi_dbm": None if one.rssi in _NO_RSSI else one.rssi,
        "ftms": one.ftms,
        "treadmill": one.treadmill,
        "proven": proven,
    }


def _nothing(for_s: float, *, every: bool) -> str:
    if every:
        return f"nothing with a name was heard within {for_s:g} s: see 'treadguard doctor'"
    return (
        f"no treadmill was heard within {for_s:g} s: switch it on, come closer, close every app"
        " that is connected to it, and look longer (--for 30) or at everything (--all)"
    )
