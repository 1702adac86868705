"""Which treadmill a word on the command line means, and what drives it.

Here: the choice between the simulated treadmill, the same over a virtual radio, and a real one by
name or address. Not here: the session on it (hosting.py). The rule to keep: bleak and bumble are
imported only where they are asked for, and a scenario never reaches a real belt.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from treadguard.cli.failure import NO_BUMBLE, NO_SERVICE, Failure, bad_input
from treadguard.closed_loop.scenario_player import faults_of
from treadguard.scenario import Scenario
from treadguard.sim.direct import DirectTreadmill
from treadguard.sim.faults import Fault
from treadguard.sim.machine import SimulatedMachine
from treadguard.sim.presets import Preset, preset_named
from treadguard.treadmill.protocol import Treadmill

if TYPE_CHECKING:
    from treadguard.treadmill.finding import Found
    from treadguard.treadmill.fingerprint import Fingerprint
    from treadguard.treadmill.radio import Radio

SIMULATED = ("sim", "sim-radio")

Check = Callable[[bytes], str | None]
Say = Callable[[str], None]
Driven = AbstractAsyncContextManager[tuple[Treadmill, SimulatedMachine | None]]


@dataclass(frozen=True, slots=True)
class Choice:
    """One treadmill. `key` names its lock, state and journals: the address of a real one.

    `drive` makes the treadmill and, of a simulated one, the machine that a scenario lays hands on.
    `recognise` asks a proven one, over a connection of its own, whether it is still as it was, and
    is the choice that follows: the same, or the same machine unproven.
    """

    key: str
    name: str
    is_real: bool
    proven: bool
    drive: Callable[[Check, Say], Driven]
    recognise: Callable[[Say], Choice] | None = None


def choose(word: str, adapter: str | None, script: Scenario | None, say: Say) -> Choice:
    """Failure with exit code 3 where there is no such treadmill, or no way to look for it."""
    if word == "sim":
        return _direct(script)
    if word == "sim-radio":
        return _over_virtual_radio(script) if adapter is None else _over_far_radio(adapter, script)
    if script is not None:
        raise bad_input(f"a scenario is played on the simulated treadmill only, never on {word!r}")
    return _real(word, adapter, say)


def _direct(script: Scenario | None) -> Choice:
    preset, quirks, faults, seed = _machine(script)

    @asynccontextmanager
    async def drive(check: Check, _: Say) -> AsyncIterator[tuple[Treadmill, SimulatedMachine]]:
        treadmill = DirectTreadmill(preset, check=check, quirks=quirks, faults=faults, seed=seed)
        yield treadmill, treadmill

    name = f"the simulated treadmill ({preset.name})"
    return Choice("sim", name, is_real=False, proven=True, drive=drive)


def _over_virtual_radio(script: Scenario | None) -> Choice:
    preset, quirks, faults, seed = _machine(script)
    try:
        from treadguard.sim.over_radio import over_radio
    except ModuleNotFoundError as error:
        raise bad_input(NO_BUMBLE) from error

    def drive(check: Check, say: Say) -> Driven:
        return over_radio(preset, check=check, say=say, quirks=quirks, faults=faults, seed=seed)

    name = f"the simulated treadmill ({preset.name}) over the virtual radio"
    return Choice("sim-radio", name, is_real=False, proven=True, drive=drive)


def _over_far_radio(adapter: str, script: Scenario | None) -> Choice:
    given = re.fullmatch(r"tcp-client:127\.0\.0\.1:([0-9]{1,5})", adapter)
    if given is None:
        raise bad_input(
            f"the virtual radio knows no adapter {adapter!r}: leave --adapter out, or say where"
            " another process has one, tcp-client:127.0.0.1:PORT"
        )
    if script is not None:
        raise bad_input("a scenario brings its own machine: leave --adapter out")
    try:
        from treadguard.sim.over_radio import FAR_NAME, over_far_radio
    except ModuleNotFoundError as error:
        raise bad_input(NO_BUMBLE) from error
    port = int(given[1])

    @asynccontextmanager
    async def drive(check: Check, say: Say) -> AsyncIterator[tuple[Treadmill, None]]:
        async with AsyncExitStack() as stack:
            try:
                far = over_far_radio(port, check=check, say=say)
                treadmill = await stack.enter_async_context(far)
            except (OSError, OverflowError) as error:
                sentence = f"there is no virtual radio at {adapter}: start its process first"
                raise Failure(NO_SERVICE, sentence) from error
            yield treadmill, None

    return Choice("sim-radio", FAR_NAME, is_real=False, proven=True, drive=drive)


def _machine(script: Scenario | None) -> tuple[Preset, tuple[str, ...], tuple[Fault, ...], int]:
    if script is None:
        return preset_named("ideal"), (), (), 0
    machine = script.machine
    return preset_named(machine.preset), machine.quirks, faults_of(script), script.seed


def _real(word: str, adapter: str | None, say: Say) -> Choice:
    from treadguard.treadmill import finding, proven
    from treadguard.treadmill.offer import read_fingerprint
    from treadguard.treadmill.radio import Radio
    from treadguard.treadmill.trouble import ON_AIR, in_words

    radio = Radio(adapter)
    try:
        found = asyncio.run(finding.find(radio, word))
    except finding.NotFound as error:
        raise Failure(NO_SERVICE, str(error)) from error
    except ON_AIR as error:
        raise Failure(NO_SERVICE, f"no treadmill can be looked for: {in_words(error)}") from error
    entry = proven.entry_of(proven.proven_file(), found.address)
    why = proven.doubt(entry)
    if entry is None or why is not None:
        say(_only_watched(found, why))
        return _reached(radio, found, None)

    def recognise(say: Say) -> Choice:
        said = asyncio.run(read_fingerprint(radio, found.address))
        # What can't be asked now is asked on each connection, and only a Stop goes out before.
        why = None if said is None else proven.changed(entry, found.name, said)
        if why is None:
            return guarded
        say(_only_watched(found, why))
        return _reached(radio, found, None)

    guarded = replace(_reached(radio, found, entry.fingerprint), recognise=recognise)
    return guarded


def _reached(radio: Radio, found: Found, fingerprint: Fingerprint | None) -> Choice:
    """A real one; without the fingerprint of its proof it is only watched."""
    from treadguard.treadmill.over_bleak import BleakTreadmill

    name, proven = found.name or found.address, fingerprint is not None

    @asynccontextmanager
    async def drive(check: Check, say: Say) -> AsyncIterator[tuple[Treadmill, None]]:
        yield (
            BleakTreadmill(
                radio,
                found.address,
                name,
                check=check,
                proven=proven,
                say=say,
                fingerprint=fingerprint,
            ),
            None,
        )

    return Choice(found.address, name, is_real=True, proven=proven, drive=drive)


def _only_watched(found: Found, why: str | None) -> str:
    return (
        f"{found.name or found.address} {why}, so treadguard only watches it and sends your own"
        f" Stop: treadguard commission --prove --treadmill {found.address}"
    )
