"""The dashboard as a program: keys, presses, and the two tasks that listen to the service.

Here: what each key does and what is said of it. Not here: what is shown (model.py, history.py).
The rules to keep: Stop acts on every screen and is never dropped; nothing is shown as done before
the service has said so; nothing goes up without a second, other key.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar, Final

from textual import events, on
from textual.app import App
from textual.binding import Binding, BindingType

from treadguard.dashboard import keypad
from treadguard.dashboard.asking import (
    CONSENT_S,
    Question,
    offers_programme,
    outdated,
    plan_question,
    plan_refused,
    runs,
    start_question,
    start_refused,
)
from treadguard.dashboard.client import Client, NoAnswer
from treadguard.dashboard.dialogs import (
    Dialog,
    HelpDialog,
    LeaveDialog,
    PlanDialog,
    ResumeDialog,
    SymptomDialog,
    WarmUpDialog,
)
from treadguard.dashboard.history import History
from treadguard.dashboard.keypad import Axis, Keypad, Press
from treadguard.dashboard.model import STANDS_KMH, Shown, banner, look
from treadguard.dashboard.run_screen import TOO_SMALL, RunScreen, Said
from treadguard.dashboard.sender import Sender

POLL_S: Final = 0.25
REJOIN_S: Final = 0.5
READ_S: Final = 0.3
"""A yes to a raise sooner than this hasn't read the question: it was typed or pasted, not meant."""

READ_START_S: Final = 1.0
"""Likewise a yes to a start, which moves a belt."""

BELL_MS: Final = 2_000
OLD_MS: Final = 60_000
"""An alarm of longer ago, heard when the screen joins, isn't shown as one of now."""

BEHIND: Final = 20


class Leave(Enum):
    """How the screen was left."""

    SCREEN = "only the screen"
    SESSION = "the session has ended"


def _key(keys: str, action: str, text: str) -> Binding:
    return Binding(keys, action, text, show=False, priority=True)


class Dashboard(App[Leave]):
    """One screen on one service."""

    CSS_PATH = "treadguard.tcss"
    TITLE = "treadguard"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("space,escape,f12", "stop_belt", "Stop belt (software)"),
        *(_key(str(digit), f"rate({digit})", f"pain {digit}") for digit in range(10)),
        _key("x", "ten", "pain 10"),
        _key("p", "button", "it hurts"),
        _key("f", "symptom", "symptom"),
        _key("e", "ease", "ease"),
        _key("b", "rest", "break"),
        _key("plus,equals_sign,up", "step('speed', 0.5)", "faster"),
        _key("minus,down", "step('speed', -0.5)", "slower"),
        _key("full_stop", "step('speed', 0.1)", "a little faster"),
        _key("comma", "step('speed', -0.1)", "a little slower"),
        _key("right_square_bracket,right", "step('incline', 0.5)", "steeper"),
        _key("left_square_bracket,left", "step('incline', -0.5)", "flatter"),
        _key("enter", "confirm", "yes"),
        _key("r", "resume", "start or go on"),
        _key("a", "seen", "alarm seen"),
        _key("q,ctrl+c,ctrl+q", "leave", "leave"),
        _key("question_mark", "keys", "help"),
        # Not on a dialog, where these letters mean something else.
        Binding("g", "plan('programme')", "programme", show=False),
        Binding("w", "warm_up", "warm-up", show=False),
        Binding("v", "plan('vary')", "vary", show=False),
        Binding("u", "quiet", "reminders", show=False),
        Binding("y", "confirm", "yes", show=False),
        Binding("backspace", "no", "no", show=False),
    ]

    def __init__(
        self, client: Client, clock: Callable[[], float] = time.monotonic, *, playing: str = ""
    ) -> None:
        """`playing`: the name of a scenario that presses instead of the runner."""
        super().__init__()
        self.client = client
        self._now = clock
        self._run = RunScreen(playing)
        self.history = History()
        self._keypad = Keypad()
        self.state: dict[str, Any] | None = None
        self._heard_at = clock()
        self._said = Said()
        self._question: Question | None = None
        self._leaving = False
        self._opened = 0.0
        self._rung = 0
        self._soon = asyncio.Event()
        self._sender = Sender(client, clock, self._say, self._soon.set)

    # ------------------------------------------------------------ its life

    def get_default_screen(self) -> RunScreen:
        """The run screen is the first and only one."""
        return self._run

    def on_mount(self) -> None:
        self.run_worker(self._poll())
        self.run_worker(self._follow())
        self.set_interval(POLL_S, self._show)
        if not self.is_headless:
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self.exit, Leave.SCREEN)

    async def on_unmount(self) -> None:
        await self._sender.close()
        await self.client.close()

    def _print_error_renderables(self) -> None:
        # A runner gets a sentence (whoever called `run` says it), a developer Textual's own pages.
        if os.environ.get("TREADGUARD_DEBUG") == "1":
            super()._print_error_renderables()

    async def _poll(self) -> None:
        """Ask for the state four times a second, and at once after a press."""
        while True:
            self._soon.clear()
            asked_at = self._now()
            try:
                state = await self.client.state()
            except NoAnswer:
                pass
            else:
                self.state, self._heard_at = state, asked_at
                self._sender.heard(asked_at)
            self._show()
            self._leave_when_over()
            try:
                await asyncio.wait_for(self._soon.wait(), POLL_S)
            except TimeoutError:
                pass

    async def _follow(self) -> None:
        """Read the stream, and join it again whenever it breaks off."""
        while True:
            try:
                async for line in self.client.lines(self.history.session, self.history.seq):
                    self.history.take(line)
            except NoAnswer:
                pass
            await asyncio.sleep(REJOIN_S)

    # ------------------------------------------------------------ what is shown

    def _shown(self) -> Shown:
        return look(self.state, self._now() - self._heard_at, self.history.over)

    def _show(self) -> None:
        shown = self._shown()
        self._let_lapse(shown)
        alarm, cue = self.history.alarm, self.history.cue_now()
        top = banner(
            shown,
            None if alarm is None else alarm.text,
            None if cue is None else cue.text,
            unanswered=self._sender.unanswered,
        )
        said = self._said
        if self._question is not None:
            said = Said(self._question.text, "question")
        self._run.show(shown, self.history, top, said)
        if alarm is not None and alarm.seq != self._rung and self._caught_up:
            self._rung = alarm.seq
            age_ms = self.history.t - alarm.t
            if age_ms < BELL_MS:
                self.bell()
            elif age_ms > OLD_MS:
                self.history.acknowledge()  # of a time before this screen was there

    def _let_lapse(self, shown: Shown) -> None:
        """A question that nobody answered, or that the belt or a limit has answered."""
        about = self.screen.about if isinstance(self.screen, Dialog) else None
        gone = None if about is None else outdated(about, shown)
        if gone is not None:
            self._clear()
            self._said = Said(gone, "wait")
        if self._question is None:
            return
        state = self.state
        if self._now() - self._question.at > CONSENT_S:
            self._question, self._said = None, Said("Not raised: no confirmation came.", "wait")
        elif state is None or shown.face.word != "RUNNING" or not state["may_raise"]:
            self._question, self._said = None, Said("Not raised: it isn't allowed now.", "wait")

    @property
    def _caught_up(self) -> bool:
        """The stream has told what happened before this screen was there."""
        return self.state is not None and self.history.seq + BEHIND >= self.state["seq"]

    def _say(self, text: str, tone: str = "wait") -> None:
        self._said = Said(text, tone)
        self._show()

    # ------------------------------------------------------------ presses

    def action_stop_belt(self) -> None:
        """Stop, and close whatever is open."""
        self._clear()
        self._sender.stop()

    def action_rate(self, digit: int) -> None:
        """A rating, at once; a 0 within a second of a 1 is a 10."""
        self._clear()
        level = self._keypad.rating(digit, self._now())
        if level is not None:
            self._sender.send(keypad.pain(level))

    def action_ten(self) -> None:
        """The worst pain."""
        self._once(keypad.pain(10))

    def action_button(self) -> None:
        """Pain of unknown height."""
        self._once(keypad.BUTTON)

    def action_ease(self) -> None:
        """A little easier, without a rating."""
        self._once(keypad.EASE, keypad.EASE_REPEAT_S)

    def action_rest(self) -> None:
        """A break on request."""
        self._once(keypad.BREAK)

    def action_step(self, axis: Axis, by: float) -> None:
        """Slower or flatter at once; faster or steeper only asks."""
        before = self._question
        self._clear()
        kind = f"{axis} {by}"
        now = self._now()
        if not (self._keypad.pressed(kind, now) if by > 0 else self._keypad.lowered(kind, now)):
            self._question = before if by > 0 else None
            return
        if self.state is None or not self._shown().connected:
            self._say("Not connected: use the treadmill's console.", "bad")
            return
        base = before.value if before is not None and before.axis == axis else None
        step = keypad.stepped(self.state, axis, by, base if by > 0 else None)
        if step.value is None:
            self._say(step.refused or "", "wait")
        elif step.up and self._run.too_small:
            self._say(f"Not asked: the question wouldn't fit. {TOO_SMALL}", "bad")
        elif step.up:
            self._question = Question(axis, step.value, now)
            self._show()
        else:
            self._sender.send(keypad.change(axis, step.value, up=False))

    def action_confirm(self) -> None:
        """Yes to the raise that was asked."""
        self._let_lapse(self._shown())
        question, self._question = self._question, None
        if question is not None and self._now() - question.at < READ_S:
            self._say("Not raised: that was too quick to have been read. Press + again.")
        elif question is not None:
            self._sender.send(keypad.change(question.axis, question.value, up=True))

    def action_no(self) -> None:
        """No to it."""
        if self._question is not None:
            self._clear()
            self._say("Not raised.", "quiet")

    def on_key(self, event: events.Key) -> None:
        """A key that does nothing else is a no, as the question says."""
        if event.key != "y":
            self.action_no()

    def action_symptom(self) -> None:
        """Ask which."""
        self._open(SymptomDialog())

    def action_resume(self) -> None:
        """Ask for the runner's word."""
        shown = self._shown()
        refused = start_refused(shown)
        if refused is None and self._run.too_small:
            refused = f"Not asked: the question wouldn't fit. {TOO_SMALL}"
        if refused is not None:
            self._clear()
            self._say(refused)
            return
        title, happens = start_question(shown, self.history.header.get("policy", {}))
        self._open(ResumeDialog(title, happens), shown)

    def action_warm_up(self) -> None:
        """Ask for the speed to warm up to, and then for the runner's word."""
        shown = self._shown()
        refused = start_refused(shown)
        if refused is not None:
            self._clear()
            self._say(refused)
            return
        self._open(WarmUpDialog(), shown)

    def action_plan(self, what: str) -> None:
        """Ask whether a plan may go up by itself."""
        shown = self._shown()
        refused = plan_refused(shown, what)
        if what == "programme" and (self.state is None or not offers_programme(self.state)):
            refused = "There is no programme: 'treadguard run --programme FILE' begins with one."
        if refused is None and self._run.too_small:
            refused = f"Not asked: the question wouldn't fit. {TOO_SMALL}"
        if refused is not None or self.state is None:
            self._clear()
            self._say(refused or "")
            return
        title, happens = plan_question(shown, self.state, what)
        self._open(PlanDialog(what, title, happens, starts=not runs(shown)), shown)

    def action_quiet(self) -> None:
        """Silence the reminders, or let them speak again."""
        self._once(keypad.QUIET)

    def action_leave(self) -> None:
        """Ask how."""
        shown = self._shown()
        self._open(LeaveDialog(guarded=shown.connected, shadow=shown.shadow))

    def action_keys(self) -> None:
        """Show every key."""
        self._open(HelpDialog())

    def action_seen(self) -> None:
        """The alarm has been read."""
        self.action_no()
        if self.history.acknowledge():
            self._show()

    @on(Dialog.Answered)
    def _answered(self, message: Dialog.Answered) -> None:
        shown = self._shown()
        self._let_lapse(shown)
        if message.dialog is not self.screen:
            self._show()
            return
        self._clear()
        if isinstance(message.dialog, SymptomDialog):
            self._sender.send(keypad.symptom(message.what))
        elif isinstance(message.dialog, WarmUpDialog):
            slow = "It starts at the machine's slowest, and climbs by itself to that speed."
            title = f"{message.what.upper()} KM/H?"
            self._open(PlanDialog(message.what, title, [slow], starts=True), shown)
        elif isinstance(message.dialog, ResumeDialog | PlanDialog):
            if self._now() - self._opened < READ_START_S:
                self._say("Not started: that was too quick to have been read. Ask again.")
            else:
                self._begin(message.what)
        elif message.what == "leave":
            self.exit(Leave.SCREEN)
        else:
            self._leaving = True
            self._sender.send(keypad.END)

    def _begin(self, what: str) -> None:
        """The runner's word was given: start, or let a plan go up."""
        if what.startswith("warm up to "):
            self._sender.send(keypad.warm_up(float(what.removeprefix("warm up to "))))
        else:
            plans = {"programme": keypad.PROGRAMME, "vary": keypad.VARY}
            self._sender.send(plans.get(what, keypad.RESUME))

    def _open(self, dialog: Dialog, about: Shown | None = None) -> None:
        """`about`: the picture of the belt that its question speaks of."""
        self._clear()
        self._opened, dialog.about = self._now(), about
        self.push_screen(dialog)

    def _clear(self) -> None:
        """Close dialogs and drop the open question: whatever was pressed means something else."""
        self._question = None
        while isinstance(self.screen, Dialog):
            self.pop_screen()

    # ------------------------------------------------------------ sending

    def _once(self, press: Press, within_s: float = keypad.REPEAT_S) -> None:
        self._clear()
        if self._keypad.pressed(press.label, self._now(), within_s):
            self._sender.send(press)

    # ------------------------------------------------------------ leaving

    def _leave_when_over(self) -> None:
        if self._sender.unanswered:
            self._leaving = False  # nobody has taken the end
        if not self._leaving:
            return
        shown = self._shown()
        stands = shown.speed != "?" and float(shown.speed) <= STANDS_KMH
        if (shown.phase == "ENDED" and stands) or (
            not shown.connected and self.history.over == "at rest"
        ):
            self.exit(Leave.SESSION)
