"""Symptoms that end a session, and the locks that they leave.

Any named symptom ends the session. Pain moving down the leg, new weakness and new numbness lock
like pain of 7 and above; everything else, an unknown word included, is a red flag and locks until
a local unlock with the statement that a professional was seen (A29, H38-H40).
"""

from __future__ import annotations

from typing import Final

PAIN_LOCK: Final = "pain"
"""Left by pain of 7 and above, pain moving down the leg, new weakness or numbness."""

RED_FLAG_LOCK: Final = "red flag"

_NERVE: Final = frozenset({"down the leg", "weakness", "numbness"})

SEEK_CARE: Final = (
    "Stop, hold the rail, step off when the belt stands, and sit down. "
    "Call for help now if it is strong, new or spreading; do not run again today."
)

_URGENT: Final = frozenset(
    {
        "saddle numbness",
        "bladder bowel",
        "both legs",
        "leg giving way",
        "chest pain",
        "faint",
        "breathless",
        "palpitations",
    }
)
"""Of the cauda equina and of the heart (H38, H40)."""

CALL_NOW: Final = (
    "Hold the rail, step off when the belt stands, sit down, and call the emergency number now."
)


def advice_for(what: str) -> str:
    """What the runner does about this symptom."""
    return CALL_NOW if _word(what) in _URGENT else SEEK_CARE


def _word(what: str) -> str:
    return what.strip().lower().replace("-", " ").replace("_", " ")


def lock_for(what: str) -> str:
    """The lock that this symptom leaves."""
    return PAIN_LOCK if _word(what) in _NERVE else RED_FLAG_LOCK
