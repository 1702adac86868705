"""`treadguard decode CHAR HEX`: what the bytes of a treadmill's characteristic mean."""

import json
from typing import Annotated

import typer

from treadguard.cli import typer_app
from treadguard.cli.failure import bad_input
from treadguard.ftms.describe import CHARACTERISTICS, describe

app = typer_app.application()


def main(args: list[str]) -> int:
    return typer_app.run(app, "decode", args)


@app.command(epilog="Example: treadguard decode 2acd 00005802")
def decode(
    char: Annotated[str, typer.Argument(metavar="CHAR", show_default=False)],
    hexadecimal: Annotated[list[str], typer.Argument(metavar="HEX", show_default=False)],
) -> None:
    """Show what bytes mean, as one JSON object.

    CHAR is the characteristic: 2acd treadmill data, 2acc features, 2ad3 training status,
    2ad4 speed range, 2ad5 incline range, 2ad9 control point, 2ada machine status, 2a37 heart rate.
    HEX is its bytes: 00005802, 00 00 58 02 or 0x00005802.
    """
    name = char.lower().removeprefix("0x")
    if name not in CHARACTERISTICS:
        known = ", ".join(CHARACTERISTICS)
        raise bad_input(f"{char!r} isn't a characteristic that can be decoded: {known}")
    print(json.dumps(describe(name, octets(" ".join(hexadecimal)))))


def octets(text: str) -> bytes:
    """The bytes of hexadecimal text; blanks, capitals and 0x are as good. Failure otherwise."""
    digits = "".join(part.removeprefix("0x") for part in text.lower().split())
    try:
        data = bytes.fromhex(digits)
    except ValueError:
        raise bad_input(
            f"{text!r} isn't hexadecimal: two digits 0-9 or a-f for each byte"
        ) from None
    if not data:
        raise bad_input("there are no bytes to decode: give them in hexadecimal, like 00005802")
    return data
