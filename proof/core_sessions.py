"""Random sessions of the core, each step judged by an onlooker of its own.

Guard, gate and kernel as in life round a belt that means no harm and does plenty; 200 events a
session. Here are the program, its figures and the report of a failure. The rule to keep: a run
that reached too little is a failed run.

    .venv/bin/python -m proof.core_sessions --sessions 100000 --jobs 2 --json
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final

from proof.core_sessions_acts import following, opening, setting
from proof.core_sessions_life import Act, Life, Setting
from proof.monitor import Violation

EVENTS: Final = 200
BLOCK: Final = 250
ENOUGH: Final = 10_000
"""So many sessions reach everything that there is to reach."""

PHASES: Final = (
    "READY", "STARTING", "RUNNING", "STOPPING", "PAUSED", "BREAK", "ENDED", "FAULT", "LOST",
)  # fmt: skip
OPS: Final = ("start", "stop", "set_speed", "set_incline", "request_control")
REASONS: Final = (
    # what clips and what backs off
    "cap", "profile", "ceiling", "stage", "pain", "ease", "posture", "no rating",
    # what lets nothing be raised
    "link", "telemetry", "control", "wrong way", "end", "pain before the start",
    "leaping speed", "held up", "break soon",
    # what asks for a belt at zero
    "break", "stop", "an old message", "came back too fast", "console", "left moving",
    "no telemetry", "not slowing", "owed stop", "slower than the machine can",
    "the link was gone for long", "the machine paused", "no motion seen", "the computer slept",
    "sleep", "battery",
    # what ends the session, and the fault
    "lock", "safety key", "started against the break", "symptom", "the break was too long",
    "the runner ended it", "too many breaks", "the belt does not stop",
)  # fmt: skip
LAWS: Final = (
    "I4 in RUNNING", "I4 in STARTING", "I4 in LOST", "A1", "D3", "T_STALE", "H12 in BREAK",
    "H12 in ENDED", "back-off", "end", "resume",
    "I4 without a link", "I4 before anything was measured", "I12", "H65", "H65 leaving",
    "a third leap", "H04",
    "a raise of a programme", "a raise of a warm-up", "a raise of a variation",
    "the therapist's time",
)  # fmt: skip
"""Laws that speak only where it comes to it: each must have spoken."""
REQUIRED: Final = (
    *(f"phase {phase}" for phase in PHASES),
    *(f"sent {op}" for op in OPS),
    *(f"why {reason}" for reason in REASONS),
    *(f"law {law}" for law in LAWS),
    *(f"verdict {verdict}" for verdict in ("confirmed", "rejected", "unknown")),
    "veto stop", "attempt 2", "attempt 3", "shadow",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A session as it was: what it takes to tell it again."""

    seed: int
    setting: Setting
    acts: tuple[Act, ...]
    failure: Violation | None
    seen: Counter[str]
    fed: int


def session(seed: int, events: int = EVENTS) -> Told:
    """One random session."""
    dice = random.Random(seed)
    start = setting(dice)
    life = Life(start, events)
    acts: list[Act] = []
    failure = None
    try:
        for act in opening(dice):
            acts.append(act)
            life.does(act)
        while not life.over:
            acts.append(following(dice, life))
            life.does(acts[-1])
    except Violation as violation:
        failure = violation
    life.seen.update(f"law {law}" for law in life.monitor.session.tried)
    return Told(seed, start, tuple(acts), failure, life.seen, life.fed)


def again(start: Setting, acts: Sequence[Act], events: int = EVENTS) -> tuple[Life, str | None]:
    """The same session told once more, with every event; the law it breaks, if any."""
    life = Life(start, events, log=[])
    try:
        for act in acts:
            life.does(act)
    except Violation as violation:
        return life, violation.law
    return life, None


def shrunk(told: Told) -> tuple[Act, ...]:
    """The fewest acts found that break the same law."""
    assert told.failure is not None
    law, acts = told.failure.law, list(told.acts)
    size = len(acts) // 2
    while size:
        at = 0
        while at < len(acts):
            fewer = acts[:at] + acts[at + size :]
            if again(told.setting, fewer)[1] == law:
                acts = fewer
            else:
                at += size
        size //= 2
    for at, act in enumerate(acts):
        quick = [*acts[:at], act._replace(dt=0), *acts[at + 1 :]]
        if again(told.setting, quick)[1] == law:
            acts = quick
    return tuple(acts)


@dataclass(slots=True)
class Block:
    """What came of a range of seeds."""

    sessions: int
    events: int
    seen: Counter[str]
    failures: list[int]


def block(first: int, count: int) -> Block:
    """So many sessions from this seed on."""
    seen: Counter[str] = Counter()
    failures, events = [], 0
    for seed in range(first, first + count):
        told = session(seed)
        seen.update(told.seen)
        events += told.fed
        if told.failure is not None:
            failures.append(seed)
    return Block(count, events, seen, failures)


def run(sessions: int, seed: int, jobs: int, report: int = 0) -> Block:
    """All of them, over so many processes; progress to stderr each `report` sessions."""
    firsts = range(seed, seed + sessions, BLOCK)
    counts = [min(BLOCK, seed + sessions - first) for first in firsts]
    total = Block(0, 0, Counter(), [])
    began = time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        for done in pool.map(block, firsts, counts):
            total.sessions += done.sessions
            total.events += done.events
            total.seen.update(done.seen)
            total.failures += done.failures
            for failing in done.failures:
                print(f"session {failing} breaks a law", file=sys.stderr, flush=True)
            if report and total.sessions % report < BLOCK:
                rate = total.sessions / (time.monotonic() - began)
                print(f"{total.sessions} sessions, {rate:.0f} a second", file=sys.stderr)
    return total


def missing(seen: Counter[str], sessions: int) -> list[str]:
    """What a run of this size must have reached, and didn't."""
    if sessions < ENOUGH:
        return []
    return [name for name in REQUIRED if not seen[name]]


def explain(seed: int) -> str:
    """A failing session: what broke, the command that repeats it, and the shortest way there."""
    told = session(seed)
    if told.failure is None:
        return f"session {seed} holds now."
    acts = shrunk(told)
    life, law = again(told.setting, acts)
    lines = [
        f"session {seed} breaks: {told.failure}",
        f"again: .venv/bin/python -m proof.core_sessions --sessions 1 --seed {seed}",
        f"setting: {told.setting}",
        f"shortest: {law}",
    ]
    lines += [f"  {tuple(act)}" for act in acts]
    lines += ["events and outputs:"]
    lines += [f"  {t:>7} {what}" for t, what in life.log or []]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """The program; its exit code."""
    parser = argparse.ArgumentParser(prog="proof.core_sessions", description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one line of figures on stdout")
    options = parser.parse_args(argv)
    began = time.monotonic()
    total = run(options.sessions, options.seed, options.jobs, report=5_000)
    never = missing(total.seen, total.sessions)
    for seed in total.failures[:3]:
        print(explain(seed), file=sys.stderr)
    for name in never:
        print(f"never reached: {name}", file=sys.stderr)
    figures = {
        "sessions": total.sessions,
        "events": total.events,
        "violations": len(total.failures),
        "failing_seeds": total.failures[:20],
        "never_reached": never,
        "seconds": round(time.monotonic() - began, 1),
        "seen": dict(sorted(total.seen.items())),
    }
    print(
        json.dumps(figures) if options.json else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )
    return 1 if total.failures or never else 0


if __name__ == "__main__":
    sys.exit(main())
