"""Moments that several tests begin from: resting in a break, going on after it, a prompt."""

from __future__ import annotations

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev


def resting(level: int | None = 6, speed: int = 600) -> tuple[Rig, int]:
    """A break after a trigger, and the time at which the belt was first seen at zero."""
    rig = Rig().walking(speed)
    rig.pain(level)
    while rig.phase != "BREAK":
        rig.run(0.25)
    zero = rig.now
    return rig, zero


def until(rig: Rig, at: int) -> None:
    rig.run((at - rig.now) / 1000)


def tries_to_resume(rig: Rig) -> bool:
    since = rig.now
    rig.ask("resume")
    rig.run(0.25)
    return "start" in rig.ops(since)


def resumed(rig: Rig, level: int = 1) -> int:
    """Rate, wait for the break to be over, resume; when the belt first moved."""
    rig.run(125)
    rig.pain(level)
    rig.run(2)
    rig.ask("resume")
    while rig.speed == 0:
        rig.run(0.25)
    return rig.now


def cap_now(rig: Rig) -> int:
    return rig.limit.speed


def answer_prompt(rig: Rig, level: int) -> None:
    """Wait for the next prompt and answer it two seconds later."""
    before = len(rig.says(ev.Cue))
    for _ in range(1500):
        rig.run(0.25)
        if any("how is your pain" in say.lower() for say in rig.says(ev.Cue)[before:]):
            break
    else:
        pytest.fail("no prompt came")
    rig.run(2)
    rig.pain(level)
