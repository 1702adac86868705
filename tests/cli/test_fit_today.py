"""Before a belt that a person stands on: red flags, each time; a yes starts nothing."""

from __future__ import annotations

import os
import pty
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Ran, Run

from treadguard.cli import dash, fit_today, hosting
from treadguard.cli.fit_today import NOT_ASKED, one_key
from treadguard.cli.hosting import host
from treadguard.cli.machines import Choice, choose
from treadguard.cli.taking_up import Wishes, state_path
from treadguard.guard.kept import Kept
from treadguard.routines.red_flags import red_flag_questions
from treadguard.session import state_file

ASKED = "Before the belt: is any of these so?"


class Terminal:
    """Somebody at the keys: what they press, and what was started."""

    def __init__(self, run: Run, monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
        self._run, self._monkeypatch, self.profile = run, monkeypatch, config / "profile.toml"
        self.keys: list[str] = []
        self.lines: list[str] = []
        self.started: list[list[str]] = []
        monkeypatch.setattr(fit_today, "one_key", lambda: self.keys.pop(0))
        monkeypatch.setattr(dash, "is_terminal", lambda: True)
        monkeypatch.setattr(dash, "together", self._together)
        monkeypatch.setattr("builtins.input", self._line)

    def _together(self, args: list[str], _: str) -> int:
        self.started.append(args)
        return 0

    def _line(self, _: str = "") -> str:
        if not self.lines:
            raise EOFError
        return self.lines.pop(0)

    def run(self, *args: str, treadmill: str = "My Pad") -> Ran:
        self._monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
        self._monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        return self._run("run", "--treadmill", treadmill, *args)


@pytest.fixture
def terminal(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(run, monkeypatch, tmp_path / "config" / "treadguard")
    yield made
    assert (made.keys, made.lines) == ([], [])


def test_the_questions_are_those_of_setup_and_the_posture_is_shown(terminal: Terminal) -> None:
    terminal.keys, terminal.lines = ["n"], [""]
    ended = terminal.run()
    assert ended.code == 0
    for flag in red_flag_questions():
        assert flag.question in " ".join(ended.out.split())
    assert "Chin in, neck long, eyes ahead." in ended.out
    assert "Belly lightly firm, back straight, no lean." in ended.out
    assert terminal.started == [["serve", "--treadmill=My Pad", "--asked"]]


def test_whose_limits_hold_is_said_before_the_key(terminal: Terminal) -> None:
    """H51."""
    terminal.keys, terminal.lines = ["n"], [""]
    nobodys = terminal.run().out
    assert "nobody in particular, at most 12 km/h and 10 %" in nobodys
    terminal.profile.parent.mkdir(parents=True)
    terminal.profile.write_text(
        'speed_max_kmh = 7.5\n[runner]\nconditions = ["sciatica", "facet"]\n'
        "[therapist]\ngrade_max_pct = 1.5\n"
    )
    terminal.keys, terminal.lines = ["n"], [""]
    out = terminal.run().out
    assert "at most 7.5 km/h and 1.5 %, for sciatica, facet. Not yours?" in out
    assert str(terminal.profile) in out
    assert out.index("Not yours?") < out.index(ASKED)


def test_a_policy_that_cannot_be_read_is_bad_input_before_anything_is_asked(
    terminal: Terminal, tmp_path: Path
) -> None:
    policy = tmp_path / "mine.toml"
    policy.write_text("nonsense = 1\n")
    ended = terminal.run("--policy", str(policy))
    assert (ended.code, ended.out) == (2, "")


def test_they_are_asked_each_time(terminal: Terminal) -> None:
    for _ in range(2):
        terminal.keys, terminal.lines = ["n"], [""]
        assert ASKED in terminal.run().out
    assert len(terminal.started) == 2


@pytest.mark.parametrize("number", range(1, 6))
def test_a_yes_starts_nothing_says_what_to_do_and_locks(terminal: Terminal, number: int) -> None:
    terminal.keys = [str(number)]
    ended = terminal.run()
    assert ended.code == 1
    assert red_flag_questions()[number - 1].then in " ".join(ended.out.split())
    assert "a symptom that a doctor must see" in ended.err
    assert tomllib.loads(terminal.profile.read_text())["runner"]["red_flag"] is True
    later = terminal.run()
    assert (later.code, ASKED in later.out) == (1, False)
    assert "then say so in 'treadguard setup'" in later.err
    assert terminal.started == []


def test_a_yes_to_no_number_gets_every_advice(terminal: Terminal) -> None:
    terminal.keys = ["y"]
    said = " ".join(terminal.run().out.split())
    assert all(flag.then in said for flag in red_flag_questions())
    assert terminal.started == []


def test_a_yes_keeps_the_rest_of_the_profile(terminal: Terminal) -> None:
    terminal.profile.parent.mkdir(parents=True)
    terminal.profile.write_text("speed_max_kmh = 5.0\n[runner]\nage = 40\n")
    terminal.keys = ["2"]
    terminal.run()
    assert tomllib.loads(terminal.profile.read_text()) == {
        "speed_max_kmh": 5.0,
        "runner": {"age": 40, "red_flag": True},
    }


def test_a_yes_that_cannot_be_written_down_starts_nothing(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fit_today, "write_profile", full)
    terminal.keys = ["1"]
    ended = terminal.run()
    assert ended.code == 1
    assert "nothing is started; it can't be written down either" in ended.err
    assert terminal.started == []


def test_any_other_key_is_no_answer(terminal: Terminal) -> None:
    terminal.keys, terminal.lines = ["\n", " ", "0", "6", "\x1b[15~", "no", "n"], [""]
    assert terminal.run().out.count("n = none of them") == 7


@pytest.mark.parametrize("gone", ["", "\x04"])
def test_a_terminal_that_goes_starts_nothing(terminal: Terminal, gone: str) -> None:
    terminal.keys = [gone]
    ended = terminal.run()
    assert ended.code == 1
    assert "nothing was started" in ended.err
    assert terminal.started == []


def test_one_that_goes_at_the_posture_starts_nothing_either(terminal: Terminal) -> None:
    terminal.keys = ["n"]
    assert terminal.run().code == 1
    assert terminal.started == []


def test_a_profile_that_cannot_be_read_is_bad_input_before_anything_is_asked(
    terminal: Terminal,
) -> None:
    terminal.profile.parent.mkdir(parents=True)
    terminal.profile.write_text("nonsense = 1\n")
    ended = terminal.run()
    assert (ended.code, ended.out) == (2, "")


def test_the_simulated_treadmill_and_a_mere_watcher_are_not_asked(terminal: Terminal) -> None:
    assert ASKED not in terminal.run(treadmill="sim").out
    assert ASKED not in terminal.run("--mode", "shadow").out
    assert len(terminal.started) == 2


def test_a_belt_that_was_left_moving_waits_for_no_answer(terminal: Terminal) -> None:
    state_file.save(state_path("AA:BB"), Kept(owed_stop=True))
    assert terminal.run().code == 0
    assert terminal.started == [["serve", "--treadmill=My Pad"]]


@pytest.mark.usefixtures("runtime")
@pytest.mark.parametrize(
    ("real", "wishes", "said"),
    [
        (True, Wishes("sim"), True),
        (True, Wishes("sim", asked=True), False),
        (True, Wishes("sim", mode="shadow"), False),
        (False, Wishes("sim"), False),
    ],
)
def test_where_nobody_was_asked_a_line_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, real: bool, wishes: Wishes, said: bool
) -> None:
    def chosen(*given: Any) -> Choice:
        return replace(choose(*given), is_real=real, key="pad")

    monkeypatch.setattr(hosting, "choose", chosen)
    monkeypatch.setattr(hosting, "battery", lambda: None)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")
    heard: list[str] = []
    host(replace(wishes, for_s=0.05), heard.append)
    assert (NOT_ASKED in heard) is said


def test_a_key_is_read_without_enter_and_what_was_typed_before_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        os.write(ours, b"n")  # typed ahead: it has read no question
        time.sleep(0.05)
        for sent, read in ((b"3", "3"), (b"N", "n"), (b"\x1b[15~", "\x1b[15~"), (b"no", "no")):
            timer = threading.Timer(0.3, os.write, (ours, sent))
            timer.start()
            assert one_key() == read
            timer.join()
        os.close(ours)
        assert one_key() == ""
