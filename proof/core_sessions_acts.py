"""What may happen next in a random session: hostile, plausible, and led through every phase.

Weights depend on the phase that the guard says, so that few events go a long way; the drawn act is
a plain value and needs no luck to be told again. The rule to keep: whatever can happen on a real
treadmill in this phase has a weight above 0.
"""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import accumulate
from typing import Any, Final

from proof.belt_model import SIGHTS, Nature, Result
from proof.core_sessions_life import LONG_DEAD_MS, Act, Life, Setting
from treadguard.guard import events as ev
from treadguard.guard.kept import Kept
from treadguard.guard.plan import Leg, Plan
from treadguard.guard.policy import (
    BreakPolicy,
    CapPolicy,
    CuePolicy,
    PainPolicy,
    Policy,
    PosturePolicy,
    Profile,
    PromptPolicy,
    WarmUpPolicy,
)
from treadguard.units import Decideg, Grade, Millis, Speed

HASTY: Final = Policy(
    pain=PainPolicy(
        rerate_ms=Millis(6_000), repeat_window_ms=Millis(30_000), hold_ms=Millis(8_000)
    ),
    prompts=PromptPolicy(Millis(10_000), Millis(60_000), Millis(20_000), Millis(4_000)),
    breaks=BreakPolicy(
        min_ms=Millis(5_000),
        max_ms=Millis(30_000),
        extend_ms=Millis(3_000),
        stage1_ms=Millis(5_000),
        stage2_ms=Millis(5_000),
    ),
    posture=PosturePolicy(
        trunk_backoff_ms=Millis(4_000),
        trunk_break_after_ms=Millis(6_000),
        neck_backoff_ms=Millis(5_000),
        neck_window_ms=Millis(8_000),
        gap_ms=Millis(5_000),
        asym_cue_strides=10,
        asym_backoff_strides=20,
        lumbar_cue_ms=Millis(3_000),
    ),
    cues=CuePolicy(apart_ms=Millis(20_000), vary_ms=Millis(20_000)),
    warm_up=WarmUpPolicy(Millis(60_000)),
)
"""The same rules with shorter times, so that two hundred events go through all of them."""
STRICT: Final = Policy(
    pain=PainPolicy(stop_above=2, rerate_ms=Millis(6_000), hold_ms=Millis(8_000)),
    breaks=BreakPolicy(min_ms=Millis(5_000), max_ms=Millis(40_000), max_triggers=1),
    caps=CapPolicy(Speed(700), Grade(40)),
)
PAUSING: Final = replace(
    HASTY,
    breaks=replace(HASTY.breaks, every_ms=Millis(30_000), length_ms=Millis(4_000)),
    warm_up=WarmUpPolicy(Millis(60_000), demanded=True),
)
"""With planned breaks, and a warm-up that is demanded."""

PROFILES: Final = (
    Profile(),
    Profile(Speed(600), Grade(20)),
    Profile(longest_ms=Millis(50_000), asym_baseline=50, lumbar_baseline=Decideg(100)),
    Profile(cleared=False),
)

Weights = dict[str, float]
ALWAYS: Final[Weights] = {
    "wait": 30, "pain": 5, "worst": 1.2, "symptom": 0.1, "retained": 0.5, "remote": 3, "bare": 3,
    "forged": 1.5, "expired": 0.7, "early": 1, "drop": 1.2, "see": 2, "deaf": 1.5, "results": 1.5,
    "status": 1.5, "stray": 1.5, "restart": 0.5, "ranges": 0.5, "posture": 1.5, "training": 0.3,
    "key": 0.1, "end": 0.1, "ask": 5, "console start": 1, "console stop": 0.7, "console": 2,
    "console grade": 1, "connect": 1, "unlock": 0.2, "stall": 0.4, "lost time": 0.5, "leaves": 0.12,
    "plan": 1, "other plan": 0.4, "quiet": 0.2, "gait": 1,
}  # fmt: skip
IN: Final[dict[str, Weights]] = {
    "RUNNING": {
        "ask": 25,
        "pain": 9,
        "worst": 2.5,
        "console": 6,
        "posture": 4,
        "plan": 6,
        "gait": 3,
    },
    "READY": {"begin": 35, "plan": 15, "console start": 5, "worst": 0.6, "drop": 0.6},
    "PAUSED": {"begin": 20, "plan": 15, "console start": 4, "worst": 0.6},
    "BREAK": {"begin": 12, "plan": 8, "relief": 18, "console start": 6, "worst": 0.8},
    "STARTING": {"wait": 60, "worst": 1},
    "STOPPING": {"wait": 60, "pain": 6},
    "LOST": {"see": 8, "connect": 20, "begin": 6},
    "OFF": {"connect": 60, "worst": 0.4},
    "ENDED": {"anew": 12, "console start": 4, "begin": 6},
    "FAULT": {"anew": 12, "console start": 4, "begin": 6},
}  # fmt: skip
SYMPTOMS: Final = ("down the leg", "numbness", "faint", "chest pain", "no such word")
ASKS: Final[tuple[ev.OperatorDo, ...]] = (
    "start", "resume", "speed", "incline", "stop", "break", "ease",
)  # fmt: skip
RAISING: Final = ("start", "resume", "speed", "incline", "programme")
OPS: Final[tuple[ev.Op, ...]] = ("start", "stop", "set_speed", "set_incline", "request_control")
RESULTS: Final[tuple[Result, ...]] = (2, 3, 4, 5, "timeout", "att_error")
WAITS: Final = (0, 0, 0, 50, 250, 250, 500, 1_000, 1_000, 2_000)


def _table() -> dict[str, tuple[tuple[str, ...], tuple[float, ...]]]:
    out = {}
    for phase, more in IN.items():
        weights = {**ALWAYS, **more}
        out[phase] = tuple(weights), tuple(accumulate(weights.values()))
    return out


TABLE: Final = _table()


def setting(dice: random.Random) -> Setting:
    """How a session begins."""
    shadow = dice.random() < 0.06
    kept = Kept()
    luck = dice.random()
    if luck < 0.03:
        kept = Kept(moving=True)
    elif luck < 0.05:
        kept = Kept(owed_stop=True, moving=True)
    elif luck < 0.08:
        kept = Kept(triggers=3, ceiling=500)
    elif luck < 0.1:
        kept = Kept(triggers=1, ceiling=540, on_break=True, break_level=5, break_speed=600)
    return Setting(
        policy=dice.choices([HASTY, Policy(), STRICT, PAUSING], [8, 2, 1, 2])[0],
        profile=dice.choices(PROFILES, [20, 4, 3, 0.2])[0],
        mode="shadow" if shadow else "guard",
        proven=dice.random() > 0.03,
        kept=kept,
        nature=Nature(
            accel=dice.choice([50, 100, 400]),
            brake=dice.choice([33, 100, 400]),
            grade_rate=dice.choice([0, 3, 5, 20]),
            latency=dice.choice([0, 0, 300, 1_400]),
            answer_after=dice.choice([0, 0, 100, 400]),
            countdown=dice.choice([0, 1_000, 3_000]),
            back_at=dice.choice([100, 100, 100, 300, 800]),
            toggles=dice.random() < 0.1,
            set_starts=dice.random() < 0.1,
            mph=dice.random() < 0.05,
            turned=dice.random() < 0.04,
            announces=dice.random() < 0.8,
        ),
        tick=dice.choice([250, 500, 1_000, 1_000, 1_000]),
        period=dice.choice([250, 500, 1_000, 1_000, 1_000, 2_500]),
        moving=dice.choice([0, 0, 0, 0, 0, 0, 0, 500]),
        plan=_plan(dice) if dice.random() < 0.6 else None,
    )


def _plan(dice: random.Random) -> Plan:
    """Legs as short as can be announced, up and down on both axes."""
    legs = [
        Leg(
            Millis(dice.choice([2_000, 6_000, 8_000, 12_000, 20_000])),
            Speed(dice.choice([60, 150, 300, 400, 500, 650, 900, 1_300])),
            Grade(dice.choice([0, 0, 0, 10, 25, 40])),
            dice.choice(["", "", "Easy."]),
        )
        for _ in range(dice.randrange(1, 7))
    ]
    return Plan(tuple(legs), ends=dice.random() < 0.7)


def opening(dice: random.Random) -> list[Act]:
    """What most sessions begin with: a belt that runs."""
    acts = [Act("connect", dice.choice(WAITS)), Act("wait", 2_500)]
    if dice.random() < 0.85:
        begins: tuple[ev.OperatorDo, int | None] = ("start", None)
        luck = dice.random()
        if luck < 0.45:
            begins = ("programme", None) if luck < 0.35 else ("warm-up", max(400, _speed(dice)))
        acts += [Act("ask", 0, *begins), Act("wait", 5_000)]
        if begins[0] != "start":
            acts += [Act("wait", dice.choice([5_000, 10_000, 20_000]))]
        elif dice.random() < 0.9:
            acts += [Act("ask", 0, "speed", dice.randrange(200, 1_000, 10))]
            acts += [Act("wait", dice.choice([1_000, 4_000, 10_000]))]
    return acts


def following(dice: random.Random, life: Life) -> Act:
    """The next act of a session that has come so far."""
    names, weights = TABLE[life.phase]
    do = dice.choices(names, cum_weights=weights)[0]
    dt = dice.choice(WAITS)
    role: ev.Role = "remote" if dice.random() < 0.25 else "local"
    match do:
        case "wait":
            return Act(do, dice.choice([500, 1_000, 3_000, 5_000, 6_000, 12_000]))
        case "pain":
            return Act(do, dt, dice.choice([0, 0, 1, 1, 1, 2, 2, 3, 4, 4]), role)
        case "relief":
            return Act("pain", dt, dice.choice([0, 1, 2, 2, 3]), role)
        case "worst":
            return Act("pain", dt, dice.choice([5, 5, 5, 6, 6, 7, 10, None, None, None]), role)
        case "symptom":
            return Act(do, dt, dice.choice(SYMPTOMS), role)
        case "retained":
            return _retained(dice, dt)
        case "remote" | "bare":
            return Act(do, dt, *(_planned(dice, life) if dice.random() < 0.2 else _asked(dice)))
        case "plan":
            return Act("ask", dt, *_planned(dice, life))
        case "other plan":
            return Act(do, dt, *_planned(dice, life))
        case "quiet":
            return Act("ask", dt, "quiet")
        case "gait":
            gaits = [None, (0, 4, 0), (120, 4, 260), (260, 6, 0), (60, 30, 300)]
            return Act(do, dt, dice.choice(gaits))
        case "ask":
            return Act(do, dt, *_asked(dice))
        case "begin":
            return Act("ask", dt, dice.choice(["start", "resume"]))
        case "unlock":
            return Act("ask", dt, "unlock")
        case "end":
            return Act("ask", dt, "end")
        case "forged" | "expired" | "early":
            return Act(do, dt, dice.choice(RAISING), _speed(dice))
        case "console":
            return Act(do, dt, max(100, _speed(dice)))
        case "console grade":
            return Act(do, dt, dice.randrange(0, 120, 5))
        case "status":
            return Act(do, dt, dice.choice([1, 2, 4, 5, 6, 0xFF]), dice.choice([None, 1, 500]))
        case "training":
            return Act(do, dt, dice.choice([0, 1, 14, 15]))
        case "ranges":
            return Act(do, dt, dice.choice([0, 100, 100, 200]), dice.choice([0, 600, 1_600, 6_000]))
        case "stray":
            return Act(do, dt, dice.choice(OPS), dice.choice([1, 1, 2, 4, 5]))
        case "see":
            bad = life.belt.sight != "plain"
            sight = "plain" if bad else dice.choice(SIGHTS)
            return Act(do, dt, sight, dice.randrange(0, 2_000))
        case "deaf":
            ops: Any = () if life.belt.deaf else (dice.choice(OPS), dice.choice(OPS))
            return Act(do, dt, ops)
        case "results":
            return Act(do, dt, dice.choice(["", "", *OPS]), dice.choice(RESULTS))
        case "posture":
            return Act(do, dt, *_lean(dice, life))
        case "stall":
            return Act(do, dt, dice.choice([1_001, 1_500, 4_000, 8_000]))
        case "lost time":
            what = dice.choice(["held up", "held up", "asleep", "out of sight"])
            return Act(do, dt, dice.choice([1_001, 2_000, 4_000, 40_000]), what)
        case "leaves":
            return Act(do, dt, dice.choice(["sleep", "battery"]))
        case "restart" | "anew":
            return Act("restart", dt, dice.choice([0, 2_000, 2_000, LONG_DEAD_MS]), do == "anew")
        case _:
            return Act(do, dt)


def _speed(dice: random.Random) -> int:
    return dice.choice([0, 60, 300, 500, 600, 1_000, 1_190, 1_500]) + dice.randrange(0, 60, 10)


def _asked(dice: random.Random) -> tuple[ev.OperatorDo, int | None]:
    do = dice.choices(ASKS, [2, 2, 14, 5, 2, 1.5, 2])[0]
    if do == "speed":
        return do, _speed(dice)
    return do, dice.randrange(0, 120, 5) if do == "incline" else None


def _planned(dice: random.Random, life: Life) -> tuple[ev.OperatorDo, int | None]:
    plans: list[ev.OperatorDo] = ["programme", "vary", "warm-up"]
    do = dice.choices(plans, [5, 2, 2])[0]
    if do == "programme":
        return do, None
    here = life.monitor.f.speed.wrote
    return do, here if do == "vary" and here is not None else max(100, _speed(dice))


def _retained(dice: random.Random, dt: int) -> Act:
    if dice.random() < 0.2:
        return Act("retained symptom", dt, dice.choice(SYMPTOMS))
    return Act("retained", dt, dice.choice([0, 2, 5, 8, None]))


def _lean(dice: random.Random, life: Life) -> tuple[int | None, int | None]:
    if life.posture is not None and dice.random() < 0.5:
        return None, None
    trunk, neck = dice.choice([None, 20, 170, 230, 280, 500]), dice.choice([None, 100, 300])
    return trunk, neck
