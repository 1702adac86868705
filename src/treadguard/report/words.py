"""The guard's reasons, phases and numbers, as a physical therapist reads them.

Here: wording alone. Not here: which of it is told (summary.py, tables.py). The rules to keep:
every name that the guard can give as a reason has its sentence; none of them calls anything a
diagnosis; an unknown number is a dash, never a zero.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

from treadguard.report.session import Act
from treadguard.units import kmh, pct

UNKNOWN: Final = "–"

REASONS: Final = {
    # what clips and what backs off
    "cap": "It was faster or steeper than the caps in the settings.",
    "profile": "It was faster or steeper than the caps in the runner's profile.",
    "ceiling": "After a stop for pain, the rest of the session stays below the speed of that stop.",
    "stage": "After a break, the way back goes through two slower stages.",
    "pain": "The runner reported pain.",
    "ease": "The runner asked to make it easier.",
    "posture": "Leaning forward or looking down lasted too long, or went too far.",
    "no rating": "Questions about pain stayed without an answer.",
    # what lets nothing be raised
    "link": "The radio link to the treadmill was down.",
    "telemetry": "The treadmill had reported no speed for some seconds.",
    "control": "The treadmill did not take commands for a while.",
    "wrong way": "The belt's speed moved against what it was told.",
    "end": "The session was being ended, step by step.",
    "pain before the start": "Pain was reported before the belt moved.",
    "leaping speed": "The reported speed leapt as no belt can.",
    "held up": "The guarding computer was held up, and nobody watched the belt meanwhile.",
    "break soon": "A planned break was so near that nothing was raised before it.",
    # what asks for a belt at zero
    "break": "A break was due.",
    "stop": "A stop had been asked for.",
    "an old message": "A message from the network came late, and was taken as a plain stop.",
    "came back too fast": "After a stop the belt came back faster than allowed.",
    "console": "Somebody drove the treadmill from its own console.",
    "left moving": "The belt was found moving after a crash, and nobody took it over.",
    "no telemetry": "The belt's speed stayed unknown.",
    "not slowing": "The belt did not slow down as it was told.",
    "not stopping": "The belt did not stop as it was told, so the Stop was sent again.",
    "owed stop": "A Stop that could not be sent before was still owed.",
    "slower than the machine can": "What was allowed is slower than this treadmill's slowest.",
    "the link was gone for long": "The radio link had been gone for long.",
    "the machine paused": "The treadmill went to zero by itself.",
    "no motion seen": "The treadmill said that it had started, but reported no motion.",
    "started unseen": "The belt started while its speed was not to be seen.",
    "the computer slept": "The guarding computer slept beside a moving belt.",
    "sleep": "The guarding computer was about to sleep.",
    "battery": "The guarding computer's battery was nearly empty.",
    # what ends the session, and the fault
    "not cleared": "What the profile says speaks against a treadmill until a professional agrees.",
    "lock": "A lock that an earlier warning sign had left was in force.",
    "safety key": "The safety key was pulled.",
    "started against the break": "The belt was started from its console against the break.",
    "symptom": "The runner reported a symptom.",
    "the break was too long": "The break lasted longer than one session allows.",
    "the runner ended it": "The runner ended the session.",
    "the programme was over": "The programme was over.",
    "the therapist's time was up": "The time that the therapist set was up.",
    "too many breaks": "Pain stopped the belt more often than one session allows.",
    "the belt does not stop": "The belt did not stop, whatever was sent.",
    "ended": "The belt moved although the session had ended.",
    "fault": "The belt moved although treadguard had given it up.",
    # what the runner did
    "consent": "The runner asked for it.",
    "wanted": "It was what the runner wanted.",
    "start": "The runner started the belt.",
    "resume": "The runner went on after a stop.",
    "programme": "The runner began the programme, or went on with it.",
    "warm-up": "The runner started with a warm-up.",
}

PHASES: Final = {
    "OFF": "no connection",
    "READY": "ready, belt at rest",
    "STARTING": "starting",
    "RUNNING": "running",
    "STOPPING": "stopping",
    "PAUSED": "paused",
    "BREAK": "break",
    "ENDED": "session ended",
    "FAULT": "fault: the belt did not obey",
    "LOST": "unknown: the belt may have moved",
}

MODES: Final = {
    "guard": "guard: the runner sets the speed, treadguard lowers and stops",
    "shadow": "shadow: treadguard only said what it would do, and moved nothing",
}


def reason(name: str) -> str:
    """One reason as a sentence; a name of another version is given as it stands."""
    return REASONS.get(name, f"The guard's reason: {name}.")


def doing(act: Act) -> str:
    """What the guard told the treadmill, or in shadow mode would have told it."""
    match act.op:
        case "stop":
            what = "the belt to stop"
        case "set_incline":
            what = "the treadmill to lower the incline"
        case _:
            what = "the belt to slow down"
    return f"{'Would have told' if act.shadow else 'Told'} {what}"


def change(act: Act) -> str:
    """From what was measured to what was asked for."""
    if act.op == "set_incline":
        return f"{grade(act.before)} → {grade(act.to)} %"
    return f"{speed(act.before)} → {speed(act.to or 0)} km/h"


def speed(value: int | None) -> str:
    """0.01 km/h as km/h, without its unit: 5.2, and 5.25 where it is that."""
    if value is None:
        return UNKNOWN
    return f"{kmh(value):.1f}" if value % 10 == 0 else f"{kmh(value):.2f}"


def grade(value: int | None) -> str:
    """0.1 % as %, without its unit."""
    return UNKNOWN if value is None else f"{pct(value):.1f}"


def angle(value: int | None) -> str:
    """0.1 degree as whole degrees, without its unit."""
    return UNKNOWN if value is None else f"{round(value / 10)}"


def clock(t: int) -> str:
    """A time of the session, in ms, as 4:05 or 1:04:05."""
    minutes, seconds = divmod(t // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def lasting(ms: int) -> str:
    """A length of time, in words."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (seconds, "s")]
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or "0 s"


def times(n: int) -> str:
    """How often, in words."""
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def many(n: int, one: str, more: str | None = None) -> str:
    """1 break, 2 breaks."""
    return f"{n} {one if n == 1 else more or f'{one}s'}"


def level(pain: int | None) -> str:
    """A rating; the bare button gives none."""
    return "button" if pain is None else str(pain)


def at_home(moment: datetime, zone: tzinfo | None) -> datetime:
    """A moment in this zone; without one, in that of this computer."""
    return moment.astimezone(zone)


def day(moment: datetime) -> str:
    """Sunday 26 July 2026."""
    return f"{moment:%A} {moment.day} {moment:%B %Y}"


def zone_of(moment: datetime) -> str:
    """The zone of a moment with its distance from UTC: CEST, UTC+02:00."""
    offset = f"UTC{moment:%z}"
    offset = f"{offset[:6]}:{offset[6:8]}" if moment.utcoffset() else "UTC"
    name = moment.tzname() or ""
    return offset if name.startswith("UTC") or not name else f"{name}, {offset}"
