"""Before a belt that a person stands on: whose limits these are, the red flags, how to stand.

Here: the asking on a terminal, and what a yes leaves behind. Not here: the questions
(routines/red_flags.py), the refusal of later starts (config/runner.py). The rules to keep: they are
asked before each session, no setting leaves them out, and only a fresh key of its own is a no.
"""

from __future__ import annotations

import os
import sys
import termios
import tty
from pathlib import Path
from typing import Final

from treadguard.cli.failure import CHECK_FAILED, Failure, bad_input
from treadguard.cli.folded import print_folded
from treadguard.config import (
    ConfigError,
    Runner,
    effective,
    user_policy,
    user_profile,
    user_profile_path,
)
from treadguard.config.runner import profile_file
from treadguard.config.toml import Table, merged, read_toml
from treadguard.config.writing import write_profile
from treadguard.routines.library import library
from treadguard.routines.red_flags import RedFlag, red_flag_questions
from treadguard.units import kmh, pct

NOT_ASKED: Final = (
    "Nobody was asked about red flags before this start: 'treadguard symptom --help' names them,"
    " and each locks."
)
_NONE: Final = "n"
_SOME: Final = "y"
_GONE: Final = ("", "\x04")
"""The terminal has gone, or Ctrl-D."""


def red_flags_first(policy: Path | None) -> None:
    """Return once none is so today. Failure where one is, and from then on at every start.

    `policy`: the file that the command line names.
    """
    why = _runner().refuses_to_start
    if why is not None:
        raise Failure(CHECK_FAILED, why)
    print_folded([whose_limits(policy), ""], 2)
    flags = _asked()
    if not flags:
        return
    print_folded(["", *dict.fromkeys(flag.then for flag in flags)], 2)
    try:
        write_profile(user_profile_path(), merged(_profile(), {"runner": {"red_flag": True}}))
    except OSError as error:
        raise Failure(
            CHECK_FAILED,
            "nothing is started; it can't be written down either, so stay off the belt until a"
            f" doctor has seen you ({user_profile_path()}: {error.strerror})",
        ) from error
    raise Failure(CHECK_FAILED, f"no session is started: {_runner().refuses_to_start}")


def whose_limits(policy: Path | None) -> str:
    """Whose numbers will hold, so that nobody else runs under them (H51); Failure for bad files."""
    path = user_profile()
    try:
        found = effective(policy or user_policy(), path)
    except ConfigError as error:
        raise bad_input(str(error)) from error
    caps, own = found.policy.caps, found.profile
    speed, grade = min(caps.speed, own.speed_max or caps.speed), caps.grade
    if own.grade_max is not None:
        grade = min(grade, own.grade_max)
    most = f"at most {kmh(speed):g} km/h and {pct(grade):g} %"
    if path is None:
        return f"The limits of nobody in particular, {most}: 'treadguard setup' makes them yours."
    backs = ", ".join(found.runner.conditions)
    return (
        f"The limits of {path}: {most}{', for ' if backs else ''}{backs}. Not yours? Ctrl-C, and"
        " 'treadguard setup' from an account of your own on this computer: limits, locks and"
        " history are one runner's."
    )


def posture_check(*, wait: bool) -> None:
    """Say how to stand. `wait`: a screen follows that would hide it, so Enter is waited for."""
    check = library()["posture-check"]
    print_folded(["", f"{check.name}:", *(f"  {move.say}" for move in check.moves)], 4)
    if wait:
        try:
            input("Enter goes on, Ctrl-C leaves it. ")
        except EOFError:
            raise Failure(CHECK_FAILED, "nothing was started") from None


def _profile() -> Table:
    path = user_profile_path()
    try:
        return read_toml(path) if path.exists() else {}
    except ConfigError as error:
        raise bad_input(str(error)) from error


def _runner() -> Runner:
    try:
        return profile_file(_profile(), str(user_profile_path()))[1]
    except ConfigError as error:
        raise bad_input(str(error)) from error


def _asked() -> tuple[RedFlag, ...]:
    """Those that may be so."""
    asked = red_flag_questions()
    numbered = {str(number): flag for number, flag in enumerate(asked, 1)}
    print_folded(
        [
            "Before the belt: is any of these so?",
            *(f"  {n}  {numbered[n].question}" for n in numbered),
        ],
        5,
    )
    prompt = f"n = none of them; y, or a number from 1 to {len(asked)} = yes: "
    while True:
        print(prompt, end="", flush=True)
        key = one_key()
        print(key if key.isprintable() else "")
        if key in _GONE:
            raise Failure(CHECK_FAILED, "the question wasn't answered, and nothing was started")
        if key == _NONE:
            return ()
        if key == _SOME:
            return asked
        if key in numbered:
            return (numbered[key],)


def one_key() -> str:
    """The next key on the terminal, without Enter; what was typed before the question is dropped.

    "" once the terminal has gone. Keys that send more than one character come whole, and so does
    what is pasted: none of it is a key of ours.
    """
    fd = sys.stdin.fileno()
    try:
        before = termios.tcgetattr(fd)
        tty.setcbreak(fd, termios.TCSAFLUSH)
        try:
            return os.read(fd, 64).decode("utf-8", "replace").lower()
        finally:
            termios.tcsetattr(fd, termios.TCSANOW, before)
    except (OSError, termios.error):
        return ""
