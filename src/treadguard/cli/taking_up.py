"""What a session takes up from the one before it: its state, and perhaps its journal.

Here: header, state file, and the marker of a session that didn't end. Not here: the session's
life (hosting.py). The rule to keep: a session that broke off goes on with what it had kept;
nothing of it is forgiven.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

import platformdirs

from treadguard.cli.failure import Locked
from treadguard.cli.machines import SIMULATED, Choice
from treadguard.closed_loop.scenario_player import programme_of
from treadguard.config import (
    effective,
    load_policy,
    load_profile,
    user_policy,
    user_profile,
)
from treadguard.guard.kept import Kept
from treadguard.guard.plan import Plan
from treadguard.guard.policy import Policy, Profile
from treadguard.journal import Header, Mode
from treadguard.replay.reader import Journal, read
from treadguard.scenario import Scenario
from treadguard.session import state_file
from treadguard.session.recorder import JournalFile, continued_journal, new_journal
from treadguard.session.runtime import slug
from treadguard.session.service import Crashed
from treadguard.treadmill.proven import proven_file
from treadguard.units import Millis, Speed, kmh

GOES_ON_S: Final = 3600
"""A session that broke off longer ago is over; its locks and an owed Stop outlive it."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks for. `script`: a scenario to play in real time.

    `past_told`: the runner has been told already what the past says (looking_back.py); `asked`:
    and was asked about red flags (fit_today.py).
    """

    treadmill: str
    policy: Path | None = None
    mode: Literal["guard", "shadow"] | None = None
    journal: Path | None = None
    for_s: float | None = None
    script: Scenario | None = None
    adapter: str | None = None
    past_told: bool = False
    programme: Plan | None = None
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that is open while a session lives."""

    header: Header
    path: Path
    file: JournalFile
    state_path: Path
    after: Crashed | None = None


def state_path(treadmill: str) -> Path:
    """The file of what a treadmill's sessions keep."""
    return Path(platformdirs.user_state_dir("treadguard")) / f"{slug(treadmill)}.json"


def state_paths() -> list[Path]:
    """The state files of all treadmills, also of one whose session broke off before its first."""
    folder = state_path("sim").parent
    states = {path for path in folder.glob("*.json") if path.name != proven_file().name}
    return sorted(states | {path.with_suffix(".json") for path in folder.glob("*.open")})


def left_moving(treadmill: str) -> bool:
    """The last session broke off, or left a belt that may move: nothing may hold up this one."""
    return _left_moving(state_path(treadmill))


def any_left_moving() -> bool:
    """As `left_moving`, where it isn't known yet which real treadmill is meant."""
    return any(_left_moving(where) for where in state_paths() if where.stem not in SIMULATED)


def _left_moving(where: Path) -> bool:
    kept = state_file.load(where)
    return marker(where).exists() or kept.moving or kept.owed_stop


def take_up(
    wishes: Wishes,
    choice: Choice,
    scratch: Path,
    say: Callable[[str], None],
    ceiling: Speed | None = None,
) -> Session:
    """State and journal of the session. A script's are its own: it neither inherits nor leaves.

    `ceiling`: what the past allows, 0.01 km/h.
    """
    script = wishes.script
    if script is not None:
        policy = load_policy(wishes.policy, script.policy, under="policy")
        profile = load_profile(None, script.profile, under="profile")
        header = _header(wishes.mode or script.mode, choice, policy, profile, programme_of(script))
        path = wishes.journal or _journal_path(header, choice.key)
        return Session(header, path, new_journal(path), scratch / "state.json")
    own = effective(wishes.policy or user_policy(), user_profile())
    why = own.runner.refuses_to_start
    if why is not None and wishes.mode != "shadow" and not left_moving(choice.key):
        raise Locked(why)  # a belt that was left moving gets its Stop all the same
    header = _header(wishes.mode or "guard", choice, own.policy, own.profile, wishes.programme)
    where = state_path(choice.key)
    broken = _broken_off(where)
    if broken is not None and choice.is_real:
        # One that goes on keeps its ceiling, without another look at the past.
        ceiling = broken[1].header.profile.speed_max
    header = _by_the_past(header, ceiling)
    kept = _kept(where, ended=broken is None)
    if kept == Kept.most_restrictive():
        say(
            f"What the last session left can't be read ({where}), so the strictest is assumed:"
            " locked. 'treadguard unlock' lifts it."
        )
    elif kept.ceiling is not None:
        say(
            f"The last session is less than an hour ago: its highest {kmh(Speed(kept.ceiling)):g}"
            f" km/h after a stop for pain holds here too, and each of its breaks counts."
        )
    header = replace(header, initial=kept)
    session = _goes_on(broken, header, wishes, where) or _begins(header, choice, wishes, where)
    if session.after is None:
        # One that goes on is named there already, and a disk that is full must not keep it away.
        where.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        marker(where).write_text(str(session.path), encoding="utf-8")
    return session


def _kept(where: Path, *, ended: bool) -> Kept:
    """What the last session left. However it ended, a break isn't over by starting again."""
    if not ended and not where.exists():
        return Kept.most_restrictive()
    kept = state_file.load(where)
    if not ended or kept == Kept.most_restrictive():
        return kept
    if where.exists() and time.time() - where.stat().st_mtime <= GOES_ON_S:
        return replace(kept, ended=None, fault=None, in_session=False)
    # Breaks and triggers were that session's own. A belt that it left moving wasn't.
    return replace(kept.next_session(), owed_stop=kept.owed_stop, moving=kept.moving)


def _header(
    mode: Mode, choice: Choice, policy: Policy, profile: Profile, programme: Plan | None
) -> Header:
    return Header(
        session=secrets.token_hex(8),
        started=datetime.now(UTC).isoformat(timespec="milliseconds"),
        treadguard=version("treadguard"),
        mode=mode,
        treadmill=f"{choice.name} ({choice.key})" if choice.is_real else choice.name,
        is_real=choice.is_real,
        proven=choice.proven,
        policy=policy,
        profile=profile,
        initial=Kept(),
        programme=programme,
    )


def _by_the_past(header: Header, ceiling: Speed | None) -> Header:
    """The runner's own cap, or a lower one that the past calls for."""
    own = header.profile.speed_max
    if ceiling is None or (own is not None and own <= ceiling):
        return header
    return replace(header, profile=replace(header.profile, speed_max=ceiling))


def _begins(header: Header, choice: Choice, wishes: Wishes, where: Path) -> Session:
    path = wishes.journal or _journal_path(header, choice.key)
    return Session(header, path, new_journal(path), where)


def _journal_path(header: Header, treadmill: str) -> Path:
    started = datetime.fromisoformat(header.started)
    name = f"{started:%Y%m%d-%H%M%S}-{slug(treadmill)}-{header.session[:6]}.jsonl"
    return Path(platformdirs.user_data_dir("treadguard")) / "sessions" / name


def marker(where: Path) -> Path:
    """Names the journal of a session that hasn't ended in order."""
    return where.with_suffix(".open")


def _broken_off(where: Path) -> tuple[Path, Journal] | None:
    """The journal of a session that broke off a short while ago, if there is one."""
    try:
        path = Path(marker(where).read_text(encoding="utf-8"))
        age_s = time.time() - path.stat().st_mtime
        found = read(path)
    except (OSError, ValueError):
        return None
    return None if found.ended or age_s > GOES_ON_S else (path, found)


def _goes_on(
    broken: tuple[Path, Journal] | None, header: Header, wishes: Wishes, where: Path
) -> Session | None:
    """The same journal, where a replay of it would still be true: same rules, same machine."""
    if broken is None or wishes.journal is not None:
        return None
    path, found = broken
    before = found.header
    as_before = replace(
        header, session=before.session, started=before.started, initial=before.initial
    )
    if as_before != before:
        return None
    last = found.lines[-1] if found.lines else {"seq": 0, "t": 0}
    since_ms = (datetime.now(UTC) - datetime.fromisoformat(before.started)).total_seconds() * 1000
    return Session(
        replace(before, initial=header.initial),
        path,
        continued_journal(path, found.sound_bytes),
        where,
        Crashed(last["seq"], Millis(max(last["t"], round(since_ms)))),
    )
