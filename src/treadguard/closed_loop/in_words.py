"""Journal lines as a person reads them: on the terminal, and in the story of a play.

Here: wording alone. The rule to keep: a speed that was asked for is never worded as one that was
measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from treadguard.journal import Line
from treadguard.units import kmh, pct


def said(line: Line) -> str:
    """One output or human input in a few words; the kind's name for any other line."""
    match line["kind"]:
        case "command":
            return _command(line)
        case "verdict":
            return f"that command is {line['is']}"
        case "veto":
            return f"the gate refused {_op(line)}: {line['why']}"
        case "phase":
            return f"{line['from']} -> {line['to']}"
        case "cue" | "alarm":
            return str(line["say"])
        case "pain":
            return "pain button" if line["level"] is None else f"pain {line['level']}"
        case "symptom":
            return f"symptom {line['what']}"
        case "operator":
            return f"runner: {line['do']}{_value(line['do'], line['value'])}"
        case "link":
            return f"link {line['state']}"
        case "restart":
            return "the service starts again"
    return str(line["kind"])


_TOLD = ("command", "veto", "phase", "cue", "alarm", "pain", "symptom", "operator", "restart")


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened at `t` ms, of a journal line's kind, in a few words."""

    t: int
    kind: str
    text: str


def story(lines: Sequence[Line]) -> Iterator[str]:
    """What happened, a line each."""
    for moment in moments(lines):
        yield f"{seconds(moment.t)}  {moment.text}"


def seconds(t: int) -> str:
    """A time in ms as the first column of a story."""
    return f"{t / 1000:8.2f} s"


def moments(lines: Sequence[Line]) -> Iterator[Moment]:
    """What happened, in the journal's order; a ramp's many steps are one."""
    ramp: list[Line] = []
    for line in lines:
        kind = line["kind"]
        if kind not in (*_TOLD, "link"):
            continue
        step = kind == "command" and line["op"] in ("set_speed", "set_incline")
        if ramp and not (step and line["op"] == ramp[0]["op"]):
            yield _told(ramp)
            ramp = []
        if step:
            ramp.append(line)
        else:
            yield _told([line])
    if ramp:
        yield _told(ramp)


def _told(lines: Sequence[Line]) -> Moment:
    first, last = lines[0], lines[-1]
    mark = {"alarm": "ALARM: ", "cue": "cue: ", "command": "-> "}.get(first["kind"], "")
    text = said(first)
    if len(lines) > 1:
        text += f" … {_value(last['op'], last['value']).strip()} at {last['t'] / 1000:.2f} s"
    return Moment(first["t"], first["kind"], mark + text)


def _command(line: Line) -> str:
    why = f" ({', '.join(line['why'])})" if line["why"] else ""
    shadow = " (shadow: not sent)" if line.get("shadow") else ""
    return f"{_op(line)}{_value(line['op'], line['value'])}{why}{shadow}"


def _op(line: Line) -> str:
    return str(line["op"]).replace("_", " ")


def _value(what: str, value: int | None) -> str:
    if value is None:
        return ""
    return f" {pct(value):g} %" if "incline" in what else f" {kmh(value):g} km/h"
