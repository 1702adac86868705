"""What the past says, at a start on a real treadmill: said, asked, and held to.

Here: reading index and diary, the questions about the morning and after a session, the refusal. Not
here: what follows from the past (report/outlook.py). The rule to keep: none of this comes before a
belt that may move; whoever calls has made sure that none was left so.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Literal

from treadguard.cli.failure import Locked
from treadguard.cli.folded import print_folded
from treadguard.report import diary, index
from treadguard.report.outlook import Outlook, counted, day, morning_after, outlook
from treadguard.report.row import Row
from treadguard.units import Speed

Mode = Literal["guard", "shadow"] | None

_FEELS: Final[dict[str, diary.Feels]] = {
    "better": "better",
    "same": "same",
    "worse": "worse",
    "b": "better",
    "s": "same",
    "w": "worse",
}
_ASKED_TIMES: Final = 3


def now() -> datetime:
    """Now, in the runner's own time zone."""
    return datetime.now().astimezone()


def read_diary() -> tuple[diary.Diary, tuple[str, ...]]:
    """The diary, and what is wrong with it in sentences. It never fails."""
    path = diary.diary_file()
    try:
        found = diary.load(path)
    except OSError as error:
        return diary.Diary(), (f"the diary {path} can't be read: {error.strerror}",)
    if found.skipped:
        return found, (f"the diary {path} holds {found.skipped} lines that can't be read",)
    return found, ()


def before_the_start(mode: Mode, for_s: float | None, *, screen: bool) -> bool:
    """Ask and tell the runner at the terminal; whether anything was told.

    `screen`: one follows and would hide it, so Enter is waited for. Failure while the belt is
    locked, unless `mode` is shadow.
    """
    found = index.sessions(index.sessions_folder(), index.index_file())
    own, notes = read_diary()
    there = somebody_types()
    due = outlook(found.rows, own, now()).asks_morning
    if due is not None and there:
        ask_morning(due)
        own, notes = read_diary()
    past = outlook(found.rows, own, now(), for_s)
    told = _told(past, found, notes)
    _refuse_while_locked(past, mode, told, lambda sentence: print_folded([sentence], 2))
    if told and screen and there:
        input("Enter goes on, Ctrl-C leaves it. ")
    return bool(told)


def held_to(
    mode: Mode, for_s: float | None, say: Callable[[str], None], *, told: bool
) -> Speed | None:
    """The ceiling of this session (0.01 km/h); what leads to it is said unless it was `told`.

    Failure while the belt is locked, unless `mode` is shadow.
    """
    found = index.sessions(index.sessions_folder(), index.index_file())
    own, notes = read_diary()
    past = outlook(found.rows, own, now(), for_s)
    _refuse_while_locked(past, mode, () if told else _told(past, found, notes), say)
    return past.ceiling


def _refuse_while_locked(
    past: Outlook, mode: Mode, told: tuple[str, ...], say: Callable[[str], None]
) -> None:
    locked = past.lock is not None and mode != "shadow"
    for sentence in told:
        # What comes as the failure's own sentence isn't said twice.
        if not (locked and past.lock is not None and past.lock in sentence):
            say(sentence)
    if locked:
        raise Locked(f"{past.lock}; with --mode shadow treadguard only watches")


def _told(past: Outlook, found: index.Found, notes: tuple[str, ...]) -> tuple[str, ...]:
    sentences = [f"Note: {note}." for note in (*found.notes, *notes)]
    if found.damaged:
        sentences.append(
            f"Journals that can't be read, and count for nothing here: {len(found.damaged)}"
            " ('treadguard history' names them)."
        )
    if past.lock is not None:
        sentences.append(f"Locked: {past.lock}.")
    return (*sentences, *past.sentences)


def somebody_types() -> bool:
    """Whether a person can be asked here."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


# ---------------------------------------------------------------- the morning after


def ask_morning(after: Row) -> None:
    """Ask how the back was on the morning after this session; Enter skips."""
    print(f"How was your back the morning after the session of {day(after, now())}?")
    print("Pain 0 to 10, and better, same or worse than before, for example: 2 same")
    for _ in range(_ASKED_TIMES):
        try:
            typed = input("(Enter skips) > ")
        except EOFError:
            return
        if not typed.strip():
            return
        answer = answered(typed)
        if answer is not None:
            pain, feels = answer
            try:
                write_morning(after, pain, feels)
            except OSError as error:
                print(f"That can't be written down ({error.strerror}).")
            return
        print("That is a number from 0 to 10 and one of the words better, same, worse.")


def answered(typed: str) -> tuple[int, diary.Feels] | None:
    """Pain and word from a line; None where it is anything else."""
    words = typed.lower().replace(",", " ").split()
    if len(words) != 2 or not words[0].isascii() or not words[0].isdigit():
        return None
    pain = int(words[0]) if len(words[0]) <= 2 else 11
    feels = _FEELS.get(words[1])
    return None if pain > 10 or feels is None else (pain, feels)


def write_morning(after: Row, pain: int, feels: diary.Feels) -> None:
    """Add the answer about the morning after this session. OSError where it can't be."""
    at = now()
    entry = diary.Morning(at, after.session, morning_after(after, at), pain, feels)
    diary.add(diary.diary_file(), entry)


# ---------------------------------------------------------------- after a session


def ask_effort(since: datetime) -> None:
    """Ask how hard the session was that has ended since then, if there is one; Enter skips.

    Nobody is asked after a symptom: there is something else to do then.
    """
    found = counted(index.sessions(index.sessions_folder(), index.index_file()).rows, now())
    if not found or found[-1].symptoms:
        return
    last = found[-1]
    if last.started + timedelta(milliseconds=last.lasted_ms) < since:
        return
    print("How hard was the whole session? 0 (rest), 3 (moderate), 5 (hard) to 10 (the hardest).")
    for _ in range(_ASKED_TIMES):
        try:
            typed = input("(Enter skips) > ").strip()
        except (EOFError, KeyboardInterrupt, OSError):
            print()
            return
        if not typed:
            return
        rpe = rated(typed)
        if rpe is not None:
            try:
                diary.add(diary.diary_file(), diary.Effort(now(), last.session, rpe))
            except OSError as error:
                print(f"That can't be written down ({error.strerror}).")
            return
        print("That is a number from 0 to 10.")


def rated(typed: str) -> float | None:
    """A rating from 0 to 10, halves and such included; None where it is anything else."""
    if not re.fullmatch(r"[0-9]{1,2}([.,][0-9]{1,2})?", typed):
        return None
    rpe = float(typed.replace(",", "."))
    return rpe if rpe <= 10 else None
