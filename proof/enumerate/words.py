"""What was put out, as a line: in full for the digest, in short for people.

The rule to keep: numbers that only count (of commands) never make two lines differ.
"""

from __future__ import annotations

from dataclasses import replace

from treadguard.guard import events as ev

SHORT = 28
NO_MORE = "The programme goes up no more by itself"
"""What follows is a reason."""

_MEMO: dict[ev.Output, tuple[str, str]] = {}


def _full(o: ev.Output) -> str:
    match o:
        case ev.Command(_, op, value, why, shadow, attempt):
            return f"command {op} {value} {why} {shadow} {min(attempt, 4)}"
        case ev.Verdict(_, is_):
            return f"verdict {is_}"
        case _:
            return repr(o)


def _short(o: ev.Output) -> str | None:
    match o:
        case ev.Command(_, op, value, _, shadow, attempt):
            number = "" if op != "stop" or attempt == 1 else f" no. {min(attempt, 4)}"
            number = f" {value / 100:g}" if op == "set_speed" and value is not None else number
            return f"{'(shadow) ' if shadow else ''}{op.upper()}{number}"
        case ev.Verdict(_, is_):
            return is_
        case ev.PhaseChange(_, to):
            return f"-> {to}"
        case ev.LimitChange(speed, _, may, belt, _):
            return f"limit {speed / 100:g}{'' if may else ' no raise'} {belt}"
        case ev.Alarm(say, level):
            return f'alarm {level} "{say[:SHORT]}"'
        case ev.Cue(say):
            return f'cue "{say[:SHORT]}"'


def _both(o: ev.Output) -> tuple[str, str]:
    found = _MEMO.get(o)
    if found is None:
        found = _MEMO[o] = (_full(o), _short(o) or "")
    return found


def said(out: tuple[ev.Output, ...]) -> str:
    """All of it."""
    return "; ".join([_both(o)[0] for o in out])


def words(out: tuple[ev.Output, ...]) -> str:
    """What a reviewer needs: commands, alarms, phases, limits; each but once in a row."""
    short: list[str] = []
    for o in out:
        line = _both(o)[1]
        if not isinstance(o, ev.Cue | ev.LimitChange) and short[-1:] != [line]:
            short.append(line)
    return ", ".join(short) or "nothing"


def _without_reason(o: ev.Output) -> ev.Output:
    if isinstance(o, ev.Command):
        return replace(o, why=())
    return ev.Cue(NO_MORE) if isinstance(o, ev.Cue) and o.say.startswith(NO_MORE) else o


def meaning(out: tuple[ev.Output, ...]) -> list[str]:
    """What a state in normal form must put out alike: all but reasons, and how many verdicts.

    Limits are said anew where a reason changes; they are compared as a part of the state.
    """
    lines: list[str] = []
    for o in out:
        if isinstance(o, ev.LimitChange):
            continue
        line = _full(_without_reason(o))
        if lines[-1:] != [line]:
            lines.append(line)
    return lines
