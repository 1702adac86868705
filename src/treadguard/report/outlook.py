"""What the past says before a start: how long is usual, and what a pain end leaves behind.

Here: sentences, a lock and a ceiling from the rows, the diary and now, pure. Not here: who reads
them and refuses the start (cli/looking_back.py). The rules to keep: only sessions on real
treadmills count; what follows is only ever tighter; the locks of a red flag are the guard's own
and outlast these.

Sources: the longest session of 30 days and its 110 % are from 5,205 runners, where a session longer
than that went with more injuries (BJSM 2025;59:1203; they measured distance, here it is minutes).
The day of rest and the lower speed after a pain end follow the soreness rules of rehabilitation;
their exact numbers, and all others here, are conventions of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from treadguard.guard.policy import HARD_SPEED
from treadguard.report.diary import Diary
from treadguard.report.row import Row
from treadguard.report.weeks import ratio
from treadguard.units import Speed, kmh

LOCK: Final = timedelta(hours=24)
CEILING_PCT: Final = 90
LONGEST_OF: Final = timedelta(days=30)
LONGER_PCT: Final = 110
FAR_ABOVE: Final = 1.5
"""So many times the usual week is said (the ratio's own customary mark; it gates nothing)."""

NIGHT: Final = timedelta(hours=4)
"""Up to four o'clock a day isn't over: whoever runs past midnight sleeps afterwards."""

ASKED_FOR: Final = timedelta(days=7)
"""Who is asked later doesn't know any more how that morning was."""

SHOES_KM: Final = 500
"""From here on shoes are looked at. 500 to 800 km is custom; no study sets the number."""

_STEP: Final = 10
"""A ceiling is a whole 0.1 km/h."""

_LEAST: Final = Speed(100)
"""Where the machine didn't say how slow it can: 1.0 km/h, so that a ceiling is no lock."""

_LEAST_OF_A_PROFILE: Final = Speed(50)
"""A profile's own cap goes no lower (config/settings.py)."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """`ceiling`: 0.01 km/h for the next session. `asks_morning`: after which session to ask."""

    locked_until: datetime | None = None
    ceiling: Speed | None = None
    sentences: tuple[str, ...] = ()
    asks_morning: Row | None = None

    @property
    def lock(self) -> str | None:
        """Why the belt is locked and until when, as a clause; None where it isn't."""
        if self.locked_until is None:
            return None
        return (
            f"a session has ended for pain, and the belt rests until {minute(self.locked_until)},"
            " 24 h after it"
        )


@dataclass(frozen=True, slots=True)
class Worn:
    """The present shoes, and what they have done on treadguard's sessions."""

    name: str
    since: date
    hours: float
    km: float


def outlook(
    rows: Sequence[Row], diary: Diary, now: datetime, planned_s: float | None = None
) -> Outlook:
    """What holds for a session that starts `now`, which has the runner's time zone."""
    past = counted(rows, now)
    sentences = [*_ahead(rows, now)]
    if not past:
        return Outlook(sentences=tuple(sentences))
    *_, last = past
    locked = [row.pain_end + LOCK for row in past if row.pain_end is not None]
    until = max((end for end in locked if end > now), default=None)
    sentences += _two_in_a_row(past)
    ceilings = [*_ceilings(past, diary, now)]
    ceiling = min((speed for speed, _ in ceilings), default=None)
    sentences += [
        f"{why}: {kmh(speed):.1f} km/h is the most in the session after it."
        for speed, why in ceilings
        if speed == ceiling
    ][:1]
    if until is None:
        sentences += _week(past, now)
        sentences += _length(past, now, planned_s)
    sentences += _shoes(worn(past, diary, now))
    return Outlook(
        locked_until=None if until is None else until.astimezone(now.tzinfo),
        ceiling=ceiling,
        sentences=tuple(sentences),
        asks_morning=last if _asks(last, diary, now) else None,
    )


def counted(rows: Sequence[Row], now: datetime) -> list[Row]:
    """The sessions on real treadmills up to now, by their start."""
    found = [row for row in rows if row.is_real and row.counts and row.started <= now]
    return sorted(found, key=lambda row: row.started)


def day(row: Row, now: datetime) -> date:
    """The date of a session where the runner is."""
    return row.started.astimezone(now.tzinfo).date()


def minute(moment: datetime) -> str:
    """A moment as people read it."""
    return f"{moment:%Y-%m-%d %H:%M}"


def morning_after(row: Row, now: datetime) -> date:
    """The date of the morning that follows a session, where the runner is."""
    return (row.started.astimezone(now.tzinfo) - NIGHT).date() + timedelta(days=1)


def before_today(rows: Sequence[Row], now: datetime) -> Row | None:
    """The session that this morning comes after: the last one that somebody has slept upon."""
    found = [row for row in counted(rows, now) if _slept(row, now) >= timedelta()]
    return found[-1] if found else None


def _slept(row: Row, now: datetime) -> timedelta:
    return (now - NIGHT).date() - morning_after(row, now)


def worn(past: Sequence[Row], diary: Diary, now: datetime) -> Worn | None:
    """The shoes taken into use last, with all that was counted since that day."""
    if not diary.shoes:
        return None
    shoes = diary.shoes[-1]
    own = [row for row in past if day(row, now) >= shoes.date]
    metres, ms = sum(row.distance_m for row in own), sum(row.moving_ms for row in own)
    return Worn(shoes.name, shoes.date, ms / 3_600_000, metres / 1000)


def _ahead(rows: Sequence[Row], now: datetime) -> Iterator[str]:
    ahead = [row for row in rows if row.is_real and row.counts and row.started > now]
    if ahead:
        when = minute(ahead[-1].started.astimezone(now.tzinfo))
        yield f"A session is dated {when}, which is yet to come: look at this computer's clock."


def _two_in_a_row(past: Sequence[Row]) -> Iterator[str]:
    if len(past) >= 2 and all(row.pain_end_ms is not None for row in past[-2:]):
        yield "The last two sessions ended for pain: see a physical therapist before the next."


def _ceilings(past: Sequence[Row], diary: Diary, now: datetime) -> Iterator[tuple[Speed, str]]:
    """For the first session after a pain end, or after an answer that it was worse."""
    for row in reversed(past):
        if row.pain_end_ms is not None and row.speed_then is not None:
            why = f"A session ended for pain at {kmh(row.speed_then):.1f} km/h"
            yield _lower(row.speed_then, row), why
            break
        # In shadow nobody held the belt below a ceiling.
        if row.pain_end_ms is None and row.mode != "shadow":
            break
    answered = diary.mornings[-1] if diary.mornings else None
    if answered is not None and answered.feels == "worse" and answered.at >= past[-1].started:
        # The answer may come after another start; what it is about is the session before that.
        about = next((row for row in past if row.session == answered.session), None)
        if about is not None and about.max_speed > 0:
            top = kmh(about.max_speed)
            why = f"Your back was worse after {day(about, now)}, at up to {top:.1f} km/h"
            yield _lower(about.max_speed, about), why


def _lower(speed: int, row: Row) -> Speed:
    lowered = speed * CEILING_PCT // 100 // _STEP * _STEP
    least = _LEAST if row.speed_min is None else row.speed_min
    return Speed(min(max(lowered, least, _LEAST_OF_A_PROFILE), HARD_SPEED))


def _week(past: Sequence[Row], now: datetime) -> Iterator[str]:
    found = ratio(past, now)
    if found is not None and found.times > FAR_ABOVE:
        yield (
            f"Your last seven days have {found.times:.1f} times your usual load"
            f" ({found.this:.0f}, usually {found.usual:.0f}): a short and easy session is enough."
        )


def _length(past: Sequence[Row], now: datetime, planned_s: float | None) -> Iterator[str]:
    lately = [row.moving_ms for row in past if row.started > now - LONGEST_OF]
    if not lately:
        yield "No session in the last 30 days: begin shorter and slower than you left off."
        return
    longest = max(lately)
    usual = longest * LONGER_PCT // 100
    of = f"the longest session of the last 30 days moved for {longest // 60_000} min"
    if planned_s is None:
        if usual >= 60_000:
            yield f"Up to {usual // 60_000} min is within your usual: {of}."
    elif planned_s * 1000 > usual:
        yield (
            f"{planned_s / 60:.0f} min are planned, and {of}: up to {usual // 60_000} min is"
            " within your usual."
        )


def _shoes(shoes: Worn | None) -> Iterator[str]:
    if shoes is not None and shoes.km >= SHOES_KM:
        yield (
            f"Your shoes ({shoes.name}) have {shoes.km:.0f} km and {shoes.hours:.0f} h since"
            f" {shoes.since}: by custom they are looked at from {SHOES_KM} km on."
        )


def _asks(last: Row, diary: Diary, now: datetime) -> bool:
    return timedelta() <= _slept(last, now) < ASKED_FOR and diary.morning_of(last.session) is None
