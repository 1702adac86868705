"""Whatever the guard gives as a reason has a sentence, and numbers read as they should."""

from __future__ import annotations

import ast
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from proof.core_sessions import REASONS

from treadguard.guard.events import PhaseName
from treadguard.journal import Mode
from treadguard.replay.reader import read
from treadguard.report import words
from treadguard.report.session import Act

ROOT = Path(__file__).parents[2]
GUARD = ROOT / "src" / "treadguard" / "guard"
SESSIONS = sorted((ROOT / "tests" / "sessions").glob("*.jsonl"))

GIVES_A_REASON = frozenset(
    {"stop", "command", "end", "begin_end", "trigger", "hold", "no_raise", "cap", "plain_stop"}
)
KEEPS_A_REASON = ("rest", "ended", "fault", "barred", "why", "WHY")


def texts(node: ast.AST | None) -> set[str]:
    """The texts that an argument or a value may be; a word for the runner is longer than these."""
    if isinstance(node, ast.Tuple):
        return {text for part in node.elts for text in texts(part)}
    if isinstance(node, ast.BoolOp):
        return {text for part in node.values for text in texts(part)}
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def reasons_in_the_guard() -> set[str]:
    """Every text that its source gives as a reason."""
    found: set[str] = set()
    for file in GUARD.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    name = getattr(target, "attr", getattr(target, "id", None))
                    found |= texts(node.value) if name in KEEPS_A_REASON else set()
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            if name in GIVES_A_REASON:
                # The first is the turn, or the reason itself; a command's second is its op.
                places = {
                    "command": node.args[2:3],
                    "trigger": node.args[2:3],
                    "end": node.args[1:2],
                    "begin_end": node.args[2:3],
                }
                for argument in places.get(name, node.args[:2]):
                    found |= texts(argument)
            for keyword in node.keywords:
                found |= texts(keyword.value) if keyword.arg in KEEPS_A_REASON else set()
    return found


def test_every_reason_that_the_proofs_require_has_a_sentence() -> None:
    assert not set(REASONS) - set(words.REASONS)


def test_every_reason_in_the_guards_source_has_a_sentence() -> None:
    found = reasons_in_the_guard()
    assert {"pain", "not stopping", "started unseen", "owed stop", "consent", "ended"} <= found
    assert not found - set(words.REASONS)


@pytest.mark.parametrize("file", SESSIONS, ids=lambda file: file.stem)
def test_every_reason_in_a_recorded_session_has_a_sentence(file: Path) -> None:
    given = {
        why for line in read(file).lines for why in line.get("why", ()) if line["kind"] != "veto"
    }
    assert given
    assert not given - set(words.REASONS)


def test_sentences_are_sentences() -> None:
    for name, sentence in words.REASONS.items():
        assert sentence[0].isupper(), name
        assert sentence.endswith("."), name
        assert "emergency" not in sentence.lower()
    assert len(set(words.REASONS.values())) == len(words.REASONS)


def test_a_reason_of_another_version_is_given_as_it_stands() -> None:
    assert words.reason("too windy") == "The guard's reason: too windy."


def test_every_phase_and_mode_has_its_words() -> None:
    assert set(words.PHASES) == set(get_args(PhaseName))
    assert set(words.MODES) == set(get_args(Mode))


def test_an_unknown_number_is_a_dash() -> None:
    assert words.speed(None) == words.grade(None) == words.angle(None) == "–"
    assert (words.speed(0), words.grade(0), words.angle(0)) == ("0.0", "0.0", "0")
    assert (words.speed(525), words.speed(520)) == ("5.25", "5.2")


@pytest.mark.parametrize(
    ("op", "before", "to", "shadow", "doing", "change"),
    [
        ("set_speed", 600, 520, False, "Told the belt to slow down", "6.0 → 5.2 km/h"),
        (
            "set_incline",
            40,
            25,
            False,
            "Told the treadmill to lower the incline",
            "4.0 → 2.5 %",
        ),
        ("stop", 520, None, False, "Told the belt to stop", "5.2 → 0.0 km/h"),
        ("stop", None, None, True, "Would have told the belt to stop", "– → 0.0 km/h"),
    ],
)
def test_what_was_told_is_not_what_was_measured(
    op: str, before: int | None, to: int | None, shadow: bool, doing: str, change: str
) -> None:
    act = Act(0, 0, op, before, to, ("pain",), shadow)
    assert (words.doing(act), words.change(act)) == (doing, change)


@pytest.mark.parametrize(
    ("ms", "clock", "lasting"),
    [
        (0, "0:00", "0 s"),
        (65_000, "1:05", "1 min 5 s"),
        (3_600_000, "1:00:00", "1 h"),
        (3_725_999, "1:02:05", "1 h 2 min 6 s"),
    ],
)
def test_times_read_as_on_a_watch(ms: int, clock: str, lasting: str) -> None:
    assert (words.clock(ms), words.lasting(ms)) == (clock, lasting)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (ZoneInfo("Europe/Berlin"), "CEST, UTC+02:00"),
        (ZoneInfo("UTC"), "UTC"),
        (timezone(timedelta(hours=-3, minutes=-30)), "UTC-03:30"),
        (ZoneInfo("Asia/Kolkata"), "IST, UTC+05:30"),
    ],
)
def test_a_time_says_its_zone(zone: timezone, said: str) -> None:
    moment = datetime.fromisoformat("2026-07-26T12:00:00+00:00")
    assert words.zone_of(words.at_home(moment, zone)) == said
