"""One session as a process: what it is put together from, and how it ends.

Here: lock, state, journal, API and signals round one `Service` on the simulated treadmill. Not
here: what is printed (console.py), and a session's own life (session/service.py). The rule to
keep: a session that broke off goes on with what it had kept; nothing of it is forgiven.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

import platformdirs

from treadguard.cli.failure import NO_SERVICE, Failure, bad_input
from treadguard.closed_loop.live import Live
from treadguard.closed_loop.scenario_player import faults_of
from treadguard.config import ConfigError, load_policy, load_profile, user_policy, user_profile
from treadguard.guard.kept import Kept
from treadguard.journal import Header
from treadguard.kernel import GateKeeper
from treadguard.replay.reader import Journal, read
from treadguard.scenario import Scenario
from treadguard.session import state_file
from treadguard.session.api import Api
from treadguard.session.recorder import (
    JournalFile,
    JournalRefused,
    Recorder,
    continued_journal,
    new_journal,
)
from treadguard.session.runtime import Claim, RuntimeRefused, TreadmillBusy, claim, slug
from treadguard.session.service import Companion, Crashed, Service
from treadguard.sim.direct import DirectTreadmill
from treadguard.sim.presets import preset_named
from treadguard.units import Millis

GOES_ON_S: Final = 3600
"""A session that broke off longer ago is over; its locks and an owed Stop outlive it."""

CARD_S: Final = 2.0
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks for. `script`: a scenario to play in real time."""

    treadmill: str
    policy: Path | None = None
    mode: Literal["guard", "shadow"] | None = None
    journal: Path | None = None
    for_s: float | None = None
    script: Scenario | None = None


@dataclass(frozen=True, slots=True)
class _Session:
    """Everything that is open while a session lives."""

    header: Header
    path: Path
    file: JournalFile
    state_path: Path
    after: Crashed | None = None


def state_path(treadmill: str) -> Path:
    """The file of what a treadmill's sessions keep."""
    return Path(platformdirs.user_state_dir("treadguard")) / f"{slug(treadmill)}.json"


def host(
    wishes: Wishes,
    say: Callable[[str], None],
    show: Callable[[Service], Companion] | None = None,
) -> int:
    """Run one session to its end; the exit code. `show` makes a companion that looks on."""
    if wishes.treadmill != "sim":
        raise Failure(
            NO_SERVICE,
            f"no treadmill {wishes.treadmill!r}: this version drives the simulated treadmill only"
            " (--treadmill sim)",
        )
    try:
        with claim(wishes.treadmill) as claimed, tempfile.TemporaryDirectory() as scratch:
            session = _open(wishes, Path(scratch), say)
            code = asyncio.run(_live(wishes, session, claimed, say, show))
    except TreadmillBusy as error:
        raise Failure(NO_SERVICE, str(error)) from error
    except (RuntimeRefused, JournalRefused, ConfigError, ValueError) as error:
        raise bad_input(str(error)) from error
    if wishes.script is None:
        with suppress(OSError):
            _marker(session.state_path).unlink(missing_ok=True)
    say(f"journal: {session.path}")
    return code


async def _live(
    wishes: Wishes,
    session: _Session,
    claimed: Claim,
    say: Callable[[str], None],
    show: Callable[[Service], Companion] | None,
) -> int:
    script = wishes.script
    keeper = GateKeeper()
    treadmill = _treadmill(script, keeper)
    service = Service(
        session.header,
        treadmill,
        keeper,
        lambda trouble: Recorder(session.file, session.state_path, trouble),
        new_id=lambda: secrets.token_hex(8),
        say=say,
        after=session.after,
    )
    token = secrets.token_urlsafe(24)
    card = _Card(claimed, token)
    api = Api(service, token, card.publish)
    companions: dict[str, Companion] = {"API": api.run, "card": card.keep}
    if show is not None:
        companions["console"] = show(service)
    if script is not None:
        companions["scenario"] = Live(service, treadmill, script).play
    if wishes.for_s is not None:
        companions["time limit"] = partial(_limit, service, wishes.for_s)
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, _leave, service, number.name)
    # Asleep, it would leave a moving belt without a guard.
    loop.add_signal_handler(signal.SIGTSTP, say, "treadguard stays awake: Ctrl-C stops the belt")
    code = await service.run(companions)
    if code == 0 and not service.sends_nothing:
        say("the belt is at rest")
    return code


class _Card:
    """How other terminals find the service, put back where a log-out has swept it away."""

    def __init__(self, claimed: Claim, token: str) -> None:
        self._claimed = claimed
        self._token = token
        self._port = 0

    def publish(self, port: int) -> None:
        self._port = port
        self._claimed.publish(port, self._token)

    async def keep(self) -> None:
        while True:
            await asyncio.sleep(CARD_S)
            with suppress(OSError, RuntimeRefused):
                self._claimed.renew(self._port, self._token)


def _leave(service: Service, name: str) -> None:
    service.say("stopping the belt")
    service.stop(f"signal {name}")


async def _limit(service: Service, for_s: float) -> None:
    await asyncio.sleep(for_s)
    service.stop(f"{for_s:g} s are over")


def _treadmill(script: Scenario | None, keeper: GateKeeper) -> DirectTreadmill:
    if script is None:
        return DirectTreadmill(preset_named("ideal"), check=keeper.check)
    return DirectTreadmill(
        preset_named(script.machine.preset),
        check=keeper.check,
        quirks=script.machine.quirks,
        faults=faults_of(script),
        seed=script.seed,
    )


# ---------------------------------------------------------------- state and journal


def _open(wishes: Wishes, scratch: Path, say: Callable[[str], None]) -> _Session:
    """State and journal of the session. A script's are its own: it neither inherits nor leaves."""
    header = _header(wishes)
    if wishes.script is not None:
        path = wishes.journal or _journal_path(header, wishes.treadmill)
        return _Session(header, path, new_journal(path), scratch / "state.json")
    where = state_path(wishes.treadmill)
    broken = _broken_off(where)
    kept = _kept(where, ended=broken is None)
    if kept == Kept.most_restrictive():
        say(
            f"What the last session left can't be read ({where}), so the strictest is assumed:"
            " locked. 'treadguard unlock' lifts it."
        )
    header = replace(header, initial=kept)
    session = _goes_on(broken, header, wishes, where) or _begins(header, wishes, where)
    where.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _marker(where).write_text(str(session.path), encoding="utf-8")
    return session


def _kept(where: Path, *, ended: bool) -> Kept:
    """What the last session left. However it ended, a break isn't over by starting again."""
    if not ended and not where.exists():
        return Kept.most_restrictive()
    kept = state_file.load(where)
    if not ended or kept == Kept.most_restrictive():
        return kept
    if where.exists() and time.time() - where.stat().st_mtime <= GOES_ON_S:
        return replace(kept, ended=None, fault=None)
    # Breaks and triggers were that session's own. A belt that it left moving wasn't.
    return replace(kept.next_session(), owed_stop=kept.owed_stop, moving=kept.moving)


def _header(wishes: Wishes) -> Header:
    script = wishes.script
    if script is None:
        policy = load_policy(wishes.policy or user_policy())
        profile = load_profile(user_profile())
    else:
        policy = load_policy(wishes.policy, script.policy, under="policy")
        profile = load_profile(None, script.profile, under="profile")
    machine = "ideal" if script is None else script.machine.preset
    return Header(
        session=secrets.token_hex(8),
        started=datetime.now(UTC).isoformat(timespec="milliseconds"),
        treadguard=version("treadguard"),
        mode=wishes.mode or ("guard" if script is None else script.mode),
        treadmill=f"the simulated treadmill ({machine})",
        is_real=False,
        proven=True,
        policy=policy,
        profile=profile,
        initial=Kept(),
    )


def _begins(header: Header, wishes: Wishes, where: Path) -> _Session:
    path = wishes.journal or _journal_path(header, wishes.treadmill)
    return _Session(header, path, new_journal(path), where)


def _journal_path(header: Header, treadmill: str) -> Path:
    started = datetime.fromisoformat(header.started)
    name = f"{started:%Y%m%d-%H%M%S}-{slug(treadmill)}-{header.session[:6]}.jsonl"
    return Path(platformdirs.user_data_dir("treadguard")) / "sessions" / name


def _marker(where: Path) -> Path:
    """Names the journal of a session that hasn't ended in order."""
    return where.with_suffix(".open")


def _broken_off(where: Path) -> tuple[Path, Journal] | None:
    """The journal of a session that broke off a short while ago, if there is one."""
    try:
        path = Path(_marker(where).read_text(encoding="utf-8"))
        age_s = time.time() - path.stat().st_mtime
        found = read(path)
    except (OSError, ValueError):
        return None
    return None if found.ended or age_s > GOES_ON_S else (path, found)


def _goes_on(
    broken: tuple[Path, Journal] | None, header: Header, wishes: Wishes, where: Path
) -> _Session | None:
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
    return _Session(
        replace(before, initial=header.initial),
        path,
        continued_journal(path, found.sound_bytes),
        where,
        Crashed(last["seq"], Millis(max(last["t"], round(since_ms)))),
    )
