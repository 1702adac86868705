"""What `treadguard setup` asks, in plain words, and how an answer becomes a profile's value.

Here: the questions as data. Not here: the asking (setup.py), the ranges (config/runner.py). The
rule to keep: every question but the first may be skipped, and what is skipped stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, get_args

from treadguard.config.runner import Condition

BEFORE: Final = (
    "The treadmill's own safety key and Stop button come first, always: clip the key on.",
    "treadguard is no medical device and gives no diagnosis: see a professional first.",
    "Its numbers are one article's, and otherwise careful conventions.",
)

SEE_FIRST: Final = "Please see a doctor about it before you walk or run on a treadmill."

CONDITIONS: Final[Mapping[Condition, str]] = {
    "weak core": "a weak core or back",
    "trigger points": "tight muscles, trigger points",
    "sacroiliac": "a strained sacroiliac joint (low and to one side, where spine meets pelvis)",
    "facet": "irritated facet joints (worse on bending back or turning)",
    "hyperlordosis": "a large curve in the lower back (hyperlordosis)",
    "sciatica": "sciatica (pain that runs down a leg)",
    "vertebral": "a strained back or an injured spine (vertebrae, discs)",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One key of a profile. `read` gives the value of what was typed, or raises ValueError.

    `choices` are shown one a line, with their numbers.
    """

    table: str
    key: str
    ask: str
    read: Callable[[str], object]
    choices: tuple[str, ...] = ()


def _words(text: str) -> str:
    if not text.isprintable():
        raise ValueError("plain letters, please.")
    return text


def _number(text: str) -> float:
    if re.fullmatch(r"[0-9]{1,6}", text):
        return int(text)
    if re.fullmatch(r"[0-9]{1,6}[.,][0-9]{1,6}", text):
        return float(text.replace(",", "."))
    raise ValueError("a number, please, like 5 or 5.5.")


def _yes(text: str) -> bool:
    return bool(_one_of({"y": True, "yes": True, "n": False, "no": False}, text, "y or n"))


def _one_of(words: Mapping[str, object], text: str, allowed: str) -> object:
    if text.lower() not in words:
        raise ValueError(f"{allowed}, please.")
    return words[text.lower()]


def _bends(text: str) -> object:
    words = {"f": "flexion", "forward": "flexion", "b": "extension", "back": "extension"}
    return _one_of(words | {"u": "unknown", "unknown": "unknown"}, text, "f, b or u")


def _mdt(text: str) -> object:
    words = {"f": "flexion", "flexion": "flexion", "e": "extension", "extension": "extension"}
    return _one_of(words, text, "f or e")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError("a date like 2026-03-31, please.") from None
    if day > date.today():  # noqa: DTZ011 - the runner's own calendar
        raise ValueError("that is still to come.")
    return day


def _conditions(text: str) -> list[str]:
    if text.lower() == "none":
        return []
    return [get_args(Condition)[n - 1] for n in numbers(text, len(CONDITIONS))]


def numbers(text: str, most: int) -> list[int]:
    """The numbers from 1 to `most` in a list like "1, 3"; ValueError for anything else."""
    found = [int(word) for word in re.findall(r"[0-9]{1,3}", text)]
    if (
        not re.fullmatch(r"[0-9, ]+", text)
        or not found
        or not set(found) <= set(range(1, most + 1))
    ):
        raise ValueError(f"numbers from 1 to {most}, please, like 1, 3; or none.")
    return sorted(set(found))


RUNNER: Final = (
    Question("runner", "hurts", "What hurts, in your own words?", _words),
    Question("runner", "since", "Since when?", _words),
    Question("runner", "age", "How old are you?", _number),
    Question("runner", "height_cm", "How tall are you, in cm?", _number),
    Question("runner", "mass_kg", "What do you weigh, in kg?", _number),
    Question("runner", "runs_a_week", "How often a week do you walk or run on it?", _number),
    Question(
        "runner",
        "conditions",
        "Which of these are yours (numbers, like 1, 3; or none)?",
        _conditions,
        tuple(CONDITIONS.values()),
    ),
    Question(
        "runner",
        "sensitive_to",
        "Which hurts more, bending forward or back (f, b, or u for unknown)?",
        _bends,
    ),
    Question(
        "runner",
        "cleared",
        "Has a doctor or physical therapist cleared you for the treadmill (y or n)?",
        _yes,
    ),
)

CLEARED_ON: Final = Question("runner", "cleared_on", "On which day (like 2026-03-31)?", _day)

BY_THERAPIST: Final = "Has a therapist given you limits to go through (y or n)?"

SEEN: Final = "You have named a red flag before: has a doctor seen you about it (y or n)?"

THERAPIST: Final = (
    Question("therapist", "speed_max_kmh", "The highest speed, in km/h?", _number),
    Question("therapist", "grade_max_pct", "The steepest incline, in %?", _number),
    Question(
        "therapist", "pain_stop_above", "Above which pain does the belt stop (0 to 4)?", _number
    ),
    Question("therapist", "longest_min", "The longest session, in minutes on the belt?", _number),
    Question(
        "therapist",
        "mdt",
        "The direction that eases, after McKenzie (f for flexion, e for extension)?",
        _mdt,
    ),
    Question("therapist", "note", "Anything to remember of what was said?", _words),
)


def as_typed(question: Question, value: Any) -> str:
    """A value of the profile as it would be typed, for the brackets behind a question."""
    if isinstance(value, bool):
        return "y" if value else "n"
    if isinstance(value, list):
        order = get_args(Condition)
        return ", ".join(str(order.index(word) + 1) for word in value) or "none"
    if question.key == "sensitive_to":
        return {"flexion": "f", "extension": "b"}.get(value, "u")
    return f"{value:g}" if isinstance(value, float) else str(value)
