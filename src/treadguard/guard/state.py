"""The guard's whole state: one value, compared and hashed by its contents.

step() works on a copy of its own; nobody else ever changes a State. Sub-values are frozen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from treadguard.guard.belt import Machine, Measured
from treadguard.guard.console import Console
from treadguard.guard.credible import Credible
from treadguard.guard.events import Consent, LimitChange, PhaseName
from treadguard.guard.follow import Follow
from treadguard.guard.incline import GradeWatch, SetLower
from treadguard.guard.kept import Kept
from treadguard.guard.limits import FREE, Limit, cap, meet
from treadguard.guard.plan import Course, Plan, warmed
from treadguard.guard.policy import HARD_GRADE, HARD_SPEED, Policy, Profile
from treadguard.guard.ramp import Axis
from treadguard.guard.rules.asymmetry import Asymmetry
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.rules.breaks import Breaks
from treadguard.guard.rules.corrections import Corrections
from treadguard.guard.rules.pain import Pain
from treadguard.guard.rules.posture import Posture
from treadguard.guard.rules.ratings import Ratings
from treadguard.guard.rules.reminders import Reminders
from treadguard.units import Millis

Mode = Literal["guard", "shadow"]


@dataclass(unsafe_hash=True)
class State:
    """Everything that a decision rests on.

    `rest`, `ended`, `fault`: why the belt must stand, None where it need not. `waiting`: pain
    rated before the belt moves that a start must wait for. `barred`: why nothing is raised in this
    session any more. `owed_until`: a Stop that the gate refused goes out on motion until then.
    `owed_at`: after a reconnect an owed Stop goes out then, unless the belt is known to stand.
    `left_moving`, `orphan`: the belt was left moving by a process that died. `unasked`: the belt
    is stopping by itself, no Stop of ours is called for. `since`: since when each reason of the
    limit has held. `speed_seen`, `grade_seen`: how far the measured values can be believed.
    `said_stopped`, `said_started`: the machine has named it so since our Stop, our Start.
    `key_out`: it has said that the safety key was pulled, and of no start since.
    `held_up`: time was lost then, and no newer speed has shown that all is well. `caps`: the limit
    of policy and profile, which never changes; `met`: the last meet of all. `plan`: the programme
    that the session was begun with; `course`: the plan under way. `ran`: ms of moving belt so far;
    `break_from`: that of the last rest, from which the next planned break counts; `cold`: that of
    the process's begin, from which a warm-up does. `eased_speed`, `eased_grade`: as far down as a
    programme was backed off (0.01 km/h, 0.1 %): it goes no higher by itself. `ending`: since when
    an end in order is under way, and what `ended` will say of it.
    """

    policy: Policy
    profile: Profile
    shadow: bool
    caps: Limit = FREE
    now: Millis = Millis(0)
    phase: PhaseName = "OFF"
    machine: Machine = field(default_factory=Machine)
    link: bool = False
    generation: int = 0
    link_t: Millis = Millis(0)
    measured: Measured = field(default_factory=Measured)
    speed_seen: Credible = field(default_factory=Credible)
    grade_seen: Credible = field(default_factory=Credible)
    held_up: Millis | None = None
    speed: Axis = field(default_factory=Axis)
    grade: Axis = field(default_factory=Axis)
    pain: Pain = field(default_factory=Pain)
    ease: Backoff | None = None
    ratings: Ratings = field(default_factory=Ratings)
    posture: Posture = field(default_factory=Posture)
    asymmetry: Asymmetry = field(default_factory=Asymmetry)
    breaks: Breaks = field(default_factory=Breaks)
    corrections: Corrections = field(default_factory=Corrections)
    reminders: Reminders = field(default_factory=Reminders)
    plan: Plan | None = None
    course: Course | None = None
    ran: int = 0
    break_from: int = 0
    cold: int = 0
    eased_speed: int = HARD_SPEED
    eased_grade: int = HARD_GRADE
    break_told: bool = False
    nearly_over: bool = False
    rest: str | None = None
    ended: str | None = None
    fault: str | None = None
    barred: str | None = None
    locks: tuple[str, ...] = ()
    waiting: int | None = None
    ending: tuple[Millis, str] | None = None
    starting: Millis | None = None
    follow: Follow = field(default_factory=Follow)
    grade_watch: GradeWatch | None = None
    deck_set: SetLower | None = None
    console: Console = field(default_factory=Console)
    first_motion: Millis | None = None
    inflight: Millis | None = None
    control_n: int | None = None
    control_lost: bool = False
    control_retried: bool = False
    stop_refused: bool = False
    said_stopped: bool = False
    said_started: bool = False
    key_out: bool = False
    owed_until: Millis | None = None
    owed_own: bool = False
    owed_at: Millis | None = None
    left_moving: bool = False
    orphan: bool = False
    orphan_until: Millis | None = None
    shadow_stopped: bool = False
    console_start: Millis | None = None
    old_message: bool = False
    grade_refused: int = 0
    grade_stuck: int | None = None
    used: tuple[str, ...] = ()
    unasked: bool = False
    consents: tuple[Consent, ...] = ()
    commands: int = 0
    start_n: int | None = None
    limit: LimitChange | None = None
    since: tuple[tuple[str, Millis], ...] = ()
    met: Limit | None = None

    def copied(self) -> State:
        """A State of the same contents; many times faster than dataclasses.replace."""
        new = object.__new__(State)
        new.__dict__.update(self.__dict__)
        return new


def initial(
    policy: Policy,
    profile: Profile,
    mode: Mode,
    proven: bool,
    kept: Kept,
    plan: Plan | None = None,
) -> State:
    """The state a service starts with; `kept` is what outlived the last process.

    A machine that was never proven gets shadow mode. A belt that may have been left moving is an
    orphan: LOST until telemetry says more. So is one that is found moving after a crash, whoever
    started it meanwhile.
    """
    shadow = mode == "shadow" or not proven
    unwatched = kept.moving or (kept.in_session and not shadow)
    breaks = Breaks(
        active=kept.on_break,
        level=kept.break_level,
        speed=kept.break_speed,
        triggers=kept.triggers,
        ceiling=kept.ceiling,
    )
    ended = kept.ended
    if kept.locks:
        ended = "lock"
    elif kept.triggers > policy.breaks.max_triggers:
        ended = "too many breaks"
    elif not profile.cleared:
        ended = ended or "not cleared"
    caps = meet(
        cap("cap", speed=policy.caps.speed, incline=policy.caps.grade),
        cap("profile", speed=profile.speed_max, incline=profile.grade_max),
    )
    if plan is not None and policy.warm_up.demanded:
        plan = warmed(plan, caps.speed_max, policy.warm_up.length_ms)
    return State(
        policy=policy,
        profile=profile,
        caps=caps,
        shadow=shadow,
        left_moving=kept.moving or kept.owed_stop,
        breaks=breaks,
        locks=kept.locks,
        ended=ended,
        fault=kept.fault,
        rest="owed stop" if kept.owed_stop else None,
        plan=plan,
        ran=kept.ran,
        break_from=kept.ran,
        cold=kept.ran,
        eased_speed=kept.eased_speed,
        eased_grade=kept.eased_grade,
        orphan=unwatched and not kept.owed_stop and not kept.on_break,
    )
