"""The screen that guides through a routine: picture, cue, countdown, and what the keys do.

Here: keys, questions, and what is shown and said. Not here: what is due when (routines/pace.py),
what is chosen (routines/choosing.py), how it is drawn (guide_widgets.py). The rules to keep: each
cue is said once, in order; what hurt isn't shown again; a yes to a question ends it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import ClassVar, Final

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from treadguard.dashboard.guide_widgets import Large, Picture
from treadguard.dashboard.widgets import Figure, Plain
from treadguard.routines import pace
from treadguard.routines.choosing import Routine
from treadguard.routines.course import Cue, Station, lay_out
from treadguard.routines.in_words import NO_DEVICE, TITLES, minutes
from treadguard.routines.outcome import Outcome
from treadguard.routines.red_flags import RedFlag

TICK_S: Final = 0.1
READ_S: Final = 0.5
"""An answer to a question sooner than this hasn't read it: the key was held, or typed ahead."""

KEYS: Final = "SPACE pause   n → next   b ← back   p it hurts   q leave"
KEYS_ASKING: Final = "y yes   n no   b back   q leave"
KEYS_OVER: Final = "b back   q leave"
DONE: Final = "That is all. Well done."


def _key(keys: str, action: str, text: str) -> Binding:
    return Binding(keys, action, text, show=False, priority=True)


class Guide(App[Outcome]):
    """One routine, from its questions to its summary."""

    CSS_PATH = "guide.tcss"
    TITLE = "treadguard"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("space", "pause", "pause"),
        _key("n,right", "next", "next, or no"),
        _key("b,left", "again", "back"),
        _key("p", "hurts", "it hurts"),
        _key("y", "yes", "yes"),
        _key("q,escape,ctrl+c,ctrl+q", "leave", "leave"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012 - as Textual types it

    def __init__(
        self,
        routine: Routine,
        questions: tuple[RedFlag, ...] = (),
        *,
        say: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`routine` has a station at least. `say` speaks: it must return at once. `clock`: s."""
        super().__init__()
        self._routine = routine
        self._questions = questions
        self._say = say
        self._clock = clock
        self._asking = 0
        self._asked_at = clock()
        self._flag: RedFlag | None = None
        self._place = pace.begin(lay_out(routine.stations), self._now_ms())
        self._became: dict[int, str] = {}
        self._hurt: set[str] = set()
        self._ended = False
        self._notice = ""
        self._title = Plain("title")
        self._picture = Picture("picture")
        self._count = Figure("count")
        self._dose = Plain("dose")
        self._large = Large("large")
        self._cue = Plain("cue")
        self._said = Plain("said")
        self._keys = Plain("keys")

    # ------------------------------------------------------------ its life

    def compose(self) -> ComposeResult:
        yield self._title
        yield Horizontal(self._picture, Vertical(self._count, self._dose, id="side"), id="top")
        yield self._large
        yield self._cue
        yield self._said
        yield self._keys

    def on_mount(self) -> None:
        if self._questions:
            self._say(self._questions[0].question)
        self.set_interval(TICK_S, self.tick)
        self.tick()

    def _print_error_renderables(self) -> None:
        # As in app.py: a runner gets a sentence, a developer Textual's own pages.
        if os.environ.get("TREADGUARD_DEBUG") == "1":
            super()._print_error_renderables()

    def tick(self) -> None:
        """Look at the clock; say what is due, and show what is."""
        if not self._answering:
            self._look()
        self._show()

    @property
    def outcome(self) -> Outcome:
        """What has become of the routine so far."""
        names = [(i, s.exercise.name) for i, s in enumerate(self._stations)]
        became = self._became

        def those(what: str | None) -> tuple[str, ...]:
            return tuple(name for i, name in names if became.get(i) == what)

        return Outcome(those("done"), those("skipped"), those("hurt"), those(None), self._flag)

    # ------------------------------------------------------------ keys

    def action_pause(self) -> None:
        """Stand still, or go on."""
        if self._answering or self._ended:
            return
        self._place, cue = pace.pause(self._place, self._now_ms())
        self._tell(cue)
        self._notice = ""
        self.tick()

    def action_next(self) -> None:
        """The next exercise; to a question: no."""
        if self._answering:
            if self._flag is None and self._was_read:
                self._ask(self._asking + 1)
        elif not self._ended:
            self._became.setdefault(self._place.station, "skipped")
            self._enter(self._place.station + 1)
        self.tick()

    def action_again(self) -> None:
        """The start of this exercise, or the one before; the question before."""
        if self._answering:
            if self._flag is None and self._asking:
                self._ask(self._asking - 1)
        else:
            to = pace.back(self._place, self._now_ms()).station
            while to > 0 and self._stations[to].key in self._hurt:
                to -= 1
            self._ended = False
            self._enter(to)
        self.tick()

    def action_hurts(self) -> None:
        """Leave this exercise out, and rest until the runner goes on."""
        if self._answering or self._ended:
            return
        station = self._stations[self._place.station]
        self._hurt.add(station.key)
        for number, other in enumerate(self._stations):
            if other.key == station.key:
                self._became[number] = "hurt"
        self._enter(self._place.station + 1)
        words = f"Leave it out: {station.exercise.name}. Rest, and go on when it is quiet."
        if not self._ended:
            self._place = pace.still(self._place)
        self._notice = words
        self._say(words)
        self.tick()

    def action_yes(self) -> None:
        """To a question: it is so, and nothing is begun."""
        if self._answering and self._flag is None and self._was_read:
            self._flag = self._questions[self._asking]
            self._say(self._flag.then)
            self.tick()

    def action_leave(self) -> None:
        """End here."""
        self.exit(self.outcome)

    # ------------------------------------------------------------ going through

    @property
    def _stations(self) -> tuple[Station, ...]:
        return self._place.course.stations

    @property
    def _answering(self) -> bool:
        return self._asking < len(self._questions)

    @property
    def _was_read(self) -> bool:
        return self._clock() - self._asked_at >= READ_S

    def _now_ms(self) -> int:
        return round(self._clock() * 1000)

    def _ask(self, number: int) -> None:
        self._asking, self._asked_at = number, self._clock()
        if self._answering:
            self._say(self._questions[number].question)
        else:
            self._place = pace.begin(self._place.course, self._now_ms())

    def _look(self) -> None:
        was = self._place.station
        self._place, cue = pace.look(self._place, self._now_ms())
        if self._place.station != was:
            self._became.setdefault(was, "done")
            if self._stations[self._place.station].key in self._hurt:
                self._enter(self._place.station)
                return
        self._tell(cue)
        if self._place.over and not self._ended:
            self._became.setdefault(was, "done")
            self._end()

    def _enter(self, station: int) -> None:
        """To the start of this exercise, or of the first after it that didn't hurt."""
        while station < len(self._stations) and self._stations[station].key in self._hurt:
            station += 1
        self._place = pace.go_to(self._place, station, self._now_ms())
        self._notice = ""
        if self._place.over:
            self._end()
        elif self._became.get(station) == "skipped":
            del self._became[station]

    def _end(self) -> None:
        self._ended = True
        self._say(DONE)

    def _tell(self, cue: Cue | None) -> None:
        if cue is not None:
            self._say(cue.say)

    # ------------------------------------------------------------ what is shown

    def _show(self) -> None:
        self.screen.set_class(self._answering or self._ended, "-words")
        if self._answering:
            self._show_question()
        elif self._ended:
            self._show_end()
        else:
            self._show_cue()

    def _show_question(self) -> None:
        flag = self._questions[self._asking]
        of = f"{self._asking + 1} of {len(self._questions)}"
        title = TITLES.get(self._routine.name, self._routine.name)
        self._title.show(f"{title}  ·  question {of}")
        if self._flag is None:
            self._large.show("yes or no")
            self._cue.show(flag.question, "cue")
            self._said.show("A yes ends it here: then care comes first.")
            self._keys.show(KEYS_ASKING)
        else:
            self._large.show("not today")
            self._cue.show(flag.then, "bad")
            self._said.show("")
            self._keys.show("q leave")

    def _show_end(self) -> None:
        self._title.show(f"{TITLES.get(self._routine.name, self._routine.name)}  ·  done")
        self._large.show("done")
        self._cue.show("\n".join(self.outcome.in_words()), "cue")
        self._said.show(NO_DEVICE)
        self._keys.show(KEYS_OVER)

    def _show_cue(self) -> None:
        place, cue = self._place, self._place.cue
        exercise = self._stations[cue.station].exercise
        number, every = cue.station + 1, len(self._stations)
        bar = "■" * number + "□" * (every - number)
        left = minutes(-(-place.course_left_ms() // 1000))
        self._title.show(f"{number} of {every}  {bar}  {exercise.name}  ·  {left} left in all")
        self._picture.show(exercise.frame, cue.frame)
        seconds = -(-place.left_ms() // 1000)
        self._count.show("PAUSED" if place.paused else "SECONDS", str(seconds))
        self._dose.show("\n".join(_where(cue, exercise.dose.sets, exercise.dose.repetitions)))
        self._large.show("rest" if self._notice else cue.big)
        self._cue.show(self._notice or cue.say, "cue")
        if place.paused:
            self._said.show("Paused: SPACE goes on.", "wait")
        else:
            self._said.show(" ".join(exercise.avoid[:1]))
        self._keys.show(KEYS)


def _where(cue: Cue, sets: int, repetitions: int) -> list[str]:
    """Where in the dose this is, a line each."""
    lines = []
    if cue.side:
        lines.append(f"{cue.side.upper()} SIDE")
    if cue.repetition and repetitions > 1:
        lines.append(f"repetition {cue.repetition} of {repetitions}")
    if cue.set_no and sets > 1:
        lines.append(f"set {cue.set_no} of {sets}")
    return lines
