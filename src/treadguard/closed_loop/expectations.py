"""Whether a journal shows what a scenario expects.

Here: the judgement of each `[[expect]]` over finished journal lines, pure. Not here: the playing.
The rule to keep: an expectation is met by what was said and measured inside its window and by
nothing else; a command that shadow mode only wrote down was not given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from treadguard.closed_loop.in_words import said
from treadguard.journal import Line
from treadguard.scenario import Expect
from treadguard.units import kmh, millis_from_s, pct

Sample = tuple[int, int]
"""The belt's own speed at a time: ms, 0.01 km/h."""

_TEXT: Final = {"alarm": "say", "cue": "say", "veto": "why"}


@dataclass(frozen=True, slots=True)
class Judged:
    """One expectation, in words, and whether it was met; `found` says what there was instead."""

    what: str
    ok: bool
    found: str


def judge(expect: Expect, lines: Sequence[Line], belt: Sequence[Sample]) -> Judged:
    """Everything that `expect` names is in its window; with `never`, nothing of it is."""
    low, high = (millis_from_s(s) for s in expect.within_s)
    inside = [line for line in lines if low <= line["t"] <= high]
    met = []
    found = []
    for key in Expect.WHAT:
        if getattr(expect, key) is not None:
            one_met, one_found = _look(key, expect, lines, inside, belt)
            met.append(one_met)
            found.append(one_found)
    ok = not any(met) if expect.never else all(met)
    return Judged(_in_words(expect), ok, "" if expect.never and ok else "; ".join(found))


def _look(
    key: str,
    expect: Expect,
    lines: Sequence[Line],
    inside: Sequence[Line],
    belt: Sequence[Sample],
) -> tuple[bool, str]:
    wanted = getattr(expect, key)
    if key == "phase":
        phases = list(_phases(lines, inside, millis_from_s(expect.within_s[0])))
        return wanted in phases, f"phases: {', '.join(phases)}"
    if key == "max_speed_kmh":
        return _no_faster(wanted, expect, inside, belt)
    of_kind = [line for line in inside if line["kind"] == key]
    if key == "command":
        hits = [line for line in of_kind if _is_command(line, expect)]
    elif key == "verdict":
        hits = [line for line in of_kind if line["is"] == wanted]
    else:
        text = _TEXT[key]
        hits = [
            line
            for line in of_kind
            if wanted is True or str(wanted).casefold() in line[text].casefold()
        ]
    if hits:
        return True, f"at {hits[0]['t'] / 1000:g} s: {said(hits[0])}"
    others = "; ".join(f"at {line['t'] / 1000:g} s: {said(line)}" for line in of_kind[:5])
    return False, others or f"no {key}"


def _is_command(line: Line, expect: Expect) -> bool:
    if line["op"] != expect.command or line.get("shadow"):
        return False
    if expect.value_min is None and expect.value_max is None:
        return True
    if line["value"] is None:
        return False
    value = pct(line["value"]) if line["op"] == "set_incline" else kmh(line["value"])
    over = expect.value_min is None or value >= expect.value_min
    return over and (expect.value_max is None or value <= expect.value_max)


def _phases(lines: Sequence[Line], inside: Sequence[Line], low: int) -> Iterator[str]:
    """The phase held as the window opens, and each one entered in it."""
    held = "OFF"
    for line in lines:
        if line["t"] >= low:
            break
        if line["kind"] == "phase":
            held = line["to"]
    yield held
    yield from (line["to"] for line in inside if line["kind"] == "phase")


def _no_faster(
    most: float, expect: Expect, inside: Sequence[Line], belt: Sequence[Sample]
) -> tuple[bool, str]:
    low, high = (millis_from_s(s) for s in expect.within_s)
    speeds = [speed for t, speed in belt if low <= t <= high]
    speeds += [line["speed"] for line in inside if line["kind"] == "telemetry" and "speed" in line]
    if not speeds:
        return False, "no speed was measured"
    fastest = kmh(max(speeds))
    return fastest <= most, f"at most {fastest:g} km/h"


def _in_words(expect: Expect) -> str:
    parts = []
    for key in Expect.WHAT:
        value = getattr(expect, key)
        if value is None:
            continue
        if key == "max_speed_kmh":
            parts.append(f"at most {value:g} km/h")
        elif value is True:
            parts.append(f"any {key}")
        else:
            parts.append(f"{key} {value!r}" if key in _TEXT else f"{key} {value}")
    if expect.value_min is not None:
        parts.append(f"from {expect.value_min:g}")
    if expect.value_max is not None:
        parts.append(f"to {expect.value_max:g}")
    low, high = expect.within_s
    return f"{low:g}-{high:g} s: {'never ' if expect.never else ''}{', '.join(parts)}"
