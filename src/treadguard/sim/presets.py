"""Which machine the simulator plays: motors, telemetry and replies as data, and quirks by name.

Numbers with "measured" come from recordings of real machines (a Urevo E1L, a CITYSPORTS pad, a
FitShow board) or from field reports (a Horizon Omega Z); "assumed" ones are picked between measured
ones of other machines, toward the slower stop. How the motor uses them lives in motor.py. The rule
to keep: a preset is never kinder than the machine it is named for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from treadguard.units import Grade, Millis, Speed

Span = tuple[int, int]
"""Shortest and longest time in ms; each use draws one between them from the seed."""

QUIRKS: Final = frozenset(
    {
        "mph",  # takes a target as mph, although it reports km/h
        "pause-unsupported",  # answers a pause with 02 and runs on
        "stop-toggles",  # a Stop to a standing belt starts it
        "set-speed-starts",  # so does a target speed, which the belt then goes to
        "restarts-at-old-speed",  # after the countdown it goes back to the speed before the stop
        "control-refused",  # answers Request Control with 04, though commands work
        "control-silent",  # the control point never answers, though commands work
        "command-only",  # takes writes without response; a write request is an ATT error
        "range-lies",  # declares 0.5 to 25 km/h, and refuses with 03 what it really can't do
        "split-records",  # one Treadmill Data record comes in two notifications
        "truncated",  # a record that is too long is cut at 20 bytes or before
    }
)

_LIE: Final = Speed(50), Speed(2500)
"""Slower and faster than any preset really goes; 0 km/h would be too crude a lie to be believed."""

COUNTDOWN: Final = 0x0E
RUNNING: Final = 0x0D
STOPPING: Final = 0x0F
PAUSING: Final = 0x10
PAUSED: Final = 0x11
IDLE: Final = 0x01


@dataclass(frozen=True, slots=True)
class Preset:
    """One machine. Speeds 0.01 km/h, inclines 0.1 %, times ms; rates are per second."""

    name: str
    speed_min: Speed
    speed_max: Speed
    speed_step: int
    incline: tuple[Grade, Grade, int] | None
    """Lowest, highest, step; None: no such characteristic; all zero: it is there, and no motor."""
    accel: int
    decel: int
    """Toward a lower target. A stop has its own rate."""
    stop_decel: int
    grade_rate: int
    countdown: Millis
    every: Millis
    """One Treadmill Data record each."""
    status: Span
    """From a write to its Machine Status."""
    answer: Span
    """From a write to its indication, which never comes before the status."""
    acts: Span
    """From a write to the motor, for a new target or a stop."""
    starts: Span
    """From a write of Start to the beginning of the countdown."""
    shows_target_up: bool
    """Reports the target at once where the belt has still to speed up to it."""
    shows_target_down: bool
    keeps_counters: Millis | None
    """Distance and time go to zero this long after the belt stands; None: never."""
    training: frozenset[int]
    """The Training Status codes that it sends."""
    training_text_flag: bool = False
    """Announces a text with each Training Status, and sends none."""
    speed_first: bool = False
    """Of a split record the part with the speed comes first; FTMS wants it last."""
    status_when_done: bool = False
    """Says "started" and "stopped" when the belt moves or stands, not when it is told to."""
    status_padded: bool = False
    """A Machine Status has always 3 bytes: 04 00 00."""
    streams_speed: Millis | None = None
    """While it stops it sends "target speed changed" with the falling belt speed this often."""
    needs_control: bool = False
    """Answers 05 to commands before Request Control, as FTMS demands."""
    answers_control: bool = True
    """False: Request Control alone is never answered."""
    always_success: bool = False
    """Answers 01 even where it does nothing: a second Start, an incline without a motor."""
    control_point: frozenset[str] = frozenset({"write", "indicate"})
    """Properties of the control point: how it may be written, and how it answers."""
    responds: Span = (15, 30)
    """From a write request to its ATT response, likewise; assumed: a connection interval or two."""
    responds_last: bool = False
    """The ATT response follows the indication, `responds` after it; FTMS has it come before."""
    quirks: frozenset[str] = frozenset()

    @property
    def has_incline(self) -> bool:
        """Whether there is a motor that can tilt the deck."""
        return self.incline is not None and self.incline[1] > self.incline[0]

    def nearest_speed(self, target: int) -> Speed:
        """The target in the machine's range, floored to its step."""
        return Speed(_nearest(target, self.speed_min, self.speed_max, self.speed_step))

    def nearest_grade(self, target: int) -> Grade:
        """The target in the incline's range, floored to its step; ValueError without a motor."""
        if self.incline is None:
            raise ValueError(f"The simulated machine {self.name!r} has no incline motor.")
        return Grade(_nearest(target, *self.incline))


def properties_of(preset: Preset, quirks: frozenset[str]) -> frozenset[str]:
    """The control point's properties, as a machine with these quirks declares and keeps them."""
    if "command-only" in quirks:
        return preset.control_point - {"write"} | {"write-without-response"}
    return preset.control_point


def declared_speeds(preset: Preset, quirks: frozenset[str]) -> tuple[Speed, Speed, int]:
    """The speed range that it tells of itself: lowest, highest, step."""
    if "range-lies" in quirks:
        return *_LIE, preset.speed_step
    return preset.speed_min, preset.speed_max, preset.speed_step


def _nearest(target: int, low: int, high: int, step: int) -> int:
    inside = max(low, min(target, high))
    return low + (inside - low) // step * step


_IDEAL: Final = Preset(
    name="ideal",
    speed_min=Speed(100),
    speed_max=Speed(2000),
    speed_step=10,
    incline=(Grade(0), Grade(150), 5),
    # Measured accelerations are 0.55 and 2.0 km/h/s, stops 0.33 to 0.57 km/h/s; 1.0 is what a good
    # machine does, and as fast as treadguard ever lowers. 15 % in 30 s is a common incline motor.
    accel=100,
    decel=100,
    stop_decel=100,
    grade_rate=5,
    countdown=Millis(3000),
    every=Millis(1000),
    status=(40, 40),
    answer=(50, 50),  # Urevo answers in 45 ms, CITYSPORTS in 44 to 211 ms
    acts=(100, 100),
    starts=(0, 0),
    shows_target_up=False,
    shows_target_down=False,
    keeps_counters=Millis(0),
    training=frozenset({COUNTDOWN, RUNNING, IDLE}),
    needs_control=True,
)

PRESETS: Final = {
    preset.name: preset
    for preset in (
        _IDEAL,
        Preset(
            name="citysports",
            speed_min=Speed(100),  # measured: the first speed after the countdown
            speed_max=Speed(1200),  # assumed, like the step
            speed_step=10,
            incline=None,
            accel=50,  # assumed: it shows the target, so nobody has seen its motor speed up
            decel=33,  # measured at the stop; it still shows 1.60 when stopped after 3.0 -> 1.0
            stop_decel=33,  # measured: 3.0 km/h to 0 in 9.1 s
            grade_rate=0,
            countdown=Millis(3100),  # measured: 3.0 to 3.2 s
            every=Millis(190),  # measured
            status=(44, 173),  # measured
            answer=(44, 211),  # measured
            acts=(156, 156),  # measured: 156 to 310 ms to the record, which waits up to 190
            starts=(44, 173),
            shows_target_up=True,  # measured: both ways at once
            shows_target_down=True,
            keeps_counters=Millis(0),  # measured
            training=frozenset({COUNTDOWN, RUNNING, IDLE}),
            training_text_flag=True,  # measured
            responds=(31, 75),  # measured, and that the indication comes first
            responds_last=True,
        ),
        Preset(
            name="urevo-e1l",
            speed_min=Speed(96),  # measured, the whole range: 0.6 to 4.0 mph by 0.2
            speed_max=Speed(643),
            speed_step=32,
            incline=(Grade(0), Grade(0), 0),  # measured: all zero, and no motor
            accel=55,  # assumed: as imwitti's
            decel=50,
            stop_decel=50,  # measured: 2.25 km/h to 0 in 4.4 s
            grade_rate=0,
            countdown=Millis(3100),  # measured: 15.135 to 18.240 s
            every=Millis(500),  # measured
            status=(45, 45),
            answer=(45, 45),  # measured
            acts=(45, 45),
            starts=(45, 45),
            shows_target_up=True,  # measured: 2.25 in the first record after the countdown
            shows_target_down=False,
            keeps_counters=None,  # measured: they stand through a pause
            training=frozenset({COUNTDOWN, RUNNING, STOPPING, PAUSING, PAUSED}),  # measured
            status_when_done=True,  # measured
            status_padded=True,  # measured: 040000, 020200
            streams_speed=Millis(330),  # measured: about 3 a second
            always_success=True,  # measured: 800301 without a motor, 800701 in mid-run
            control_point=frozenset({"write-without-response", "notify"}),  # measured
            quirks=frozenset({"restarts-at-old-speed"}),  # measured
        ),
        Preset(
            name="fitshow",
            speed_min=Speed(100),
            speed_max=Speed(1200),  # the highest speed seen
            speed_step=10,
            incline=(Grade(0), Grade(150), 10),  # assumed: a coarse one
            accel=200,  # measured: 0 to 12 km/h in 6 s
            decel=57,
            stop_decel=57,  # the longest stop in field reports: 21 s from 12 km/h
            grade_rate=5,
            countdown=Millis(3000),
            every=Millis(1000),  # measured
            status=(44, 173),  # assumed: as CITYSPORTS, and so on down to the countdown
            answer=(44, 211),
            acts=(156, 156),
            starts=(44, 173),
            shows_target_up=False,
            shows_target_down=True,  # measured: 12.00 to 3.00 in one record
            keeps_counters=Millis(5000),  # measured
            training=frozenset({COUNTDOWN, RUNNING, IDLE}),
            speed_first=True,  # measured
            quirks=frozenset({"split-records"}),  # measured
        ),
        replace(
            _IDEAL,
            name="omega-z",
            speed_max=Speed(1600),  # assumed, like the motors' other numbers
            decel=250,
            # Reported: 1.8 to 4.0 s to a standing belt, at walking speeds: 1.43 s and the ramp.
            stop_decel=250,
            status=(1430, 1430),
            answer=(1430, 1430),  # reported: 1.43 s to the confirmation
            acts=(1430, 1430),
            starts=(1400, 2200),  # reported: 4.4 to 6.2 s to a record that shows motion
            training=frozenset(),  # none reported: the countdown has to be seen in the telemetry
            needs_control=False,
            answers_control=False,  # reported: Request Control stays without an answer
        ),
    )
}


def preset_named(name: str) -> Preset:
    """The preset of that name; ValueError with a sentence otherwise."""
    if name not in PRESETS:
        known = ", ".join(PRESETS)
        raise ValueError(f"There is no simulated machine {name!r}; choose one of {known}.")
    return PRESETS[name]


def quirks_named(names: Iterable[str]) -> frozenset[str]:
    """The quirks of those names; ValueError with a sentence otherwise."""
    chosen = frozenset(names)
    unknown = sorted(chosen - QUIRKS)
    if unknown:
        known = ", ".join(sorted(QUIRKS))
        raise ValueError(f"There is no machine quirk {unknown[0]!r}; choose from {known}.")
    return chosen
