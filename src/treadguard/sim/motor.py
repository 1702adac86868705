"""The machine that the simulator plays: belt, incline motor, console, safety key.

It moves only by what is written here: ramps, countdowns and what it says about them. What a frame
on the control point means lives in control_point.py, what a record looks like in records.py, what
goes wrong in faults.py. Bytes come out as (characteristic, data) at their time on the agenda, so
that a radio can serve the same machine. The rule to keep: time and chance come from outside.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Literal

from treadguard.ftms import status as machine_status
from treadguard.ftms import training as training_status
from treadguard.sim.agenda import Agenda
from treadguard.sim.faults import Faults
from treadguard.sim.presets import (
    COUNTDOWN,
    IDLE,
    PAUSED,
    PAUSING,
    RUNNING,
    STOPPING,
    Preset,
    Span,
)
from treadguard.sim.ramp import Ramp
from treadguard.sim.records import Counters, cut_off, split, whole
from treadguard.units import Grade, Millis, Speed

Emit = Callable[[str, bytes], None]
State = Literal["standing", "countdown", "running", "stopping"]

KEY_DECEL = 800
"""0.01 km/h per second with the motor's power cut: friction and the runner's weight stop it."""


class Motor:
    """One machine, from the moment it is switched on. All methods act at `agenda.now`."""

    def __init__(
        self,
        preset: Preset,
        quirks: frozenset[str],
        faults: Faults,
        dice: random.Random,
        agenda: Agenda,
        emit: Emit,
    ) -> None:
        self.preset = preset
        self.quirks = quirks | preset.quirks
        self.state: State = "standing"
        self._faults = faults
        self._dice = dice
        self._agenda = agenda
        self._emit = emit
        self._belt = Ramp(0, 0, 0, 0)
        self._deck = Ramp(0, 0, 0, 0)
        self._target = Speed(0)
        self._old_speed = Speed(0)
        self._first_target: Speed | None = None
        self._order = 0  # numbers starts and stops, so that what they overtook is dropped
        self._key_in = True
        self._pausing = False
        self._last_due: dict[str, int] = {}
        self._counters = Counters()
        agenda.put(agenda.now + preset.every, self._record)
        for edge, _ in faults.edges("incline"):
            agenda.put(edge, self._deck_rate_changes)

    # ------------------------------------------------------------ what it is

    def speed(self, t: int) -> Speed:
        """How fast the belt really moves."""
        return Speed(self._belt.at(t))

    def grade(self, t: int) -> Grade:
        """How far the deck is really tilted."""
        return Grade(self._deck.at(t))

    def draw(self, span: Span) -> int:
        """A time within the span, in ms."""
        return span[0] if span[0] == span[1] else self._dice.randint(*span)

    # ------------------------------------------------------------ what moves it

    def start(self, after: int = 0, say_after: int = 0, *, target: Speed | None = None) -> None:
        """Count down, `after` ms from now, and then move. Does nothing unless it stands.

        Without a target it goes to its lowest speed, or as its quirks have it.
        """
        if self.state != "standing":
            return
        self._first_target = target
        self.state = "countdown"
        self._order += 1
        order = self._order
        self._at(after, lambda: self._counts_down(order))
        if not self.preset.status_when_done:
            self.says(4, after=say_after)

    def set_speed(self, target: Speed, after: int = 0, slowness: int = 1) -> None:
        """Head for another speed, `after` ms from now, if the belt still runs then."""
        self._at(after, lambda: self._heads_for(target, slowness))

    def set_grade(self, target: Grade, after: int = 0, slowness: int = 1) -> None:
        """Head for another grade, `after` ms from now."""
        self._at(after, lambda: self._tilts_to(target, slowness))

    def stop(
        self, after: int = 0, say_after: int = 0, *, pause: bool = False, slowness: int = 1
    ) -> None:
        """Bring the belt to a stand, `after` ms from now. A countdown ends at once."""
        if self.state not in ("running", "countdown"):
            return
        self._old_speed = self._target or self._old_speed
        self._order += 1
        order = self._order
        counting = self.state == "countdown"
        self.state = "stopping"
        self._pausing = pause
        rate = self.preset.stop_decel // slowness
        if not self.preset.status_when_done:
            self.says(2, 2 if pause else 1, say_after)
        self._at(0 if counting else after, lambda: self._slows_to_a_stand(rate, order))

    # ------------------------------------------------------------ console, key, runner

    def console_speed(self, target: Speed) -> None:
        """The runner sets a speed at the console; nothing happens unless the belt runs."""
        if self.state == "running":
            target = self.preset.nearest_speed(target)
            self.set_speed(target)
            self.says(5, target)

    def console_grade(self, target: Grade) -> None:
        """The runner sets a grade at the console; nothing happens without an incline motor."""
        if self.preset.has_incline:
            target = self.preset.nearest_grade(target)
            self.set_grade(target)
            self.says(6, target)

    def console_start(self) -> None:
        """The runner clips the key on again, if it was out, and presses start."""
        self._key_in = True
        self.start()

    def console_stop(self) -> None:
        """The runner presses stop."""
        self.stop()

    def safety_key(self) -> None:
        """The key is pulled: the motor's power is cut."""
        self._key_in = False
        self.says(3)
        if self.state != "standing":
            self._order += 1
            self.state = "stopping"
            self._pausing = False
            self._slows_to_a_stand(KEY_DECEL, self._order)

    @property
    def key_in(self) -> bool:
        """Whether the safety key is in its place; without it nothing starts the belt."""
        return self._key_in

    # ------------------------------------------------------------ what it says

    def says(self, code: int, value: int | None = None, after: int = 0) -> None:
        """Send a Machine Status."""
        data = machine_status.encode(code, value)
        if self.preset.status_padded:
            data = data.ljust(3, b"\0")
        self.sends("2ada", data, after)

    def sends(self, char: str, data: bytes, after: int = 0) -> None:
        """Send a notification `after` ms from now, never before an earlier one of its kind."""
        due = max(self._agenda.now + after, self._last_due.get(char, 0))
        self._last_due[char] = due
        self._agenda.put(due, lambda: self._emit(char, data))

    # ------------------------------------------------------------ how it goes on

    def _at(self, after: int, act: Callable[[], None]) -> None:
        if after:
            self._agenda.put(self._agenda.now + after, act)
        else:
            act()

    def _trains(self, code: int) -> None:
        if code in self.preset.training:
            data = training_status.encode(code)
            # Some machines announce a text and send none.
            self.sends("2ad3", b"\1" + data[1:] if self.preset.training_text_flag else data)

    def _counts_down(self, order: int) -> None:
        if order == self._order:
            self._trains(COUNTDOWN)
            self._at(self.preset.countdown, lambda: self._moves(order))

    def _moves(self, order: int) -> None:
        if order != self._order:
            return
        self.state = "running"
        old = self._old_speed if "restarts-at-old-speed" in self.quirks else 0
        self._heads_for(self._first_target or Speed(old or self.preset.speed_min), 1)
        self._trains(RUNNING)
        if self.preset.status_when_done:
            self.says(5, self._target)
            self.says(4)

    def _heads_for(self, target: Speed, slowness: int) -> None:
        if self.state != "running":
            return
        now = self._agenda.now
        speed = self._belt.at(now)
        rate = self.preset.accel if target > speed else self.preset.decel
        self._target = target
        self._belt = Ramp(speed, now, target, rate // slowness)

    def _tilts_to(self, target: Grade, slowness: int) -> None:
        now = self._agenda.now
        rate = self._faults.grade_rate(now, self.preset.grade_rate)
        self._deck = Ramp(self._deck.at(now), now, target, -(-rate // slowness))

    def _deck_rate_changes(self) -> None:
        self._tilts_to(Grade(self._deck.target), 1)

    def _slows_to_a_stand(self, rate: int, order: int) -> None:
        if order != self._order:
            return
        now = self._agenda.now
        self._target = Speed(0)
        self._belt = Ramp(self._belt.at(now), now, 0, rate)
        stands_at = self._belt.arrives() or now
        self._agenda.put(stands_at, lambda: self._stands(order))
        if stands_at > now:
            self._trains(PAUSING if self._pausing else STOPPING)
            if self.preset.streams_speed is not None:
                self._streams(order, self.preset.streams_speed)

    def _streams(self, order: int, every: Millis) -> None:
        if order == self._order and self.state == "stopping":
            self.says(5, self._belt.at(self._agenda.now))
            self._agenda.put(self._agenda.now + every, lambda: self._streams(order, every))

    def _stands(self, order: int) -> None:
        if order != self._order:
            return
        self.state = "standing"
        if self.preset.streams_speed is not None:
            self.says(5, 0)
        self._trains(PAUSED if self._pausing else IDLE)
        if self.preset.status_when_done and self._key_in:
            self.says(2, 2 if self._pausing else 1)
        if self.preset.keeps_counters is not None:
            self._at(self.preset.keeps_counters, lambda: self._clears(order))

    def _clears(self, order: int) -> None:
        if order == self._order:
            self._counters.clear(self._agenda.now)

    # ------------------------------------------------------------ what it reports

    def _shown_speed(self, now: int) -> Speed:
        speed = self._belt.at(now)
        if self.state == "running" and self._target != speed:
            up = self._target > speed
            if self.preset.shows_target_up if up else self.preset.shows_target_down:
                return self._target
        return Speed(speed)

    def _record(self) -> None:
        now = self._agenda.now
        self._agenda.put(now + self.preset.every, self._record)
        self._counters.advance(now, self._belt.at(now))
        grade = Grade(self._deck.at(now)) if self.preset.has_incline else None
        speed, grade = self._faults.shown(now, self._shown_speed(now), grade)
        if "truncated" in self.quirks:
            parts = cut_off(speed, grade, self._counters, self._dice)
        elif "split-records" in self.quirks:
            parts = split(speed, grade, self._counters, self.preset.speed_first)
        else:
            parts = whole(speed, grade, self._counters)
        parts, late = self._faults.telemetry(now, parts)
        for part in parts:
            self.sends("2acd", part, late)
