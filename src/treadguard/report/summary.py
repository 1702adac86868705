"""One session in a few sentences: what a physical therapist takes in within a minute.

Here: which facts are told, in order. Not here: the words of reasons and phases (words.py). The
rule to keep: each sentence says what was measured, said or done, and none says what it means for
the back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from treadguard.guard.rules.pain import BUTTON_LEVEL
from treadguard.report import words
from treadguard.report.session import GAP_MS, Act, Rating, Sample, Session
from treadguard.units import STOPPED_MAX


def sentences(session: Session) -> Iterator[str]:
    """What happened, a sentence or two each."""
    yield _movement(session)
    yield _pain(session)
    if session.symptoms:
        yield f"Symptoms that the runner reported: {', '.join(session.symptoms)}."
    yield _acts(session)
    yield _breaks(session)
    yield _posture(session)
    yield _end(session)


def _movement(session: Session) -> str:
    figures = session.figures
    if not figures.moving_ms:
        return "The belt was not seen to move."
    return (
        f"The belt moved for {words.lasting(figures.moving_ms)} of"
        f" {words.lasting(figures.lasted_ms)}, over {figures.distance_m} m, at most"
        f" {words.speed(figures.max_speed)} km/h. The load was {figures.load:g}, where an hour of"
        " walking at 6.0 km/h on the flat is 60."
    )


def _pain(session: Session) -> str:
    ratings = session.ratings
    if not ratings:
        return "The runner gave no pain rating."
    worst = max(ratings, key=_height)
    told = f"Pain was reported {words.times(len(ratings))} (0 is none, 10 the worst)"
    if len(ratings) == 1:
        told += f": {words.level(worst.level)} at {_moment(session, worst)}."
    else:
        told += (
            f": first {words.level(ratings[0].level)}, highest {words.level(worst.level)} at"
            f" {_moment(session, worst)}, last {words.level(ratings[-1].level)}."
        )
    first = next((rating for rating in ratings if _height(rating) > 0), None)
    if first is not None and first is not worst:
        told += f" It was first above 0 at {_moment(session, first)}."
    buttons = sum(rating.level is None for rating in ratings)
    if buttons:
        told += f" The bare button, pressed {words.times(buttons)}, counts as {BUTTON_LEVEL}."
    return told


def _height(rating: Rating) -> int:
    return BUTTON_LEVEL if rating.level is None else rating.level


def _moment(session: Session, rating: Rating) -> str:
    return f"{words.clock(rating.t)}, the belt {belt_at(session, rating.t)}"


def belt_at(session: Session, t: int) -> str:
    """What the belt did at `t` ms, as measured."""
    sample = last_seen(session, t)
    if sample is None or sample.speed is None:
        return "at an unknown speed"
    if sample.speed <= STOPPED_MAX:
        return "at rest"
    steep = "on the flat" if sample.grade == 0 else f"and {words.grade(sample.grade)} %"
    return f"at {words.speed(sample.speed)} km/h {steep}"


def last_seen(session: Session, t: int) -> Sample | None:
    """The newest sample at `t` ms, where there is one that still says something."""
    sample = next((s for s in reversed(session.samples) if s.t <= t), None)
    return None if sample is None or t - sample.t > GAP_MS else sample


def _acts(session: Session) -> str:
    if not session.acts:
        return "treadguard did not step in."
    stops = sum(act.op == "stop" for act in session.acts)
    told = [
        f"to {what} {words.times(n)}"
        for what, n in (("go easier", len(session.acts) - stops), ("stop", stops))
        if n
    ]
    would = "would have told" if all(act.shadow for act in session.acts) else "told"
    return (
        f"treadguard {would} the treadmill {' and '.join(told)}."
        f" Why, and how often: {_reasons(session.acts)}."
    )


def _reasons(acts: tuple[Act, ...]) -> str:
    counted = Counter(why for act in acts for why in act.why)
    return ", ".join(f"{why} ({n})" for why, n in counted.most_common())


def _breaks(session: Session) -> str:
    stays = [stay for stay in session.stays if stay.phase == "BREAK"]
    if not stays:
        return "There was no break."
    lengths = ", ".join(words.lasting(stay.until - stay.t) for stay in stays)
    told = f"There {'was' if len(stays) == 1 else 'were'} {words.many(len(stays), 'break')}"
    after = [s.speed for s in session.samples if s.t > stays[-1].until and s.speed is not None]
    highest = max(after, default=0)
    if highest > STOPPED_MAX:
        went_on = f"Afterwards the belt went up to {words.speed(highest)} km/h."
    else:
        went_on = (
            "The belt did not move after it."
            if len(stays) == 1
            else "The belt did not move after the last."
        )
    return f"{told} ({lengths}). {went_on}"


def _posture(session: Session) -> str:
    figures = session.figures
    if not figures.seen_ms:
        return "No posture sensor was used."
    share = figures.upright_ms * 100 // figures.seen_ms
    return (
        f"Posture was in sight for {words.lasting(figures.seen_ms)}; {share} % of that was without"
        " leaning forward or looking down beyond the thresholds on the flat."
    )


def _end(session: Session) -> str:
    if not session.whole:
        return "The journal breaks off: the session was cut off, or still runs."
    if not session.ended:
        return "The session was closed without a reason to end it."
    return f"How it ended: {' '.join(words.reason(why) for why in session.ended)}"
