"""What outlives the process: locks, triggers, the break, an owed Stop.

The service writes it whenever it changes and reads it back at the start; an unreadable file is
read as `most_restrictive()` (H69). Plain values only, so that any encoder can carry it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from treadguard.guard.policy import HARD_GRADE, HARD_SPEED
from treadguard.guard.rules.symptoms import RED_FLAG_LOCK

if TYPE_CHECKING:
    from treadguard.guard.state import State


RAN_STEP_MS: Final = 60_000
"""The file is written anew with each change; a minute's loss in a crash is none."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Speeds 0.01 km/h. `moving`: the belt may have been moving when this was written.

    `in_session`: the session hadn't ended then; whoever reads this has come after a crash. `ran`:
    ms of moving belt in it, to the minute. `eased_speed`, `eased_grade`: as far down as a programme
    was backed off in it, 0.01 km/h and 0.1 %.
    """

    locks: tuple[str, ...] = ()
    triggers: int = 0
    ceiling: int | None = None
    on_break: bool = False
    break_level: int | None = None
    break_speed: int | None = None
    owed_stop: bool = False
    moving: bool = False
    ended: str | None = None
    fault: str | None = None
    in_session: bool = False
    ran: int = 0
    eased_speed: int = HARD_SPEED
    eased_grade: int = HARD_GRADE

    @classmethod
    def most_restrictive(cls) -> Kept:
        """What must be assumed of a file that can't be read."""
        return cls(locks=(RED_FLAG_LOCK,), owed_stop=True, moving=True)

    def next_session(self) -> Kept:
        """What a new session starts from: the locks stay, the last session's breaks don't."""
        return Kept(locks=self.locks)


def kept(s: State) -> Kept:
    """What must outlive the process."""
    demands = bool(s.rest or s.ended or s.fault or s.breaks.active)
    moving = s.phase in ("STARTING", "RUNNING", "STOPPING", "LOST") or s.measured.moving
    return Kept(
        locks=s.locks,
        triggers=s.breaks.triggers,
        ceiling=s.breaks.ceiling,
        on_break=s.breaks.active,
        break_level=s.breaks.level,
        break_speed=s.breaks.speed,
        owed_stop=moving and demands and not (s.shadow or s.said_stopped) and s.starting is None,
        moving=moving,
        ended=s.ended,
        fault=s.fault,
        in_session=True,
        ran=s.ran // RAN_STEP_MS * RAN_STEP_MS,
        eased_speed=s.eased_speed,
        eased_grade=s.eased_grade,
    )
