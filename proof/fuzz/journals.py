"""Targets for the journal: the tolerant reader, and the exact check.

The rule to keep: what a journal's reader took is what the journal says, and a check that says
"equal" notices when one output is changed.
"""

from __future__ import annotations

import json
from typing import Any, Final

from proof.fuzz.settings import within_hard_limits
from proof.fuzz.target import Target, file_of, refused_well
from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile
from treadguard.journal import (
    INPUT_KINDS,
    BadLine,
    Header,
    decoded,
    event_of,
    header_line,
    header_of,
    input_line,
)
from treadguard.replay.check import check
from treadguard.replay.reader import DamagedJournal, Journal, read

_HEADER: Final = header_line(
    Header(
        session="fuzz",
        started="2000-01-01T00:00:00+00:00",
        treadguard="0",
        mode="guard",
        treadmill="simulated",
        is_real=False,
        proven=True,
        policy=Policy(),
        profile=Profile(),
        initial=Kept(),
    )
)


def _journal(data: bytes) -> None:
    """The file as it is."""
    try:
        found = read(file_of(data, "journal.jsonl"))
    except DamagedJournal as error:
        refused_well(error)
        return
    assert found.torn == (found.sound_bytes < len(data))
    for note in found.notes:
        refused_well(f"{note}.")
    assert [line["seq"] for line in found.lines] == [*range(1, len(found.lines) + 1)]
    times = [line["t"] for line in found.lines]
    assert times == sorted(times)
    sound = read(file_of(data[: found.sound_bytes], "journal.jsonl"))
    assert not sound.torn
    assert (sound.header, sound.lines) == (found.header, found.lines)
    within_hard_limits(found.header.policy, found.header.profile)
    assert header_of(decoded(header_line(found.header))) == found.header
    _events_come_back(found)


def _events_come_back(found: Journal) -> None:
    for line in found.lines:
        if line["kind"] not in INPUT_KINDS:
            continue
        try:
            event = event_of(line)
        except BadLine as error:
            refused_well(f"{error}.")
        else:
            assert event_of(decoded(input_line(event, line["seq"]))) == event


def _check(data: bytes) -> None:
    """Lines without their header, numbered anew, so that a mutation reaches the guard."""
    lines = _numbered(data)
    path = file_of(_file(lines), "journal.jsonl")
    try:
        report = check(path)
    except DamagedJournal as error:
        refused_well(error)
        return
    refused_well(report.sentence)
    if not report.ok:
        return
    assert report.compared > 0, "nothing was compared, and all is said to be equal"
    at = next(n for n, line in enumerate(lines) if line["kind"] in ("command", "limit", "phase"))
    for changed in ([*lines[:at], *_again(lines[at + 1 :], -1)], _bent(lines, at)):
        assert _differs(changed), f"line {at + 2} is left out or changed, and all is said to equal"


def _differs(lines: list[dict[str, Any]]) -> bool:
    try:
        return not check(file_of(_file(lines), "journal.jsonl")).ok
    except DamagedJournal:
        return True


def _numbered(data: bytes) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    t = 0
    for text in data.split(b"\n"):
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(line, dict):
            now = line.get("t")
            t = max(t, now) if type(now) is int else t
            lines.append({**line, "seq": len(lines) + 1, "t": t})
    return lines


def _again(lines: list[dict[str, Any]], by: int) -> list[dict[str, Any]]:
    return [{**line, "seq": line["seq"] + by} for line in lines]


def _bent(lines: list[dict[str, Any]], at: int) -> list[dict[str, Any]]:
    return [*lines[:at], {**lines[at], "why": ["nothing"], "to": "OFF"}, *lines[at + 1 :]]


def _file(lines: list[dict[str, Any]]) -> bytes:
    return b"\n".join((_HEADER, *(json.dumps(line).encode() for line in lines), b""))


_WORDS: Final = (
    *(f'"kind":"{kind}"' for kind in INPUT_KINDS),
    *('"kind":"command"', '"kind":"restart"', '"kind":"end"', '"role":"remote"', '"level":5'),
    *('"speed":500', '"state":"down"', '"t":600000', "null", "-1", "99999999999999999999"),
)

TARGETS: Final = (
    Target("journal", "text", _journal, 6000, _WORDS),
    Target("check", "text", _check, 6000, _WORDS),
)
