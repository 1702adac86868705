"""One session as a process: what it is put together from, and how it ends.

Here: lock, API and signals round one `Service`. Not here: which treadmill (machines.py), state and
journal (taking_up.py), what is printed (console.py), and a session's own life (session/service.py).
The rule to keep: one treadmill has one process, by its resolved address.
"""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from treadguard.cli.failure import CHECK_FAILED, NO_SERVICE, Failure, bad_input
from treadguard.cli.fit_today import NOT_ASKED
from treadguard.cli.looking_back import held_to
from treadguard.cli.machines import Choice, choose
from treadguard.cli.taking_up import Session, Wishes, left_moving, marker, take_up
from treadguard.closed_loop.live import Live
from treadguard.config import ConfigError
from treadguard.kernel import GateKeeper
from treadguard.session.api import Api
from treadguard.session.battery import battery, watch_battery
from treadguard.session.host_time import Suspends
from treadguard.session.recorder import JournalRefused, Recorder
from treadguard.session.runtime import Claim, RuntimeRefused, TreadmillBusy, claim
from treadguard.session.service import Companion, Service
from treadguard.session.stall_watch import StallWatch
from treadguard.session.supervised import Notify, Supervised

CARD_S: Final = 2.0
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def host(
    wishes: Wishes,
    say: Callable[[str], None],
    show: Callable[[Service], Companion] | None = None,
) -> int:
    """Run one session to its end; the exit code. `show` makes a companion that looks on."""
    try:
        choice = choose(wishes.treadmill, wishes.adapter, wishes.script, say)
        with (
            claim(choice.name if choice.is_real else choice.key, choice.key) as claimed,
            tempfile.TemporaryDirectory() as scratch,
        ):
            ceiling = None
            if not left_moving(choice.key):
                if choice.is_real:
                    _refuse_an_empty_battery()
                    if not wishes.asked and wishes.mode != "shadow":
                        say(NOT_ASKED)
                    ceiling = held_to(wishes.mode, wishes.for_s, say, told=wishes.past_told)
                if choice.recognise is not None:
                    choice = choice.recognise(say)
            session = take_up(wishes, choice, Path(scratch), say, ceiling)
            code = asyncio.run(_live(wishes, choice, session, claimed, say, show))
    except TreadmillBusy as error:
        raise Failure(NO_SERVICE, str(error)) from error
    except (RuntimeRefused, JournalRefused, ConfigError, ValueError) as error:
        raise bad_input(str(error)) from error
    if wishes.script is None:
        with suppress(OSError):
            marker(session.state_path).unlink(missing_ok=True)
    say(f"journal: {session.path}")
    return code


async def _live(
    wishes: Wishes,
    choice: Choice,
    session: Session,
    claimed: Claim,
    say: Callable[[str], None],
    show: Callable[[Service], Companion] | None,
) -> int:
    keeper = GateKeeper()
    watch = StallWatch(_cry_out)
    supervised = Supervised(Notify(os.environ.get("NOTIFY_SOCKET")))

    def ticked(service: Service) -> None:
        watch.beat(moving=service.belt_may_move)
        supervised.beat(service)

    async with choice.drive(keeper.check, say) as (treadmill, machine):
        service = Service(
            session.header,
            treadmill,
            keeper,
            lambda trouble: Recorder(session.file, session.state_path, trouble),
            new_id=lambda: secrets.token_hex(8),
            say=say,
            after=session.after,
            slept=Suspends(),
            on_tick=ticked,
        )
        token = secrets.token_urlsafe(24)
        card = _Card(claimed, token)
        api = Api(service, token, card.publish)
        companions: dict[str, Companion] = {"API": api.run, "card": card.keep}
        if choice.is_real:
            companions |= _beside_a_real_belt(service)
        if show is not None:
            companions["console"] = show(service)
        if wishes.script is not None and machine is not None:
            companions["scenario"] = Live(service, machine, wishes.script).play
        if wishes.for_s is not None:
            companions["time limit"] = partial(_limit, service, wishes.for_s)
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, _leave, service, number.name)
        # Asleep, it would leave a moving belt without a guard.
        loop.add_signal_handler(
            signal.SIGTSTP, say, "treadguard stays awake: Ctrl-C stops the belt"
        )
        # What is loaded by now is no garbage, and looking through it holds up the loop for 30 ms.
        gc.collect()
        gc.freeze()
        with watch:
            code = await service.run(companions)
        supervised.over()
    if code == 0 and not service.sends_nothing:
        seen = service.state()["speed_kmh"] is not None
        say("the belt is at rest" if seen else "treadguard never saw the belt: is it at rest?")
    return code


def _refuse_an_empty_battery() -> None:
    left = battery()
    if left is not None and not left.may_start:
        raise Failure(
            CHECK_FAILED,
            f"this computer's battery has {left.percent} % and isn't being charged, so it may leave"
            " the belt alone: plug it in first",
        )


def _beside_a_real_belt(service: Service) -> dict[str, Companion]:
    companions: dict[str, Companion] = {"battery": partial(watch_battery, service)}
    if sys.platform == "linux":
        from treadguard.session.staying_awake import StayingAwake

        companions["staying awake"] = StayingAwake(service).run
    return companions


def _cry_out(text: str) -> None:
    # Past Python's own buffers, whose lock the loop may hold.
    with suppress(OSError):
        os.write(2, f"\aALARM: {text}\n".encode())


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
