"""Presses on their way: sent at once, and what became of each is said.

Here: the wait for an answer, and what follows when there is none. Not here: which key sends what
(app.py). The rules to keep: "taken" is said only of what the service has answered; a press that
was to stop the belt and isn't answered is followed by Stops until one is taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from treadguard.dashboard import keypad
from treadguard.dashboard.client import Client, NoAnswer, Reply
from treadguard.dashboard.keypad import Press
from treadguard.dashboard.stopper import Stopper

ANSWER_WITHIN_S: Final = 1.0
"""No answer by then is said; what loosens is given up."""

TIGHTENS_WITHIN_S: Final = 10.0

Say = Callable[[str, str], None]


class Sender:
    """Sends presses. `say` gets a sentence and its tone, `answered` is called after each answer."""

    def __init__(
        self,
        client: Client,
        now: Callable[[], float],
        say: Say,
        answered: Callable[[], None],
    ) -> None:
        self._client = client
        self._now = now
        self._say = say
        self._answered = answered
        self._failed_at: float | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopper = Stopper(self._send_stop, self._stop_told, self._stop_given_up)

    @property
    def unanswered(self) -> bool:
        """Whether a press went unanswered, and nothing has been answered since."""
        return self._failed_at is not None

    def heard(self, asked_at: float) -> None:
        """The service has answered something that was asked then."""
        if self._failed_at is not None and asked_at > self._failed_at:
            self._failed_at = None

    def stop(self) -> None:
        """Stop the belt."""
        self._stopper.press()
        self._say("Stop sent…", "wait")

    def send(self, press: Press) -> None:
        """Anything else."""
        self._say(f"{press.label} sent…", "wait")
        task = asyncio.get_running_loop().create_task(self._sent(press))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Wait for nothing any more."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._stopper.close()

    async def _sent(self, press: Press) -> None:
        within = ANSWER_WITHIN_S if press.loosens else TIGHTENS_WITHIN_S
        asking = asyncio.ensure_future(self._client.post(press.path, press.body, within))
        late = False
        try:
            await asyncio.wait((asking,), timeout=ANSWER_WITHIN_S)
            late = not asking.done()
            if late:
                self._unanswered(press)
            reply = await asking
        except NoAnswer as error:
            if not late:
                self._unanswered(press)
            self._failed_at = self._now()
            self._say(f"{press.label} was NOT taken: {error}", "bad")
            return
        finally:
            asking.cancel()
        self._tell(press, reply)

    def _unanswered(self, press: Press) -> None:
        self._failed_at = self._now()
        self._say(f"{press.label} sent, no answer", "bad")
        if press.stops:
            self._stopper.press()

    def _tell(self, press: Press, reply: Reply) -> None:
        self._failed_at = None
        if reply.refused is not None:
            self._say(f"{press.label} refused: {reply.refused}", "bad")
        else:
            # What the guard says to it may be a no.
            seq, said = f"(seq {reply.seq})", " ".join(reply.say)
            heard = f"{press.label} {seq}: {said}" if said else f"{press.label} taken {seq}"
            self._say(heard, "good")
        self._answered()

    async def _send_stop(self) -> Reply:
        return await self._client.post(keypad.STOP.path, keypad.STOP.body, TIGHTENS_WITHIN_S)

    def _stop_given_up(self) -> None:
        self._say("Stop was NOT taken, and isn't tried any more: SPACE tries again", "bad")

    def _stop_told(self, reply: Reply | None, waited_s: float) -> None:
        if reply is not None:
            self._tell(keypad.STOP, reply)
            return
        if waited_s >= ANSWER_WITHIN_S:
            self._failed_at = self._now()
        self._say(f"Stop sent, no answer for {waited_s:.0f} s", "bad")
