"""Missing ratings: when the runner is asked, and what an unanswered question does.

No rating for long is not "no pain". Who has never rated above 0 gets a cue and no raise; otherwise
the second unanswered question in a row backs off and the third is a break (DESIGN.md section 4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from treadguard.guard.limits import FREE, Limit, meet, no_raise
from treadguard.guard.policy import PromptPolicy
from treadguard.guard.rules.backoff import Backoff, limit_of
from treadguard.units import Millis

WHY: Final = "no rating"


class Asked(Enum):
    """What the passing of time brings."""

    NOTHING = "nothing"
    ASK = "ask"
    CUE = "cue"
    BACK_OFF = "back off"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Ratings:
    """Questions asked: the one open, how many in a row went unanswered, and what that brought.

    `ran_since`: first motion of the session; `quiet_since`: last rating, question or motion.
    """

    ran_since: Millis | None = None
    quiet_since: Millis = Millis(0)
    open_since: Millis | None = None
    missed: int = 0
    backoff: Backoff | None = None

    @property
    def limit(self) -> Limit:
        """Nothing goes up while a question is unanswered."""
        if self.missed == 0:
            return FREE
        return meet(no_raise(WHY), limit_of(self.backoff))


def moving(ratings: Ratings, now: Millis) -> Ratings:
    """The belt has come to move: the questions count from here."""
    since = now if ratings.ran_since is None else ratings.ran_since
    return replace(ratings, ran_since=since, quiet_since=now, open_since=None)


def answered(ratings: Ratings, now: Millis, *, local: bool) -> Ratings:
    """A rating closes the question; only a local one releases what its absence brought."""
    if local:
        return replace(ratings, quiet_since=now, open_since=None, missed=0, backoff=None)
    missed = ratings.missed if ratings.backoff is not None else 0
    return replace(ratings, quiet_since=now, open_since=None, missed=missed)


def due(
    ratings: Ratings, now: Millis, policy: PromptPolicy, rerate_at: Millis | None, *, pained: bool
) -> tuple[Ratings, Asked]:
    """What is due while the belt runs. `pained`: some rating of the session was above 0."""
    if ratings.open_since is not None:
        if now - ratings.open_since < policy.open_ms:
            return ratings, Asked.NOTHING
        missed = ratings.missed + 1
        ratings = replace(ratings, open_since=None, missed=missed)
        if not pained or missed == 1:
            return ratings, Asked.CUE
        return ratings, Asked.BACK_OFF if missed == 2 else Asked.BREAK
    ran = ratings.ran_since
    early = ran is None or now - ran < policy.early_for_ms
    every = policy.early_every_ms if early else policy.every_ms
    asked_again = rerate_at is not None and now >= rerate_at > ratings.quiet_since
    if now - ratings.quiet_since < every and not asked_again:
        return ratings, Asked.NOTHING
    return replace(ratings, open_since=now, quiet_since=now), Asked.ASK
