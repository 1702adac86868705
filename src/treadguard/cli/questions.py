"""What no machine says of itself, asked on a terminal.

Here: the questions, and the talk. Not here: what follows from the answers (report/equipment.py).
The rules to keep: each can be skipped with Enter, what can't be understood is asked again, and who
breaks off has answered nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple, TypeVar

from msgspec import Struct, structs

from treadguard.cli.folded import print_folded
from treadguard.report.equipment_file import QUANTITIES, Answers
from treadguard.report.quantities import quantity

T = TypeVar("T", bound=Struct)

Answer = str | bool | int | None

FIRST: Final = (
    "What no machine says of itself, asked once. Enter skips a question, Ctrl-C leaves and keeps"
    " nothing."
)
AGAIN: Final = (
    "Enter keeps the answer in brackets, - forgets it, Ctrl-C leaves and changes nothing."
)

_KEYS: Final = ("clipped", "loose", "none")
_YES_NO: Final = {"y": True, "yes": True, "n": False, "no": False}

TREADMILL: Final = {
    "key": "Is there a safety key, and do you clip it on? (clipped, loose, none)",
    "power": "How strong is the motor, in continuous power (CHP), not peak?",
    "belt_length": "How long is the belt, where you can stand on it?",
    "belt_width": "How wide is the belt, between the rails?",
    "incline": "How steep does it get? (0 % where it stays flat)",
    "top_speed": "How fast does it get?",
    "panel": "Is its control panel simple, and in reach without leaning? (y, n)",
    "cushioning": "Is the deck cushioned? (y, n)",
    "stable": "Does it stand firm, also when you walk fast? (y, n)",
}
SHOES: Final = {
    "foot_type": "Your shoes. Do you know your foot type, such as a flat or a high arch? (y, n)",
    "gait": "Do you know how your foot rolls, inward, outward or straight? (y, n)",
    "routine": "Are the shoes made for what you do in them, walking or running? (y, n)",
    "fitted": "Were they fitted in a running shop? (y, n)",
    "upper": "Does the upper hold your foot without pressing? (y, n)",
    "collar": "Does the collar hold your heel without rubbing? (y, n)",
    "toe_box": "Have your toes room in front and to the sides? (y, n)",
}
RUNNER: Final = {
    "height": "How tall are you?",
    "runs_a_week": "How many times a week do you run on it? (0: you only walk)",
}


class Untold(NamedTuple):
    """Which questions are open although they aren't always: what is told elsewhere isn't asked."""

    incline: bool
    top_speed: bool
    height: bool
    runs_a_week: bool


def ask(before: Answers, untold: Untold, on: date, *, again: bool) -> Answers:
    """Ask what was never asked, or everything `again`. EOFError, KeyboardInterrupt: broken off."""
    told = {key for key, open_ in untold._asdict().items() if not open_}
    tables = (
        (before.treadmill, TREADMILL),
        (before.shoes, SHOES),
        (before.runner, RUNNER),
    )
    open_: dict[str, str] = {}
    for table, texts in tables:
        if again or table.answered is None:
            open_ |= {key: text for key, text in texts.items() if key not in told}
    if not open_:
        return before
    print_folded(["", AGAIN if again else FIRST], 4)
    given: dict[str, Answer] = {}
    present = {key: getattr(table, key) for table, texts in tables for key in texts}
    for number, (key, text) in enumerate(open_.items(), 1):
        given[key] = _asked(f"{number}/{len(open_)}  {text}", key, present[key])
    return Answers(
        _with(before.treadmill, given, on),
        _with(before.shoes, given, on),
        _with(before.runner, given, on),
    )


def understood(key: str, text: str) -> Answer:
    """The answer to that question; ValueError with a sentence that says how to give it."""
    words = " ".join(text.split())
    if key in QUANTITIES:
        quantity(words, QUANTITIES[key])
        return words
    if key == "runs_a_week":
        if not re.fullmatch(r"[0-9]{1,2}", words) or int(words) > 21:
            raise ValueError("give a whole number from 0 to 21")
        return int(words)
    if key == "key":
        near = [word for word in _KEYS if word.startswith(words.casefold())]
        if len(near) != 1:
            raise ValueError("say clipped, loose or none")
        return near[0]
    if words.casefold() not in _YES_NO:
        raise ValueError("say y or n")
    return _YES_NO[words.casefold()]


def _asked(text: str, key: str, present: Answer) -> Answer:
    example = f" Like {' or '.join(QUANTITIES[key].examples)}." if key in QUANTITIES else ""
    kept = "" if present is None else f" [{_shown(present)}]"
    print_folded([f"{text}{example}{kept}"], 6)
    while True:
        typed = input("> ").strip()
        if not typed:
            return present
        if typed == "-":
            return None
        try:
            return understood(key, typed)
        except ValueError as error:
            print_folded([f"  {error}; Enter skips it."], 4)


def _shown(answer: Answer) -> str:
    return {True: "y", False: "n"}[answer] if isinstance(answer, bool) else str(answer)


def _with(table: T, given: Mapping[str, Answer], on: date) -> T:
    answers = {key: answer for key, answer in given.items() if key in table.__struct_fields__}
    return structs.replace(table, answered=on, **answers) if answers else table
