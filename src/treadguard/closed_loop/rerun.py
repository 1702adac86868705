"""A journal's human inputs once more, against the simulated treadmill.

Here: which recorded lines are the human's, and how each is given again. The rule to keep: only
what a person or a sensor put in is taken from the journal; what the belt does, and what the guard
makes of it, comes about anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, assert_never

from treadguard.closed_loop.stage import Act, Company, Machine, Played, Stage
from treadguard.guard.events import Operator, Pain, Posture, Symptom
from treadguard.guard.policy import Policy
from treadguard.journal import Line, event_of
from treadguard.replay.reader import Journal

_HUMAN: Final = frozenset({"pain", "symptom", "posture", "operator"})
"""Consents aren't among them: the service writes a new one for each start or raise."""


def rerun(journal: Journal, preset: str, policy: Policy | None = None) -> Played:
    """Play it to its last line, under its own policy or another.

    BadLine where an input isn't one, ValueError for the preset.
    """
    acts: list[Act] = []
    t = 0
    for line in journal.lines:
        if line["kind"] in _HUMAN:
            acts.append((line["t"] / 1000, line["kind"], _act(line)))
        elif line["kind"] == "restart":
            acts.append((t / 1000, "restart", _death(line["t"] - t)))
        t = line["t"]
    header = journal.header if policy is None else replace(journal.header, policy=policy)
    return Stage(header, Machine(preset), seed=0).play(acts, t / 1000)


def _death(for_ms: int) -> Callable[[Company], object]:
    return lambda on: on.soon(on.die(for_ms / 1000))


def _act(line: Line) -> Callable[[Company], object]:
    event = event_of(line)
    assert isinstance(event, Pain | Symptom | Posture | Operator)  # noqa: S101 - see _HUMAN
    match event:
        case Pain(_, level, source, role, retained, id_):
            return lambda on: on.service.pain(level, source, role, retained=retained, id_=id_)
        case Symptom(_, what, source, role, retained):
            return lambda on: on.service.symptom(what, source, role, retained=retained)
        case Operator(_, do, value, role):
            return lambda on: on.service.operator(do, value, role)
        case Posture():
            return lambda on: on.service.feed(replace(event, t=on.service.clock()))
    assert_never(event)
