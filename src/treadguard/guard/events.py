"""What the guard hears and what it says.

Inputs and outputs are frozen values in the core's integer units; their names are the journal's
kinds (DESIGN.md section 6.2). How they are written as JSON is journal.py's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from treadguard.units import Decideg, Grade, Millis, Speed

Role = Literal["local", "remote"]
Op = Literal["request_control", "set_speed", "set_incline", "start", "stop"]
Verdict_ = Literal["confirmed", "rejected", "unknown"]
ConsentFor = Literal["start", "resume", "speed", "incline", "programme"]
OperatorDo = Literal[
    "start",
    "resume",
    "speed",
    "incline",
    "stop",
    "break",
    "end",
    "ease",
    "unlock",
    "programme",
    "warm-up",
    "vary",
    "quiet",
]
HostWhat = Literal["sleep", "battery"]
PhaseName = Literal[
    "OFF",
    "READY",
    "STARTING",
    "RUNNING",
    "STOPPING",
    "PAUSED",
    "BREAK",
    "ENDED",
    "FAULT",
    "LOST",
]

# ---------------------------------------------------------------- inputs


@dataclass(frozen=True, slots=True)
class Telemetry:
    """One Treadmill Data notification, decoded on its own. None is unknown, never zero.

    An implausible value is dropped before it gets here (invariant I18).
    """

    t: Millis
    speed: Speed | None = None
    incline: Grade | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """How a control-point command ended on the wire: FTMS result code, or what went wrong.

    Every command gets exactly one; "timeout" says that no answer came within its deadline.
    """

    t: Millis
    op: Op
    result: int | Literal["timeout", "att_error"]


@dataclass(frozen=True, slots=True)
class Ranges:
    """Supported speed and incline ranges as read from the machine; None where it has none."""

    speed_min: Speed | None = None
    speed_max: Speed | None = None
    speed_step: int | None = None
    incline_min: Grade | None = None
    incline_max: Grade | None = None
    incline_step: int | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine says of itself: a 2ADA status, a 2AD3 training status, or its ranges.

    Exactly one of `status`, `training`, `ranges` is set. `status` and `training` are the FTMS
    codes; `value` is the status's parameter (0.01 km/h for 05, 0.1 % for 06, 1 stop / 2 pause
    for 02), None where it was missing.
    """

    t: Millis
    status: int | None = None
    value: int | None = None
    training: int | None = None
    ranges: Ranges | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """The radio link came up or went down. `generation` counts connections, from 1."""

    t: Millis
    up: bool
    generation: int


@dataclass(frozen=True, slots=True)
class Pain:
    """A rating 0-10, or None for the bare button (pain of unknown height)."""

    t: Millis
    level: int | None
    source: str = "local"
    role: Role = "local"
    retained: bool = False
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Symptom:
    """A named symptom; see rules/symptoms.py for the words. Unknown words count as red flags."""

    t: Millis
    what: str
    source: str = "local"
    role: Role = "local"
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Posture:
    """One posture sample: angles, and what `strides` strides since the last one showed.

    `asym`: how much longer or harder one foot is used than the other, 0.1 %. `lumbar`: how far the
    lower back is hollowed.
    """

    t: Millis
    trunk: Decideg | None = None
    neck: Decideg | None = None
    asym: int | None = None
    strides: int | None = None
    source: str = "local"
    lumbar: Decideg | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A human's leave for one raise or one start: local, single use, bound to a connection.

    `target` is in the unit of the axis (None for start and resume). One for a programme covers the
    start and every raise that it states; `target` is then the fastest it goes, None for the one
    that the session was begun with.
    """

    t: Millis
    id: str
    for_: ConsentFor
    target: int | None
    expires: Millis
    generation: int


@dataclass(frozen=True, slots=True)
class Operator:
    """Something the runner asks for. `value` is in the unit of the axis."""

    t: Millis
    do: OperatorDo
    value: int | None = None
    role: Role = "local"


@dataclass(frozen=True, slots=True)
class Clock:
    """Nobody watched for `lost` ms: the host was suspended (`slept`), or the process held up.

    `t` has all of that time in it: it is counted on a clock that goes on in a suspend.
    """

    t: Millis
    lost: Millis
    slept: bool


@dataclass(frozen=True, slots=True)
class Host:
    """The computer is about to leave: it goes to sleep, or its battery is nearly empty."""

    t: Millis
    what: HostWhat


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passes."""

    t: Millis


@dataclass(frozen=True, slots=True)
class Veto:
    """The gate refused the command just put out."""

    t: Millis
    op: Op
    why: str


Event = (
    Telemetry
    | Answer
    | Machine
    | Link
    | Pain
    | Symptom
    | Posture
    | Consent
    | Operator
    | Clock
    | Host
    | Tick
    | Veto
)

# ---------------------------------------------------------------- outputs


@dataclass(frozen=True, slots=True)
class Command:
    """A control-point command to be written now. `n` numbers the commands of a session from 1.

    `value`: 0.01 km/h for set_speed, 0.1 % for set_incline, None otherwise. `shadow`: it is
    written down, not sent. `attempt`: 1 for a first Stop, 2 and 3 for the ladder's repeats.
    """

    n: int
    op: Op
    value: int | None
    why: tuple[str, ...]
    shadow: bool = False
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """How command number `of` ended, judged by telemetry."""

    of: int
    is_: Verdict_


@dataclass(frozen=True, slots=True)
class PhaseChange:
    """The session moved from one phase to another."""

    from_: PhaseName
    to: PhaseName


@dataclass(frozen=True, slots=True)
class LimitChange:
    """What is allowed has changed. Speeds 0.01 km/h, inclines 0.1 %, `belt` by name."""

    speed: Speed
    incline: Grade
    may_raise: bool
    belt: Literal["RUN", "STOP", "END", "FAULT"]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """Something to say to the runner, in plain words."""

    say: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something the runner must hear now. Level 1 warns, level 2 is loud."""

    say: str
    level: int = 2


Output = Command | Verdict | PhaseChange | LimitChange | Cue | Alarm
