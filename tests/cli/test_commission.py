"""`treadguard commission --prove`: a runner presses, and the wrong belt doesn't pass."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from tests.cli.conftest import Run

from treadguard.cli import commission as command
from treadguard.cli.air import meant
from treadguard.cli.commission import FIRST, Hand, Show, Talk, asks, proved
from treadguard.ftms.characteristics import Characteristic
from treadguard.session import virtual_time
from treadguard.sim.faults import Fault
from treadguard.sim.over_radio import ADDRESS, on_air
from treadguard.sim.peripheral import Peripheral
from treadguard.sim.presets import PRESETS, preset_named
from treadguard.treadmill.finding import Found
from treadguard.treadmill.fingerprint import Fingerprint
from treadguard.treadmill.proof import Ask, Proof
from treadguard.treadmill.proven import entry_of, load, proven_file
from treadguard.treadmill.radio import Radio
from treadguard.units import Millis, Speed

SAID = Fingerprint("Maker", firmware="1.0")


@pytest.fixture(autouse=True)
def in_virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "run", virtual_time.run)


def proof_with(
    hand: Callable[[Peripheral], Show], preset: str = "ideal", *faults: Fault
) -> tuple[Proof, list[bytes]]:
    """How it ends with that hand at the console, and what was written to the machine."""
    written: list[bytes] = []

    async def go() -> Proof:
        async with on_air(preset_named(preset), faults=faults) as (radio, machine):
            machine.written = lambda frame, _: written.append(frame)
            *_, proof = await proved(radio, ADDRESS, hand(machine))
            return proof

    return virtual_time.run(go()), written


def a_neighbour(
    *presses: tuple[float, float],
) -> Callable[[Peripheral], Show]:
    """A belt at 3 km/h under somebody who presses at those times, whatever is asked for."""

    def hand(machine: Peripheral) -> Show:
        later = asyncio.get_running_loop().call_later
        machine.console(start=True)
        later(5, lambda: machine.console(kmh=3.0))
        for at_s, kmh in presses:
            later(at_s, partial(machine.console, kmh=kmh))
        return lambda *_: None

    return hand


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.usefixtures("runtime")
def test_the_belt_that_follows_its_console_is_proven_and_nothing_is_sent(preset: str) -> None:
    step = PRESETS[preset].speed_step
    proof, written = proof_with(lambda machine: Hand(machine, step).show, preset)
    assert proof.wants == "proven"
    assert written == []


@pytest.mark.parametrize(
    "presses",
    [
        (),
        ((16.0, 4.0),),
        tuple((20.0 + 5 * n, 3.5 + n / 2) for n in range(10)),
        tuple((20.0 + 7 * n, 3.0 - n / 5) for n in range(10)),
    ],
    ids=["steady", "faster once", "faster and faster", "slower and slower"],
)
@pytest.mark.usefixtures("runtime")
def test_a_neighbours_belt_isnt_proven(presses: tuple[tuple[float, float], ...]) -> None:
    proof, written = proof_with(a_neighbour(*presses))
    assert proof.wants == "failed"
    assert "nothing was proven" in proof.why
    assert written == []


@pytest.mark.usefixtures("runtime")
def test_a_belt_that_nobody_starts_isnt_proven() -> None:
    proof, _ = proof_with(lambda _: lambda *_: None)
    assert proof.wants == "failed"
    assert "start it on its own console" in proof.why


@pytest.mark.usefixtures("runtime")
def test_a_lost_connection_proves_nothing() -> None:
    gone = Fault(at_ms=Millis(12_000), for_ms=Millis(1_000), where="link", kind="off")
    with pytest.raises(ConnectionResetError, match="was lost before the proof was done"):
        proof_with(lambda machine: Hand(machine).show, "ideal", gone)


@pytest.mark.usefixtures("runtime")
def test_a_speed_that_has_grown_old_isnt_shown_as_measured() -> None:
    shown: list[Speed | None] = []

    def hand(machine: Peripheral) -> Show:
        machine.console(start=True)
        return lambda _, speed: shown.append(speed)

    silent = Fault(at_ms=Millis(8_000), for_ms=Millis(200_000), where="telemetry", kind="off")
    assert proof_with(hand, "ideal", silent)[0].wants == "failed"
    assert Speed(100) in shown
    assert shown[-1] is None


# ---------------------------------------------------------------- the command


def test_on_the_virtual_radio_a_simulated_runner_presses(run: Run) -> None:
    ended = run("commission", "--prove", "--treadmill", "sim-radio")
    assert ended.code == 0
    lines = [line for line in ended.out.splitlines() if "measured" not in line]
    assert lines[: FIRST.count("\n") + 1] == FIRST.splitlines()
    assert [line[:14] for line in lines[FIRST.count("\n") + 1 :]] == [
        "Start the belt",
        "Wait: press no",
        "1 of 4: press ",
        "Wait: press no",
        "2 of 4: press ",
        "Wait: press no",
        "3 of 4: press ",
        "Wait: press no",
        "4 of 4: press ",
        "proven: treadg",
    ]
    assert load(proven_file()) == {}


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Callable[[Proof], None]:
    """The proof of a real treadmill ends like this."""

    def as_if(proof: Proof) -> None:
        async def proved(*_: Any) -> tuple[Found, Fingerprint, Proof]:
            device: Any = None
            found = Found(device, "Pad", "AA:BB", -50, ftms=True, treadmill=True)
            return found, SAID, proof

        monkeypatch.setattr(command, "proved", proved)

    return as_if


def test_what_is_proven_is_remembered(run: Run, ends: Callable[[Proof], None]) -> None:
    ends(replace(START, wants="proven"))
    ended = run("commission", "--prove", "--treadmill", "Pad")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("proven: Pad (AA:BB) is yours")
    assert "It is known by maker Maker, firmware 1.0. When that changes," in ended.out
    entry = entry_of(proven_file(), "aa:bb")
    assert entry is not None
    assert (entry.name, entry.fingerprint) == ("Pad", SAID)


@pytest.mark.usefixtures("runtime")
def test_what_it_says_of_itself_is_asked_on_the_way() -> None:
    async def go() -> Fingerprint:
        async with on_air(preset_named("ideal")) as (radio, machine):
            machine.says(Characteristic.FIRMWARE, "1.0")
            _, said, _ = await proved(radio, ADDRESS, Hand(machine).show)
            return said

    assert virtual_time.run(go()) == Fingerprint("treadguard", "ideal", "1", "1", "1.0", "1")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Fingerprint(), "It says nothing of itself, so it is known by its name and address."),
        (Fingerprint(speeds="1 to 6 km/h by 0.1"), "by its name and speed range 1 to 6 km/h by"),
    ],
)
def test_a_machine_that_says_nothing_is_known_by_the_rest(said: Fingerprint, words: str) -> None:
    assert words in command._known_by(said)


def test_what_isnt_proven_says_why_and_changes_nothing(
    run: Run, ends: Callable[[Proof], None]
) -> None:
    ends(replace(START, wants="failed", why="it went up where down was asked for"))
    ended = run("commission", "--prove", "--treadmill", "Pad")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "treadguard: not proven: it went up where down was asked for.\n"
    assert not proven_file().exists()


def test_ctrl_c_leaves_without_a_change(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "proved", interrupted)
    ended = run("commission", "--prove", "--treadmill", "sim-radio")
    assert ended.code not in (0, 3)
    assert "Traceback" not in ended.err
    assert not proven_file().exists()


@pytest.mark.parametrize(
    "args",
    [
        ["--treadmill", "sim-radio"],
        ["--prove"],
        ["--prove", "--treadmill", "sim-radio", "--nonsense"],
    ],
)
def test_bad_usage_is_exit_2(run: Run, args: list[str]) -> None:
    assert run("commission", *args).code == 2


def test_without_prove_it_says_that_there_is_no_more(run: Run) -> None:
    assert "add --prove" in run("commission", "--treadmill", "sim-radio").err


def test_a_treadmill_out_of_reach_is_exit_3(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def proved(radio: Radio, *_: Any) -> None:
        await meant(radio, "Nobody's")

    monkeypatch.setattr(command, "proved", proved)
    ended = run("commission", "--prove", "--treadmill", "sim-radio")
    assert ended.code == 3
    assert 'no treadmill "Nobody\'s" was heard' in ended.err


def test_help_has_an_example(run: Run) -> None:
    assert "Example: treadguard commission --prove" in run("commission", "--help").out


# ---------------------------------------------------------------- the talk


START = Proof((Ask("up", 3000), Ask("down", 3000), Ask("up", 3000), Ask("up", 3000)))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_speed_is_one_line_that_is_cleared_at_the_end() -> None:
    out = Terminal()
    with Talk(out) as talk:
        talk.show(START, None)
        talk.show(START, Speed(100))
        talk.show(START, Speed(100))
        talk.show(START, Speed(110))
    clear = "\r\x1b[K"
    line = "    measured: {:.2f} km/h"
    start = f"{clear}{FIRST}\n{clear}{asks(START)}\n"
    assert out.getvalue() == (f"{start}{clear}{line.format(1.0)}{clear}{line.format(1.1)}{clear}")


def test_a_speed_that_stays_away_is_said_once() -> None:
    out = io.StringIO()
    with Talk(out) as talk:
        for speed in (None, Speed(100), None, None):
            talk.show(START, speed)
    assert out.getvalue().splitlines()[-2:] == [
        "    measured: 1.00 km/h",
        "    no speed comes from it",
    ]


def test_in_a_file_each_new_speed_is_a_line() -> None:
    out = io.StringIO()
    with Talk(out) as talk:
        for speed in (100, 100, 110):
            talk.show(replace(START, wants="steady"), Speed(speed))
    assert out.getvalue().splitlines()[-2:] == [
        "    measured: 1.00 km/h",
        "    measured: 1.10 km/h",
    ]
