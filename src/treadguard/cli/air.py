"""The air that a command looks into: an adapter of this computer, or the virtual radio.

Here: what scan, inspect, doctor and commission share: which radio, who may connect, and what went
wrong there as one sentence. The rule to keep: bumble is imported only where the virtual radio was
asked for, and no command connects to a treadmill that is being guarded.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, Final

import typer

from treadguard.cli.client import running
from treadguard.cli.failure import NO_BUMBLE, NO_SERVICE, Failure, bad_input
from treadguard.config.toml import printable
from treadguard.session.runtime import Claim, RuntimeRefused, TreadmillBusy, claim
from treadguard.sim.presets import preset_named
from treadguard.treadmill.connection import NoTreadmillError
from treadguard.treadmill.finding import Found, NotFound, find
from treadguard.treadmill.radio import Radio
from treadguard.treadmill.trouble import ON_AIR, in_words

if TYPE_CHECKING:
    from treadguard.sim.peripheral import Peripheral

SIM_RADIO: Final = "sim-radio"
_SIMULATED: Final = "treadguard sim"

Adapter = Annotated[
    str | None,
    typer.Option(metavar="hci0", help="The Bluetooth adapter; without it the first that is on."),
]


@asynccontextmanager
async def air(
    adapter: str | None, *, virtual: bool
) -> AsyncIterator[tuple[Radio, Peripheral | None]]:
    """The radio, and with the virtual one the simulated treadmill that is reached by it."""
    if not virtual:
        yield Radio(adapter), None
        return
    try:
        from treadguard.sim.over_radio import on_air
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "bumble":
            raise
        raise bad_input(NO_BUMBLE) from error
    async with on_air(preset_named("ideal")) as found:
        yield found


async def meant(radio: Radio, wanted: str) -> Found:
    """The treadmill of that name or address; "sim-radio" is the simulated one."""
    name = _SIMULATED if wanted == SIM_RADIO else wanted
    for service in running():
        if name.casefold() in (service.treadmill.casefold(), service.address.casefold()):
            raise Failure(
                NO_SERVICE,
                f"{service.treadmill} is being guarded, and nothing else may connect to it"
                " meanwhile: end that session first",
            )
    stage(f"looking for {wanted}…")
    return await find(radio, name)


def held(radio: Radio, found: Found) -> AbstractContextManager[Claim | None]:
    """While held, no session can begin on that treadmill: it has one connection to give."""
    if radio.client_type is not None:
        return nullcontext()
    return claim(printable(found.name) or found.address, found.address)


@contextmanager
def in_one_sentence(what: str) -> Iterator[None]:
    """Whatever goes wrong on the air becomes a Failure that begins with `what`, exit code 3."""
    try:
        yield
    except (NotFound, TreadmillBusy) as error:
        raise Failure(NO_SERVICE, printable(str(error))) from error
    except NoTreadmillError as error:
        raise Failure(NO_SERVICE, f"{what}: {error}") from error
    except RuntimeRefused as error:
        raise bad_input(str(error)) from error
    except ON_AIR as error:
        raise Failure(NO_SERVICE, f"{what}: {in_words(error)}") from error


def stage(text: str) -> None:
    """What it is doing now, for whoever waits; a result never stands here."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        pass  # nobody waits
