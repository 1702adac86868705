"""The short form: presses over the real driver, and bugs in it that the judge must find."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from proof.radio_presses import CLASSES, STOP_WITHIN_MS, Figures, Outcome, main, run
from proof.radio_sessions import drawn, play

from proof import radio_presses
from treadguard.guard.acts import Turn
from treadguard.guard.events import Command
from treadguard.treadmill import commands
from treadguard.treadmill.commands import Commands
from treadguard.treadmill.connection import Connection

SEEDS = (*range(8), 14, 47, 862, 1443, 1612, 1954)
Plant = Callable[[pytest.MonkeyPatch], None]


@cache
def session(seed: int) -> Outcome:
    return run(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_press_breaches_its_deadline(seed: int) -> None:
    assert session(seed).figures.breaches == [], session(seed).command


def test_the_sessions_meet_every_class() -> None:
    figures = Figures()
    for seed in SEEDS:
        figures.add(session(seed).figures)
    assert [name for name in CLASSES if not figures.presses[name]] == []
    assert 0 < figures.worst["fair: Stop"] <= STOP_WITHIN_MS


def test_another_process_gets_the_same_bytes() -> None:
    code = "from proof.radio_sessions import *; print(*(play(drawn(n)).digest for n in (1, 5)))"
    # Each process orders a set of names in its own way.
    env = {**os.environ, "PYTHONHASHSEED": "1"}
    theirs = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    assert theirs.stdout.decode().split() == [play(drawn(seed)).digest for seed in (1, 5)]


# ---------------------------------------------------------------- planted


def stop_waits_its_turn(patch: pytest.MonkeyPatch) -> None:
    """Behind a write that may never be answered, like any other command."""
    put = Commands.put

    def queued(self: Commands, command: Command, frame: bytes) -> None:
        if command.op == "stop" and self._flying:
            self._waiting[command.op] = commands._Sent(command, frame)
        else:
            put(self, command, frame)

    patch.setattr(Commands, "put", queued)


def no_deadline(patch: pytest.MonkeyPatch) -> None:
    """A write hangs for the 30 s that BlueZ waits."""
    patch.setattr(commands, "WRITE_WITHIN_S", 30.0)


def owed_stop_dropped(patch: pytest.MonkeyPatch) -> None:
    """The first Stop on a connection that isn't the first one goes nowhere."""
    put, made, eaten = Connection.put, list[Connection](), set[int]()

    def dropping(self: Connection, command: Command, frame: bytes) -> bool:
        if self not in made:
            made.append(self)
        number = made.index(self)
        if command.op == "stop" and number > 0 and number not in eaten:
            eaten.add(number)
            return True
        return put(self, command, frame)

    patch.setattr(Connection, "put", dropping)


def no_alarm(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Turn, "alarm", lambda *_: None)


def slow_stop(patch: pytest.MonkeyPatch) -> None:
    """Every Stop is thought over for a little longer than it may be."""
    put = Connection.put

    def thinking(self: Connection, command: Command, frame: bytes) -> bool:
        if command.op == "stop":
            asyncio.get_running_loop().call_later(0.55, put, self, command, frame)
            return True
        return put(self, command, frame)

    patch.setattr(Connection, "put", thinking)


def raise_kept_for_later(patch: pytest.MonkeyPatch) -> None:
    """The last speed is written again on each new connection."""
    connect = Connection.take_commands
    last = list[tuple[Command, bytes]]()
    put = Connection.put

    def noting(self: Connection, command: Command, frame: bytes) -> bool:
        if command.op == "set_speed":
            faster = int.from_bytes(frame[1:], "little") + 50
            last[:] = [(command, frame[:1] + faster.to_bytes(2, "little"))]
        return put(self, command, frame)

    def again(self: Connection, **given: Any) -> None:
        connect(self, **given)
        for command, frame in last:
            put(self, command, frame)

    patch.setattr(Connection, "put", noting)
    patch.setattr(Connection, "take_commands", again)


@pytest.mark.parametrize(
    ("plant", "seed", "says"),
    [
        (stop_waits_its_turn, 11, "pending: no Stop, and the link is given up"),
        (no_deadline, 5, "pending: no Stop, and the link is given up"),
        (owed_stop_dropped, 7, "link again at"),
        (no_alarm, 1, "and alarm after None"),
        (slow_stop, 9, "fair: Stop after"),
        (raise_kept_for_later, 7, "is taken after the press"),
    ],
)
def test_a_planted_bug_is_found(
    plant: Plant, seed: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert session(seed).figures.breaches == []
    plant(monkeypatch)
    assert any(says in what for _, what in run(seed).figures.breaches)


# ---------------------------------------------------------------- the program


def test_it_ends_with_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--sessions", "1", "--seed", "1", "--json"])
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code == 0
    assert summary["sessions"] == 1
    assert summary["violations"] == 0
    assert summary["failing_seeds"] == []


def test_a_breach_fails_it_and_says_how_to_repeat_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slow_stop(monkeypatch)
    assert main(["--sessions", "1", "--seed", "9"]) == 1
    assert "-m proof.radio_presses --sessions 1 --seed 9 --verbose" in capsys.readouterr().err


def test_a_class_that_was_never_met_fails_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(radio_presses, "run", lambda seed: Outcome(seed, Figures(), 0.0))
    assert main(["--sessions", "2"]) == 1
    assert "no press was met in the class 'fair'" in capsys.readouterr().err
