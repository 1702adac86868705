"""The grids of the core: which policy, beginnings and letters make each, and how far time steps.

On all of them the belt runs from 1.0 km/h by 0.5 up to a cap of 2.0, and shows 0, 1.0, 2.0 and,
where it says so, 3.5 km/h, whatever it was told. A break lasts 5 to 10 s and each stage 2.5 s:
policy, so it may be anything. A raise gains 0.5 km/h a second, the most there may be, so that the
press itself raises. Only "slew" has the ramps as they come, by 0.1 km/h and second by second. On
"programme" and "planned" the belt starts and comes to rest when it is told to, and shows each
second while it runs: what a belt does that disobeys is on the others.
Ages are exact up to the last threshold that is held against them.

`short` grids step 5 s of time and show each speed twice, a second apart; `long` ones step 3 s and
show it once, so that a speed may be 0, 3 or 6 s old: the band in which nothing may rise and the
belt isn't lost yet. Every grid is closed: it holds all that can be reached.

What would make them endless is left out, and why that is sound:

* Posture, prompts and pain from 1 to 4 are machines of their own (`rule_*`). In the core they are
  one `injected` rule, that backs off and lets go at any moment: `meet` is monotone, so whatever
  they would do is between that and nothing.
* A rating that ends a break, in "product": what comes after it is in "break" and "pain".
* Grade: an axis like the speed, enumerated alone with the ramp and the incline follower.
* How long a whole stop may take (v / 0.25 + 5 s): see `normal.NEVER_LATE`.
* Two live consents for one wish, and a link that comes up twice without going down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from proof.enumerate.core import At
from proof.enumerate.letters import (
    DROPS,
    HELD_UP,
    LEAVES,
    RETURNS,
    SLEPT,
    Letter,
    answers,
    asks,
    consents,
    injects,
    pain,
    presses,
    runs,
    says,
    shows,
    shows_twice,
    symptom,
    waits,
)
from proof.enumerate.memory import Memory
from proof.enumerate.normal import normal
from proof.plan_leave import Going, stated
from treadguard.guard.belt import Machine
from treadguard.guard.kept import Kept
from treadguard.guard.plan import Leg, Plan
from treadguard.guard.policy import (
    BreakPolicy,
    CapPolicy,
    CuePolicy,
    PainPolicy,
    Policy,
    Profile,
    PromptPolicy,
    RampPolicy,
)
from treadguard.guard.state import Mode, initial
from treadguard.units import Grade, Millis, Speed

NEVER: Final = Millis(1_000_000_000)
POLICY: Final = Policy(
    pain=PainPolicy(hold_ms=Millis(5_000)),
    prompts=PromptPolicy(NEVER, NEVER, NEVER, NEVER),
    cues=CuePolicy(*[Millis(0)] * 7),
    breaks=BreakPolicy(
        min_ms=Millis(5_000),
        max_ms=Millis(10_000),
        extend_ms=Millis(0),
        stage1_ms=Millis(2_500),
        stage2_ms=Millis(2_500),
    ),
    ramp=RampPolicy(raise_per_s=50),
    caps=CapPolicy(Speed(200), Grade(100)),
)
BELT: Final = Machine(speed_min=100, speed_step=50)
SLOWLY: Final = replace(POLICY, ramp=RampPolicy(), caps=CapPolicy(Speed(170), Grade(100)))
"""The ramps as they come, on a belt wide and fine enough to tell one pace from another."""

FINE_BELT: Final = Machine(speed_min=100, speed_step=10)


PLAN: Final = Plan(
    (
        Leg(Millis(10_000), Speed(150)),
        Leg(Millis(5_000), Speed(100)),
        Leg(Millis(10_000), Speed(200)),
    )
)
"""Up, down and up again, each long enough for the next to be announced 5 s ahead."""

PAUSES: Final = replace(
    POLICY, breaks=replace(POLICY.breaks, every_ms=Millis(15_000), length_ms=Millis(5_000))
)
LIMITED: Final = Profile(longest_ms=Millis(25_000))


def begin(
    kept: Kept | None = None,
    *,
    shadow: bool = False,
    policy: Policy = POLICY,
    profile: Profile | None = None,
    belt: Machine = BELT,
    plan: Plan | None = None,
) -> At:
    """Before the first connection."""
    mode: Mode = "shadow" if shadow else "guard"
    s = initial(policy, profile or Profile(), mode, True, kept or Kept(), plan)
    s.machine = belt
    return At(normal(s), Memory(plan=Going(() if plan is None else stated(plan))))


@dataclass(frozen=True)
class Grid:
    """A closed grid of the core."""

    name: str
    starts: tuple[At, ...]
    letters: tuple[Letter, ...]


STARTED: Final = says(4, "started")
STOPPED: Final = says(2, "stopped", 1)
KEY: Final = says(3, "safety key")
CONTROL_LOST: Final = says(0xFF, "control lost")
COLD: Final = (begin(),)


def _tame(letter: Letter) -> Letter:
    """A belt that doesn't start by itself: hostile ones are for "start", "break" and "rest"."""
    moves = ("OFF", "STARTING", "RUNNING", "STOPPING", "LOST")
    return replace(letter, can=lambda s: s.link and s.phase in moves)


def _obeys(letter: Letter, *moves: str) -> Letter:
    """Only in these phases: whether a belt comes to rest in others is for the other grids."""
    return replace(letter, can=lambda s: letter.can(s) and s.phase in ("OFF", *moves))


def _running(letter: Letter) -> Letter:
    """Only while the belt may run: how it is stopped is for the other grids."""
    return replace(letter, can=lambda s: letter.can(s) and s.phase in ("OFF", "RUNNING"))


def _faces(*, fine: bool) -> dict[str, tuple[tuple[At, ...], tuple[Letter, ...]]]:
    show = shows if fine else shows_twice
    step = 3_000 if fine else 5_000
    zero, slow, fast, wild = (show(v, step) for v in (0, 100, 200, 350))
    wait = waits(step)
    # A raise begins only on a speed younger than 3 s; how it goes on is the ramp's own machine's.
    soon = 2_500
    slow_, fast_, wait_ = *(shows(v, soon) for v in (100, 200)), waits(soon)
    blank = shows(None, soon)
    at_once = shows(100, 0)
    up, down = presses("speed", 200), asks("speed", 100)
    start, resume = presses("start"), presses("resume")
    stop, pain6 = asks("stop"), pain(6)
    again = show(100, step) if fine else _tame(slow)
    orphan = begin(Kept(moving=True))
    crashed = begin(Kept(in_session=True))
    owed = begin(Kept(owed_stop=True, moving=True))
    ended = begin(Kept(ended="pain", locks=("pain",), moving=True))
    broken_off = begin(Kept(on_break=True, break_level=6, break_speed=200, triggers=3, ceiling=150))
    return {
        "start": (COLD, (zero, slow, wait, start, stop, STARTED)),
        "link": (COLD, (zero, slow, wait, stop, DROPS)),
        "raise": (COLD, (slow_, fast_, up, down)),
        "slew": ((begin(policy=SLOWLY, belt=FINE_BELT),),
                 (*(_running(shows(v, 1_000)) for v in (100, 170)),
                  _running(presses("speed", 170)), _running(asks("speed", 100)))),
        "wild": (COLD, (slow, fast, wild, down)),
        "consent": (COLD, (slow_, wait_, consents("speed", 200), asks("speed", 200),
                           consents("speed", 200, old=True), asks("speed", 200, "remote"))),
        "hold": (COLD, (slow_, fast, up, injects(100), injects(None))),
        "break": ((broken_off,), (zero, slow, pain6, pain(0), resume)),
        "pain": (COLD, (zero, again, pain6, pain(0))),
        "end": (COLD, (zero, again, pain(8), symptom("faint"), KEY, asks("unlock"),
                       asks("unlock", None, "remote"))),
        "refused": (COLD, (again, zero, stop, answers("stop", 5, "refused: no control"),
                           answers("stop", 4, "failed"), answers("request_control", 1, "granted"),
                           answers("stop", "timeout", "unanswered"), CONTROL_LOST)),
        # A yes that lies about doubles what there is: "lying" has it on the long grids.
        "remote": (COLD, (zero, again, asks("stop", None, "remote"), asks("start", None, "remote"),
                          pain(6, "remote"), pain(0, "remote"), pain(6, retained=True),
                          *(() if fine else (consents("start"),)))),
        "lying": (COLD, (zero, slow, stop, consents("start"), asks("start", None, "remote"))),
        "restart": ((orphan, crashed, owed, ended), (zero, slow, resume, stop, DROPS)),
        "shadow": ((begin(shadow=True),), (zero, slow, stop, pain6, start)),
        "console": (COLD, (zero, slow, STARTED, STOPPED)),
        "host": (COLD, (slow_, at_once, waits(3_000), SLEPT, HELD_UP, LEAVES, up)),
        "blank": (COLD, (slow_, blank, up, asks("ease"))),
        "product": (COLD, (shows_twice(0, 5_000), _tame(shows_twice(100, 5_000)), up, pain6, stop,
                           start, DROPS, injects(100), injects(None),
                           *((resume,) if fine else ()))),
        "rest": (COLD, (zero, slow, asks("break"), asks("end"), resume)),
        "programme": ((begin(plan=PLAN),),
                      (_obeys(zero, "READY", "STARTING", "STOPPING", "PAUSED", "BREAK", "LOST"),
                       _obeys(slow_, "STARTING"), _obeys(runs(100, 5), "RUNNING"),
                       presses("programme"), start, injects(100), injects(None), stop,
                       _running(waits(3_000)), asks("programme", None, "remote"),
                       *((DROPS,) if fine else ()))),
        "planned": ((begin(policy=PAUSES, profile=LIMITED),),
                    (_obeys(zero, "READY", "STARTING", "STOPPING", "PAUSED", "BREAK", "LOST"),
                     _obeys(slow_, "STARTING"), _obeys(runs(100, 5), "RUNNING"), start, resume)),
    }  # fmt: skip


def grids(*, fine: bool = False) -> tuple[Grid, ...]:
    """All of them."""
    return tuple(
        Grid(name, starts, (RETURNS, *letters))
        for name, (starts, letters) in _faces(fine=fine).items()
    )
