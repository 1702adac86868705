"""Random histories: every command is judged by watched.py, whatever happens before it."""

from __future__ import annotations

import random

import pytest
from tests.guard.watched import Watched

from treadguard.guard import events as ev
from treadguard.guard.policy import BreakPolicy, PainPolicy, Policy, PromptPolicy
from treadguard.units import Decideg, Grade, Millis, Speed

HISTORIES = 8
HASTY = Policy(
    pain=PainPolicy(
        rerate_ms=Millis(8_000), repeat_window_ms=Millis(40_000), hold_ms=Millis(15_000)
    ),
    prompts=PromptPolicy(Millis(25_000), Millis(100_000), Millis(50_000), Millis(8_000)),
    breaks=BreakPolicy(
        min_ms=Millis(12_000),
        max_ms=Millis(60_000),
        extend_ms=Millis(5_000),
        stage1_ms=Millis(8_000),
        stage2_ms=Millis(8_000),
    ),
)
"""The rules with shorter times, so that a history of a few minutes goes through all of them."""

EVENTS = 100
DOS: tuple[ev.OperatorDo, ...] = (
    "start",
    "resume",
    "speed",
    "speed",
    "speed",
    "incline",
    "stop",
    "break",
    "ease",
)


FORS: tuple[ev.ConsentFor, ...] = ("start", "resume", "speed", "incline")


def happen(rig: Watched, dice: random.Random) -> str:
    """One thing that may happen; what it was, for the report of a failure."""
    what = dice.choices(
        [
            "wait", "pain", "button", "symptom", "ask", "bare", "remote", "forged", "console",
            "console start", "console stop", "key", "drop", "back", "silence", "blank", "lean",
            "ranges", "deaf", "status", "end", "garbled answer", "unannounced",
        ],
        [26, 10, 0.6, 0.1, 30, 4, 6, 3, 6, 2, 2, 0.1, 2, 8, 1, 1, 2, 1, 2, 2, 0.1, 2, 2],
    )[0]  # fmt: skip
    level = (
        dice.choice([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6]) if dice.random() < 0.97 else 8
    )
    speed = dice.randrange(0, 1_500, 10)
    now = Millis(rig.now)
    if what == "pain":
        rig.pain(level, dice.choice(["local", "local", "remote"]))
    elif what == "button":
        rig.pain(None)
    elif what == "symptom":
        rig.symptom(dice.choice(["faint", "weakness"]))
    elif what in ("ask", "remote"):
        do = dice.choice(DOS)
        value = {"speed": speed, "incline": dice.randrange(0, 120, 5)}.get(do)
        rig.ask(do, value, role="local" if what == "ask" else "remote")
    elif what == "bare":
        rig.feed(ev.Operator(now, dice.choice(DOS[:6]), speed))
    elif what == "forged":
        for_ = dice.choice(FORS)
        expires = Millis(rig.now + dice.choice([-1, 10_000]))
        generation = rig.generation - dice.choice([0, 1])
        rig.feed(ev.Consent(now, f"f{rig.now}", for_, speed, expires, generation))
    elif what in ("console", "unannounced") and rig.speed:
        rig.console(max(rig.minimum, speed), announced=what == "console")
    elif what == "console start" and rig.speed == 0:
        rig.console_start(announced=dice.random() < 0.7)
    elif what == "console stop":
        rig.console_stop(announced=dice.random() < 0.7)
    elif what == "key":
        rig.target, rig.starts_at = 0, None
        rig.status(3)
    elif what == "drop" and rig.up:
        rig.drop()
    elif what == "back" and not rig.up:
        rig.back()
    elif what == "silence":
        rig.telemetry = not rig.telemetry
    elif what == "blank":
        rig.blank = not rig.blank
    elif what == "lean":
        rig.feed(ev.Posture(now, Decideg(dice.randint(0, 600)), Decideg(dice.randint(0, 400))))
        rig.leans(dice.choice([2, 12]), trunk=dice.choice([5, 18, 25, 50]))
    elif what == "ranges":
        top = dice.choice([0, 600, 1_600])
        rig.ranges(ev.Ranges(Speed(100), Speed(top), 10, Grade(0), Grade(150), 5))
    elif what == "deaf":
        rig.deaf = dice.choice(
            [frozenset(), frozenset(), frozenset({"stop"}), frozenset({"set_speed"})]
        )
    elif what == "status":
        rig.status(dice.choice([1, 2, 4, 5, 6, 0xFF]), dice.choice([None, 1, speed]))
    elif what == "end":
        rig.ask("end")
    elif what == "garbled answer":
        rig.results = dice.choice([{}, {}, {"set_speed": 4}, {"stop": 5}, {"start": "timeout"}])
    rig.run(dice.choice([0, 0, 0.25, 0.25, 0.5, 1, 1, 2, 3]))
    if what == "wait":
        rig.run(dice.choice([3, 5, 8, 12]))
    return f"{now / 1000:.2f} {what} {level} {speed}"


def history(seed: int) -> Watched:
    dice = random.Random(seed)
    shadow = dice.random() < 0.1
    rig = Watched(
        policy=HASTY,
        mode="shadow" if shadow else "guard",
        tick=dice.choice([250, 500, 500, 1_000]),
        speed=dice.choice([0, 0, 0, 500]),
        period=dice.choice([500, 1_000, 1_000, 1_000]),
        noise=dice.choice([0, 0, 5]),
        latency=dice.choice([0, 0, 250, 1_000]),
        accel=dice.choice([50, 100, 400]),
        stop_rate=dice.choice([33, 100]),
        restart=dice.choice([None, None, 300]),
        answers=dice.random() < 0.9,
        dice=dice,
    )
    rig.target = rig.speed
    rig.connect()
    rig.run(4)
    if dice.random() < 0.7:
        rig.ask("start")
        rig.run(8)
        rig.ask("speed", dice.randrange(200, 1_000, 10))
        rig.run(dice.choice([2, 10, 20]))
    for _ in range(EVENTS):
        print(happen(rig, dice))  # pytest shows it where a history fails
    return rig


@pytest.mark.parametrize("block", range(25))
def test_every_command_of_a_random_history_keeps_the_invariants(block: int) -> None:
    for n in range(HISTORIES):
        history(block * 1_000 + n)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_events_give_the_same_outputs(seed: int) -> None:
    assert history(100_000 + seed).same_again()


@pytest.mark.parametrize("seed", range(12))
def test_from_anywhere_a_stop_leads_to_zero_on_a_fair_machine(seed: int) -> None:
    """I17."""
    rig = history(200_000 + seed)
    rig.deaf, rig.results, rig.telemetry, rig.blank = frozenset(), {}, True, False
    if not rig.up:
        rig.back()
    rig.run(1)
    rig.ask("stop")
    rig.run(75)
    assert rig.speed == 0


def test_the_histories_do_reach_every_phase() -> None:
    """Otherwise the properties above would hold for want of trying."""
    reached: set[str] = set()
    commands: set[str] = set()
    for seed in range(60):
        rig = history(seed)
        reached |= set(rig.phases())
        commands |= set(rig.ops())
    assert reached >= {
        "READY", "STARTING", "RUNNING", "STOPPING", "PAUSED", "BREAK", "ENDED", "FAULT", "LOST",
    }  # fmt: skip
    assert commands == {"start", "stop", "set_speed", "set_incline"}
