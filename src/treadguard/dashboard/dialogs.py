"""What is asked before something is done: symptoms, start, leaving; and the list of keys.

Here: texts and the keys of each. Not here: what a key does to the belt (app.py, whose own keys act
on every dialog too, Stop first), and when a question no longer fits (asking.py). The rule to keep:
no dialog covers the state or the speed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import ModalScreen

from treadguard.dashboard.model import Shown
from treadguard.dashboard.widgets import Plain

FOOT: Final = "SPACE Stop belt (software)    BACKSPACE back"

SYMPTOMS: Final = (
    # key, word of the API, whether it is a red flag, how it is felt
    ("s", "saddle-numbness", True, "numb between legs"),
    ("w", "bladder-bowel", True, "bladder or bowel"),
    ("l", "both-legs", True, "pain in both legs"),
    ("g", "leg-giving-way", True, "a leg gives way"),
    ("c", "chest-pain", True, "chest pain"),
    ("i", "faint", True, "faint, dizzy"),
    ("h", "breathless", True, "breathless"),
    ("t", "palpitations", True, "heart racing"),
    ("j", "fall", True, "a fall"),
    ("n", "calf-swelling", True, "a swollen calf"),
    ("v", "fever", True, "fever"),
    ("o", "pop", True, "a pop, then pain"),
    ("d", "down-the-leg", False, "pain down the leg"),
    ("k", "weakness", False, "new weakness"),
    ("u", "numbness", False, "new numbness"),
)


class Dialog(ModalScreen[None]):
    """A box at the foot of the screen; a key of its own is an Answered."""

    class Answered(Message):
        """One of the dialog's keys was pressed."""

        def __init__(self, dialog: Dialog, what: str) -> None:
            super().__init__()
            self.dialog = dialog
            self.what = what

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [Binding("backspace", "close", show=False)]

    def __init__(
        self, title: str, lines: Iterable[str], keys: Iterable[tuple[str, str]] = ()
    ) -> None:
        super().__init__()
        self.about: Shown | None = None
        self._lines = [title, *lines, FOOT]
        for key, what in keys:
            self._bindings.bind(key, f"answer({what!r})", show=False)

    def compose(self) -> ComposeResult:
        yield Plain("dialog")

    def on_mount(self) -> None:
        self.query_one("#dialog", Plain).show("\n".join(self._lines), "question")

    def action_close(self) -> None:
        """Do nothing, and go back."""
        self.dismiss()

    def action_answer(self, what: str) -> None:
        """Hand on what this key stands for."""
        self.post_message(self.Answered(self, what))


class SymptomDialog(Dialog):
    """Which symptom: one key, and it is sent."""

    def __init__(self) -> None:
        columns, rows = 3, 5
        cells = [f"{key}  {'!' if flag else ' '} {felt}" for key, _, flag, felt in SYMPTOMS]
        lines = [
            "".join(cells[r + rows * c].ljust(25) for c in range(columns)) for r in range(rows)
        ]
        super().__init__(
            "WHAT DO YOU FEEL?  Each of these stops the belt and ends the session.",
            [*lines, "! red flag: locked until a professional was seen"],
            [(key, word) for key, word, _, _ in SYMPTOMS],
        )


class ResumeDialog(Dialog):
    """The runner's own word before the belt moves."""

    def __init__(self, title: str, happens: Iterable[str]) -> None:
        super().__init__(
            title,
            [
                *happens,
                '"I am on the belt, the key is clipped."   y = yes, I am',
            ],
            [("y", "resume")],
        )


WARM_UPS: Final = (
    ("c", 4.0), ("d", 4.5), ("h", 5.0), ("i", 5.5), ("j", 6.0), ("k", 7.0), ("l", 8.0), ("m", 10.0),
)  # fmt: skip


class WarmUpDialog(Dialog):
    """Which speed to warm up to; the runner's own word comes after it."""

    def __init__(self) -> None:
        offers = "   ".join(f"{key} {kmh:g}" for key, kmh in WARM_UPS)
        super().__init__(
            "WARM UP TO WHICH SPEED, in km/h?",
            ["It climbs evenly from 3 km/h, and each step is announced.", offers],
            [(key, f"warm up to {kmh:g}") for key, kmh in WARM_UPS],
        )


class PlanDialog(Dialog):
    """The runner's own word for what goes up by itself from now on."""

    def __init__(self, what: str, title: str, happens: Iterable[str], *, starts: bool) -> None:
        word = (
            '"I am on the belt, the key is clipped."   y = yes, I am'
            if starts
            else "y = yes; each raise is announced 5 s ahead, and - or pain ends them"
        )
        super().__init__(title, [*happens, word], [("y", what)])


class LeaveDialog(Dialog):
    """Stop and end, or only leave."""

    def __init__(self, *, guarded: bool, shadow: bool) -> None:
        ends = "s  stop the belt and end the session, then leave"
        if shadow:
            ends = "s  end the session, then leave; nothing is sent to the belt, it goes on"
        goes_on = [
            "l  leave this screen only: the belt and its guard go on as they are",
            "   ('treadguard dash' shows it again, 'treadguard stop' stops the belt)",
        ]
        alone = [
            "l  leave this screen: its service is silent, so perhaps nobody guards the belt",
            "   (if it moves: the safety key, or Stop on its console)",
        ]
        super().__init__(
            "LEAVE?",
            [
                ends,
                *(goes_on if guarded else alone),
            ],
            [("s", "end"), ("l", "leave")],
        )


class HelpDialog(Dialog):
    """Every key."""

    def __init__(self) -> None:
        super().__init__(
            "KEYS  They act on every screen, and at once.",
            [
                "SPACE ESC F12  Stop belt (software); the key and the console come first",
                "0 to 9, x      pain; x, or 1 and then 0, is 10. Above 4 stops the belt",
                "p              it hurts: stop and break      f  symptom: stop and end",
                "e              10 % easier                   b  break: stop, sip water",
                "- down  , (-0.1)   [ left    slower, flatter: at once",
                "+ up    . (+0.1)   ] right   faster, steeper: asks, Enter or y confirms",
                "r  start or go on, with your word    w  start with a warm-up",
                "g  the programme: begin it, go on    v  vary the speed    u  reminders",
                "a  alarm seen      q  leave      BACKSPACE  close this",
            ],
        )
