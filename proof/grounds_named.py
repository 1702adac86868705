"""What each word of the guard's must rest on: every reason of a command, and every alarm.

Each is a tuple of sets: of each set one kind of ground (grounds.py) must be there. The rule to
keep: all that the guard can say is here, and a word that isn't has no ground whatever happened.
"""

from __future__ import annotations

import re
from typing import Final

from proof.grounds import STOPS_BELT

Needs = tuple[frozenset[str], ...]


def _any(*kinds: str) -> Needs:
    return (frozenset(kinds),)


_PAIN: Final = _any("pain")
_STOP_PAIN: Final = _any("pain above 4")
_STARTS: Final = _any("started", "nobody's motion")
_DEAF: Final = _any("not following", "nobody's motion")
_FASTER: Final = _any("speed set", "faster")
_STEEPER: Final = _any("incline set", "steeper")
_HAND: Final = (_FASTER[0] | _STEEPER[0],)
_ABOVE: Final = (_HAND[0] | {"started", "nobody's motion", "link back"},)
_UNSEEN: Final = _any("silence", "link down", "no link")
_EASES: Final = frozenset({"pain", "asked to ease", "bent", "unrated"})
_BREAKS: Final = frozenset({"pain above 4", "leaning", "unrated"})
_OWED: Final = (frozenset({"no link"}), STOPS_BELT)

WHYS: Final[dict[str, Needs]] = {
    # asked for
    "consent": _any("asked to speed", "asked to incline", "plan goes up"),
    "wanted": _any("asked to speed", "asked to incline", "speed set", "faster", "plan falls"),
    "start": _any("asked to start"),
    "resume": _any("asked to resume"),
    "programme": _any("asked to programme"),
    "warm-up": _any("asked to warm-up"),
    "end": _any("asked to end", "programme's time", "therapist's time"),
    "the programme was over": _any("programme's time"),
    "the therapist's time was up": _any("therapist's time"),
    "the runner ended it": _any("asked to end"),
    "stop": _any("asked to stop", "asked to break", "old message", "slept", "leaves"),
    "link": _any("link up", "no link"),
    "control": _any("refused", "control lost"),
    # what clips and what backs off
    "cap": _ABOVE,
    "profile": _ABOVE,
    "ceiling": _ABOVE,
    "stage": _ABOVE,
    "pain": _PAIN,
    "ease": _any("asked to ease"),
    "posture": _any("bent"),
    "no rating": _any("unrated"),
    # what lets nothing be raised: a reason only in shadow
    "telemetry": _UNSEEN,
    "wrong way": _any("faster"),
    "pain before the start": _PAIN,
    "leaping speed": _any("leaping"),
    "held up": _any("lost time"),
    "break soon": _any("break soon"),
    # what asks for a belt at zero
    "break": (_BREAKS | {"asked to break", "break due", "started", "nobody's motion"},),
    "an old message": _any("old message"),
    "came back too fast": _any("link back", "faster", "started", "nobody's motion"),
    "console": (_HAND[0] | {"stopped at the console"},),
    "left moving": _any("restart"),
    "no telemetry": _UNSEEN,
    "not slowing": _DEAF,
    "owed stop": _any("owed"),
    "slower than the machine can": (_EASES | _FASTER[0],),
    "the link was gone for long": _any("link gone"),
    "the machine paused": _STARTS,
    "no motion seen": _any("no motion"),
    "the computer slept": _any("slept"),
    "sleep": _any("leaves"),
    "battery": _any("leaves"),
    "started unseen": _any("started"),
    "not stopping": _DEAF,
    "ended": _STARTS,
    "fault": _DEAF,
    # what ends the session, and the fault
    "lock": _STARTS,
    "safety key": _any("key"),
    "started against the break": _STARTS,
    "symptom": _any("symptom"),
    "the break was too long": _any("long break"),
    "too many breaks": (_BREAKS,),
    "the belt does not stop": _DEAF,
}
STOP_WHYS: Final[dict[str, Needs]] = {
    "pain": _STOP_PAIN,
    "posture": _any("leaning", "far over"),
    "control": _any("stop refused"),
}
"""What a Stop needs more than an easing of the same name."""

NO_STOP: Final = frozenset(
    {"consent", "wanted", "start", "resume", "programme", "warm-up", "end", "link", "ease"}
    | {"cap", "profile", "ceiling", "stage"}
)
"""They ask for something else than a belt at zero, or ease it."""

KEY_FIRST: Final = r"The belt may be moving: use the safety key or the console\."
ALARMS: Final[dict[str, Needs]] = {
    KEY_FIRST: _any("pain above 4", "symptom"),
    r"The break lasted too long: ": _any("long break"),
    r"The treadmill says it started, but shows no speed: ": _any("no motion"),
    r"The belt's speed is unknown\. ": _UNSEEN,
    r"The belt doesn't slow down: ": _DEAF,
    r"The belt doesn't stop: trying again\. ": _DEAF,
    r"The belt does not stop: pull the safety key now\.": _DEAF,
    r"The belt moves although the session has ended: ": _DEAF,
    r"The belt moves again: ": (_DEAF[0] | {"started", "speed set"},),
    r"No link: the Stop could not be sent\. ": _OWED,
    r"No link: ease down on ": (frozenset({"no link"}), _EASES),
    r"Press Stop, or pull the key: ": (STOPS_BELT,),
    r"That is one break too many ": (_BREAKS,),
    r"Pain \d+: the session ends\. ": _any("pain from 7"),
    r"An old message about pain arrived: ": _any("old message"),
    r"You are leaning far over: ": _any("far over"),
    r"The belt goes the wrong way: ": _any("faster"),
    r"The treadmill's speed makes no sense: ": _any("leaping"),
    r"The belt was found moving: ": _any("restart"),
    r"The belt came back at ": _any("link back", "faster", "started", "nobody's motion"),
    r"The console went up again above ": _FASTER,
    r"The console raised the incline again above ": _STEEPER,
    r"Another app took control ": _any("control lost"),
    r"Safety key pulled: ": _any("key"),
    r"The belt starts out of sight: ": _any("started"),
    r"The belt was started after the session had ended: ": _STARTS,
    r"The belt was started during the break: ": _STARTS,
    r"Started three times against the break: ": _STARTS,
    r"The computer slept for ": _any("slept"),
    r"The computer(?:'s battery is nearly empty| goes to sleep): ": _any("leaves"),
    r"treadguard was held up and sees no speed: ": _any("lost time"),
    r"The treadmill refused the Stop\. ": _any("stop refused"),
    # A symptom has any name, so that this comes last.
    r".+: the session ends\. (?:Stop, hold the rail|Hold the rail)": _any("symptom"),
}
NOTHING: Final[Needs] = (frozenset(),)


def of_alarm(say: str) -> Needs:
    """What an alarm must rest on, by how it begins."""
    return next((needs for begins, needs in ALARMS.items() if re.match(begins, say)), NOTHING)


def of_command(op: str, why: str) -> Needs:
    """What one reason of a command must rest on."""
    if op != "stop":
        return WHYS.get(why, NOTHING)
    return NOTHING if why in NO_STOP else STOP_WHYS.get(why, WHYS.get(why, NOTHING))
