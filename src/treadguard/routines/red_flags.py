"""What is asked before any exercise or run: few questions, yes or no.

Here: the questions, and what follows from a yes. Not here: who asks (setup, run, routine), and the
lock that a symptom leaves on a session (guard/rules/symptoms.py). The rule to keep: a yes ends it.
These are no diagnosis and no complete list: they are the signs for which waiting is wrong (A29).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RedFlag:
    """One question. `symptom` is its word for `treadguard symptom`; `then` follows a yes."""

    symptom: str
    question: str
    then: str


_TODAY: Final = "Don't exercise. Have it seen today, by a doctor or at an emergency department."

_QUESTIONS: Final = (
    RedFlag("saddle-numbness", "Is it numb between your legs, where a saddle would be?", _TODAY),
    RedFlag("bladder-bowel", "Have bladder or bowel become hard to hold or to empty?", _TODAY),
    RedFlag("both-legs", "Are both legs newly weak, numb or painful?", _TODAY),
    RedFlag(
        "chest-pain",
        "Do you have chest pain, or are you faint or short of breath at rest?",
        "Don't exercise. Sit down, and call the emergency number now.",
    ),
    RedFlag(
        "fever",
        "With the pain: a fever, lost weight without a reason, a hard fall, or pain at night that"
        " no position eases?",
        "Don't exercise today. See a doctor first, and say which of these it is.",
    ),
)


def red_flag_questions() -> tuple[RedFlag, ...]:
    """The questions, in the order in which they are asked."""
    return _QUESTIONS
