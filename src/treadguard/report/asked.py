"""What was allowed and asked for in the course of a session, and what stayed in doubt.

Here: limits and commands as values that hold until the next one, refused and unclear commands, and
lost links. Not here: what was measured (session.py). The rule to keep: what was asked for is no
measurement, and in shadow mode nothing was asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from treadguard.closed_loop.in_words import said
from treadguard.journal import Line

SAFETY_KEY: Final = 3
"""The FTMS machine status of a pulled safety key (FTMS table 4.16)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """From `t` ms on: a speed in 0.01 km/h and a grade in 0.1 %. None: nothing that is known."""

    t: int
    speed: int | None
    grade: int | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """At `t` ms something wasn't sent, wasn't followed, or wasn't seen; in words."""

    t: int
    what: str
    outcome: str


def allowed(lines: Sequence[Line]) -> Iterator[Setting]:
    """The limits, one after the other. Where the belt is to stand, the speed is 0."""
    for line in lines:
        if line["kind"] == "limit":
            runs = line["belt"] == "RUN"
            yield Setting(line["t"], line["speed"] if runs else 0, line["incline"])


def commanded(lines: Sequence[Line]) -> Iterator[Setting]:
    """What was written to the treadmill. After a start it goes at its own slowest."""
    speed: int | None = None
    grade: int | None = None
    for line in lines:
        if line["kind"] == "restart":
            speed = grade = None
        elif line["kind"] == "command" and not line.get("shadow"):
            match line["op"]:
                case "set_speed":
                    speed = line["value"]
                case "set_incline":
                    grade = line["value"]
                case "stop":
                    speed = 0
                case "start":
                    speed = None
                case _:
                    continue
        else:
            continue
        yield Setting(line["t"], speed, grade)


def doubts(lines: Sequence[Line]) -> Iterator[Doubt]:
    """Commands that were refused or of which nobody knows what came, and lost links."""
    sent = {line["seq"]: line for line in lines if line["kind"] == "command"}
    for line in lines:
        if line["kind"] == "veto":
            what = str(line["op"]).replace("_", " ")
            yield Doubt(line["t"], what, f"not sent, by the last check: {line['why']}")
        elif line["kind"] == "link" and line["state"] == "down":
            yield Doubt(line["t"], "the radio link", "lost")
        elif line["kind"] == "link" and line["generation"] > 1:
            yield Doubt(line["t"], "the radio link", "back")
        elif line["kind"] == "verdict" and line["is"] != "confirmed" and line["of"] in sent:
            command = sent[line["of"]]
            outcome = (
                "the treadmill refused it"
                if line["is"] == "rejected"
                else "the treadmill was not seen to follow"
            )
            yield Doubt(command["t"], said(command), outcome)


def key_pulls(lines: Sequence[Line]) -> Iterator[int]:
    """When the treadmill said that its safety key was pulled, in ms."""
    for line in lines:
        if line["kind"] == "machine" and line.get("status") == SAFETY_KEY:
            yield line["t"]
