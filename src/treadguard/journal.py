"""One journal line <-> one event or output, exactly (DESIGN.md section 6.2).

Here: the line format, pure. Not here: numbering (kernel.py), files (session/recorder.py), what a
damaged file means (replay/reader.py). The rule to keep: `event_of(decoded(line)) == event` for
every event, bit for bit, because replay rests on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal, assert_never

import msgspec

from treadguard.config import (
    ConfigError,
    past_policy,
    past_profile,
    policy_as_toml_dict,
    policy_from_dict,
    profile_as_toml_dict,
    profile_from_dict,
)
from treadguard.guard.events import (
    Alarm,
    Answer,
    Clock,
    Command,
    Consent,
    Cue,
    Event,
    Host,
    LimitChange,
    Link,
    Machine,
    Operator,
    Output,
    Pain,
    PhaseChange,
    Posture,
    Symptom,
    Telemetry,
    Tick,
    Verdict,
    Veto,
)
from treadguard.guard.kept import Kept
from treadguard.guard.plan import Plan
from treadguard.guard.policy import Policy, Profile
from treadguard.units import decideg_from_deg

JOURNAL_VERSION: Final = 1

Mode = Literal["guard", "shadow"]
Line = dict[str, Any]

_encode: Final = msgspec.json.Encoder().encode

INPUT_KINDS: Final[Mapping[str, type[Event]]] = {
    "telemetry": Telemetry,
    "answer": Answer,
    "machine": Machine,
    "link": Link,
    "pain": Pain,
    "symptom": Symptom,
    "posture": Posture,
    "consent": Consent,
    "operator": Operator,
    "clock": Clock,
    "host": Host,
    "tick": Tick,
}
"""What the shell feeds. A `veto` is fed too, but by the kernel, so replay recomputes it."""

OUTPUT_KINDS: Final = frozenset({"command", "verdict", "veto", "phase", "limit", "cue", "alarm"})
"""What replay recomputes. An alarm with a `from` is the service's own and isn't among them."""


class BadLine(ValueError):
    """A line that isn't what the contract says; the text is one sentence without its place."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a session starts from: everything beside the inputs that decides its outputs."""

    session: str
    started: str
    treadguard: str
    mode: Mode
    treadmill: str
    is_real: bool
    proven: bool
    policy: Policy
    profile: Profile
    initial: Kept
    programme: Plan | None = None


# ---------------------------------------------------------------- writing


def input_line(event: Event, seq: int) -> bytes:
    """The line of one event that the guard sees, veto included."""
    match event:
        case Tick(t):
            return b'{"seq":%d,"t":%d,"kind":"tick"}' % (seq, t)
        case Telemetry(t, speed, incline):
            return _known(seq, t, "telemetry", speed=speed, incline=incline)
        case Answer(t, op, result):
            return _line(seq, t, "answer", op=op, result=result)
        case Machine(t, status, value, training, ranges):
            return _known(
                seq,
                t,
                "machine",
                status=status,
                value=value,
                training=training,
                ranges=None if ranges is None else msgspec.to_builtins(ranges),
            )
        case Link(t, up, generation):
            return _line(seq, t, "link", state="up" if up else "down", generation=generation)
        case Pain(t, level, source, role, retained, id_):
            return _line(
                seq, t, "pain", level=level, source=source, role=role, retained=retained, id=id_
            )
        case Symptom(t, what, source, role, retained):
            return _line(seq, t, "symptom", what=what, source=source, role=role, retained=retained)
        case Posture(t, trunk, neck, asym, strides, source, lumbar):
            return _known(
                seq,
                t,
                "posture",
                trunk_deg=None if trunk is None else trunk / 10,
                neck_deg=None if neck is None else neck / 10,
                asym_pct=None if asym is None else asym / 10,
                strides=strides,
                source=source,
                lumbar_deg=None if lumbar is None else lumbar / 10,
            )
        case Consent(t, id_, for_, target, expires, generation):
            more = {"id": id_, "for": for_, "target": target, "expires": expires}
            return _line(seq, t, "consent", **more, generation=generation)
        case Operator(t, do, value, role):
            return _line(seq, t, "operator", do=do, value=value, role=role)
        case Clock(t, lost, slept):
            return _line(seq, t, "clock", lost=lost, slept=slept)
        case Host(t, what):
            return _line(seq, t, "host", what=what)
        case Veto(t, op, why):
            return _line(seq, t, "veto", op=op, why=why)
    assert_never(event)


def output_line(output: Output, seq: int, t: int, refers_to: int) -> bytes:
    """The line of one output.

    `refers_to`: a command's cause (seq of the input), a verdict's `of` (seq of the command);
    unused by the rest.
    """
    match output:
        case Command(_, op, value, why, shadow, attempt):
            line: Line = {"op": op, "value": value, "cause": refers_to, "why": why}
            if attempt != 1:
                line["attempt"] = attempt
            if shadow:
                line["shadow"] = True
            return _line(seq, t, "command", **line)
        case Verdict(_, is_):
            return _line(seq, t, "verdict", of=refers_to, **{"is": is_})
        case PhaseChange(from_, to):
            return _line(seq, t, "phase", **{"from": from_}, to=to)
        case LimitChange(speed, incline, may_raise, belt, why):
            return _line(
                seq,
                t,
                "limit",
                speed=speed,
                incline=incline,
                may_raise=may_raise,
                belt=belt,
                why=why,
            )
        case Cue(say):
            return _line(seq, t, "cue", say=say)
        case Alarm(say, level):
            return _line(seq, t, "alarm", say=say, level=level)
    assert_never(output)


def service_alarm_line(say: str, seq: int, t: int) -> bytes:
    """An alarm raised by the service, not by the guard: replay passes over it."""
    return _line(seq, t, "alarm", say=say, level=2, **{"from": "service"})


def restart_line(kept: Kept, seq: int, t: int) -> bytes:
    """The same journal goes on after a crash, from this state."""
    return _line(seq, t, "restart", initial_state=msgspec.to_builtins(kept))


def end_line(summary: Mapping[str, object], seq: int, t: int) -> bytes:
    """The last line of a session that ended in order."""
    return _line(seq, t, "end", summary=summary)


def header_line(header: Header) -> bytes:
    """Line 1. The machine's ranges come in a `machine` line."""
    return _encode(
        {
            "kind": "header",
            "journal": JOURNAL_VERSION,
            "session": header.session,
            "started": header.started,
            "treadguard": header.treadguard,
            "mode": header.mode,
            "treadmill": {"name": header.treadmill, "is_real": header.is_real, "ranges": None},
            "proven": header.proven,
            "programme": msgspec.to_builtins(header.programme),
            "policy": policy_as_toml_dict(header.policy),
            "profile": profile_as_toml_dict(header.profile),
            "initial_state": msgspec.to_builtins(header.initial),
        }
    )


def _line(seq: int, t: int, kind: str, **more: object) -> bytes:
    return _encode({"seq": seq, "t": t, "kind": kind, **more})


def _known(seq: int, t: int, kind: str, **more: object) -> bytes:
    """Leaves out what is unknown: absent is unknown, never zero."""
    line: Line = {"seq": seq, "t": t, "kind": kind}
    for key, value in more.items():
        if value is not None:
            line[key] = value
    return _encode(line)


# ---------------------------------------------------------------- reading


def decoded(raw: bytes) -> Line:
    """One line as JSON; BadLine when it isn't an object with a kind."""
    try:
        line = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadLine("it isn't JSON") from None
    if not isinstance(line, dict) or not isinstance(line.get("kind"), str):
        raise BadLine("it isn't an object with a kind")
    return line


def canonical(line: Line) -> bytes:
    """Equal for two lines exactly when they say the same: 1, 1.0 and true are three things."""
    return msgspec.json.encode(line, order="sorted")


def event_of(line: Mapping[str, Any]) -> Event:
    """The event that an input line (or a veto line) was written from."""
    kind = line["kind"]
    type_: Any = Veto if kind == "veto" else INPUT_KINDS.get(kind)
    if type_ is None:
        raise BadLine(f"{kind!r} isn't a kind of input")
    body = {key: value for key, value in line.items() if key not in ("seq", "kind")}
    for written, field, of_written in _RENAMED.get(kind, ()):
        if field in body:
            raise BadLine(f"a {kind} line has no key {field!r}")
        if written in body:
            try:
                body[field] = of_written(body.pop(written))
            except (TypeError, ValueError, KeyError):
                raise BadLine(f"its {written!r} isn't one that treadguard writes") from None
    unknown = set(body) - {field.name for field in fields(type_)}
    if unknown:
        raise BadLine(f"a {kind} line has no key {min(unknown)!r}")
    return _converted(body, type_)  # type: ignore[no-any-return]


def header_of(line: Mapping[str, Any], *, exact: bool = True) -> Header:
    """The session's start from line 1.

    With `exact` its settings must be this version's, key by key. Without it others are read as far
    as they mean something today: enough to tell of the session, and not to recompute it.
    """
    if line.get("kind") != "header":
        raise BadLine("it isn't a journal's header")
    if line.get("journal") != JOURNAL_VERSION:
        raise BadLine(
            f"it is of journal version {line.get('journal')!r},"
            f" and this treadguard reads version {JOURNAL_VERSION}"
        )
    treadmill = line.get("treadmill")
    if not isinstance(treadmill, dict):
        raise BadLine("its treadmill isn't an object")
    flat = {key: line[key] for key in _PLAIN if key in line}
    flat |= {"treadmill": treadmill.get("name"), "is_real": treadmill.get("is_real")}
    flat["programme"] = line.get("programme")
    plain: Header = _converted({**flat, "policy": {}, "profile": {}, "initial": {}}, Header)
    if not exact:
        return replace(
            plain,
            policy=_taken(line.get("policy"), "policy", past_policy),
            profile=_taken(line.get("profile"), "profile", past_profile),
            initial=kept_of(line, exact=False),
        )
    return replace(
        plain,
        policy=_setting(line.get("policy"), "policy", policy_from_dict, policy_as_toml_dict),
        profile=_setting(line.get("profile"), "profile", profile_from_dict, profile_as_toml_dict),
        initial=kept_of(line),
    )


def kept_of(line: Mapping[str, Any], *, exact: bool = True) -> Kept:
    """The `initial_state` of a header or a restart line; `exact` as in `header_of`."""
    found = line.get("initial_state")
    if not exact:
        return _converted(found, Kept)  # type: ignore[no-any-return]
    return _whole(found, Kept, "initial_state")  # type: ignore[no-any-return]


def _setting(
    found: object, name: str, read: Callable[[Any], Any], write: Callable[[Any], dict[str, Any]]
) -> Any:
    """Policy or profile as its file would say it, whole and in the same words."""
    value = _taken(found, name, read)
    if canonical({name: found}) != canonical({name: write(value)}):
        raise BadLine(f"its {name} was written by another version of treadguard")
    return value


def _taken(found: object, name: str, read: Callable[[Any], Any]) -> Any:
    if not isinstance(found, dict):
        raise BadLine(f"its {name} isn't an object")
    try:
        return read(found)
    except ConfigError as error:
        raise BadLine(f"its {name} can't be taken ({error})") from None


def _whole(found: object, type_: Any, name: str) -> Any:
    """Nothing added, nothing missing: a number that this version would ignore changes the run."""
    value = _converted(found, type_)
    written = {name: msgspec.to_builtins(value)}
    if not isinstance(found, dict) or canonical({name: found}) != canonical(written):
        raise BadLine(f"its {name} was written by another version of treadguard")
    return value


def _converted(body: object, type_: Any) -> Any:
    try:
        return msgspec.convert(body, type_)
    except msgspec.ValidationError as error:
        raise BadLine(f"it doesn't hold what its kind says ({error})") from None


def _up(state: str) -> bool:
    return {"up": True, "down": False}[state]


def _tenths(value: float) -> int:
    tenths = decideg_from_deg(value)
    if tenths / 10 != value:
        raise ValueError(value)
    return tenths


_RENAMED: Final[Mapping[str, tuple[tuple[str, str, Callable[[Any], object]], ...]]] = {
    "link": (("state", "up", _up),),
    "posture": (
        ("trunk_deg", "trunk", _tenths),
        ("neck_deg", "neck", _tenths),
        ("asym_pct", "asym", _tenths),
        ("lumbar_deg", "lumbar", _tenths),
    ),
    "consent": (("for", "for_", lambda value: value),),
}
_PLAIN: Final = ("session", "started", "treadguard", "mode", "proven")
