"""The latest known value of every Treadmill Data field, and how old each is.

Machines split a record over notifications in either order, cut it, or leave fields out of some.
The rule to keep: each notification counts at once, for the fields that it carries and no others;
the snapshot never waits for a record to be whole, and what a notification lacks keeps its value
and its age. One snapshot serves one connection: a lost link means a fresh one.
"""

from __future__ import annotations

from dataclasses import replace

from treadguard.ftms.treadmill_data import FIELDS, TreadmillData
from treadguard.units import Millis


class Snapshot:
    def __init__(self) -> None:
        self.latest = TreadmillData()
        """The fields merged so far; its more_data, truncated and trailing mean nothing."""
        self._seen: dict[str, Millis | None] = dict.fromkeys(FIELDS)

    def merge(self, data: TreadmillData, now: Millis) -> None:
        """Take over the fields that one notification carries."""
        known = {name: value for name in FIELDS if (value := getattr(data, name)) is not None}
        self.latest = replace(self.latest, **known)
        self._seen.update(dict.fromkeys(known, now))

    def age_ms(self, field: str, now: Millis) -> Millis | None:
        """Time since the field last came; None if it never did. KeyError for no such field."""
        seen = self._seen[field]
        return None if seen is None else Millis(now - seen)
