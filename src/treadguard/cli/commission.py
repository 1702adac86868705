"""`treadguard commission --prove`: shows that it is the belt that the runner stands by.

Here: the talk with the person, and what the proof hears of the machine. Not here: the proof's own
steps (treadmill/proof.py). The rule to keep: it only listens; the person presses, and no command
is sent to the machine, whatever happens.
"""

import asyncio
import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final, Self, TextIO

import typer

from treadguard.cli import typer_app
from treadguard.cli.air import SIM_RADIO, Adapter, air, held, in_one_sentence, meant, stage
from treadguard.cli.failure import CHECK_FAILED, Failure, bad_input
from treadguard.config.toml import printable
from treadguard.ftms.characteristics import Characteristic
from treadguard.guard.events import Telemetry
from treadguard.treadmill.connection import Connection
from treadguard.treadmill.finding import Found
from treadguard.treadmill.fingerprint import Fingerprint, pieces
from treadguard.treadmill.over_bleak import SET_UP_WITHIN_S
from treadguard.treadmill.proof import PRESS_WITHIN_MS, Proof, drawn, passed, saw
from treadguard.treadmill.proven import Entry, proven_file, remember
from treadguard.treadmill.radio import Radio
from treadguard.treadmill.readings import read
from treadguard.units import Millis, Speed, kmh

if TYPE_CHECKING:
    from treadguard.sim.peripheral import Peripheral

app = typer_app.application()

Show = Callable[[Proof, Speed | None], None]

LOOK_S: Final = 0.1
STALE_MS: Final = 3_000
"""An older speed isn't shown as one that is measured (DESIGN.md section 3)."""

HAND_S: Final = 1.0
"""So long the simulated runner takes to press."""

FIRST: Final = """\
This proves that the treadmill that treadguard hears is the one beside you. treadguard only listens:
you press the treadmill's own console, and its speed must follow.
Nobody stands on the belt; if it runs only with somebody on it, hold the rail. Clip the safety key.
Compare the km/h shown here with the console's (1 mph is 1.61 km/h): treadguard must not drive a
machine whose units it misreads, so press Ctrl-C where they differ.
Ctrl-C leaves at any time, without a change. The belt runs on then: stop it on its console."""

_LOST: Final = "the connection was lost before the proof was done: come closer and try again"


def main(args: list[str]) -> int:
    return typer_app.run(app, "commission", args)


@app.command(epilog='Example: treadguard commission --prove --treadmill "My Treadmill"')
def commission(
    treadmill: Annotated[
        str,
        typer.Option(metavar="NAME|ADDRESS|sim-radio", help="As 'treadguard scan' lists it."),
    ],
    prove: Annotated[
        bool, typer.Option("--prove", help="Prove that it is the treadmill beside you.")
    ] = False,
    adapter: Adapter = None,
) -> None:
    """Prove that a treadmill is your own, so that treadguard may slow and stop it.

    You press + and - on its console as you are asked, and its speed must follow. treadguard sends
    nothing meanwhile. Exit code 1 when it wasn't proven.
    """
    if not prove:
        raise bad_input("this version proves which treadmill is yours, and no more: add --prove")
    virtual = treadmill == SIM_RADIO

    async def go() -> tuple[Found, Fingerprint, Proof]:
        async with air(adapter, virtual=virtual) as (radio, machine):
            with Talk(sys.stdout) as talk:
                return await proved(radio, treadmill, talk.show, Hand(machine).show)

    with in_one_sentence(f"{treadmill} can't be proven"):
        found, fingerprint, proof = asyncio.run(go())
    if proof.wants != "proven":
        raise Failure(CHECK_FAILED, f"not proven: {proof.why}")
    name = printable(found.name) or found.address
    if virtual:
        print(f"proven: {name} follows its console (simulated, so nothing is remembered)")
        return
    on = f"{datetime.now(UTC).astimezone():%F}"
    remember(proven_file(), found.address, Entry(printable(found.name), on, fingerprint))
    print(f"proven: {name} ({found.address}) is yours, and remembered in {proven_file()}")
    print(f"{_known_by(fingerprint)} When that changes, it is only watched until proven again.")
    print("The belt still runs: stop it on its own console.")


def _known_by(fingerprint: Fingerprint) -> str:
    said = ", ".join(str(one) for one in pieces(fingerprint))
    if not fingerprint.informs:
        return f"It says nothing of itself, so it is known by its name and {said or 'address'}."
    return f"It is known by {said}."


async def proved(radio: Radio, wanted: str, *shows: Show) -> tuple[Found, Fingerprint, Proof]:
    """Find it and listen until the proof is over; it changes nothing, here or on the machine.

    Each of `shows` is called several times a second; its speed is None while none comes. Failure,
    NotFound or one of ON_AIR otherwise.
    """
    found = await meant(radio, wanted)
    loop = asyncio.get_running_loop()
    proof, speed, begin = drawn(random.SystemRandom()), None, loop.time()
    heard = Millis(0)

    def now() -> Millis:
        return Millis(round((loop.time() - begin) * 1000))

    def hear(char: str, data: bytes) -> None:
        nonlocal proof, speed, heard
        event = read(char, data, now())
        if isinstance(event, Telemetry) and event.speed is not None:
            speed, heard = event.speed, event.t
            proof = saw(proof, event.t, event.speed)

    with held(radio, found):
        link = Connection(radio, found.device, hear, lambda *_: None)
        try:
            stage("connecting…")
            async with asyncio.timeout(SET_UP_WITHIN_S):
                await link.connect()
                fingerprint = await link.fingerprint()
                if fingerprint is None:
                    raise ConnectionResetError(_LOST)
                await link.subscribe(Characteristic.TREADMILL_DATA.uuid)
            begin = loop.time()
            link.listen()
            while True:
                proof = passed(proof, now())
                if link.lost.is_set() and not proof.over:
                    raise ConnectionResetError(_LOST)
                if now() - heard > STALE_MS:
                    speed = None
                for show in shows:
                    show(proof, speed)
                if proof.over:
                    return found, fingerprint, proof
                await asyncio.sleep(LOOK_S)
        finally:
            link.shut()
            await link.close()


class Talk:
    """The instructions, and under them the measured speed: on a terminal, a line that is kept."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._keeps = out.isatty()
        self._asked: tuple[str, int] | None = None
        self._speed: Speed | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def show(self, proof: Proof, speed: Speed | None) -> None:
        asked = (proof.wants, proof.done)
        if asked != self._asked:
            if self._asked is None:
                self._line(FIRST)
            self._asked = asked
            if not proof.over:
                self._line(asks(proof))
                self._speed = None
        if speed != self._speed and not proof.over:
            self._speed = speed
            measured = "    no speed comes from it"
            if speed is not None:
                measured = f"    measured: {kmh(speed):.2f} km/h"
            if self._keeps:
                self._put(f"\r\x1b[K{measured}")
            else:
                self._put(f"{measured}\n")

    def _line(self, text: str) -> None:
        self._clear()
        self._put(f"{text}\n")

    def _clear(self) -> None:
        if self._keeps:
            self._put("\r\x1b[K")

    def _put(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def asks(proof: Proof) -> str:
    """What the person does next."""
    n = f"{proof.done + 1} of {len(proof.asks)}"
    within = f"once, within {PRESS_WITHIN_MS // 1000} s"
    match proof.wants:
        case "moving":
            return "Start the belt on its own console, at its lowest speed."
        case "steady":
            return "Wait: press nothing until its speed is steady."
        case "up":
            return f"{n}: press + on its console now, {within}."
        case "down":
            return f"{n}: press − on its console now, {within}."
    return ""


class Hand:
    """The simulated runner, who presses as asked; without a simulated machine there is none."""

    def __init__(self, machine: "Peripheral | None", step: int = 10) -> None:
        self._machine = machine
        self._step = step
        self._asked: tuple[str, int] | None = None

    def show(self, proof: Proof, speed: Speed | None) -> None:
        asked = (proof.wants, proof.done)
        if self._machine is None or asked == self._asked:
            return
        self._asked = asked
        later, machine = asyncio.get_running_loop().call_later, self._machine
        match proof.wants:
            case "moving":
                later(HAND_S, lambda: machine.console(start=True))
            case "up" | "down" if speed is not None:
                pressed = speed + (self._step if proof.wants == "up" else -self._step)
                later(HAND_S, lambda: machine.console(kmh=kmh(pressed)))
